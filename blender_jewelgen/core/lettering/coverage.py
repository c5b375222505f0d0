"""Laid letters as distances on the pixels of a surface: exact outlines, drawn where they are and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..height.distance import distance, signed_distance
from ..height.filters import blur, resize
from ..pattern.outline import cover
from ..pattern.parts import parts
from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from .placing import Laid, split

_COARSE = 4  # px of the surface to one of the room round the letters, which is only a soft border
_MIDDLE = 0.55  # the same, of the lines that are widened: they may taper
_FLAT = 0.35  # slope of the distances on the middle line of a stroke; where two sides meet at a point it is steeper
_LEAST = 0.02  # share of the middle lines that may be narrower: points of serifs
_WEAVE = 0.04  # heights between a letter and the one that runs under it


@dataclass(frozen=True, eq=False)
class Window:
    """Some pixels of a surface: rows, columns (which may run over the seam of a closed strip), and their places.

    Attributes
    ----------
    rows : slice
    columns : (n,) int
    left, top : float, mm
        Of the window's upper left corner.
    dx, dy : float, mm
        A pixel's size.
    closed : bool
        The window goes all round.
    """

    rows: slice
    columns: np.ndarray
    left: float
    top: float
    dx: float
    dy: float
    closed: bool

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, len(self.columns)

    @property
    def pitch(self) -> float:
        return float(np.sqrt(self.dx * self.dy))

    def get(self, picture: np.ndarray) -> np.ndarray:
        return picture[self.rows][:, self.columns]

    def put(self, picture: np.ndarray, values: np.ndarray) -> None:
        picture[self.rows, self.columns] = values

    def pixels(self, places: np.ndarray, coarse: int = 1) -> np.ndarray:
        """Places (…, 2) in mm as (x, y) px of the window, y down."""
        return np.stack([(places[..., 0] - self.left) / (self.dx * coarse), (self.top - places[..., 1]) / (self.dy * coarse)], -1)


def window(laid: Laid, surface: Strip | Face, reach: float) -> Window:
    """The pixels up to ``reach`` mm about a line."""
    strip = isinstance(surface, Strip)
    length, width = (surface.length, surface.width) if strip else (surface.size_x, surface.size_y)
    x0, top = (0.0, width) if strip else (-length / 2.0, width / 2.0)
    dx, dy = length / surface.columns, width / surface.rows
    points = np.concatenate([laid.room.reshape(-1, 2), *(letter.reshape(-1, 2) for letter in laid.letters)])
    (left, low), (right, high) = points.min(axis=0) - reach, points.max(axis=0) + reach
    first, last = int(np.floor((left - x0) / dx)), int(np.ceil((right - x0) / dx))
    rows = slice(max(int((top - high) / dy), 0), min(int(np.ceil((top - low) / dy)), surface.rows))
    closed = strip and surface.periodic and last - first >= surface.columns
    if closed:
        first = round(((left + right) / 2.0 - x0) / dx) - surface.columns // 2
        last = first + surface.columns
    if not (strip and surface.periodic):
        first, last = max(first, 0), min(last, surface.columns)
    columns = np.arange(first, last) % surface.columns
    return Window(rows, columns, x0 + first * dx, top - rows.start * dy, dx, dy, closed)


Tile = tuple[slice, slice, np.ndarray]  # rows and columns of a window, and the distances there


def tiles(laid: Laid, where: Window, limit: float) -> list[Tile]:
    """Distances inside the letters in mm, negative outside, clipped at ``limit``: in one piece, or letter by letter where they lie far apart."""
    rows, columns = where.shape
    all_ = slice(0, rows), slice(0, columns)
    if laid.woven:
        one, other = (_one([where.pixels(letter)], where.shape, where, limit) for letter in laid.letters)
        return [(*all_, _woven(one, other, _WEAVE * laid.height, where))]
    letters = [where.pixels(letter) for letter in laid.letters]
    if laid.ups is None or laid.setting.joined:
        return [(*all_, _one(letters, where.shape, where, limit))]
    found = []
    reach = limit / where.pitch + 2.0
    for letter in letters:
        points = letter.reshape(-1, 2)
        (left, top), (right, bottom) = np.floor(points.min(axis=0) - reach).astype(int), np.ceil(points.max(axis=0) + reach).astype(int)
        place = slice(max(top, 0), min(bottom, rows)), slice(max(left, 0), min(right, columns))
        shape = place[0].stop - place[0].start, place[1].stop - place[1].start
        if min(shape) > 0:
            found.append((*place, _one([letter - (place[1].start, place[0].start)], shape, where, limit)))
    return found


def together(parts_: list[Tile], shape: tuple[int, int], limit: float) -> np.ndarray:
    """(h, w) float32: the distances of all tiles; ``-limit`` mm where there is none."""
    if len(parts_) == 1 and parts_[0][2].shape == shape:
        return parts_[0][2]
    field = np.full(shape, -limit, np.float32)
    for rows, columns, values in parts_:
        np.maximum(field[rows, columns], values, out=field[rows, columns])
    return field


def _one(letters: list[np.ndarray], shape: tuple[int, int], where: Window, limit: float) -> np.ndarray:
    coverage = cover(np.concatenate(letters), shape[1], shape[0])
    return signed_distance(coverage, limit / where.pitch, where.closed) * np.float32(where.pitch)


def _woven(first: np.ndarray, second: np.ndarray, gap: float, where: Window) -> np.ndarray:
    """Two letters that run over and under each other in turn, with a gap beside the upper one."""
    label, sizes = parts((first > -gap) & (second > -gap), where.closed)
    for number in range(1, len(sizes)):
        here = label == number
        if not (here & (first > 0) & (second > 0)).any():
            continue
        if number % 2:
            second = np.where(here, np.minimum(second, -first - gap), second)
        else:
            first = np.where(here, np.minimum(first, -second - gap), first)
    return np.maximum(first, second)


def room(laid: Laid, where: Window, clear: float, beside: float) -> np.ndarray:
    """(h, w) float32 mm inside what the letters and ``clear`` mm round them occupy, negative outside it down to ``beside``."""
    rows, columns = where.shape
    small = (-(-rows // _COARSE), -(-columns // _COARSE))
    edges = np.stack([laid.room, np.roll(laid.room, -1, 1)], 2).reshape(-1, 2, 2)
    margin = int(np.ceil((clear + beside) / (where.pitch * _COARSE))) + 2  # what the room goes beyond the window is room, too
    pixels = where.pixels(edges, _COARSE) + margin
    coverage = cover(pixels, small[1] + 2 * margin, small[0] + 2 * margin)
    limit = (clear + beside) / (where.pitch * _COARSE)
    field = signed_distance(coverage, limit) * np.float32(where.pitch * _COARSE) + np.float32(clear)
    field = field[margin : margin + small[0], margin : margin + small[1]]
    return resize(field, small[0] * _COARSE, small[1] * _COARSE)[:rows, :columns]


def narrowest(parts_: list[Tile], pitch: float) -> float:
    """Width in mm of the thinnest strokes of letters, but for the points of serifs; 0 without any."""
    found = []
    for _, _, field in parts_:
        dy, dx = np.gradient(field / pitch)
        middle = (np.hypot(dx, dy) < _FLAT) & (field > 0.4 * pitch) & (field < field.max() * 0.999 + 1e-6)
        found.append(2.0 * field[middle])
    widths = np.concatenate(found) if found else np.zeros(0)
    if len(widths) < 8:
        return float(2.0 * max((float(field.max()) for _, _, field in parts_), default=0.0))
    return float(np.quantile(widths, _LEAST)) + 0.5 * pitch


def firm(field: np.ndarray, pitch: float, width: float, closed: bool = False) -> np.ndarray:
    """The distances (mm) of letters whose hairlines are widened to ``width`` mm; what is as broad stays as it is, and so do corners."""
    dy, dx = np.gradient(field / pitch)
    thin = (np.hypot(dx, dy) < _MIDDLE) & (field > 0.3 * pitch) & (field < 0.5 * width)
    if not thin.any():
        return field
    reach = 0.5 * width / pitch
    away = distance(~thin, reach + 3.0, closed)
    line = blur(np.float32(0.5 * width) - away * np.float32(pitch), 0.8, closed)
    return np.where(away < reach + 2.0, np.maximum(field, line), field)


def gaps(laid: Laid) -> list[float]:
    """Distance in mm between each letter and the next; 0 where they meet."""
    found = []
    for one, other in pairwise(laid.letters):
        a, b = (split(letter, 0.05 * laid.height)[:, 0] for letter in (one, other))
        d = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
        found.append(float(d.min()))
    return found
