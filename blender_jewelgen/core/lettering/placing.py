"""Where lines of text lie on a strip or a face: side by side or one above the other, in their boxes, or along the border."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from .legend_line import RimLine, rim_line
from .typeset import Setting

FRONT = 0.72  # where on a closed strip the photograph looks
_LEADING = 0.42  # heights between two lines of a block
_STEPS = 18  # of every search for a size
TALLEST = 60.0  # mm
_CORNER = 2.0  # heights over which a legend rounds the corners of a border
_ROUND = 0.97  # share of a closed strip that one line may fill
_TURN = 1.3  # radians that a line on an arc spans
_CHORD, _RISE, _LEAN = 2.0 * np.sin(_TURN / 2.0) / _TURN, (1.0 - np.cos(_TURN / 2.0)) / _TURN, np.sin(_TURN / 2.0)


@dataclass(frozen=True, eq=False)
class Laid:
    """A line on its surface, in mm from the surface's lower left corner (strip) or middle (face), y up.

    Attributes
    ----------
    setting : Setting
    height : float
        Of the capitals.
    letters : tuple of (n, 2, 2)
        Straight pieces of each inked letter.
    room : (m, 4, 2)
        What the letters occupy, as four-cornered pieces: ornament keeps clear of it.
    share : float
        Height that was possible, over that which was asked for; 1 if it was given.
    ups : (k, 2) or None
        Which way is up for each letter; None where that is up for all.
    woven : bool
        Its letters run over and under each other.
    """

    setting: Setting
    height: float
    letters: tuple[np.ndarray, ...]
    room: np.ndarray
    share: float = 1.0
    ups: np.ndarray | None = None
    woven: bool = False


@dataclass(frozen=True)
class Region:
    """A rectangle in mm on a surface: x0 < x1, y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0


def whole(surface: Strip | Face, border_mm: float) -> Region:
    """All of a surface but its border; on a closed strip as much of its length as a line may fill, about the front."""
    if isinstance(surface, Face):
        x, y = surface.size_x / 2.0 - border_mm, surface.size_y / 2.0 - border_mm
        return Region(-x, -y, x, y)
    inset = min(border_mm, 0.25 * surface.width)
    if surface.periodic:
        half, middle = 0.5 * _ROUND * surface.length, FRONT * surface.length
        return Region(middle - half, inset, middle + half, surface.width - inset)
    end = min(max(border_mm, 0.6 * surface.width), 0.2 * surface.length)  # the ends of a cuff are round
    return Region(end, inset, surface.length - end, surface.width - inset)


def block(settings: Sequence[Setting], wanted: Sequence[float | None], region: Region, surface: Strip | Face, inset: float, pixels: float) -> list[Laid]:
    """Lines of one block as large as fits, or as high as they are wanted; those that run down stand from right to left."""
    if not settings:
        return []
    sizes = [(s.box[2] - s.box[0], s.box[3] - s.box[1]) for s in settings]
    down = all(s.vertical for s in settings)
    free = any(w is None for w in wanted)

    def boxes(scale: float, centre: tuple[float, float]) -> tuple[list[float], list[tuple[float, float, float, float]]]:
        """Heights and places: what is not wanted of a height takes the scale, or all that are wanted shrink by it."""
        heights = [scale if w is None else w if free else w * scale for w in wanted]
        across = [(w if down else t) * h for (w, t), h in zip(sizes, heights)]
        gaps = [_LEADING * min(a, b) for a, b in pairwise(heights)]
        at, found = (sum(across) + sum(gaps)) / 2.0, []
        for (w, t), h, extent, gap in zip(sizes, heights, across, [*gaps, 0.0]):
            middle = at - extent / 2.0
            x, y = (centre[0] + middle, centre[1]) if down else (centre[0], centre[1] + middle)
            found.append((x - w * h / 2.0, y - t * h / 2.0, x + w * h / 2.0, y + t * h / 2.0))
            at -= extent + gap
        return heights, found

    def fits(scale: float, centre: tuple[float, float]) -> bool:
        return all(within(box, region, surface, inset) for box in boxes(scale, centre)[1])

    heights, places = boxes(*largest(fits, centres_of(region, surface), TALLEST if free else 1.0))
    laid = []
    for setting, height, box, w in zip(settings, heights, places, wanted):
        shift = np.array([box[0] - setting.box[0] * height, box[1] - setting.box[1] * height])
        laid.append(straight(setting, height, shift, pixels, height / w if w else 1.0))
    return laid


