"""Picture Model: which engine draws; what a picture model needs and is told, and what it is drawing."""

from __future__ import annotations

from typing import Any

import bpy

from . import addon, diffusion_state, models_known, operators_runtime, previews, step_view
from .panels_parts import Sidebar, fact, labelled, sentence
from .translations import say

ENGINES = (("auto", "Automatic", "SHADERFX"), ("procedural", "Library", "ASSET_MANAGER"), ("motif", "Motif Model", "BRUSH_DATA"))
_NAMES = {name: label for name, label, _ in ENGINES}
_PICTURE = 8.0  # of the picture that is being drawn, in interface units
_LINES = 2  # of the prompt's field


class JEWELGEN_MT_pictures_engine(bpy.types.Menu):
    """Engines that can draw here"""

    bl_idname = "JEWELGEN_MT_pictures_engine"
    bl_label = "Engine"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        for name, label, icon in ENGINES:
            layout.operator("jewelgen.pictures_engine", text=label, icon=icon).engine = name
        layout.separator()
        for row in here(context):
            layout.operator("jewelgen.pictures_engine", text=row.label, icon="IMAGE_DATA", translate=False).engine = f"{diffusion_state.PICTURES}{row.name}"
        if not models_known.known(context).known:
            layout.operator("jewelgen.models_look", icon="VIEWZOOM")
        layout.operator("jewelgen.pictures_open", text="Folder or File", icon="FILE_FOLDER")
        layout.operator("jewelgen.pictures_engine", text="Another Model", icon="OUTLINER_DATA_FONT").engine = diffusion_state.PICTURES


def here(context: bpy.types.Context) -> list[Any]:
    """The models on this computer that draw pictures of words."""
    from ..engines.weights.models import PICTURES

    return [row for row in models_known.known(context).rows if row.state == "HERE" and (row.family in PICTURES or row.name == "sdxl-lightning")]


def label(context: bpy.types.Context, engine: str) -> str:
    """What an engine is called on the screen."""
    if not diffusion_state.is_picture(engine):
        return say(_NAMES.get(engine, engine))
    name = diffusion_state.named(engine)
    card = diffusion_state.card_of(engine)
    row = next((row for row in models_known.known(context).rows if row.name == name), None)
    if card is not None or row is not None:
        return str(row.label if row is not None else card.label)
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or say("Another Model")


class VIEW3D_PT_jewelgen_pictures(Sidebar, bpy.types.Panel):
    """Who draws the ornament, and what a picture model is told besides the words"""

    bl_idname = "VIEW3D_PT_jewelgen_pictures"
    bl_label = "Picture Model"
    bl_order = 2

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.jewelgen.source == "WORDS"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        labelled(layout, "Engine").menu("JEWELGEN_MT_pictures_engine", text=label(context, settings.make.engine))
        if diffusion_state.is_picture(settings.make.engine):
            draw_model(layout, context, settings)
            draw_runtime(layout, context)
            draw_pictures(layout, context)
            draw_told(layout, settings)


