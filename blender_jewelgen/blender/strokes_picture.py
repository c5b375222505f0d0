"""Strokes of a pen as a silhouette: what is closed is filled, what is open is a line as wide as it was drawn. Plain numpy, no bpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.pattern.outline import cover

SIDE = 256  # px of a sketch
THINNEST = 0.016  # radius as a share of the square: one px of a 64 cell; a thinner line would not be seen
_MEET = 0.08  # ends nearer than this part of the stroke's length meet
_ROUND = 0.02  # a closed stroke holds at least this part of its length, squared; a line drawn there and back does not
_SHUT_IN, _COARSE = 0.4, 64  # part of its box that a line shuts in to be closed, px of the picture on which that is seen
_WITHIN = 0.9  # a stroke of which so much lies on a body cuts into it
_PIECE = 8.0  # px; longer pieces of a line are drawn in parts


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line of the pen, in a square whose sides are 1: u to the right, v DOWN.

    ``points`` is (n, 2), ``radius`` (n,); ``closed`` says that the artist's program closes it, however far its ends are apart.
    """

    points: np.ndarray
    radius: np.ndarray
    closed: bool = False


class Sheet:
    """A square that strokes are laid on one after the other, (side, side) px, row 0 the upper edge.

    Closed strokes and ``under`` (side, side), a motif that is drawn over, are bodies. A stroke that lies on a body cuts into it,
    as a graver would; every other stroke adds to the drawing.
    """

    def __init__(self, side: int = SIDE, under: np.ndarray | None = None) -> None:
        self._side = side
        self.under = under
        self._laid: list[bytes] = []
        self._clean()

    def _clean(self) -> None:
        self._body = np.zeros((self._side, self._side), np.float32) if self.under is None else np.array(self.under, np.float32)
        self._lines = np.zeros((self._side, self._side), np.float32)
        self._laid.clear()

    def show(self, strokes: Sequence[Stroke]) -> np.ndarray:
        """(side, side) float32 in [0, 1]: the share of each pixel that these strokes, and no others, draw. Those laid last time are not laid again."""
        marks = [stroke.points.tobytes() + stroke.radius.tobytes() + bytes([stroke.closed]) for stroke in strokes]
        if self._laid != marks[: len(self._laid)]:
            self._clean()
        for stroke, mark in list(zip(strokes, marks))[len(self._laid) :]:
            self._lay(stroke)
            self._laid.append(mark)
        return np.maximum(self._body, self._lines)

    def _lay(self, stroke: Stroke) -> None:
        if not len(stroke.points):
            return
        shape = line(stroke, self._side)
        filled = is_closed(stroke)
        if filled:
            shape = np.maximum(shape, cover(_ring(np.asarray(stroke.points, np.float64) * self._side), self._side))
        total = float(shape.sum())
        if total <= 0.0:
            return
        if float(np.minimum(shape, self._body).sum()) >= _WITHIN * total:
            self._body, self._lines = np.minimum(self._body, 1.0 - shape), np.minimum(self._lines, 1.0 - shape)
        elif filled:
            self._body = np.maximum(self._body, shape)
        else:
            self._lines = np.maximum(self._lines, shape)


def picture(strokes: Sequence[Stroke], side: int = SIDE, under: np.ndarray | None = None) -> np.ndarray:
    """What ``Sheet`` shows of strokes, once."""
    return Sheet(side, under).show(strokes)


def is_closed(stroke: Stroke) -> bool:
    """Whether a stroke goes round something: said so, its ends meet and it holds some ground, or they run past each other."""
    points = np.asarray(stroke.points, np.float64)
    if len(points) < 3:
        return False
    if stroke.closed:
        return True
    steps = np.hypot(*np.diff(points, axis=0).T)
    length = float(steps.sum())
    apart = float(np.hypot(*(points[-1] - points[0])))
    if apart > max(_MEET * length, 2.0 * float(np.max(stroke.radius))):
        return _encloses(stroke)
    x, y = points.T
    area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
    return area > _ROUND * length * length


