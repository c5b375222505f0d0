"""Where a worker runs, what it sees of the environment, and what its log keeps."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from odd_client import odd_command

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.worker import logfile
from blender_jewelgen.worker.client import Client
from blender_jewelgen.worker.environment import command_for, interpreter, root
from blender_jewelgen.worker.failure import JobFailed

PACKAGE = Path(__file__).resolve().parents[2] / "blender_jewelgen"


def test_nothing_that_steers_python_is_handed_on(workers, tmp_path, monkeypatch):
    for name in ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONINSPECT", "LD_PRELOAD", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
        monkeypatch.setenv(name, "/nope")
    monkeypatch.setenv("HARMLESS", "1")
    command, env = odd_command()
    told = workers(command=command, env=env)
    known = told.wait(told.submit("told", {}, tmp_path), 30)
    assert "HARMLESS" in known["environment"] and "PYTHONHOME" not in known["environment"]
    assert {name for name in known["environment"] if name.startswith("PYTHON")} == {"PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONUTF8", "PYTHONUNBUFFERED"}
    assert not any("/nope" in folder for folder in known["path"])


def test_the_real_worker_starts_from_anywhere_and_knows_its_engines(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONHOME", "/nope")
    with Client() as client:
        result = client.wait(client.submit("warm", {}, tmp_path / "job"), 60)
        assert result["python"] == sys.version.split()[0]
        assert result["missing"] == []
        assert "procedural" in client.hello.engines
        log = client.log
    assert not log.exists()  # its own, of nobody's use now


def test_another_python_is_given_the_package_alone():
    command, env = command_for("/opt/torch/bin/python")
    assert command == ["/opt/torch/bin/python", "-P", "-m", "blender_jewelgen.worker"]
    assert env["PYTHONPATH"] == str(PACKAGE.parent) == str(root())


@pytest.mark.parametrize("name", ["manifold3d", "onnxruntime"])
def test_libraries_that_lie_apart_are_pointed_at_and_not_loaded(name, tmp_path):
    """As in Blender, whose extensions keep their wheels in a folder of their own."""
    wheels = tmp_path / "extension wheels" / "site-packages"
    (wheels / name).mkdir(parents=True)
    (wheels / name / "__init__.py").write_text("raise SystemExit('loaded')")
    code = "import sys, json; sys.path.insert(0, sys.argv[1]); from blender_jewelgen.worker.environment import command_for; print(json.dumps(command_for()[1]['PYTHONPATH']))"
    said = subprocess.run([sys.executable, "-c", code, str(wheels)], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)})
    assert json.loads(said.stdout).split(os.pathsep) == [str(PACKAGE.parent), str(wheels)]


def test_a_worker_of_an_extension_finds_its_package(tmp_path):
    """Inside Blender the package is bl_ext.user_default.jewelgen.blender_jewelgen; its worker knows it as blender_jewelgen."""
    extension = tmp_path / "bl_ext" / "user_default" / "jewelgen"
    shutil.copytree(PACKAGE, extension / "blender_jewelgen", ignore=shutil.ignore_patterns("__pycache__"))
    (extension / "__init__.py").write_text("")
    code = """
import json, sys, importlib
from pathlib import Path
sys.path.insert(0, sys.argv[1])
client = importlib.import_module("bl_ext.user_default.jewelgen.blender_jewelgen.worker.client")
environment = importlib.import_module("bl_ext.user_default.jewelgen.blender_jewelgen.worker.environment")
if __name__ == "__main__":
    with client.Client() as worker:
        result = worker.wait(worker.submit("warm", {}, Path(sys.argv[2])), 60)
    print(json.dumps([environment.command_for()[0][2:], result["package"], "blender_jewelgen" in sys.modules]))
"""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(tmp_path / "job")], capture_output=True, text=True, env=env, cwd=tmp_path, timeout=120)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == [["-m", "blender_jewelgen.worker"], str(extension / "blender_jewelgen"), False]


def test_inside_blender_the_python_beside_it_is_taken(tmp_path, monkeypatch):
    python = tmp_path / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    python.parent.mkdir()
    python.write_text("")
    monkeypatch.setattr(sys, "executable", "/opt/blender/blender")
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    if os.name == "posix":
        assert interpreter() == str(python)


def test_the_log_names_variables_but_never_says_what_they_hold(workers, tmp_path):
    command, env = odd_command()
    client = workers(command=command, env={**env, "SOME_TOKEN": "hush-hush-4711", "PLAIN": "seen-nowhere-either"})
    with pytest.raises(JobFailed):
        client.wait(client.submit("raises", {"what": "secret"}, tmp_path), 30)
    said = client.log.read_text(encoding="utf-8")
    assert "SOME_TOKEN" in said and "PLAIN" in said
    assert "hush-hush" not in said and "seen-nowhere" not in said
    assert "ValueError: ***" in said


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a log is kept short between two processes only")
def test_the_log_of_a_job_that_never_stops_talking_stays_short(worker, tmp_path):
    worker.wait(worker.submit("chatters", {}, tmp_path), 60)  # six megabytes
    assert worker.log.stat().st_size <= logfile.LONGEST + 200_000
    assert worker.tail().endswith("s")  # "job 1 done after 0.10 s": its end is there


def test_an_old_long_log_is_cut_when_a_worker_starts(workers, tmp_path):
    log = tmp_path / "old.log"
    log.write_bytes(b"old\n" * 600_000)
    client = workers(log=log)
    client.wait(client.submit("told", {}, tmp_path), 30)
    assert log.stat().st_size < logfile.KEPT + 20_000
    assert "job 1 done" in client.tail() and log.read_bytes().startswith(b"old\n")


# no bytecode: Python 3.11 keeps what it could write of a module, and would load that the next time
LIMITED = "import resource, sys; sys.dont_write_bytecode = True; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); from odd_worker import ODD, JOBS; from blender_jewelgen.worker.start import start; start({**JOBS, **ODD})"


@pytest.mark.skipif(os.name != "posix", reason="needs limits of a process")
def test_a_full_disk_is_one_sentence_and_leaves_no_half_file(workers, tmp_path):
    from blender_jewelgen.core.form.params import FormParams
    from blender_jewelgen.core.recipe import Recipe
    from blender_jewelgen.core.relief.params import ReliefParams
    from blender_jewelgen.core.words.lexicon import read

    _, env = odd_command()
    env["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    client = workers(command=[sys.executable, "-c", LIMITED], env=env)
    recipe = Recipe(design=read("lotus band"), form=FormParams(form="band"), relief=ReliefParams(pixels=16.0)).to_json()
    with pytest.raises(BadInput, match=r"cannot be used \(File too large\)") as caught:
        client.wait(client.submit("draw", {"recipe": recipe}, tmp_path / "job"), 60)
    assert caught.value.field == "folder" and "\n" not in str(caught.value)
    assert list((tmp_path / "job").iterdir()) == []
    assert client.wait(client.submit("told", {"value": 1}, tmp_path), 30)["value"] == 1


def test_neither_side_loads_anything_heavy_before_the_first_job():
    code = (
        "import sys, blender_jewelgen.worker.client, blender_jewelgen.worker.start, blender_jewelgen.worker.loop, blender_jewelgen.worker.jobs\n"
        "from blender_jewelgen.worker.loop import _engines; assert 'procedural' in _engines()\n"
        "print(sorted({'numpy', 'PIL', 'manifold3d', 'trimesh', 'bpy', 'ctypes', 'random', 'asyncio', 'urllib.request'} & set(sys.modules)), 'blender_jewelgen.core.pipeline' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
    assert said.stdout == "[] False\n"
