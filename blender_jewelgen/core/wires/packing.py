"""Circles packed against walls and each other, in the largest room first, the same on every side of a symmetry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .spacing import Room

_MOST = 1200  # circles in one field, images counted
_RAYS = np.stack([np.cos(np.arange(12) * np.pi / 6), np.sin(np.arange(12) * np.pi / 6)], axis=1)


@dataclass(frozen=True, eq=False)
class Motion:
    """A symmetry of a field: p goes to ``turn`` @ p + ``shift`` (mm)."""

    turn: np.ndarray
    shift: np.ndarray

    def __call__(self, points: np.ndarray) -> np.ndarray:
        return points @ self.turn.T + self.shift

    @property
    def flips(self) -> bool:
        """Left and right are exchanged."""
        return bool(np.linalg.det(self.turn) < 0)


STILL = Motion(np.eye(2), np.zeros(2))


def mirror(u: float | None = None, v: float | None = None) -> Motion:
    """The reflection in the line u = const, in v = const, or in both (a half turn)."""
    turn = np.diag([1.0 if u is None else -1.0, 1.0 if v is None else -1.0])
    return Motion(turn, np.array([0.0 if u is None else 2.0 * u, 0.0 if v is None else 2.0 * v]))


def rotations(centre: np.ndarray, fold: int) -> tuple[Motion, ...]:
    """The turns by whole parts of a circle."""
    found = []
    for k in range(fold):
        c, s = np.cos(2.0 * np.pi * k / fold), np.sin(2.0 * np.pi * k / fold)
        turn = np.array([[c, -s], [s, c]])
        found.append(Motion(turn, centre - turn @ centre))
    return tuple(found)


def slides(length: float, count: int, glide: float | None = None) -> tuple[Motion, ...]:
    """Shifts by whole parts of a length; with ``glide`` every other one is also mirrored in v = glide."""
    found = []
    for k in range(count):
        over = glide is not None and k % 2 == 1
        found.append(Motion(np.diag([1.0, -1.0 if over else 1.0]), np.array([k * length / count, 2.0 * glide if over and glide is not None else 0.0])))
    return tuple(found)


def together(*groups: tuple[Motion, ...]) -> tuple[Motion, ...]:
    """Every motion of one group after every one of the next."""
    found = groups[0]
    for group in groups[1:]:
        found = tuple(Motion(b.turn @ a.turn, b.turn @ a.shift + b.shift) for b in group for a in found)
    return found


@dataclass(frozen=True, eq=False)
class Circle:
    """A place for a scroll: its middle in flat mm, its true radius in mm, which motions leave it where it is."""

    middle: np.ndarray
    radius: float
    fixed: tuple[int, ...]


def pack(room: Room, motions: tuple[Motion, ...], largest: float, least: float, sink: float, limit: int = _MOST) -> list[Circle]:
    """One circle of each set of images, placed until none of ``least`` mm radius fits any more.

    Radii are at most ``largest``. Circles sink ``sink`` mm into what they touch. ``motions`` begin with the one that moves
    nothing. ``room`` takes them up.
    """
    span = _spans(room, motions, sink)
    found: list[Circle] = []
    count = 0
    while count < limit:
        fits = np.minimum(room.gap + np.float32(sink), span)
        radius = float(fits.max())
        if radius < least:
            break
        if radius >= largest:
            place, radius = _tucked(room, fits, largest)
        else:
            place = np.array(np.unravel_index(int(fits.argmax()), fits.shape))[::-1].astype(float)
        circle = _settled(room, motions, place, min(radius, largest), sink, span)
        if circle.radius < 0.9 * least:
            row, column = round(float(place[1])), round(float(place[0]))
            span[row, column] = -1.0  # a pixel whose neighbourhood does not hold what it promised
            continue
        found.append(circle)
        images = images_of(circle.middle, motions)
        count += len(images)
        room.stamp(images, circle.radius, 2.2 * largest)
    return found


def images_of(point: np.ndarray, motions: tuple[Motion, ...]) -> np.ndarray:
    """(k, 2): a place and its images, each once."""
    places = np.array([m(point[None])[0] for m in motions])
    kept: list[np.ndarray] = []
    for place in places:
        if all(np.abs(place - k).max() > 1e-6 for k in kept):
            kept.append(place)
    return np.array(kept)


def apart(room: Room, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(..., 2) from ``a`` to ``b`` the short way round, flat mm."""
    way = b - a
    if room.wrap:
        way = way.copy()
        way[..., 0] -= np.rint(way[..., 0] / room.length) * room.length
    return way


