"""Lines of text and stones come and go, change places, are doubled; a piece is taken up again, its metal worked, the work stopped."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from typing import Any

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy_extras.io_utils import ImportHelper

from ..core.errors import JewelGenError
from ..core.library import table
from ..core.recipe import LINES, STONES
from ..core.relief.stone import Stone
from ..core.words.text_line import TextLine
from . import crafted, jobs, metal_live, nodes_relief, scene_recipe
from .operators_generate import refused
from .translations import say

_TEXT = tuple(TextLine.__dataclass_fields__)
_STONE = tuple(Stone.__dataclass_fields__)


def _rows(collection: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in names} for row in collection]


def put_texts(scene: bpy.types.Scene, rows: list[dict[str, Any]], chosen: int) -> None:
    """The lines of text, by hand, and which of them is chosen; the piece at work is written on anew."""
    scene_recipe.put_lines(scene, rows)
    scene.jewelgen.texts_index = max(0, min(chosen, len(rows) - 1))
    metal_live.changed(scene, "texts")


def put_stones(scene: bpy.types.Scene, rows: list[dict[str, Any]], chosen: int) -> None:
    """The stones, and which of them is chosen; the piece at work is set anew."""
    with scene_recipe.quiet(scene):
        scene_recipe.fill(scene.jewelgen.stones, rows)
    scene.jewelgen.stones_index = max(0, min(chosen, len(rows) - 1))
    metal_live.changed(scene, "stones")


class _OnLine:
    """What the operators on the chosen line have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.jewelgen
        return 0 <= settings.texts_index < len(settings.texts)


