"""From live relief to metal: the print body, its checks, its files."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy_extras.io_utils import ExportHelper

from ..core.errors import BadInput, JewelGenError
from ..core.recipe import Recipe
from . import (
    addon,
    convert,
    jobs,
    laying,
    mesh_steps,
    nodes_relief,
    operators_metal,
    orders,
    properties,
    say,
    subject,
    translations,
)
from .operators_generate import refused
from .operators_import import stretched

PRINTS = "Print"  # collection that prints go into


def relief_of(ob: bpy.types.Object | None) -> bpy.types.Object | None:
    """The live relief an object is, or was made from."""
    if ob is None:
        return None
    if ob.jewelgen.kind == "print":
        return ob.jewelgen.origin
    return ob if ob.jewelgen.kind == "relief" and nodes_relief.modifier_of(ob) is not None else None


def print_of(ob: bpy.types.Object | None) -> bpy.types.Object | None:
    """The print an object is, or that was made from it."""
    if ob is None or ob.jewelgen.kind == "print":
        return ob
    mark = ob.jewelgen.uid
    if properties.object_of(mark) != ob:
        return None  # a copy: the print is that of the first one
    return next((o for o in bpy.data.objects if mark and o.jewelgen.origin_uid == mark and o.jewelgen.kind == "print" and o.users_scene), None)


def is_stale(ob: bpy.types.Object) -> bool:
    """Whether a print's relief has other settings now."""
    origin = ob.jewelgen.origin
    return origin is not None and ob.jewelgen.baked != orders.fingerprint(origin, bpy.context.scene)


def made_of(context: bpy.types.Context, ob: bpy.types.Object, apply: Any, label: str, undo: str) -> jobs.Ticket:
    """The "make" job of a live relief. Raises BadInput."""
    subject.checked(ob)
    recipe = orders.live_recipe(ob, context.scene)
    unit = subject.unit_of(context.scene)
    with jobs.work_folder() as folder:
        params: dict[str, Any] = {"recipe": recipe.to_json(), **orders.drawing(ob, recipe, folder)}
        return _make_ticket(context, ob, params, folder, unit, apply, label, undo)


def _make_ticket(
    context: bpy.types.Context, ob: bpy.types.Object, params: dict[str, Any], folder: Path, unit: float, apply: Any, label: str, undo: str
) -> jobs.Ticket:  # fmt: skip
    prepare = orders.bodies_along(context.scene, ob, params, folder, unit)
    return jobs.Ticket("make", params, folder, apply, label=label, prepare=prepare, undo=undo)


