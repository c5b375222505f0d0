"""Presets: what they would change, that they change it, and that Blender's own way of running one does the same."""

from __future__ import annotations

import pytest

pytest.importorskip("bpy")


@pytest.fixture
def presets(addon, tmp_path, monkeypatch):
    """The add-on with the user's presets in an empty folder."""
    folder = tmp_path / "scripts" / "presets" / "jewelgen"
    folder.mkdir(parents=True)
    from blender_jewelgen.blender import presets as module

    monkeypatch.setattr(addon.utils, "preset_paths", lambda sub: [str(folder)])
    monkeypatch.setattr(addon.utils, "user_resource", lambda *a, **k: str(folder))
    monkeypatch.setattr(addon.utils, "preset_find", lambda name, sub, **k: next((str(p) for p in folder.glob("*.py") if name in (p.stem, addon.path.display_name(p.stem))), None))
    return addon, module


def settings_by_hand(bpy):
    settings = bpy.context.scene.jewelgen
    settings.prompt = "celtic interlace:2 and owl band, 14k white gold, size US 9"
    settings.design.technique = "engraving"
    settings.form.width = 5.5
    settings.relief.fade = 0.4
    settings.make.process = "dmls"
    return settings


@pytest.mark.parametrize("place", range(12))
def test_every_craft_preset_leaves_what_its_words_alone_say(addon, place):
    from blender_jewelgen.blender import preset_values, presets, scene_recipe
    from blender_jewelgen.core.words.design import Design

    names = list(presets.craft())
    assert len(names) == 12
    prompt = presets.craft()[names[place]]
    settings_by_hand(addon)
    assert addon.ops.jewelgen.preset_apply(name=names[place]) == {"FINISHED"}
    recipe = scene_recipe.read_recipe(addon.context.scene)
    assert isinstance(recipe.design, Design) and recipe.design == scene_recipe.reading_of(prompt).design
    assert preset_values.changes(addon.context.scene, preset_values.of_words(prompt)) == []


def test_the_preview_lists_field_before_and_after_and_nothing_that_stays(addon):
    from blender_jewelgen.blender import preset_values

    settings = addon.context.scene.jewelgen
    settings.prompt = "lotus band, silver"
    rows = {row.label: (row.before, row.after) for row in preset_values.changes(addon.context.scene, preset_values.of_words("owl band, silver, 6 mm wide"))}
    assert rows.pop("Prompt") == ("lotus band, silver", "owl band, silver, 6 mm wide")
    assert rows.pop("Width (mm)") == ("Automatic", "6")
    before, after = rows.pop("Motifs")
    assert before == "Lotus" and "Owl" in after
    assert rows == {}
    assert settings.prompt == "lotus band, silver"


def test_a_saved_preset_comes_back_whole_also_when_blender_runs_it_itself(presets):
    bpy, module = presets
    from blender_jewelgen.blender import preset_values, scene_recipe

    settings_by_hand(bpy)
    kept = preset_values.current(bpy.context.scene)
    recipe = scene_recipe.read_recipe(bpy.context.scene)
    assert bpy.ops.jewelgen.preset_add(name="My Engraving") == {"FINISHED"}
    (file,) = module.own()
    for again in (lambda: bpy.ops.jewelgen.preset_apply(filepath=str(file)), lambda: exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), {})):
        bpy.ops.jewelgen.preset_apply(name="owl-medallion")
        assert preset_values.changes(bpy.context.scene, preset_values.read_file(file))
        again()
        now = preset_values.current(bpy.context.scene)
        assert {path: now[path] for path in kept if not isinstance(kept[path], float)} == {path: kept[path] for path in kept if not isinstance(kept[path], float)}
        assert scene_recipe.read_recipe(bpy.context.scene) == recipe
    assert module.JEWELGEN_MT_presets.bl_label == "Presets"


def test_a_preset_is_removed_by_its_name(presets):
    bpy, module = presets
    bpy.ops.jewelgen.preset_add(name="Wedding Band")
    assert [path.stem for path in module.own()] == ["wedding_band"] or [path.stem for path in module.own()] == ["Wedding_Band"]
    bpy.ops.jewelgen.preset_add(name="Wedding Band", remove_name=True)
    assert module.own() == []


def test_a_file_of_something_else_is_refused_and_not_run(presets, tmp_path):
    bpy, _module = presets
    evil = tmp_path / "evil.py"
    evil.write_text("import bpy\nbpy.context.scene.name = 'Run'\njewelgen.form.width = __import__('os').getpid()\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="holds no settings"):
        bpy.ops.jewelgen.preset_apply(filepath=str(evil))
    assert bpy.context.scene.name != "Run"
    with pytest.raises(RuntimeError, match="no preset 'nothing'"):
        bpy.ops.jewelgen.preset_apply(name="nothing")


def test_a_preset_of_another_version_sets_what_is_known_and_leaves_the_rest(addon, tmp_path):
    from blender_jewelgen.blender import preset_values

    file = tmp_path / "old.py"
    file.write_text("jewelgen.design.border = 'gone'\njewelgen.form.no_such = 3\njewelgen.design.ground = 'fish-roe'\n"
                    "jewelgen.design.touched = 'ground'\njewelgen.prompt = 'lotus band'\n", encoding="utf-8")  # fmt: skip
    preset_values.apply(addon.context.scene, preset_values.read_file(file))
    design = addon.context.scene.jewelgen.design
    assert (design.border, design.ground) == ("none", "fish-roe")


def test_motifs_are_added_and_removed_by_hand_and_given_back_to_the_words(addon):
    from blender_jewelgen.blender import scene_recipe

    settings = addon.context.scene.jewelgen
    settings.prompt = "lotus band"
    assert addon.ops.jewelgen.motif_add(motif="palmette") == {"FINISHED"}
    assert [m.name for m in scene_recipe.read_recipe(addon.context.scene).design.motifs] == ["lotus", "palmette"]
    assert addon.ops.jewelgen.motif_remove(index=0) == {"FINISHED"}
    assert [m.name for m in scene_recipe.read_recipe(addon.context.scene).design.motifs] == ["palmette"]
    assert addon.ops.jewelgen.motif_remove(index=5) == {"CANCELLED"}
    addon.ops.jewelgen.chip_clear(slot="motifs")
    assert [m.name for m in settings.motifs] == ["lotus"]
