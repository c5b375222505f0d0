"""Where filigree lies: the flat place within a form's borders, true to scale at the wires' own level, and its way onto the form."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..wires.spacing import Room

_CELLS = 700_000  # of the room
_SQUARE = 1.05  # how much further than an ellipse a flattened wire's section reaches
_ROUND = 0.7  # a turned form whose ends are nearer the axis than this share of its middle is a bead


@dataclass(frozen=True, eq=False)
class Ground:
    """A form unrolled at the level of the wires.

    u runs along, v upward from the lower border, w outward from the level on which the wires' backs lie; mm.

    Attributes
    ----------
    host : Turned or Plate
    length, width : float, mm
    wrap : bool
        u = length is u = 0.
    border : (rows, columns) float32, true mm
        Distance to the form's border, positive inside; row 0 is the upper edge.
    scale : (rows,) float64
        True mm for a flat one: 1 but for beads.
    level : float, mm
        Radius, or height, on which the wires' backs lie.
    swell : (k, 2) float64
        How far they rise towards the middle of a turned form: v and mm.
    rise : float
        The same in the middle of a plate, mm.
    """

    host: Turned | Plate
    length: float
    width: float
    wrap: bool
    border: np.ndarray
    scale: np.ndarray
    level: float
    swell: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))
    rise: float = 0.0

    @property
    def bead(self) -> bool:
        """A ball, whose flat picture is Mercator's: true in angles, larger towards the holes."""
        return is_bead(self.host)

    def room(self) -> Room:
        """A fresh map of the distance to the border."""
        return Room(self.border.copy(), self.length, self.width, self.wrap, self.scale)

    def place(self, points: np.ndarray, w: np.ndarray | float) -> np.ndarray:
        """(n, 3) mm in the host's frame of places (n, 2), ``w`` mm outward."""
        u, v = points[:, 0], points[:, 1]
        if isinstance(self.host, Plate):
            x, y = u - 0.5 * self.length, v - 0.5 * self.width
            swell = (1.0 - 4.0 * ((x / self.length) ** 2 + (y / self.width) ** 2)).clip(0.0) ** 2
            return np.stack([x, y, self.level + self.rise * swell + w], axis=1)
        angle = u / self.length * np.deg2rad(self.host.arc)
        if not self.wrap:
            angle = angle + 0.5 * np.pi - 0.5 * np.deg2rad(self.host.arc)
        if self.bead:
            latitude = np.arctan(np.sinh((v - 0.5 * self.width) / self.length * 2.0 * np.pi))
            r = self.level + np.asarray(w)
            return np.stack([r * np.cos(latitude) * np.cos(angle), r * np.cos(latitude) * np.sin(angle), r * np.sin(latitude)], axis=1)
        r = self.level + np.interp(v, self.swell[:, 0], self.swell[:, 1]) + w
        return np.stack([r * np.cos(angle), r * np.sin(angle), v - 0.5 * self.width], axis=1)

    def normals(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) unit vectors outward."""
        step = 1e-4
        along = self.place(points + (step, 0.0), 0.0) - self.place(points - (step, 0.0), 0.0)
        across = self.place(points + (0.0, step), 0.0) - self.place(points - (0.0, step), 0.0)
        normal = np.cross(along, across)
        return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def is_bead(host: Turned | Plate) -> bool:
    """Whether a turned form is a ball with a hole through it."""
    return isinstance(host, Turned) and host.periodic and host.outer[0, 0] < _ROUND * host.outer[:, 0].max()


def ground_of(host: Turned | Plate, wire: float, frame: float, sheet: float, rise: float, applied: bool, gauge: float | None = None) -> Ground:
    """The ground for wires of these gauges.

    Parameters
    ----------
    wire, frame : float, mm
        How high they stand.
    sheet : float, mm
        Thickness of the plate that lies under them; 0 for none.
    rise : float, mm
        How far the wires may follow the form's own swell.
    applied : bool
        They lie on the host itself, a signet's head.
    gauge : float, mm, optional
        How wide the frame is where it does not stand as high as that.
    """
    if isinstance(host, Plate):
        length, width = host.size
        rows, columns = _cells(length, width, wire)
        border = host.distance(columns, rows) - (host.edge if applied else 0.0)
        level = host.thickness if applied else sheet
        swell = 0.0 if applied or sheet else min(host.dome, rise)
        return Ground(host, length, width, False, border.astype(np.float32), np.ones(rows), level, rise=swell)
    if is_bead(host):
        return _bead(host, wire, frame, frame if gauge is None else gauge)
    level = 0.5 * host.inner_diameter + sheet
    length = float(np.deg2rad(host.arc)) * (level + 0.5 * wire)
    low, high = float(host.outer[:, 1].min()), float(host.outer[:, 1].max())
    width = high - low
    rows, columns = _cells(length, width, wire)
    v = width - (np.arange(rows) + 0.5) * width / rows
    border = np.repeat((0.5 * width - np.abs(v - 0.5 * width))[:, None], columns, axis=1)
    if not host.periodic:  # a cuff ends in half circles
        u = (np.arange(columns) + 0.5) * length / columns
        beyond = np.maximum(0.5 * width - np.minimum(u, length - u), 0.0)
        border = 0.5 * width - np.hypot(beyond[None, :], (v - 0.5 * width)[:, None])
    return Ground(host, length, width, host.periodic, border.astype(np.float32), np.ones(rows), level, _swell(host, width, frame, rise))


def _cells(length: float, width: float, wire: float) -> tuple[int, int]:
    step = max(wire / 7.0, (length * width / _CELLS) ** 0.5)
    return max(24, round(width / step)), max(24, round(length / step))


def _swell(host: Turned, width: float, frame: float, rise: float) -> np.ndarray:
    """The host's own crown between the frames, no higher than ``rise``."""
    v = np.linspace(0.0, width, 81)
    crown = np.interp(v - 0.5 * width, host.outer[:, 1], host.outer[:, 0])
    crown = np.clip(crown - np.interp(frame, v, crown), 0.0, None) * ((v > frame) & (v < width - frame))
    if crown.max() > rise:
        crown *= rise / crown.max()
    return np.stack([v, crown], axis=1)


