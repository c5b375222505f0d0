"""Strip families of the goldsmith's bench: granules, hammer, twisted wire, gadroons, mouldings, scales and feathers."""

from __future__ import annotations

import math

import numpy as np

from .figures_sign import rosette_face
from .repeat import Options, count, finish, repeat
from .strip import Strip
from .strokes import Canvas, Pen, beaten


def granulation(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Etruscan granulation: triangles of packed granules from both edges by turns, a zigzag wire between, clusters in the angles."""
    rows = int(rng.integers(4, 6))

    def draw(pen: Pen, period: float) -> None:
        tall = 0.4
        grain = min(tall / (2 + 1.732 * (rows - 1)), period / 2 / (2 * rows) * 1.12)
        for edge in (0, 1):
            here = pen.at(period / 2 * edge, float(edge), 1.0, math.pi * edge)
            here.ribbon(np.array([[-period, 0.035], [period, 0.035]]), 0.028, 0.32)
            for row in range(rows):
                for i in range(rows - row):
                    here.dome((i - (rows - row - 1) / 2) * 2 * grain, 0.07 + grain * (1 + 1.732 * row), grain * 0.985, 0.8, 0.15)
            peak = 0.07 + grain * (2 + 1.732 * (rows - 1))
            here.dome(0, peak + 0.05, 0.034, 0.55, 0.1)
            here.dome(0, peak + 0.115, 0.024, 0.45, 0.1)
            for k in range(6):
                a = k * math.pi / 3
                here.dome(period / 2 + 0.068 * math.sin(a), 0.2 + 0.068 * math.cos(a), 0.034, 0.55, 0.12)
            here.dome(period / 2, 0.2, 0.036, 0.8, 0.2)
            for side in (-1, 1):
                here.dome(period / 2 + side * 0.075, 0.09, 0.018, 0.35, 0.1)
        zig = np.array([[k * period / 2 - period / 2, 0.66 if k % 2 else 0.34] for k in range(5)])
        zig[:, 1] = 1 - zig[:, 1]
        pen.ribbon(zig, 0.022, 0.5, beaten(0.05))

    return finish(repeat(strip, options, 0.92, draw))


def hammered(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Hammered facets: shallow dishes of a ball hammer that meet in crisp ridges."""
    return finish(facets(strip, rng, max(count(strip, 0.3, options), 5) * 6))


def facets(strip: Strip, rng: np.random.Generator, blows: int) -> np.ndarray:
    """(rows, columns) float32 of about ``blows`` hammer dishes with jittered places, periodic along x; in [0, 1]."""
    across = max(round(math.sqrt(blows * strip.width / strip.length)), 2)
    along = max(round(blows / across), 3)
    px, py = strip.length / along, strip.width / across
    canvas = Canvas(0.0, 0.0, strip.length, strip.width, strip.columns, strip.rows, strip.periodic)
    canvas.height[:] = 9.0
    reach = 1.3 * max(px, py)
    for j in range(-1, across + 1):
        for i in range(along):
            jx, jy, size, deep = rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3), rng.uniform(0.9, 1.15), rng.uniform(0.0, 0.08)
            cx, cy = (i + 0.5 + 0.5 * (j % 2) + jx) * px, (j + 0.5 + jy) * py
            for place, x, y in canvas.windows(cx - reach, cx + reach, cy - reach, cy + reach):
                dish = (((x - cx) / px) ** 2 + ((y - cy) / py) ** 2) / (size * size) - deep
                picture = canvas.height[place]
                np.minimum(picture, dish, out=picture)
    dish = np.clip(canvas.height, -0.1, 1.0)
    return np.clip((dish + 0.08) / 0.62, 0.0, 1.0).astype(np.float32) ** 0.8


