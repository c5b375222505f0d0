"""Meshes that others made: read, mended, or refused in one sentence."""

from __future__ import annotations

import json
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh import read
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.files import write_3mf, write_glb, write_stl
from blender_jewelgen.core.mesh.read import merged, read_mesh

RING = band(90, 8)


def export(path, mesh: Mesh) -> None:
    """Write with trimesh, a foreign writer."""
    import trimesh

    trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).export(path)


def obj(path, mesh: Mesh) -> None:
    rows = [f"v {x!r} {y!r} {z!r}\n" for x, y, z in mesh.vertices.tolist()] + [
        "f {} {} {}\n".format(*(f + 1)) for f in mesh.faces
    ]
    path.write_text("mtllib ../../secret.mtl\n" + "".join(rows), encoding="utf-8")


def glb(path, scene: dict, binary: bytes = b"") -> None:
    head = json.dumps(scene).encode()
    head += b" " * (-len(head) % 4)
    body = struct.pack("<I4s", len(head), b"JSON") + head + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)


def package(path, model: str) -> None:
    relation = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(
            "_rels/.rels", f'<Relationships><Relationship Id="r" Target="/3D/m.model" Type="{relation}"/></Relationships>'
        )
        out.writestr("3D/m.model", model)


def model(mesh: Mesh, unit: str = ' unit="millimeter"', build: str = '<item objectid="1"/>', more: str = "") -> str:
    vertices = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in mesh.vertices.tolist())
    faces = "".join('<triangle v1="{}" v2="{}" v3="{}"/>'.format(*f) for f in mesh.faces)
    shape = f'<object id="1"><mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh></object>{more}'
    return f"<model{unit}><resources>{shape}</resources><build>{build}</build></model>"


@pytest.mark.parametrize("kind", ["stl", "obj", "ply", "glb"])
def test_a_foreign_writers_ring_is_read_closed_and_of_its_size(kind, tmp_path):
    path = tmp_path / f"ring.{kind}"
    obj(path, RING) if kind == "obj" else export(path, RING)
    mesh, facts = read_mesh(path)
    assert facts.edges.sound
    assert (facts.bodies, facts.scale, facts.notes) == (1, 1.0, ())
    assert len(mesh.vertices) == len(RING.vertices)
    assert mesh.faces.dtype == np.int32
    assert mesh.volume == pytest.approx(RING.volume, rel=1e-5)


def test_glb_of_the_program_comes_back_in_millimetres_with_z_up(tmp_path):
    mesh = Mesh(RING.vertices + (1.0, 2.0, 3.0), RING.faces)
    write_glb(tmp_path / "a.glb", mesh)
    back, facts = read_mesh(tmp_path / "a.glb")
    assert facts.scale == 1000.0
    np.testing.assert_allclose(back.vertices.min(axis=0), mesh.vertices.min(axis=0), atol=1e-5)
    np.testing.assert_allclose(back.vertices.max(axis=0), mesh.vertices.max(axis=0), atol=1e-5)


def test_foreign_glb_is_turned_from_y_up_to_z_up(tmp_path):
    export(tmp_path / "a.glb", box(10, 20, 30))
    np.testing.assert_allclose(read_mesh(tmp_path / "a.glb")[0].size, [10, 30, 20], atol=1e-5)


def test_text_stl_is_read_too(tmp_path):
    import trimesh

    text = trimesh.Trimesh(RING.vertices, RING.faces, process=False).export(file_type="stl_ascii")
    (tmp_path / "a.stl").write_text(text)
    assert read_mesh(tmp_path / "a.stl")[1].edges.sound


@pytest.mark.parametrize("name", ["my ring.stl", "bague à l'émeraude.STL", "缠枝莲戒指.stl", "a#b%20c.stl"])
def test_any_file_name_will_do(name, tmp_path):
    folder = tmp_path / "ein Ördner 文件夹"
    folder.mkdir()
    write_stl(folder / name, RING)
    assert read_mesh(folder / name)[1].name == name
    assert read_mesh(str(folder / name))[1].bodies == 1


