"""Meshes into Blender and back, through attributes: memory speed, where ``mesh.vertices`` is a hundred times slower."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np

from ..core.mesh.arrays import Mesh

# Two triangles that meet at more than this keep a hard edge; a smaller angle breaks the walls of fine relief into facets.
SHARP = math.radians(60.0)
_KINDS = {2: "FLOAT2", 3: "FLOAT_VECTOR"}


def mesh_to_blender(mesh: Mesh, name: str, scale: float = 1.0) -> bpy.types.Mesh:
    """A Blender mesh of the triangles, smooth with hard edges; ``scale`` is Blender units per mm.

    The height of the ornament goes along as the point attribute "relief", texture coordinates as a UV map.
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
    if mesh.uv is not None and count:
        add_uv(data, mesh.uv)
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
    relief = read_values(data, "relief")
    if relief is not None and relief.ndim > 1:
        relief = None  # an attribute of that name that is not ours
    return Mesh(vertices if scale == 1.0 else vertices / np.float32(scale), faces.reshape(-1, 3), relief)


def add_values(data: bpy.types.Mesh, name: str, values: np.ndarray) -> None:
    """Store (n,) floats, one a vertex, as the point attribute ``name``; (n, 2) becomes FLOAT2, (n, 3) FLOAT_VECTOR.

    An attribute of that name gives way.
    """
    kind = "FLOAT" if values.ndim == 1 else _KINDS[values.shape[1]]
    held = data.attributes.get(name)
    if held is not None and (held.data_type, held.domain) != (kind, "POINT"):
        data.attributes.remove(held)
        held = None
    layer = held or data.attributes.new(name, kind, "POINT")
    layer.data.foreach_set("value" if kind == "FLOAT" else "vector", _flat(values, np.float32))


def add_uv(data: bpy.types.Mesh, uv: np.ndarray, name: str = "UVMap") -> None:
    """Store (m, 3, 2) texture coordinates of the corners of triangles as a UV map."""
    layer = data.uv_layers.new(name=name, do_init=False)
    layer.uv.foreach_set("vector", _flat(uv, np.float32))


def read_values(data: bpy.types.Mesh, name: str) -> np.ndarray | None:
    """(n,), (n, 2) or (n, 3) float32 of the point attribute ``name``, or None if the mesh has none of those kinds."""
    layer = data.attributes.get(name)
    width = {"FLOAT": 1, "FLOAT2": 2, "FLOAT_VECTOR": 3}.get(layer.data_type) if layer is not None and layer.domain == "POINT" else None
    if width is None:
        return None
    values = np.empty(len(data.vertices) * width, np.float32)
    layer.data.foreach_get("value" if width == 1 else "vector", values)
    return values if width == 1 else values.reshape(-1, width)


def load_mesh(path: Path) -> Mesh:
    """The mesh in an .npz of the worker: vertices mm, faces, and uv and relief where they are."""
    with np.load(path, allow_pickle=False) as file:
        extra = {name: file[name] for name in ("relief", "uv", "mask") if name in file.files}
        return Mesh(file["vertices"], file["faces"], **extra)


def save_mesh(path: Path, mesh: Mesh) -> None:
    """The same, for the worker to read."""
    extra = {name: value for name in ("relief", "uv", "mask") if (value := getattr(mesh, name)) is not None}
    np.savez(path, vertices=mesh.vertices, faces=mesh.faces, **extra)


def normals(data: bpy.types.Mesh) -> np.ndarray:
    """(n, 3) float32 unit normals at the vertices."""
    values = np.empty(len(data.vertices) * 3, np.float32)
    data.vertex_normals.foreach_get("vector", values)
    return values.reshape(-1, 3)


def _flat(values: np.ndarray, dtype: type) -> np.ndarray:
    return np.ascontiguousarray(values, dtype).ravel()
