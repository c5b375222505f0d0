"""Small changes of the settings: chips of the reading, mends that an error offers, the scene in millimetres."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from typing import Any

import bpy
from bpy.props import StringProperty
from mathutils import Matrix

from ..core.errors import BadInput
from . import (
    jobs,
    metal_live,
    nodes_metal,
    nodes_relief,
    operators_body,
    operators_models,
    operators_pictures,
    scene_recipe,
    subject,
)
from .operators_generate import refused
from .translations import say

_LIVE = {
    "depth": "Depth", "mid": "Mid Level", "fade": "Fade", "around": "Repeats Around", "across": "Repeats Across", "outer": "Outer Side Only", "clear": "Clearance",
}  # fmt: skip


_OF_TEXT = {f"text_{name}": name for name in ("side", "style", "path", "height", "spacing", "language")} | {"font": "font"}


def put(scene: bpy.types.Scene, name: str, value: str) -> None:
    """Set a field of the recipe from text, as if the artist had; one of lettering for every line. Raises BadInput for a field or value there is none of."""
    settings = scene.jewelgen
    name = name.replace("-", "_")
    if name == "text" and not value:
        from .operators_craft import put_texts

        put_texts(scene, [], 0)
        return
    if name in _OF_TEXT:
        for line in settings.texts:
            _put(line, _OF_TEXT[name], value)
        return
    _put(settings.make if name in ("engine", "seed", "process", "manufacture") else scene_recipe.group_of(scene, name), name, value)


def _put(group: Any, name: str, value: str) -> None:
    found = group.bl_rna.properties.get(name)
    if found is None:
        raise BadInput(f"{name} cannot be set here", field=name)
    try:
        if found.type == "FLOAT":
            setattr(group, name, float(value))
        elif found.type == "INT":
            setattr(group, name, int(float(value)))
        elif found.type == "BOOLEAN":
            setattr(group, name, value.lower() in ("", "1", "true", "yes"))
        else:
            setattr(group, name, value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} cannot be {value[:60]!r}", field=name) from error


class JEWELGEN_OT_chip_set(bpy.types.Operator):
    """Use this instead of what the words say"""

    bl_idname = "jewelgen.chip_set"
    bl_label = "Set Field"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    slot: StringProperty(name="Slot", description="Field that is set")
    value: StringProperty(name="Value", description="What it is set to")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            put(context.scene, self.slot, self.value)
        except BadInput as error:
            return refused(self, error)
        return {"FINISHED"}


class JEWELGEN_OT_chip_clear(bpy.types.Operator):
    """Give this field back to the words"""

    bl_idname = "jewelgen.chip_clear"
    bl_label = "Back to the Words"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    slot: StringProperty(name="Slot", description="Field that the words decide again")

    def execute(self, context: bpy.types.Context) -> set[str]:
        slot = "motifs" if self.slot == "motif" else self.slot
        try:
            group = scene_recipe.group_of(context.scene, slot)
        except BadInput as error:
            return refused(self, error)
        scene_recipe.touch(group, slot, by_hand=False)
        if slot not in (*scene_recipe.DESIGN_SLOTS, *scene_recipe.FORM_SLOTS, "motifs", "avoid", "texts", "depth"):
            with scene_recipe.quiet(context.scene):
                group.property_unset(slot)
        scene_recipe.reread(context.scene)
        return {"FINISHED"}


class JEWELGEN_OT_fix(bpy.types.Operator):
    """Do what the message offers"""

    bl_idname = "jewelgen.fix"
    bl_label = "Mend"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.window_manager.jewelgen.fix_option)

    def execute(self, context: bpy.types.Context) -> set[str]:
        option = context.window_manager.jewelgen.fix_option
        try:
            if operators_body.mend(self, context, option) or operators_models.mend(self, context, option) or operators_pictures.mend(self, context, option):
                jobs.forget_error()
                return {"FINISHED"}
            for part in f" {option}".split(" --")[1:]:
                name, _, value = part.partition(" ")
                if (name, value) == ("font", "FILE.ttf"):
                    bpy.ops.jewelgen.font_open("INVOKE_DEFAULT")
                elif name == "apply-scale":
                    _apply_scale(context)
                else:
                    put(context.scene, name, value.strip().strip("\"'"))
                    _put_live(context, name)
                    metal_live.mended(context, name.replace("-", "_"))
        except BadInput as error:
            return refused(self, error)
        jobs.forget_error()
        return {"FINISHED"}


def _put_live(context: bpy.types.Context, name: str) -> None:
    """What was set for the next piece into the relief that is chosen too, if its modifier holds it: the message may have been about that."""
    live = nodes_relief.modifier_of(context.active_object)
    if live is not None and name in _LIVE:
        nodes_relief.set(live, _LIVE[name], getattr(context.scene.jewelgen.relief, name))


def _apply_scale(context: bpy.types.Context) -> None:
    """The active object's scale into its mesh, be it selected or not. Raises BadInput where Blender will not."""
    ob = context.active_object
    mirrored = ob.scale[0] * ob.scale[1] * ob.scale[2] < 0 and ob.type == "MESH" and len(ob.data.polygons) > 0
    order = tuple(ob.data.polygons[0].vertices) if mirrored else ()
    try:
        with context.temp_override(object=ob, active_object=ob, selected_objects=[ob], selected_editable_objects=[ob]):
            done = bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    except RuntimeError as error:  # a mesh of several objects, or a mode other than object mode
        raise BadInput(f"the scale cannot be applied: {str(error).partition(':')[2].strip()}", field="scale") from error
    if "FINISHED" not in done:
        raise BadInput("the scale cannot be applied to this object", field="scale")
    if mirrored and tuple(ob.data.polygons[0].vertices) == order:
        ob.data.flip_normals()  # 4.5 leaves a mirrored mesh inside out, 5.2 does not


