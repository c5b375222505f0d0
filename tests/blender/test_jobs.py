"""Jobs beside a living Blender: the timer is driven by hand, and whatever the person does meanwhile does no harm."""

from __future__ import annotations

import errno
import os
import signal
import time

import numpy as np
import pytest

pytest.importorskip("bpy")

from shop import DISC, PENDANT, active, choose, finish, now, settle, tick_until, torus, windowed

from blender_jewelgen.blender import convert, nodes_relief
from blender_jewelgen.blender import jobs as jobs_module
from blender_jewelgen.core.errors import BadInput, JewelGenError


def undo(bpy, jobs):
    """Undo as Blender does it, for which it needs a window: what was new is gone, then the handlers are called."""
    bpy.data.batch_remove([ob for ob in bpy.data.objects if not ob.jewelgen.height])
    bpy.data.batch_remove([*(m for m in bpy.data.meshes if not m.users), *(i for i in bpy.data.images if not i.users)])
    jobs._undone()


@pytest.fixture
def window(shop, monkeypatch):
    """(bpy, jobs) as with a window: operators return at once."""
    jobs = windowed(monkeypatch, shop)
    monkeypatch.setattr(jobs, "HOLD", 0.0)  # one step a tick, however quick the machine
    yield shop, jobs
    jobs.cancel_all()
    if shop.app.timers.is_registered(jobs.tick):
        shop.app.timers.unregister(jobs.tick)


def begin(bpy, name="generate"):
    """Start a job; its ticket."""
    assert getattr(bpy.ops.jewelgen, name)() == {"FINISHED"}, now(bpy).error
    return jobs_module._desk.tickets[-1]


def in_state(jobs, ticket, *states):
    tick_until(jobs, lambda: ticket.state in states or ticket.over)
    assert ticket.state in states, (ticket.state, ticket.error)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_an_operator_returns_before_its_work_is_done_and_the_timer_brings_the_piece(window):
    bpy, jobs = window
    settle(bpy)
    ticket = begin(bpy)
    assert not ticket.over and not bpy.data.objects
    assert now(bpy).busy and bpy.app.timers.is_registered(jobs.tick)
    shares = []

    def over():
        shares.append(now(bpy).progress)
        return not jobs._desk.tickets

    tick_until(jobs, over)
    assert ticket.state == "done" and active(bpy).jewelgen.kind == "relief"
    assert (now(bpy).busy, now(bpy).error) == (False, "") and max(shares) > 0.3
    assert jobs.tick() is None  # the timer goes to rest
    tick_until(jobs, lambda: not ticket.folder.exists())


def test_two_jobs_run_one_after_the_other(window):
    bpy, jobs = window
    settle(bpy)
    tickets = [begin(bpy)]
    bpy.context.scene.jewelgen.prompt = DISC
    tickets.append(begin(bpy))
    tick_until(jobs, lambda: "2 jobs" in now(bpy).status or not jobs._desk.tickets)
    finish(jobs)
    assert [t.state for t in tickets] == ["done", "done"]
    assert [row.name for row in bpy.context.scene.jewelgen.history] == [PENDANT, DISC]


@pytest.mark.parametrize("state", ["working", "loading", "applying"])
def test_cancel_leaves_nothing_half_done(window, state):
    bpy, jobs = window
    settle(bpy)
    ticket = begin(bpy)
    nodes_relief.relief_group()
    before = {name: len(getattr(bpy.data, name)) for name in ("objects", "meshes", "images", "node_groups")}
    in_state(jobs, ticket, state)
    assert bpy.ops.jewelgen.cancel() == {"FINISHED"}
    if not ticket.over:  # it is there in a moment
        finish(jobs)
        assert ticket.state == "done" and bpy.data.objects
        return
    assert ticket.state == "cancelled" and not jobs._desk.tickets
    assert {name: len(getattr(bpy.data, name)) for name in before} == before
    assert not now(bpy).busy and now(bpy).error == ""
    again = begin(bpy)
    finish(jobs)
    assert again.state == "done"


def test_the_mesh_a_relief_is_meant_for_may_be_deleted_meanwhile(window):
    bpy, jobs = window
    ob = torus(bpy)
    settle(bpy, "lotus").target = "SELECTED"
    ticket = begin(bpy)
    in_state(jobs, ticket, "working")
    bpy.data.objects.remove(ob)
    finish(jobs)
    assert ticket.over and not bpy.data.objects and not bpy.context.scene.jewelgen.history


def test_the_mesh_may_be_deleted_between_two_steps_of_the_result(window):
    bpy, jobs = window
    steps = 0
    while True:
        ob = torus(bpy, name=f"Torus {steps}")
        settle(bpy, "lotus").target = "SELECTED"
        ticket = begin(bpy)
        in_state(jobs, ticket, "applying")
        for _ in range(steps):
            if ticket.state == "applying":
                jobs._apply(ticket, 0.0)
        if ticket.over:
            break
        bpy.data.objects.remove(ob)
        finish(jobs)
        assert ticket.state in ("done", "failed") and "Traceback" not in str(ticket.error) and "Reference" not in str(ticket.error)
        assert not bpy.data.objects
        steps += 1
    assert ticket.state == "done" and steps >= 3


