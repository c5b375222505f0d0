"""The middles of bars that are too thin: what is laid there makes them wide enough without fattening what is."""

from __future__ import annotations

import numpy as np

from ..height.discs import grown
from ..height.distance import distance
from .parts import parts

_CREST = 0.6  # second difference of the distance, a px of step, above which it is the middle of a bar
_SLOPE = 0.3  # mm less a mm; a bar that narrows faster is a corner, which is for rounding, not for thickening,
_LONG, _STEEP = 2.2, 0.6  # unless it stands out by so many radii: a feather, a claw; then only its blunt end is left


def middles(mask: np.ndarray, radius: float, periodic: bool) -> np.ndarray:
    """(h, w) bool: pixels along the middle of every bar of ``mask`` that no disc of ``radius`` px fits into.

    ``grown(middles, radius)`` together with the mask has no bar thinner than the disc; corners stay as they are.
    """
    far = distance(mask, radius + 2.0, periodic)
    opened = grown(far > radius, radius, periodic)
    thin = np.zeros(mask.shape, bool)
    y, x = np.nonzero(mask & ~opened)
    if not len(y):
        return thin
    wide = np.pad(far, ((2, 2), (0, 0)), mode="edge")
    wide = np.pad(wide, ((0, 0), (2, 2)), mode="wrap" if periodic else "edge")

    def beside(dy: int, dx: int) -> np.ndarray:
        return wide[y + 2 + dy, x + 2 + dx]

    crest = np.zeros(len(y), bool)
    for (dy, dx), length in (((0, 1), 1.0), ((1, 0), 1.0), ((1, 1), 2.0**0.5), ((1, -1), 2.0**0.5)):
        crest |= 2.0 * far[y, x] - beside(dy, dx) - beside(-dy, -dx) > _CREST * length
    slope = np.hypot(beside(0, 2) - beside(0, -2), beside(2, 0) - beside(-2, 0)) / 4.0
    label, sizes = parts(mask & ~opened, periodic)
    long = np.zeros(len(sizes), bool)
    beyond = distance(~opened, _LONG * radius + 2.0, periodic)[y, x] > _LONG * radius
    long[label[y[beyond], x[beyond]]] = True
    limit = np.where(long[label[y, x]], _STEEP, _SLOPE)
    highest = np.max([beside(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3)], axis=0)
    kept = crest & (slope < limit) & (far[y, x] >= highest - 0.6 - 2.0 * limit)  # a crest beside the middle is a step of the raster
    thin[y[kept], x[kept]] = True
    return thin
