"""Wires become one piece: where they come near each other they are soldered, and what is loose is tied on by the shortest wire."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..wires.curves import Curve, even
from .ground import Ground
from .sweep import KINDS, depth_of

_DEFINITE = 0.05  # gauges by which two cores overlap where nothing needs to be added
_STEP = 0.3  # gauges between the places at which wires are compared
_TIES, _ASUNDER = 4, 3.0  # bridges that hold a large part, and mm between them
_CUTS = 5  # rounds of cutting wires that touch themselves
_SPECK = 3.0  # gauges: loose bits no longer than this are left out
_AROUND = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)])


@dataclass(frozen=True, eq=False)
class Wire:
    """A wire on the ground: its line, gauge in mm, kind of ``sweep.KINDS`` and what it is for."""

    curve: Curve
    gauge: float
    kind: str
    role: str  # frame, outline, line, scroll or bridge
    bury: float = 0.0  # mm that it lies in the plate under it

    @property
    def height(self) -> float:
        """mm of its middle line over the ground."""
        return depth_of(self.kind, KINDS[self.kind].sides) * self.gauge - self.bury


@dataclass(frozen=True, eq=False)
class Joined:
    """Wires and granules of one piece; ``granules`` (n, 4) are u, v, w of the middle and radius in mm."""

    wires: tuple[Wire, ...]
    granules: np.ndarray
    solder: np.ndarray
    bridges: int
    dropped: int


def soldered(wires: list[Wire], granules: np.ndarray, ground: Ground, opening: float) -> Joined:
    """Solder at every place where two wires come nearer than ``opening`` mm without overlapping well; then everything tied together.

    The first wire is a frame: what cannot be tied to it is dropped.
    """
    points = _Points.of(wires, granules, ground)
    a, b, far = points.near(opening)
    joints, spots = _joints(points, a, b, far, opening)
    parts = _Parts(len(wires) + len(granules))
    for i, j in joints:
        parts.join(int(points.part[i]), int(points.part[j]))
    keep, links = _tie(points, parts, wires, len(wires))
    bridges = []
    for i, j in links:
        thin = min(points.gauge[i], points.gauge[j])
        start, end = points.flat[i], points.flat[j]
        if ground.wrap:
            end = end - (np.rint((end[0] - start[0]) / ground.length) * ground.length, 0.0)
        one = wires[points.part[i]] if points.part[i] < len(wires) else wires[0]
        line = even(Curve(np.array([start, end])), 0.3 * thin)
        usual = next((w for w in wires if w.role != "frame"), wires[0])
        bridges.append(replace(usual, curve=line, role="bridge", gauge=usual.gauge, bury=one.bury))
    alive = np.array([parts.root(k) in keep for k in range(len(wires) + len(granules))])
    used = alive[points.part[spots[:, 0].astype(int)]] if len(spots) else np.zeros(0, bool)
    return Joined(
        tuple([w for w, ok in zip(wires, alive) if ok] + bridges), granules[alive[len(wires) :]], spots[used, 1:],
        len(bridges), int((~alive).sum()),
    )  # fmt: skip


def unwound(wires: list[Wire], ground: Ground) -> list[Wire]:
    """The same wires, those that touch themselves cut in two between the places that touch: a tube must not run into itself.

    Between the round ends of the two is a quarter of a gauge, so that they overlap without a common face.
    """
    done: list[Wire] = []
    work = list(wires)
    for _ in range(_CUTS):
        points = _Points.of(work, np.zeros((0, 4)), ground)
        cuts: dict[int, float] = {}
        for a, b in close_pairs(points.place, 2.05 * float(points.radius.max())):
            same = (points.part[a] == points.part[b]) & (np.abs(points.reached[a] - points.reached[b]) > 1.7 * points.gauge[a])
            a, b = a[same], b[same]
            around = points.total[a] - np.abs(points.reached[a] - points.reached[b])
            touch = (np.linalg.norm(points.place[a] - points.place[b], axis=1) < 1.03 * points.gauge[a]) & ((points.total[a] == 0.0) | (around > 1.7 * points.gauge[a]))
            for i, j in zip(a[touch], b[touch]):
                cuts.setdefault(int(points.part[i]), 0.5 * float(points.reached[i] + points.reached[j]))
        done += [w for k, w in enumerate(work) if k not in cuts]
        work = [replace(work[k], curve=half) for k, at in cuts.items() for half in _halves(work[k].curve, at, work[k].gauge)]
        if not work:
            break
    return sorted(done + work, key=lambda w: w.role != "frame")


def _halves(curve: Curve, at: float, gauge: float) -> list[Curve]:
    line = even(curve, 0.125 * gauge)
    points = line.ring
    n = len(points)
    k = int(np.clip(round(at / curve.length * (n - 1)), 3, n - 4)) if n > 8 else n // 2
    return [Curve(points[: k + 1]), Curve(points[k + 2 :])] if 2 < k < n - 4 else [Curve(points)]


@dataclass(frozen=True, eq=False)
class _Points:
    """Places along all wires and in the middle of granules: in the flat and on the form, with what they belong to."""

    flat: np.ndarray
    place: np.ndarray
    along: np.ndarray
    height: np.ndarray
    part: np.ndarray
    reached: np.ndarray
    total: np.ndarray  # length of the wire if it is closed, else 0
    radius: np.ndarray
    core: np.ndarray
    gauge: np.ndarray
    hold: np.ndarray
    period: float

    @staticmethod
    def of(wires: list[Wire], granules: np.ndarray, ground: Ground) -> _Points:
        rows = []
        flats = []
        for k, wire in enumerate(wires):
            line = even(wire.curve, _STEP * wire.gauge)
            n = len(line.points)
            length = line.length
            flats.append(line.points)
            rows.append(np.column_stack([
                np.full(n, wire.height), np.full(n, k), np.arange(n) * length / max(n if line.closed else n - 1, 1), np.full(n, length if line.closed else 0.0),
                np.full(n, 0.5 * wire.gauge), np.full(n, KINDS[wire.kind].core * wire.gauge), np.full(n, wire.gauge), np.full(n, KINDS[wire.kind].hold * wire.gauge),
            ]))  # fmt: skip
        if len(granules):
            n = len(granules)
            flats.append(granules[:, :2])
            r = granules[:, 3]
            rows.append(np.column_stack([granules[:, 2], len(wires) + np.arange(n), np.zeros(n), np.zeros(n), r, 0.96 * r, 2.0 * r, 0.96 * r]))
        flat, row = np.concatenate(flats), np.concatenate(rows)
        place = ground.place(flat, row[:, 0])
        along = np.zeros_like(place)  # half a step along the wire
        inner = np.flatnonzero(row[1:-1, 1] == row[2:, 1]) + 1
        inner = inner[row[inner, 1] == row[inner - 1, 1]]
        along[inner] = 0.25 * (place[inner + 1] - place[inner - 1])
        return _Points(flat, place, along, row[:, 0], row[:, 1].astype(np.int64), *row[:, 2:].T, ground.length if ground.wrap else 0.0)

    def near(self, opening: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of places whose metal lies nearer than ``opening`` mm, not neighbours along one wire; and mm from middle to middle."""
        reach = 2.0 * float(np.quantile(self.radius, 0.98)) + opening
        found_a, found_b = [], []
        large = self.radius > 0.5 * (reach - opening) + 1e-9  # a frame wire or a big granule looks further
        for i, j in close_pairs(self.place, reach):
            found_a.append(i)
            found_b.append(j)
        if large.any():
            wide = 2.0 * float(self.radius.max()) + opening
            some = np.flatnonzero(large)
            for start in range(0, len(some), 512):
                part = some[start : start + 512]
                far = np.linalg.norm(self.place[part][:, None] - self.place[None], axis=2)
                i, j = np.nonzero(far < wide)
                found_a.append(part[i])
                found_b.append(j)
        a, b = np.concatenate(found_a), np.concatenate(found_b)
        way = self.place[b] - self.place[a]
        for along in (self.along[a], self.along[b]):  # from line to line, not from place to place
            size = np.einsum("ij,ij->i", along, along)
            way = way - np.clip(np.einsum("ij,ij->i", way, along) / np.maximum(size, 1e-12), -1.0, 1.0)[:, None] * along
        far = np.linalg.norm(way, axis=1)
        gap = far - self.radius[a] - self.radius[b]
        along = np.abs(self.reached[a] - self.reached[b])
        along = np.where(self.total[a] > 0.0, np.minimum(along, self.total[a] - along), along)
        apart = (self.part[a] != self.part[b]) | (along > 1.8 * (2.0 * self.radius[a] + opening))
        limit = np.where(self.part[a] == self.part[b], 0.85 * opening, 0.97 * opening)  # coils are laid at the opening itself
        good = apart & (gap < limit)
        return a[good], b[good], far[good]


