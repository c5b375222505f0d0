"""The lines a filigree maker would bend for a pattern: the middle of what is slender, the outline and veins of what is broad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.distance import distance, signed_distance
from ..height.filters import blur, resize, sample
from .curves import Curve, even, shaped, smooth
from .isolines import isolines
from .skeleton import chains, straight_on, thinned

_CELLS = 700_000  # of the grid that lines are found on
_FLAT = 0.05  # a picture with less between its light and dark holds no ornament
_INSET = 0.3  # gauges that the middle of an outline's wire lies inside the motif
_FULL, _EMPTY = 0.93, 0.002  # shares of the field


@dataclass(frozen=True, eq=False)
class Line:
    """A line of the pattern; ``kind`` is outline, line or inner, a larger ``weight`` is laid first."""

    curve: Curve
    kind: str
    weight: float


@dataclass(frozen=True, eq=False)
class Drawing:
    """What there is to bend.

    Attributes
    ----------
    lines : tuple of Line
    grains : (n, 3) float64
        u, v and radius in mm of dots that are no lines: granules.
    inside : (rows, columns) float32, mm
        How far inside a broad motif a place is, below 0 outside; row 0 is the upper edge.
    finding : str
        "" or why there are no lines: "empty", "full".
    """

    lines: tuple[Line, ...]
    grains: np.ndarray
    inside: np.ndarray
    finding: str = ""


def drawing_of(picture: np.ndarray, size: tuple[float, float], wrap: bool, wire: float, opening: float) -> Drawing:
    """The lines of a height picture.

    Parameters
    ----------
    picture : (h, w) float in [0, 1]
        Row 0 is the upper edge; ornament is lighter than its ground.
    size : (length, width), mm
        What the picture covers.
    wrap : bool
        The last column is followed by the first.
    wire, opening : float, mm
        Gauge of the wire, and the narrowest gap between two wires: finer grooves are closed first.
    """
    grid = _Grid.of(size, wrap, wire)
    field = blur(resize(np.nan_to_num(np.asarray(picture, np.float32)), grid.rows, grid.columns, wrap), 0.2 * wire / grid.step, wrap)
    nothing = np.full(field.shape, -1.0, np.float32)
    low, high = (float(np.quantile(field, q)) for q in (0.01, 0.995))
    if high - low < _FLAT:
        return Drawing((), np.zeros((0, 3)), nothing, "full" if low > 0.5 else "empty")
    metal = _closed(field > low + 0.65 * (_otsu(field, low, high) - low), 0.5 * opening / grid.step, wrap)
    share = float(metal.mean())
    if share > _FULL or share < _EMPTY:
        return Drawing((), np.zeros((0, 3)), nothing, "full" if share > _FULL else "empty")
    depth = distance(metal, 3.0 * (wire + opening) / grid.step + 2.0, wrap) * grid.step
    broad = _broad(depth, 0.85 * wire + 0.75 * opening, grid)
    edge = signed_distance(blur(broad.astype(np.float32), 0.15 * wire / grid.step, wrap), 4.0 * wire / grid.step + 2.0, wrap) * grid.step
    lines = [Line(piece, "outline", 3.0 * whole.length) for whole in isolines(edge, _INSET * wire, *size, wrap) for piece in _bent(whole, wire, grid)]
    slender, grains = _slender(metal, edge, depth, wire, grid)
    veins = _veins(field, edge, depth, wire, grid) if broad.any() else []
    return Drawing((*lines, *slender, *veins), grains, edge)


@dataclass(frozen=True)
class _Grid:
    """Where the pixels of the working picture lie."""

    rows: int
    columns: int
    length: float
    width: float
    wrap: bool

    @staticmethod
    def of(size: tuple[float, float], wrap: bool, wire: float) -> _Grid:
        length, width = size
        step = max(wire / 7.0, (length * width / _CELLS) ** 0.5)
        return _Grid(max(16, round(width / step)), max(16, round(length / step)), length, width, wrap)

    @property
    def step(self) -> float:
        """mm a pixel."""
        return 0.5 * (self.length / self.columns + self.width / self.rows)

    def mm(self, places: np.ndarray) -> np.ndarray:
        """(n, 2) u, v of (column, row)."""
        return np.stack([(places[:, 0] + 0.5) * self.length / self.columns, self.width - (places[:, 1] + 0.5) * self.width / self.rows], axis=1)

    def pixel(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Column and row of (n, 2) u, v."""
        return points[:, 0] * self.columns / self.length - 0.5, (self.width - points[:, 1]) * self.rows / self.width - 0.5


def _otsu(field: np.ndarray, low: float, high: float) -> float:
    """The level that parts ground and ornament best (Otsu 1979)."""
    count, edges = np.histogram(field, 64, (low, high + 1e-6))
    middle, share = 0.5 * (edges[1:] + edges[:-1]), count / max(count.sum(), 1)
    below, mean = np.cumsum(share), np.cumsum(share * middle)
    between = (mean[-1] * below - mean) ** 2 / np.maximum(below * (1.0 - below), 1e-9)
    return float(edges[1:][np.argmax(between)])


def _closed(metal: np.ndarray, reach: float, wrap: bool) -> np.ndarray:
    """The mask with gaps of less than twice ``reach`` px filled."""
    if reach < 1.0:
        return metal
    wide = np.pad(metal, ((int(reach) + 2,) * 2, (0, 0)))
    grown = distance(~wide, reach + 1.0, wrap) < reach
    return (distance(grown, reach + 1.0, wrap) >= reach)[int(reach) + 2 : -int(reach) - 2]


