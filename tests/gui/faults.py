"""What goes wrong at a desk: undo after a piece, a new file during a job, two windows, the extension switched off during a job."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import addon_utils
import bpy
from harness import REPORT, Steps, children, inside, run, shot, show_tab, wait_for
from jewel import PACKAGE, SENTENCE, busy, click_generate, finished, installed, part, pieces, state


def steps() -> Steps:
    yield from installed()
    bpy.context.scene.jewelgen.prompt = SENTENCE
    yield from undo_and_redo()
    yield from a_new_file_during_a_job()
    yield from two_windows()
    yield from switched_off_during_a_job()


def _undo(operator) -> None:
    with inside():
        operator()


def undo_and_redo() -> Steps:
    """One undo takes the piece away, one redo brings it back, live."""
    with inside():
        bpy.ops.ed.undo_push(message="before")
    yield from click_generate()
    yield from wait_for(busy, 5, "the job to begin")
    yield from finished()
    (ob,) = pieces("relief")
    name = ob.name
    _undo(bpy.ops.ed.undo)
    yield 0.6
    REPORT["after_undo"] = [ob.name for ob in pieces("relief")]
    assert pieces("relief") == [], "the piece outlives its undo"
    _undo(bpy.ops.ed.redo)
    yield 0.8
    assert [ob.name for ob in pieces("relief")] == [name]
    assert part("blender.nodes_relief").modifier_of(pieces("relief")[0]) is not None
    shot("20-redone.png")


def a_new_file_during_a_job() -> Steps:
    """The job ends with its file; the next one works."""
    yield from click_generate()
    yield from wait_for(busy, 5, "the job to begin")
    bpy.ops.wm.read_homefile(app_template="")
    yield 1.5
    yield from wait_for(lambda: not busy(), 5, "the job of the old file to end")
    yield 1.0
    assert pieces("relief") == [], "a job came into a file that it does not belong to"
    assert not state().error, state().error
    yield from show_tab("JewelGen")
    bpy.context.scene.jewelgen.prompt = SENTENCE
    yield from click_generate()
    yield from wait_for(busy, 5, "the job to begin")
    yield from finished()
    assert len(pieces("relief")) == 1


def two_windows() -> Steps:
    """A second window with a scene of its own; the piece comes into the scene where it was asked for."""
    bpy.ops.wm.window_new_main()
    yield 1.5
    windows = bpy.context.window_manager.windows
    assert len(windows) == 2
    other = bpy.data.scenes.new("Other")
    windows[1].scene = other
    yield 0.5
    first = windows[0].scene
    before = len([ob for ob in first.objects if ob.jewelgen.kind])
    with inside():
        bpy.ops.jewelgen.generate()
    yield 0.3
    with bpy.context.temp_override(window=windows[1]):
        bpy.ops.object.select_all(action="DESELECT") if bpy.ops.object.select_all.poll() else None
    yield from finished()
    shot("21-two-windows.png")
    assert len([ob for ob in first.objects if ob.jewelgen.kind]) == before + 1
    assert len(other.objects) == 0, "the piece came into the other window's scene"
    with bpy.context.temp_override(window=windows[1]):
        bpy.ops.wm.window_close()
    yield 0.8


def switched_off_during_a_job() -> Steps:
    """Disabled while a job runs, the extension leaves no process and no timer; enabled again, it works."""
    with inside():
        bpy.ops.jewelgen.generate()
    yield from wait_for(busy, 5, "the job to begin")
    yield 0.3
    REPORT["processes_during"] = [line for _, line in children() if "worker" in line]
    addon_utils.disable(PACKAGE)
    yield from wait_for(lambda: not [line for _, line in children() if "jewelgen" in line], 3, "the worker to go")
    assert not hasattr(bpy.types.Scene, "jewelgen")
    addon_utils.enable(PACKAGE, default_set=True)
    yield 0.5
    bpy.context.scene.jewelgen.prompt = "wave band, silver"
    with inside():
        bpy.ops.jewelgen.generate()
    yield from wait_for(busy, 5, "the job to begin")
    yield from finished()


run(steps(), "faults", 420)
