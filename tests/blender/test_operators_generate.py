"""Words and pictures become live reliefs, on forms of ours and on the artist's meshes; nothing else of the scene changes."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import object_of, positions
from shop import BAND, DISC, PENDANT, active, choose, finger, now, settle, torus, tube

from blender_jewelgen.blender import convert, images, nodes_relief, properties, say
from blender_jewelgen.core.height.picture import read_levels, write_height
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.recipe import Recipe

ROOT = Path(__file__).parents[2]


def waves(rows=32, columns=128):
    """(rows, columns) float32 in [0, 1] that joins its own beginning."""
    x, y = np.meshgrid(np.arange(columns) / columns * 2 * np.pi, np.arange(rows) / rows * 2 * np.pi)
    return (0.5 + 0.25 * np.sin(3 * x) + 0.25 * np.cos(y)).astype(np.float32)


def generate(bpy):
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    return active(bpy)


def live(ob):
    return nodes_relief.read(nodes_relief.modifier_of(ob))


def moved(bpy, ob, unit=1.0):
    """mm that each vertex of an own form is lifted."""
    bare = convert.mesh_from_blender(ob.data, unit).vertices
    return np.linalg.norm(positions(bpy, ob, unit) - bare, axis=1)


def volumes(bpy, ob):
    """mm³ of a piece's mesh, and of it under its relief."""
    bare = convert.mesh_from_blender(ob.data)
    return bare.volume, Mesh(positions(bpy, ob).astype(np.float32), bare.faces).volume


# -- one piece, three ways


