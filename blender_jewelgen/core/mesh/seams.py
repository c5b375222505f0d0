"""Faults of how triangles meet, mended without moving more than a hair: cracks welded, fins taken off, faces turned to one side."""

from __future__ import annotations

import numpy as np

from .arrays import Mesh
from .closed import compact, duplicates, repeated, roots

_CRACK = 1e-3  # share of the longest side; borders no further apart are one border
_ROUNDS = 12  # a fin of several faces is taken off from its tip


def welded(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh with the borders of cracks made one.

    A vertex on a border goes to the nearest border vertex within a thousandth of the longest side, but no further than a third
    of the way to its neighbours along the border. Nothing is done if that closes no edge.
    """
    n = len(mesh.vertices)
    start, end = _borders(mesh.faces, n)
    if not len(start):
        return mesh, ()
    rim = np.unique(np.concatenate([start, end]))
    length = np.linalg.norm(mesh.vertices[start] - mesh.vertices[end], axis=1).astype(np.float64)
    least = np.full(n, np.inf)
    np.minimum.at(least, start, length)
    np.minimum.at(least, end, length)
    reach = float(_CRACK * mesh.size.max())
    points, limit = mesh.vertices[rim].astype(np.float64), np.minimum(least[rim] / 3.0, reach)
    one, two = _near(points, reach)
    close = np.linalg.norm(points[one] - points[two], axis=1) <= np.minimum(limit[one], limit[two])
    if not close.any():
        return mesh, ()
    target = np.arange(n)
    target[rim] = rim[roots(len(rim), one[close], two[close])]
    faces = target[mesh.faces]
    faces = faces[~repeated(faces)].astype(np.int32)
    left = len(_borders(faces, n)[0])
    if left >= len(start) or len(faces) < 0.9 * len(mesh.faces):
        return mesh, ()
    closed = (len(start) - left + 1) // 2
    return compact(mesh, faces[~duplicates(faces)]), (f"cracks along {closed:,} edges were welded",)


def _borders(faces: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the edges that only one face has."""
    a = faces.ravel().astype(np.int64)
    b = np.roll(faces, -1, axis=1).ravel().astype(np.int64)
    key = np.minimum(a, b) * n + np.maximum(a, b)
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    return a[first[count == 1]], b[first[count == 1]]


def _near(points: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of points at most ``reach`` apart along each axis, and a few that are not, by cells of a grid."""
    cell = np.floor((points - points.min(axis=0)) / reach).astype(np.int64) + 1
    wide = cell.max(axis=0) + 2
    key = (cell[:, 0] * wide[1] + cell[:, 1]) * wide[2] + cell[:, 2]
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    ones, twos = [], []
    for shift in range(14):  # half of the neighbours; the other half meet this one
        x, y, z = (shift + 13) // 9 - 1, (shift + 13) // 3 % 3 - 1, (shift + 13) % 3 - 1
        wanted = key + (x * wide[1] + y) * wide[2] + z
        low, high = np.searchsorted(ranked, wanted), np.searchsorted(ranked, wanted, side="right")
        count = np.minimum(high - low, 12)
        one = np.repeat(np.arange(len(points)), count)
        two = order[np.repeat(low, count) + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)]
        apart = one < two if shift == 0 else one != two
        ones.append(one[apart])
        twos.append(two[apart])
    return np.concatenate(ones), np.concatenate(twos)


def finless(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh without faces that stand on an edge which two others share, and have no neighbour at another edge."""
    faces, gone = mesh.faces, 0
    for _ in range(_ROUNDS):
        if not len(faces):
            return mesh, ()
        uses = _uses(faces, len(mesh.vertices))
        fin = (uses > 2).any(axis=1) & (uses == 1).any(axis=1)
        if not fin.any():
            break
        gone += int(fin.sum())
        faces = faces[~fin]
    if not gone or gone > 0.1 * len(mesh.faces):
        return mesh, ()
    return compact(mesh, faces), (f"{gone:,} stray faces were taken off" if gone > 1 else "1 stray face was taken off",)


def _uses(faces: np.ndarray, n: int) -> np.ndarray:
    """(m, 3) how many faces have each edge of each face."""
    a = faces.astype(np.int64)
    b = np.roll(a, -1, axis=1)
    _, at, count = np.unique((np.minimum(a, b) * n + np.maximum(a, b)).ravel(), return_inverse=True, return_counts=True)
    return count[at.reshape(-1)].reshape(-1, 3)


def oriented(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh with neighbours that agree on which side is outside; in each part the side that most of its area had is kept.

    A face is two nodes of a graph, as it is and turned over; neighbours join the nodes that agree.
    """
    faces, n = mesh.faces, len(mesh.vertices)
    m = len(faces)
    a, b = faces.T.ravel().astype(np.int64), np.roll(faces, -1, axis=1).T.ravel().astype(np.int64)
    key = np.minimum(a, b) * n + np.maximum(a, b)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    same = ranked[1:] == ranked[:-1]
    pair = np.flatnonzero(same & ~np.append(same[1:], False) & ~np.append(False, same[:-1])) if len(same) else np.zeros(0, np.int64)
    one, two = order[pair], order[pair + 1]
    wrong = (a[one] < b[one]) == (a[two] < b[two])
    if not wrong.any():
        return mesh, ()
    f, g = one % m, two % m
    other = np.where(wrong, g + m, g), np.where(wrong, g, g + m)
    root = roots(2 * m, np.concatenate([f, f + m]), np.concatenate(other))
    over = root[:m] > root[m:]
    part = np.minimum(root[:m], root[m:])
    corners = mesh.vertices.astype(np.float64)[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    balance = np.bincount(part, np.where(over, -area, area), minlength=m)
    over ^= (balance < 0)[part]
    over &= root[:m] != root[m:]  # a band with one side has none to turn to
    count = int(over.sum())
    if not count:
        return mesh, ()
    turned = np.where(over[:, None], faces[:, ::-1], faces)
    return Mesh(mesh.vertices, np.ascontiguousarray(turned)), (f"{count:,} faces that looked the wrong way were turned over" if count > 1 else "1 face that looked the wrong way was turned over",)
