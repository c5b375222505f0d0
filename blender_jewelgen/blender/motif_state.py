"""Whether the motif model can draw here. Only the worker can know: nothing of a model is ever loaded into Blender's own process."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy

from ..core.errors import JewelGenError
from . import jobs


def ask() -> None:
    """Have the worker look, unless it has; the answer comes into the window manager, and the model is loaded by then."""
    if bpy.context.window_manager.jewelgen.model != "UNKNOWN":
        return
    with contextlib.suppress(JewelGenError):  # a disk that takes no folder is told of by the job that a person begins
        jobs.submit(jobs.Ticket("able", {}, jobs.new_folder(), _answered, label="Motif Model", quiet=True))


def forget() -> None:
    """The worker is another one now."""
    state = bpy.context.window_manager.jewelgen
    state.model, state.model_reason = "UNKNOWN", ""


def _answered(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    put(result["reason"])
    yield


def put(reason: str) -> None:
    """Keep why the model cannot draw; "" if it can."""
    state = bpy.context.window_manager.jewelgen
    state.model, state.model_reason = ("MISSING" if reason else "READY"), reason
    jobs.redraw()
