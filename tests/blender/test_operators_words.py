"""Chips, mends that an error offers, and the scene in millimetres."""

from __future__ import annotations

import pytest

pytest.importorskip("bpy")

from shop import PENDANT, active, now, settle, torus

from blender_jewelgen.blender import jobs, nodes_relief, properties, subject
from blender_jewelgen.core.errors import BadInput, Fix


def offer(option):
    jobs.show_error(BadInput("something is wrong", field="x", fix=Fix("Mend it", option)))


@pytest.mark.parametrize(("option", "group", "name", "value"), [
    ("--depth 0.6", "relief", "depth", 0.6), ("--thickness 1.8", "form", "thickness", 1.8), ('--size "US 7"', "form", "size", "US 7"),
    ("--process dmls", "make", "process", "dmls"), ("--mapping planar", "relief", "mapping", "planar"), ("--around 3", "relief", "around", 3),
    ("--metal bronze", "design", "metal", "bronze"), ("--margin 0", "form", "margin", 0.0), ("--outer false", "relief", "outer", False),
])  # fmt: skip
def test_a_mend_sets_its_field_as_if_by_hand_and_the_message_goes(shop, option, group, name, value):
    settle(shop)
    assert not shop.ops.jewelgen.fix.poll()
    offer(option)
    assert shop.ops.jewelgen.fix() == {"FINISHED"}
    found = getattr(getattr(shop.context.scene.jewelgen, group), name)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    recipe = properties.read_recipe(shop.context.scene)
    assert getattr(getattr(recipe, group), name) == value
    assert (now(shop).error, now(shop).fix_option) == ("", "")


@pytest.mark.parametrize("option", ["--zorblatt 3", "--depth deep", "--mapping sideways", "--scale 1000", ""])
def test_a_mend_that_cannot_be_done_is_an_error_and_no_traceback(shop, option):
    settle(shop)
    before = properties.read_recipe(shop.context.scene)
    offer(option)
    if option:
        with pytest.raises(RuntimeError) as told:
            shop.ops.jewelgen.fix()
        assert "Traceback" not in str(told.value)
    else:
        assert not shop.ops.jewelgen.fix.poll()
    assert properties.read_recipe(shop.context.scene) == before


def test_a_scale_on_a_mesh_of_two_objects_cannot_be_applied_and_says_so(shop):
    ob = torus(shop)
    ob.scale = (2.0, 2.0, 2.0)
    other = shop.data.objects.new("Other", ob.data)
    shop.context.scene.collection.objects.link(other)
    offer("--apply-scale")
    with pytest.raises(RuntimeError, match="scale") as told:
        shop.ops.jewelgen.fix()
    assert "Traceback" not in str(told.value) and tuple(ob.scale) == (2.0, 2.0, 2.0)


def test_a_depth_mend_also_reaches_the_live_relief_that_is_chosen(shop):
    settle(shop)
    shop.ops.jewelgen.generate()
    offer("--depth 0.21")
    shop.ops.jewelgen.fix()
    assert nodes_relief.read(nodes_relief.modifier_of(active(shop)))["depth"] == pytest.approx(0.21)


def test_a_wrong_size_offers_a_size_and_its_mend_makes_the_piece(shop):
    settle(shop, "lotus band, 2 mm wide")
    shop.context.scene.jewelgen.form.size = "huge"
    with pytest.raises(RuntimeError):
        shop.ops.jewelgen.generate()
    assert now(shop).error_field == "size" and now(shop).fix_option == '--size "US 7"'
    assert shop.ops.jewelgen.fix() == {"FINISHED"} and shop.context.scene.jewelgen.form.size == "US 7"
    assert shop.ops.jewelgen.generate() == {"FINISHED"} and now(shop).error == ""


def test_a_chip_of_a_field_there_is_none_of_is_refused(shop):
    settle(shop)
    for slot, value in (("zorblatt", "1"), ("metal", "unobtainium"), ("width", "wide")):
        with pytest.raises(RuntimeError):
            shop.ops.jewelgen.chip_set(slot=slot, value=value)
    with pytest.raises(RuntimeError):
        shop.ops.jewelgen.chip_clear(slot="zorblatt")


def test_the_scene_in_millimetres_has_one_unit_a_millimetre_and_pieces_keep_their_size(shop):
    scene = shop.context.scene
    scene.unit_settings.system, scene.unit_settings.scale_length = "IMPERIAL", 1.0
    settle(shop, PENDANT, 0.001)
    shop.ops.jewelgen.generate()
    piece = active(shop)
    before = [1000.0 * side for side in piece.dimensions]  # mm, of metres
    assert shop.ops.jewelgen.set_mm() == {"FINISHED"}
    units = scene.unit_settings
    assert (units.system, units.length_unit) == ("METRIC", "MILLIMETERS") and subject.unit_of(scene) == 1.0
    shop.context.view_layer.update()
    assert list(piece.dimensions) == pytest.approx(before, rel=1e-5)
    shop.ops.jewelgen.make_print()
    assert list(active(shop).dimensions) == pytest.approx(before, abs=0.1)
