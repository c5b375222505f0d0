"""The edge between thing and ground made better: both sides' colours are learned and the edge is drawn where they part."""

from __future__ import annotations

import numpy as np

from ..height.detail import extreme
from ..height.filters import blur

_BINS = 16  # a colour channel
_BAND = 4  # px on both sides of the first edge that may change sides
_ROUNDS = 8
_TIE = 2.2  # how strongly like neighbours keep together
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))


def refined(colours: np.ndarray, off: np.ndarray, thing: np.ndarray) -> np.ndarray:
    """(h, w) float32 share of each pixel that is the thing's.

    Parameters
    ----------
    colours : (h, w, 3) in [0, 1]
    off : (h, w, 3)
        Colours less the ground's, so that a ground that runs from light to dark is one colour.
    thing : (h, w) bool
        A first guess, right away from its edge.

    After the idea of GrabCut (Rother, Kolmogorov and Blake 2004): histograms of both sides, neighbours of like colour tied
    to each other; solved by mean field in place of a graph cut.
    """
    solid = thing.astype(np.float32)
    inner = extreme(solid, _BAND, np.minimum, False) > 0.5
    outer = extreme(solid, _BAND, np.maximum, False) < 0.5
    band = ~(inner | outer)
    if not band.any() or not outer.any() or thing.sum() < 16:
        return solid
    index = np.clip(((off + 1.0) * (0.5 * 2 * _BINS)).astype(np.int32), 0, 2 * _BINS - 1)
    code = (index[..., 0] * 2 * _BINS + index[..., 1]) * 2 * _BINS + index[..., 2]
    own = np.log(_spread(code[thing])[code] / _spread(code[~thing])[code])
    own = np.clip(blur(own, 0.6), -4.0, 4.0)
    ties = [_tie(colours, step) for step in _STEPS]
    belief = np.where(inner, 1.0, np.where(outer, -1.0, np.where(thing, 0.4, -0.4))).astype(np.float32)
    for _ in range(_ROUNDS):
        pull = np.zeros_like(belief)
        for (down, across), tie in zip(_STEPS, ties):
            here, there = _pair(belief, down, across)
            _pair(pull, down, across)[0].__iadd__(tie * there)
            _pair(pull, down, across)[1].__iadd__(tie * here)
        belief = np.where(band, np.tanh(0.5 * (own + pull)), belief).astype(np.float32)
    sure = (belief > 0.0).astype(np.float32)
    return np.clip(blur(sure, 0.8), 0.0, 1.0)


def _spread(codes: np.ndarray) -> np.ndarray:
    """Share of each colour, smoothed a little so that none is impossible."""
    count = np.bincount(codes, minlength=(2 * _BINS) ** 3).astype(np.float32).reshape((2 * _BINS,) * 3)
    for axis in range(3):
        count = 0.5 * count + 0.25 * (np.roll(count, 1, axis) + np.roll(count, -1, axis))
    return ((count + 0.02) / (count.sum() + 0.02 * count.size)).ravel()


def _pair(values: np.ndarray, down: int, across: int) -> tuple[np.ndarray, np.ndarray]:
    """Views of every pixel and of its neighbour a step away."""
    rows, columns = values.shape[:2]
    if across >= 0:
        return values[: rows - down, : columns - across], values[down:, across:]
    return values[: rows - down, -across:], values[down:, : columns + across]


def _tie(colours: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """How much a pixel and its neighbour are of one kind, 0 to ``_TIE``."""
    here, there = _pair(colours, *step)
    square = ((here - there) ** 2).sum(axis=-1)
    return (_TIE / np.hypot(*step) * np.exp(-square / (2.0 * max(float(square.mean()), 1e-5)))).astype(np.float32)
