"""Pythons that an environment can be made with, or that bring a complete one: what each is, and why one does not fit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix
from ..environment import interpreter
from . import files, lock, scripts
from .child import environment

LOWEST, HIGHEST = (3, 11), (3, 13)
_FIX = Fix("Choose Another Python", "--python PATH")


@dataclass(frozen=True)
class Base:
    """An interpreter and what it says of itself."""

    path: str
    version: tuple[int, int, int]
    packages: dict[str, str]
    lacks: tuple[str, ...] = ()
    bits: int = 64
    free_threaded: bool = False
    pip: str = ""  # the wheel of its pip, if it is found

    @property
    def short(self) -> tuple[int, int]:
        """(3, 11)."""
        return self.version[:2]

    def trouble(self) -> str:
        """Why no environment can be made with it; "" if one can."""
        number = ".".join(map(str, self.version))
        if not LOWEST <= self.short <= HIGHEST:
            return f"Python {number} at {self.path} does not fit; it must be 3.11 to 3.13"
        if self.bits != 64:
            return f"the Python at {self.path} has {self.bits} bit; torch needs 64"
        if self.free_threaded:
            return f"the Python at {self.path} is a free-threaded one, for which many packages have no build"
        if self.lacks:
            names = " and ".join(self.lacks)
            if {"venv", "ensurepip"} & set(self.lacks) and os.name == "posix":
                return f"the Python at {self.path} lacks {names}; on Debian and Ubuntu install python3-venv"
            return f"the Python at {self.path} lacks {names}"
        return ""


def ask(python: str) -> Base | None:
    """What an interpreter says of itself; None if it does not start."""
    try:
        quiet: dict[str, Any] = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {}
        env = {name: value for name, value in environment(Path(os.curdir), True).items() if name not in ("TMPDIR", "TEMP", "TMP")}
        said = subprocess.run([python, "-I", "-X", "utf8", "-c", scripts.ABOUT], capture_output=True, text=True, encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL, env=env, **quiet)
        told = json.loads(said.stdout)
        return Base(python, tuple(told["version"]), told["packages"], tuple(told["lacks"]), told["bits"], told["free_threaded"], told["pip"])
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired):
        return None


def choose(asked: str = "", before: str = "", like: tuple[int, int] | None = None) -> Base:
    """The Python for the environment. Raises BadInput.

    The one that is asked for; or the one of ``before``, or this process's own, or one that is found, such of the version ``like`` first.
    """
    if asked:
        path = named(asked)
        found = ask(path)
        if found is None:
            raise BadInput(f"python {asked!r} does not start; name the program itself, such as /usr/bin/python3.11", field="runtime", fix=_FIX)
        if found.trouble():
            raise BadInput(found.trouble(), field="runtime", fix=_FIX)
        return found
    why, second = "", None
    for path in _candidates(before):
        found = ask(path)
        if found is not None and not found.trouble():
            if like is None or found.short == like:
                return found
            second = second or found
        why = why or (found.trouble() if found else f"the Python at {path} does not start")
    if second is not None:
        return second
    raise BadInput(f"{why}; no other Python 3.11 to 3.13 was found", field="runtime", fix=_FIX)


def named(asked: str) -> str:
    """The program a person means: a path, a folder of an environment, or a name that the system finds."""
    path = Path(os.path.expanduser(asked.strip().strip('"')))
    if path.is_dir():
        inside = [files.python_in(path), path / "python.exe", path / "bin" / "python3"]
        path = next((one for one in inside if one.exists()), path)
    if path.is_file():
        return os.path.abspath(path)  # not resolved: the Python of an environment is a link
    return shutil.which(asked) or asked


def _candidates(before: str) -> list[str]:
    names = [f"python3.{minor}" for minor in range(HIGHEST[1], LOWEST[1] - 1, -1)]
    found = [*([before] if before else []), interpreter(), *(path for name in names if (path := shutil.which(name)))]
    if os.name == "nt":
        programs = Path(os.environ.get("LOCALAPPDATA", "")) / "Programs" / "Python"
        found += [str(programs / f"Python3{minor}" / "python.exe") for minor in range(HIGHEST[1], LOWEST[1] - 1, -1)]
    return [path for path in dict.fromkeys(found) if os.path.exists(path)]


def misfits(packages: dict[str, str]) -> list[files.Fault]:
    """What an environment made by others lacks, or has too old."""
    have = {lock.plain(name): version for name, version in packages.items()}
    faults = []
    for row in lock.read():
        if not row.least:
            continue
        version = have.get(row.name)
        if version is None:
            faults.append(files.Fault(row.name, f"{row.name} is missing"))
        elif lock.older(version, row.least):
            faults.append(files.Fault(row.name, f"{row.name} has version {version}; {row.least} or newer is needed"))
    return faults
