"""Lettering in a height picture: letters raised, cut in or pierced, the ornament gone out of their way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import BadInput
from ..mesh.weight import Limits
from ..pattern.strip import Plate as Face
from ..pattern.strip import Strip
from ..words.text_line import TextLine
from .clearing import BESIDE, cleared, ground_of, rails, without_motifs
from .coverage import Window, firm, gaps, narrowest, room, tiles, together, window
from .fonts import cleaned
from .legend import Line, laid_out, share_box
from .placing import Laid
from .stencil import stencil
from .typeset import is_chinese

_CLEAR, _NEAR, _FAR = 0.3, 0.3, 1.4  # heights, and mm at least and at most, that ornament keeps away from letters
_RIM = 0.035  # of a face's smaller side, outside of which no room is taken
_SHOULDER = 0.07  # mm that round off the edges of raised letters
_FLANK, _BROAD = 0.6, 0.4  # width of a groove's flank: of its depth, and at most of the letter's thick strokes
_OR = {"roman": ", or the font sans,", "script": ", or the font sans,", "song": ", or the font kai,"}  # fonts of more even strokes
_HAIR, _FINE = 0.05, 0.25  # heights, and mm at most: hairlines are widened so far, or as the process asks
_OPEN, _DENSE = 0.08, 0.058  # heights: but never further; and in Chinese
_STROKE = 0.13  # heights: half a broad stroke; distances in letters are followed so far
_REACH = 4.0  # mm: distances of metal are clipped here
_LEVEL = 1e-3  # of the depth: less is no ornament
_INSIDE = 0.3  # mm deep: what is cut on the finger side is about so deep


@dataclass(frozen=True, eq=False)
class Lettered:
    """What lettering makes of an ornament.

    Attributes
    ----------
    picture : (h, w) float32 in [0, 1]
    metal : (h, w) float32, mm, or None
        Below 0 where pierced letters open the metal, their stencil bars left; None if none is pierced.
    inside : (h2, w2) float32 in [0, 1], or None
        The finger side as who reads it sees it: 1 where it is cut deepest; None if no line is inside.
    keep : (h, w) float32, mm, or None
        Distance inside the room of the letters: openwork leaves it metal; None if no line is outside.
    notes : tuple of str
    facts : dict
        ``lines``: text, font, height_mm, stroke_mm, gap_mm and box of each; ``bars`` of the stencils.
    """

    picture: np.ndarray
    metal: np.ndarray | None = None
    inside: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    keep: np.ndarray | None = None


def lettered(
    picture: np.ndarray, surface: Strip | Face, inside: Strip | None, lines: tuple[TextLine, ...], technique: str, limits: Limits, depth: float,
    *, border: float = 0.0, web: float = 0.5,
) -> Lettered:  # fmt: skip
    """Put lines of text into the height picture of a surface.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        The ornament; where ``depth`` is below 0 white is the deepest cut.
    inside : Strip or None
        The finger side, where there is one.
    technique : str
        As in the design; engraving is cut.
    depth : float
        mm from black to white.
    border : float
        mm at the borders that carry no ornament.
    web : float
        mm: least width of metal between pierced letters, and of stencil bars.

    Raises BadInput for letters no font has, text that finds no room, and text inside a form that has no inside.
    """
    lines = tuple(line for line in lines if cleaned(line.words))
    notes: list[str] = []
    outer = [line for line in lines if line.side == "outside"]
    inner = [line for line in lines if line.side == "inside"]
    if inner and inside is None:
        raise BadInput("this form has no finger side to write on; text inside is for rings, bangles and cuffs", field="text-side")
    if any(line.style != "engraved" for line in inner):
        notes.append("letters on the finger side are engraved: raised ones would press, pierced ones show outside")
    rows: dict[int, dict[str, Any]] = {}
    facts: dict[str, Any] = {}
    result = Lettered(picture)
    if outer:
        height = np.array(1.0 - picture if depth < 0 else picture, np.float32)
        edge = _edge(surface)
        own = rails(picture, edge, _smaller(surface)) if np.ptp(height) > _LEVEL else 0.0
        placed, said = laid_out(outer, surface, max(border, own), web)
        notes += said
        result, said, bars = _outside(height, surface, placed, limits, depth, web, rows, max(border, own), (edge > -_LEVEL) & (edge < own) if own else None)
        notes += said
        facts |= {"bars": bars} if result.metal is not None else {}
    cut = None
    if inner and inside is not None:
        placed, said = laid_out(inner, inside, 0.0, 0.0)
        notes += said
        cut, said = _inside(inside, placed, limits, rows)
        notes += said
    facts["lines"] = [rows[id(line)] for line in lines]
    return Lettered(result.picture, result.metal, cut, tuple(notes), facts, result.keep)


def _smaller(surface: Strip | Face) -> float:
    return surface.width if isinstance(surface, Strip) else min(surface.size_x, surface.size_y)


def _edge(surface: Strip | Face) -> np.ndarray:
    """(h, w) mm from the borders of a strip, or from the outline of a face."""
    if isinstance(surface, Face):
        return surface.outline
    return np.broadcast_to(np.minimum(surface.y, surface.width - surface.y), (surface.rows, surface.columns))


def _outside(
    height: np.ndarray, surface: Strip | Face, placed: list[Line], limits: Limits, depth: float, web: float,
    rows: dict[int, dict[str, Any]], inset: float, kept: np.ndarray | None,
) -> tuple[Lettered, list[str], int]:  # fmt: skip
    """The picture, metal and room of the lines outside, notes, and how many bars; their facts go into ``rows``.

    ``height`` is 1 where metal stands highest; ``kept`` is the ornament's own border, ``inset`` mm wide.
    """
    bare = float(np.ptp(height)) < _LEVEL
    drawn = [(one, laid, _drawn(laid, surface, _least(one.line, limits))) for one in placed for laid in one.laid]
    rooms = _rooms(height.shape, drawn, surface, inset)
    keep = np.maximum(*rooms)
    if bare:
        height = np.full(height.shape, 1.0 if all(one.line.style == "engraved" for one in placed) else 0.0, np.float32)
        ground = 0.0
    else:
        face = isinstance(surface, Face)
        ground = ground_of(height[surface.outline > 0.0] if face else height)
        height = without_motifs(height, keep, ground, drawn[0][2].where.pitch, kept, _closed(surface), face)
    for level, taken in zip((ground, 1.0), rooms):  # all the room first, then the letters: a line never loses to the room of the next
        if taken.max() > -_REACH and not (bare and height.max() == height.min() == level):
            height = cleared(height, taken, level, level < 1.0, drawn[0][2].where.pitch, _closed(surface), kept)
    metal = np.full(height.shape, _REACH, np.float32) if any(one.line.style == "pierced" for one in placed) else None
    notes: list[str] = []
    count = 0
    for one, laid, ink in drawn:
        pitch, here = ink.where.pitch, ink.where.get(height)
        if one.line.style == "raised":
            ink.where.put(height, np.maximum(here, _raised(ink.field, pitch)))
        elif one.line.style == "engraved":
            ink.where.put(height, np.minimum(here, 1.0 - _groove(ink.field, pitch, abs(depth))))
        else:
            done = stencil(ink.field / pitch, web / pitch, laid.ups, _middles(laid, ink.where), ink.where.closed)
            assert metal is not None
            ink.where.put(metal, np.minimum(ink.where.get(metal), -done.field * pitch))
            count += done.bars
            if done.dropped:
                notes.append(f"{done.dropped} inner parts of {laid.setting.words[:40]!r} were left out: they are too small to hang on bars of {web:g} mm")
        if laid is one.laid[0]:
            rows[id(one.line)], said = _facts(one.line, laid, ink, surface, limits)
            notes += said
    result = np.clip(1.0 - height if depth < 0 else height, 0.0, 1.0).astype(np.float32)
    return Lettered(result, metal, None, keep=keep), notes, count


def _rooms(shape: tuple[int, int], drawn: list[tuple[Line, Laid, _Ink]], surface: Strip | Face, inset: float) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) float32 mm each: the room of letters on a calm ground, and of those cut into a plate; on a face it ends inside the outline."""
    rooms = (np.full(shape, -_REACH, np.float32), np.full(shape, -_REACH, np.float32))
    for one, _, ink in drawn:
        room = rooms[one.line.style == "engraved"]
        ink.where.put(room, np.maximum(ink.where.get(room), ink.room))
    if isinstance(surface, Face):
        for room in rooms:
            np.minimum(room, surface.outline - np.float32(max(inset, _RIM * min(surface.size_x, surface.size_y))), out=room)
    return rooms


