"""The last steps of a solid: fewer triangles after a rebuild, and no face through another after a cut."""

from __future__ import annotations

import numpy as np

from ..mesh.arrays import Mesh, face_normals
from ..mesh.closed import bodies, edges, largest_body
from ..mesh.intersect import self_intersections
from ..mesh.read import merged
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from ..relief.fuse import uncrossed

_FEW = 40_000  # triangles that nobody minds
_LIGHTER = (0.05, 0.01)  # shares of a cell that the surface may move by when triangles are taken out
_FOLD = 0.3  # cosine between the normals of neighbours; below, a fold is sharp
_SEAMS = (1e-4, 1e-3, 5e-3)  # mm within which a cut's slivers are cleared if they cross


def _whole(mesh: Mesh) -> bool:
    """One body, and still closed when a file makes equal places one."""
    faces = merged(mesh.vertices)[mesh.faces]
    return edges(faces, len(mesh.vertices)).sound and bodies(faces, len(mesh.vertices))[0] == 1


def _clear(mesh: Mesh) -> bool:
    """The same, and no face goes through another."""
    return _whole(mesh) and len(self_intersections(mesh, limit=1)) == 0


def lighter(mesh: Mesh, step: float) -> Mesh:
    """The mesh with fewer triangles, its surface moved by a twentieth of a cell at most; itself where that makes faces cross."""
    if len(mesh.faces) <= _FEW:
        return mesh
    dense = to_solid(mesh)
    for share in _LIGHTER:
        found = without_slivers(from_solid(dense.simplify(share * step)))
        apart = uncrossed(found, _folded(found), np.random.default_rng(0))
        if apart is not None and _whole(apart):
            return apart
    return mesh


def _folded(mesh: Mesh) -> np.ndarray:
    """(m,) bool: faces beside a sharp fold, where alone a surface that moved by a hair can have come to cross itself."""
    normal = face_normals(mesh.vertices, mesh.faces)
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-30)[:, None]
    a, b = mesh.faces.ravel().astype(np.int64), np.roll(mesh.faces, -1, axis=1).ravel().astype(np.int64)
    order = np.argsort(np.minimum(a, b) * len(mesh.vertices) + np.maximum(a, b)) // 3  # the two faces of an edge stand together
    one, two = order[0::2], order[1::2]
    sharp = np.einsum("ij,ij->i", normal[one], normal[two]) < _FOLD
    corners = np.zeros(len(mesh.vertices), bool)
    corners[mesh.faces[one[sharp]]] = True
    corners[mesh.faces[two[sharp]]] = True
    return corners[mesh.faces].any(axis=1)


def clean(mesh: Mesh) -> Mesh:
    """The body without faces that cross, as a cut can leave them in a hair's breadth; its largest part alone."""
    whole = largest_body(mesh)
    if _clear(whole):
        return whole
    solid = to_solid(whole)
    for seam in _SEAMS:
        found = largest_body(without_slivers(from_solid(solid.simplify(seam))))
        if _clear(found):
            return found
    return uncrossed(whole, np.ones(len(whole.faces), bool), np.random.default_rng(0)) or whole
