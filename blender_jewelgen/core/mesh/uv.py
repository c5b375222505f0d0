"""How well texture coordinates lie on a surface: what is folded over, what a seam smears, how much it is stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Mesh
from .vectors import cross, dot

_HALF = 0.5  # a face that spans more of the map than this reaches from one end of it to the other


@dataclass(frozen=True, kw_only=True)
class UvQuality:
    """Shares of the surface's area; stretch as the larger over the smaller scale of a face, 1 where a circle stays one.

    ``fold`` is the area that lies the other way round than the rest, so that it shares texture with another sheet; ``seam``
    the area of faces that are drawn across the whole map. Fold and stretch are of the faces that cross no seam.
    """

    fold: float
    seam: float
    anisotropy_p50: float
    anisotropy_p90: float


def uv_quality(mesh: Mesh, uv: np.ndarray) -> UvQuality:
    """Judge texture coordinates ``uv`` (m, 3, 2) at the corners of the faces of a mesh; faces without area or numbers do not count."""
    corners = mesh.vertices.astype(np.float64, copy=False)[mesh.faces]
    place = np.asarray(uv, np.float64)
    edge, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = cross(edge, other)
    double = np.sqrt(dot(normal, normal))
    base = np.sqrt(dot(edge, edge))
    with np.errstate(invalid="ignore"):
        real = (double > 1e-9 * base**2) & np.isfinite(double) & np.isfinite(place).all(axis=(1, 2))
    whole = float(double[real].sum())
    if whole <= 0.0:
        return UvQuality(fold=0.0, seam=0.0, anisotropy_p50=1.0, anisotropy_p90=1.0)
    with np.errstate(invalid="ignore"):
        crossing = real & ((place.max(axis=1) - place.min(axis=1)) > _HALF).any(axis=1)
    kept = np.flatnonzero(real & ~crossing)
    determinant, ratio = _stretch(edge[kept], other[kept], double[kept], base[kept], place[kept])
    area = double[kept]
    one, back = float(area[determinant > 0].sum()), float(area[determinant < 0].sum())
    return UvQuality(
        fold=min(one, back) / max(one + back, 1e-300),
        seam=float(double[crossing].sum()) / whole,
        anisotropy_p50=quantile(ratio, area, 0.5),
        anisotropy_p90=quantile(ratio, area, 0.9),
    )


def naive_uv(mesh: Mesh) -> np.ndarray:
    """(m, 3, 2) coordinates as the usual script lays them: one direction a vertex as seen from the file's origin, wherever the body lies.

    Longitude and latitude over a file whose y points up, without a thought for the seam, the poles or the middle of the body.
    """
    x, y, z = mesh.vertices[:, 0], mesh.vertices[:, 2], -mesh.vertices[:, 1]  # z up to y up
    far = np.maximum(np.sqrt(x * x + y * y + z * z), 1e-30)
    u = 0.5 + np.arctan2(z, x) / (2.0 * np.pi)
    v = 0.5 - np.arcsin(np.clip(y / far, -1.0, 1.0)) / np.pi
    return np.stack([u, v], axis=1)[mesh.faces]


def _stretch(edge: np.ndarray, other: np.ndarray, double: np.ndarray, base: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k,) determinant of each face's map from its own plane to the texture, and the larger over the smaller singular value of it."""
    along, rise = dot(edge, other) / base, double / base
    a, b = place[:, 1] - place[:, 0], place[:, 2] - place[:, 0]
    p = a / base[:, None]
    q = (b - p * along[:, None]) / rise[:, None]
    determinant = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    squares = dot(p, p) + dot(q, q)
    root = np.sqrt(np.maximum(squares**2 / 4.0 - determinant**2, 0.0))
    large, small = squares / 2.0 + root, np.maximum(squares / 2.0 - root, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(large / small)
    return determinant, np.where(large > 0.0, np.minimum(ratio, 1e6), 1e6)


def quantile(values: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The value that ``share`` of the weight stays at or below; 1 if there is nothing."""
    if len(values) == 0:
        return 1.0
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    return float(values[order][min(int(np.searchsorted(reached, share * reached[-1])), len(values) - 1)])
