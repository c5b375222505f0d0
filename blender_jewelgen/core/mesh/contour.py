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


def area(field: np.ndarray, periodic: bool = False) -> Area:
    """The region where ``field`` > 0.

    Parameters
    ----------
    field : (rows, columns) float
        Values on the first and last row (and column, unless periodic) count as outside.
    periodic : bool
        The last column is followed by the first.
    """
    rows, columns = field.shape
    values = np.array(field, np.float64)
    values[[0, -1]] = np.minimum(values[[0, -1]], -1e-6)
    if not periodic:
        values[:, [0, -1]] = np.minimum(values[:, [0, -1]], -1e-6)
    inside = values > 0
    across = columns if periodic else columns - 1
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(across), indexing="ij")
    after = (column + 1) % columns
    case = (
        inside[row, column] * 1 + inside[row, after] * 2 + inside[row + 1, after] * 4 + inside[row + 1, column] * 8
    ).ravel()
    # vertex numbers: grid corners, then crossings to the next column, then crossings to the next row
    size = rows * columns
    here, right = row * columns + column, row * columns + after
    ids = [n.ravel() for n in (
        here, right, right + columns, here + columns, size + here, 2 * size + right, size + here + columns, 2 * size + here
    )]
    faces, rim = [], []
    order = np.argsort(case, kind="stable")
    starts = np.searchsorted(case[order], np.arange(17))
    for number, (polygons, border) in enumerate(_cases()):
        cells = order[starts[number] : starts[number + 1]]
        if not polygons or not len(cells):
            continue
        for p in polygons:
            faces += [np.stack([ids[p[0]][cells], ids[p[i]][cells], ids[p[i + 1]][cells]], 1) for i in range(1, len(p) - 1)]
        rim += [np.stack([ids[a][cells], ids[b][cells]], 1) for a, b in border]
    if not faces:
        return Area(np.zeros((0, 2)), np.zeros((0, 3), np.int32), np.zeros((0, 2), np.int32))
    all_faces, all_rim = np.concatenate(faces), np.concatenate(rim)
    used = np.zeros(3 * size, bool)
    used[all_faces] = True
    kept = np.flatnonzero(used)
    number_of = np.cumsum(used, dtype=np.int32) - np.int32(1)
    kind, cell = kept // size, kept % size
    points = np.stack([cell % columns, cell // columns], axis=1).astype(np.float64)
    flat = values.ravel()
    for which, step in ((1, np.where(cell % columns == columns - 1, 1 - columns, 1)), (2, np.full(len(cell), columns))):
        chosen = kind == which
        a = flat[cell[chosen]]
        b = flat[cell[chosen] + step[chosen]]
        points[chosen, which - 1] += np.clip(a / (a - b), _NEAR, 1.0 - _NEAR)
    return Area(points, number_of[all_faces], number_of[all_rim])


def between(lower: np.ndarray, upper: np.ndarray, region: Area) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of the closed body between two copies of a region.

    ``lower`` and ``upper`` are (n, 3) places of the region's points; the upper copy keeps the region's winding.
    """
    n = np.int32(len(region.points))
    a, b = region.rim[:, 0], region.rim[:, 1]
    walls = np.concatenate([np.stack([b, a, a + n], 1), np.stack([b, a + n, b + n], 1)])
    return np.concatenate([upper, lower]), np.concatenate([region.faces, region.faces[:, ::-1] + n, walls])