def rope(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Twisted wire: two thick cords of opposed twist, like a plaited chain, a fine twist at each edge."""
    lean = rng.uniform(0.9, 1.1)

    def draw(pen: Pen, period: float) -> None:
        x, y = pen.canvas.x / period, pen.canvas.y
        for low, high, way, strands in ((0.12, 0.5, 1, 1), (0.5, 0.88, -1, 1), (0.015, 0.115, -1, 3), (0.885, 0.985, 1, 3)):
            picture = twist(x * strands, (y - low) / (high - low) * 2 - 1, way * lean, 1.0 if strands == 1 else 0.42)
            np.maximum(pen.canvas.height, picture, out=pen.canvas.height)

    return finish(repeat(strip, options, 0.3, draw))


def twist(turns: np.ndarray, v: np.ndarray, lean: float, high: float) -> np.ndarray:
    """The height of a cord twisted of round strands; ``turns`` (1, n) strands along it, ``v`` (m, 1) in [-1, 1] across."""
    body = np.sqrt(np.maximum(1.0 - v * v, 0.0))
    bow = np.arcsin(np.clip(v, -1, 1)) / (math.pi / 2)
    phase = turns - float(lean) * 0.8 * bow
    phase = np.abs(phase - np.round(phase)) * 2
    return np.where(np.abs(v) < 1, float(high) * body * (0.35 + 0.65 * np.sqrt(np.maximum(1.0 - (phase * 0.98) ** 2, 0.0))), 0.0).astype(np.float32)


def gadroon(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Gadroons: leaning lobes, full at the top and tapering down, a bead between their heads."""
    lean = rng.uniform(0.28, 0.4)

    def draw(pen: Pen, period: float) -> None:
        pen.ribbon(np.array([[-0.1, 0.05], [period + 0.1, 0.05]]), 0.04, 0.5)
        for k in (-1, 0, 1):
            x = (k + 0.5) * period
            pen.blade((x + 0.02, 0.1), (x + 0.62 * lean, 0.62), period * 0.13, root=0.5, end=1.0, bend=-0.1, low=0.2, high=0.6)
            pen.dome(x + lean + period * 0.02, 0.92, period * 0.12, 0.62, 0.1)
        for k in (-1, 0, 1):
            x = k * period
            pen.blade((x, 0.09), (x + lean, 0.97), period * 0.45, root=0.8, end=0.4, bend=-0.08, low=0.2, high=1.0, tilt=0.5, gap=0.02)

    return finish(repeat(strip, options, 0.4, draw))


def egg_and_dart(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Egg and dart: eggs in hollow shells, arrow heads between, a fillet above."""
    wide = rng.uniform(0.95, 1.05)

    def draw(pen: Pen, period: float) -> None:
        pen.ribbon(np.array([[-0.1, 0.93], [period + 0.1, 0.93]]), 0.055, 0.7)
        for k in (0, 1):
            x = k * period
            t = np.linspace(-2.5, 2.5, 40)
            hoop = np.stack([x + 0.36 * period * wide * np.sin(t), 0.5 - 0.42 * np.cos(t)], 1)
            pen.ribbon(hoop, 0.055, 0.62, foot=0.2)
            pen.blade((x, 0.86), (x, 0.14), 0.225 * min(period, 1.0) * wide, root=0.42, end=0.55, low=0.2, high=1.0, gap=0.03)
            m = x + period / 2
            pen.blade((m, 0.86), (m, 0.06), 0.05, root=0.5, end=0.6, low=0.3, high=0.7)
            for side in (-1, 1):
                pen.blade((m, 0.04), (m + side * 0.1, 0.34), 0.04, root=0.5, end=0.9, bend=side * 0.1, low=0.3, high=0.62, gap=0.01)

    return finish(repeat(strip, options, 0.78, draw))


def bead_and_reel(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Bead and reel: long beads and pairs of turned discs on a thread, between two wires."""
    long = rng.uniform(0.95, 1.05)

    def draw(pen: Pen, period: float) -> None:
        for y in (0.06, 0.94):
            pen.ribbon(np.array([[-0.1, y], [period + 0.1, y]]), 0.045, 0.45)
        pen.ribbon(np.array([[-0.1, 0.5], [period + 0.1, 0.5]]), 0.05, 0.3)
        for k in (0, 1):
            x = k * period
            pen.blade((x - 0.42 * long, 0.5), (x + 0.42 * long, 0.5), 0.34, root=0.5, end=0.5, low=0.12, high=1.0)
            for d in (-0.115, 0.115):
                pen.blade((x + period / 2 + d, 0.17), (x + period / 2 + d, 0.83), 0.082, root=0.22, end=0.22, low=0.15, high=0.8, gap=0.015)

    return finish(repeat(strip, options, 1.36, draw))


def scale(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Fish scales: overlapped rows, each scale with a raised rim and a fan of fine lines."""
    rows, rays = options.rows or int(rng.integers(3, 5)), float(rng.integers(5, 8))

    def draw(pen: Pen, period: float) -> None:
        for row in range(-2, rows + 2):
            for k in (0, 1):
                x, y = (k + 0.5 * (row % 2)) * period, (row + 0.55) * 1.0
                for place, px, py in pen.canvas.windows(x - 0.62, x + 0.62, y - 1.1, y + 1.5):
                    dx, dy = (px - x) / (0.56 * period), py - y
                    down = np.where(dy > 0, dy * 0.4, dy / 0.98)
                    r = np.sqrt(dx * dx + down * down)
                    fan = 0.05 * np.cos(2 * math.pi * rays * np.arctan2(dx, 1.5 - dy) * 0.9) * np.clip(2 - 2.2 * r, 0, 1)
                    body = 0.62 - 0.22 * dy - 0.16 * r * r + 0.16 * np.exp(-(((r - 0.87) / 0.09) ** 2)) + fan
                    pen.canvas.over(place, ((1 - r) * 0.5).astype(np.float32), np.maximum(body, 0.05).astype(np.float32), 0.1)

    return finish(repeat(strip, options, 1.0 / rows, draw, float(rows)))


def feather(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Plumage: overlapped rows of long feathers with quill, slanting barbs and rounded tips."""
    rows, barbs = float(options.rows or 2), float(rng.integers(9, 12))

    def draw(pen: Pen, period: float) -> None:
        for row in range(-2, int(rows / 0.7) + 2):
            for k in (0, 1):
                x, y = (k + 0.5 * (row % 2)) * period, row * 0.7 + 0.9
                pen.blade((x, y + 0.9), (x, y - 0.72), 0.52 * period, root=0.32, end=0.36, low=0.22, high=0.62, tilt=0.9, veins=barbs, vein=0.05, gap=0.1)
                pen.blade((x, y + 0.5), (x, y - 0.62), 0.04, root=0.3, end=0.8, low=0.5, high=0.85, tilt=0.6, gap=0.02)
                pen.dome(x, y - 0.44, 0.07, 1.0, 0.5, gap=0.025)

    return finish(repeat(strip, options, 0.8 / rows, draw, rows))


def coin(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Linked coins: rings that overlap their neighbours with a flower in each, as on Chinese cash borders."""
    petals = int(rng.choice([6, 8]))

    def draw(pen: Pen, period: float) -> None:
        for x in (0.0, period):
            pen.dome(x, 0.5, 0.4, 0.28, 0.2)
        pen.ring(0, 0.5, 0.4, 0.055, 0.7)
        for y in (-1, 1):
            pen.blade((period / 2, 0.5 + y * 0.14), (period / 2, 0.5 + y * 0.43), 0.1, root=0.7, end=0.5, low=0.2, high=0.55, rib=0.12)
        pen.dome(period / 2, 0.5, 0.06, 0.6, 0.1)
        rosette_face(pen.at(0, 0.5, 1.0, 0.0, False, 0.95), petals, 0.27)

    return finish(repeat(strip, options, 0.86, draw))
