"""What was made: recalled with all its settings, kept as a recipe file, or forgotten."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import os
from pathlib import Path
from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..core.errors import BadInput
from ..core.recipe import Recipe
from . import jobs, laying, orders, properties, scene_recipe
from .operators_generate import refused, ticket_of
from .translations import say


def _row(context: bpy.types.Context, index: int) -> Any:
    rows = context.scene.jewelgen.history
    if not 0 <= index < len(rows):
        raise BadInput("this result is gone from the history", field="index")
    return rows[index]


class JEWELGEN_OT_recall(bpy.types.Operator):
    """Bring back every setting of this result and select its piece; if that was deleted it is laid again from its height"""

    bl_idname = "jewelgen.recall"
    bl_label = "Recall"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Result", description="Number of the result", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            row = _row(context, self.index)
            recipe = Recipe.from_json(row.recipe)
            scene_recipe.write_recipe(context.scene, recipe)
            settings = context.scene.jewelgen
            settings.history_index = self.index
            if settings.source == "PICTURE" and settings.picture is None:
                settings.picture = row.height  # the picture itself was painted, or its file is gone
            ob = properties.object_of(row.uid)
            if ob is not None and context.scene in ob.users_scene:
                ob.hide_set(False)
                own = Recipe.from_json(ob.jewelgen.recipe)
                same = (own.craft, own.texts, own.stones) == (recipe.craft, recipe.texts, recipe.stones)
                settings.at_work = ob.jewelgen.uid if same else ""
                laying.select(context.scene, ob, context.view_layer.name)
                return {"FINISHED"}
            if recipe.form.form == "mesh":
                self.report({"WARNING"}, say("The settings are back; the mesh they were for is gone"))
                return {"FINISHED"}
            with jobs.work_folder() as folder:
                params = {"recipe": recipe.to_json(), "height": orders.height_file(row.height, folder)}
                ticket = ticket_of(context, recipe, params, folder, None)
        except BadInput as error:
            return refused(self, error)
        return jobs.run(self, ticket)


def _forget(rows: Any, index: int) -> None:
    pictures = [image for image in (rows[index].picture, rows[index].height) if image is not None]
    rows.remove(index)
    for image in pictures:
        if not image.users:
            bpy.data.images.remove(image)


class JEWELGEN_OT_history_remove(bpy.types.Operator):
    """Forget this result; its piece stays"""

    bl_idname = "jewelgen.history_remove"
    bl_label = "Remove from History"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Result", description="Number of the result", default=0, min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        try:
            _row(context, self.index)
        except BadInput as error:
            return refused(self, error)
        _forget(settings.history, self.index)
        settings.history_index = max(0, min(settings.history_index, len(settings.history) - 1))
        return {"FINISHED"}


class JEWELGEN_OT_history_clear(bpy.types.Operator):
    """Forget all results; their pieces stay"""

    bl_idname = "jewelgen.history_clear"
    bl_label = "Clear History"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        rows = context.scene.jewelgen.history
        while len(rows):
            _forget(rows, len(rows) - 1)
        context.scene.jewelgen.history_index = 0
        return {"FINISHED"}


class JEWELGEN_OT_recipe_save(bpy.types.Operator, ExportHelper):
    """Write the recipe of the active piece, or of the settings as they are, as JSON"""

    bl_idname = "jewelgen.recipe_save"
    bl_label = "Save Recipe"

    filename_ext = ".json"
    filepath: StringProperty(name="File", description="File to write", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        path = Path(bpy.path.abspath(self.filepath))
        draft = path.with_name(f".{path.name}.part")
        try:
            if ob is not None and ob.jewelgen.kind == "relief":
                recipe = orders.live_recipe(ob, context.scene)
            elif ob is not None and ob.jewelgen.recipe:
                recipe = Recipe.from_json(ob.jewelgen.recipe)
            else:
                recipe = scene_recipe.read_recipe(context.scene)
            draft.write_text(recipe.to_json(), encoding="utf-8")
            os.replace(draft, path)
        except BadInput as error:
            return refused(self, error)
        except OSError as error:
            draft.unlink(missing_ok=True) if draft.parent.is_dir() else None
            return refused(self, BadInput(f"{path.name} cannot be written in {path.parent} ({error.strerror or error})", field="out"))
        self.report({"INFO"}, say(f"Recipe in {path}"))
        return {"FINISHED"}


class JEWELGEN_OT_recipe_load(bpy.types.Operator, ImportHelper):
    """Set everything as a recipe file says; Generate then makes the piece again"""

    bl_idname = "jewelgen.recipe_load"
    bl_label = "Load Recipe"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".json"
    filepath: StringProperty(name="File", description="Recipe to read", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            recipe = Recipe.read(Path(bpy.path.abspath(self.filepath)))
            scene_recipe.write_recipe(context.scene, recipe)
        except BadInput as error:
            return refused(self, error)
        self.report({"INFO"}, say(f"Settings of {laying.title(recipe)}"))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_recall, JEWELGEN_OT_history_remove, JEWELGEN_OT_history_clear, JEWELGEN_OT_recipe_save, JEWELGEN_OT_recipe_load)
