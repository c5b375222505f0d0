"""Crafts, lettering and stones in the panel: the piece is the one the recipe says, its metal is what is seen, and it follows each change."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

pytest.importorskip("bpy")
pytest.importorskip("trimesh")

from shop import Window, active, choose, finish, now, settle, torus, windowed

from blender_jewelgen.blender import (
    convert,
    metal_live,
    nodes_metal,
    nodes_relief,
    orders,
    preset_values,
    properties,
    scene_recipe,
)
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief.params import CraftParams

SMALL = "US 3, 3 mm wide"


def generate(bpy):
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    return active(bpy)


def seen(bpy, ob):
    """What is seen of an object, as the core's mesh."""
    return convert.mesh_from_blender(ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data)


def metal(ob):
    return convert.mesh_from_blender(nodes_metal.body_of(ob).data)


def same(one, other):
    return np.array_equal(one.vertices, other.vertices) and np.array_equal(one.faces, other.faces)


def recipe(ob):
    return Recipe.from_json(ob.jewelgen.recipe)


def is_one_closed_body(mesh):
    return edges(mesh.faces, len(mesh.vertices)).closed and mesh.volume > 0 and bodies(mesh.faces, len(mesh.vertices))[0] == 1


def hollow(own):
    own.craft.sheet = 0.5


def stone(own):
    own.stones.add().size = 1.2


CASES = {
    "sheet": (f"hammered band, {SMALL}", hollow, "sheet"),
    "openwork": ("openwork vine band, US 5, 7 mm wide", None, "openwork"),
    "filigree": ("filigree lotus disc pendant, 14 mm wide", None, "filigree"),
    "granulation": (f"granulation wave band, {SMALL}", None, "granulation"),
    "pierced letters": (f'band, pierced "I", {SMALL}', None, "openwork"),
    "letters inside": ('band, engraved inside "ANNA", US 7, 5 mm wide', None, "solid"),
    "stones": ("wave band, US 7, 4 mm wide", stone, "solid"),
}


@pytest.fixture
def window(shop, monkeypatch):
    """The shop as if it had a window: changes are worked half a second later, by timers that the test turns."""
    jobs = windowed(monkeypatch, shop)
    monkeypatch.setattr(metal_live, "bpy", Window(shop))
    monkeypatch.setattr(metal_live, "REST", 0.0)
    settle(shop)
    yield shop, jobs
    jobs.cancel_all()
    metal_live._desk.clear()


def made(window, words):
    bpy, jobs = window
    settle(bpy, words)
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    finish(jobs)
    assert not now(bpy).error
    worked(window)
    return active(bpy)


def worked(window, seconds=60.0):
    """Turn the timers until nothing is due and nothing is under way; gives the number of jobs."""
    bpy, jobs = window
    bpy.context.view_layer.update()
    end, begun, last = time.monotonic() + seconds, 0, None
    while metal_live._desk.due or (metal_live._desk.ticket is not None and not metal_live._desk.ticket.over):
        assert time.monotonic() < end
        metal_live._tick()
        if metal_live._desk.ticket is not None and metal_live._desk.ticket is not last:
            last, begun = metal_live._desk.ticket, begun + 1
        jobs.tick()
        time.sleep(0.005)
    metal_live._tick()
    return begun


# -- what is made


@pytest.mark.parametrize("case", CASES)
def test_each_craft_makes_a_closed_body_that_is_seen_in_place_of_the_relief(shop, case):
    words, more, kind = CASES[case]
    own = settle(shop, words)
    if more:
        more(own)
    ob = generate(shop)
    assert [mod.name for mod in ob.modifiers] == ["JewelGen", "JewelGen Metal"] and metal_live.facts(ob)["kind"] == kind
    assert "jewelgen_lift" in ob.data.attributes  # the live relief is there below
    stones = nodes_metal.body_of(ob).data["jewelgen_stones"]
    whole = seen(shop, ob)
    assert np.array_equal(whole.vertices, metal(ob).vertices)
    body = Mesh(whole.vertices, whole.faces[: len(whole.faces) - stones])
    used = np.unique(body.faces)
    assert len(used) == used[-1] + 1 and (stones > 0) == (case == "stones")
    if "pendant" not in words:  # a pendant's bail is soldered on when it is made
        assert is_one_closed_body(Mesh(whole.vertices[: len(used)], body.faces))
    seen_data = ob.evaluated_get(shop.context.evaluated_depsgraph_get()).data
    assert seen_data.materials[0].original == ob.active_material and len(seen_data.materials) == (2 if stones else 1)
    assert not metal_live.is_stale(ob, shop.context.scene)
    assert recipe(ob).craft == scene_recipe.craft_of(own) and recipe(ob).texts == scene_recipe.lines_of(own)
    assert len(shop.data.objects) == 2 and list(shop.context.scene.objects) == [ob]


