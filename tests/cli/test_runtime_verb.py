"""``jewelgen runtime``: install, status, repair and remove as they are typed, with tiny wheels, offline."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "worker"))
import pretend_wheels as pretend

from blender_jewelgen.cli import runtime as verb
from blender_jewelgen.cli.setting import Setting
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.worker.runtime import builds as runtime_builds

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = pretend.shelf(tmp_path_factory.mktemp("class room") / "wheels 轮")
    pretend.lock_for(folder, folder.parent / "runtime.lock")
    return folder


@pytest.fixture
def here(wheels, tmp_path, monkeypatch):
    """The folder that the runtime goes to; what the person's own environment says is left out."""
    monkeypatch.setenv("JEWELGEN_RUNTIME_LOCK", str(wheels.parent / "runtime.lock"))
    monkeypatch.setenv("JEWELGEN_RUNTIME", str(tmp_path / "jg"))
    return tmp_path / "jg"


@pytest.fixture
def runtime(capsys):
    def run(*typed: object) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        verb.add_options(parser)
        options = parser.parse_args([str(word) for word in typed])
        options.setting = Setting()
        capsys.readouterr()
        code = verb.runtime(options)
        return code, *capsys.readouterr()

    return run


def test_a_life_of_a_runtime_from_nothing_over_broken_to_nothing(runtime, wheels, here):
    assert runtime("status")[:2] == (3, "the AI runtime is not installed\n")

    code, out, err = runtime("install", "--build", "cpu", "--wheels", wheels, "--dry-run")
    assert code == 0 and "build: cpu" in err and "8 packages" in err and "disk: about" in err and out == ""
    assert not here.exists()

    code, out, err = runtime("install", "--build", "cpu", "--wheels", wheels)
    assert (code, out.splitlines()[0]) == (0, "the AI runtime is ready: torch 2.13.0+cpu, diffusers 0.42.1")
    assert err.index("disk: about") < err.index("making the environment") < err.index("unpacking")  # sizes come before the work

    code, out, _ = runtime("status", "--json")
    told = json.loads(out)
    assert code == 0 and told["name"] == "ready" and told["build"] == "cpu" and told["what"] == [] and told["used"] > 1e6

    shutil.rmtree(pretend.site(here) / "peft")
    code, out, _ = runtime("status")
    assert code == 3 and "peft lacks 2 of its files" in out.splitlines()[0]
    assert json.loads(runtime("status", "--json", "--deep")[1])["name"] == "broken"
    assert "broken: peft lacks" in runtime("status", "--report")[1]

    code, out, _ = runtime("repair", "--wheels", wheels, "--quiet")
    assert code == 0 and "ready" in out
    assert runtime("status")[0] == 0

    code, out, _ = runtime("remove")
    assert code == 0 and out.startswith("the AI runtime is removed, ") and not here.exists()
    assert runtime("remove")[1] == "there was no AI runtime to remove\n"


def test_what_cannot_be_is_one_sentence(runtime, wheels, here, tmp_path):
    for typed, words in (
        (("--build", "vulkan"), "build 'vulkan' is not known; choose one of auto, cuda"),
        (("--wheels", tmp_path / "gone"), "is not there"),
        (("--python", tmp_path / "gone"), "does not start"),
        (("--proxy", "ftp://x"), "the proxy is not understood"),
        (("--existing", sys.executable, "--build", "cpu"), "existing goes alone"),
        (("--existing", tmp_path / "gone"), "does not start"),
    ):
        with pytest.raises(BadInput, match=words):
            runtime("install", *typed, *(() if "--wheels" in typed or "--existing" in typed else ("--wheels", wheels)))
    with pytest.raises(BadInput, match="there is no AI runtime to repair; install it first"):
        runtime("repair")
    assert not (here / "rt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="which builds there are differs")
def test_a_build_of_another_system_is_refused_with_those_of_this_one(runtime, wheels, here):
    with pytest.raises(BadInput, match="takes cuda, cuda126, rocm, cpu") as caught:
        runtime("install", "--build", "mps", "--wheels", wheels)
    assert caught.value.fix.option == "--build auto"


def test_the_build_of_the_machine_is_taken_and_what_keeps_its_card_from_work_is_said(runtime, wheels, here, monkeypatch):
    found = runtime_builds.Found("cpu", "NVIDIA", "no driver", "an NVIDIA card is there, but no driver answers; install NVIDIA's driver, then repair the runtime")
    monkeypatch.setattr(runtime_builds, "detect", lambda name=None: found)
    monkeypatch.setattr(runtime_builds, "checked", lambda build, name: build)
    _, _, err = runtime("install", "--wheels", wheels, "--dry-run")
    assert "build: cpu, processor only (no driver)" in err and "no driver answers" in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_says_that_what_is_done_stays_and_the_next_install_goes_on(runtime, wheels, here):
    script = f"""
import argparse, sys
sys.path.insert(0, {str(ROOT)!r})
from blender_jewelgen.cli import interrupts, runtime as verb
from blender_jewelgen.cli.setting import Setting
parser = argparse.ArgumentParser(); verb.add_options(parser)
options = parser.parse_args(["install", "--build", "cpu", "--wheels", {str(wheels)!r}]); options.setting = Setting()
interrupts.listen()
try:
    verb.runtime(options)
except interrupts.Stopped as stop:
    print("stopped;", stop); sys.exit(130)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))  # fmt: skip
    end = time.monotonic() + 120
    while not (here / "rt" / "begun").exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "stopped; what is done stays, and the next install goes on\n"), err
    assert runtime("status")[1].startswith("the AI runtime is installed in part; install again to go on")
    assert runtime("install", "--build", "cpu", "--wheels", wheels)[0] == 0
