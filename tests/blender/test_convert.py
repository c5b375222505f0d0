"""Meshes into Blender and back. Each check runs in a process of its own, for bpy can hang when a process ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")

ROOT = Path(__file__).parents[2]
START = """
import os, sys, traceback
import bpy
import numpy as np
from blender_jewelgen.blender import convert
from blender_jewelgen.core.mesh.arrays import Mesh

def ball(columns, rows):
    u = np.arange(columns) / columns * 2 * np.pi
    v = np.linspace(0.1, np.pi - 0.1, rows)[:, None]
    points = np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v) + 0 * u], -1).reshape(-1, 3)
    at = np.arange(columns * rows).reshape(rows, columns)
    a, b, c, d = at[:-1], at[1:], np.roll(at, -1, 1)[1:], np.roll(at, -1, 1)[:-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    relief = np.random.default_rng(0).random(len(points), dtype=np.float32)
    return Mesh(points.astype(np.float32), faces.astype(np.int32), relief)

def run():
"""
END = """
try:
    run()
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
os._exit(0)
"""


def in_blender(body: str) -> None:
    """Run the lines in a fresh bpy; an exception there fails the test with its traceback."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    done = subprocess.run(
        [sys.executable, "-c", START + lines + END], cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_mesh_comes_back_from_blender_bit_for_bit():
    in_blender("""
mesh = ball(60, 40)
back = convert.mesh_from_blender(convert.mesh_to_blender(mesh, "Ball"))
assert back.vertices.dtype == np.float32 and np.array_equal(back.vertices, mesh.vertices)
assert back.faces.dtype == np.int32 and np.array_equal(back.faces, mesh.faces)
assert np.array_equal(back.relief, mesh.relief)
""")


def test_a_mesh_without_relief_and_an_empty_one_come_back_so():
    in_blender("""
mesh = ball(12, 8)
assert convert.mesh_from_blender(convert.mesh_to_blender(Mesh(mesh.vertices, mesh.faces), "Bare")).relief is None
none = convert.mesh_from_blender(convert.mesh_to_blender(Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)), "None"))
assert none.vertices.shape == (0, 3) and none.faces.shape == (0, 3)
""")


def test_scale_turns_millimetres_into_scene_units_and_back():
    in_blender("""
mesh = ball(60, 40)
data = convert.mesh_to_blender(mesh, "Ball", 0.001)
np.testing.assert_allclose(data.vertices[7].co, mesh.vertices[7] * 0.001, rtol=1e-6)
np.testing.assert_allclose(convert.mesh_from_blender(data, 0.001).vertices, mesh.vertices, atol=1e-6)
""")


def test_faces_with_four_corners_come_back_as_triangles_of_the_same_volume():
    in_blender("""
data = bpy.data.meshes.new("Cube")
corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
data.from_pydata(corners, [], [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
back = convert.mesh_from_blender(data)
assert back.faces.shape == (12, 3)
assert abs(back.volume - 1.0) < 1e-6, back.volume
""")


def test_edges_are_hard_on_a_cube_and_smooth_on_a_ball():
    in_blender("""
corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
squares = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
faces = np.array([t for a, b, c, d in squares for t in ((a, b, c), (a, c, d))], np.int32)
cube = convert.mesh_to_blender(Mesh(corners, faces), "Cube")
assert sum(edge.use_edge_sharp for edge in cube.edges) == 12
smooth = convert.mesh_to_blender(ball(60, 40), "Ball")
assert not any(edge.use_edge_sharp for edge in smooth.edges)
assert not any(face.use_smooth is False for face in smooth.polygons)
""")


def test_attributes_of_one_two_and_three_numbers_come_back_and_give_way_to_new_ones():
    in_blender("""
data = convert.mesh_to_blender(ball(12, 8), "Ball")
rng = np.random.default_rng(1)
for values in (rng.random(96), rng.random((96, 2)), rng.random((96, 3))):
    values = values.astype(np.float32)
    convert.add_values(data, "x", values)
    assert np.array_equal(convert.read_values(data, "x"), values)
assert [a.name for a in data.attributes].count("x") == 1
""")


def test_texture_coordinates_lie_at_the_corners_they_belong_to():
    in_blender("""
mesh = ball(12, 8)
uv = np.random.default_rng(2).random((len(mesh.faces), 3, 2)).astype(np.float32)
data = convert.mesh_to_blender(Mesh(mesh.vertices, mesh.faces, uv=uv), "Ball")
layer = data.uv_layers.active
for face, places in zip(data.polygons, uv):
    for loop, place, corner in zip(face.loop_indices, places, mesh.faces[face.index]):
        assert data.loops[loop].vertex_index == corner and tuple(layer.uv[loop].vector) == tuple(place)
""")


def test_the_worker_reads_what_was_saved_and_the_other_way_round():
    in_blender("""
import tempfile
from pathlib import Path
from blender_jewelgen.worker import store
mesh = ball(12, 8)
uv = np.random.default_rng(2).random((len(mesh.faces), 3, 2)).astype(np.float32)
mesh = Mesh(mesh.vertices, mesh.faces, mesh.relief, uv)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "mesh.npz"
    for save, load in ((convert.save_mesh, store.read_mesh), (store.write_mesh, convert.load_mesh)):
        save(path, mesh)
        back = load(path)
        for name in ("vertices", "faces", "relief", "uv"):
            assert np.array_equal(getattr(back, name), getattr(mesh, name)), name
""")
