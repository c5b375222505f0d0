"""Areas cut out of a grid by a level: periodic marching squares whose result closes by construction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

_NEAR = 0.02  # crossings keep this share of a cell away from its corners, so that no two vertices ever coincide
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))  # (row, column) of a cell's corners, in turn
_SOUTH, _EAST, _NORTH, _WEST = 4, 5, 6, 7  # crossings on the cell's edges; 0 to 3 are its corners


@dataclass(frozen=True, eq=False)
class Area:
    """A triangulated region of a grid.

    Attributes
    ----------
    points : (n, 2) float64
        (column, row) in grid cells.
    faces : (m, 3) int32
        Counter-clockwise for a reader who sees columns to the right and rows upward.
    rim : (k, 2) int32
        Directed edges of the region's border, the region on their left.
    """

    points: np.ndarray
    faces: np.ndarray
    rim: np.ndarray


@cache
def _cases() -> tuple[tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]], ...]:
    """Polygons and border edges for each of the 16 sign patterns; diagonal corners stay apart (4-connectivity)."""
    edges = {(0, 1): _SOUTH, (1, 2): _EAST, (2, 3): _NORTH, (3, 0): _WEST}
    found = []
    for case in range(16):
        inside = [bool(case >> c & 1) for c in range(4)]
        walk: list[int] = []
        for c in range(4):
            if inside[c]:
                walk.append(c)
            if inside[c] != inside[(c + 1) % 4]:
                walk.append(edges[(c, (c + 1) % 4)])
        if case in (5, 10):
            lone = [c for c in range(4) if inside[c]]
            polygons = [(c, edges[(c, (c + 1) % 4)], edges[((c - 1) % 4, c)]) for c in lone]
        else:
            polygons = [tuple(walk)] if len(walk) > 2 else []
        rim = tuple((a, b) for p in polygons for a, b in zip(p, (*p[1:], p[0])) if a > 3 and b > 3)
        found.append((tuple(polygons), rim))
    return tuple(found)


def area(field: np.ndarray, periodic: bool = False, near: float = _NEAR) -> Area:
    """The region where ``field`` > 0.

    Parameters
    ----------
    field : (rows, columns) float
        Values on the first and last row (and column, unless periodic) count as outside.
    periodic : bool
        The last column is followed by the first.
    near : float
        Crossings keep this share of a cell away from its corners; more makes better triangles and less exact borders.

    Points are the grid's own, row by row, then crossings to the next column, then crossings to the next row.
    """
    rows, columns = field.shape
    values = np.array(field, np.float64)
    values[[0, -1]] = np.minimum(values[[0, -1]], -1e-6)
    if not periodic:
        values[:, [0, -1]] = np.minimum(values[:, [0, -1]], -1e-6)
    inside = values > 0
    ahead = np.concatenate([inside[:, 1:], inside[:, :1]], axis=1)  # without wrapping both ends are outside
    corner = np.flatnonzero(inside)
    to_column = np.flatnonzero(inside != ahead)
    to_row = np.flatnonzero(inside[:-1] != inside[1:])
    if not len(corner):
        return Area(np.zeros((0, 2)), np.zeros((0, 3), np.int32), np.zeros((0, 2), np.int32))
    size = rows * columns
    number = np.zeros(3 * size, np.int32)
    first = 0
    for start, some in ((0, corner), (size, to_column), (2 * size, to_row)):
        number[start + some] = np.arange(first, first + len(some), dtype=np.int32)
        first += len(some)
    flat = values.ravel()
    points = np.empty((first, 2))
    cell = np.concatenate([corner, to_column, to_row])
    points[:, 1], points[:, 0] = np.divmod(cell, columns)
    after = np.where(to_column % columns == columns - 1, to_column + 1 - columns, to_column + 1)
    for axis, start, low, high in ((0, len(corner), to_column, after), (1, len(corner) + len(to_column), to_row, to_row + columns)):
        a, b = flat[low], flat[high]
        points[start : start + len(low), axis] += np.clip(a / (a - b), near, 1.0 - near)
    faces, rim = _cells(inside, ahead, number, periodic)
    return Area(points, faces, rim)


def _cells(inside: np.ndarray, ahead: np.ndarray, number: np.ndarray, periodic: bool) -> tuple[np.ndarray, np.ndarray]:
    """Faces and border edges of every cell; ``number`` (3 * rows * columns,) names grid points and crossings."""
    rows, columns = inside.shape
    size = rows * columns
    case = inside[:-1].view(np.uint8) + 2 * ahead[:-1].view(np.uint8) + 4 * ahead[1:].view(np.uint8) + 8 * inside[1:].view(np.uint8)
    if not periodic:
        case[:, -1] = 0
    case = case.ravel()
    mixed = np.flatnonzero((case > 0) & (case < 15)).astype(np.int32)
    order = np.argsort(case[mixed], kind="stable")
    starts = np.searchsorted(case[mixed][order], np.arange(16))
    groups = [(k, mixed[order[starts[k] : starts[k + 1]]]) for k in range(1, 15)]
    groups.append((15, np.flatnonzero(case == 15).astype(np.int32)))
    faces, rim = [], []
    for k, here in groups:
        polygons, border = _cases()[k]
        if not polygons or not len(here):
            continue
        right = np.where(here % columns == columns - 1, here + (1 - columns), here + 1)
        places = (here, right, right + columns, here + columns, size + here, 2 * size + right, size + here + columns, 2 * size + here)
        named = {at: number[places[at]] for polygon in polygons for at in polygon}
        for p in polygons:
            faces += [np.stack([named[p[0]], named[p[i]], named[p[i + 1]]], 1) for i in range(1, len(p) - 1)]
        rim += [np.stack([named[a], named[b]], 1) for a, b in border]
    return np.concatenate(faces), np.concatenate(rim) if rim else np.zeros((0, 2), np.int32)


def between(lower: np.ndarray, upper: np.ndarray, region: Area, order: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of the closed body between two copies of a region.

    ``lower`` and ``upper`` are (n, 3) places of the region's points; the upper copy keeps the region's winding. Where walls
    are not flat it matters how each is halved: with ``order`` (n,) from its upper corner that comes first to its lower one
    that comes last, so that walls close to each other bend alike.
    """
    n = np.int32(len(region.points))
    a, b = region.rim[:, 0], region.rim[:, 1]
    one = np.concatenate([np.stack([b, a, a + n], 1), np.stack([b, a + n, b + n], 1)])
    if order is not None:
        other = np.concatenate([np.stack([b, a, b + n], 1), np.stack([a, a + n, b + n], 1)])
        one = np.where(np.tile(order[a] < order[b], 2)[:, None], other, one)
    return np.concatenate([upper, lower]), np.concatenate([region.faces, region.faces[:, ::-1] + n, one])