@pytest.mark.parametrize("kind", ["stl", "obj", "ply", "glb", "gltf", "3mf"])
def test_an_empty_file_is_refused(kind, tmp_path):
    (tmp_path / f"a.{kind}").write_bytes(b"")
    with pytest.raises(BadInput, match=rf"^a\.{kind} is empty$"):
        read_mesh(tmp_path / f"a.{kind}")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("kind", ["stl", "ply", "glb", "3mf"])
def test_a_file_cut_short_is_refused(kind, share, tmp_path):
    path = tmp_path / f"a.{kind}"
    {"stl": write_stl, "3mf": write_3mf, "glb": write_glb, "ply": export}[kind](path, RING)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(BadInput, match="is damaged or cut short") as caught:
        read_mesh(path)
    assert "\n" not in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(read.EXTENSIONS), raw=st.binary(min_size=1, max_size=300), proper=st.booleans(), at=st.integers(0, 3000)
)
def test_any_bytes_are_read_or_refused_but_never_a_crash(kind, raw, proper, at, tmp_path):
    path = tmp_path / f"a.{kind}"
    if proper and kind in ("stl", "glb", "3mf"):  # a good file with a wound
        {"stl": write_stl, "3mf": write_3mf, "glb": write_glb}[kind](path, box())
        good = path.read_bytes()
        raw = good[:at] + raw + good[at + len(raw) :]
    path.write_bytes(raw)
    try:
        mesh, _ = read_mesh(path)
    except BadInput as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(mesh.vertices).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_no_numbers_are_refused(bad, tmp_path):
    mesh = Mesh(RING.vertices.copy(), RING.faces)
    mesh.vertices[3, 1] = bad
    with np.errstate(invalid="ignore"):
        write_stl(tmp_path / "a.stl", mesh)
    with pytest.raises(BadInput, match="not numbers"):
        read_mesh(tmp_path / "a.stl")
    package(tmp_path / "a.3mf", model(mesh))
    with pytest.raises(BadInput, match="not numbers"):
        read_mesh(tmp_path / "a.3mf")


