"""What wires lie on a ground: frames along its borders, ribs, and scrolls that fill the field."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..form.plate import Plate
from ..wires.curves import Curve, shaped
from ..wires.isolines import isolines
from ..wires.packing import STILL, Motion, mirror, rotations, slides
from ..wires.scrolls import Gauge, Growth, grow
from ..wires.spacing import Room, lay
from .ground import Ground
from .params import CraftParams
from .solder import Wire

HEAVY = 1.25  # gauge of a motif's outline, in gauges of the wire within
_SINK = {"twisted": 0.28, "beaded": 0.24}  # gauges that scrolls sink into each other; 0.12 for plain wire
RIBS = 6  # of a bead


@dataclass(eq=False)
class Layout:
    """Wires and granules (n, 4: u, v, w, radius in mm) of a piece as they are laid."""

    wires: list[Wire] = field(default_factory=list)
    granules: list[np.ndarray] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def grown(self, growth: Growth, gauge: float, kind: str, bury: float) -> None:
        """Take up scrolls."""
        self.wires += [Wire(c, gauge, kind, "scroll", bury) for c in growth.curves]
        if len(growth.granules):
            g = growth.granules
            radius = g[:, 2] + 0.1 * gauge  # well into what they touch
            self.granules.append(np.column_stack([g[:, 0], g[:, 1], np.maximum(0.5 * gauge, radius) - bury, radius]))


class Layer:
    """Lays out one piece."""

    def __init__(self, ground: Ground, craft: CraftParams, opening: float, bury: float, seed: int, blocked: np.ndarray | None) -> None:
        self.ground, self.craft, self.opening, self.bury, self.seed = ground, craft, opening, bury, seed
        self.kind, self.wire, self.frame = craft.wire_kind, craft.wire, craft.frame
        self.frame_kind = "flattened" if self.kind == "flattened" else "round"
        self.plain = "round" if self.kind in ("twisted", "beaded") else self.kind
        self.gauge = Gauge(self.wire, opening, _SINK.get(self.kind, 0.12) * self.wire)
        self.room = ground.room()
        self.layout = Layout()
        self.blocked = blocked

    # frames

    def frames(self) -> None:
        """Wires along all borders; the room shrinks to what lies within, so that a wire of the gauge touches where gap is half of it."""
        half = 0.5 * self.frame
        for line in isolines(self.ground.border, half, self.ground.length, self.ground.width, self.ground.wrap):
            for piece in shaped(line, self.frame, 0.25 * self.frame):
                self.take(piece, self.frame, self.frame_kind, "frame")
        reach = half + 0.5 * self.wire
        if self.frame_kind == "round":
            reach = float(np.sqrt(self.frame * self.wire))  # round wires on one ground touch below their sides
        self.room.gap[:] -= np.float32(half + reach - 0.5 * self.wire)
        if self.blocked is not None:
            gap = self.blocked - np.float32(self.wire)
            for line in isolines(self.blocked, 0.5 * self.wire, self.ground.length, self.ground.width, self.ground.wrap):
                laid = lay(shaped(line, self.wire, 0.25 * self.wire), self.room, [self.wire] * 99, self.opening)
                for piece in laid.curves:
                    self.take(piece, self.wire, self.plain, "outline")
            np.minimum(self.room.gap, gap, out=self.room.gap)

    def ribs(self, count: int = RIBS) -> None:
        """Wires from ring to ring of a bead."""
        ground = self.ground
        inner = self.frame * 0.5 * float(1.0 / ground.scale.min())
        v = np.linspace(inner, ground.width - inner, 60)
        for k in range(count):
            u = (k + 0.5) * ground.length / count
            line = Curve(np.stack([np.full(60, u), v], axis=1))
            self.take(line, 0.5 * (self.wire + self.frame), self.plain, "rib")
            self.room.stamp(line.points, 0.25 * (self.wire + self.frame), 3.0)

    # fields

    def scrolls(self) -> None:
        """Fill everything with scrolls."""
        room = self.room
        deepest = float(room.gap.max())
        if isinstance(self.ground.host, Plate) and deepest > 2.6 * self.gauge.spiral + 1.5 * self.gauge.largest:
            self._border_row(deepest)
        motions, largest = self._symmetry(room)
        self.grow(room, motions, largest, "rings" if self.ground.bead else "all")

    def _border_row(self, deepest: float) -> None:
        """A wire within the frame, and a row of small scrolls between the two: the field is parted as on the large pieces of old."""
        inner = 2.0 * min(1.15 * self.gauge.spiral, 0.16 * deepest + self.gauge.ring)
        gauge = self.wire * HEAVY
        motions = _plate_motions(self.ground, self.room)
        for line in isolines(self.room.gap, inner + 0.5 * gauge - 2.0 * self.gauge.sink, self.ground.length, self.ground.width, self.ground.wrap):
            if line.length < 12.0 * self.wire:
                continue
            for piece in shaped(line, gauge, 0.25 * gauge):
                self.take(piece, gauge, self.plain, "frame")
                self.room.stamp(piece.points, 0.5 * gauge, 1.5 * inner)
        edge = self.ground.border - (self.ground.border.max() - deepest)
        strip = Room(np.where(edge < inner, self.room.gap, -1.0).astype(np.float32), self.room.length, self.room.width, self.room.wrap, self.room.scale)
        self.grow(strip, motions, 0.5 * inner + self.gauge.sink)
        self.room.gap[edge < inner] = -1.0

    def grow(self, room: Room, motions: tuple[Motion, ...], largest: float | None = None, rests: str = "all") -> None:
        """Fill a room with scrolls; see ``scrolls.grow``."""
        self.layout.grown(grow(room, self.gauge, motions, self.seed, largest, rests), self.wire, self.kind, self.bury)

    def _symmetry(self, room: Room) -> tuple[tuple[Motion, ...], float]:
        """How scrolls repeat, and how large they may be."""
        ground, gauge = self.ground, self.gauge
        height = 2.0 * float(room.gap.max())
        free = self.blocked is None
        if isinstance(ground.host, Plate):
            return _plate_motions(ground, room), gauge.largest
        if ground.bead:
            return (slides(ground.length, RIBS) if free else (STILL,)), gauge.largest
        sizes = [s for s in (0.5 * height + gauge.sink, 0.36 * height, 0.27 * height) if gauge.spiral <= s <= 1.02 * gauge.largest] or [min(0.5 * height, gauge.largest)]
        size = sizes[self.seed % len(sizes)]
        if not free:
            return (STILL,), size
        if not ground.wrap:
            return (STILL, mirror(u=0.5 * ground.length, v=0.5 * ground.width)), size
        cell = 4.0 * size * (1.0 if size > 0.4 * height else 1.15)
        count = max(2, round(ground.length / cell))
        if size > 0.45 * height:
            return slides(ground.length, count), size
        count = 2 * max(1, round(ground.length / cell / 2.0))
        return slides(ground.length, count, 0.5 * ground.width), size

    def granule(self, u: float, v: float, radius: float) -> None:
        """One more granule, resting on the ground."""
        self.layout.granules.append(np.array([[u, v, radius - self.bury, radius]]))
        self.room.stamp(np.array([[u, v]]), radius, 2.0)

    def take(self, curve: Curve, gauge: float, kind: str, role: str) -> None:
        """One more wire."""
        self.layout.wires.append(Wire(curve, gauge, kind, role, self.bury))


def _plate_motions(ground: Ground, room: Room) -> tuple[Motion, ...]:
    """The symmetries that a plate's field really has."""
    gap = np.clip(room.gap, -0.2, None)
    middle = np.array([0.5 * ground.length, 0.5 * ground.width])
    same = 0.6 * room.step + 0.02
    sideways = float(np.abs(gap - gap[:, ::-1]).max()) < same
    upward = float(np.abs(gap - gap[::-1]).max()) < same
    if sideways and upward and gap.shape[0] == gap.shape[1] and float(np.abs(gap - gap.T).max()) < same:
        u, v = room.centres()
        disc = np.hypot(u[None, :] - middle[0], v[:, None] - middle[1]) + gap
        ring = disc[gap > 0.0]
        if len(ring) and np.ptp(ring) < 6.0 * same:
            return rotations(middle, 8 if ground.length > 16.0 else 6)
    if sideways and upward:
        return (STILL, mirror(u=middle[0]), mirror(v=middle[1]), mirror(u=middle[0], v=middle[1]))
    if sideways:
        return (STILL, mirror(u=middle[0]))
    return (STILL,)
