"""Projection: pictures of a camera or of several views, laid on the artist's object."""

from __future__ import annotations

import bpy

from . import diffusion_state, projection
from .panels_parts import Sidebar, action, fact, labelled, sentence


class VIEW3D_PT_jewelgen_projection(Sidebar, bpy.types.Panel):
    """Pictures laid on the selected object, through a camera or from all sides"""

    bl_idname = "VIEW3D_PT_jewelgen_projection"
    bl_label = "Projection"
    bl_order = 7
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen_projection
        layout = self.layout
        layout.use_property_decorate = False
        row = layout.row(align=True)
        row.prop(settings, "source", expand=True)
        ob = context.active_object
        said = projection.why_not(ob)
        if said:
            sentence(layout, context, said, "INFO", margin=20)
        if settings.source == projection.CAMERA:
            draw_camera(layout, context, settings)
        else:
            draw_around(layout, settings)
        row = layout.row(align=True)
        row.enabled = not context.window_manager.jewelgen.busy
        row.operator("jewelgen.projection_guides", text="Make Guides", icon="OUTLINER_OB_CAMERA")
        row.operator("jewelgen.projection_save", text="", icon="EXPORT")
        if diffusion_state.is_picture(context.scene.jewelgen.make.engine):
            row = layout.row(align=True)
            row.enabled = not context.window_manager.jewelgen.busy
            row.operator("jewelgen.projection_draw", text="Draw Views", icon="BRUSH_DATA")
        column = layout.column(align=True)
        for name in ("guide", "size", "margin", "sharpness", "limit"):
            labelled(column, settings.bl_rna.properties[name].name).prop(settings, name, text="")
        action(layout, context, "jewelgen.project", "Project", "MOD_UVPROJECT")
        if not said and ob.jewelgen_projection.image is not None:
            draw_result(layout, context, ob)


def draw_camera(layout: bpy.types.UILayout, context: bpy.types.Context, settings: bpy.types.PropertyGroup) -> None:
    """The scene's camera and its picture."""
    column = layout.column(align=True)
    labelled(column, "Camera").prop(context.scene, "camera", text="")
    labelled(column, "Picture").template_ID(settings.camera, "picture", open="image.open")


def draw_around(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """How many views, and a picture for each."""
    labelled(layout, "Views").row(align=True).prop(settings, "count", expand=True)
    column = layout.column(align=True)
    for row in settings.rows:
        labelled(column, row.name.split(" (")[0]).template_ID(row, "picture", open="image.open")


def draw_result(layout: bpy.types.UILayout, context: bpy.types.Context, ob: bpy.types.Object) -> None:
    """What was baked for the object, and what can be done with it."""
    own = ob.jewelgen_projection
    box = layout.box()
    fact(box, "Picture", own.image.name, "IMAGE_DATA")
    fact(box, "Filled In", f"{own.unseen:.1%}")
    for line in filter(None, own.notes.splitlines()):
        sentence(box, context, line, "DOT", margin=40)
    row = box.row()
    row.enabled = not context.window_manager.jewelgen.busy
    row.operator("jewelgen.projection_height", text="Use as Height", icon="MOD_DISPLACE")


CLASSES = (VIEW3D_PT_jewelgen_projection,)
