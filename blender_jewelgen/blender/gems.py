"""Gems set with JewelCraft, and what hangs on them: the places that ornament keeps clear of."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from ..core.mesh.arrays import Mesh, join

_MARK = "jewelgen_gems"


def keep_clear_collection(scene: bpy.types.Scene, ob: bpy.types.Object) -> bpy.types.Collection | None:
    """The gems of a scene with their prongs and cutters, as a collection that no scene links; None if there are no gems.

    A gem is an object with JewelCraft's custom property "gem"; what is parented to it goes with it, however deep. The piece
    itself is never in it, nor anything whose shape depends on the piece. Asked again, the collection is brought up to date.
    Gems that a modifier or a particle system strews are not found.
    """
    found = [o for o in scene.objects if _gem_above(o) and o.type == "MESH" and o != ob and not _depends(o, ob)]
    held = next((c for c in bpy.data.collections if c.get(_MARK) == ob.name_full and c.library is None), None)
    if not found:
        if held is not None:
            _fill(held, [])
        return None
    if held is None:
        held = bpy.data.collections.new(f"{ob.name} Gems")
        held[_MARK] = ob.name_full
    _fill(held, found)
    return held


def bodies(collection: bpy.types.Collection, ob: bpy.types.Object, unit: float) -> Mesh:
    """All meshes of a collection as one, in mm in the frame of ``ob``; with their modifiers, faces wound outward.

    ``unit``: scene units per mm.
    """
    graph = bpy.context.evaluated_depsgraph_get()
    home = ob.evaluated_get(graph).matrix_world.inverted()
    return join([_body(part.evaluated_get(graph), home, unit) for part in collection.all_objects if part.type == "MESH"])


def _body(part: bpy.types.Object, home: Matrix, unit: float) -> Mesh:
    from .convert import mesh_from_blender

    mesh = mesh_from_blender(part.to_mesh(), unit)
    part.to_mesh_clear()
    move = np.array(home @ part.matrix_world)
    vertices = mesh.vertices @ move[:3, :3].T + move[:3, 3] / unit
    faces = mesh.faces if np.linalg.det(move[:3, :3]) > 0 else mesh.faces[:, ::-1]
    return Mesh(vertices.astype(np.float32), np.ascontiguousarray(faces))


def _gem_above(ob: bpy.types.Object | None) -> bool:
    while ob is not None:
        if "gem" in ob:
            return True
        ob = ob.parent
    return False


def _depends(part: bpy.types.Object, ob: bpy.types.Object) -> bool:
    """Whether a modifier of ``part`` reads ``ob``; keeping clear of it would be a circle."""
    pointers = ((m, p.identifier) for m in part.modifiers for p in m.bl_rna.properties if p.type == "POINTER")
    return any(getattr(m, name, None) == ob for m, name in pointers)


def _fill(collection: bpy.types.Collection, wanted: list[bpy.types.Object]) -> None:
    for old in set(collection.objects) - set(wanted):
        collection.objects.unlink(old)
    for new in set(wanted) - set(collection.objects):
        collection.objects.link(new)
