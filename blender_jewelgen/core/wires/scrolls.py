"""Scrolls grown by rule to fill a field, as filigree makers do: S and C scrolls, commas and peg-tops, rosettes, eyes and granules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curves import Curve, even
from .packing import STILL, Circle, Motion, apart, images_of, pack
from .spacing import Room

_HOLD = np.deg2rad(230.0)  # of the outer coil keep the full radius and touch the neighbours
_SHIFT = np.deg2rad(130.0)  # in which it then goes in under its own beginning
_TURNS = 3.2  # coils of the largest scroll
_ANGLES = np.arange(36) * (np.pi / 18.0)


@dataclass(frozen=True, eq=False)
class Gauge:
    """Lengths in mm that scrolls are made of: the wire, the least gap between coils, how deep joints sink in."""

    wire: float
    gap: float
    sink: float

    @property
    def pitch(self) -> float:
        """From coil to coil."""
        return self.wire + max(self.gap, 0.55 * self.wire)

    @property
    def eye(self) -> float:
        """Radius of the innermost coil's middle line."""
        return max(0.5 * (self.wire + self.gap) + 0.05 * self.wire, 0.75 * self.wire)

    @property
    def spiral(self) -> float:
        """Least outer radius of a scroll."""
        return self.eye + 0.75 * self.pitch + 0.5 * self.wire

    @property
    def ring(self) -> float:
        """Least outer radius of a ring with an opening."""
        return self.eye + 0.5 * self.wire

    @property
    def granule(self) -> float:
        """Least radius of a granule."""
        return 0.55 * self.wire

    @property
    def largest(self) -> float:
        """Outer radius beyond which a scroll would have too many coils."""
        return self.eye + _TURNS * self.pitch + 0.5 * self.wire


@dataclass(frozen=True, eq=False)
class Growth:
    """Scrolls: ``curves`` with their ``kinds`` (S, C, comma, ring), and ``granules`` (n, 3): u, v, radius in mm."""

    curves: tuple[Curve, ...]
    kinds: tuple[str, ...]
    granules: np.ndarray


def grow(room: Room, gauge: Gauge, motions: tuple[Motion, ...] = (STILL,), seed: int = 0, largest: float | None = None, rests: str = "all") -> Growth:
    """Fill what is free in ``room`` with scrolls that touch their neighbours.

    ``motions`` are the field's symmetries, beginning with the one that moves nothing. ``largest`` bounds the radius of a
    scroll. The small ``rests`` between scrolls get rings and granules (all), rings only, or none. ``room`` takes everything up. The same seed
    gives the same scrolls.
    """
    return _Grower(room, gauge, motions, seed, rests).run(min(largest or gauge.largest, gauge.largest))


