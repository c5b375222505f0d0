"""Motifs: what is asked of the model, the grid to pick from, and what can be done with the picked one."""

from __future__ import annotations

from typing import Any

import bpy

from . import motif_tiles, previews, sketch_live, sketch_pen
from .panels_parts import Sidebar, action, fact, labelled, measure, sentence
from .translations import named, say

_KNOWN, _DRAWN = (2, 4.2), (3, 3.2)  # columns of a grid, and the size of a picture in interface units
_HOW = (("auto", "vary", "blend"), ("sketch", "invent", "row"))
_NAMES = {"auto": "Auto", "vary": "Vary", "blend": "Blend", "sketch": "From Sketch", "invent": "Invent", "row": "Row"}


class VIEW3D_PT_jewelgen_motif(Sidebar, bpy.types.Panel):
    """Motifs of your own, drawn from words, drawings and sketches"""

    bl_idname = "VIEW3D_PT_jewelgen_motif"
    bl_label = "Motifs"
    bl_order = 2

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.jewelgen.source == "WORDS"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.jewelgen
        layout = self.layout
        layout.use_property_decorate = False
        if context.window_manager.jewelgen.model == "MISSING":
            draw_missing(layout, context)
        draw_wish(layout, context, settings)
        action(layout, context, "jewelgen.motif_draw", "Draw Motifs", "SHADERFX", 1.4)
        draw_tiles(layout, settings)
        draw_picked(layout, context, settings)


def draw_missing(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Why the model does not draw, and that everything else does."""
    box = layout.box()
    sentence(box, context, context.window_manager.jewelgen.model_reason, "INFO")
    sentence(box, context, "The library and the parametric figures go on", "BLANK1")


def draw_wish(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The words, how it is drawn, and what that needs."""
    wish = settings.wish
    names = " + ".join(named(motif.name) for motif in settings.motifs if not motif.cell)
    layout.prop(wish, "prompt", text="", placeholder=names or settings.prompt or say("Octopus and anchor"))
    column = layout.column(align=True)
    for names_of_row in _HOW:
        row = column.row(align=True)
        for name in names_of_row:
            row.prop_enum(wish, "function", name, text=say(_NAMES[name]), translate=False)
    column = layout.column(align=True)
    _DRAWN_BY[wish.function](column, context, wish)
    row = labelled(column, "Symmetry")
    row.prop(wish, "symmetry", text="")
    row = layout.row(align=True)
    row.prop(wish, "seed", text="Seed")
    row.operator("jewelgen.motif_seed", text="", icon="FILE_REFRESH")
    row.separator()
    row.prop(wish, "count", text=say("Number"), translate=False)


def _auto(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    pass


def _vary(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    _start(column, context, wish)
    measure(column, wish, "strength", None, known=False)


def _start(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    row = motif_tiles.picked(context.scene)
    own = row.name if row is not None and row.cell else ""
    labelled(column, "Start From").prop(wish, "vary", text="", placeholder=named(own) if own else say("What the words find"))


def _blend(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    labelled(column, "With").prop(wish, "blend", text="", placeholder=say("Another thing"))
    labelled(column, "Share").prop(wish, "share", text="", slider=True)
    _vary(column, context, wish)


def _row(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    _start(column, context, wish)
    labelled(column, "To").prop(wish, "blend", text="", placeholder=say("Another thing"))


def _sketch(column: bpy.types.UILayout, context: bpy.types.Context, wish: Any) -> None:
    now = sketch_live.session()
    row = column.row(align=True)
    row.enabled = now is None
    row.prop(wish, "kind", expand=True)
    if wish.kind == "PICTURE":
        column.template_ID(wish, "picture", open="image.open")
        column.operator("jewelgen.sketch_sheet", text="Paint a Sketch", icon="BRUSH_DATA")
    row = column.row(align=True)
    row.scale_y = 1.3
    row.operator("jewelgen.sketch_live", text="End Sketch" if now else "Sketch Live", icon="OUTLINER_OB_GREASEPENCIL", depress=now is not None)
    if wish.kind == "PEN" and sketch_pen.find(context.scene) is not None:
        row.operator("jewelgen.sketch_clear", text="", icon="TRASH")
    said = context.window_manager.jewelgen.sketch
    if now is not None and said:
        sentence(column, context, said, "REC", margin=20)
    if wish.kind == "PEN":
        labelled(column, "").prop(wish, "over")
    labelled(column, "").prop(wish, "plain")
    if not wish.plain:
        measure(column, wish, "strength", None, known=False)


_DRAWN_BY = {"auto": _auto, "vary": _vary, "blend": _blend, "sketch": _sketch, "invent": _auto, "row": _row}


def draw_tiles(layout: bpy.types.UILayout, settings: Any) -> None:
    """What the library has, then what the model drew: a picture each, and a button that picks it."""
    places = list(enumerate(settings.tiles))
    for title, icon, shape, rows in (
        ("Library", "ASSET_MANAGER", _KNOWN, [row for row in places if row[1].function == "library"]),
        ("Motif Model", "SHADERFX", _DRAWN, [row for row in places if row[1].function != "library"]),
    ):
        if rows:
            layout.label(text=say(title), icon=icon, translate=False)
            _grid(layout, settings, rows, *shape)


def _grid(layout: bpy.types.UILayout, settings: Any, rows: list[tuple[int, Any]], columns: int, size: float) -> None:
    grid = layout.grid_flow(row_major=True, columns=columns, even_columns=True, even_rows=True, align=True)
    for number, (place, tile) in enumerate(rows, 1):
        box = grid.box().column(align=True)
        row = box.row()
        row.alignment = "CENTER"
        row.template_icon(icon_value=previews.icon_of(tile.image), scale=size)
        text = motif_tiles.label(tile, number)
        box.operator("jewelgen.motif_pick", text=text, depress=place == settings.tiles_index, translate=False).index = place


def draw_picked(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """What is known of the motif at work, and what can be done with it."""
    tile, piece = motif_tiles.picked(context.scene), motif_tiles.piece_of(context)
    if tile is None and piece is None:
        return
    box = layout.box()
    if tile is not None:
        fact(box, "Picked", named(tile.name))
        if tile.source and tile.cell:
            fact(box, "Drawn From", " + ".join(named(name) for name in tile.source.split(" + ")))
        if tile.nearest:
            fact(box, "Nearest", f"{named(tile.nearest)} {tile.likeness:.0%}")
    column = box.column(align=True)
    row = column.row(align=True)
    row.operator("jewelgen.motif_vary", text="Vary This", icon="MOD_NOISE")
    row.operator("jewelgen.repaint_begin", text="Repaint", icon="BRUSH_DATA")
    if settings.wish.mask is not None:
        row = column.row(align=True)
        row.operator("jewelgen.repaint", text="Repaint Painted", icon="CHECKMARK")
        row.operator("jewelgen.repaint_end", text="", icon="X")
    row = column.row(align=True)
    row.operator("jewelgen.motif_frieze", text="Use in Frieze", icon="MOD_ARRAY")
    row.operator("jewelgen.motif_library", text="Back to Library", icon="LOOP_BACK")


CLASSES = (VIEW3D_PT_jewelgen_motif,)
