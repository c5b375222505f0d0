"""Meshes that others made or generated: read into the scene at jewelry's size."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty
from bpy_extras.io_utils import ImportHelper
from mathutils import Matrix

from ..core.mesh.arrays import Mesh
from . import convert, jobs, mesh_facts, say, subject, translations

MESHES = (".glb", ".gltf", ".obj", ".stl", ".ply", ".3mf")
UNITS = [
    ("AUTO", "Guess", "Millimetres, or metres if the size says so; a model of no size of jewelry is made 20 mm long"),
    ("SIZE", "Longest Side", "Make the longest side a length of your choice"),
    ("MM", "Millimetres", "One unit of the file is a millimetre"),
    ("CM", "Centimetres", "One unit of the file is a centimetre"),
    ("INCH", "Inches", "One unit of the file is an inch"),
    ("M", "Metres", "One unit of the file is a metre"),
    ("FACTOR", "Factor", "Millimetres of one unit of the file"),
]
_MM = {"MM": 1.0, "CM": 10.0, "INCH": 25.4, "M": 1000.0}


class JEWELGEN_OT_import_mesh(bpy.types.Operator, ImportHelper):
    """Read a mesh that was bought, scanned or generated, at the 3D cursor"""

    bl_idname = "jewelgen.import_mesh"
    bl_label = "Import Mesh"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="File", description="Mesh file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{end}" for end in MESHES), options={"HIDDEN"})
    unit: EnumProperty(name="Unit", description="What one unit of the file is", items=UNITS, default="AUTO")
    size: FloatProperty(name="Longest Side (mm)", description="Length the longest side is given", default=20.0, min=1.0, max=1000.0, precision=2)
    factor: FloatProperty(name="Factor (mm)", description="Millimetres of one unit of the file", default=1.0, min=1e-6, max=1e6, precision=4)
    orient: BoolProperty(name="Orient", description="Turn it so that the finger hole, or a flat side, looks up", default=True)
    centre: BoolProperty(name="Centre", description="Put its middle, or the middle of its hole, on its origin", default=True)
    solid: BoolProperty(name="Make Solid", description="Close its holes, fill double skins and leave loose bits out: one closed body", default=False)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return self.invoke_popup(context)  # a dropped file asks for the settings, otherwise a file is chosen first

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        column.prop(self, "unit")
        if self.unit == "SIZE":
            column.prop(self, "size")
        elif self.unit == "FACTOR":
            column.prop(self, "factor")
        column = layout.column(heading="Place")
        column.prop(self, "orient")
        row = column.row()
        row.enabled = not self.orient
        row.prop(self, "centre")
        layout.column(heading="Mend").prop(self, "solid")

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        if path.suffix.lower() not in MESHES:
            self.report({"ERROR"}, translations.say(f"{path.name or 'Nothing'} is not a mesh file; it must be one of {', '.join(MESHES)}"))
            return {"CANCELLED"}
        params: dict[str, Any] = {"path": str(path), "orient": self.orient, "centre": self.orient or self.centre, "uv": True, "solid": self.solid}
        if self.unit == "SIZE":
            params["size"] = round(self.size, 6)
        elif self.unit != "AUTO":
            params["scale"] = _MM.get(self.unit) or round(self.factor, 9)
        place = Place(context)
        ticket = jobs.Ticket(
            "read", params, jobs.new_folder(), lambda result, data: _imported(result, data, path.stem, place),
            label=f"Import {path.name}", load=lambda result, folder: convert.load_mesh(folder / "mesh.npz"), undo="Import Mesh",
        )  # fmt: skip
        done = jobs.run(self, ticket)
        if ticket.state == "done":
            self.report({"INFO"}, translations.say(read_line(path.name, ticket.result)))
        return done


class Place:
    """Where an imported mesh goes, known by numbers that outlive undo and deletion."""

    def __init__(self, context: bpy.types.Context) -> None:
        self.scene = context.scene.session_uid
        self.collection = context.collection.session_uid
        self.layer = context.view_layer.name
        self.unit = subject.unit_of(context.scene)
        self.cursor = Matrix.Translation(context.scene.cursor.location)

    def scene_now(self) -> bpy.types.Scene:
        """The scene, or the one that is open if it is gone."""
        return next((s for s in bpy.data.scenes if s.session_uid == self.scene), None) or bpy.context.scene

    def put(self, ob: bpy.types.Object) -> None:
        """Link the object, stand it at the cursor, and select it alone."""
        scene = self.scene_now()
        inside = [scene.collection, *scene.collection.children_recursive]
        collection = next((c for c in inside if c.session_uid == self.collection and c.library is None), scene.collection)
        collection.objects.link(ob)
        ob.matrix_world = self.cursor
        layer = scene.view_layers.get(self.layer) or scene.view_layers[0]
        layer.update()
        if ob.name in layer.objects:  # not where the collection is excluded
            for other in layer.objects:
                other.select_set(other == ob, view_layer=layer)
            layer.objects.active = ob


def _imported(result: dict[str, Any], mesh: Mesh, name: str, place: Place) -> jobs.Steps:
    data = convert.mesh_to_blender(mesh, name, place.unit)
    yield
    ob = bpy.data.objects.new(name, data)
    place.put(ob)
    line = read_line(name, result)
    say.keep(ob, line, result["notes"])
    say.say(line)
    yield


def stretched(mesh: Mesh, scale: np.ndarray) -> Mesh:
    """The mesh as an object with that scale shows it, its UV map kept; a mirrored one keeps its outside out."""
    if np.allclose(scale, 1.0, atol=1e-6):
        return mesh
    faces, uv = mesh.faces, mesh.uv
    if np.prod(scale) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
        uv = None if uv is None else np.ascontiguousarray(uv[:, ::-1])
    return Mesh(mesh.vertices * scale.astype(np.float32), faces, uv=uv)


def read_line(name: str, result: dict[str, Any]) -> str:
    """Unit, size and turn of a mesh that was read, in one line."""
    size = " × ".join(f"{side:.1f}" for side in result["size_mm"])
    unit = f"{result['unit']}, {result['scale']:.4g} mm a unit" if result["unit"] != "mm" else "mm"
    axis = f"{result['axis']} axis up" if result["axis"] else "turned upright"
    body = f", {mesh_facts.solid_line(result)}" if "volume_after" in result else "" if result["closed"] else ", not closed"
    return f"{name}: {size} mm (read as {unit}), {axis}, {result['triangles']:,} triangles{body}"


CLASSES = (JEWELGEN_OT_import_mesh,)


def register() -> None:
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
    if bpy.app.timers.is_registered(say.hush):
        say.hush()


def _menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.operator("jewelgen.import_mesh", text="Mesh for JewelGen (.glb, .obj, .stl, .ply, .3mf)")
