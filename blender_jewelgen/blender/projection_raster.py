"""Triangles into pixels with numpy, by spans: what each pixel shows of a mesh, or what each texel of a UV map belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_CHUNK = 3_000_000  # pixels worked on at once
_FLAT = 1e-12  # px² of area below which a triangle covers nothing by itself
_INNER = 0.25  # px from its edge that a pixel lies within a triangle for certain


@dataclass(frozen=True, eq=False)
class Covered:
    """What covers each pixel.

    face : (h, w) int32, -1 for none; share : (h, w, 3) float32, of its three corners; row 0 is the upper edge
    twice : share of the covered pixels that lie within more than one triangle
    """

    face: np.ndarray
    share: np.ndarray
    twice: float = 0.0

    @property
    def there(self) -> np.ndarray:
        """(h, w) bool."""
        return self.face >= 0

    def values(self, corners: np.ndarray, faces: np.ndarray | None = None) -> np.ndarray:
        """(n, k) float64 at the n covered pixels of values (c, k) at the corners ``faces`` (m, 3) names, or (m, 3, k)."""
        there = self.there
        face, share = self.face[there], self.share[there].astype(np.float64)
        rows = corners[face] if faces is None else corners[faces[face]]
        return np.einsum("nc,nck->nk", share, rows)


def cover(points: np.ndarray, size: tuple[int, int], nearness: np.ndarray | None = None, touch: bool = False) -> Covered:
    """Which triangle covers each pixel.

    Parameters
    ----------
    points : (m, 3, 2) float
        Corners in px: x to the right, y down, the middle of the first pixel at (0.5, 0.5).
    size : (width, height)
    nearness : (m, 3) float, optional
        Larger is in front; what changes evenly over the picture.
    touch : bool
        Pixels that a triangle only touches belong to it, too, if no other holds their middle; their shares are those of the
        nearest point of the triangle.
    """
    width, height = size
    points = np.asarray(points, np.float64)
    front = np.full(width * height, -np.inf)
    face = np.full(width * height, -1, np.int32)
    share = np.zeros((width * height, 3), np.float32)
    inner = np.zeros(width * height, np.uint8) if touch else None
    for number, pixel, inside in _pixels(points, width, height, touch):
        order = _order(points, nearness, number, inside, touch)
        np.maximum.at(front, pixel, order)
        first = order >= front[pixel]
        face[pixel[first]] = number[first]
        share[pixel[first]] = _clamped(inside[first])
        if inner is not None:
            deep = _depth(points, number, inside) > _INNER
            inner = np.minimum(inner + np.bincount(pixel[deep], minlength=inner.size), 2).astype(np.uint8)
    twice = 0.0 if inner is None else float((inner > 1).sum()) / max(int((face >= 0).sum()), 1)
    return Covered(face.reshape(height, width), share.reshape(height, width, 3), twice)


def _order(points: np.ndarray, nearness: np.ndarray | None, number: np.ndarray, inside: np.ndarray, touch: bool) -> np.ndarray:
    """Which of several triangles a pixel shows: the nearest one, or the one it lies deepest in."""
    if nearness is not None:
        return np.einsum("nc,nc->n", _clamped(inside), nearness[number])
    return np.minimum(_depth(points, number, inside), 0.0) if touch else np.zeros(len(number))


def _depth(points: np.ndarray, number: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """px from the nearest edge of its triangle; negative outside."""
    corners = points[number]
    edges = np.roll(corners, -1, 1) - np.roll(corners, -2, 1)  # the edge opposite to each corner
    length = np.maximum(np.hypot(edges[..., 0], edges[..., 1]), 1e-12)
    return (inside * np.abs(_area(corners))[:, None] / length).min(axis=1)


def _clamped(inside: np.ndarray) -> np.ndarray:
    held = np.maximum(inside, 0.0)
    return held / np.maximum(held.sum(axis=1, keepdims=True), 1e-30)


def _area(corners: np.ndarray) -> np.ndarray:
    """Twice the area of (m, 3, 2) triangles, of either sign."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])


def _pixels(points: np.ndarray, width: int, height: int, touch: bool) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(triangle, pixel, shares of its corners) of every pixel in or, if ``touch``, at each triangle; in chunks."""
    area = _area(points)
    near = 0.5 if touch else 0.0
    low, high = points.min(axis=1), points.max(axis=1)
    sound = np.isfinite(points).all(axis=(1, 2)) & (np.abs(area) > _FLAT)
    sound &= (high[:, 0] >= -near) & (low[:, 0] <= width + near) & (high[:, 1] >= -near) & (low[:, 1] <= height + near)
    chosen = np.flatnonzero(sound)
    if not len(chosen):
        return
    first = np.clip(np.ceil(low[chosen, 1] - 0.5 - near), 0, height).astype(np.int64)
    last = np.clip(np.floor(high[chosen, 1] - 0.5 + near), -1, height - 1).astype(np.int64)
    rows = np.maximum(last - first + 1, 0)
    wide = np.clip(high[chosen, 0] - low[chosen, 0], 0, width) + 2.0
    work = np.cumsum(rows * wide)
    start = 0
    while start < len(chosen):
        base = work[start - 1] if start else 0.0
        end = max(int(np.searchsorted(work, base + _CHUNK)), start + 1)
        yield from _spans(points, area, chosen[start:end], first[start:end], rows[start:end], width, near)
        start = end


def _spans(
    points: np.ndarray, area: np.ndarray, chosen: np.ndarray, first: np.ndarray, rows: np.ndarray, width: int, near: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    number = np.repeat(chosen, rows)
    if not len(number):
        return
    row = np.repeat(first, rows) + np.arange(len(number)) - np.repeat(np.cumsum(rows) - rows, rows)
    corners, twice = points[number], area[number]
    y = row + 0.5
    left, right = corners[..., 0].min(axis=1) - near, corners[..., 0].max(axis=1) + near
    for k in range(3):  # each edge keeps x on one side
        a, b = corners[:, (k + 1) % 3], corners[:, (k + 2) % 3]
        across, down = np.sign(twice) * (b[:, 0] - a[:, 0]), np.sign(twice) * (b[:, 1] - a[:, 1])
        level = across * (y - a[:, 1]) + down * a[:, 0] + near * (np.abs(across) + np.abs(down))  # inside where level - down x >= 0
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = level / down
        right = np.where(down > 0.0, np.minimum(right, bound), right)
        left = np.where(down < 0.0, np.maximum(left, bound), left)
        right = np.where((down == 0.0) & (level < 0.0), left - 1.0, right)
    begin = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int64)
    count = np.maximum(np.clip(np.floor(right - 0.5), -1, width - 1).astype(np.int64) - begin + 1, 0)
    span = np.repeat(np.arange(len(number)), count)
    column = np.repeat(begin, count) + np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    place = np.stack([column + 0.5, y[span]], axis=1)
    held, whole = corners[span], twice[span]
    inside = np.empty((len(span), 3))
    for k in range(3):
        a, b = held[:, (k + 1) % 3] - place, held[:, (k + 2) % 3] - place
        inside[:, k] = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / whole
    yield number[span], row[span] * width + column, inside
