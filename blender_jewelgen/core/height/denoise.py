"""Noise smoothed and edges kept: the guided filter (He, Sun and Tang 2010), a height being its own guide."""

from __future__ import annotations

import numpy as np

_REACH = 0.004  # of the longer side: half the window
_EDGE = 0.1  # of the range: at strength 1, what varies less than this within the window is smoothed


def denoised(height: np.ndarray, strength: float, wrap: bool = False) -> np.ndarray:
    """(h, w) float32; ``strength`` 0 leaves the height as it is, 1 smooths all that varies by less than a tenth of [0, 1].

    Within each window the height is taken as level plus a share of itself: the share is var / (var + eps), nearly 1 at an
    edge and nearly 0 where there is noise alone.
    """
    height = np.asarray(height, np.float32)
    if strength <= 0.0:
        return height
    reach = max(2, round(_REACH * max(height.shape)))
    mean = box(height, reach, wrap)
    varies = np.maximum(box(height * height, reach, wrap) - mean * mean, 0.0)
    share = varies / (varies + np.float32((_EDGE * strength) ** 2))
    return box(share, reach, wrap) * height + box(mean - share * mean, reach, wrap)


def box(picture: np.ndarray, reach: int, wrap: bool = False) -> np.ndarray:
    """(h, w) float32 means over squares of 2 reach + 1 px, by running sums; sides that do not wrap repeat their pixel."""
    for axis, wraps in ((1, wrap), (0, False)):
        wide = ((0, 0), (reach + 1, reach)) if axis else ((reach + 1, reach), (0, 0))
        far = np.cumsum(np.pad(picture, wide, mode="wrap" if wraps and picture.shape[1] > reach else "edge"), axis=axis, dtype=np.float64)
        first, last = (far[:, : -2 * reach - 1], far[:, 2 * reach + 1 :]) if axis else (far[: -2 * reach - 1], far[2 * reach + 1 :])
        picture = ((last - first) / (2 * reach + 1)).astype(np.float32)
    return picture
