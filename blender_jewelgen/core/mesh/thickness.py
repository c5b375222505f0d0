"""How thick the metal is: rays from sampled points of the surface straight into it, to where they come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Mesh
from .tree import Tree, morton
from .vectors import cross, dot

OPPOSED = 0.85  # cosine: the surface must face back within 32 degrees, else the ray left through a crease, not a wall
OFFSET = 1e-5  # mm; rays start this far inside
RECESS = 0.02  # relief up to here counts as plain
NEIGHBOURS = 6  # faces before and after a thin one, along the Morton curve, that are looked at more closely


@dataclass(frozen=True)
class Wall:
    """Thickness of the metal in mm at points of the surface.

    ``points`` (k, 3) on the surface, ``thickness`` (k,), ``face`` (k,) that each point lies on. All empty if no ray came
    out through a wall; the numbers below are then nan.
    """

    points: np.ndarray
    thickness: np.ndarray
    face: np.ndarray

    @property
    def minimum(self) -> float:
        """The thinnest place found, mm."""
        return float(self.thickness.min()) if len(self.thickness) else float("nan")

    @property
    def thinnest(self) -> np.ndarray:
        """(3,) where that is, mm."""
        return self.points[self.thickness.argmin()] if len(self.thickness) else np.full(3, np.nan)

    def percentile(self, share: float) -> float:
        """Thickness in mm that ``share`` percent of the samples stay below."""
        return float(np.percentile(self.thickness, share)) if len(self.thickness) else float("nan")


def wall(mesh: Mesh, samples: int = 20_000, seed: int = 0) -> Wall:
    """Measure the thickness of a closed ``mesh`` at ``samples`` points, a quarter of them where it turned out thin.

    Points are strewn one to each equal share of the area, so that no place larger than a share is passed by; then the
    faces near the thinnest hundredth, and those across from them, are looked at again. Rays that leave through a face
    that does not look back (a crease or a rim), or through a neighbour of their own face, are not walls and are left out.

    On a mesh that knows its ``relief`` only its recesses and plain faces are measured: the metal left there is the wall,
    while the flank of a raised leaf would tell the leaf's width, which is a matter of detail.
    """
    if len(mesh.faces) == 0:
        return Wall(np.empty((0, 3)), np.empty(0), np.empty(0, np.int64))
    vertices = mesh.vertices.astype(np.float64, copy=False)
    a, b, c = (vertices[mesh.faces[:, k]] for k in range(3))
    normals = cross(b - a, c - a)
    double_area = np.sqrt(dot(normals, normals))
    normals /= np.maximum(double_area, 1e-300)[:, None]
    rng = np.random.default_rng(seed)
    tree = Tree(vertices, mesh.faces)
    guess = 3.0 * abs(mesh.volume) / max(float(double_area.sum()) / 2.0, 1e-300)  # 2 V / A is the thickness of a plate

    plain = _plain(mesh)
    double_area = np.where(plain, double_area, 0.0)
    first = _strewn(double_area, max(1, samples * 3 // 4), rng)
    one, across = _measure(mesh.faces, vertices, normals, tree, first, guess, rng)
    thin = one.thickness <= one.percentile(1.0)
    near = _around(mesh.faces, vertices, np.concatenate([one.face[thin], across[thin]]))
    near = near[double_area[near] > 1e-12]
    if len(near) == 0:
        return one
    second = np.resize(near, max(1, samples // 4)) if len(near) < samples // 4 else rng.choice(near, samples // 4, replace=False)
    two, _ = _measure(mesh.faces, vertices, normals, tree, second, guess, rng)
    return Wall(
        np.concatenate([one.points, two.points]),
        np.concatenate([one.thickness, two.thickness]),
        np.concatenate([one.face, two.face]),
    )


def _plain(mesh: Mesh) -> np.ndarray:
    """(m,) bool: faces out of the relief; all of them if the mesh knows none, or if it is relief throughout."""
    if mesh.relief is None:
        return np.ones(len(mesh.faces), bool)
    plain = mesh.relief[mesh.faces].max(axis=1) <= RECESS
    return plain if plain.any() else np.ones(len(mesh.faces), bool)


def _strewn(area: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Faces under ``count`` points that are spread evenly over the area, one at random in each share."""
    edge = np.cumsum(area)
    places = (np.arange(count) + rng.random(count)) * (edge[-1] / count)
    return np.minimum(np.searchsorted(edge, places, side="right"), len(area) - 1)


def _around(faces: np.ndarray, vertices: np.ndarray, thin: np.ndarray) -> np.ndarray:
    """Faces next to the ``thin`` ones along the Morton curve of the faces' first corners."""
    order = np.argsort(morton(vertices[faces[:, 0]].T))
    place = np.empty(len(faces), np.int64)
    place[order] = np.arange(len(faces))
    window = place[np.unique(thin)][:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    return order[np.unique(np.clip(window, 0, len(faces) - 1))]


def _measure(
    faces: np.ndarray,
    vertices: np.ndarray,
    normals: np.ndarray,
    tree: Tree,
    face: np.ndarray,
    guess: float,
    rng: np.random.Generator,
) -> tuple[Wall, np.ndarray]:
    """Cast one ray inward from a random point of each ``face``; also gives the face that each ray came out through."""
    u, v = np.sqrt(rng.random(len(face))), rng.random(len(face))
    corners = vertices[faces[face]]
    share = np.stack([1.0 - u, u * (1.0 - v), u * v], axis=1)
    points = np.einsum("kc,kcx->kx", share, corners)
    inward = -normals[face]
    distance, across = tree.rays(points + OFFSET * inward, inward, first=guess)
    out = np.flatnonzero(across >= 0)
    opposed = dot(inward[out], normals[across[out]]) > OPPOSED
    joined = (faces[face[out]][:, :, None] == faces[across[out]][:, None, :]).any(axis=(1, 2))
    good = out[opposed & ~joined]
    return Wall(points[good], distance[good] + OFFSET, face[good]), across[good]
