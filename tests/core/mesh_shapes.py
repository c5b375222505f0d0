"""Small closed bodies in mm for the tests of meshes; vertices float64, faces int32, wound outward."""

from __future__ import annotations

import numpy as np

from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.solids import from_solid, to_solid

_BOX = [
    [0, 3, 1],
    [0, 2, 3],
    [4, 5, 7],
    [4, 7, 6],
    [0, 1, 5],
    [0, 5, 4],
    [2, 7, 3],
    [2, 6, 7],
    [0, 4, 6],
    [0, 6, 2],
    [1, 7, 5],
    [1, 3, 7],
]


def box(x: float = 10.0, y: float = 8.0, z: float = 6.0, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    """A box of twelve triangles round ``at``."""
    corners = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)], np.float64) - 0.5
    return Mesh(corners * (x, y, z) + at, np.array(_BOX, np.int32))


def loop_of_loops(points: np.ndarray) -> Mesh:
    """Triangles over a grid (u, v, 3) of points that is closed both ways."""
    nu, nv = points.shape[:2]
    i, j = np.meshgrid(np.arange(nu), np.arange(nv), indexing="ij")
    a, b = i * nv + j, (i + 1) % nu * nv + j
    c, d = (i + 1) % nu * nv + (j + 1) % nv, i * nv + (j + 1) % nv
    faces = np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3).astype(np.int32)
    mesh = Mesh(points.reshape(-1, 3), faces)
    return mesh if mesh.volume > 0 else Mesh(mesh.vertices, np.ascontiguousarray(faces[:, ::-1]))


def torus(nu: int = 60, nv: int = 24, ring: float = 10.0, wire: float = 2.0, bump: float = 0.0) -> Mesh:
    """A torus whose wire is thicker and thinner by ``bump``."""
    u, v = np.meshgrid(np.arange(nu) / nu * 2 * np.pi, np.arange(nv) / nv * 2 * np.pi, indexing="ij")
    r = wire + bump * np.sin(12 * u) * np.sin(5 * v)
    return loop_of_loops(
        np.stack([(ring + r * np.cos(v)) * np.cos(u), (ring + r * np.cos(v)) * np.sin(u), r * np.sin(v)], axis=-1)
    )


def band(nu: int = 300, nv: int = 40, inner: float = 8.66, thick: float = 1.4, width: float = 6.0, relief: float = 0.0) -> Mesh:
    """A flat band, the axis on z, with a smooth relief on the outside that fades at the rims."""
    z = np.linspace(-width / 2, width / 2, nv)
    u = np.arange(nu) / nu * 2 * np.pi
    shape = np.sin(18 * u)[:, None] * np.cos(np.pi * z / width)[None] ** 2 * relief
    radius = np.concatenate([inner + thick + shape, np.full((nu, nv), inner)], axis=1)
    height = np.broadcast_to(np.concatenate([z, z[::-1]]), radius.shape)
    return loop_of_loops(np.stack([radius * np.cos(u)[:, None], radius * np.sin(u)[:, None], height], axis=-1))


def ball(radius: float = 3.0, rings: int = 16, around: int = 24, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    """A sphere of latitudes and longitudes with two poles."""
    t = np.arange(1, rings) / rings * np.pi
    p = np.arange(around) / around * 2 * np.pi
    rows = np.stack(
        [np.outer(np.sin(t), np.cos(p)), np.outer(np.sin(t), np.sin(p)), np.outer(np.cos(t), np.ones(around))], axis=-1
    )
    vertices = np.concatenate([rows.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]]) * radius + at
    i, j = np.meshgrid(np.arange(rings - 2), np.arange(around), indexing="ij")
    a, b = i * around + j, i * around + (j + 1) % around
    c, d = a + around, b + around
    sides = np.stack([a, c, d, a, d, b], axis=-1).reshape(-1, 3)
    k, last = np.arange(around), (rings - 2) * around
    top = np.stack([np.full(around, len(vertices) - 2), k, (k + 1) % around], axis=1)
    low = np.stack([np.full(around, len(vertices) - 1), last + (k + 1) % around, last + k], axis=1)
    return Mesh(vertices, np.concatenate([sides, top, low]).astype(np.int32))


def reduced(mesh: Mesh, tolerance: float) -> Mesh:
    """The mesh as it is reduced for print."""
    return from_solid(to_solid(mesh).simplify(tolerance))
