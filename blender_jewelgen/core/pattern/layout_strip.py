"""Ornament along a strip: family, frieze, bands, medallions, diaper, single."""

from __future__ import annotations

import math

import numpy as np

from .families import FAMILIES, Options
from .repeat import repeat
from .sources import Source, figure, sequence
from .strip import Strip
from .strokes import Pen, curve, spiral


def box(cell: np.ndarray) -> tuple[float, float, float, float]:
    """(middle x, middle y, width, height) of what stands in a square cell, in parts of its side, y up."""
    rows, columns = np.nonzero(cell.max(axis=1) > 0.02)[0], np.nonzero(cell.max(axis=0) > 0.02)[0]
    if len(rows) == 0:
        return 0.0, 0.0, 1.0, 1.0
    n = len(cell)
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    return (left + right) / 2 / n - 0.5, 0.5 - (top + bottom) / 2 / n, (right - left) / n, (bottom - top) / n


def radius(cell: np.ndarray) -> float:
    """How far the figure in a square cell reaches from the middle of its box, in parts of the side."""
    x, y, _, _ = box(cell)
    rows, columns = np.nonzero(cell > 0.02)
    n = len(cell)
    return float(np.hypot((columns + 0.5) / n - 0.5 - x, 0.5 - (rows + 0.5) / n - y).max()) if len(rows) else 0.5


def beads_between(pen: Pen, x: float, gap: float) -> None:
    """A lozenge of granules in the gap between two motifs, if there is room for it."""
    r = min(0.055, gap * 0.16)
    if r < 0.02:
        return
    for dx, dy, size in ((0, 0, 1.25), (0, 2.6, 0.9), (0, -2.6, 0.9), (0, 4.6, 0.6), (0, -4.6, 0.6)):
        pen.dome(x + dx * r, 0.5 + dy * r, r * size, 0.5 * size, 0.1)


def frieze(strip: Strip, sources: list[Source], options: Options, technique: str, seed: int, *, frames: bool = False, beads: bool = True) -> np.ndarray:
    """Motifs in a row, each as often as its share, mirrored in turn if asked; optionally each in a round frame."""
    order = sequence([s.weight for s in sources])
    lone = sources[0].weight if len(sources) == 1 else 1.0
    size = min(max(0.88 * lone**0.5, 0.45), 0.97)
    pixels = max(round(strip.rows * 1.15), 24)
    cells = [figure(s, pixels, technique, seed) for s in sources]
    boxes = [box(c) for c in cells]
    scales = [0.315 / radius(c) if frames else size / max(b[3], b[2] / 1.6) for c, b in zip(cells, boxes)]
    wide = [1.02 if frames else b[2] * k for b, k in zip(boxes, scales)]
    gap = (0.12 if frames else 0.26) / options.fine
    aspect = sum(wide[i] + gap for i in order)

    def draw(pen: Pen, period: float) -> None:
        squeeze = min((period - 0.06 * len(order)) / sum(wide[i] for i in order), 1.0)
        space = (period - sum(wide[i] * squeeze for i in order)) / len(order)
        x = space / 2
        for i in order:
            b, k, w = boxes[i], scales[i] * squeeze, wide[i] * squeeze
            pen.stamp(cells[i], x + w / 2 - b[0] * k, 0.5 - b[1] * k, k)
            if frames:
                frame(pen.at(x + w / 2, 0.5, squeeze))
            if beads:
                beads_between(pen, x + w + space / 2, space)  # at the last one this is the tile's own edge
            x += w + space

    return repeat(strip, options, aspect, draw)


def frame(pen: Pen, radius: float = 0.46) -> None:
    """A round moulding of two wires with granules between."""
    pen.ring(0, 0, radius - 0.02, 0.028, 0.7)
    pen.ring(0, 0, radius - 0.105, 0.016, 0.5)
    n = round(2 * math.pi * (radius - 0.068) / 0.05)
    for i in range(n):
        a = 2 * math.pi * i / n
        pen.dome((radius - 0.068) * math.sin(a), (radius - 0.068) * math.cos(a), 0.024, 0.55, 0.2)


def bands(strip: Strip, sources: list[Source], options: Options, rng: np.random.Generator) -> np.ndarray:
    """Families above one another: the first in the middle, the others in pairs outward, as wide as their shares, wires between."""
    picture = np.zeros((strip.rows, strip.columns), np.float32)
    total = sources[0].weight * 1.4 + sum(s.weight for s in sources[1:])
    low = 0.0
    for source in reversed(sources[1:]):
        wide = strip.width * source.weight / total / 2
        for y0, turn in ((low, True), (strip.width - low - wide, False)):
            rows, part = strip.band(y0 + 0.04 * wide, y0 + 0.84 * wide) if turn else strip.band(y0 + 0.16 * wide, y0 + 0.96 * wide)
            drawn = 0.85 * FAMILIES[source.name](part, np.random.default_rng(int(rng.integers(1 << 31)) if turn else 0), Options(mirror=options.mirror))
            picture[rows] = np.maximum(picture[rows], drawn[::-1] if turn else drawn)
            wire = y0 + 0.92 * wide if turn else y0 + 0.08 * wide
            picture = np.maximum(picture, (0.6 * np.sqrt(np.maximum(1 - ((strip.y - wire) / (0.06 * wide)) ** 2, 0))).astype(np.float32))
        low += wide
    rows, part = strip.band(low, strip.width - low)
    picture[rows] = np.maximum(picture[rows], FAMILIES[sources[0].name](part, rng, options))
    return picture