@pytest.mark.parametrize("case", ["sheet", "openwork", "letters inside", "stones"])
def test_a_print_is_the_piece_of_the_recipe_to_the_last_vertex(shop, case):
    from blender_jewelgen.core import pipeline
    from blender_jewelgen.engines.registry import ask

    words, more, _ = CASES[case]
    own = settle(shop, words)
    if more:
        more(own)
    asked = properties.read_recipe(shop.context.scene)
    generate(shop)
    assert shop.ops.jewelgen.make_print() == {"FINISHED"}, now(shop).error
    body = convert.mesh_from_blender(active(shop).data)
    piece = pipeline.run(asked, ask, lambda share, text: None)
    assert np.array_equal(np.float32(piece.mesh.vertices), body.vertices) and np.array_equal(piece.mesh.faces, body.faces)
    assert is_one_closed_body(body)
    report = json.loads(active(shop).jewelgen.report)
    assert report["craft"] == json.loads(piece.report.to_json())["craft"]


def test_a_sheet_is_lighter_than_solid_metal_and_the_panel_says_by_how_much(shop):
    from recorder import draw

    from blender_jewelgen.blender import report_facts
    from blender_jewelgen.blender.panels_check import VIEW3D_PT_jewelgen_check

    own = settle(shop, "hammered disc pendant, 14 mm wide")
    own.craft.sheet, own.craft.rim = 0.5, 0.8
    generate(shop)
    shop.ops.jewelgen.make_print()
    facts = report_facts.facts_of(active(shop).jewelgen.report)
    assert facts.solid_volume_mm3 > facts.volume_mm3
    lines = draw(shop, VIEW3D_PT_jewelgen_check)
    at = lines.index("label If Solid")
    hollow_g, solid_g = (float(lines[k].split()[1]) for k in (at - 1, at + 1))
    assert solid_g / hollow_g == pytest.approx(facts.solid_volume_mm3 / facts.volume_mm3, rel=0.01)


# -- what is changed afterwards


def test_a_change_of_the_craft_is_worked_once_after_the_last_of_them(window):
    bpy, _ = window
    ob = made(window, CASES["openwork"][0])
    before, craft = metal(ob), bpy.context.scene.jewelgen.craft
    for web in (0.6, 0.7, 0.8):
        craft.web = web
    assert recipe(ob).craft == CraftParams(web=0.8)
    assert np.array_equal(metal(ob).vertices, before.vertices)  # seen until the new one is there
    assert worked(window) == 1
    after = metal(ob)
    assert not same(after, before) and is_one_closed_body(after)
    assert json.loads(bpy.context.scene.jewelgen.history[-1].recipe)["craft"]["web"] == 0.8
    craft.web = 0.5
    worked(window)
    assert same(metal(ob), before) and recipe(ob).craft == CraftParams()


def test_the_depth_of_the_modifier_and_the_metal_go_together(window):
    ob = made(window, CASES["sheet"][0].replace("hammered", "repousse wave"))
    bpy, _ = window
    bpy.context.scene.jewelgen.craft.hollow = True
    worked(window)
    high = np.linalg.norm(metal(ob).vertices[:, :2], axis=1).max()
    live = nodes_relief.modifier_of(ob)
    nodes_relief.set(live, "Depth", 0.25)
    assert worked(window) == 1
    assert np.linalg.norm(metal(ob).vertices[:, :2], axis=1).max() < high - 0.05
    bpy.context.view_layer.update()
    assert worked(window) == 0  # and then it rests