def _broad(depth: np.ndarray, radius: float, grid: _Grid) -> np.ndarray:
    """Where the metal takes an outline of wire and an opening within: the discs of ``radius`` mm that fit in."""
    return distance(depth < radius, radius / grid.step + 1.0, grid.wrap) * grid.step < radius if (depth >= radius).any() else np.zeros(depth.shape, bool)


def _bent(curve: Curve, wire: float, grid: _Grid) -> list[Curve]:
    return shaped(curve, wire, 0.25 * wire) if curve.length > 2.5 * wire else []


def _slender(metal: np.ndarray, edge: np.ndarray, depth: np.ndarray, wire: float, grid: _Grid) -> tuple[list[Line], np.ndarray]:
    """Middle lines of narrow ornament up to the outlines of what is broad, and its dots."""
    parts = chains(thinned(metal, grid.wrap), grid.wrap)
    kept = []
    for points, closed, nodes in parts:
        thick = float(sample(depth, points[[0, -1], 0], points[[0, -1], 1], grid.wrap).max()) / grid.step
        spur = not closed and min(nodes) < 0 <= max(nodes) and len(points) < 1.3 * thick + 0.8 * wire / grid.step
        if not spur:
            kept.append((points, closed, nodes))
    lines, grains = [], []
    fine = signed_distance(blur(metal.astype(np.float32), 0.8, grid.wrap), 1.6 * wire / grid.step + 2.0, grid.wrap) * grid.step
    for points, closed in straight_on(kept, max(4, round(1.2 * wire / grid.step))):
        for part, whole in _outside(points, closed, sample(edge, points[:, 0], points[:, 1], grid.wrap) > -0.05 * wire, grid.columns if grid.wrap else 0):
            turn = round(float(part[-1, 0] - part[0, 0]) / grid.columns) * grid.length if whole and grid.wrap else 0.0
            curve = _centred(Curve(grid.mm(part), whole, turn), fine, grid)
            thick = sample(depth, part[:, 0], part[:, 1], grid.wrap)
            if curve.length >= 1.6 * wire:
                weight = curve.length * (0.5 + float(thick.mean()) / wire)
                lines += [Line(piece, "line", weight) for piece in _bent(curve, wire, grid)]
            elif thick.max() > 0.4 * wire and len(part) == len(points) and curve.length < 2.5 * thick.max():
                grains.append((*curve.points[np.argmax(thick)], float(thick.max())))
    return lines, np.array(grains, np.float64).reshape(-1, 3)


def _centred(curve: Curve, fine: np.ndarray, grid: _Grid) -> Curve:
    """A chain of pixels moved across itself to where both edges of the metal are equally far, by a pixel at most."""
    curve = smooth(even(curve, grid.step), 1.5 * grid.step, grid.step)
    ring = curve.ring
    if len(ring) < 5:
        return curve
    way = np.gradient(ring, axis=0)[: len(curve.points)]
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-12)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    reach = 2.0 * grid.step
    left, right = (sample(fine, *grid.pixel(curve.points + side * reach * across), grid.wrap) for side in (1.0, -1.0))
    off = np.clip(0.5 * (right - left), -grid.step, grid.step)
    if not curve.closed:
        off[[0, -1]] = 0.0
    return curve.moved(curve.points - off[:, None] * across)


def _outside(points: np.ndarray, closed: bool, within: np.ndarray, period: int) -> list[tuple[np.ndarray, bool]]:
    """The stretches of a chain that are not within a broad motif, and whether it is still closed."""
    if not within.any():
        return [(points, closed)]
    if within.all():
        return []
    if closed:  # begin at a place within, so that no stretch runs over the end
        first, turn = int(np.argmax(within)), np.rint((points[-1, 0] - points[0, 0]) / period) * period if period else 0.0
        points = np.concatenate([points[first:], points[:first] + (turn, 0.0)])
        within = np.roll(within, -first)
    marks = np.flatnonzero(np.diff(np.concatenate([[True], within, [True]]).astype(np.int8)))
    return [(points[a:b], False) for a, b in zip(marks[::2], marks[1::2]) if b - a > 1]


def _veins(field: np.ndarray, edge: np.ndarray, depth: np.ndarray, wire: float, grid: _Grid) -> list[Line]:
    """Grooves and ridges within broad motifs, the stronger first."""
    soft = blur(field, 0.45 * wire / grid.step, grid.wrap)
    yy, xx = (np.gradient(np.gradient(soft, axis=k), axis=k) for k in (0, 1))
    xy = np.gradient(np.gradient(soft, axis=0), axis=1)
    middle, spread = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    deep = edge > 1.1 * wire
    lines: list[Line] = []
    for bend in (middle + spread, spread - middle):  # across a groove, across a ridge
        strong = bend * deep
        if not deep.any() or strong.max() <= 1e-5:
            continue
        level = max(0.35 * float(np.quantile(strong[deep], 0.98)), 1e-5)
        for points, closed in straight_on(chains(thinned(strong > level, grid.wrap), grid.wrap), max(4, round(wire / grid.step))):
            curve = Curve(grid.mm(points), closed)
            if curve.length > 3.0 * wire and not (closed and grid.wrap and abs(points[-1, 0] - points[0, 0]) > 0.5 * grid.columns):
                force = float(sample(strong, points[:, 0], points[:, 1], grid.wrap).mean()) / level
                lines += [Line(piece, "inner", 0.1 * curve.length * force) for piece in _bent(curve, wire, grid)]
    return lines
