"""Craft, Lettering, Stones: what the metal is besides relief, for the piece at work or the next one."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import bpy

from . import crafted, metal_live, nodes_relief, report_facts, scene_recipe
from .panels_parts import Sidebar, fact, labelled, measure, sentence
from .translations import CONTEXT, say

_ROWS = 3
_NAMES = {
    "wire": "Wire (mm)", "wire_kind": "Wire Kind", "frame": "Frame (mm)", "fill": "Fill", "backing": "Backing", "web": "Web (mm)", "opening": "Opening (mm)",
    "granule": "Granule (mm)", "sink": "Sunk In", "sheet": "Thickness (mm)", "back": "Back", "rim": "Rim (mm)",
}  # fmt: skip


class VIEW3D_PT_jewelgen_craft(Sidebar, bpy.types.Panel):
    """What metal the technique works"""

    bl_idname = "VIEW3D_PT_jewelgen_craft"
    bl_label = "Craft"
    bl_order = 5

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        self.layout.label(text=summary(context.scene.jewelgen))

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        draw_piece(layout, context, named=True)
        names = crafted.fields_of(settings.design.technique)
        if not names:
            sentence(layout, context, "Engraving cuts solid metal and needs nothing more", "INFO", margin=20)
        elif names[0] == "sheet":
            draw_sheet(layout, settings)
        else:
            draw_fields(layout, settings.craft, names)
        ob = metal_live.at_work(context)
        if ob is not None:
            draw_facts(layout, metal_live.facts(ob))


def summary(settings: Any) -> str:
    """The craft in a word or two."""
    technique = settings.design.technique
    if technique in crafted.FIELDS:
        return settings.design.bl_rna.properties["technique"].enum_items[technique].name
    return f"{say('Sheet')} {settings.craft.sheet:.2g} mm" if settings.craft.hollow else say("Solid Metal")


def draw_piece(layout: bpy.types.UILayout, context: bpy.types.Context, named: bool = False) -> None:
    """Whose settings these are, and how far its metal is; the piece at work is ``named`` where nothing is to be done."""
    ob, state = metal_live.at_work(context), context.window_manager.jewelgen
    if ob is None:
        active = context.active_object
        if active is not None and active.jewelgen.kind == "relief" and nodes_relief.modifier_of(active) is not None:
            column = layout.column(align=True)
            column.label(text="For the next piece", icon="INFO")
            column.operator("jewelgen.take_up", text="Change This Piece", icon="GREASEPENCIL")
        return
    if state.working and metal_live.is_working(ob):
        row = layout.row(align=True)
        row.progress(factor=state.work_share, text=f"{state.work_share:.0%}")
        side = row.row(align=True)
        side.operator("jewelgen.work_cancel", text="", icon="CANCEL")
        sentence(layout, context, state.working, margin=20)
        return
    if named and metal_live.was_left(ob):
        layout.operator("jewelgen.work", text="Work the Metal", icon="FILE_REFRESH")
    elif named:
        layout.label(text=ob.name, icon="OUTLINER_OB_MESH", translate=False)


def draw_sheet(layout: bpy.types.UILayout, settings: Any) -> None:
    """A sheet that is raised, or solid metal."""
    craft = settings.craft
    column = layout.column(align=True)
    labelled(column, "Sheet").prop(craft, "hollow", text="Hollow Behind")
    if craft.hollow:
        draw_fields(layout, craft, crafted.SHEET)


def draw_fields(layout: bpy.types.UILayout, craft: Any, names: tuple[str, ...]) -> None:
    """Settings with their names to the left."""
    column = layout.column(align=True)
    for name in names:
        row = labelled(column, _NAMES[name])
        if craft.bl_rna.properties[name].type == "BOOLEAN":
            row.prop(craft, name, text="Closed Behind")
        else:
            row.prop(craft, name, text="")


def draw_facts(layout: bpy.types.UILayout, facts: dict[str, Any]) -> None:
    """What is known of the metal that is seen."""
    column = layout.column(align=True)
    column.scale_y = 0.9
    for name, value in report_facts.counted(facts):
        fact(column, name, f"{value:,}")


class JEWELGEN_UL_texts(bpy.types.UIList):
    """Lines of text"""

    bl_idname = "JEWELGEN_UL_texts"

    def draw_item(
        self, context: bpy.types.Context, layout: bpy.types.UILayout, data: Any, item: Any, icon: int, active_data: Any, active_property: str,
        index: int = 0, flt_flag: int = 0,
    ) -> None:  # fmt: skip
        row = layout.row(align=True)
        rna = item.bl_rna.properties["style"].enum_items[item.style]
        row.prop(item, "words", text="", emboss=False, icon=rna.icon, placeholder=say("Without words"))
        if item.side == "inside":
            row.label(text="", icon="MESH_TORUS")


class VIEW3D_PT_jewelgen_lettering(Sidebar, bpy.types.Panel):
    """What is written on the piece"""

    bl_idname = "VIEW3D_PT_jewelgen_lettering"
    bl_label = "Lettering"
    bl_order = 6
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        count = sum(bool(row.words.strip()) for row in context.scene.jewelgen.texts)
        if count:
            self.layout.label(text=say("1 line" if count == 1 else f"{count} lines"))

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        draw_piece(layout, context)
        row = layout.row()
        row.template_list("JEWELGEN_UL_texts", "", settings, "texts", settings, "texts_index", rows=_ROWS)
        side = row.column(align=True)
        side.operator("jewelgen.text_add", text="", icon="ADD")
        side.operator("jewelgen.text_remove", text="", icon="REMOVE")
        if len(settings.texts) > 1:
            side.separator()
            side.operator("jewelgen.text_move", text="", icon="TRIA_UP").way = "UP"
            side.operator("jewelgen.text_move", text="", icon="TRIA_DOWN").way = "DOWN"
        if len(settings.texts):
            side.separator()
            side.operator("jewelgen.text_duplicate", text="", icon="DUPLICATE")
        if 0 <= settings.texts_index < len(settings.texts):
            draw_line(layout, settings.texts[settings.texts_index])
        else:
            sentence(layout, context, "Add a line, or put the words of the prompt that are to be written in quotation marks", "INFO", margin=20)
        if len(settings.texts) and "texts" in scene_recipe.touched(settings.design):
            layout.operator("jewelgen.chip_clear", text="Back to the Words", icon="LOOP_BACK").slot = "texts"


def draw_line(layout: bpy.types.UILayout, line: Any) -> None:
    """The chosen line: words, side, style, letters, place."""
    column = layout.column()
    row = column.row()
    row.scale_y = 1.2
    row.prop(line, "words", text="", icon="FONT_DATA", placeholder=say("Words, in any script"))
    column.row().prop(line, "side", expand=True)
    column.row(align=True).prop(line, "style", expand=True)
    column = layout.column(align=True)
    row = labelled(column, "Font")
    row.prop(line, "font", text="")
    row.operator("jewelgen.font_open", text="", icon="FILE_FOLDER")
    if len(PurePath(line.font).parts) > 1:
        fact(column, "", PurePath(line.font).name)
    labelled(column, "Line").prop(line, "path", text="")
    measure(column, line, "height", None, known=False)
    labelled(column, "Spacing").prop(line, "spacing", text="")
    column = layout.column(align=True)
    labelled(column, "Box").prop(line, "boxed", text="Own Box")
    if line.boxed:
        for pair in (("left", "right"), ("top", "bottom")):
            row = column.row(align=True)
            for name in pair:
                row.prop(line, name, slider=True)


class JEWELGEN_UL_stones(bpy.types.UIList):
    """Stones"""

    bl_idname = "JEWELGEN_UL_stones"

    def draw_item(
        self, context: bpy.types.Context, layout: bpy.types.UILayout, data: Any, item: Any, icon: int, active_data: Any, active_property: str,
        index: int = 0, flt_flag: int = 0,
    ) -> None:  # fmt: skip
        rna = item.bl_rna.properties["cut"].enum_items[item.cut]
        parts = layout.split(factor=0.6)
        parts.label(text=f"{index + 1}: {item.size:.2f} mm", icon=rna.icon, translate=False)
        place = parts.row()
        place.active = False
        place.label(text=f"{item.u:.0%} {item.v:.0%}", translate=False)


class VIEW3D_PT_jewelgen_stones(Sidebar, bpy.types.Panel):
    """Stones that are set in the piece, their seats cut into the metal"""

    bl_idname = "VIEW3D_PT_jewelgen_stones"
    bl_label = "Stones"
    bl_translation_context = CONTEXT  # Blender has a Stones of its own, which weighs
    bl_order = 7
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        count = len(context.scene.jewelgen.stones)
        if count:
            self.layout.label(text=say("1 stone" if count == 1 else f"{count} stones"))

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        draw_piece(layout, context)
        if len(settings.stones):
            row = layout.row()
            row.template_list("JEWELGEN_UL_stones", "", settings, "stones", settings, "stones_index", rows=_ROWS)
            side = row.column(align=True)
            side.operator("jewelgen.stone_remove", text="", icon="REMOVE")
            side.separator()
            side.operator("jewelgen.stones_clear", text="", icon="TRASH")
        column = layout.column(align=True)
        column.operator("jewelgen.stone_add", text="Add at the Centre", icon="ADD")
        row = column.row(align=True)
        row.prop(settings, "stones_around", text="")
        row.operator("jewelgen.stones_around", text="Set Around", icon="MOD_ARRAY").count = settings.stones_around
        if 0 <= settings.stones_index < len(settings.stones):
            draw_stone(layout, settings.stones[settings.stones_index])


def draw_stone(layout: bpy.types.UILayout, stone: Any) -> None:
    """The chosen stone: cut, size, place."""
    layout.row(align=True).prop(stone, "cut", expand=True)
    column = layout.column(align=True)
    labelled(column, "Size (mm)").prop(stone, "size", text="")
    if stone.cut != "round":
        measure(column, stone, "length", None, known=False)
    column = layout.column(align=True)
    labelled(column, "Along").prop(stone, "u", text="", slider=True)
    labelled(column, "Crosswise").prop(stone, "v", text="", slider=True)
    if stone.cut != "round":
        labelled(column, "Turn (degrees)").prop(stone, "turn", text="")


CLASSES = (
    JEWELGEN_UL_texts, JEWELGEN_UL_stones, VIEW3D_PT_jewelgen_craft, VIEW3D_PT_jewelgen_lettering, VIEW3D_PT_jewelgen_stones,
)  # fmt: skip
