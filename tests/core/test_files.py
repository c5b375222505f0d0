"""Files written and read back by trimesh and by hand: closed, of the same size, complete or not there."""

from __future__ import annotations

import json
import struct
import xml.etree.ElementTree as ET
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_shapes import band, box, reduced, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh import files, normals
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.digits import lines
from blender_jewelgen.core.mesh.files import Look, write_3mf, write_glb, write_stl
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.mesh.read import read_mesh
from blender_jewelgen.core.mesh.solids import to_solid

DENSE = band(500, 40, relief=0.35)
WRITERS = {"stl": write_stl, "3mf": write_3mf, "glb": write_glb}
XML = {"m": "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"}


def parsed_glb(path):
    raw = path.read_bytes()
    magic, version, total = struct.unpack_from("<4sII", raw)
    length = struct.unpack_from("<I", raw, 12)[0]
    assert (magic, version, total) == (b"glTF", 2, len(raw))
    assert raw[16:20] == b"JSON"
    assert raw[24 + length : 28 + length] == b"BIN\0"
    return json.loads(raw[20 : 20 + length]), raw[28 + length :]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", WRITERS)
def test_a_dense_relief_band_is_read_back_closed_and_of_the_same_size(kind, dtype, tmp_path):
    mesh = Mesh(DENSE.vertices.astype(dtype), DENSE.faces)
    WRITERS[kind](tmp_path / f"piece.{kind}", mesh)
    back, facts = read_mesh(tmp_path / f"piece.{kind}")
    assert facts.edges.sound
    assert facts.notes == ()
    assert len(back.faces) == len(mesh.faces)
    np.testing.assert_allclose(back.size, mesh.size, atol=1e-4)  # mm
    np.testing.assert_allclose(back.vertices.max(axis=0), mesh.vertices.max(axis=0), atol=1e-4)
    assert back.volume == pytest.approx(mesh.volume, rel=1e-6)


@pytest.mark.parametrize(("kind", "unit"), [("stl", 1.0), ("glb", 1000.0)])
def test_trimesh_reads_it_closed_outward_and_of_the_same_size(kind, unit, tmp_path):
    import trimesh

    WRITERS[kind](tmp_path / f"piece.{kind}", DENSE)
    judge = trimesh.load_scene(tmp_path / f"piece.{kind}").to_mesh()
    judge.merge_vertices(merge_norm=True)
    assert judge.is_watertight
    assert judge.is_winding_consistent
    assert judge.volume * unit**3 == pytest.approx(DENSE.volume, rel=1e-5)
    np.testing.assert_allclose(sorted(judge.extents * unit), sorted(DENSE.size), atol=1e-4)


def test_vertices_that_float32_makes_one_leave_a_closed_stl(tmp_path):
    mesh = torus(400, 60)
    vertices = mesh.vertices.copy()
    vertices[5 * 60 + 7] = vertices[5 * 60 + 8] + 1e-9  # mm, far below what float32 tells apart
    write_stl(tmp_path / "a.stl", Mesh(vertices, mesh.faces))
    back, facts = read_mesh(tmp_path / "a.stl")
    assert facts.edges.sound
    assert len(back.faces) == len(mesh.faces) - 2


def test_stl_holds_unit_normals_and_its_count(tmp_path):
    write_stl(tmp_path / "a.stl", box())
    raw = (tmp_path / "a.stl").read_bytes()
    assert len(raw) == 84 + 50 * 12
    assert struct.unpack_from("<I", raw, 80) == (12,)
    assert not raw.startswith(b"solid")  # some readers would take it for text
    normal = np.frombuffer(raw[84:], np.dtype([("n", "<3f4"), ("v", "<9f4"), ("a", "<u2")]))["n"]
    np.testing.assert_allclose(np.abs(normal).max(axis=1), 1.0)


def test_3mf_is_a_package_in_millimetres_with_its_names(tmp_path):
    write_3mf(tmp_path / "a.3mf", box(), title="莲纹 <ring> & \x07co")
    with zipfile.ZipFile(tmp_path / "a.3mf") as package:
        assert package.namelist()[0] == "[Content_Types].xml"
        types = ET.fromstring(package.read("[Content_Types].xml"))
        assert {row.get("Extension") for row in types} == {"rels", "model"}
        target = ET.fromstring(package.read("_rels/.rels"))[0].get("Target")
        model = ET.fromstring(package.read(target.lstrip("/")))
    assert model.get("unit") == "millimeter"
    names = {row.get("name"): row.text for row in model.findall("m:metadata", XML)}
    assert names == {"Title": "莲纹 <ring> & co", "Application": "JewelGen"}
    vertices = [[float(v.get(a)) for a in "xyz"] for v in model.iterfind(".//m:vertex", XML)]
    np.testing.assert_allclose(vertices, box().vertices, atol=1e-7)
    faces = [[int(t.get(a)) for a in ("v1", "v2", "v3")] for t in model.iterfind(".//m:triangle", XML)]
    np.testing.assert_array_equal(faces, box().faces)
    assert model.find("m:build/m:item", XML).get("objectid") == model.find("m:resources/m:object", XML).get("id")


