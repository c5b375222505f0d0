"""The Picture Model panel: what it says is what a recipe has, a recalled one says it again, and a model's steps and picture are seen."""

from __future__ import annotations

import os
import subprocess
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from desk import recipe, ticked
from recorder import draw
from shop import active, now, settle

from blender_jewelgen.blender import diffusion_state, jobs, properties, step_view
from blender_jewelgen.core.diffusion import SCHEDULERS, Control, DiffusionParams, ImagePrompt, Lora
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.params import METHODS
from blender_jewelgen.core.recipe import Recipe

PANELS = ("pictures", "pictures_start", "pictures_images", "pictures_controls", "pictures_loras")
TINY = Path(__file__).parents[1] / "diffusion" / "tiny.py"
TORCH = os.environ.get("JEWELGEN_TEST_PYTHON", "")

FULL = DiffusionParams(
    prompt="a lotus, (scroll)1.3", negative="text", steps=7, guidance=0.0, scheduler="euler-ancestral", pixels=768, start="/p/start.png", strength=0.35,
    box="0.1,0.2,0.3,0.4", tiling="both", manner="picture", method="depth-anything", upscale=4, adapter="h94/IP-Adapter@main",
    images=(ImagePrompt(path="/p/a.png", weight=0.7, part="style"), ImagePrompt(path="/p/b.png", part="layout")),
    controls=(Control(kind="depth", path="/p/d.png", model="controlnet-tile-sd15", weight=1.1), Control(kind="tile", path="/p/t.png")),
    loras=(Lora(path="/l/one.safetensors", weight=-0.3), Lora(path="/l/two", weight=1.25)),
)  # fmt: skip
MASKED = DiffusionParams(start="/p/start.png", mask="/p/mask.png", strength=1.0)


def said(bpy):
    """The diffusion parameters of the scene's recipe, through the text that a file would hold."""
    return Recipe.from_json(properties.read_recipe(bpy.context.scene).to_json()).diffusion


def pictured(bpy, engine="diffusers:sd15", prompt="lotus band"):
    own = bpy.context.scene.jewelgen
    own.prompt, own.make.engine = prompt, engine
    return own.pictures


def lines(bpy, *names):
    return [line for name in names or PANELS for line in draw(bpy, getattr(bpy.types, f"VIEW3D_PT_jewelgen_{name}"))]


# -- the recipe


def test_the_panel_as_it_is_at_first_says_nothing_to_a_model(shop):
    pictured(shop)
    assert said(shop) == DiffusionParams()


def test_every_parameter_has_a_place_in_the_panel(shop):
    names = set(pictured(shop).bl_rna.properties.keys())
    assert {f.name for f in fields(DiffusionParams)} - names == {"upscale"} and "times" in names
    for name, cls in diffusion_state.ROWS.items():
        row = getattr(shop.context.scene.jewelgen.pictures, name).add()
        assert {f.name for f in fields(cls)} <= set(row.bl_rna.properties.keys())
    group = shop.context.scene.jewelgen.pictures
    for name, values in (("method", METHODS), ("scheduler", SCHEDULERS)):
        assert [item.identifier for item in group.bl_rna.properties[name].enum_items] == [value or "_" for value in values]


@pytest.mark.parametrize("params", [FULL, MASKED, DiffusionParams(upscale=2), DiffusionParams(guidance=7.5, tiling="none")])
def test_what_a_recalled_recipe_says_the_panel_says_again(shop, params):
    own = pictured(shop)
    diffusion_state.put_params(own, FULL)  # of another piece: nothing of it may stay
    before = properties.read_recipe(shop.context.scene)
    again = Recipe.from_json(before.to_json().replace('"seed": 0', '"seed": 5'))
    shop.context.scene.jewelgen.make.engine = "auto"
    from dataclasses import replace

    scene = shop.context.scene
    properties.write_recipe(scene, replace(again, diffusion=params))
    assert properties.read_recipe(scene).make == replace(before.make, seed=5)
    assert said(shop) == params


