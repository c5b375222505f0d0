"""Mesh Quality: the numbers of the active mesh, those of before it was made solid beside them, and the button that makes it solid."""

from __future__ import annotations

from typing import Any

import bpy

from . import mesh_facts, operators_solid
from .panels_parts import Sidebar, sentence
from .translations import say

_SHORT = 4  # letters that fit beside the value
_ICONS = {True: "CHECKMARK", False: "ERROR", None: "DOT"}


class VIEW3D_PT_jewelgen_solid(Sidebar, bpy.types.Panel):
    """Whether a mesh is one body that can be cast, in numbers"""

    bl_idname = "VIEW3D_PT_jewelgen_solid"
    bl_label = "Mesh Quality"
    bl_parent_id = "VIEW3D_PT_jewelgen_body"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        ob = context.active_object
        row = layout.row(align=True)
        row.enabled = not context.window_manager.jewelgen.busy
        row.operator("jewelgen.mesh_quality", text="Measure", icon="VIEWZOOM")
        row.operator("jewelgen.make_solid", text="Make Solid", icon="MOD_SOLIDIFY")
        kept = mesh_facts.kept(ob)
        if kept is None:
            said = operators_solid.why_not(ob)
            sentence(layout, context, said or "Not measured yet", "INFO", margin=20)
            return
        draw_rows(layout, context, kept)


def draw_rows(layout: bpy.types.UILayout, context: bpy.types.Context, kept: mesh_facts.Kept) -> None:
    """A line a number: sign, name, value, and the value of before, dimmed."""
    box = layout.box()
    column = box.column(align=True)
    column.scale_y = 0.9
    for row in mesh_facts.rows(kept.now, kept.before):
        _draw_row(column, row)
    if kept.now.get("refused"):
        sentence(box, context, kept.now["refused"], "ERROR")
    if kept.stale:
        sentence(box, context, "The mesh was changed since", "INFO")


def _draw_row(column: Any, row: mesh_facts.Row) -> None:
    line = column.row()
    line.alert = row.ok is False
    parts = line.split(factor=0.48)
    parts.label(text=say(row.name), icon=_ICONS[row.ok], translate=False)
    if row.before and len(row.before) <= _SHORT:
        parts = parts.split(factor=0.5)
    parts.label(text=say(row.value), translate=False)
    if not row.before:
        return
    if len(row.before) > _SHORT:  # below, where there is room
        parts = column.row().split(factor=0.48)
        parts.label(text="")
    before = parts.row()
    before.active = False
    before.label(text=say(f"was {say(row.before)}"), translate=False)


CLASSES = (VIEW3D_PT_jewelgen_solid,)
