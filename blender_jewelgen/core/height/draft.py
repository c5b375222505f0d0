"""Shapes that a tool leaves: no ornament is higher than its width carries, and its shoulders are round."""

from __future__ import annotations

import numpy as np


def draft(height: np.ndarray, run: float, periodic: bool = False, periodic_y: bool = False) -> np.ndarray:
    """A height closed, then opened, by paraboloids: grooves no deeper and ridges no higher than their width carries.

    A wall gets a round shoulder ``run`` px wide above and a fillet half as wide below; what is narrower than that stands
    lower, as it would from a punch or a casting. A groove may be half as wide for the same depth, as a liner's point is
    finer than a punch. Morphology by a quadratic, exact along each axis in turn.

    Parameters
    ----------
    height : (h, w) float32 in [0, 1]
    run : float
        px; below 1 the height comes back as it is.
    periodic, periodic_y : bool
        Columns, or rows, wrap round.
    """
    if run < 1.0:
        return height
    wrap = (periodic, periodic_y)
    filled = _sweep(_sweep(height, run / 2.0, wrap, np.maximum, -1.0), run / 2.0, wrap, np.minimum, 1.0)
    lowest = _sweep(filled, run, wrap, np.minimum, 1.0)
    return _sweep(lowest, run, wrap, np.maximum, -1.0)


def _sweep(values: np.ndarray, run: float, wrap: tuple[bool, bool], better: np.ufunc, sign: float) -> np.ndarray:
    for axis, wraps in ((1, wrap[0]), (0, wrap[1])):
        best = values.copy()
        for k in range(1, int(run) + 1):
            rise = np.float32(sign * (k / run) ** 2)
            for step in (k, -k):
                better(best, shifted(values, step, axis, wraps) + rise, out=best)
        values = best
    return values


def shifted(values: np.ndarray, step: int, axis: int, wraps: bool) -> np.ndarray:
    """The array moved by ``step`` along an axis; an edge that does not wrap repeats itself."""
    if wraps:
        return np.roll(values, step, axis)
    at = np.clip(np.arange(values.shape[axis]) - step, 0, values.shape[axis] - 1)
    return np.take(values, at, axis)
