"""Runtime: who can draw, what each needs and may be used for; the worker that does it; whether anything goes online."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

from ..engines.card import Card
from . import addon, jobs, operators_runtime
from .panels_parts import Sidebar, busy, fact, labelled, sentence
from .translations import say

_BROKEN = 4  # sentences that are shown of all that is broken


class VIEW3D_PT_jewelgen_runtime(Sidebar, bpy.types.Panel):
    """Who draws, and where"""

    bl_idname = "VIEW3D_PT_jewelgen_runtime"
    bl_label = "Runtime"
    bl_order = 11
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_decorate = False
        labelled(layout.column(), "Engine").prop(context.scene.jewelgen.make, "engine", text="")
        for card in cards():
            draw_card(layout, context, card)
        draw_worker(layout, context)
        if bpy.app.online_access:
            said = "Online access is allowed in Blender; JewelGen uses it only when you install the AI runtime or fetch a model"
        else:
            said = "Online access is off in Blender; what is installed works without it"
        sentence(layout, context, said, "INTERNET_OFFLINE" if not bpy.app.online_access else "INTERNET", margin=20)


def cards() -> tuple[Card, ...]:
    """The engines there are; their list imports nothing heavy."""
    from ..engines.registry import CARDS

    return CARDS


def draw_card(layout: bpy.types.UILayout, context: bpy.types.Context, card: Card) -> None:
    """One engine: its name, what it needs, its licence."""
    box = layout.box()
    state = context.window_manager.jewelgen
    missing = card.name == "motif" and state.model == "MISSING"
    sentence(box, context, card.label, "ERROR" if missing else "CHECKMARK")
    if missing:
        sentence(box, context, state.model_reason)
    column = box.column(align=True)
    column.scale_y = 0.9
    fact(column, "Name", card.name, factor=0.32)
    needs = f"{card.memory_gb:g} GB of graphics memory" if card.memory_gb else "No graphics card"
    fact(column, "Needs", say(needs), factor=0.32)
    row = labelled(column, "Licence", 0.32).column(align=True)
    for part in card.licence.split("; "):
        row.label(text=say(part), translate=False)


def draw_worker(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The process that works: its state, its Python, a fresh start, its log."""
    column = layout.column(align=True)
    fact(column, "Worker", say(jobs.worker_state()))
    python = addon.setting("python", "", context)
    name = f"{Path(python).parent.name}/{Path(python).name}" if python else f"Blender's own, {sys.version_info[0]}.{sys.version_info[1]}"
    fact(column, "Python", say(name))
    row = layout.row(align=True)
    row.operator("jewelgen.restart_worker", text="Restart", icon="FILE_REFRESH")
    row.operator("jewelgen.copy_log", text="Copy Log", icon="COPYDOWN")


class VIEW3D_PT_jewelgen_ai_runtime(Sidebar, bpy.types.Panel):
    """The libraries that picture models need, in an environment of their own"""

    bl_idname = "VIEW3D_PT_jewelgen_ai_runtime"
    bl_label = "AI Runtime"
    bl_parent_id = "VIEW3D_PT_jewelgen_runtime"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        own = operators_runtime.known(context)
        if context.window_manager.jewelgen.busy:
            busy(layout, context)
        elif own.state == "UNKNOWN":
            operators_runtime.look_soon()
            layout.operator("jewelgen.runtime_look", icon="VIEWZOOM")
        elif own.state in ("ABSENT", "PARTIAL"):
            draw_install(layout, context, own)
        else:
            draw_installed(layout, context, own)
        if own.state != "UNKNOWN" or own.error:
            row = layout.row(align=True)
            row.operator("jewelgen.runtime_report", icon="COPYDOWN")
            row.operator("jewelgen.runtime_look", text="", icon="FILE_REFRESH")


def draw_install(layout: bpy.types.UILayout, context: bpy.types.Context, own: operators_runtime.JewelGenRuntime) -> None:
    """What an install would do and how large it is; the settings; the button."""
    sentence(layout, context, own.sentence, "INFO", margin=20)
    column = layout.column()
    for name in ("build", "wheels", "base", "proxy", "existing"):
        column.prop(own, name)
    for line in own.plan.splitlines() if not own.existing else ():
        sentence(layout, context, line, margin=20)
    if own.refused:
        sentence(layout, context, own.refused, "ERROR", margin=20)
    if not bpy.app.online_access and not own.wheels and not own.existing:
        sentence(layout, context, "Online access is off in Blender; allow it, or choose a folder of wheels", "INTERNET_OFFLINE", margin=20)
        layout.operator("screen.userpref_show", text="Open Preferences", icon="PREFERENCES")
    row = layout.row(align=True)
    row.scale_y = 1.4
    text = "Use This Environment" if own.existing else "Go On Installing" if own.state == "PARTIAL" else "Install"
    row.operator("jewelgen.runtime_install", text=text, icon="IMPORT")
    if own.state == "PARTIAL":
        row.operator("jewelgen.runtime_remove", text="Remove", icon="TRASH")


def draw_installed(layout: bpy.types.UILayout, context: bpy.types.Context, own: operators_runtime.JewelGenRuntime) -> None:
    """How it is, what is broken, and what can be done."""
    whole = own.state == "READY"
    sentence(layout, context, own.sentence, "CHECKMARK" if whole else "ERROR", margin=20)
    for line in own.broken.splitlines()[:_BROKEN]:
        sentence(layout, context, line, margin=20)
    column = layout.column(align=True)
    if own.card:
        fact(column, "Graphics", own.card, factor=0.32)
    if own.used:
        fact(column, "Disk", own.used, factor=0.32)
    if own.trouble:
        sentence(layout, context, own.trouble, "INFO", margin=20)
    if not whole:
        column = layout.column()
        column.prop(own, "wheels")
        column.prop(own, "proxy")
    row = layout.row(align=True)
    row.operator("jewelgen.runtime_repair", text="Repair", icon="TOOL_SETTINGS")
    row.operator("jewelgen.runtime_remove", text="Remove", icon="TRASH")


CLASSES = (VIEW3D_PT_jewelgen_runtime, VIEW3D_PT_jewelgen_ai_runtime)
