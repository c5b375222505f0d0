"""The lines of a field on which it has one value, to a fraction of a pixel, as curves in mm."""

from __future__ import annotations

import numpy as np

from ..mesh.contour import Area, area
from .curves import Curve


def isolines(field: np.ndarray, level: float, length: float, width: float, wrap: bool) -> list[Curve]:
    """Closed curves round the places where ``field`` (rows, columns; row 0 the upper edge) lies above ``level``.

    The field covers ``length`` by ``width`` mm; beyond it everything counts as below.
    """
    rows, columns = field.shape
    padded = np.pad(field - level, ((1, 1), (0, 0) if wrap else (1, 1)), constant_values=-1.0)
    shift = np.array([0.0 if wrap else 1.0, 1.0])
    found = []
    for places, turn in loops(area(padded, wrap), columns if wrap else 0):
        at = places - shift
        points = np.stack([(at[:, 0] + 0.5) * length / columns, width - (at[:, 1] + 0.5) * width / rows], axis=1)
        found.append(Curve(points, True, turn * length / columns))
    return found


def loops(region: Area, period: int) -> list[tuple[np.ndarray, int]]:
    """The border of an area as loops (n, 2) of (column, row), unrolled, and by how many columns each moves in one turn."""
    follow = dict(zip(region.rim[:, 0].tolist(), region.rim[:, 1].tolist()))
    found = []
    while follow:
        start = at = next(iter(follow))
        walk = []
        while at in follow:
            walk.append(at)
            at = follow.pop(at)
        places = region.points[walk]
        turn = 0
        if period:
            across = np.diff(np.append(places[:, 0], places[0, 0]))
            jump = -np.rint(across / period) * period
            places = places + np.stack([np.concatenate([[0.0], np.cumsum(jump[:-1])]), np.zeros(len(places))], axis=1)
            turn = round(float(jump.sum()))
        if at == start and len(walk) > 3:
            found.append((places, turn))
    return found
