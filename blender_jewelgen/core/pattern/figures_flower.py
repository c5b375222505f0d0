"""Flowers, leaves and other growing figures, drawn by a pen within about 0.9 of its origin, upright."""

from __future__ import annotations

import math

import numpy as np

from .strokes import Pen, curve, round_wire, spiral


def _way(angle: float, radius: float) -> tuple[float, float]:
    """The point at this angle (from upright, clockwise) and distance."""
    return radius * math.sin(angle), radius * math.cos(angle)


def heart_of_flower(pen: Pen, radius: float, seeds: int = 9) -> None:
    """A domed middle with a ring of granules."""
    pen.dome(0, 0, radius, 0.86, 0.5, gap=radius * 0.3)
    pen.ring(0, 0, radius * 0.66, radius * 0.07, 0.0)
    for i in range(seeds):
        pen.dome(*_way(2 * math.pi * i / seeds, radius * 0.78), radius * 0.24, 0.95, 0.62, gap=radius * 0.06)
    pen.dome(0, 0, radius * 0.46, 1.0, 0.7, gap=radius * 0.1)


def rosette(pen: Pen, petals: int = 8, layers: int = 2, sepals: bool = True) -> None:
    """An open flower: pointed sepals beneath, rounded petals with veins above, a beaded middle."""
    step = 2 * math.pi / petals
    if sepals:
        for i in range(petals):
            turn = step * (i + 0.5)
            pen.blade(_way(turn, 0.3), _way(turn, 0.92), 0.2, root=0.8, end=1.0, low=0.14, high=0.42, rib=-0.08, veins=4, vein=0.02)
    for layer in range(layers):
        size = 0.86 * 0.66**layer
        wide = 0.9 * size * math.sin(step / 2) / (0.5 + 0.5 * math.cos(step / 2))
        for i in range(petals):
            turn = step * (i + 0.5 * layer)
            pen.blade(
                _way(turn, 0.08), _way(turn, size), min(wide, 0.42 * size), root=0.95, end=0.42, low=0.2 + 0.17 * layer, high=0.62 + 0.17 * layer,
                tilt=0.5, rib=0.14, rim=0.07, cup=0.25, veins=0, gap=0.03,
            )
    heart_of_flower(pen, 0.24 if petals < 10 else 0.27)


def lotus(pen: Pen, petals: int = 4, seat: bool = True) -> None:
    """A lotus seen from the side: overlapped pointed petals with raised rims spread like a fan over a calyx of small leaves."""
    base = (0.0, -0.5)
    for i in range(petals, 0, -1):
        turn = 1.42 * i / (petals + 0.25)
        long = 1.26 - 0.36 * (i / petals) ** 1.3
        level = 0.62 - 0.3 * i / petals
        for side in (-1, 1):
            tip = (side * long * math.sin(turn) * 0.95, base[1] + 0.02 + long * math.cos(turn))
            pen.blade((side * 0.1 * i / petals, base[1]), tip, 0.185, root=0.75, end=0.75, bend=side * 0.12, low=level - 0.24, high=level + 0.2, rim=0.11, rib=-0.05, gap=0.035)
    pen.blade(base, (0, 0.86), 0.21, root=0.7, end=0.72, low=0.44, high=0.94, rim=0.11, rib=-0.06, gap=0.045)
    if not seat:
        return
    for side in (-1, 1):
        pen.blade((side * 0.02, -0.5), (side * 0.42, 0.02), 0.15, root=0.7, end=0.75, bend=side * 0.14, low=0.48, high=0.88, rim=0.1, gap=0.04)
        pen.blade((side * 0.04, -0.58), (side * 0.74, -0.66), 0.12, root=0.7, end=0.9, bend=-side * 0.26, low=0.4, high=0.76, rib=0.12, rim=0.05, gap=0.035)
        pen.blade((side * 0.04, -0.64), (side * 0.4, -0.84), 0.09, root=0.7, end=0.9, bend=-side * 0.2, low=0.35, high=0.66, rib=0.1, gap=0.03)
    pen.blade((0, -0.62), (0, 0.12), 0.16, root=0.65, end=0.75, low=0.58, high=1.0, rim=0.1, rib=-0.05, gap=0.04)
    pen.dome(0, -0.62, 0.115, 0.95, 0.4, gap=0.035)
    pen.dome(0, -0.79, 0.06, 0.8, 0.3, gap=0.02)