def test_each_setting_of_the_panel_comes_into_the_recipe(shop):
    own = pictured(shop)
    own.prompt, own.steps, own.guidance, own.pixels, own.times = "a rose", 12, 0.0, 640, "2"
    own.scheduler, own.tiling, own.manner, own.method = "dpm++", "x", "picture", "shading"
    for path, weight in (("/l/a.safetensors", 0.5), (" ", 1.0)):
        assert shop.ops.jewelgen.pictures_add(rows="loras") == {"FINISHED"}
        own.loras[-1].path, own.loras[-1].weight = path, weight
    assert said(shop) == DiffusionParams(
        prompt="a rose", steps=12, guidance=0.0, pixels=640, upscale=2, scheduler="dpm++", tiling="x", manner="picture", method="shading",
        loras=(Lora(path="/l/a.safetensors", weight=0.5),),
    )  # fmt: skip


def test_a_mask_or_box_counts_only_where_it_is_chosen_and_there_is_a_start(shop):
    own = pictured(shop)
    own.mask, own.region = "/p/mask.png", "MASK"
    assert said(shop) == DiffusionParams()
    own.start = "/p/start.png"
    assert said(shop) == DiffusionParams(start="/p/start.png", mask="/p/mask.png")
    own.region = "BOX"
    assert said(shop) == DiffusionParams(start="/p/start.png", box="0.25,0.25,0.5,0.5")
    own.area = (0.9, 0.0, 0.5, 1.0)  # what would reach beyond the picture ends with it
    assert said(shop).box == "0.9,0,0.1,1"
    assert tuple(own.area) == pytest.approx((0.9, 0.0, 0.1, 1.0))
    own.region = "ALL"
    assert said(shop) == DiffusionParams(start="/p/start.png")


def test_of_other_engines_the_recipe_says_nothing_and_the_panel_keeps_its_settings(shop):
    own = pictured(shop)
    diffusion_state.put_params(own, FULL)
    scene = shop.context.scene
    for engine in ("auto", "procedural", "motif"):
        scene.jewelgen.make.engine = engine
        assert said(shop) == DiffusionParams()
        properties.write_recipe(scene, properties.read_recipe(scene))
    scene.jewelgen.make.engine = "diffusers:sd15"
    assert said(shop) == FULL


def test_names_beside_the_blend_file_are_whole_in_the_recipe(shop, tmp_path):
    own = pictured(shop, "diffusers://models/own.safetensors")
    with pytest.raises(BadInput, match="save the file first") as caught:
        properties.read_recipe(shop.context.scene)
    assert caught.value.field == "engine"
    home = tmp_path / "首饰 盒"
    home.mkdir()
    shop.ops.wm.save_as_mainfile(filepath=str(home / "work.blend"))
    own = shop.context.scene.jewelgen.pictures
    own.start, own.loras.add().path, own.adapter = "//a.png", "//../l", "owner/name"
    control = own.controls.add()
    control.path, control.model = "//lines.png", "//net"
    made = properties.read_recipe(shop.context.scene)
    assert made.make.engine == f"diffusers:{home / 'models' / 'own.safetensors'}"
    told = made.diffusion
    assert (told.start, told.loras[0].path, told.adapter) == (str(home / "a.png"), str(tmp_path / "l"), "owner/name")
    assert (told.controls[0].path, told.controls[0].model) == (str(home / "lines.png"), str(home / "net"))


def test_generate_without_a_model_says_so_and_begins_nothing(shop):
    pictured(shop, "diffusers:")
    with pytest.raises(RuntimeError, match="no picture model is chosen"):
        shop.ops.jewelgen.generate()
    assert now(shop).error_field == "engine" and not jobs.open_tickets()


# -- the operators


def test_engines_are_chosen_by_the_menu_the_field_and_the_file(shop, tmp_path):
    make = shop.context.scene.jewelgen.make
    for engine in ("procedural", "motif", "diffusers:sdxl", "auto"):
        assert shop.ops.jewelgen.pictures_engine(engine=engine) == {"FINISHED"} and make.engine == engine
    own = shop.context.scene.jewelgen.pictures
    assert own.model == ""
    own.model = "owner/name@main"
    assert make.engine == "diffusers:owner/name@main" and own.model == "owner/name@main"
    own.model = "diffusers:sd15"  # copied from a recipe
    assert make.engine == "diffusers:sd15"
    assert shop.ops.jewelgen.pictures_open(filepath=str(tmp_path)) == {"FINISHED"} and own.model == str(tmp_path)
    with pytest.raises(RuntimeError, match="that is there"):
        shop.ops.jewelgen.pictures_open(filepath=str(tmp_path / "gone"))
    assert own.model == str(tmp_path)


