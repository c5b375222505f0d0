"""One closed solid from a surface that overlaps itself, is doubled or has small holes: winding number on a grid, then its level."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput
from .arrays import Mesh
from .solids import from_solid

_CELLS = 1.0e6  # grid cells at most: the extraction calls back once a point


def rebuild(mesh: Mesh, resolution: float | None = None) -> Mesh:
    """The solid that a surface encloses (winding number of at least one half), as a closed mesh.

    Parameters
    ----------
    resolution : float or None
        Edge of a grid cell in mm; by default as fine as a million cells allow.

    Raises BadInput if nothing is enclosed.
    """
    import manifold3d

    low, high = mesh.vertices.min(axis=0).astype(float), mesh.vertices.max(axis=0).astype(float)
    step = resolution or float((np.prod(high - low + 1e-3) / _CELLS) ** (1 / 3))
    origin = low - 3.0 * step
    shape = tuple(int(n) for n in np.ceil((high - low) / step) + 7)
    if not any(s > 8 for s in shape):
        raise BadInput("the mesh is too small or flat to be made solid", field="mesh")
    inside = _winding(mesh, origin, step, shape)
    if not inside.any():
        raise BadInput("the mesh encloses no metal; it cannot be made solid", field="mesh")
    soft = _soften(inside.astype(np.float32)) - 0.5
    flat = np.ascontiguousarray(soft).ravel().tolist()  # plain floats: the extraction asks for one point at a time
    nx, ny, nz = shape
    ox, oy, oz = origin
    scale = 1.0 / step

    def level(x: float, y: float, z: float) -> float:
        gx, gy, gz = (x - ox) * scale, (y - oy) * scale, (z - oz) * scale
        i, j, k = int(gx), int(gy), int(gz)
        if not (0 <= i < nx - 1 and 0 <= j < ny - 1 and 0 <= k < nz - 1) or gx < 0 or gy < 0 or gz < 0:
            return -0.5
        fx, fy, fz = gx - i, gy - j, gz - k
        n = (i * ny + j) * nz + k
        a = flat[n] + (flat[n + 1] - flat[n]) * fz
        b = flat[n + nz] + (flat[n + nz + 1] - flat[n + nz]) * fz
        n += ny * nz
        c = flat[n] + (flat[n + 1] - flat[n]) * fz
        d = flat[n + nz] + (flat[n + nz + 1] - flat[n + nz]) * fz
        a += (b - a) * fy
        c += (d - c) * fy
        return a + (c - a) * fx

    solid = manifold3d.Manifold.level_set(level, [*(low - 2 * step), *(high + 2 * step)], step)
    parts = sorted(solid.decompose(), key=lambda part: part.volume(), reverse=True)
    return from_solid(parts[0])


def _soften(inside: np.ndarray) -> np.ndarray:
    """A little blur along each axis, so that the level runs smoothly between cells."""
    for _ in range(3):
        padded = np.pad(np.moveaxis(inside, 0, 2), ((0, 0), (0, 0), (1, 1)))
        inside = 0.25 * padded[..., :-2] + 0.5 * padded[..., 1:-1] + 0.25 * padded[..., 2:]
    return inside


def _winding(mesh: Mesh, origin: np.ndarray, step: float, shape: tuple[int, int, int]) -> np.ndarray:
    """(nx, ny, nz) bool: grid points with winding number >= 1, by crossings of lines parallel to z."""
    count = np.zeros(shape, np.int16)
    corners = (mesh.vertices[mesh.faces].astype(np.float64) - origin) / step
    corners[..., 0] += 1e-7  # no line runs exactly through a vertex
    corners[..., 1] += 2.3e-7
    low = np.ceil(corners[..., :2].min(axis=1)).astype(np.int64)
    high = np.floor(corners[..., :2].max(axis=1)).astype(np.int64)
    span = np.maximum(high - low + 1, 0)
    cells = span[:, 0] * span[:, 1]
    order = np.flatnonzero(cells)
    starts = np.concatenate([[0], np.cumsum(cells[order])])
    for first in range(0, len(order), 200_000):
        chosen = order[first : first + 200_000]
        each = cells[chosen]
        face = np.repeat(chosen, each)
        local = np.arange(len(face)) - np.repeat(starts[first : first + len(chosen)] - starts[first], each)
        i = low[face, 0] + local // span[face, 1]
        j = low[face, 1] + local % span[face, 1]
        a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            wb = ((i - a[:, 0]) * (c[:, 1] - a[:, 1]) - (j - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
            wc = ((b[:, 0] - a[:, 0]) * (j - a[:, 1]) - (b[:, 1] - a[:, 1]) * (i - a[:, 0])) / area
            hit = (wb >= 0) & (wc >= 0) & (wb + wc < 1) & (area != 0)
            z = a[:, 2] + wb * (b[:, 2] - a[:, 2]) + wc * (c[:, 2] - a[:, 2])
        k = np.ceil(z[hit]).astype(np.int64)
        sign = np.where(area[hit] > 0, -1, 1).astype(np.int16)  # a face that looks up ends the metal
        fine = (k >= 0) & (k < shape[2])
        np.add.at(count, (i[hit][fine], j[hit][fine], k[fine]), sign[fine])
    return np.cumsum(count, axis=2, dtype=np.int16) >= 1


def closed(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh itself if it is one closed solid, else rebuilt as one; and what was done.

    Raises BadInput if it encloses nothing.
    """
    import manifold3d

    solid = manifold3d.Manifold(manifold3d.Mesh64(mesh.vertices.astype(np.float64), mesh.faces.astype(np.uint64)))
    if solid.status() == manifold3d.Error.NoError and not solid.is_empty():
        parts = len(solid.decompose())
        if parts == 1:
            return mesh, ()
    rebuilt = rebuild(mesh)
    step = float((np.prod(np.ptp(mesh.vertices, axis=0) + 1e-3) / _CELLS) ** (1 / 3))
    return rebuilt, (f"the mesh was not one closed solid; it was rebuilt as one at {step:.2f} mm, its largest part kept",)
