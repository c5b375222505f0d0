"""Bodies, pictures and readings for tests of the live relief; every length in mm unless a unit is given."""

from __future__ import annotations

import numpy as np

from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.mesh.arrays import Mesh


def picture(rows=96, columns=512, edges_meet=True, seed=3):
    """(rows, columns) float32 in [0, 1] in steps of 1 / 65535, its ends joined; ``edges_meet``: the upper and lower edge too."""
    image = blur(np.random.default_rng(seed).random((rows, columns)).astype(np.float32), 4.0, True, edges_meet)
    image = (image - image.min()) / np.ptp(image)
    if not edges_meet:
        image = np.clip(0.7 * image + np.linspace(0.3, 0.0, rows, dtype=np.float32)[:, None], 0.0, 1.0)
    return (np.round(image * 65535) / 65535).astype(np.float32)


def sheet_of(points, closed_rows=True):
    """Triangles over a grid (n, m, 3) whose columns join, wound outward."""
    n, m = points.shape[:2]
    index = np.arange(n * m).reshape(n, m)
    a = index if closed_rows else index[:-1]
    b = np.roll(index, -1, 0) if closed_rows else index[1:]
    c, d = np.roll(b, -1, 1), np.roll(a, -1, 1)
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    mesh = Mesh(points.reshape(-1, 3).astype(np.float32), faces.astype(np.int32))
    return mesh if mesh.volume > 0 else Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def ring(n=240, m=72):
    """A ring of oval section that lies askew in space, away from the origin."""
    a, b = np.meshgrid(np.arange(n) / n * 2 * np.pi, np.arange(m) / m * 2 * np.pi, indexing="ij")
    far = 9.0 + 1.6 * np.cos(b)
    points = np.stack([far * np.cos(a), far * np.sin(a), 2.6 * np.sin(b)], -1)
    return Mesh((sheet_of(points).vertices @ turn().T + (3.0, -2.0, 5.0)).astype(np.float32), sheet_of(points).faces)


def turn():
    """(3, 3) a rotation that no axis of the world survives."""
    a, b = 0.7, -0.4
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return z @ x


def ball(radius=6.0, n=160, m=90):
    """A ball, open by a pinhole at its poles."""
    v, u = np.meshgrid(np.linspace(np.pi - 0.02, 0.02, m), np.arange(n) / n * 2 * np.pi, indexing="ij")
    return sheet_of(radius * np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v)], -1), closed_rows=False)


def rod(n=120, m=160):
    """A round rod, thicker in the middle."""
    z, u = np.meshgrid(np.linspace(-9.0, 9.0, m), np.arange(n) / n * 2 * np.pi, indexing="ij")
    far = 2.5 + np.cos(z / 6.0)
    return sheet_of(np.stack([far * np.cos(u), far * np.sin(u), z], -1), closed_rows=False)


def disc(n=70, m=180):
    """A flat disc with rounded rim, standing upright."""
    s, u = np.meshgrid(np.linspace(-1.0, 1.0, n), np.arange(m) / m * 2 * np.pi, indexing="ij")
    far, z = 8.0 * (1.0 - np.abs(s) ** 8), 0.8 * np.sign(s) * np.abs(s) ** 0.3
    far[0], far[-1] = 0.02, 0.02
    points = np.stack([far * np.cos(u), far * np.sin(u) * 0.8, z], -1)
    flat = sheet_of(points, closed_rows=False)
    return Mesh((flat.vertices @ turn().T).astype(np.float32), flat.faces)


def object_of(bpy, mesh, unit=1.0, name="Body"):
    """An object of the mesh in the scene, its vertices in scene units."""
    from blender_jewelgen.blender import convert

    data = convert.mesh_to_blender(Mesh(mesh.vertices, mesh.faces), name, unit)
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def evaluated(bpy, ob):
    """The object's mesh under its modifiers."""
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data


def positions(bpy, ob, unit=1.0):
    """(n, 3) float64 mm."""
    data = evaluated(bpy, ob)
    flat = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", flat)
    return flat.reshape(-1, 3) / unit


def values(bpy, ob, name):
    """(n,) or (n, 2) of an attribute under the modifiers."""
    layer = evaluated(bpy, ob).attributes[name]
    width, field = {"FLOAT": (1, "value"), "FLOAT2": (2, "vector"), "FLOAT_COLOR": (4, "color")}[layer.data_type]
    flat = np.empty(len(layer.data) * width, np.float32)
    layer.data.foreach_get(field, flat)
    return flat if width == 1 else flat.reshape(-1, width)


def add(ob, name, kind, rows):
    """Store (n,) or (n, k) values as a point attribute."""
    layer = ob.data.attributes.new(name, kind, "POINT")
    layer.data.foreach_set("value" if kind == "FLOAT" else "vector", np.ascontiguousarray(rows, np.float32).ravel())
