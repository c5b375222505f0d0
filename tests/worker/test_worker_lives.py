"""Processes die, hang and are closed: nothing is lost but the job that was at work, and nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from odd_client import LONG, ODD, odd_command, until

from blender_jewelgen.core.errors import Cancelled
from blender_jewelgen.worker import protocol as say
from blender_jewelgen.worker.client import Client
from blender_jewelgen.worker.failure import WorkerDied

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals")


def gone(pid: int) -> bool:
    """Whether no process of this number is there, a dead one that nobody has fetched included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def working(worker, text="step 2"):
    until(lambda: any(isinstance(m, say.Progress) and m.text == text for m in worker.events()))


@posix
def test_a_crash_is_told_with_the_end_of_the_log_and_the_next_jobs_go_on(worker, tmp_path):
    crash, after = worker.submit("segfaults", {}, tmp_path), [worker.submit("told", {"value": k}, tmp_path) for k in range(3)]
    with pytest.raises(WorkerDied, match="the worker was ended by SIGSEGV in segfaults") as caught:
        worker.wait(crash, 30)
    assert "Fatal Python error: Segmentation fault" in caught.value.tail and "in segfaults" in caught.value.tail
    assert "\n" not in str(caught.value)
    assert [worker.wait(job, 30)["value"] for job in after] == [0, 1, 2]


def test_a_worker_that_leaves_in_a_job_is_told_with_its_code(worker, tmp_path):
    with pytest.raises(WorkerDied, match="ended with code 7 in leaves"):
        worker.wait(worker.submit("leaves", {}, tmp_path), 30)
    assert worker.wait(worker.submit("told", {"value": 1}, tmp_path), 30)["value"] == 1


@posix
def test_events_alone_bring_a_worker_back(worker, tmp_path):
    lost, kept = worker.submit("segfaults", {}, tmp_path), worker.submit("told", {"value": 8}, tmp_path)
    heard = []
    until(lambda: heard.extend(worker.events()) or any(isinstance(m, say.Done) for m in heard))
    finals = [m for m in heard if not isinstance(m, (say.Progress, say.Log))]
    assert [(type(m), m.job) for m in finals] == [(say.Failed, lost), (say.Done, kept)]
    assert finals[0].kind == "died"


@posix
@pytest.mark.parametrize("kind", ["hangs", "hangs_in_c"])
def test_a_hung_job_that_is_cancelled_ends_after_the_grace_and_the_next_one_runs(worker, tmp_path, kind):
    job, after = worker.submit(kind, {}, tmp_path), worker.submit("told", {"value": 3}, tmp_path)
    working(worker, "hanging")
    before = worker.pid
    worker.cancel(job)
    with pytest.raises(Cancelled):
        worker.wait(job, 30)
    assert worker.wait(after, 30)["value"] == 3
    assert worker.pid != before and gone(before)


@posix
def test_an_idle_worker_that_was_killed_is_there_again_for_the_next_job(worker, tmp_path):
    for k in range(5):  # more often than a worker may fail to start
        assert worker.wait(worker.submit("told", {"value": k}, tmp_path), 30)["value"] == k
        os.kill(worker.pid, signal.SIGKILL)
        until(lambda: worker.events() == [] and worker.pid is None)


@pytest.mark.slow
@posix
def test_killed_at_any_moment_a_hundred_times_nothing_is_lost(worker, tmp_path):
    """Each job ends once: done, or lost with the process it was at; the one after it is always done."""
    rng = random.Random(5)
    lost = 0
    for k in range(100):
        jobs = [worker.submit("steps", {"count": 3, "pause": 0.003}, tmp_path), worker.submit("told", {"value": k}, tmp_path)]
        time.sleep(rng.random() * 0.1)
        if (pid := worker.pid) is not None:
            os.kill(pid, signal.SIGKILL)
        ends = {}

        def finals(ends=ends):
            for message in worker.events():
                if isinstance(message, (say.Done, say.Failed)):
                    assert message.job not in ends, "told twice"
                    ends[message.job] = message
            return len(ends) == 2

        until(finals)
        assert set(ends) == set(jobs)
        failed = [m for m in ends.values() if isinstance(m, say.Failed)]
        assert len(failed) <= 1 and all(m.kind == "died" and "SIGKILL" in m.message for m in failed)
        lost += len(failed)
        assert worker.wait(worker.submit("told", {"value": -k}, tmp_path), 30)["value"] == -k
    assert 0 < lost < 100  # some were caught at work, some between


@posix
def test_a_worker_that_never_starts_is_given_up_in_one_sentence(workers, tmp_path):
    client = workers(command=[sys.executable, "-c", "import sys; sys.exit('no module named numpy')"])
    jobs = [client.submit("told", {}, tmp_path) for _ in range(2)]
    for job in jobs:
        with pytest.raises(WorkerDied, match="the worker ended with code 1 while starting: no module named numpy"):
            client.wait(job, 30)
    with pytest.raises(WorkerDied):  # a later job tries again: the person may have mended it
        client.wait(client.submit("told", {}, tmp_path), 30)


