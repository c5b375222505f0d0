"""Room between wires: a map of the distance to the nearest one, and lines laid so that gaps are open or soldered, never between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..height.filters import sample
from .curves import Curve, even, shaped

_BLOCK = 4096  # places stamped at a time
_BRUSH = 5.0  # gauges of a line that may lie too near other metal, if it leaves it again
_LEAST = 2.6  # gauges: shorter stretches are dropped
_MANY = 2500  # points of a line that are compared with each other at once


@dataclass(frozen=True, eq=False)
class Room:
    """The flat place that wires are laid in.

    Attributes
    ----------
    gap : (rows, columns) float32, mm
        True distance from each place to the nearest metal, below 0 in it; row 0 is the upper edge. Stamped in place.
    length, width : float, mm
        What it covers.
    wrap : bool
        The last column is followed by the first.
    scale : (rows,) float64
        True mm for one flat mm, where a form does not unroll (a bead).
    """

    gap: np.ndarray
    length: float
    width: float
    wrap: bool
    scale: np.ndarray

    @property
    def step(self) -> float:
        """mm a pixel."""
        return 0.5 * (self.length / self.gap.shape[1] + self.width / self.gap.shape[0])

    def pixel(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Column and row of places (n, 2)."""
        rows, columns = self.gap.shape
        return points[:, 0] / self.length * columns - 0.5, (self.width - points[:, 1]) / self.width * rows - 0.5

    def at(self, points: np.ndarray) -> np.ndarray:
        """(n,) mm from places to the nearest metal."""
        return sample(self.gap, *self.pixel(points), self.wrap)

    def scales(self, points: np.ndarray) -> np.ndarray:
        """(n,) true mm for one flat mm."""
        return np.interp(self.pixel(points)[1], np.arange(len(self.scale)), self.scale)

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """u (columns,) and v (rows,) of the pixels, mm."""
        rows, columns = self.gap.shape
        return (np.arange(columns) + 0.5) * self.length / columns, self.width - (np.arange(rows) + 0.5) * self.width / rows

    def stamp(self, points: np.ndarray, radius: float | np.ndarray, reach: float) -> None:
        """Metal of ``radius`` mm round places (n, 2); the map is true up to ``reach`` mm from it."""
        rows, columns = self.gap.shape
        radius = np.broadcast_to(np.asarray(radius, np.float64), len(points))
        flat = self.gap.reshape(-1)
        across, down = self.length / columns, self.width / rows
        for start in range(0, len(points), _BLOCK):
            part, metal = points[start : start + _BLOCK], radius[start : start + _BLOCK]
            scale = self.scales(part)
            half = int(np.ceil((float(metal.max()) + reach) / float(scale.min()) / self.step)) + 1
            column, row = self.pixel(part)
            near = np.arange(-half, half + 1)
            i, j = np.rint(column).astype(np.int64)[:, None] + near, np.rint(row).astype(np.int64)[:, None] + near
            dx, dy = (i - column[:, None]) * across, (j - row[:, None]) * down
            far = np.sqrt(dx[:, None, :] ** 2 + dy[:, :, None] ** 2) * scale[:, None, None] - metal[:, None, None]
            good = (j >= 0) & (j < rows)
            if self.wrap:
                i, fits = i % columns, np.ones(i.shape, bool)
            else:
                fits = (i >= 0) & (i < columns)
            place = np.clip(j, 0, rows - 1)[:, :, None] * columns + np.clip(i, 0, columns - 1)[:, None, :]
            chosen = good[:, :, None] & fits[:, None, :]
            np.minimum.at(flat, place[chosen], far[chosen].astype(self.gap.dtype))

    def towards(self, point: np.ndarray) -> np.ndarray:
        """Unit vector (2,) from a place to the nearest metal."""
        step = 0.7 * self.step
        around = point + step * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        east, west, north, south = (float(g) for g in self.at(around))
        way = np.array([west - east, south - north])
        return way / max(float(np.hypot(*way)), 1e-9)


@dataclass(frozen=True, eq=False)
class Laid:
    """Lines that found room, each with the number of the wish it came from."""

    curves: tuple[Curve, ...]
    wishes: tuple[int, ...]


def lay(wishes: Iterable[Curve], room: Room, gauges: Iterable[float], opening: float) -> Laid:
    """Lines laid one after another, the first having precedence.

    Where a line would come nearer than ``opening`` mm to metal that lies already, or to itself, it is left out; the ends
    that this makes are led into the metal beside them, to be soldered. What is left shorter than ``_LEAST`` gauges is dropped.
    ``room`` takes up what is laid.
    """
    curves: list[Curve] = []
    numbers: list[int] = []
    for number, (wish, gauge) in enumerate(zip(wishes, gauges)):
        for piece in _fitted(wish, room, gauge, opening):
            curves.append(piece)
            numbers.append(number)
    return Laid(tuple(curves), tuple(numbers))


