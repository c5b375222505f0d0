"""Pictures are taken by a process of its own, while this one goes on with the mesh: bpy may crash or hang at exit."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh
from ..core.pipeline import Tell
from ..core.recipe import Recipe

_LONGEST = 600.0  # s for a picture; it takes about 15


class Photographer:
    """One process for any number of pictures, started with the first: ``begin`` a picture, do other work, ``wait`` for it.

    ``command`` takes pictures when "-" is added to it (see ``blender/camera.py``).
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._folder = tempfile.TemporaryDirectory(prefix="jewelgen-")
        self._log = open(self._place / "log.txt", "w+", encoding="utf-8", errors="replace")  # noqa: SIM115 closed in __exit__
        self._process: subprocess.Popen[str] | None = None
        self._limit = _LONGEST

    @property
    def _place(self) -> Path:
        return Path(self._folder.name)

    def begin(self, mesh: Mesh, look: dict[str, str], output: Path, size: int, gems: Mesh | None = None, **more: int) -> None:
        """Have a picture taken, with the stones in their seats if there are some; returns at once. ``more``: samples, frames."""
        arrays = {"vertices": mesh.vertices, "faces": mesh.faces} | ({} if mesh.relief is None else {"relief": mesh.relief})
        if gems is not None:
            arrays |= {"gem_vertices": gems.vertices, "gem_faces": gems.faces}
        np.savez(self._place / "mesh.npz", **arrays)
        request = {**look, "mesh": "mesh.npz", "output": str(output.resolve()), "size": size, **more}
        (self._place / "request.json").write_text(json.dumps(request), encoding="utf-8")
        self._limit = _LONGEST + 60.0 * more.get("frames", 1)
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._process and self._process.stdin
        try:
            self._process.stdin.write(json.dumps(str(self._place / "request.json")) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it ended already: ``wait`` tells why

    def wait(self, tell: Tell) -> None:
        """Block until the picture that was begun is written. Raises BadInput with the reason if it cannot be."""
        assert self._process and self._process.stdout
        guard = threading.Timer(self._limit, self._process.kill)
        guard.daemon = True
        guard.start()
        said = ""
        try:
            for line in self._process.stdout:
                message = _message(line)
                if "fraction" in message:
                    tell(float(message["fraction"]), str(message["text"]))
                elif "done" in message:
                    return
                elif "error" in message:
                    said = str(message["error"])
                    break
            else:
                self._process.wait()
        finally:
            guard.cancel()
        raise BadInput(f"the picture could not be taken ({said or self._last_line()})", field="render")

    def _start(self) -> None:
        self._end()
        self._process = subprocess.Popen(
            [*self._command, "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8", errors="replace",
            env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self._place))},  # Blender leaves a folder there
        )

    def _last_line(self) -> str:
        assert self._process
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        return lines[-1][:200] if lines else f"Blender ended with code {self._process.returncode}"

    def _end(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream:
                    stream.close()
            except OSError:
                pass  # what was still to be sent to a dead process
        self._process = None

    def __enter__(self) -> Photographer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()
        self._log.close()
        self._folder.cleanup()


def look_of(recipe: Recipe) -> dict[str, str]:
    """What a picture has to know of a piece besides its mesh."""
    return {"metal": recipe.design.metal, "finish": recipe.design.finish, "form": recipe.form.form}


def _message(line: str) -> dict[str, Any]:
    """What a line says; nothing where it is a library's own chatter."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
