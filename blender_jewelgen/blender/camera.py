"""A process that takes pictures.

``python -m blender_jewelgen.blender.camera REQUEST.json`` takes one (see ``picture.Request``); with ``-`` instead it takes one
for each line on stdin, a JSON text that names a request, until it is told to stop. On stdout it prints one JSON object a line:
{"fraction": 0 to 1, "text": ...}, and for each request at last {"done": true} or {"error": ...}; it leaves the PNG or nothing.
It ends at SIGTERM, and when a pipe on its stdin is closed.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.errors import JewelGenError
from .picture import DRAFTS, Look, read_request, render

CANCELLED = 130  # exit code of a process that was told to stop
_STEP = 0.01  # progress is told this seldom: a caller that does other work meanwhile must not fill the pipe


def run(argv: list[str]) -> None:
    """Do what the command line says and end this process; does not return."""
    code = main(argv)
    sys.stderr.flush()
    os._exit(code)  # bpy 4.5 can wait for ever at a normal exit


def main(argv: list[str]) -> int:
    """Take one picture, or all that are asked for; stdout carries JSON lines only. Returns the exit code."""
    wire = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # from here on Blender's own prints go to stderr

    def tell(**line: Any) -> None:
        try:
            wire.write(json.dumps(line, ensure_ascii=False) + "\n")
            wire.flush()
        except OSError:  # nobody listens any more: the caller is gone
            os._exit(CANCELLED)

    if len(argv) != 1:
        tell(error="usage: python -m blender_jewelgen.blender.camera REQUEST.json")
        return 1
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    _stop_when_told(lines)
    if argv[0] != "-":
        return _one(Path(argv[0]).absolute(), tell)
    while True:
        _one(Path(json.loads(lines.get())), tell)


def _one(path: Path, tell: Callable[..., None]) -> int:
    """One request; returns 0 if its picture is there."""
    last = -1.0

    def progress(fraction: float, text: str) -> None:
        nonlocal last
        if fraction - last >= _STEP or fraction == 1.0:
            last = fraction
            tell(fraction=round(fraction, 4), text=text)

    try:
        progress(0.0, "preparing the picture")
        request, mesh, gems = read_request(path)
        look = Look(metal=request.metal, finish=request.finish, form=request.form)
        render(mesh, look, path.parent / request.output, request.size, request.samples, progress, request.frames, gems)
    except JewelGenError as error:
        tell(error=str(error))
        return 1
    except Exception as error:  # whatever Blender raises must reach the caller as one line, not as a traceback
        tell(error=f"the picture failed: {' '.join(str(error).split())[:300] or type(error).__name__}")
        return 1
    tell(done=True)
    return 0


def _stop_when_told(lines: queue.SimpleQueue[bytes]) -> None:
    """End this process within a moment of SIGTERM, or when the pipe that is its stdin is closed; what comes there goes to ``lines``.

    Blender keeps Python's main thread busy for long stretches, so that a handler there would come late; threads wait
    instead, one of them on the pipe that Python writes to the moment a signal arrives. They sweep away a half-written draft.
    """
    if sys.platform != "win32":  # there a process is ended from outside, without a word
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        signal.set_wakeup_fd(tell)
        threading.Thread(target=_end_after, args=(lambda: signal.SIGTERM not in os.read(told, 64),), daemon=True).start()
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        source = os.fdopen(os.dup(0), "rb")
        threading.Thread(target=_end_after, args=(lambda: _passed_on(source.readline(), lines),), daemon=True).start()


def _passed_on(line: bytes, lines: queue.SimpleQueue[bytes]) -> bool:
    if line:
        lines.put(line)
    return bool(line)


def _end_after(waiting: Callable[[], Any]) -> None:
    while waiting():
        pass
    for draft in list(DRAFTS):
        draft.unlink(missing_ok=True)
    os._exit(CANCELLED)


if __name__ == "__main__":
    run(sys.argv[1:])