def test_a_renamed_object_gets_its_relief(window):
    bpy, jobs = window
    ob = torus(bpy)
    settle(bpy, "lotus").target = "SELECTED"
    begin(bpy)
    ob.name = "Ring of José"
    torus(bpy, name="Torus")
    finish(jobs)
    assert nodes_relief.modifier_of(ob) is not None and nodes_relief.modifier_of(bpy.data.objects["Torus"]) is None


def test_a_picture_removed_after_generate_is_still_laid(window):
    bpy, jobs = window
    image = bpy.data.images.new("Waves", 64, 16, float_buffer=True, is_data=True)
    image.pixels.foreach_set(np.random.default_rng(0).random(64 * 16 * 4).astype(np.float32))
    own = settle(bpy, "plain band, US 3, 2 mm wide")
    own.source, own.picture = "PICTURE", image
    ticket = begin(bpy)
    bpy.data.images.remove(image)
    finish(jobs)
    assert ticket.state == "done" and active(bpy).jewelgen.kind == "relief"


@pytest.mark.parametrize("state", ["preparing", "working", "applying"])
def test_another_file_ends_the_jobs_of_the_one_before(window, tmp_path, state):
    bpy, jobs = window
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"))
    torus(bpy)
    settle(bpy, "lotus").target = "SELECTED"
    ticket = begin(bpy)
    if state != "preparing":
        in_state(jobs, ticket, state)
    if state == "working":
        bpy.ops.wm.read_factory_settings(use_empty=True)
    else:
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "other.blend"))
    assert ticket.state == "cancelled" and not jobs._desk.tickets
    jobs.tick()
    assert not bpy.data.objects and not now(bpy).busy
    settle(bpy)
    begin(bpy)
    finish(jobs)
    assert active(bpy).jewelgen.kind == "relief"


def test_an_undo_while_a_result_goes_in_begins_it_again(window):
    bpy, jobs = window
    settle(bpy)
    ticket = begin(bpy)
    in_state(jobs, ticket, "applying")
    jobs._apply(ticket, 0.0)
    undo(bpy, jobs)
    finish(jobs)
    assert ticket.state == "done" and len(bpy.data.objects) == 1 and len(bpy.context.scene.jewelgen.history) == 1
    ticket = begin(bpy)
    for _ in range(5):
        if not ticket.over:
            in_state(jobs, ticket, "applying")
            jobs._apply(ticket, 0.0)
            undo(bpy, jobs)
    assert ticket.state == "failed" and "undone" in str(ticket.error)  # it is not tried for ever


def test_the_scene_may_be_left_while_a_job_runs(window):
    bpy, jobs = window
    settle(bpy)
    home, ticket = bpy.context.scene, begin(bpy)
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    finish(jobs)
    assert ticket.state == "done" and len(home.objects) == 1 and not other.objects and len(home.jewelgen.history) == 1
    bpy.context.window.scene = home
    made = begin(bpy, "make_print")
    bpy.context.window.scene = other
    finish(jobs)
    assert made.state == "done", made.error
    assert sorted(o.jewelgen.kind for o in home.objects) == ["print", "relief"] and not other.objects


def test_edit_mode_of_another_mesh_is_not_disturbed_by_a_result(window):
    bpy, jobs = window
    settle(bpy)
    ticket = begin(bpy)
    ob = torus(bpy)
    bpy.ops.object.mode_set(mode="EDIT")
    finish(jobs)
    assert ticket.state == "done" and len(bpy.data.objects) == 2
    assert bpy.context.mode == "EDIT_MESH" and active(bpy) == ob
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_killed_worker_is_an_error_and_the_next_job_runs(window):
    bpy, jobs = window
    settle(bpy)
    begin(bpy)
    finish(jobs)
    bpy.context.scene.jewelgen.relief.pixels = 60
    bpy.context.scene.jewelgen.prompt = "lotus bangle, 30 mm wide"
    ticket = begin(bpy)
    tick_until(jobs, lambda: ticket.over or ticket.progress > 0.0)
    assert ticket.state == "working"
    pid = jobs._desk.client.pid
    os.kill(pid, signal.SIGKILL)
    tick_until(jobs, lambda: ticket.over)
    assert ticket.state == "failed" and "worker" in now(bpy).error and len(bpy.data.objects) == 1
    settle(bpy)
    again = begin(bpy)
    assert now(bpy).error == ""
    finish(jobs)
    assert again.state == "done" and jobs._desk.client.pid != pid


def test_a_worker_that_cannot_be_started_is_an_error_with_its_name(window, monkeypatch):
    bpy, jobs = window
    jobs.restart()
    monkeypatch.setattr(jobs.addon, "setting", lambda name, default=None, context=None: "/nowhere/python" if name == "python" else default)
    settle(bpy)
    ticket = begin(bpy)
    tick_until(jobs, lambda: ticket.over)
    assert ticket.state == "failed" and "/nowhere/python" in now(bpy).error and not now(bpy).busy
    monkeypatch.undo()
    jobs.restart()