def centres_of(region: Region, surface: Strip | Face) -> list[tuple[float, float]]:
    """Middles worth trying: on a face that narrows downward the best is not the middle of its box."""
    x, y = region.middle
    if not isinstance(surface, Face):
        return [(x, y)]
    return [(x, y + k * 0.03 * surface.size_y) for k in sorted(range(-9, 10), key=abs)]


def largest(fits: Callable[[float, tuple[float, float]], bool], centres: Sequence[tuple[float, float]], most: float) -> tuple[float, tuple[float, float]]:
    """The largest scale up to ``most`` that fits somewhere, and where; 0 if none does."""
    best, at = 0.0, centres[0]
    for centre in centres:
        if not fits(best * 1.01 + 1e-4, centre):
            continue
        low, high = best, most
        if fits(high, centre):
            return high, centre
        for _ in range(_STEPS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if fits(middle, centre) else (low, middle)
        best, at = low, centre
    return best, at


def within(box: tuple[float, float, float, float], region: Region, surface: Strip | Face, inset: float) -> bool:
    x0, y0, x1, y1 = box
    if x0 < region.x0 - 1e-9 or y0 < region.y0 - 1e-9 or x1 > region.x1 + 1e-9 or y1 > region.y1 + 1e-9:
        return False
    if isinstance(surface, Strip):
        return True
    t = np.linspace(0.0, 1.0, 9)
    x = np.concatenate([x0 + (x1 - x0) * t, x0 + (x1 - x0) * t, np.full(9, x0), np.full(9, x1)])
    y = np.concatenate([np.full(9, y0), np.full(9, y1), y0 + (y1 - y0) * t, y0 + (y1 - y0) * t])
    return float(depth_at(surface, x, y).min()) >= inset


def depth_at(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n,) mm inside the outline of a face, bilinear."""
    from ..height.filters import sample

    return sample(face.outline, (x / face.size_x + 0.5) * face.columns - 0.5, (0.5 - y / face.size_y) * face.rows - 0.5)


def straight(setting: Setting, height: float, shift: np.ndarray, pixels: float, share: float = 1.0) -> Laid:
    letters = []
    for glyph in setting.glyphs:
        pieces = setting.shape(glyph, height * pixels)
        if len(pieces):
            letters.append((pieces + (glyph.x, glyph.y)) * height + shift)
    left, bottom, right, top = (side * height for side in setting.box)
    room = np.array([[[left, bottom], [right, bottom], [right, top], [left, top]]]) + shift
    return Laid(setting, height, tuple(letters), room, share)


def moved(laid: Laid, x: float) -> Laid:
    """The same line further along its strip."""
    step = np.array([x, 0.0])
    return replace(laid, letters=tuple(letter + step for letter in laid.letters), room=laid.room + step)


def repeated(one: Laid, strip: Strip) -> list[Laid]:
    """A line as often as it goes round a closed strip with a gap of nearly a height between."""
    times = max(int(strip.length / ((one.setting.length + 0.9) * one.height)), 1)
    return [moved(one, k * strip.length / times) for k in range(times)]


def closing(setting: Setting, height: float, strip: Strip) -> float:
    """Spacing in heights to add between letters so that a line goes all round a closed strip; 0 where it is better repeated."""
    free = strip.length / height - 0.9 - setting.length
    places = len(setting.glyphs) - 1
    return free / (places + 1) if places > 0 and 0.0 < free < 0.9 + setting.length else 0.0


def arched(setting: Setting, wanted: float | None, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    """A line on an arc in a region, its middle raised by a sixth of its length."""
    bottom, top = min(setting.box[1], 0.0), max(setting.box[3], 1.0)

    def size(h: float) -> tuple[float, float]:
        return setting.length * h * _CHORD + 2.0 * top * h * _LEAN, setting.length * h * _RISE + (top - bottom) * h

    def fits(h: float, c: tuple[float, float]) -> bool:
        w, t = size(h)
        return within((c[0] - w / 2, c[1] - t / 2, c[0] + w / 2, c[1] + t / 2), region, surface, inset)

    height, centre = largest(fits, centres_of(region, surface), wanted or TALLEST)
    if height <= 0.0:
        return Laid(setting, 0.0, (), np.zeros((0, 4, 2)), 0.0)
    radius = setting.length * height / _TURN
    crown = centre[1] + size(height)[1] / 2.0 - top * height
    angle = np.pi / 2.0 - np.arange(1440) / 1440 * 2.0 * np.pi
    line = RimLine(np.stack([centre[0] + radius * np.cos(angle), crown - radius + radius * np.sin(angle)], 1), 0.0, 0.0)
    return _bent(setting, height, line, False, pixels, height / wanted if wanted else 1.0)


def along(setting: Setting, wanted: float | None, face: Face, inset: float, most: float, share: float, lower: bool, pixels: float) -> Laid:
    """A line that follows the border of a face, ``inset`` mm inside: over its upper part, or under its lower one with the feet outward.

    ``most`` mm high at most, and no longer than ``share`` of the way round.
    """
    asked = wanted or most
    height, line = asked, None
    bottom, top = min(setting.box[1], 0.0), max(setting.box[3], 1.0)
    for _ in range(6):  # the higher the letters, the shorter the line that they stand on
        reach = inset + height * (top if not lower else -bottom + 1.0)
        line = rim_line(face, reach, _CORNER * height)
        room = (line.length if line else 0.0) * share
        fitting = min(asked, room / max(setting.length, 1e-6))
        if fitting >= height * 0.999:
            break
        height = max(min(fitting, 0.97 * height), 1e-3)
    if line is None:
        return Laid(setting, 0.0, (), np.zeros((0, 4, 2)), 0.0)
    return _bent(setting, height, line, lower, pixels, height / wanted if wanted else 1.0)


def _bent(setting: Setting, height: float, line: RimLine, lower: bool, pixels: float, share: float) -> Laid:
    """Letters along a border: each turned as a whole, or bent where they hold hands. ``line`` is their inner edge."""
    drop = 1.0 if lower else 0.0  # the inner edge is where a lower line has the heads of its capitals
    start = -setting.length * height / 2.0

    def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        point, along = line.at(start + x * height, lower)
        up = np.stack([-along[..., 1], along[..., 0]], -1)
        return point + up * ((y - drop) * height)[..., None]

    letters, ups = [], []
    for glyph in setting.glyphs:
        pieces = setting.shape(glyph, height * pixels)
        middle = glyph.x + glyph.advance / 2.0
        point, way = line.at(np.array([start + middle * height]), lower)
        up = np.array([-way[0, 1], way[0, 0]])
        if setting.joined:
            pieces = split(pieces, 2.0 / (height * pixels))
            bent = place(pieces[..., 0] + glyph.x, pieces[..., 1] + glyph.y)
        else:
            bent = point[0] + ((pieces[..., :1] + glyph.x - middle) * way[0] + (pieces[..., 1:] + glyph.y - drop) * up) * height
        if len(pieces):
            letters.append(bent)
            ups.append(up)
    x = np.linspace(0.0, setting.length, max(int(setting.length * 2), 2) + 1)
    low, high = place(x, np.full_like(x, min(setting.box[1], 0.0))), place(x, np.full_like(x, max(setting.box[3], 1.0)))
    room = np.stack([low[:-1], low[1:], high[1:], high[:-1]], 1)
    return Laid(setting, height, tuple(letters), room, share, np.array(ups).reshape(-1, 2))


def split(pieces: np.ndarray, longest: float) -> np.ndarray:
    """The same line in pieces no longer than that."""
    if not len(pieces):
        return pieces
    count = np.maximum(np.ceil(np.hypot(*(pieces[:, 1] - pieces[:, 0]).T) / longest).astype(int), 1)
    which = np.repeat(np.arange(len(pieces)), count)
    step = (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)) / count[which]
    way = pieces[which, 1] - pieces[which, 0]
    start = pieces[which, 0] + way * step[:, None]
    return np.stack([start, start + way / count[which, None]], 1)
