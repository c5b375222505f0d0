"""An ornament in the manner of a craft: what its tools leave in metal, in millimetres whatever the piece.

Raised crafts give heights, those that sink (``SUNK``) give depths: 1 is the deepest place, 0 the untouched surface.
"""

from __future__ import annotations

import numpy as np

from ..height.distance import signed_distance
from ..height.filters import blur
from .tool_lines import coverage, creases, gradient, inside_of, opened, outline

SUNK = ("chasing", "engraving")
GROUND = 0.1  # share of the depth at which the ground of repoussé lies, so that a line can be sunk into it
STEP = 0.36  # mm; least width of a tread
LINER = 0.56  # mm; width of a chaser's line
GRAVER = (0.62, 0.95)  # mm; width of an engraved line on the lit and on the shaded side
_SPREAD = 0.14  # mm by which an engraved part is wider than it was drawn
_WALL = 0.17  # mm from the edge of a cut to its floor
_SWELL = 0.055  # share of a chased line's depth by which the metal rises beside it
_LIGHT = (-0.6, -0.8)  # towards the light, columns and rows


def manner(picture: np.ndarray, technique: str, length: float, width: float, periodic: bool) -> np.ndarray:
    """The ornament in the manner of a technique, (h, w) float32; the picture is ``length`` by ``width`` mm.

    Repoussé is full and soft with a line set round it, chasing is level metal with lines sunk by a round liner, engraving cuts
    swelling V grooves, stepped relief stands in terraces with level treads, filigree raises wires along every edge, granulation
    covers the metal with granules. A technique without a manner leaves the picture as it is.
    """
    pixel = min(length / picture.shape[1], width / picture.shape[0])
    if technique in ("filigree", "granulation"):
        return _wired(picture, pixel, periodic) if technique == "filigree" else _grained(picture, length, width)
    if technique not in _TOOLS or not picture.any():
        return picture
    worked = _TOOLS[technique](picture, pixel, periodic)
    return worked if worked.any() else picture  # pixels too coarse to hold a tool's line: the ornament whole


