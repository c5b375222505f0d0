"""The job of the Models panel: what there is, as this worker's Python finds it. Fetching is no job: it would keep others waiting for hours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..core.report import plain
from .loop import Tell


def models(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """The list of models for this worker's machine.

    {} to {models: rows of ``engines.shelf``, memory: {device, name, total_gb, free_gb, note, …}, recommended: {name, why},
    where, commercial_only}.
    """
    from ..engines.weights import device, places, shelf

    tell(0.0, "looking at the models")
    memory = device.found(True)
    advice = device.recommend(memory.total_gb if memory.device in ("cuda", "mps") else None)
    return plain({
        "models": shelf.rows(memory), "memory": asdict(memory), "recommended": {"name": advice.card.name, "why": advice.why}, "where": str(places.where()),
        "commercial_only": places.commercial_only(),
    })  # fmt: skip
