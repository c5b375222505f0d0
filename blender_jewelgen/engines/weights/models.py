"""The picture, depth and body models that are known: what each needs, how it is drawn with, and what its licence allows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.params import pick

FILE = Path(__file__).with_suffix(".json")
COMMERCIAL = ("yes", "conditions", "no", "unknown")
FAMILIES = (
    "sd15", "sdxl", "sd3", "flux", "flux2-klein", "z-image", "qwen-image", "sana", "marigold-depth", "marigold-normals", "depth-anything", "controlnet",
    "ip-adapter", "lora", "upscaler", "shap-e", "triposr", "triposg", "hunyuan3d",
)  # fmt: skip
PICTURES = ("sd15", "sdxl", "sd3", "flux", "flux2-klein", "z-image", "qwen-image", "sana")  # families that draw a picture from words
_OPEN = {  # licence names as hubs write them, of those whose text is one of ours
    "apache-2.0": "apache-2.0", "mit": "mit", "creativeml-openrail-m": "openrail-m", "openrail": "openrail-m", "openrail++": "openrail++",
    "bigscience-openrail-m": "openrail-m",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Licence:
    """What a licence says, short; ``page`` is where it says it in full."""

    key: str
    label: str
    page: str
    commercial: str  # one of COMMERCIAL
    clauses: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()  # where neither the model nor its results may be used

    @property
    def summary(self) -> str:
        """One line: the name, and whether money may be earned with what it makes."""
        said = {
            "yes": "commercial use is allowed", "conditions": "commercial use has conditions", "no": "not for commercial use",
            "unknown": "whether commercial use is allowed is not known",
        }[self.commercial]  # fmt: skip
        use = f"; not in: {', '.join(self.outside)}" if self.outside else ""
        return f"{self.label}: {said}{use}"


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """One model: enough to choose it by, to fetch it, to plan its memory, and to credit it in a recipe."""

    name: str
    label: str
    family: str
    hub: str  # owner/name
    licence: Licence
    parts: dict[str, float] = field(default_factory=dict)  # billions of parameters: denoiser, text, vae, …
    files: tuple[str, ...] = ()  # which of the repository's files; empty: those of a model folder
    companions: tuple[str, ...] = ()  # other models it is laid on
    base: str = ""  # of an addition: the family it is made for
    kind: str = ""  # of a ControlNet: what it keeps
    variant: str = ""  # name part of the smaller files, if there are such
    bytes_each: int = 2  # of a parameter in the files
    memory_given: float = 0.0  # GB, where the authors say more than the parameters do
    steps: int = 0
    guidance: float = 0.0
    multiple: int = 8  # pixels a side is a multiple of
    pixels: int = 512  # side of the square it was taught with
    scheduler: str = ""
    gated: bool = False  # the hub asks for a log-in and for consent
    default: bool = False  # may be recommended
    fetchable: bool = True
    note: str = ""
    source: str = ""

    @property
    def size_gb(self) -> float:
        """Bytes of the download in 10^9, computed from the parameters."""
        return round(sum(self.parts.values()) * self.bytes_each, 2)

    @property
    def memory_gb(self) -> float:
        """Graphics memory for full speed at its own size, an estimate."""
        from .device import needed

        return self.memory_given or round(needed(self.parts, 2, "none", (self.pixels, self.pixels)), 1)

    @property
    def commercial(self) -> bool:
        """Whether its licence allows commercial use, if need be on conditions that it names."""
        return self.licence.commercial in ("yes", "conditions")

    @property
    def page(self) -> str:
        """Where the model's own page is."""
        return f"https://huggingface.co/{self.hub}" if self.hub else self.licence.page

    def credit(self) -> dict[str, str]:
        """What a recipe keeps of the model itself."""
        kept = {"name": self.name, "licence": self.licence.label, "commercial": self.licence.commercial}
        return kept | ({"not_in": ", ".join(self.licence.outside)} if self.licence.outside else {})


def card(name: str) -> ModelCard:
    """The card of a model by its name or hub id. Raises BadInput that names the nearest."""
    found = of_hub(name) or _by_name().get(name)
    return found or _by_name()[pick(name, tuple(_by_name()), "model")]


def cards() -> tuple[ModelCard, ...]:
    """All there are, in the order of the table."""
    return tuple(_by_name().values())


def of_hub(hub: str) -> ModelCard | None:
    """The card of a repository; of one that serves several models, the first."""
    return next((one for one in cards() if one.hub.lower() == hub.lower()), None)


def of_family(family: str) -> ModelCard:
    """The card that stands for a family: the first one."""
    found = next((one for one in cards() if one.family == family), None)
    if found is None:
        raise BadInput(f"there is no model of the family {family!r}", field="model")
    return found


def licence(key: str) -> Licence:
    """A licence of the table, or by the name a hub gives it; what is in neither is unknown."""
    table = _table()["licences"]
    known = _OPEN.get(key.lower(), key)
    if known in table:
        row = table[known]
        return Licence(key=known, label=row["label"], page=row["page"], commercial=row["commercial"], clauses=tuple(row["clauses"]), outside=tuple(row.get("outside", ())))
    return Licence(key="unknown", label=key or "unknown", page="", commercial="no" if _forbids(key) else "unknown")


def stranger(name: str, family: str, hub: str = "", licence_name: str = "", parts: dict[str, float] | None = None, gated: bool = False) -> ModelCard:
    """A card for a model that is not in the table: how it is drawn with is taken from its family, the rest from what is known."""
    like = next((one for one in cards() if one.family == family), None)
    usual: dict[str, Any] = {} if like is None else {n: getattr(like, n) for n in ("steps", "guidance", "multiple", "pixels", "bytes_each")}
    return ModelCard(
        name=name, label=name, family=family, hub=hub, licence=licence(licence_name), parts=dict(parts or (like.parts if like else {})), gated=gated,
        source="not in the table", **usual,
    )  # fmt: skip


def _forbids(key: str) -> bool:
    """Whether a licence's name itself says that it is not commercial, as "cc-by-nc-4.0" does."""
    words = key.lower().replace("_", "-").split("-")
    return "nc" in words or "noncommercial" in words or "non-commercial" in key.lower()


@cache
def _table() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def _by_name() -> dict[str, ModelCard]:
    made: dict[str, ModelCard] = {}
    for row in _table()["models"]:
        values = dict(row)
        values["licence"] = licence(values["licence"])
        for name, field_name in (("files", "files"), ("with", "companions")):
            values[field_name] = tuple(values.pop(name, ()))
        values["bytes_each"] = values.pop("bytes", 2)
        values["memory_given"] = values.pop("memory_gb", 0.0)
        made[row["name"]] = ModelCard(**values)
    return made
