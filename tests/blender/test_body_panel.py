"""From a Picture: forms, reliefs and meshes come into the scene with ornament on them; engines, keys and tasks say what can be used and why not."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

import fake_bodies
import live
import shop as workshop
from fake_bodies import FORM, ORIGIN, Bodies
from recorder import draw

from blender_jewelgen.blender import (
    body_after,
    convert,
    jobs,
    mesh_facts,
    nodes_relief,
    operators_body,
    properties_body,
    registration,
    scene_recipe,
)
from blender_jewelgen.core.errors import BadInput, Fix
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.units import inner_diameter

pytestmark = pytest.mark.skipif("operators_services" not in registration.MODULES, reason="not yet entered in blender/registration.py")

KEYS = {"ring": True, "keys": [
    {"provider": "meshy", "label": "Meshy", "page": "https://www.meshy.ai", "where": "keyring"},
    {"provider": "tripo", "label": "Tripo", "page": "https://platform.tripo3d.ai", "where": ""},
]}  # fmt: skip
TASK = {"id": "ab12cd34", "engine": "meshy", "label": "Meshy", "picture": "dragon.png", "prompt": "", "seed": 0, "model": "latest", "begun": "2026-11-21 10:00", "state": "open", "cost": ""}
OPEN = {"tasks": [TASK]}
TORCH = os.environ.get("JEWELGEN_TEST_PYTHON", "")  # a Python with torch and diffusers, whose worker makes bodies
TINY = Path(__file__).parents[1] / "bodies"
FAMILIES = ["shap-e", "triposr", "triposg"]
SECRET = "msy_dQw4w9WgXcQ_s3cret"


@pytest.fixture
def desk(shop, monkeypatch, tmp_path):
    """(bpy, what the panel keeps, a function that gives the worker answers, what it was asked)."""
    workshop.settle(shop, "")
    shop.context.scene.jewelgen_body.picture = str(picture(tmp_path))
    bodies = Bodies({"keys": lambda params, folder: KEYS, "tasks": lambda params, folder: OPEN})
    real = bodies._real
    monkeypatch.setattr(jobs._desk, "client", bodies)
    yield shop, shop.context.scene.jewelgen_body, bodies
    jobs.cancel_all()
    jobs._desk.client = real


def picture(folder, side=64):
    """A dark ring on white."""
    from PIL import Image

    path = folder / "Großmutters 戒指.png"
    rows, columns = np.mgrid[0:side, 0:side]
    far = np.hypot(rows - side / 2 + 0.5, columns - side / 2 + 0.5) / side
    Image.fromarray(np.where((far > 0.25) & (far < 0.4), 60, 255).astype(np.uint8)).save(path)
    return path


class Online:
    """``bpy`` of a Blender that may go online."""

    def __init__(self, bpy):
        self._bpy, self.app = bpy, App(bpy.app)

    def __getattr__(self, name):
        return getattr(self._bpy, name)


class App:
    online_access = True

    def __init__(self, app):
        self._app = app

    def __getattr__(self, name):
        return getattr(self._app, name)


@pytest.fixture
def online(monkeypatch):
    import sys

    import bpy

    for name in ("operators_body", "operators_services", "properties_body", "panels_body"):
        monkeypatch.setattr(sys.modules[f"blender_jewelgen.blender.{name}"], "bpy", Online(bpy))


def reliefs(bpy):
    return [ob for ob in bpy.context.scene.objects if ob.jewelgen.kind == "relief"]


def panel(bpy, name="body"):
    return draw(bpy, getattr(bpy.types, f"VIEW3D_PT_jewelgen_{name}"))


@pytest.mark.parametrize(("words", "ornament"), [("", "plain band"), ("lotus band, US 3", "lotus band, US 3")])
def test_a_picture_of_a_ring_becomes_a_ring_of_ours_that_can_be_edited(desk, words, ornament):
    bpy, group, bodies = desk
    bodies.answers["body"] = fake_bodies.formed
    settings = bpy.context.scene.jewelgen
    settings.prompt = words
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"}
    assert settings.prompt == ornament and settings.target == "NEW" and settings.source == "WORDS"
    form = settings.form
    assert (form.form, form.shape, form.size) == ("band", "d", "US 9") and form.width == pytest.approx(6.2) and form.thickness == pytest.approx(1.7)
    assert scene_recipe.touched(form) == {"form", "shape", "size", "width", "thickness"}  # what the picture did not show is the program's to choose
    (ob,) = reliefs(bpy)
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert (recipe.form.size, recipe.form.width, recipe.form.shape) == ("US 9", 6.2, "d") and recipe.origin == ORIGIN
    assert "seen from the front" in ob["jewelgen_notes"] and bool(recipe.design.motifs) == bool(words)
    asked = bodies.of("body")[0]
    assert asked["picture"] == group.picture and not asked["online"] and asked["body"]["engine"] == "auto" and asked["size"] == ("US 3" if words else "")
    if not words:  # nothing stands on a plain ring: it is as thick as the picture shows it
        far = np.linalg.norm(live.positions(bpy, ob)[:, :2], axis=1)
        assert far.max() == pytest.approx(inner_diameter("US 9") / 2.0 + 1.7, abs=0.01)
    settings.form.width = 4.0  # editable: the next piece is narrower, and nothing else of it is another
    again = scene_recipe.read_recipe(bpy.context.scene)
    assert again.form.width == 4.0 and (again.form.size, again.form.shape, again.form.thickness) == ("US 9", "d", 1.7)


def test_a_second_picture_takes_the_place_of_what_the_first_one_said(desk):
    bpy = desk[0]
    body_after.put_form(bpy.context.scene, FORM)
    body_after.put_form(bpy.context.scene, FORM | {"form": "signet", "shape": "oval", "thickness": None, "width": 12.0})
    form = bpy.context.scene.jewelgen.form
    assert (form.form, form.shape, form.width) == ("signet", "oval", 12.0) and "thickness" not in scene_recipe.touched(form)
    settings = bpy.context.scene.jewelgen
    settings.prompt = "plain band"  # of the first picture
    body_after.plain(settings)
    assert settings.prompt == "plain signet" and form.form == "signet"
    assert scene_recipe.read_recipe(bpy.context.scene).form.thickness is None


@pytest.mark.parametrize(("found", "by_hand"), [("US 7", False), ("US 9", True)])
def test_an_assumed_finger_stays_the_words_to_say(desk, found, by_hand):
    bpy, _, _ = desk
    settings = bpy.context.scene.jewelgen
    body_after.put_form(bpy.context.scene, FORM | {"size": found})
    assert ("size" in scene_recipe.touched(settings.form)) is by_hand
    settings.prompt = "lotus band, US 5"
    assert scene_recipe.read_recipe(bpy.context.scene).form.size == ("US 9" if by_hand else "US 5")


def test_a_relief_of_an_earlier_picture_is_not_wrapped_round_a_ring(desk):
    bpy, _, bodies = desk
    settings = bpy.context.scene.jewelgen
    bodies.answers["body"] = fake_bodies.relieved
    for _ in range(2):
        bpy.ops.jewelgen.body_make()
    assert settings.source == "PICTURE"
    bodies.answers["body"] = fake_bodies.formed
    bpy.ops.jewelgen.body_make()
    assert settings.source == "WORDS" and Recipe.from_json(bpy.context.active_object.jewelgen.recipe).height is None
    settings.picture, settings.source = bpy.data.images.new("of the artist", 64, 16), "PICTURE"
    body_after.plain(settings)
    assert settings.source == "PICTURE"


def test_a_finger_that_was_asked_for_goes_to_the_engine(desk):
    bpy, group, bodies = desk
    bodies.answers["body"] = fake_bodies.formed
    group.solid.finger = "EU 60"
    bpy.context.scene.jewelgen.prompt = "signet, US 6"
    bpy.ops.jewelgen.body_make()
    assert bodies.of("body")[0]["size"] == "EU 60"


def test_a_picture_of_a_medallion_becomes_a_relief_of_itself(desk):
    bpy, _, bodies = desk
    bodies.answers["body"] = fake_bodies.relieved
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"}
    settings = bpy.context.scene.jewelgen
    assert settings.source == "PICTURE" and tuple(settings.picture.size) == (64, 64) and settings.picture.packed_file
    (ob,) = reliefs(bpy)
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert (recipe.form.form, recipe.form.width) == ("medallion", 21.0) and recipe.height is not None and recipe.origin == ORIGIN
    assert ob.dimensions.x == pytest.approx(21.0, abs=0.01)


@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_a_generated_mesh_stands_solid_at_the_cursor_and_waits_for_words(desk, unit):
    bpy, group, bodies = desk
    scene = bpy.context.scene
    scene.unit_settings.scale_length = 0.001 / unit
    scene.cursor.location = (1.0, 2.0, 3.0)
    group.engine = "shap-e"
    raw, solid = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32)), workshop.tube(9.0, 1.0, 48, 16)
    refused = {"seed": 1, "numbers": fake_bodies.numbers(raw, pieces=63, closed=False, box_planes=0.095), "refused": "the model's box cut it off: 9.5% of it lies flat on the box's planes"}
    bodies.answers["body"] = fake_bodies.meshed(raw, solid, candidates=[{"seed": 0, "numbers": fake_bodies.numbers(solid), "refused": ""}, refused], cost="5 credits")
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"}
    ob = bpy.context.active_object
    assert ob.name == "Großmutters 戒指" and tuple(ob.location) == (1.0, 2.0, 3.0) and list(bpy.context.selected_objects) == [ob]
    found = convert.mesh_from_blender(ob.data, unit)
    np.testing.assert_allclose(found.vertices, solid.vertices, atol=1e-4)
    assert scene.jewelgen.target == "SELECTED" and not reliefs(bpy) and not bodies.of("lay")  # nothing says what ornament it bears
    lines = " ".join(line.removeprefix("label ") for line in panel(bpy))
    assert "5 credits" in lines and "63 pieces, open, 9.5% on box walls" in lines and "cut it off: 9.5%" in lines
    kept = mesh_facts.kept(ob)
    assert kept.now["pieces"] == 1 and kept.before["pieces"] == 63 and not kept.stale


def test_words_are_laid_on_a_generated_mesh_by_the_best_mapping(desk):
    bpy, group, bodies = desk
    group.engine = "shap-e"
    settings = bpy.context.scene.jewelgen
    settings.prompt, settings.relief.mapping = "meander band", "planar"
    tube = workshop.tube(9.0, 1.6, 96, 32)
    bodies.answers["body"] = fake_bodies.meshed(tube, tube)
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"}
    (ob,) = reliefs(bpy)
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert recipe.form.form == "mesh" and recipe.origin == ORIGIN and recipe.design.prompt == "meander band"
    assert bodies.of("lay")[0]["mesh"] == "mesh.npz" and settings.relief.mapping == "auto"
    assert nodes_relief.modifier_of(ob) is not None and len(bpy.data.objects) == 1


def test_a_scan_goes_the_same_way_as_a_picture(shop, tmp_path):
    pytest.importorskip("trimesh")
    from test_import import write

    workshop.settle(shop, "")
    group = shop.context.scene.jewelgen_body
    group.picture = write(tmp_path / "polycam.glb", workshop.tube(9.0, 1.6, 48, 16))
    lines = panel(shop)
    assert any("body_mesh" in line for line in lines) and not any("JewelGenBody.view" in line for line in panel(shop, "body_more"))
    group.solid.size = "30 mm"
    assert shop.ops.jewelgen.body_mesh() == {"FINISHED"}
    ob = shop.context.active_object
    assert ob.name == "polycam" and max(ob.dimensions) == pytest.approx(30.0, abs=0.05) and mesh_facts.kept(ob).now["closed"]


@pytest.mark.parametrize("mend", [True, False])
def test_mesh_only_brings_the_solid_or_the_mesh_as_it_was_given(desk, mend):
    bpy, group, bodies = desk
    group.engine, group.mend = "triposr", mend
    bpy.context.scene.jewelgen.prompt = "lotus band"
    raw, solid = workshop.tube(9.0, 2.0, 24, 8), workshop.tube(9.0, 1.0, 48, 16)
    bodies.answers["body"] = fake_bodies.meshed(raw, solid)
    assert bpy.ops.jewelgen.body_mesh() == {"FINISHED"}
    ob = bpy.context.active_object
    assert len(ob.data.vertices) == len((solid if mend else raw).vertices) and bpy.context.scene.jewelgen.target == "NEW" and not bodies.of("lay")
    kept = mesh_facts.kept(ob)
    assert kept.now["pieces"] == (1 if mend else 63) and (kept.before is not None) == mend


def test_embedded_engines_give_no_mesh_and_say_so(desk):
    bpy, group, _ = desk
    assert not bpy.ops.jewelgen.body_mesh.poll() and not any("body_mesh" in line for line in panel(bpy))
    group.engine = "triposr"
    assert bpy.ops.jewelgen.body_mesh.poll() and any("body_mesh" in line for line in panel(bpy))
    group.picture = ""
    assert not bpy.ops.jewelgen.body_make.poll()
    group.engine, group.prompt = "shap-e", "a dragon"
    assert bpy.ops.jewelgen.body_make.poll()


def test_one_candidate_is_made_again_alone(desk):
    bpy, group, bodies = desk
    group.engine, group.candidates, group.seed = "shap-e", 5, 10
    tube = workshop.tube(9.0, 1.0, 24, 8)
    told = [{"seed": seed, "numbers": fake_bodies.numbers(tube), "refused": ""} for seed in (10, 11)]
    bodies.answers["body"] = fake_bodies.meshed(tube, tube, candidates=told)
    bpy.ops.jewelgen.body_mesh()
    assert sum("body_take" in line for line in panel(bpy)) == 2
    bpy.ops.jewelgen.body_take(seed=11)
    first, second = bodies.of("body")
    assert (first["seed"], first["body"]["candidates"]) == (10, 5) and (second["seed"], second["body"]["candidates"]) == (11, 1)


def test_a_refused_picture_says_why_and_one_click_takes_the_other_engine(desk):
    bpy, group, bodies = desk
    group.engine = "ring"

    def refuse(params, folder):
        raise BadInput("no ring can be seen in this picture", field="picture", fix=Fix("Raise a Relief", "--engine relief"))

    bodies.answers["body"] = refuse
    with pytest.raises(RuntimeError, match="no ring can be seen"):
        bpy.ops.jewelgen.body_make()
    now = bpy.context.window_manager.jewelgen
    assert now.error == "no ring can be seen in this picture" and len(bpy.data.objects) == 0
    before = bpy.context.scene.jewelgen.make.engine
    assert operators_body.mend(None, bpy.context, now.fix_option) and group.engine == "relief" and bpy.context.scene.jewelgen.make.engine == before
    jobs.show_error(BadInput("the depth is too much", field="depth", fix=Fix("Use 0.6 mm", "--engine motif")))
    assert not operators_body.mend(None, bpy.context, now.fix_option) and group.engine == "relief"  # a message about something else


@pytest.mark.parametrize(("option", "holder", "name", "value"), [
    ('--finger "US 8"', "solid", "finger", "US 8"), ("--resolution 0.2", "solid", "resolution", 0.2), ("--candidates 2", "", "candidates", 2), ("--view front", "", "view", "front"),
])  # fmt: skip
def test_every_setting_of_the_panel_can_be_mended(desk, option, holder, name, value):
    bpy, group, _ = desk
    error = BadInput("this does not go", field=name, fix=Fix("Mend It", option))
    jobs.show_error(error)
    properties_body.failed(error)
    assert operators_body.mend(None, bpy.context, option)
    assert getattr(group.solid if holder else group, name) == (pytest.approx(value) if isinstance(value, float) else value)
    with pytest.raises(BadInput, match="view cannot be"):
        operators_body.mend(None, bpy.context, "--view backwards")


def test_services_are_out_of_reach_until_online_access_and_a_key(desk):
    bpy, group, bodies = desk
    for engine in ("meshy", "tripo", "rodin", "stability"):
        group.engine = engine
        assert "Online access is off" in properties_body.way(bpy.context, engine).reason and not bpy.ops.jewelgen.body_make.poll()
        assert any("Open Preferences" in line for line in panel(bpy))
    drawn = draw(bpy, bpy.types.JEWELGEN_MT_body_engine)
    assert sum("(offline)" in line for line in drawn) == 4 and not any("(offline)" in line for line in drawn if "Shap-E" in line or "ComfyUI" in line)
    assert bodies.asked == []  # nothing was looked for


def test_with_a_key_and_online_access_a_service_is_asked_and_its_terms_are_shown(desk, online):
    bpy, group, bodies = desk
    assert bpy.ops.jewelgen.services_look() == {"FINISHED"}
    group.engine = "tripo"
    assert "key" in properties_body.way(bpy.context, "tripo").reason and not bpy.ops.jewelgen.body_make.poll()
    assert any("key_set" in line for line in panel(bpy))
    group.engine = "meshy"
    tube = workshop.tube(9.0, 1.0, 24, 8)
    bodies.answers["body"] = fake_bodies.meshed(tube, tube)
    text = " ".join(line.removeprefix("label ") for line in panel(bpy))
    assert "Meshy terms" in text and "The picture is sent to this service" in text
    bpy.ops.jewelgen.body_make()
    assert bodies.of("body")[0]["online"] is True
    assert sum("(no key)" in line for line in draw(bpy, bpy.types.JEWELGEN_MT_body_engine)) == 3


@pytest.mark.parametrize(("address", "here"), [
    ("", True), ("http://127.0.0.1:8081", True), ("http://localhost:8188/", True), ("http://[::1]:8081", True), ("https://render.example.org", False), ("http://[", False),
])  # fmt: skip
def test_a_server_on_this_computer_needs_no_online_access(desk, address, here):
    bpy, group, _ = desk
    group.engine, group.server = "comfyui", address
    assert bpy.ops.jewelgen.body_make.poll() is here and properties_body.on_this_computer(address) is here


def test_a_key_goes_to_the_worker_and_stays_nowhere(desk, tmp_path):
    bpy, _, bodies = desk
    heard = []
    bodies.answers["key_set"] = lambda params, folder: heard.append(dict(params)) or {}
    bpy.ops.jewelgen.key_set(provider="meshy", key=SECRET)
    assert [(told["provider"], told["key"]) for told in heard] == [("meshy", SECRET)]
    assert bodies.of("keys")  # looked again
    text = json.dumps([row.where for row in properties_body.known().keys]) + str([list(ob.items()) for ob in bpy.data.objects])
    assert SECRET not in text and bpy.ops.jewelgen.key_set.get_rna_type().properties["key"].is_skip_save
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"), compress=False)
    assert SECRET.encode() not in (tmp_path / "kept.blend").read_bytes()
    assert "REGISTER" not in bpy.types.JEWELGEN_OT_key_set.bl_options
    with pytest.raises(RuntimeError, match="type the key first"):
        bpy.ops.jewelgen.key_set(provider="meshy", key="  ")
    log = jobs.log_file()
    assert not log.exists() or SECRET not in log.read_text(errors="replace")


def test_without_a_key_ring_the_worker_keeps_a_key_for_the_session(shop, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("MESHY", "TRIPO", "RODIN", "STABILITY", "OPENAI"):
        monkeypatch.delenv(f"JEWELGEN_{name}_KEY", raising=False)
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path))
    jobs.restart()
    try:
        shop.ops.jewelgen.services_look()
        known = properties_body.known()
        assert not any(row.where for row in known.keys) and not known.ring and len(known.tasks) == 0
        shop.ops.jewelgen.key_set(provider="meshy", key=SECRET)
        assert [row.provider for row in known.keys if row.where] == ["meshy"]
        with pytest.raises(RuntimeError, match="holds blanks"):
            shop.ops.jewelgen.key_set(provider="tripo", key="two words")
        shop.ops.jewelgen.key_remove(provider="meshy")
        assert not any(row.where for row in known.keys)
        assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert SECRET not in jobs.log_file().read_text(errors="replace")
    finally:
        jobs.restart()


def test_keys_are_listed_and_removed(desk):
    bpy, _, bodies = desk
    bodies.answers["key_remove"] = lambda params, folder: {}
    assert any("services_look" in line for line in panel(bpy, "services"))
    bpy.ops.jewelgen.services_look()
    lines = panel(bpy, "services")
    assert "label Key Ring" in lines and "label No Key" in lines and sum("key_set" in line for line in lines) == 2 and sum("key_remove" in line for line in lines) == 1
    bpy.ops.jewelgen.key_remove(provider="meshy")
    assert [told["provider"] for told in bodies.of("key_remove")] == ["meshy"]


def test_polycam_is_named_as_what_it_is(desk):
    bpy, _, _ = desk
    text = " ".join(line.removeprefix("label ") for line in panel(bpy, "services"))
    assert "Polycam has no public interface: import its files" in text and "jewelgen.import_mesh" in text


def test_an_open_task_is_fetched_without_ordering_anything_anew(desk, online):
    bpy, _, bodies = desk
    bpy.ops.jewelgen.services_look()
    assert "dragon.png, 2026-11-21 10:00" in " ".join(line.removeprefix("label ") for line in panel(bpy, "services")).replace("Dragon", "dragon")
    tube = workshop.tube(9.0, 1.0, 24, 8)
    bodies.answers["body"] = fake_bodies.meshed(tube, tube, engine="meshy")
    assert bpy.ops.jewelgen.task_resume(task="ab12cd34") == {"FINISHED"}
    (asked,) = bodies.of("body")
    assert asked["task"] == "ab12cd34" and asked["picture"] == asked["prompt"] == "" and asked["body"]["engine"] == "meshy"
    assert bpy.context.active_object.name == "dragon"
    with pytest.raises(RuntimeError, match="not open any more"):
        bpy.ops.jewelgen.task_resume(task="gone")


def test_a_message_about_a_task_leads_back_to_it(desk, online):
    bpy, group, bodies = desk
    group.engine = "meshy"

    def late(params, folder):
        raise BadInput("Meshy has worked on the task for 45 min without an end; it stays on the list", field="task", fix=Fix("Resume the Task", "jewelgen tasks resume ab12cd34"))

    bodies.answers["body"] = late
    with pytest.raises(RuntimeError, match="stays on the list"):
        bpy.ops.jewelgen.body_mesh()
    tube = workshop.tube(9.0, 1.0, 24, 8)
    bodies.answers["body"] = fake_bodies.meshed(tube, tube, engine="meshy")

    class Told:
        bl_label = "Mend"

        def report(self, kind, text):
            self.text = text

    told = Told()
    assert operators_body.mend(told, bpy.context, bpy.context.window_manager.jewelgen.fix_option)
    assert bodies.of("body")[-1]["task"] == "ab12cd34" and bodies.of("body")[-1]["picture"] == "" and "by meshy" in told.text


def test_a_task_is_forgotten(desk):
    bpy, _, bodies = desk
    bodies.answers["task_forget"] = lambda params, folder: {}
    bpy.ops.jewelgen.services_look()
    bodies.answers["tasks"] = lambda params, folder: {"tasks": []}
    bpy.ops.jewelgen.task_forget(task="ab12cd34")
    assert len(properties_body.known().tasks) == 0 and not any("task_resume" in line for line in panel(bpy, "services"))


def test_cancel_while_a_service_works_leaves_nothing(desk, monkeypatch):
    bpy, group, bodies = desk
    group.engine = "shap-e"
    bodies.answers["body"] = None
    windowed = workshop.windowed(monkeypatch, bpy)
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"}
    now = bpy.context.window_manager.jewelgen
    workshop.tick_until(windowed, lambda: "30%" in now.status)
    assert any(line.startswith("progress") for line in panel(bpy)) and any("jewelgen.cancel" in line for line in panel(bpy))
    bpy.ops.jewelgen.cancel()
    workshop.finish(windowed)
    assert bodies.cancelled and not now.busy and not now.error and len(bpy.data.objects) == 0 and not bodies.of("lay")


def test_with_a_window_the_click_returns_at_once_and_the_piece_follows(desk, monkeypatch):
    bpy, _, bodies = desk
    bodies.answers["body"] = fake_bodies.formed
    windowed = workshop.windowed(monkeypatch, bpy)
    assert bpy.ops.jewelgen.body_make() == {"FINISHED"} and not reliefs(bpy)
    workshop.finish(windowed)
    assert len(reliefs(bpy)) == 1 and not bpy.context.window_manager.jewelgen.error


def test_a_picture_is_opened_and_its_thumbnail_is_not_in_the_file(desk, tmp_path):
    bpy, group, bodies = desk
    path = picture(tmp_path)
    group.picture = ""
    assert bpy.ops.jewelgen.body_open(filepath=str(path)) == {"FINISHED"} and group.picture == str(path)
    assert any(path.name in line for line in panel(bpy)) and len(bpy.data.images) == 0
    with pytest.raises(RuntimeError, match="that is there"):
        bpy.ops.jewelgen.body_open(filepath=str(tmp_path / "none.png"))
    bodies.answers["body"] = fake_bodies.relieved
    bpy.ops.jewelgen.body_make()
    from blender_jewelgen.blender import body_view

    assert body_view._view.seen and "mask" in body_view._view.held
    assert bpy.ops.jewelgen.body_clear() == {"FINISHED"} and not group.picture and not body_view._view.seen


def test_advanced_shows_what_the_engine_heeds(desk):
    bpy, group, _ = desk

    def names():
        return [line.split()[1].partition(".")[2] for line in panel(bpy, "body_more") if line.startswith("prop")]

    assert names() == ["view"]
    group.engine = "shap-e"
    assert {"model", "seed", "candidates", "steps", "guidance", "grid", "mend", "resolution", "symmetric", "flat", "width"} <= set(names()) and "flat_depth" not in names()
    group.solid.flat = "back"
    assert "flat_depth" in names()
    group.mend = False
    assert "resolution" not in names()


@pytest.mark.parametrize("engine", ["auto", "ring", "relief", "file", "shap-e", "triposr", "triposg", "hunyuan-server", "comfyui", "meshy", "tripo", "rodin", "stability", "nobody"])
def test_panels_draw_for_every_engine_and_change_nothing(desk, engine):
    bpy, group, bodies = desk
    group.engine = engine
    for name in ("body", "body_more", "services", "solid"):
        assert panel(bpy, name)
    assert len(bpy.data.images) == len(bpy.data.objects) == 0 and bodies.asked == []
    assert bpy.ops.jewelgen.body_make.poll() is (engine not in ("meshy", "tripo", "rodin", "stability", "nobody"))


def test_a_service_on_this_machine_is_asked_through_panel_and_worker(shop, online, monkeypatch, tmp_path):
    """Key typed in the dialog, mesh made solid at the cursor, cost shown; the finished task is brought again without a second order."""
    import sys

    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "remote"))
    services = pytest.importorskip("services")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "JEWELGEN_OFFLINE", "JEWELGEN_MESHY_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "home"))
    server = services.Services().start()
    workshop.settle(shop, "")
    group = shop.context.scene.jewelgen_body
    group.engine, group.server, group.picture, group.solid.size = "meshy", server.address, str(picture(tmp_path)), "25 mm"
    jobs.restart()
    try:
        with pytest.raises(RuntimeError, match="needs a key"):
            shop.ops.jewelgen.body_mesh()
        shop.ops.jewelgen.key_set(provider="meshy", key=services.KEYS["meshy"])
        assert shop.ops.jewelgen.body_mesh() == {"FINISHED"}
        ob = shop.context.active_object
        kept = mesh_facts.kept(ob)
        assert kept.now["closed"] and max(kept.now["size_mm"]) == pytest.approx(25.0, abs=0.01) and properties_body.known().cost == "20 credits"
        shop.ops.jewelgen.services_look()
        (task,) = properties_body.known().tasks
        assert task.done and task.of == "Großmutters 戒指.png"
        assert shop.ops.jewelgen.task_resume(task=task.task) == {"FINISHED"}
        assert len(shop.data.objects) == 2 and len(server.of("image-to-3d", "POST")) == 1
    finally:
        jobs.restart()
        server.stop()
        sys.modules.pop("services", None)


def test_a_ring_in_a_picture_becomes_a_ring_through_the_worker(shop, tmp_path):
    pytest.importorskip("blender_jewelgen.engines.bodies.auto")
    from PIL import Image

    workshop.settle(shop, "")
    rows, columns = np.mgrid[0:400, 0:400]
    far = np.hypot(rows - 199.5, columns - 199.5)
    Image.fromarray(np.where((far > 110) & (far < 135), 90, 250).astype(np.uint8)).save(tmp_path / "ring.png")
    shop.context.scene.jewelgen_body.picture = str(tmp_path / "ring.png")
    assert shop.ops.jewelgen.body_make() == {"FINISHED"}
    (ob,) = reliefs(shop)
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert recipe.form.form == "band" and recipe.origin["name"] == "ring" and Path(recipe.origin["path"]).name == "ring.png"
    assert shop.context.scene.jewelgen.form.form == "band" and ob["jewelgen_notes"]


@pytest.fixture(scope="module")
def miniatures(tmp_path_factory):
    """A folder with every local family that makes bodies, in miniature, built by the Python that has torch."""
    if not TORCH:
        pytest.skip("JEWELGEN_TEST_PYTHON names no Python with torch")
    home = tmp_path_factory.mktemp("bodies")
    code = (
        f"import sys; from pathlib import Path; sys.path[:0] = [{str(TINY)!r}, {str(TINY.parents[1])!r}]; import tiny_bodies\n"
        f"for name in {FAMILIES!r}: tiny_bodies.built(name, Path({str(home)!r}) / ('小 ' + name))"
    )
    subprocess.run([TORCH, "-P", "-c", code], check=True, timeout=300, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True)
    return home


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_a_local_model_makes_a_solid_body_from_the_panel(shop, miniatures, monkeypatch, tmp_path, family):
    real = jobs.addon.setting
    monkeypatch.setattr(jobs.addon, "setting", lambda name, default=None, context=None: TORCH if name == "python" else real(name, default, context))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("JEWELGEN_HOME", str(tmp_path / "home"))
    jobs.restart()
    try:
        workshop.settle(shop, "")
        group = shop.context.scene.jewelgen_body
        group.picture, group.engine, group.model = str(picture(tmp_path, 160)), family, str(miniatures / f"小 {family}")
        group.grid, group.steps, group.candidates, group.solid.size = 40, 2, 2, "20 mm"
        assert shop.ops.jewelgen.body_mesh() == {"FINISHED"}
        ob, own = shop.context.active_object, properties_body.known()
        kept = mesh_facts.kept(ob)
        assert kept.now["closed"] and kept.now["pieces"] == 1 and max(kept.now["size_mm"]) == pytest.approx(20.0, abs=0.01)
        assert own.engine == family and len(own.candidates) == (1 if family == "triposr" else 2)
        assert any(line.startswith("label Seed") for line in panel(shop))
    finally:
        jobs.restart()
