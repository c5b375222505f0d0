"""What a job raised, as the one sentence that is told of it."""

from __future__ import annotations

import sys

from ..core.errors import BadInput, JewelGenError
from .protocol import Failed, Submit


class JobFailed(JewelGenError):
    """A job met an error of the program; ``tail`` is the end of the worker's log."""

    def __init__(self, message: str, tail: str = "") -> None:
        super().__init__(message)
        self.tail = tail


class WorkerDied(JobFailed):
    """The worker's process ended under a job, or cannot be started."""


def failed(order: Submit, error: BaseException) -> Failed:
    """The message for an exception that came out of a job."""
    if isinstance(error, JewelGenError):
        fix = error.fix
        told = str(error.args[0]) if error.args else type(error).__name__
        kind = "bad_input" if isinstance(error, BadInput) else "error"
        return Failed(order.job, told, error.field, fix.label if fix else "", fix.option if fix else "", kind)
    if isinstance(error, MemoryError):
        return Failed(order.job, f"there is not enough memory for {order.kind}; lower the density or the pixels")
    if isinstance(error, OSError) and error.errno is not None:
        return Failed(order.job, f"{_place(error, order)} cannot be used ({error.strerror})", field="folder", kind="bad_input")
    if isinstance(error, ModuleNotFoundError) and error.name:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return Failed(order.job, f"the worker's Python {version} lacks {error.name}; install the version of this add-on that is made for Python {version}")
    said = " ".join(str(error).split())[:200]
    return Failed(order.job, f"{order.kind} met an error of the program: {type(error).__name__}{': ' if said else ''}{said}")


def _place(error: OSError, order: Submit) -> str:
    return str(error.filename) if isinstance(error.filename, str) and error.filename else f"the folder {order.folder}"
