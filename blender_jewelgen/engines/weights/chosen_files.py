"""Which files of a repository are fetched: settings, tables of words, one set of .safetensors; pickles and code of the maker are not."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ...core.errors import BadInput
from . import headers, hub, judged, models
from .hub import Entry, Repository
from .models import ModelCard

_SETTINGS = (".json", ".txt", ".model", ".jinja")
_TERMS = ("LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE", "NOTICE.txt")  # who hands a folder on hands its terms on
_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model", "adapter_model", "pytorch_lora_weights", "ip-adapter")


@dataclass(frozen=True)
class Wanted:
    """What a download brings."""

    card: ModelCard
    repository: Repository
    entries: tuple[Entry, ...]

    @property
    def bytes(self) -> int:
        return sum(entry.size for entry in self.entries)


def want(model: ModelCard | str, revision: str, beat: hub.Beat, pause: float = 1.0) -> Wanted:
    """What there is to fetch of a model; nothing large is asked for. Raises BadInput for pickles and for code of the maker."""
    card = model if isinstance(model, ModelCard) else None
    name = card.hub if card else str(model)
    held = hub.repository(name, revision or "main", beat, card, pause)
    if card is None:
        card = models.stranger(name, "", hub=name, licence_name=held.licence, gated=held.gated)
    names = {entry.name: entry for entry in held.entries}
    if card.files:
        chosen = [entry for entry in held.entries if any(fnmatch.fnmatch(entry.name, pattern) for pattern in card.files)]
        if len(chosen) < len(card.files):
            raise BadInput(f"{name} does not hold {next(p for p in card.files if not fnmatch.filter(names, p))} any more", field="model")
    elif "model_index.json" in names:
        index = _small(held, "model_index.json", beat, card, pause)
        family = judged.family_of_index(index, name)
        if card.family and family != card.family:
            raise BadInput(f"{name} holds a model of the family {family}; {card.label} is of the family {card.family}", field="model")
        folders = [part for part, (library, _) in judged.components(index) if library is not None]
        chosen = [names["model_index.json"], *(entry for part in folders for entry in _of_folder(held.entries, part, card.variant, name))]
    elif "config.json" in names:
        config = _small(held, "config.json", beat, card, pause)
        if "auto_map" in config:
            raise BadInput(f"{name} brings code of its maker to be run (its config.json says auto_map); such models are refused", field="model")
        chosen = list(_of_folder(held.entries, "", card.variant, name))
    else:
        chosen = [entry for entry in held.entries if "/" not in entry.name and entry.name.endswith(".safetensors")]
        if len(chosen) != 1:
            raise _without_weights(name, [entry.name for entry in held.entries], len(chosen))
    for entry in chosen:
        harmless(entry.name, name)
    terms = [entry for entry in held.entries if entry.name in _TERMS and entry.size < 1_000_000]
    return Wanted(card, held, tuple(dict.fromkeys([*terms, *chosen])))


def _of_folder(entries: Iterable[Entry], part: str, variant: str, name: str) -> Iterator[Entry]:
    """The files of one folder of a repository that are fetched: settings, tables of words, and one set of .safetensors."""
    start = f"{part}/" if part else ""
    own = [entry for entry in entries if entry.name.startswith(start) and "/" not in entry.name[len(start) :]]
    large = [entry for entry in own if entry.name.endswith(".safetensors") and _stem(entry.name) in _STEMS]
    kinds = {judged.variant_of(PurePosixPath(entry.name).name) for entry in large}
    kind = variant if variant in kinds else "" if "" in kinds else min(kinds, default="")
    if not large and any(PurePosixPath(entry.name).suffix.lower() in headers.PICKLES for entry in own):
        raise _without_weights(f"{name}/{part}".rstrip("/"), [entry.name for entry in own], 0)
    for entry in own:
        tail = PurePosixPath(entry.name).name
        if entry in large:
            if judged.variant_of(tail) == kind:
                yield entry
        elif ".safetensors.index" in tail:
            if kind == judged.variant_of(tail.replace(".safetensors.index", "").removesuffix(".json") + ".safetensors") or f".index.{kind}.json" in tail:
                yield entry
        elif PurePosixPath(tail).suffix in _SETTINGS and (part or tail in ("config.json", "preprocessor_config.json")) and ".index." not in tail:
            yield entry


def _stem(name: str) -> str:
    tail = PurePosixPath(name).name.split(".")[0]
    return tail.rsplit("-", 3)[0] if "-of-" in tail else tail


def _small(held: Repository, name: str, beat: hub.Beat, card: ModelCard, pause: float) -> dict[str, Any]:
    entry = next(entry for entry in held.entries if entry.name == name)
    if entry.size > 1_000_000:
        raise BadInput(f"{name} of {held.hub} is not what it should be", field="model")
    try:
        kept = json.loads(b"".join(hub.blocks(held.hub, held.revision, name, 0, beat, card, pause)))
    except ValueError as error:
        raise BadInput(f"{name} of {held.hub} is not what it should be", field="model") from error
    return kept if isinstance(kept, dict) else {}


def _without_weights(name: str, files: list[str], count: int) -> BadInput:
    pickles = [file for file in files if PurePosixPath(file).suffix.lower() in headers.PICKLES]
    if pickles and not count:
        return BadInput(f"{name} holds its weights as pickle files only ({pickles[0]}), which can run code of their maker; they are not fetched", field="model")
    told = f"holds {count} .safetensors files and no model_index.json" if count else "holds no weights that can be used"
    return BadInput(f"{name} {told}", field="model")


def harmless(file: str, name: str) -> None:
    """Refuse a file whose name leads out of the folder, or that is none of the kinds that are fetched."""
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file or path.suffix not in (*_SETTINGS, ".safetensors"):
        raise BadInput(f"{name} lists a file that is not fetched: {file[:80]!r}", field="model")
