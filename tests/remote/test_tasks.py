"""Tasks of services on disk, in the worker and on the command line."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading

import pytest
from services import KEYS, Ear

from blender_jewelgen.cli import options as opt
from blender_jewelgen.cli import tasks as verb
from blender_jewelgen.cli.setting import Setting
from blender_jewelgen.core.body import BodyOrder, BodyParams
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.bodies import registry
from blender_jewelgen.engines.remote import tasks, waiting
from blender_jewelgen.worker.jobs import JOBS

KNOWN = {"engine": "meshy", "label": "Meshy", "handle": {"task": "abc", "path": "v1/image-to-3d"}, "server": "https://api.meshy.ai/openapi", "mark": "m"}


@pytest.fixture
def run(capsys):
    def command(*arguments: object) -> str:
        parser = opt.Parser(prog="jewelgen tasks")
        verb.add_options(parser)
        options = parser.parse_args([str(one) for one in arguments])
        options.setting = Setting()
        capsys.readouterr()
        assert verb.tasks(options) == 0
        return capsys.readouterr().out

    return command


def test_a_task_is_read_back_as_it_was_written(home):
    task = tasks.opened(**KNOWN, picture="戒指.png", prompt="a “ring”", seed=3)
    assert tasks.listed() == (task,) and tasks.found(task.id[:5]) == task and tasks.like("m") == task and tasks.like("other") is None


def test_only_the_person_can_read_what_tasks_hold(home):
    if sys.platform == "win32":
        pytest.skip("no modes there")
    task = tasks.opened(**KNOWN)
    assert (tasks.folder() / f"{task.id}.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{", "[" * 9999, "[]", "null", '{"id": "../../x"}', '{"id": 3, "handle": {}}'], ids=range(7))
def test_a_file_that_is_damaged_is_left_out(text, home):
    task = tasks.opened(**KNOWN)
    (tasks.folder() / "deadbeef.json").write_text(text)
    assert tasks.listed() == (task,)


def test_a_task_cannot_name_a_mesh_elsewhere(home):
    task = tasks.opened(**KNOWN)
    kept = json.loads((tasks.folder() / f"{task.id}.json").read_text())
    (tasks.folder() / "x.json").write_text(json.dumps(kept | {"id": "../x"}))
    assert [one.id for one in tasks.listed()] == [task.id]


def test_meshes_of_old_tasks_go_and_open_tasks_stay(home, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "KEPT", 3)
    still = tasks.opened(**KNOWN)
    for number in range(5):
        mesh = tmp_path / "mesh.glb"
        mesh.write_bytes(b"glTF")
        tasks.finished(tasks.opened(**KNOWN | {"mark": str(number)}), mesh, "")
    assert len(list(tasks.folder().glob("*.glb"))) == 3 and still in tasks.listed() and len(tasks.listed()) == 4


def test_a_home_on_another_disk_keeps_meshes_too(services, make, monkeypatch):
    whole = os.replace

    def within_one_disk(source, goal):
        if os.path.dirname(source) != os.path.dirname(goal):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        whole(source, goal)

    monkeypatch.setattr(os, "replace", within_one_disk)
    make("meshy")
    assert tasks.listed()[0].state == "done" and tasks.listed()[0].mesh.is_file()


def test_a_home_that_cannot_be_written_does_not_lose_what_was_paid_for(services, make, home):
    home.mkdir(parents=True)
    (home / "tasks").write_text("a file where the folder should be")
    assert len(make("meshy").mesh.faces) == 4
    services.failed = "no"
    with pytest.raises(BadInput) as error:
        make("tripo")
    assert "could not make the body (no)" in str(error.value)


@pytest.mark.parametrize("name", ["", "zzz", "../x"])
def test_an_unknown_task_is_a_sentence(name, home):
    tasks.opened(**KNOWN)
    with pytest.raises(BadInput) as error:
        tasks.found(name)
    assert error.value.field == "task" and "tasks list" in str(error.value)


def test_many_tasks_at_once_do_not_disturb_each_other(home):
    threads = [threading.Thread(target=lambda: [tasks.opened(**KNOWN) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tasks.listed()) == 40


def test_the_command_line_lists_resumes_and_forgets(services, make, run, monkeypatch, tmp_path):
    monkeypatch.setattr(waiting, "LONGEST", 0.1)
    services.looks = 10**9
    with pytest.raises(BadInput):
        make("meshy", seed=4)
    [task] = tasks.listed()
    said = run("list")
    assert task.id in said and "open" in said and "戒指 ring.png, seed 4" in said
    services.looks = 0
    said = run("resume", task.id[:6], "--online", "--out", tmp_path / "out", "--quiet")
    assert "4 triangles" in said and "20 credits" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"mesh.glb", "picture.png", "report.json"}
    report = (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    assert json.loads(report)["engine"] == {"name": "meshy", "revision": "latest", "licence": "Meshy terms", "task": "meshy-1"} and KEYS["meshy"] not in report
    assert json.loads(run("list", "--json"))["tasks"][0]["state"] == "done"
    assert "is forgotten" in run("forget", task.id) and tasks.listed() == ()
    assert "no service" in run("list")


def test_a_task_is_not_resumed_while_the_network_is_not_allowed(services, make, run, monkeypatch, tmp_path):
    monkeypatch.setattr(waiting, "LONGEST", 0.1)
    services.looks = 10**9
    with pytest.raises(BadInput):
        make("meshy")
    asked = len(services.asked)
    with pytest.raises(BadInput) as error:
        run("resume", tasks.listed()[0].id, "--out", tmp_path / "out")
    assert error.value.field == "network" and len(services.asked) == asked and not (tmp_path / "out").exists()


def test_an_order_that_names_a_task_goes_on_with_it(services, make, monkeypatch, picture):
    monkeypatch.setattr(waiting, "LONGEST", 0.1)
    services.looks = 10**9
    with pytest.raises(BadInput):
        make("tripo", seed=9)
    [task] = tasks.listed()
    services.looks = 0
    order = BodyOrder(params=BodyParams(engine="tripo"), online=True)
    object.__setattr__(order, "task", task.id)
    body = registry.make(order, Ear())
    assert body.credit["task"] == "tripo-1" and "gone on with" in body.notes[0] and len(services.of("/task", "POST")) == 1


def test_the_worker_lists_and_forgets(home, tmp_path):
    task = tasks.opened(**KNOWN, picture="a.png")
    [row] = JOBS["tasks"]({}, tmp_path, lambda *_: None)["tasks"]
    assert row["id"] == task.id and row["state"] == "open" and "handle" not in row and "server" not in row
    assert JOBS["task_forget"]({"id": task.id}, tmp_path, lambda *_: None) == {"id": task.id}
    assert JOBS["tasks"]({}, tmp_path, lambda *_: None) == {"tasks": []}
