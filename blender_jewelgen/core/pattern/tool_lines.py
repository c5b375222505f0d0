"""What a chaser or an engraver sees in an ornament: its outline, and the creases between the parts of it, as signed distances.

All are found below a pixel, so that a tool's profile laid along them has one width in mm everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.distance import signed_distance
from ..height.filters import blur

_LEVEL = 0.08  # share of the height at which an ornament's contour is seen
_RIBBON = 1.2  # px; half the width of the ribbon that marks a crease until its distance is measured
_CREASE = 0.02  # height across one standard deviation of blur that makes a crease, at least


@dataclass(frozen=True, eq=False)
class Crease:
    """The valleys between the parts of an ornament.

    Attributes
    ----------
    far : (h, w) float32, px
        Distance to the nearest; ``reach`` where none is near.
    lead : (h, w) float32 in [0, 1]
        How clear the nearest is; it falls to 0 where a crease runs out.
    """

    far: np.ndarray
    lead: np.ndarray


def outline(picture: np.ndarray, soft: float, reach: float, periodic: bool) -> np.ndarray:
    """(h, w) float32 px: signed distance to the contour of an ornament, positive inside; details below ``soft`` px are evened out."""
    return signed_distance(coverage(blur(picture, soft, periodic), _LEVEL, periodic), reach, periodic)


def coverage(values: np.ndarray, level: float, periodic: bool) -> np.ndarray:
    """(h, w) float32 in [0, 1]: the share of each pixel that lies above ``level``, from the slope of the values."""
    dx, dy = gradient(values, periodic)
    steep = np.maximum(np.abs(dx), np.abs(dy))
    return np.clip(0.5 + (values - level) / np.maximum(steep, 1e-4), 0.0, 1.0)


def gradient(values: np.ndarray, periodic: bool) -> tuple[np.ndarray, np.ndarray]:
    """(d/dx, d/dy) a px of (h, w) values; y runs down."""
    wide = np.pad(values, ((0, 0), (1, 1)), mode="wrap" if periodic else "edge")
    tall = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return 0.5 * (wide[:, 2:] - wide[:, :-2]), 0.5 * (tall[2:] - tall[:-2])


def inside_of(signed: np.ndarray, reach: float, periodic: bool) -> np.ndarray:
    """Signed distance to the zero line of a function whose slope is about one: a true distance again, parts closer than a pixel joined."""
    return signed_distance(np.clip(0.5 + signed, 0.0, 1.0), reach, periodic)


def opened(signed: np.ndarray, radius: float, reach: float, periodic: bool) -> np.ndarray:
    """Signed distance to the part of a region that discs of ``radius`` px can paint."""
    return inside_of(inside_of(signed - radius, reach, periodic) + radius, reach, periodic)


def creases(picture: np.ndarray, scale: float, where: np.ndarray, reach: float, periodic: bool) -> Crease:
    """The valleys of a picture seen through a blur of ``scale`` px, where ``where`` (h, w) is true.

    A valley runs where the slope across it is zero; how far away that is follows from slope and curvature (after Steger 1998).
    """
    height = blur(picture, scale, periodic)
    gx, gy = gradient(height, periodic)
    xx, xy = gradient(gx, periodic)
    _, yy = gradient(gy, periodic)
    half, turn = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    bend = half + turn  # the largest curvature
    first = np.abs(bend - xx) > np.abs(bend - yy)
    nx, ny = np.where(first, xy, bend - yy), np.where(first, bend - xx, xy)
    size = np.maximum(np.hypot(nx, ny), 1e-12)
    away = np.abs(gx * nx + gy * ny) / (size * np.maximum(bend, 1e-9))
    strength = np.clip((bend * scale * scale - _CREASE) / (1.5 * _CREASE), 0.0, 1.0)
    ribbon = np.where(where & (strength > 0.0), np.clip(_RIBBON + 0.5 - away, 0.0, 1.0), 0.0).astype(np.float32)
    if not (ribbon >= 0.5).any():
        return Crease(np.full(picture.shape, reach, np.float32), np.zeros(picture.shape, np.float32))
    far = np.clip(_RIBBON - signed_distance(ribbon, reach, periodic), 0.0, reach)
    near = blur(ribbon, 0.5 * scale + 1.0, periodic)
    lead = blur(ribbon * strength, 0.5 * scale + 1.0, periodic) / np.maximum(near, 1e-4)
    return Crease(far, np.where(near > 1e-3, np.minimum(lead, 1.0), 0.0).astype(np.float32))