class JEWELGEN_OT_make_print(bpy.types.Operator):
    """Make the relief a closed body for print in a collection of its own; the live relief stays as it is"""

    bl_idname = "jewelgen.make_print"
    bl_label = "Make for Print"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if relief_of(context.active_object) is None:
            cls.poll_message_set(translations.say("Select a live relief, or a print whose relief is still there"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        origin = relief_of(context.active_object)
        properties.mark(origin)
        try:
            _writable(print_of(origin))
            where = laying.Where(context, origin)
            key = orders.fingerprint(origin, context.scene)
            ticket = made_of(context, origin, lambda result, _: _reported(result, where, key), f"Print {origin.name}", "Make for Print")
            recipe = ticket.params["recipe"]
            ticket.early = "piece.npz"
            ticket.early_load = lambda _, at: mesh_steps.arrays_of(convert.load_mesh(at / "piece.npz"), where.unit)
            ticket.early_apply = lambda _, mesh: _printed(recipe, mesh, where, key)
        except JewelGenError as error:
            return refused(self, error)
        done = jobs.run(self, ticket)
        if ticket.state == "done":
            self.report({"INFO"}, translations.say(_line(ticket.result["report"])))
        return done


def _writable(ob: bpy.types.Object | None) -> None:
    """Raise BadInput for a print that is in edit mode: Blender would keep its old mesh without a word."""
    if ob is not None and ob.mode == "EDIT":
        raise BadInput(f"{ob.name} is in edit mode; leave it first", field="mesh")


def _printed(recipe: str, mesh: mesh_steps.Arrays, where: laying.Where, key: str) -> jobs.Steps:
    """The body as an object of the collection of prints, while it is still being judged."""
    origin = _origin(where)
    data = yield from mesh_steps.steps(mesh, f"{origin.name} Print")
    origin = _origin(where)
    ob = print_of(origin)
    if ob is None:
        ob = bpy.data.objects.new(f"{origin.name} Print", data)
        ob.matrix_world = origin.matrix_world
        where.link(ob, _collection(where.scene_now()))
    else:
        _writable(ob)
        old, ob.data = ob.data, data
        if not old.users:
            bpy.data.meshes.remove(old)
        laying.select(where.scene_now(), ob, where.layer)
    yield
    design = Recipe.from_json(recipe).design
    operators_metal.put_metal(ob, design.metal, design.finish, where.unit)
    own = ob.jewelgen
    own.kind, own.recipe, own.report, own.origin_uid, own.baked = "print", recipe, "", properties.mark(origin), key
    if origin.name in bpy.context.view_layer.objects:  # another scene may be open by now
        origin.hide_set(True)
    yield


def _reported(result: dict[str, Any], where: laying.Where, key: str) -> jobs.Steps:
    """What was found of it, with the print, its relief and their row of history."""
    origin = _origin(where)
    ob = print_of(origin)
    if ob is None or ob.jewelgen.baked != key:  # deleted, or made again meanwhile
        return
    ob.jewelgen.recipe = result["recipe"]
    ob.jewelgen.report = origin.jewelgen.report = json.dumps(result["report"], ensure_ascii=False)
    ob[say.NOTES] = "\n".join(result["report"]["notes"])
    yield
    for row in where.scene_now().jewelgen.history:
        if row.uid == origin.jewelgen.uid:
            row.report = ob.jewelgen.report
    say.say(_line(result["report"]))
    yield


def _origin(where: laying.Where) -> bpy.types.Object:
    origin = where.object_now()
    if origin is None:
        raise BadInput("the relief was deleted while its print was made", field="mesh")
    return origin


def _line(report: dict[str, Any]) -> str:
    failed = [check["name"].replace("-", " ") for check in report["checks"] if check["ok"] is False]
    size = " × ".join(f"{side:.1f}" for side in report["size_mm"])
    verdict = f"look at: {', '.join(failed)}" if failed else "all checks passed"
    return f"{report['weight_g']:.2f} g, {size} mm, {report['triangles']:,} triangles; {verdict}"


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The scene's collection for prints, made when first needed."""
    held = next((c for c in scene.collection.children_recursive if c.name.split(".")[0] == PRINTS and c.library is None), None)
    if held is None:
        held = bpy.data.collections.new(PRINTS)
        scene.collection.children.link(held)
    return held


class JEWELGEN_OT_check(bpy.types.Operator):
    """Judge whether the active mesh can be made, and weigh it; a live relief is made for print in secret and judged so"""

    bl_idname = "jewelgen.check"
    bl_label = "Check & Weigh"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ob = context.active_object
        said = "Select a mesh object first" if ob is None or ob.type != "MESH" else "" if len(ob.data.polygons) or ob.mode == "EDIT" else "The mesh has no faces"
        if said:
            cls.poll_message_set(translations.say(said))
        return not said

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = context.active_object
        try:
            live = relief_of(ob) if ob.jewelgen.kind == "relief" else None
            where = laying.Where(context, ob)
            if live is not None:
                ticket = made_of(context, live, lambda result, _: _judged(result["report"], where), f"Check {ob.name}", "")
            else:
                ticket = _check(context, ob, where)
        except JewelGenError as error:
            return refused(self, error)
        done = jobs.run(self, ticket)
        if ticket.state == "done" and ob.jewelgen.report:
            self.report({"INFO"}, translations.say(_line(json.loads(ob.jewelgen.report))))
        return done


def _check(context: bpy.types.Context, ob: bpy.types.Object, where: laying.Where) -> jobs.Ticket:
    """A "check" job of any mesh, its modifiers applied and its scale counted."""
    if ob.mode == "EDIT":
        ob.update_from_editmode()
    settings = context.scene.jewelgen
    shape = ob.evaluated_get(context.evaluated_depsgraph_get())
    mesh = stretched(convert.mesh_from_blender(shape.to_mesh(), where.unit), np.array(ob.matrix_world.to_scale(), np.float32))
    shape.to_mesh_clear()
    metal = operators_metal.metal_of(ob)[0]
    expected = 2 if ob.jewelgen.recipe and Recipe.from_json(ob.jewelgen.recipe).form.form == "earrings" else 1
    more = {"metal": metal, "process": settings.make.process}
    folder = jobs.new_folder()
    return jobs.Ticket(
        "check", {"mesh": "mesh.npz", "bodies": expected, **more}, folder, lambda result, _: _judged({**result, **more, "notes": []}, where),
        label=f"Check {ob.name}", prepare=lambda: convert.save_mesh(folder / "mesh.npz", mesh),
    )  # fmt: skip


def _judged(report: dict[str, Any], where: laying.Where) -> jobs.Steps:
    ob = where.object_now()
    if ob is not None:
        ob.jewelgen.report = json.dumps(report, ensure_ascii=False)
        say.say(_line(report))
    yield


class JEWELGEN_OT_export(bpy.types.Operator, ExportHelper):
    """Write the print in millimetres, with its recipe and report beside it"""

    bl_idname = "jewelgen.export"
    bl_label = "Export"
    bl_options = {"REGISTER"}

    filename_ext = ""
    filepath: StringProperty(name="File", description="File to write", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.3mf;*.stl;*.glb", options={"HIDDEN"})
    format: EnumProperty(
        name="Format", description="Kind of file", default="3MF",
        items=[("3MF", "3MF", "Millimetres and name inside; for printers"), ("STL", "STL", "Triangles alone; for every printer"),
               ("GLB", "GLB", "With metal colour; for viewers, in metres")],
    )  # fmt: skip
    facts: BoolProperty(name="Recipe and Report", description="Write how it was made and what was measured beside it", default=True)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if print_of(context.active_object) is None or print_of(context.active_object).jewelgen.kind != "print":
            cls.poll_message_set(translations.say("Make it for print first"))
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        name = bpy.path.clean_name(print_of(context.active_object).name) + self.ending
        folder = addon.setting("export_folder", "") or bpy.path.abspath("//") or str(Path.home())
        self.filepath = str(Path(bpy.path.abspath(folder)) / name)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @property
    def ending(self) -> str:
        """The file's ending."""
        return f".{self.format.lower()}"

    def check(self, context: bpy.types.Context) -> bool:
        path = _ended(self.filepath, self.ending)
        changed, self.filepath = path != self.filepath, path
        return changed

    def execute(self, context: bpy.types.Context) -> set[str]:
        ob = print_of(context.active_object)
        try:
            path = Path(bpy.path.abspath(_ended(self.filepath, self.ending)))
            export(ob, path, subject.unit_of(context.scene), self.facts)
        except JewelGenError as error:
            return refused(self, error)
        self.report({"INFO"}, translations.say(f"{path.name}: {os.path.getsize(path) / 1e6:.1f} MB in {path.parent}"))
        return {"FINISHED"}


def _ended(path: str, ending: str) -> str:
    """The path with the ending of its format in place of that of another."""
    return (str(Path(path).with_suffix("")) if Path(path).suffix.lower() in (".3mf", ".stl", ".glb") else path) + ending


def export(ob: bpy.types.Object, path: Path, unit: float, facts: bool) -> None:
    """Write a print's mesh (mm) to ``path``, and recipe and report beside it; each file whole or not at all. Raises BadInput."""
    from ..cli import piece

    recipe = Recipe.from_json(ob.jewelgen.recipe)
    drafts = {path: path.with_name(f".{path.stem}.part{path.suffix}")}
    texts = {path.with_suffix(".recipe.json"): ob.jewelgen.recipe, path.with_suffix(".report.json"): ob.jewelgen.report} if facts else {}
    drafts |= {beside: beside.with_name(f".{beside.name}.part") for beside in texts}
    try:
        piece.write_mesh(drafts[path], convert.mesh_from_blender(ob.data, unit), recipe)
        for beside, text in texts.items():
            drafts[beside].write_text(text, encoding="utf-8", errors="backslashreplace")
        for final, draft in drafts.items():
            os.replace(draft, final)
    except BadInput as error:
        raise BadInput(str(error.args[0]).replace(drafts[path].name, path.name), field="out") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be written in {path.parent} ({error.strerror or error})", field="out") from error
    finally:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


CLASSES = (JEWELGEN_OT_make_print, JEWELGEN_OT_check, JEWELGEN_OT_export)
