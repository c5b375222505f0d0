"""A line of text as letters at their places: shaped by HarfBuzz, in heights of its capitals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..pattern.outline import flatten
from . import bidi
from .fonts import Font

_JOINED = ("Arab", "Syrc", "Mong", "Nkoo", "Mand", "Rohg")  # scripts whose letters hold hands: spacing would part them
_HAN = ("Hani", "Hira", "Kana", "Hang", "Bopo")
_CAPITALS = ("Latn", "Grek", "Cyrl")
_HAN_MEASURE = "国中田日"


@dataclass(frozen=True)
class Glyph:
    """A letter: its ``number`` in the font, where its origin stands, and how far it moves the next one, in heights."""

    number: int
    x: float
    y: float
    advance: float


@dataclass(frozen=True, eq=False)
class Setting:
    """A line as set, x right and y up from the start of its baseline; lengths in heights of its capitals.

    Attributes
    ----------
    font : Font
    words : str
    glyphs : tuple of Glyph
        As they stand: from left to right, or from the top down.
    em : float
        Heights to the em.
    length : float
        From the first letter's origin to the end of the last one's advance.
    box : (left, bottom, right, top)
        What is inked; at least from the baseline to the height of capitals where it runs across.
    vertical, joined : bool
    """

    font: Font
    words: str
    glyphs: tuple[Glyph, ...]
    em: float
    length: float
    box: tuple[float, float, float, float]
    vertical: bool
    joined: bool

    def shape(self, glyph: Glyph, pixels: float) -> np.ndarray:
        """(n, 2, 2) straight pieces of a letter about its own origin, in heights; true to 0.05 px where a height has ``pixels``."""
        contours = self.font.outline(glyph.number)
        size = self.em * pixels
        return flatten(contours, size) / pixels if contours else np.zeros((0, 2, 2))

    def inked(self, glyph: Glyph) -> bool:
        left, _, right, _ = self.font.ink(glyph.number)
        return right > left


def set_line(font: Font, words: str, *, vertical: bool = False, spacing: float = 0.0, language: str = "") -> Setting:
    """Set cleaned words in a font that has their letters; ``spacing`` in heights between letters."""
    scripts = _scripts(words)
    joined = font.joined or any(script in _JOINED for script in scripts)
    rows: list[tuple[int, float, float, float, float]] = []
    if vertical:
        spans = [(start, end, 0) for start, end, _ in bidi.runs(words, lambda i: scripts[i], 0)]
    else:
        spans = bidi.runs(words, lambda i: scripts[i])
    for start, end, level in spans:
        direction = "ttb" if vertical else "rtl" if level % 2 else "ltr"
        loose = spacing > 0 and scripts[start] not in _JOINED
        rows += _shaped(font, words, (start, end), direction, scripts[start], language, loose)
    unit = 1.0 / _measure(font, scripts, rows)
    glyphs, at = [], 0.0
    extra = 0.0 if any(script in _JOINED for script in scripts) else spacing
    clusters = [row[0] for row in rows]
    for i, (_, number, dx, dy, advance) in enumerate(rows):
        step = advance * unit + (extra if i + 1 < len(rows) and clusters[i + 1] != clusters[i] else 0.0)
        glyphs.append(Glyph(int(number), dx * unit, dy * unit - at, step) if vertical else Glyph(int(number), at + dx * unit, dy * unit, step))
        at += step
    return Setting(font, words, tuple(glyphs), unit, at, _box(font, glyphs, unit, vertical), vertical, joined)


def _shaped(font: Font, words: str, span: tuple[int, int], direction: str, script: str, language: str, loose: bool) -> list[tuple[Any, ...]]:
    """(cluster, glyph, x, y, advance) in em of one run."""
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(words, span[0], span[1] - span[0])
    buffer.direction, buffer.script = direction, script
    if language:
        buffer.language = language
    buffer.guess_segment_properties()
    features = {"kern": True, **({"liga": False, "clig": False, "calt": font.joined} if loose else {})}
    hb.shape(font.shaper, buffer, features)
    down = direction == "ttb"
    return [
        (info.cluster, info.codepoint, place.x_offset / font.em, place.y_offset / font.em, (-place.y_advance if down else place.x_advance) / font.em)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions)
    ]


def _measure(font: Font, scripts: list[str], rows: list[tuple[Any, ...]]) -> float:
    """What counts as the height of capitals, in em: an H, a Chinese square, or the tallest letter of another script."""
    samples = _HAN_MEASURE if any(s in _HAN for s in scripts) else "HEIX" if all(s in _CAPITALS for s in scripts) else ""
    for letter in samples:
        glyph = font.shaper.get_nominal_glyph(ord(letter))
        if glyph:
            _, bottom, _, top = font.ink(glyph)
            return max(top - (bottom if samples == _HAN_MEASURE else 0.0), 0.05)
    tops = [font.ink(row[1])[3] for row in rows]
    return max(max(tops, default=0.7), 0.05)


def _box(font: Font, glyphs: list[Glyph], unit: float, vertical: bool) -> tuple[float, float, float, float]:
    boxes = []
    for g in glyphs:
        left, bottom, right, top = font.ink(g.number)
        if right > left:
            boxes.append((g.x + left * unit, g.y + bottom * unit, g.x + right * unit, g.y + top * unit))
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (pick(side) for pick, side in zip((min, min, max, max), zip(*boxes)))
    return (left, bottom, right, top) if vertical else (left, min(bottom, 0.0), right, max(top, 1.0))


def _scripts(words: str) -> list[str]:
    """The script of each character; signs and blanks take their neighbour's."""
    found = [_script(c) for c in words]
    last = next((s for s in found if s), "Latn")
    for i, script in enumerate(found):
        found[i] = last = script or last
    return found


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(letter)
    buffer.guess_segment_properties()
    return buffer.script if buffer.script and buffer.script not in ("Zyyy", "Zinh", "Zzzz") else ""


def is_chinese(words: str) -> bool:
    """Whether all letters are Chinese (or kana): such lines can run downward, and make seals."""
    scripts = [_script(c) for c in words if c.isalnum()]
    return bool(scripts) and all(s in _HAN for s in scripts)
