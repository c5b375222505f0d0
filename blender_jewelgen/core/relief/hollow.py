"""The hollow between a sheet and the backing that closes it, and the vents through which gas and resin leave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..height.ball import Round
from ..height.distance import distance
from ..mesh.arrays import Mesh
from ..mesh.closed import bodies
from ..mesh.contour import Area, area, between
from .sides import Sides

_LOW = 0.15  # mm; where a sheet is nearer to its backing than this, both are one piece
_VENT, _LEAST = 0.5, 0.3  # mm, radius of a vent, and of the smallest that still drains
_SQUARE = 1.25  # radii from the middle of a vent to the sides of the square of cells that it is cut from
_ROOM = 1.77  # radii to its corners


@dataclass(frozen=True)
class _Vent:
    """A round hole: the vertex in its middle, its radius in mm and in columns and rows, and how many of these are cut out each way."""

    column: int
    row: int
    radius: float
    cells: tuple[float, float]
    reach: tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Surface:
    """A surface over the grid: its places (rows, columns, 3) in mm, and their numbers (rows * columns,) in the mesh, -1 for none."""

    places: np.ndarray
    number: np.ndarray
    periodic: bool

    def at(self, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """(k, 3) float32 places between the vertices, bilinear."""
        columns = self.places.shape[1]
        left, low = np.floor(column).astype(int), np.floor(row).astype(int)
        x, y = (column - left)[:, None], (row - low)[:, None]
        right = np.where(x[:, 0] > 0.0, left + 1, left)
        high = np.where(y[:, 0] > 0.0, low + 1, low)
        left, right = (c % columns if self.periodic else c for c in (left, right))
        below = self.places[low, left] * (1.0 - x) + self.places[low, right] * x
        above = self.places[high, left] * (1.0 - x) + self.places[high, right] * x
        return (below * (1.0 - y) + above * y).astype(np.float32)


def closed_back(sides: Sides, level: np.ndarray, sheet: float) -> tuple[Mesh, dict[str, float]]:
    """Front, own back, and the hollow between the sheet's back at ``level`` (n,) and a floor of ``sheet`` mm on the own back.

    Each hollow has a round vent through the floor, so that all is one surface; what has no room for one stays solid.
    Gives the mesh, and how many vents it has, how wide the widest is in mm, and how many hollows were ``filled``. Raises
    BadInput if nothing hollow remains.
    """
    floor = sides.own + np.float32(sheet)
    room = _grid(sides, level - floor, -1.0) - np.float32(_LOW)
    hollow, vents, filled = _vented(sides, room, area(room, sides.periodic))
    if not vents:
        raise BadInput(
            f"thickness leaves no room for a hollow between a sheet and a backing of {sheet:g} mm each; make it thicker, or leave the backing out",
            field="thickness",
        )
    n, m = len(sides.front), len(hollow.points)
    whole = np.flatnonzero(_on_grid(hollow.points))
    node = hollow.points[whole].astype(np.int64) @ (1, sides.shape[1])
    own = _Surface(_places(sides, sides.own), _numbers(sides.shape, sides.node[~sides.outline], n + np.flatnonzero(~sides.outline)), sides.periodic)
    ground = _Surface(_places(sides, floor), _numbers(sides.shape, node, 2 * n + m + whole), sides.periodic)
    roof = _Surface(_places(sides, level), ground.number, sides.periodic)
    outer, faces = between(sides.place(sides.own), sides.front, sides.region)
    inner, inside = between(*(s.at(*hollow.points.T) for s in (ground, roof)), hollow)
    vertices, parts, start = [outer, inner], [faces, inside[:, ::-1] + np.int32(2 * n)], 2 * (n + m)
    for vent in vents:
        block, loop, column, row = _block(sides, vent)
        parts[:2] = [_without(p, s.number[block], start) for p, s in zip(parts[:2], (own, ground))]
        below, above = start + np.arange(len(loop)), start + len(loop) + np.arange(len(loop))
        vertices += [own.at(column, row), ground.at(column, row)]
        parts += [_ring(own.number[loop], below)[:, ::-1], _ring(ground.number[loop], above), _ring(above, below)]
        start += 2 * len(loop)
    shade = np.zeros(start, np.float32)
    shade[:n] = sides.shade
    used, faces = _used(np.concatenate(parts), start)  # without the vertices in the vents
    facts = {"vents": len(vents), "vent_mm": round(2.0 * max(v.radius for v in vents), 2), "filled": filled}
    return Mesh(np.concatenate(vertices)[used], faces, shade[used]), facts


def _vented(sides: Sides, room: np.ndarray, hollow: Area) -> tuple[Area, list[_Vent], int]:
    """The hollows that have room for a vent, their vents, and how many hollows have none."""
    surface = sides.surface
    pitch = (surface.step * float(sides.own.mean()), sides.pitch[1]) if isinstance(surface, Round) else sides.pitch
    clear = distance(room > 0.0, (_ROOM * _VENT + 1.5 * max(pitch)) / min(pitch) + 1.0, sides.periodic) * min(pitch)
    count, label = bodies(hollow.faces, len(hollow.points))
    owner = np.zeros(len(hollow.points), np.int64)
    owner[hollow.faces] = label[:, None]
    whole = np.flatnonzero(_on_grid(hollow.points))
    column, row = hollow.points[whole].astype(int).T
    aside = np.abs(column - 0.5 * sides.shape[1]) * pitch[0] + np.abs(row - 0.5 * sides.shape[0]) * pitch[1]
    order = np.lexsort((-aside, clear[row, column]))  # the widest place, of these the one in the middle, comes last
    best = np.zeros(count, np.int64)
    best[owner[whole[order]]] = order
    widest = np.zeros(count)
    widest[owner[whole[order]]] = clear[row, column][order]
    radius = np.minimum(_VENT, (widest - 1.5 * max(pitch)) / _ROOM)
    kept = radius >= _LEAST
    cells = [tuple(float(r / p) for p in pitch) for r in radius]
    vents = [
        _Vent(int(column[best[k]]), int(row[best[k]]), float(radius[k]), cells[k], tuple(int(np.ceil(_SQUARE * c)) for c in cells[k]))
        for k in np.flatnonzero(kept)
    ]
    m = int(kept[label].sum())
    faces, rim = hollow.faces[kept[label]], hollow.rim[kept[owner[hollow.rim[:, 0]]]]
    ends = np.concatenate([rim, rim[:, :1]], axis=1)
    used, joined = _used(np.concatenate([faces, ends]), len(hollow.points))
    return Area(hollow.points[used], joined[:m], joined[m:, :2]), vents, int((~kept).sum())


def _block(sides: Sides, vent: _Vent) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The vertices of the cells that a vent is cut from, those round them counter-clockwise, and the places on the vent's edge before each."""
    i, j = vent.reach
    x = np.concatenate([np.arange(-i, i), np.full(2 * j, i), np.arange(i, -i, -1), np.full(2 * j, -i)])
    y = np.concatenate([np.full(2 * i, -j), np.arange(-j, j), np.full(2 * i, j), np.arange(j, -j, -1)])
    far = np.hypot(x / i, y / j)
    rows, columns = np.mgrid[-j : j + 1, -i : i + 1]
    block, loop = ((vent.row + b) * sides.shape[1] + (vent.column + a) % sides.shape[1] for a, b in ((columns.ravel(), rows.ravel()), (x, y)))
    return block, loop, vent.column + x / i / far * vent.cells[0], vent.row + y / j / far * vent.cells[1]


