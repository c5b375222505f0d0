"""Where a ball that rises under a triangulated front is stopped: exactly, by the triangles round one vertex."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

REACH = 3  # cells beyond a chosen vertex that are looked at
_ROUND = ((0, 1), (1, 1), (1, 0), (0, -1), (-1, -1), (-1, 0))  # neighbours in turn; cells are cut along their rising diagonal
_SLACK = np.float32(1e-4)  # what lies this share of a triangle outside is on it
Place = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class LevelStar:
    """Vertices over a plane, and their neighbours, seen from straight under the wanted places.

    Attributes
    ----------
    at : (k,) int
        The vertices' numbers in ``height``, which is ``width`` wide.
    along, across : (k,) int
        Columns and rows from the wanted places.
    pitch : (float, float), mm
    """

    at: np.ndarray
    along: np.ndarray
    across: np.ndarray
    height: np.ndarray
    width: int
    pitch: tuple[float, float]

    def corner(self, i: int, j: int) -> Place:
        """(k,) float32 mm upward, along and across, of the vertices ``i`` rows and ``j`` columns on."""
        along, across = (((a + k) * p).astype(np.float32) for a, k, p in zip((self.along, self.across), (j, i), self.pitch))
        return self.height.take(self.at + (i * self.width + j)), along, across

    def moved(self, which: np.ndarray, i: np.ndarray, j: np.ndarray) -> LevelStar:
        """Of the places ``which``, the vertices ``i`` rows and ``j`` columns on."""
        return replace(self, at=self.at[which] + i * self.width + j, along=self.along[which] + j, across=self.across[which] + i)


@dataclass(frozen=True, eq=False)
class RoundStar:
    """The same round an axis: upward is outward, along is round it, across is along the axis.

    Attributes
    ----------
    turn : (k,) int
        Columns from the wanted places, as numbers in ``turned``, cosines and sines.
    target : (k,) float32, mm
        Heights of the wanted places.
    base : float32
        What outward distances are less by, mm.
    """

    at: np.ndarray
    turn: np.ndarray
    target: np.ndarray
    radius: np.ndarray
    axial: np.ndarray
    width: int
    turned: tuple[np.ndarray, np.ndarray]
    base: np.float32

    def corner(self, i: int, j: int) -> Place:
        at, turn = self.at + (i * self.width + j), self.turn + j
        radius = self.radius.take(at)
        return radius * self.turned[0].take(turn) - self.base, radius * self.turned[1].take(turn), self.axial.take(at) - self.target

    def moved(self, which: np.ndarray, i: np.ndarray, j: np.ndarray) -> RoundStar:
        return replace(self, at=self.at[which] + i * self.width + j, turn=self.turn[which] + j, target=self.target[which])


def stopped(star: LevelStar | RoundStar, ball: float, down: np.ndarray, aside: np.ndarray) -> np.ndarray:
    """(k,) float32 levels of the balls' centres, stopped by the triangles round their vertices.

    Where ``down`` or ``aside`` (k,) is 1, the middle of the edge to the vertex one row or one column on was nearest; then
    the triangles round that vertex count too.
    """
    ball = np.float32(ball)
    result = _stopped(star, ball)
    which = np.flatnonzero(down | aside)
    if len(which):
        result[which] = np.fmin(result[which], _stopped(star.moved(which, down[which], aside[which]), ball))
    return result


def _stopped(star: LevelStar | RoundStar, ball: np.float32) -> np.ndarray:
    x, y, z = star.corner(0, 0)
    beside = y * y + z * z
    result = x - np.sqrt(ball * ball - beside)
    edges = [tuple(b - a for a, b in zip((x, y, z), star.corner(i, j))) for i, j in _ROUND]
    for edge, before in zip(edges, [edges[-1], *edges]):
        np.fmin(result, _by_edge(x, y, z, beside, edge, ball), out=result)
        np.fmin(result, _by_face(x, y, z, before, edge, ball), out=result)
    return result


def _by_edge(x: np.ndarray, y: np.ndarray, z: np.ndarray, beside: np.ndarray, edge: Place, ball: np.float32) -> np.ndarray:
    """Where an edge stops the ball between its ends; not a number where it does not."""
    square = edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]
    past = y * edge[1] + z * edge[2]
    a = 1.0 - edge[0] * edge[0] / square
    b = edge[0] * past / square
    c = beside - past * past / square - ball * ball
    rise = -(b + np.sqrt(b * b - a * c)) / a
    share = (rise * edge[0] - past) / square
    return np.where((share >= 0.0) & (share <= 1.0), x + rise, np.float32(np.nan))


def _by_face(x: np.ndarray, y: np.ndarray, z: np.ndarray, one: Place, two: Place, ball: np.float32) -> np.ndarray:
    """Where the inside of the triangle of two edges stops the ball; not a number where it does not."""
    nx, ny, nz = one[1] * two[2] - one[2] * two[1], one[2] * two[0] - one[0] * two[2], one[0] * two[1] - one[1] * two[0]
    square = nx * nx + ny * ny + nz * nz
    away = ball / np.sqrt(square)
    rise = (ny * y + nz * z - away * square) / nx
    fx, fy, fz = rise + away * nx, away * ny - y, away * nz - z  # from the vertex to where the ball touches
    first = ((fy * two[2] - fz * two[1]) * nx + (fz * two[0] - fx * two[2]) * ny + (fx * two[1] - fy * two[0]) * nz) / square
    second = ((one[1] * fz - one[2] * fy) * nx + (one[2] * fx - one[0] * fz) * ny + (one[0] * fy - one[1] * fx) * nz) / square
    within = (nx > 0.0) & (first >= -_SLACK) & (second >= -_SLACK) & (first + second <= 1.0 + _SLACK)
    return np.where(within, x + rise, np.float32(np.nan))
