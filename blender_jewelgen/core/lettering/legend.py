"""All lines of one side of a piece laid out: which path each takes, and that all are large enough to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput, Fix
from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from ..words.text_line import TextLine
from .coverage import gaps
from .fonts import Font, cleaned, find
from .legend_line import is_round
from .monogram import monogram
from .placing import Laid, Region, along, arched, block, closing, repeated, whole
from .typeset import Setting, is_chinese, set_line

LEAST = 0.4  # mm: lower letters are not made
_LEGEND, _ARC = 0.15, 0.2  # of a face's smaller side: highest letters along its border, and on a half of it
_AROUND, _HALF = 0.93, 0.44  # of the way round that they may take
_LONG = 14  # letters; a longer line runs along the border of a round face
_INSET, _RIM = 0.055, 1.3  # of a face's smaller side, and mm, left free inside the border: its edge is rounded and carries no ornament
_EDGE, _RAIL = 0.12, 0.3  # of a strip's width, and mm, left free at its borders


@dataclass(frozen=True, eq=False)
class Line:
    """A line and where it lies; one that is repeated lies in several places."""

    line: TextLine
    laid: tuple[Laid, ...]


def laid_out(lines: Sequence[TextLine], surface: Strip | Face, border_mm: float, web: float) -> tuple[list[Line], tuple[str, ...]]:
    """Where each line lies, and notes; ``border_mm`` has ornament of its own, ``web`` is the least metal between letters that are pierced.

    Raises BadInput for letters that no font has, and where there is no room.
    """
    pixels = surface.columns / (surface.length if isinstance(surface, Strip) else surface.size_x)
    if isinstance(surface, Face):
        small = min(surface.size_x, surface.size_y)
        free = min(max(_INSET * small, _RIM), 0.15 * small)
    else:
        free = max(_EDGE * surface.width, _RAIL)
    inset = max(border_mm + 0.5 * free, free)
    settings = [_set(line, surface) for line in lines]
    for _ in range(3):
        found = _placed(lines, settings, surface, inset, pixels)
        wider = [_loosened(line, setting, one, web) for line, setting, one in zip(lines, settings, found)]
        if all(setting is old for setting, old in zip(wider, settings)):
            break
        settings = wider
    notes: list[str] = []
    for line, one in zip(lines, found):
        _check(line, one)
        notes += _notes(line, one[0])
    return [Line(line, one) for line, one in zip(lines, found)], tuple(notes)


def _set(line: TextLine, surface: Strip | Face, more: float = 0.0) -> tuple[Setting, str]:
    """A line as set, and the path it takes."""
    words = cleaned(line.words)
    font: Font = find(line.font, words)
    path = _path(line, words, surface)
    setting = set_line(font, words, vertical=path == "vertical", spacing=line.spacing + more, language=line.language)
    if not any(setting.inked(glyph) for glyph in setting.glyphs):
        raise BadInput(f"the font {font.name} draws nothing for {words[:40]!r}: its letters have no outlines", field="font", fix=Fix("Use a font that ships", "--font auto"))
    return setting, path


def _path(line: TextLine, words: str, surface: Strip | Face) -> str:
    if line.path != "auto":
        return line.path
    if isinstance(surface, Strip):
        return "straight"
    boxed = _boxed(line)
    width = surface.size_x * ((line.right if line.right is not None else 1.0) - (line.left or 0.0))
    length = surface.size_y * ((line.bottom if line.bottom is not None else 1.0) - (line.top or 0.0))
    if is_chinese(words) and 2 <= len(words) <= 8 and length > 1.35 * width:
        return "vertical"
    return "around" if len(words) > _LONG and not boxed and is_round(surface) else "straight"


def _boxed(line: TextLine) -> bool:
    return any(side is not None for side in (line.left, line.top, line.right, line.bottom))


def _region(line: TextLine, surface: Strip | Face) -> Region:
    """The box of a line in mm."""
    left, top = line.left or 0.0, line.top or 0.0
    right, bottom = (1.0 if side is None else side for side in (line.right, line.bottom))
    if right - left < 1e-3 or bottom - top < 1e-3:
        raise BadInput(
            f"the box of {line.words[:40]!r} is empty: left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g}", field="text-box"
        )
    length, width = (surface.length, surface.width) if isinstance(surface, Strip) else (surface.size_x, surface.size_y)
    x, y = (0.0, 0.0) if isinstance(surface, Strip) else (-length / 2.0, -width / 2.0)
    return Region(x + left * length, y + (1.0 - bottom) * width, x + right * length, y + (1.0 - top) * width)


def _placed(lines: Sequence[TextLine], settings: Sequence[tuple[Setting, str]], surface: Strip | Face, inset: float, pixels: float) -> list[tuple[Laid, ...]]:
    """Where each line lies: first what follows the border, then what stands in a box, then the rest in the room that is left."""
    found: dict[int, tuple[Laid, ...]] = {}
    legends: list[int] = []
    free: dict[str, list[int]] = {"monogram": [], "arc": [], "straight": [], "vertical": []}
    for i, (line, (setting, path)) in enumerate(zip(lines, settings)):
        if isinstance(surface, Face) and (path == "around" or (path == "arc" and not _boxed(line) and is_round(surface))):
            legends.append(i)
        elif _boxed(line):
            found[i] = (_one(line, setting, path, _region(line, surface), surface, inset * 0.5, pixels),)
        else:
            free["straight" if path == "around" else path].append(i)
    depth = inset
    if legends and isinstance(surface, Face):
        found |= _legends(legends, lines, settings, surface, inset, pixels)
        depth += max(1.45 * found[i][0].height for i in legends)
    region = whole(surface, depth)
    used = [kind for kind, rows in free.items() for _ in (rows if kind in ("monogram", "arc") else rows[:1])]
    for kind, part in zip(used, _shared(region, used)):
        rows = free[kind]
        if kind in ("monogram", "arc"):
            i = rows.pop(0)
            found[i] = (_one(lines[i], settings[i][0], kind, part, surface, depth, pixels),)
            continue
        for i, one in zip(rows, block([settings[i][0] for i in rows], [lines[i].height for i in rows], part, surface, depth, pixels)):
            found[i] = _round(lines[i], one, part, surface, depth, pixels) if settings[i][1] == "around" and one.height > 0 else (one,)
    return [found[i] for i in range(len(lines))]


def _legends(
    rows: Sequence[int], lines: Sequence[TextLine], settings: Sequence[tuple[Setting, str]], face: Face, inset: float, pixels: float
) -> dict[int, tuple[Laid, ...]]:
    """Lines along the border of a face: above and below in turn, all of one height but those that say theirs."""
    small = min(face.size_x, face.size_y)
    found: dict[int, tuple[Laid, ...]] = {}
    most = {i: (_LEGEND if settings[i][1] == "around" else _ARC) * small for i in rows}
    for _ in range(2):
        for side, i in enumerate(rows):
            share = _AROUND if settings[i][1] == "around" and len(rows) == 1 else _HALF
            found[i] = (along(settings[i][0], lines[i].height, face, inset, most[i], share, side % 2 == 1, pixels),)
        free = [found[i][0].height for i in rows if lines[i].height is None]
        most = {i: min(free, default=0.0) for i in rows}
        if len(free) < 2:
            break
    return found


def _one(line: TextLine, setting: Setting, path: str, region: Region, surface: Strip | Face, inset: float, pixels: float) -> Laid:
    if path == "monogram":
        return monogram(setting.font, setting.words, line.height, region, surface, inset, pixels)
    if path == "arc":
        return arched(setting, line.height, region, surface, inset, pixels)
    return block([setting], [line.height], region, surface, inset, pixels)[0]


def _round(line: TextLine, one: Laid, region: Region, surface: Strip | Face, inset: float, pixels: float) -> tuple[Laid, ...]:
    """A line all round a strip: repeated, or with its letters spread until it closes."""
    if not (isinstance(surface, Strip) and surface.periodic):
        return (one,)
    more = closing(one.setting, one.height, surface)
    if not more or one.setting.joined:
        return tuple(repeated(one, surface))
    setting = set_line(one.setting.font, one.setting.words, spacing=line.spacing + more, language=line.language)
    wide = Region(region.middle[0] - surface.length, region.y0, region.middle[0] + surface.length, region.y1)
    (spread,) = block([setting], [one.height], wide, surface, inset, pixels)
    return (replace(spread, share=one.share),)


def _shared(region: Region, kinds: Sequence[str]) -> list[Region]:
    """Parts of a region for figures, arcs, lines and columns: those named first above, columns to the right of lines."""
    if len(kinds) < 2:
        return [region]
    if kinds[0] in ("monogram", "arc"):
        cut = region.y0 + (0.38 if kinds[0] == "monogram" and len(kinds) == 2 else 1.0 - 1.0 / len(kinds)) * (region.y1 - region.y0)
        return [replace(region, y0=cut), *_shared(replace(region, y1=cut), kinds[1:])]
    cut = region.x0 + 0.66 * (region.x1 - region.x0)
    return [replace(region, x1=cut), replace(region, x0=cut)]


def _loosened(line: TextLine, setting: tuple[Setting, str], laid: tuple[Laid, ...], web: float) -> tuple[Setting, str]:
    """A pierced line with its letters so far apart that the metal between them holds."""
    old, path = setting
    if line.style != "pierced" or old.joined or path == "monogram" or not laid[0].height or len(old.glyphs) < 2:
        return setting
    lacking = web - min(gaps(laid[0]), default=web)
    if lacking <= 0.02:
        return setting
    per = (old.length - set_line(old.font, old.words, vertical=old.vertical, spacing=line.spacing).length) / max(len(old.glyphs) - 1, 1)
    more = per + 1.05 * lacking / laid[0].height
    return set_line(old.font, old.words, vertical=old.vertical, spacing=line.spacing + more, language=line.language), path


def _check(line: TextLine, laid: tuple[Laid, ...]) -> None:
    height, words = laid[0].height, laid[0].setting.words
    if height >= LEAST - 1e-6:
        return
    if height < 1e-3:
        raise BadInput(f"there is no room for the text {words[:40]!r} here", field="text", fix=Fix("Leave the text out", '--text ""'))
    most = max(int(len(words) * height / LEAST), 1)
    raise BadInput(
        f"the text has {len(words)} characters; its letters would be {height:.2f} mm high and at least {LEAST:g} mm can be made, "
        f"so at most about {most} characters go there",
        field="text",
    )


def _notes(line: TextLine, laid: Laid) -> list[str]:
    if laid.share > 0.999 or line.height is None:
        return []
    return [f"the letters of {laid.setting.words[:40]!r} are {laid.height:.2f} mm high, not {line.height:g} mm: no more goes there"]


def share_box(laid: Laid, surface: Strip | Face) -> list[float]:
    """[left, top, right, bottom] of a line as shares of its surface."""
    points = laid.room.reshape(-1, 2)
    length, width = (surface.length, surface.width) if isinstance(surface, Strip) else (surface.size_x, surface.size_y)
    x, y = (0.0, 0.0) if isinstance(surface, Strip) else (length / 2.0, width / 2.0)
    (left, low), (right, high) = points.min(axis=0) + (x, y), points.max(axis=0) + (x, y)
    return [round(float(v), 4) for v in np.array([left / length, 1.0 - high / width, right / length, 1.0 - low / width])]
