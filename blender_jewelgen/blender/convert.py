"""Meshes into Blender and back, through attributes: memory speed, where ``mesh.vertices`` is a hundred times slower."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ..core.mesh.arrays import Mesh

# Two triangles that meet at more than this keep a hard edge; a smaller angle breaks the walls of fine relief into facets.
SHARP = math.radians(60.0)


def mesh_to_blender(mesh: Mesh, name: str, scale: float = 1.0) -> bpy.types.Mesh:
    """A Blender mesh of the triangles, smooth with hard edges; ``scale`` is Blender units per mm.

    The height of the ornament goes along as the point attribute "relief".
    """
    count = len(mesh.faces)
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(mesh.vertices))
    data.loops.add(count * 3)
    data.polygons.add(count)
    if count:
        points = mesh.vertices if scale == 1.0 else mesh.vertices * scale
        data.attributes["position"].data.foreach_set("vector", _flat(points, np.float32))
        data.attributes[".corner_vert"].data.foreach_set("value", _flat(mesh.faces, np.int32))
        data.polygons.foreach_set("loop_start", np.arange(0, count * 3, 3, dtype=np.int32))
    if mesh.relief is not None:
        add_values(data, "relief", mesh.relief)
    data.update(calc_edges=True)
    data.shade_smooth()
    data.set_sharp_from_angle(angle=SHARP)
    return data


def mesh_from_blender(data: bpy.types.Mesh, scale: float = 1.0) -> Mesh:
    """The triangles of a Blender mesh in mm; larger faces are cut as Blender draws them. ``scale`` as above."""
    points = np.empty(len(data.vertices) * 3, np.float32)
    if len(points):
        data.attributes["position"].data.foreach_get("vector", points)
    if len(data.loops) == 3 * len(data.polygons):
        faces = np.empty(len(data.loops), np.int32)
        if len(faces):
            data.attributes[".corner_vert"].data.foreach_get("value", faces)
    else:
        data.calc_loop_triangles()
        faces = np.empty(len(data.loop_triangles) * 3, np.int32)
        data.loop_triangles.foreach_get("vertices", faces)
    vertices = points.reshape(-1, 3)
    return Mesh(vertices if scale == 1.0 else vertices / np.float32(scale), faces.reshape(-1, 3), read_values(data, "relief"))


def add_values(data: bpy.types.Mesh, name: str, values: np.ndarray) -> None:
    """Store (n,) floats, one a vertex, as the point attribute ``name``."""
    layer = data.attributes.new(name, "FLOAT", "POINT")
    layer.data.foreach_set("value", _flat(values, np.float32))


def read_values(data: bpy.types.Mesh, name: str) -> np.ndarray | None:
    """(n,) float32 of the point attribute ``name``, or None if the mesh has none of that kind."""
    layer = data.attributes.get(name)
    if layer is None or layer.domain != "POINT" or layer.data_type != "FLOAT":
        return None
    values = np.empty(len(data.vertices), np.float32)
    layer.data.foreach_get("value", values)
    return values


def normals(data: bpy.types.Mesh) -> np.ndarray:
    """(n, 3) float32 unit normals at the vertices."""
    values = np.empty(len(data.vertices) * 3, np.float32)
    data.vertex_normals.foreach_get("vector", values)
    return values.reshape(-1, 3)


def _flat(values: np.ndarray, dtype: type) -> np.ndarray:
    return np.ascontiguousarray(values, dtype).ravel()
