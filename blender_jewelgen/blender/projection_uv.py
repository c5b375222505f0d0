"""A UV layer of our own beside the artist's: no two faces on the same texels, everything else of the mesh as it was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..core.errors import BadInput

LAYER = "JewelGen Projection"
_ANGLE = math.radians(66.0)  # between faces of one island, as Blender's own default
_MANY = 60_000  # faces above which islands are packed with less care
_MOST = 8  # UV layers a mesh can have


def own_layer(data: bpy.types.Mesh) -> bpy.types.MeshUVLoopLayer | None:
    """Our layer of a mesh, or None."""
    return data.uv_layers.get(LAYER)


def unwrapped(context: bpy.types.Context, ob: bpy.types.Object, margin: float) -> np.ndarray:
    """(loops, 2) float32: a place of its own for every face of a mesh, islands ``margin`` of the picture's width apart.

    It is unwrapped on a copy: neither the mesh nor the selection, the mode or what is hidden change. Raises BadInput where no
    layer can be added or the mesh has no area.
    """
    data = ob.data
    if own_layer(data) is None and len(data.uv_layers) >= _MOST:
        raise BadInput(f"{ob.name} has {_MOST} UV maps, which is all a mesh can have; delete one", field="mesh")
    place = _unwrapped(context, data, margin)
    if not np.isfinite(place).all() or float(np.ptp(place)) <= 0.0:
        raise BadInput(f"{ob.name} cannot be unwrapped; its faces have no area", field="mesh")
    return place


def write(data: bpy.types.Mesh, place: np.ndarray) -> None:
    """Our layer with these places (loops, 2); the artist's layers stay, and the one that is shown and rendered stays so."""
    if own_layer(data) is None:
        shown = data.uv_layers.active_index
        rendered = next((k for k, one in enumerate(data.uv_layers) if one.active_render), -1)
        data.uv_layers.new(name=LAYER, do_init=False)
        _choose(data, shown, rendered)
    own_layer(data).uv.foreach_set("vector", np.ascontiguousarray(place, np.float32).ravel())
    data.update()


def remove(data: bpy.types.Mesh) -> None:
    """The mesh without our layer."""
    layer = own_layer(data)
    if layer is None:
        return
    names = [one.name for one in data.uv_layers]
    shown = data.uv_layers.active.name if data.uv_layers.active else ""
    rendered = next((one.name for one in data.uv_layers if one.active_render), "")
    data.uv_layers.remove(layer)
    names.remove(LAYER)
    _choose(data, names.index(shown) if shown in names else -1, names.index(rendered) if rendered in names else -1)
    data.update()


def _choose(data: bpy.types.Mesh, shown: int, rendered: int) -> None:
    if shown >= 0:
        data.uv_layers.active_index = shown
    if rendered >= 0:
        data.uv_layers[rendered].active_render = True


def _unwrapped(context: bpy.types.Context, data: bpy.types.Mesh, margin: float) -> np.ndarray:
    """(loops, 2) float32 of a copy of the mesh, unwrapped by Blender."""
    copy = data.copy()
    copy.name = "JewelGen Unwrap"
    for layer in reversed(list(copy.uv_layers)):
        copy.uv_layers.remove(layer)
    for name in (".hide_poly", ".hide_edge", ".hide_vert"):
        hidden = copy.attributes.get(name)
        if hidden is not None:
            copy.attributes.remove(hidden)
    copy.uv_layers.new(name=LAYER)
    copy.polygons.foreach_set("select", np.ones(len(copy.polygons), bool))
    with _alone(context, copy):
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_mode(type="FACE")
        bpy.ops.mesh.select_all(action="SELECT")
        method = "FRACTION" if len(copy.polygons) <= _MANY else "SCALED"
        bpy.ops.uv.smart_project(angle_limit=_ANGLE, island_margin=margin, margin_method=method, area_weight=0.0, correct_aspect=False, scale_to_bounds=False)
        bpy.ops.object.mode_set(mode="OBJECT")
        place = np.empty(len(copy.loops) * 2, np.float32)
        copy.uv_layers[LAYER].uv.foreach_get("vector", place)
    bpy.data.meshes.remove(copy)
    return place.reshape(-1, 2)


@contextmanager
def _alone(context: bpy.types.Context, data: bpy.types.Mesh) -> Iterator[bpy.types.Object]:
    """An object of this mesh, the only selected one and active; afterwards it is gone and the selection is what it was."""
    layer = context.view_layer
    active = layer.objects.active
    selected = [one for one in layer.objects if one is not None and one.select_get(view_layer=layer)]
    tools = context.scene.tool_settings
    mode, sync = tuple(tools.mesh_select_mode), tools.use_uv_select_sync
    ob = bpy.data.objects.new("JewelGen Unwrap", data)
    context.scene.collection.objects.link(ob)
    try:
        for one in selected:
            one.select_set(False, view_layer=layer)
        layer.objects.active = ob
        ob.select_set(True, view_layer=layer)
        yield ob
    finally:
        if ob.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        bpy.data.objects.remove(ob)
        tools.mesh_select_mode, tools.use_uv_select_sync = mode, sync
        for one in selected:
            one.select_set(True, view_layer=layer)
        layer.objects.active = active
