"""Models: the list with what is here, what can be fetched and what is too large; the licence card; fetch, use, remove."""

from __future__ import annotations

from typing import Any

import bpy

from . import models_known
from .panels_parts import Sidebar, fact, labelled, sentence
from .translations import say

_ICONS = {"HERE": "CHECKMARK", "BROKEN": "ERROR", "HALF": "SORTTIME", "FETCH": "IMPORT", "NEVER": "CANCEL"}


class JEWELGEN_UL_models(bpy.types.UIList):
    """One model a line: its state, its name, what speaks against it"""

    def draw_item(self, context: Any, layout: Any, data: Any, item: Any, icon: Any, active_data: Any, active_property: Any, index: int = 0) -> None:
        row = layout.row(align=True)
        row.active = not item.large and item.state != "NEVER"
        row.label(text=item.label, icon=_ICONS[item.state], translate=False)
        marks = row.row(align=True)
        marks.alignment = "RIGHT"
        if item.large:
            marks.label(text=say("too large"), translate=False)
        elif item.use in ("NO", "UNKNOWN"):
            marks.label(text=say("non-commercial" if item.use == "NO" else "licence not known"), translate=False)
        elif item.state in ("FETCH", "HALF"):
            marks.label(text=f"{item.size:.1f} GB", translate=False)
        if item.gated:
            marks.label(text="", icon="LOCKED")


class VIEW3D_PT_jewelgen_models(Sidebar, bpy.types.Panel):
    """Models that draw, and what their licences allow"""

    bl_idname = "VIEW3D_PT_jewelgen_models"
    bl_label = "Models"
    bl_parent_id = "VIEW3D_PT_jewelgen_runtime"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_decorate = False
        own = models_known.known(context)
        if own.fetching:
            draw_fetching(layout, context, own)
        if own.error:
            sentence(layout, context, own.error, "ERROR", margin=20)
        if not own.known:
            models_known.look_soon()
            layout.operator("jewelgen.models_look", text="Look", icon="VIEWZOOM")
            return
        column = layout.column(align=True)
        fact(column, "This Machine", say(own.machine), factor=0.36)
        row = next((row for row in own.rows if row.name == own.recommended), None)
        if row is not None:
            fact(column, "Recommended", row.label, factor=0.36)
        layout.prop(own, "commercial_only")
        layout.template_list("JEWELGEN_UL_models", "", own, "rows", own, "index", rows=6)
        if own.left_out:
            sentence(layout, context, f"{own.left_out} more are not for commercial use", margin=20)
        row = models_known.chosen(context)
        if row is not None:
            draw_card(layout.box(), context, own, row)
        line = layout.row(align=True)
        line.operator("jewelgen.models_add", text="Add Folder", icon="ADD")
        line.operator("jewelgen.models_folder", text="Keep In", icon="FILE_FOLDER")
        line.operator("jewelgen.models_look", text="", icon="FILE_REFRESH")
        sentence(layout, context, own.place, "DISK_DRIVE", margin=20)


def draw_fetching(layout: bpy.types.UILayout, context: bpy.types.Context, own: models_known.JewelGenModels) -> None:
    """How far the download is, and a way to stop it."""
    row = layout.row(align=True)
    row.progress(factor=own.progress, text=f"{own.progress:.0%}")
    row.operator("jewelgen.models_cancel", text="", icon="CANCEL")
    sentence(layout, context, own.status, margin=20)


def draw_card(layout: bpy.types.UILayout, context: bpy.types.Context, own: models_known.JewelGenModels, row: models_known.JewelGenModel) -> None:
    """The licence card of the chosen model, and what can be done with it."""
    if row.name == own.recommended:
        sentence(layout, context, own.why, "SOLO_ON")
    for line in row.card.splitlines():
        name, _, text = line.partition("\t")
        if name in ("Model", "Licence Text", "Page", "Source"):
            continue
        if name in ("Download", "With"):
            fact(layout, name, text, factor=0.3)
        else:
            sentence(layout, context, text, {"Licence": "TEXT", "Not in": "ERROR", "Token": "LOCKED"}.get(name, "DOT"))
    if row.large or row.reason:
        sentence(layout, context, row.large or row.reason, "ERROR")
    elif row.way:
        sentence(layout, context, row.way, "MEMORY")
    state = row.bl_rna.properties["state"].enum_items[row.state]
    labelled(layout, "State", 0.3).label(text=state.name, icon=_ICONS[row.state])
    if row.state in ("FETCH", "HALF"):
        layout.prop(own, "accept")
        if not bpy.app.online_access:
            sentence(layout, context, "Online access is off in Blender; allow it in the preferences, under System", "INTERNET_OFFLINE")
    line = layout.row(align=True)
    if row.state in ("FETCH", "HALF"):
        button = line.row(align=True)
        button.enabled = own.accept and not own.fetching
        button.operator("jewelgen.models_fetch", text="Go On" if row.state == "HALF" else "Fetch", icon="IMPORT")
    if row.state == "HERE":
        line.operator("jewelgen.models_use", text="Use", icon="BRUSH_DATA")
    if row.own or row.state in ("HERE", "HALF", "BROKEN"):
        line.operator("jewelgen.models_remove", text="Remove", icon="TRASH")
    if row.page:
        line.operator("wm.url_open", text="Licence", icon="URL").url = row.page


CLASSES = (JEWELGEN_UL_models, VIEW3D_PT_jewelgen_models)
