"""What a worker's process does before it listens."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Mapping

_SPARE = 50_000_000  # bytes
TIED = "JEWELGEN_TIED"  # the program's process number, set by a client whose starting thread lives as long as its process


def start(jobs: Mapping[str, object] | None = None) -> None:
    """Serve ``jobs``, by default all there are."""
    _die_with_the_program()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which cancels
    faulthandler.enable()  # the log shows where a crash was
    if _disk_is_full():
        sys.dont_write_bytecode = True  # older Pythons keep half a compiled module and stumble over it for ever
    from .jobs import JOBS
    from .loop import serve

    serve(JOBS if jobs is None else jobs)  # type: ignore[arg-type]


def _disk_is_full() -> bool:
    try:
        disk = os.statvfs(__file__)
    except (AttributeError, OSError):  # Windows
        return False
    return disk.f_bavail * disk.f_frsize < _SPARE


def _die_with_the_program() -> None:
    """On Linux the system ends this process with its parent, also while C code keeps the listening thread from running.

    Only if the client says so: the system means the thread that started us, which may end long before the program does.
    """
    program = os.environ.pop(TIED, "")
    if not program or sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != int(program):
        os._exit(0)
