"""The line that runs along the border of a face, a given way inside: what legends stand on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..height.filters import resize
from ..mesh.contour import area
from ..pattern.strip import Plate as Face

_ROUNDISH = 0.92  # a circle has 1, an oval of 2:3 has 0.94, a square 0.79
_CELLS = 220  # grid cells along the longer side; the line is interpolated between them


@dataclass(frozen=True, eq=False)
class RimLine:
    """A closed line, clockwise for who looks at the face.

    Attributes
    ----------
    points : (n, 2) float64, mm
        At equal distances; the first is not repeated.
    upper, lower : float, mm
        Where along it the middle of its upper and of its lower side lies.
    """

    points: np.ndarray
    upper: float
    lower: float

    @property
    def length(self) -> float:
        return float(np.hypot(*(np.roll(self.points, -1, 0) - self.points).T).sum())

    def at(self, distance: np.ndarray, lower: bool) -> tuple[np.ndarray, np.ndarray]:
        """Places and directions (…, 2) at ``distance`` mm from a middle: to the right above; ``lower``: to the right below."""
        length, count = self.length, len(self.points)
        place = (self.lower - distance if lower else self.upper + distance) / length * count
        first = np.floor(place).astype(int)
        share = (place - first)[..., None]
        a, b = self.points[first % count], self.points[(first + 1) % count]
        ahead = (self.points[(first + 2) % count] - self.points[(first - 1) % count]) * (-1.0 if lower else 1.0)
        return a + (b - a) * share, ahead / np.linalg.norm(ahead, axis=-1, keepdims=True)


def is_round(face: Face) -> bool:
    """Whether an outline is a disc, an oval or near to one: 4 pi area over its length squared."""
    line = rim_line(face, 0.05 * min(face.size_x, face.size_y), 0.0)
    if line is None:
        return False
    x, y = line.points[:, 0], line.points[:, 1]
    return 2.0 * math.pi * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / line.length**2 > _ROUNDISH


def rim_line(face: Face, inset: float, soft: float) -> RimLine | None:
    """The line ``inset`` mm inside the outline, its corners rounded over about ``soft`` mm; None where the face is too small for it."""
    scale = min(1.0, _CELLS / max(face.columns, face.rows))
    rows, columns = max(int(face.rows * scale), 24), max(int(face.columns * scale), 24)
    region = area(resize(face.outline, rows, columns) - inset)
    loop = _longest(region.rim)
    if len(loop) < 8:
        return None
    points = region.points[loop]
    x = ((points[:, 0] + 0.5) / columns - 0.5) * face.size_x
    y = (0.5 - (points[:, 1] + 0.5) / rows) * face.size_y
    line = _even(np.stack([x, y], 1))
    if float(np.sum(line[:, 0] * np.roll(line[:, 1], -1) - line[:, 1] * np.roll(line[:, 0], -1))) > 0:
        line = line[::-1]
    line = _even(_rounded(line, soft))
    step = float(np.hypot(*(np.roll(line, -1, 0) - line).T).sum()) / len(line)
    return RimLine(line, _middle(line, line[:, 1] > line[:, 1].mean()) * step, _middle(line, line[:, 1] < line[:, 1].mean()) * step)


def _longest(rim: np.ndarray) -> np.ndarray:
    """Point numbers of the longest closed line among directed edges (k, 2)."""
    follows = dict(zip(rim[:, 0].tolist(), rim[:, 1].tolist()))
    best: list[int] = []
    while follows:
        start, at = next(iter(follows.items()))
        loop = [start]
        del follows[start]
        while at != start:
            loop.append(at)
            at = follows.pop(at, start)
        best = max(best, loop, key=len)
    return np.array(best, int)


def _even(line: np.ndarray, count: int = 720) -> np.ndarray:
    """A closed line as points at equal distances."""
    closed = np.concatenate([line, line[:1]])
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0.0, reached[-1], count, endpoint=False)
    return np.stack([np.interp(at, reached, closed[:, 0]), np.interp(at, reached, closed[:, 1])], 1)


def _rounded(line: np.ndarray, soft: float) -> np.ndarray:
    """A closed line of equal steps, smoothed over ``soft`` mm; a circle keeps its radius."""
    step = float(np.hypot(*(line[1] - line[0])))
    turns = np.fft.rfftfreq(len(line), step)
    keep = np.exp(-2.0 * (math.pi * 0.5 * soft * turns) ** 2)
    once = np.fft.irfft(np.fft.rfft(line, axis=0) * keep[:, None], len(line), axis=0)
    twice = np.fft.irfft(np.fft.rfft(once, axis=0) * keep[:, None], len(line), axis=0)
    return 2.0 * once - twice  # the loss of a smoothing, given back


def _middle(line: np.ndarray, side: np.ndarray) -> int:
    """Number of the point of one side nearest to the middle of the line's box."""
    centre = (line[:, 0].min() + line[:, 0].max()) / 2.0
    return int(np.where(side, np.abs(line[:, 0] - centre), np.inf).argmin())
