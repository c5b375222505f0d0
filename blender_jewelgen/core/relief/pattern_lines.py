"""The pattern's own lines bent of wire: outlines heavier, broad motifs filled with scrolls, one repeat copied round the piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..form.plate import Plate
from ..height.filters import sample
from ..wires.centreline import Drawing, drawing_of
from ..wires.curves import Curve
from ..wires.packing import STILL, Motion, mirror
from ..wires.period import one_part, repeats
from ..wires.spacing import Room, lay
from .field_lines import HEAVY, Layer
from .solder import Wire

_MARGIN = 0.2  # share of a picture's rows that may be empty along a border and are cropped
_BORDER = 0.45  # share of a border's rows that is metal where a line of the pattern runs along the frame
_BEAD = 1.5  # times coarser than elsewhere are lines on a bead looked for
_APART = 2.6  # mm between granules that hold such a line
_ALIKE = 0.06  # share of a field that may differ between sides that count as the same


def lay_pattern(layer: Layer, picture: np.ndarray, margin: float) -> bool:
    """Lay the pattern's lines within the frames; False, with a note, if it has none.

    ``picture`` (h, w) covers the ornament, row 0 the upper edge; ``margin`` is the plain border in mm that a plate's
    picture keeps free. A pattern that repeats round a ring is laid once and copied.
    """
    ground = layer.ground
    count = repeats(picture, 0.4) if ground.wrap and layer.blocked is None else 1
    if count == 1:
        if ground.bead:
            layer.ribs()
        return _laid(layer, picture, margin)
    columns = max(8, round(layer.room.gap.shape[1] / count))
    part = replace(ground, length=ground.length / count, border=np.ascontiguousarray(ground.border[:, :columns]))
    inner = Layer(part, layer.craft, layer.opening, layer.bury, layer.seed, None)
    inner.room = replace(part.room(), gap=np.ascontiguousarray(layer.room.gap[:, :columns]))
    if ground.bead:
        inner.ribs(1)
    if not _laid(inner, one_part(picture, count), margin):
        layer.layout.notes += inner.layout.notes
        return False
    for wire in inner.layout.wires:
        layer.layout.wires += _copies(wire, count, part.length)
    if inner.layout.granules:
        granules = np.concatenate(inner.layout.granules)
        layer.layout.granules += [granules + (k * part.length, 0.0, 0.0, 0.0) for k in range(count)]
    layer.layout.notes += inner.layout.notes
    return True


def _copies(wire: Wire, count: int, length: float) -> list[Wire]:
    """A wire of one repeat in all of them; one that runs round the repeat runs round the piece."""
    points = [wire.curve.points + (k * length, 0.0) for k in range(count)]
    if abs(wire.curve.turn) > 0.5 * length:
        laps = round(wire.curve.turn / length)
        if abs(laps) == 1:
            whole = np.concatenate(points if laps > 0 else points[::-1])
            return [replace(wire, curve=Curve(whole, True, count * wire.curve.turn))]
        points = [np.concatenate([p, p[:1] + (wire.curve.turn, 0.0)]) for p in points]
        return [replace(wire, curve=Curve(p)) for p in points]
    return [replace(wire, curve=wire.curve.moved(p)) for p in points]


def _laid(layer: Layer, picture: np.ndarray, margin: float) -> bool:
    drawing, low, size = _drawn(layer, picture, margin)
    layout, wire, room = layer.layout, layer.wire, layer.room
    if drawing.finding:
        layout.notes.append(f"the pattern is {drawing.finding}: the field was filled with scrolls")
        return False
    ranks = {"outline": 0, "line": 1, "inner": 2}
    lines = sorted(drawing.lines, key=lambda one: (ranks[one.kind], -one.weight))
    figure = isinstance(layer.ground.host, Plate)  # drawn heavier, that it reads on its ground of scrolls
    gauges = [wire * (1.5 if figure else HEAVY) if one.kind == "outline" or (figure and one.kind == "line") else wire for one in lines]
    laid = lay([one.curve.moved(one.curve.points + low) for one in lines], room, gauges, layer.opening)
    for piece, number in zip(laid.curves, laid.wishes):
        outline = lines[number].kind == "outline"
        layer.take(piece, gauges[number], layer.plain if outline or gauges[number] > wire else layer.kind, "outline" if outline else "line")
    if not laid.curves:
        layout.notes.append(f"the pattern has no line that wire of {wire:g} mm can follow: the field was filled with scrolls")
        return False
    wished = sum(one.curve.length for one in lines if one.kind != "inner")
    kept = sum(piece.length for piece, number in zip(laid.curves, laid.wishes) if lines[number].kind != "inner")
    if kept < 0.85 * wished:
        finer = max(0.2, round(0.7 * wire, 2))
        layout.notes.append(
            f"the pattern is finer than wire of {wire:g} mm can follow: {1.0 - kept / wished:.0%} of its lines were left out or led into others; try --wire {finer:g}"
        )
    _grains(layer, drawing.grains + (*low, 0.0))
    if not isinstance(layer.ground.host, Plate):
        _held(layer, low[1], size[1])
    _cells(layer, drawing, low, size)
    room, motions = _evened(layer)
    layer.grow(room, motions, 1.3 * layer.gauge.spiral if figure else None, "none")
    return True


def _drawn(layer: Layer, picture: np.ndarray, margin: float) -> tuple[Drawing, np.ndarray, tuple[float, float]]:
    """The lines of the picture, where its lower left corner lies, and what it covers (mm)."""
    ground, wire = layer.ground, layer.wire
    if isinstance(ground.host, Plate):
        edge = max(layer.frame - margin, 0.0)
        size, low = (ground.length - 2.0 * edge, ground.width - 2.0 * edge), np.array([edge, edge])
    elif ground.bead:
        picture, size, low = _mercator(layer, picture), (ground.length, ground.width), np.zeros(2)
    else:
        first, last = _content(picture)
        picture = picture[first:last]
        upper, lower = (1.2 * wire if share > _BORDER else -0.05 * wire for share in _along(picture, wire / max(ground.width - 2.0 * layer.frame, wire)))
        inner = max(ground.width - 2.0 * layer.frame - upper - lower, 3.0 * wire)
        size, low = (ground.length, inner), np.array([0.0, layer.frame + lower])
    wide = _BEAD if ground.bead else 1.0  # a bead's ground is smaller than it is unrolled
    return drawing_of(picture, size, ground.wrap, wire * wide, layer.opening * wide), low, size


def _content(picture: np.ndarray) -> tuple[int, int]:
    """The rows between which there is ornament, if only little is empty above and below."""
    rows = len(picture)
    high = np.flatnonzero(picture.max(axis=1) > picture.min() + 0.25 * (picture.max() - picture.min()))
    if not len(high):
        return 0, rows
    most = int(_MARGIN * rows)
    return min(int(high[0]), most), max(int(high[-1]) + 1, rows - most)


def _along(picture: np.ndarray, share: float) -> tuple[float, float]:
    """How much of the upper and of the lower border is metal: over a wire's width, a ``share`` of the rows."""
    rows = max(1, round(share * len(picture)))
    metal = picture > picture.min() + 0.3 * (picture.max() - picture.min())
    return float(metal[:rows].mean()), float(metal[-rows:].mean())


