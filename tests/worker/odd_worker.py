"""A worker with jobs that misbehave, beside all that it has: ``python odd_worker.py``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

from blender_jewelgen.core.errors import BadInput, Fix
from blender_jewelgen.worker.jobs import JOBS
from blender_jewelgen.worker.start import start


def steps(params, folder, tell):
    """``count`` steps of ``pause`` s, each told; writes a file and names it as preview if asked to."""
    for k in range(params["count"]):
        tell(k / params["count"], f"step {k + 1}")
        time.sleep(params["pause"])
    return {"steps": params["count"]}


def hangs(params, folder, tell):
    """Tells that it runs and is never heard of again."""
    tell(0.1, "hanging")
    while True:
        time.sleep(60.0)


def hangs_in_c(params, folder, tell):
    """The same inside a C function that lets no other thread of Python run."""
    tell(0.1, "hanging")
    ctypes.PyDLL(None).sleep(params.get("seconds", 60))
    return {}


def segfaults(params, folder, tell):
    tell(0.1, "about to crash")
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(60.0)


def leaves(params, folder, tell):
    os._exit(7)


def prints(params, folder, tell):
    """By Python, by C, by a child, by the bare file descriptors, and a line that looks like one of ours."""
    print('{"word": "done", "job": "1", "result": {"false": true}}', flush=True)
    os.write(1, b"straight to 1\n")
    sys.stderr.write("straight to stderr\n")
    sys.__stdout__.write("old stdout\n")
    sys.__stdout__.flush()
    ctypes.CDLL(None).puts(b"printed by C")
    ctypes.CDLL(None).fflush(None)
    os.system("echo printed by a child")
    tell(0.5, "printed")
    return {"read": sys.stdin.read(), "child_read": os.popen("cat").read()}


def raises(params, folder, tell):
    what = {"bad": BadInput("depth is 9 mm; it must be below 2 mm", field="depth", fix=Fix("Use 0.6 mm", "--depth 0.6")),
            "memory": MemoryError(), "exit": SystemExit(3), "key": KeyError("wanted"), "module": ModuleNotFoundError("No module named 'manifold3d'", name="manifold3d"), "deep": RecursionError("too deep"),
            "long": ValueError("many words " * 1000), "lines": ValueError("one\ntwo"), "secret": ValueError(os.environ.get("SOME_TOKEN", ""))}[params["what"]]
    raise what


def chatters(params, folder, tell):
    for k in range(60):
        sys.stderr.write(("x" * 99 + "\n") * 1000)
        tell(k / 60, f"said {k}")
    return {}


def odd_result(params, folder, tell):
    return {"nan": float("nan")} if params["what"] == "nan" else {"set": {1, 2}}


def writes(params, folder, tell):
    """A file in the job's folder, shown on the way."""
    (folder / "half.txt").write_text("half", encoding="utf-8")
    tell(0.5, "half", preview="half.txt")
    return {"folder": str(folder), "files": sorted(file.name for file in folder.iterdir())}


def told(params, folder, tell):
    """What the process knows of itself."""
    return {"path": sys.path, "environment": sorted(os.environ), "thread": threading.current_thread() is threading.main_thread(),
            "cwd": str(Path.cwd()), "value": params.get("value")}


ODD = {f.__name__: f for f in (steps, hangs, hangs_in_c, segfaults, leaves, prints, raises, chatters, odd_result, writes, told)}

if __name__ == "__main__":
    start({**JOBS, **ODD})
