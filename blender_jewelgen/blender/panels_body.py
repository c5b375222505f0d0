"""From a Picture: a photograph or drawing becomes a piece; engines, candidates with their numbers, services with keys and open tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from . import body_view, properties_body
from .operators_solid import draw_solid
from .panels_parts import Sidebar, action, fact, labelled, measure, sentence
from .panels_pictures import draw_runtime
from .translations import say

_KINDS = (("embedded", "On This Computer, No Model", "SHADERFX"), ("local", "Models on This Computer", "BRUSH_DATA"),
          ("server", "Servers", "NETWORK_DRIVE"), ("remote", "Services", "WORLD"))  # fmt: skip
_ICONS = {kind: icon for kind, _, icon in _KINDS}
_PICTURE = 5.0  # thumbnails' size in interface units
_WHERE = {"": "No Key", "keyring": "Key Ring", "environment": "Variable", "session": "Session"}
_NAMES = 0.36  # share of a row that is a name
_NOTES = 6  # lines of what was found in a picture


class JEWELGEN_MT_body_engine(bpy.types.Menu):
    """Engines that make a body of a picture; those that cannot be used now are grey and say why"""

    bl_idname = "JEWELGEN_MT_body_engine"
    bl_label = "Engine"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("jewelgen.body_engine", text="Automatic", icon="SHADERFX").engine = properties_body.AUTO
        for kind, heading, icon in _KINDS:
            layout.separator()
            layout.label(text=heading)
            for card in (card for card in properties_body.cards() if card.kind == kind):
                reason = properties_body.way(context, card.name).reason
                row = layout.row()
                row.active = not reason
                text = say(card.label) if not reason else f"{say(card.label)} ({say(_short(reason))})"
                row.operator("jewelgen.body_engine", text=text, icon=icon, translate=False).engine = card.name


def _short(reason: str) -> str:
    """Why an engine cannot be used, in two words."""
    return "no key" if "key" in reason else "offline"


class VIEW3D_PT_jewelgen_body(Sidebar, bpy.types.Panel):
    """A picture becomes a piece: a form of ours fitted to it, a relief of it, or a mesh made solid"""

    bl_idname = "VIEW3D_PT_jewelgen_body"
    bl_label = "From a Picture"
    bl_order = 2
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen_body
        layout = self.layout
        layout.use_property_decorate = False
        row = layout.row(align=True)
        row.operator("jewelgen.body_open", text=Path(group.picture.replace("\\", "/")).name or say("Open Picture"), icon="MESH_DATA" if properties_body.is_mesh(group.picture) else "FILE_IMAGE", translate=False)
        if group.picture:
            row.operator("jewelgen.body_clear", text="", icon="X")
        draw_thumbnails(layout, group)
        labelled(layout, "Engine", _NAMES).menu("JEWELGEN_MT_body_engine", text=say(properties_body.label_of(group.engine)), translate=False)
        way = properties_body.way(context, group.engine)
        draw_engine(layout, context, group, way)
        column = layout.column(align=True)
        labelled(column, "Finger Size", _NAMES).prop(group.solid, "finger", text="", placeholder=context.scene.jewelgen.form.size or "US 7")
        if properties_body.makes_meshes(group.engine, group.picture):
            labelled(column, "Longest Side", _NAMES).prop(group.solid, "size", text="", placeholder=say("Its Own"))
        properties = action(layout, context, "jewelgen.body_make", "Make Piece", "SHADERFX", 1.6)
        if properties is not None and properties_body.makes_meshes(group.engine, group.picture):
            layout.operator("jewelgen.body_mesh", text="Mesh Only", icon="MESH_DATA")
        draw_outcome(layout, context, properties_body.known(context))


def draw_thumbnails(layout: bpy.types.UILayout, group: Any) -> None:
    """The picture, and beside it what was taken for the thing."""
    icons = [icon for icon in (body_view.picture(group.picture), body_view.mask()) if icon]
    if icons:
        row = layout.row()
        row.alignment = "CENTER"
        for icon in icons:
            row.template_icon(icon_value=icon, scale=_PICTURE)


def draw_engine(layout: bpy.types.UILayout, context: bpy.types.Context, group: Any, way: properties_body.Way) -> None:
    """The engine's licence and what it needs; where it cannot be used, why, and the button that mends it."""
    card = way.card
    if card is None:
        if way.reason:
            sentence(layout, context, way.reason, "ERROR", margin=20)
        return
    if card.kind != "embedded":
        sentence(layout, context, card.licence, "TEXT", margin=20)
        if card.note:
            sentence(layout, context, card.note, "INFO", margin=20)
    if card.words:
        labelled(layout, "Words", _NAMES).prop(group, "prompt", text="", placeholder=say("Instead of a Picture"))
    if card.kind == "server":
        labelled(layout, "Server", _NAMES).prop(group, "server", text="", placeholder=say("On This Computer"))
    if card.kind == "local":
        draw_runtime(layout, context)
    if card.key:
        properties_body.look_soon()
    if way.reason:
        box = layout.box()
        sentence(box, context, way.reason, "INTERNET_OFFLINE" if "nline" in way.reason else "LOCKED")
        if "nline" in way.reason:
            box.operator("screen.userpref_show", text="Open Preferences", icon="PREFERENCES").section = "SYSTEM"
        else:
            box.operator("jewelgen.key_set", text="Set Key", icon="LOCKED").provider = card.key
    elif card.kind == "remote":
        sentence(layout, context, "The picture is sent to this service", "INTERNET", margin=20)


