"""Strip families that grow: scrolls, acanthus, vine, lotus scroll, honeysuckle, laurel, leaves."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import figures_flower as flower
from .repeat import Options, finish, repeat
from .strip import Strip
from .strokes import Pen, Profile, beaten, curve, round_wire, spiral


def stem(period: float, swing: float) -> Callable[[np.ndarray], np.ndarray]:
    """The undulating main stem: x to (n, 2) points; crest at x = 0, trough at half the period."""
    return lambda x: np.stack([x, 0.5 + swing * np.cos(2 * math.pi * np.asarray(x) / period)], 1)


def rinceau(
    pen: Pen,
    period: float,
    *,
    swing: float,
    half: float,
    turns: float,
    profile: Profile = round_wire,
    curl: float = 0.62,
    inner: float = 0.2,
    eye: float = 0.055,
    flower: Callable[[Pen], None] | None = None,
    leaf: Callable[[Pen], None] | None = None,
    tendril: bool = True,
) -> None:
    """A stem that waves along the strip, a volute springing into each of its bays.

    ``flower`` is drawn at the end of each volute (unit: its free radius), ``leaf`` where the volutes spring.
    """
    path = stem(period, swing)
    pen.ribbon(path(np.linspace(-0.02, 1.02, 73) * period), half, 0.72, profile, foot=0.12)
    for bay in (0, 1):
        here = pen.at(period / 2 * bay, 0.5, 1.0, math.pi if bay else 0.0, False)  # the second bay is the first, turned by half
        start = path(np.array([-period * 0.235]))[0] - [0, 0.5]
        radius = curl * min(period / 4, swing + 0.13)
        cx, cy = 0.0, 0.06 * (1 - curl) + swing - radius - 2.6 * half - 0.02
        spring = (cx - radius, cy + 0.01)
        ahead = path(np.array([-period * 0.2]))[0] - [0, 0.5]
        line = np.concatenate([curve(tuple(start), tuple(ahead), (spring[0], spring[1] - radius * 0.6), spring), spiral(cx, cy, spring, -turns, inner, even=True)[1:]])
        width = np.linspace(half * 0.95, half * 0.5, len(line))
        here.ribbon(line, width, np.linspace(0.66, 0.56, len(line)), profile, foot=0.12)
        if tendril:
            for side in (-1, 1):
                x, y = side * 0.16 * period, -0.425
                wire = curve((side * 0.335 * period, -swing * 0.5), (side * 0.3 * period, -swing * 0.9), (side * 0.24 * period, y), (x, y), count=16)
                here.ribbon(wire, np.linspace(half * 0.8, half * 0.4, len(wire)), 0.5, profile, foot=0.1)
                here.dome(x - side * 0.03, y, half * 1.05, 0.6, 0.15)
                here.dome(side * 0.245 * period, y + 0.085, half * 0.8, 0.5, 0.15)
        if leaf is not None:
            leaf(here.at(float(start[0]), float(start[1]), radius, -0.5))
        if flower is not None:
            flower(here.at(cx, cy, radius * 0.9))
        elif eye:
            here.dome(cx, cy, eye, 0.85, 0.25, gap=0.012)


def _calyx(pen: Pen) -> None:
    """A small sheath of two leaves where a branch leaves its stem."""
    for turn, size in ((0.55, 0.62), (-0.62, 0.6), (0.0, 0.55)):
        pen.blade((0, -0.12), (size * math.sin(turn), size * math.cos(turn)), 0.14, root=0.6, end=1.0, bend=0.18 if turn < 0 else -0.18, low=0.3, high=0.85, rib=0.14, gap=0.04)


def scroll(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Scroll filigree: a twisted wire that waves, a volute in each bay, small C scrolls and granules between."""
    turns, half = rng.uniform(1.75, 2.15), rng.uniform(0.031, 0.036)

    def draw(pen: Pen, period: float) -> None:
        way = np.hypot(*np.diff(stem(period, 0.36)(np.linspace(0, 1, 73) * period), axis=0).T).sum()
        wire = beaten(way / round(way / (half * 1.5)))  # whole turns, so that the twist closes
        rinceau(pen, period, swing=0.36, half=half, turns=turns, profile=wire, curl=0.86, inner=0.16, leaf=_calyx)

    return finish(repeat(strip, options, 1.5, draw))


