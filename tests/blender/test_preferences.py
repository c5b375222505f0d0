"""The add-on's own name, folder and preferences, as an extension and outside one."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")

from recorder import Recorder, fake

ROOT = Path(__file__).parents[2]


def test_outside_an_extension_the_package_itself_is_the_add_on(addon):
    from blender_jewelgen.blender import addon as own

    assert own.package() == "blender_jewelgen" and not own.is_extension()
    assert own.preferences() is None and own.setting("python", "default") == "default"


def test_as_an_extension_the_name_is_the_one_blender_lists(monkeypatch):
    from blender_jewelgen.blender import addon as own

    monkeypatch.setattr(own, "__package__", "bl_ext.user_default.jewelgen.blender_jewelgen.blender")
    assert own.package() == "bl_ext.user_default.jewelgen" and own.is_extension()


def test_the_user_folder_is_made_and_its_parts_are_inside(addon, tmp_path, monkeypatch):
    from blender_jewelgen.blender import addon as own

    monkeypatch.setattr(addon.utils, "user_resource", lambda kind: str(tmp_path / "José Núñez" / "首饰 盒"))
    assert not own.user_folder("cache", create=False).exists()
    folder = own.user_folder("cache")
    assert folder.is_dir() and folder.parent == own.user_folder() and tmp_path in folder.parents


def test_preferences_draw_only_names_blender_knows(addon):
    from blender_jewelgen.blender.preferences import JewelGenPreferences, draw_preferences

    names = {"python": "", "export_folder": "", "clearance": 0.3, "cached": "1.2 MB"}
    assert set(names) <= set(JewelGenPreferences.bl_rna.properties.keys())
    layout = Recorder(addon)
    draw_preferences(layout, fake(JewelGenPreferences, bl_rna=JewelGenPreferences.bl_rna, **names))
    buttons = [line.split()[1] for line in layout.lines if line.startswith("button")]
    assert buttons == ["jewelgen.restart_worker", "jewelgen.copy_log", "jewelgen.open_folder", "jewelgen.add_library", "jewelgen.clear_cache"]
    assert "label 1.2 MB" in layout.lines


def test_working_files_are_deleted_and_everything_else_stays(addon, tmp_path, monkeypatch):
    from blender_jewelgen.blender import addon as own
    from blender_jewelgen.blender import preferences

    monkeypatch.setattr(own, "user_folder", lambda part="", create=True: tmp_path / part)
    for name in (*preferences.CACHES, "library"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.bin").write_bytes(b"x" * 1_500_000)
    assert preferences.megabytes(preferences.cache_bytes()) == f"{1.5 * len(preferences.CACHES):.1f} MB"
    assert addon.ops.jewelgen.clear_cache() == {"FINISHED"}
    assert preferences.cache_bytes() == 0 and (tmp_path / "library" / "file.bin").exists()


def test_working_files_are_not_deleted_while_a_job_runs(addon):
    addon.context.window_manager.jewelgen.busy = True
    try:
        assert not addon.ops.jewelgen.clear_cache.poll()
    finally:
        addon.context.window_manager.jewelgen.busy = False


def test_what_measures_the_disk_is_gone_after_disabling(addon):
    from blender_jewelgen.blender import preferences

    assert addon.app.timers.is_registered(preferences.show_cache)
    preferences.unregister()
    assert not addon.app.timers.is_registered(preferences.show_cache)
    preferences.unregister()  # a second time is no error


def test_enabling_imports_nothing_heavy():
    code = (
        "import sys, os, bpy; before = set(sys.modules); import blender_jewelgen.blender; blender_jewelgen.blender.register(); "
        "print('new:', *[m for m in ('PIL', 'manifold3d', 'trimesh', 'torch', 'urllib.request', 'blender_jewelgen.core.pipeline', "
        "'blender_jewelgen.core.pattern.motifs', 'blender_jewelgen.core.words.lexicon') if m in set(sys.modules) - before]); "
        "blender_jewelgen.blender.unregister(); sys.stdout.flush(); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "new:"


def test_panels_ask_no_lexicon_and_open_no_file(addon, monkeypatch):
    from recorder import draw

    from blender_jewelgen.blender import registration

    addon.context.scene.jewelgen.prompt = "lotus band, US 7"
    modules = [module for module in registration.modules() if ".panels_" in module.__name__]
    classes = [cls for module in modules for cls in module.CLASSES if issubclass(cls, addon.types.Panel)]
    for cls in classes:
        draw(addon, cls)  # tables are read once
    monkeypatch.setattr("builtins.open", lambda *a, **k: pytest.fail("a panel opened a file"))
    lexicon = importlib.import_module("blender_jewelgen.core.words.lexicon")
    monkeypatch.setattr(lexicon, "explain", lambda *a, **k: pytest.fail("a panel read words"))
    for cls in classes:
        draw(addon, cls)