def test_rows_come_and_go_up_to_their_limit_with_what_suits_the_model(shop):
    own = pictured(shop, "diffusers:sdxl")
    for name, most in (("images", 4), ("controls", 4), ("loras", 8)):
        rows = getattr(own, name)
        for place in range(most):
            assert shop.ops.jewelgen.pictures_add(rows=name) == {"FINISHED"}
            rows[place].path = f"/p/{place}"
        with pytest.raises(RuntimeError, match=f"at most {most}"):
            shop.ops.jewelgen.pictures_add(rows=name)
        assert shop.ops.jewelgen.pictures_remove(rows=name, index=1) == {"FINISHED"}
        assert [row.path for row in rows] == [f"/p/{place}" for place in range(most) if place != 1]
        assert shop.ops.jewelgen.pictures_remove(rows=name, index=99) == {"CANCELLED"}
    assert own.adapter == "ip-adapter-sdxl" and {row.model for row in own.controls} == {"controlnet-canny-sdxl"}
    own.controls[0].kind = "tile"
    own.controls[1].model = "/my/own"
    own.controls[1].kind = "depth"
    assert [row.model for row in own.controls] == ["controlnet-tile-sdxl", "/my/own", "controlnet-canny-sdxl"]


def test_the_depth_of_a_view_is_a_picture_that_a_model_can_keep_to(shop, tmp_path, monkeypatch):
    from PIL import Image

    from blender_jewelgen.blender import addon as own_addon

    monkeypatch.setattr(own_addon, "user_folder", lambda part="", create=True: tmp_path)
    own = pictured(shop)
    with pytest.raises(RuntimeError, match="Select a mesh"):
        shop.ops.jewelgen.pictures_depth()
    shop.ops.object.camera_add(location=(0.0, 0.0, 12.0))
    shop.context.scene.camera = shop.context.active_object
    shop.ops.mesh.primitive_uv_sphere_add(radius=2.0)
    assert shop.ops.jewelgen.pictures_depth() == {"FINISHED"}
    assert [(row.kind, row.model) for row in own.controls] == [("depth", "controlnet-depth-sd15")]
    with Image.open(own.controls[0].path) as file:
        grey = np.array(file)
    middle = grey[grey.shape[0] // 2]
    assert grey[0, 0] == 0 and middle.max() == middle[len(middle) // 2] == 255  # nothing is dark, the nearest light
    shop.context.active_object.location.x = 1.0
    assert shop.ops.jewelgen.pictures_depth() == {"FINISHED"}
    assert len(own.controls) == 1 and len(list(tmp_path.glob("depth-*.png"))) == 2  # the row follows, the old picture stays for its recipe


def test_a_drawn_picture_is_what_the_next_drawing_starts_from(shop, tmp_path, monkeypatch):
    from blender_jewelgen.blender import addon as own_addon

    monkeypatch.setattr(own_addon, "user_folder", lambda part="", create=True: tmp_path)
    own = pictured(shop)
    shop.ops.mesh.primitive_cube_add()
    assert not shop.ops.jewelgen.pictures_start.poll()
    shop.context.active_object.jewelgen.drawn = picture(shop, tmp_path)
    assert shop.ops.jewelgen.pictures_start() == {"FINISHED"}
    assert Path(own.start).read_bytes() == (tmp_path / "colours.png").read_bytes()


def picture(bpy, folder, name="colours.png"):
    """A packed picture as a job leaves it."""
    from blender_jewelgen.worker import store

    store.write_picture(folder / name, np.random.default_rng(3).integers(0, 255, (16, 32, 3), np.uint8))
    image = bpy.data.images.load(str(folder / name))
    image.pack()
    return image


def test_mends_that_errors_of_picture_models_offer_are_done(shop):
    from types import SimpleNamespace

    from blender_jewelgen.blender.operators_pictures import mend

    own, told = pictured(shop), []
    operator = SimpleNamespace(report=lambda kind, text: told.append(text))
    for option in ("--draw-pixels 512", "--scheduler euler", "--draw-method shading", "--steps 9"):
        assert mend(operator, shop.context, option) is True
    assert said(shop) == DiffusionParams(pixels=512, scheduler="euler", method="shading", steps=9)
    for wrong in ("--scheduler no-such", "--steps many"):
        with pytest.raises(BadInput, match="cannot be"):
            mend(operator, shop.context, wrong)
    for option in ("--engine diffusers:sdxl", "--depth 0.4", "jewelgen models list", "jewelgen runtime remove", ""):
        assert mend(operator, shop.context, option) is False
    assert mend(operator, shop.context, "jewelgen runtime repair") is True
    assert own.steps == 9


# -- the panel


def test_each_engine_has_its_name_and_only_picture_models_have_more(shop):
    for engine, name in (("auto", "Automatic"), ("procedural", "Library"), ("motif", "Motif Model"), ("diffusers:sd15", "Stable Diffusion 1.5"),
                         ("diffusers:/models/Own One", "Own One"), ("diffusers:owner/name", "name"), ("diffusers:", "Another Model")):  # fmt: skip
        pictured(shop, engine)
        drawn = lines(shop)
        assert drawn[:2] == ["label Engine", f"menu JEWELGEN_MT_pictures_engine {name}"]
        assert (len(drawn) > 2) is engine.startswith("diffusers:")
        assert shop.types.JEWELGEN_MT_pictures_engine and draw(shop, shop.types.JEWELGEN_MT_pictures_engine)


def test_a_known_model_says_licence_memory_and_its_own_numbers(shop):
    from blender_jewelgen.engines.weights import models

    pictured(shop, "diffusers:sdxl-turbo")
    card = models.card("sdxl-turbo")
    drawn = " ".join(line.removeprefix("label ") for line in lines(shop))
    assert "not for commercial use" in drawn and f"{card.memory_gb:g} GB" in drawn and "Auto 4 " in drawn and "Auto 512 " in drawn


def test_the_menu_lists_the_models_that_are_here(shop):
    rows = shop.context.window_manager.jewelgen_models.rows
    for name, family, state in (("sd15", "sd15", "HERE"), ("sdxl", "sdxl", "FETCH"), ("sdxl-lightning", "lora", "HERE"), ("marigold", "marigold-depth", "HERE")):
        row = rows.add()
        row.name, row.label, row.family, row.state = name, name.upper(), family, state
    try:
        drawn = draw(shop, shop.types.JEWELGEN_MT_pictures_engine)
        assert [line.split(" ", 2)[2] for line in drawn if line.startswith("button jewelgen.pictures_engine")] == [
            "Automatic", "Library", "Motif Model", "SD15", "SDXL-LIGHTNING", "Another Model",
        ]  # fmt: skip
        pictured(shop, "diffusers:sdxl")
        assert "popover VIEW3D_PT_jewelgen_models Models" in lines(shop) and "label The model is not on this computer" in lines(shop)
    finally:
        rows.clear()


@pytest.mark.parametrize(
    "state, button", [("ABSENT", "runtime_install Install"), ("PARTIAL", "runtime_install Go On"), ("BROKEN", "runtime_repair Repair"), ("READY", ""), ("UNKNOWN", "")]
)
def test_where_the_runtime_is_not_there_the_panel_says_so_and_has_the_button(shop, state, button):
    pictured(shop)
    shop.context.window_manager.jewelgen_runtime.state = state
    try:
        drawn = [line.removeprefix("button jewelgen.") for line in lines(shop) if line.startswith("button jewelgen.runtime")]
        assert drawn == ([button] if button else [])
        assert ("popover VIEW3D_PT_jewelgen_ai_runtime" in lines(shop)) is bool(button)
    finally:
        shop.context.window_manager.jewelgen_runtime.state = "UNKNOWN"


@pytest.mark.parametrize("params", [DiffusionParams(), FULL, MASKED])
def test_the_panel_draws_what_was_said_and_changes_nothing(shop, params):
    own = pictured(shop)
    diffusion_state.put_params(own, params)
    drawn = lines(shop)
    assert said(shop) == params
    counts = {name: sum(line == f"prop JewelGen{kind}.path" for line in drawn) for name, kind in (("images", "ImagePrompt"), ("controls", "Control"), ("loras", "Lora"))}
    assert counts == {name: len(getattr(params, name)) for name in counts}
    assert any(line.startswith("prop JewelGenPictures.mask") for line in drawn) is bool(params.mask)
    assert sum(line.startswith("prop JewelGenPictures.area") for line in drawn) == (4 if params.box else 0)
    assert any(line.startswith("prop JewelGenPictures.method") for line in drawn) is (params.manner == "picture")
    shop.context.scene.jewelgen.source = "PICTURE"
    assert lines(shop) == []  # a picture is chosen: nothing is drawn


# -- what is seen of the drawing


def test_a_ticket_hands_on_previews_but_the_early_one(shop, tmp_path, monkeypatch):
    from blender_jewelgen.worker.protocol import Progress

    seen = []
    ticket = jobs.Ticket("lay", {}, tmp_path, lambda result, loaded: iter(()), early="piece.npz", shown=seen.append, state="working", job="1")
    begun = []
    monkeypatch.setattr(jobs, "_begin_early", begun.append)

    class Told:
        def events(self):
            return [Progress("1", 0.1, "a"), Progress("1", 0.2, "b", "step.png"), Progress("1", 0.3, "c", "step.png"), Progress("1", 0.4, "d", "piece.npz")]

    monkeypatch.setattr(jobs._desk, "client", Told())
    monkeypatch.setattr(jobs._desk, "tickets", [ticket])
    jobs._hear()
    assert seen == [tmp_path / "step.png"] and begun == [ticket] and ticket.text == "d"


def test_the_step_is_shown_while_its_job_goes_on_and_leaves_nothing_in_the_file(shop, tmp_path, monkeypatch):
    from blender_jewelgen.worker import store

    pictured(shop)
    before = len(shop.data.images)
    step = np.zeros((8, 8, 3), np.uint8)
    step[:4, :, 0] = 255  # the upper half is red
    ticket = jobs.Ticket("lay", {}, tmp_path, lambda result, loaded: iter(()), state="working")
    monkeypatch.setattr(jobs._desk, "tickets", [ticket])
    store.write_picture(tmp_path / "thumb.png", step)
    step_view.show(tmp_path / "thumb.png")
    assert step_view.icon() is None and "picture" not in lines(shop)
    store.write_picture(tmp_path / "step.png", step)
    step_view.show(tmp_path / "step.png")
    assert step_view.icon() is not None and "picture" in lines(shop)
    pixels = np.empty(256 * 256 * 4, np.float32)
    step_view._view.thumbnail().image_pixels_float.foreach_get(pixels)
    rows = pixels.reshape(256, 256, 4)
    assert rows[250, 128, 0] == 1.0 and rows[5, 128, 0] == 0.0  # Blender counts rows from below
    (tmp_path / "step.png").write_bytes(b"half a file")
    step_view.show(tmp_path / "step.png")  # the next one will be whole
    ticket.state = "done"
    assert step_view.icon() is None and "picture" not in lines(shop) and len(shop.data.images) == before


def test_a_piece_keeps_the_picture_it_was_drawn_as_until_another_engine_draws_it(shop, tmp_path):
    from dataclasses import replace

    from blender_jewelgen.blender import laying

    pictured(shop)
    shop.ops.mesh.primitive_cube_add()
    ob = shop.context.active_object
    made = properties.read_recipe(shop.context.scene)
    with_picture, without = tmp_path / "a", tmp_path / "b"
    for folder in (with_picture, without):
        folder.mkdir()
    shop.data.images.remove(picture(shop, with_picture))
    laying.keep_drawn(ob, made, with_picture)
    first = ob.jewelgen.drawn
    assert first.name == "Cube Drawn" and first.packed_file and not first.filepath
    laying.keep_drawn(ob, made, without)  # laid again from its height
    assert ob.jewelgen.drawn == first
    laying.keep_drawn(ob, made, with_picture)  # drawn anew
    assert [image.name for image in shop.data.images] == [ob.jewelgen.drawn.name]
    laying.keep_drawn(ob, replace(made, make=replace(made.make, engine="auto")), without)
    assert ob.jewelgen.drawn is None and not len(shop.data.images)


# -- a model, all the way


def height_of(ob):
    """The height picture of a piece, in [0, 1]."""
    from blender_jewelgen.blender import images

    return images.array_from_image(ob.jewelgen.height)


@pytest.fixture(scope="module")
def miniatures(tmp_path_factory):
    """A folder with every family of models in miniature, built by the Python that has torch."""
    if not TORCH:
        pytest.skip("JEWELGEN_TEST_PYTHON names no Python with torch")
    home = tmp_path_factory.mktemp("models")
    code = (
        f"import sys; from pathlib import Path; sys.path.insert(0, {str(TINY.parent)!r}); import tiny\n"
        f"for name in tiny.FAMILIES: tiny.folder(name, Path({str(home)!r}) / ('小 ' + name))"
    )
    subprocess.run([TORCH, "-P", "-c", code], check=True, timeout=400, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True)
    return home


@pytest.fixture(scope="module")
def tiny(miniatures):
    """The folder of Stable Diffusion 1.5."""
    return miniatures / "小 sd15"


@pytest.fixture
def drawing(shop, tiny, monkeypatch):
    """Blender whose worker runs in the Python with torch, the tiny model chosen."""
    real = jobs.addon.setting
    monkeypatch.setattr(jobs.addon, "setting", lambda name, default=None, context=None: TORCH if name == "python" else real(name, default, context))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    jobs.restart()
    own = settle(shop, "lotus pendant, 8 mm wide")
    own.make.engine, own.make.seed = f"diffusers:{tiny}", 3
    own.pictures.steps, own.pictures.pixels = 3, 64
    yield shop
    jobs.restart()


@pytest.mark.slow
def test_a_model_draws_its_steps_are_seen_and_its_picture_stays_beside_the_height(drawing, monkeypatch):
    from blender_jewelgen.blender import operators_generate

    seen, real = [], step_view.show

    def show(path):
        real(path)
        if path.name == step_view.STEP and step_view.icon() is not None:
            seen.append("picture" in lines(drawing))

    monkeypatch.setattr(step_view, "show", show)
    own = drawing.context.scene.jewelgen
    own.pictures.prompt = "a lotus"
    ticket = jobs.submit(operators_generate.order(drawing.context))
    ticked(ticket, seconds=200)
    assert ticket.error is None and seen and all(seen)
    ob = active(drawing)
    drawn = ob.jewelgen.drawn
    assert drawn is not None and drawn.packed_file and not drawn.filepath and min(drawn.size) >= 64
    height = height_of(ob)
    assert np.ptp(height) > 0.4  # of the drawn picture, as far as the pendant has it
    made = recipe(ob)
    assert made["diffusion"] == {"prompt": "a lotus", "steps": 3, "pixels": 64} and made["engine"]["family"] == "sd15"
    assert "label Drawn" in lines(drawing) and "picture" in lines(drawing)
    # recalled: the panel says it again
    own.pictures.prompt, own.pictures.steps, own.make.engine = "", 0, "auto"
    assert drawing.ops.jewelgen.recall(index=0) == {"FINISHED"}
    assert said(drawing) == DiffusionParams(prompt="a lotus", steps=3, pixels=64) and diffusion_state.is_picture(own.make.engine)
    assert drawing.ops.jewelgen.make_print() == {"FINISHED"}  # from the height as it is: nothing is drawn anew
    assert active(drawing).jewelgen.kind == "print"


@pytest.mark.slow
def test_variations_are_other_drawings_and_the_picked_one_becomes_the_piece(drawing):
    own = drawing.context.scene.jewelgen
    own.variations = 2
    assert drawing.ops.jewelgen.variations() == {"FINISHED"}, now(drawing).error
    assert [row.seed for row in own.candidates] == [3, 4]
    held = [bytes(row.image.packed_file.data) for row in own.candidates]
    assert held[0] != held[1]
    assert drawing.ops.jewelgen.pick(index=1) == {"FINISHED"}
    ob = active(drawing)
    assert ob.jewelgen.drawn is not None and recipe(ob)["make"]["seed"] == 4


@pytest.mark.slow
def test_every_family_draws_from_the_panel(drawing, miniatures):
    own = drawing.context.scene.jewelgen
    found = {}
    for folder in sorted(miniatures.iterdir()):
        own.make.engine = f"diffusers:{folder}"
        own.pictures.steps = 2
        assert drawing.ops.jewelgen.generate() == {"FINISHED"}, (folder.name, now(drawing).error)
        ob = active(drawing)
        found[recipe(ob)["engine"]["family"]] = bytes(ob.jewelgen.drawn.packed_file.data)
    assert sorted("小 " + name for name in found) == sorted(folder.name for folder in miniatures.iterdir())
    assert len(set(found.values())) == len(found) == 8
