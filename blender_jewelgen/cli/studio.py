"""The picture is taken by a process of its own, while this one goes on with the mesh: bpy may crash or hang at exit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import numpy as np

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh
from ..core.pipeline import Tell

_LONGEST = 600.0  # s; a picture takes about 15


class Photographer:
    """Starts on construction; ``wait`` passes its progress on and returns when the picture is there."""

    def __init__(self, mesh: Mesh, look: dict[str, str], output: Path, size: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jewelgen-")
        folder = Path(self._folder.name)
        arrays = {"vertices": mesh.vertices, "faces": mesh.faces} | ({} if mesh.relief is None else {"relief": mesh.relief})
        np.savez(folder / "mesh.npz", **arrays)
        request = {**look, "mesh": "mesh.npz", "output": str(output.resolve()), "size": size}
        (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        self._output = output
        self._log = open(folder / "log.txt", "w+", encoding="utf-8", errors="replace")  # noqa: SIM115 closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "blender_jewelgen.blender.picture", str(folder / "request.json")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8", errors="replace",
            env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))},  # Blender leaves a folder there
        )

    def wait(self, tell: Tell) -> None:
        """Block until the picture is written. Raises BadInput with the reason if it is not."""
        assert self._process.stdout
        guard = threading.Timer(_LONGEST, self._process.kill)
        guard.daemon = True
        guard.start()
        said = ""
        try:
            for line in self._process.stdout:
                try:
                    message = json.loads(line)
                except ValueError:
                    continue  # a library's own chatter
                if not isinstance(message, dict):
                    continue
                said = message.get("error", said)
                if "fraction" in message:
                    tell(float(message["fraction"]), str(message["text"]))
            self._process.wait()
        finally:
            guard.cancel()
        if not self._output.exists():
            raise BadInput(f"the picture could not be taken ({said or self._last_line()}); --no-render leaves it out", field="render")

    def _last_line(self) -> str:
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        return lines[-1][:200] if lines else f"Blender ended with code {self._process.returncode}"

    def __enter__(self) -> Photographer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream:
                stream.close()
        self._folder.cleanup()
