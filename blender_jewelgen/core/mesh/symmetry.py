"""The plane that a surface is most nearly a mirror image of itself in, from points strewn over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

_CELLS = 128  # cells along the diagonal of the box: an image lies on the surface if it is about a hundredth of the diagonal off
_ASKED = 4000  # points that are mirrored in each plane
_TURNS = 12  # planes round an axis that two equal sides leave open
_ALIKE = 1.2  # variances whose ratio is below this are equal sides
_EVERY = 100  # directions over half a ball, for a body as long as it is wide and high
_WHOLE = 0.995  # share from which no better plane is sought
_REFINED = 4  # best planes that are turned a little in search of better ones
_TILTS = (0.12, 0.06, 0.02, 0.007)  # radians; by how much


Plane = tuple[float, np.ndarray, np.ndarray]  # share, normal, a point of it
Share = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, kw_only=True)
class Symmetry:
    """Share of the surface whose mirror image lies on the surface, and the plane: points x with ``normal`` · x = ``offset`` (mm)."""

    share: float
    normal: tuple[float, float, float]
    offset: float


def symmetry(points: np.ndarray, middle: np.ndarray) -> Symmetry:
    """The best mirror plane of a surface, through the ``middle`` (3,) of its box or its centroid.

    ``points`` (k, 3), some 100 000 of them, are strewn evenly over its area, in no order.
    """
    if len(points) == 0:
        return Symmetry(share=0.0, normal=(1.0, 0.0, 0.0), offset=0.0)
    low, high = points.min(axis=0), points.max(axis=0)
    cell = float(np.linalg.norm(high - low)) / _CELLS
    if cell <= 0.0:
        return Symmetry(share=0.0, normal=(1.0, 0.0, 0.0), offset=0.0)
    full = _filled(points, low - cell, cell)
    some = points[:: max(1, len(points) // _ASKED)]
    middles = (middle, points.mean(axis=0))

    def share(normal: np.ndarray, through: np.ndarray) -> float:
        image = some - 2.0 * ((some - through) @ normal)[:, None] * normal
        at = ((image - low) / cell + 1.0).astype(np.int64)
        inside = ((at >= 0) & (at < full.shape)).all(axis=1)
        return float(full[tuple(at[inside].T)].sum()) / len(some)

    tried: list[Plane] = []
    for normal in _normals(points - middles[1]):
        tried += [(share(normal, through), normal, through) for through in middles]
        if max(row[0] for row in tried[-2:]) >= _WHOLE:
            break
    else:
        tried.sort(key=lambda row: -row[0])
        for place, plane in enumerate(tried[:_REFINED]):
            for tilt in _TILTS:
                plane = _nearby(plane, tilt, cell * tilt / _TILTS[0], share)
            tried[place] = plane
    best, normal, through = max(tried, key=lambda row: row[0] if row[0] < _WHOLE else 1.0)  # of equals the first, which are the world's own planes
    normal = np.where(np.abs(normal) < 1e-12, 0.0, normal)
    return Symmetry(share=best, normal=tuple(float(part) for part in normal), offset=float(normal @ through))


def _normals(local: np.ndarray) -> Iterator[np.ndarray]:
    """The world's axes, the body's own, those between two of its own that are as long as each other, and all round if all three are."""
    yield from np.eye(3)
    spread, axes = np.linalg.eigh(local.T @ local)
    yield from axes.T
    for k in range(2):
        if spread[k + 1] < _ALIKE * spread[k]:
            for turn in np.arange(1, 2 * _TURNS) * np.pi / (2 * _TURNS):
                yield np.cos(turn) * axes[:, k] + np.sin(turn) * axes[:, k + 1]
    if spread[2] < _ALIKE * spread[0]:
        number = np.arange(_EVERY)
        z, turn = 1.0 - (number + 0.5) / _EVERY, number * np.pi * (3.0 - np.sqrt(5.0))  # a spiral: even over half a ball
        yield from np.stack([np.sqrt(1.0 - z * z) * np.cos(turn), np.sqrt(1.0 - z * z) * np.sin(turn), z], axis=1)


def _nearby(best: Plane, tilt: float, shift: float, share: Share) -> Plane:
    """The better of a plane and of those tilted or moved a little from it."""
    _, normal, through = best
    one = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    one /= np.linalg.norm(one)
    for side in (one, np.cross(normal, one)):
        for way in (-tilt, tilt):
            turned = normal + way * side
            turned /= np.linalg.norm(turned)
            best = max(best, (share(turned, through), turned, through), key=lambda row: row[0])
    for way in (-shift, shift):
        moved = through + way * normal
        best = max(best, (share(normal, moved), normal, moved), key=lambda row: row[0])
    return best


def _filled(points: np.ndarray, origin: np.ndarray, cell: float) -> np.ndarray:
    """(nx, ny, nz) bool cells that hold a point or lie beside one over a face."""
    at = ((points - origin) / cell).astype(np.int64)
    full = np.zeros(at.max(axis=0) + 3, bool)
    full[tuple(at.T)] = True
    wide = full.copy()
    for axis in range(3):
        to, of = np.moveaxis(wide, axis, 0), np.moveaxis(full, axis, 0)
        to[1:] |= of[:-1]
        to[:-1] |= of[1:]
    return wide
