"""What a mapping does to a pattern: triangles across a seam, mirrored area, stretch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mesh.arrays import Mesh
from ..mesh.uv import quantile
from .mapping import Mapping, coordinates, weights


@dataclass(frozen=True)
class Quality:
    """Areas in shares of the ornamented whole, stretch as larger over smaller scale; ``scale_p50`` is mm on the pattern for a mm."""

    seam_triangles: int
    mirrored: float
    anisotropy_p95: float
    scale_p50: float


def judge(mapping: Mapping, mesh: Mesh, normals: np.ndarray, fade: float = 0.25, outer: bool = True) -> Quality | None:
    """Quality of a mapping where it lays ornament (weight of at least one half); None for triplanar, which has no one plane, and uv."""
    if mapping.kind in ("triplanar", "uv"):
        return None
    laid = weights(mapping, mesh.vertices, normals, fade, outer) > 0.5
    faces = mesh.faces[laid[mesh.faces].all(axis=1)]
    if not len(faces):
        return None
    place = coordinates(mapping, mesh.vertices).astype(np.float64)[faces]
    if mapping.wrap:  # a face at the seam continues beyond the pattern's end
        length = mapping.size[0]
        place[..., 0] += length * np.round((place[:, :1, 0] - place[..., 0]) / length)
    return quality(Mesh(mesh.vertices, faces), place, mapping.size[0])


def quality(mesh: Mesh, place: np.ndarray, length: float) -> Quality:
    """Judge (m, 3, 2) corner coordinates in mm of a pattern ``length`` mm long on a mesh."""
    points = mesh.vertices[mesh.faces].astype(np.float64)
    edge, other = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    normal = np.cross(edge, other)
    double = np.linalg.norm(normal, axis=1)
    base = np.linalg.norm(edge, axis=1)
    fine = (double > 1e-6 * base**2) & (base > 1e-6)
    a, b = place[:, 1] - place[:, 0], place[:, 2] - place[:, 0]
    crossing = np.ptp(place[..., 0], axis=1) > length / 2.0
    along = np.einsum("ij,ij->i", edge, other)[fine] / base[fine]
    rise = double[fine] / base[fine]
    p = a[fine] / base[fine, None]  # columns of the Jacobian in the triangle's own axes
    q = (b[fine] - p * along[:, None]) / rise[:, None]
    determinant = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    sum_of_squares = (p * p).sum(axis=1) + (q * q).sum(axis=1)
    root = np.sqrt(np.maximum(sum_of_squares**2 / 4.0 - determinant**2, 0.0))
    large, small = np.sqrt(sum_of_squares / 2.0 + root), np.sqrt(np.maximum(sum_of_squares / 2.0 - root, 1e-24))
    ratio, weight = large / small, double[fine]
    mirrored = float(weight[determinant < 0].sum() / weight.sum())
    return Quality(int(crossing.sum()), mirrored, quantile(ratio, weight, 0.95), quantile(np.sqrt(large * small), weight, 0.5))
