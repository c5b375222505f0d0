"""Check & Weight: can the piece be made, where is it thin, what does it weigh in which metal."""

from __future__ import annotations

from typing import Any

import bpy

from . import nodes_thickness, report_facts
from .panels_parts import Sidebar, fact, labelled, sentence
from .translations import say

_ICONS = {True: "CHECKMARK", False: "ERROR", None: "REMOVE"}


class VIEW3D_PT_jewelgen_check(Sidebar, bpy.types.Panel):
    """Whether the piece can be made, and what it weighs"""

    bl_idname = "VIEW3D_PT_jewelgen_check"
    bl_label = "Check & Weight"
    bl_order = 8
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        facts = _facts(context)
        if facts is not None:
            rows = report_facts.weights(facts.volume_mm3, facts.metal or context.scene.jewelgen.design.metal)
            self.layout.label(text=f"{rows[0][1]:.2f} g" if rows else "", icon=_ICONS[facts.ok])

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        column = layout.column(align=True)
        labelled(column, "Process").prop(settings.make, "process", text="")
        labelled(column, "Metal").prop(settings.design, "metal", text="")
        ob = context.active_object
        row = layout.row(align=True)
        row.scale_y = 1.2
        row.operator("jewelgen.check", text="Check", icon="VIEWZOOM")
        shown = nodes_thickness.modifier_of(ob) is not None
        row.operator("jewelgen.thickness", text="Thickness", icon="COLOR", depress=shown)
        facts = _facts(context)
        if facts is not None:
            draw_facts(layout, context, facts)
            draw_weights(layout, settings, facts)
        elif ob is None or ob.type != "MESH":
            sentence(layout, context, "Select the piece to check", "INFO", margin=20)


def _facts(context: bpy.types.Context) -> report_facts.Facts | None:
    """What was measured of the active object."""
    ob = context.active_object
    return report_facts.facts_of(ob.jewelgen.report) if ob is not None and ob.jewelgen.report else None


def draw_facts(layout: bpy.types.UILayout, context: bpy.types.Context, facts: report_facts.Facts) -> None:
    """The verdict; what failed with what would mend it; what was measured."""
    box = layout.box()
    verdict = box.row()
    verdict.alert = not facts.ok
    count = len(facts.failed)
    said = "Can be made" if facts.ok else f"{count} things to mend" if count > 1 else "One thing to mend"
    verdict.label(text=say(said), icon=_ICONS[facts.ok])
    for row in facts.failed:
        column = box.column(align=True)
        column.separator(factor=0.5)
        draw_row(column, row)
        if row.hint:
            sentence(column, context, row.hint, "BLANK1", margin=40)
    column = box.column(align=True)
    column.scale_y = 0.9
    if facts.sound:
        column.label(text="One closed body", icon="CHECKMARK")
    for row in facts.measured:
        draw_row(column, row)
    draw_craft(box, facts)


def draw_craft(layout: bpy.types.UILayout, facts: report_facts.Facts) -> None:
    """What is counted of the metal; each line of text with its thinnest stroke; the stones."""
    column = layout.column(align=True)
    column.scale_y = 0.9
    for name, count in facts.counted:
        fact(column, name, f"{count:,}", factor=0.5)
    for line in facts.lines:
        row = column.row()
        row.alert = not line.ok
        parts = row.split(factor=0.52)
        parts.label(text=f"“{line.name}”", icon="FONT_DATA" if line.ok else "ERROR", translate=False)
        parts = parts.split(factor=0.54)
        parts.label(text=line.value, translate=False)
        limit = parts.row()
        limit.active = False
        limit.label(text=line.limit, translate=False)
    if facts.stones:
        fact(column, "Stones", f"{facts.stones:,}, {facts.carats:.2f} ct", factor=0.5)


def draw_row(layout: bpy.types.UILayout, row: report_facts.Row) -> None:
    """A rule: sign, name, value, and the limit dimmed."""
    line = layout.row()
    line.alert = row.ok is False
    line.active = row.ok is not None
    parts = line.split(factor=0.52)
    parts.label(text=say(row.name), icon=_ICONS[row.ok])
    if not row.value:
        parts.label(text="Not Measured")
        return
    parts = parts.split(factor=0.54)
    parts.label(text=row.value, translate=False)
    limit = parts.row()
    limit.active = False
    limit.label(text=row.limit, translate=False)


def draw_weights(layout: bpy.types.UILayout, settings: Any, facts: report_facts.Facts, most: int = 6) -> None:
    """Grams in the piece's metal, and in the usual ones below; ``most`` of them in all."""
    rows = report_facts.weights(facts.volume_mm3, facts.metal or settings.design.metal)[:most]
    column = layout.column(align=True)
    column.scale_y = 0.9
    for place, (name, grams) in enumerate(rows):
        row = labelled(column, name, 0.5)
        row.active = place == 0
        row.label(text=f"{grams:.2f} g")
        if place == 0 and facts.solid_volume_mm3:
            solid = report_facts.weights(facts.solid_volume_mm3, facts.metal or settings.design.metal)
            row = labelled(column, "If Solid", 0.5)
            row.active = False
            row.label(text=f"{solid[0][1]:.2f} g")
    if facts.size:
        fact(column, "Size (mm)", facts.size, factor=0.5)


CLASSES = (VIEW3D_PT_jewelgen_check,)
