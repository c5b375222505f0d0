"""The engine that needs nothing: parametric families, library motifs and the composer, in numpy."""

from __future__ import annotations

import numpy as np

from ..core.pattern import compose
from ..core.pipeline import Order, Tell


def draw(order: Order, tell: Tell) -> tuple[np.ndarray, tuple[str, ...]]:
    """((rows, columns) float32 in [0, 1], motifs that are not known) of an order; same seed, same pixels."""
    tell(0.0, "drawing the pattern")
    _, missing = compose.resolve(order.design, order.surface)
    return compose.draw(order.design, order.surface, order.seed), tuple(missing)
