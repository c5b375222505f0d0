"""Relief on plates: the outline cut out of a grid, raised on the front, closed by construction."""

from __future__ import annotations

import numpy as np

from ..form.outlines import signed_distance
from ..form.plate import Plate
from ..height.filters import sample
from ..mesh.arrays import Mesh
from ..mesh.contour import area, between
from .solid import _smooth


def raise_plate(host: Plate, picture: np.ndarray, depth: float, fade: float, spacing: float) -> Mesh:
    """The plate alone, in its own frame (z up, back at z = 0).

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        Covers the box of the outline; row 0 is the upper edge.
    depth : float
        mm from black to white; negative cuts into the metal.
    fade, spacing : float
        Run-out along the outline and distance between vertices, mm.
    """
    width, length = host.size
    x, y = _axis(width, spacing), _axis(length, spacing)
    inside = signed_distance(host.polygon, x, y)
    region = area(inside)
    column, row = region.points[:, 0], region.points[:, 1]
    px, py = x[0] + column * (x[1] - x[0]), y[0] + row * (y[1] - y[0])
    rim = np.maximum(sample(inside, column, row), 0.0)
    rim[region.rim.ravel()] = 0.0
    height = sample(picture, (px / width + 0.5) * picture.shape[1] - 0.5, (0.5 - py / length) * picture.shape[0] - 0.5)
    weight = _smooth((rim - host.margin) / fade) if fade > 0 else (rim > host.margin).astype(float)
    tall = (height * weight).astype(np.float32)
    swell = host.dome * (1.0 - 4.0 * ((px / width) ** 2 + (py / length) ** 2)).clip(0.0) ** 2  # level where it ends
    front = host.thickness + swell + depth * tall - _rounding(rim, host.edge)
    back = _rounding(rim, 0.4 * host.edge)
    vertices, faces = between(np.stack([px, py, back], 1), np.stack([px, py, front], 1), region)
    shade = tall if depth >= 0 else (1.0 - tall) * (rim > host.margin)
    return Mesh(vertices.astype(np.float32), faces, np.concatenate([shade, np.zeros_like(tall)]))


def _axis(size: float, spacing: float) -> np.ndarray:
    """Grid lines about ``spacing`` apart, two beyond a piece of this size whose ends fall midway between lines: exact there."""
    half = max(8, round(size / spacing / 2.0))
    return np.arange(-half - 2, half + 3) * (size / (2 * half + 1))


def _rounding(rim: np.ndarray, radius: float) -> np.ndarray:
    """How far a quarter-round edge falls away, mm, at ``rim`` mm inside the outline."""
    over = np.clip(1.0 - rim.astype(np.float64) / radius, 0.0, 1.0)
    return radius * (1.0 - np.sqrt(1.0 - over**2))
