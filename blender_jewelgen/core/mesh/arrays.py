"""A triangle mesh as two arrays, and the few numbers every step asks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in millimetres.

    Attributes
    ----------
    vertices : (n, 3) float32 or float64, mm
    faces : (m, 3) int32
        Corner numbers, counter-clockwise seen from outside.
    relief : (n,) float32 in [0, 1], optional
        How high the ornament stands at each vertex; 0 in the recesses. Shading darkens recesses by it.
    uv : (m, 3, 2) float, optional
        Texture coordinates of an imported mesh at the corners of its faces; no step but the uv mapping looks at them.
    mask : (n,) float32 in [0, 1], optional
        Share of the ornament's depth that each vertex of an imported mesh takes.
    """

    vertices: np.ndarray
    faces: np.ndarray
    relief: np.ndarray | None = None
    uv: np.ndarray | None = None
    mask: np.ndarray | None = None

    @property
    def size(self) -> np.ndarray:
        """(3,) extent of the bounding box, mm."""
        if len(self.vertices) == 0:
            return np.zeros(3)
        return np.ptp(self.vertices.astype(np.float64), axis=0)

    @property
    def volume(self) -> float:
        """Signed volume in mm³ by the divergence theorem; positive if wound outward."""
        centre = self.vertices.mean(axis=0, dtype=np.float64) if len(self.vertices) else np.zeros(3)
        total = 0.0
        for start in range(0, len(self.faces), 1 << 18):
            a, b, c = (self.vertices[self.faces[start : start + (1 << 18), i]] - centre for i in range(3))
            total += float(np.einsum("ij,ij->", a, np.cross(b, c), dtype=np.float64))
        return total / 6.0

    @property
    def area(self) -> float:
        """Surface area in mm²."""
        return float(np.linalg.norm(face_normals(self.vertices, self.faces), axis=1).sum(dtype=np.float64) / 2.0)


def face_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(m, 3) normals, not of unit length: each is twice the area of its triangle long."""
    a, b, c = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    return np.cross(b - a, c - a)


def join(meshes: list[Mesh]) -> Mesh:
    """One mesh of several, nothing merged; texture coordinates are left behind."""
    starts = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    relief, mask = None, None
    if any(m.relief is not None for m in meshes):
        relief = np.concatenate([m.relief if m.relief is not None else np.zeros(len(m.vertices), np.float32) for m in meshes])
    if any(m.mask is not None for m in meshes):
        mask = np.concatenate([m.mask if m.mask is not None else np.ones(len(m.vertices), np.float32) for m in meshes])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + np.int32(s) for m, s in zip(meshes, starts)]),
        relief,
        mask=mask,
    )
