"""The surface where a field on a grid crosses 0, by marching tetrahedra: closed, manifold and free of crossings by construction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations

import numpy as np

from .arrays import Mesh

_NEAR = 0.03  # crossings keep this share of an edge away from grid points, so that no two vertices coincide


@cache
def _cases() -> tuple[tuple[tuple[int, ...], tuple[tuple[tuple[int, int], ...], ...]], ...]:
    """Each of a cube's six tetrahedra: numbers of its corners (bits x, y, z), and for each sign pattern its triangles.

    The tetrahedra are the paths from corner 0 to corner 7 (Kuhn's division), so neighbouring cubes agree on every face.
    A triangle is three edges, each a pair of the tetrahedron's own corners, counter-clockwise seen from outside.
    """
    found = []
    for order in permutations(range(3)):
        corners = [0]
        for axis in order:
            corners.append(corners[-1] | 1 << axis)
        place = np.array([[c & 1, c >> 1 & 1, c >> 2] for c in corners], float)
        rows: list[tuple[tuple[int, int], ...]] = []
        for case in range(16):
            inside = [k for k in range(4) if case >> k & 1]
            outside = [k for k in range(4) if not case >> k & 1]
            if len(inside) == 1 or len(outside) == 1:
                loop = [(a, b) for a in inside for b in outside]
            elif len(inside) == 2:
                (a, b), (c, d) = inside, outside
                loop = [(a, c), (a, d), (b, d), (b, c)]
            else:
                loop = []
            if loop:
                points = np.array([(place[a] + place[b]) / 2.0 for a, b in loop])
                normal = np.cross(points[1] - points[0], points[2] - points[0])
                if normal @ (place[outside].mean(axis=0) - place[inside].mean(axis=0)) < 0:
                    loop.reverse()
            rows.append(tuple((min(e), max(e)) for e in loop))
        found.append((tuple(corners), tuple(rows)))
    return tuple(found)


def mixed(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First grid points of the cells whose corners are not all alike, and how far the cells' corners 0 to 7 (bits x, y, z) are from them."""
    nx, ny, nz = inside.shape
    count = np.zeros((nx - 1, ny - 1, nz - 1), np.uint8)
    shift = [((c & 1), (c >> 1 & 1), (c >> 2)) for c in range(8)]
    for i, j, k in shift:
        count += inside[i : nx - 1 + i, j : ny - 1 + j, k : nz - 1 + k]
    x, y, z = np.nonzero((count > 0) & (count < 8))
    return (x * ny + y) * nz + z, np.array([(i * ny + j) * nz + k for i, j, k in shift])


def level(field: np.ndarray, origin: np.ndarray, step: float, known: Sequence[np.ndarray] = ()) -> Mesh:
    """The surface round field > 0.

    Parameters
    ----------
    field : (nx, ny, nz) float
        Values at grid points; those on the outermost layer count as outside.
    origin : (3,) float, mm
        Place of the first grid point.
    step : float, mm
    known : three of (nx, ny, nz) float32, optional
        Share of the way from each point to the next along x, y and z at which the surface is; 0 where only the field tells.
    """
    field = np.array(field, np.float32)
    for axis in range(3):
        side = np.moveaxis(field, axis, 0)
        side[[0, -1]] = np.minimum(side[[0, -1]], np.float32(-1e-6))
    ny, nz = field.shape[1:]
    inside = field > 0
    base, jump = mixed(inside)
    sign, flat = inside.ravel(), field.ravel()
    triangles = []
    for corners, rows in _cases():
        ids = [base + jump[c] for c in corners]
        case = sum(sign[ids[k]].astype(np.uint8) << k for k in range(4))
        order = np.argsort(case, kind="stable")
        starts = np.searchsorted(case[order], np.arange(17))
        for number, loop in enumerate(rows):
            cells = order[starts[number] : starts[number + 1]]
            if not loop or not len(cells):
                continue
            # an edge is known by its lower grid point and the corner it runs to
            keys = [ids[a][cells] * 8 + (corners[b] ^ corners[a]) for a, b in loop]
            triangles += [np.stack([keys[0], keys[t], keys[t + 1]], axis=1) for t in range(1, len(loop) - 1)]
    if not triangles:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    edges, faces = np.unique(np.concatenate(triangles), return_inverse=True)
    start, runs = edges >> 3, edges & 7
    a, b = flat[start].astype(np.float64), flat[start + jump[runs]].astype(np.float64)
    share = a / (a - b)
    for axis, cut in enumerate(known):
        there = np.where(runs == 1 << axis, cut.ravel()[start], 0.0)
        share = np.where(there > 0.0, there, share)
    share = np.clip(share, _NEAR, 1.0 - _NEAR)[:, None]
    at = np.stack([start // (ny * nz), start // nz % ny, start % nz], axis=1)
    run = np.stack([runs & 1, runs >> 1 & 1, runs >> 2], axis=1)
    return Mesh(origin + (at + run * share) * step, faces.reshape(-1, 3).astype(np.int32))
