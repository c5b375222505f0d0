"""A drawing becomes a sculpted motif: what its lines enclose swells, nested parts rise or sink, and every line is chased into it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .detail import extreme
from .distance import distance
from .enclosed import broad_of, grown, line_width, parts_of
from .filters import blur, resize
from .membrane import lift, pillow

_BASE, _PART, _BODY = 0.34, 0.30, 0.36  # height of a part's rim, of its own dome, and of the dome that all share
_GROOVE = 0.62  # depth of a chased line as a share of the metal there
_WIRE = 0.42  # height of a line that encloses nothing
_PEN = 3.0  # px: finer lines are drawn so wide, since a groove has two walls and a floor
_WIDE = 5.0  # px of a line's width: wider contours show both their sides without a rim
_BODY_SIZE = 128  # px; the broad dome is smooth, so it is solved small


@dataclass(frozen=True, eq=False)
class Sculpted:
    """(h, w) float32 in [0, 1], 0 on the ground, and what was found: parts, raised, sunk, lines (share of the ink), line_px."""

    height: np.ndarray
    facts: dict[str, Any]


def sculpted(ink: np.ndarray, nested: str = "auto", wrap: bool = False) -> Sculpted:
    """Relief of a drawing.

    Parameters
    ----------
    ink : (h, w) float32 in [0, 1]
        Share of each pixel that is drawn on: lines, filled shapes, or both.
    nested : str
        What lies within another part: ``rise`` on it, ``sink`` into it, or ``auto``: small parts rise, large ones sink.
    wrap : bool
        Columns wrap round.

    The ground is what the lines leave open to the picture's sides. Enclosed parts are blown up between their lines, as metal
    is pressed from behind, and share one broad dome; lines are cut in from the front, their walls where the ink ends. Filled
    shapes swell with their own outline. Lines on the ground, which enclose nothing, stand as wires.
    """
    solid = ink > 0.5
    broad = broad_of(solid, wrap)
    thin = solid & ~broad
    drawn = width = line_width(thin, wrap)
    if width < _PEN and _share(thin, solid) > 0.3:
        ink = _thickened(ink, width, wrap)
        solid = ink > 0.5
        thin, width = solid & ~broad, _PEN
    parts, levels, facts = parts_of(solid, broad, max(2, int(np.ceil(width)) + 1), nested, wrap)
    if not facts["parts"]:
        height = inflated(ink, wrap)
        return Sculpted(height, facts | {"line_px": round(drawn, 2), "lines": round(_share(thin, solid), 3)})
    spread, near = grown(parts, int(np.ceil(1.5 * width)) + 2, wrap)
    inside = parts > 0
    free = _free(ink, parts, broad, wrap)
    line = _line(np.where(broad, 0.0, ink), width, wrap) * near
    body = np.maximum(_solid(near & (thin | inside), ink, wrap), inside)
    if width < _WIDE:
        across = _across(body > 0.5, inside, width, wrap)
        line *= np.clip((across - 0.3) / 0.3, 0.0, 1.0)  # the outer part of a contour stays as a rim
    base = blur(levels[spread], max(0.5 * width, 0.8), wrap)
    dome = _unit(lift(_unit(pillow(_around(free, wrap))), 0.5)[:, _inner(free, wrap)])
    shared = lift(_broad_dome(body, wrap), 1.2)
    height = base * (_BASE + _PART * dome + _BODY * shared) * (1.0 - _GROOVE * line) * np.minimum(body * 1.6, 1.0)
    wires = np.where(near, 0.0, ink)
    if float(wires.max()) > 0.5:
        height = np.maximum(height, _WIRE * _unit(inflated(wires, wrap)))
    height = blur(height, 0.5, wrap)
    return Sculpted(_unit(height), facts | {"line_px": round(drawn, 2), "lines": round(_share(thin, solid), 3)})


def inflated(ink: np.ndarray, wrap: bool = False) -> np.ndarray:
    """(h, w) float32 in [0, 1]: all that is drawn swells by itself, lines as wires, filled shapes as cushions."""
    swollen = lift(_unit(pillow(_around(ink, wrap))), 0.35)[:, _inner(ink, wrap)]
    return _unit(swollen * np.minimum(ink * 2.0, 1.0))


def _free(ink: np.ndarray, parts: np.ndarray, broad: np.ndarray, wrap: bool) -> np.ndarray:
    """Coverage by metal that may swell: parts, held down along lines and wherever two of them touch."""
    inside = parts > 0
    free = np.where(inside, np.where(broad, ink, 1.0 - ink), 0.0).astype(np.float32)
    far = np.float32(parts.max() + 1)
    high = extreme(parts.astype(np.float32), 1, np.maximum, wrap)
    low = extreme(np.where(inside, parts, far).astype(np.float32), 1, np.minimum, wrap)
    free[inside & broad & (high != low)] = 0.0
    return free


def _across(body: np.ndarray, inside: np.ndarray, width: float, wrap: bool) -> np.ndarray:
    """How far each pixel is across the contour line: 0 at the ground, 1 at the parts; (h, w) float32."""
    limit = 2.0 * width + 4.0
    outer, inner = distance(body, limit, wrap), distance(~inside, limit, wrap)
    ramp = np.where(body, outer / np.maximum(outer + inner, 1e-6), 0.0)
    return np.where(inside, 1.0, ramp).astype(np.float32)


def _thickened(ink: np.ndarray, width: float, wrap: bool) -> np.ndarray:
    """Lines of ``width`` px made as wide as a groove needs; (h, w) float32."""
    soft, reach = 0.8, 0.5 * _PEN

    def below(far: float) -> float:
        return 0.5 + 0.5 * math.erf(far / (soft * math.sqrt(2.0)))

    seen = below(reach + 0.5 * width) - below(reach - 0.5 * width)  # of a blurred line, where its new edge shall be
    return np.minimum(blur(ink, soft, wrap) * np.float32(0.5 / seen), 1.0)


def _line(ink: np.ndarray, width: float, wrap: bool) -> np.ndarray:
    """The chased line: 1 on its floor, with walls that are steepest where the ink ends."""
    return np.minimum(blur(ink, float(np.clip(0.22 * width, 0.7, 3.0)), wrap) * (1.35 if width < 4.0 else 1.05), 1.0)


def _solid(mask: np.ndarray, ink: np.ndarray, wrap: bool) -> np.ndarray:
    """The silhouette with the drawing's own soft edge."""
    wide = extreme(mask.astype(np.float32), 1, np.maximum, wrap)
    return np.maximum(mask, wide * ink).astype(np.float32)


def _broad_dome(body: np.ndarray, wrap: bool) -> np.ndarray:
    """(h, w) in [0, 1]: the dome over the whole silhouette."""
    shrink = max(max(body.shape) / _BODY_SIZE, 1.0)
    small = resize(body, *(max(2, round(n / shrink)) for n in body.shape), wrap)
    dome = pillow(_around(blur(small, 0.8, wrap), wrap))[:, _inner(small, wrap)]
    return resize(_unit(dome), *body.shape, wrap)


def _around(picture: np.ndarray, wrap: bool) -> np.ndarray:
    """A picture that wraps, with a quarter of itself more on both sides: a membrane knows no wrapping."""
    more = picture.shape[1] // 4 if wrap else 0
    return np.pad(picture, ((0, 0), (more, more)), mode="wrap") if more else picture


def _inner(picture: np.ndarray, wrap: bool) -> slice:
    more = picture.shape[1] // 4 if wrap else 0
    return slice(more, more + picture.shape[1])


def _unit(values: np.ndarray) -> np.ndarray:
    return np.asarray(values / max(float(values.max()), 1e-6), np.float32)


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    return float(part.sum()) / max(float(whole.sum()), 1.0)