def close_pairs(points: np.ndarray, reach: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Numbers of points (n, 3) nearer than ``reach`` to each other, each pair once, in blocks."""
    cell = np.floor(points / reach).astype(np.int64)
    cell -= cell.min(axis=0) - 1
    size = cell.max(axis=0) + 2
    key = (cell[:, 0] * size[1] + cell[:, 1]) * size[2] + cell[:, 2]
    order = np.argsort(key, kind="stable")
    keys = key[order]
    found = []
    for shift in (0, *(int((x * size[1] + y) * size[2] + z) for x, y, z in _AROUND)):
        first, last = np.searchsorted(keys, key + shift), np.searchsorted(keys, key + shift, "right")
        count = last - first
        i = np.repeat(np.arange(len(points)), count)
        j = order[np.repeat(first, count) + np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)]
        if shift == 0:
            i, j = i[i < j], j[i < j]
        good = np.einsum("ij,ij->i", points[i] - points[j], points[i] - points[j]) < reach * reach
        found.append((i[good], j[good]))
    return found


def _joints(points: _Points, a: np.ndarray, b: np.ndarray, far: np.ndarray, opening: float) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Pairs of places that hold together, and solder (n, 5): a place's number, u, v, w and radius where they would not by themselves.

    Of the many places where two wires lie near each other the nearest is taken, and others as far along as a fillet reaches.
    """
    if not len(a):
        return [], np.zeros((0, 5))
    spare = far - points.hold[a] - points.hold[b] + _DEFINITE * np.minimum(points.gauge[a], points.gauge[b])
    low, high = np.minimum(points.part[a], points.part[b]), np.maximum(points.part[a], points.part[b])
    order = np.lexsort((spare, a, high, low))
    first = np.ones(len(order), bool)
    same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1]) & (a[order][1:] == a[order][:-1])
    first[1:] = ~same
    chosen = order[first]
    chosen = chosen[np.argsort(spare[chosen], kind="stable")]
    taken: dict[tuple[int, int], list[np.ndarray]] = {}
    joints, spots = [], []
    reach = max(2.2 * float(np.median(points.gauge)), (4.5 * opening) ** 0.5)
    for k in chosen:
        i, j = int(a[k]), int(b[k])
        key = (int(low[k]), int(high[k]))
        middle = 0.5 * (points.place[i] + points.place[j])
        if any(abs(middle[0] - m[0]) + abs(middle[1] - m[1]) + abs(middle[2] - m[2]) < 1.4 * reach and np.linalg.norm(middle - m) < reach for m in taken.get(key, ())):
            continue
        taken.setdefault(key, []).append(middle)
        joints.append((i, j))
        if spare[k] > 0.0:
            way = points.flat[j] - points.flat[i]
            if points.period:
                way = way - (np.rint(way[0] / points.period) * points.period, 0.0)
            thin = min(points.gauge[i], points.gauge[j])
            share = (points.core[i] + 0.5 * (far[k] - points.core[i] - points.core[j])) / max(far[k], 1e-9)
            share = min(max(share, 0.05), 0.95)
            radius = max(0.36 * thin, 0.5 * (far[k] - points.core[i] - points.core[j]) + 0.16 * thin)
            at = points.flat[i] + share * way
            spots.append((i, at[0], at[1], points.height[i] + share * (points.height[j] - points.height[i]), radius))
    return joints, np.array(spots).reshape(-1, 5)