def _closed(surface: Strip | Face) -> bool:
    return isinstance(surface, Strip) and surface.periodic


def _inside(strip: Strip, placed: list[Line], limits: Limits, rows: dict[int, dict[str, Any]]) -> tuple[np.ndarray, list[str]]:
    """The picture of the finger side."""
    picture = np.zeros((strip.rows, strip.columns), np.float32)
    notes: list[str] = []
    for one in placed:
        for laid in one.laid:
            ink = _drawn(laid, strip, _least(one.line, limits))
            ink.where.put(picture, np.maximum(ink.where.get(picture), _groove(ink.field, ink.where.pitch, _INSIDE)))
            if laid is one.laid[0]:
                rows[id(one.line)], said = _facts(one.line, laid, ink, strip, limits)
                notes += said
    return picture, notes


@dataclass(frozen=True, eq=False)
class _Ink:
    """A line drawn: its window, the distances of its letters and of its room, and its thinnest strokes as drawn by the font and as made; mm."""

    where: Window
    field: np.ndarray
    room: np.ndarray
    thinnest: float
    stroke: float


def _drawn(laid: Laid, surface: Strip | Face, least: float) -> _Ink:
    clear = float(np.clip(_CLEAR * laid.height, _NEAR, _FAR))
    where = window(laid, surface, clear + BESIDE)
    limit = float(np.clip(_STROKE * laid.height, 0.15, 1.0)) + 4.0 * where.pitch
    drawn = tiles(laid, where, limit)
    thinnest = stroke = narrowest(drawn, where.pitch)
    width = min(max(least, min(_HAIR * laid.height, _FINE)), (_DENSE if is_chinese(laid.setting.words) else _OPEN) * laid.height)
    if 0.0 < thinnest < 0.98 * width:
        drawn = [(rows, columns, firm(field, where.pitch, width, where.closed)) for rows, columns, field in drawn]
        stroke = width
    return _Ink(where, together(drawn, where.shape, limit), room(laid, where, clear, BESIDE), thinnest, stroke)