def test_points_without_faces_are_refused(tmp_path):
    import trimesh

    trimesh.PointCloud(RING.vertices).export(tmp_path / "a.ply")
    (tmp_path / "b.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    write_stl(tmp_path / "c.stl", Mesh(RING.vertices, RING.faces[:0]))
    for name in ("a.ply", "b.obj", "c.stl"):
        with pytest.raises(BadInput, match=rf"^{name} (holds no faces|cannot be read)"):
            read_mesh(tmp_path / name)


def test_faces_that_name_missing_vertices_are_refused(tmp_path):
    package(tmp_path / "a.3mf", model(Mesh(box().vertices, box().faces + np.int32(1))))
    with pytest.raises(BadInput, match="damaged"):
        read_mesh(tmp_path / "a.3mf")


def test_several_bodies_are_told(tmp_path):
    write_stl(tmp_path / "a.stl", join([torus(), ball(at=(30, 0, 0)), box(at=(0, 0, 30))]))
    _, facts = read_mesh(tmp_path / "a.stl")
    assert facts.bodies == 3
    assert facts.notes == ("the mesh has 3 separate bodies",)


def test_inside_out_is_mended_and_said(tmp_path):
    write_stl(tmp_path / "a.stl", Mesh(RING.vertices, RING.faces[:, ::-1]))
    mesh, facts = read_mesh(tmp_path / "a.stl")
    assert mesh.volume == pytest.approx(RING.volume, rel=1e-5)
    assert facts.notes == ("the mesh was inside out: all faces turned over",)


def test_only_the_part_that_is_inside_out_is_turned(tmp_path):
    lone = ball(at=(30, 0, 0))
    write_stl(tmp_path / "a.stl", join([RING, Mesh(lone.vertices, lone.faces[:, ::-1])]))
    mesh, facts = read_mesh(tmp_path / "a.stl")
    assert mesh.volume == pytest.approx(RING.volume + lone.volume, rel=1e-5)
    assert "1 inside-out parts turned over" in facts.notes


def test_a_hollow_stays_hollow(tmp_path):
    inner = ball(3.0)
    write_stl(tmp_path / "a.stl", join([ball(6.0), Mesh(inner.vertices, inner.faces[:, ::-1])]))
    assert read_mesh(tmp_path / "a.stl")[0].volume == pytest.approx(ball(6.0).volume - inner.volume, rel=1e-5)


def test_holes_crowded_edges_and_turned_faces_are_told(tmp_path):
    faces = torus().faces.copy()
    faces[9] = faces[9, ::-1]
    fin = len(torus().vertices)
    faces = np.concatenate([faces[1:], [[faces[500, 0], faces[500, 1], fin]]]).astype(np.int32)
    write_stl(tmp_path / "a.stl", Mesh(np.concatenate([torus().vertices, [[0, 0, 20.0]]]), faces))
    notes = " ".join(read_mesh(tmp_path / "a.stl")[1].notes)
    assert "not closed: 5 open edges" in notes
    assert "not manifold: 1 edges" in notes
    assert "disagree which side is outside at 3 edges" in notes


def test_duplicate_and_collapsed_faces_are_removed_and_said(tmp_path):
    faces = np.concatenate([RING.faces, RING.faces[:4], RING.faces[4:6, ::-1], [[1, 1, 2]]]).astype(np.int32)
    package(tmp_path / "a.3mf", model(Mesh(RING.vertices, faces)))
    mesh, facts = read_mesh(tmp_path / "a.3mf")
    assert len(mesh.faces) == len(RING.faces)
    assert facts.edges.sound
    assert facts.notes == ("1 collapsed faces removed", "6 duplicate faces removed")


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (0.001, "looks like metres \\(try --scale 1000\\)"),
        (1 / 25.4, "say --scale 25.4 for inches, --scale 1 for mm"),
        (1000.0, "too large for jewelry"),
    ],
)
@pytest.mark.parametrize("kind", ["stl", "glb", "obj"])
def test_another_unit_is_seen_and_asked_for(kind, factor, words, tmp_path):
    path = tmp_path / f"a.{kind}"
    small = Mesh(RING.vertices * factor, RING.faces)
    obj(path, small) if kind == "obj" else export(path, small)
    with pytest.raises(BadInput, match=words) as caught:
        read_mesh(path)
    assert caught.value.field == "scale"
    mesh, facts = read_mesh(path, scale=1 / factor)
    np.testing.assert_allclose(sorted(mesh.size), sorted(RING.size), rtol=1e-5)
    assert facts.scale == 1 / factor


def test_the_sentence_on_metres_tells_the_size(tmp_path):
    write_stl(tmp_path / "a.stl", box(0.021, 0.021, 0.006))
    with pytest.raises(
        BadInput, match=r"^the mesh a\.stl is 0\.021 x 0\.021 x 0\.006 units in size, it looks like metres \(try --scale 1000\)"
    ):
        read_mesh(tmp_path / "a.stl")


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "2"])
def test_a_senseless_scale_is_refused(scale, tmp_path):
    write_stl(tmp_path / "a.stl", RING)
    with pytest.raises(BadInput, match=r"scale is .*; it must be a number above 0"):
        read_mesh(tmp_path / "a.stl", scale=scale)


@pytest.mark.parametrize(
    ("unit", "mm"), [("micron", 1e-3), ("inch", 25.4), ("meter", 1000.0), ("centimeter", 10.0), ("foot", 304.8)]
)
def test_the_unit_that_3mf_states_is_honoured(unit, mm, tmp_path):
    package(tmp_path / "a.3mf", model(Mesh(RING.vertices / mm, RING.faces), f' unit="{unit}"'))
    np.testing.assert_allclose(read_mesh(tmp_path / "a.3mf")[0].size, RING.size, rtol=1e-9)


