"""A triangle mesh into Blender by short steps: all that can be worked out beforehand is, in a thread, edges included.

``convert.mesh_to_blender`` is one call and as quick in all, but holds Blender for its whole length.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import bpy
import numpy as np

from ..core.mesh.arrays import Mesh, face_normals
from .convert import SHARP, add_values


@dataclass(frozen=True, eq=False)
class Arrays:
    """A mesh as Blender stores it; lengths in scene units."""

    points: np.ndarray  # (n * 3,) float32
    corners: np.ndarray  # (m * 3,) int32: vertex of each corner
    starts: np.ndarray  # (m,) int32: first corner of each face
    edges: np.ndarray  # (e * 2,) int32
    corner_edges: np.ndarray  # (m * 3,) int32: edge that begins at each corner
    sharp: np.ndarray  # (e,) bool
    values: dict[str, np.ndarray] = field(default_factory=dict)  # point attributes


def arrays_of(mesh: Mesh, scale: float = 1.0, **values: np.ndarray) -> Arrays:
    """What ``steps`` needs of a mesh in mm, ``scale`` scene units per mm, with point attributes; touches no bpy."""
    n, faces = len(mesh.vertices), mesh.faces.astype(np.int32, copy=False)
    begin = faces.ravel()
    low, high = np.minimum(begin, np.roll(faces, -1, 1).ravel()), np.maximum(begin, np.roll(faces, -1, 1).ravel())
    keys, corner_edges = np.unique(low.astype(np.int64) * n + high, return_inverse=True)
    if mesh.relief is not None:
        values = {"relief": mesh.relief, **values}
    return Arrays(
        points=np.ascontiguousarray(mesh.vertices * scale, np.float32).ravel(), corners=np.ascontiguousarray(begin),
        starts=np.arange(0, len(begin), 3, dtype=np.int32), edges=np.stack([keys // max(n, 1), keys % max(n, 1)], axis=1).astype(np.int32).ravel(),
        corner_edges=corner_edges.astype(np.int32).ravel(), sharp=_sharp(mesh, corner_edges.ravel(), len(keys)), values=values,
    )  # fmt: skip


def _sharp(mesh: Mesh, corner_edges: np.ndarray, count: int) -> np.ndarray:
    """(e,) bool: edges of two faces that meet at more than SHARP; edges of one face, or of three, stay as they are."""
    normals = face_normals(mesh.vertices.astype(np.float64), mesh.faces)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    total = np.zeros((count, 3))
    for axis in range(3):
        total[:, axis] = np.bincount(corner_edges, np.repeat(normals[:, axis], 3), count)
    # of two unit vectors: |a + b|^2 = 2 + 2 cos
    return (np.bincount(corner_edges, minlength=count) == 2) & ((total**2).sum(axis=1) / 2.0 - 1.0 < np.cos(SHARP))


def steps(arrays: Arrays, name: str) -> Generator[None, None, bpy.types.Mesh]:
    """A new mesh: ``data = yield from steps(...)``."""
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(arrays.points) // 3)
    data.edges.add(len(arrays.edges) // 2)
    yield
    data.loops.add(len(arrays.corners))
    yield
    data.polygons.add(len(arrays.starts))
    if len(arrays.starts):
        data.attributes["position"].data.foreach_set("vector", arrays.points)
        yield
        for layer, values in ((".corner_vert", arrays.corners), (".edge_verts", arrays.edges), (".corner_edge", arrays.corner_edges)):
            data.attributes[layer].data.foreach_set("value", values)
            yield
        data.polygons.foreach_set("loop_start", arrays.starts)
        yield
        if arrays.sharp.any():
            data.attributes.new("sharp_edge", "BOOLEAN", "EDGE").data.foreach_set("value", arrays.sharp)
            yield
    for key, values in arrays.values.items():
        add_values(data, key, values)
        yield
    data.update()
    yield
    return data
