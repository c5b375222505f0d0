"""The engine that needs nothing: parametric families, library motifs and the composer, in numpy."""

from __future__ import annotations

from ..core.pattern import compose
from ..core.pipeline import Answer, Order, Tell


def draw(order: Order, tell: Tell) -> Answer:
    """The pattern of an order; same seed, same pixels."""
    tell(0.0, "drawing the pattern")
    _, missing = compose.resolve(order.design, order.surface)
    return Answer(compose.draw(order.design, order.surface, order.seed), missing=tuple(missing))
