"""Any picture becomes a height: by one method, or by all that apply, side by side, to pick from; the picture itself stays."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from bpy.props import IntProperty

from ..core.errors import BadInput, JewelGenError
from ..core.height.params import HeightParams
from . import images, jobs, laying, subject
from .operators_generate import refused
from .settings import read
from .translations import say


def source(settings: Any) -> bpy.types.Image | None:
    """The picture that heights are made of: the one a picked height came from, else the chosen one."""
    return settings.height_source if settings.height_source is not None and _is_made(settings) else settings.picture


def _is_made(settings: Any) -> bool:
    return any(row.height == settings.picture for row in settings.heights)


class _OfPicture:
    """What the operators on the chosen picture have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if source(context.scene.jewelgen) is None:
            cls.poll_message_set(say("Choose a picture first"))  # type: ignore[attr-defined]
            return False
        return True


def begin(operator: bpy.types.Operator, context: bpy.types.Context, compare: bool) -> set[str]:
    """Have heights made of the picture and put them in the grid; the first one is taken."""
    settings = context.scene.jewelgen
    scene, picture = context.scene.session_uid, source(settings)
    try:
        with jobs.work_folder() as folder:
            path, write = subject.picture_file(picture, folder, stretch=picture.is_float)
            params = {"picture": str(path), "height": asdict(read(settings.height, HeightParams)), "compare": compare}
            ticket = jobs.Ticket(
                "heights", params, folder, lambda result, _: _put(result, folder, scene, picture.session_uid), label="Height", prepare=write,
                undo="Height from Picture",
            )  # fmt: skip
    except JewelGenError as error:
        return refused(operator, error)
    return jobs.run(operator, ticket)


def _put(result: dict[str, Any], folder: Path, scene_uid: int, picture_uid: int) -> jobs.Steps:
    scene = next((s for s in bpy.data.scenes if s.session_uid == scene_uid), None) or bpy.context.scene
    settings = scene.jewelgen
    picture = next((i for i in bpy.data.images if i.session_uid == picture_uid), None)
    if picture is None:
        raise BadInput("the picture was deleted while its height was made", field="picture")
    forget(settings)
    settings.height_source = picture
    for made in result["heights"]:
        row = settings.heights.add()
        row.method, row.notes = made["method"], "\n".join([made["why"], *made["notes"]])
        row.height = images.image_from_png(folder / made["file"], f"{picture.name} {made['method'].title()}")
        yield
        row.image = laying.thumbnail(folder / made["thumb"], row.height.name)
        yield
    take(settings, 0)
    yield


def take(settings: Any, index: int) -> None:
    """Use a height of the grid as the picture."""
    settings.heights_index = index
    settings.picture = settings.heights[index].height


def forget(settings: Any) -> None:
    """Take the heights away, with their pictures; the picture they were made of is chosen again."""
    was = source(settings)
    made = [image for row in settings.heights for image in (row.image, row.height) if image is not None]
    settings.heights.clear()
    settings.heights_index = -1
    settings.picture = was
    for image in made:
        if not image.users:
            bpy.data.images.remove(image)


class JEWELGEN_OT_height_make(_OfPicture, bpy.types.Operator):
    """Make a height of this picture by the chosen method, and use it"""

    bl_idname = "jewelgen.height_make"
    bl_label = "Make Height"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return begin(self, context, compare=False)


class JEWELGEN_OT_height_compare(_OfPicture, bpy.types.Operator):
    """Make heights of this picture by every method that applies to it, to pick from"""

    bl_idname = "jewelgen.height_compare"
    bl_label = "Compare Methods"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return begin(self, context, compare=True)


class JEWELGEN_OT_height_pick(bpy.types.Operator):
    """Use this height"""

    bl_idname = "jewelgen.height_pick"
    bl_label = "Pick Height"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    index: IntProperty(name="Height", description="Number of the height", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        if self.index >= len(settings.heights):
            return refused(self, BadInput("this height is gone; compare the methods again", field="index"))
        take(settings, self.index)
        return {"FINISHED"}


class JEWELGEN_OT_height_back(bpy.types.Operator):
    """Use the picture as it is: white is high, black is low"""

    bl_idname = "jewelgen.height_back"
    bl_label = "Use the Picture Itself"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(len(context.scene.jewelgen.heights))

    def execute(self, context: bpy.types.Context) -> set[str]:
        forget(context.scene.jewelgen)
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_height_make, JEWELGEN_OT_height_compare, JEWELGEN_OT_height_pick, JEWELGEN_OT_height_back)