def palmette(pen: Pen, lobes: int = 4) -> None:
    """An anthemion: a fan of fluted leaves above two volutes."""
    for i in range(lobes, 0, -1):
        turn, long = 0.39 * i, 1.34 - 0.17 * i
        for side in (-1, 1):
            tip = (side * long * math.sin(turn) * 0.92, -0.5 + long * math.cos(turn))
            pen.blade(
                (side * 0.05, -0.46), tip, 0.155, root=1.1, end=0.42, bend=side * 0.1, low=0.22, high=0.78 - 0.04 * i, tilt=0.6, rib=0.24, gap=0.03
            )
    pen.blade((0, -0.48), (0, 0.88), 0.17, root=1.1, end=0.45, low=0.26, high=0.9, tilt=0.5, rib=0.26, gap=0.03)
    for side in (-1, 1):
        wire = np.concatenate([curve((0, -0.44), (side * 0.12, -0.72), (side * 0.5, -0.82), (side * 0.62, -0.6)), spiral(side * 0.46, -0.56, (side * 0.62, -0.6), side * 1.3, 0.2)[1:]])
        pen.ribbon(wire, np.linspace(0.085, 0.045, len(wire)), 0.8, round_wire, gap=0.025)
        pen.dome(side * 0.46, -0.56, 0.075, 0.9, 0.3, gap=0.015)
    pen.dome(0, -0.42, 0.14, 1.0, 0.5, gap=0.035)
    pen.dome(0, -0.68, 0.08, 0.8, 0.3, gap=0.02)


