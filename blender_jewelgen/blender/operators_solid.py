"""Make Solid: any mesh one closed body that can be cast, of a size, with a finger hole, alike on both sides, flat at the back. Mesh quality: its numbers."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from dataclasses import asdict
from typing import Any

import bpy
import numpy as np

from ..core.errors import BadInput, JewelGenError
from ..core.mesh.arrays import Mesh
from ..core.solid.params import SolidParams
from . import convert, jobs, mesh_facts, mesh_steps, say, subject, translations
from .operators_generate import refused
from .operators_import import stretched
from .panels_parts import labelled, measure
from .properties_body import failed, solid_annotations
from .settings import EMPTY, read

_MOST = 10_000_000  # triangles that are still sent to the worker
_SOLID = (("size", "finger", "width"), ("symmetric", "flat", "flat_depth"), ("resolution", "caps"))


class JEWELGEN_OT_make_solid(bpy.types.Operator):
    """Make the active mesh one closed body: holes closed, double skins filled, parts joined, loose bits left out"""

    bl_idname = "jewelgen.make_solid"
    bl_label = "Make Solid"
    bl_options = {"REGISTER"}

    __annotations__ = solid_annotations()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = why_not(context.active_object)
        if said:
            cls.poll_message_set(translations.say(said))
        return not said

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, width=340)

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.use_property_decorate = False
        draw_solid(self.layout, self.properties)

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        unit = subject.unit_of(context.scene)
        scale = np.array(ob.matrix_world.to_scale(), np.float32)
        uid = ob.session_uid
        try:
            params = asdict(read(self.properties, SolidParams))
            folder = jobs.new_folder()
            mesh = as_seen(ob, unit)
        except JewelGenError as error:
            failed(error, of_solid=True)
            return refused(self, error)
        ticket = jobs.Ticket(
            "solid", {"mesh": "mesh.npz", "solid": params}, folder, lambda result, data: _made_solid(result, data, uid),
            label=f"Make {ob.name} Solid", prepare=lambda: convert.save_mesh(folder / "mesh.npz", mesh),
            load=lambda result, at: mesh_steps.arrays_of(stretched(convert.load_mesh(at / "solid.npz"), 1.0 / scale), unit), undo="Make Solid",
            failed=lambda error: failed(error, of_solid=True),
        )  # fmt: skip
        done = jobs.run(self, ticket)
        if ticket.state == "done":
            self.report({"INFO"}, translations.say(mesh_facts.solid_line(ticket.result)))
        return done


class JEWELGEN_OT_mesh_quality(bpy.types.Operator):
    """Measure the active mesh: loose pieces, holes, walls of a generator's box, thinnest wall, symmetry, how well its UV map lies"""

    bl_idname = "jewelgen.mesh_quality"
    bl_label = "Measure Mesh"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        said = subject.why_not(context.active_object)
        if said:
            cls.poll_message_set(translations.say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        uid = ob.session_uid
        try:
            folder = jobs.new_folder()
            mesh = stretched(_seen_mesh(ob, subject.unit_of(context.scene)), _scale_of(ob))
        except JewelGenError as error:
            return refused(self, error)
        mark = mesh_facts.mark_of(ob)
        ticket = jobs.Ticket(
            "quality", {"mesh": "mesh.npz"}, folder, lambda result, _: _measured(result, uid, mark), label=f"Measure {ob.name}",
            prepare=lambda: convert.save_mesh(folder / "mesh.npz", mesh),
        )  # fmt: skip
        return jobs.run(self, ticket)


def draw_solid(layout: bpy.types.UILayout, group: Any, leave_out: tuple[str, ...] = ()) -> None:
    """The settings of ``SolidParams``: how large, which shape, how fine. What is left to the program says so."""
    known = group.bl_rna.properties
    for names in _SOLID:
        column = layout.column(align=True)
        for name in names:
            if name in leave_out or (name == "flat_depth" and group.flat == EMPTY):
                continue
            if known[name].type == "FLOAT":
                measure(column, group, name, None, known=False)
            elif known[name].type == "BOOLEAN":
                labelled(column, "").prop(group, name)
            elif known[name].type == "STRING":
                labelled(column, known[name].name).prop(group, name, text="", placeholder=translations.say("As It Is"))
            else:
                labelled(column, known[name].name).prop(group, name, text="")


def why_not(ob: bpy.types.Object | None) -> str:
    """Why an object's mesh cannot be made solid now; "" if it can."""
    if ob is None or ob.type != "MESH":
        return "Select a mesh object first"
    if ob.library is not None or ob.data.library is not None:
        return "The mesh is linked from another file; make it local first"
    if ob.mode != "OBJECT":
        return "Leave edit mode first"
    if ob.data.shape_keys is not None:
        return "The mesh has shape keys; apply them first"
    if "jewelgen_lift" in ob.data.attributes:
        return "This is a piece of JewelGen; Make for Print makes it solid"
    return "" if len(ob.data.polygons) else "The mesh has no faces"


def as_seen(ob: bpy.types.Object, unit: float) -> Mesh:
    """The object's own mesh in mm, as large as it is seen; without relief, UV map and modifiers. Raises BadInput for one beyond all limits."""
    _check_count(ob)
    mesh = stretched(convert.mesh_from_blender(ob.data, unit), _scale_of(ob))
    return Mesh(mesh.vertices, mesh.faces)


def _seen_mesh(ob: bpy.types.Object, unit: float) -> Mesh:
    _check_count(ob)
    return subject.mesh_of(ob, unit)


def _scale_of(ob: bpy.types.Object) -> np.ndarray:
    return np.array(ob.matrix_world.to_scale(), np.float32)


def _check_count(ob: bpy.types.Object) -> None:
    count = len(ob.data.loops) - 2 * len(ob.data.polygons)  # triangles that its faces are cut into
    if count > _MOST:
        raise BadInput(f"{ob.name} has {count:,} triangles; at most {_MOST:,} can be worked on: decimate it first", field="mesh")


def _made_solid(result: dict[str, Any], arrays: mesh_steps.Arrays, uid: int) -> jobs.Steps:
    """The new mesh on the same object. The old one stays in the file's memory for undo, and leaves it at the next save."""
    ob = next((o for o in bpy.data.objects if o.session_uid == uid), None)
    if why_not(ob):  # deleted or changed meanwhile
        return
    data = yield from mesh_steps.steps(arrays, ob.data.name)
    ob = next((o for o in bpy.data.objects if o.session_uid == uid), None)
    if why_not(ob):
        bpy.data.meshes.remove(data)
        return
    for material in ob.data.materials:
        data.materials.append(material)
    yield
    old, name = ob.data, ob.data.name
    ob.data = data
    if not old.users:
        old.name = f"{name} Before"
        data.name = name
    line = mesh_facts.solid_line(result)
    say.keep(ob, line, result["notes"])
    mesh_facts.keep(ob, result.get("after"), result.get("before"))
    say.say(line)
    yield


def _measured(result: dict[str, Any], uid: int, mark: str) -> jobs.Steps:
    ob = next((o for o in bpy.data.objects if o.session_uid == uid), None)
    if ob is not None and mesh_facts.mark_of(ob) == mark:
        mesh_facts.keep(ob, result)
        jobs.redraw()
    yield


CLASSES = (JEWELGEN_OT_make_solid, JEWELGEN_OT_mesh_quality)
