"""Lines of a picture after Canny (1986): smooth, take the slope, keep ridges of it, follow them from the strong into the weak.

Of our own in numpy, since the runtime has neither OpenCV nor scikit-image, and neither lets a side run on into the other.
"""

from __future__ import annotations

import numpy as np

from ...core.height.filters import blur

_SIGMA = 1.4  # px
_LOW, _HIGH = 0.1, 0.2  # of the slope of a step from black to white


def canny(grey: np.ndarray, low: float = _LOW, high: float = _HIGH, sigma: float = _SIGMA, x: bool = False, y: bool = False) -> np.ndarray:
    """Lines one pixel wide.

    Parameters
    ----------
    grey : (h, w) float in [0, 1]
    low, high : float
        A line is kept where its slope reaches ``high`` somewhere and ``low`` all along, in shares of the slope that a
        clean step from 0 to 1 has after smoothing.
    sigma : float
        px of smoothing.
    x, y : bool
        Sides that run on into each other.

    Returns
    -------
    (h, w) bool
    """
    smooth = blur(grey, sigma, x, y).astype(np.float64)
    wide = np.pad(np.pad(smooth, ((0, 0), (1, 1)), mode="wrap" if x else "edge"), ((1, 1), (0, 0)), mode="wrap" if y else "edge")
    across = (wide[1:-1, 2:] - wide[1:-1, :-2]) / 2.0
    down = (wide[2:, 1:-1] - wide[:-2, 1:-1]) / 2.0
    slope = np.hypot(across, down) * (np.sqrt(2.0 * np.pi) * sigma)  # a clean step has about 1
    ridge = _ridge(slope, across, down, x, y)
    return _followed(ridge & (slope >= low), ridge & (slope >= high), x, y)


def _ridge(slope: np.ndarray, across: np.ndarray, down: np.ndarray, x: bool, y: bool) -> np.ndarray:
    """Where the slope is no less than on either side along its own direction, between pixels by straight lines."""
    around = np.pad(np.pad(slope, ((0, 0), (1, 1)), mode="wrap" if x else "edge"), ((1, 1), (0, 0)), mode="wrap" if y else "edge")
    height, width = slope.shape

    def near(row: int, column: int) -> np.ndarray:
        return around[1 + row : 1 + row + height, 1 + column : 1 + column + width]

    wide, tall = np.abs(across), np.abs(down)
    long, short = np.maximum(wide, tall), np.minimum(wide, tall)
    share = np.divide(short, long, out=np.zeros_like(short), where=long > 0)
    same = across * down > 0
    flat = wide >= tall
    ahead, behind = np.empty_like(slope), np.empty_like(slope)
    for level in (True, False):
        for falling in (True, False):
            where = (flat == level) & (same == falling)
            sign = 1 if falling else -1
            straight = (0, 1) if level else (1, 0)
            slanted = (sign, 1) if level else (1, sign)
            for out, way in ((ahead, 1), (behind, -1)):
                one, two = near(way * straight[0], way * straight[1]), near(way * slanted[0], way * slanted[1])
                out[where] = ((1.0 - share) * one + share * two)[where]
    return (slope > ahead) & (slope >= behind)


def _followed(weak: np.ndarray, strong: np.ndarray, x: bool, y: bool) -> np.ndarray:
    """The weak pixels that touch strong ones, over any number of others."""
    found, front = strong.copy(), np.argwhere(strong)
    height, width = weak.shape
    steps = np.array([(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column])
    while len(front):
        near = (front[:, None] + steps).reshape(-1, 2)
        if x:
            near[:, 1] %= width
        if y:
            near[:, 0] %= height
        inside = (near >= 0).all(1) & (near[:, 0] < height) & (near[:, 1] < width)
        near = near[inside]
        fresh = weak[near[:, 0], near[:, 1]] & ~found[near[:, 0], near[:, 1]]
        front = np.unique(near[fresh], axis=0)
        found[front[:, 0], front[:, 1]] = True
    return found
