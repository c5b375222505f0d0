"""The worker from the person's side: started anew, and its log for a letter to us."""

from __future__ import annotations

import bpy

from ..core.errors import JewelGenError
from . import jobs, motif_state
from .operators_generate import refused
from .translations import say

_TAIL = 200  # lines of a log that are worth reading


class JEWELGEN_OT_restart_worker(bpy.types.Operator):
    """End the process that does the work, with its jobs, and begin another"""

    bl_idname = "jewelgen.restart_worker"
    bl_label = "Restart Worker"

    def execute(self, context: bpy.types.Context) -> set[str]:
        jobs.restart()
        motif_state.forget()
        try:
            jobs.start()
            motif_state.ask()
        except (JewelGenError, OSError) as error:
            return refused(self, error if isinstance(error, JewelGenError) else JewelGenError(f"the worker cannot be started ({error})"))
        self.report({"INFO"}, say("The worker was started anew"))
        return {"FINISHED"}


class JEWELGEN_OT_copy_log(bpy.types.Operator):
    """Copy versions and the end of the worker's log, to be pasted into a letter"""

    bl_idname = "jewelgen.copy_log"
    bl_label = "Copy Log"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from .. import __version__

        try:
            lines = jobs.log_file().read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]
        except OSError:
            lines = ["(no log yet)"]
        head = f"JewelGen {__version__}, Blender {bpy.app.version_string}, {jobs.worker_state()}"
        context.window_manager.clipboard = "\n".join([head, *lines])
        self.report({"INFO"}, say(f"{len(lines)} lines copied"))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_restart_worker, JEWELGEN_OT_copy_log)
