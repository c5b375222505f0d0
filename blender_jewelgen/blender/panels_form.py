"""Form: what the piece is and its measures; an empty measure shows the value that will be used."""

from __future__ import annotations

from typing import Any

import bpy

from . import form_facts, say, scene_recipe, subject
from .panels_parts import Sidebar, fact, labelled, measure, sentence
from .translations import named

_NOTES = 5  # lines of what was found in an imported file


class VIEW3D_PT_jewelgen_form(Sidebar, bpy.types.Panel):
    """What the piece is, before ornament"""

    bl_idname = "VIEW3D_PT_jewelgen_form"
    bl_label = "Form"
    bl_order = 3
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        name = settings.form.bl_rna.properties["form"].enum_items[settings.form.form].name
        self.layout.label(text="Selected Mesh" if settings.target == "SELECTED" else name)

    def draw(self, context: bpy.types.Context) -> None:
        if context.scene.jewelgen.target == "SELECTED":
            self.draw_mesh(context)
        else:
            self.draw_form(context)

    def draw_form(self, context: bpy.types.Context) -> None:
        group = context.scene.jewelgen.form
        layout = self.layout
        layout.use_property_decorate = False
        used = form_facts.automatic(group)
        by_hand = scene_recipe.touched(group)
        column = layout.column(align=True)
        _own(labelled(column, "Form"), group, "form", by_hand)
        row = labelled(column, "Shape")
        row.menu("JEWELGEN_MT_shapes", text=named(group.shape or used.get("shape") or "") or "Automatic")
        _back(row, "shape", by_hand)
        column = layout.column(align=True)
        for name in form_facts.fields_of(group.form):
            if name == "size":
                self.draw_size(context, column, group, used, by_hand)
                column = layout.column(align=True)
            else:
                _back(measure(column, group, name, used.get(name)), name, by_hand)
        if not used:
            sentence(layout, context, "These measures do not go together", "ERROR", margin=20)

    def draw_size(self, context: bpy.types.Context, column: bpy.types.UILayout, group: Any, used: dict[str, Any], by_hand: frozenset[str]) -> None:
        row = labelled(column, "Size")
        row.prop(group, "size", text="", placeholder=used.get("size") or "US 7")
        _back(row, "size", by_hand)
        inner, others = form_facts.diameter(group.size or used.get("size") or "US 7")
        if not inner.endswith(" mm"):
            sentence(column, context, inner, "ERROR", margin=20)
            return
        fact(column, "Inner Diameter", inner)
        if others:
            fact(column, "Same As", others)

    def draw_mesh(self, context: bpy.types.Context) -> None:
        layout = self.layout
        ob = context.active_object
        if ob is not None and ob.type == "MESH":
            size = " × ".join(f"{side / subject.unit_of(context.scene):.1f}" for side in ob.dimensions)
            column = layout.column(align=True)
            fact(column, "Mesh", ob.name)
            fact(column, "Size", f"{size} mm")
            if ob.get(say.NOTES):
                box = layout.box().column(align=True)
                for line in str(ob[say.NOTES]).splitlines()[:_NOTES]:
                    sentence(box, context, line, "DOT", margin=40)
        else:
            sentence(layout, context, "Select the mesh that the ornament is laid on, or import one", "INFO", margin=20)
        row = layout.row(align=True)
        row.operator("jewelgen.import_mesh", text="Import Mesh", icon="IMPORT")
        row.operator("jewelgen.make_solid", text="Make Solid", icon="MOD_SOLIDIFY")


def _own(row: bpy.types.UILayout, group: Any, name: str, by_hand: frozenset[str]) -> None:
    row.prop(group, name, text="")
    _back(row, name, by_hand)


def _back(row: bpy.types.UILayout, name: str, by_hand: frozenset[str]) -> None:
    """A button that gives a field set by hand back to the words."""
    if name in by_hand:
        row.operator("jewelgen.chip_clear", text="", icon="X").slot = name


CLASSES = (VIEW3D_PT_jewelgen_form,)
