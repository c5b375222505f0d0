"""The live sketch from the person's side: begun beside the piece, wiped, ended."""

from __future__ import annotations

import bpy

from ..core.errors import BadInput, JewelGenError
from . import jobs, laying, painting, sketch_live, sketch_pen, sketch_view
from .operators_generate import refused
from .translations import say


class JEWELGEN_OT_sketch_live(bpy.types.Operator):
    """Draw with a pen, or paint, and see the motif and the relief on the active piece follow each stroke; again to end it"""

    bl_idname = "jewelgen.sketch_live"
    bl_label = "Sketch Live"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        wish = context.scene.jewelgen.wish
        said = ""
        if sketch_live.session() is None:
            if wish.kind == "PICTURE" and wish.picture is None:
                said = "Choose a picture to follow, or paint one"
            elif context.active_object is not None and context.active_object.mode not in ("OBJECT", "PAINT_GREASE_PENCIL"):
                said = "Leave this mode first"
        if said:
            cls.poll_message_set(say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        if sketch_live.session() is not None:
            return stop(context)
        wish = context.scene.jewelgen.wish
        pen = None
        try:
            piece = sketch_live.piece_to_follow(context)
            if wish.kind == "PEN":
                pen = sketch_pen.make(context, piece)
                sketch_pen.take_up(context, pen)
            now = sketch_live.begin(context, pen, piece)
            if pen is not None:
                now.view = sketch_view.turn(context, pen)
            else:
                painting.show(context, wish.picture, (0.0, 0.0, 0.0))
        except JewelGenError as error:
            return refused(self, error)
        if bpy.app.background:
            _at_once()
        return {"FINISHED"}


def _at_once() -> None:
    """Without a window nobody draws and no timer runs: what is in the sketch already is followed now."""
    if sketch_live.look():
        ticket = sketch_live.session().ticket
        jobs.wait(ticket)


def stop(context: bpy.types.Context) -> set[str]:
    """End the session: the last motif in full detail, the pen down, its view closed, the piece chosen."""
    now = sketch_live.session()
    sketch_live.end(finish=True)
    if bpy.app.background:
        jobs.wait(*jobs.open_tickets())
    scene = context.scene
    pen = next((ob for ob in scene.objects if ob.session_uid == now.pen), None)
    if pen is not None:
        sketch_pen.put_down(context, pen)
        sketch_view.turn_back(context, now.view)
    else:
        painting.close(context)
    piece = now.where.object_now()
    if piece is not None:
        laying.select(scene, piece, context.view_layer.name)
    return {"FINISHED"}


class JEWELGEN_OT_sketch_clear(bpy.types.Operator):
    """Take every stroke away; the square stays"""

    bl_idname = "jewelgen.sketch_clear"
    bl_label = "Clear Sketch"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        pen = sketch_pen.find(context.scene)
        if pen is None or not sketch_pen.has_strokes(pen):
            cls.poll_message_set(say("There is no stroke in the sketch yet"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        pen = sketch_pen.find(context.scene)
        if pen is None:
            return refused(self, BadInput("the sketch was deleted", field="sketch"))
        sketch_pen.clear(pen)
        return {"FINISHED"}


CLASSES = (JEWELGEN_OT_sketch_live, JEWELGEN_OT_sketch_clear)
