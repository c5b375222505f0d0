"""Closed outlines of cubic curves, drawn with exact anti-aliasing at any size; numpy only."""

from __future__ import annotations

import numpy as np

CELL = 10000  # whole numbers across the cell of a stored outline
_TOLERANCE = 0.05  # px between a curve and its polygon


def decode(outline: list[list[int]]) -> list[np.ndarray]:
    """Contours as (n, 4, 2) cubics (x right, y down, the cell is 0 to 1) from the library's whole numbers.

    A contour is its start, then six numbers a cubic curve, or two a straight line, told by a negative first number
    (x is stored as -1 - x there). The last piece closes the contour.
    """
    return [_decode_contour(contour) for contour in outline]


def _decode_contour(numbers: list[int]) -> np.ndarray:
    start = at = (numbers[0], numbers[1])
    pieces, i = [], 2
    while i < len(numbers):
        if numbers[i] < 0:
            end = (-1 - numbers[i], numbers[i + 1])
            pieces.append((at, at, end, end))
            i += 2
        else:
            end = (numbers[i + 4], numbers[i + 5])
            pieces.append((at, (numbers[i], numbers[i + 1]), (numbers[i + 2], numbers[i + 3]), end))
            i += 6
        at = end
    if at != start:
        pieces.append((at, at, start, start))
    return np.array(pieces, np.float64) / CELL


def flatten(contours: list[np.ndarray], size: int) -> np.ndarray:
    """(n, 2, 2) straight pieces in px of a cell ``size`` px wide, nowhere further than 0.05 px from the curves."""
    cubic = np.concatenate(contours) * size
    a, b, c, d = (cubic[:, i] for i in range(4))
    bend = np.maximum(np.hypot(*(a - 2 * b + c).T), np.hypot(*(b - 2 * c + d).T))
    straight = (b == a).all(axis=1) & (c == d).all(axis=1)
    steps = np.where(straight, 1, np.ceil(np.sqrt(0.75 * bend / _TOLERANCE)).astype(int).clip(1, 64))
    which = np.repeat(np.arange(len(cubic)), steps)
    number = np.arange(len(which)) - np.repeat(np.cumsum(steps) - steps, steps)
    ends = []
    for end in (0, 1):
        t = ((number + end) / steps[which])[:, None]
        ends.append((1 - t) ** 3 * a[which] + 3 * t * (1 - t) ** 2 * b[which] + 3 * t * t * (1 - t) * c[which] + t**3 * d[which])
    return np.stack(ends, axis=1)


def cover(pieces: np.ndarray, size: int, rows: int | None = None) -> np.ndarray:
    """(rows or size, size) float32: the share of each pixel that closed contours of straight pieces (px) cover.

    Every piece is cut at the pixel borders and adds the area to its right, signed by its direction; a running sum
    along the row is then the winding number, exact in part-covered pixels (the signed-area method of font renderers).
    Non-zero winding: the sum's size, at most 1.
    """
    height = size if rows is None else rows
    first, last = pieces[:, 0], pieces[:, 1]
    which, t = _cuts(first, last)
    step = last[which] - first[which]
    points = first[which] + step * t[:, None]
    joined = which[1:] == which[:-1]
    p, q = points[:-1][joined], points[1:][joined]
    middle = (p + q) / 2
    rise = q[:, 1] - p[:, 1]
    column = np.clip(np.floor(middle[:, 0]).astype(int), 0, size - 1)
    row = np.floor(middle[:, 1]).astype(int)
    inside = (row >= 0) & (row < height)
    at = (row * (size + 1) + column)[inside]
    rise, right = rise[inside], np.clip(middle[:, 0] - column, 0.0, 1.0)[inside]
    total = height * (size + 1)
    sums = np.bincount(at, rise * (1.0 - right), total) + np.bincount(at + 1, rise * right, total + 1)[:total]
    winding = np.abs(np.cumsum(sums.reshape(height, size + 1), axis=1)[:, :size])
    winding[winding < 1e-6] = 0.0  # rounding of the running sum; outside is outside
    return np.minimum(winding, 1.0).astype(np.float32)


def _cuts(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Piece number and position (0 to 1) of both ends and of every crossing of a pixel border, in order."""
    count = len(first)
    numbers, places = [np.arange(count), np.arange(count)], [np.zeros(count), np.ones(count)]
    for axis in (0, 1):
        low, high = np.minimum(first, last)[:, axis], np.maximum(first, last)[:, axis]
        start = np.floor(low).astype(int) + 1
        crossings = np.maximum(np.ceil(high).astype(int) - start, 0)
        which = np.repeat(np.arange(count), crossings)
        border = start[which] + np.arange(len(which)) - np.repeat(np.cumsum(crossings) - crossings, crossings)
        numbers.append(which)
        places.append((border - first[which, axis]) / (last[which, axis] - first[which, axis]))
    number, place = np.concatenate(numbers), np.concatenate(places)
    order = np.lexsort((place, number))
    return number[order], place[order]
