"""Make & Export: the print body of a live relief, what it weighs, and its files."""

from __future__ import annotations

import bpy

from . import report_facts
from .panels_check import draw_weights
from .panels_parts import Sidebar, action, fact, labelled, sentence
from .translations import say

FORMATS = (("3MF", "3MF"), ("STL", "STL"), ("GLB", "GLB"))


class VIEW3D_PT_jewelgen_make(Sidebar, bpy.types.Panel):
    """A body to print or cast, and its files"""

    bl_idname = "VIEW3D_PT_jewelgen_make"
    bl_label = "Make & Export"
    bl_order = 9

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_decorate = False
        ob = context.active_object
        if ob is not None and ob.jewelgen.kind == "print":
            self.draw_print(context, ob)
        else:
            self.draw_make(context)
        column = layout.column(align=True)
        labelled(column, "Allowance").prop(context.scene.jewelgen.make, "manufacture", text="")
        row = column.row(align=True)
        row.scale_y = 1.2
        row.operator_context = "INVOKE_DEFAULT"
        for name, value in FORMATS:
            row.operator("jewelgen.export", text=name, icon="EXPORT").format = value

    def draw_make(self, context: bpy.types.Context) -> None:
        action(self.layout, context, "jewelgen.make_print", "Make for Print", "MESH_ICOSPHERE", 1.5)

    def draw_print(self, context: bpy.types.Context, ob: bpy.types.Object) -> None:
        layout = self.layout
        origin = ob.jewelgen.origin
        stale = is_stale(ob)
        if stale:
            box = layout.box()
            sentence(box, context, "The relief was changed after this print was made", "ERROR")
        action(layout, context, "jewelgen.make_print", "Make Again" if stale else "Make for Print", "FILE_REFRESH", 1.5)
        column = layout.column(align=True)
        fact(column, "Made From", origin.name if origin else say("Object Gone"), factor=0.5)
        facts = report_facts.facts_of(ob.jewelgen.report) if ob.jewelgen.report else None
        if facts is not None:
            draw_weights(column, context.scene.jewelgen, facts, 1)
            fact(column, "Triangles", f"{facts.triangles:,}", factor=0.5)


def is_stale(ob: bpy.types.Object) -> bool:
    """Whether a print no longer has its relief's settings."""
    from . import operators_make

    return operators_make.is_stale(ob)


CLASSES = (VIEW3D_PT_jewelgen_make,)
