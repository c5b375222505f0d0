"""Fields on a grid, read where a region was cut out of it."""

from __future__ import annotations

import numpy as np

from ..mesh.contour import Area


class Between:
    """Values of a grid at the points of a region of it, which are the grid's own and points on its lines."""

    def __init__(self, region: Area, shape: tuple[int, int]) -> None:
        column, row = region.points.T
        self._low_x, self._low_y = column.astype(np.int32), row.astype(np.int32)
        self._x, self._y = column - self._low_x, row - self._low_y
        self._next_x = (self._low_x + (self._x > 0.0)) % shape[1]
        self._next_y = self._low_y + (self._y > 0.0)
        self._columns = shape[1]
        self._here = self._low_y * np.int32(shape[1]) + self._low_x
        self._crossing = np.flatnonzero((self._x > 0.0) | (self._y > 0.0))

    def both(self, values: np.ndarray) -> np.ndarray:
        flat, some = values.ravel(), self._crossing
        result = flat[self._here].astype(np.float64)
        after = flat[self._next_y[some] * np.int32(self._columns) + self._next_x[some]]
        result[some] += (after - result[some]) * (self._x + self._y)[some]  # one of both is 0
        return result

    def up(self, values: np.ndarray) -> np.ndarray:
        low = values[self._low_y]
        return low + (values[self._next_y] - low) * self._y

    def across(self, values: np.ndarray, period: float | None = None) -> np.ndarray:
        low, after = values[self._low_x], values[self._next_x]
        if period is not None:
            after = np.where(self._next_x < self._low_x, after + period, after)
        return low + (after - low) * self._x


def sampled(picture: np.ndarray, row: np.ndarray, column: np.ndarray, periodic: bool) -> np.ndarray:
    """(rows, columns) float32 of a picture at shares of its height and length, bilinear; beyond its border the border holds."""
    low, high, share = _places(column, picture.shape[1], periodic)
    upper, lower, blend = _places(row, picture.shape[0], False)
    wide = np.take(picture, low, axis=1)
    wide += (np.take(picture, high, axis=1) - wide) * share
    result = np.take(wide, upper, axis=0)
    result += (np.take(wide, lower, axis=0) - result) * blend[:, None]
    return result


def _places(position: np.ndarray, count: int, periodic: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at = position * count - 0.5
    low = np.floor(at).astype(np.intp)
    share = (at - low).astype(np.float32)
    if periodic:
        return low % count, (low + 1) % count, share
    return np.clip(low, 0, count - 1), np.clip(low + 1, 0, count - 1), share
