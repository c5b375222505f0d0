"""From a picture to a piece: a body of it is ordered, and an error's mend is done where the body was asked for."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty

from ..core.body import BodyParams
from ..core.errors import BadInput, JewelGenError
from ..core.solid.params import SolidParams
from . import body_view, jobs, properties_body
from .body_after import After
from .diffusion_state import absolute
from .operators_generate import refused
from .operators_import import MESHES
from .settings import read
from .translations import say as translated

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
_SHORT = 40  # signs of a name made of words
_SOLID_OPTIONS = ("size", "finger", "width", "symmetric", "flat", "flat_depth", "resolution")


class JEWELGEN_OT_body_open(bpy.types.Operator):
    """Choose the picture of a piece"""

    bl_idname = "jewelgen.body_open"
    bl_label = "Open Picture"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="File", description="Picture, or mesh", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{end}" for end in (*PICTURES, *MESHES)), options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.filepath or not Path(bpy.path.abspath(self.filepath)).is_file():
            return refused(self, BadInput("choose a picture that is there", field="picture"))
        context.scene.jewelgen_body.picture = self.filepath
        body_view.show_mask(None)
        return {"FINISHED"}


class JEWELGEN_OT_body_clear(bpy.types.Operator):
    """Use no picture"""

    bl_idname = "jewelgen.body_clear"
    bl_label = "Clear Picture"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.jewelgen_body.picture = ""
        body_view.show_mask(None)
        return {"FINISHED"}


class JEWELGEN_OT_body_engine(bpy.types.Operator):
    """Have this engine make the body"""

    bl_idname = "jewelgen.body_engine"
    bl_label = "Choose Engine"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    engine: StringProperty(name="Engine", description="Its name", maxlen=300, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.jewelgen_body.engine = self.engine or properties_body.AUTO
        return {"FINISHED"}


class _Asking:
    """What the operators that have a body made have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = why_not(context)
        if said:
            cls.poll_message_set(translated(said))  # type: ignore[attr-defined]
        return not said


def why_not(context: bpy.types.Context) -> str:
    """Why no body can be made now; "" if one can."""
    group = context.scene.jewelgen_body
    way = properties_body.way(context, group.engine)
    if way.reason:
        return way.reason
    words = way.card is not None and way.card.words
    if not group.picture.strip() and not (words and group.prompt.strip()):
        return "Choose a picture, or say in words what to make" if words else "Choose a picture first"
    return ""


def order(context: bpy.types.Context, piece: bool, seed: int | None = None, task: Any = None) -> tuple[jobs.Ticket, After]:
    """The job that the panel asks for, and what becomes of it. Raises BadInput.

    ``seed``: one candidate of this seed alone. ``task``: a service's open task is waited for, and nothing is begun.
    """
    scene = context.scene
    group = scene.jewelgen_body
    body = properties_body.body_params(group)
    body = replace(body, model=absolute(body.model, "model"), **({"candidates": 1} if seed is not None else {}))
    picture, words = absolute(group.picture, "picture"), group.prompt.strip()
    name = Path(picture).stem if picture else words[:_SHORT]
    params: dict[str, Any] = {
        "picture": picture, "prompt": words, "size": finger_of(scene), "seed": group.seed if seed is None else seed,
        "online": bool(bpy.app.online_access), "body": asdict(body), "solid": asdict(read(group.solid, SolidParams)),
    }  # fmt: skip
    properties_body.known(context).piece = piece
    if task is not None:  # nothing of the panel's may be ordered anew by it
        name = Path(task.of).stem[:_SHORT] or task.engine
        params |= {"task": task.task, "picture": "", "prompt": "", "body": asdict(BodyParams(engine=task.engine))}
    after = After(context, name, piece, group.mend)
    folder = jobs.new_folder()
    ticket = jobs.Ticket(
        "body", params, folder, lambda result, loaded: after.put(result, loaded, folder), label="Body from Picture", load=after.load,
        failed=properties_body.failed, undo="Make Piece from Picture" if piece else "Mesh from Picture",
    )  # fmt: skip
    return ticket, after


def finger_of(scene: bpy.types.Scene) -> str:
    """The finger that a ring is made for: the panel's own, else the one that the words or the form name."""
    form = scene.jewelgen.form
    return scene.jewelgen_body.solid.finger.strip() or (form.size.strip() if form.form in ("band", "signet") else "")


def run(operator: bpy.types.Operator, ticket: jobs.Ticket, after: After) -> set[str]:
    """With a window it returns at once; without one it waits for the body and for what follows."""
    done = jobs.run(operator, ticket)
    if ticket.state != "done":
        return done
    if after.follow is not None:
        jobs.wait(after.follow)
        if after.follow.error:
            return refused(operator, after.follow.error)
    operator.report({"INFO"}, translated(after.told))
    return done