@pytest.mark.parametrize("words", [BAND, PENDANT])
def test_window_library_and_command_line_make_the_same_height_and_the_same_body(shop, tmp_path, words):
    from blender_jewelgen.core import pipeline
    from blender_jewelgen.engines.registry import ask
    from blender_jewelgen.worker import store

    settle(shop, words).make.seed = 7
    ob = generate(shop)
    height = bytes(ob.jewelgen.height.packed_file.data)
    assert shop.ops.jewelgen.make_print() == {"FINISHED"}
    made = convert.mesh_from_blender(active(shop).data)

    recipe = properties.read_recipe(shop.context.scene)
    shaped = pipeline.shape(recipe, ask, lambda share, text: None)
    piece = pipeline.make(shaped, lambda share, text: None)
    store.write_height(tmp_path / "height.png", shaped.picture)
    assert (tmp_path / "height.png").read_bytes() == height
    assert np.array_equal(np.float32(piece.mesh.vertices), made.vertices) and np.array_equal(piece.mesh.faces, made.faces)

    options = ("--seed", "7", "--pixels", "6", "--tolerance", "0.05", "--no-render", "--quiet", "--out", str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-m", "blender_jewelgen", "make", words, *options], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "height.png").read_bytes() == height
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
    triangles = np.frombuffer((tmp_path / "out" / "piece.stl").read_bytes()[84:], record)["corners"]
    assert np.array_equal(triangles, made.vertices[made.faces])


# -- a new piece


@pytest.mark.parametrize("unit", [1.0, 0.001, 1.0 / 25.4])
def test_a_new_piece_has_its_size_in_mm_whatever_the_scene_counts_in(shop, unit):
    settle(shop, "lotus band, 17.3 mm, 2 mm wide, 0.4 mm deep", unit)
    ob = generate(shop)
    across, _, high = np.ptp(convert.mesh_from_blender(ob.data, unit).vertices, axis=0)
    assert high == pytest.approx(2.0, abs=1e-3)
    inner = np.linalg.norm(convert.mesh_from_blender(ob.data, unit).vertices[:, :2], axis=1).min() * 2
    assert inner == pytest.approx(17.3, abs=0.02) and across > 17.3
    assert live(ob)["depth"] == pytest.approx(0.4)
    assert moved(shop, ob, unit).max() == pytest.approx(0.4, rel=0.12)


def test_generate_selects_its_piece_and_remembers_everything(shop):
    own = settle(shop, "lotus pendant, 8 mm wide, bronze, satin")
    ob = generate(shop)
    assert list(shop.context.selected_objects) == [ob]
    assert ob.jewelgen.kind == "relief" and ob.jewelgen.uid and not ob.jewelgen.report
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert recipe.design == properties.read_recipe(shop.context.scene).design and recipe.engine["name"]
    assert ob.active_material.name.lower().startswith("jewelgen") or "bronze" in ob.active_material.name.lower()
    assert [row.name for row in own.history] == ["lotus pendant, 8 mm wide, bronze, satin"]
    assert own.history[0].uid == ob.jewelgen.uid and own.history[0].height == ob.jewelgen.height and own.history[0].picture.packed_file
    assert (now(shop).error, now(shop).busy) == ("", False)


def test_pieces_stand_beside_each_other_and_not_in_one_another(shop):
    settle(shop)
    boxes = []
    for _ in range(3):
        ob = generate(shop)
        shop.context.view_layer.update()
        corners = np.array([ob.matrix_world @ __import__("mathutils").Vector(c) for c in ob.bound_box])
        boxes.append((corners[:, 0].min(), corners[:, 0].max()))
    boxes.sort()
    assert all(a[1] < b[0] for a, b in pairwise(boxes))


def test_the_lightest_place_of_the_picture_stands_highest_and_cutting_goes_the_other_way(shop):
    own = settle(shop, DISC)
    ob = generate(shop)
    height = convert.read_values(ob.evaluated_get(shop.context.evaluated_depsgraph_get()).data, "jewelgen_height")
    lift = moved(shop, ob)
    assert np.corrcoef(height[lift > 0.01], lift[lift > 0.01])[0, 1] > 0.95
    assert volumes(shop, ob)[1] > volumes(shop, ob)[0] + 1.0  # mm³
    own.design.technique = "engraving"
    cut = generate(shop)
    assert live(cut)["cut_in"] and volumes(shop, cut)[1] < volumes(shop, cut)[0] - 1.0


# -- on the artist's mesh


def test_a_relief_on_a_mesh_adds_a_modifier_and_changes_nothing_else(shop):
    ob = torus(shop)
    uv = ob.data.uv_layers.new(name="Mine")
    uv.uv.foreach_set("vector", np.random.default_rng(0).random(len(ob.data.loops) * 2).astype(np.float32))
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Wide")
    ob.modifiers.new("Smooth", "SMOOTH")
    ob.data.materials.append(shop.data.materials.new("Artist"))
    settle(shop, "lotus").target = "SELECTED"
    before, modifiers = finger(ob), list(ob.modifiers.keys())
    assert generate(shop) == ob
    assert list(ob.modifiers.keys()) == [*modifiers, "JewelGen"]
    ob.modifiers.remove(ob.modifiers["JewelGen"])
    assert finger(ob) == before


@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_a_relief_on_a_torus_goes_round_it_and_is_as_deep_as_asked(shop, unit):
    ob = torus(shop, unit, n=256, m=96)
    own = settle(shop, "lotus", unit)
    own.target, own.relief.depth, own.relief.outer = "SELECTED", 0.3, False
    generate(shop)
    assert live(ob)["mapping"] == "toroidal" and live(ob)["depth"] == pytest.approx(0.3)
    lift = np.linalg.norm(positions(shop, ob, unit) - convert.mesh_from_blender(ob.data, unit).vertices, axis=1)
    assert 0.2 < lift.max() <= 0.3 + 1e-4
    assert "toroidal" in ob[say.NOTES] or "round" in ob[say.NOTES]


def test_a_second_relief_on_the_same_mesh_takes_the_place_of_the_first(shop):
    ob = torus(shop)
    own = settle(shop, "lotus")
    own.target = "SELECTED"
    generate(shop)
    own.make.seed = 3
    own.prompt = "meander"
    generate(shop)
    assert [m.name for m in ob.modifiers] == ["JewelGen"] and len(own.history) == 2
    used = nodes_relief.get(nodes_relief.modifier_of(ob), "Height")
    assert sorted(i.name for i in shop.data.images if "Ready" in i.name) == [used.name]


# -- pictures


def picture_of(bpy, kind, folder):
    grey = waves()
    path = folder / f"welle 波.{kind}"
    if kind in ("png", "packed"):
        write_height(path.with_suffix(".png"), grey)
        image = bpy.data.images.load(str(path.with_suffix(".png")))
        if kind == "packed":
            image.pack()
            path.with_suffix(".png").unlink()
        return image
    image = bpy.data.images.new("Waves", grey.shape[1], grey.shape[0], float_buffer=True, is_data=True)
    pixels = np.ones((*grey.shape, 4), np.float32)
    pixels[..., :3] = grey[::-1, :, None]
    image.pixels.foreach_set(pixels.ravel())
    if kind == "exr":
        image.file_format, image.filepath_raw = "OPEN_EXR", str(path)
        image.save()
        bpy.data.images.remove(image)
        image = bpy.data.images.load(str(path))
    return image


@pytest.mark.parametrize("kind", ["png", "packed", "painted", "exr"])
def test_a_picture_of_every_kind_becomes_the_same_relief(shop, tmp_path, kind):
    own = settle(shop, "plain band, US 3, 2 mm wide")
    own.source, own.picture = "PICTURE", picture_of(shop, kind, tmp_path)
    ob = generate(shop)
    ob.jewelgen.height.filepath_raw = str(tmp_path / "out.png")
    Path(tmp_path / "out.png").write_bytes(ob.jewelgen.height.packed_file.data)
    got = read_levels(tmp_path / "out.png")
    if kind == "png":
        assert got.shape[0] > 8 and np.ptp(got) > 0.95
    write_height(tmp_path / "plain.png", waves())
    own.picture = shop.data.images.load(str(tmp_path / "plain.png"))
    Path(tmp_path / "b.png").write_bytes(generate(shop).jewelgen.height.packed_file.data)
    reference = read_levels(tmp_path / "b.png")
    assert got.shape == reference.shape
    fitted = np.polyfit(reference.ravel(), got.ravel(), 1)
    assert np.abs(np.polyval(fitted, reference) - got).max() < 4e-3 and fitted[0] > 0.9


def test_a_picture_that_is_gone_or_flat_is_an_error_in_the_panel(shop, tmp_path):
    own = settle(shop, "plain band, US 3")
    own.source = "PICTURE"
    assert not shop.ops.jewelgen.generate.poll()
    own.picture = picture_of(shop, "png", tmp_path)
    (tmp_path / "welle 波.png").unlink()
    own.picture.reload()
    with pytest.raises(RuntimeError):
        shop.ops.jewelgen.generate()
    assert now(shop).error_field == "picture" and now(shop).error
    flat = shop.data.images.new("Flat", 16, 16, float_buffer=True)
    own.picture = flat
    with pytest.raises(RuntimeError, match="flat"):
        shop.ops.jewelgen.generate()
    assert not shop.data.objects


# -- variations


def test_variations_differ_and_the_picked_one_is_made(shop):
    own = settle(shop)
    own.variations = 3
    assert shop.ops.jewelgen.variations() == {"FINISHED"}
    assert [row.seed for row in own.candidates] == [0, 1, 2] and not shop.data.objects
    looks = {bytes(row.image.packed_file.data) for row in own.candidates}
    assert len(looks) == 3
    assert shop.ops.jewelgen.pick(index=1) == {"FINISHED"}
    first = active(shop)
    assert Recipe.from_json(first.jewelgen.recipe).make.seed == 1 and own.candidates_index == 1
    assert shop.ops.jewelgen.pick(index=2) == {"FINISHED"}
    assert active(shop) == first and len(shop.data.objects) == 1  # the pick before gives way
    assert Recipe.from_json(first.jewelgen.recipe).make.seed == 2
    with pytest.raises(RuntimeError, match="gone"):
        shop.ops.jewelgen.pick(index=3)
    pictures = len(shop.data.images)
    own.variations = 1
    shop.ops.jewelgen.variations()
    assert len(own.candidates) == 1 and len(shop.data.images) == pictures - 2


# -- laying again


def test_laying_again_changes_the_depth_and_redraws_nothing(shop):
    settle(shop)
    ob = generate(shop)
    height, mesh = bytes(ob.jewelgen.height.packed_file.data), np.array(convert.mesh_from_blender(ob.data).vertices)
    for depth in (0.25, 0.6):  # as the panel of the last operation does at every turn of its slider
        assert shop.ops.jewelgen.lay(depth=depth) == {"FINISHED"}
        assert live(ob)["depth"] == pytest.approx(depth)
        assert bytes(ob.jewelgen.height.packed_file.data) == height
        np.testing.assert_array_equal(convert.mesh_from_blender(ob.data).vertices, mesh)
        assert Recipe.from_json(ob.jewelgen.recipe).relief.depth == depth
    assert len(shop.data.objects) == 1 and len(shop.data.meshes) == 1
    assert len([i for i in shop.data.images if "Ready" in i.name]) == 1


def test_laying_again_maps_a_mesh_another_way(shop):
    ob = torus(shop)
    settle(shop, "lotus").target = "SELECTED"
    generate(shop)
    assert shop.ops.jewelgen.lay(mapping="planar", depth=0.2) == {"FINISHED"}
    assert live(ob)["mapping"] == "planar" and list(ob.modifiers.keys()) == ["JewelGen"]
    assert shop.ops.jewelgen.lay(mapping="toroidal", around=4) == {"FINISHED"}
    assert (live(ob)["mapping"], live(ob)["around"]) == ("toroidal", 4)


def test_a_chosen_picture_is_laid_on_a_mesh_without_words(shop, tmp_path):
    ob = torus(shop)
    own = settle(shop, "")
    assert not shop.ops.jewelgen.lay.poll()
    own.source, own.picture = "PICTURE", picture_of(shop, "painted", tmp_path)
    assert shop.ops.jewelgen.lay(depth=0.3) == {"FINISHED"}
    assert live(ob)["depth"] == pytest.approx(0.3) and ob.jewelgen.kind == "relief"


# -- what cannot be done is said before, or changes nothing


def test_what_no_relief_can_be_laid_on_is_refused_before_it_is_begun(shop, tmp_path):
    own = settle(shop, "lotus")
    own.target = "SELECTED"
    generate_ = shop.ops.jewelgen.generate
    assert not generate_.poll()
    choose(shop, object_of(shop, Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))))
    assert not generate_.poll()
    ob = torus(shop)
    assert generate_.poll()
    lib = tmp_path / "lib.blend"
    shop.data.libraries.write(str(lib), {ob}, fake_user=True)
    with shop.data.libraries.load(str(lib), link=True) as (there, here):
        here.objects = list(there.objects)
    linked = here.objects[0]
    shop.context.scene.collection.objects.link(linked)
    choose(shop, linked)
    assert not generate_.poll() and not shop.ops.jewelgen.lay.poll()


