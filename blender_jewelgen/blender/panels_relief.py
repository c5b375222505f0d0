"""Relief: the live settings of the active object's relief, or those the next piece will have."""

from __future__ import annotations

from typing import Any

import bpy

from ..core.relief.params import TECHNIQUES
from . import nodes_metal, nodes_relief
from .panels_parts import Sidebar, measure
from .translations import say

_LIVE = ("Depth", "Cut In", "Mapping", "Repeats Around", "Repeats Across", "Fade")
_LIVE_MORE = ("Mid Level", "Outer Side Only", "Mask", "UV Map", "Keep Clear Of", "Clearance", "Density")
_NEXT = {"mapping": "Mapping", "around": "Repeats Around", "across": "Repeats Across", "fade": "Fade (mm)"}
_NEXT_MORE = {
    "mid": "Mid Level", "outer": "Outer Side Only", "clear": "Clearance (mm)", "repeat": "Repeat (mm)", "draft": "Shoulder (mm)",
    "pixels": "Pixels per mm", "density": "Density", "tolerance": "Tolerance (mm)",
}  # fmt: skip


class VIEW3D_PT_jewelgen_relief(Sidebar, bpy.types.Panel):
    """How the ornament becomes metal"""

    bl_idname = "VIEW3D_PT_jewelgen_relief"
    bl_label = "Relief"
    bl_order = 4

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        live = nodes_relief.modifier_of(context.active_object)
        if live is not None:
            self.draw_live(context, live)
        else:
            self.draw_next(context)
        row = layout.row(align=True)
        row.scale_y = 1.2
        row.operator("jewelgen.lay", text="Lay Again" if live else "Lay on Mesh", icon="MOD_DISPLACE")
        row.popover("JEWELGEN_PT_metal", text=say("Metal"), icon="MATERIAL")

    def draw_live(self, context: bpy.types.Context, live: bpy.types.Modifier) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.label(text=context.active_object.name, icon="OUTLINER_OB_MESH", translate=False)
        row.prop(live, "show_viewport", text="")
        column = split(layout)
        for name in _LIVE:
            nodes_relief.draw(column, live, name)
        shade, metal = bool(nodes_relief.get(live, "Shade Only")), nodes_metal.is_shown(context.active_object)
        row = layout.row(align=True)
        looks = [("Render", "RENDER", shade and not metal), ("Manufacture", "MANUFACTURE", not shade and not metal)]
        if nodes_metal.modifier_of(context.active_object) is not None:  # then the relief is a quick look and no more
            looks = [("Shaded", "RENDER", shade and not metal), ("Relief", "MANUFACTURE", not shade and not metal), ("Metal", "METAL", metal)]
        for text, value, pressed in looks:
            row.operator("jewelgen.look", text=say(text), depress=pressed, translate=False).look = value

    def draw_next(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.label(text="For the next piece", icon="INFO")
        column = layout.column(align=True)
        depth, _is_raised = TECHNIQUES[settings.design.technique]
        measure(column, settings.relief, "depth", depth)
        column = split(layout)
        for name, text in _NEXT.items():
            column.prop(settings.relief, name, text=text)


class VIEW3D_PT_jewelgen_relief_more(Sidebar, bpy.types.Panel):
    """What is seldom changed"""

    bl_idname = "VIEW3D_PT_jewelgen_relief_more"
    bl_label = "Advanced"
    bl_parent_id = "VIEW3D_PT_jewelgen_relief"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        column = split(self.layout)
        live = nodes_relief.modifier_of(context.active_object)
        if live is not None:
            for name in _LIVE_MORE:
                nodes_relief.draw(column, live, name)
            return
        settings: Any = context.scene.jewelgen.relief
        for name, text in _NEXT_MORE.items():
            column.prop(settings, name, text=text)


def split(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """A column whose properties stand to the right of their names."""
    column = layout.column(align=True)
    column.use_property_split = True
    column.use_property_decorate = False
    return column


CLASSES = (VIEW3D_PT_jewelgen_relief, VIEW3D_PT_jewelgen_relief_more)
