"""Runtime: who can draw, what each needs and may be used for; the worker that does it; whether anything goes online."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

from ..engines.card import Card
from . import addon, jobs
from .panels_parts import Sidebar, fact, labelled, sentence
from .translations import say


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
            said = "Online access is allowed in Blender; JewelGen does not use it"
        else:
            said = "Online access is off in Blender; JewelGen needs none"
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


CLASSES = (VIEW3D_PT_jewelgen_runtime,)