class _Grower:
    def __init__(self, room: Room, gauge: Gauge, motions: tuple[Motion, ...], seed: int, rests: str) -> None:
        self.room, self.gauge, self.motions, self.rests = room, gauge, motions, rests
        self.rng = np.random.default_rng(seed)
        self.walls = Room(room.gap.copy(), room.length, room.width, room.wrap, room.scale)
        self.curves: list[Curve] = []
        self.kinds: list[str] = []
        self.granules: list[np.ndarray] = []
        self.rings: list[np.ndarray] = []

    def run(self, largest: float) -> Growth:
        gauge, room = self.gauge, self.room
        big = pack(room, self.motions, largest, gauge.spiral, gauge.sink) if largest >= gauge.spiral else []
        self._scrolls(big)
        least = {"all": gauge.granule, "rings": gauge.ring}.get(self.rests, np.inf)
        for circle in pack(room, self.motions, min(largest, gauge.spiral), least, gauge.sink):
            if circle.radius >= gauge.ring:
                self._add(self._round(circle.middle, circle.radius - 0.5 * gauge.wire), "ring")
            else:
                self._granule(circle.middle, circle.radius)
        grains = np.concatenate(self.granules) if self.granules else np.zeros((0, 3))
        return Growth(tuple(self.curves), tuple(self.kinds), grains)

    # big scrolls

    def _scrolls(self, circles: list[Circle]) -> None:
        images = [images_of(c.middle, self.motions) for c in circles]
        owner = np.repeat(np.arange(len(circles)), [len(i) for i in images])
        middles = np.concatenate(images) if images else np.zeros((0, 2))
        radii = np.array([circles[o].radius for o in owner])
        done: set[int] = set()
        for i, circle in enumerate(circles):
            if circle.fixed:
                self._rosette(circle)
                done.add(i)
        ways = [apart(self.room, c.middle[None], middles) for c in circles]
        gaps = [np.linalg.norm(w, axis=1) * self._scale(c.middle) - radii - c.radius for w, c in zip(ways, circles)]
        pairs = [
            (abs(np.log(radii[k] / c.radius)) + 0.3 * self.rng.random(), i, k)
            for i, c in enumerate(circles) for k in np.flatnonzero(gaps[i] < 0.5 * self.gauge.sink)
            if owner[k] != i and i not in done and owner[k] not in done and radii[k] / c.radius < 2.2 and c.radius / radii[k] < 2.2
        ]  # fmt: skip
        for _, i, k in sorted(pairs):
            j = int(owner[k])
            if i in done or j in done:
                continue
            if self._pair(circles[i], circles[i].middle + ways[i][k], circles[j].radius):
                done |= {i, j}
        for i, circle in enumerate(circles):
            if i not in done:
                touching = np.flatnonzero((gaps[i] < 0.5 * self.gauge.sink) & (np.linalg.norm(ways[i], axis=1) > 1e-6))
                self._comma(circle, np.arctan2(ways[i][touching, 1], ways[i][touching, 0]))

    def _pair(self, first: Circle, other: np.ndarray, other_radius: float) -> bool:
        """An S: one wire from the eye of a scroll through the place where two touch to the eye of the other; False where metal is in its way."""
        a, b, wire = first.middle, other, self.gauge.wire
        ra, rb = (first.radius - 0.5 * wire) / self._scale(a), (other_radius - 0.5 * wire) / self._scale(b)
        way = b - a
        far = float(np.hypot(*way))
        for lean in np.arccos(min((ra + rb) / far, 1.0)) * (self.rng.permutation(2) * 2.0 - 1.0):
            angle = float(np.arctan2(way[1], way[0]) + lean)
            normal = np.array([np.cos(angle), np.sin(angle)])
            begin, end = a + ra * normal, b - rb * normal
            along = begin - end
            straight = end + along * np.linspace(0.0, 1.0, max(4, int(np.hypot(*along) / (0.2 * wire))))[1:-1, None]
            if float(self.walls.at(straight).min()) < 0.5 * wire - self.gauge.sink:
                continue
            sense = float(np.sign(normal[0] * along[1] - normal[1] * along[0])) or 1.0  # the wire comes from b and goes on round a
            one, two = self._coil(a, ra, angle, sense), self._coil(b, rb, angle + np.pi, sense)
            self._add(Curve(np.concatenate([two[::-1], straight, one])), "S")
            self._eyes(one, two)
            return True
        return False

    def _comma(self, circle: Circle, touching: np.ndarray) -> None:
        """A scroll of its own; where there is room its beginning is a tail that runs on to a neighbour or the frame: a peg-top."""
        scale, wire = self._scale(circle.middle), self.gauge.wire
        radius = (circle.radius - 0.5 * wire) / scale
        rim = circle.middle + (circle.radius + 0.3 * wire) / scale * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
        contacts = np.concatenate([touching, _ANGLES[self.walls.at(rim) < 0.3 * wire]])
        best: tuple[float, float, float, float] = (-1.0, 0.0, 1.0, 0.0)
        for angle in (*_ANGLES, *touching):
            for sense in (1.0, -1.0):
                ahead = np.mod((contacts - angle) * sense, 2.0 * np.pi)
                score = float((ahead < _HOLD).sum()) / max(len(contacts), 1) + 0.05 * self.rng.random()
                tail = self._tail(circle.middle, radius, angle, sense)
                score += 0.6 if tail > 0.0 else 0.3 * float(np.abs(np.angle(np.exp(1j * (contacts - angle)))).min(initial=9.0) < 0.15)
                if score > best[0]:
                    best = (score, float(angle), sense, tail)
        _, angle, sense, tail = best
        coil = self._coil(circle.middle, radius, angle, sense)
        if tail > 0.0:
            start = coil[0]
            back = -sense * np.array([-np.sin(angle), np.cos(angle)])
            straight = start + back * np.linspace(tail, 0.0, max(3, int(tail / (0.2 * wire))))[:-1, None]
            coil = np.concatenate([straight, coil])
            for motion in self.motions:
                self.room.stamp(even(Curve(motion(straight)), 0.25 * wire).points, 0.5 * wire, 4.0 * wire)
        self._add(Curve(coil), "comma")
        self._eyes(coil)

    def _tail(self, middle: np.ndarray, radius: float, angle: float, sense: float) -> float:
        """Length of a straight tail that leaves the coil here and meets metal soon; 0 if it does not, or has no room."""
        wire = self.gauge.wire
        back = -sense * np.array([-np.sin(angle), np.cos(angle)])
        start = middle + radius * np.array([np.cos(angle), np.sin(angle)])
        lengths = np.arange(0.8, 1.5 * radius / wire, 0.2) * wire
        if len(lengths) < 2:
            return 0.0
        points = start + back * lengths[:, None]
        outward = np.array([np.cos(angle), np.sin(angle)])
        gap = self.room.at(points + 0.25 * wire * outward)
        met = np.flatnonzero(gap < -0.1 * wire)
        return float(lengths[met[0]]) if len(met) and met[0] >= 3 and gap[met[0] // 2] > 0.4 * wire else 0.0

    def _coil(self, middle: np.ndarray, radius: float, angle: float, sense: float) -> np.ndarray:
        """(n, 2): a coil from its outside at ``angle`` inward, even from coil to coil; flat mm."""
        scale = self._scale(middle)
        pitch, eye = self.gauge.pitch / scale, self.gauge.eye / scale
        first = _HOLD + _SHIFT
        turns = max(0.0, (radius - pitch - eye) / pitch)
        whole = first + turns * 2.0 * np.pi
        t = np.linspace(0.0, whole, max(24, int(whole * radius / (0.15 * self.gauge.wire / scale))))
        ease = np.clip((t - _HOLD) / _SHIFT, 0.0, 1.0)
        fall = pitch * ease**2 * (3.0 - 2.0 * ease)
        drop = min(pitch, max(radius - eye, 0.0))
        r = radius - fall * (drop / pitch) - pitch * np.clip(t - first, 0.0, None) / (2.0 * np.pi)
        a = angle + sense * t
        return middle + r[:, None] * np.stack([np.cos(a), np.sin(a)], axis=1)

    def _eyes(self, *coils: np.ndarray) -> None:
        """Granules where coils end."""
        for coil in coils:
            last = coil[-1]
            behind = coil[-max(2, len(coil) // 60)]
            way = last - behind
            way = way / max(float(np.hypot(*way)), 1e-9)
            self._granule(last + way * 0.1 * self.gauge.wire, 0.62 * self.gauge.wire)

    # round things

    def _rosette(self, circle: Circle) -> None:
        """On an axis: a ring, filled with a wreath of rings or granules round a granule where it is large enough."""
        gauge = self.gauge
        outer = circle.radius - 0.5 * gauge.wire
        self._ring(circle.middle, outer)
        inner = outer - 0.5 * gauge.wire + gauge.sink  # the room within, as far as wires may sink in
        for count in (8, 6, 7, 5, 4):
            petal = inner * np.sin(np.pi / count) / (1.0 + np.sin(np.pi / count))
            core = inner - 2.0 * petal + gauge.sink
            if petal + 0.5 * gauge.sink < gauge.ring or core < gauge.granule:
                continue
            start = 0.5 * np.pi if count % 2 else 0.5 * np.pi + np.pi / count
            for k in range(count):
                a = start + 2.0 * np.pi * k / count
                away = (inner - petal) / self._scale(circle.middle) * np.array([np.cos(a), np.sin(a)])
                self._ring(circle.middle, petal + 0.5 * gauge.sink - 0.5 * gauge.wire, away)
            if core >= gauge.spiral:
                self._ring(circle.middle, core - 0.5 * gauge.wire)
                core = core - gauge.wire
            self._add_granules(circle.middle, min(core, 1.6 * gauge.wire) if core < 1.7 * gauge.wire else 0.0)
            return

    def _ring(self, middle: np.ndarray, radius: float, away: np.ndarray | float = 0.0) -> None:
        """A ring round the middle of a rosette, or ``away`` from it, at each of the rosette's images."""
        line = self._round(middle, radius)
        for place in images_of(middle, self.motions):
            self.curves.append(Curve(line.points - middle + place + away, True))
            self.kinds.append("ring")

    def _add_granules(self, middle: np.ndarray, radius: float) -> None:
        if radius > 0.0:
            self._granule(middle, radius)

    def _round(self, middle: np.ndarray, radius: float) -> Curve:
        radius = radius / self._scale(middle)
        count = max(12, int(2.0 * np.pi * radius / (0.2 * self.gauge.wire)))
        a = np.arange(count) * (2.0 * np.pi / count)
        return Curve(middle + radius * np.stack([np.cos(a), np.sin(a)], axis=1), True)

    def _add(self, curve: Curve, kind: str) -> None:
        """Take up a curve and its images; rings that are their own or another's image only once."""
        for motion in self.motions:
            moved = motion(curve.points)
            if curve.closed:
                middle = moved.mean(axis=0)
                if any(np.abs(apart(self.room, middle, s)).max() < 1e-5 for s in self.rings):
                    continue
                self.rings.append(middle)
            self.curves.append(Curve(moved, curve.closed))
            self.kinds.append(kind)

    def _granule(self, middle: np.ndarray, radius: float) -> None:
        places = images_of(middle, self.motions)
        self.granules.append(np.column_stack([places, np.full(len(places), radius)]))

    def _scale(self, point: np.ndarray) -> float:
        return float(self.room.scales(point[None])[0])
