"""Services: their keys, which go to the worker's key ring and nowhere else, and work of theirs that was not fetched yet."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ..core.errors import BadInput, JewelGenError
from ..engines.remote.keys import PROVIDERS
from . import jobs, operators_body, properties_body
from .operators_generate import refused
from .translations import say

_SERVICES = [(one.name, one.label, one.page) for one in PROVIDERS]


class JEWELGEN_OT_services_look(bpy.types.Operator):
    """Look again which keys there are and which tasks are open"""

    bl_idname = "jewelgen.services_look"
    bl_label = "Look for Keys and Tasks"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _anew()


class JEWELGEN_OT_key_set(bpy.types.Operator):
    """Keep the key of a service in the key ring of this computer; it stands in no file of JewelGen or Blender"""

    bl_idname = "jewelgen.key_set"
    bl_label = "API Key"
    bl_options = {"INTERNAL"}  # without REGISTER: what is typed here is in no history, info log or preset

    provider: EnumProperty(name="Service", description="Whose key it is", items=_SERVICES, options={"SKIP_SAVE"})
    key: StringProperty(name="Key", description="As the service gave it", subtype="PASSWORD", maxlen=1000, options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.key = ""
        return context.window_manager.invoke_props_dialog(self, width=380)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "provider")
        layout.prop(self, "key")
        own = properties_body.known(context)
        if own.known and not own.ring:
            layout.label(text="This computer has no key ring: it is kept until Blender ends", icon="INFO")
        else:
            layout.label(text="It goes to the key ring of this computer, and into no file", icon="LOCKED")

    def execute(self, context: bpy.types.Context) -> set[str]:
        typed, self.key = self.key.strip(), ""
        try:
            if not typed:
                raise BadInput("type the key first", field="key")
            ticket = _ticket("key_set", {"provider": self.provider, "key": typed}, "API Key")
        except JewelGenError as error:
            return refused(self, error)
        finally:
            del typed
        done = jobs.run(self, ticket)
        if bpy.app.background:
            _anew()
        return done


class JEWELGEN_OT_key_remove(bpy.types.Operator):
    """Take the key of this service out of the key ring"""

    bl_idname = "jewelgen.key_remove"
    bl_label = "Remove Key"

    provider: EnumProperty(name="Service", description="Whose key it is", items=_SERVICES, options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _done(self, "key_remove", {"provider": self.provider}, "Remove Key")


class JEWELGEN_OT_task_resume(bpy.types.Operator):
    """Go on waiting for this task, and bring its mesh to the 3D cursor; nothing is paid for again"""

    bl_idname = "jewelgen.task_resume"
    bl_label = "Fetch Result"

    task: StringProperty(name="Task", description="What the service calls it", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = "" if bpy.app.online_access else "Online access is off in Blender; allow it in the preferences, under System"
        if context.window_manager.jewelgen.busy:
            said = "Wait until the work is done"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = next((row for row in properties_body.known(context).tasks if row.task == self.task), None)
        try:
            if row is None:
                raise BadInput("this task is not open any more; look again", field="task")
            ticket, after = operators_body.order(context, piece=False, task=row)
        except JewelGenError as error:
            return refused(self, error)
        return operators_body.run(self, ticket, after)


class JEWELGEN_OT_task_forget(bpy.types.Operator):
    """Forget this task; what the service made of it can be fetched there only"""

    bl_idname = "jewelgen.task_forget"
    bl_label = "Forget Task"

    task: StringProperty(name="Task", description="What the service calls it", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _done(self, "task_forget", {"id": self.task}, "Forget Task")


def _ticket(kind: str, params: dict[str, Any], label: str) -> jobs.Ticket:
    """A short job after which the worker looks again; its parameters are forgotten as soon as it is over."""

    def applied(result: dict[str, Any], loaded: Any) -> jobs.Steps:
        params.clear()
        properties_body.known().known = False
        if not bpy.app.background:
            properties_body.look()
        yield

    return jobs.Ticket(kind, params, jobs.new_folder(), applied, label=label, failed=lambda error: params.clear())


def _done(operator: bpy.types.Operator, kind: str, params: dict[str, Any], label: str) -> set[str]:
    try:
        ticket = _ticket(kind, params, label)
    except JewelGenError as error:
        return refused(operator, error)
    done = jobs.run(operator, ticket)
    if bpy.app.background:
        _anew()
    return done


def _anew() -> set[str]:
    """Keys and tasks are looked for again."""
    properties_body.known().known = False
    ticket = properties_body.look()
    if ticket is None:
        return {"CANCELLED"}
    if bpy.app.background:
        jobs.wait(ticket)
        jobs.wait(*jobs.open_tickets())
    return {"FINISHED"}


CLASSES = (JEWELGEN_OT_services_look, JEWELGEN_OT_key_set, JEWELGEN_OT_key_remove, JEWELGEN_OT_task_resume, JEWELGEN_OT_task_forget)
