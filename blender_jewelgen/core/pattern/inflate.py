"""Raise a silhouette into relief: pillow, terraces, chased line, wire or plateau; numpy only.

No height is taken from the distance to the nearest edge alone: that leaves ridges along the middle line and ripples
from pixel steps. Bodies are pressed up like a membrane instead (Poisson's equation), which is smooth by nature.
"""

from __future__ import annotations

import numpy as np

from ..height.distance import distance, signed_distance
from ..height.filters import blur, resize
from ..height.membrane import lift, pillow
from ..params import pick

STYLES = ("rounded", "stepped", "chased", "wire", "flat")
_BODY_SIZE = 128  # px; the broad body is smooth, so it is solved small


def inflate(coverage: np.ndarray, style: str = "rounded", detail: float = 1.0) -> np.ndarray:
    """Relief of a silhouette.

    Parameters
    ----------
    coverage : (h, w) float in [0, 1]
        Anti-aliased silhouette; lengths below are shares of its longer side.
    style : str
        ``rounded``: a pillow, broad parts higher than thin ones, inner cut lines left as valleys.
        ``stepped``: terraces with soft risers. ``chased``: a low body with a line sunk along its contour.
        ``wire``: the contour alone as round wire. ``flat``: a plateau with a rounded shoulder.
    detail : float
        Width of shoulders, lines and wires, 1 as is; 0.5 is twice as fine.

    Returns
    -------
    (h, w) float32
        In [0, 1], highest point 1 (all 0 if nothing is covered), 0 where coverage is 0.
    """
    pick(style, STYLES, "style")
    coverage = np.asarray(coverage, np.float32)
    if not (coverage > 0.0).any():
        return np.zeros_like(coverage)
    unit = max(coverage.shape) * detail
    height = _MAKERS[style](coverage, unit) * np.minimum(coverage * 2.0, 1.0)
    return (height / max(float(height.max()), 1e-6)).astype(np.float32)


def _shoulder(coverage: np.ndarray, width: float) -> np.ndarray:
    """Rises from 0 at the edge to 1 about ``width`` px inside; thin parts stay lower; (h, w) float32."""
    return np.minimum(pillow(coverage, width) / (2.0 * width), 1.0)


def _closed(coverage: np.ndarray, gap: float) -> np.ndarray:
    """The silhouette with cut lines and holes narrower than about 2 ``gap`` (px) filled; (h, w) float32 in [0, 1]."""
    edge = int(gap) + 3
    wide = np.pad(distance(coverage < 0.5, gap + 2.0) <= gap, edge, mode="edge")
    filled = distance(wide, gap + 2.0)[edge:-edge, edge:-edge] > gap + 1.0  # a pixel short: the true edge stays anti-aliased
    return np.maximum(coverage, filled)


def _body(coverage: np.ndarray, gap: float) -> np.ndarray:
    """The broad dome that parts share across cut lines narrower than about 2 ``gap`` (px); (h, w) float32 in [0, 1]."""
    rows, columns = coverage.shape
    shrink = max(max(rows, columns) / _BODY_SIZE, 1.0)
    small = resize(coverage, max(round(rows / shrink), 1), max(round(columns / shrink), 1))
    dome = pillow(blur(_closed(small, gap / shrink), 0.8))
    return resize(dome / max(float(dome.max()), 1e-6), rows, columns)


def _rounded(coverage: np.ndarray, unit: float) -> np.ndarray:
    part = pillow(coverage)
    part = lift(part / max(float(part.max()), 1e-6), 0.5)
    body = lift(_body(coverage, 0.02 * unit), 1.5)
    return _shoulder(coverage, 0.022 * unit) * (0.22 + 0.30 * part + 0.48 * body)


def _stepped(coverage: np.ndarray, unit: float) -> np.ndarray:
    tread, terraces = 0.026 * unit, 4
    depth = blur(signed_distance(coverage, terraces * tread), 0.005 * unit)
    height = 0.4 * np.minimum(1.25 * _shoulder(coverage, 0.01 * unit), 1.0)
    for number in range(1, terraces):
        share = np.clip((depth / tread - number) / 0.35 + 0.5, 0.0, 1.0)
        height += 0.6 / (terraces - 1) * share * share * (3.0 - 2.0 * share)
    return height


def _chased(coverage: np.ndarray, unit: float) -> np.ndarray:
    depth = blur(signed_distance(coverage, 0.06 * unit), 0.6)
    line = np.exp(-(((depth - 0.024 * unit) / (0.008 * unit)) ** 2))
    broad = np.clip((blur(coverage, 0.03 * unit) - 0.5) / 0.2, 0.0, 1.0)  # no room for a line on thin parts
    body = lift(_body(coverage, 0.02 * unit), 0.6)
    return _shoulder(coverage, 0.012 * unit) * (0.45 + 0.55 * body) * (1.0 - 0.75 * line * broad)


def _wire(coverage: np.ndarray, unit: float) -> np.ndarray:
    radius = 0.016 * unit
    depth = blur(signed_distance(coverage, 3.0 * radius), 0.6)  # evens out what is left of the pixel grid
    return np.sqrt(np.clip(1.0 - ((depth - radius) / radius) ** 2, 0.0, 1.0))


def _flat(coverage: np.ndarray, unit: float) -> np.ndarray:
    return _shoulder(coverage, 0.012 * unit)


_MAKERS = {"rounded": _rounded, "stepped": _stepped, "chased": _chased, "wire": _wire, "flat": _flat}
