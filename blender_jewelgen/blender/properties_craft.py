"""What the craft, the lettering, the stones and the heights of pictures keep in the file; a change reaches the piece at work."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, PointerProperty, StringProperty

from ..core.height.params import HeightParams
from ..core.relief.params import CraftParams
from ..core.relief.stone import Stone
from ..core.words.text_line import FAMILIES, TextLine
from .scene_recipe import reread, touch
from .settings import annotations_of

_SHEET = 0.5  # mm, when a sheet is first asked for
_CRAFT_LOOKS = {
    "back": {"follow": ("MOD_THICKNESS", "The back follows the front: one thickness everywhere"),
             "soft": ("MOD_SMOOTH", "The back follows the large shapes only; lines chased from the front do not show there")},
    "wire_kind": {"round": ("MESH_CIRCLE", "Drawn round wire"), "twisted": ("MOD_SCREW", "Two wires twisted into a cord"),
                  "flattened": ("MATPLANE", "A cord rolled flat and set on edge"), "beaded": ("KEYFRAME", "A row of beads")},
    "fill": {"auto": ("AUTO", "Scrolls where no motif is named, else the pattern"), "pattern": ("CURVE_PATH", "The wires follow the lines of the pattern"), "scrolls": ("FORCE_VORTEX", "Scrolls grow until the field is full")},
}  # fmt: skip
_TEXT_LOOKS = {
    "side": {"outside": ("NORMALS_FACE", "Where the ornament is"), "inside": ("MESH_TORUS", "The finger side of a ring, a bangle or a cuff")},
    "style": {"raised": ("TRIA_UP_BAR", "The letters stand out"), "engraved": ("TRIA_DOWN_BAR", "The letters are cut in"),
              "pierced": ("SELECT_SUBTRACT", "The letters go through the metal; bridges hold what they enclose")},
    "path": {"auto": ("DOT", "As fits the piece"), "straight": ("IPO_LINEAR", "One straight line"), "arc": ("SPHERECURVE", "A rising arc"),
             "around": ("CURVE_NCIRCLE", "All round the border or the ring"), "vertical": ("SORT_ASC", "Letters below each other"),
             "monogram": ("EVENT_M", "Two or three letters woven into one sign")},
}  # fmt: skip
_CUT_LOOKS = {
    "round": ("MESH_CIRCLE", "A round brilliant"), "oval": ("META_ELLIPSOID", "An oval brilliant"), "square": ("MATPLANE", "A square or oblong stone with steps"),
}  # fmt: skip


def _worked(name: str):
    """What a setting of the craft calls: it is set by hand, and the piece at work is worked again."""

    def update(self: Any, context: bpy.types.Context) -> None:
        if not self.id_data.jewelgen.quiet:
            touch(self, name)
            _piece_changed(self.id_data, "craft")

    return update


def _written(name: str):
    """What a line of text calls: the lines are set by hand and go before the words."""

    def update(self: Any, context: bpy.types.Context) -> None:
        if not self.id_data.jewelgen.quiet:
            touch(self.id_data.jewelgen.design, "texts")
            if name == "words":  # a piece with letters and no motif has no ornament
                reread(self.id_data)
            _piece_changed(self.id_data, "texts")

    return update


def _set(name: str):
    """What a stone calls."""

    def update(self: Any, context: bpy.types.Context) -> None:
        _piece_changed(self.id_data, "stones")

    return update


def _piece_changed(scene: bpy.types.Scene, part: str) -> None:
    if not scene.jewelgen.quiet:
        from . import metal_live

        metal_live.changed(scene, part)


def _fonts(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    return [*FAMILIES, *dict.fromkeys(font.filepath for font in bpy.data.fonts if font.filepath != "<builtin>")]


def _is_sheet(self: Any) -> bool:
    return bool(self.sheet > 0)


def _make_sheet(self: Any, value: bool) -> None:
    if value != (self.sheet > 0):
        self.sheet = _SHEET if value else 0.0


def _has_box(self: Any) -> bool:
    return bool(min(self.left, self.top, self.right, self.bottom) >= 0)


def _give_box(self: Any, value: bool) -> None:
    if value != _has_box(self):
        for name, share in zip(("left", "top", "right", "bottom"), (0.1, 0.2, 0.9, 0.8) if value else (-1.0,) * 4):
            setattr(self, name, share)


class JewelGenCraft(bpy.types.PropertyGroup):
    """What metal the technique works."""

    __annotations__ = annotations_of(
        CraftParams,
        update=_worked,
        looks=_CRAFT_LOOKS,
        sheet=FloatProperty(
            name="Sheet (mm)", description="Thickness of the sheet, which follows the relief on both sides; 0 for solid metal", min=0.0, max=3.0,
            precision=2, step=5, update=_worked("sheet"),
        ),
        hollow=BoolProperty(
            name="Sheet", description="Raise the ornament from a sheet that is hollow behind, instead of from solid metal", get=_is_sheet, set=_make_sheet,
            options={"SKIP_SAVE"},
        ),
        touched=StringProperty(name="Set by Hand", description="Fields that go before the words", options={"HIDDEN"}),
    )  # fmt: skip


class JewelGenText(bpy.types.PropertyGroup):
    """A line of text on the piece."""

    __annotations__ = annotations_of(
        TextLine,
        update=_written,
        looks=_TEXT_LOOKS,
        words=StringProperty(name="Words", description="What is written, in any script", update=_written("words")),
        font=StringProperty(
            name="Font", description="A font that ships, or a TTF, OTF or TTC file; auto takes one that has the letters", default="auto", maxlen=4096,
            search=_fonts, search_options={"SUGGESTION"}, update=_written("font"),
        ),
        boxed=BoolProperty(
            name="Box", description="Keep the line within a box; otherwise the whole surface is its box", get=_has_box, set=_give_box, options={"SKIP_SAVE"}
        ),
    )  # fmt: skip


class JewelGenStone(bpy.types.PropertyGroup):
    """A stone to be set in the piece."""

    __annotations__ = annotations_of(Stone, update=_set, looks={"cut": _CUT_LOOKS})


class JewelGenPictureHeight(bpy.types.PropertyGroup):
    """How a picture becomes a height."""

    __annotations__ = annotations_of(
        HeightParams,
        method=EnumProperty(
            name="Method", description="How the height is found in the picture", default="auto",
            items=[
                ("auto", "Automatic", "Look at the picture and take what suits it"),
                ("height", "Height", "Its greys are heights already"),
                ("luminance", "Brightness", "Light parts stand out, as they are seen"),
                ("shading", "Shading", "A form that light and shade of a photograph show"),
                ("line", "Lines", "The lines of a drawing stand out"),
                ("drawing", "Drawing", "The parts that a drawing encloses swell"),
                ("normals", "Normal Map", "The colours of a normal map are slopes"),
                ("marigold", "Marigold", "A model that sees depth and slopes in photographs; needs the AI runtime"),
                ("depth-anything", "Depth Anything", "A model that sees depth in photographs; needs the AI runtime"),
            ],
        ),
    )  # fmt: skip


class JewelGenHeightTile(bpy.types.PropertyGroup):
    """One height of a picture, to pick from."""

    method: StringProperty(name="Method", description="How it was found")
    image: PointerProperty(type=bpy.types.Image, name="Picture", description="How it looks")
    height: PointerProperty(type=bpy.types.Image, name="Height", description="The height, 16 bit")
    notes: StringProperty(name="Notes", description="Why this method, and what a person should know")
