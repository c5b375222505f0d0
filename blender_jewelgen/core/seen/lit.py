"""A ground of one colour under uneven light: what can be reached from the border without crossing an edge, pools of light and soft shadows included."""

from __future__ import annotations

import numpy as np

from ..height.filters import blur
from ..height.regions import regions
from .ground import reached

_SLOPE = 0.016  # change of a colour from pixel to pixel; light and shadow change more slowly, outlines faster
_HUE = 0.045  # colour distance from the ground's own colour in some light, up to which a pixel can be the ground's
_DIM = 0.35  # of its light: a frame that differs by more is a thing that runs out of the picture
_COLOURED = 0.6  # share of a thing that is of another colour than its ground
_POOLS = 0.03  # of the picture: from here on the ground's light is not what it was taken for
_HOLE = 0.002  # of the picture: a smaller patch of the ground's colour is a highlight
_CALM = 0.85  # share of the frame that is of one colour and without edges, if the ground is


def unlit(thing: np.ndarray, colours: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """The thing (h, w) bool in (h, w, 3) colours in [0, 1] of some 640 px, without pools of light and shadows that were taken for it.

    As it was, where the ``frame`` (h, w) bool is no ground of one colour, or its light runs evenly enough to be known.
    """
    soft = np.stack([blur(colours[..., k], 1.2) for k in range(3)], axis=-1)
    slope = np.sqrt(sum(part**2 for part in np.gradient(soft, axis=(0, 1))).max(axis=-1))
    own = np.median(soft[frame], axis=0)
    light = (soft @ own) / max(float(own @ own), 1e-6)
    astray = np.sqrt(((soft - light[..., None] * own) ** 2).sum(axis=-1))
    free = (slope < _SLOPE) & (astray < _HUE) & ~(frame & (np.abs(light - 1.0) > _DIM))
    if free[frame].mean() < _CALM:
        return thing
    ground = reached(free)
    if (ground & thing).mean() <= _POOLS:  # highlights as bright as the ground
        return thing
    coloured = astray > _HUE
    if coloured[~ground].mean() > _COLOURED:  # gold on grey: what is grey and touches the ground is ground, however sharp its shadow
        ground |= reached(~coloured)
        label, sizes = regions(~coloured & ~ground)
        for k in np.flatnonzero(sizes >= _HOLE * label.size):  # and what is grey within it is seen through it
            ground |= label == k
    return thing & ~ground
