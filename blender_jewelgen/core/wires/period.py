"""How often a pattern that runs round a piece repeats itself."""

from __future__ import annotations

import numpy as np

from ..height.filters import blur, resize

_ROWS, _MOST = 40, 72  # rows a pattern is compared at; repeats that are looked for
_ALIKE = 0.16  # mean difference of two repeats, in parts of the mean difference of places a third of a repeat apart


def repeats(picture: np.ndarray, least: float) -> int:
    """The largest number of equal parts along a picture (h, w) whose ends join; 1 if it does not repeat.

    ``least`` is the shortest part that counts, in rows of the picture.
    """
    rows, columns = picture.shape
    small = blur(resize(picture, min(rows, _ROWS), max(16, round(columns * min(1.0, _ROWS / rows))), True), 0.7, True)
    for count in range(min(_MOST, int(columns / max(least * rows, 1.0))), 1, -1):
        part = max(4, round(small.shape[1] / count))
        even = resize(small, small.shape[0], part * count, True)
        usual = float(np.abs(even - np.roll(even, max(1, part // 3), axis=1)).mean())
        if usual > 1e-4 and float(np.abs(even - np.roll(even, part, axis=1)).mean()) < _ALIKE * usual:
            return count
    return 1


def one_part(picture: np.ndarray, count: int) -> np.ndarray:
    """(h, round(w / count)) of one repeat."""
    rows, columns = picture.shape
    part = max(8, round(columns / count))
    whole = picture if part * count == columns else resize(picture, rows, part * count, True)
    return np.ascontiguousarray(whole[:, :part])