def draw_outcome(layout: bpy.types.UILayout, context: bpy.types.Context, own: properties_body.JewelGenBodies) -> None:
    """What came of the last picture: candidates with their numbers, what was refused and why, what it cost, what was seen."""
    if not own.engine:
        return
    box = layout.box()
    if properties_body.makes_meshes(own.engine):
        fact(box, "Made By", say(properties_body.label_of(own.engine)), factor=_NAMES)
    if own.cost:
        fact(box, "Cost", say(own.cost), factor=_NAMES)
    column = box.column(align=True)
    for row in own.candidates:
        line = column.row(align=True)
        line.alert = bool(row.refused)
        line.label(text=say(f"Seed {row.seed}"), icon="CANCEL" if row.refused else "CHECKMARK", translate=False)
        if not row.refused and len(own.candidates) > 1 and not context.window_manager.jewelgen.busy:
            line.operator("jewelgen.body_take", text="", icon="IMPORT").seed = row.seed
        for text in filter(None, (row.line, row.refused)):
            sentence(column, context, text, "BLANK1", margin=40)
    for text in own.notes.splitlines()[:_NOTES]:
        sentence(box, context, text, "DOT", margin=40)


class VIEW3D_PT_jewelgen_body_more(Sidebar, bpy.types.Panel):
    """How the body is made and made solid"""

    bl_idname = "VIEW3D_PT_jewelgen_body_more"
    bl_label = "Advanced"
    bl_parent_id = "VIEW3D_PT_jewelgen_body"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen_body
        layout = self.layout
        layout.use_property_decorate = False
        column = layout.column(align=True)
        for name in () if properties_body.is_mesh(group.picture) else fields_of(properties_body.card_of(group.engine)):
            prop = group.bl_rna.properties[name]
            if name in ("steps", "guidance"):
                measure(column, group, name, None, known=False)
            else:
                labelled(column, prop.name).prop(group, name, text="")
        if not properties_body.makes_meshes(group.engine, group.picture):
            return
        labelled(column, "").prop(group, "mend")
        if group.mend:
            draw_solid(layout, group.solid, leave_out=("finger", "size"))


def fields_of(card: Any) -> tuple[str, ...]:
    """The settings that an engine heeds."""
    if card is None or card.kind == "embedded":
        return () if card is not None and card.name == "file" else ("view",)
    if card.kind == "local":
        return ("model", "seed", "candidates", "steps", "guidance", "grid")
    if card.kind == "server":
        return ("model", "seed", "steps", "guidance", "grid") if card.name != "comfyui" else ("model", "seed")
    return ("model", "seed", "candidates")


class VIEW3D_PT_jewelgen_services(Sidebar, bpy.types.Panel):
    """Keys of services, and work of theirs that was not fetched yet"""

    bl_idname = "VIEW3D_PT_jewelgen_services"
    bl_label = "API Keys and Tasks"
    bl_parent_id = "VIEW3D_PT_jewelgen_body"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        own = properties_body.known(context)
        if not bpy.app.online_access:
            sentence(layout, context, "Online access is off in Blender; allow it in the preferences, under System", "INTERNET_OFFLINE", margin=20)
        if not own.known:
            properties_body.look_soon()
            layout.operator("jewelgen.services_look", text="Look for Keys and Tasks", icon="VIEWZOOM")
        else:
            draw_keys(layout, own)
            draw_tasks(layout, context, own)
        sentence(layout, context, "Polycam has no public interface: import its files", "INFO", margin=20)
        layout.operator("jewelgen.import_mesh", text="Import Mesh", icon="IMPORT")


def draw_keys(layout: bpy.types.UILayout, own: properties_body.JewelGenBodies) -> None:
    """A line for each service: whether its key is there and where, and what can be done about it."""
    column = layout.column(align=True)
    for key in own.keys:
        row = labelled(column, key.label, 0.46)
        row.label(text=say(_WHERE.get(key.where, key.where)), icon="CHECKMARK" if key.where else "REMOVE", translate=False)
        if key.page and not key.where:
            row.operator("wm.url_open", text="", icon="URL").url = key.page
        row.operator("jewelgen.key_set", text="", icon="LOCKED").provider = key.provider
        if key.where:
            row.operator("jewelgen.key_remove", text="", icon="TRASH").provider = key.provider
    layout.operator("jewelgen.services_look", text="Look Again", icon="FILE_REFRESH")


def draw_tasks(layout: bpy.types.UILayout, context: bpy.types.Context, own: properties_body.JewelGenBodies) -> None:
    """Tasks: those under way are waited for, finished ones brought again, and each can be forgotten."""
    if not len(own.tasks):
        return
    layout.label(text="Tasks")
    for task in own.tasks:
        box = layout.box()
        row = box.row(align=True)
        row.label(text=say(properties_body.label_of(task.engine)), icon="CHECKMARK" if task.done else "SORTTIME", translate=False)
        row.operator("jewelgen.task_resume", text="Bring Again" if task.done else "Fetch Result", icon="IMPORT").task = task.task
        row.operator("jewelgen.task_forget", text="", icon="TRASH").task = task.task
        sentence(box, context, ", ".join(filter(None, (task.of, task.begun, task.cost))), margin=30)


CLASSES = (JEWELGEN_MT_body_engine, VIEW3D_PT_jewelgen_body, VIEW3D_PT_jewelgen_body_more, VIEW3D_PT_jewelgen_services)
