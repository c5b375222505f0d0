"""``blender -b --command jewelgen``: the same verbs, files and exit codes. bpy runs in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("bpy")

ROOT = Path(__file__).parents[2]
LINE = ["make", "wave band, silver", "--density", "preview", "--pixels", "10", "--no-render"]
REGISTERED = """
import os, sys, traceback
import bpy
from blender_jewelgen.blender import command
code = 1
try:
    command.register()
    assert command.Registered.handle is not None
    code = command.run(sys.argv[1:])
    command.unregister()
    assert command.Registered.handle is None
except BaseException:
    traceback.print_exc()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""


def ran(code: list[str], *arguments: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, env=env, encoding="utf-8")


def inside(*arguments: object) -> subprocess.CompletedProcess[str]:
    return ran(["-c", REGISTERED], *arguments)


def test_the_files_are_those_of_the_command_line_byte_for_byte_and_progress_is_on_stdout(tmp_path):
    one = inside(*LINE, "--out", tmp_path / "one")
    two = ran(["-m", "blender_jewelgen"], *LINE, "--out", tmp_path / "two")
    assert one.returncode == two.returncode == 0, one.stderr[-2000:]
    said, shares = one.stdout.splitlines()[-1], [line for line in one.stdout.splitlines() if line.startswith("[")]
    assert shares and "raising the relief" in one.stdout and "[" not in one.stderr
    assert said.replace("one", "two") == two.stdout.splitlines()[-1]
    for name in ("height.png", "piece.stl", "piece.glb", "recipe.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    reports = [json.loads((tmp_path / place / "report.json").read_text(encoding="utf-8")) | {"seconds": {}} for place in ("one", "two")]
    assert reports[0] == reports[1]


def test_bad_input_is_one_sentence_and_code_two(tmp_path):
    said = inside("make", "band", "--depth", "99", "--out", tmp_path / "out")
    assert said.returncode == 2 and "depth" in said.stderr and "Traceback" not in said.stderr and not list(tmp_path.iterdir())


def picture_command(app: SimpleNamespace) -> str:
    code = f"""
import json, sys, types
bpy = types.ModuleType("bpy")
bpy.app = types.SimpleNamespace(**json.loads({json.dumps(json.dumps(vars(app)))}))
sys.modules["bpy"] = bpy
from blender_jewelgen.blender.command import picture_command
print(json.dumps(picture_command()))
"""
    done = ran(["-c", code])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_application_takes_pictures_with_itself_without_add_ons_and_the_module_with_python(tmp_path):
    command = picture_command(SimpleNamespace(binary_path="/opt/blender 5/blender", module=False))
    assert command[:5] == ["/opt/blender 5/blender", "--background", "--factory-startup", "--python-exit-code", "1"]
    assert command[-1] == "--" and command[-3] == "--python-expr"
    assert picture_command(SimpleNamespace(binary_path="", module=True)) == []
    # what Blender is told to run finds the package from any folder, without the environment of this one
    told = f"import sys; sys.argv = ['blender', '--', {str(tmp_path / 'none.json')!r}]; {command[-2]}"
    done = subprocess.run([sys.executable, "-I", "-c", told], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "none.json" in json.loads(done.stdout.splitlines()[-1])["error"]