def test_3mf_without_a_unit_is_in_millimetres_and_an_unknown_one_is_refused(tmp_path):
    package(tmp_path / "a.3mf", model(RING, ""))
    np.testing.assert_allclose(read_mesh(tmp_path / "a.3mf")[0].size, RING.size)
    package(tmp_path / "a.3mf", model(RING, ' unit="furlong"'))
    with pytest.raises(BadInput, match="damaged"):
        read_mesh(tmp_path / "a.3mf")


def test_3mf_parts_come_to_their_places(tmp_path):
    more = '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 20 0 0"/><component objectid="1"/></components></object>'
    build = '<item objectid="2" transform="-1 0 0 0 1 0 0 0 1 0 0 0"/>'  # mirrored: must not end up inside out
    package(tmp_path / "a.3mf", model(box(), build=build, more=more))
    mesh, facts = read_mesh(tmp_path / "a.3mf")
    assert facts.bodies == 2
    assert facts.notes == ("the mesh has 2 separate bodies",)
    assert mesh.volume == pytest.approx(2 * 480.0)
    np.testing.assert_allclose([mesh.vertices[:, 0].min(), mesh.vertices[:, 0].max()], [-25, 5])


def test_3mf_that_contains_itself_or_declares_entities_is_refused(tmp_path):
    knot = '<object id="2"><components><component objectid="2"/></components></object>'
    package(tmp_path / "a.3mf", model(box(), build='<item objectid="2"/>', more=knot))
    package(tmp_path / "b.3mf", '<!DOCTYPE model [<!ENTITY a "aaaa">]>' + model(box()))
    for name in ("a.3mf", "b.3mf"):
        with pytest.raises(BadInput, match="damaged"):
            read_mesh(tmp_path / name)


def test_a_doubling_tree_of_3mf_parts_ends_at_the_limit(tmp_path):
    twelve = [12 * f'<component objectid="{k - 1}"/>' for k in range(10)]
    more = "".join(f'<object id="{k}"><components>{twelve[k]}</components></object>' for k in range(2, 10))
    package(tmp_path / "a.3mf", model(box(), build='<item objectid="9"/>', more=more))
    with pytest.raises(BadInput, match="5,000,000"):
        read_mesh(tmp_path / "a.3mf")


def test_more_triangles_than_the_limit_are_refused_before_they_are_read(tmp_path):
    count = 5_000_001
    with open(tmp_path / "a.stl", "wb") as out:
        out.write(b" " * 80 + struct.pack("<I", count))
        out.truncate(84 + 50 * count)  # a file with a hole: it takes no room
    (tmp_path / "a.ply").write_text(
        f"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nelement face {count}\nend_header\n"
    )
    accessors = [{"count": count * 3, "componentType": 5125, "type": "SCALAR"}]
    glb(
        tmp_path / "a.glb",
        {"asset": {"version": "2.0"}, "accessors": accessors, "meshes": [{"primitives": [{"attributes": {}, "indices": 0}]}]},
    )
    for name in ("a.stl", "a.ply", "a.glb"):
        with pytest.raises(BadInput, match=rf"^{name} has more triangles than the limit of 5,000,000; decimate it first$"):
            read_mesh(tmp_path / name)


