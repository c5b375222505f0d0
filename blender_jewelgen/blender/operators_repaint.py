"""A part of the picked motif drawn anew: painted over in an image editor, the rest stays as it is. And a sheet to sketch on."""

from __future__ import annotations

import json
from typing import Any

import bpy
import numpy as np

from ..core.errors import BadInput, JewelGenError
from . import images, motif_tiles, painting
from .operators_generate import refused
from .operators_motif import _OnPicked, begin
from .translations import say

_RED, _BLACK = (1.0, 0.05, 0.05), (0.0, 0.0, 0.0)


class JEWELGEN_OT_repaint_begin(_OnPicked, bpy.types.Operator):
    """Show the picked motif to be painted over where it is to be drawn anew"""

    bl_idname = "jewelgen.repaint_begin"
    bl_label = "Repaint"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        wish = context.scene.jewelgen.wish
        try:
            name, cell, _ = motif_tiles.drawing(context)
            ground = painting.ground(motif_tiles.distances(name, cell))
        except JewelGenError as error:
            return refused(self, error)
        wish.mask = images.image_from_colours(ground, f"Repaint {name}", wish.mask)
        painting.show(context, wish.mask, _RED)
        self.report({"INFO"}, say("Paint over what is to be drawn anew, then Repaint Painted"))
        return {"FINISHED"}


class JEWELGEN_OT_repaint(_OnPicked, bpy.types.Operator):
    """Draw what is painted over anew; the rest of the motif stays as it is"""

    bl_idname = "jewelgen.repaint"
    bl_label = "Repaint Painted"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        image = context.scene.jewelgen.wish.mask
        try:
            if image is None:
                raise BadInput("nothing is painted yet; begin with Repaint", field="mask")
            name, cell, kept = motif_tiles.drawing(context)
            start = motif_tiles.distances(name, cell)
            mask = painting.painted(image, start)
            if mask.all() or not mask.any():
                told = "the whole motif is painted over; leave some of it" if mask.all() else "nothing is painted over; paint where the motif may change"
                raise BadInput(told, field="mask")
            asked = motif_tiles.wish_of(context.scene)
            prompt = asked["prompt"] or (json.loads(kept).get("prompt", "") if kept else name)
            wish = asked | {"prompt": prompt, "function": "inpaint", "vary": "", "blend": "", "symmetry": "none"}
            return begin(self, context, wish, start=start, mask=mask, load=lambda result, at: _merged(result, start, mask))
        except JewelGenError as error:
            return refused(self, error)


def _merged(result: dict[str, Any], start: np.ndarray, mask: np.ndarray) -> tuple[dict[str, Any], list[Any]]:
    """Motifs that are to the last bit what they were where nothing was painted. Touches no bpy."""
    from ..core.pattern import drawn

    side = drawn.KEPT
    before = drawn.unpack(drawn.pack(start))
    free = mask.reshape(side, mask.shape[0] // side, side, -1).any(axis=(1, 3))
    rows = [row | {"cell": drawn.pack(np.where(free, drawn.unpack(row["cell"]), before))} for row in result["motifs"]]
    return {**result, "motifs": rows}, []


class JEWELGEN_OT_repaint_end(bpy.types.Operator):
    """Put the painting away"""

    bl_idname = "jewelgen.repaint_end"
    bl_label = "Stop Repainting"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        wish = context.scene.jewelgen.wish
        image, wish.mask = wish.mask, None
        if image is not None:
            painting.close(context)
            if not image.users:
                bpy.data.images.remove(image)
        return {"FINISHED"}


class JEWELGEN_OT_sketch_sheet(bpy.types.Operator):
    """A white sheet to paint a sketch on"""

    bl_idname = "jewelgen.sketch_sheet"
    bl_label = "Paint a Sketch"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        wish = context.scene.jewelgen.wish
        wish.picture = painting.sheet("Sketch")
        painting.show(context, wish.picture, _BLACK)
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_repaint_begin, JEWELGEN_OT_repaint, JEWELGEN_OT_repaint_end, JEWELGEN_OT_sketch_sheet)
