"""Ornament that takes the shape of its plate: one fitted motif with sprigs in the gaps, a diaper, a family all over."""

from __future__ import annotations

import math

import numpy as np

from ..height.distance import distance
from ..height.filters import sample
from .borders import centre
from .families import FAMILIES, Options
from .figures_flower import sprig
from .layout_plate import canvas_of, pixels, put
from .layout_strip import box
from .sources import Source, figure, sequence
from .strip import Plate, Strip
from .strokes import Canvas, Pen


def fitted(plate: Plate, edge: float, sources: list[Source], technique: str, seed: int, pair: bool = False, plain: bool = False) -> np.ndarray:
    """One motif as large as the outline lets it be, every part of it at least ``edge`` mm from the edge; or two that face each other.

    The gaps that stay are filled with sprigs unless ``plain``.
    """
    cx, cy, depth = centre(plate)
    canvas = canvas_of(plate)
    n = pixels(plate, 2 * depth)
    cell = figure(sources[0], n, technique, seed)
    bx, by, _, _ = box(cell)
    rows, columns = _rim(cell > 0.02)
    px, py = (columns + 0.5) / n - 0.5 - bx, 0.5 - (rows + 0.5) / n - by
    if pair:
        px, py = px - px.min() + 0.02, py
    best = (0.0, cy)
    for way in np.linspace(-0.3, 0.3, 13) * depth:
        low, high = 0.0, 5.0 * depth
        for _ in range(11):
            k = (low + high) / 2
            value = sample(plate.outline, ((cx + k * px) / plate.size_x + 0.5) * plate.columns - 0.5, (0.5 - (cy + way + k * py) / plate.size_y) * plate.rows - 0.5)
            low, high = (k, high) if float(value.min()) >= edge else (low, k)
        if low * (1.0 - 0.15 * abs(way) / depth) > best[0] * (1.0 - 0.15 * abs(best[1] - cy) / depth):
            best = (low, cy + way)
    k, y = best[0] * 0.97 * min(sources[0].weight, 1.0) ** 0.5, best[1]
    if pair:
        left = float(((columns + 0.5) / n - 0.5).min())
        for flip in (False, True):
            Pen(canvas, cx, y, 1.0, 0.0, flip).stamp(cell, (0.02 - left) * k, -by * k, k)
    else:
        Pen(canvas, cx, y).stamp(cell, -bx * k, -by * k, k)
    if abs(cx) < 0.02 * plate.size_x and not plain:
        fill_gaps(canvas, plate, edge, (cx, y))
    return canvas.height


def _rim(solid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) of the first and last solid pixel of each row and column: enough to know where a figure reaches."""
    rows, columns = np.nonzero(solid.any(1))[0], np.nonzero(solid.any(0))[0]
    left, right = solid[rows].argmax(1), solid.shape[1] - 1 - solid[rows][:, ::-1].argmax(1)
    top, bottom = solid[:, columns].argmax(0), solid.shape[0] - 1 - solid[:, columns][::-1].argmax(0)
    return np.concatenate([rows, rows, top, bottom]), np.concatenate([left, right, columns, columns])


def fill_gaps(canvas: Canvas, plate: Plate, edge: float, middle: tuple[float, float]) -> None:
    """Sprigs that point away from ``middle``, in mirrored pairs, wherever a good round of bare ground is left."""
    step = max(plate.columns // 150, 1)
    pitch = plate.size_x / plate.columns * step
    solid = canvas.height > 0.02
    small = np.logical_or.reduceat(np.logical_or.reduceat(solid, np.arange(0, plate.rows, step), 0), np.arange(0, plate.columns, step), 1)
    bare = distance(~small, max(small.shape)) * pitch if small.any() else np.full(small.shape, 9e9)
    depth = float(plate.outline.max())
    free = np.minimum(bare - 0.05 * depth, plate.outline[::step, ::step] - edge)
    free = np.minimum(free, free[:, ::-1])
    x, y = plate.x[0, ::step][None, :], plate.y[::step, 0][:, None]
    pen = Pen(canvas)
    for _ in range(5):
        row, column = np.unravel_index(int(np.argmax(np.where(x >= 0, free, -1.0))), free.shape)
        room, px, py = min(float(free[row, column]), 0.34 * depth), float(x[0, column]), float(y[row, 0])
        if room < 0.12 * depth:
            return
        if abs(px) < room:
            px = 0.0
        for side in (1, -1) if px else (1,):
            turn = math.atan2(side * px - middle[0], py - middle[1])
            sprig(pen.at(side * px, py, room * 0.92, -turn))
            free = np.minimum(free, np.hypot(x - side * px, y - py) - room - 0.06 * depth)


def all_over(plate: Plate, edge: float, family: Source, seed: int) -> np.ndarray:
    """A strip family over the whole plate, in rows or bands, up to ``edge`` mm from the rim."""
    rng = np.random.default_rng(seed)
    flat = Strip(plate.size_x, plate.size_y, plate.columns, plate.rows, False)
    draw = FAMILIES[family.name]
    if family.name in ("scale", "wave", "feather"):
        picture = draw(flat, rng, Options(rows=max(round(plate.size_y / 1.9), 2)))
    elif family.name == "hammered":
        picture = draw(flat, rng, Options(repeats=max(round(plate.size_x * plate.size_y / 4.5), 5)))
    else:
        bands = max(round(plate.size_y / 5.0), 1)
        one = draw(Strip(plate.size_x, plate.size_y / bands, plate.columns, max(plate.rows // bands, 4)), rng, Options())
        rows = np.minimum((np.arange(plate.rows) + 0.5) / plate.rows * bands % 1.0 * len(one), len(one) - 1).astype(int)
        picture = one[rows]
    return picture * np.clip((plate.outline - edge) / 0.2, 0.0, 1.0)


def diaper(plate: Plate, edge: float, sources: list[Source], technique: str, seed: int) -> np.ndarray:
    """Small motifs all over in offset rows; those that would reach the border are left out."""
    cx, cy, depth = centre(plate)
    canvas = canvas_of(plate)
    pitch = max(depth / 3.2, 1.6)
    cells = [figure(s, pixels(plate, pitch), technique, seed) for s in sources]
    order = sequence([s.weight for s in sources])
    pen = Pen(canvas, cx, cy)
    reach = int(max(plate.size_x, plate.size_y) / pitch) + 1
    for j in range(-reach, reach + 1):
        for i in range(-reach, reach + 1):
            x, y = (i + 0.5 * (j % 2)) * pitch, j * pitch * 0.88
            for dx, radius, stamp in ((0.0, 0.44 * pitch, True), (pitch / 2, 0.09 * pitch, False)):
                row, column = (0.5 - (cy + y) / plate.size_y) * plate.rows - 0.5, ((cx + x + dx) / plate.size_x + 0.5) * plate.columns - 0.5
                inside = 0 <= row < plate.rows and 0 <= column < plate.columns
                if inside and float(sample(plate.outline, np.array([column]), np.array([row]))[0]) > edge + radius:
                    if stamp:
                        put(pen, cells[order[(i + j) % len(order)]], x, y, 0.86 * pitch)
                    else:
                        pen.dome(x + dx, y, 0.06 * pitch, 0.45, 0.1)
    return canvas.height