@pytest.mark.parametrize("kind", ["obj", "3mf"])
def test_the_limit_holds_for_files_that_do_not_tell_beforehand(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MAX_TRIANGLES", 100)
    path = tmp_path / f"a.{kind}"
    obj(path, RING) if kind == "obj" else package(path, model(RING))
    with pytest.raises(BadInput, match="limit of 100"):
        read_mesh(path)


def test_files_over_one_gigabyte_are_refused(tmp_path):
    with open(tmp_path / "a.obj", "wb") as out:
        out.truncate((1 << 30) + 1)
    with pytest.raises(BadInput, match="the limit is 1 GB"):
        read_mesh(tmp_path / "a.obj")


@pytest.mark.parametrize("kind", ["glb", "gltf"])
@pytest.mark.parametrize(
    "uri",
    [
        "../secret.bin",
        "a/../../secret.bin",
        "%2e%2e/secret.bin",
        "..\\secret.bin",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://example.org/a.bin",
        "C:\\a.bin",
    ],
)
def test_a_gltf_that_points_outside_its_folder_is_refused(kind, uri, tmp_path):
    scene = {"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4, "uri": uri}], "meshes": []}
    if kind == "glb":
        glb(tmp_path / "a.glb", scene)
    else:
        (tmp_path / "a.gltf").write_text(json.dumps(scene))
    with pytest.raises(BadInput, match="points outside its folder"):
        read_mesh(tmp_path / f"a.{kind}")


def test_a_picture_or_a_link_outside_its_folder_is_refused_too(tmp_path):
    glb(tmp_path / "a.glb", {"asset": {"version": "2.0"}, "images": [{"uri": "../x.png"}], "meshes": []})
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.bin").write_bytes(b"1234")
    (inner / "link.bin").symlink_to(tmp_path / "secret.bin")
    (inner / "b.gltf").write_text(
        json.dumps({"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4, "uri": "link.bin"}], "meshes": []})
    )
    for path in (tmp_path / "a.glb", inner / "b.gltf"):
        with pytest.raises(BadInput, match="points outside its folder"):
            read_mesh(path)


def test_a_gltf_with_its_buffer_beside_it_is_read(tmp_path):
    import trimesh

    for name, raw in trimesh.Scene(trimesh.Trimesh(RING.vertices, RING.faces, process=False)).export(file_type="gltf").items():
        (tmp_path / name).write_bytes(raw)
    assert read_mesh(tmp_path / "model.gltf")[1].edges.sound


def test_draco_is_named(tmp_path):
    glb(tmp_path / "a.glb", {"asset": {"version": "2.0"}, "extensionsRequired": ["KHR_draco_mesh_compression"], "meshes": []})
    with pytest.raises(BadInput, match="packed with Draco"):
        read_mesh(tmp_path / "a.glb")


def test_what_is_no_mesh_file_is_refused_by_name(tmp_path):
    (tmp_path / "folder.stl").mkdir()
    (tmp_path / "a.blend").write_bytes(b"BLENDER")
    (tmp_path / "noname").write_bytes(b"x")
    for name, words in (
        ("folder.stl", "is a folder"),
        ("missing.stl", "there is no file missing.stl"),
        ("a.blend", "is not a mesh file; it must be one of glb"),
        ("noname", "is not a mesh file"),
        ("x" * 300 + ".stl", "cannot be opened"),
        ("nul\0.stl", "cannot be opened|there is no file"),
    ):
        with pytest.raises(BadInput, match=words):
            read_mesh(tmp_path / name)


def test_equal_places_are_one_whatever_the_sign_of_zero():
    points = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 2.0], [-0.0, 1.0, 2.0], [1.0, 1.0, 2.0 + 1e-15]])
    assert merged(points).tolist() == [0, 1, 0, 1 if points[3, 2] == 2.0 else 3]


@pytest.mark.parametrize("seed", range(3))
def test_merging_agrees_with_numpys_unique(seed):
    points = np.random.default_rng(seed).integers(-3, 4, (500, 3)).astype(np.float64)
    _, first, group = np.unique(points, axis=0, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(merged(points), first[group.ravel()])


def test_two_places_with_one_key_are_kept_apart(monkeypatch):
    points = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 2.0], [0.0, 0.0, 1.0], [0.0, 0.0, 3.0]])
    true, calls = read._first_of_runs, []

    def first_time_all_alike(order, new):  # as if all keys had collided
        calls.append(len(order))
        return true(order, new if len(calls) > 1 else np.zeros_like(new))

    monkeypatch.setattr(read, "_first_of_runs", first_time_all_alike)
    assert merged(points).tolist() == [0, 1, 0, 3]
    assert calls == [4, 4]