def acanthus(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Acanthus rinceau: volutes with fluted lobes peeling off outward, a rosette in the heart of each, leaf sheaths on the stem."""
    lobes, petals = int(rng.integers(9, 11)), int(rng.choice([5, 6, 8]))

    def draw(pen: Pen, period: float) -> None:
        path = stem(period, 0.31)
        pen.ribbon(path(np.linspace(-0.02, 1.02, 73) * period), 0.036, 0.6, foot=0.15)
        for bay in (0, 1):
            here = pen.at(period / 2 * bay, 0.5, 1.0, math.pi if bay else 0.0)
            arch = path(np.linspace(-0.29, -0.02, 12) * period) - [0, 0.5]
            arch[:, 1] -= np.linspace(0.0, 0.1, 12)
            spine = np.concatenate([arch, curve(tuple(arch[-1]), (0.08 * period, 0.26), (0.16 * period, 0.2), (0.17 * period, 0.02), count=10)[1:]])
            stalk = curve((-0.23 * period, 0.0), (-0.16 * period, -0.3), (-0.04, -0.44), (0.03, -0.17), count=16)
            here.ribbon(stalk, np.linspace(0.03, 0.018, len(stalk)), 0.55)
            for turn in (1.9, 2.9):
                here.blade((-0.1 * period, -0.3), (-0.1 * period + 0.15 * math.sin(turn), -0.3 + 0.12 * math.cos(turn)), 0.04, root=0.7, end=0.7, bend=0.15, low=0.2, high=0.6, rib=0.14, gap=0.012)
            flower.acanthus(here, spine, 0.215, lobes, 0.22, 0.92, 0.7)
            flower.rosette(here.at(0.0, -0.18, 0.18), petals, 1, True)
            x, y = arch[0]
            here.dome(float(x), float(y), 0.052, 0.95, 0.45, gap=0.012)

    return finish(repeat(strip, options, 1.6, draw))


def vine(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Vine: a waving cane, a lobed leaf in one bay, a bunch of grapes in the next, tendrils curling."""
    lean = rng.uniform(-0.15, 0.15)

    def draw(pen: Pen, period: float) -> None:
        path = stem(period, 0.2)
        pen.ribbon(path(np.linspace(-0.02, 1.02, 73) * period), 0.032, 0.55, foot=0.12)
        for bay in (0, 1):
            here = pen.at(period / 2 * bay, 0.5, 1.0, 0.0, False)
            sign = -1 if bay else 1
            stalk = curve((-period * 0.2, sign * 0.06), (-period * 0.1, sign * 0.05), (0, sign * 0.1), (0.0, sign * -0.04), count=14)
            here.ribbon(stalk, 0.022, 0.5)
            for side, size in ((-1, 0.085), (1, 0.07)):
                x0 = side * period * 0.14
                y0 = sign * (0.26 if side < 0 else 0.27)
                tip = (x0 + side * -0.02, y0 + sign * 0.1)
                wire = np.concatenate([curve((side * period * 0.06, sign * 0.2), (x0, sign * 0.2), tip, count=10), spiral(tip[0] - side * size * 0.8, tip[1], tip, side * sign * 1.4, 0.25)[1:]])
                here.ribbon(wire, np.linspace(0.02, 0.012, len(wire)), 0.42)
            if bay:
                flower.vine_leaf(here.at(0, 0.18, 0.33, lean))
            else:
                for row, (y, n) in enumerate(((0.0, 4), (-0.085, 5), (-0.17, 4), (-0.25, 3), (-0.325, 2), (-0.39, 1))):
                    for i in range(n):
                        here.dome((i - (n - 1) / 2) * 0.1, y - 0.02, 0.058, 0.9 - 0.02 * row, 0.35, gap=0.012)
                for side in (-1, 1):
                    here.blade((0, 0.05), (side * 0.24, 0.1), 0.07, root=0.6, end=1.0, bend=-side * 0.15, low=0.3, high=0.7, rib=0.12, gap=0.015)

    return finish(repeat(strip, options, 1.55, draw))


def lotus_scroll(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Lotus scroll (chánzhīlián): a stem that winds round lotus blossoms, upright and hanging, with curling leaves."""
    open_ = rng.uniform(0.96, 1.04)

    def draw(pen: Pen, period: float) -> None:
        path = stem(period, 0.385)
        pen.ribbon(path(np.linspace(-0.02, 1.02, 97) * period), 0.03, 0.6, foot=0.12)
        for bay in (0, 1):
            here = pen.at(period / 2 * bay, 0.5, 1.0, math.pi if bay else 0.0)
            for side in (-1, 1):
                wire = np.concatenate([
                    curve((side * period * 0.25, 0.0), (side * period * 0.2, -0.24), (side * period * 0.1, -0.44), (side * 0.02, -0.4), count=16),
                    curve((side * 0.02, -0.4), (0, -0.36), (0, -0.3), count=5)[1:],
                ])
                here.ribbon(wire, np.linspace(0.026, 0.018, len(wire)), 0.52)
                for t, turn, size in ((0.3, 1.75, 0.2), (0.55, 2.25, 0.17)):
                    x, y = wire[int(t * 18)]
                    _curled_leaf(here.at(float(x), float(y), size, 0.0, side < 0), turn)
                x, y = path(np.array([period * 0.145]))[0]
                _curled_leaf(here.at(side * float(x), float(y) - 0.5, 0.2, 0.0, side < 0), -2.2)
            flower.lotus(here.at(0, 0.005, 0.39 * open_), 4)

    return finish(repeat(strip, options, 2.0, draw))


def _curled_leaf(pen: Pen, turn: float) -> None:
    """A leaf of three lobes whose tip curls; it points to ``turn`` (clockwise from up)."""
    for bend, size, side in ((0.32, 0.74, -0.55), (-0.32, 0.74, 0.55), (0.2, 1.1, 0.0)):
        pen.blade((0, 0), (size * math.sin(turn + side), size * math.cos(turn + side)), 0.24, root=0.7, end=0.85, bend=bend, low=0.22, high=0.72, rib=0.14, gap=0.06)


def honeysuckle(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Honeysuckle: half palmettes springing in turn from a waving stem, their lowest leaves rolled."""
    lobes = int(rng.integers(5, 7))

    def draw(pen: Pen, period: float) -> None:
        path = stem(period, 0.33)
        pen.ribbon(path(np.linspace(-0.02, 1.02, 73) * period), 0.036, 0.62, foot=0.12)
        for bay in (0, 1):
            here = pen.at(period / 2 * bay, 0.5, 1.0, math.pi if bay else 0.0)
            root = (-0.08, -0.13)
            start = path(np.array([-period * 0.26]))[0] - [0, 0.5]
            wire = np.concatenate([curve(tuple(start), (-period * 0.24, 0.06), (-0.2, 0.02), (-0.13, -0.06), count=12), spiral(-0.16, -0.16, (-0.13, -0.06), -1.35, 0.3)[1:]])
            here.ribbon(wire, np.linspace(0.034, 0.022, len(wire)), 0.62)
            for i in sorted(range(lobes), key=lambda i: -abs(i - 1.5)):
                turn = -0.42 + i * (2.5 / (lobes - 1))
                long = 0.385 - 0.045 * math.cos(turn - 1.6) ** 2 - (0.09 if i in (0, lobes - 1) else 0.0)
                tip = (root[0] + long * math.sin(turn) * 1.1, root[1] + long * math.cos(turn) * 0.96)
                here.blade(root, tip, 0.068, root=1.0, end=0.42, bend=-0.13, low=0.22, high=0.9, tilt=0.5, rib=0.22, gap=0.014)
            here.dome(-0.16, -0.16, 0.038, 0.8, 0.3)
            here.dome(*root, 0.05, 1.0, 0.5, gap=0.012)
            x, y = 0.2 * period, -0.31
            here.blade((0.31 * period, -0.16), (x - 0.06, y), 0.045, root=0.8, end=0.7, bend=-0.25, low=0.2, high=0.6, rib=0.12, gap=0.012)
            here.blade((-0.3 * period, -0.14), (-x + 0.02, y - 0.04), 0.045, root=0.8, end=0.7, bend=0.25, low=0.2, high=0.6, rib=0.12, gap=0.012)

    return finish(repeat(strip, options, 1.5, draw))


def laurel(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Laurel: overlapped leaves in threes along the strip, with berries."""
    lean = rng.uniform(0.9, 1.0)

    def draw(pen: Pen, period: float) -> None:
        for k in (1, 0, -1):
            here = pen.at(k * period, 0.5, 1.0, -math.pi / 2)
            for side in (-1, 1):
                here.blade((side * 0.02, 0), (side * 0.42, 0.62 * lean), 0.15, root=0.75, end=0.9, bend=-side * 0.1, low=0.2, high=0.74, rib=0.18, veins=6, vein=0.035, gap=0.03)
                here.dome(side * 0.425, 0.78, 0.045, 0.55, 0.15)
            here.blade((0, -0.06), (0, 0.72), 0.16, root=0.7, end=1.0, low=0.36, high=1.0, rib=0.2, veins=6, vein=0.04, gap=0.035)

    return finish(repeat(strip, options, 0.5, draw))


def leaf(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """A branch of veined leaves, to the left and the right in turn, with buds."""
    size = rng.uniform(0.95, 1.05)

    def draw(pen: Pen, period: float) -> None:
        path = stem(period, 0.035)
        for k in (-1, 0, 1):
            for side, x in ((1, 0.0), (-1, 0.5 * period)):
                here = pen.at(x + k * period, 0.5, 1.0, -math.pi / 2)
                here.blade((side * -0.01, 0), (side * 0.36, 0.52 * size), 0.135, root=0.7, end=0.9, bend=-side * 0.12, low=0.2, high=0.8, veins=6, vein=0.06, rim=0.04, rib=0.22, gap=0.02)
                here.ribbon(curve((0, 0.12), (side * -0.1, 0.16), (side * -0.17, 0.26), count=8), np.linspace(0.022, 0.015, 8), 0.45)
                here.blade((side * -0.15, 0.22), (side * -0.24, 0.42), 0.055, root=0.6, end=0.8, low=0.25, high=0.66, rib=0.1, gap=0.012)
        pen.ribbon(path(np.linspace(-0.02, 1.02, 49) * period), 0.032, 0.85, foot=0.15, gap=0.01, caps=False)

    return finish(repeat(strip, options, 0.62, draw))
