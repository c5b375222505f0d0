"""Meshes from files land in the scene at their true size."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")
pytest.importorskip("trimesh")

import shop
from live import object_of, ring

from blender_jewelgen.blender import convert, drop, operators_import, say
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.files import write_3mf


def tube(wire=2.0):
    """A ring of the size of a bracelet's link."""
    return shop.tube(10.0, wire, 96, 32)


def write(path, mesh):
    import trimesh

    if path.suffix == ".3mf":
        write_3mf(path, mesh)
    else:
        trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).export(path)
    return str(path)


def in_mm(ob, unit):
    return np.array(ob.dimensions) / unit


@pytest.mark.parametrize("unit", [1.0, 0.001])
@pytest.mark.parametrize("kind", ["stl", "obj", "ply", "glb", "3mf"])
def test_every_format_lands_at_the_cursor_in_its_true_size_standing_upright(addon, tmp_path, kind, unit):
    scene = addon.context.scene
    scene.unit_settings.scale_length = 0.001 / unit
    scene.cursor.location = (1.0, 2.0, 3.0)
    old = object_of(addon, ring(24, 8), unit)
    old.select_set(True)
    mesh = tube()
    lying = Mesh(mesh.vertices[:, [2, 0, 1]] + 30.0, mesh.faces)  # its hole looks along x, far from the origin
    path = tmp_path / f"José 戒指.{kind}"
    lying = Mesh(lying.vertices[:, [0, 2, 1]] * (1, 1, -1), lying.faces) if kind == "glb" else lying  # glTF has y up
    assert addon.ops.jewelgen.import_mesh(filepath=write(path, lying)) == {"FINISHED"}
    ob = addon.context.active_object
    assert ob.name == "José 戒指" and list(addon.context.selected_objects) == [ob]
    np.testing.assert_allclose(ob.location, (1.0, 2.0, 3.0))
    addon.context.view_layer.update()
    np.testing.assert_allclose(in_mm(ob, unit), (24.0, 24.0, 4.0), atol=0.06)
    points = convert.mesh_from_blender(ob.data, unit).vertices
    assert np.abs(points.max(axis=0) + points.min(axis=0)).max() < 0.05  # mm: its middle is its origin
    told = ob[say.NOTES]
    assert "24.0 × 24.0 × 4.0 mm" in told and "read as mm" in told and "x axis up" in told and "hole points up" in told


@pytest.mark.parametrize(("asked", "factor", "longest", "words"), [
    ({}, 0.001, 24.0, "read as metres"),
    ({}, 1.0 / 24.0, 20.0, "no size of jewelry"),
    ({"unit": "INCH"}, 1.0 / 25.4, 24.0, "read as inches"),
    ({"unit": "SIZE", "size": 18.5}, 7.0, 18.5, "18.5"),
    ({"unit": "FACTOR", "factor": 0.25}, 4.0, 24.0, "0.25 mm a unit"),
])  # fmt: skip
def test_the_unit_is_guessed_or_told_and_stored(addon, tmp_path, asked, factor, longest, words):
    addon.context.scene.unit_settings.scale_length = 0.001
    path = write(tmp_path / "ring.stl", Mesh(tube().vertices * np.float32(factor), tube().faces))
    addon.ops.jewelgen.import_mesh(filepath=path, **asked)
    ob = addon.context.active_object
    addon.context.view_layer.update()
    assert max(in_mm(ob, 1.0)) == pytest.approx(longest, rel=1e-3)
    assert words in ob[say.NOTES]


def test_texture_coordinates_come_along_and_materials_stay_out(addon, tmp_path):
    addon.context.scene.unit_settings.scale_length = 0.001
    (tmp_path / "a.mtl").write_text("newmtl red\nKd 1 0 0\n")
    quad = "mtllib a.mtl\nv 0 0 0\nv 10 0 0\nv 10 8 0\nv 0 8 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nusemtl red\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    (tmp_path / "a.obj").write_text(quad)
    addon.ops.jewelgen.import_mesh(filepath=str(tmp_path / "a.obj"), orient=False, centre=False)
    ob = addon.context.active_object
    assert len(ob.material_slots) == 0 and len(addon.data.materials) == 0
    by_place = {}
    for loop, uv in zip(ob.data.loops, ob.data.uv_layers.active.uv):
        by_place[tuple(round(v) for v in ob.data.vertices[loop.vertex_index].co)] = tuple(uv.vector)
    assert by_place == {(0, 0, 0): (0, 0), (10, 0, 0): (1, 0), (10, 8, 0): (1, 1), (0, 8, 0): (0, 1)}


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.txt", b"hello", "not a mesh file"),
    ("a.stl", b"solid x\n", "cannot be read|no faces"),
    ("none.obj", None, "there is no file"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence_and_leaves_nothing(addon, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RuntimeError, match=words):
        addon.ops.jewelgen.import_mesh(filepath=str(tmp_path / name))
    assert len(addon.data.objects) == len(addon.data.meshes) == 0


def test_a_picture_becomes_the_ornament(addon, tmp_path):
    image = addon.data.images.new("grey", 32, 16)
    image.filepath_raw, image.file_format = str(tmp_path / "花.png"), "PNG"
    image.save()
    addon.data.images.remove(image)
    settings = addon.context.scene.jewelgen
    for _ in range(2):
        assert addon.ops.jewelgen.import_picture(filepath=str(tmp_path / "花.png")) == {"FINISHED"}
    assert settings.source == "PICTURE" and tuple(settings.picture.size) == (32, 16)
    assert settings.picture.colorspace_settings.name == "Non-Color" and len(addon.data.images) == 1


def test_what_is_no_picture_is_refused_and_the_old_one_stays(addon, tmp_path):
    (tmp_path / "no.png").write_bytes(b"no picture")
    with pytest.raises(RuntimeError, match="not a picture"):
        addon.ops.jewelgen.import_picture(filepath=str(tmp_path / "no.png"))
    assert addon.context.scene.jewelgen.picture is None and len(addon.data.images) == 0


def test_files_dragged_into_the_viewport_know_their_operator(addon):
    class Context:
        area = type("Area", (), {"type": "VIEW_3D"})

    class Elsewhere:
        area = type("Area", (), {"type": "IMAGE_EDITOR"})

    for handler, ends in ((drop.JEWELGEN_FH_mesh, operators_import.MESHES), (drop.JEWELGEN_FH_picture, drop.PICTURES)):
        group, name = handler.bl_import_operator.split(".")
        assert getattr(getattr(addon.ops, group), name).poll()
        rna = getattr(getattr(addon.ops, group), name).get_rna_type()
        assert rna.properties["filepath"].is_skip_save  # a file of the last time would stand in for the dropped one
        assert handler.bl_file_extensions == ";".join(ends)
        assert handler.poll_drop(Context) and not handler.poll_drop(Elsewhere)
