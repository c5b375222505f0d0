"""Borders: mouldings along the two edges of a strip, or following the outline of a plate; in mm, closed exactly."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..height.filters import sample
from .families_craft import bead_and_reel, egg_and_dart, twist
from .repeat import Options, finish, repeat
from .strip import Plate, Strip
from .strokes import Canvas, Pen, curve, round_wire, spiral

Draw = Callable[[Pen, float], None]


def _rail(pen: Pen, period: float, y: float, half: float, height: float) -> None:
    pen.ribbon(np.array([[-0.1, y], [period + 0.1, y]]), half, height, round_wire)


def _plain(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.62, 0.3, 0.85)
    _rail(pen, period, 0.14, 0.13, 0.45)


def _beaded(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.1, 0.1, 0.5)
    _rail(pen, period, 0.9, 0.1, 0.6)
    pen.dome(period / 2, 0.5, min(0.3, period * 0.48), 1.0, 0.2)


def _milgrain(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.72, 0.28, 0.6)
    _rail(pen, period, 0.16, 0.15, 0.55)
    pen.dome(period / 2, 0.72, min(0.27, period * 0.5), 1.0, 0.45)


def _rope(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.09, 0.09, 0.5)
    _rail(pen, period, 0.91, 0.09, 0.6)
    pen.canvas.height[:] = np.maximum(pen.canvas.height, twist(pen.canvas.x / period, (pen.canvas.y - 0.5) / 0.31, 0.9, 1.0))


def _meander(pen: Pen, period: float) -> None:
    from .families_geometric import bars

    _rail(pen, period, 0.07, 0.07, 0.5)
    _rail(pen, period, 0.93, 0.07, 0.6)
    u, low, high = period / 4, 0.25, 0.75
    bars(pen, [(0, low, 0, high), (0, high, 2.6 * u, high), (2.6 * u, high, 2.6 * u, 0.46), (2.6 * u, 0.46, 1.35 * u, 0.46), (0, low, 4 * u, low), (4 * u, low, 4 * u, high)], 0.062, 0.9)


def _leaf(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.07, 0.07, 0.5)
    _rail(pen, period, 0.93, 0.07, 0.6)
    for k in (1, 0, -1):
        for side in (-1, 1):
            pen.blade((k * period, 0.5), (k * period + 0.6, 0.5 + side * 0.26), 0.13, root=0.6, end=0.9, bend=side * 0.1, low=0.25, high=0.85, rib=0.12, gap=0.03)
        pen.dome(k * period + 0.62, 0.5, 0.075, 0.9, 0.2)


def _wave(pen: Pen, period: float) -> None:
    _rail(pen, period, 0.07, 0.07, 0.5)
    _rail(pen, period, 0.93, 0.07, 0.6)
    for k in (-1, 0, 1):
        here = pen.at(k * period, 0.0)
        line = np.concatenate([curve((-period, 0.24), (-period * 0.3, 0.2), (-period * 0.42, 0.76), (0.0, 0.76), count=18), spiral(0.0, 0.52, (0.0, 0.76), -1.2, 0.3)[1:]])
        here.ribbon(line, np.interp(np.arange(len(line)), [0, 16, len(line) - 1], [0.045, 0.075, 0.05]), 0.9, round_wire)
        here.dome(0.0, 0.52, 0.07, 0.95, 0.3)


PROPORTIONS: dict[str, tuple[Draw | None, float, float]] = {  # how it is drawn, length of a repeat over its width, width over that of a bead border
    "plain": (_plain, 1.0, 0.7),
    "beaded": (_beaded, 0.64, 1.0),
    "rope": (_rope, 0.5, 0.9),
    "milgrain": (_milgrain, 0.56, 0.62),
    "bead-and-reel": (None, 1.0, 0.9),
    "egg-and-dart": (None, 1.0, 1.35),
    "meander": (_meander, 0.95, 1.4),
    "leaf": (_leaf, 0.52, 1.25),
    "wave": (_wave, 0.8, 1.25),
}


def width(name: str, across: float) -> float:
    """How wide (mm) the border is on a piece ``across`` mm wide; 0 for "none" or a piece too narrow to bear one."""
    if name not in PROPORTIONS or across < 1.2:
        return 0.0
    return min(max(0.135 * across, 0.42), 1.1) * PROPORTIONS[name][2] * min(across / 2.4, 1.0)


def border(name: str, strip: Strip) -> np.ndarray:
    """(rows, columns) float32: the border filling ``strip``; its inner side is the lower edge, its outer side the upper."""
    rng = np.random.default_rng(0)
    if name == "egg-and-dart":
        return egg_and_dart(strip, rng, Options())
    if name == "bead-and-reel":
        return bead_and_reel(strip, rng, Options())
    draw, aspect, _ = PROPORTIONS[name]
    assert draw is not None
    return finish(repeat(strip, Options(), aspect, draw))


def level_curve(plate: Plate, distance: float, count: int = 420) -> np.ndarray:
    """(count + 1, 2) closed curve in mm, ``distance`` inside the edge, counter-clockwise from the top, at equal steps.

    Seen from the deepest place of the plate the outline must hide nothing of itself (true of every form here).
    """
    cx, cy, depth = centre(plate)
    angle = np.linspace(0.0, 2 * math.pi, 4 * count + 1)[:, None] + math.pi / 2
    reach = math.hypot(plate.size_x, plate.size_y)
    way = np.linspace(0.0, 1.0, 257)[None, :] * reach
    values = sample(
        np.pad(plate.outline, 1, mode="constant", constant_values=-1.0),
        ((cx + way * np.cos(angle)) / plate.size_x + 0.5) * plate.columns + 0.5,
        (0.5 - (cy + way * np.sin(angle)) / plate.size_y) * plate.rows + 0.5,
    )
    inside = values > min(distance, 0.98 * depth)
    last = np.maximum(inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1), 0)
    last = np.minimum(last, inside.shape[1] - 2)
    here, there = (np.take_along_axis(values, (last + k)[:, None], 1)[:, 0] for k in (0, 1))
    part = np.clip((here - distance) / np.maximum(here - there, 1e-9), 0.0, 1.0)
    r = (last + part) * (reach / 256)
    points = np.stack([cx + r * np.cos(angle[:, 0]), cy + r * np.sin(angle[:, 0])], 1)
    points[-1] = points[0]
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    even = np.linspace(0.0, steps[-1], count + 1)
    return np.stack([np.interp(even, steps, points[:, 0]), np.interp(even, steps, points[:, 1])], 1)


def centre(plate: Plate) -> tuple[float, float, float]:
    """(x, y, distance to the edge) in mm of the place deepest inside the plate, on its middle line if that is as deep."""
    deepest = float(plate.outline.max())
    rows, columns = np.nonzero(plate.outline > deepest - 0.6 * plate.size_x / plate.columns)
    x, y = plate.x[0, columns], plate.y[rows, 0]
    return float(x.mean()), float(y.mean()), deepest


def follow(plate: Plate, outer: float, inner: float, picture: Callable[[Strip], np.ndarray]) -> np.ndarray:
    """(rows, columns) float32: a strip of ornament bent along the edge of the plate, from ``outer`` to ``inner`` mm inside it.

    ``picture(strip)`` draws it; its upper edge lies outward.
    """
    half = (inner - outer) / 2
    line = level_curve(plate, outer + half)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    pixel = min(plate.size_x / plate.columns, plate.size_y / plate.rows)
    strip = Strip(length, 2 * half, max(round(length / pixel), 16), max(round(2 * half / pixel) * 2, 6))
    flat = picture(strip)
    canvas = Canvas(-plate.size_x / 2, -plate.size_y / 2, plate.size_x, plate.size_y, plate.columns, plate.rows)
    for place, v, s in Pen(canvas).trace(line, half):
        row, column = np.nonzero(np.abs(v) < 1.0)
        across, along = v[row, column], s[row, column]
        value = sample(flat, along / length * strip.columns - 0.5, (0.5 + across / 2) * strip.rows - 0.5, True)
        canvas.height[place][row, column] = value
    return canvas.height
