"""Relief on any closed mesh: refine, displace along smoothed normals, and keep the surface from cutting itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..mesh.arrays import Mesh
from ..mesh.intersect import self_intersections
from ..mesh.mend import rebuild
from ..mesh.solids import from_solid, to_solid
from . import mapping as maps

_MOST = 1_200_000  # vertices after refining: about what two cores displace in a quarter of a second
_ROUNDS = 4  # local depth reductions before the body is rebuilt


@dataclass(frozen=True, eq=False)
class Raised:
    """A displaced mesh and what had to be done for it."""

    mesh: Mesh
    notes: tuple[str, ...]


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(n, 3) float32 unit normals weighted by face area."""
    x, y, z = (np.ascontiguousarray(vertices[:, i], np.float32) for i in range(3))
    f0, f1, f2 = (np.ascontiguousarray(faces[:, i]) for i in range(3))

    def edges(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        start = p[f0]
        return p[f1] - start, p[f2] - start

    (ax, bx), (ay, by), (az, bz) = edges(x), edges(y), edges(z)
    parts = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    count = len(vertices)

    def gather(n: np.ndarray) -> np.ndarray:
        return np.bincount(f0, n, count) + np.bincount(f1, n, count) + np.bincount(f2, n, count)

    with ThreadPoolExecutor(2) as pool:
        total = np.stack(list(pool.map(gather, parts)), axis=1)
    length = np.sqrt(np.einsum("ij,ij->i", total, total))
    return (total / np.maximum(length, 1e-30)[:, None]).astype(np.float32)


def edge_lengths(mesh: Mesh) -> np.ndarray:
    """(m,) length in mm of one edge of every face."""
    return np.linalg.norm(mesh.vertices[mesh.faces[:, 1]] - mesh.vertices[mesh.faces[:, 0]], axis=1)


def refine(mesh: Mesh, spacing: float) -> Mesh:
    """The same body with edges no longer than ``spacing`` mm, or than the limit of vertices allows. Raises BadInput if open."""
    reach = max(spacing, float(np.sqrt(mesh.area * 1.2 / _MOST)))
    return from_solid(to_solid(mesh).refine_to_length(reach * 1.5))


def displace(mesh: Mesh, normals: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """(n, 3) vertices moved ``amount`` (n,) mm along ``normals``; those with amount 0 stay bit-equal."""
    return np.where(amount[:, None] != 0.0, mesh.vertices + normals * amount[:, None], mesh.vertices)


def raise_mesh(mesh: Mesh, mapping: maps.Mapping, picture: np.ndarray, depth: float, fade: float) -> Raised:
    """Displace a closed, fine mesh by a picture.

    Where the moved surface would cut itself the depth is taken back there, step by step; what still crosses then is
    rebuilt from its solid. The notes say how much of the surface was touched.

    Parameters
    ----------
    mesh : Mesh
        Closed and already refined to the spacing wanted.
    picture : (h, w) float32 in [0, 1]
    depth : float
        mm from black to white, negative to engrave.
    """
    normals = vertex_normals(mesh.vertices, mesh.faces)
    tall = maps.heights(mapping, picture, mesh.vertices, normals) * maps.weights(mapping, mesh.vertices, normals, fade)
    keep = np.ones(len(tall), np.float32)
    notes: list[str] = []
    already = {tuple(p) for p in self_intersections(mesh)[:1000]}
    if already:
        rebuilt = rebuild(mesh)
        return Raised(Mesh(rebuilt.vertices, rebuilt.faces), ("the mesh cuts itself before any ornament: it was rebuilt and left plain",))
    for _ in range(_ROUNDS):
        moved = Mesh(displace(mesh, normals, depth * tall * keep), mesh.faces, np.abs(tall * keep).astype(np.float32))
        pairs = self_intersections(moved)
        if len(pairs) == 0:
            if keep.min() < 1.0:
                share = float((keep < 0.999).mean())
                notes.append(f"the depth was reduced on {share:.1%} of the surface, where the ornament would have cut into itself")
            return Raised(moved, tuple(notes))
        keep = _take_back(keep, mesh.faces, np.unique(pairs))
    notes.append("the ornament cut into itself and was rebuilt as one solid; details below the rebuild's resolution are rounded")
    return Raised(rebuild(moved), tuple(notes))


def _take_back(keep: np.ndarray, faces: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Less depth at the corners of bad faces, spread over four rings of neighbours so that no step appears."""
    share = np.ones_like(keep)
    share[faces[bad]] = 0.35
    for _ in range(4):
        lowest = share[faces].min(axis=1)
        spread = share.copy()
        for corner in range(3):
            np.minimum.at(spread, faces[:, corner], 0.5 * (lowest + share[faces[:, corner]]))
        share = spread
    return keep * share