def test_a_sheet_turned_off_again_leaves_the_piece_as_it_was(window):
    bpy, _ = window
    ob = made(window, f"repousse wave band, {SMALL}")
    bare, relief, craft = convert.mesh_from_blender(ob.data), seen(bpy, ob), bpy.context.scene.jewelgen.craft
    assert nodes_metal.modifier_of(ob) is None
    craft.hollow = True
    worked(window)
    assert recipe(ob).craft.sheet == 0.5 and recipe(ob).form == orders.live_recipe(ob, bpy.context.scene).form
    assert metal(ob).volume < 0.75 * relief.volume and is_one_closed_body(metal(ob))
    craft.hollow = False
    worked(window)
    assert nodes_metal.modifier_of(ob) is None and len(bpy.data.objects) == 1
    assert np.array_equal(convert.mesh_from_blender(ob.data).vertices, bare.vertices)
    assert np.array_equal(seen(bpy, ob).vertices, relief.vertices)


def test_a_line_added_changed_moved_and_removed_changes_recipe_and_piece(window):
    bpy, _ = window
    ob = made(window, "wave band, US 7, 6 mm wide")
    own, heights = bpy.context.scene.jewelgen, []

    def height():
        worked(window)
        heights.append(bytes(ob.jewelgen.height.packed_file.data))
        assert recipe(ob).texts == scene_recipe.lines_of(own) and not metal_live.is_stale(ob, bpy.context.scene)
        return heights[-1]

    plain = height()
    bpy.ops.jewelgen.text_add(words="LOVE")
    assert height() != plain and [line.words for line in recipe(ob).texts] == ["LOVE"]
    assert nodes_metal.modifier_of(ob) is None  # raised letters are part of the live relief
    own.texts[0].height = 2.0
    assert height() not in heights[:-1]
    bpy.ops.jewelgen.text_duplicate()
    own.texts[1].words, own.texts[1].side, own.texts[1].style = "ANNA", "inside", "engraved"
    height()
    body = metal(ob)
    assert np.linalg.norm(body.vertices[:, :2], axis=1).min() > 17.3 / 2 - 0.02 and is_one_closed_body(body)
    bpy.ops.jewelgen.text_move(way="UP")
    assert own.texts_index == 0 and [row.words for row in own.texts] == ["ANNA", "LOVE"]
    bpy.ops.jewelgen.text_remove()
    height()
    assert nodes_metal.modifier_of(ob) is None and [line.words for line in recipe(ob).texts] == ["LOVE"]
    bpy.ops.jewelgen.text_remove()
    assert height() == plain and recipe(ob).texts == ()


def test_letters_that_are_changed_without_a_window_are_in_the_print(shop):
    settle(shop, "wave band, US 7, 6 mm wide")
    ob = generate(shop)
    shop.ops.jewelgen.text_add(words="LOVE")
    assert metal_live.is_stale(ob, shop.context.scene)
    shop.ops.jewelgen.make_print()
    report = json.loads(active(shop).jewelgen.report)
    assert [line["text"] for line in report["craft"]["lines"]] == ["LOVE"]
    choose(shop, ob)
    assert shop.ops.jewelgen.work() == {"FINISHED"}
    assert not metal_live.is_stale(ob, shop.context.scene)
    shop.ops.jewelgen.make_print()
    assert json.loads(active(shop).jewelgen.report)["volume_mm3"] == report["volume_mm3"]


def test_stones_are_set_evenly_and_each_takes_metal_away(window):
    bpy, _ = window
    ob = made(window, "wave band, US 7, 4 mm wide")
    own, solid = bpy.context.scene.jewelgen, None
    counts = []
    for count in (2, 5):
        bpy.ops.jewelgen.stones_around(count=count)
        own.stones[0].size = 1.2
        for row in own.stones:
            row.size = 1.2
        worked(window)
        facts = metal_live.facts(ob)
        counts.append((len(facts["stones"]), facts["carat_total"]))
        angles = np.sort([row["at"][0] for row in facts["stones"]])
        assert np.allclose(np.diff(angles), 1.0 / count, atol=1e-3)
        data = nodes_metal.body_of(ob).data
        gems = data["jewelgen_stones"]
        whole = metal(ob)
        body = Mesh(whole.vertices, whole.faces[:-gems])
        assert solid is None or body.volume < solid
        solid = body.volume
    assert [number for number, _ in counts] == [2, 5] and counts[1][1] == pytest.approx(2.5 * counts[0][1], rel=0.02)
    bpy.ops.jewelgen.stone_remove()
    worked(window)
    assert len(metal_live.facts(ob)["stones"]) == len(recipe(ob).stones) == 4
    bpy.ops.jewelgen.stones_clear()
    worked(window)
    assert nodes_metal.modifier_of(ob) is None and recipe(ob).stones == ()


