"""Jobs go on while Blender does: they survive what happens to the file meanwhile, and leave nothing behind when they end."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

pytest.importorskip("bpy")

from desk import alive, ordered, quick, reliefs, ticked

from blender_jewelgen.blender import jobs
from blender_jewelgen.core.errors import BadInput, JewelGenError


@pytest.fixture
def bpy(addon):
    quick(addon)
    return addon


def state(bpy):
    return bpy.context.window_manager.jewelgen


def worker():
    return jobs._desk.client.pid


def test_a_result_goes_in_by_small_steps_and_is_whole_at_the_end(bpy, monkeypatch):
    monkeypatch.setattr(jobs, "HOLD", -1.0)  # one step a tick
    ticket = ordered(bpy)
    assert state(bpy).busy
    ticked(ticket)
    assert ticket.state == "done", ticket.error
    assert len(ticket.holds) > 15
    (ob,) = reliefs(bpy)
    assert not ob.data.validate() and len(ob.modifiers) == 1
    assert not state(bpy).busy and jobs.tick() is None


def test_jobs_queue_and_results_come_in_their_order(bpy):
    tickets = [ordered(bpy) for _ in range(3)]
    assert state(bpy).status.endswith("(3 jobs)")
    ticked(*tickets)
    assert [ticket.state for ticket in tickets] == ["done"] * 3
    assert len(reliefs(bpy)) == len(bpy.context.scene.jewelgen.history) == 3


@pytest.mark.parametrize("moment", ["working", "loading", "at once"])
def test_cancel_leaves_nothing_and_the_next_job_runs(bpy, moment):
    ticket = ordered(bpy)
    if moment != "at once":
        ticked(ticket, until=lambda: ticket.state == moment or ticket.over)
    assert bpy.ops.jewelgen.cancel() == {"FINISHED"}
    assert ticket.state == "cancelled" and not state(bpy).busy and not state(bpy).error
    assert not bpy.data.objects and not bpy.data.meshes and not bpy.data.images
    after = ordered(bpy)
    ticked(after)
    assert after.state == "done", after.error


def test_a_file_loaded_meanwhile_gets_nothing_of_the_old_ones_job(bpy):
    ticket = ordered(bpy)
    ticked(ticket, until=lambda: ticket.progress > 0 or ticket.over)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert ticket.state == "cancelled" and not state(bpy).busy
    for _ in range(10):
        jobs.tick()
    assert not bpy.data.objects
    quick(bpy)
    after = ordered(bpy)
    ticked(after)
    assert after.state == "done", after.error


@pytest.mark.parametrize("step", [1, 9, 14, 17])
def test_an_undo_in_the_middle_of_a_result_puts_it_in_anew(bpy, monkeypatch, step):
    monkeypatch.setattr(jobs, "HOLD", -1.0)
    ticket = ordered(bpy)
    ticked(ticket, until=lambda: len(ticket.holds) == step or ticket.over)
    bpy.data.batch_remove([*bpy.data.objects, *bpy.data.meshes, *bpy.data.images])  # as an undo takes them away
    jobs._undone()
    ticked(ticket)
    assert ticket.state == "done", ticket.error
    assert len(reliefs(bpy)) == 1


@pytest.mark.parametrize("change", ["renamed", "deleted", "image"])
def test_what_happens_to_the_object_of_a_job_is_no_harm(bpy, change):
    first = ordered(bpy)
    ticked(first)
    (ob,) = reliefs(bpy)
    from blender_jewelgen.blender import operators_generate

    again = jobs.submit(operators_generate.order_over(bpy.context, ob))
    ticked(again, until=lambda: again.progress > 0 or again.over)
    if change == "renamed":
        ob.name = "Mine"
    elif change == "deleted":
        bpy.data.objects.remove(ob)
    else:
        bpy.data.images.remove(ob.jewelgen.height)
    ticked(again)
    assert again.state == "done", again.error
    (left,) = reliefs(bpy)
    assert left.jewelgen.height is not None
    if change == "renamed":
        assert left.name == "Mine"


def test_a_scene_that_is_open_later_does_not_get_the_piece(bpy):
    first = bpy.context.scene
    ticket = ordered(bpy)
    second = bpy.data.scenes.new("Second")
    bpy.context.window.scene = second
    ticked(ticket)
    assert ticket.state == "done", ticket.error
    assert not second.objects and [ob.jewelgen.kind for ob in first.objects] == ["relief"]
    assert len(first.jewelgen.history) == 1 and not second.jewelgen.history
    bpy.context.window.scene = first


def test_a_worker_that_is_killed_is_told_in_a_sentence_and_the_next_job_runs(bpy):
    ticket = ordered(bpy)
    ticked(ticket, until=lambda: ticket.progress > 0 or ticket.over)
    os.kill(worker(), signal.SIGKILL)
    ticked(ticket)
    assert ticket.state == "failed" and isinstance(ticket.error, JewelGenError)
    assert state(bpy).error and "\n" not in state(bpy).error
    after = ordered(bpy)
    assert state(bpy).error == ""
    ticked(after)
    assert after.state == "done", after.error


def test_bad_input_of_a_job_shows_its_field_and_mend(bpy):
    own = bpy.context.scene.jewelgen
    own.form.width, own.form.margin = 3.0, 2.0
    ticket = ordered(bpy)
    ticked(ticket)
    assert ticket.state == "failed" and isinstance(ticket.error, BadInput)
    assert "margin" in state(bpy).error and state(bpy).error_field == "margin"
    with pytest.raises(RuntimeError, match="margin"):
        bpy.ops.jewelgen.generate()


def test_an_error_of_the_program_while_a_result_goes_in_ends_that_job_only(bpy):
    def apply(result, loaded):
        yield
        raise ZeroDivisionError("division by zero")

    ticket = ordered(bpy)
    ticket.apply = apply
    after = ordered(bpy)
    ticked(ticket, after)
    assert ticket.state == "failed" and "ZeroDivisionError" in str(ticket.error)
    assert after.state == "done", after.error


def test_files_of_a_job_are_gone_after_it(bpy):
    ticket = ordered(bpy)
    ticked(ticket)
    for thread in [t for t in threading.enumerate() if t is not threading.main_thread() and t.daemon and "jewelgen" not in t.name]:
        thread.join(0.2)
    assert not ticket.folder.exists()


def test_a_disk_without_room_is_a_sentence(bpy, monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs.tempfile, "mkdtemp", full)
    with pytest.raises(RuntimeError, match="No space left"):
        bpy.ops.jewelgen.generate()


def test_unregistered_during_a_job_nothing_is_left(bpy):
    import blender_jewelgen.blender as package
    from blender_jewelgen.blender import registration

    ticket = ordered(bpy)
    ticked(ticket, until=lambda: ticket.progress > 0 or ticket.over)
    pid = worker()
    classes = [cls for module in registration.modules() for cls in getattr(module, "CLASSES", ())]
    assert alive(pid) and all(cls.is_registered for cls in classes)
    package.unregister()
    try:
        assert not alive(pid)
        assert not any(cls.is_registered for cls in classes)
        for owner in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager):
            assert not hasattr(owner, "jewelgen")
        for name in dir(bpy.app.handlers):
            handlers = getattr(bpy.app.handlers, name)
            if isinstance(handlers, list):
                assert not [h for h in handlers if getattr(h, "__module__", "").startswith("blender_jewelgen")], name
        assert not bpy.app.timers.is_registered(jobs.tick)
        assert not hasattr(bpy.ops.jewelgen, "generate") or "generate" not in dir(bpy.ops.jewelgen)
        assert not [t for t in threading.enumerate() if t.name.startswith("jewelgen")]
    finally:
        package.register()
    quick(bpy)
    after = ordered(bpy)
    ticked(after)
    assert after.state == "done", after.error


def test_registering_twenty_times_leaves_as_many_classes_as_once(addon):
    import blender_jewelgen.blender as package

    before = {name for name in dir(addon.types) if "JEWELGEN" in name.upper()}
    for _ in range(20):
        package.unregister()
        assert not [name for name in dir(addon.types) if "JEWELGEN" in name.upper()]
        package.register()
    assert {name for name in dir(addon.types) if "JEWELGEN" in name.upper()} == before


def test_registering_loads_nothing_that_is_heavy():
    import subprocess

    code = (
        "import bpy, sys, os\nimport blender_jewelgen.blender as b\nb.register()\n"
        "bad = [n for n in ('PIL', 'manifold3d', 'trimesh', 'torch', 'scipy', 'blender_jewelgen.core.pipeline') if n in sys.modules]\n"
        "b.unregister()\nprint('loaded', bad)\nsys.stdout.flush()\nos._exit(0)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert "loaded []" in said.stdout, said.stdout + said.stderr
