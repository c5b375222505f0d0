"""What several panels are drawn with: the sidebar's base class, wrapped sentences, busy rows, labelled rows."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import bpy

from .translations import say

TAB = "JewelGen"
LABELS = 0.4  # share of a row that Blender's own split properties leave to the name
_LETTER = 6.1  # px of a letter of the interface's font at scale 1, on the average
_SIGN = 2.2  # letters that a Chinese sign is wide
_NARROWEST, _USUAL = 140, 280  # px of a sidebar


class Sidebar:
    """A panel of the 3D viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB


def sentence(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "NONE", margin: int = 44) -> None:
    """A sentence over as many lines as the sidebar's width asks for."""
    column = layout.column(align=True)
    column.scale_y = 0.85
    said = say(text)
    for place, row in enumerate(wrapped(said[:1].upper() + said[1:], room(context) - margin - (20 if icon != "NONE" else 0))):
        column.label(text=row, icon=icon if place == 0 else "BLANK1" if icon != "NONE" else "NONE", translate=False)


def room(context: bpy.types.Context) -> int:
    """Width of the region in px of interface scale 1; rounded, so that few widths have to be wrapped anew."""
    region = context.region
    wide = region.width / context.preferences.system.ui_scale if region and region.width > 1 else _USUAL
    return max(_NARROWEST, int(wide) // 10 * 10)


@lru_cache(maxsize=256)
def wrapped(text: str, width: int) -> tuple[str, ...]:
    """The lines of a text for a width in px; breaks between words, and between any two Chinese signs."""
    limit = max(8.0, width / _LETTER)
    rows: list[str] = []
    row, used = "", 0.0
    for piece in _pieces(text):
        wide = sum(_SIGN if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in piece)
        if row and used + wide > limit:
            rows.append(row.rstrip())
            row, used = "", 0.0
            piece, wide = (piece.lstrip(), wide) if not piece.isspace() else ("", 0.0)
        row += piece
        used += wide
    return (*rows, row.rstrip()) if row.strip() or not rows else tuple(rows)


def _pieces(text: str) -> list[str]:
    """Words with the space after them, and single wide signs."""
    pieces: list[str] = []
    fresh = True
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        if fresh or wide:
            pieces.append(sign)
        else:
            pieces[-1] += sign
        fresh = wide or sign.isspace()
    return pieces


def labelled(layout: bpy.types.UILayout, text: str, factor: float = LABELS) -> bpy.types.UILayout:
    """A row that begins with a name, as a split property does; put the value into what is given back."""
    split = layout.row().split(factor=factor)
    name = split.row()
    name.alignment = "RIGHT"
    name.label(text=say(text))
    return split.row(align=True)


def measure(layout: bpy.types.UILayout, group: Any, name: str, used: float | None, known: bool = True) -> bpy.types.UILayout:
    """A number whose lowest value is automatic; the value that will be ``used`` stands beside it, where it is ``known``. Gives the row, for more."""
    prop = group.bl_rna.properties[name]
    row = labelled(layout, prop.name)
    if getattr(group, name) > min(0, prop.hard_min) or (used is None and known):
        row.prop(group, name, text="")
        return row
    parts = row.split(factor=0.5, align=True)
    field = parts.row(align=True)
    field.active = False
    field.prop(group, name, text="")
    parts.label(text=say("Auto" if used is None else f"Auto {used:.3g}"))
    return row


def fact(layout: bpy.types.UILayout, text: str, value: str, icon: str = "NONE", factor: float = LABELS) -> None:
    """A name and what was found."""
    labelled(layout, text, factor).label(text=value, icon=icon, translate=False)


def action(layout: bpy.types.UILayout, context: bpy.types.Context, operator: str, text: str, icon: str = "NONE", scale: float = 1.4) -> Any:
    """A big button; while a job runs, how far it is and a way to stop it. Gives the operator's properties, or None while busy."""
    if context.window_manager.jewelgen.busy:
        busy(layout, context, scale)
        return None
    row = layout.row()
    row.scale_y = scale
    return row.operator(operator, text=text, icon=icon)


def busy(layout: bpy.types.UILayout, context: bpy.types.Context, scale: float = 1.4) -> None:
    """The bar of a running job with its Cancel button, and what is being done."""
    state = context.window_manager.jewelgen
    row = layout.row(align=True)
    row.scale_y = scale
    row.progress(factor=state.progress, text=f"{state.progress:.0%}")
    side = row.row(align=True)
    side.ui_units_x = 4
    side.operator("jewelgen.cancel", text="Cancel", icon="CANCEL")
    if state.status:
        sentence(layout, context, state.status, margin=20)


def is_mm_like(scene: bpy.types.Scene) -> bool:
    """Whether a scene unit is a millimetre, or the scene is in metres shown as millimetres: both can be worked with."""
    units = scene.unit_settings
    if units.system != "METRIC":
        return False
    return abs(units.scale_length - 0.001) < 1e-9 or (abs(units.scale_length - 1.0) < 1e-9 and units.length_unit == "MILLIMETERS")
