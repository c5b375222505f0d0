"""One repeat drawn once and laid round the strip so that it closes exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .strip import Strip
from .strokes import Canvas, Pen


@dataclass(frozen=True)
class Options:
    """What a design asks of a family.

    Attributes
    ----------
    repeats : int
        Repeats along the strip, 0 for as many as suit its proportions.
    mirror : bool
        Every second repeat is turned left to right (the number of repeats is then even).
    fine : float
        Above 1 the repeats are closer together, below 1 wider.
    rows : int
        Rows of scales, waves or feathers, 0 for as many as the family likes.
    multiple : int
        The number of repeats is a multiple of this.
    """

    repeats: int = 0
    mirror: bool = False
    fine: float = 1.0
    rows: int = 0
    multiple: int = 1


def count(strip: Strip, aspect: float, options: Options, even: bool = False) -> int:
    """Whole repeats on the strip for a repeat ``aspect`` times as long as the strip is wide; at least one."""
    n = options.repeats or round(strip.length / (aspect * strip.width) * options.fine)
    n = min(max(n, 1), max(strip.columns // 4, 1))
    n = options.multiple * max(round(n / options.multiple), 1)
    return max(2 * round(n / 2), 2) if even else n


def repeat(strip: Strip, options: Options, aspect: float, draw: Callable[[Pen, float], None], rows: float = 1.0) -> np.ndarray:
    """(rows, columns) float32: ``draw(pen, period)`` drawn on one repeat and laid along the strip.

    The pen's unit is the strip's width (divided by ``rows``), y runs from 0 to ``rows``, x from 0 to ``period``, which is close
    to ``aspect * rows`` but such that a whole number of repeats fills the length.
    """
    n = count(strip, aspect, options, options.mirror)
    period = strip.length / n / strip.width * rows
    fine = math.ceil(strip.columns / n * 1.25)
    square = math.ceil(period / rows * strip.rows)
    columns = min(max(fine, square), 2 * fine)
    canvas = Canvas(0.0, 0.0, period, rows, columns, strip.rows, periodic=True)
    draw(Pen(canvas), period)
    return lay(canvas.height, n, strip.columns, options.mirror)


def lay(tile: np.ndarray, n: int, columns: int, mirror: bool = False) -> np.ndarray:
    """(rows, columns) float32: ``n`` copies of a periodic ``tile`` over the columns, each pixel the mean of what it covers."""
    if mirror and n > 1:
        tile = np.roll(tile, -_best_cut(tile), axis=1)
        tile, n = np.concatenate([tile, tile[:, ::-1]], 1), n / 2
    rows, wide = tile.shape
    closed = np.concatenate([tile, tile[:, :1]], 1, dtype=np.float64)
    total = np.zeros((rows, wide + 1), np.float64)
    np.cumsum((closed[:, 1:] + closed[:, :-1]) / 2, axis=1, out=total[:, 1:])
    edge = np.arange(columns + 1) * (n * wide / columns) - 0.5  # in pixels of the tile, 0 at the middle of its first
    whole = np.floor(edge / wide + 1e-9)
    inner = np.maximum(edge - whole * wide, 0.0)
    i = np.minimum(inner.astype(np.intp), wide - 1)
    part = inner - i
    here = closed[:, i]
    swept = total[:, i] + part * (here + (closed[:, i + 1] - here) * (part / 2)) + whole * total[:, -1:]
    return (np.diff(swept, axis=1) * (columns / (n * wide))).astype(np.float32)


def _best_cut(tile: np.ndarray) -> int:
    """The column before which a tile is best mirrored: where it is nearly its own mirror image, or bare."""
    wide = tile.shape[1]
    near = max(wide // 16, 1)
    cost = np.zeros(wide)
    for k in range(near):
        cost += np.abs(np.roll(tile, -k, axis=1) - np.roll(tile, k + 1, axis=1)).mean(axis=0)
    return int(np.argmin(np.round(cost / near + 0.15 * tile.mean(axis=0), 4)))


def finish(picture: np.ndarray) -> np.ndarray:
    """The picture as float32 in [0, 1] with its highest point at 1 (an empty picture stays empty)."""
    picture = np.nan_to_num(np.maximum(picture, 0.0)).astype(np.float32)
    high = float(picture.max()) if picture.size else 0.0
    return picture / np.float32(high) if high > 1e-6 else picture
