"""Signs and emblems: ruyi, shell, stars, knots, hearts; drawn by a pen within about 0.9 of its origin, upright."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from .figures_flower import _way
from .strokes import Pen, channel, curve, reeded, round_wire, spiral


def ruyi(pen: Pen) -> None:
    """The head of a ruyi sceptre: a cloud of three lobes with inward volutes, drawn in a double contour."""
    for side in (-1, 1):
        pen.dome(side * 0.42, -0.1, 0.42, 0.42, 0.2)
        pen.blade((0, -0.2), (side * 0.2, 0.7), 0.42, root=0.6, end=0.5, low=0.2, high=0.42)
    for side in (-1, 1):
        wire = np.concatenate([
            curve((side * -0.025, 0.84), (side * 0.34, 0.81), (side * 0.5, 0.56), (side * 0.42, 0.34)),
            curve((side * 0.42, 0.34), (side * 0.95, 0.42), (side * 1.06, -0.42), (side * 0.52, -0.5))[1:],
            spiral(side * 0.45, -0.12, (side * 0.52, -0.5), side * 1.25, 0.3)[1:],
        ])
        pen.ribbon(wire, np.interp(np.arange(len(wire)), [0, 20, len(wire) - 1], [0.11, 0.125, 0.07]), 0.86, channel, foot=0.25, gap=0.04, caps=False)
        pen.dome(side * 0.45, -0.12, 0.1, 0.95, 0.4, gap=0.03)
        pen.ribbon(curve((0, -0.44), (side * 0.06, -0.7), (side * 0.3, -0.84), (side * 0.4, -0.68)), np.linspace(0.09, 0.05, 20), 0.75, gap=0.03)
        pen.dome(side * 0.38, -0.68, 0.075, 0.85, 0.4)
    pen.blade((0, -0.3), (0, 0.62), 0.2, root=0.8, end=0.8, low=0.4, high=0.8, rim=0.06, rib=0.1, gap=0.04)
    pen.dome(0, -0.36, 0.15, 1.0, 0.5, gap=0.04)


def cloud(pen: Pen, tail: float = 1.0) -> None:
    """An auspicious cloud (xiangyun): curling heads in a double contour and a long tail to the right."""
    wisp = curve((-0.2, -0.42), (0.35, -0.66), (0.7, -0.3), (0.95 * tail, -0.62), count=26)
    pen.ribbon(wisp, np.interp(np.arange(26), [0, 8, 25], [0.1, 0.13, 0.015]), 0.62, channel, foot=0.2)
    wisp = curve((0.1, -0.2), (0.5, -0.36), (0.7, 0.06), (0.92 * tail, -0.16), count=22)
    pen.ribbon(wisp, np.interp(np.arange(22), [0, 8, 21], [0.09, 0.1, 0.012]), 0.6, channel, foot=0.2, gap=0.03)
    for x, y, size, flip in ((-0.52, -0.18, 0.36, True), (0.36, 0.1, 0.34, False), (-0.1, 0.34, 0.46, True)):
        here = pen.at(x, y, size, 0.0, flip)
        here.dome(0, 0, 1.0, 0.4, 0.22, gap=0.1)
        wire = np.concatenate([curve((-0.86, -0.74), (-1.25, 0.1), (-0.6, 1.05), (0.1, 0.98)), spiral(0.04, 0.1, (0.1, 0.98), -1.65, 0.2)[1:]])
        here.ribbon(wire, np.linspace(0.23, 0.13, len(wire)), 0.9, channel, foot=0.3, gap=0.08)
        here.dome(0.04, 0.1, 0.2, 0.95, 0.4, gap=0.05)


def shell(pen: Pen, ribs: int = 9) -> None:
    """A scallop: fluted ribs that swell to the scalloped edge, a hinge with two wings."""
    for side in (-1, 1):
        pen.blade((0, -0.66), (side * 0.5, -0.6), 0.14, root=0.6, end=0.5, low=0.25, high=0.5, veins=3, vein=0.05)
    order = sorted(range(ribs), key=lambda i: -abs(i - (ribs - 1) / 2))
    for i in order:
        turn = (i - (ribs - 1) / 2) * (2.25 / (ribs - 1))
        long = 1.46 - 0.2 * turn * turn
        x, y = _way(turn, long)
        level = 0.86 - 0.14 * abs(turn)
        pen.blade((0, -0.66), (x * 0.92, -0.66 + y), 2.5 / ribs * 0.63, root=1.25, end=0.32, low=0.2, high=level, tilt=0.4, veins=5, vein=0.025, gap=0.02)
    pen.dome(0, -0.66, 0.14, 0.9, 0.4, gap=0.03)


def star(pen: Pen, points: int = 8, inner: float = 0.45) -> None:
    """A star of cut facets: each ray rises to a ridge."""
    step = math.pi / points
    for place, x, y in pen.canvas.windows(pen.x - pen.scale, pen.x + pen.scale, pen.y - pen.scale, pen.y + pen.scale):
        x, y = (x - pen.x) / pen.scale, (y - pen.y) / pen.scale
        r = np.hypot(x, y)
        a = np.arctan2(x, y) + pen.angle
        a = np.abs((a + step) % (2 * step) - step)
        px, py = r * np.sin(a), r * np.cos(a)
        ix, iy = 0.9 * inner * math.sin(step), 0.9 * inner * math.cos(step)
        edge = ((0.9 - py) * ix - px * (0.9 - iy)) / math.hypot(ix, 0.9 - iy)
        ridge = edge / (0.9 * ix / math.hypot(ix, 0.9 - iy))
        pen.canvas.over(place, (edge * pen.scale).astype(np.float32), (pen.lift * (0.14 + 0.86 * np.clip(ridge, 0, 1))).astype(np.float32), 0.02 * pen.scale)
    pen.dome(0, 0, 0.13, 1.0, 0.75, gap=0.05)


def sun(pen: Pen, rays: int = 12) -> None:
    """A sun with straight and waved rays round a domed face with a beaded rim."""
    for i in range(2 * rays):
        turn = math.pi * i / rays
        if i % 2:
            pen.blade(_way(turn, 0.36), _way(turn, 0.84), 0.06, root=0.5, end=1.0, bend=0.06, low=0.2, high=0.55, gap=0.015)
    for i in range(rays):
        turn = 2 * math.pi * i / rays
        pen.blade(_way(turn, 0.34), _way(turn, 0.92), 0.115, root=0.45, end=1.1, low=0.2, high=0.72, rib=-0.16, gap=0.02)
    pen.dome(0, 0, 0.44, 0.8, 0.45, gap=0.04)
    pen.ring(0, 0, 0.4, 0.045, 0.86)
    rosette_face(pen)


def rosette_face(pen: Pen, petals: int = 8, radius: float = 0.3) -> None:
    """A small flat flower for the middle of other figures."""
    for i in range(petals):
        turn = 2 * math.pi * i / petals
        pen.blade(_way(turn, 0.05), _way(turn, radius), radius * 0.36, root=0.9, end=0.45, low=0.7, high=0.95, rib=0.1, gap=0.015)
    pen.dome(0, 0, radius * 0.33, 1.0, 0.8, gap=0.02)


def crescent(pen: Pen) -> None:
    """A crescent moon, rounded, with a star between the horns."""
    t = np.linspace(-2.35, 2.35, 40)
    middle = np.stack([-0.06 - 0.6 * np.cos(t), 0.66 * np.sin(t)], 1)
    pen.ribbon(middle, 0.24 * np.cos(t / 2.35 * math.pi / 2) ** 0.8 + 0.004, 0.9, round_wire, foot=0.3)
    for i in range(9):
        a = -1.3 + 2.6 * i / 8
        pen.dome(-0.06 - 0.6 * math.cos(a), 0.66 * math.sin(a), 0.06 - 0.018 * abs(a), 1.0, 0.8, gap=0.03)
    star(pen.at(0.36, 0.0, 0.42), 5, 0.42)


def heart(pen: Pen) -> None:
    """A full heart with a raised wire contour and a flower upon it."""
    for side in (-1, 1):
        pen.blade((side * 0.1, -0.86), (side * 0.4, 0.76), 0.42, root=0.85, end=0.42, bend=-side * 0.06, low=0.3, high=0.62)
    for side in (-1, 1):
        wire = np.concatenate([curve((0, -0.86), (side * 0.5, -0.42), (side * 0.98, 0.06), (side * 0.78, 0.5)), curve((side * 0.78, 0.5), (side * 0.62, 0.86), (side * 0.14, 0.84), (0, 0.42))[1:]])
        pen.ribbon(wire, 0.065, 0.8, round_wire, foot=0.2, gap=0.03)
        inner = np.concatenate([curve((0, 0.24), (side * 0.2, 0.62), (side * 0.6, 0.6), (side * 0.58, 0.26)), spiral(side * 0.38, 0.26, (side * 0.58, 0.26), -side * 1.1, 0.3)[1:]])
        pen.ribbon(inner, np.linspace(0.05, 0.035, len(inner)), 0.82, gap=0.02)
        pen.dome(side * 0.38, 0.26, 0.06, 0.9, 0.5)
        pen.blade((0, -0.12), (side * 0.42, -0.02), 0.1, root=0.7, end=0.9, bend=side * 0.15, low=0.55, high=0.85, rib=0.1, gap=0.02)
    pen.blade((0, -0.62), (0, 0.1), 0.16, root=0.8, end=0.7, low=0.55, high=1.0, rib=0.14, gap=0.03)
    pen.dome(0, 0.2, 0.08, 1.0, 0.6, gap=0.02)


def quatrefoil(pen: Pen, lobes: int = 4) -> None:
    """A Gothic foil: a moulded frame of arcs, a rosette within and trefoil points without."""
    for i in range(lobes):
        turn = 2 * math.pi * (i + 0.5) / lobes
        pen.blade(_way(turn, 0.42), _way(turn, 0.9), 0.13, root=0.6, end=0.7, low=0.2, high=0.66, rib=-0.1, gap=0.02)
    for half, level, shape in ((0.11, 0.62, round_wire), (0.05, 0.8, round_wire)):
        for i in range(lobes):
            turn = 2 * math.pi * i / lobes
            spread = np.linspace(-1.0, 1.0, 36) * (math.pi / 2 + math.pi / lobes)
            x, y = _way(turn, 0.44)
            pen.ribbon(np.stack([x + 0.36 * np.sin(turn + spread), y + 0.36 * np.cos(turn + spread)], 1), half, level, shape)
    rosette_face(pen, 2 * lobes, 0.42)
    for i in range(lobes):
        pen.dome(*_way(2 * math.pi * i / lobes, 0.57), 0.1, 0.8, 0.3, gap=0.02)


def fleur_de_lys(pen: Pen) -> None:
    """The heraldic lily: a broad middle petal, two that roll outward, a bar, and three feet."""
    for side in (-1, 1):
        wire = np.concatenate([curve((side * 0.08, -0.3), (side * 0.2, 0.32), (side * 0.62, 0.56), (side * 0.74, 0.16)), spiral(side * 0.56, 0.1, (side * 0.74, 0.16), -side * 0.85, 0.35)[1:]])
        pen.ribbon(wire, np.interp(np.arange(len(wire)), [0, 12, len(wire) - 1], [0.07, 0.17, 0.05]), 0.8, round_wire, foot=0.25, gap=0.03)
        pen.dome(side * 0.56, 0.1, 0.09, 0.9, 0.3, gap=0.02)
        foot = np.concatenate([curve((side * 0.06, -0.3), (side * 0.14, -0.6), (side * 0.36, -0.74), (side * 0.46, -0.52))])
        pen.ribbon(foot, np.linspace(0.08, 0.045, len(foot)), 0.75, foot=0.2, gap=0.02)
        pen.dome(side * 0.45, -0.54, 0.075, 0.85, 0.3)
    pen.blade((0, -0.34), (0, 0.92), 0.27, root=0.62, end=0.95, low=0.35, high=0.95, rib=-0.12, rim=0.06, gap=0.035)
    pen.blade((0, -0.28), (0, -0.9), 0.13, root=0.5, end=0.9, low=0.3, high=0.85, rib=-0.1, gap=0.03)
    pen.ribbon(curve((-0.34, -0.3), (0, -0.26), (0.34, -0.3)), 0.085, 1.0, reeded, foot=0.4, gap=0.03)
    for side in (-1, 1):
        pen.dome(side * 0.36, -0.3, 0.09, 1.0, 0.5, gap=0.02)


def spiral_figure(pen: Pen, arms: int = 3) -> None:
    """A turning whorl of tapering volutes (triskele) with granules in the bays."""
    for i in range(arms):
        here = pen.at(0, 0, 1.0, 2 * math.pi * i / arms)
        centre = (0.12, 0.5)
        wire = np.concatenate([curve((0, 0), (-0.22, 0.1), (-0.34, 0.36), (-0.24, 0.6)), spiral(*centre, (-0.24, 0.6), -1.6, 0.18)[1:]])
        here.ribbon(wire, np.linspace(0.1, 0.06, len(wire)), 0.9, channel, foot=0.25)
        here.dome(*centre, 0.1, 1.0, 0.4, gap=0.03)
        here.dome(0.55, 0.62, 0.07, 0.6)
        here.dome(0.44, 0.76, 0.045, 0.45)
        here.dome(0.65, 0.47, 0.045, 0.45)
    pen.dome(0, 0, 0.14, 1.0, 0.6, gap=0.03)


def _loop(pen: Pen, points: np.ndarray, level: np.ndarray, half: float, arcs: int) -> None:
    """One closed cord in ``arcs`` pieces, so that each piece may pass over another; ``level`` says which lies on top."""
    cuts = np.linspace(0, len(points) - 1, arcs + 1).round().astype(int)
    parts = [np.arange(a - 1, b + 2) % (len(points) - 1) for a, b in pairwise(cuts)]
    strands = [(points[part], level[part]) for part in parts]
    pen.weave(strands, half, channel, gap=0.05)


def triquetra(pen: Pen) -> None:
    """Three interlaced loops of one cord, granules in the bays."""
    t = np.linspace(0.0, 2 * math.pi, 217) + math.pi / 6
    points = np.stack([np.sin(t) + 2 * np.sin(2 * t), np.cos(t) - 2 * np.cos(2 * t)], 1) * 0.262
    _loop(pen, points, np.sin(3 * t), 0.115, 12)
    pen.dome(0, 0, 0.09, 0.7)
    for i in range(3):
        pen.dome(*_way(2 * math.pi * i / 3, 0.62), 0.075, 0.6)


def knot(pen: Pen, loops: int = 5) -> None:
    """A round Celtic knot: one cord that runs twice round the middle in ``loops`` (odd) loops, over and under itself."""
    t = np.linspace(0.0, 4 * math.pi, 48 * loops + 1)
    r = 0.56 + 0.2 * (5 / loops) ** 1.5 * np.cos(t * loops / 2)
    _loop(pen, np.stack([r * np.sin(t), r * np.cos(t)], 1), np.sin(t * loops / 2), 0.1 * (5 / loops) ** 0.6, 4 * loops)
    rosette_face(pen, 6, 0.24)
