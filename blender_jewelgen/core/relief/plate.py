"""Relief on plates: the outline cut out of a grid, raised on the front, closed by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..form.outlines import signed_distance
from ..form.plate import Plate
from ..height.filters import sample
from ..mesh.arrays import Mesh
from ..mesh.contour import Area, area, between
from .fade import ramp


@dataclass(frozen=True, eq=False)
class Sheet:
    """A plate without ornament, in its own frame (z up, back at z = 0).

    Attributes
    ----------
    region : Area
    front, back : (n, 3) float64, mm
        Places of the region's points on both sides.
    uv : (n, 2) float32
        Where they lie in the picture: to the right and upward, 0..1.
    rim : (n,) float32
        mm inside the border of the ornament.
    """

    region: Area
    front: np.ndarray
    back: np.ndarray
    uv: np.ndarray
    rim: np.ndarray


def sheet(host: Plate, spacing: float) -> Sheet:
    """The bare plate with vertices about ``spacing`` mm apart."""
    width, length = host.size
    x, y = _axis(width, spacing), _axis(length, spacing)
    inside = signed_distance(host.polygon, x, y)
    region = area(inside)
    column, row = region.points[:, 0], region.points[:, 1]
    px, py = x[0] + column * (x[1] - x[0]), y[0] + row * (y[1] - y[0])
    rim = np.maximum(sample(inside, column, row), 0.0)
    rim[region.rim.ravel()] = 0.0
    swell = host.dome * (1.0 - 4.0 * ((px / width) ** 2 + (py / length) ** 2)).clip(0.0) ** 2  # level where it ends
    front = np.stack([px, py, host.thickness + swell - _rounding(rim, host.edge)], 1)
    back = np.stack([px, py, _rounding(rim, 0.4 * host.edge)], 1)
    uv = np.stack([px / width + 0.5, py / length + 0.5], 1).astype(np.float32)
    return Sheet(region, front, back, uv, (rim - host.margin).astype(np.float32))


def raise_plate(
    host: Plate, picture: np.ndarray, depth: float, fade: float, spacing: float,
    mid: float = 0.0, keep: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Mesh:  # fmt: skip
    """The plate alone, in its own frame (z up, back at z = 0).

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        Covers the box of the outline; row 0 is the upper edge.
    depth : float
        mm from black to white; negative cuts into the metal.
    fade, spacing : float
        Run-out along the outline and distance between vertices, mm.
    mid : float
        Level of the picture that stays at the surface.
    keep : function of (n, 3) places in mm on the bare front, optional
        Gives (n,) shares of the depth that are kept there.
    """
    bare = sheet(host, spacing)
    height = look_up(picture, bare.uv)
    weight = ramp(bare.rim, fade)
    if keep is not None:
        weight = weight * keep(bare.front)
    rise = (height - np.float32(mid)) * weight
    front = bare.front + depth * rise[:, None] * (0.0, 0.0, 1.0)
    vertices, faces = between(bare.back, front, bare.region)
    shade = rise + np.float32(mid) if depth >= 0 else (1.0 - height * weight) * (bare.rim > 0.0)
    return Mesh(vertices.astype(np.float32), faces, np.concatenate([shade, np.zeros_like(shade)]).astype(np.float32))


def look_up(picture: np.ndarray, uv: np.ndarray, wrap: bool = False) -> np.ndarray:
    """(n,) float32 heights of a picture at (n, 2) places, to the right and upward in 0..1; ``wrap`` joins its ends."""
    rows, columns = picture.shape
    place = uv.astype(np.float64)
    return sample(picture, place[:, 0] * columns - 0.5, (1.0 - place[:, 1]) * rows - 0.5, wrap)


def _axis(size: float, spacing: float) -> np.ndarray:
    """Grid lines about ``spacing`` apart, two beyond a piece of this size whose ends fall midway between lines: exact there."""
    half = max(8, round(size / spacing / 2.0))
    return np.arange(-half - 2, half + 3) * (size / (2 * half + 1))


def _rounding(rim: np.ndarray, radius: float) -> np.ndarray:
    """How far a quarter-round edge falls away, mm, at ``rim`` mm inside the outline."""
    over = np.clip(1.0 - rim.astype(np.float64) / radius, 0.0, 1.0)
    return radius * (1.0 - np.sqrt(1.0 - over**2))