def test_a_stretched_mesh_is_refused_with_its_mend_and_laid_after_it(shop):
    for scale in ((1.0, 1.0, 2.0), (-1.0, 1.0, 1.0)):
        ob = torus(shop, name=f"Torus {scale[0]:g}")
        ob.scale = scale
        settle(shop, "lotus").target = "SELECTED"
        with pytest.raises(RuntimeError, match="scale"):
            shop.ops.jewelgen.generate()
        assert (now(shop).fix_label, now(shop).fix_option) == ("Apply Scale", "--apply-scale")
        assert shop.ops.jewelgen.fix() == {"FINISHED"}
        assert tuple(ob.scale) == (1.0, 1.0, 1.0) and now(shop).error == ""
        assert convert.mesh_from_blender(ob.data).volume > 0  # its outside is still out
        assert generate(shop) == ob


def test_faces_of_many_corners_shape_keys_and_edit_mode_are_laid_on_like_any(shop):
    import bmesh

    data = shop.data.meshes.new("Prism")
    body = bmesh.new()
    bmesh.ops.create_cone(body, cap_ends=True, cap_tris=False, segments=24, radius1=6.0, radius2=6.0, depth=3.0)
    body.to_mesh(data)
    body.free()
    ob = shop.data.objects.new("Prism", data)
    shop.context.scene.collection.objects.link(ob)
    choose(shop, ob)
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Tall").value = 1.0
    for point in ob.data.shape_keys.key_blocks["Tall"].data:
        point.co.z *= 2.0
    settle(shop, "lotus").target = "SELECTED"
    assert generate(shop) == ob
    from blender_jewelgen.blender import subject

    assert np.ptp(subject.mesh_of(ob, 1.0).vertices[:, 2]) == pytest.approx(6.0, abs=1e-4)  # the shape that is seen
    shop.ops.object.mode_set(mode="EDIT")
    own = shop.context.scene.jewelgen
    own.make.seed = 2
    assert shop.ops.jewelgen.generate() == {"FINISHED"}, now(shop).error
    shop.ops.object.mode_set(mode="OBJECT")
    assert nodes_relief.modifier_of(ob) is not None and len(own.history) == 2


