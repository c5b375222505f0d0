"""Presets: sentences that ship, and the artist's own, kept in Blender's folder of presets; each says what it would change."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from pathlib import Path

import bpy
from bl_operators.presets import AddPresetBase
from bpy.props import StringProperty

from ..core.errors import BadInput
from ..core.library import table
from . import preset_values
from .naming import title
from .translations import say

SUBFOLDER = "jewelgen"
_SHOWN = 14  # changes listed before "and more"
_WIDE = 460  # px of the preview


def craft() -> dict[str, str]:
    """Names and prompts of the presets that ship."""
    return {row["name"]: row["prompt"] for row in table("presets")["presets"]}


def own() -> list[Path]:
    """Files of the artist's own presets."""
    folders = bpy.utils.preset_paths(SUBFOLDER)
    return sorted((path for folder in folders for path in Path(folder).glob("*.py")), key=lambda path: path.stem.lower())


class JEWELGEN_MT_presets(bpy.types.Menu):
    """Settings to start from; you see what would change before it does"""

    bl_idname = "JEWELGEN_MT_presets"
    bl_label = "Presets"
    preset_subdir = SUBFOLDER
    preset_operator = "jewelgen.preset_apply"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for name in craft():
            layout.operator("jewelgen.preset_apply", text=title(name)).name = name
        layout.separator()
        files = own()
        for path in files:
            layout.operator("jewelgen.preset_apply", text=bpy.path.display_name(path.stem), icon="USER", translate=False).filepath = str(path)
        if files:
            layout.separator()
        layout.operator("jewelgen.preset_add", text="Save as Preset…", icon="ADD")
        if files:
            layout.menu("JEWELGEN_MT_presets_remove", icon="REMOVE")


class JEWELGEN_MT_presets_remove(bpy.types.Menu):
    """Presets of your own"""

    bl_idname = "JEWELGEN_MT_presets_remove"
    bl_label = "Remove Preset"

    def draw(self, context: bpy.types.Context) -> None:
        for path in own():
            name = bpy.path.display_name(path.stem)
            props = self.layout.operator("jewelgen.preset_add", text=name, icon="TRASH", translate=False)
            props.name, props.remove_name = name, True


class JEWELGEN_OT_preset_add(AddPresetBase, bpy.types.Operator):
    """Keep the present settings as a preset of your own"""

    bl_idname = "jewelgen.preset_add"
    bl_label = "Save as Preset"
    preset_menu = "JEWELGEN_MT_presets"
    preset_subdir = SUBFOLDER

    def add(self, context: bpy.types.Context, filepath: str) -> None:
        preset_values.write_file(Path(filepath), preset_values.current(context.scene))

    def execute(self, context: bpy.types.Context) -> set[str]:
        done = super().execute(context)
        JEWELGEN_MT_presets.bl_label = "Presets"  # Blender writes the preset's name there
        return done


class JEWELGEN_OT_preset_apply(bpy.types.Operator):
    """Start from these settings; a list of what would change is shown first"""

    bl_idname = "jewelgen.preset_apply"
    bl_label = "Apply Preset"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    name: StringProperty(name="Name", description="A preset that ships", options={"SKIP_SAVE"})
    filepath: StringProperty(name="File", description="A preset of your own", options={"SKIP_SAVE"})
    menu_idname: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            self.changes = preset_values.changes(context.scene, self.values())
        except BadInput as error:
            self.report({"ERROR"}, say(str(error)))
            return {"CANCELLED"}
        if not self.changes:
            self.report({"INFO"}, "This preset changes nothing: it is set already")
            return {"CANCELLED"}
        return context.window_manager.invoke_props_dialog(self, width=_WIDE, title=say(self.label()), confirm_text="Apply")

    def draw(self, context: bpy.types.Context) -> None:
        draw_changes(self.layout, self.changes)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            preset_values.apply(context.scene, self.values())
        except BadInput as error:
            self.report({"ERROR"}, say(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}

    def values(self) -> preset_values.Values:
        """The settings of the preset; raises BadInput if there is none of that name."""
        if self.filepath:
            return preset_values.read_file(Path(self.filepath))
        prompts = craft()
        if self.name not in prompts:
            raise BadInput(f"there is no preset {self.name[:40]!r}", field="preset")
        return preset_values.of_words(prompts[self.name])

    def label(self) -> str:
        """The preset's name on the screen."""
        return bpy.path.display_name(Path(self.filepath).stem) if self.filepath else title(self.name)


def draw_changes(layout: bpy.types.UILayout, rows: list[preset_values.Change]) -> None:
    """Field, from, to; one line each."""
    for row in rows[:_SHOWN]:
        if row.label == "Prompt":
            box = layout.box()
            box.label(text=row.after, icon="TEXT", translate=False)
            continue
        split = layout.split(factor=0.28)
        name = split.row()
        name.alignment = "RIGHT"
        name.label(text=say(row.label))
        values = split.split(factor=0.46)
        before = values.row()
        before.active = False
        before.label(text=say(row.before))
        values.label(text=say(row.after), icon="FORWARD")
    if len(rows) > _SHOWN:
        layout.label(text=say(f"and {len(rows) - _SHOWN} more"))


CLASSES = (JEWELGEN_MT_presets, JEWELGEN_MT_presets_remove, JEWELGEN_OT_preset_add, JEWELGEN_OT_preset_apply)
