"""Picture models: which engine draws, rows of pictures, controls and LoRAs, the drawn picture and the depth of a view as things to start from."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import contextlib
import hashlib
import io
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..core.diffusion import IMAGES, LORAS, MOST_CONTROLS, DiffusionParams
from ..core.errors import BadInput, JewelGenError
from . import addon, diffusion_state, jobs, projection
from .operators_generate import refused
from .projection_views import View
from .translations import say

MOST = {"images": IMAGES, "controls": MOST_CONTROLS, "loras": LORAS}
_ROWS = [("images", "Pictures", "Pictures to heed"), ("controls", "Controls", "Pictures to keep to"), ("loras", "LoRAs", "Low-rank weights on top of the model's")]
_OPTIONS = {f"--{name}": name for name in ("steps", "guidance", "scheduler", "tiling", "manner")} | {"--draw-pixels": "pixels", "--draw-method": "method"}
_SIDE = 1024  # px of the longer side of a view's depth


class JEWELGEN_OT_pictures_engine(bpy.types.Operator):
    """Have this engine draw the ornament"""

    bl_idname = "jewelgen.pictures_engine"
    bl_label = "Choose Engine"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    engine: StringProperty(name="Engine", description="Its name; diffusers: and a name, folder, file or hub id for a picture model", maxlen=300, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.jewelgen.make.engine = self.engine or "auto"
        return {"FINISHED"}


class JEWELGEN_OT_pictures_open(bpy.types.Operator):
    """Draw with the model in a folder, or in a .safetensors file"""

    bl_idname = "jewelgen.pictures_open"
    bl_label = "Open Model"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="Folder or File", description="A model folder of diffusers, or a .safetensors file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.safetensors", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        if not self.filepath or not path.exists():
            return refused(self, BadInput("choose a folder or a file that is there", field="engine"))
        engine = f"{diffusion_state.PICTURES}{path}"
        if len(engine) > 300:
            return refused(self, BadInput("the model's folder has too long a name; put it into a shorter one", field="engine"))
        context.scene.jewelgen.make.engine = engine
        return {"FINISHED"}


class JEWELGEN_OT_pictures_add(bpy.types.Operator):
    """Add a row"""

    bl_idname = "jewelgen.pictures_add"
    bl_label = "Add"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    rows: EnumProperty(name="List", description="What is added to", items=_ROWS)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            add(context.scene, self.rows)
        except JewelGenError as error:
            return refused(self, error)
        return {"FINISHED"}


def add(scene: bpy.types.Scene, name: str) -> Any:
    """One more row of a list, with the addition that suits the model. Raises BadInput where the list is full."""
    group, engine = scene.jewelgen.pictures, scene.jewelgen.make.engine
    if len(getattr(group, name)) >= MOST[name]:
        raise BadInput(f"a picture model takes at most {MOST[name]} of these", field=name)
    row = getattr(group, name).add()
    if name == "controls":
        row.model = diffusion_state.suits(engine, "controlnet", row.kind)
    elif name == "images" and not group.adapter:
        group.adapter = diffusion_state.suits(engine, "ip-adapter")
    return row


class JEWELGEN_OT_pictures_remove(bpy.types.Operator):
    """Take this row away"""

    bl_idname = "jewelgen.pictures_remove"
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    rows: EnumProperty(name="List", description="What is taken from", items=_ROWS)
    index: IntProperty(name="Row", description="Number of the row", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        rows = getattr(context.scene.jewelgen.pictures, self.rows)
        if self.index >= len(rows):
            return {"CANCELLED"}
        rows.remove(self.index)
        return {"FINISHED"}


class JEWELGEN_OT_pictures_start(bpy.types.Operator):
    """Start the next drawing from the picture that the model drew for the active piece"""

    bl_idname = "jewelgen.pictures_start"
    bl_label = "Start from the Drawn Picture"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ob = context.active_object
        if ob is None or ob.jewelgen.drawn is None:
            cls.poll_message_set(say("The active piece was not drawn by a picture model"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        held = context.active_object.jewelgen.drawn.packed_file
        try:
            if held is None:
                raise BadInput("the drawn picture is gone from the file; draw it again", field="start")
            context.scene.jewelgen.pictures.start = str(keep(bytes(held.data), "drawn"))
        except JewelGenError as error:
            return refused(self, error)
        return {"FINISHED"}


def keep(data: bytes, name: str) -> Path:
    """A picture as a file among our own, named after what it holds, so that a recipe finds it later. Raises BadInput."""
    try:
        path = addon.user_folder("pictures") / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.png"
        if not path.exists():
            path.write_bytes(data)
    except OSError as error:
        raise BadInput(f"the picture cannot be kept ({error.strerror or error})", field="start") from error
    return path


class JEWELGEN_OT_pictures_depth(bpy.types.Operator):
    """Keep to the depth of the active object as this view shows it: what is near is light"""

    bl_idname = "jewelgen.pictures_depth"
    bl_label = "Depth of This View"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = projection.why_not(context.active_object)
        if not said and context.window_manager.jewelgen.busy:
            said = "Wait until the work is done"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene.session_uid
        try:
            if not _depth_rows(context.scene) and len(context.scene.jewelgen.pictures.controls) >= MOST_CONTROLS:
                raise BadInput(f"a picture model takes at most {MOST_CONTROLS} of these", field="controls")
            seen = guided(context, context.active_object)
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run_here(self, "Depth", lambda tell: png(seen.pictures(tell)[0][0]), lambda data: _put_depth(scene, data), "Depth of This View")


def guided(context: bpy.types.Context, ob: bpy.types.Object) -> projection.Guided:
    """What the viewport sees of an object; the scene's camera where one looks through it, or there is no viewport. Raises BadInput."""
    space = context.space_data if context.space_data is not None and context.space_data.type == "VIEW_3D" else None
    look = space.region_3d if space is not None else None
    region = next((one for one in context.area.regions if one.type == "WINDOW"), None) if context.area is not None else None
    if look is None or region is None or look.view_perspective == "CAMERA":
        return projection.guided(context.scene, ob, projection.CAMERA, 1, _SIDE)
    most = max(region.width, region.height, 1)
    size = (max(8, round(_SIDE * region.width / most)), max(8, round(_SIDE * region.height / most)))
    body, _ = projection.body_of(ob)
    return projection.Guided(body, [View("View", np.array(look.view_matrix, float), np.array(look.window_matrix, float))], size)


