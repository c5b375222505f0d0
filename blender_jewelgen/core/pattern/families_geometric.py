"""Strip families ruled by geometry: interlace, meanders, guilloche, lattice, stars, chevrons, tortoiseshell."""

from __future__ import annotations

import math

import numpy as np

from .figures_sign import rosette_face, star
from .repeat import Options, finish, repeat
from .strip import Strip
from .strokes import Pen, Profile, channel, curve, reeded, round_wire, spiral


def plait(pen: Pen, period: float, strands: int, swing: float, half: float, profile: Profile, gap: float) -> None:
    """``strands`` cords that cross alternately over and under; each returns to its place after one period."""
    x = np.linspace(-0.04, 1.04, 131)
    cords = []
    for k in range(strands):
        phase = (x + k / strands) % 1.0
        climb = np.where(phase < 0.5, 2 * phase, 2 - 2 * phase)  # 0 at the lower edge, 1 at the upper
        rise = np.where(phase < 0.5, -1.0, 1.0)
        y = 0.5 + swing * np.arcsin(0.97 * np.sin((climb - 0.5) * math.pi)) / math.asin(0.97)
        level = rise * np.cos(math.pi * strands * climb) * np.clip(3.5 * strands * np.minimum(climb, 1 - climb) / 2, 0, 1)
        cords.append((np.stack([x * period, y], 1), level))
    pen.weave(cords, half, profile, gap=gap)


