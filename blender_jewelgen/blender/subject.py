"""The object a relief is laid on: what may stand against it, and its mesh as the core wants it, in mm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

from ..core.errors import BadInput, Fix
from ..core.mesh.arrays import Mesh
from . import convert, gems, nodes_relief
from .settings import typed

_EVEN = 1e-4  # scales this near to one count as one


def unit_of(scene: bpy.types.Scene) -> float:
    """Scene units per mm."""
    return 0.001 / typed(scene.unit_settings.scale_length)  # the float32 nearest to 0.001 would make 0.99999995


def why_not(ob: bpy.types.Object | None) -> str:
    """Why no relief can be laid on an object; "" if one can."""
    if ob is None or ob.type != "MESH":
        return "Select a mesh object first"
    if ob.library is not None or ob.data.library is not None or ob.override_library is not None:
        return "The mesh is linked from another file; make it local first"
    if ob.jewelgen.kind == "print":
        return "This is a print; select the relief it was made from"
    if ob.mode not in ("OBJECT", "EDIT"):
        return "Leave this mode first"
    if ob.mode == "OBJECT" and not len(ob.data.polygons):
        return "The mesh has no faces"
    return ""


def checked(ob: bpy.types.Object | None) -> bpy.types.Object:
    """The object itself. Raises BadInput where ``why_not`` or its scale stands against a relief."""
    said = why_not(ob)
    if said or ob is None:
        raise BadInput(said[:1].lower() + said[1:], field="mesh")
    if np.abs(np.array(ob.scale) - 1.0).max() > _EVEN:
        raise BadInput(
            f"{ob.name} is scaled by {ob.scale[0]:.3g}, {ob.scale[1]:.3g}, {ob.scale[2]:.3g}; millimetres need a scale of 1",
            field="scale", fix=Fix("Apply Scale", "--apply-scale"),
        )  # fmt: skip
    return ob


def is_own(ob: bpy.types.Object) -> bool:
    """Whether the object is one of our forms, that carries its pattern's place at every vertex."""
    return "jewelgen_lift" in ob.data.attributes


def mesh_of(ob: bpy.types.Object, unit: float) -> Mesh:
    """The object's mesh in mm in its own frame, with the modifiers before our relief, its UV map and the relief's mask."""
    if ob.mode == "EDIT":
        ob.update_from_editmode()
    live = nodes_relief.modifier_of(ob)
    first = list(ob.modifiers).index(live) if live is not None else len(ob.modifiers)
    hidden = [m for m in ob.modifiers[first:] if m.show_viewport]
    for modifier in hidden:
        modifier.show_viewport = False
    try:
        shape = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        data = shape.to_mesh()
        mesh = convert.mesh_from_blender(data, unit)
        uv = _uv(data, nodes_relief.get(live, "UV Map") if live is not None else "")
        mask = _mask(ob, data, str(nodes_relief.get(live, "Mask") or "") if live is not None else "")
        shape.to_mesh_clear()
    finally:
        for modifier in hidden:
            modifier.show_viewport = True
    if len(mesh.faces) == 0:
        raise BadInput("the mesh has no faces", field="mesh")
    return Mesh(mesh.vertices, mesh.faces, uv=uv, mask=mask)


def _uv(data: bpy.types.Mesh, name: str) -> np.ndarray | None:
    """(m, 3, 2) of a UV map at the corners of the triangles; None without one."""
    layer = data.uv_layers.get(name) or data.uv_layers.active
    if layer is None or not len(data.loops):
        return None
    flat = np.empty(len(data.loops) * 2, np.float32)
    layer.uv.foreach_get("vector", flat)
    data.calc_loop_triangles()
    corners = np.empty(len(data.loop_triangles) * 3, np.int32)
    data.loop_triangles.foreach_get("loops", corners)
    return flat.reshape(-1, 2)[corners].reshape(-1, 3, 2)


def _mask(ob: bpy.types.Object, data: bpy.types.Mesh, name: str) -> np.ndarray | None:
    """(n,) of the attribute or vertex group that masks the relief; None without one."""
    if not name or name.replace(".", "", 1).isdigit():
        return None
    values = convert.read_values(data, name)
    if values is not None and values.ndim == 1:
        return values
    group = ob.vertex_groups.get(name)
    if group is None:
        return None
    weights = np.zeros(len(data.vertices), np.float32)
    for vertex in data.vertices:
        for held in vertex.groups:
            if held.group == group.index:
                weights[vertex.index] = held.weight
    return weights


def clear_of(scene: bpy.types.Scene, ob: bpy.types.Object, unit: float) -> Mesh | None:
    """Gems and prongs that a relief keeps clear of, in the object's frame, mm; None if there are none."""
    held = gems.keep_clear_collection(scene, ob)
    if held is None:
        return None
    bodies = gems.bodies(held, ob, unit)
    return bodies if len(bodies.faces) else None


def picture_file(image: bpy.types.Image, folder: Path, stretch: bool = True) -> tuple[Path, Callable[[], None] | None]:
    """A file with the image's picture that the worker can read: its own if that is up to date, else a copy in ``folder``.

    ``stretch``: a copy goes over the whole range from black to white; otherwise it has the colours of the image, on white where that is clear. What is still to be done before the file is there comes with it, for a thread: it touches no bpy. Both raise BadInput.
    """
    path = Path(bpy.path.abspath(image.filepath)) if image.filepath else None
    plain = path is not None and path.suffix.lower() in (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".bmp")
    if plain and not image.is_dirty and path is not None:
        if image.packed_file is None and path.is_file():
            return path, None
        if image.packed_file is not None:
            copy = folder / f"picture{path.suffix.lower()}"
            copy.write_bytes(image.packed_file.data)
            return copy, None
    return folder / "picture.png", _writer(image, folder / "picture.png", stretch)


def _writer(image: bpy.types.Image, path: Path, stretch: bool) -> Callable[[], None]:
    """What writes an image that is painted, generated or of a format only Blender reads: as 16 bits of grey, or in colour as it looks on white."""
    columns, rows, channels, name = *image.size, image.channels, image.name
    if not (columns and rows):
        raise BadInput(f"the image {image.name} has no pixels; its file may be missing", field="picture")
    flat = np.empty(rows * columns * channels, np.float32)
    image.pixels.foreach_get(flat)

    def write() -> None:
        from ..core.height.picture import write_height
        from ..core.height.shade import save_shaded

        colours = flat.reshape(rows, columns, -1)[::-1]
        grey = colours[..., : min(3, channels)].mean(axis=2)
        if not stretch:
            alpha = colours[..., 3:4] if channels == 4 else np.ones_like(grey)[..., None]
            seen = np.clip(colours[..., :3] * alpha + 1.0 - alpha, 0.0, 1.0)
            save_shaded(path, np.round(np.broadcast_to(seen, (rows, columns, 3)) * 255.0).astype(np.uint8))
            return
        low, high = float(grey.min()), float(grey.max())
        if not high > low:
            raise BadInput(f"{name} is one flat grey: there is no relief in it", field="picture")
        write_height(path, (grey - low) / (high - low))

    return write
