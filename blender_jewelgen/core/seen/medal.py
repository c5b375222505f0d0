"""A picture as a medallion or plaque: cut out by its thing, raised by the method that suits it, on a plate of its outline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..form.params import FormParams
from ..height.filters import resize
from ..height.looks import choose, looks_of
from ..height.methods import height_of
from ..height.params import HeightParams
from .photograph import Photograph
from .subject import Subject

_LONG = 30.0  # mm of the longer side
_DEPTH, _FLATTEN = 0.6, 0.8  # mm, and share: light and shade of the whole thing give way to its detail, as on a coin
_ROUND = 0.07  # by which a disc's width may differ from its height
_DISC = 0.70, 0.86  # share of its box that a disc or an oval covers
_SQUARE = 0.92  # that a plaque covers
_AIR = 1.04  # of a thing of its own outline, that its medallion is larger
_GROUND = 0.06  # of the height: less in all corners is the ground of a relief
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Medal:
    """A plate, its relief (h, w) float32 in [0, 1] in the plate's proportions, the thing in the picture (h, w) or None, and notes."""

    form: FormParams
    height: np.ndarray
    mask: np.ndarray | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Frame:
    """The plate a thing is put on, and the part of the picture it shows: middle and half sides, px."""

    form: str
    shape: str
    middle: tuple[float, float]
    half: tuple[float, float]


def medal_of(shown: Photograph, tell: Tell = lambda share, text: None) -> Medal:
    """The medal that a picture makes.

    A drawing, a height or a normal map is raised as it is; of a photograph the thing in it, or where none stands out the
    whole of it. Raises BadInput for pictures without relief, and what ``tell`` raises.
    """
    tell(0.0, "looking at the picture")
    method, why = choose(looks_of(shown.colours, shown.deep), False)
    found, notes = None, [f"the height was found by {method}: {why}"]
    if method in ("shading", "luminance"):
        tell(0.1, "finding the thing in the picture")
        try:
            found = shown.subject(several=True)
        except BadInput as error:
            if "transparent" in str(error):
                raise
            notes += [str(error.args[0]), "the whole picture became the relief"]
    if found is None:
        made = height_of(shown.colours, HeightParams(method=method), deep=shown.deep, tell=lambda share, text: tell(0.2 + 0.7 * share, text))
        height = made.height
        mask = height > _GROUND if _sunk_corners(height) else np.ones(height.shape, bool)
    else:
        mask = found.mask > 0.5
        made = height_of(_behind(shown.colours, found), HeightParams(method=method, crop=False, width=_LONG, relief_depth=_DEPTH, flatten=_FLATTEN), tell=lambda share, text: tell(0.2 + 0.7 * share, text))
        height = _risen(made.height, found.mask)
    notes += [*(found.notes if found else ()), *made.notes]
    frame = _framed(mask)
    tell(0.95, "cutting the plate")
    width, length = (_LONG * half / max(frame.half) for half in frame.half[::-1])
    form = FormParams(form=frame.form, shape=frame.shape, width=round(width, 2), length=round(length, 2))
    return Medal(form, _part(height, frame), found.mask if found else None, tuple(notes))


def _behind(colours: np.ndarray, found: Subject) -> np.ndarray:
    """The picture with the thing's median colour in place of its ground, so that the ground's brightness shapes nothing."""
    inside = colours[found.mask > 0.9, :3]
    middle = np.median(inside, axis=0) if len(inside) else np.full(3, 0.5)
    share = found.mask[..., None]
    return (colours[..., :3] * share + middle * (1.0 - share)).astype(np.float32)


def _risen(height: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The height of the thing alone, from a fifth of the whole so that its outline stands, on a ground of 0."""
    mask = mask if mask.shape == height.shape else resize(mask, *height.shape)
    inside = height[mask > 0.5]
    low, high = (float(v) for v in np.percentile(inside, (0.5, 99.8)))
    if high - low < 1e-4:
        return mask.astype(np.float32)
    return ((0.2 + 0.8 * np.clip((height - low) / (high - low), 0.0, 1.0)) * mask).astype(np.float32)


def _sunk_corners(height: np.ndarray) -> bool:
    """Whether all four corners of a relief are ground."""
    rows, columns = (max(2, n // 16) for n in height.shape)
    return all(float(height[r, c].mean()) < _GROUND for r in (slice(rows), slice(-rows, None)) for c in (slice(columns), slice(-columns, None)))


def _framed(mask: np.ndarray) -> _Frame:
    """The plate for what a mask covers: its own outline where that is round, oval or square, else a plate it lies on."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    middle = (top + bottom) / 2.0, (left + right) / 2.0
    half = (bottom - top) / 2.0, (right - left) / 2.0
    part = mask[top:bottom, left:right]
    filled = float((np.maximum.accumulate(part, axis=1) & np.maximum.accumulate(part[:, ::-1], axis=1)[:, ::-1]).mean())
    if filled > _SQUARE:
        return _Frame("plaque", "rectangle", middle, half)
    y, x = np.nonzero(part)
    reach = np.hypot((y + 0.5) / half[0] - 1.0, (x + 0.5) / half[1] - 1.0)
    far = float(np.percentile(reach, 99.5))
    if far > 1.03 or not _DISC[0] < filled < _DISC[1]:
        far *= _AIR
    half = half[0] * far, half[1] * far
    if abs(half[0] / half[1] - 1.0) < _ROUND:
        return _Frame("medallion", "disc", middle, (max(half), max(half)))
    if max(half) > 1.8 * min(half):  # a medallion so long would be a bar
        return _Frame("plaque", "oval", middle, half)
    return _Frame("medallion", "oval", middle, half)


def _part(height: np.ndarray, frame: _Frame) -> np.ndarray:
    """The frame's part of a relief; ground where it reaches beyond the picture."""
    first = [round(m - h) for m, h in zip(frame.middle, frame.half)]
    last = [max(f + 8, round(m + h)) for f, m, h in zip(first, frame.middle, frame.half)]
    low, high = [max(f, 0) for f in first], [min(b, n) for b, n in zip(last, height.shape)]
    part = np.zeros((last[0] - first[0], last[1] - first[1]), np.float32)
    part[low[0] - first[0] : high[0] - first[0], low[1] - first[1] : high[1] - first[1]] = height[low[0] : high[0], low[1] : high[1]]
    return part
