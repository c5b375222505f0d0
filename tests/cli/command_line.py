"""The program as a person runs it: in this process for speed, or in one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from blender_jewelgen.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--no-render", "--density", "preview", "--pixels", "12")
WHOLE = {"recipe.json", "height.png", "piece.stl", "piece.3mf", "piece.glb", "report.json", "report.html"}  # without the picture


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """What was said on stderr besides progress."""
        return "\n".join(line for line in self.err.splitlines() if not line.startswith("["))


class Command:
    """Runs command lines in this process."""

    def __init__(self, capsys) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        self._capsys.readouterr()
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as ended:  # --help and --version
            code = int(ended.code or 0)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)

    def piece(self, *arguments: object) -> Said:
        return self(*arguments, *QUICK)


def refused(said: Said, *words: str) -> None:
    """Code 2, one sentence on stderr that holds ``words``, nothing on stdout."""
    assert said.code == 2, said
    assert said.out == ""
    assert said.sentence.startswith("jewelgen: ") and "\n" not in said.sentence and "Traceback" not in said.err
    assert len(said.sentence) < 700
    for word in words:
        assert word in said.sentence, said.sentence


def start(*arguments: object, **settings: object) -> subprocess.Popen[str]:
    """The program as a process of its own, in a session of its own, that Ctrl-C can reach."""
    return subprocess.Popen(
        [sys.executable, "-m", "blender_jewelgen", *map(str, arguments)],
        **{
            "cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8", "start_new_session": True,
            "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            "env": {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}, **settings,
        },
    )


def ran(*arguments: object, **settings: object) -> Said:
    process = start(*arguments, **settings)
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def read(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))
