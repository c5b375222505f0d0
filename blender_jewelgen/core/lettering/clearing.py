"""Ornament that gives way to lettering: motifs that would be cut through vanish whole, the rest ends at a clean edge or a border."""

from __future__ import annotations

import numpy as np

from ..height.distance import distance
from ..pattern.parts import parts

_STANDS = 0.1  # of the depth above the ground: what is higher belongs to a motif
_COVERED = 0.22  # share of a motif in the way that makes it vanish
_LARGEST = 0.12  # share of the surface beyond which it is no motif but a ground or a scroll, of which what is not in the way stays
_MOST = 0.55  # share of a figure in the way that makes it vanish
_CRUMB = 0.12  # share of the largest piece left of such a scroll, below which another piece vanishes
_LOW = 10  # of 50 levels that may be the ground
_FOOT = 0.45  # mm round a motif that belong to it: its slope, and the groove that sets it off
_SOFT = 0.16  # mm of the edge
_FILLET, _TALL, _AT = 0.24, 0.8, 0.34  # mm and share of the depth: half width, height, and place outside, of a border where ornament is cut
BESIDE = 1.5  # mm round the room of letters that count for a border
_CUT = 0.1  # share of the edge where ornament ends that asks for such a border
_BORDER = 0.15  # of the smaller side: where the ornament's own border is looked for
_CLOSED, _OPEN = 0.6, 0.12  # shares along it that are raised in a border, and in the gap inside it


def rails(ornament: np.ndarray, edge: np.ndarray, size: float) -> float:
    """Width in mm of the border that ornament has along its edges, such as beads between wires; 0 without one.

    ``edge`` (h, w) is the distance from the edge in mm, ``size`` the smaller side of the surface.
    """
    most, step = _BORDER * size, max(size / 200.0, 0.03)
    near = (edge >= 0.0) & (edge < most)
    cell = (edge[near] / step).astype(int)
    dense = np.bincount(cell, ornament[near] > 0.25) / np.maximum(np.bincount(cell), 1)
    width, at = 0.0, 0
    while True:
        peaks = np.flatnonzero(dense[at:] > _CLOSED)
        if not len(peaks) or (width and peaks[0] * step > 0.06 * size):
            return width
        gaps = np.flatnonzero(dense[at + peaks[0] :] < _OPEN)
        if not len(gaps):
            return width
        at += int(peaks[0] + gaps[0])
        width = at * step


def ground_of(height: np.ndarray) -> float:
    """The level on which motifs stand: the highest of the common low ones, since grooves beside motifs go deeper; of any pixels."""
    count, edges = np.histogram(height, 50, (0.0, 1.0))
    common = np.flatnonzero((count[:_LOW] > 0.04 * height.size) & (count[:_LOW] > 0.25 * count[:_LOW].max()))
    return float(edges[common[-1]] + edges[common[-1] + 1]) / 2.0 if len(common) and common[-1] > 0 else 0.0


def without_motifs(
    height: np.ndarray, room: np.ndarray, ground: float, pitch: float, kept: np.ndarray | None, closed: bool = False, figure: bool = False
) -> np.ndarray:
    """A height picture (h, w) whose motifs are gone where the ``room`` (mm, positive inside) of letters takes too much of them.

    What is larger than a motif stays outside the room, but for its crumbs; ``kept`` (bool) is left as it is. ``closed``: columns wrap;
    ``figure``: the ornament is one figure, of which less than half is nothing, and not a row that can end anywhere.
    """
    step = 2 if min(height.shape) > 80 and not (closed and height.shape[1] % 2) else 1  # motifs are told apart as well on every second pixel
    stands = height > ground + _STANDS
    if kept is not None:
        stands &= ~kept
    inside = (room > 1.5 * pitch * step)[::step, ::step]
    label, sizes = parts(stands[::step, ::step], closed)
    if len(sizes) < 2:
        return height
    hidden = np.bincount(label[inside], minlength=len(sizes))
    gone = (hidden > np.where(sizes < _LARGEST * label.size, _COVERED, _MOST if figure else 1.0) * sizes)
    gone[0] = False
    lost = gone[label]
    cut = (hidden > 0) & ~gone
    cut[0] = False
    if cut.any():
        left = cut[label] & ~inside
        piece, areas = parts(left, closed)
        owner = np.zeros(len(areas), int)
        owner[piece[left]] = label[left]
        best = np.zeros(len(sizes), int)
        np.maximum.at(best, owner, areas)
        crumb = areas < _CRUMB * best[owner]
        crumb[0] = False
        lost |= crumb[piece]
    if not lost.any():
        return height
    grain = pitch * step
    soft = np.clip((_FOOT - distance(~lost, _FOOT / grain, closed) * np.float32(grain)) / 0.1, 0.0, 1.0)  # what slopes down from a motif goes with it
    stays = (label > 0) & ~lost
    if step > 1:
        soft, stays = (np.repeat(np.repeat(part, step, 0), step, 1)[: height.shape[0], : height.shape[1]] for part in (soft, stays))
    keeps = stands & stays if kept is None else (stands & stays) | kept
    result = np.where(keeps, height, height + soft * (np.float32(ground) - height)).astype(np.float32)
    if ground > 0.0:  # grooves that no motif is left beside
        alone = distance(~stays, _FOOT / pitch, closed) >= _FOOT / pitch - 1.0
        result = np.where(alone & (result < ground) & (True if kept is None else ~kept), np.float32(ground), result)
    return result


def cleared(height: np.ndarray, room: np.ndarray, level: float, frame: bool, pitch: float, closed: bool, kept: np.ndarray | None) -> np.ndarray:
    """A height picture with the room of letters cleared to a level, with a ``frame`` where much ornament is cut.

    ``kept`` (h, w) bool stays as it is, whatever lies in it: the ornament's own border.
    """
    edge = (room < -_SOFT) & (room > -_SOFT - 3.0 * pitch)
    if kept is not None:
        edge &= ~kept
    cut = float((height[edge] > 0.3).mean()) if edge.any() else 0.0
    share = np.clip((room + _SOFT) / _SOFT, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    result = height + share * (np.float32(level) - height)
    if frame and cut > _CUT:
        far = BESIDE - 0.2
        broad = distance(room > -far, 2.0 * far / pitch, closed) < 1.05 * far / pitch  # no border in the gap between two rooms
        wire = broad * np.sqrt(np.maximum(1.0 - ((room + _AT) / _FILLET) ** 2, 0.0))
        beside = np.clip((room + _AT + 2.0 * _FILLET) / _FILLET, 0.0, 1.0)  # a groove outside sets the border off
        result = np.maximum(result * np.where(broad, 1.0 - 0.8 * beside * (room < -_AT), 1.0 - beside), _TALL * wire)
    return (result if kept is None else np.where(kept, height, result)).astype(np.float32)
