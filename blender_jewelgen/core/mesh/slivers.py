"""Faces without area, as a reduction leaves them where vertices lie on one line: turned away by flipping their longest edge."""

from __future__ import annotations

import numpy as np

from .arrays import Mesh
from .closed import flat

_ROUNDS = 40  # flat faces lie in chains; each round frees those at a chain's end


def without_slivers(mesh: Mesh) -> Mesh:
    """The same closed surface with its flat faces flipped into their neighbours; those that cannot be stay.

    A flat face a-b-c with b on the edge c-a gives that edge to b: with the neighbour a-c-d it becomes a-b-d and b-c-d. No
    vertex moves, so the surface changes by no more than the flat face's height.
    """
    faces = mesh.faces
    for _ in range(_ROUNDS):
        bad = np.flatnonzero(flat(mesh.vertices, faces))
        if len(bad) == 0:
            break
        flipped = _flip(mesh.vertices, faces, bad)
        if flipped is None:
            break
        faces = flipped
    return mesh if faces is mesh.faces else Mesh(mesh.vertices, faces, mesh.relief)


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
    ready = np.flatnonzero(found & ~new_edge & ~np.isin(other, bad) & (b != d))
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
