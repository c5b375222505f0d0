"""Design: words, what was understood of them, and the button that makes a piece. Above it, what is wrong and how to mend it."""

from __future__ import annotations

from typing import Any

import bpy

from . import menus, previews, scene_recipe
from .panels_height import draw_height
from .panels_parts import Sidebar, action, busy, is_mm_like, labelled, sentence
from .settings import another_seed
from .translations import named, say

EXAMPLE = "lotus scroll band, beaded border, 18k gold, US 7"
_LINES = 3  # of the prompt's field
_PICTURE = 5.0  # thumbnails' size in interface units
_SLOTS = {  # what a slot is called, in the order in which a goldsmith would say it
    "form": "Form", "shape": "Shape", "size": "Size", "width": "Width (mm)", "technique": "Technique", "motif": "Motif", "layout": "Layout",
    "border": "Border", "ground": "Ground", "metal": "Metal", "finish": "Finish", "depth": "Depth (mm)", "period": "Period",
    "repeats": "Repeats", "symmetry": "Symmetry", "mirror": "Mirror", "avoid": "Leave Out",
}  # fmt: skip


_ORNAMENT = frozenset(("motif", "layout", "border", "ground", "period", "repeats", "symmetry", "mirror", "avoid"))  # a picture has its own
_FORM = frozenset(("form", "shape", "size", "width"))  # a selected mesh has its own