def _spans(room: Room, motions: tuple[Motion, ...], sink: float) -> np.ndarray:
    """(rows, columns) float32: largest radius at each place that does not run into its own images; places on an axis count as on it."""
    u, v = room.centres()
    span = np.full(room.gap.shape, np.inf, np.float32)
    if len(motions) == 1:
        return span
    points = np.stack([np.tile(u, len(v)), np.repeat(v, len(u))], axis=1)
    for motion in motions[1:]:
        far = np.linalg.norm(apart(room, points, motion(points)), axis=1).reshape(span.shape)
        half = 0.5 * far * room.scale[:, None] + 0.5 * sink
        np.minimum(span, np.where(far < 1.05 * room.step, np.inf, half), out=span)
    return span


def _tucked(room: Room, fits: np.ndarray, largest: float) -> tuple[np.ndarray, float]:
    """Among places for a circle of the largest radius that touch something, the one with the least room round it."""
    good = np.flatnonzero((fits >= largest) & (fits < largest + 1.6 * room.step))
    if len(good) == 0:
        good = np.flatnonzero(fits >= largest)
    rows, columns = np.divmod(good, fits.shape[1])
    loose = np.zeros(len(good))
    reach = largest / room.scale[rows] / room.step
    for ray in _RAYS:
        i, j = np.rint(columns + reach * ray[0]).astype(int), np.rint(rows + reach * ray[1]).astype(int)
        i = i % fits.shape[1] if room.wrap else np.clip(i, 0, fits.shape[1] - 1)
        loose += np.clip(room.gap[np.clip(j, 0, len(fits) - 1), i], 0.0, 0.5 * largest)
    best = int(np.argmin(loose))
    return np.array([columns[best], rows[best]], float), largest


def _settled(room: Room, motions: tuple[Motion, ...], place: np.ndarray, radius: float, sink: float, span: np.ndarray) -> Circle:
    """The circle moved within its pixel to where it fits best, or onto the axis that it straddles."""
    rows, columns = room.gap.shape

    def mm(at: np.ndarray) -> np.ndarray:
        return np.stack([(at[..., 0] + 0.5) * room.length / columns, room.width - (at[..., 1] + 0.5) * room.width / rows], axis=-1)

    middle = mm(place)
    moves = [apart(room, middle[None], m(middle[None]))[0] for m in motions[1:]]
    fixed = tuple(k + 1 for k, move in enumerate(moves) if np.linalg.norm(move) < 1.05 * room.step)
    if fixed:
        for k in fixed:
            middle = middle + 0.5 * apart(room, middle[None], motions[k](middle[None]))[0]
        spread = np.arange(-4, 5) / 8.0 * room.step
        ways = [way for way in np.eye(2) if all(np.abs(motions[k].turn @ way - way).max() < 1e-9 for k in fixed)]
        around = middle + (spread[:, None] * ways[0] if ways else np.zeros((1, 2)))
    else:
        near = np.stack(np.meshgrid(np.arange(-4, 5), np.arange(-4, 5)), axis=-1).reshape(-1, 2) / 8.0
        around = mm(place + near)
    room_there = room.at(around) + sink
    good = np.argmin(np.abs(room_there - radius)) if room_there.max() >= radius else np.argmax(room_there)
    free = 1e9 if fixed else float(span[round(float(place[1])), round(float(place[0]))]) + 0.2 * room.step
    return Circle(around[good], float(min(radius, room_there[good], free)), fixed)