class _WithRoom:
    """What the operators that add a line have in common."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if len(context.scene.jewelgen.texts) >= LINES:
            cls.poll_message_set(say(f"A piece has at most {LINES} lines"))  # type: ignore[attr-defined]
            return False
        return True


class JEWELGEN_OT_text_add(_WithRoom, bpy.types.Operator):
    """Write another line on the piece; it begins with the side, the letters and the style of the chosen one"""

    bl_idname = "jewelgen.text_add"
    bl_label = "Add Line"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    words: StringProperty(name="Words", description="What is written", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows = _rows(settings.texts, _TEXT)
        new = scene_recipe.values_of(TextLine())
        if 0 <= settings.texts_index < len(rows):
            new |= {name: rows[settings.texts_index][name] for name in ("side", "style", "font")}
        put_texts(context.scene, [*rows, new | {"words": self.words}], len(rows))
        return {"FINISHED"}


class JEWELGEN_OT_text_remove(_OnLine, bpy.types.Operator):
    """Take the chosen line off the piece"""

    bl_idname = "jewelgen.text_remove"
    bl_label = "Remove Line"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows, at = _rows(settings.texts, _TEXT), settings.texts_index
        put_texts(context.scene, rows[:at] + rows[at + 1 :], at - 1 if at == len(rows) - 1 else at)
        return {"FINISHED"}


class JEWELGEN_OT_text_duplicate(_WithRoom, bpy.types.Operator):
    """Double the chosen line"""

    bl_idname = "jewelgen.text_duplicate"
    bl_label = "Duplicate Line"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows, at = _rows(settings.texts, _TEXT), settings.texts_index
        if not 0 <= at < len(rows):
            return {"CANCELLED"}
        put_texts(context.scene, [*rows[: at + 1], dict(rows[at]), *rows[at + 1 :]], at + 1)
        return {"FINISHED"}


class JEWELGEN_OT_text_move(_OnLine, bpy.types.Operator):
    """Change the order of the lines"""

    bl_idname = "jewelgen.text_move"
    bl_label = "Move Line"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    way: EnumProperty(name="Way", description="Where the line goes", items=[("UP", "Up", "Before the line above"), ("DOWN", "Down", "After the line below")])

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows, at = _rows(settings.texts, _TEXT), settings.texts_index
        to = at + (-1 if self.way == "UP" else 1)
        if not 0 <= to < len(rows):
            return {"CANCELLED"}
        rows[at], rows[to] = rows[to], rows[at]
        put_texts(context.scene, rows, to)
        return {"FINISHED"}


class JEWELGEN_OT_font_open(_OnLine, bpy.types.Operator, ImportHelper):
    """Write the chosen line with the letters of a font file"""

    bl_idname = "jewelgen.font_open"
    bl_label = "Open Font"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="File", description="Font to write with", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.ttf;*.otf;*.ttc", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        settings.texts[settings.texts_index].font = bpy.path.abspath(self.filepath)
        return {"FINISHED"}


class JEWELGEN_OT_stone_add(bpy.types.Operator):
    """Set a stone in the middle of the piece, as large as the chosen one"""

    bl_idname = "jewelgen.stone_add"
    bl_label = "Add Stone"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows = _rows(settings.stones, _STONE)
        put_stones(context.scene, [*rows, _like(settings) | {"u": 0.5, "v": 0.5}], len(rows))
        return {"FINISHED"}


class JEWELGEN_OT_stones_around(bpy.types.Operator):
    """Set stones at even distances round the piece, as large as the chosen one; those that are there give way"""

    bl_idname = "jewelgen.stones_around"
    bl_label = "Set Around"
    bl_options = {"REGISTER", "UNDO"}

    count: IntProperty(name="Number", description="How many stones are set", default=8, min=2, max=STONES // 2)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        form = settings.form.form
        places = crafted.set_evenly(self.count, table("forms")["forms"][form]["surface"], form != "cuff")
        like = _like(settings)
        put_stones(context.scene, [like | {"u": u, "v": v} for u, v in places], 0)
        return {"FINISHED"}


class JEWELGEN_OT_stone_remove(bpy.types.Operator):
    """Take the chosen stone away"""

    bl_idname = "jewelgen.stone_remove"
    bl_label = "Remove Stone"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(len(context.scene.jewelgen.stones))

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.jewelgen
        rows, at = _rows(settings.stones, _STONE), settings.stones_index
        put_stones(context.scene, rows[:at] + rows[at + 1 :], at - 1 if at == len(rows) - 1 else at)
        return {"FINISHED"}


class JEWELGEN_OT_stones_clear(bpy.types.Operator):
    """Take all stones away"""

    bl_idname = "jewelgen.stones_clear"
    bl_label = "Remove All Stones"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(len(context.scene.jewelgen.stones))

    def execute(self, context: bpy.types.Context) -> set[str]:
        put_stones(context.scene, [], 0)
        return {"FINISHED"}


def _like(settings: Any) -> dict[str, Any]:
    """The chosen stone, to set another like it."""
    at = settings.stones_index
    return _rows(settings.stones, _STONE)[at] if 0 <= at < len(settings.stones) else scene_recipe.values_of(Stone())


class JEWELGEN_OT_take_up(bpy.types.Operator):
    """Change craft, lettering and stones of this piece: the panels show its own, and it follows them"""

    bl_idname = "jewelgen.take_up"
    bl_label = "Change This Piece"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ob = context.active_object
        if ob is None or ob.jewelgen.kind != "relief" or nodes_relief.modifier_of(ob) is None:
            cls.poll_message_set(say("Select a live relief first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            metal_live.take_up(context.scene, context.active_object)
        except JewelGenError as error:
            return refused(self, error)
        return {"FINISHED"}


class JEWELGEN_OT_work(bpy.types.Operator):
    """Work the metal of this piece now, as its craft, its lettering and its stones say"""

    bl_idname = "jewelgen.work"
    bl_label = "Work the Metal"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return JEWELGEN_OT_take_up.poll.__func__(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            metal_live.cancel()
            ticket = metal_live.ticket_of(context.scene, context.active_object, quiet=False)
        except JewelGenError as error:
            return refused(self, error)
        return jobs.run(self, ticket)


class JEWELGEN_OT_work_cancel(bpy.types.Operator):
    """Leave the metal as it is seen until something is changed again"""

    bl_idname = "jewelgen.work_cancel"
    bl_label = "Stop"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        metal_live.cancel()
        return {"FINISHED"}


CLASSES = (
    JEWELGEN_OT_text_add, JEWELGEN_OT_text_remove, JEWELGEN_OT_text_duplicate, JEWELGEN_OT_text_move, JEWELGEN_OT_font_open, JEWELGEN_OT_stone_add,
    JEWELGEN_OT_stones_around, JEWELGEN_OT_stone_remove, JEWELGEN_OT_stones_clear, JEWELGEN_OT_take_up, JEWELGEN_OT_work, JEWELGEN_OT_work_cancel,
)  # fmt: skip
