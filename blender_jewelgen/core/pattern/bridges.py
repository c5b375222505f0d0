"""Bars that hang the loose parts of pierced metal in their frame: few, short, spread out, so that nothing falls out or bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .parts import parts

_MOST = 5000  # points that stand for all borders
_NEAR = 4.0  # mm; the nearest of another part is looked for so far away first, then everywhere
_SMALL, _LARGE = 1.5, 4.0  # mm; a part shorter than the first hangs on one bar, one longer than the second on three or more
_EVERY = 4.0  # mm; each further length of this asks for a bar more
_SPREAD = 3.2  # mm between the bars of one part
_FREE = 2.5  # mm; a bar that only stiffens may be so long


@dataclass(frozen=True, eq=False)
class Bars:
    """Segments between places of a picture.

    Attributes
    ----------
    start, end : (n, 2) float32
        Row and column, px; where columns wrap the end may lie beyond the picture.
    """

    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


def bars(metal: np.ndarray, frame: np.ndarray, fine: float, pixel: float, periodic: bool) -> Bars:
    """What joins all parts of ``metal`` to the frame.

    Parameters
    ----------
    metal, frame : (h, w) bool
        ``frame`` is part of the metal and always there; it may be of several parts (two rails).
    fine : float
        px; borders are looked at in steps of about this.
    pixel : float
        mm a pixel.
    periodic : bool
        Columns wrap.
    """
    inner, _ = parts(metal & ~frame, periodic)
    outer, _ = parts(frame, periodic)
    count = int(inner.max())
    label = np.where(outer > 0, outer + count, inner)
    total = int(label.max())
    if total < 2:
        return Bars(*np.zeros((2, 0, 2), np.float32))
    width = metal.shape[1] if periodic else 0
    place, owner = _rims(label, fine, periodic)
    touch, touching, touched = _contacts(inner, outer, periodic)
    far, other = _nearest_foreign(place, owner, width, _NEAR / pixel)
    group = _Groups(total + 1)
    for a, b in zip(touching.tolist(), touched.tolist()):
        group.join(a, b + count)
    found: list[tuple[int, int]] = []
    for part in range(1, count + 1):  # each for itself, so that what repeats is held alike
        mine = np.flatnonzero(owner == part)
        if not len(mine):
            continue
        longest = _length(place[mine], width) * pixel
        wanted = 1 if longest < _SMALL else 2 if longest < _LARGE else 3 + int((longest - _LARGE) / _EVERY)
        apart = min(0.5 * longest, _SPREAD) / pixel
        held = _thinned(list(touch[touching == part]), apart, width)
        reach = max(2.5 * float(far[mine].min()), _FREE / pixel)
        for i in mine[np.argsort(far[mine], kind="stable")]:
            if len(held) >= wanted or far[i] > reach:
                break
            if all(_apart(place[i], h, width) >= apart for h in held):
                held.append(place[i])
                found.append((int(i), int(other[i])))
    found = _once(found, place, owner, 3.0 * fine, width)
    for i, j in found:
        group.join(int(owner[i]), int(owner[j]))
    while (loose := group.smallest(owner)) is not None:
        mine = np.flatnonzero(group.of(owner) == loose)
        rest = np.flatnonzero(group.of(owner) != loose)
        d = _square(place[mine], place[rest], width)
        a, b = np.unravel_index(int(d.argmin()), d.shape)
        found.append((int(mine[a]), int(rest[b])))
        group.join(int(owner[found[-1][0]]), int(owner[found[-1][1]]))
    start, end = (place[[pair[k] for pair in found]].reshape(-1, 2) for k in (0, 1))
    if width:
        end[:, 1] += width * np.rint((start[:, 1] - end[:, 1]) / width)
    return Bars(start, end)


def painted(shape: tuple[int, int], segments: Bars, half: float, periodic: bool) -> np.ndarray:
    """(h, w) bool: within ``half`` px of a segment."""
    result = np.zeros(shape, bool)
    height, width = shape
    for start, end in zip(segments.start, segments.end):
        low = np.floor(np.minimum(start, end) - half - 1).astype(int)
        high = np.ceil(np.maximum(start, end) + half + 2).astype(int)
        rows = np.arange(max(low[0], 0), min(high[0], height))
        columns = np.arange(low[1], high[1]) if periodic else np.arange(max(low[1], 0), min(high[1], width))
        way = end - start
        y, x = (rows - start[0])[:, None], (columns - start[1])[None, :]
        along = np.clip((y * way[0] + x * way[1]) / max(float(way @ way), 1e-6), 0.0, 1.0)
        near = np.hypot(y - along * way[0], x - along * way[1]) <= half
        at = np.ix_(rows, columns % width)
        if len(columns) <= width:
            result[at] |= near
        else:
            for k in range(len(columns)):  # a bar longer than the picture meets some columns twice
                result[rows, columns[k] % width] |= near[:, k]
    return result


def _once(found: list[tuple[int, int]], place: np.ndarray, owner: np.ndarray, near: float, width: int) -> list[tuple[int, int]]:
    """Without bars that two parts ask for both."""
    kept: list[tuple[int, int]] = []
    for i, j in found:
        twin = any(
            owner[i] == owner[b] and owner[j] == owner[a] and _apart(place[i], place[b], width) < near and _apart(place[j], place[a], width) < near
            for a, b in kept
        )
        if not twin:
            kept.append((i, j))
    return kept


class _Groups:
    """Parts that hang together already."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count)

    def join(self, a: int, b: int) -> None:
        one, two = self._parent[a], self._parent[b]
        if one != two:
            self._parent[self._parent == two] = one

    def of(self, part: np.ndarray) -> np.ndarray:
        return self._parent[part]

    def smallest(self, owner: np.ndarray) -> int | None:
        """The group with the fewest border points; None if there is but one."""
        names, sizes = np.unique(self._parent[owner], return_counts=True)
        return int(names[sizes.argmin()]) if len(names) > 1 else None


