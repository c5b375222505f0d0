"""The Runtime panel: the AI runtime installed, broken, mended and removed by its buttons, offline; what is drawn in each state."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")
sys.path.insert(0, str(Path(__file__).parents[1] / "worker"))
import pretend_wheels as pretend
from desk import ticked
from recorder import draw

from blender_jewelgen.worker import jobs as worker_jobs

PANEL = "VIEW3D_PT_jewelgen_ai_runtime"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = pretend.shelf(tmp_path_factory.mktemp("class room") / "wheels 轮")
    pretend.lock_for(folder, folder.parent / "runtime.lock")
    return folder


@pytest.fixture
def here(wheels, tmp_path, monkeypatch):
    monkeypatch.setenv("JEWELGEN_RUNTIME_LOCK", str(wheels.parent / "runtime.lock"))
    monkeypatch.setenv("JEWELGEN_RUNTIME", str(tmp_path / "jg"))
    return tmp_path / "jg"


@pytest.fixture
def panel(addon, here):
    """(bpy, what is known of the runtime, what the panel draws now)."""
    assert {"runtime_status", "runtime_install", "runtime_repair", "runtime_remove", "runtime_report"} <= set(worker_jobs.JOBS)
    bpy = addon

    def drawn() -> list[str]:
        return draw(bpy, getattr(bpy.types, PANEL))

    yield bpy, bpy.context.window_manager.jewelgen_runtime, drawn


def buttons(lines: list[str]) -> list[str]:
    return [line.split()[1].removeprefix("jewelgen.") for line in lines if line.startswith("button")]


def test_a_life_of_the_runtime_by_its_buttons(panel, wheels, here):
    bpy, own, drawn = panel
    assert own.state == "UNKNOWN" and buttons(drawn()) == ["runtime_look"]

    own.build, own.wheels = "cpu", str(wheels)
    assert bpy.ops.jewelgen.runtime_look() == {"FINISHED"}
    assert own.state == "ABSENT" and "build: cpu" in own.plan and "disk: about" in own.plan
    lines = drawn()
    assert buttons(lines) == ["runtime_install", "runtime_report", "runtime_look"]
    assert any("Build: cpu" in line for line in lines)  # sizes and build stand above the button

    assert bpy.ops.jewelgen.runtime_install() == {"FINISHED"}
    assert own.state == "READY" and "torch 2.13.0+cpu" in own.sentence
    assert buttons(drawn()) == ["runtime_repair", "runtime_remove", "runtime_report", "runtime_look"]

    shutil.rmtree(pretend.site(here) / "peft")
    os.truncate(pretend.site(here) / "torch/lib/weights.bin", 7)
    bpy.ops.jewelgen.runtime_look()
    assert own.state == "BROKEN" and own.broken.splitlines() == ["peft lacks 2 of its files, peft/__init__.py the first", "the file torch/lib/weights.bin of torch is damaged"]
    assert "the ai runtime is broken: peft lacks" in " ".join(" ".join(drawn()).replace("label ", "").split()).lower()

    assert bpy.ops.jewelgen.runtime_repair() == {"FINISHED"}
    assert own.state == "READY"
    assert bpy.ops.jewelgen.runtime_remove() == {"FINISHED"}
    assert own.state == "ABSENT" and not here.exists()


def test_offline_the_button_says_why_and_a_folder_of_wheels_opens_it(panel, wheels):
    bpy, own, drawn = panel
    if bpy.app.online_access:
        pytest.skip("this Blender is online")
    bpy.ops.jewelgen.runtime_look()
    assert not bpy.ops.jewelgen.runtime_install.poll()
    lines = drawn()
    assert any("Online access is off" in line for line in lines) and "screen.userpref_show" in " ".join(lines)
    own.wheels = str(wheels)
    assert bpy.ops.jewelgen.runtime_install.poll()
    assert "screen.userpref_show" not in " ".join(drawn())


def test_the_worker_itself_goes_nowhere_unless_it_was_allowed(panel, here, tmp_path):
    from blender_jewelgen.core.errors import BadInput

    with pytest.raises(BadInput, match="comes over the network, which is not allowed"):
        worker_jobs.JOBS["runtime_install"]({"build": "cpu"}, tmp_path, lambda share, text, preview="": None)
    assert not here.exists()


def test_a_failed_install_is_told_in_the_panel_and_in_the_report(panel, wheels, tmp_path, monkeypatch):
    bpy, own, drawn = panel
    other = shutil.copytree(wheels, tmp_path / "other")
    next(other.glob("numpy-*")).unlink()
    own.build, own.wheels = "cpu", str(other)
    with pytest.raises(RuntimeError, match=r"lacks numpy 2\.4\.6 for Python"):
        bpy.ops.jewelgen.runtime_install()
    assert "lacks numpy" in own.error and "lacks numpy" in bpy.context.window_manager.jewelgen.error
    bpy.ops.jewelgen.runtime_look()
    assert own.state == "PARTIAL" and buttons(drawn())[:2] == ["runtime_install", "runtime_remove"]
    own.wheels = str(wheels)
    assert bpy.ops.jewelgen.runtime_install() == {"FINISHED"} and own.state == "READY"


def test_an_install_shows_its_progress_and_is_cancelled_by_the_button_everybody_knows(panel, wheels, here):
    from blender_jewelgen.blender import jobs, operators_runtime

    bpy, own, drawn = panel
    own.build, own.wheels = "cpu", str(wheels)
    given = operators_runtime.params(bpy.context)
    ticket = jobs.submit(jobs.Ticket("runtime_install", given, jobs.new_folder(), operators_runtime._Job.applied, label="Install", failed=operators_runtime._failed))
    ticked(ticket, until=lambda: "environment" in ticket.text)
    lines = drawn()
    assert "jewelgen.cancel" in " ".join(lines) and any("Making the environment" in line for line in lines) and "runtime_install" not in buttons(lines)
    assert bpy.ops.jewelgen.cancel() == {"FINISHED"}
    assert ticket.state == "cancelled" and own.state == "UNKNOWN"
    after = jobs.submit(jobs.Ticket("runtime_status", {"quick": True}, jobs.new_folder(), operators_runtime._looked, quiet=True))
    ticked(after)
    assert own.state == "PARTIAL"  # the worker ended the install by itself, or was ended, and the next one goes on


def test_a_runtime_that_cannot_be_looked_at_is_said_once(panel):
    from blender_jewelgen.blender import operators_runtime
    from blender_jewelgen.core.errors import JewelGenError

    _, own, drawn = panel
    operators_runtime._unseen(JewelGenError("the worker cannot be started"))
    assert own.state == "ABSENT"  # not unknown: the panel would have it looked at for ever
    assert "the worker cannot be started" in " ".join(" ".join(drawn()).replace("label ", "").split()).lower()


def test_the_report_is_on_the_clipboard(panel, monkeypatch):
    bpy, _, _ = panel
    from blender_jewelgen.blender import operators_runtime

    kept = {}
    monkeypatch.setattr(operators_runtime, "_keep", lambda text: kept.update(text=text))
    assert bpy.ops.jewelgen.runtime_report() == {"FINISHED"}
    assert "JewelGen" in kept["text"] and "this machine: build" in kept["text"]


def test_everything_is_gone_when_the_addon_goes(addon):
    from blender_jewelgen.blender import operators_runtime

    operators_runtime.unregister()
    assert not hasattr(addon.types.WindowManager, "jewelgen_runtime")
    operators_runtime.register()
