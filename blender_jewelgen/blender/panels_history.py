"""History: every result with its picture, to be recalled as it was."""

from __future__ import annotations

from typing import Any

import bpy

from . import previews
from .panels_parts import Sidebar, sentence

_PICTURE = 7.0
_ROWS = 4


class JEWELGEN_UL_history(bpy.types.UIList):
    """Results, the newest first"""

    bl_idname = "JEWELGEN_UL_history"

    def draw_item(
        self, context: bpy.types.Context, layout: bpy.types.UILayout, data: Any, item: Any, icon: int, active_data: Any, active_property: str,
        index: int = 0, flt_flag: int = 0,
    ) -> None:  # fmt: skip
        row = layout.row(align=True)
        row.label(text=item.name or "Without words", icon_value=previews.icon_of(item.picture), translate=not item.name)
        row.operator("jewelgen.recall", text="", icon="LOOP_BACK", emboss=False).index = index

    def filter_items(self, context: bpy.types.Context, data: Any, property: str) -> tuple[list[int], list[int]]:
        items = getattr(data, property)
        helper = bpy.types.UI_UL_list
        shown = helper.filter_items_by_name(self.filter_name, self.bitflag_filter_item, items, "name") if self.filter_name else []
        return shown, list(range(len(items)))[::-1]


class VIEW3D_PT_jewelgen_history(Sidebar, bpy.types.Panel):
    """What has been made so far"""

    bl_idname = "VIEW3D_PT_jewelgen_history"
    bl_label = "History"
    bl_order = 10
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        count = len(settings.history)
        if count:
            row = layout.row()
            row.template_list("JEWELGEN_UL_history", "", settings, "history", settings, "history_index", rows=_ROWS)
            side = row.column(align=True)
            side.operator("jewelgen.history_remove", text="", icon="REMOVE").index = settings.history_index
            side.separator()
            side.operator("jewelgen.history_clear", text="", icon="TRASH")
            if 0 <= settings.history_index < count:
                self.draw_chosen(context, settings.history[settings.history_index], settings.history_index)
        else:
            sentence(layout, context, "Each piece you generate is kept here with its recipe", "INFO", margin=20)
        row = layout.row(align=True)
        row.operator("jewelgen.recipe_save", text="Save Recipe", icon="EXPORT")
        row.operator("jewelgen.recipe_load", text="Load Recipe", icon="IMPORT")

    def draw_chosen(self, context: bpy.types.Context, item: Any, index: int) -> None:
        box = self.layout.box()
        icon = previews.icon_of(item.picture)
        if icon:
            row = box.row()
            row.alignment = "CENTER"
            row.template_icon(icon_value=icon, scale=_PICTURE)
        if item.name:
            sentence(box, context, item.name)
        box.operator("jewelgen.recall", text="Recall", icon="LOOP_BACK").index = index


CLASSES = (JEWELGEN_UL_history, VIEW3D_PT_jewelgen_history)
