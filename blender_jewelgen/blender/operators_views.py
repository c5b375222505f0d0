"""Draw Views: the picture model draws each view of the object over its depth, for Projection to lay on it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy

from ..core.diffusion import MOST_CONTROLS, Control, DiffusionParams
from ..core.errors import BadInput, JewelGenError
from . import diffusion_state, jobs, projection, scene_recipe
from .operators_generate import refused
from .operators_projection import OnObject
from .properties_projection import ensure_rows
from .translations import say

_HELD = 0.8  # how strictly the depth is kept to, where nothing else is said
_WIDTH = 20.0  # mm that a view is taken as; the words of a design are weighed by it
_DRAWN = "colours.png"  # what the worker leaves of a picture model's work


class JEWELGEN_OT_projection_draw(OnObject, bpy.types.Operator):
    """Have the picture model draw every view of the object over its depth; prompt, LoRAs and pictures to heed are those of Picture Model"""

    bl_idname = "jewelgen.projection_draw"
    bl_label = "Draw Views"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not diffusion_state.is_picture(context.scene.jewelgen.make.engine):
            cls.poll_message_set(say("Choose a picture model first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene, ob = context.scene, context.active_object
        settings = scene.jewelgen_projection
        ensure_rows(settings)
        try:
            recipe = scene_recipe.read_recipe(scene)
            depth = _depth_of(recipe.diffusion, recipe.make.engine)
            seen = projection.guided(scene, ob, settings.source, int(settings.count), settings.guide)
            tickets = [
                _ticket(scene, seen, number, row.name, recipe, _told(recipe.diffusion, depth, scene.jewelgen.prompt, row.name if len(seen.views) > 1 else ""))
                for number, row in enumerate(settings.rows)
            ]
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run(self, *tickets)


def _depth_of(params: DiffusionParams, engine: str) -> Control:
    """How the depth is kept to: as the panel's own row says, else by the ControlNet that is made for the model. Raises BadInput."""
    own = next((one for one in params.controls if one.kind == "depth"), None)
    model = own.model if own is not None and own.model else diffusion_state.suits(engine, "controlnet", "depth")
    if not model:
        raise BadInput("no ControlNet for depth is known for this model; name one under Controls", field="controls")
    return Control(kind="depth", path="depth.png", model=model, weight=_HELD if own is None else own.weight)


def _told(params: DiffusionParams, depth: Control, prompt: str, view: str) -> DiffusionParams:
    """What the model is told for one view; it begins with nothing, and no side runs on into another."""
    words = params.prompt.strip() or prompt.strip()
    where = view.split(" (")[0].lower()
    said = f"{words}, {where} view" if words and where else params.prompt
    others = tuple(one for one in params.controls if one.kind != "depth")[: MOST_CONTROLS - 1]
    method = "luminance" if params.manner == "picture" else params.method  # the height in it is not wanted here
    return replace(params, prompt=said[:2000], controls=(depth, *others), start="", mask="", box="", tiling="none", method=method)


def _ticket(scene: bpy.types.Scene, seen: projection.Guided, number: int, name: str, recipe: Any, told: DiffusionParams) -> jobs.Ticket:
    """The job of one view; its depth is worked out in a thread."""
    from ..core.pattern.strip import Strip  # what draws is not loaded when the extension is enabled

    folder = jobs.new_folder()
    width, height = seen.size
    told = replace(told, controls=tuple(replace(one, path=str(folder / one.path)) if one.path == "depth.png" else one for one in told.controls))
    params = {
        "engine": recipe.make.engine, "design": recipe.design.to_dict(), "seed": recipe.make.seed, "diffusion": told.to_dict(),
        "surface": asdict(Strip(_WIDTH, _WIDTH * height / width, width, height, False)),
    }  # fmt: skip
    one = projection.Guided(seen.body, [seen.views[number]], seen.size)
    uid = scene.session_uid

    def prepare() -> None:
        from ..core.height.picture import write_height

        write_height(folder / "depth.png", one.pictures()[0][0])

    return jobs.Ticket("ask", params, folder, lambda result, _: _put(result, folder, uid, name), label="Draw Views", prepare=prepare, undo="Draw Views")


def _put(result: dict[str, Any], folder: Path, scene_uid: int, name: str) -> jobs.Steps:
    scene = next((one for one in bpy.data.scenes if one.session_uid == scene_uid), None)
    row = None if scene is None else next((one for one in scene.jewelgen_projection.rows if one.name == name), None)
    if row is None:
        return
    if not (folder / _DRAWN).is_file():
        raise BadInput("the engine drew no picture", field="engine")
    image = bpy.data.images.load(str(folder / _DRAWN))
    image.name = f"{name} Drawn"
    image.pack()
    image.filepath = image.filepath_raw = ""
    row.picture = image
    yield


CLASSES = (JEWELGEN_OT_projection_draw,)
