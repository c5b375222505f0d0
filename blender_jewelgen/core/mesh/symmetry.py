"""The plane that a surface is most nearly a mirror image of itself in, from points strewn over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CELLS = 128  # cells along the diagonal of the box: an image lies on the surface if it is about a hundredth of the diagonal off
_ASKED = 4000  # points that are mirrored in each plane
_TURNS = 12  # planes round an axis that two equal sides leave open
_ALIKE = 1.2  # variances whose ratio is below this are equal sides
_TILTS = (0.06, 0.02, 0.007)  # radians; how far the best plane is turned in search of a better one


@dataclass(frozen=True, kw_only=True)
class Symmetry:
    """Share of the surface whose mirror image lies on the surface, and the plane: points x with ``normal`` · x = ``offset`` (mm)."""

    share: float
    normal: tuple[float, float, float]
    offset: float


def symmetry(points: np.ndarray) -> Symmetry:
    """The best mirror plane of a surface given by ``points`` (k, 3) that are strewn evenly over its area, some 100 000 of them."""
    if len(points) == 0:
        return Symmetry(share=0.0, normal=(1.0, 0.0, 0.0), offset=0.0)
    low, high = points.min(axis=0), points.max(axis=0)
    cell = float(np.linalg.norm(high - low)) / _CELLS
    if cell <= 0.0:
        return Symmetry(share=0.0, normal=(1.0, 0.0, 0.0), offset=0.0)
    full = _filled(points, low - cell, cell)
    some = points[:: max(1, len(points) // _ASKED)]
    middles = (points.mean(axis=0), (low + high) / 2.0)

    def share(normal: np.ndarray, through: np.ndarray) -> float:
        image = some - 2.0 * ((some - through) @ normal)[:, None] * normal
        at = ((image - low) / cell + 1.0).astype(np.int64)
        inside = ((at >= 0) & (at < full.shape)).all(axis=1)
        return float(full[tuple(at[inside].T)].sum()) / len(some)

    tried = [(share(normal, through), normal, through) for normal in _normals(points - middles[0]) for through in middles]
    best = max(tried, key=lambda row: round(row[0], 2))  # the first of the equals: the world's own planes
    for tilt in _TILTS:
        best = _nearby(best, tilt, 0.5 * cell * tilt / _TILTS[0], share)
    found, normal, through = best
    normal = np.where(np.abs(normal) < 1e-12, 0.0, normal)
    return Symmetry(share=found, normal=tuple(float(part) for part in normal), offset=float(normal @ through))


def _normals(local: np.ndarray) -> list[np.ndarray]:
    """The world's axes, the body's own, and those between two of its own that are as long as each other."""
    spread, axes = np.linalg.eigh(local.T @ local)
    normals = [*np.eye(3), *axes.T]
    for k in range(2):
        if spread[k + 1] < _ALIKE * spread[k]:
            turns = np.arange(1, 2 * _TURNS) * np.pi / (2 * _TURNS)
            normals += [np.cos(turn) * axes[:, k] + np.sin(turn) * axes[:, k + 1] for turn in turns]
    return normals


def _nearby(best: tuple[float, np.ndarray, np.ndarray], tilt: float, shift: float, share) -> tuple[float, np.ndarray, np.ndarray]:
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