class JEWELGEN_OT_set_mm(bpy.types.Operator):
    """Make one unit of the scene a millimetre; pieces of ours keep their size, other objects keep their numbers"""

    bl_idname = "jewelgen.set_mm"
    bl_label = "Set Scene to Millimetres"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        units = context.scene.unit_settings
        before = subject.unit_of(context.scene)
        units.system, units.scale_length, units.length_unit = "METRIC", 0.001, "MILLIMETERS"
        factor = subject.unit_of(context.scene) / before
        if abs(factor - 1.0) > 1e-6:
            for ob in context.scene.objects:
                _keep_size(ob, factor, subject.unit_of(context.scene))
        self.report({"INFO"}, say("One unit is a millimetre now"))
        if context.screen is not None:
            for area in context.screen.areas:
                if area.type == "VIEW_3D":
                    area.spaces.active.clip_start = min(area.spaces.active.clip_start, 0.1)
                    area.spaces.active.clip_end = max(area.spaces.active.clip_end, 1000.0)
        return {"FINISHED"}


def _keep_size(ob: bpy.types.Object, factor: float, unit: float) -> None:
    """A piece of ours keeps its millimetres; a relief on the artist's mesh keeps its depth in them."""
    live = nodes_relief.modifier_of(ob)
    if live is not None:
        nodes_relief.set(live, "Unit", unit)
    own = ob.jewelgen.kind == "print" or (ob.jewelgen.kind == "relief" and subject.is_own(ob))
    if own and ob.data.library is None and ob.data.users == 1:
        ob.data.transform(Matrix.Scale(factor, 4))
        body = nodes_metal.body_of(ob)
        if body is not None:
            body.data.transform(Matrix.Scale(factor, 4))
        ob.location *= factor


CLASSES = (JEWELGEN_OT_chip_set, JEWELGEN_OT_chip_clear, JEWELGEN_OT_fix, JEWELGEN_OT_set_mm)
