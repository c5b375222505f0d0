"""Row by row products of (k, 3) arrays, a few times faster than numpy's general ones."""

from __future__ import annotations

import numpy as np


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k,) inner products of the rows."""
    return np.einsum("ij,ij->i", a, b)


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k, 3) cross products of the rows."""
    out = np.empty_like(a)
    for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[:, x] = a[:, y] * b[:, z] - a[:, z] * b[:, y]
    return out


def unit(a: np.ndarray) -> np.ndarray:
    """The rows at unit length; rows without length stay zero."""
    return a / np.maximum(np.sqrt(dot(a, a)), 1e-300)[:, None]


def unit_normals(vertices: np.ndarray, faces: np.ndarray, least: float = 1e-14) -> tuple[np.ndarray, np.ndarray]:
    """(m, 3) float64 normals of unit length and whether each face has one: twice its area is above ``least`` mm²."""
    corners = vertices.astype(np.float64, copy=False)
    a, b, c = corners[faces[:, 0]], corners[faces[:, 1]], corners[faces[:, 2]]
    normals = cross(b - a, c - a)
    length = np.sqrt(dot(normals, normals))
    usable = length > least
    normals /= np.where(usable, length, 1.0)[:, None]
    return normals, usable