def test_a_python_that_is_not_there_is_one_sentence(workers, tmp_path):
    client = workers(command=[str(tmp_path / "no python")])
    with pytest.raises(WorkerDied, match=r"the worker cannot be started: .*no python"):
        client.wait(client.submit("told", {}, tmp_path), 30)


@posix
def test_a_worker_that_hangs_while_starting_is_given_up(workers, tmp_path):
    client = workers(command=[sys.executable, "-c", "import time; time.sleep(60)"], patience=0.3)
    with pytest.raises(WorkerDied, match=r"did not start within 0\.3 s"):
        client.wait(client.submit("told", {}, tmp_path), 30)
    pid = client.pid
    client.close()
    assert pid is None or gone(pid)


def test_a_worker_of_another_protocol_is_refused_in_a_clear_sentence(workers, tmp_path):
    code = f"""import sys; print('{{"word": "hello", "protocol": {say.PROTOCOL + 6}, "version": "9", "mood": "fine"}}', flush=True); sys.stdin.read()"""
    client = workers(command=[sys.executable, "-c", code])
    with pytest.raises(WorkerDied, match=rf"speaks protocol {say.PROTOCOL + 6}, this program {say.PROTOCOL}.*install the same version in both"):
        client.wait(client.submit("told", {}, tmp_path), 30)


def test_a_restart_ends_the_job_at_work_and_the_others_go_on(worker, tmp_path):
    job, after = worker.submit("steps", LONG, tmp_path), worker.submit("told", {"value": 9}, tmp_path)
    working(worker)
    worker.restart()
    with pytest.raises(WorkerDied):
        worker.wait(job, 30)
    assert worker.wait(after, 30)["value"] == 9


@posix
@pytest.mark.parametrize("kind", ["", "steps", "hangs", "hangs_in_c"])
def test_close_leaves_no_process_no_thread_and_no_open_job(tmp_path, kind):
    threads = set(threading.enumerate())
    command, env = odd_command()
    client = Client(command, tmp_path / "log", env)
    client.start()
    job = client.submit(kind, LONG, tmp_path) if kind else ""
    if kind:
        working(client, "hanging" if "hangs" in kind else "step 2")
    pid = client.pid
    client.close(patience=0.3)
    assert gone(pid)  # a zombie would still be there
    assert set(threading.enumerate()) == threads
    if kind:
        with pytest.raises(Cancelled):
            client.wait(job, 1)
    with pytest.raises(WorkerDied, match="closed"):
        client.submit("told", {}, tmp_path)
    client.close()  # twice does no harm


def test_who_waits_in_another_thread_is_told_when_the_client_is_closed(worker, tmp_path):
    job, ends = worker.submit("steps", LONG, tmp_path), []

    def wait():
        try:
            worker.wait(job, 30)
        except Cancelled:
            ends.append("cancelled")

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    worker.close()
    thread.join(10)
    assert ends == ["cancelled"]


PARENT = """
    import sys, time
    from pathlib import Path
    from blender_jewelgen.worker.client import Client
    def run():
        client = Client([sys.executable, {odd!r}], Path({log!r}), {env!r})
        client.submit({kind!r}, {params!r}, Path({folder!r}))
        while not any(getattr(m, "text", "") in ("step 2", "hanging") for m in client.events()):
            time.sleep(0.01)
        print(client.pid, flush=True)
        time.sleep(60)
    {call}
"""


@posix
@pytest.mark.parametrize(
    ("kind", "call"),
    [("steps", "run()"), ("hangs", "run()"), ("steps", "import threading; threading.Thread(target=run).start()"),
     pytest.param("hangs_in_c", "run()", marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child that lets no thread run"))],
)
def test_a_worker_is_gone_when_its_program_is_killed(tmp_path, kind, call):
    _, env = odd_command()
    code = textwrap.dedent(PARENT).format(odd=str(ODD), log=str(tmp_path / "log"), env=env, kind=kind, params=LONG, folder=str(tmp_path), call=call)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    pid = int(parent.stdout.readline())
    assert not gone(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: gone(pid) or dead(pid), 5.0)


def dead(pid: int) -> bool:
    """A process whose parent is gone may wait for an init that does not fetch it: in a container."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@posix
def test_a_worker_started_in_a_thread_outlives_that_thread(worker, tmp_path):
    thread = threading.Thread(target=worker.start)
    thread.start()
    thread.join()
    assert worker.wait(worker.submit("steps", {"count": 3, "pause": 0.1}, tmp_path), 30) == {"steps": 3}
    assert "SIGKILL" not in worker.tail() and worker.tail().count("process") == 1  # the first one did it
