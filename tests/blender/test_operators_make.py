"""From live relief to metal: the print, its checks, its files. The relief and the artist's mesh stay as they are."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")
pytest.importorskip("trimesh")

from live import ball, object_of
from shop import DISC, PENDANT, active, choose, finger, now, settle, torus, tube
from test_gems import cap

from blender_jewelgen.blender import convert, nodes_relief, operators_make
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.read import read_mesh
from blender_jewelgen.core.recipe import Recipe


def generate(bpy):
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    return active(bpy)


def make(bpy):
    assert bpy.ops.jewelgen.make_print() == {"FINISHED"}, now(bpy).error
    return active(bpy)


def artists_ring(bpy):
    """A torus with UV map, shape keys, material and a modifier of its own, its relief laid."""
    ob = torus(bpy)
    ob.data.uv_layers.new(name="Mine")
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Wide").value = 0.5
    ob.modifiers.new("Smooth", "SMOOTH")
    ob.data.materials.append(bpy.data.materials.new("Artist"))
    settle(bpy, "lotus").target = "SELECTED"
    return generate(bpy)


def test_a_print_is_one_closed_body_in_its_collection_and_the_relief_is_hidden_not_changed(shop):
    ob = artists_ring(shop)
    before = finger(ob)
    made = make(shop)
    assert made != ob and made.jewelgen.kind == "print" and made.jewelgen.origin == ob
    assert [c.name for c in made.users_collection] == ["Print"] and list(shop.context.selected_objects) == [made]
    mesh = convert.mesh_from_blender(made.data)
    assert edges(mesh.faces, len(mesh.vertices)).closed and mesh.volume > 0
    assert not made.modifiers and ob.hide_get()
    assert finger(ob) == before
    report = json.loads(made.jewelgen.report)
    assert report == json.loads(ob.jewelgen.report)
    assert report["volume_mm3"] == pytest.approx(mesh.volume, rel=1e-3) and report["watertight"] is True
    assert report["triangles"] == len(mesh.faces)


def test_making_it_again_takes_the_place_of_the_print_and_follows_the_modifier(shop):
    settle(shop)
    ob = generate(shop)
    made = make(shop)
    assert not operators_make.is_stale(made)
    flat = convert.mesh_from_blender(made.data).volume
    live = nodes_relief.modifier_of(ob)
    nodes_relief.set(live, "Depth", nodes_relief.get(live, "Depth") + 0.2)
    assert operators_make.is_stale(made)
    made.name, made.location.x = "Mine", 3.0
    assert make(shop) == made and len(shop.data.objects) == 2 and len(shop.data.meshes) == 2
    assert made.name == "Mine" and made.location.x == 3.0
    assert not operators_make.is_stale(made)
    assert convert.mesh_from_blender(made.data).volume > flat
    nodes_relief.set(live, "Depth", nodes_relief.get(live, "Depth") - 0.2)
    shop.context.scene.jewelgen.make.manufacture = "castable-resin"
    assert operators_make.is_stale(made)
    choose(shop, made)
    make(shop)
    grown = Recipe.from_json(made.jewelgen.recipe).make.manufacture
    assert grown == "castable-resin" and convert.mesh_from_blender(made.data).volume > flat * 1.005


def test_a_print_made_again_from_itself_still_counts_the_modifiers_of_its_hidden_relief(shop):
    ob = torus(shop, n=12, m=6, radius=3.0, wire=0.7)
    ob.modifiers.new("Fine", "SUBSURF").levels = 2
    settle(shop, "lotus").target = "SELECTED"
    generate(shop)
    first = convert.mesh_from_blender(make(shop).data)
    second = convert.mesh_from_blender(make(shop).data)  # the print is active, the relief hidden
    assert np.array_equal(first.vertices, second.vertices) and np.array_equal(first.faces, second.faces)


def test_a_copy_of_a_relief_gets_a_print_of_its_own(shop):
    settle(shop)
    ob = generate(shop)
    made = make(shop)
    copy = ob.copy()
    copy.data = ob.data.copy()
    shop.context.scene.collection.objects.link(copy)
    copy.hide_set(False)
    choose(shop, copy)
    second = make(shop)
    assert second != made and (second.jewelgen.origin, made.jewelgen.origin) == (copy, ob)
    choose(shop, made)
    assert make(shop) == made


def test_a_relief_turned_over_in_its_modifier_is_cut_in_the_print_too(shop):
    settle(shop, DISC)
    ob = generate(shop)
    raised = convert.mesh_from_blender(make(shop).data).volume
    nodes_relief.set(nodes_relief.modifier_of(ob), "Cut In", True)
    assert convert.mesh_from_blender(make(shop).data).volume < raised - 1.0  # mm³


def off_the_wire(mesh, radius=3.5, wire=0.8):
    """mm that each vertex stands off the plain ring, and its distance from the gem."""
    far = mesh.vertices.astype(float)
    return np.abs(np.hypot(np.hypot(far[:, 0], far[:, 1]) - radius, far[:, 2]) - wire), np.linalg.norm(far - (radius + wire, 0.0, 0.0), axis=1)


def test_ornament_keeps_clear_of_a_gem_in_the_print(shop):
    ob = torus(shop, radius=3.5, wire=0.8, n=96, m=32)
    own = settle(shop, "lotus")
    own.target, own.relief.outer, own.relief.clear = "SELECTED", False, 0.4
    gem = object_of(shop, cap(ball(0.7, 24, 16)), name="Round")
    gem.location = (4.3, 0.0, 0.0)
    gem["gem"] = {"cut": "ROUND", "stone": "DIAMOND"}
    choose(shop, ob)
    generate(shop)
    off, away = off_the_wire(convert.mesh_from_blender(make(shop).data))
    assert (away < 0.9).sum() > 5 and off[away < 0.9].max() < 0.03 and off.max() > 0.2
    shop.data.objects.remove(gem)
    choose(shop, ob)
    off, away = off_the_wire(convert.mesh_from_blender(make(shop).data))
    assert off[away < 0.9].max() > 0.1


def test_a_print_in_edit_mode_is_not_written_over(shop):
    settle(shop)
    ob = generate(shop)
    made = make(shop)
    shop.ops.object.mode_set(mode="EDIT")
    baked = made.jewelgen.baked
    nodes_relief.set(nodes_relief.modifier_of(ob), "Depth", 0.22)
    with pytest.raises(RuntimeError, match="edit mode"):
        shop.ops.jewelgen.make_print()
    shop.ops.object.mode_set(mode="OBJECT")
    assert made.jewelgen.baked == baked and operators_make.is_stale(made)


# -- checks


def test_check_judges_a_relief_a_print_and_a_mesh_of_the_artist(shop):
    settle(shop, "lotus pendant, 8 mm wide, bronze")
    ob = generate(shop)
    assert shop.ops.jewelgen.check() == {"FINISHED"}
    secret = json.loads(ob.jewelgen.report)
    assert [o.jewelgen.kind for o in shop.data.objects] == ["relief"]
    made = make(shop)
    assert json.loads(made.jewelgen.report)["weight_g"] == pytest.approx(secret["weight_g"], abs=2e-3)
    assert shop.ops.jewelgen.check() == {"FINISHED"}
    assert json.loads(made.jewelgen.report)["weight_g"] == pytest.approx(secret["weight_g"], abs=2e-3)
    ring = torus(shop)
    ring.scale = (2.0, 2.0, 2.0)
    shop.context.view_layer.update()
    shop.ops.jewelgen.check()
    report = json.loads(ring.jewelgen.report)
    assert report["volume_mm3"] == pytest.approx(8.0 * tube().volume, rel=1e-4)
    assert {c["name"]: c["ok"] for c in report["checks"]}["closed"] is True


def test_check_sees_modifiers_and_what_edit_mode_changed_and_finds_a_hole(shop):
    import bmesh

    ob = torus(shop)
    shop.ops.object.mode_set(mode="EDIT")
    body = bmesh.from_edit_mesh(ob.data)
    body.faces.ensure_lookup_table()
    bmesh.ops.delete(body, geom=[body.faces[0]], context="FACES_ONLY")
    bmesh.update_edit_mesh(ob.data)
    assert shop.ops.jewelgen.check() == {"FINISHED"}
    shop.ops.object.mode_set(mode="OBJECT")
    assert {c["name"]: c["ok"] for c in json.loads(ob.jewelgen.report)["checks"]}["closed"] is False


def test_only_a_mesh_with_faces_can_be_checked(shop):
    assert not shop.ops.jewelgen.check.poll()
    choose(shop, object_of(shop, Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))))
    assert not shop.ops.jewelgen.check.poll()


# -- files


@pytest.mark.parametrize("unit", [1.0, 0.001, 1.0 / 25.4])
@pytest.mark.parametrize("kind", ["3MF", "STL", "GLB"])
def test_an_exported_print_is_read_back_in_millimetres(shop, tmp_path, kind, unit):
    settle(shop, PENDANT, unit)
    generate(shop)
    made = make(shop)
    mesh = convert.mesh_from_blender(made.data, unit)
    folder = tmp_path / "José Núñez" / "首饰 盒"
    folder.mkdir(parents=True)
    assert shop.ops.jewelgen.export(filepath=str(folder / "pieza 件"), format=kind) == {"FINISHED"}
    back = read_mesh(folder / f"pieza 件.{kind.lower()}")[0]
    np.testing.assert_allclose(np.ptp(back.vertices, axis=0), np.ptp(mesh.vertices, axis=0), atol=2e-3)
    assert back.volume == pytest.approx(mesh.volume, rel=1e-4) and len(back.faces) == len(mesh.faces)
    recipe = Recipe.read(folder / "pieza 件.recipe.json")
    assert recipe == Recipe.from_json(made.jewelgen.recipe)
    assert json.loads((folder / "pieza 件.report.json").read_text("utf-8"))["volume_mm3"] == pytest.approx(mesh.volume, rel=1e-3)
    assert sorted(p.suffix for p in folder.iterdir()) == sorted([f".{kind.lower()}", ".json", ".json"])


def test_an_ending_of_another_format_gives_way_and_facts_can_be_left_out(shop, tmp_path):
    settle(shop)
    generate(shop)
    make(shop)
    assert shop.ops.jewelgen.export(filepath=str(tmp_path / "a.b.stl"), format="3MF", facts=False) == {"FINISHED"}
    assert [p.name for p in tmp_path.iterdir()] == ["a.b.3mf"]


def test_nothing_is_exported_before_there_is_a_print(shop, tmp_path):
    assert not shop.ops.jewelgen.export.poll()
    settle(shop)
    generate(shop)
    assert not shop.ops.jewelgen.export.poll()


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only"), (errno.EACCES, "denied")])
def test_a_full_or_closed_folder_is_an_error_and_the_older_file_stays(shop, tmp_path, monkeypatch, number, words):
    settle(shop)
    generate(shop)
    make(shop)
    path = tmp_path / "ring.stl"
    path.write_bytes(b"older")

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    from blender_jewelgen.cli import piece

    monkeypatch.setattr(piece, "write_mesh", refuse)
    with pytest.raises(RuntimeError, match=words):
        shop.ops.jewelgen.export(filepath=str(path), format="STL")
    assert [p.name for p in tmp_path.iterdir()] == ["ring.stl"] and path.read_bytes() == b"older"
    assert now(shop).error and now(shop).error_field == "out"


def test_a_file_where_a_folder_should_be_is_an_error_without_a_traceback(shop, tmp_path):
    settle(shop)
    generate(shop)
    make(shop)
    (tmp_path / "notes.txt").write_text("x")
    for folder in (tmp_path / "notes.txt", tmp_path / "none"):
        with pytest.raises(RuntimeError, match=r"not be written|cannot be written") as told:
            shop.ops.jewelgen.export(filepath=str(folder / "ring.3mf"))
        assert "Traceback" not in str(told.value)
    assert Path(tmp_path / "notes.txt").read_text() == "x"


# -- ways to look at it


def test_the_render_look_leaves_the_mesh_plain_and_manufacture_brings_the_relief_back(shop):
    settle(shop)
    ob = generate(shop)
    bare = convert.mesh_from_blender(ob.data).vertices

    def lift():
        data = ob.evaluated_get(shop.context.evaluated_depsgraph_get()).data
        return np.abs(convert.mesh_from_blender(data).vertices - bare).max()

    assert lift() > 0.1
    assert shop.ops.jewelgen.look(look="RENDER") == {"FINISHED"}
    assert lift() < 1e-6
    made = make(shop)
    shaded = convert.mesh_from_blender(made.data).volume
    choose(shop, ob) if not ob.hide_get() else (ob.hide_set(False), choose(shop, ob))
    assert shop.ops.jewelgen.look(look="MANUFACTURE") == {"FINISHED"}
    assert lift() > 0.1
    assert convert.mesh_from_blender(make(shop).data).volume == shaded  # the look has no say in what is made