def test_a_restarted_worker_is_another_process_and_jobs_run_on_it(window):
    bpy, jobs = window
    settle(bpy)
    jobs.start()
    pid = jobs._desk.client.pid
    assert bpy.ops.jewelgen.restart_worker() == {"FINISHED"}
    assert jobs._desk.client.pid not in (None, pid)
    tick_until(jobs, lambda: not alive(pid))
    ticket = begin(bpy)
    finish(jobs)
    assert ticket.state == "done"


def test_no_folder_for_the_work_is_an_error_and_nothing_is_begun(window, monkeypatch):
    bpy, jobs = window
    settle(bpy)

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(jobs.tempfile, "mkdtemp", refuse)
    with pytest.raises(RuntimeError, match="Read-only"):
        bpy.ops.jewelgen.generate()
    assert now(bpy).error_field == "folder" and not jobs._desk.tickets


def test_a_full_disk_while_files_are_written_is_an_error_and_the_next_job_runs(window, monkeypatch):
    bpy, jobs = window
    torus(bpy)
    settle(bpy, "lotus").target = "SELECTED"

    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(convert, "save_mesh", refuse)
        ticket = begin(bpy)
        tick_until(jobs, lambda: ticket.over)
    assert ticket.state == "failed" and "No space left" in now(bpy).error
    again = begin(bpy)
    finish(jobs)
    assert again.state == "done" and now(bpy).error == ""


def test_a_refused_operator_leaves_no_folder(window, tmp_path, monkeypatch):
    bpy, jobs = window
    monkeypatch.setattr(jobs.bpy.app, "tempdir", str(tmp_path))
    own = settle(bpy)
    gone = bpy.data.images.new("Gone", 8, 8)
    gone.source, gone.filepath = "FILE", str(tmp_path / "gone.png")
    own.source, own.picture = "PICTURE", gone
    with pytest.raises(RuntimeError):
        bpy.ops.jewelgen.generate()
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_program_is_told_in_one_sentence_and_the_timer_lives(window):
    bpy, jobs = window

    def broken(result, loaded):
        yield
        raise KeyError("nothing of that name")

    ticket = jobs.submit(jobs.Ticket("warm", {}, jobs.new_folder(), broken, label="Test"))
    finish(jobs)
    assert ticket.state == "failed" and "Test could not be put into the scene: KeyError" in now(bpy).error
    settle(bpy)
    assert finish(jobs) is None and begin(bpy)
    finish(jobs)
    assert now(bpy).error == ""


def test_an_error_that_the_worker_finds_reaches_the_panel_with_field_and_mend(window):
    bpy, jobs = window
    own = settle(bpy, "lotus band, US 3, 2 mm wide, engraved")
    own.form.thickness, own.relief.depth = 0.4, 2.0
    ticket = begin(bpy)
    finish(jobs)
    assert ticket.state == "failed" and isinstance(ticket.error, BadInput)
    assert now(bpy).error == ticket.error.args[0] and now(bpy).error_field == ticket.error.field
    assert (now(bpy).fix_label, now(bpy).fix_option) == (ticket.error.fix.label, ticket.error.fix.option)
    assert not bpy.data.objects


def test_waiting_too_long_is_an_error(shop):
    ticket = jobs_module.Ticket("warm", {}, jobs_module.new_folder(), lambda result, loaded: iter(()), label="Test")
    jobs_module.submit(ticket)
    jobs_module.wait(ticket, timeout=-1.0)
    assert ticket.state == "failed" and isinstance(ticket.error, JewelGenError) and not now(shop).busy


@pytest.mark.parametrize("state", ["working", "applying"])
def test_the_add_on_can_go_while_a_job_runs_and_leaves_nothing(window, state):
    import blender_jewelgen.blender

    bpy, jobs = window
    settle(bpy)
    ticket = begin(bpy)
    in_state(jobs, ticket, state)
    pid = jobs._desk.client.pid
    blender_jewelgen.blender.unregister()
    try:
        assert ticket.over and not jobs._desk.tickets and jobs._desk.client is None
        assert not bpy.app.timers.is_registered(jobs.tick)
        ours = [f for name in dir(bpy.app.handlers) if isinstance(kept := getattr(bpy.app.handlers, name), list) for f in kept if "jewelgen" in getattr(f, "__module__", "")]
        assert ours == []
        assert not [name for name in dir(bpy.types) if "jewelgen" in name.lower()]
        assert not hasattr(bpy.types.Scene, "jewelgen") and not hasattr(bpy.types.Object, "jewelgen")
        end = time.monotonic() + 10.0
        while alive(pid):
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        blender_jewelgen.blender.register()


def test_choosing_something_else_while_a_job_runs_does_not_change_what_it_is_for(window):
    bpy, jobs = window
    first = torus(bpy, name="First")
    settle(bpy, "lotus").target = "SELECTED"
    begin(bpy)
    second = torus(bpy, name="Second")
    choose(bpy, second)
    finish(jobs)
    assert nodes_relief.modifier_of(first) is not None and nodes_relief.modifier_of(second) is None