def png(depth: np.ndarray) -> bytes:
    """(h, w) in [0, 1] as a grey PNG of 8 bit, which is all that a ControlNet hears."""
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(np.round(np.clip(depth, 0.0, 1.0) * 255.0).astype(np.uint8)).save(packed, "PNG")
    return packed.getvalue()


def _depth_rows(scene: bpy.types.Scene) -> list[Any]:
    """Rows that keep to a depth made here, or that wait for one."""
    return [row for row in scene.jewelgen.pictures.controls if row.kind == "depth" and (not row.path or Path(row.path).name.startswith("depth-"))]


def _put_depth(uid: int, data: bytes) -> jobs.Steps:
    scene = next((one for one in bpy.data.scenes if one.session_uid == uid), None)
    if scene is None:
        return
    path = keep(data, "depth")
    found = _depth_rows(scene)
    row = found[0] if found else add(scene, "controls")
    row.kind, row.path = "depth", str(path)
    yield


def mend(operator: bpy.types.Operator, context: bpy.types.Context, option: str) -> bool:
    """Do in Blender what an error about a picture model or its runtime offers on the command line; false if ``option`` is none of these."""
    words = option.split()
    if words[:2] == ["jewelgen", "runtime"] and words[2:] in (["install"], ["repair"]):
        button = getattr(bpy.ops.jewelgen, f"runtime_{words[2]}")
        if button.poll():
            with contextlib.suppress(RuntimeError):  # without a window it waits, and has said itself what is wrong
                button()
        else:
            operator.report({"INFO"}, say("Open the AI Runtime in the Runtime panel; it says what is needed"))
        return True
    if len(words) == 2 and words[0] in _OPTIONS:
        group, name = context.scene.jewelgen.pictures, _OPTIONS[words[0]]
        f = DiffusionParams.__dataclass_fields__[name]
        kind = {"whole": int, "number": float}.get(f.metadata["kind"], str)
        try:
            setattr(group, name, kind(words[1]))
        except (TypeError, ValueError) as error:
            raise BadInput(f"{name} cannot be {words[1][:60]!r}", field=name) from error
        return True
    return False


CLASSES = (
    JEWELGEN_OT_pictures_engine, JEWELGEN_OT_pictures_open, JEWELGEN_OT_pictures_add, JEWELGEN_OT_pictures_remove, JEWELGEN_OT_pictures_start,
    JEWELGEN_OT_pictures_depth,
)  # fmt: skip
