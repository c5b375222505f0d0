"""No texel without a colour: what nobody sees takes those near it in space, and islands grow over their borders."""

from __future__ import annotations

import numpy as np

_FINEST = 128  # cells along the longest side, for colours that are carried on
_NEXT = 1.0 / 64.0  # weight of a grid twice as coarse


class Carried:
    """Colours in space, for points that nobody saw: a mean over finer and coarser grids of those near by, so that none has a border."""

    def __init__(self, body: np.ndarray) -> None:
        """``body``: (v, 3) points that hold all others between them."""
        self._low = body.min(axis=0)
        extent = body.max(axis=0) - self._low
        self._cell = max(float(extent.max()), 1e-12) / _FINEST
        self._shape = tuple(int(n) for n in np.ceil(extent / self._cell).astype(int) + 2)
        self._grids = [np.zeros((*self._shape, 4))]

    def add(self, points: np.ndarray, colours: np.ndarray, weights: np.ndarray) -> None:
        """(n, 3) points with their (n, 3) colours, each of its weight."""
        place = np.clip(((points - self._low) / self._cell).astype(np.int64), 0, np.array(self._shape) - 1)
        flat = np.ravel_multi_index(tuple(place.T), self._shape)
        for k in range(4):
            values = weights * colours[:, k] if k < 3 else weights
            self._grids[0][..., k] += np.bincount(flat, values, int(np.prod(self._shape))).reshape(self._shape)

    def close(self) -> None:
        """Make the coarser grids; nothing is added any more."""
        while max(self._grids[-1].shape[:3]) > 1:
            self._grids.append(_halved(self._grids[-1]))

    def at(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) colours."""
        total = np.zeros((len(points), 4))
        for level, grid in enumerate(self._grids):
            total += _NEXT**level * _between(grid, (points - self._low) / (self._cell * 2**level) - 0.5)
        return total[:, :3] / np.maximum(total[:, 3:], 1e-300)


def _halved(grid: np.ndarray) -> np.ndarray:
    for axis in range(3):
        if grid.shape[axis] % 2:
            grid = np.concatenate([grid, np.zeros_like(np.take(grid, [0], axis))], axis)
        even, odd = [slice(None)] * 4, [slice(None)] * 4
        even[axis], odd[axis] = slice(0, None, 2), slice(1, None, 2)
        grid = grid[tuple(even)] + grid[tuple(odd)]
    return grid


def _between(grid: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(n, 4) of a grid at places in cells, evenly between the middles of cells."""
    shape = np.array(grid.shape[:3])
    base = np.floor(place).astype(np.int64)
    part = place - base
    rows = grid.reshape(-1, 4)
    total = np.zeros((len(place), 4))
    for corner in np.ndindex(2, 2, 2):
        at = np.clip(base + corner, 0, shape - 1)
        weight = np.prod(np.where(np.array(corner), part, 1.0 - part), axis=1)
        total += weight[:, None] * rows[np.ravel_multi_index(tuple(at.T), grid.shape[:3])]
    return total


def grown(picture: np.ndarray, there: np.ndarray, margin: int) -> np.ndarray:
    """The picture with the colours of islands carried ``margin`` texels over their borders; the rest gets the mean colour, so that none is black."""
    rows, columns = there.shape
    number = np.where(there, np.arange(rows * columns, dtype=np.int32).reshape(rows, columns), np.int32(-1))
    for _ in range(margin):
        if (number >= 0).all():
            break
        before = np.pad(number, 1, constant_values=-1)
        fresh = number.copy()
        for down, right in ((0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2)):
            beside = before[down : down + rows, right : right + columns]
            fresh = np.where(fresh < 0, beside, fresh)
        number = fresh
    mean = picture[there].mean(axis=0) if there.any() else np.full(3, 0.5, np.float32)
    made = picture.reshape(-1, 3)[np.maximum(number, 0)]
    made[number < 0] = mean
    return made
