"""Ornament that keeps away from stones: how far each place lies from gems and prongs, and what is left of the depth there."""

from __future__ import annotations

import numpy as np

from ..mesh.arrays import Mesh, face_normals
from ..mesh.closed import bodies as bodies_of
from ..mesh.closed import edges
from ..mesh.tree import PIECE, Tree
from ..mesh.vectors import dot
from .fade import smooth

_UP = np.array([0.0871, 0.1243, 0.9884])  # along no edge of what people model
_LAYERS = 32  # bodies that lie in each other at one place, at most


def clearance(points: np.ndarray, bodies: Mesh, distance: float, fade: float) -> np.ndarray:
    """(n,) float32: 0 up to ``distance`` mm from the bodies and inside them, then rising to 1 over ``fade`` mm.

    Parameters
    ----------
    points : (n, 3) float, mm
        Places on the surface before it is displaced.
    bodies : Mesh
        Gems and prongs, which may overlap; only closed ones have an inside.
    """
    soft = max(fade, 1e-3)
    far = nearest(points, bodies, distance + soft)
    result = np.where(np.isfinite(far), smooth((far - distance) / soft), 1.0).astype(np.float32)
    result[within(points, bodies)] = 0.0
    return result


def nearest(points: np.ndarray, bodies: Mesh, limit: float) -> np.ndarray:
    """(n,) float64 mm from each point to the nearest triangle, exact; inf beyond ``limit``."""
    result = np.full(len(points), np.inf)
    if not len(bodies.faces) or not len(points):
        return result
    tree = Tree(bodies.vertices, bodies.faces)
    low, high = tree.levels[0][:3, 0], tree.levels[0][3:, 0]
    some = np.flatnonzero(((points >= low - limit) & (points <= high + limit)).all(axis=1))
    places = np.ascontiguousarray(points[some].T, np.float64)
    square, bound = np.full(len(some), np.inf), np.full(len(some), limit * limit)  # found so far, and no more than
    corners = tree.vertices[bodies.faces]
    every = np.arange(len(some))
    work = [(0, every[start : start + PIECE], np.zeros(min(PIECE, len(some) - start), np.int64)) for start in range(0, len(some), PIECE)]
    while work:
        level, point, box = work.pop()
        least, most = _reach(tree.levels[level], places, point, box)
        np.minimum.at(bound, point, most)
        fine = np.flatnonzero(least <= bound[point] * (1.0 + 1e-12))
        point, box = point[fine], box[fine]
        if level == len(tree.levels) - 1:
            exact = _to_triangles(places[:, point].T, corners[tree.order[box]])
            np.minimum.at(square, point, exact)
            np.minimum.at(bound, point, exact)
            continue
        point, box = np.concatenate([point, point]), np.concatenate([box * 2, box * 2 + 1])
        work += [(level + 1, point[start : start + PIECE], box[start : start + PIECE]) for start in range(0, len(point), PIECE)]
    found = np.sqrt(square)
    result[some] = np.where(found <= limit, found, np.inf)
    return result


def _reach(boxes: np.ndarray, places: np.ndarray, point: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squares of the least and of the largest distance from points to boxes; empty boxes are endlessly far."""
    least, most = np.zeros(len(point)), np.zeros(len(point))
    for axis in range(3):
        at = places[axis].take(point)
        below, above = boxes[axis].take(box) - at, at - boxes[axis + 3].take(box)
        least += np.square(np.maximum(np.maximum(below, above), 0.0))
        most += np.square(np.maximum(np.abs(below), np.abs(above)))
    return least, most


def _to_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(k,) squares of the distances of points (k, 3) to triangles (k, 3, 3): to the plane where its foot is inside, else to an edge."""
    a = corners[:, 0]
    normal = np.cross(corners[:, 1] - a, corners[:, 2] - a)
    size = dot(normal, normal)
    best = np.full(len(points), np.inf)
    inside = size > 1e-24
    for k in range(3):
        start, edge = corners[:, k], corners[:, (k + 1) % 3] - corners[:, k]
        away = points - start
        inside &= dot(np.cross(edge, away), normal) >= 0.0
        along = np.clip(dot(away, edge) / np.maximum(dot(edge, edge), 1e-300), 0.0, 1.0)
        away -= along[:, None] * edge
        np.minimum(best, dot(away, away), out=best)
    height = dot(points - a, normal)
    return np.where(inside, np.square(height) / np.maximum(size, 1e-300), best)


def within(points: np.ndarray, bodies: Mesh) -> np.ndarray:
    """(n,) whether each point lies inside one of the closed bodies."""
    result = np.zeros(len(points), bool)
    parts = _outward(bodies)
    if not parts or not len(points):
        return result
    todo = _boxed(points, [bodies.vertices[part] for part in parts])
    tree = Tree(bodies.vertices, np.concatenate(parts))
    leaves = face_normals(tree.vertices, tree.faces) @ _UP > 0.0
    at, count = points[todo].astype(np.float64), np.zeros(len(todo), np.int64)
    for _ in range(_LAYERS):  # along a ray: how often it leaves a body, less how often it enters one
        distance, face = tree.rays(at, np.broadcast_to(_UP, at.shape))
        hit = face >= 0
        todo, count = todo[hit], count[hit] + np.where(leaves[face[hit]], 1, -1)
        if not len(todo):
            break
        result[todo] = count > 0
        at = at[hit] + (distance[hit] + 1e-7)[:, None] * _UP
    return result


def _boxed(points: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Numbers of the points that lie in the bounding box of one of the parts, each its corners (k, 3, 3)."""
    order = np.argsort(points[:, 0])
    x = points[order, 0]
    found = []
    for corners in parts:
        low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
        near = order[np.searchsorted(x, low[0]) : np.searchsorted(x, high[0], "right")]
        found.append(near[((points[near, 1:] >= low[1:]) & (points[near, 1:] <= high[1:])).all(axis=1)])
    return np.unique(np.concatenate(found))


def _outward(bodies: Mesh) -> list[np.ndarray]:
    """Faces (k, 3) of each of the bodies that are closed, wound outward."""
    if not len(bodies.faces):
        return []
    label = bodies_of(bodies.faces, len(bodies.vertices))[1]
    order = np.argsort(label, kind="stable")
    parts = np.split(bodies.faces[order], np.flatnonzero(np.diff(label[order])) + 1)
    closed = [part for part in parts if edges(part, len(bodies.vertices)).sound]
    return [part if _volume(bodies.vertices[part]) > 0.0 else part[:, ::-1] for part in closed]


def _volume(corners: np.ndarray) -> float:
    """Signed volume in mm³ within triangles (k, 3, 3)."""
    a, b, c = (corners[:, k].astype(np.float64) - corners[0, 0] for k in range(3))
    return float(dot(a, np.cross(b, c)).sum() / 6.0)
