"""Values of a mesh's vertices at places of another mesh of the same body, as after it was rebuilt."""

from __future__ import annotations

import numpy as np

from .arrays import Mesh


def carried(source: Mesh, values: np.ndarray, points: np.ndarray, cell: float) -> np.ndarray:
    """(n,) float32 ``values`` (one for each vertex of ``source``) at points near it: the mean of its vertices in the same cell of a grid.

    ``cell`` is the grid's step in mm; where a cell holds no vertex, cells are made twice as large.
    """
    low, high = source.vertices.min(axis=0), source.vertices.max(axis=0)
    result, todo = np.zeros(len(points), np.float32), np.arange(len(points))
    while len(todo):
        shape = np.ceil((high - low) / cell).astype(np.int64) + 3
        own, wanted = (_slots(places, low, cell, shape) for places in (source.vertices, points[todo]))
        size = int(np.prod(shape))
        count = np.bincount(own, minlength=size)
        result[todo] = (np.bincount(own, values, size) / np.maximum(count, 1))[wanted]
        todo = todo[count[wanted] == 0]
        cell *= 2.0
    return result


def _slots(places: np.ndarray, low: np.ndarray, cell: float, shape: np.ndarray) -> np.ndarray:
    """(n,) number of the cell of a grid that each place lies in."""
    at = np.clip(np.floor((places - low) / cell).astype(np.int64) + 1, 0, shape - 1)
    return (at[:, 0] * shape[1] + at[:, 1]) * shape[2] + at[:, 2]
