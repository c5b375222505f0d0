"""The thing in a picture without the ground round it: by transparency, or by a ground that is plain or runs evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .filters import blur, resize
from .regions import at_border, regions

_WORKED = 512  # px of the longer side on which the ground is told from the thing
_FRAME = 0.025  # of the longer side: what is taken as ground to begin with
_PLAIN = 0.09  # rms colour distance of the frame from a ground that runs evenly; more is no plain ground
_LEAST, _MOST = 0.01, 0.96  # share of the picture that a thing can have
_REACHES = 0.12  # of the frame: a thing that covers more of it runs out of the picture
_PIECES = 4  # parts and holes of a thing that need not be mostly solid; more are an ornament on its ground
_PART = 0.02  # of the largest part; smaller ones are dust
_HOLE = 0.01  # of the picture: a hole of the ground's colour this large is seen through
_MARGIN = 0.05  # of the thing's longer side, left round it


@dataclass(frozen=True, eq=False)
class Cut:
    """Where the thing is: coverage (h, w) float32 of the whole picture, or None if it was not found; the part to keep; a note or ""."""

    coverage: np.ndarray | None
    rows: slice
    columns: slice
    note: str = ""


def cut_out(colours: np.ndarray) -> Cut:
    """The thing in (h, w, 3 or 4) colours in [0, 1], with the same margin on all sides; the whole picture where there is no plain ground."""
    if colours.shape[2] == 4 and float(colours[..., 3].min()) < 0.5:
        alpha = np.asarray(colours[..., 3], np.float32)
        return boxed(alpha, "the transparent ground was cropped")
    factor = min(1.0, _WORKED / max(colours.shape[:2]))
    size = tuple(max(8, round(n * factor)) for n in colours.shape[:2])
    small = np.stack([resize(colours[..., k], *size) for k in range(3)], axis=-1)
    thing = _thing(small)
    whole = slice(0, colours.shape[0]), slice(0, colours.shape[1])
    if thing is None:
        return Cut(None, *whole, "no plain ground was found round the thing; the picture was kept whole")
    soft = np.clip(resize(blur(thing.astype(np.float32), 1.0), *colours.shape[:2]) * 2.0 - 0.5, 0.0, 1.0)
    return boxed(soft, "the plain ground round the thing was removed")


def _thing(small: np.ndarray) -> np.ndarray | None:
    """(h, w) bool of what is not ground; None where the frame is no ground, or all of it is."""
    rows, columns, _ = small.shape
    edge = max(2, round(_FRAME * max(rows, columns)))
    frame = np.ones((rows, columns), bool)
    frame[edge:-edge, edge:-edge] = False
    ground = _ground(small, frame)
    if ground is None:
        return None
    far = blur(np.sqrt(((small - ground) ** 2).sum(axis=-1)), 0.7)
    usual = float(np.percentile(far[frame], 90))
    limit = max(2.2 * usual, 0.05)
    label, _sizes = regions(far <= limit)
    like = np.isin(label, at_border(label))
    holes, sizes = regions((far <= 0.8 * limit) & ~like)
    like |= (sizes >= _HOLE * far.size)[holes]
    seen_through = int((sizes >= _HOLE * far.size).sum())
    label, sizes = regions(~like)
    thing = (sizes >= _PART * sizes.max())[label] if len(sizes) > 1 else np.zeros_like(like)
    share = float(thing.mean())
    if not _LEAST < share < _MOST or float(thing[frame].mean()) > _REACHES:
        return None
    pieces = int((sizes >= _PART * sizes.max()).sum()) + seen_through
    return thing if pieces <= _PIECES or share > 0.5 * float(_filled(thing).mean()) else None


def _filled(thing: np.ndarray) -> np.ndarray:
    """What lies between parts of the thing both along its row and along its column."""
    spans = []
    for axis in (0, 1):
        before = np.maximum.accumulate(thing, axis=axis)
        after = np.flip(np.maximum.accumulate(np.flip(thing, axis), axis=axis), axis)
        spans.append(before & after)
    return spans[0] & spans[1]


def _ground(small: np.ndarray, frame: np.ndarray) -> np.ndarray | None:
    """(h, w, 3) colours of a ground that runs evenly (a parabola each way), fitted to the frame; things that reach into it are left out."""
    rows, columns, _ = small.shape
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    a, b = terms[frame], small[frame].astype(np.float64)
    kept = np.ones(len(a), bool)
    for _ in range(4):
        found = np.linalg.lstsq(a[kept], b[kept], rcond=None)[0]
        off = np.sqrt(((a @ found - b) ** 2).sum(axis=-1))
        kept = off <= max(2.5 * float(np.median(off)), 0.02)
    if kept.mean() < 0.6 or float(np.sqrt((off[kept] ** 2).mean())) > _PLAIN:
        return None
    return np.clip(terms @ found, 0.0, 1.0)


def boxed(coverage: np.ndarray, note: str) -> Cut:
    """The coverage with the box round it; centred, since its margin is the same on all sides (where the picture has it)."""
    seen = coverage > 0.5
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return Cut(None, slice(0, coverage.shape[0]), slice(0, coverage.shape[1]), "nothing in the picture covers its ground; it was kept whole")
    margin = max(1, round(_MARGIN * max(np.ptp(rows), np.ptp(columns))))
    margin = min(margin, rows[0], columns[0], coverage.shape[0] - 1 - rows[-1], coverage.shape[1] - 1 - columns[-1])
    top, bottom = int(rows[0] - margin), int(rows[-1] + margin + 1)
    left, right = int(columns[0] - margin), int(columns[-1] + margin + 1)
    if bottom - top < 8 or right - left < 8:
        return Cut(None, slice(0, coverage.shape[0]), slice(0, coverage.shape[1]), "what stands out is under 8 px; the picture was kept whole")
    return Cut(coverage, slice(top, bottom), slice(left, right), note)