def draw_model(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The model by name, what its licence says and what it needs; what keeps it from drawing."""
    column = layout.column(align=True)
    labelled(column, "Model").prop(settings.pictures, "model", text="", placeholder=say("Name, folder, file or hub id"))
    card = diffusion_state.card_of(settings.make.engine)
    name = diffusion_state.named(settings.make.engine)
    row = next((row for row in models_known.known(context).rows if row.name in (name, card.name if card else name)), None)
    if card is not None:
        fact(column, "Needs", say(f"{card.memory_gb:g} GB of graphics memory"))
        sentence(column, context, card.licence.summary, "TEXT" if card.commercial else "ERROR", margin=20)
    elif row is not None:
        use = row.bl_rna.properties["use"].enum_items[row.use]
        fact(column, "Licence", say(use.name))
    elif name:
        sentence(column, context, "Its licence is not known here; read it where the model comes from", "INFO", margin=20)
    models_known.look_soon()
    if row is None:
        return
    if row.large:
        sentence(column, context, row.large, "ERROR", margin=20)
    if row.state != "HERE":
        sentence(column, context, "The model is not on this computer", "INFO", margin=20)
        layout.popover("VIEW3D_PT_jewelgen_models", text="Models", icon="IMPORT")


def draw_runtime(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Where picture models cannot run yet: why, and the button that mends it."""
    state = operators_runtime.known(context).state
    if addon.setting("python", "", context) or state == "READY":  # a Python of the artist's own has what it has
        return
    if state == "UNKNOWN":
        operators_runtime.look_soon()
        return
    box = layout.box()
    broken = state == "BROKEN"
    sentence(box, context, "The AI runtime is broken" if broken else "Picture models need the AI runtime, which is not installed", "ERROR" if broken else "INFO")
    row = box.row(align=True)
    if broken:
        row.operator("jewelgen.runtime_repair", text="Repair", icon="TOOL_SETTINGS")
    else:
        row.operator("jewelgen.runtime_install", text="Go On" if state == "PARTIAL" else "Install", icon="IMPORT")
    row.popover("VIEW3D_PT_jewelgen_ai_runtime", text="", icon="OPTIONS")


def draw_pictures(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The picture as far as it is while the model draws; else what it drew for the active piece."""
    icon = step_view.icon()
    ob = context.active_object
    drawn = ob.jewelgen.drawn if ob is not None else None
    if icon is None and drawn is None:
        return
    box = layout.box()
    row = box.row()
    row.alignment = "CENTER"
    row.template_icon(icon_value=previews.icon_of(drawn) if icon is None else icon, scale=_PICTURE)
    if icon is not None:
        sentence(box, context, context.window_manager.jewelgen.status, "RENDER_STILL")
        return
    fact(box, "Drawn", drawn.name, "IMAGE_DATA")
    box.operator("jewelgen.pictures_start", text="Start from This", icon="LOOP_FORWARDS")


def draw_told(layout: bpy.types.UILayout, settings: Any) -> None:
    """Words, numbers and choices; a number that is left to the model shows the model's own."""
    group = settings.pictures
    column = layout.column(align=True)
    if hasattr(column, "textbox"):
        column.textbox(group, "prompt", initial_visible_lines=_LINES, placeholder=say("Prompt, made of the words"))
    else:
        column.prop(group, "prompt", text="", placeholder=say("Prompt, made of the words"))
    column.prop(group, "negative", text="", placeholder=say("What to avoid"))
    card = diffusion_state.card_of(settings.make.engine)
    column = layout.column(align=True)
    known = card is not None and bool(card.steps)
    for name, used in (("steps", card.steps if known else None), ("guidance", card.guidance if known else None), ("pixels", card.pixels if card else None)):
        draw_number(column, group, name, used)
    labelled(column, "Scheduler").prop(group, "scheduler", text="")
    labelled(column, "Tiling").prop(group, "tiling", text="")
    column = layout.column(align=True)
    labelled(column, "Ask For").row(align=True).prop(group, "manner", expand=True)
    if group.manner == "picture":
        labelled(column, "Height From").prop(group, "method", text="")
    labelled(column, "Enlarge").row(align=True).prop(group, "times", expand=True)


def draw_number(layout: bpy.types.UILayout, group: Any, name: str, used: float | None) -> None:
    """A number; where it is left to the model, what the model takes."""
    prop = group.bl_rna.properties[name]
    row = labelled(layout, prop.name)
    if getattr(group, name) > min(0, prop.hard_min):
        row.prop(group, name, text="")
        return
    parts = row.split(factor=0.5, align=True)
    field = parts.row(align=True)
    field.active = False
    field.prop(group, name, text="")
    parts.label(text=say("Auto" if used is None else f"Auto {used:g}"), translate=False)


CLASSES = (JEWELGEN_MT_pictures_engine, VIEW3D_PT_jewelgen_pictures)
