"""What opens from the panels: the fields of a design, its motifs, the shapes of a form, more ways to write a size."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from functools import cache
from typing import Any

import bpy
from bpy.props import EnumProperty, IntProperty

from ..core.words.keys import CELLS, FAMILIES, SHAPES
from . import scene_recipe
from .panels_parts import measure
from .translations import CONTEXT, is_chinese, named

_POPOVER = 15  # interface units of width
MOST_MOTIFS = 6
_FREE = ("repeats", "symmetry", "depth")  # numbers whose 0 is automatic


class JEWELGEN_PT_fields(bpy.types.Panel):
    """Everything the words can decide, to be set by hand; a field set by hand goes before the words"""

    bl_idname = "JEWELGEN_PT_fields"
    bl_label = "Ornament"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = _POPOVER

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        draw_motifs(layout, settings)
        layout.separator()
        layout.use_property_split = True
        layout.use_property_decorate = False
        for names in (("technique", "layout", "border", "ground"), ("metal", "finish", "period"), ("repeats", "symmetry", "mirror", "avoid")):
            column = layout.column(align=True)
            for name in names:
                by_hand(column, settings.design, name)
            if "layout" in names:
                by_hand(column, settings.relief, "depth")
            layout.separator(factor=0.5)


class JEWELGEN_PT_motifs(bpy.types.Panel):
    """The figures of the ornament and their shares"""

    bl_idname = "JEWELGEN_PT_motifs"
    bl_label = "Motifs"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = _POPOVER

    def draw(self, context: bpy.types.Context) -> None:
        draw_motifs(self.layout, context.scene.jewelgen)


class JEWELGEN_PT_metal(bpy.types.Panel):
    """The metal and its finish, for the next piece or for what is selected"""

    bl_idname = "JEWELGEN_PT_metal"
    bl_label = "Metal"
    bl_translation_context = CONTEXT  # Blender has a Metal of its own, which draws
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = 12

    def draw(self, context: bpy.types.Context) -> None:
        design = context.scene.jewelgen.design
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        by_hand(column, design, "metal")
        by_hand(column, design, "finish")
        props = layout.operator("jewelgen.metal", text="Apply to Selected", icon="MATERIAL")
        props.key, props.finish = design.metal, design.finish


def by_hand(layout: bpy.types.UILayout, group: Any, name: str) -> None:
    """A field of a design; beside one that was set by hand a button that gives it back to the words."""
    if name in _FREE:
        row = measure(layout, group, name, None, known=False)
    else:
        row = layout.row(align=True)
        row.prop(group, name)
    if name in scene_recipe.touched(group):
        row.operator("jewelgen.chip_clear", text="", icon="X").slot = name


def draw_motifs(layout: bpy.types.UILayout, settings: Any) -> None:
    """One row a motif: its name, its share, a button that takes it out; below, one that adds another."""
    column = layout.column(align=True)
    for place, motif in enumerate(settings.motifs):
        row = column.row(align=True)
        row.label(text=named(motif.name) or "Unnamed")
        share = row.row(align=True)
        share.ui_units_x = 4
        share.active = len(settings.motifs) > 1
        share.prop(motif, "weight", text="")
        row.operator("jewelgen.motif_remove", text="", icon="X").index = place
    row = column.row(align=True)
    row.enabled = len(settings.motifs) < MOST_MOTIFS
    row.operator_context = "INVOKE_DEFAULT"
    row.operator("jewelgen.motif_add", text="Add Motif" if len(settings.motifs) else "Choose a Motif", icon="ADD")
    if "motifs" in scene_recipe.touched(settings.design):
        row.operator("jewelgen.chip_clear", text="", icon="LOOP_BACK").slot = "motifs"


@cache
def _motif_items(in_chinese: bool) -> list[tuple[str, str, str]]:
    """Every motif that can be drawn: families and figures first, then the library's silhouettes; Blender needs the list kept."""
    from ..core.pattern import motifs

    drawn = dict.fromkeys((*FAMILIES, *CELLS))
    rows = [(name, named(name), "Drawn from its rule") for name in drawn]
    return rows + [(name, named(name), "Silhouette of the library") for name in sorted(motifs.names()) if name not in drawn]


class JEWELGEN_OT_motif_add(bpy.types.Operator):
    """Choose a figure by its name; type to search"""

    bl_idname = "jewelgen.motif_add"
    bl_label = "Add Motif"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}
    bl_property = "motif"

    motif: EnumProperty(name="Motif", description="Name of the figure", items=lambda self, context: _motif_items(is_chinese()))

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows = scene_recipe.rows_of(motif for motif in settings.motifs if motif.name != self.motif)
        scene_recipe.put_motifs(context.scene, [*rows, {"name": self.motif, "weight": 1.0, "cell": ""}])
        return {"FINISHED"}


class JEWELGEN_OT_motif_remove(bpy.types.Operator):
    """Leave this figure out"""

    bl_idname = "jewelgen.motif_remove"
    bl_label = "Remove Motif"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    index: IntProperty(name="Motif", description="Which of the motifs", min=0, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        rows = scene_recipe.rows_of(context.scene.jewelgen.motifs)
        if self.index >= len(rows):
            return {"CANCELLED"}
        del rows[self.index]
        scene_recipe.put_motifs(context.scene, rows)
        return {"FINISHED"}


class JEWELGEN_MT_shapes(bpy.types.Menu):
    """Profiles or outlines this form can have"""

    bl_idname = "JEWELGEN_MT_shapes"
    bl_label = "Shape"

    def draw(self, context: bpy.types.Context) -> None:
        for shape in SHAPES.get(context.scene.jewelgen.form.form, ()):
            props = self.layout.operator("jewelgen.chip_set", text=named(shape))
            props.slot, props.value = "shape", shape


CLASSES = (
    JEWELGEN_PT_fields, JEWELGEN_PT_motifs, JEWELGEN_PT_metal, JEWELGEN_OT_motif_add, JEWELGEN_OT_motif_remove, JEWELGEN_MT_shapes,
)  # fmt: skip
