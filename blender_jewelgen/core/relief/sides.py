"""Front and own back of a raised form as one grid: what the back of a sheet is found on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..height import ball
from ..height.ball import Level, Round
from ..mesh.arrays import Mesh
from ..mesh.contour import Area
from . import solid
from .bend import Bend
from .plate import sheet as bare_plate


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides over one region of a grid.

    A place's level is its radius on a turned form and its height on a plate; what lies behind it has a lower level on the
    same ray from the axis, or straight under it.

    Attributes
    ----------
    region : Area
        n places, as (column, row); whole numbers but on a plate's outline.
    shape, periodic, pitch : (rows, columns), bool, (mm, mm)
        The grid, and its distances along and across on the front.
    front, shade : (n, 3) float32 mm, (n,) float32
        The raised side.
    level, bare, own : (n,) float32, mm
        Levels of the front, of the front without ornament, and of the host's own back.
    border : (n,) float32, mm
        Distance to the nearest border, on the outer side.
    node : (n,) int64
        The vertex of the grid, row by row; for a place on a plate's outline the one beside it.
    outline : (n,) bool
        Places on a plate's outline.
    foot, ray : (n, 3) float32
        A place of level x lies at foot + x ray.
    plain : (float, float), mm
        Along the borders: without ornament, and with a rounded edge.
    surface : Level or Round
        The front as it is eroded.
    """

    region: Area
    shape: tuple[int, int]
    periodic: bool
    pitch: tuple[float, float]
    front: np.ndarray
    shade: np.ndarray
    level: np.ndarray
    bare: np.ndarray
    own: np.ndarray
    border: np.ndarray
    node: np.ndarray
    outline: np.ndarray
    foot: np.ndarray
    ray: np.ndarray
    plain: tuple[float, float]
    surface: Level | Round

    def eroded(self, sheet: float) -> np.ndarray:
        """(rows, columns) float32 levels of the back of a sheet, mm; of no meaning off the region."""
        wanted = np.zeros(self.shape[0] * self.shape[1], bool)
        wanted[self.node] = True
        return ball.balanced(ball.eroded(self.surface, sheet, wanted.reshape(self.shape)), self.periodic)

    def levels(self, back: np.ndarray, sheet: float) -> np.ndarray:
        """(n,) levels of a back (rows, columns); on a plate's outline it lies below the vertex beside it and below the front."""
        found = back.ravel()[self.node]
        return np.where(self.outline, np.minimum(found, self.level - np.float32(sheet)), found)

    def place(self, level: np.ndarray) -> np.ndarray:
        """(n, 3) float32 mm of levels (n,)."""
        return self.foot + level.astype(np.float32)[:, None] * self.ray

    def inside(self, sheet: float) -> np.ndarray:
        """(n,) bool: far enough from the borders for a sheet to have its full thickness."""
        return self.border >= max(self.plain[0], self.plain[1] + sheet + max(self.pitch))


def sides_of(host: Turned | Plate, raised: Mesh, spacing: float, fade: float) -> Sides:
    """Both sides of what ``lift`` made of a host at this spacing and fade, mm."""
    return _plate(host, raised, spacing) if isinstance(host, Plate) else _turned(host, raised, spacing, fade)


