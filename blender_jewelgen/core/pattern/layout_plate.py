"""Ornament on a plate: roundel, medallion, radial, mirror, single, diaper; everything keeps clear of the border."""

from __future__ import annotations

import math

import numpy as np

from ..height.filters import sample
from .borders import centre
from .families import FAMILIES, Options
from .layout_strip import box, radius
from .sources import Source, figure, sequence
from .strip import Plate, Strip
from .strokes import Canvas, Pen

FLOWERS = ("rosette", "lotus", "peony", "baoxiang", "sun", "star", "quatrefoil")


def canvas_of(plate: Plate) -> Canvas:
    """An empty canvas in the plate's millimetres."""
    return Canvas(-plate.size_x / 2, -plate.size_y / 2, plate.size_x, plate.size_y, plate.columns, plate.rows)


def is_round(plate: Plate) -> bool:
    """Whether the plate is a disc, or so near to one that rings suit it."""
    depth = float(plate.outline.max())
    area = float((plate.outline > 0).mean()) * plate.size_x * plate.size_y
    return area < 1.12 * math.pi * depth * depth


def pixels(plate: Plate, mm: float) -> int:
    """Pixels of a square figure ``mm`` wide on this plate."""
    return int(min(max(mm / min(plate.size_x / plate.columns, plate.size_y / plate.rows), 16), 1024))


def put(pen: Pen, cell: np.ndarray, x: float, y: float, across: float, angle: float = 0.0, flip: bool = False) -> None:
    """Stamp a figure so that the larger side of what stands in it is ``across``, its middle at (x, y)."""
    bx, by, wide, tall = box(cell)
    k = across / max(wide, tall)
    here = pen.at(x, y, 1.0, angle, flip)
    here.stamp(cell, -bx * k, -by * k, k)