class _Parts:
    """Which parts hold together (union and find)."""

    def __init__(self, count: int) -> None:
        self._up = list(range(count))

    def root(self, k: int) -> int:
        while self._up[k] != k:
            self._up[k] = self._up[self._up[k]]
            k = self._up[k]
        return k

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            self._up[max(a, b)] = min(a, b)


def _tie(points: _Points, parts: _Parts, wires: list[Wire], count: int) -> tuple[set[int], list[tuple[int, int]]]:
    """Roots of what is kept, all one at the end, and pairs of places to be bridged, the nearest first."""
    whole = count + int((points.part >= count).any() and points.part.max() - count + 1)
    length = np.zeros(whole)
    for k, wire in enumerate(wires):
        length[k] = wire.curve.length
    roots = np.array([parts.root(k) for k in range(whole)])
    amount = np.bincount(roots, length, minlength=whole)
    gauge = float(np.median([w.gauge for w in wires if w.role != "frame"] or [wires[0].gauge]))
    main = roots[0]
    loose = [r for r in np.unique(roots) if r != main and amount[r] > _SPECK * gauge]
    links: list[tuple[int, int]] = []
    tied = roots[points.part] == main
    rest = {int(r): np.flatnonzero(roots[points.part] == r) for r in loose}
    best: dict[int, tuple[float, int, int]] = {r: _nearest(points.place, own, np.flatnonzero(tied)) for r, own in rest.items()}
    while best:
        r = min(best, key=lambda k: best[k][0])
        best.pop(r)
        own = rest.pop(r)
        links += _links(points.place, own, np.flatnonzero(tied))
        tied[own] = True
        for other in best:
            found = _nearest(points.place, rest[other], own)
            if found[0] < best[other][0]:
                best[other] = found
        parts.join(int(main), r)
    return {parts.root(int(main))}, links


