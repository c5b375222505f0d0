"""Other programs that the runtime's set-up runs: watched, ended when the person says so or when this process ends, and their failures in one sentence."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...core.errors import BadInput, Fix, JewelGenError
from . import scripts
from .files import masked

_KEPT_PIP = ("INDEX_URL", "EXTRA_INDEX_URL", "NO_INDEX", "FIND_LINKS", "PROXY", "CERT", "CLIENT_CERT", "TRUSTED_HOST", "TIMEOUT", "DEFAULT_TIMEOUT", "RETRIES", "CONFIG_FILE", "KEYRING_PROVIDER")
_MISLEADING = ("__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES")
_TICK = 0.1  # s between two looks
_PATIENCE = 3.0  # s that a program may take to end
Tick = Callable[[], None]


class ChildFailed(Exception):
    """A program ended with a code; what it printed last."""

    def __init__(self, code: int, lines: list[str]) -> None:
        super().__init__(code)
        self.code, self.lines = code, lines


def module(python: str | Path, name: str, arguments: list[str], tick: Tick, log: Path, work: Path, isolated: bool = False, settings: dict[str, str] | None = None) -> list[str]:
    """Run ``python -m name arguments`` and give the lines it printed; ``tick`` is called all the while and may raise.

    Raises ChildFailed. ``work`` takes its temporary files. With ``isolated`` the person's settings of pip do not reach it;
    ``settings`` go into its environment, where no list of processes shows them.
    """
    command = [str(python), "-I", "-X", "utf8", "-c", scripts.TIED, name, *arguments]
    return _run(command, environment(work, isolated) | (settings or {}), tick, log)


def code(python: str | Path, text: str, tick: Tick, log: Path, work: Path) -> list[str]:
    """Run a few lines of Python; the lines they printed, which the log has only if they fail. Raises ChildFailed."""
    return _run([str(python), "-I", "-X", "utf8", "-c", text], environment(work, True), tick, log, aloud=False)


def environment(work: Path, isolated: bool = False) -> dict[str, str]:
    """This process's environment without what steers another Python, and of pip's settings only those that say where to fetch."""
    kept = {f"PIP_{name}" for name in _KEPT_PIP if not isolated}
    env = {name: value for name, value in os.environ.items() if not name.upper().startswith("PYTHON") and name not in _MISLEADING}
    env = {name: value for name, value in env.items() if not name.upper().startswith("PIP_") or name.upper() in kept}
    if isolated:
        env["PIP_CONFIG_FILE"] = os.devnull
    temporary = {name: str(work) for name in ("TMPDIR", "TEMP", "TMP")}
    return env | temporary | {"PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _run(command: list[str], env: dict[str, str], tick: Tick, log: Path, aloud: bool = True) -> list[str]:
    quiet: dict[str, object] = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {"start_new_session": True}
    try:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", **quiet
        )  # type: ignore[call-overload]
    except OSError as error:
        raise ChildFailed(127, [f"{command[0]}: {error.strerror or error}"]) from error
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=lambda: [heard.put(line.rstrip()) for line in process.stdout or ()], daemon=True)
    reader.start()
    lines: list[str] = []
    try:
        while process.poll() is None:
            tick()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TICK)
        tick()
    finally:
        _end(process)
        reader.join(1.0)
        while not heard.empty():
            lines.append(heard.get())
        if aloud or process.returncode:
            _note(log, lines)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
    if process.returncode:
        raise ChildFailed(process.returncode, lines[-40:])
    return lines


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _note(log: Path, lines: list[str]) -> None:
    with contextlib.suppress(OSError):
        note(log, *(line for line in lines if line.strip()))


def note(log: Path, *lines: str) -> None:
    """Lines into the log of the set-up, without passwords."""
    with open(log, "a", encoding="utf-8", errors="replace") as file:
        file.writelines(f"{time.strftime('%H:%M:%S')} {masked(line)[:400]}\n" for line in lines)


def sentence(failed: ChildFailed, doing: str) -> JewelGenError:
    """Why a program failed, in the words of somebody who can mend it."""
    text = "\n".join(failed.lines)
    kind = next((kind for kind, signs in scripts.SIGNS.items() if any(re.search(sign, text, re.IGNORECASE) for sign in signs)), "")
    if kind == "disk":
        return BadInput(f"the disk is full while {doing}; make room and install again, what is there stays", field="runtime")
    if kind == "proxy":
        return BadInput(f"the proxy refuses or cannot be reached while {doing}; say --proxy http://NAME:PASSWORD@HOST:PORT", field="network", fix=Fix("Set the Proxy", "--proxy URL"))
    if kind == "certificate":
        return BadInput(f"the connection's certificate is not trusted while {doing}; name your own with PIP_CERT=FILE", field="network")
    if kind == "network":
        return BadInput(f"the network does not answer while {doing}; install again when it does, or from a folder with --wheels DIR", field="network", fix=Fix("Install from a Folder", "--wheels DIR"))
    if kind == "refused":
        return BadInput(f"the package index refuses access while {doing}; look at the address and the password of the index", field="network")
    if kind == "hash":
        return BadInput(f"a file that came is not the one that was asked for while {doing}; install again", field="network")
    if kind == "in use":
        return BadInput(f"a file is in use or may not be written while {doing}; restart the worker, close other programs that draw, and try again", field="runtime")
    missing = re.search(scripts.NOT_THERE, text)
    if missing:
        return BadInput(f"there is no {missing[1]} for this Python and system while {doing}; choose another build with --build, or another Python with --python", field="runtime")
    last = next((line for line in reversed(failed.lines) if "rror" in line), failed.lines[-1] if failed.lines else "")
    told = masked(last.strip())[:200]
    return JewelGenError(f"{doing} failed with code {failed.code}: {told}" if told else f"{doing} failed with code {failed.code}", field="runtime")
