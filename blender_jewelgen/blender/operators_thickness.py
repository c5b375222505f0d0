"""The heat map of the wall thickness, on and off."""

from __future__ import annotations

import bpy

from ..core.mesh.weight import limits
from . import nodes_thickness, subject
from .translations import say

_WALL = 0.8  # mm; for a process that sets no limit


class JEWELGEN_OT_thickness(bpy.types.Operator):
    """Colour the piece by how thick its metal is: red is too thin for the process"""

    bl_idname = "jewelgen.thickness"
    bl_label = "Thickness"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ob = context.active_object
        if ob is None or ob.type != "MESH" or ob.library is not None:
            cls.poll_message_set(say("Select a mesh object of this file first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        space = context.space_data if context.space_data is not None and context.space_data.type == "VIEW_3D" else None
        if nodes_thickness.modifier_of(ob) is not None:
            nodes_thickness.hide_thickness(ob)
            if space is not None and space.shading.color_type == "VERTEX":
                space.shading.color_type = "MATERIAL"
            return {"FINISHED"}
        limit = limits(context.scene.jewelgen.make.process).min_wall_mm or _WALL
        nodes_thickness.show_thickness(ob, limit, subject.unit_of(context.scene))
        if space is not None:
            if space.shading.type not in ("SOLID", "WIREFRAME"):
                space.shading.type = "SOLID"
            space.shading.color_type = "VERTEX"
        self.report({"INFO"}, say(f"Red is thinner than {limit:g} mm, blue thicker than {4.0 * limit:g} mm"))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_thickness,)