def test_what_is_changed_beside_another_object_is_for_the_next_piece(window):
    bpy, _ = window
    ob = made(window, CASES["openwork"][0])
    asked, own = ob.jewelgen.recipe, bpy.context.scene.jewelgen
    torus(bpy)
    own.craft.web = 0.9
    assert worked(window) == 0 and ob.jewelgen.recipe == asked and metal_live.at_work(bpy.context) is None
    choose(bpy, ob)
    own.craft.web = 1.0
    assert ob.jewelgen.recipe == asked  # its settings are not those of the panel any more
    assert bpy.ops.jewelgen.take_up() == {"FINISHED"}
    assert metal_live.at_work(bpy.context) == ob and own.craft.web == 0.5
    own.craft.web = 0.8
    assert worked(window) == 1 and recipe(ob).craft.web == 0.8


def test_what_cannot_be_made_is_said_and_leaves_what_is_seen(window):
    bpy, _ = window
    ob = made(window, "wave band, US 7, 4 mm wide")
    own, before = bpy.context.scene.jewelgen, seen(bpy, ob)
    bpy.ops.jewelgen.stone_add()
    own.stones[0].size = 12.0
    worked(window)
    assert "stone" in now(bpy).error and np.array_equal(seen(bpy, ob).vertices, before.vertices)
    assert metal_live.was_left(ob) and worked(window) == 0  # not tried again and again
    own.stones[0].size = 1.2
    worked(window)
    assert now(bpy).error == "" and not metal_live.was_left(ob) and nodes_metal.is_shown(ob)


def test_the_mend_of_a_message_mends_the_piece_it_was_about(window):
    bpy, jobs = window
    ob = made(window, "wave band, US 7, 6 mm wide")
    inner = np.linalg.norm(seen(bpy, ob).vertices[:, :2], axis=1).min()
    bpy.ops.jewelgen.stone_add()
    worked(window)
    assert now(bpy).fix_option.startswith("--thickness")
    assert bpy.ops.jewelgen.fix() == {"FINISHED"}
    worked(window)
    own = bpy.context.scene.jewelgen
    assert not now(bpy).error and recipe(ob).form.thickness == properties.read_recipe(bpy.context.scene).form.thickness > 1.5
    assert np.linalg.norm(metal(ob).vertices[:, :2], axis=1).min() == pytest.approx(inner, abs=1e-3)
    asked = ob.jewelgen.recipe
    finish(jobs)
    other = made(window, own.prompt)  # a new piece of the same settings is the same piece
    assert other != ob and json.loads(other.jewelgen.recipe)["form"] == json.loads(asked)["form"]
    assert other.jewelgen.height.packed_file.data == ob.jewelgen.height.packed_file.data
    assert same(metal(other), metal(ob))


def test_work_that_is_stopped_begins_again_at_the_next_change_or_by_hand(window):
    bpy, jobs = window
    ob = made(window, CASES["openwork"][0])
    before, craft = metal(ob), bpy.context.scene.jewelgen.craft
    craft.web = 0.8
    metal_live._tick()
    assert metal_live.is_working(ob)
    jobs.tick()
    bpy.ops.jewelgen.work_cancel()
    assert worked(window) == 0 and np.array_equal(metal(ob).vertices, before.vertices) and metal_live.was_left(ob)
    assert bpy.ops.jewelgen.work() == {"FINISHED"}
    finish(jobs)
    assert not same(metal(ob), before) and not metal_live.is_stale(ob, bpy.context.scene)