def _turned(host: Turned, raised: Mesh, spacing: float, fade: float) -> Sides:
    layout = solid.grid(host, spacing, fade)
    shape = rows, columns = len(layout.row), len(layout.angle)
    n = rows * columns
    front = raised.vertices[:n]
    level = np.hypot(front[:, 0], front[:, 1])
    along = np.linspace(0.0, host.profile_length, rows)
    flat, end = np.ones(columns, np.float32), 0.5 * host.profile_length
    aside, ahead = np.abs(along - end)[:, None] * layout.squeeze, 0.0
    if not host.periodic:  # the ends of a cuff are half discs
        reach = np.deg2rad(host.arc) * host.radius
        ahead = np.maximum(end - np.minimum(layout.column, 1.0 - layout.column) * reach, 0.0)
    border = np.maximum(end - np.hypot(aside, ahead), 0.0)
    skin = host.inner[::-1]
    own = np.interp(layout.height, skin[:, 1], skin[:, 0]).astype(np.float32)
    high = layout.height[:, None] * layout.squeeze
    cosine, sine = np.cos(layout.angle).astype(np.float32), np.sin(layout.angle).astype(np.float32)
    ray = np.stack([np.broadcast_to(a, shape) for a in (cosine, sine, 0.0 * flat)], 2).reshape(-1, 3)
    foot = np.zeros((n, 3), np.float32)
    foot[:, 2] = high.ravel()
    step = float(layout.angle[1] - layout.angle[0])
    target = high if not host.periodic else layout.height[:, None]
    surface = Round(level.reshape(shape), np.ascontiguousarray(front[:, 2]).reshape(shape), target, step, host.periodic)
    return Sides(
        _whole(rows, columns, host.periodic), shape, host.periodic, (step * host.radius, host.profile_length / (rows - 1)),
        front, raised.relief[:n], level, np.repeat(layout.radius, columns), np.repeat(own, columns), border.astype(np.float32).ravel(),
        np.arange(n), np.zeros(n, bool), foot, ray, (host.margin, min(0.35, host.margin)), surface,
    )  # fmt: skip


def _whole(rows: int, columns: int, periodic: bool) -> Area:
    """A whole grid as a region, its cells cut as those of the solid body."""
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    row, column = np.divmod(np.arange(rows * columns), columns)
    around = np.concatenate([index, index[:, :1]], axis=1) if periodic else index
    a, b, c, d = around[:-1, :-1].ravel(), around[:-1, 1:].ravel(), around[1:, 1:].ravel(), around[1:, :-1].ravel()
    rim = [np.stack([around[0, :-1], around[0, 1:]], 1), np.stack([around[-1, 1:], around[-1, :-1]], 1)]
    if not periodic:
        rim += [np.stack([index[:-1, -1], index[1:, -1]], 1), np.stack([index[1:, 0], index[:-1, 0]], 1)]
    return Area(np.stack([column, row], 1).astype(np.float64), np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]), np.concatenate(rim))


def _plate(host: Plate, raised: Mesh, spacing: float) -> Sides:
    plain = bare_plate(host, spacing)
    region, n = plain.region, len(plain.front)
    front = raised.vertices[:n]
    column, row = region.points.T
    shape = int(row.max()) + 2, int(column.max()) + 2
    (x0, dx), (y0, dy) = (_axis(region.points[:, k], plain.front[:, k]) for k in (0, 1))
    outline = (column != np.floor(column)) | (row != np.floor(row))
    node = np.floor(row).astype(np.int64) * shape[1] + np.floor(column).astype(np.int64)
    metal = np.zeros(shape[0] * shape[1], bool)
    metal[node[~outline]] = True
    node = np.where(metal[node], node, np.ceil(row).astype(np.int64) * shape[1] + np.ceil(column).astype(np.int64))
    v, u = (g.ravel() for g in np.meshgrid(y0 + np.arange(shape[0]) * dy, x0 + np.arange(shape[1]) * dx, indexing="ij"))
    size = host.size
    around = Bend.of(host).place(u + 0.5 * size[0], v + 0.5 * size[1], -host.edge)[:, 2].astype(np.float32)  # as the rounded edge ends
    around[node[~outline]] = front[~outline, 2]
    foot = front.copy()
    foot[:, 2] = 0.0
    ray = np.broadcast_to(np.array([0.0, 0.0, 1.0], np.float32), foot.shape)
    return Sides(
        region, shape, False, (dx, dy), front, raised.relief[:n], front[:, 2], plain.front[:, 2].astype(np.float32), plain.back[:, 2].astype(np.float32),
        plain.rim + np.float32(host.margin), node, outline, foot, ray, (host.margin, host.edge), Level(around.reshape(shape), (dx, dy)),
    )  # fmt: skip


def _axis(index: np.ndarray, place: np.ndarray) -> tuple[float, float]:
    """Where a grid begins and its step, mm, from the places of its vertices."""
    low, high = index.argmin(), index.argmax()
    step = float((place[high] - place[low]) / (index[high] - index[low]))
    return float(place[low] - index[low] * step), step
