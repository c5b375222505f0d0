"""What a person names as a model, found and judged before anything of it is loaded: where it lies, what it holds (``judged``), its licence.

Nothing is downloaded here; ``fetch`` does that, when it is asked to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ...core.errors import BadInput, Fix
from . import headers, models, places
from .judged import Weights, judge, under
from .models import FAMILIES, ModelCard

__all__ = ["FAMILIES", "Weights", "judge", "resolve"]

Tell = Callable[[float, str], None]
HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w./-]+)?")


def resolve(text: str, tell: Tell | None = None, commercial_only: bool | None = None) -> Weights:
    """The weights that ``text`` names: a model of the table or one added by name, a folder, a .safetensors file, or a hub id with or without @revision.

    Raises BadInput, field "model", "network" (not here yet) or "token": not found, half there, a pickle, code of its maker,
    an architecture that is not drawn with, or a licence that the *commercial only* switch leaves out.
    """
    typed = text.strip().removeprefix("diffusers:").strip()
    if not typed:
        raise BadInput("no model is named; jewelgen models list shows those there are", field="model")
    if tell:
        tell(0.0, "looking for the model")
    made = _named(typed) or _at_path(typed) or _of_hub(typed)
    if made is None:
        models.card(typed)  # says which name is nearest
        raise BadInput(f"the model {typed[:60]!r} is not known", field="model")
    allow(made.card, commercial_only)
    return made


def allow(card: ModelCard, commercial_only: bool | None = None) -> None:
    """Refuse a model that may not be used commercially while only those that may are wanted. Raises BadInput."""
    if places.commercial_only(commercial_only) and not card.commercial:
        told = "is not for commercial use" if card.licence.commercial == "no" else "does not say whether commercial use is allowed"
        raise BadInput(
            f"the licence of {card.label} ({card.licence.label}) {told}, and only commercial models are wanted", field="model",
            fix=Fix("Allow every licence", "jewelgen models where --no-commercial-only"),
        )  # fmt: skip


def _named(typed: str) -> Weights | None:
    """A model added under a name, or one of the table that is here."""
    added = places.settings().added.get(typed)
    if added is not None:
        path = Path(str(added.get("path", "")))
        if not path.exists():
            told = f"{path} of the model {typed!r} is not there any more; it was renamed, or its disk is not connected"
            raise BadInput(told, field="model", fix=Fix("Add it again", f"jewelgen models add PATH --name {typed}"))
        made = judge(path, typed)
        return under(made, models.licence(str(added["licence"]))) if added.get("licence") else made
    card = next((one for one in models.cards() if one.name == typed), None)
    return _of_card(card, "") if card else None


def _of_card(card: ModelCard, revision: str) -> Weights:
    folder = places.fetched(card.hub, card.name if card.files else "", revision)
    if folder is None:
        raise missing(card.name, card, revision)
    made = judge(_within(folder, card), card.name, card)
    made = replace(made, revision=str(places.origin(folder).get("revision") or made.revision), hub=card.hub)
    companions = tuple(resolve(name) for name in card.companions)
    return replace(made, card=card, base=card.base or made.base, companions=companions)


def _within(folder: Path, card: ModelCard) -> Path:
    """The file a card means, or its folder."""
    weights = [name for name in card.files if name.endswith(".safetensors") and "image_encoder" not in name]
    return folder / weights[0] if len(weights) == 1 else folder


def missing(name: str, card: ModelCard | None, revision: str = "") -> BadInput:
    """The refusal of a model that is not here, with what fetches it."""
    half = card is not None and places.halves(card.hub, card.name if card.files else "")
    if card is not None and not card.fetchable:
        return BadInput(f"{card.label} cannot be fetched: {card.note}", field="model")
    told = "is here only by half" if half else "is not on this computer"
    size = f" ({card.size_gb:g} GB, {card.licence.label})" if card else ""
    at = f"{name}@{revision}" if revision and "@" not in name else name
    return BadInput(f"the model {name}{size} {told}; fetch it first", field="network", fix=Fix("Fetch", f"jewelgen models fetch {at} --accept"))


def _at_path(typed: str) -> Weights | None:
    """A folder or file; None if ``typed`` is written like a name or a hub id and there is no such path."""
    path = Path(typed).expanduser()
    if path.exists():
        return judge(path.absolute())
    if HUB.fullmatch(typed) and path.suffix.lower() not in (".safetensors", *headers.PICKLES):
        return None
    if any(sign in typed for sign in "/\\~") or path.suffix.lower() in (".safetensors", ".gguf", *headers.PICKLES):
        raise BadInput(f"there is no {typed}; it was renamed or its disk is not connected", field="model")
    return None


def _of_hub(typed: str) -> Weights | None:
    if not HUB.fullmatch(typed):
        return None
    hub, _, revision = typed.partition("@")
    card = models.of_hub(hub)
    if card is not None:
        return _of_card(card, revision)
    folder = places.fetched(hub, "", revision)
    if folder is None:
        raise missing(typed, None)
    made = judge(folder, hub)
    known = places.origin(folder)
    return replace(made, hub=hub, revision=str(known.get("revision") or made.revision))