@pytest.mark.slow
def test_two_million_faces_are_refused_or_laid_on_within_memory(shop):
    import resource

    ob = torus(shop, n=1000, m=1000)
    settle(shop, "lotus").target = "SELECTED"
    try:
        assert shop.ops.jewelgen.generate() == {"FINISHED"}
        assert nodes_relief.modifier_of(ob) is not None
    except RuntimeError:
        assert now(shop).error
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 12e6  # kB


def test_two_scenes_keep_their_pieces_and_history_apart(shop):
    settle(shop)
    first = generate(shop)
    other = shop.data.scenes.new("Other")
    shop.context.window.scene = other
    settle(shop, DISC)
    second = generate(shop)
    assert second.users_scene == (other,) and first not in list(other.objects)
    assert [len(s.jewelgen.history) for s in shop.data.scenes] == [1, 1]
    assert shop.ops.jewelgen.make_print() == {"FINISHED"}
    assert active(shop).users_scene == (other,)


def test_generating_asks_nothing_of_the_network(shop, monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    settle(shop)
    assert generate(shop).jewelgen.kind == "relief"


def test_every_piece_of_a_file_is_still_live_when_the_file_is_opened_again(shop, tmp_path):
    settle(shop)
    generate(shop)
    before = positions(shop, active(shop))
    folder = tmp_path / "José Núñez" / "首饰 盒"
    folder.mkdir(parents=True)
    shop.ops.wm.save_as_mainfile(filepath=str(folder / "pieza.blend"))
    shop.ops.wm.read_factory_settings(use_empty=True)
    shop.ops.wm.open_mainfile(filepath=str(folder / "pieza.blend"))
    ob = shop.data.objects[0]
    np.testing.assert_allclose(positions(shop, ob), before, atol=1e-6)
    choose(shop, ob)
    assert shop.ops.jewelgen.lay(depth=0.3) == {"FINISHED"} and shop.ops.jewelgen.make_print() == {"FINISHED"}
    assert np.ptp(images.array_from_image(ob.jewelgen.height)) > 0.5


def test_a_ring_of_a_few_faces_is_laid_on_too(shop):
    ob = choose(shop, object_of(shop, tube(n=12, m=6), name="Coarse"))
    settle(shop, "lotus").target = "SELECTED"
    assert generate(shop) == ob and shop.ops.jewelgen.make_print() == {"FINISHED"}
    assert len(active(shop).data.polygons) > 2000