def _least(line: TextLine, limits: Limits) -> float:
    """mm: the narrowest stroke that the process makes of a line."""
    raised = line.style == "raised" and line.side == "outside"
    return (limits.min_detail_mm if raised else limits.min_engraving_width_mm) or 0.0


def _raised(field: np.ndarray, pitch: float) -> np.ndarray:
    """(h, w) in [0, 1]: letters with a level top and a slightly rounded shoulder, half as high on their outline."""
    width = max(_SHOULDER, 1.5 * pitch)
    t = np.clip((field + 0.134 * width) / width, 0.0, 1.0)
    return np.sqrt(1.0 - (1.0 - t) ** 2)


def _groove(field: np.ndarray, pitch: float, depth: float) -> np.ndarray:
    """(h, w) in [0, 1], 1 the deepest: a V in thin strokes, flat at the bottom in broad ones."""
    flank = max(min(_FLANK * depth, _BROAD * max(float(field.max()), 0.0)), 1.2 * pitch)
    return np.clip((field + 0.25 * flank) / flank, 0.0, 1.0)


def _middles(laid: Laid, where: Window) -> np.ndarray:
    """(k, 2) px: the middle of each letter in its window."""
    return np.array([where.pixels(letter).reshape(-1, 2).mean(axis=0) for letter in laid.letters])


def _facts(line: TextLine, laid: Laid, ink: _Ink, surface: Strip | Face, limits: Limits) -> tuple[dict[str, Any], list[str]]:
    """What the report says of a line, and a note where its strokes are too thin to be made."""
    between = min(gaps(laid), default=0.0)
    row = {
        "text": laid.setting.words, "font": laid.setting.font.name, "side": line.side, "style": line.style, "height_mm": round(laid.height, 3),
        "stroke_mm": round(ink.stroke, 3), "gap_mm": round(between if between > 0.5 * ink.where.pitch else 0.0, 3), "box": share_box(laid, surface),
    }  # fmt: skip
    least, name = _least(line, limits), laid.setting.words[:40]
    notes = []
    if ink.stroke > ink.thinnest + 0.015:
        notes.append(f"the thinnest strokes of {name!r} were widened from {ink.thinnest:.2f} to {ink.stroke:.2f} mm")
    if 0.0 < ink.stroke < least - 1e-3:
        wanted = laid.height * least / ink.stroke
        notes.append(
            f"the thinnest strokes of {name!r} are {ink.stroke:.2f} mm; {limits.process} makes {least:g} mm: "
            f"letters of {wanted:.1f} mm{_OR.get(laid.setting.font.name, '')} are safer"
        )
    return row, notes
