"""The log of a worker: everything printed by it and its libraries, kept short, without anybody's secrets."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from pathlib import Path

from .. import __version__

LONGEST = 2_000_000  # bytes; beyond, only the end is kept
KEPT = 100_000
_OURS = re.compile(r"\d\d:\d\d:\d\d (worker|job) ")
_SECRET = re.compile(r"TOKEN|SECRET|PASSW|KEY|CREDENTIAL|AUTH", re.IGNORECASE)


def head() -> None:
    """What a reader of the log wants to know first. Of the environment the names only: values can be secrets."""
    names = " ".join(sorted(os.environ))
    note(f"worker {__version__}, process {os.getpid()}, Python {sys.version.split()[0]} at {sys.executable}; environment: {names}")


def note(text: str) -> None:
    """A line with the time."""
    with contextlib.suppress(OSError):  # a full disk must not end the worker
        write(f"{time.strftime('%H:%M:%S')} {text}\n")
    trim()


def write(text: str) -> None:
    """Text into the log, values of variables that look like secrets taken out."""
    for name, value in os.environ.items():
        if len(value) >= 6 and _SECRET.search(name):
            text = text.replace(value, "***")
    sys.stderr.write(text)
    sys.stderr.flush()


def trim(handle: int = 2) -> None:
    """Keep the end only of a log that grew too long. On Windows it is kept short by ``begin`` alone."""
    if os.name != "posix":
        return  # another process's file is not opened for appending there: it would be filled up with zeros
    with contextlib.suppress(OSError):  # not a file: somebody runs the worker by hand
        size = os.fstat(handle).st_size
        if size > LONGEST:
            end = os.pread(handle, KEPT, size - KEPT)
            os.ftruncate(handle, 0)
            os.write(handle, end)


def begin(path: Path) -> int:
    """A handle to append to the log with, kept short first; made with its folder if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LONGEST:
        end = path.read_bytes()[-KEPT:]
        path.write_bytes(end)
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, at most 8000 bytes; "" if there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 8000))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def last_words(path: Path) -> str:
    """What was printed last, an error by preference, since our own last line; "" if nothing was."""
    lines = [line.strip() for line in tail(path, 60).splitlines() if line.strip()]
    since = max((k + 1 for k, line in enumerate(lines) if _OURS.match(line)), default=0)
    errors = [line for line in lines[since:] if "rror" in line]
    return (errors or lines[since:] or [""])[-1][:200]
