"""Services through a worker of its own, which is cancelled and killed; and from the command line."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest
from services import KEYS

from blender_jewelgen.cli.main import main
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.engines.remote import tasks
from blender_jewelgen.worker.client import Client


@pytest.fixture
def worker(services, tmp_path):
    """Starts workers that write one log."""
    clients = []

    def started() -> Client:
        clients.append(Client(log=tmp_path / "worker.log"))
        return clients[-1]

    yield started
    for client in clients:
        client.close()
    assert not any(KEYS["meshy"].encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def wanted(services, picture, engine: str = "meshy") -> dict:
    return {"picture": str(picture), "online": True, "body": {"engine": engine, "server": services.address}}


def until(true, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_worker_that_is_killed_loses_no_task(services, worker, picture, tmp_path):
    services.looks = 10**9
    client = worker()
    client.submit("bare_body", wanted(services, picture), tmp_path / "one")
    until(lambda: client.events() is not None and bool(tasks.listed()))
    os.kill(client.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    services.looks = 0
    told = worker().run("bare_body", wanted(services, picture), tmp_path / "two", timeout=60)
    assert (tmp_path / "two" / told["mesh"]).is_file() and "gone on with" in told["notes"][0] and told["cost"] == "20 credits"
    assert len(services.of("image-to-3d", "POST")) == 1


def test_a_job_is_cancelled_while_a_service_works_and_while_it_is_silent(services, worker, picture, tmp_path):
    services.looks = 10**9
    client = worker()
    for hang in ("no path", "image-to-3d"):
        services.hang = hang
        job = client.submit("bare_body", wanted(services, picture), tmp_path / "job")
        until(lambda: client.events() is not None and bool(services.of("image-to-3d", "GET")))
        client.cancel(job)
        with pytest.raises(Cancelled):
            client.wait(job, timeout=20)
        services.asked.clear()


def test_a_refusal_reaches_the_program_with_its_field_and_its_mend(services, worker, picture, tmp_path):
    services.fail = [("image-to-3d", 401)]
    with pytest.raises(BadInput) as error:
        worker().run("bare_body", wanted(services, picture), tmp_path / "job", timeout=60)
    assert error.value.field == "key" and error.value.fix.option == "jewelgen keys set meshy"


def test_the_command_line_makes_a_body_by_a_service(services, picture, tmp_path, capsys):
    line = ["mesh", str(picture), "--engine", "stability", "--server", services.address, "--out", str(tmp_path / "out"), "--quiet"]
    assert main(line) == 2
    assert "--online" in capsys.readouterr().err and services.asked == []
    assert main([*line, "--online"]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["engine"]["name"] == "stability" and report["engine"]["revision"] == "stable-fast-3d"
    assert not any(KEYS["stability"].encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_the_verbs_are_there(home, capsys):
    assert main(["keys", "list", "--json"]) == 0 and len(json.loads(capsys.readouterr().out)["keys"]) == 5
    assert main(["tasks", "list", "--json"]) == 0 and json.loads(capsys.readouterr().out) == {"tasks": []}
    assert main(["tasks", "forget", "abc"]) == 2
