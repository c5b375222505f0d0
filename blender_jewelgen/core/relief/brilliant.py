"""Brilliants as plain convex bodies: table, crown, girdle, pavilion, after the proportions in ``library/stones.json``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..library import table
from ..mesh.arrays import Mesh
from .stone import Stone

_EIGHTH = np.pi / 8.0
_LOWER = 0.23  # share of the radius at which the lower halves end: they reach 77 % of the way to the culet
_BULGE = (1.0 - _LOWER * np.cos(_EIGHTH)) / (1.0 - _LOWER)  # lower halves lie below the cone that the mains touch
_CARAT = 0.2  # g


@dataclass(frozen=True, eq=False)
class Brilliant:
    """A cut stone in its own frame: x along its length, z up, z = 0 at the upper edge of the girdle, mm.

    Attributes
    ----------
    cut : str
    mesh : Mesh
        Closed and convex.
    size : (float, float)
        Length and width.
    crown, girdle, pavilion : float
        Heights.
    carat : float
        Weight as diamond.
    """

    cut: str
    mesh: Mesh
    size: tuple[float, float]
    crown: float
    girdle: float
    pavilion: float
    carat: float

    def seat(self, hole: float) -> list[tuple[float, float]]:
        """(height in mm, share of the girdle) of a bearing's rings from the girdle down to ``hole``: the pavilion lies nowhere below."""
        half, row = self.size[1] / 2.0, _row(self.cut)
        rings, reached, deep = [(-self.girdle, 1.0)], 1.0, 0.0
        for share, angle in row["pavilion"]:
            slope = np.tan(np.deg2rad(angle)) * (_BULGE if row["power"] == 2.0 else 1.0)
            end = max(share, hole)
            deep += (reached - end) * slope
            reached = end
            rings.append((-self.girdle - deep * half, end))
            if end == hole:
                break
        return rings

    @property
    def depth(self) -> float:
        """From the upper edge of the girdle to the culet, mm."""
        return self.girdle + self.pavilion


def brilliant(stone: Stone) -> Brilliant:
    """The body of a stone."""
    return _made(stone.cut, *measures(stone))


def measures(stone: Stone) -> tuple[float, float]:
    """(length, width) of a stone in mm."""
    return stone.length if stone.length is not None else stone.size * _row(stone.cut)["length"], stone.size


def girdle_line(stone: Stone, count: int = 96) -> np.ndarray:
    """(count, 2) mm: the outline seen from above, counter-clockwise."""
    length, width = measures(stone)
    return _unit(stone.cut, count) * (length / 2.0, width / 2.0)


@cache
def _made(cut: str, length: float, width: float) -> Brilliant:
    """In units of half the width first, then drawn out to the length; the widest slopes are those across."""
    from manifold3d import Manifold

    from ..mesh.solids import from_solid

    row = _row(cut)
    girdle = 2.0 * row["girdle"]
    rise = np.tan(np.deg2rad(row["crown"]))
    crown = rise * (1.0 - row["table"])
    edge = np.column_stack([_unit(cut, 96), np.zeros(96)])
    points = [edge, edge - (0.0, 0.0, girdle)]
    depth = girdle
    if row["power"] == 2.0:
        slope = np.tan(np.deg2rad(row["pavilion"][0][1]))
        between = 0.5 * (row["table"] * np.cos(_EIGHTH) + 1.0)  # where star and upper halves meet
        points += [_star(row["table"], 0.0, crown), _star(between, _EIGHTH, rise * (1.0 - between * np.cos(_EIGHTH)))]
        points += [_star(_LOWER, _EIGHTH, -girdle - slope * (1.0 - _LOWER * np.cos(_EIGHTH)))]
        depth += slope
    else:
        points.append(edge * row["table"] + (0.0, 0.0, crown))
        reached = 1.0
        for share, angle in row["pavilion"]:
            depth += (reached - share) * np.tan(np.deg2rad(angle))
            reached = share
            if share > 0.0:
                points.append(edge * share - (0.0, 0.0, depth))
    points.append(np.array([[0.0, 0.0, -depth]]))
    half = width / 2.0
    mesh = from_solid(Manifold.hull_points(np.concatenate(points) * (length / 2.0, half, half)))
    carat = mesh.volume / 1000.0 * table("stones")["density_g_cm3"] / _CARAT
    return Brilliant(cut, mesh, (length, width), crown * half, girdle * half, (depth - girdle) * half, carat)


def _star(radius: float, turn: float, height: float) -> np.ndarray:
    """(8, 3) points of an octagon."""
    angle = np.arange(8) * 2.0 * _EIGHTH + turn
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(8, height)], axis=1)


def _unit(cut: str, count: int) -> np.ndarray:
    """(count, 2): the outline within the square from -1 to 1, a superellipse."""
    angle = np.arange(count) / count * 2.0 * np.pi
    c, s = np.cos(angle), np.sin(angle)
    power = 2.0 / _row(cut)["power"]
    return np.stack([np.sign(c) * np.abs(c) ** power, np.sign(s) * np.abs(s) ** power], axis=1)


def _row(cut: str) -> dict[str, Any]:
    return table("stones")["cuts"][cut]
