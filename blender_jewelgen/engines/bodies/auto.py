"""The engine "auto": a ring of ours where a ring is seen, else a medallion or plaque; nothing is loaded and nothing asked of the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.errors import BadInput, Fix
from ...core.seen.photograph import photograph
from ...core.seen.ring import ring_of

if TYPE_CHECKING:
    from ...core.body import BodyOrder, Tell


def chosen(order: BodyOrder, tell: Tell = lambda share, text: None) -> tuple[BodyOrder, str]:
    """The order with an engine named, and why. Raises BadInput without a picture, or for a file that is none."""
    if order.picture is None:
        raise BadInput("there is no picture to make a body of", field="picture", fix=Fix("Choose a Picture", "--from PICTURE"))
    engine, note = "relief", "no ring is seen in the picture, so that it became a relief; take the engine ring if it is one"
    if order.params.view != "auto":
        engine, note = "ring", "a view was named, so that a ring was fitted"
    elif _ring(order, tell):
        engine, note = "ring", "the picture shows a ring, so that one of our forms was fitted to it; take the engine relief for a relief of the picture"
    return replace(order, params=replace(order.params, engine=engine)), note


def _ring(order: BodyOrder, tell: Tell) -> bool:
    tell(0.0, "reading the picture")
    shown = photograph(order.picture)
    try:
        return ring_of(shown.subject(), order.params.view, order.size, tell).sure
    except BadInput:
        return False
