"""A letter to us about the AI runtime, in English, without passwords."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from ... import __version__
from ...core.errors import BadInput
from . import builds, files

_LAST = 80  # lines of the log


def report(root: Path, state: str, broken: list[str], error: str = "") -> str:
    """Versions, state, what is broken, the machine, the end of the log."""
    lines = [f"JewelGen {__version__}, {label()}", f"state: {state}", *(f"broken: {text}" for text in broken), f"this machine: {_machine()}"]
    lines += [f"folder: {root}, {files.gigabytes(files.free(root))} free", f"stamp: {files.read_stamp(root)}"]
    lines += [f"error: {error}"] if error else []
    try:
        lines += ["log:", *(root / files.LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST:]]
    except OSError:
        lines.append("(no log)")
    return files.masked("\n".join(lines))


def label() -> str:
    """This Python and system."""
    return f"Python {sys.version.split()[0]} ({sys.executable}), {platform.platform()}"


def _machine() -> str:
    try:
        found = builds.detect()
    except BadInput as error:
        return str(error)
    return f"build {found.build}, {found.why}" + (f"; {found.trouble}" if found.trouble else "")
