"""Height from Picture: how the chosen picture becomes a height, and the heights to pick from."""

from __future__ import annotations

from typing import Any

import bpy

from . import previews
from .panels_parts import labelled, measure, sentence
from .translations import say

_PICTURE, _COLUMNS = 4.2, 3


class JEWELGEN_PT_height(bpy.types.Panel):
    """How a picture is read, and what is done to its height"""

    bl_idname = "JEWELGEN_PT_height"
    bl_label = "Height from Picture"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = 14

    def draw(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen.height
        layout = self.layout
        layout.use_property_decorate = False
        column = layout.column(align=True)
        measure(column, group, "relief_depth", None, known=False)
        for name in ("width", "flatten", "denoise", "feature"):
            labelled(column, group.bl_rna.properties[name].name).prop(group, name, text="")
        column = layout.column(align=True)
        labelled(column, "Light From").prop(group, "azimuth", text="")
        labelled(column, "Light Height").prop(group, "elevation", text="")
        column = layout.column(align=True)
        labelled(column, "Normal Map").prop(group, "normal_map", text="")
        labelled(column, "Within").prop(group, "nested", text="")
        for name in ("invert", "seamless", "crop"):
            labelled(column, "").prop(group, name)


def draw_height(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The method, its options, the buttons, and the grid of what came of it."""
    box = layout.box()
    row = box.row(align=True)
    row.prop(settings.height, "method", text="")
    row.popover("JEWELGEN_PT_height", text="", icon="OPTIONS")
    row = box.row(align=True)
    row.enabled = not context.window_manager.jewelgen.busy
    row.operator("jewelgen.height_make", text="Make Height", icon="MOD_DISPLACE")
    row.operator("jewelgen.height_compare", text="Compare", icon="IMGDISPLAY")
    if not len(settings.heights):
        return
    grid = box.grid_flow(row_major=True, columns=_COLUMNS, even_columns=True, even_rows=True, align=True)
    names = settings.height.bl_rna.properties["method"].enum_items
    for place, made in enumerate(settings.heights):
        column = grid.column(align=True)
        row = column.row()
        row.alignment = "CENTER"
        row.template_icon(icon_value=previews.icon_of(made.image), scale=_PICTURE)
        known = names.get(made.method)
        text = say(known.name) if known else made.method
        column.operator("jewelgen.height_pick", text=text, depress=made.height == settings.picture, translate=False).index = place
    chosen = settings.heights[settings.heights_index] if 0 <= settings.heights_index < len(settings.heights) else None
    if chosen is not None and chosen.height == settings.picture:
        for line in filter(None, chosen.notes.splitlines()):
            sentence(box, context, line, "DOT", margin=40)
    box.operator("jewelgen.height_back", text="Use the Picture Itself", icon="LOOP_BACK")


CLASSES = (JEWELGEN_PT_height,)
