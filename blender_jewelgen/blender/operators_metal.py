"""Give a piece its metal and finish; the same metal is one material however many pieces have it."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import bpy
import numpy as np
from bpy.props import EnumProperty

from ..core.library import table
from . import materials, shade, subject
from .translations import CONTEXT, say

_SAMPLE = 4000  # vertices that are looked at to see whether a piece goes round its z axis
_HOLLOW = 0.35  # least over largest distance from the axis of what goes round it


def _metals() -> list[tuple[str, str, str]]:
    rows = table("alloys")["alloys"]
    return [(key, materials.metal_title(key), f"{rows[key]['density_g_cm3']:g} g/cm³") for key in table("looks")["metals"]]


FINISHES = [
    ("polished", "Polished", "Polished to a mirror; recesses are a little darker"),
    ("brushed", "Brushed", "Fine lines round the finger, or along a plate"),
    ("satin", "Satin", "Matt, as from glass beads"),
    ("hammered", "Hammered", "Dents of a planishing hammer"),
    ("oxidised", "Oxidised", "Blackened, the raised parts polished back"),
]


class JEWELGEN_OT_metal(bpy.types.Operator):
    """Give the selected pieces a metal with a finish"""

    bl_idname = "jewelgen.metal"
    bl_label = "Metal"
    bl_options = {"REGISTER", "UNDO"}

    key: EnumProperty(name="Metal", description="What the piece is made of", translation_context=CONTEXT, items=_metals(), default="gold-18k-yellow")
    finish: EnumProperty(name="Finish", description="How its surface is worked", translation_context=CONTEXT, items=FINISHES, default="polished")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not _pieces(context):
            cls.poll_message_set(say("Select a mesh object of this file first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        unit = subject.unit_of(context.scene)
        pieces = _pieces(context)
        for ob in pieces:
            put_metal(ob, self.key, self.finish, unit)
        name = materials.title(self.key, self.finish)
        self.report({"INFO"}, say(name if len(pieces) == 1 else f"{name}: {len(pieces)} objects"))
        return {"FINISHED"}


def put_metal(ob: bpy.types.Object, key: str, finish: str, unit: float) -> bpy.types.Material:
    """The metal into the active slot of a mesh object, or a first slot; ``unit``: scene units per mm."""
    material = materials.live_metal(key, finish, round_z=goes_round(ob), unit=unit)
    if not ob.material_slots:
        ob.data.materials.append(material)
        return material
    slot = ob.material_slots[ob.active_material_index]
    shown = shade.shown(slot.material)
    slot.material = material
    if shown:  # the relief is drawn by the material: the new one draws it too
        shade.shade_object(ob, *shown)
    return material


def metal_of(ob: bpy.types.Object | None) -> tuple[str, str]:
    """Metal and finish of an object's active material; the usual metal and "" if it has none of ours."""
    material = shade.shared(ob.active_material) if ob is not None else None
    words = (material.get(materials.LIVE) or "").split() if material is not None else []
    return (words[0], words[1]) if len(words) >= 2 else ("gold-18k-yellow", "")


def goes_round(ob: bpy.types.Object) -> bool:
    """Whether the mesh lies round its own z axis, as rings do, so that brushing runs round it."""
    count = len(ob.data.vertices)
    if count < 3:
        return False
    points = np.empty(count * 3, np.float32)
    ob.data.attributes["position"].data.foreach_get("vector", points)
    points = points.reshape(-1, 3)[:: max(1, count // _SAMPLE)]
    radius = np.hypot(*(points[:, k] - (points[:, k].max() + points[:, k].min()) / 2.0 for k in range(2)))
    turn = np.arctan2(points[:, 1], points[:, 0])
    all_round = len(np.unique((turn * 6.0 / np.pi).astype(int))) >= 9
    return bool(all_round and radius.min() > _HOLLOW * radius.max())


def _pieces(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Selected mesh objects that can be given a material, else the active one."""
    found = context.selected_objects or [context.active_object]
    return [ob for ob in found if ob is not None and ob.type == "MESH" and ob.data.library is None and ob.library is None]


CLASSES = (JEWELGEN_OT_metal,)