def _ring(outside: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(2k, 3) faces between two loops (k,) of vertices, counter-clockwise where the outer loop is."""
    a, b, c, d = outside, np.roll(outside, -1), np.roll(inside, -1), inside
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def _without(faces: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
    """The faces that have a corner besides these vertices."""
    among = np.zeros(count, bool)
    among[numbers] = True
    return faces[~among[faces].all(axis=1)]


def _used(faces: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of ``count`` vertices the faces name, and the faces in numbers of these."""
    used = np.zeros(count, bool)
    used[faces] = True
    return used, (np.cumsum(used, dtype=np.int32) - np.int32(1))[faces]


def _numbers(shape: tuple[int, int], node: np.ndarray, number: np.ndarray) -> np.ndarray:
    result = np.full(shape[0] * shape[1], -1, np.int64)
    result[node] = number
    return result


def _on_grid(points: np.ndarray) -> np.ndarray:
    return (points == np.floor(points)).all(axis=1)


def _grid(sides: Sides, values: np.ndarray, other: float) -> np.ndarray:
    """(rows, columns, …) float32 of values at the region's places; ``other`` off the region."""
    result = np.full((sides.shape[0] * sides.shape[1], *values.shape[1:]), other, np.float32)
    result[sides.node[~sides.outline]] = values[~sides.outline]
    return result.reshape(*sides.shape, *values.shape[1:])


def _places(sides: Sides, level: np.ndarray) -> np.ndarray:
    return _grid(sides, sides.place(level), np.nan)