def test_glb_keeps_millimetres_and_its_node_turns_and_scales_to_metres(tmp_path):
    look = Look((0.9, 0.6, 0.5), 0.35, name="rose")
    write_glb(tmp_path / "a.glb", box(), look, title="piece")
    scene, binary = parsed_glb(tmp_path / "a.glb")
    assert scene["asset"] == {"version": "2.0", "generator": "JewelGen"}
    node = scene["nodes"][0]
    assert node["scale"] == [0.001] * 3
    x, _, _, w = node["rotation"]
    up = np.array([0.0, 2 * -x * w, 1 - 2 * x * x])  # where the quaternion takes z
    np.testing.assert_allclose(up, [0, 1, 0], atol=1e-12)
    metal = scene["materials"][0]["pbrMetallicRoughness"]
    assert metal == {"baseColorFactor": [0.9, 0.6, 0.5, 1.0], "metallicFactor": 1.0, "roughnessFactor": 0.35}
    positions, _, indices = scene["accessors"]
    assert (positions["min"], positions["max"]) == ([-5, -4, -3], [5, 4, 3])  # mm
    assert (indices["componentType"], indices["count"]) == (5125, 36)
    assert len(binary) == scene["buffers"][0]["byteLength"] == 8 * 12 * 2 + 36 * 4
    np.testing.assert_array_equal(np.frombuffer(binary[:96], "<f4").reshape(-1, 3), box().vertices)


@pytest.mark.parametrize("shuffled", [False, True])
def test_vertex_normals_are_the_area_weighted_sum_of_the_faces(shuffled, monkeypatch):
    monkeypatch.setattr(normals, "CHUNK", 256)  # so that the small mesh is done in many pieces, or at once if shuffled
    mesh = torus(bump=0.3)
    if shuffled:
        mesh = Mesh(mesh.vertices, np.random.default_rng(0).permutation(mesh.faces))
    corners = mesh.vertices[mesh.faces]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(mesh.vertices)
    for k in range(3):
        np.add.at(total, mesh.faces[:, k], face)
    np.testing.assert_allclose(vertex_normals(mesh.vertices, mesh.faces), total / np.linalg.norm(total, axis=1)[:, None], atol=2e-6)


def test_normals_are_of_unit_length_even_where_nothing_meets():
    lone = Mesh(np.zeros((4, 3)), np.array([[0, 1, 2]], np.int32))
    np.testing.assert_allclose(np.linalg.norm(vertex_normals(lone.vertices, lone.faces), axis=1), 1.0)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-1e5, 1e5)] * 3), min_size=1, max_size=30))
def test_numbers_are_written_as_python_writes_them(rows):
    numbers = np.array(rows)
    text = b"".join(lines((b"<", b",", b",", b">\n"), numbers, 7)).decode()
    for line, row in zip(text.splitlines(), numbers, strict=True):
        for word, number in zip(line.strip("<>").split(","), row, strict=True):
            assert abs(float(word) - number) <= 0.5e-7 + abs(number) * 1e-15
            assert word == f"{round(number * 1e7) / 1e7:.7f}" or abs(number) * 1e7 > 2**52 or float(word) == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 2**31 - 1)] * 3), min_size=0, max_size=30))
def test_whole_numbers_are_written_without_leading_zeros(rows):
    text = b"".join(lines((b"", b" ", b" ", b"\n"), np.array(rows, np.int64).reshape(-1, 3), 0)).decode()
    assert text == "".join(f"{a} {b} {c}\n" for a, b, c in rows)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_failed_write_leaves_the_old_file_and_no_part(kind, tmp_path, monkeypatch):
    path = tmp_path / f"piece.{kind}"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(BadInput, match=f"piece.{kind} could not be written: No space left on device"):
        WRITERS[kind](path, box())
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_missing_folder_is_said_in_one_sentence(kind, tmp_path):
    with pytest.raises(BadInput, match="could not be written"):
        WRITERS[kind](tmp_path / "nowhere" / f"piece.{kind}", box())


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_mesh_gives_the_same_geometry_bytes(kind, tmp_path):
    for name in ("a", "b"):
        WRITERS[kind](tmp_path / f"{name}.{kind}", torus())
    a, b = ((tmp_path / f"{name}.{kind}") for name in ("a", "b"))
    if kind == "3mf":
        a, b = (zipfile.ZipFile(p).read("3D/3dmodel.model") for p in (a, b))
        assert a == b
    else:
        assert a.read_bytes() == b.read_bytes()


def test_blender_is_not_needed_to_close_what_was_decimated(tmp_path):
    light = reduced(DENSE, 0.01)
    assert len(light.faces) < len(DENSE.faces) / 1.5
    assert edges(light.faces, len(light.vertices)).sound
    assert light.volume == pytest.approx(DENSE.volume, rel=0.01)
    write_3mf(tmp_path / "a.3mf", light)
    assert read_mesh(tmp_path / "a.3mf")[1].edges.sound


def test_a_solid_is_not_made_of_an_open_mesh():
    with pytest.raises(BadInput, match="not a closed solid"):
        to_solid(Mesh(box().vertices, box().faces[1:]))


def test_decimation_stays_within_one_and_a_half_times_its_tolerance():
    from blender_jewelgen.core.mesh.tree import Tree

    light = reduced(torus(300, 100), 0.02)
    tree = Tree(light.vertices, light.faces)
    u, v = np.meshgrid(np.arange(300) / 300 * 2 * np.pi, np.arange(100) / 100 * 2 * np.pi, indexing="ij")
    core = np.stack([10 * np.cos(u), 10 * np.sin(u), 0 * u], axis=-1).reshape(-1, 3)
    out = np.stack([np.cos(v) * np.cos(u), np.cos(v) * np.sin(u), np.sin(v)], axis=-1).reshape(-1, 3)
    distance, _ = tree.rays(core, out)
    assert np.abs(distance - 2.0).max() < 0.03  # mm: the bound of manifold3d is overrun by up to a half


def test_the_same_piece_gives_the_same_package(tmp_path, monkeypatch):
    write_3mf(tmp_path / "a.3mf", DENSE, "one")
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 1, 2, 3, 4, 5, 0, 2, 0))
    write_3mf(tmp_path / "b.3mf", DENSE, "one")
    assert (tmp_path / "a.3mf").read_bytes() == (tmp_path / "b.3mf").read_bytes()