class JEWELGEN_OT_body_make(_Asking, bpy.types.Operator):
    """Make a piece of this picture: its form or its mesh, in millimetres and solid, with the ornament of the words laid on it"""

    bl_idname = "jewelgen.body_make"
    bl_label = "Make Piece"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return run(self, *order(context, piece=True))
        except JewelGenError as error:
            return refused(self, error)


class JEWELGEN_OT_body_mesh(_Asking, bpy.types.Operator):
    """Make a mesh of this picture at the 3D cursor; no ornament is laid on it"""

    bl_idname = "jewelgen.body_mesh"
    bl_label = "Mesh Only"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        group = context.scene.jewelgen_body
        if not properties_body.makes_meshes(group.engine, group.picture):
            cls.poll_message_set(translated("This engine makes a form of ours, no mesh; press Make Piece"))
            return False
        return super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return run(self, *order(context, piece=False))
        except JewelGenError as error:
            return refused(self, error)


class JEWELGEN_OT_body_take(_Asking, bpy.types.Operator):
    """Make the mesh of this candidate again, alone; it stands beside the others"""

    bl_idname = "jewelgen.body_take"
    bl_label = "Make This Candidate"
    bl_options = {"REGISTER", "INTERNAL"}

    seed: IntProperty(name="Seed", description="Seed it was made with", default=0, min=0, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return run(self, *order(context, piece=False, seed=self.seed))
        except JewelGenError as error:
            return refused(self, error)


def mend(operator: bpy.types.Operator, context: bpy.types.Context, option: str) -> bool:
    """Do in Blender what an error about a body offers on the command line; false where the message was about something else."""
    now, own, group = context.window_manager.jewelgen, properties_body.known(context), context.scene.jewelgen_body
    words = option.split()
    if words[:3] == ["jewelgen", "keys", "set"]:
        provider = words[3] if len(words) > 3 else ""
        bpy.ops.jewelgen.key_set("INVOKE_DEFAULT", **({"provider": provider} if any(card.key == provider for card in properties_body.cards()) else {}))
        return True
    if not own.error or now.error != own.error:
        return False
    if now.error_field == "network":
        bpy.ops.screen.userpref_show("INVOKE_DEFAULT", section="SYSTEM")
        return True
    if words[:2] == ["jewelgen", "tasks"]:
        return _mend_task(operator, context, words[2:])
    if not words or not words[0].startswith("--"):
        return False
    name, value = words[0][2:].replace("-", "_"), option.partition(" ")[2].strip().strip("\"'")
    if name == "from":
        bpy.ops.jewelgen.body_open("INVOKE_DEFAULT")
    elif own.of_solid:
        bpy.ops.jewelgen.make_solid("INVOKE_DEFAULT", **({"finger": ""} if name == "size" else {}), **{name: value})
    elif value == "workflow_api.json":
        operator.report({"INFO"}, translated("Choose the workflow under Advanced, Model"))
    else:
        return _put(group.solid if name in _SOLID_OPTIONS else group, name, value)
    return True


def _mend_task(operator: bpy.types.Operator, context: bpy.types.Context, words: list[str]) -> bool:
    """What an error about a service's task offers: go on with it, forget it, or see them all."""
    group = context.scene.jewelgen_body
    if words[:1] == ["resume"] and len(words) > 1:
        task = SimpleNamespace(task=words[1], engine=group.engine, of=group.picture or group.prompt)
        run(operator, *order(context, properties_body.known(context).piece, task=task))
    elif words[:1] == ["forget"] and len(words) > 1:
        bpy.ops.jewelgen.task_forget(task=words[1])
    else:
        bpy.ops.jewelgen.services_look()
    return True


def _put(group: Any, name: str, value: str) -> bool:
    """Set a property from text; false if there is none of that name. Raises BadInput for a value it cannot have."""
    found = group.bl_rna.properties.get(name)
    if found is None:
        return False
    try:
        setattr(group, name, {"FLOAT": float, "INT": lambda text: int(float(text))}.get(found.type, str)(value))
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} cannot be {value[:60]!r}", field=name) from error
    return True


CLASSES = (
    JEWELGEN_OT_body_open, JEWELGEN_OT_body_clear, JEWELGEN_OT_body_engine, JEWELGEN_OT_body_make, JEWELGEN_OT_body_mesh, JEWELGEN_OT_body_take,
)  # fmt: skip
