"""Projection: guides of the views, pictures laid on the object, and the baked picture as its height."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, StringProperty

from ..core.errors import BadInput, JewelGenError
from . import images, jobs, nodes_relief, projection, projection_uv, subject
from .operators_generate import order, refused
from .projection_bake import BakeParams
from .properties_projection import ensure_rows
from .translations import say


class OnObject:
    """What the operators on the active mesh have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = projection.why_not(context.active_object)
        if not said and context.window_manager.jewelgen.busy:
            said = "Wait until the work is done"
        if said:
            cls.poll_message_set(say(said))  # type: ignore[attr-defined]
        return not said


class JEWELGEN_OT_projection_guides(OnObject, bpy.types.Operator):
    """Look at the object from each view and make pictures of its depth and of its normals, to draw by"""

    bl_idname = "jewelgen.projection_guides"
    bl_label = "Make Guides"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene, ob = context.scene, context.active_object
        settings = scene.jewelgen_projection
        ensure_rows(settings)
        try:
            work = projection.guided(scene, ob, settings.source, int(settings.count), settings.guide)
        except JewelGenError as error:
            return refused(self, error)
        uid, name = scene.session_uid, ob.name
        return jobs.run_here(self, "Guides", work.pictures, lambda made: _put_guides(uid, name, made), "Guides")


def _put_guides(scene_uid: int, name: str, made: list[tuple[np.ndarray, np.ndarray]]) -> jobs.Steps:
    scene = next((one for one in bpy.data.scenes if one.session_uid == scene_uid), None)
    if scene is None:
        return
    for row, (depth, normals) in zip(scene.jewelgen_projection.rows, made):
        row.depth = images.image_from_array(depth[::-1], f"{name} {row.name} Depth", row.depth)
        yield
        size = normals.shape[1], normals.shape[0]
        if row.normals is None or tuple(row.normals.size) != size or row.normals.library is not None:
            row.normals = bpy.data.images.new(f"{name} {row.name} Normals", *size, is_data=True)
        images.image_from_colours(np.round(normals * 255.0).astype(np.uint8), row.normals.name, row.normals)
        row.normals.pack()
        yield


class JEWELGEN_OT_projection_save(bpy.types.Operator):
    """Save the guides as pictures, depth in 16 bits, for a program that draws by them"""

    bl_idname = "jewelgen.projection_save"
    bl_label = "Save Guides"
    bl_options = {"REGISTER"}

    directory: StringProperty(name="Folder", description="Where the pictures go", subtype="DIR_PATH")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any(row.depth for row in context.scene.jewelgen_projection.rows):
            cls.poll_message_set(say("Make the guides first"))
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..core.height.picture import write_height
        from ..core.height.shade import save_shaded

        folder = Path(bpy.path.abspath(self.directory))
        count = 0
        try:
            if not self.directory or not folder.is_dir():
                raise BadInput("the folder for the guides is not there", field="folder")
            for row in context.scene.jewelgen_projection.rows:
                name = bpy.path.clean_name(row.name.split(" (")[0]).lower()
                if row.depth is not None:
                    write_height(folder / f"{name}-depth.png", images.array_from_image(row.depth))
                    count += 1
                if row.normals is not None:
                    save_shaded(folder / f"{name}-normals.png", np.round(images.colours_from_image(row.normals)[..., :3] * 255.0).astype(np.uint8))
                    count += 1
        except JewelGenError as error:
            return refused(self, error)
        except OSError as error:
            return refused(self, BadInput(f"the folder {folder} cannot be used ({error.strerror or error})", field="folder"))
        self.report({"INFO"}, say(f"{count} pictures in {folder}"))
        return {"FINISHED"}


class JEWELGEN_OT_project(OnObject, bpy.types.Operator):
    """Lay the pictures on the object and bake them into one, in a UV map of its own; the object's UV maps, materials and modifiers stay as they are"""

    bl_idname = "jewelgen.project"
    bl_label = "Project"
    bl_options = {"REGISTER"}

    again: BoolProperty(name="Unwrap Again", description="Make the UV map anew, for a mesh that was changed", default=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen_projection
        ensure_rows(settings)
        params = BakeParams(size=int(settings.size), sharpness=settings.sharpness, limit=settings.limit, margin=settings.margin)
        try:
            work = projection.prepared(context, context.active_object, settings.source, [row.picture for row in settings.rows], params, self.again)
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run_here(self, "Projection", work.baked, lambda baked: _put(work, baked), "Project")


def _put(work: projection.Work, baked: Any) -> jobs.Steps:
    projection.put(work, baked)
    yield


class JEWELGEN_OT_projection_height(bpy.types.Operator):
    """Lay the baked picture on the object as its height: light stands highest"""

    bl_idname = "jewelgen.projection_height"
    bl_label = "Use as Height"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ob = context.active_object
        said = subject.why_not(ob)
        if not said and (ob.jewelgen_projection.image is None or projection_uv.own_layer(ob.data) is None):
            said = "Project a picture onto the object first"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob, settings = context.active_object, context.scene.jewelgen
        settings.source, settings.target, settings.picture = "PICTURE", "SELECTED", ob.jewelgen_projection.image
        settings.relief.mapping = "uv"
        data, live = ob.data, nodes_relief.modifier_of(ob)
        shown = data.uv_layers.active_index
        try:
            if live is not None:
                nodes_relief.set(live, "UV Map", projection_uv.LAYER)
            data.uv_layers.active = projection_uv.own_layer(data)  # what the pattern is laid by
            ticket = order(context)
        except JewelGenError as error:
            return refused(self, error)
        finally:
            data.uv_layers.active_index = shown
        uid, put = ob.session_uid, ticket.apply

        def apply(result: dict[str, Any], laid: Any) -> jobs.Steps:
            yield from put(result, laid)
            now = next((one for one in bpy.data.objects if one.session_uid == uid), None)
            live = nodes_relief.modifier_of(now)
            if live is not None:
                nodes_relief.set(live, "UV Map", projection_uv.LAYER)
            yield

        ticket.apply = apply
        return jobs.run(self, ticket)


CLASSES = (JEWELGEN_OT_projection_guides, JEWELGEN_OT_projection_save, JEWELGEN_OT_project, JEWELGEN_OT_projection_height)