def medallions(strip: Strip, family: Source, sources: list[Source], options: Options, technique: str, seed: int, rng: np.random.Generator) -> np.ndarray:
    """A family all along, broken by round frames that hold the motifs in turn."""
    order = sequence([s.weight for s in sources])
    share = sum(s.weight for s in sources) / len(sources) / family.weight
    n = max(round(strip.length / strip.width / (2.6 * len(order) / min(max(share, 0.5), 1.6))), 1)
    n = options.repeats or n
    spots = n * len(order)
    field = FAMILIES[family.name](strip, rng, Options(multiple=spots))
    cells = [figure(s, max(round(strip.rows * 0.8), 24), technique, seed) for s in sources]
    boxes = [box(c) for c in cells]

    def over(pen: Pen, period: float) -> None:
        for slot, i in enumerate(order):
            b, k = boxes[i], 0.315 / radius(cells[i])
            x = (slot + 0.5) * period / len(order)
            pen.stamp(cells[i], x - b[0] * k, 0.5 - b[1] * k, k)
            frame(pen.at(x, 0.5))

    def cover(pen: Pen, period: float) -> None:
        for slot in range(len(order)):
            pen.dome((slot + 0.5) * period / len(order), 0.5, 0.475, 1.0, 1.0)

    fixed = Options(repeats=n)
    room = repeat(strip, fixed, 1.0, cover)
    return np.maximum(field * np.clip(1.0 - 1.0 * room, 0.0, 1.0), repeat(strip, fixed, 1.0, over))


def diaper(strip: Strip, sources: list[Source], options: Options, technique: str, seed: int) -> np.ndarray:
    """Small motifs all over in offset rows, a granule between."""
    lone = sources[0].weight if len(sources) == 1 else 1.0
    rows = max(round(min(strip.width / 1.9, 3.0) * options.fine / lone**0.5), 2)
    pixels = max(strip.rows // rows, 16)
    cells = [figure(s, pixels, technique, seed) for s in sources]
    order = sequence([s.weight for s in sources])
    pitch = 1.04

    def draw(pen: Pen, period: float) -> None:
        step = period / len(order)
        for row in range(rows):
            for slot, i in enumerate(order):
                x = (slot + 0.5 * (row % 2)) * step
                pen.stamp(cells[i], x, row + 0.5, 0.99 * min(step, 1.0))
                pen.dome(x + step / 2, row + 0.5, 0.07, 0.45, 0.1)

    return repeat(strip, options, pitch * len(order) / rows, draw, float(rows))


def single(strip: Strip, sources: list[Source], technique: str, seed: int) -> np.ndarray:
    """One motif (or a few side by side) in the middle of the strip, with wires that run out from it to the left and the right."""
    cells = [figure(s, strip.rows, technique, seed) for s in sources]
    boxes = [box(c) for c in cells]
    n = len(cells)

    def draw(pen: Pen, period: float) -> None:
        scales = [0.92 * min(s.weight, 1.15) ** 0.5 / max(b[3], b[2] / 1.7) for s, b in zip(sources, boxes)]
        wide = sum(b[2] * k for b, k in zip(boxes, scales)) + 0.15 * (n - 1)
        squeeze = min(1.0, 0.92 * period / wide)
        x = period / 2 - wide * squeeze / 2
        for cell, b, k in zip(cells, boxes, scales):
            k *= squeeze
            pen.stamp(cell, x + b[2] * k / 2 - b[0] * k, 0.5 - b[1] * k, k)
            x += (b[2] * k / squeeze + 0.15) * squeeze
        room = period / 2 - wide * squeeze / 2 - 0.3
        if room > 0.7:
            for side in (-1, 1):
                _flourish(pen.at(period / 2, 0.5, 1.0, 0.0, side < 0), wide * squeeze / 2 + 0.16, min(room, 2.2))

    return repeat(strip, Options(repeats=1), strip.length / strip.width, draw)


def _flourish(pen: Pen, start: float, long: float) -> None:
    """A pair of C scrolls that open to the right, leaves and a tapering row of granules between them."""
    for up in (-1, 1):
        line = np.concatenate([curve((start, 0.0), (start + 0.1, 0.3 * up), (start + 0.5, 0.42 * up), (start + 0.52, 0.2 * up), count=24), spiral(start + 0.4, 0.2 * up, (start + 0.52, 0.2 * up), -1.1 * up, 0.35)[1:]])
        pen.ribbon(line, np.linspace(0.045, 0.026, len(line)), 0.65)
        pen.dome(start + 0.4, 0.2 * up, 0.04, 0.7, 0.2)
        pen.blade((start + 0.1, 0.02 * up), (start + 0.78, 0.1 * up), 0.06, root=0.7, end=0.9, bend=-0.16 * up, low=0.2, high=0.6, rib=0.12, gap=0.015)
    pen.dome(start, 0.0, 0.07, 0.8, 0.2, gap=0.015)
    count = int((long - 0.9) / 0.12)
    for k in range(count):
        pen.dome(start + 0.86 + 0.12 * k, 0.0, 0.045 * (1 - 0.6 * k / max(count, 1)), 0.5, 0.1)


__all__ = ["bands", "box", "diaper", "frame", "frieze", "medallions", "radius", "single"]
