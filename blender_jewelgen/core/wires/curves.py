"""Curves in the flat, in mm: evened out, smoothed, bent no tighter than a wire can be; some run round the piece."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_ROUNDS = 60  # of easing tight places


@dataclass(frozen=True, eq=False)
class Curve:
    """A polyline.

    Attributes
    ----------
    points : (n, 2) float64, mm
        u along the ornament (it may run beyond the period), v upward from the lower border.
    closed : bool
        The last point is followed by the first.
    turn : float
        mm by which a closed curve has moved along u when it comes back to its first point: the period, or 0.
    """

    points: np.ndarray
    closed: bool = False
    turn: float = 0.0

    @property
    def ring(self) -> np.ndarray:
        """The points, with the first one again at the end of a closed curve."""
        if not self.closed:
            return self.points
        return np.concatenate([self.points, self.points[:1] + (self.turn, 0.0)])

    @property
    def length(self) -> float:
        """mm."""
        return float(np.linalg.norm(np.diff(self.ring, axis=0), axis=1).sum())

    def moved(self, points: np.ndarray) -> Curve:
        """The same kind of curve through other points."""
        return Curve(points, self.closed, self.turn)


def even(curve: Curve, step: float) -> Curve:
    """Points at equal distances of about ``step`` mm; the ends stay."""
    ring = curve.ring
    reached = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    keep = np.concatenate([[True], np.diff(reached) > 1e-9])
    ring, reached = ring[keep], reached[keep]
    count = max(int(np.ceil(reached[-1] / step)), 3 if curve.closed else 1)
    at = np.linspace(0.0, reached[-1], count + 1)[: count if curve.closed else count + 1]
    return curve.moved(np.stack([np.interp(at, reached, ring[:, k]) for k in (0, 1)], axis=1))


def smooth(curve: Curve, sigma: float, step: float) -> Curve:
    """An even curve with its points averaged over ``sigma`` mm along it; open ends stay where they are."""
    reach = int(np.ceil(3.0 * sigma / step))
    points = curve.points
    if reach < 1 or len(points) < 3:
        return curve
    if curve.closed:
        laps = -(-reach // len(points))
        wide = np.concatenate([points + (k * curve.turn, 0.0) for k in range(-laps, laps + 1)])
        wide = wide[laps * len(points) - reach : (laps + 1) * len(points) + reach]
    else:
        reach = min(reach, len(points) - 1)
        first, last = points[0], points[-1]
        wide = np.concatenate([2.0 * first - points[reach:0:-1], points, 2.0 * last - points[-2 : -reach - 2 : -1]])
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / sigma) ** 2)
    weight /= weight.sum()
    return curve.moved(np.stack([np.convolve(wide[:, k], weight, "valid") for k in (0, 1)], axis=1))


def bends(curve: Curve) -> np.ndarray:
    """(n,) curvature in 1/mm at the points, 0 at open ends."""
    points = curve.points
    if len(points) < 3:
        return np.zeros(len(points))
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    if curve.closed:
        before[0] -= (curve.turn, 0.0)
        after[-1] += (curve.turn, 0.0)
    a, b, c = points - before, after - points, after - before
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) * np.linalg.norm(c, axis=1)
    bend = 2.0 * np.abs(cross) / np.maximum(size, 1e-12)
    if not curve.closed:
        bend[[0, -1]] = 0.0
    return bend


def eased(curve: Curve, radius: float) -> Curve:
    """An even curve whose places tighter than ``radius`` mm are smoothed until they are not; ends stay."""
    points = curve.points.copy()
    for _ in range(_ROUNDS):
        tight = bends(curve.moved(points)) > 1.0 / radius
        if not tight.any():
            break
        near = tight | np.roll(tight, 1) | np.roll(tight, -1)
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        if curve.closed:
            before[0] -= (curve.turn, 0.0)
            after[-1] += (curve.turn, 0.0)
        else:
            near[[0, -1]] = False
        points[near] = (0.5 * points + 0.25 * (before + after))[near]
    return curve.moved(points)


def cornered(curve: Curve, reach: float, step: float, angle: float = 48.0) -> list[Curve]:
    """An even curve cut at its corners: places where it turns by more than ``angle`` degrees within ``reach`` mm either side."""
    k = max(1, round(reach / step))
    points = curve.points
    n = len(points)
    if n < 2 * k + 1:
        return [curve]
    index = np.arange(n)
    if curve.closed:
        back = points[(index - k) % n] + np.where(index < k, -curve.turn, 0.0)[:, None] * (1.0, 0.0)
        ahead = points[(index + k) % n] + np.where(index + k >= n, curve.turn, 0.0)[:, None] * (1.0, 0.0)
    else:
        back, ahead = points[np.maximum(index - k, 0)], points[np.minimum(index + k, n - 1)]
    a, b = points - back, ahead - points
    turned = np.abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)))
    if not curve.closed:
        turned[:k] = turned[n - k :] = 0.0
    found: list[int] = []
    for i in np.argsort(-turned):
        if turned[i] < np.deg2rad(angle):
            break
        apart = [abs(int(i) - j) for j in found]
        if all(min(d, n - d) > k if curve.closed else d > k for d in apart):
            found.append(int(i))
    if not found:
        return [curve]
    found.sort()
    if curve.closed:
        ring = np.concatenate([points[found[0] :], points[: found[0] + 1] + (curve.turn, 0.0)])
        cuts = [f - found[0] for f in found] + [n]
    else:
        ring, cuts = points, [0, *found, n - 1]
    return [Curve(ring[a : b + 1]) for a, b in pairwise(cuts) if b > a]


def shaped(curve: Curve, wire: float, step: float) -> list[Curve]:
    """What a wire of this gauge can be bent to: even, without pixel steps, no tighter than 1.5 of its radius, cut at true corners."""
    curve = smooth(even(curve, step), 0.22 * wire, step)
    pieces = []
    for piece in cornered(curve, 0.6 * wire, step):
        piece = even(smooth(even(piece, step), 0.4 * wire, step), step)
        pieces += parted(even(eased(piece, 0.75 * wire), step), 0.64 * wire)
    return [p for p in pieces if p.length > 0.5 * wire]


def parted(curve: Curve, radius: float) -> list[Curve]:
    """The curve cut where it is still tighter than ``radius`` mm: two round ends meet there instead of one bend."""
    tight = bends(curve) > 1.0 / radius
    if not tight.any():
        return [curve]
    points, n = curve.points, len(curve.points)
    if curve.closed:
        first = int(np.argmax(tight))
        points = np.concatenate([points[first:], points[: first + 1] + (curve.turn, 0.0)])
        tight = np.append(np.roll(tight, -first), True)
        n += 1
    cuts = [0, *(int(k) for k in np.flatnonzero(tight) if 0 < k < n - 1), n - 1]
    return [Curve(points[a : b + 1]) for a, b in pairwise(cuts) if b > a]