def _links(place: np.ndarray, own: np.ndarray, others: np.ndarray) -> list[tuple[int, int]]:
    """Where a part is tied to the rest: at its nearest place, and where it is large at others far from it that are not much farther off."""
    square, i, j = _nearest(place, own, others)
    extent = float(np.linalg.norm(np.ptp(place[own], axis=0)))
    links, left = [(i, j)], own
    while len(links) < _TIES:
        left = left[np.linalg.norm(place[left] - place[links[-1][0]], axis=1) > max(_ASUNDER, 0.35 * extent)]
        if not len(left):
            break
        again, i, j = _nearest(place, left, others)
        if again**0.5 > 2.0 * square**0.5 + 1.0:
            break
        links.append((i, j))
    return links


def _nearest(place: np.ndarray, own: np.ndarray, others: np.ndarray) -> tuple[float, int, int]:
    """The shortest way from one set of places to another: mm, and the numbers of its ends."""
    best = (np.inf, int(own[0]), int(others[0]))
    for start in range(0, len(own), 256):
        part = own[start : start + 256]
        far = ((place[part][:, None] - place[others][None]) ** 2).sum(axis=2)
        k = int(far.argmin())
        if far.flat[k] < best[0]:
            best = (float(far.flat[k]), int(part[k // len(others)]), int(others[k % len(others)]))
    return best