def acanthus(pen: Pen, spine: np.ndarray, wide: float, lobes: int = 6, low: float = 0.25, high: float = 0.9, right: float = 1.0) -> None:
    """An acanthus leaf along ``spine`` (points from base to tip): overlapped, fluted lobes on both sides of a raised rib.

    Those on the right are ``right`` times as large.
    """
    way = np.linspace(0.04, 0.9, lobes)
    at = np.interp(way, np.linspace(0, 1, len(spine)), np.arange(len(spine)))
    for t, place in reversed(list(zip(way, at))):
        i = min(int(place), len(spine) - 2)
        x, y = spine[i] + (spine[i + 1] - spine[i]) * (place - i)
        ahead = math.atan2(*(spine[i + 1] - spine[i]))
        size = wide * (0.45 + 1.15 * t**0.6 * (1 - t) ** 0.55 * 1.35)
        for side in (-1, 1):
            turn = ahead + side * (0.98 - 0.5 * t)
            size = size * right if side > 0 else size
            dx, dy = _way(turn, size * 1.15)
            pen.blade(
                (x, y), (x + dx, y + dy), size * 0.36, root=0.95, end=0.5, bend=side * 0.13, low=low, high=high * (0.72 + 0.2 * t), rib=0.2 * high,
                tilt=0.25, veins=0, gap=0.035 * wide / 0.5,
            )
    ahead = math.atan2(*(spine[-1] - spine[-2]))
    back = spine[-max(len(spine) // 6, 2)]
    dx, dy = _way(ahead, wide * 0.5)
    pen.blade(tuple(back), (spine[-1][0] + dx, spine[-1][1] + dy), wide * 0.24, root=0.7, end=0.7, low=low, high=high, rib=0.18 * high, gap=0.03 * wide / 0.5)
    taper = wide * np.linspace(0.16, 0.05, len(spine))
    pen.ribbon(spine, taper, high, round_wire, foot=0.4, gap=0.02 * wide / 0.5)


def acanthus_leaf(pen: Pen) -> None:
    """One upright acanthus leaf: lobes grouped by deep eyes, a fluted rib, a tip that rolls forward."""
    for i, (y, turn, size) in enumerate(((0.5, 0.42, 0.44), (0.26, 0.62, 0.6), (-0.06, 0.82, 0.74), (-0.4, 1.02, 0.8))):
        for side in (-1, 1):
            for lobe in (2, -2, 1, -1, 0):
                a = side * (turn + 0.21 * lobe)
                long = size * (1.0 - 0.08 * abs(lobe) ** 1.5)
                dx, dy = _way(a, long)
                pen.blade((side * 0.03, y - 0.25), (side * 0.03 + dx, y - 0.25 + dy), 0.135 * size / 0.6, root=0.85, end=0.5, bend=side * 0.12, low=0.2, high=0.5 + 0.1 * (2 - abs(lobe)) + 0.05 * i, rib=0.2, tilt=0.3, gap=0.022)
            pen.dome(side * 0.16, y - 0.3, 0.05, 0.2, 0.05)
    for side in (-1, 1):
        pen.blade((side * 0.02, 0.3), (side * 0.26, 0.72), 0.1, root=0.8, end=0.55, bend=side * 0.1, low=0.3, high=0.75, rib=0.18, gap=0.025)
        pen.ribbon(curve((side * 0.09, -0.86), (side * 0.09, -0.2), (side * 0.04, 0.4)), np.linspace(0.05, 0.02, 20), 0.8, gap=0.02)
    pen.ribbon(curve((0, -0.86), (0, -0.2), (0, 0.5)), np.linspace(0.07, 0.035, 20), 1.0, foot=0.3, gap=0.025)
    pen.blade((0, 0.3), (0, 0.88), 0.17, root=0.5, end=0.55, low=0.5, high=1.0, rib=0.2, gap=0.04)


def leaf(pen: Pen, half: float = 0.46, bend: float = 0.0) -> None:
    """A broad leaf with a middle rib and side veins on a short stalk."""
    pen.ribbon(curve((0, -0.88), (0, -0.6), (0, -0.5)), np.linspace(0.06, 0.05, 20), 0.6)
    pen.blade((0, -0.68), (0, 0.88), half, root=0.62, end=1.05, bend=bend, low=0.22, high=0.86, veins=7, vein=0.09, rim=0.06)
    pen.blade((0, -0.7), (0, 0.8), 0.05, root=0.4, end=1.0, bend=bend, low=0.5, high=1.0, gap=0.02)


def vine_leaf(pen: Pen, lobes: int = 5) -> None:
    """A lobed leaf of the vine, each lobe with its own vein; the tip upward."""
    pen.ribbon(curve((0, -0.9), (0.02, -0.6), (0, -0.34)), 0.05, 0.6)
    for i in sorted(range(lobes), key=lambda i: -abs(i - (lobes - 1) / 2)):
        turn = (i - (lobes - 1) / 2) * (4.1 / lobes)
        long = 1.12 - 0.13 * abs(turn) ** 1.3
        pen.blade((0, -0.3), _tip(turn, long), 0.31, root=0.9, end=0.72, low=0.24, high=0.72, veins=4, vein=0.06, rim=0.05, gap=0.025)
    for i in range(lobes):
        turn = (i - (lobes - 1) / 2) * (4.1 / lobes)
        pen.blade((0, -0.3), _tip(turn, 0.95 - 0.12 * abs(turn) ** 1.3), 0.035, root=0.3, end=0.9, low=0.5, high=0.92)
    pen.dome(0, -0.3, 0.06, 0.95, 0.5)


def _tip(turn: float, long: float) -> tuple[float, float]:
    dx, dy = _way(turn, long)
    return dx * 0.8, -0.3 + dy


def sprig(pen: Pen) -> None:
    """Three leaves and a granule: the filling of a small gap."""
    for turn in (-0.85, 0.85, 0.0):
        x, y = _way(turn, 1.35 if turn == 0 else 1.15)
        pen.blade((0, -0.62), (x, y - 0.62), 0.27, root=0.7, end=0.85, bend=0.1 * (turn > 0) - 0.1 * (turn < 0), low=0.2, high=0.75, rib=0.2, gap=0.05)
    pen.dome(0, -0.6, 0.17, 0.85, 0.3, gap=0.04)


def feather(pen: Pen) -> None:
    """A plume with fine barbs, a rounded quill and an eye."""
    pen.blade((0, -0.7), (0, 0.9), 0.36, root=0.55, end=0.55, low=0.22, high=0.72, veins=15, vein=0.13)
    pen.blade((0, 0.16), (0, 0.72), 0.19, root=0.6, end=0.6, low=0.5, high=0.86, rim=0.14, cup=0.6, gap=0.04)
    pen.dome(0, 0.44, 0.085, 1.0, 0.6, gap=0.03)
    pen.ribbon(curve((0, -0.92), (0, -0.3), (0, 0.16)), np.linspace(0.055, 0.03, 20), 0.9, gap=0.02)


def peony(pen: Pen) -> None:
    """A full flower: three whorls of ruffled petals round a dense heart."""
    for layer, (count, size, half) in enumerate(((6, 0.9, 0.4), (6, 0.68, 0.31), (5, 0.46, 0.23))):
        for i in range(count):
            turn = 2 * math.pi * (i + 0.5 * layer) / count
            for lobe, spread in ((-1, 0.34), (1, 0.34), (0, 0.0)):
                pen.blade(
                    _way(turn, 0.05), _way(turn + lobe * spread * 3.2 / count, size * (1.0 if lobe == 0 else 0.95)), half * 0.72, root=0.9, end=0.36,
                    low=0.14 + 0.17 * layer, high=0.46 + 0.17 * layer, cup=0.35, tilt=0.6, rib=0.06, rim=0.05, gap=0.022,
                )
    heart_of_flower(pen, 0.2, 8)


def baoxiang(pen: Pen, petals: int = 8) -> None:
    """The Tang treasure flower: cloud-headed petals in three whorls, each with paired volutes."""
    for i in range(petals):
        turn = 2 * math.pi * (i + 0.5) / petals
        pen.blade(_way(turn, 0.4), _way(turn, 0.92), 0.17, root=0.8, end=0.8, low=0.16, high=0.44, rim=0.08, rib=-0.08, gap=0.02)
    for i in range(petals):
        turn = 2 * math.pi * i / petals
        here = pen.at(*_way(turn, 0.6), 0.3, -turn)
        here.blade((0, -1.2), (0, 0.98), 0.78, root=1.0, end=0.4, low=0.3, high=0.5, gap=0.07)
        for side in (-1, 1):
            wire = np.concatenate([curve((0, 0.86), (side * 0.5, 0.95), (side * 0.88, 0.55), (side * 0.74, 0.1)), spiral(side * 0.42, 0.14, (side * 0.74, 0.1), -side * 1.1, 0.3)[1:]])
            here.ribbon(wire, np.linspace(0.13, 0.1, len(wire)), 0.74, foot=0.45, gap=0.05)
            here.dome(side * 0.42, 0.14, 0.14, 0.8, 0.5)
        here.blade((0, -0.7), (0, 0.55), 0.2, root=0.8, end=0.6, low=0.5, high=0.76, gap=0.05)
    for i in range(petals):
        turn = 2 * math.pi * (i + 0.5) / petals
        pen.blade(_way(turn, 0.1), _way(turn, 0.46), 0.15, root=0.8, end=0.5, low=0.5, high=0.82, cup=0.3, rib=0.1, gap=0.025)
    heart_of_flower(pen, 0.2, 8)
