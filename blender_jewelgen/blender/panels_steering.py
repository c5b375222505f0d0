"""Parts of Picture Model: what it starts from, heeds, keeps to and wears."""

from __future__ import annotations

import bpy

from . import diffusion_state, operators_pictures
from .panels_parts import Sidebar, labelled, sentence
from .translations import say


class _Part(Sidebar):
    """A part of the panel, of picture models only and closed at first."""

    bl_parent_id = "VIEW3D_PT_jewelgen_pictures"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.jewelgen
        return settings.source == "WORDS" and diffusion_state.is_picture(settings.make.engine)


class VIEW3D_PT_jewelgen_pictures_start(_Part, bpy.types.Panel):
    """A picture that the drawing starts from, and what of it is drawn anew"""

    bl_idname = "VIEW3D_PT_jewelgen_pictures_start"
    bl_label = "Start From"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if context.scene.jewelgen.pictures.start:
            self.layout.label(text="", icon="CHECKMARK")

    def draw(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen.pictures
        layout = self.layout
        layout.use_property_decorate = False
        column = layout.column(align=True)
        labelled(column, "Picture").prop(group, "start", text="")
        if not group.start:
            sentence(column, context, "The drawing starts from noise; choose a picture to start from that", "INFO", margin=20)
            return
        labelled(column, "Freedom").prop(group, "strength", text="", slider=True)
        labelled(column, "Draw Anew").row(align=True).prop(group, "region", expand=True)
        if group.region == "MASK":
            labelled(column, "Mask").prop(group, "mask", text="")
        elif group.region == "BOX":
            for place, text in enumerate(("Left", "Top", "Width", "Height")):
                labelled(column, text).prop(group, "area", index=place, text="", slider=True)


def draw_count(layout: bpy.types.UILayout, context: bpy.types.Context, name: str) -> None:
    """How many rows of a list have a file."""
    count = sum(bool(row.path.strip()) for row in getattr(context.scene.jewelgen.pictures, name))
    if count:
        layout.label(text=str(count), translate=False)


def draw_rows(layout: bpy.types.UILayout, context: bpy.types.Context, name: str, add: str, choice: str = "") -> None:
    """A list: of each row its file, its ``choice``, what it needs besides and its weight; a button that adds one."""
    layout.use_property_decorate = False
    found = getattr(context.scene.jewelgen.pictures, name)
    for place, row in enumerate(found):
        box = layout.box().column(align=True)
        line = box.row(align=True)
        line.prop(row, "path", text="")
        button = line.operator("jewelgen.pictures_remove", text="", icon="X")
        button.rows, button.index = name, place
        if choice:
            box.row(align=True).prop(row, choice, expand=True)
        if name == "controls":
            labelled(box, "ControlNet").prop(row, "model", text="", placeholder=say("Name, folder, file or hub id"))
        labelled(box, "Weight").prop(row, "weight", text="", slider=True)
    line = layout.row(align=True)
    line.enabled = len(found) < operators_pictures.MOST[name]
    line.operator("jewelgen.pictures_add", text=add, icon="ADD").rows = name


class VIEW3D_PT_jewelgen_pictures_images(_Part, bpy.types.Panel):
    """Pictures that the model heeds beside the words"""

    bl_idname = "VIEW3D_PT_jewelgen_pictures_images"
    bl_label = "Pictures to Heed"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        draw_count(self.layout, context, "images")

    def draw(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen.pictures
        draw_rows(self.layout, context, "images", "Add Picture", "part")
        if len(group.images):
            labelled(self.layout, "IP-Adapter").prop(group, "adapter", text="", placeholder=say("Name, folder, file or hub id"))


class VIEW3D_PT_jewelgen_pictures_controls(_Part, bpy.types.Panel):
    """Pictures whose lines, shapes or depth the model keeps to"""

    bl_idname = "VIEW3D_PT_jewelgen_pictures_controls"
    bl_label = "Keep To"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        draw_count(self.layout, context, "controls")

    def draw(self, context: bpy.types.Context) -> None:
        draw_rows(self.layout, context, "controls", "Add Picture", "kind")
        self.layout.operator("jewelgen.pictures_depth", text="Depth of This View", icon="OUTLINER_OB_CAMERA")


class VIEW3D_PT_jewelgen_pictures_loras(_Part, bpy.types.Panel):
    """Low-rank weights on top of the model's"""

    bl_idname = "VIEW3D_PT_jewelgen_pictures_loras"
    bl_label = "LoRAs"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        draw_count(self.layout, context, "loras")

    def draw(self, context: bpy.types.Context) -> None:
        draw_rows(self.layout, context, "loras", "Add LoRA")


CLASSES = (
    VIEW3D_PT_jewelgen_pictures_start, VIEW3D_PT_jewelgen_pictures_images, VIEW3D_PT_jewelgen_pictures_controls, VIEW3D_PT_jewelgen_pictures_loras,
)  # fmt: skip
