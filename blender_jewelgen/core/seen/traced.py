"""What is measured of a thing in a picture: how far its outline and its finger hole reach in every direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.detail import extreme
from ..height.filters import resize, sample
from ..height.regions import at_border, regions
from .subject import Subject

DIRECTIONS = 240
_SEEN = 640  # px of the longer side
_LEAST_HOLE, _SLIT = 0.012, 0.04  # of what the thing encloses; a hole that shows as a slit tells the tilt, not the thickness
_LONG_SLIT = 0.36
_GAPS = (0, 3, 8)  # px: a light as white as the ground can break a ring open
_STEP = 0.5  # px along a ray


@dataclass(frozen=True, eq=False)
class Traced:
    """Lengths in px of the picture as it was looked at, y down.

    Attributes
    ----------
    origin : (2,)
        Middle (x, y) of the finger hole, or of the thing where none is seen.
    outer : (n,)
        From the origin to the outline, at ``angles``.
    hole : (n,) or None
        From the origin to the edge of the finger hole.
    slit : bool
        So little of the hole is seen that it does not tell how thick the ring is.
    breadths : (k,), (k,)
        Places along the longer axis of what the outline encloses, and how broad it is there.
    """

    origin: np.ndarray
    outer: np.ndarray
    hole: np.ndarray | None
    breadths: tuple[np.ndarray, np.ndarray]
    slit: bool = False


def angles() -> np.ndarray:
    """(n,) of the directions, from the right towards the lower edge."""
    return np.arange(DIRECTIONS) / DIRECTIONS * 2.0 * np.pi


def traced(found: Subject) -> Traced:
    """The outlines of what was found in a picture."""
    rows, columns = found.mask.shape
    factor = min(1.0, _SEEN / max(rows, columns))
    mask = found.mask if factor >= 1.0 else resize(found.mask, round(rows * factor), round(columns * factor))
    mask = np.pad(mask, 2 + max(_GAPS))
    for gap in _GAPS:
        mask = _closed(mask, gap)
        label, sizes = regions(mask < 0.5)
        outside = at_border(label)
        filled = ~np.isin(label, outside) | (mask >= 0.5)
        sizes = sizes.copy()
        sizes[outside] = 0
        if _seen_through(label, sizes, filled):
            break
    y, x = np.nonzero(filled)
    breadths = _breadths(x, y)
    if not _seen_through(label, sizes, filled):
        origin, hole = np.array([x.mean(), y.mean()]), None
    else:
        name = int(sizes.argmax())
        y, x = np.nonzero(label == name)
        origin = np.array([x.mean(), y.mean()])
        free = np.where((label == name) | (label == 0), 1.0 - mask, 0.0)
        hole = _reach(free.astype(np.float32), origin, first=True)
    outer = _reach(np.where(filled, np.maximum(mask, np.where(label > 0, 1.0, 0.0)), mask).astype(np.float32), origin, first=False)
    return Traced(origin - 2.0 - max(_GAPS), outer, hole, breadths, hole is not None and float(sizes.max()) < _SLIT * float(filled.sum()))


def _seen_through(label: np.ndarray, sizes: np.ndarray, filled: np.ndarray) -> bool:
    """Whether the largest opening is a finger hole: large, or a slit as long as half the thing, which no highlight is."""
    share = float(sizes.max()) / max(float(filled.sum()), 1.0)
    if share >= _SLIT or share < _LEAST_HOLE:
        return share >= _SLIT
    columns = np.flatnonzero((label == int(sizes.argmax())).any(axis=0)), np.flatnonzero(filled.any(axis=0))
    rows = np.flatnonzero((label == int(sizes.argmax())).any(axis=1)), np.flatnonzero(filled.any(axis=1))
    return max(np.ptp(part[0]) / max(np.ptp(part[1]), 1) for part in (columns, rows)) >= _LONG_SLIT


def _closed(mask: np.ndarray, gap: int) -> np.ndarray:
    """The mask with breaks of up to twice ``gap`` px joined."""
    if gap == 0:
        return mask
    joined = extreme(extreme((mask >= 0.5).astype(np.float32), gap, np.maximum, False), gap, np.minimum, False)
    return np.maximum(mask, joined)


def _breadths(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places along the longer axis of a set of pixels, and its breadth there."""
    _values, vectors = np.linalg.eigh(np.cov(np.stack([x, y])))
    along = (np.stack([x, y], axis=1) - (x.mean(), y.mean())) @ vectors[:, 1]
    low, high = float(along.min()), float(along.max())
    count = int(np.clip((high - low) / 3.0, 10, 120))
    pixels, edges = np.histogram(along, count, (low, high))
    return (edges[1:] + edges[:-1]) / 2.0, pixels / (edges[1] - edges[0])


def _reach(inside: np.ndarray, origin: np.ndarray, first: bool) -> np.ndarray:
    """Distance at which a ray leaves ``inside``: for the first time, or for the last."""
    far = np.arange(0.0, np.hypot(*inside.shape), _STEP)
    turn = angles()[:, None]
    values = sample(inside, origin[0] + far * np.cos(turn), origin[1] + far * np.sin(turn))
    values[:, -1] = 0.0
    over = values >= 0.5
    last = (np.argmin(over, axis=1) - 1) if first else over.shape[1] - 1 - np.argmax(over[:, ::-1], axis=1)
    last = np.clip(last, 0, len(far) - 2)
    here, there = (np.take_along_axis(values, (last + k)[:, None], 1)[:, 0] for k in (0, 1))
    return far[last] + _STEP * np.clip((here - 0.5) / np.maximum(here - there, 1e-6), 0.0, 1.0)
