"""Stencil bars: what is enclosed by a letter that goes through the metal hangs on it by two bars or more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..pattern.parts import parts

_WAYS = ((90.0, 1.0), (0.0, 1.35), (60.0, 1.5), (120.0, 1.5), (30.0, 1.6), (150.0, 1.6))  # degrees against the letter's foot, and cost: upright first
_SMALL = 0.6  # of a bar's width: an island that holds no circle so wide is left out
_LONG = 14.0  # widths: a longer bar is not tried
_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Stencil:
    """(h, w) float32 distances of letters with their bars (positive where the metal is open), and what was done."""

    field: np.ndarray
    bars: int
    islands: int
    dropped: int


def stencil(field: np.ndarray, width: float, ups: np.ndarray | None = None, places: np.ndarray | None = None, closed: bool = False) -> Stencil:
    """Hang every island of metal.

    Parameters
    ----------
    field : (h, w) float32
        Distance inside the letters, px, negative in the metal; metal that touches the upper or lower border holds by itself.
    width : float
        Of a bar, px.
    ups, places : (k, 2), optional
        Which way letters stand (x right, y up), and where (x, y px).
    closed : bool
        Columns wrap.
    """
    field = field.copy()
    label, sizes = parts(field <= 0.0, closed)
    frame = _framed(label, closed)
    dropped = 0
    for k in np.setdiff1d(np.arange(1, len(sizes)), frame):
        if float(-field[label == k].min()) < 0.5 * _SMALL * width:
            field[label == k] = 0.25 * width
            dropped += 1
    label, sizes = parts(field <= 0.0, closed)
    islands = np.setdiff1d(np.arange(1, len(sizes)), _framed(label, closed))
    bars: list[tuple[np.ndarray, np.ndarray]] = []
    spots = np.argwhere(np.isin(label, islands))[:, ::-1] if len(islands) else np.zeros((0, 2), int)
    names = label[spots[:, 1], spots[:, 0]]
    for k in islands:
        points, up = spots[names == k].astype(np.float64), np.array([0.0, 1.0])
        if ups is not None and places is not None and len(ups):
            x, y = points.mean(axis=0)
            up = ups[np.hypot(places[:, 0] - x, places[:, 1] - y).argmin()]
        bars += _held(label, int(k), points, width, up)
    for start, end in bars:
        _paint(field, start, end, width)
    count = len(bars)
    for _ in range(_ROUNDS):  # islands that hold each other only, and what no straight bar reached
        label, sizes = parts(field <= 0.0, closed)
        loose = np.setdiff1d(np.arange(1, len(sizes)), _framed(label, closed))
        if not len(loose):
            break
        start, end = _shortest(label, int(loose[0]))
        _paint(field, start, end, width)
        count += 1
    return Stencil(field, count, len(islands), dropped)


def _framed(label: np.ndarray, closed: bool) -> np.ndarray:
    """The parts that touch the border: the metal round the letters."""
    sides = [label[0], label[-1]] if closed else [label[0], label[-1], label[:, 0], label[:, -1]]
    return np.unique(np.concatenate([side[side > 0] for side in sides]))


def _held(label: np.ndarray, island: int, points: np.ndarray, width: float, up: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Two bars on one line through an island of these ``points`` (x, y px), the way that costs least."""
    centre = points.mean(axis=0)
    best: tuple[float, list[tuple[np.ndarray, np.ndarray]]] = (np.inf, [])
    for angle, cost in _WAYS:
        turn = np.deg2rad(angle)
        foot = np.array([up[1], up[0]])  # to the right of a letter, in px (y down)
        head = np.array([up[0], -up[1]])
        way = np.cos(turn) * foot + np.sin(turn) * head
        side = np.array([-way[1], way[0]])
        across = (points - centre) @ side
        reach = max(min(-across.min(), across.max()) - 0.5 * width, 0.0)
        for shift in np.linspace(-reach, reach, 7) if reach > 0 else (0.0,):
            row = points[np.abs(across - shift) <= 0.75]
            if not len(row):
                continue
            at = (row - centre) @ way
            ends = []
            for sign, edge in ((1.0, at.max()), (-1.0, at.min())):
                start = centre + side * shift + way * edge
                far = _march(label, island, start, way * sign, _LONG * width)
                if far is None:
                    break
                ends.append((start, start + way * sign * far))
            if len(ends) == 2:
                price = cost * sum(float(np.hypot(*(b - a))) for a, b in ends) + 0.5 * abs(shift)
                if price < best[0]:
                    best = (price, ends)
    return best[1]


def _march(label: np.ndarray, island: int, start: np.ndarray, way: np.ndarray, most: float) -> float | None:
    """How far it is to other metal; None where there is none within ``most`` px, or where it is the island again."""
    steps = np.arange(1.0, most, 0.5)
    x = np.rint(start[0] + way[0] * steps).astype(int)
    y = np.rint(start[1] + way[1] * steps).astype(int)
    there = (x >= 0) & (x < label.shape[1]) & (y >= 0) & (y < label.shape[0])
    found = label[y[there], x[there]]
    outside = np.flatnonzero(found == 0)
    if not len(outside):
        return None
    beyond = np.flatnonzero(found[outside[0] :] > 0)
    if not len(beyond) or found[outside[0] + beyond[0]] == island:
        return None
    return float(steps[there][outside[0] + beyond[0]])


def _paint(field: np.ndarray, start: np.ndarray, end: np.ndarray, width: float) -> None:
    """Close what lies within half a bar's width of a segment; the ends reach as far again into the metal."""
    half = width / 2.0
    low = np.maximum(np.floor(np.minimum(start, end) - 2 * width).astype(int), 0)
    high = np.ceil(np.maximum(start, end) + 2 * width).astype(int) + 1
    part = field[low[1] : high[1], low[0] : high[0]]
    y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    way = end - start
    dx, dy = x + low[0] - start[0], y + low[1] - start[1]
    along = np.clip((dx * way[0] + dy * way[1]) / max(float(way @ way), 1e-6), 0.0, 1.0)
    np.minimum(part, np.hypot(dx - along * way[0], dy - along * way[1]) - half, out=part)


def _shortest(label: np.ndarray, island: int) -> tuple[np.ndarray, np.ndarray]:
    """The shortest bar from an island to any other metal, as (x, y) px."""
    inside = label == island
    rim = _rim(inside)
    other = _rim((label > 0) & ~inside)
    best, pair = np.inf, (rim[0], other[0])
    for first in range(0, len(rim), 256):
        d = np.hypot(*(rim[first : first + 256, None] - other[None]).transpose(2, 0, 1))
        a, b = np.unravel_index(int(d.argmin()), d.shape)
        if d[a, b] < best:
            best, pair = float(d[a, b]), (rim[first + a], other[b])
    return pair[0], pair[1]


def _rim(mask: np.ndarray) -> np.ndarray:
    """(n, 2) as (x, y) px: the pixels at the edge of a shape."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.argwhere(mask & ~inner)[:, ::-1].astype(np.float64)
