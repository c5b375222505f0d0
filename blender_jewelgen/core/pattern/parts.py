"""The separate parts of a drawing: count them, measure them, join what lies apart; numpy only."""

from __future__ import annotations

import numpy as np

_SMALL = 0.04  # share of the area below which a part that lies apart is dropped


def parts(mask: np.ndarray, periodic: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Label of every pixel, (h, w) int32, and the pixels of each label; label 0 is what is not in the mask, of size 0.

    Parts touch along sides, not corners; with ``periodic`` the last column touches the first. Runs of each row are joined
    with those above that they touch.
    """
    mask = np.asarray(mask, bool)
    width = mask.shape[1]
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    span = width + 1
    low = np.searchsorted(rows * span + ends, (rows - 1) * span + starts, side="right")  # first run above that ends beyond the start
    high = np.maximum(np.searchsorted(rows * span + starts, (rows - 1) * span + ends), low)
    count = high - low
    below = np.repeat(np.arange(len(rows)), count)
    above = np.arange(len(below)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    if periodic:
        wraps = np.flatnonzero(mask[:, 0] & mask[:, -1])
        first = np.searchsorted(rows, wraps)
        below, above = np.append(below, np.searchsorted(rows, wraps, side="right") - 1), np.append(above, first)
    roots = _united(len(rows), above, below)
    names = np.unique(roots, return_inverse=True)[1] + 1 if len(roots) else roots
    label = np.zeros(mask.size, np.int32)
    if len(roots):
        marks = np.zeros(mask.size + 1, np.int64)
        np.add.at(marks, rows * width + starts, names)
        np.subtract.at(marks, rows * width + ends, names)
        label = np.cumsum(marks)[:-1].astype(np.int32)
    label = label.reshape(mask.shape)
    sizes = np.bincount(label.ravel())
    sizes[0] = 0
    return label, sizes


def _united(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(count,) the least number of each set, where each of ``one`` is in a set with its ``other``."""
    parent = np.arange(count)
    while True:
        a, b = parent[one], parent[other]
        apart = a != b
        if not apart.any():
            return parent
        np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
        while not np.array_equal(parent[parent], parent):
            parent = parent[parent]


def _root(parent: list[int], k: int) -> int:
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


def joined(field: np.ndarray, gap: float) -> np.ndarray:
    """Distances of a drawing whose parts all lie within ``1.6 gap`` px of the rest: others are dropped if small, else a bar is added.

    ``field`` (h, w) is positive inside; only its sign counts at a distance.
    """
    field = field.copy()
    while True:
        label, sizes = parts(field > 0.0)
        if len(sizes) < 3:
            return field
        edge = [_rim(label == k) for k in range(1, len(sizes))]
        group = _within(edge, 1.6 * gap)
        if len(set(group)) == 1:
            return field
        area = {g: sum(int(sizes[k + 1]) for k, other in enumerate(group) if other == g) for g in set(group)}
        least = min(area, key=lambda g: (area[g], g))
        apart = [k for k, g in enumerate(group) if g == least]
        if area[least] < _SMALL * sum(area.values()):
            field[np.isin(label, [k + 1 for k in apart])] = -1.0
            continue
        mine = np.concatenate([edge[k] for k in apart])
        rest = np.concatenate([edge[k] for k in range(len(edge)) if k not in apart])
        far = np.hypot(*(mine[:, None] - rest[None]).transpose(2, 0, 1))
        a, b = np.unravel_index(int(far.argmin()), far.shape)
        field = np.maximum(field, _bar(field.shape, mine[a], rest[b], 0.5 * gap))


def _rim(mask: np.ndarray) -> np.ndarray:
    """(n, 2) rows and columns of the pixels at the edge of a part."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.argwhere(mask & ~inner).astype(np.float32)


def _within(edges: list[np.ndarray], reach: float) -> list[int]:
    """Number of the group of each part: groups are chains of parts no more than ``reach`` px apart."""
    parent = list(range(len(edges)))
    for i in range(len(edges)):
        for j in range(i):
            near = np.hypot(*(edges[i][:, None] - edges[j][None]).transpose(2, 0, 1)).min() <= reach
            if near:
                a, b = _root(parent, i), _root(parent, j)
                parent[max(a, b)] = min(a, b)
    return [_root(parent, k) for k in range(len(edges))]


def _bar(shape: tuple[int, int], start: np.ndarray, end: np.ndarray, half: float) -> np.ndarray:
    """(h, w) distance inside a bar between two points, ``half`` px to each side; negative outside, clipped at -1."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    along = end - start
    length = float(along @ along)
    t = np.clip(((y - start[0]) * along[0] + (x - start[1]) * along[1]) / max(length, 1e-6), 0.0, 1.0)
    return np.maximum(half - np.hypot(y - start[0] - t * along[0], x - start[1] - t * along[1]), -1.0)
