"""Is a mesh closed, wound the same way everywhere, and of how many bodies? Answered by sorting edge keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Mesh


@dataclass(frozen=True)
class EdgeReport:
    """How the triangles meet. All counts are of undirected edges, but ``degenerate`` counts faces."""

    edges: int
    open: int  # used by one triangle only: a hole's border
    non_manifold: int  # used by three or more
    flipped: int  # used by two triangles that disagree which side is outside
    degenerate: int  # faces that name one vertex twice

    @property
    def closed(self) -> bool:
        """Every edge has two triangles (a body without holes)."""
        return self.open == 0 and self.non_manifold == 0 and self.degenerate == 0

    @property
    def sound(self) -> bool:
        """Closed, and each edge runs once each way: the surface of a solid."""
        return self.closed and self.flipped == 0


def edges(faces: np.ndarray, n_vertices: int) -> EdgeReport:
    """Count open, non-manifold and flipped edges of ``faces`` (m, 3), whose numbers are below ``n_vertices``.

    A surface is closed and consistently wound exactly if each directed edge occurs once and so does its reverse. Keys of
    the edges that run up and of those that run down are sorted apart; on a sound mesh both lists are equal and strictly
    rising, and that is all the work. Only another mesh pays for the counting.
    """
    if len(faces) == 0:
        return EdgeReport(0, 0, 0, 0, 0)
    key, rising = _keys(faces, n_vertices)
    up, down = key[rising], key[~rising]
    if len(up) == len(down):
        up.sort()
        down.sort()
        if np.array_equal(up, down) and bool((up[1:] > up[:-1]).all()):
            return EdgeReport(len(up), 0, 0, 0, 0)
    return _count(key, rising, faces)


def _keys(faces: np.ndarray, n_vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """(3m,) key of the undirected edge, and whether it runs from the lower number to the higher."""
    m = len(faces)
    dtype = np.uint32 if n_vertices <= 1 << 16 else np.int64
    corner = np.ascontiguousarray(faces.T).astype(dtype, copy=False)
    key = np.empty((3, m), dtype)
    rising = np.empty((3, m), bool)
    for i in range(3):
        a, b = corner[i], corner[(i + 1) % 3]
        np.less(a, b, out=rising[i])
        np.minimum(a, b, out=key[i])
        key[i] *= dtype(n_vertices)
        key[i] += np.maximum(a, b)
    return key.ravel(), rising.ravel()


def _count(key: np.ndarray, rising: np.ndarray, faces: np.ndarray) -> EdgeReport:
    degenerate = repeated(faces)
    packed = key.astype(np.int64) * 2 + rising
    if degenerate.any():
        packed = packed[np.tile(~degenerate, 3)]
    packed.sort()
    if len(packed) == 0:
        return EdgeReport(0, 0, 0, 0, int(degenerate.sum()))
    edge = packed >> 1
    first = np.flatnonzero(np.concatenate([[True], edge[1:] != edge[:-1]]))
    uses = np.diff(np.append(first, len(edge)))
    ups = np.add.reduceat(packed & 1, first)
    return EdgeReport(
        len(first),
        int((uses == 1).sum()),
        int((uses > 2).sum()),
        int(((uses == 2) & (ups != 1)).sum()),
        int(degenerate.sum()),
    )


def repeated(faces: np.ndarray) -> np.ndarray:
    """(m,) bool: faces that name one vertex twice."""
    a, b, c = faces[:, 0], faces[:, 1], faces[:, 2]
    return (a == b) | (b == c) | (c == a)


def flat(vertices: np.ndarray, faces: np.ndarray, height: float = 1e-7) -> np.ndarray:
    """(m,) bool: faces without area, whose height over their longest edge is below ``height`` mm."""
    a, b, c = (vertices[faces[:, i]].astype(np.float64, copy=False) for i in range(3))
    u, v, w = b - a, c - b, a - c
    double_area = np.sqrt(np.square(np.cross(u, v)).sum(axis=1))
    longest = np.sqrt(np.maximum(np.maximum(_squared(u), _squared(v)), _squared(w)))
    return double_area <= height * longest


def _squared(vectors: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", vectors, vectors)


def duplicates(faces: np.ndarray) -> np.ndarray:
    """(m,) bool: faces that name the same three vertices as an earlier face, in any order."""
    rows = np.sort(faces, axis=1)
    order = np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))
    rows = rows[order]
    again = np.zeros(len(faces), bool)
    if len(faces):
        again[order[1:]] = (rows[1:] == rows[:-1]).all(axis=1)  # lexsort is stable: the first of the equals stays
    return again


def roots(n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) int32 for each of n things the lowest number among those that pairs (a, b) join it to.

    Each thing points at a smaller one; pointers are hooked over the pairs that still join two roots and then halved, so that
    the rounds grow with the logarithm of the size.
    """
    root = np.arange(n, dtype=np.int32)
    while len(a):
        root[np.maximum(a, b)] = np.minimum(a, b)
        while True:
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further
        a, b = root[a], root[b]
        apart = a != b
        a, b = a[apart], b[apart]
    return root


def bodies(faces: np.ndarray, n_vertices: int) -> tuple[int, np.ndarray]:
    """Number of connected bodies, and the body (0, 1, …) of each face as (m,) int32.

    Triangles are joined if they share a vertex.
    """
    if len(faces) == 0:
        return 0, np.empty(0, np.int32)
    a = np.concatenate([faces[:, 0], faces[:, 1]]).astype(np.int32, copy=False)
    b = np.concatenate([faces[:, 1], faces[:, 2]]).astype(np.int32, copy=False)
    root = roots(n_vertices, a, b)
    of_face = root[faces[:, 0]]
    used = np.zeros(n_vertices, bool)
    used[of_face] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    return int(used.sum()), number[of_face]


def largest_body(mesh: Mesh) -> Mesh:
    """The body of the largest volume alone, without its hollows."""
    count, label = bodies(mesh.faces, len(mesh.vertices))
    if count == 1:
        return mesh
    corners = mesh.vertices[mesh.faces]
    volume = np.bincount(label, np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])), minlength=count)
    return compact(mesh, mesh.faces[label == np.argmax(volume)])


def compact(mesh: Mesh, faces: np.ndarray) -> Mesh:
    """The mesh of some of its faces, without vertices that none of them names."""
    used = np.zeros(len(mesh.vertices), bool)
    used[faces] = True
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Mesh(mesh.vertices[used], number[faces], mesh.relief[used] if mesh.relief is not None else None)
