"""The picture that ornament is drawn on, sections of wire, and the curves that wires follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

Profile = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (lateral place in [-1, 1], way along) -> height in [0, 1]
Place = tuple[slice, slice]  # rows and columns of a window


class Canvas:
    """Heights on a rectangle from (x0, y0), ``length`` by ``width`` units, row 0 uppermost.

    Attributes
    ----------
    height : (rows, columns) float32
    pixel : float
        The width of the softened edge of everything drawn, in units.
    """

    def __init__(self, x0: float, y0: float, length: float, width: float, columns: int, rows: int, periodic: bool = False) -> None:
        self.height = np.zeros((rows, columns), np.float32)
        self.x0, self.length, self.periodic = x0, length, periodic
        self.dx, self.dy = length / columns, width / rows
        self.pixel = max(self.dx, self.dy)
        self.x = (x0 + (np.arange(columns) + 0.5) * self.dx).astype(np.float32)[None, :]
        self.y = (y0 + (rows - 0.5 - np.arange(rows)) * self.dy).astype(np.float32)[:, None]
        self.top = y0 + width

    def windows(self, low_x: float, high_x: float, low_y: float, high_y: float) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
        """(slices, x, y) of the pixels in this box, once for each period that it reaches into."""
        rows, columns = self.height.shape
        row0 = max(math.floor((self.top - high_y) / self.dy), 0)
        row1 = min(math.ceil((self.top - low_y) / self.dy), rows)
        if row1 <= row0 or not math.isfinite(low_x + high_x):
            return
        first = math.floor((low_x - self.x0) / self.length) if self.periodic else 0
        last = math.floor((high_x - self.x0) / self.length) if self.periodic else 0
        for k in range(first, last + 1):
            shift = k * self.length
            column0 = max(math.floor((low_x - shift - self.x0) / self.dx), 0)
            column1 = min(math.ceil((high_x - shift - self.x0) / self.dx), columns)
            if column1 > column0:
                place = (slice(row0, row1), slice(column0, column1))
                yield place, self.x[:, place[1]] + np.float32(shift), self.y[place[0]]

    def over(self, place: Place, inside: np.ndarray, height: np.ndarray, gap: float) -> None:
        """Lay ``height`` where ``inside`` (distance from the edge, positive within) is positive; press a groove ``gap`` wide round it."""
        picture = self.height[place]
        if gap > 0:
            picture *= 1.0 - 0.75 * np.clip(1.0 + inside / gap, 0.0, 1.0) ** 2
        picture += np.clip(inside / self.pixel + 0.5, 0.0, 1.0) * (height - picture)

    def max(self, place: Place, height: np.ndarray) -> None:
        """Let the higher of picture and ``height`` stand."""
        picture = self.height[place]
        np.maximum(picture, height, out=picture)


def round_wire(v: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Half-round wire."""
    return np.sqrt(np.maximum(1.0 - v * v, 0.0))


def channel(v: np.ndarray, s: np.ndarray) -> np.ndarray:
    """A strap with two raised edges and a hollow between: the double contour."""
    return np.sqrt(np.maximum(1.0 - v**6, 0.0)) * (1.0 - 0.42 * np.exp(-((v / 0.42) ** 2)))


def reeded(v: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Three wires side by side."""
    return np.sqrt(np.maximum(1.0 - v * v, 0.0)) * (0.72 + 0.28 * np.cos(v * (3 * math.pi)) ** 2)


def beaten(pitch: float) -> Profile:
    """A half-round wire with the fine twist of filigree, one turn each ``pitch``."""
    pitch = float(pitch)

    def profile(v: np.ndarray, s: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(1.0 - v * v, 0.0)) * (0.86 + 0.14 * np.cos(2 * math.pi * (s / pitch - 0.4 * v)))

    return profile


def spiral(x: float, y: float, start: tuple[float, float], turns: float, inner: float = 0.16, count: int = 0, even: bool = False) -> np.ndarray:
    """(n, 2) points of a volute round (x, y) from ``start`` inward to ``inner`` of its radius; positive turns run counter-clockwise.

    Its coils narrow as in a shell, or lie at equal distances if ``even``.
    """
    radius, first = math.hypot(start[0] - x, start[1] - y), math.atan2(start[1] - y, start[0] - x)
    t = np.linspace(0.0, 1.0, count or max(int(abs(turns) * 30), 8))
    shrink = 1 - (1 - inner) * t if even else inner**t * (1 - 0.12 * np.sin(math.pi * t))
    r, a = radius * shrink, first + 2 * math.pi * turns * t
    return np.stack([x + r * np.cos(a), y + r * np.sin(a)], 1)


def curve(*points: tuple[float, float], count: int = 20) -> np.ndarray:
    """(count, 2) points of the Bézier curve with these two to four control points."""
    t = np.linspace(0.0, 1.0, count)[:, None]
    level = [np.asarray(p, np.float64)[None, :] for p in points]
    while len(level) > 1:
        level = [a + (b - a) * t for a, b in pairwise(level)]
    return np.broadcast_to(level[0], (count, 2)).copy()
