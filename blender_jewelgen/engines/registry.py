"""The engines there are. A new engine is a row here and a module."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..core.params import pick
from .card import Card

if TYPE_CHECKING:  # the cards are read where nothing heavy may be loaded: by panels, and by a worker that starts
    from ..core.pipeline import Answer, Order, Tell

CARDS: tuple[Card, ...] = (
    Card(
        name="procedural", label="Parametric families and motif library", task="words_to_height", memory_gb=0.0,
        licence="GPL-3.0-or-later; motifs CC-BY-3.0", revision="1", module="procedural",
    ),
)
_BY_NAME = {card.name: card for card in CARDS}
assert len(_BY_NAME) == len(CARDS), "two engines share a name"


def card(name: str) -> Card:
    """The card of an engine; ``auto`` is the best one present. Raises BadInput for an unknown name."""
    return CARDS[0] if name == "auto" else _BY_NAME[pick(name, tuple(_BY_NAME), "engine")]


def ask(order: Order, tell: Tell) -> Answer:
    """Have the engine named in the order draw its pattern."""
    from ..core.pipeline import Answer

    chosen = card(order.engine)
    module = import_module(f".{chosen.module}", __package__)
    picture, missing = module.draw(order, tell)
    return Answer(picture, chosen.credit(), missing)
