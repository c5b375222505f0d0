"""Where lines through a grid meet the faces of a mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Hits:
    """Where lines parallel to z through whole (i, j) meet triangles: (k,) int64 i and j, float z, and whether the face looks up."""

    i: np.ndarray
    j: np.ndarray
    z: np.ndarray
    up: np.ndarray


def crossings(corners: np.ndarray) -> Hits:
    """All meetings of the lines through whole (i, j) with triangles (m, 3, 3)."""
    parts = list(_hits(corners))
    empty = np.zeros(0)
    if not parts:
        return Hits(empty.astype(np.int64), empty.astype(np.int64), empty, empty.astype(bool))
    return Hits(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("i", "j", "z", "up")))


def _hits(corners: np.ndarray) -> Iterator[Hits]:
    corners = corners + np.array([1.03e-7, 2.3e-7, 0.0])  # no line runs exactly through a vertex
    low = np.ceil(corners[..., :2].min(axis=1)).astype(np.int64)
    high = np.floor(corners[..., :2].max(axis=1)).astype(np.int64)
    span = np.maximum(high - low + 1, 0)
    cells = span[:, 0] * span[:, 1]
    order = np.flatnonzero(cells)
    ends = np.cumsum(cells[order])
    begin = 0
    while begin < len(order):  # pieces of about a million candidates
        start = ends[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(ends, start + (1 << 20))), begin + 1)
        chosen = order[begin:stop]
        each = cells[chosen]
        face = np.repeat(chosen, each)
        local = np.arange(len(face)) - np.repeat(ends[begin:stop] - start - each, each)
        i = low[face, 0] + local // span[face, 1]
        j = low[face, 1] + local % span[face, 1]
        a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            wb = ((i - a[:, 0]) * (c[:, 1] - a[:, 1]) - (j - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
            wc = ((b[:, 0] - a[:, 0]) * (j - a[:, 1]) - (b[:, 1] - a[:, 1]) * (i - a[:, 0])) / area
            hit = (wb >= 0) & (wc >= 0) & (wb + wc <= 1) & (area != 0)
            z = a[:, 2] + wb * (b[:, 2] - a[:, 2]) + wc * (c[:, 2] - a[:, 2])
        yield Hits(i[hit], j[hit], z[hit], area[hit] > 0)
        begin = stop
