"""Faces without area, as reductions and unions leave them: double vertices are made one, longest edges flipped."""

from __future__ import annotations

import numpy as np

from .arrays import Mesh
from .closed import edges, flat

_SAME = 1e-6  # mm; below what a file in float32 can tell apart
_ROUNDS = 40  # flat faces lie in chains; each round frees those at a chain's end


def without_slivers(mesh: Mesh) -> Mesh:
    """The same closed surface with double vertices made one and flat faces flipped into their neighbours.

    A flat face a-b-c with b on the edge c-a gives that edge to b: with the neighbour a-c-d it becomes a-b-d and b-c-d. No
    vertex moves, so the surface changes by no more than the flat face's height.
    """
    faces = _welded(mesh)
    for _ in range(_ROUNDS):
        bad = np.flatnonzero(flat(mesh.vertices, faces))
        if len(bad) == 0:
            break
        flipped = _flip(mesh.vertices, faces, bad)
        if flipped is None:
            break
        faces = flipped
    if faces is mesh.faces:
        return mesh
    kept = np.unique(faces)
    number = np.zeros(len(mesh.vertices), np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return Mesh(mesh.vertices[kept], number[faces], mesh.relief[kept] if mesh.relief is not None else None)


def _welded(mesh: Mesh) -> np.ndarray:
    """The faces with both ends of every edge shorter than ``_SAME`` made one, if the surface stays closed by that."""
    ends = np.stack([mesh.faces, np.roll(mesh.faces, -1, axis=1)], axis=2).reshape(-1, 2)
    apart = mesh.vertices[ends[:, 0]] - mesh.vertices[ends[:, 1]]
    short = ends[np.einsum("ij,ij->i", apart, apart) < _SAME**2]
    if len(short) == 0:
        return mesh.faces
    target = np.arange(len(mesh.vertices), dtype=mesh.faces.dtype)
    np.minimum.at(target, short.max(axis=1), short.min(axis=1))
    while not np.array_equal(target[target], target):
        target = target[target]
    faces = target[mesh.faces]
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    return faces if edges(faces, len(mesh.vertices)).closed else mesh.faces


def _flip(vertices: np.ndarray, faces: np.ndarray, bad: np.ndarray) -> np.ndarray | None:
    corners = vertices[faces[bad]].astype(np.float64)
    sides = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)  # from each corner to the next
    start = sides.argmax(axis=1)
    row = np.arange(len(bad))
    c, a, b = (faces[bad][row, (start + k) % 3].astype(np.int64) for k in range(3))  # the longest side runs from c to a
    count = len(vertices)
    ahead = faces.astype(np.int64) * count + np.roll(faces, -1, axis=1)
    order = np.argsort(ahead, axis=None)
    keys = ahead.ravel()[order]
    place = order[np.clip(np.searchsorted(keys, a * count + c), 0, len(keys) - 1)]
    other, side = place // 3, place % 3
    d = faces[other, (side + 2) % 3].astype(np.int64)
    found = ahead.ravel()[place] == a * count + c
    new_edge = np.isin(b * count + d, keys) | np.isin(d * count + b, keys)
    shorter = np.linalg.norm(vertices[b] - vertices[d], axis=1) < sides[row, start]  # two flat faces back to back: get nearer
    ready = np.flatnonzero(found & ~new_edge & (shorter | ~np.isin(other, bad)) & (b != d))
    used: set[int] = set()
    result = faces.copy()
    done = False
    for k in ready:  # a handful: two flips must not share a face
        if int(other[k]) not in used and int(bad[k]) not in used:
            used |= {int(other[k]), int(bad[k])}
            result[bad[k]] = (a[k], b[k], d[k])
            result[other[k]] = (b[k], c[k], d[k])
            done = True
    return result if done else None