def _rims(label: np.ndarray, fine: float, periodic: bool) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) border pixels that stand for all, and the part of each; at least one for every part."""
    wide = np.pad(label, 1, mode="edge")
    if periodic:
        wide[1:-1, 0], wide[1:-1, -1] = label[:, -1], label[:, 0]
    beside = np.minimum(np.minimum(wide[:-2, 1:-1], wide[2:, 1:-1]), np.minimum(wide[1:-1, :-2], wide[1:-1, 2:]))
    y, x = np.nonzero((label > 0) & (beside == 0))
    name = label[y, x]
    cell = max(fine, 1.0)
    while True:
        keys = (name.astype(np.int64) << 40) | ((y / cell).astype(np.int64) << 20) | (x / cell).astype(np.int64)
        _, first = np.unique(keys, return_index=True)
        if len(first) <= _MOST or cell > max(label.shape):
            break
        cell *= 1.5
    missing = np.setdiff1d(np.arange(1, label.max() + 1), name)  # a frame that nothing faces
    if len(missing):
        spots = np.array([np.argwhere(label == k)[0] for k in missing])
        y, x, name = np.append(y[first], spots[:, 0]), np.append(x[first], spots[:, 1]), np.append(name[first], missing)
    else:
        y, x, name = y[first], x[first], name[first]
    return np.stack([y, x], 1).astype(np.float32), name


def _contacts(inner: np.ndarray, outer: np.ndarray, periodic: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, 2) pixels of inner parts that touch the frame, the part of each, and the part of the frame."""
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        beside = np.roll(outer, step, axis)
        if axis == 0 or not periodic:
            np.moveaxis(beside, axis, 0)[0 if step > 0 else -1] = 0
        y, x = np.nonzero((inner > 0) & (beside > 0))
        found.append((np.stack([y, x], 1).astype(np.float32), inner[y, x], beside[y, x]))
    place, part, frame = (np.concatenate(column) for column in zip(*found))
    return place, part, frame


def _square(a: np.ndarray, b: np.ndarray, width: int) -> np.ndarray:
    """(n, m) squared distances, the short way round where columns wrap."""
    across = np.abs(a[:, None, 1] - b[None, :, 1])
    if width:
        across = np.minimum(across, width - across)
    return (a[:, None, 0] - b[None, :, 0]) ** 2 + across**2


def _nearest_foreign(place: np.ndarray, owner: np.ndarray, width: int, near: float) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each point to the nearest of another part, and its number; looked for within ``near`` px first."""
    far, other = np.full(len(place), np.inf, np.float32), np.zeros(len(place), np.int64)
    order = np.argsort(place[:, 1], kind="stable")
    blocks = [order[start : start + 200] for start in range(0, len(order), 200)]
    for reach in (near, np.inf):
        for block in blocks:
            block = block[far[block] > near]
            if not len(block):
                continue
            middle, half = 0.5 * (place[block[0], 1] + place[block[-1], 1]), 0.5 * np.ptp(place[block, 1])
            across = np.abs(place[:, 1] - middle)
            there = np.flatnonzero((np.minimum(across, width - across) if width else across) <= half + reach)
            d = _square(place[block], place[there], width)
            d[owner[block, None] == owner[None, there]] = np.inf
            best = d.argmin(axis=1)
            other[block], far[block] = there[best], np.sqrt(d[np.arange(len(block)), best])
    return far, other


def _apart(a: np.ndarray, b: np.ndarray, width: int) -> float:
    across = abs(float(a[1] - b[1]))
    return float(np.hypot(a[0] - b[0], min(across, width - across) if width else across))


def _thinned(places: list[np.ndarray], apart: float, width: int) -> list[np.ndarray]:
    """Those places that are each ``apart`` px from the ones before: one for a broad contact."""
    kept: list[np.ndarray] = []
    for place in places:
        if all(_apart(place, other, width) >= apart for other in kept):
            kept.append(place)
    return kept


def _length(points: np.ndarray, width: int) -> float:
    """Longest way across a part; once round where it goes round the piece."""
    if width and len(np.unique((points[:, 1] * (64 / width)).astype(int))) == 64:
        return float(width)
    start = points[_square(points[:1], points, width)[0].argmax()]
    return float(np.sqrt(_square(start[None], points, width).max()))
