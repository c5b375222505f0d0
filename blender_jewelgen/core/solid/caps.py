"""Faces in the walls of the box that a generated model was made in: the box is no part of the piece."""

from __future__ import annotations

import numpy as np

from ..mesh.arrays import Mesh
from ..mesh.closed import bodies, compact, edges

_WALL = 0.04  # share of the longest side that such a wall is thick at most
_COVERED = 0.1  # share of a side of the box from which parts in it count as a wall
_SIDES = 2  # sides that must have one: a pendant has one flat back
_STRAIGHT = 0.999  # cosine
_PLATE, _PLATES = 0.25, 3  # share of a side that each face of such a plate has, and sides that must have one
_IN = 0.98  # share of a part's area that must lie in the walls
_METAL = 0.15  # share of the box that its walls fill at most; a block fills it all
_LEAST = 1e-3  # share of the box that a piece has at least
_SKIN = 0.05  # share of all area that the skin of a piece has at least where plates grew to it
_LID = 0.35  # share of its own area that a piece may be cut open by


def without_caps(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh less the parts, or else the faces, that lie in the walls of its box on several sides; and what was done.

    Nothing is taken off where what is left would be no piece: a block, a box with a lid, a ring's two flat rims.
    """
    low, high = mesh.vertices.min(axis=0).astype(np.float64), mesh.vertices.max(axis=0).astype(np.float64)
    size = high - low
    if size.min() <= 0:
        return mesh, ()
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1) / 2.0
    near = _WALL * size.max()
    beside = np.stack([(np.abs(corners - side) <= near).all(axis=1) for side in (low, high)], axis=2).reshape(len(corners), 6)  # x-, x+, y- …
    for whole in (True, False):
        found = _parts(mesh, area, beside) if whole else _plates(normal, area, beside, size)
        if found is None:
            continue
        covered = [np.where(beside[:, k] & found, np.abs(normal[:, k // 2]) / 2.0, 0.0).sum() / np.prod(np.delete(size, k // 2)) for k in range(6)]
        sides = int((np.array(covered) > _COVERED).sum())
        rest = compact(mesh, mesh.faces[~found])
        if sides >= _SIDES and _is_piece(rest, whole, float(np.prod(size)), mesh, found):
            what = f"{_count(mesh, found):,} parts" if whole else f"{int(found.sum()):,} faces"
            return rest, (f"{what} in {sides} walls of the box were taken off",)
    return mesh, ()


def _parts(mesh: Mesh, area: np.ndarray, beside: np.ndarray) -> np.ndarray | None:
    """(m,) bool: faces of bodies that lie in the walls as a whole; None if there are none."""
    count, label = bodies(mesh.faces, len(mesh.vertices))
    if count == 1:
        return None
    inside = np.bincount(label, area * beside.any(axis=1), count) >= _IN * np.bincount(label, area, count)
    return inside[label] if inside.any() and not inside.all() else None


def _plates(normal: np.ndarray, area: np.ndarray, beside: np.ndarray, size: np.ndarray) -> np.ndarray | None:
    """(m,) bool: faces of plates that grew together with the piece: in a wall, straight, looking out of it here and into the box there."""
    found = np.zeros(len(area), bool)
    straight = normal / 2.0 * (np.abs(normal) > _STRAIGHT * 2.0 * np.maximum(area, 1e-300)[:, None])
    walls = 0
    for k in range(6):
        axis, out = k // 2, (-1.0, 1.0)[k % 2]
        flat = np.where(beside[:, k], straight[:, axis] * out, 0.0)
        wide = float(np.prod(np.delete(size, axis)))
        if flat[flat > 0].sum() > _PLATE * wide and -flat[flat < 0].sum() > _PLATE * wide:
            found |= beside[:, k]
            walls += 1
    return found if walls >= _PLATES and not found.all() else None


def _count(mesh: Mesh, found: np.ndarray) -> int:
    return bodies(mesh.faces[found], len(mesh.vertices))[0]


def _is_piece(rest: Mesh, whole: bool, box: float, mesh: Mesh, found: np.ndarray) -> bool:
    """Whether what is left is a body of its own rather than the inside of what went."""
    walls = compact(mesh, mesh.faces[found])
    count, label = bodies(rest.faces, len(rest.vertices))
    corners = rest.vertices.astype(np.float64)[rest.faces] - rest.vertices.mean(axis=0, dtype=np.float64)
    volume = np.bincount(label, np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])), minlength=count) / 6.0
    largest = int(np.argmax(np.abs(volume)))
    if whole:
        return bool(abs(volume[largest]) > _LEAST * box and abs(walls.volume) <= _METAL * box)
    if volume[largest] * np.sign(mesh.volume) <= _LEAST * box:
        return False
    body = compact(rest, rest.faces[label == largest])
    if edges(body.faces, len(body.vertices)).open == 0:
        return bool(abs(walls.volume) <= _METAL * box)
    return body.area > _SKIN * mesh.area and _open_area(body) < _LID * body.area


def _open_area(body: Mesh) -> float:
    """mm² that its holes would take to be closed flat: the missing part of the sum of all normals, by axis and sign."""
    corners = body.vertices.astype(np.float64)[body.faces]
    return float(np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).sum(axis=0) / 2.0).sum())
