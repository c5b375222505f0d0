"""Jobs go to the worker and come back: results, errors, progress, cancels, in order and to whom they belong."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest
from odd_client import LONG, until

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.worker import protocol as say
from blender_jewelgen.worker.failure import JobFailed, WorkerDied


def test_a_job_gives_its_result_and_tells_of_its_steps(worker, tmp_path):
    heard = []
    job = worker.submit("steps", {"count": 4, "pause": 0.0}, tmp_path)
    assert worker.wait(job, 30, lambda share, text: heard.append((share, text))) == {"steps": 4}
    assert heard == [(0.0, "starting"), (0.0, "step 1"), (0.25, "step 2"), (0.5, "step 3"), (0.75, "step 4")]


def test_results_find_the_job_they_belong_to_in_the_order_of_submission(worker, tmp_path):
    jobs = [worker.submit("told", {"value": k}, tmp_path) for k in range(20)]
    assert [worker.wait(job, 30)["value"] for job in reversed(jobs)] == list(reversed(range(20)))


def test_events_never_wait_and_bring_everything_once(worker, tmp_path):
    jobs = [worker.submit("told", {"value": k}, tmp_path) for k in range(5)]
    heard = []
    until(lambda: heard.extend(worker.events()) or sum(isinstance(m, say.Done) for m in heard) == 5)
    assert [m.job for m in heard if isinstance(m, say.Done)] == jobs
    assert [m.job for m in heard if isinstance(m, say.Progress)] == jobs  # one each: the beginning
    assert worker.events() == []


def test_who_waits_gets_the_result_though_another_thread_looks_at_events(worker, tmp_path):
    stop, stolen = threading.Event(), []
    looker = threading.Thread(target=lambda: [stolen.extend(worker.events()) or time.sleep(0.0005) for _ in iter(stop.is_set, True)])
    looker.start()
    try:
        for k in range(100):
            heard = []
            assert worker.run("told", {"value": k}, tmp_path, 30, lambda share, text, heard=heard: heard.append(text))["value"] == k
            assert heard == ["starting"]
    finally:
        stop.set()
        looker.join()
    assert stolen == []


def test_two_threads_can_wait_for_two_jobs(worker, tmp_path):
    found = {}

    def ask(value):
        found[value] = worker.wait(worker.submit("told", {"value": value}, tmp_path), 30)["value"]

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {k: k for k in range(8)}


def test_two_clients_have_two_workers(workers, tmp_path):
    one, two = workers(), workers()
    long, short = one.submit("steps", LONG, tmp_path), two.submit("told", {"value": 2}, tmp_path)
    assert two.wait(short, 30)["value"] == 2
    assert one.pid != two.pid
    one.cancel(long)
    with pytest.raises(Cancelled):
        one.wait(long, 30)


def test_bad_input_arrives_with_field_and_fix(worker, tmp_path):
    with pytest.raises(BadInput) as caught:
        worker.wait(worker.submit("raises", {"what": "bad"}, tmp_path), 30)
    assert str(caught.value) == "depth is 9 mm; it must be below 2 mm (try --depth 0.6)"
    assert (caught.value.field, caught.value.fix.label) == ("depth", "Use 0.6 mm")


@pytest.mark.parametrize(
    ("what", "words"), [("memory", "not enough memory for raises"), ("exit", "SystemExit: 3"), ("key", "KeyError: 'wanted'"), ("deep", "too deep"), ("module", r"Python 3\.\d+ lacks manifold3d"), ("lines", "one two"), ("long", "many words")]
)
def test_any_exception_of_a_job_is_one_sentence_and_the_worker_lives_on(worker, tmp_path, what, words):
    worker.start()
    before = worker.pid
    with pytest.raises(JobFailed, match=words) as caught:
        worker.wait(worker.submit("raises", {"what": what}, tmp_path), 30)
    assert not isinstance(caught.value, WorkerDied)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
    assert "Traceback" in caught.value.tail and "odd_worker.py" in caught.value.tail  # for whoever mends the program
    assert worker.wait(worker.submit("told", {"value": 1}, tmp_path), 30)["value"] == 1
    assert worker.pid == before


@pytest.mark.parametrize("what", ["nan", "set"])
def test_a_result_that_json_cannot_hold_fails_that_job_only(worker, tmp_path, what):
    with pytest.raises(JobFailed, match="odd_result met an error of the program"):
        worker.wait(worker.submit("odd_result", {"what": what}, tmp_path), 30)
    assert worker.wait(worker.submit("told", {}, tmp_path), 30)


def test_a_kind_that_is_not_known_is_refused(worker, tmp_path):
    with pytest.raises(JobFailed, match="knows no job 'dance'"):
        worker.wait(worker.submit("dance", {}, tmp_path), 30)


def test_parameters_that_cannot_be_sent_are_refused_at_once(worker, tmp_path):
    with pytest.raises((ValueError, TypeError)):
        worker.submit("told", {"value": {1, 2}}, tmp_path)
    assert worker.wait(worker.submit("told", {"value": 3}, tmp_path), 30)["value"] == 3


def test_a_running_job_obeys_a_cancel_within_a_step(worker, tmp_path):
    steps = []
    job = worker.submit("steps", LONG, tmp_path)

    def tell(share, text):
        steps.append(text)
        if text == "step 3":
            worker.cancel(job)

    with pytest.raises(Cancelled):
        worker.wait(job, 30, tell)
    assert len(steps) < 300  # the message needs its way: some steps of 0.02 s, not 3000
    assert worker.wait(worker.submit("told", {"value": 5}, tmp_path), 30)["value"] == 5


def test_a_queued_job_is_cancelled_while_the_one_before_it_goes_on(worker, tmp_path):
    first, second, third = worker.submit("steps", LONG, tmp_path), worker.submit("told", {}, tmp_path), worker.submit("told", {"value": 3}, tmp_path)
    worker.cancel(second)
    with pytest.raises(Cancelled):
        worker.wait(second, 30)
    assert worker.ping() and not any(isinstance(m, (say.Done, say.Cancelled)) for m in worker.events())  # the first is still at work
    worker.cancel(first)
    assert worker.wait(third, 30)["value"] == 3
    assert [m for m in worker.events() if not isinstance(m, say.Progress)] == [say.Cancelled(first)]
    with pytest.raises(JobFailed, match="not known"):
        worker.wait(second, 30)


def test_a_cancel_that_comes_too_late_changes_nothing(worker, tmp_path):
    job = worker.submit("told", {"value": 1}, tmp_path)
    assert worker.wait(job, 30)["value"] == 1
    worker.cancel(job)
    worker.cancel("no such job")
    assert worker.wait(worker.submit("told", {"value": 2}, tmp_path), 30)["value"] == 2


def test_waiting_can_run_out_of_time_and_the_job_goes_on(worker, tmp_path):
    job = worker.submit("steps", LONG, tmp_path)
    with pytest.raises(TimeoutError):
        worker.wait(job, 0.1)
    until(lambda: any(m.text == "step 9" for m in worker.events() if isinstance(m, say.Progress)))
    worker.cancel(job)
    with pytest.raises(Cancelled):
        worker.wait(job, 30)


def test_a_tell_that_raises_cancels_the_job(worker, tmp_path):
    job = worker.submit("steps", LONG, tmp_path)

    def tell(share, text):
        if text == "step 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.wait(job, 30, tell)
    assert worker.wait(worker.submit("told", {"value": 1}, tmp_path), 30)["value"] == 1  # it made way
    assert worker.events() == []  # and nobody hears of it again


def test_whatever_a_job_prints_goes_to_the_log_and_it_reads_nothing(worker, tmp_path):
    job = worker.submit("prints", {}, tmp_path)
    assert worker.wait(job, 30) == {"read": "", "child_read": ""}
    said = worker.log.read_text(encoding="utf-8")
    for words in ('"false": true', "straight to 1", "straight to stderr", "old stdout", "printed by C", "printed by a child"):
        assert words in said
    assert not any(isinstance(m, say.Log) for m in worker.events())


def test_foreign_lines_of_a_worker_are_told_and_passed_by(workers, tmp_path):
    code = "import os; os.write(1, b'Welcome to Python!\\n{\"word\": \"sing\"}\\n'); from odd_worker import ODD; from blender_jewelgen.worker.start import start; start(ODD)"
    worker = workers()
    client = workers(command=[sys.executable, "-c", code], env={**worker._env, "PYTHONPATH": worker._env["PYTHONPATH"] + os.pathsep + os.path.dirname(__file__)})
    job = client.submit("told", {"value": 4}, tmp_path)
    heard = []
    until(lambda: heard.extend(client.events()) or any(isinstance(m, say.Done) for m in heard))
    assert [m.text for m in heard if isinstance(m, say.Log)] == ["not a worker message: b'Welcome to Python!\\n'", "not a worker message: b'{\"word\": \"sing\"}\\n'"]
    assert [m.result["value"] for m in heard if isinstance(m, say.Done) and m.job == job] == [4]


def test_foreign_lines_for_a_worker_are_told_and_passed_by(worker, tmp_path):
    worker.start()
    for line in (b"rubbish\n", b'{"word": "done", "job": "1", "result": {}}\n', b"\xff\n", b"\n"):
        worker._process._orders.put(line)
    assert worker.wait(worker.submit("told", {"value": 6}, tmp_path), 30)["value"] == 6
    assert [m.text.split(":")[0] for m in worker.events()] == ["not a worker message", "a worker is not told Done", "not a worker message", "not a worker message"]


def test_a_preview_is_named_on_the_way_and_there_by_then(worker, tmp_path):
    seen = []
    job = worker.submit("writes", {}, tmp_path / "job")
    worker.wait(job, 30, preview=lambda name: seen.append((name, (tmp_path / "job" / name).read_text())))
    assert seen == [("half.txt", "half")]


def test_folders_of_any_name_are_made_and_stay(worker, tmp_path):
    folder = tmp_path / "José Núñez" / "首饰 盒" / "a b"
    assert worker.wait(worker.submit("writes", {}, folder), 30) == {"folder": str(folder), "files": ["half.txt"]}
    worker.close()
    assert (folder / "half.txt").read_text() == "half"


def test_a_folder_that_cannot_be_made_is_one_sentence(worker, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"file.* cannot be used \(") as caught:
        worker.wait(worker.submit("writes", {}, tmp_path / "file" / "folder"), 30)
    assert caught.value.field == "folder" and "\n" not in str(caught.value)
    assert worker.wait(worker.submit("told", {}, tmp_path), 30)


def test_jobs_run_in_the_main_thread(worker, tmp_path):
    assert worker.wait(worker.submit("told", {}, tmp_path), 30)["thread"]


def test_a_worker_answers_while_it_works(worker, tmp_path):
    job = worker.submit("steps", LONG, tmp_path)
    until(lambda: any(isinstance(m, say.Progress) and m.text == "step 2" for m in worker.events()))
    assert worker.ping() < 5.0
    worker.cancel(job)
