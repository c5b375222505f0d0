"""The launcher: made once, resumed, waited for, named when broken; standard library only."""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


class Setup:
    """The launcher's module on a checkout of its own, whose steps are noted instead of run."""

    def __init__(self, root: Path, monkeypatch) -> None:
        spec = importlib.util.spec_from_file_location("environment_under_test", ROOT / "scripts" / "environment.py")
        assert spec and spec.loader
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.root, self.venv, self.steps, self.fail = root, root / ".venv", [], None
        (root / "scripts" / "locks").mkdir(parents=True)
        for kind in ("run", "test"):
            (root / "scripts" / "locks" / f"{kind}-{VERSION}.lock").write_text(f"{kind}\n")
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        monkeypatch.setattr(self.module, "ROOT", root)
        monkeypatch.setattr(self.module, "VENV", self.venv)
        monkeypatch.setattr(self.module, "_run", self._run)
        monkeypatch.setattr(self.module, "_answers", lambda python: python.read_text() == "good")
        self.module.PYTHONS = {sys.version_info[:2]: "bpy of the test"}

    def _run(self, command, what, show=None) -> None:
        self.steps.append("venv" if "venv" in command else "pip")
        if self.fail == self.steps[-1]:
            raise KeyboardInterrupt
        if "venv" in command:
            self.python.parent.mkdir(parents=True, exist_ok=True)
            self.python.write_text("good")
            self.module._site().mkdir(parents=True, exist_ok=True)
        else:
            assert "--require-hashes" in command and command[0] == str(self.python)
            for name in self.module.PACKAGES["test"]:
                (self.module._site() / name).mkdir(exist_ok=True)

    def __call__(self, kind="run", repair=False) -> Path:
        self.steps.clear()
        return self.module.interpreter(kind, repair)


@pytest.fixture(params=["checkout", "首饰 盒 José"])
def setup(request, tmp_path, monkeypatch) -> Setup:
    return Setup(tmp_path / request.param, monkeypatch)


