"""The worker from the person's side: started anew, and its log for a letter to us; and the AI runtime: looked at, installed, mended, removed."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import contextlib
from typing import Any

import bpy
from bpy.props import EnumProperty, PointerProperty, StringProperty

from ..core.errors import BadInput, JewelGenError
from . import jobs, motif_state
from .operators_generate import refused
from .translations import say

_TAIL = 200  # lines of a log that are worth reading
_LOOK_AFTER = 0.2  # s after the panel is first drawn
BUILDS = [
    ("auto", "Automatic", "What the graphics card and its driver take"),
    ("cuda", "CUDA 13", "NVIDIA cards from Turing on, driver 580 or newer"),
    ("cuda126", "CUDA 12.6", "Older NVIDIA cards and drivers"),
    ("rocm", "ROCm", "AMD cards on Linux"),
    ("mps", "Metal", "Macs with Apple silicon"),
    ("cpu", "Processor Only", "No graphics card: a picture takes minutes"),
]
STATES = [
    ("UNKNOWN", "Not Looked At", "Nobody has looked yet"), ("ABSENT", "Not Installed", "There is none"), ("PARTIAL", "In Part", "An install was stopped and can go on"),
    ("BROKEN", "Broken", "Something is missing or damaged"), ("READY", "Ready", "Picture models can run"),
]  # fmt: skip


class JewelGenRuntime(bpy.types.PropertyGroup):
    """What is known of the AI runtime, and how it is to be installed; never saved."""

    build: EnumProperty(name="Torch Build", description="Which build of torch is installed", items=BUILDS, default="auto")
    wheels: StringProperty(name="Wheels", description="Folder of wheels to install from; nothing goes online then. Empty for the network", subtype="DIR_PATH", maxlen=1000)
    proxy: StringProperty(name="Proxy", description="Proxy for the network, such as http://proxy:8080; empty for that of the system", maxlen=300)
    base: StringProperty(name="Python", description="Python 3.11 to 3.13 that the environment is made with; empty for Blender's own, or one that is found", subtype="FILE_PATH", maxlen=1000)
    existing: StringProperty(
        name="Existing", description="Environment with torch and diffusers, used as it is instead of installing one; empty to install", subtype="FILE_PATH", maxlen=1000
    )
    state: EnumProperty(name="State", description="How the runtime is", items=STATES, options={"SKIP_SAVE"})
    sentence: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    broken: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # sentences, one a line
    plan: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # what an install would do, one sentence a line
    refused: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # why none can be
    trouble: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # why it draws without a graphics card
    card: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    used: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    error: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # the last one, for the report


def known(context: bpy.types.Context | None = None) -> JewelGenRuntime:
    """What is known of the runtime."""
    return (context or bpy.context).window_manager.jewelgen_runtime


def params(context: bpy.types.Context) -> dict[str, Any]:
    """How it is to be installed, as the job takes it. Going online is allowed only where Blender allows it."""
    own = known(context)
    paths = {name: bpy.path.abspath(value) if value else "" for name, value in (("wheels", own.wheels), ("python", own.base), ("existing", own.existing))}
    return {"build": own.build, "proxy": own.proxy, "online": bool(bpy.app.online_access), **paths}


def look(context: bpy.types.Context | None = None) -> jobs.Ticket | None:
    """Have the worker look at the runtime, its sizes and this machine; the answer comes into the window manager."""
    given = {name: value for name, value in params(context or bpy.context).items() if name in ("build", "wheels", "python")}
    with contextlib.suppress(JewelGenError):  # a disk that takes no folder is told of by the job that a person begins
        return jobs.submit(jobs.Ticket("runtime_status", given, jobs.new_folder(), _looked, label="AI Runtime", quiet=True, failed=_unseen))
    return None


def look_soon() -> None:
    """For panels, which may only draw: a look shortly after, unless there was one."""
    if not bpy.app.background and known().state == "UNKNOWN" and not jobs.open_tickets() and not bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.register(_look_now, first_interval=_LOOK_AFTER)


def _look_now() -> None:
    if known().state == "UNKNOWN" and not jobs.open_tickets():
        look()


def _looked(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    put(result)
    yield


def _unseen(error: JewelGenError) -> None:
    """It cannot be looked at; said once, for a panel that asked again and again would never end."""
    own = known()
    own.state, own.sentence, own.refused, own.plan = "ABSENT", "the AI runtime is not installed", str(error), ""


def put(result: dict[str, Any]) -> None:
    """Keep what a job told of the runtime."""
    own, now = known(), result["state"]
    own.state, own.sentence, own.card, own.trouble = now["name"].upper(), now["sentence"], now["card"], now["trouble"]
    own.broken = "\n".join(now["what"])
    if "plan" in result:
        own.plan, own.refused, own.used = "\n".join(result["plan"]), result["refused"], result.get("used_text", "")
    jobs.redraw()


class _Job:
    """Operators that give the worker a job of the runtime; afterwards it is looked at anew."""

    job = ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window_manager.jewelgen.busy:
            cls.poll_message_set(say("A job is running; wait for it or cancel it first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        own = known(context)
        own.state, own.error = "UNKNOWN", ""  # a job that is cancelled leaves it so, and the panel looks again
        try:
            folder = jobs.new_folder()
        except JewelGenError as error:
            return refused(self, error)
        ticket = jobs.Ticket(self.job, params(context), folder, self.applied, label=self.bl_label, failed=_failed)
        return jobs.run(self, ticket)

    @staticmethod
    def applied(result: dict[str, Any], loaded: Any) -> jobs.Steps:
        put(result)
        yield
        if not bpy.app.background:
            look()


def _failed(error: JewelGenError) -> None:
    own, now = known(), bpy.context.window_manager.jewelgen
    own.state, own.error = "UNKNOWN", str(error)
    now.fix_label = now.fix_option = ""  # options of the command line; the settings they name stand in this panel


class JEWELGEN_OT_runtime_look(bpy.types.Operator):
    """Look at the AI runtime again: what is there, what is broken, how large an install would be"""

    bl_idname = "jewelgen.runtime_look"
    bl_label = "Look at the Runtime"

    def execute(self, context: bpy.types.Context) -> set[str]:
        ticket = look(context)
        if ticket is None:
            return {"CANCELLED"}
        if bpy.app.background:
            jobs.wait(ticket)
            if ticket.error:
                return refused(self, ticket.error)
        return {"FINISHED"}


class JEWELGEN_OT_runtime_install(_Job, bpy.types.Operator):
    """Install the AI runtime, or go on where an install was stopped"""

    bl_idname = "jewelgen.runtime_install"
    bl_label = "Install AI Runtime"
    job = "runtime_install"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        own = known(context)
        if not bpy.app.online_access and not own.wheels and not own.existing:
            cls.poll_message_set(say("Online access is off in Blender; allow it, or choose a folder of wheels"))
            return False
        return super().poll(context)


class JEWELGEN_OT_runtime_repair(_Job, bpy.types.Operator):
    """Read every file of the AI runtime and bring anew what is broken"""

    bl_idname = "jewelgen.runtime_repair"
    bl_label = "Repair AI Runtime"
    job = "runtime_repair"


class JEWELGEN_OT_runtime_remove(_Job, bpy.types.Operator):
    """Delete the AI runtime and all it fetched; models stay, and an environment made by others is only forgotten"""

    bl_idname = "jewelgen.runtime_remove"
    bl_label = "Remove AI Runtime"
    job = "runtime_remove"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)


class JEWELGEN_OT_runtime_report(bpy.types.Operator):
    """Copy what somebody needs to know to help: versions, state, what is broken, the end of the log; no passwords"""

    bl_idname = "jewelgen.runtime_report"
    bl_label = "Copy Error Report"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            folder = jobs.new_folder()
        except JewelGenError as error:
            return refused(self, error)
        own = context.window_manager.jewelgen
        told = known(context).error or own.error
        return jobs.run(self, jobs.Ticket("runtime_report", {"error": told}, folder, _reported, label=self.bl_label))


def _reported(result: dict[str, Any], loaded: Any) -> jobs.Steps:
    if not result.get("text"):
        raise BadInput("there is nothing to report", field="runtime")
    _keep(result["text"])
    yield


def _keep(text: str) -> None:
    bpy.context.window_manager.clipboard = text


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


CLASSES = (
    JewelGenRuntime, JEWELGEN_OT_runtime_look, JEWELGEN_OT_runtime_install, JEWELGEN_OT_runtime_repair, JEWELGEN_OT_runtime_remove, JEWELGEN_OT_runtime_report,
    JEWELGEN_OT_restart_worker, JEWELGEN_OT_copy_log,
)  # fmt: skip


def register() -> None:
    bpy.types.WindowManager.jewelgen_runtime = PointerProperty(type=JewelGenRuntime)


def unregister() -> None:
    if bpy.app.timers.is_registered(_look_now):
        bpy.app.timers.unregister(_look_now)
    if hasattr(bpy.types.WindowManager, "jewelgen_runtime"):
        del bpy.types.WindowManager.jewelgen_runtime