def test_a_body_that_is_put_in_slowly_is_not_begun_anew(window, monkeypatch):
    bpy, jobs = window
    ob = made(window, f"repousse wave band, {SMALL}")
    monkeypatch.setattr(jobs, "HOLD", 0.0)  # one step a tick, as on a busy machine
    bpy.context.scene.jewelgen.craft.hollow = True
    begun, end = [], time.monotonic() + 60.0
    while metal_live._desk.due or (metal_live._desk.ticket is not None and not metal_live._desk.ticket.over):
        assert time.monotonic() < end
        bpy.context.view_layer.update()  # every step is a change of the object
        metal_live._tick()
        begun += [metal_live._desk.ticket] if metal_live._desk.ticket not in (None, *begun) else []
        jobs.tick()
        time.sleep(0.002)
    assert [ticket.state for ticket in begun] == ["done"] and len(begun[0].holds) > 5
    assert not metal_live.is_stale(ob, bpy.context.scene) and is_one_closed_body(metal(ob))


def test_an_undone_change_is_seen_as_undone(window):
    bpy, _ = window
    ob = made(window, CASES["openwork"][0])
    before, said = metal(ob), ob.jewelgen.recipe
    bpy.context.scene.jewelgen.craft.web = 0.8
    worked(window)
    ob.jewelgen.recipe = said  # what Blender's undo brings back
    metal_live._undone(bpy.context.scene)
    assert worked(window) == 1 and np.array_equal(metal(ob).vertices, before.vertices)


def test_the_metal_follows_the_materials_and_the_look_is_a_choice(window):
    bpy, _ = window
    ob = made(window, CASES["openwork"][0])
    body = seen(bpy, ob)
    bpy.ops.jewelgen.metal(key="bronze", finish="satin")
    bpy.context.view_layer.update()
    assert list(nodes_metal.body_of(ob).data.materials) == [ob.active_material]
    bpy.ops.jewelgen.look(look="MANUFACTURE")
    assert len(seen(bpy, ob).vertices) == len(ob.data.vertices)
    bpy.ops.jewelgen.look(look="METAL")
    assert np.array_equal(seen(bpy, ob).vertices, body.vertices)


def test_a_copy_of_a_piece_keeps_its_own_metal(window):
    bpy, _ = window
    ob = made(window, CASES["openwork"][0])
    before = metal(ob)
    twin = ob.copy()
    bpy.context.scene.collection.objects.link(twin)
    choose(bpy, ob)
    bpy.context.scene.jewelgen.craft.web = 0.8
    worked(window)
    assert not same(metal(ob), before) and same(metal(twin), before)


def test_a_recalled_piece_and_a_preset_bring_craft_lettering_and_stones_back(shop, tmp_path):
    own = settle(shop, 'openwork vine band, "I", US 5, 7 mm wide')
    own.craft.web = 0.7
    own.stones.add().size = 0.8
    own.stones.clear()
    ob = generate(shop)
    asked = properties.read_recipe(shop.context.scene)
    preset_values.write_file(tmp_path / "mine.py", preset_values.current(shop.context.scene))
    settle(shop, "hammered band")
    own.craft.web, own.craft.sheet = 0.5, 0.4
    shop.ops.jewelgen.text_add(words="OTHER")
    assert properties.read_recipe(shop.context.scene) != asked
    preset_values.apply(shop.context.scene, preset_values.read_file(tmp_path / "mine.py"))
    assert properties.read_recipe(shop.context.scene) == asked
    settle(shop, "hammered band")
    own.craft.web = 0.5
    shop.data.objects.remove(ob)
    assert shop.ops.jewelgen.recall(index=0) == {"FINISHED"}
    again = active(shop)
    assert (recipe(again).craft, recipe(again).texts) == (asked.craft, asked.texts)
    assert metal_live.at_work(shop.context) == again and is_one_closed_body(metal(again))


def test_a_mend_of_several_options_sets_them_all(shop):
    own = settle(shop, 'wave band "LOVE" and "ANNA"')
    now(shop).error, now(shop).fix_label, now(shop).fix_option = "text lies on the whole piece", "Lay the pattern once", "--around 1 --text-style engraved --web 0.7"
    own.relief.around = 3
    assert shop.ops.jewelgen.fix() == {"FINISHED"}
    made = properties.read_recipe(shop.context.scene)
    assert (made.relief.around, {line.style for line in made.texts}, made.craft.web) == (1, {"engraved"}, 0.7)