def interlace(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Celtic interlace of three or four straps with a double contour, truly over and under."""
    strands, full = int(rng.choice([3, 4, 4])), rng.uniform(0.94, 1.0)

    def draw(pen: Pen, period: float) -> None:
        plait(pen, period, strands, 0.39, 0.3 * full / strands + 0.002, channel, 0.024)

    return finish(repeat(strip, options, 0.52 * strands, draw))


def braid(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """A plait of three reeded cords, close and full."""
    full = rng.uniform(0.95, 1.05)

    def draw(pen: Pen, period: float) -> None:
        plait(pen, period, 3, 0.33, 0.145 * full, reeded, 0.016)

    return finish(repeat(strip, options, 1.5, draw))


def guilloche(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Guilloche: two reeded straps twined round eyes, a domed rosette in each eye."""
    petals = int(rng.choice([6, 8]))

    def draw(pen: Pen, period: float) -> None:
        x = np.linspace(-0.04, 1.04, 109)
        cords = [(np.stack([x * period, 0.5 + side * 0.37 * np.cos(2 * math.pi * x)], 1), side * np.sin(2 * math.pi * x)) for side in (-1, 1)]
        pen.weave(cords, 0.098, reeded, gap=0.022)
        for k in (0.0, period / 2):
            pen.dome(k, 0.5, 0.2, 0.42, 0.2, gap=0.0)
            rosette_face(pen.at(k, 0.5, 0.6, 0.0, False, 0.9), petals, 0.3)
        for k in (0.25, 0.75):
            for y in (0.07, 0.93):
                pen.dome(k * period, y, 0.048, 0.5, 0.1)

    return finish(repeat(strip, options, 1.7, draw))


def bars(pen: Pen, lines: list[tuple[float, float, float, float]], half: float, height: float = 0.9) -> None:
    """Bevelled bars with a chased middle along axis-parallel lines (x0, y0, x1, y1), joined cleanly where they meet."""
    union = np.full(pen.canvas.height.shape, -1.0, np.float32)
    h = float(half * pen.scale)
    for x0, y0, x1, y1 in lines:
        (ax, ay), (bx, by) = pen.point(min(x0, x1), min(y0, y1)), pen.point(max(x0, x1), max(y0, y1))
        ax, bx, ay, by = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        for place, x, y in pen.canvas.windows(ax - h, bx + h, ay - h, by + h):
            aside, above = np.maximum(np.maximum(ax - x, x - bx), 0.0), np.maximum(np.maximum(ay - y, y - by), 0.0)
            np.maximum(union[place], h - np.maximum(aside, above), out=union[place])
    v = np.clip(1.0 - union / h, 0.0, 1.0)
    body = np.sqrt(np.maximum(1.0 - (1.0 - np.minimum((1.0 - v) / 0.42, 1.0)) ** 2, 0.0)) * (1.0 - 0.34 * np.exp(-((v / 0.26) ** 2)))
    np.maximum(pen.canvas.height, np.where(union > 0, height * pen.lift * body, 0.0).astype(np.float32), out=pen.canvas.height)


def meander(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Meander: a running Greek key, a key with pellets, or the paired thunder spirals of Chinese bronzes."""
    kind = int(rng.integers(3))

    def draw(pen: Pen, period: float) -> None:
        if kind == 2:
            u, top = period / 12, 0.9
            v = 0.8 / 8
            for side in (0, 1):
                here = pen.at(0, 0) if not side else pen.at(period, 1.0, 1.0, math.pi)
                x = [i * u for i in range(6)]
                here_lines = [
                    (0, 0.1, 0, top), (0, top, x[5], top), (x[5], top, x[5], 0.1 + 2 * v), (x[5], 0.1 + 2 * v, 1.6 * u, 0.1 + 2 * v),
                    (1.6 * u, 0.1 + 2 * v, 1.6 * u, top - 1.8 * v), (1.6 * u, top - 1.8 * v, 3.6 * u, top - 1.8 * v), (3.6 * u, top - 1.8 * v, 3.6 * u, 0.49),
                    (3.6 * u, 0.49, 2.7 * u, 0.49), (0, 0.1, period / 2, 0.1),
                ]
                bars(here.at(u * 0.5, 0), here_lines, 0.036)
            return
        u, v = period / 7, 0.78 / 5
        y = [0.11 + v * i for i in range(6)]
        x = [u * i for i in range(8)]
        lines = [
            (x[0], y[0], x[0], y[5]), (x[0], y[5], x[5], y[5]), (x[5], y[5], x[5], y[1] + 0.2 * v), (x[5], y[1] + 0.2 * v, x[2], y[1] + 0.2 * v),
            (x[2], y[1] + 0.2 * v, x[2], y[3] + 0.1 * v), (x[2], y[3] + 0.1 * v, x[3] + 0.4 * u, y[3] + 0.1 * v),
            (x[0], y[0], x[0], y[0]), (x[7], y[0], x[7], y[5]),
        ]
        lines += [(x[6] + 0.0 * u, y[0], x[7], y[0]), (x[0], y[0], x[6], y[0])]
        bars(pen, [line for line in lines if line[0] != line[2] or line[1] != line[3]], 0.042)
        if kind:
            pen.dome(x[6], 0.53, 0.05, 0.7, 0.1)
            pen.dome(x[6], 0.77, 0.038, 0.6, 0.1)
            pen.dome(x[6], 0.29, 0.038, 0.6, 0.1)

    return finish(repeat(strip, options, 1.18 if kind < 2 else 1.7, draw))


def lattice(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """A trellis of woven wires, a flower in each diamond, a pellet on each crossing."""
    petals = int(rng.choice([4, 6, 8]))

    def draw(pen: Pen, period: float) -> None:
        t = np.linspace(-0.3, 1.3, 65)
        cords = []
        for side in (-1, 1):
            for k in (-1, 0, 1):
                level = side * np.cos(2 * math.pi * t)
                cords.append((np.stack([(t + k) * period, 0.5 + side * (t - 0.5)], 1), level))
        pen.weave(cords, 0.04, reeded, gap=0.012)
        for x, y in ((0.0, 0.5), (period / 2, 1.0), (period / 2, 0.0)):
            rosette_face(pen.at(x, y, 0.82, 0.0, False, 0.8), petals, 0.27)
        for x, y in ((period / 2, 0.5), (0.0, 0.0), (0.0, 1.0)):
            pen.dome(x, y, 0.075, 1.0, 0.35, gap=0.02)

    return finish(repeat(strip, options, 0.86, draw))


def girih(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Girih: six-pointed stars in double-contoured strapwork, a cut star in each, blossoms where they meet."""
    points, inner = int(rng.choice([6, 12])), rng.uniform(0.46, 0.56)

    def draw(pen: Pen, period: float) -> None:
        centres = [(0.0, 0.5), (period, 0.5), (period / 2, 0.0), (period / 2, 1.0)]
        radius = 0.51 * math.hypot(period / 2, 0.5)
        turns = math.pi / 6 * np.arange(13)
        reach = np.where(np.arange(13) % 2 == 0, radius, 0.6 * radius)
        for x, y in centres:
            pen.ribbon(np.stack([x + reach * np.sin(turns), y + reach * np.cos(turns)], 1), 0.05, 0.75, channel, foot=0.2)
            star(pen.at(x, y, radius * 0.62, 0.0, False, 0.85), points, inner if points == 6 else 0.7)
        for x, y in ((period / 2, 0.5), (0.0, 0.0), (0.0, 1.0)):
            for k in range(4):
                a = math.pi / 2 * k
                pen.blade((x, y), (x + 0.17 * math.sin(a), y + 0.17 * math.cos(a)), 0.06, root=0.7, end=0.8, low=0.2, high=0.5, rib=0.1)
            pen.dome(x, y, 0.05, 0.7, 0.2, gap=0.01)

    return finish(repeat(strip, options, 1.0, draw))


def chevron(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Chevrons: channelled ridges and rows of granules by turns."""
    deep = rng.uniform(0.4, 0.5)

    def draw(pen: Pen, period: float) -> None:
        for k in (-1, 0, 1):
            for x, half, level in ((0.0, 0.17, 0.9), (0.29, 0.055, 0.5), (0.71, 0.055, 0.5)):
                x = (x + k) * period - deep / 2
                line = np.array([[x - 0.12 * deep, -0.12], [x + deep, 0.5], [x - 0.12 * deep, 1.12]])
                pen.ribbon(line, period * half * 0.88, level, channel if half > 0.1 else round_wire, foot=0.1)
            n = 8
            for i in range(-n, n + 1):
                x, y = (0.5 + k) * period - deep / 2 + deep * (1 - abs(i) / n), 0.5 + 0.5 * i / n
                pen.dome(x, y, min(period * 0.12, 0.062), 0.7, 0.1)

    return finish(repeat(strip, options, 0.56, draw))


def tortoiseshell(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Tortoiseshell (kikkō): hexagons in nested mouldings, a six-petalled flower in each."""
    rows = 2.0
    petals = int(rng.choice([6, 6, 8]))

    def draw(pen: Pen, period: float) -> None:
        for cx, cy in ((0.0, 0.5), (0.0, 1.5), (period / 2, 0.0), (period / 2, 1.0), (period / 2, 2.0)):
            for place, x, y in pen.canvas.windows(cx - 0.7, cx + 0.7, cy - 0.55, cy + 0.55):
                dx, dy = np.abs(x - cx) * (1.1547 / period * 1.5), np.abs(y - cy)
                d = 0.5 - np.maximum(dy, dx * 0.8660 + dy * 0.5)
                ridge = 0.62 * np.clip(d / 0.05, 0, 1) - 0.0
                body = ridge - 0.34 * np.clip((d - 0.09) / 0.03, 0, 1) + 0.22 * np.clip((d - 0.15) / 0.03, 0, 1) - 0.2 * np.clip((d - 0.21) / 0.03, 0, 1)
                pen.canvas.max(place, np.where(d > 0, np.maximum(body, 0.03), 0.0).astype(np.float32))
            rosette_face(pen.at(cx, cy, 0.86, 0.0, False, 0.8), petals, 0.28)

    return finish(repeat(strip, options, 1.5 * 1.1547 / 2, draw, rows))


def wave(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Seigaiha: overlapped rows of concentric arcs, the sea in calm."""
    rows, rings = options.rows or int(rng.integers(2, 4)), int(rng.integers(3, 5))

    def draw(pen: Pen, period: float) -> None:
        for row in range(2 * rows + 1, -3, -1):
            for k in (0, 1):
                x, y, radius = (k + 0.5 * (row % 2)) * period, row * 0.5 - 0.32, period * 0.54
                for place, px, py in pen.canvas.windows(x - radius, x + radius, y - radius, y + radius):
                    r = np.hypot(px - x, py - y) / radius
                    t = r * rings
                    ridge = np.sqrt(np.maximum(1 - (2 * (t - np.floor(t)) - 1) ** 2 * 0.97, 0.0))
                    body = 0.25 + 0.3 * r + 0.42 * ridge * (0.75 + 0.25 * r)
                    pen.canvas.over(place, ((1 - r) * radius).astype(np.float32), body.astype(np.float32), 0.05)
                pen.dome(x, y, radius * 0.14, 0.5, 0.3)

    return finish(repeat(strip, options, 1.12 / rows, draw, float(rows)))


def running_wave(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Running waves (Vitruvian scroll): crests that roll over into spirals with foam, on a ribbed swell."""
    turns = rng.uniform(1.3, 1.6)

    def draw(pen: Pen, period: float) -> None:
        for k in (-1, 0, 1):
            here = pen.at(k * period, 0.0)
            for i, (inset, level) in enumerate(((0.0, 0.8), (0.1, 0.62), (0.19, 0.5))):
                top = 0.86 - inset * 1.0
                start = (period * 0.16 + inset * 0.3, 0.5)
                rise = curve((-period * 0.62, 0.12 - 0.0 * i), (-period * 0.25, 0.1 - inset * 0.3), (-period * 0.3 + inset, top), (0.05, top), count=26)
                if i == 0:
                    line = np.concatenate([rise, spiral(0.05, 0.56, (0.05, top), -turns, 0.22)[1:]])
                    here.ribbon(line, np.interp(np.arange(len(line)), [0, 24, len(line) - 1], [0.03, 0.062, 0.035]), level, round_wire, foot=0.15)
                    here.dome(0.05, 0.56, 0.06, 0.9, 0.3, gap=0.012)
                else:
                    rise = curve((-period * 0.62 + inset * 2.2, 0.12), (-period * 0.25 + inset, 0.12), (-period * 0.28 + inset * 1.5, 0.6 - inset), (-0.25 + inset * 0.3, 0.66 - inset * 0.4), count=18)
                    here.ribbon(rise, np.linspace(0.026, 0.014, 18), level, round_wire)
                del start
            for a, r in ((0.5, 0.04), (0.16, 0.032), (-0.15, 0.025)):
                here.dome(0.05 + 0.42 * math.cos(a), 0.56 + 0.42 * math.sin(a), r, 0.5, 0.1)
        pen.ribbon(np.array([[-0.1, 0.06], [period + 0.1, 0.06]]), 0.035, 0.4)

    return finish(repeat(strip, options, 1.1, draw))
