"""The result folder is complete or not there, whatever happens to disk, other runs and the person's patience."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import sys
import threading
import time

import pytest
from command_line import QUICK, WHOLE, names, ran, read, refused, start

from blender_jewelgen.cli import folder as folders
from blender_jewelgen.cli.folder import FILES, Folder
from blender_jewelgen.core.errors import BadInput

MAKE = ("make", "lotus band, silver", "--quiet", *QUICK)


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_folders_on_the_way_are_made(jewelgen, tmp_path):
    assert jewelgen(*MAKE, "--out", tmp_path / "a/b c/首饰").code == 0
    assert names(tmp_path / "a/b c/首饰") == WHOLE
    assert names(tmp_path / "a/b c") == {"首饰"}


def test_a_new_folder_and_its_files_may_be_read_by_others_as_far_as_the_person_allows(made):
    mask = os.umask(0)
    os.umask(mask)
    assert made.stat().st_mode & 0o777 == 0o777 & ~mask
    assert (made / "piece.stl").stat().st_mode & 0o777 == 0o666 & ~mask


def test_paths_may_be_relative_or_begin_at_home(jewelgen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert jewelgen(*MAKE, "--out", "here/../there").code == 0
    assert jewelgen(*MAKE, "--out", "~/piece").code == 0
    assert names(tmp_path / "there") == names(tmp_path / "home/piece") == WHOLE
    assert names(tmp_path) == {"there", "home"}
    monkeypatch.chdir(tmp_path / "home")
    assert jewelgen(*MAKE, "--out", ".").code == 0
    assert names(tmp_path / "home") == WHOLE | {"piece"}


def test_another_piece_stays_without_force_and_is_replaced_with_it(jewelgen, tmp_path):
    out = tmp_path / "out"
    assert jewelgen(*MAKE, "--out", out).code == 0
    (out / "notes of mine.txt").write_text("keep")
    (out / "picture.png").write_bytes(b"of the old piece")
    before = contents(out)
    refused(jewelgen(*MAKE, "--out", out, "--seed", "9"), "already holds a piece", "--force")
    assert contents(out) == before
    assert jewelgen(*MAKE, "--out", out, "--seed", "9", "--force").code == 0
    assert names(out) == WHOLE | {"notes of mine.txt"}  # an old picture beside a new piece would be a lie
    assert read(out / "recipe.json")["make"]["seed"] == 9 and names(tmp_path) == {"out"}


def test_a_file_that_the_piece_would_overwrite_is_not_lost(jewelgen, tmp_path):
    (tmp_path / "height.png").write_text("mine")
    refused(jewelgen(*MAKE, "--out", tmp_path), "height.png", "--force")
    assert contents(tmp_path) == {"height.png": b"mine"}


@pytest.mark.parametrize("out", ["file", "file/under/it", "broken", "n" * 300, "\0", "~nobody-here/out"], ids=["file", "under", "link", "long", "zero", "home"])
def test_a_place_that_can_hold_no_folder_is_refused(out, jewelgen, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere" / "else")
    before = names(tmp_path)
    refused(jewelgen(*MAKE, "--out", out if out.startswith("~") else f"{tmp_path}/{out}"), "out" if out[0] in "\0~n" else str(tmp_path))
    assert names(tmp_path) == before and (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(("code", "words"), [(errno.EACCES, "no permission"), (errno.EROFS, "read-only"), (errno.ENOSPC, "the disk is full")])
def test_a_place_where_nothing_can_be_made_is_named(code, words, jewelgen, tmp_path, monkeypatch):
    def refuse(path, *_args, **_keys):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(folders.Path, "mkdir", refuse)  # root may write anywhere, so that a mode would prove nothing
    refused(jewelgen(*MAKE, "--out", tmp_path / "out"), words, str(tmp_path / "out"))
    assert names(tmp_path) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes to play a full disk with")
@pytest.mark.parametrize("old", [False, True], ids=["new", "replacing"])
def test_a_disk_that_fills_up_leaves_nothing_or_the_old_piece(old, made, tmp_path):
    if old:
        shutil.copytree(made, tmp_path / "out")
    before = contents(tmp_path / "out") if old else None

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # bytes; the STL has some millions

    said = ran(*MAKE, "--out", tmp_path / "out", "--force", preexec_fn=small_disk)
    refused(said, "oo large")
    assert names(tmp_path) == ({"out"} if old else set())
    assert not old or contents(tmp_path / "out") == before


@pytest.mark.parametrize("step", range(1, 2 * len(FILES) + 1))
def test_a_fault_at_any_step_of_moving_in_brings_the_old_piece_back(step, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    for name in FILES:
        (out / name).write_text(f"old {name}")
    before, real, count = contents(out), os.replace, 0

    def fails_once(source, goal):
        nonlocal count
        count += 1
        if count == step:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, goal)

    monkeypatch.setattr(folders.os, "replace", fails_once)
    with pytest.raises(BadInput, match="the disk is full"), Folder(out, True) as folder:
        for name in FILES:
            (folder.work / name).write_text(f"new {name}")
    assert contents(out) == before and names(tmp_path) == {"out"}


def test_a_fault_while_making_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), Folder(tmp_path / "a/b", False) as folder:
        (folder.work / "recipe.json").write_text("{}")
        raise ZeroDivisionError
    assert names(tmp_path) == set()


def test_a_lock_of_a_killed_run_does_not_lock_for_ever_and_one_of_a_living_run_is_respected(tmp_path, monkeypatch):
    lock = tmp_path / ".jewelgen.lock"
    lock.touch()
    os.utime(lock, (time.time() - 100, time.time() - 100))
    with Folder(tmp_path, False) as folder:
        (folder.work / "recipe.json").write_text("{}")
    assert names(tmp_path) == {"recipe.json"}
    lock.touch()
    monkeypatch.setattr(folders, "_PATIENCE", 2)
    with pytest.raises(BadInput, match="another run"), Folder(tmp_path, True) as folder:
        (folder.work / "recipe.json").write_text("[]")
    assert (tmp_path / "recipe.json").read_text() == "{}" and names(tmp_path) == {"recipe.json", lock.name}


@pytest.mark.parametrize("exists", [False, True], ids=["new folder", "empty folder"])
def test_of_many_runs_into_one_folder_exactly_one_wins_and_its_files_stay_together(exists, tmp_path):
    out = tmp_path / "out"
    if exists:
        out.mkdir()
    ready, told = threading.Barrier(8), []

    def run(number):
        try:
            with Folder(out, False) as folder:
                for name in FILES:
                    (folder.work / name).write_text(str(number))
                ready.wait()
            told.append(number)
        except BadInput as error:
            assert "already holds" in str(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(told) == 1 and names(out) == set(FILES)
    assert set(contents(out).values()) == {str(told[0]).encode()} and names(tmp_path) == {"out"}


@pytest.mark.parametrize("force", [False, True])
def test_two_programs_into_one_folder_leave_one_whole_piece(force, tmp_path):
    out = tmp_path / "out"
    runs = [start(*MAKE, "--seed", n, "--out", out, *(["--force"] if force else [])) for n in (1, 2)]
    errors = [run.communicate(timeout=120)[1] for run in runs]
    codes = sorted(run.returncode for run in runs)
    assert codes == ([0, 0] if force else [0, 2]), errors
    assert names(out) == WHOLE and names(tmp_path) == {"out"}
    seed = read(out / "recipe.json")["make"]["seed"]
    assert read(out / "report.json")["seed"] == seed and f"seed {seed}" in (out / "report.html").read_text(encoding="utf-8")
    assert force or runs[seed - 1].returncode == 0


def left(process) -> list[str]:
    """Processes of the session of one that ended."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == process.pid and fields[0] != "Z":
                found.append(entry)
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for living processes in /proc")
@pytest.mark.parametrize(
    ("wait", "number", "old", "render"),
    [(0.0, signal.SIGINT, False, False), (0.2, signal.SIGINT, True, False), (0.6, signal.SIGTERM, False, False), (1.5, signal.SIGINT, True, True), (4.0, signal.SIGINT, False, True)],
)
def test_ctrl_c_leaves_nothing_or_the_old_piece(wait, number, old, render, made, tmp_path):
    out, spare = tmp_path / "out", tmp_path / "spare"
    spare.mkdir()
    if old:
        shutil.copytree(made, out)
    before = contents(out) if old else None
    line = ["make", "lotus band, silver", "--out", out, "--force", *([] if render else QUICK), "--picture-size", "2048"]
    process = start(*line, env={**os.environ, "TMPDIR": str(spare)})
    assert process.stderr
    process.stderr.readline()  # the work has begun
    time.sleep(wait)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    if process.returncode == 0 and not render:
        assert names(out) >= WHOLE  # it was quicker
        return
    assert process.returncode == 130 and "Traceback" not in said
    assert [line for line in said.splitlines() if not line.startswith("[")] == ["jewelgen: stopped; nothing was written"]
    assert (contents(out) == before) if old else not out.exists()
    assert names(tmp_path) == ({"out", "spare"} if old else {"spare"}) and names(spare) == set()
    end = time.monotonic() + 10.0
    while left(process) and time.monotonic() < end:
        time.sleep(0.05)
    assert left(process) == []


def test_an_interrupt_while_the_piece_moves_in_comes_too_late(tmp_path, monkeypatch):
    real = os.rename

    def interrupted(source, goal):
        signal.raise_signal(signal.SIGINT)
        real(source, goal)

    monkeypatch.setattr(folders.os, "rename", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        with Folder(tmp_path / "out", False) as folder:
            (folder.work / "recipe.json").write_text("{}")
        signal.raise_signal(signal.SIGINT)  # nor is a piece that is there denied afterwards
    finally:
        signal.signal(signal.SIGINT, before)
        for other in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            signal.signal(other, signal.SIG_DFL)
    assert names(tmp_path / "out") == {"recipe.json"}


def test_after_a_command_signals_are_as_before(jewelgen, tmp_path):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert jewelgen(*MAKE, "--out", tmp_path / "out").code == 0
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before
