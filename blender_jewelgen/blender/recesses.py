"""Where dirt and patina stay: low places that lie beside high ones, never a plain face far from any ornament."""

from __future__ import annotations

import numpy as np

CELLS = 40  # cells along the longest side; one is about half a millimetre on a ring
WIDE, NEAR = 7, 2  # cells: patina covers the ground as far as WIDE from an ornament, shade lies as NEAR as this


def recesses(vertices: np.ndarray, normals: np.ndarray, relief: np.ndarray, reach: int = WIDE) -> np.ndarray:
    """(n,) float32 in [0, 1]: how far each vertex lies below the ornament round it.

    The highest relief near a place, and which way it looks, are kept in a coarse grid of space, so that the plain
    finger side of a ring, whose relief is 0 like that of a recess, stays bright.

    Parameters
    ----------
    vertices : (n, 3) float, any unit
    normals : (n, 3) float, unit length
    relief : (n,) float in [0, 1]
    reach : int
        Cells beside an ornament that belong to its recess.
    """
    low = vertices.min(axis=0)
    step = max(float(np.ptp(vertices, axis=0).max()) / CELLS, 1e-9)
    at = (vertices - low) / step + (reach + 1.0)
    cell = at.astype(np.int32)
    shape = tuple(int(n) + reach + 2 for n in cell.max(axis=0))
    flat = np.ravel_multi_index(tuple(cell.T), shape)
    order = np.argsort(flat, kind="stable")
    places, starts = np.unique(flat[order], return_index=True)
    high = np.zeros(shape, np.float32)
    high.reshape(-1)[places] = np.maximum.reduceat(relief[order], starts)
    facing = np.zeros((3, *shape), np.float32)
    for axis in range(3):
        facing[axis].reshape(-1)[places] = np.add.reduceat((normals[:, axis] * relief)[order], starts)
    for axis in range(3):
        for _ in range(reach):
            high = np.maximum(high, np.maximum(np.roll(high, 1, axis), np.roll(high, -1, axis)))
            facing = np.roll(facing, 1, axis + 1) + facing + np.roll(facing, -1, axis + 1)
        high = (np.roll(high, 1, axis) + 2.0 * high + np.roll(high, -1, axis)) / 4.0
    look = np.stack([_sample(f, at - 0.5) for f in facing], axis=1)
    same = np.einsum("ij,ij->i", look, normals) / np.maximum(np.linalg.norm(look, axis=1), 1e-9)
    side = np.clip(same * 2.5 - 0.25, 0.0, 1.0)
    return (np.clip(_sample(high, at - 0.5) - relief, 0.0, 1.0) * side).astype(np.float32)


def _sample(grid: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Trilinear values of ``grid`` at (n, 3) places in cells, centre of the first cell at 0."""
    base = np.floor(at).astype(np.int32)
    part = (at - base).astype(np.float32)
    values = np.zeros(len(at), np.float32)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod([part[:, a] if corner[a] else 1.0 - part[:, a] for a in range(3)], axis=0)
        values += weight * grid[tuple(base[:, a] + corner[a] for a in range(3))]
    return values