def _mercator(layer: Layer, picture: np.ndarray) -> np.ndarray:
    """The picture of a bead as its ground is unrolled: rows farther apart towards the holes."""
    ground, host = layer.ground, layer.ground.host
    turn = ground.length * round(2.0 * np.pi * (ground.level + 0.5 * layer.wire) / ground.length)  # of the whole bead
    rows = 2 * len(picture)
    v = (np.arange(rows) + 0.5) / rows * ground.width
    height = float(host.outer[:, 0].max()) * np.tanh((v - 0.5 * ground.width) / turn * 2.0 * np.pi)
    reached = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(host.outer, axis=0), axis=1))])
    at = (np.interp(height, host.outer[:, 1], reached) - host.zone[0]) / (host.zone[1] - host.zone[0])
    return sample(picture, np.arange(picture.shape[1])[None, :], ((1.0 - at[::-1]) * len(picture) - 0.5)[:, None], True)


def _grains(layer: Layer, grains: np.ndarray) -> None:
    """Dots of the pattern as granules, where they have room."""
    for u, v, r in grains:
        r = float(np.clip(r, 0.5 * layer.wire, 2.0 * layer.wire))
        if float(layer.room.at(np.array([[u, v]]))[0]) > 0.4 * r:
            layer.granule(u, v, r)


def _held(layer: Layer, low: float, height: float) -> None:
    """Granules between the frames and lines that run along them."""
    count = max(1, round(layer.ground.length / _APART))
    for v, gap in ((0.5 * (layer.frame + low), low - layer.frame), (layer.ground.width - 0.5 * (layer.ground.width - low - height + layer.frame), layer.ground.width - low - height - layer.frame)):
        radius = 0.5 * gap + 0.15 * layer.wire
        if gap < 0.8 * layer.wire:
            continue
        for k in range(count):
            u = (k + 0.5) * layer.ground.length / count
            probe = np.array([[u, v + side * 0.7 * gap] for side in (-1.0, 1.0)])
            if (layer.room.at(probe) < 0.1 * layer.wire).all():
                layer.granule(u, v, radius)


def _cells(layer: Layer, drawing: Drawing, low: np.ndarray, size: tuple[float, float]) -> None:
    """Scrolls and rings within broad motifs."""
    if drawing.inside.max() < layer.gauge.ring:
        return
    room = layer.room
    u, v = room.centres()
    rows, columns = drawing.inside.shape
    column, row = (u - low[0]) / size[0] * columns - 0.5, rows - 0.5 - (v - low[1]) / size[1] * rows
    inside = sample(drawing.inside, column[None, :], row[:, None], layer.ground.wrap)
    covered = (inside > 0.0) & ((v > low[1]) & (v < low[1] + size[1]))[:, None]
    within = replace(room, gap=np.where(covered, room.gap, -1.0).astype(np.float32))
    layer.grow(within, (STILL,), None, "rings")
    room.gap[covered] = np.minimum(room.gap, within.gap)[covered]


def _evened(layer: Layer) -> tuple[Room, tuple[Motion, ...]]:
    """The room with what is free on both sides of a plate whose pattern mirrors itself, and the motions."""
    room = layer.room
    gap = np.clip(room.gap, -0.5, 1.0)
    if not isinstance(layer.ground.host, Plate) or float((np.abs(gap - gap[:, ::-1]) > 0.3 * layer.wire).mean()) > _ALIKE:
        return room, (STILL,)
    return replace(room, gap=np.minimum(room.gap, room.gap[:, ::-1])), (STILL, mirror(u=0.5 * layer.ground.length))
