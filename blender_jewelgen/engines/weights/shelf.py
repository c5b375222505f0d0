"""The models as a list to choose from: what is here, what can be fetched, what is too large, what its licence forbids."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...core.errors import BadInput
from . import device, models, places
from . import resolve as weights
from .models import ModelCard


def rows(memory: device.Memory | None = None, commercial_only: bool | None = None) -> list[dict[str, Any]]:
    """One row a model: the table's, then those that were added by name, as JSON holds it.

    ``state`` is here, broken, half, fetch, or never; ``shut`` is why the licence's switch leaves it out, "" if it does not;
    ``large`` why it does not fit this machine, "" if it does or if nobody could tell; ``way`` how it would be held; ``card`` its
    licence card, [name, text] a line.
    """
    memory = memory or device.found()
    only = places.commercial_only(commercial_only)
    made = [_row(card, memory, only) for card in models.cards()]
    for name in places.settings().added:
        try:
            own = weights.resolve(name, commercial_only=False)
            row = _row(own.card, memory, only) | {"name": name, "label": name, "state": "here", "path": str(own.path), "revision": own.revision, "licence": own.licence}
        except BadInput as error:
            row = _row(models.stranger(name, ""), memory, only) | {"state": "broken", "reason": str(error.args[0])}
        made.append(row | {"own": True})
    return made


def card_text(card: ModelCard, memory: device.Memory | None = None) -> list[tuple[str, str]]:
    """The licence card: names and what stands there, in the order in which a person asks."""
    lines = [("Model", card.label), ("Licence", card.licence.summary), *(("Clause", clause) for clause in card.licence.clauses)]
    if card.licence.outside:
        lines.append(("Not in", ", ".join(card.licence.outside)))
    lines += [("Licence Text", card.licence.page or "not known"), ("Page", card.page)]
    if card.gated:
        lines.append(("Token", "the hub asks for a log-in and for consent: HF_TOKEN"))
    if card.companions:
        lines.append(("With", ", ".join(card.companions)))
    lines += [("Download", f"{card.size_gb:g} GB"), ("Memory", f"{card.memory_gb:g} GB for full speed at {card.pixels} px, less with offload")]
    if card.steps:
        lines.append(("Drawn With", f"{card.steps} steps, guidance {card.guidance:g}, sides in multiples of {card.multiple} px"))
    if memory is not None and memory.device:
        lines.append(("Here", held(card, memory)[1]))
    return lines + ([("Note", card.note)] if card.note else []) + [("Source", card.source)]


def held(card: ModelCard, memory: device.Memory) -> tuple[bool, str]:
    """Whether a model fits this machine, and how it would be held or what is lacking."""
    try:
        return True, device.plan(card, memory).why
    except BadInput as error:
        return False, str(error.args[0])


def as_json(card: ModelCard) -> dict[str, Any]:
    """A card for machines."""
    kept = asdict(card)
    kept.pop("memory_given")
    return kept | {"size_gb": card.size_gb, "memory_gb": card.memory_gb, "page": card.page, "summary": card.licence.summary}


def _row(card: ModelCard, memory: device.Memory, only: bool) -> dict[str, Any]:
    fits, told = held(card, memory) if memory.device else (True, "")
    row: dict[str, Any] = {
        "name": card.name, "label": card.label, "family": card.family, "base": card.base, "hub": card.hub, "size_gb": card.size_gb, "memory_gb": card.memory_gb,
        "licence": card.licence.label, "commercial": card.licence.commercial, "outside": list(card.licence.outside), "gated": card.gated, "default": card.default,
        "note": card.note, "path": "", "revision": "", "reason": "", "own": False, "large": "" if fits else told, "way": told if fits else "",
        "card": [list(line) for line in card_text(card)], "page": card.licence.page or card.page,
        "shut": f"not for commercial use: {card.licence.label}" if only and not card.commercial else "",
    }  # fmt: skip
    return row | _state(card)


def _state(card: ModelCard) -> dict[str, str]:
    part = card.name if card.files else ""
    folder = places.fetched(card.hub, part) if card.hub else None
    if folder is not None:
        try:
            made = weights.resolve(card.name, commercial_only=False)
            return {"state": "here", "path": str(made.path), "revision": made.revision}
        except BadInput as error:
            if error.field != "network":  # what it is laid on is not here
                return {"state": "broken", "path": str(folder), "reason": str(error.args[0])}
            return {"state": "half", "path": str(folder), "reason": str(error.args[0])}
    if not card.fetchable:
        return {"state": "never", "reason": card.note}
    return {"state": "half" if card.hub and places.halves(card.hub, part) else "fetch"}
