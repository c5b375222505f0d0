"""The engines there are. A new engine is a row here and a module."""

from __future__ import annotations

from dataclasses import replace
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
    Card(
        name="motif", label="Motif model: draws motifs of its own", task="words_to_height", memory_gb=0.0,
        licence="GPL-3.0-or-later; taught with motifs CC-BY-3.0", revision="1", module="inventive",
    ),
)
PICTURES = "diffusers:"  # before the name, folder, file or hub id of a picture model
SERVICE = "openai:"  # before the name of a model behind an OpenAI-compatible image endpoint
_BY_NAME = {card.name: card for card in CARDS}
assert len(_BY_NAME) == len(CARDS), "two engines share a name"


def card(name: str) -> Card:
    """The card of an engine, of "auto" the plainest, of a picture model that of the kind. Raises BadInput for an unknown name."""
    if name.startswith(PICTURES):
        return Card(name=name, label="Picture model", task="words_to_height", memory_gb=0.0, licence="", revision="", module="diffusers_picture")
    if name.startswith(SERVICE):
        return Card(name=name, label="Image service", task="words_to_height", memory_gb=0.0, licence="", revision="", module="openai_picture")
    return _BY_NAME[pick(name, ("auto", *_BY_NAME, PICTURES + "NAME", SERVICE + "MODEL"), "engine")] if name != "auto" else CARDS[0]


def ask(order: Order, tell: Tell) -> Answer:
    """Have the engine named in the order draw its pattern; "auto" is the motif model where it draws what the library cannot."""
    chosen = card(order.engine)
    if order.engine == "auto":
        from .inventive import wanted

        chosen = _BY_NAME["motif"] if wanted(order.design) else chosen
    answer = import_module(f".{chosen.module}", __package__).draw(order, tell)
    return replace(answer, credit=chosen.credit() | answer.credit)