def _bead(host: Turned, wire: float, frame: float, gauge: float) -> Ground:
    """A ball whose frame wires' tops lie on the form's own surface."""
    level = float(host.outer[:, 0].max()) - frame
    least = max(0.5 * host.inner_diameter, 0.3 * level)  # radius of the frame rings' inner side
    ring = _ring(level + 0.5 * frame, 0.5 * gauge, 0.5 * frame, least)
    top = max(ring + 0.5 * gauge / (level + 0.5 * wire), np.arccos(0.95))
    length = 2.0 * np.pi * (level + 0.5 * wire)
    width = 2.0 * np.arctanh(np.sin(top)) * length / (2.0 * np.pi)
    rows, columns = _cells(length, width, wire)
    v = width - (np.arange(rows) + 0.5) * width / rows
    latitude = np.arctan(np.sinh((v - 0.5 * width) / length * 2.0 * np.pi))
    border = np.repeat(((top - np.abs(latitude)) * (level + 0.5 * wire))[:, None], columns, axis=1)
    return Ground(host, length, width, True, border.astype(np.float32), np.cos(latitude), level)


def _ring(radius: float, half_wide: float, half_tall: float, least: float) -> float:
    """Latitude of a ring on a ball of ``radius`` to the wire's middle whose section, an ellipse on edge, comes no nearer to the axis than ``least`` mm."""
    low, high = 0.0, 0.5 * np.pi
    for _ in range(40):
        at = 0.5 * (low + high)
        inner = radius * np.cos(at) - _SQUARE * np.hypot(half_wide * np.sin(at), half_tall * np.cos(at))
        low, high = (at, high) if inner > least else (low, at)
    return low