def stopped(setup, capsys, *words, code=2, **how) -> str:
    """The one sentence that the launcher ends with."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        setup(**how)
    out, err = capsys.readouterr()
    last = err.splitlines()[-1]
    assert ended.value.code == code and out == "" and "Traceback" not in err
    assert last.startswith("jewelgen: ") and all(word in last for word in words), err
    return last


def test_the_first_start_makes_the_environment_and_later_ones_only_look(setup, capsys, monkeypatch):
    assert setup() == setup.python and setup.steps == ["venv", "pip"]
    monkeypatch.setattr(setup.module.subprocess, "run", None)  # a later start calls nothing
    monkeypatch.setattr(setup.module.subprocess, "Popen", None)
    assert setup() == setup.python and setup.steps == []
    assert not (setup.root / ".venv.lock").exists()


def test_the_tests_environment_is_enough_for_a_run_but_not_the_other_way(setup):
    setup("test")
    assert setup("run") == setup.python and setup.steps == []
    shutil.rmtree(setup.venv)
    setup("run")
    setup("test")
    assert setup.steps == ["pip"]


def test_another_lock_and_another_place_are_set_up_again(setup, monkeypatch):
    setup()
    (setup.root / "scripts" / "locks" / f"run-{VERSION}.lock").write_text("newer\n")
    setup()
    assert setup.steps == ["pip"]
    moved = setup.root.with_name("moved")
    setup.root.rename(moved)
    for name, value in (("ROOT", moved), ("VENV", moved / ".venv")):
        monkeypatch.setattr(setup.module, name, value)
    setup.python = moved / setup.python.relative_to(setup.root)
    setup()
    assert setup.steps == ["pip"]


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_an_interrupted_set_up_says_so_and_is_resumed(step, setup, capsys):
    setup.fail = step
    stopped(setup, capsys, "interrupted", "resumes", code=130)
    assert not (setup.root / ".venv.lock").exists()
    setup.fail = None
    assert setup() == setup.python and setup.steps == (["venv", "pip"] if step == "venv" else ["pip"])


def test_the_package_finds_the_code_whatever_its_path(setup):
    setup()
    line = (setup.module._site() / "jewelgen.pth").read_bytes().decode("ascii")
    found = subprocess.run([sys.executable, "-I", "-X", "utf8", "-c", f"{line.strip()}; print(sys.path[-1])"], capture_output=True, check=True).stdout
    assert found.decode("utf-8").strip() == str(setup.root)


def test_a_broken_environment_is_named_and_repair_mends_it(setup, capsys):
    setup()
    setup.python.unlink()
    stopped(setup, capsys, "broken", "Python is gone", "--repair")
    assert setup(repair=True) == setup.python and setup.steps == ["venv", "pip"]
    shutil.rmtree(setup.module._site() / "numpy")
    stopped(setup, capsys, "broken", "numpy is gone", "--repair")
    setup(repair=True)
    (setup.venv / "run.stamp").unlink()
    setup.python.write_text("of another version")
    stopped(setup, capsys, "broken", f"not Python {VERSION}", "--repair")
    assert setup(repair=True) == setup.python


def test_repair_removes_the_environment_and_nothing_else(setup):
    setup()
    (setup.venv / "old").touch()
    (setup.root / "mine").touch()
    setup(repair=True)
    assert not (setup.venv / "old").exists()
    assert {path.name for path in setup.root.iterdir()} == {"scripts", ".venv", "mine"}


def test_any_other_python_gets_one_sentence_that_says_which_to_use(setup, capsys):
    setup.module.PYTHONS = {(3, 8): "bpy 1", (3, 9): "bpy 2"}
    stopped(setup, capsys, f"this is Python {VERSION}", "Python 3.8 (takes bpy 1) or Python 3.9 (takes bpy 2)")
    assert not setup.venv.exists()


def test_a_checkout_that_cannot_be_written_or_lacks_its_lock_is_one_sentence(setup, capsys, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(setup.module.os, "open", refuse)
        stopped(setup, capsys, "cannot be set up", "Permission denied")
    (setup.root / "scripts" / "locks" / f"run-{VERSION}.lock").unlink()
    stopped(setup, capsys, "missing", "not complete")


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask whether a process lives without harm")
def test_a_lock_of_a_dead_set_up_is_taken_away_and_one_of_a_living_is_waited_for(setup, capsys, monkeypatch):
    lock = setup.root / ".venv.lock"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    lock.write_text(str(dead.pid))
    assert setup() == setup.python
    for damaged in ("", "not a number", "9" * 30):
        shutil.rmtree(setup.venv)
        lock.write_text(damaged)
        os.utime(lock, (time.time() - 60, time.time() - 60))
        assert setup() == setup.python
    shutil.rmtree(setup.venv)
    lock.write_text(str(os.getpid()))

    def other_is_done(_seconds):
        setup._run(["venv"], "")
        setup._run([str(setup.python), "--require-hashes"], "")
        (setup.module._site() / "jewelgen.pth").touch()
        (setup.venv / "run.stamp").write_text(setup.module._wanted("run"))
        lock.unlink()

    monkeypatch.setattr(setup.module.time, "sleep", other_is_done)
    assert setup() == setup.python and setup.steps == ["venv", "pip"]  # of the other, not again
    assert "waiting" in capsys.readouterr().err


def test_a_step_that_fails_shows_its_last_lines_and_one_sentence(setup, capsys):
    spec = importlib.util.spec_from_file_location("environment_alone", ROOT / "scripts" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    code = "for n in range(40): print('line', n)\nraise SystemExit(1)"
    with pytest.raises(SystemExit) as ended:
        module._run([sys.executable, "-c", code], "installing")
    err = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and "line 39" in err and "line 20" not in err
    assert err[-1].startswith("jewelgen: installing failed") and "--repair" in err[-1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the program in a folder of many scripts, with an environment that borrows this one's packages."""
    root = tmp_path_factory.mktemp("copy") / "首饰 盒 José's"
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("blender_jewelgen", "scripts"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root / ".venv")], check=True)
    import numpy

    prepare = f"""
import sys; sys.path.insert(0, {str(root / 'scripts')!r})
import environment as e
(e._site() / "jewelgen.pth").write_text(f"import sys; sys.path.append({{str(e.ROOT)!a}}); sys.path.append({{{str(Path(numpy.__file__).parents[1])!r}!a}})\\n")
for name in e.PACKAGES["run"]:
    (e._site() / f"{{name}}.borrowed").touch()
(e.VENV / "run.stamp").write_text(e._wanted("run"))
"""
    subprocess.run([sys.executable, "-X", "utf8", "-c", prepare], check=True)
    return root


def launched(root: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(root / "scripts" / "jewelgen.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=root.parent, env={**own, "PYTHONUTF8": "1"}, timeout=120)


def test_the_program_works_in_a_folder_with_spaces_and_chinese(checkout, tmp_path):
    said = launched(checkout, "make", "莲花 band", "--no-render", "--density", "preview", "--pixels", "8", "--quiet", "--out", tmp_path / "金 盒")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "金 盒/piece.stl").exists() and said.stderr == ""


def test_the_launcher_passes_on_words_and_exit_codes(checkout, tmp_path):
    ours = launched(checkout, "list", "forms", "--json")
    direct = subprocess.run(
        [sys.executable, "-m", "blender_jewelgen", "list", "forms", "--json"], capture_output=True, text=True, encoding="utf-8", cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert (ours.returncode, ours.stdout) == (0, direct.stdout) and ours.stdout
    assert launched(checkout, "make", "", "--out", tmp_path / "out").returncode == 2
    assert "jewelgen 0" in launched(checkout, "--version").stdout


def test_a_later_start_costs_at_most_0_3_s(checkout):
    def seconds(code: str) -> float:
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    start = f"import sys; sys.path.insert(0, {str(checkout / 'scripts')!r}); import environment; environment.interpreter('run')"
    assert seconds(start) - seconds("pass") < 0.3  # s, the limit; about 0.05 here
