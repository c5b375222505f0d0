"""One to four letters as one figure: woven through each other, shaped to the outline of a face, or a Chinese seal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import BadInput
from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from .fonts import Font
from .placing import TALLEST, Laid, Region, block, centres_of, depth_at, largest, split, straight, within
from .typeset import Setting, is_chinese, set_line

_SHARES = {3: (0.29, 0.42, 0.29), 4: (0.22, 0.28, 0.28, 0.22)}  # of the width, for each letter from the left
_GAP = 0.035  # of the width, between two letters
_STRETCH = 1.7  # how much broader than drawn a letter may become against its height
_FINE = 181  # places along and across at which an outline is looked at
_ALONG, _DOWN = 0.56, 0.16  # of a letter's width and height: where the second of two woven letters stands


def monogram(font: Font, words: str, wanted: float | None, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    """The letters of ``words`` as one figure in a region, ``wanted`` mm high or as large as fits. Raises BadInput for none or more than four."""
    letters = [c for c in words if c.isalnum()]
    if not 1 <= len(letters) <= 4:
        raise BadInput(f"a monogram has one to four letters, not {len(letters)}", field="text-path")
    setting = set_line(font, words)
    single = [set_line(font, letter) for letter in letters]
    if is_chinese(words) or len(letters) == 1:
        return _seal(setting, single, wanted, region, surface, inset, pixels)
    if len(letters) == 2:
        return _woven(setting, single, wanted, region, surface, inset, pixels)
    return _shaped(setting, single, wanted, region, surface, inset, pixels)


def _fitted(size: tuple[float, float], wanted: float | None, region: Region, surface: Strip | Face, inset: float) -> tuple[float, tuple[float, float], float]:
    """Height for a figure of this size in heights, its middle, and the share of what is wanted."""
    w, t = size

    def fits(h: float, c: tuple[float, float]) -> bool:
        return within((c[0] - w * h / 2, c[1] - t * h / 2, c[0] + w * h / 2, c[1] + t * h / 2), region, surface, inset)

    height, centre = largest(fits, centres_of(region, surface), wanted or TALLEST)
    return height, centre, height / wanted if wanted else 1.0


def _seal(setting: Setting, single: list[Setting], wanted: float | None, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    """Chinese signs as on a seal, from the upper right corner downward; or one letter alone."""
    if len(single) == 1:
        (laid,) = block(single, [wanted], region, surface, inset, pixels)
        return replace(laid, setting=setting)
    places = {2: ((0, 0), (0, 1)), 3: ((0, 0), (0, 1), (0, 2)), 4: ((1, 0), (1, 1), (0, 0), (0, 1))}[len(single)]
    step = 1.1
    wide, tall = (max(p[axis] for p in places) for axis in (0, 1))
    size = ((1.0 + wide * step), (1.0 + tall * step))
    height, centre, share = _fitted(size, wanted, region, surface, inset)
    laid = []
    for one, (column, row) in zip(single, places):
        middle = np.array([(column - wide / 2.0) * step, (tall / 2.0 - row) * step]) * height + centre
        left, right = one.box[0], one.box[2]
        ink = [one.font.ink(g.number) for g in one.glyphs]
        low, high = min(i[1] for i in ink) * one.em, max(i[3] for i in ink) * one.em
        laid.append(straight(one, height, middle - np.array([(left + right) / 2.0, (low + high) / 2.0]) * height, pixels))
    return _joined(setting, height, laid, _box(centre, size, height), share)


def _woven(setting: Setting, single: list[Setting], wanted: float | None, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    first, second = single
    wide = [s.box[2] - s.box[0] for s in single]
    along, down = _ALONG * wide[0], _DOWN
    size = (max(wide[0], along + wide[1]), 1.0 + down)
    height, centre, share = _fitted(size, wanted, region, surface, inset)
    left, top = centre[0] - size[0] * height / 2.0, centre[1] + size[1] * height / 2.0
    laid = [
        straight(one, height, np.array([left + (x - one.box[0]) * height, top - (1.0 + y) * height]), pixels)
        for one, x, y in ((first, 0.0, 0.0), (second, along, down))
    ]
    return replace(_joined(setting, height, laid, _box(centre, size, height), share), woven=True)


def _shaped(setting: Setting, single: list[Setting], wanted: float | None, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    """Letters side by side that fill the outline from top to bottom, the middle one the tallest."""
    (x0, x1), low, high = _envelope(region, surface, inset, wanted)
    width, gap = x1 - x0, _GAP * (x1 - x0)
    at, letters = x0, []
    for one, share in zip(single, _SHARES[len(single)]):
        left, right = at + (gap / 2.0 if at > x0 else 0.0), at + share * width - (gap / 2.0 if at + share * width < x1 - 1e-6 else 0.0)
        at += share * width
        ink = [one.font.ink(g.number) for g in one.glyphs]
        bottom, top = min(i[1] for i in ink) * one.em, max(i[3] for i in ink) * one.em
        middle = (left + right) / 2.0
        tall = float(high(np.array(middle)) - low(np.array(middle)))
        half = min(right - left, _STRETCH * (one.box[2] - one.box[0]) / (top - bottom) * tall) / 2.0
        for glyph in one.glyphs:
            pieces = split(one.shape(glyph, tall * pixels), 3.0 / (tall * pixels))
            if len(pieces):
                s = (pieces[..., 0] + glyph.x - one.box[0]) / (one.box[2] - one.box[0])
                t = (pieces[..., 1] + glyph.y - bottom) / (top - bottom)
                x = middle + (2.0 * s - 1.0) * half
                letters.append(np.stack([x, low(x) + t * (high(x) - low(x))], -1))
    edge = np.linspace(x0, x1, 25)
    a, b = np.stack([edge, low(edge)], 1), np.stack([edge, high(edge)], 1)
    room = np.stack([a[:-1], a[1:], b[1:], b[:-1]], 1)
    height = float(np.max(high(edge) - low(edge)))
    return Laid(setting, height, tuple(letters), room, min(height / wanted, 1.0) if wanted else 1.0)


Edge = Callable[[np.ndarray], np.ndarray]


def _envelope(region: Region, surface: Strip | Face, inset: float, wanted: float | None) -> tuple[tuple[float, float], Edge, Edge]:
    """From where to where, and between which lines: a circle on a strip, the outline of a face drawn in by ``inset`` mm."""
    x, y = region.middle
    if isinstance(surface, Strip):
        r = min(region.x1 - region.x0, region.y1 - region.y0, wanted or 1e9) / 2.0

        def bow(at: np.ndarray) -> np.ndarray:
            return np.sqrt(np.maximum(r * r - (at - x) ** 2, 0.0))

        return (x - 0.93 * r, x + 0.93 * r), lambda at: y - bow(at), lambda at: y + bow(at)
    across, down = np.linspace(region.x0, region.x1, _FINE), np.linspace(region.y0, region.y1, _FINE)
    free = depth_at(surface, np.tile(across, _FINE), np.repeat(down, _FINE)).reshape(_FINE, _FINE) - inset
    base, top = _crossing(free, down), -_crossing(free[::-1], -down[::-1])
    tall = np.maximum(top - base, 0.0)
    use = np.flatnonzero(tall > 0.36 * tall.max())
    if not len(use):
        return (x, x + 1e-3), lambda at: 0.0 * at, lambda at: 0.0 * at + 1e-3
    use = np.arange(use[0], use[-1] + 1)
    base, top = base[use], top[use]
    scale = min(1.0, wanted / float(top.max() - base.min())) if wanted else 1.0
    mx, my = float(across[use].mean()), float((base.min() + top.max()) / 2.0)
    line = mx + (across[use] - mx) * scale
    return (
        (float(line[0]), float(line[-1])),
        lambda at: np.interp(at, line, my + (base - my) * scale),
        lambda at: np.interp(at, line, my + (top - my) * scale),
    )


def _crossing(free: np.ndarray, height: np.ndarray) -> np.ndarray:
    """(n,) heights at which columns of ``free`` (m, n) first rise above 0; the last height where they never do."""
    first = (free > 0.0).argmax(axis=0)
    none = ~(free > 0.0).any(axis=0)
    before = np.maximum(first - 1, 0)
    column = np.arange(free.shape[1])
    a, b = free[before, column], free[first, column]
    share = np.where(b > a, np.clip(-a / np.where(b > a, b - a, 1.0), 0.0, 1.0), 1.0)
    at = height[before] + share * (height[first] - height[before])
    return np.where(none, height[-1], at)


def _box(centre: tuple[float, float], size: tuple[float, float], height: float) -> np.ndarray:
    w, t = size[0] * height / 2.0, size[1] * height / 2.0
    return np.array([[[-w, -t], [w, -t], [w, t], [-w, t]]]) + centre


def _joined(setting: Setting, height: float, laid: list[Laid], room: np.ndarray, share: float) -> Laid:
    return Laid(setting, height, tuple(letter for one in laid for letter in one.letters), room, share)