def ring_of(plate: Plate, outer: float, inner: float, sources: list[Source], technique: str, seed: int, fold: int, canvas: Canvas) -> None:
    """Motifs in a ring between two radii (mm) round the middle, their heads outward."""
    cx, cy, _ = centre(plate)
    size, middle = outer - inner, (outer + inner) / 2
    order = sequence([s.weight for s in sources])
    n = max(int(2 * math.pi * (inner + 0.42 * size) / (size * 1.06)), 3)
    n = max(n // len(order), 1) * len(order)
    if fold:
        n = fold * max(round(n / fold), 1)
    fit = min(1.0, 2 * math.pi * middle / (n * size))
    cells = [figure(s, pixels(plate, size), technique, seed) for s in sources]
    pen = Pen(canvas, cx, cy)
    for k in range(n):
        a = 2 * math.pi * k / n
        put(pen, cells[order[k % len(order)]], middle * math.sin(a), middle * math.cos(a), 0.92 * size * fit, -a)
    r = size * 0.055
    if fit > 0.85:
        for k in range(n):
            a = 2 * math.pi * (k + 0.5) / n
            for way, grow in ((outer - 2.4 * r, 1.0), (outer - 4.9 * r, 0.7)):
                pen.dome(way * math.sin(a), way * math.cos(a), r * grow, 0.45 * grow, 0.1)


def moulding(canvas: Canvas, x: float, y: float, radius: float, half: float) -> None:
    """A ring of wire with fine granules inside it."""
    pen = Pen(canvas, x, y)
    pen.ring(0, 0, radius, half, 0.6)
    n = max(round(2 * math.pi * (radius - 1.9 * half) / (2.1 * half)), 6)
    for k in range(n):
        a = 2 * math.pi * k / n
        pen.dome((radius - 1.9 * half) * math.sin(a), (radius - 1.9 * half) * math.cos(a), half * 0.95, 0.5, 0.1)


def roundel(plate: Plate, edge: float, sources: list[Source], technique: str, seed: int, fold: int) -> np.ndarray:
    """A motif in the middle, a moulding, and a ring: of the other motifs, of a family, or of leaves when there is but one motif."""
    cx, cy, depth = centre(plate)
    canvas = canvas_of(plate)
    outer = depth - edge
    figures = [s for s in sources if s.kind != "family"]
    heart = figures[0] if figures else Source("rosette", "cell")
    rest = [s for s in sources if s is not heart]
    inner = outer * min(max(0.63 * (heart.weight / (np.mean([s.weight for s in rest]) if rest else 1.0)) ** 0.35, 0.45), 0.74)
    half = max(0.018 * outer, 0.08)
    middle = figure(heart, pixels(plate, 2 * inner), technique, seed)
    put(Pen(canvas), middle, cx, cy, (inner - 5.0 * half) * max(box(middle)[2:]) / radius(middle))
    moulding(canvas, cx, cy, inner, half)
    families = [s for s in rest if s.kind == "family"]
    if not rest:
        rest = [Source("palmette", "cell")] if heart.name in FLOWERS else []
        families = [] if rest else [Source("laurel", "family")]
    if families:
        picture = ring_family(plate, outer - 0.02 * outer, inner + 0.06 * outer, families[0], seed)
        return np.maximum(canvas.height, picture)
    ring_of(plate, outer, inner + 0.05 * outer, rest, technique, seed, fold, canvas)
    return canvas.height


def medallion(plate: Plate, edge: float, source: Source, technique: str, seed: int) -> np.ndarray:
    """One motif as large as it can be in a round moulding."""
    cx, cy, depth = centre(plate)
    canvas = canvas_of(plate)
    outer = depth - edge
    half = max(0.02 * outer, 0.08)
    cell = figure(source, pixels(plate, 2 * outer), technique, seed)
    put(Pen(canvas), cell, cx, cy, (outer - 6.5 * half) * max(box(cell)[2:]) / radius(cell))
    moulding(canvas, cx, cy, outer - half, half)
    return canvas.height


def ring_family(plate: Plate, outer: float, inner: float, family: Source, seed: int) -> np.ndarray:
    """A strip family bent into a ring between two radii (mm)."""
    (cx, cy, _), outer, inner = centre(plate), float(outer), float(inner)
    x, y = plate.x - cx, plate.y - cy
    r = np.hypot(x, y)
    pixel = plate.size_x / plate.columns
    strip = Strip(math.pi * (outer + inner), outer - inner, max(int(2 * math.pi * outer / pixel), 32), max(int((outer - inner) / pixel * 1.2), 8))
    flat = np.pad(FAMILIES[family.name](strip, np.random.default_rng(seed), Options()), ((1, 1), (0, 0)))
    place = (r < outer) & (r > inner)
    angle = np.broadcast_to(np.arctan2(x, y), r.shape)[place] / (2 * math.pi)
    picture = np.zeros(r.shape, np.float32)
    picture[place] = sample(flat, angle * strip.columns - 0.5, (outer - r[place]) / (outer - inner) * strip.rows + 0.5, True)
    return picture


def radial(plate: Plate, edge: float, sources: list[Source], technique: str, seed: int, fold: int) -> np.ndarray:
    """``fold`` copies of the motif round the middle, heads outward, on a small rosette."""
    cx, cy, depth = centre(plate)
    outer = depth - edge
    n = fold or 6
    hub = outer * 0.26
    slim = max(box(figure(s, 64, technique, seed))[2] / max(box(figure(s, 64, technique, seed))[2:]) for s in sources)
    size = min(outer - hub, 2 * math.pi * 0.6 * outer / n / max(slim, 0.2) * 0.95)
    canvas = canvas_of(plate)
    pen = Pen(canvas, cx, cy)
    order = sequence([s.weight for s in sources])
    cells = [figure(s, pixels(plate, size), technique, seed) for s in sources]
    for k in range(n):
        a = 2 * math.pi * k / n
        way = outer - size / 2 - 0.02 * outer
        put(pen, cells[order[k % len(order)]], way * math.sin(a), way * math.cos(a), size * 0.96, -a)
    inner = outer - size - 0.06 * outer
    if inner > 0.12 * outer:
        put(pen, figure(Source("rosette", "cell"), pixels(plate, 2 * inner), technique, seed), 0, 0, 2 * min(inner, 0.5 * outer) * 0.95)
    return canvas.height


__all__ = ["canvas_of", "is_round", "medallion", "moulding", "pixels", "put", "radial", "ring_family", "roundel"]
