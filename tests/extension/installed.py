"""A Blender of its own, in a process of its own, that notes what an extension leaves behind."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = {
    ("Linux", "x86_64"): "linux-x64", ("Windows", "AMD64"): "windows-x64", ("Darwin", "arm64"): "macos-arm64", ("Darwin", "x86_64"): "macos-x64",
}.get((platform.system(), platform.machine()))  # fmt: skip

# What every process of these tests begins with: anything that asks the network is noted and refused.
START = """
import json, os, sys, time, traceback
import socket
asked = []
def refuse(*words, **named):
    asked.append(repr(words[-1:]))
    raise OSError("no network in tests")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import bpy, addon_utils
NAME = "bl_ext.user_default.jewelgen"
RESULT = {}

def traces():
    "All that an add-on can leave behind, as plain text."
    kinds = [n for n in dir(bpy.types) if "jewelgen" in n.lower()]
    kinds += [f"{t}.jewelgen" for t in ("Scene", "Object", "WindowManager", "Image") if hasattr(getattr(bpy.types, t), "jewelgen")]
    kinds += ["bpy.ops.jewelgen." + n for n in dir(bpy.ops.jewelgen)]
    called = [f"{n}: {f.__module__}" for n in dir(bpy.app.handlers) if isinstance(getattr(bpy.app.handlers, n), list)
              for f in getattr(bpy.app.handlers, n) if "jewelgen" in getattr(f, "__module__", "")]
    for n in dir(bpy.types):
        for f in getattr(getattr(getattr(bpy.types, n, None), "draw", None), "_draw_funcs", ()):
            if "jewelgen" in getattr(f, "__module__", ""):
                called.append(n)
    timed = sorted({f.__qualname__ for f in TIMERS if bpy.app.timers.is_registered(f)})
    return {"kinds": kinds, "called": called, "timed": timed, "processes": children()}

def children():
    try:
        return [n for t in os.listdir("/proc/self/task") for n in open(f"/proc/self/task/{t}/children").read().split()]
    except OSError:
        return []  # other systems are not asked

TIMERS = []
first = bpy.app.timers.register
def register(function, **words):
    TIMERS.append(function)
    return first(function, **words)
bpy.app.timers.register = register

def run():
"""
END = """
try:
    run()
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
RESULT["asked"] = asked
print("RESULT" + json.dumps(RESULT), flush=True)
os._exit(0)
"""


def script(name: str) -> ModuleType:
    """A module of scripts/, which is no package."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


def in_blender(home: Path, body: str, **values: Any) -> dict[str, Any]:
    """What ``body`` put into RESULT, run in a fresh bpy whose user files lie in ``home``; a failure there fails the test."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    named = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    code = "from pathlib import Path\n" + named + START + lines + END
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    env = {**kept, "BLENDER_USER_RESOURCES": str(home), "PYTHONUTF8": "1"}
    said = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=home, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=180, stdin=subprocess.DEVNULL
    )
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-4000:]
    return json.loads(said.stdout.rpartition("RESULT")[2])