class VIEW3D_PT_jewelgen_notice(Sidebar, bpy.types.Panel):
    """What has to be mended first"""

    bl_idname = "VIEW3D_PT_jewelgen_notice"
    bl_label = "Notice"
    bl_order = 0
    bl_options = {"HIDE_HEADER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.window_manager.jewelgen.error) or not is_mm_like(context.scene)

    def draw(self, context: bpy.types.Context) -> None:
        if not is_mm_like(context.scene):
            self.draw_units(context)
        if context.window_manager.jewelgen.error:
            self.draw_error(context)

    def draw_units(self, context: bpy.types.Context) -> None:
        box = self.layout.box()
        sentence(box, context, "Lengths of this scene do not read as millimetres", "ERROR")
        box.operator("jewelgen.set_mm", text="Set Scene to Millimetres", icon="CHECKMARK")

    def draw_error(self, context: bpy.types.Context) -> None:
        state = context.window_manager.jewelgen
        box = self.layout.box()
        row = box.row()
        text = row.column()
        text.alert = True
        sentence(text, context, state.error, "CANCEL", margin=72)
        row.operator("jewelgen.dismiss", text="", icon="X", emboss=False)
        if state.fix_option:
            box.operator("jewelgen.fix", text=say(state.fix_label or "Mend It"), icon="CHECKMARK", translate=False)


class JEWELGEN_OT_dismiss(bpy.types.Operator):
    """Put the message away"""

    bl_idname = "jewelgen.dismiss"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        state = context.window_manager.jewelgen
        state.error = state.error_field = state.fix_label = state.fix_option = ""
        return {"FINISHED"}


class JEWELGEN_OT_new_seed(bpy.types.Operator):
    """Another seed: the same words, drawn another way"""

    bl_idname = "jewelgen.new_seed"
    bl_label = "New Seed"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        make = context.scene.jewelgen.make
        make.seed = another_seed(make.seed)
        return {"FINISHED"}


class VIEW3D_PT_jewelgen_design(Sidebar, bpy.types.Panel):
    """Say what to make"""

    bl_idname = "VIEW3D_PT_jewelgen_design"
    bl_label = "Design"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.row().prop(settings, "source", expand=True)
        if settings.source == "PICTURE":
            self.draw_picture(context, settings)
        draw_prompt(layout, settings)
        row = layout.row(align=True)
        row.menu("JEWELGEN_MT_presets", text="Presets", icon="PRESET")
        row.popover("JEWELGEN_PT_fields", text="Ornament", icon="OPTIONS")
        draw_reading(layout, context, settings)
        layout.separator(factor=0.5)
        layout.row().prop(settings, "target", expand=True)
        draw_generate(layout, context, settings)

    def draw_picture(self, context: bpy.types.Context, settings: Any) -> None:
        column = self.layout.column()
        column.template_ID(settings, "picture", open="image.open")
        if settings.picture is None:
            sentence(column, context, "Open a height picture, or drag one into the viewport. White stands highest", "INFO", margin=20)
        else:
            row = column.row()
            row.alignment = "CENTER"
            row.template_icon(icon_value=previews.icon_of(settings.picture), scale=_PICTURE)
            draw_height(column, context, settings)


def draw_prompt(layout: bpy.types.UILayout, settings: Any) -> None:
    """The words: a field of several lines where Blender has one, otherwise a tall one."""
    if hasattr(layout, "textbox"):
        layout.textbox(settings, "prompt", initial_visible_lines=_LINES, placeholder=say(EXAMPLE))
    else:
        row = layout.row()
        row.scale_y = 1.5
        row.prop(settings, "prompt", text="", placeholder=say(EXAMPLE))


def draw_reading(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """What was understood: one row a slot, each to be changed on the spot; then what was not."""
    if not settings.prompt.strip():
        return
    if settings.reread_error:
        sentence(layout, context, settings.reread_error, "ERROR", margin=20)
        return
    slots = {chip.slot: chip.touched for chip in settings.chips}
    if len(settings.motifs):
        slots.setdefault("motif", False)
    useless = (_ORNAMENT if settings.source == "PICTURE" else frozenset()) | (_FORM if settings.target == "SELECTED" else frozenset())
    column = layout.column(align=True)
    for slot, name in _SLOTS.items():
        if slot in useless:
            continue
        if slot == "motif" and slot in slots:
            _motif_rows(column, settings)
        elif slot in slots:
            _slot_row(column, settings, slot, name, slots[slot])
    for place, line in enumerate(line for line in settings.texts if line.words):
        labelled(column, "" if place else "Lettering", 0.32).label(text=f"“{line.words}”", icon=line.bl_rna.properties["style"].enum_items[line.style].icon, translate=False)
    for slot, words in (("unknown", "Not understood:"), ("later", "Not made yet:")):
        said = [chip.words for chip in settings.chips if chip.slot == slot]
        if said:
            sentence(layout, context, f"{say(words)} {', '.join(said)}", "QUESTION", margin=20)
    if "unknown" in slots:
        hint = layout.column()
        hint.active = False
        sentence(hint, context, "Say it in other words, or choose under Ornament", "BLANK1", margin=20)


def _slot_row(column: bpy.types.UILayout, settings: Any, slot: str, name: str, by_hand: bool) -> None:
    row = labelled(column, name, 0.32)
    group = scene_recipe.group_of(settings.id_data, slot)
    if slot == "shape":
        row.menu("JEWELGEN_MT_shapes", text=named(settings.form.shape) or "Automatic")
    else:
        row.prop(group, slot, text="")
    if by_hand:
        row.operator("jewelgen.chip_clear", text="", icon="X").slot = slot


def _motif_rows(column: bpy.types.UILayout, settings: Any) -> None:
    several = len(settings.motifs) > 1
    for place, motif in enumerate(settings.motifs):
        row = labelled(column, "" if place else "Motifs" if several else "Motif", 0.32)
        row.popover("JEWELGEN_PT_motifs", text=named(motif.name), icon="SHADERFX" if motif.cell else "NONE")
        if several:
            share = row.row(align=True)
            share.ui_units_x = 3
            share.prop(motif, "weight", text="")
    if not several and "motifs" in scene_recipe.touched(settings.design):
        row.operator("jewelgen.chip_clear", text="", icon="X").slot = "motifs"


def draw_generate(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The big button, the seed beside the number of variations, and the variations to pick from."""
    column = layout.column()
    if context.window_manager.jewelgen.busy:
        busy(column, context, 1.8)
        return
    action(column, context, "jewelgen.generate", "Generate", "SHADERFX", 1.8)
    if settings.source == "PICTURE":  # nothing is drawn, so there is nothing to vary
        return
    row = column.row(align=True)
    row.prop(settings.make, "seed", text="Seed")
    row.operator("jewelgen.new_seed", text="", icon="FILE_REFRESH")
    row.separator()
    row.operator("jewelgen.variations", text="Vary", icon="IMGDISPLAY")
    side = row.row(align=True)
    side.ui_units_x = 2.5
    side.prop(settings, "variations", text="")
    draw_candidates(column, settings)


def draw_candidates(layout: bpy.types.UILayout, settings: Any) -> None:
    """Thumbnails, two in a row; the button under each makes the piece of it."""
    if not len(settings.candidates):
        return
    grid = layout.grid_flow(row_major=True, columns=2, even_columns=True, even_rows=True, align=True)
    for place, candidate in enumerate(settings.candidates):
        box = grid.box().column(align=True)
        row = box.row()
        row.alignment = "CENTER"
        row.template_icon(icon_value=previews.icon_of(candidate.image), scale=_PICTURE)
        chosen = place == settings.candidates_index
        box.operator("jewelgen.pick", text=say(f"Seed {candidate.seed}"), depress=chosen).index = place


CLASSES = (*menus.CLASSES, VIEW3D_PT_jewelgen_notice, JEWELGEN_OT_dismiss, JEWELGEN_OT_new_seed, VIEW3D_PT_jewelgen_design)
