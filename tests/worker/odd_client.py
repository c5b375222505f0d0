"""How to call ``odd_worker.py``, and to wait for what it does."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from blender_jewelgen.worker.environment import command_for

ODD = Path(__file__).with_name("odd_worker.py")
LONG = {"count": 3000, "pause": 0.02}  # for its job ``steps``: a minute of work


def odd_command() -> tuple[list[str], dict[str, str]]:
    """How to start it: in this Python, with the environment of any worker."""
    _, env = command_for()
    return [sys.executable, str(ODD)], env


def until(condition, patience=30.0):
    """Look until it is true; fails after ``patience`` s."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)
    return found
