"""Models: fetched after consent, added, removed, used. A download runs in a thread and keeps no job waiting."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ..core.errors import BadInput, Cancelled, JewelGenError
from . import jobs
from .models_known import chosen, known, look, put
from .operators_generate import refused
from .translations import say

_WATCH = 0.3  # s between two looks at a download
_END = 1.0  # s at most that a stopped download takes to let go


class _Download:
    """The ticket of the download that runs; emptied when the add-on goes."""

    def __init__(self) -> None:
        self.ticket: jobs.Ticket | None = None


_download = _Download()


class JEWELGEN_OT_models_look(bpy.types.Operator):
    """Look again which models are here and what this machine can hold"""

    bl_idname = "jewelgen.models_look"
    bl_label = "Look for Models"

    def execute(self, context: bpy.types.Context) -> set[str]:
        ticket = look()
        if ticket is None:
            return {"CANCELLED"}
        if bpy.app.background:
            jobs.wait(ticket)
            if ticket.error:
                return refused(self, ticket.error)
        return {"FINISHED"}


class JEWELGEN_OT_models_fetch(bpy.types.Operator):
    """Fetch this model from its hub, or the rest of it, after its licence was accepted"""

    bl_idname = "jewelgen.models_fetch"
    bl_label = "Fetch Model"

    name: StringProperty(name="Model", description="Name or hub id, with @revision for a certain one; empty for the chosen one", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = ""
        if not bpy.app.online_access:
            said = "Online access is off in Blender; allow it in the preferences, under System"
        elif known(context).fetching:
            said = "A model is being fetched; wait for it or cancel it first"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        own, row = known(context), chosen(context)
        name = self.name or (row.name if row else "")
        try:
            if not name:
                raise BadInput("choose a model first", field="model")
            ticket = download(name, own.accept)
        except JewelGenError as error:
            return refused(self, error)
        if not bpy.app.background:
            return {"FINISHED"}
        jobs.wait(ticket)
        return refused(self, ticket.error) if ticket.error else {"FINISHED"}


def download(name: str, accept: bool) -> jobs.Ticket:
    """Begin to fetch a model in a thread; afterwards the worker looks at the models."""
    own = known()
    own.error, own.fetching, own.progress, own.status = "", name, 0.0, "starting"

    def tell(share: float, text: str) -> None:
        ticket.progress, ticket.text = share, text
        if ticket.over:
            raise Cancelled("cancelled")

    def work() -> None:
        from ..engines.weights import fetch

        fetch.fetch(name, accept, tell=tell)

    def failed(error: JewelGenError) -> None:
        known().error = str(error.args[0])
        _over()

    def applied(result: dict[str, Any], loaded: Any) -> jobs.Steps:
        _over()
        put(result)
        yield

    try:
        ticket = jobs.Ticket("models", {}, jobs.new_folder(), applied, label="Fetch Model", prepare=work, quiet=True, failed=failed)
        _download.ticket = jobs.submit(ticket)
    except JewelGenError:
        own.fetching = ""
        raise
    if not bpy.app.background and not bpy.app.timers.is_registered(_watch):
        bpy.app.timers.register(_watch, first_interval=_WATCH)
    return ticket


def _watch() -> float | None:
    """How far the download is, into the panel."""
    ticket, own = _download.ticket, known()
    if ticket is None or ticket.over:
        if ticket is not None and own.fetching:
            _over()
        return None
    own.progress, own.status = ticket.progress, ticket.text
    jobs.redraw()
    return _WATCH


def _over() -> None:
    own = known()
    own.fetching, own.status, own.progress, own.accept = "", "", 0.0, False
    own.known = own.known and not own.error  # half a model is another state
    _download.ticket = None
    jobs.redraw()


class JEWELGEN_OT_models_cancel(bpy.types.Operator):
    """Stop the download; what came is kept, and Fetch goes on with it"""

    bl_idname = "jewelgen.models_cancel"
    bl_label = "Stop Download"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(known(context).fetching)

    def execute(self, context: bpy.types.Context) -> set[str]:
        ticket = _download.ticket
        if ticket is not None:
            jobs.cancel(ticket)
            if ticket._thread is not None:
                ticket._thread.join(_END)  # so that Fetch can be pressed at once
        _over()
        known(context).known = False
        return {"FINISHED"}


class JEWELGEN_OT_models_add(bpy.types.Operator):
    """Add a model folder or a .safetensors file of your own; it stays where it is"""

    bl_idname = "jewelgen.models_add"
    bl_label = "Add Model Folder"

    filepath: StringProperty(name="Folder or File", description="A model folder of diffusers, or a .safetensors file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    name: StringProperty(name="Name", description="What it is to be called; empty for the name of the folder", options={"SKIP_SAVE"})
    licence: StringProperty(name="Licence", description="Its licence, such as apache-2.0; empty if it is not known", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..engines.weights import fetch

        path = Path(bpy.path.abspath(self.filepath))
        try:
            if not self.filepath:
                raise BadInput("choose a folder or a file first", field="model")
            made = fetch.add(path, self.name or path.stem or path.name, self.licence)
        except JewelGenError as error:
            return refused(self, error)
        self.report({"INFO"}, say(f"{made.name} was added: {made.family}"))
        return _anew(context)


class JEWELGEN_OT_models_remove(bpy.types.Operator):
    """Delete what was fetched of this model; of one that you added only the name goes"""

    bl_idname = "jewelgen.models_remove"
    bl_label = "Remove Model"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        row = chosen(context)
        if row is None or not (row.own or row.state in ("HERE", "HALF", "BROKEN")):
            cls.poll_message_set(say("There is nothing of this model on this computer"))
            return False
        return not known(context).fetching

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..engines.weights import fetch

        try:
            fetch.remove(chosen(context).name)
        except JewelGenError as error:
            return refused(self, error)
        return _anew(context)


class JEWELGEN_OT_models_use(bpy.types.Operator):
    """Draw patterns with this model"""

    bl_idname = "jewelgen.models_use"
    bl_label = "Draw with This Model"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..engines.weights.models import PICTURES

        row = chosen(context)
        said = ""
        if row is None or row.state != "HERE":
            said = "Fetch the model first"
        elif row.family not in PICTURES and row.name != "sdxl-lightning":
            said = "This model does not draw patterns by itself"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.jewelgen.make.engine = f"diffusers:{chosen(context).name}"
        return {"FINISHED"}


class JEWELGEN_OT_models_folder(bpy.types.Operator):
    """Choose the folder that models are fetched into; what is in the old one stays there"""

    bl_idname = "jewelgen.models_folder"
    bl_label = "Folder for Models"

    directory: StringProperty(name="Folder", description="Folder that models are fetched into", subtype="DIR_PATH", options={"SKIP_SAVE"})
    shared: BoolProperty(name="Only Read It", description="Look here too, and never write: the folder of a class room", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..engines.weights import places

        folder = Path(bpy.path.abspath(self.directory)).absolute()
        try:
            if not self.directory or not folder.is_dir():
                raise BadInput("choose a folder that is there", field="model")
            places.change(**({"shared": tuple(dict.fromkeys([*places.settings().shared, str(folder)]))} if self.shared else {"where": str(folder)}))
        except JewelGenError as error:
            return refused(self, error)
        return _anew(context)


def mend(operator: bpy.types.Operator, context: bpy.types.Context, option: str) -> bool:
    """Do in Blender what an error about a model offers on the command line; false if ``option`` is none of ours.

    A model is chosen in the list, never fetched: its licence has to be read first.
    """
    words = option.split()
    if words[:2] != ["jewelgen", "models"] or len(words) < 3:
        return False
    own = known(context)
    if "--no-commercial-only" in words:
        own.commercial_only = False
    elif words[2] == "add":
        bpy.ops.jewelgen.models_add("INVOKE_DEFAULT")
    elif words[2] == "where" or "--to" in words:
        bpy.ops.jewelgen.models_folder("INVOKE_DEFAULT")
    else:
        name = words[3].partition("@")[0] if len(words) > 3 else ""
        if not own.known:
            _anew(context)
        if name in [row.name for row in own.rows]:
            own.index = [row.name for row in own.rows].index(name)
        else:
            own.wish = name
        operator.report({"INFO"}, say("Read its licence in Runtime, Models; accept it there, then press Fetch"))
    return True


def _anew(context: bpy.types.Context) -> set[str]:
    """The list is made again."""
    known(context).known = False
    ticket = look()
    if bpy.app.background and ticket is not None:
        jobs.wait(ticket)
    return {"FINISHED"}


CLASSES = (
    JEWELGEN_OT_models_look, JEWELGEN_OT_models_fetch, JEWELGEN_OT_models_cancel, JEWELGEN_OT_models_add, JEWELGEN_OT_models_remove, JEWELGEN_OT_models_use,
    JEWELGEN_OT_models_folder,
)  # fmt: skip


def unregister() -> None:
    _download.ticket = None  # cancelled with all other jobs
    if bpy.app.timers.is_registered(_watch):
        bpy.app.timers.unregister(_watch)
