"""Directions in which a surface looks at its vertices."""

from __future__ import annotations

import numpy as np

CHUNK = 1 << 16  # triangles worked on at a time, so that the work stays in the cache


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(n, 3) float32 normals of unit length: the sum of the faces' around each vertex, weighted by their area."""
    vertices = np.ascontiguousarray(vertices, np.float32)
    total = np.zeros((3, len(vertices)))
    start, step = 0, CHUNK
    while start < len(faces):
        block = faces[start : start + step]
        low, high = int(block.min()), int(block.max()) + 1
        if high - low > 2 * CHUNK and step == CHUNK:
            step = len(faces)  # neighbours in the list are far apart in space: pieces would not stay in the cache
            continue
        _add_normals(vertices[low:high], np.subtract(block, low, dtype=np.int64), total[:, low:high])
        start += step
    length = np.sqrt(np.square(total).sum(axis=0))
    normals = np.empty((len(vertices), 3), np.float32)
    for axis in range(3):
        normals[:, axis] = total[axis] / np.where(length > 0.0, length, 1.0)
    normals[length == 0.0] = (0.0, 0.0, 1.0)  # a vertex without area round it still needs a direction
    return normals


def _add_normals(vertices: np.ndarray, faces: np.ndarray, total: np.ndarray) -> None:
    """Add to ``total`` (3, n) the normals of ``faces``, twice their area long, at each of their corners."""
    corner = [np.ascontiguousarray(faces[:, k]) for k in range(3)]
    u, v = [], []
    for axis in range(3):
        column = np.ascontiguousarray(vertices[:, axis])
        a = column.take(corner[0])
        u.append(column.take(corner[1]) - a)
        v.append(column.take(corner[2]) - a)
    for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        face = (u[y] * v[z] - u[z] * v[y]).astype(np.float64)
        for c in corner:
            total[x] += np.bincount(c, face, len(vertices))