def _repousse(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    """Full forms with soft shoulders, a little sunk ground round them where a liner has set them off."""
    full = 0.82 * picture**0.75 + 0.18 * blur(picture, 0.1 / pixel, periodic)
    wide = max(0.8 * LINER / pixel, 2.5)
    line = np.abs(outline(picture, 0.2 * wide, 2.0 * wide + 2.0, periodic) + 0.5 * wide) / (0.5 * wide)
    return np.maximum(GROUND + (1.0 - GROUND) * full - GROUND * np.sqrt(np.clip(1.0 - line**4, 0.0, 1.0)), 0.0).astype(np.float32)


def _chased(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    """Level metal; a round line outside every contour and along the creases, the metal a little swollen beside it."""
    wide = max(LINER / pixel, 3.0)
    reach = 2.5 * wide + 3.0
    around = inside_of(outline(picture, 0.15 * wide, reach, periodic) + 0.4 * wide, reach, periodic)
    inner = creases(picture, max(0.16 * wide, 1.8), around > 0.95 * wide, reach, periodic)
    far, lead = np.abs(around), 1.0
    nearer = inner.far < far
    far, lead = np.where(nearer, inner.far, far), np.where(nearer, inner.lead, np.float32(1.0))
    share = far / (0.5 * wide)
    groove = np.sqrt(np.clip(1.0 - share**4, 0.0, 1.0)) * lead  # a liner's round face, fuller than an arc
    beside = np.exp(-(((share - 1.5) / 0.4) ** 2)) * lead * (1.0 - np.clip(groove, 0.0, 1.0))
    return (_SWELL + (1.0 - _SWELL) * groove - _SWELL * beside).astype(np.float32)


def _engraved(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    """Slim parts cut whole, each a stroke that swells and runs out with it; broad ones outlined by lines heavier in the shade."""
    low, high = (max(w / pixel, 3.0) for w in GRAVER)
    reach = 1.3 * high + 3.0
    wall = max(0.055 / pixel, 0.6)
    spread = _SPREAD / pixel
    shape = inside_of(outline(picture, 0.1 * low, reach, periodic) + spread, reach, periodic)
    crease = creases(picture, max(0.15 * low, 1.8), shape > spread, reach, periodic)  # narrow gaps are creases, the foot of a contour is none
    strokes = inside_of(np.minimum(shape, crease.far - wall * np.minimum(4.0 * crease.lead, 1.0)), reach, periodic)
    broad = opened(strokes, 0.62 * low, reach, periodic)
    whole = inside_of(broad + 0.22 * low, 6.5 * low, periodic) - 0.22 * low  # broad parts on both sides of a crease are one
    line = low + (high - low) * _shaded(whole, 0.5 * low, periodic)
    within = np.where(whole > 0.5 * line, 0.5 * line * (0.4 + 0.6 * crease.lead) - crease.far, np.float32(-reach))
    inside = np.maximum(np.minimum(strokes, line - whole), within)
    room = np.minimum(whole - line, crease.far + np.where(crease.far >= reach, np.float32(reach), 0.0) - 0.5 * line) - 0.35 * low
    return _cut(np.maximum(inside, _hatched(picture, whole, room, low, periodic)), pixel)


def _hatched(picture: np.ndarray, whole: np.ndarray, room: np.ndarray, wide: float, periodic: bool) -> np.ndarray:
    """(h, w) px inside the strokes that shade broad forms: parallel, bent by the form they lie on, running out towards the light.

    ``whole`` is the signed distance to the contour of the broad parts, ``room`` how far in px a place lies clear of all lines.
    """
    if not (room > 0.6 * wide).any():
        return np.full(picture.shape, -wide, np.float32)
    rows, columns = picture.shape
    form = blur(picture, 1.2 * wide, periodic)
    pitch = 1.75 * wide
    turns = max(round(0.7 * columns / pitch), 1) / columns if periodic else 0.7 / pitch  # a whole number of strokes on a strip that joins itself
    phase = (np.arange(columns) + 0.5)[None, :] * turns - (np.arange(rows) + 0.5)[:, None] * (0.7 / pitch)
    phase = phase + 1.5 * form
    dx, dy = gradient(form, periodic)
    steep = np.hypot(turns + 1.5 * dx, 1.5 * dy - 0.7 / pitch)
    away = np.abs(phase - np.round(phase)) / np.maximum(steep, 0.25 / pitch)
    dark = np.clip(1.6 * _shaded(whole, 0.8 * wide, periodic) - 0.4, 0.0, 1.0) * np.clip((6.3 * wide - whole) / (2.0 * wide), 0.0, 1.0)
    half = 0.5 * wide * np.minimum(dark, np.clip(room / (0.6 * wide), 0.0, 1.0))
    return np.where(half > 0.3 * wide, half - away, np.float32(-wide)).astype(np.float32)


def _shaded(signed: np.ndarray, soft: float, periodic: bool) -> np.ndarray:
    """(h, w) in [0, 1]: 1 where a contour looks away from the light."""
    dx, dy = gradient(blur(signed, soft, periodic), periodic)
    return 0.5 + 0.5 * (dx * np.float32(_LIGHT[0]) + dy * np.float32(_LIGHT[1])) / np.maximum(np.hypot(dx, dy), 1e-3)


def _cut(inside: np.ndarray, pixel: float) -> np.ndarray:
    """Depth of a graver's cut ``inside`` px from its edges: straight walls, then a bright floor that still falls a little."""
    mm = inside * pixel
    return (0.85 * np.clip(mm / _WALL, 0.0, 1.0) + 0.15 * np.clip(mm / (0.5 * GRAVER[1]), 0.0, 1.0)).astype(np.float32)


def _stepped(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    """Terraces: each level lies at least a tread inside the one below, so that no tread is narrower than ``STEP``."""
    tread, riser = max(STEP / pixel, 2.0), max(0.07 / pixel, 0.7)
    soft = blur(picture, 0.3 * tread, periodic)
    height = np.zeros_like(picture)
    levels = (0.08, 0.36, 0.6, 0.82)
    inside = None
    for level in levels:
        share = coverage(soft, level, periodic)
        if inside is not None:
            share = np.minimum(share, np.clip(0.5 + inside - tread, 0.0, 1.0))
        if not (share >= 0.5).any():
            break
        inside = signed_distance(share, 2.0 * tread + 2.0, periodic)
        rise = np.clip(0.5 + inside / riser, 0.0, 1.0)
        height += rise * rise * (3.0 - 2.0 * rise)
    return height / len(levels)


_TOOLS = {"repousse": _repousse, "chasing": _chased, "engraving": _engraved, "stepped": _stepped}


def _wired(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    wire = np.sqrt(np.clip(1.5 * _edges(1.0 - picture, pixel, periodic) ** 0.7 - 0.3, 0.0, 1.0))
    return np.maximum(0.55 * picture, 0.9 * wire * np.clip(picture / 0.12, 0.0, 1.0))


def _grained(picture: np.ndarray, length: float, width: float) -> np.ndarray:
    metal = np.clip((picture - 0.12) / 0.12, 0.0, 1.0)
    return np.maximum(metal * (0.2 + 0.35 * picture + 0.45 * granules(picture.shape, length, width)), 0.4 * picture)


def _edges(picture: np.ndarray, pixel: float, periodic: bool) -> np.ndarray:
    """(rows, columns) in [0, 1]: where the picture lies below its surroundings (0.1 mm round)."""
    below = np.maximum(blur(picture, max(0.1 / pixel, 0.7), periodic) - picture, 0.0)
    return np.minimum(below / max(float(np.quantile(below, 0.985)), 1e-6), 1.0)


def granules(shape: tuple[int, int], length: float, width: float, pitch: float = 0.36) -> np.ndarray:
    """(rows, columns) float32 in [0, 1]: hemispheres packed in hexagons about ``pitch`` mm apart, a whole number along the length."""
    rows, columns = shape
    pitch = max(pitch, 4.0 * max(length / columns, width / rows))
    across, along = max(round(width / (pitch * 0.866)), 1), max(round(length / pitch), 1)
    x = ((np.arange(columns) + 0.5) * (along / columns)).astype(np.float32)[None, :]
    y = ((np.arange(rows) + 0.5) * (across / rows)).astype(np.float32)[:, None]
    nearest = np.full(shape, 9.0, np.float32)
    for shift in (-1, 0, 1):
        row = np.floor(y) + shift
        dx = x - 0.5 * (row % 2)
        dx = dx - np.round(dx)
        np.minimum(nearest, dx * dx + ((y - row - 0.5) * 0.866) ** 2, out=nearest)
    return np.sqrt(np.maximum(1.0 - nearest * 4.3, 0.0))
