"""What was made comes back with all its settings, from history or from a recipe file."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("bpy")

from shop import DISC, PENDANT, active, now, settle, torus
from test_operators_generate import picture_of

from blender_jewelgen.blender import convert, properties
from blender_jewelgen.core.form.params import complete
from blender_jewelgen.core.recipe import Recipe


def generate(bpy):
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    return active(bpy)


def test_recall_brings_back_settings_and_selects_the_piece_even_a_hidden_one(shop):
    own = settle(shop, PENDANT)
    own.design.metal = "bronze"
    first = generate(shop)
    asked = properties.read_recipe(shop.context.scene)
    own.design.metal = "platinum-950"
    own.prompt = DISC
    second = generate(shop)
    first.hide_set(True)
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"}
    assert active(shop) == first and not first.hide_get() and list(shop.context.selected_objects) == [first]
    assert properties.read_recipe(shop.context.scene) == asked and own.history_index == 0
    assert shop.ops.jewelgen.recall(index=1) == {"FINISHED"} and active(shop) == second
    with pytest.raises(RuntimeError, match="gone"):
        shop.ops.jewelgen.recall(index=2)


def test_recall_of_a_deleted_piece_lays_the_same_one_from_its_height(shop):
    settle(shop)
    ob = generate(shop)
    height, mesh = bytes(ob.jewelgen.height.packed_file.data), convert.mesh_from_blender(ob.data)
    shop.data.objects.remove(ob)
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"}
    again = active(shop)
    assert bytes(again.jewelgen.height.packed_file.data) == height
    assert np.array_equal(convert.mesh_from_blender(again.data).vertices, mesh.vertices)


def test_recall_of_a_relief_on_a_mesh_that_is_gone_gives_back_the_settings_alone(shop):
    ob = torus(shop)
    own = settle(shop, "lotus")
    own.target = "SELECTED"
    generate(shop)
    own.target, own.prompt = "NEW", "owl pendant"
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"} and active(shop) == ob
    assert (own.target, own.prompt) == ("SELECTED", "lotus")
    shop.data.objects.remove(ob)
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"} and not shop.data.objects


def test_recall_of_a_piece_from_a_painted_picture_can_be_generated_again(shop, tmp_path):
    own = settle(shop, "plain band, US 3, 2 mm wide")
    own.source, own.picture = "PICTURE", picture_of(shop, "painted", tmp_path)
    generate(shop)
    own.source, own.picture = "WORDS", None
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"}
    assert own.source == "PICTURE" and own.picture is not None
    assert shop.ops.jewelgen.generate() == {"FINISHED"}


def test_forgetting_a_result_takes_its_pictures_but_not_its_piece(shop):
    own = settle(shop)
    ob = generate(shop)
    own.make.seed = 2
    generate(shop)
    thumb = own.history[0].picture.name
    assert shop.ops.jewelgen.history_remove(index=0) == {"FINISHED"}
    assert len(own.history) == 1 and own.history_index == 0 and thumb not in shop.data.images
    assert ob.jewelgen.height is not None and ob.name in shop.context.scene.objects
    shop.data.objects.remove(ob)
    assert shop.ops.jewelgen.history_clear() == {"FINISHED"}
    assert not own.history and len(shop.data.objects) == 1
    with pytest.raises(RuntimeError, match="gone"):
        shop.ops.jewelgen.history_remove(index=0)


def test_a_recipe_saved_is_the_recipe_loaded(shop, tmp_path):
    own = settle(shop, "lotus pendant, 8 mm wide, bronze")
    own.relief.fade, own.make.seed = 0.4, 9
    generate(shop)
    path = tmp_path / "José 首饰.json"
    assert shop.ops.jewelgen.recipe_save(filepath=str(path)) == {"FINISHED"}
    saved = Recipe.read(path)
    assert (saved.relief.fade, saved.make.seed, saved.design.metal) == (0.4, 9, "bronze")
    settle(shop, DISC)
    own.relief.fade, own.make.seed = 0.1, 0
    assert shop.ops.jewelgen.recipe_load(filepath=str(path)) == {"FINISHED"}
    back = properties.read_recipe(shop.context.scene)
    assert back.design == saved.design and back.make == saved.make and complete(back.form) == saved.form
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_settings_are_saved_where_no_piece_is_chosen(shop, tmp_path):
    settle(shop, DISC)
    assert shop.ops.jewelgen.recipe_save(filepath=str(tmp_path / "r.json")) == {"FINISHED"}
    assert Recipe.read(tmp_path / "r.json") == properties.read_recipe(shop.context.scene)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "jewelgen/1"}', '{"format": "other/9"}', "\0\0\0"])
def test_a_file_that_is_no_recipe_is_refused_and_changes_nothing(shop, tmp_path, text):
    settle(shop)
    before = properties.read_recipe(shop.context.scene)
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(RuntimeError) as told:
        shop.ops.jewelgen.recipe_load(filepath=str(tmp_path / "bad.json"))
    assert "Traceback" not in str(told.value) and now(shop).error
    assert properties.read_recipe(shop.context.scene) == before


def test_a_recipe_cannot_be_saved_into_no_folder_or_a_file(shop, tmp_path):
    settle(shop)
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(RuntimeError, match="cannot be written"):
            shop.ops.jewelgen.recipe_save(filepath=str(folder / "r.json"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_tampered_history_row_is_an_error_and_not_a_crash(shop):
    own = settle(shop)
    generate(shop)
    own.history[0].recipe = json.dumps({"format": "jewelgen/1", "design": 3})
    with pytest.raises(RuntimeError) as told:
        shop.ops.jewelgen.recall(index=0)
    assert "Traceback" not in str(told.value)
