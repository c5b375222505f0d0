"""Connected regions of a mask, by runs of its rows; whole-array steps only, so that noise takes no longer than a disc."""

from __future__ import annotations

import numpy as np


def regions(mask: np.ndarray, wrap: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Label of every pixel, (h, w) int32, 1 and up in reading order and 0 off the mask, and the pixels of each label.

    Regions touch along sides, not corners; with ``wrap`` the last column touches the first.
    """
    mask = np.asarray(mask, bool)
    width = mask.shape[1]
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if not len(rows):
        return np.zeros(mask.shape, np.int32), np.zeros(1, np.int64)
    line = np.int64(width + 2)
    first = np.searchsorted(rows * line + ends, (rows - 1) * line + starts, side="right")
    last = np.searchsorted(rows * line + starts, (rows - 1) * line + ends, side="left")
    count = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(rows)), count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    if wrap:
        left, right = np.flatnonzero(starts == 0), np.flatnonzero(ends == width)
        shared = np.intersect1d(rows[left], rows[right], return_indices=True)
        one, other = np.append(one, left[shared[1]]), np.append(other, right[shared[2]])
    names = np.unique(_joined(len(rows), one, other), return_inverse=True)[1] + 1
    marks = np.zeros(mask.size + 1, np.int64)
    np.add.at(marks, rows * width + starts, names)
    np.subtract.at(marks, rows * width + ends, names)
    label = np.cumsum(marks)[:-1].astype(np.int32).reshape(mask.shape)
    sizes = np.bincount(label.ravel())
    sizes[0] = 0
    return label, sizes


def _joined(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The least member of each node's group, nodes being joined in pairs."""
    root = np.arange(count)
    while True:
        low, high = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        apart = low < high
        if not apart.any():
            return root
        np.minimum.at(root, high[apart], low[apart])
        while True:
            up = root[root]
            if np.array_equal(up, root):
                break
            root = up
        one, other = one[apart], other[apart]


def at_border(label: np.ndarray, wrap: bool = False) -> np.ndarray:
    """The labels that touch the picture's sides (of columns that wrap, the upper and lower side only), without 0."""
    sides = [label[0], label[-1]] + ([] if wrap else [label[:, 0], label[:, -1]])
    found = np.unique(np.concatenate(sides))
    return found[found > 0]