def _encloses(stroke: Stroke) -> bool:
    """Whether a line whose ends run past each other shuts in the greater part of the room it takes up."""
    from ..core.pattern.parts import parts  # not when the extension is enabled

    drawn = line(stroke, _COARSE) > 0.4
    label, sizes = parts(~drawn)
    rim = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
    outside = int(sizes[np.unique(rim)].sum())
    inside = _COARSE * _COARSE - int(drawn.sum()) - outside
    return inside > _SHUT_IN * float(np.prod(np.ptp(np.asarray(stroke.points, np.float64), axis=0))) * _COARSE * _COARSE


def line(stroke: Stroke, side: int) -> np.ndarray:
    """(side, side) float32: the share of each pixel that the line of a stroke covers, its ends round."""
    out = np.zeros((side, side), np.float32)
    points, radius = _thinned(np.asarray(stroke.points, np.float64) * side, np.maximum(np.asarray(stroke.radius, np.float64), THINNEST) * side)
    if stroke.closed and len(points) > 2:
        points, radius = np.concatenate([points, points[:1]]), np.concatenate([radius, radius[:1]])
    if len(points) == 1:
        points, radius = np.repeat(points, 2, axis=0), np.repeat(radius, 2)
    first, last, r0, r1 = _parts(points, radius)
    reach = int(np.ceil(max(float(r0.max()), float(r1.max())) + 0.5 * float(np.hypot(*(last - first).T).max()))) + 1
    step = np.arange(-reach, reach + 1)
    middle = np.floor((first + last) / 2.0).astype(int)
    column, row = middle[:, 0, None, None] + step[None, None, :], middle[:, 1, None, None] + step[None, :, None]
    along = last - first
    far = np.maximum((along**2).sum(axis=1), 1e-12)[:, None, None]
    x, y = column + 0.5 - first[:, 0, None, None], row + 0.5 - first[:, 1, None, None]
    t = np.clip((x * along[:, 0, None, None] + y * along[:, 1, None, None]) / far, 0.0, 1.0)
    near = np.hypot(x - t * along[:, 0, None, None], y - t * along[:, 1, None, None])
    share = np.clip(0.5 + r0[:, None, None] + t * (r1 - r0)[:, None, None] - near, 0.0, 1.0).astype(np.float32)
    inside = (share > 0.0) & (column >= 0) & (column < side) & (row >= 0) & (row < side)
    at = (row * side + column)[inside]
    np.maximum.at(out.reshape(-1), at, share[inside])
    return out


def _thinned(points: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of a hand-drawn line without those that stand too near to be seen; the last one stays."""
    steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    spacing = max(0.75, 0.25 * float(radius.max()))
    place = np.concatenate([[0.0], np.cumsum(steps)]) / spacing
    keep = np.flatnonzero(np.diff(np.floor(place), prepend=-1.0) > 0)
    if keep[-1] != len(points) - 1:
        keep = np.append(keep, len(points) - 1)
    return points[keep], radius[keep]


def _parts(points: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First and last points (m, 2) of pieces no longer than a few px, and the radius at each; long pieces would need large windows."""
    long = np.hypot(*np.diff(points, axis=0).T)
    count = np.maximum(np.ceil(long / max(_PIECE, float(radius.max()))).astype(int), 1)
    which = np.repeat(np.arange(len(long)), count)
    number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)

    def at(end: int) -> tuple[np.ndarray, np.ndarray]:
        t = (number + end) / count[which]
        return points[which] + (points[which + 1] - points[which]) * t[:, None], radius[which] + (radius[which + 1] - radius[which]) * t

    (first, r0), (last, r1) = at(0), at(1)
    return first, last, r0, r1


def _ring(points: np.ndarray) -> np.ndarray:
    """(n, 2, 2) the pieces of a polygon."""
    return np.stack([points, np.roll(points, -1, axis=0)], axis=1)