def _fitted(wish: Curve, room: Room, gauge: float, opening: float) -> list[Curve]:
    step = 0.25 * gauge
    curve = even(wish, step)
    points, n = curve.points, len(curve.points)
    if n < 4:
        return []
    gap = room.at(points) - 0.5 * gauge
    crowd = _crowded(curve, room, gauge + opening, step)
    free = ((gap >= opening) | _brushed(gap, opening, gauge, step, curve.closed)) & ~crowd
    if curve.closed and free.all():
        room.stamp(points, 0.5 * gauge, gauge + 2.0 * opening)
        return [curve]
    if curve.closed:
        first = int(np.argmin(free))
        points = np.concatenate([points[first:], points[: first + 1] + (curve.turn, 0.0)])
        gap, free, crowd = (np.append(np.roll(a, -first), a[first]) for a in (gap, free, crowd))
        n = len(points)
    elif crowd.any() and _first_run(free[::-1]) > _first_run(free):
        points, gap, free, crowd = points[::-1], gap[::-1], free[::-1], _crowded(curve.moved(points[::-1]), room, gauge + opening, step)
        free = ((gap >= opening) | _brushed(gap, opening, gauge, step, False)) & ~crowd
    found = []
    marks = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    for begin, end in zip(marks[::2], marks[1::2]):
        if (end - begin) * step < _LEAST * gauge:
            continue
        head = _led(points[:begin][::-1], gap[:begin][::-1], points[begin], begin > 0 and bool(crowd[begin - 1] and gap[begin - 1] >= opening), room, gauge, opening)
        tail = _led(points[end:], gap[end:], points[end - 1], end < n and bool(crowd[end] and gap[end] >= opening), room, gauge, opening)
        whole = np.concatenate([head[::-1], points[begin:end], tail])
        pieces = shaped(Curve(whole), gauge, step) if len(head) + len(tail) else [Curve(whole)]
        found += pieces
    for piece in found:
        room.stamp(piece.points, 0.5 * gauge, gauge + 2.0 * opening)
    return found


def _brushed(gap: np.ndarray, opening: float, gauge: float, step: float, closed: bool) -> np.ndarray:
    """(n,) bool: short stretches that come near other metal and leave it again without crossing: they stay, and are soldered."""
    near = gap < opening
    result = np.zeros(len(gap), bool)
    if not near.any() or near.all():
        return result
    first = int(np.argmin(near)) if closed else 0
    marks = np.flatnonzero(np.diff(np.concatenate([[False], np.roll(near, -first), [False]]).astype(np.int8)))
    for begin, end in zip(marks[::2], marks[1::2]):
        inner = closed or (begin > 0 and end < len(gap))
        index = (np.arange(begin, end) + first) % len(gap)
        if inner and (end - begin) * step <= _BRUSH * gauge and gap[index].min() > -0.3 * gauge:
            result[index] = True
    return result


def _first_run(free: np.ndarray) -> int:
    """How many places from the beginning are free."""
    return len(free) if free.all() else int(np.argmin(free))


def _crowded(curve: Curve, room: Room, apart: float, step: float) -> np.ndarray:
    """(n,) bool: places nearer than ``apart`` mm to an earlier part of the same line that is no neighbour along it."""
    points, n = curve.points, len(curve.points)
    result = np.zeros(n, bool)
    lag = int(np.ceil(1.8 * apart / step))
    if n <= lag:
        return result
    scale = room.scales(points)
    for start in range(lag, n, _MANY):
        index = np.arange(start, min(start + _MANY, n))
        du = points[index, 0][:, None] - points[None, :, 0]
        dv = points[index, 1][:, None] - points[None, :, 1]
        if room.wrap:
            du -= np.rint(du / room.length) * room.length
        near = np.hypot(du, dv) * scale[index][:, None] < apart
        behind = index[:, None] - np.arange(n)[None, :]
        near &= behind >= lag
        if curve.closed:
            near &= n - behind >= lag
        result[index] = near.any(axis=1)
    return result


def _led(ahead: np.ndarray, gap: np.ndarray, end: np.ndarray, free_end: bool, room: Room, gauge: float, opening: float) -> np.ndarray:
    """(k, 2) more places that lead the end of a line into the metal beside it: on its own way if it gets there, else straight."""
    if free_end:
        return np.zeros((0, 2))
    most = int(3.0 * (gauge + opening) / (0.25 * gauge))
    for k in range(min(len(gap), most)):
        if gap[k] <= -0.3 * gauge:
            return ahead[: k + 1]
        if k and gap[k] > gap[k - 1] + 1e-3:
            break
    left = float(room.at(end[None])[0])
    if left > 0.5 * gauge + 1.6 * opening:
        return np.zeros((0, 2))  # an end of its own, with room round it
    way, scale = room.towards(end), float(room.scales(end[None])[0])
    count = max(2, int(np.ceil(left / (0.25 * gauge))))
    return end + way * np.linspace(0.0, (left + 0.1 * gauge) / scale, count + 1)[1:, None]
