"""Two ways to look at a live relief: drawn by its material, quick to turn; or in the mesh, as it will be made."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import bpy
from bpy.props import EnumProperty

from . import nodes_metal, nodes_relief, shade, subject
from .translations import say


class JEWELGEN_OT_look(bpy.types.Operator):
    """Show the relief in the material alone, or in the mesh as it will be made"""

    bl_idname = "jewelgen.look"
    bl_label = "Look"
    bl_options = {"REGISTER", "UNDO"}

    look: EnumProperty(
        name="Look", description="Where the relief is shown", default="MANUFACTURE",
        items=[("RENDER", "Render", "The material draws the relief; the mesh stays plain and quick"),
               ("MANUFACTURE", "Manufacture", "The mesh has the relief, as it will be made"),
               ("METAL", "Metal", "The metal as its craft works it: hollow, pierced, of wire, with its stones' seats")],
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if nodes_relief.modifier_of(context.active_object) is None:
            cls.poll_message_set(say("Select a live relief first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        live = nodes_relief.modifier_of(ob)
        nodes_metal.show(ob, self.look == "METAL")
        if self.look == "METAL":
            return {"FINISHED"}
        drawn = self.look == "RENDER"
        nodes_relief.set(live, "Shade Only", drawn)
        depth = nodes_relief.get(live, "Depth") * (-1.0 if nodes_relief.get(live, "Cut In") else 1.0) * subject.unit_of(context.scene)
        shade.shade_object(ob, nodes_relief.get(live, "Height") if drawn else None, depth, nodes_relief.get(live, "Mid Level"))
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_look,)
