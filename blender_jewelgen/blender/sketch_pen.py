"""A grease pencil in a square of 20 mm: made, found again, read. On Blender 4.5 its data lie in a pool of another name."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from . import properties, subject
from .strokes_picture import Stroke

MM = 20.0  # side of the square
GUIDE, PEN = "Guide", "Sketch"  # names of the layers
_LINE = 0.6  # mm, radius of a new pen's line
_BESIDE = 6.0  # mm between a piece and the square
_INNER = 0.9  # part of the square that a motif fills
_COLOURS = {PEN: (0.93, 0.75, 0.42, 1.0), GUIDE: (0.45, 0.45, 0.45, 1.0)}
_PLAIN = 0.01  # radius that Blender gives a stroke without one, scene units


def pool() -> Any:
    """Where grease pencils are kept."""
    return bpy.data.grease_pencils_v3 if hasattr(bpy.data, "grease_pencils_v3") else bpy.data.grease_pencils


def find(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """The sketch of a scene, or None."""
    return next((ob for ob in scene.objects if ob.jewelgen.kind == "sketch" and ob.type == "GREASEPENCIL"), None)


def make(context: bpy.types.Context, piece: bpy.types.Object | None) -> bpy.types.Object:
    """The scene's sketch, made beside ``piece`` if there is none yet; it belongs to that piece now. It lies flat, seen from above."""
    scene = context.scene
    unit = subject.unit_of(scene)
    ob = find(scene)
    if ob is None:
        data = pool().new("JewelGen Sketch")
        ob = bpy.data.objects.new("JewelGen Sketch", data)
        ob.jewelgen.kind = "sketch"
        for name in (GUIDE, PEN):
            _material(data, name)
            layer = data.layers.new(name)
            layer.frames.new(scene.frame_current)
        _guide(data.layers[GUIDE].frames[0].drawing, unit)
        data.layers[GUIDE].lock = True
        data.layers.active = data.layers[PEN]
        scene.collection.objects.link(ob)
        ob.location = _place(context, piece, unit)
    ob.jewelgen.origin_uid = properties.mark(piece) if piece is not None else ""
    return ob


def _material(data: Any, name: str) -> None:
    material = bpy.data.materials.new(f"JewelGen {name}")
    bpy.data.materials.create_gpencil_data(material)
    material.grease_pencil.color = _COLOURS[name]
    data.materials.append(material)


def _guide(drawing: Any, unit: float) -> None:
    """The square, and inside it the corners of the room that a motif fills."""
    half, inner, arm = 0.5 * MM * unit, 0.5 * MM * _INNER * unit, 1.2 * unit
    corners = [(x, y) for x in (-1, 1) for y in (-1, 1)]
    lines = [[(-half, -half), (half, -half), (half, half), (-half, half)]]
    lines += [[(x * (inner - arm), y * inner), (x * inner, y * inner), (x * inner, y * (inner - arm))] for x, y in corners]
    drawing.add_strokes([len(line) for line in lines])
    for number, line in enumerate(lines):
        stroke = drawing.strokes[number]
        stroke.cyclic = number == 0
        stroke.material_index = 0
        for point, (x, y) in zip(stroke.points, line, strict=True):
            point.position, point.radius = (x, y, 0.0), 0.08 * unit


def _place(context: bpy.types.Context, piece: bpy.types.Object | None, unit: float) -> Vector:
    """The 3D cursor, or to the right of a piece at the height of its middle."""
    if piece is None:
        return context.scene.cursor.location.copy()
    corners = [piece.matrix_world @ Vector(corner) for corner in piece.bound_box]
    right = max(corner.x for corner in corners)
    middle = sum(corners, Vector()) / len(corners)
    return Vector((right + (_BESIDE + 0.5 * MM) * unit, middle.y, middle.z))


def take_up(context: bpy.types.Context, ob: bpy.types.Object) -> None:
    """Into draw mode, the pen on the plane of the square, its line as wide as a motif's smallest part or wider."""
    from . import laying

    laying.select(context.scene, ob, context.view_layer.name)
    tools = context.scene.tool_settings
    tools.gpencil_stroke_placement_view3d = "ORIGIN"
    tools.gpencil_sculpt.lock_axis = "AXIS_Z"
    if ob.mode != "PAINT_GREASE_PENCIL":
        with context.temp_override(object=ob, active_object=ob):
            bpy.ops.object.mode_set(mode="PAINT_GREASE_PENCIL")
    ob.data.layers.active = ob.data.layers[PEN]
    ob.active_material_index = 1
    paint = tools.gpencil_paint
    unified = getattr(paint, "unified_paint_settings", None) or getattr(tools, "unified_paint_settings", None)
    for owner in filter(None, (paint.brush, unified)):
        owner.use_locked_size = "SCENE"
        if hasattr(owner, "unprojected_size"):  # a diameter since 5.0
            owner.unprojected_size = 2.0 * _LINE * subject.unit_of(context.scene)
        else:
            owner.unprojected_radius = _LINE * subject.unit_of(context.scene)


def put_down(context: bpy.types.Context, ob: bpy.types.Object) -> None:
    """Back to object mode."""
    if ob.mode != "OBJECT" and context.view_layer.objects.active == ob:
        with context.temp_override(object=ob, active_object=ob):
            bpy.ops.object.mode_set(mode="OBJECT")


def clear(ob: bpy.types.Object) -> None:
    """Every stroke goes, the guide stays."""
    for drawing in _drawings(ob):
        drawing.remove_strokes()
    ob.data.update_tag()


def has_strokes(ob: bpy.types.Object) -> bool:
    """Whether anything is drawn."""
    return any(drawing.attributes.domain_size("CURVE") for drawing in _drawings(ob))


def mark_of(ob: bpy.types.Object) -> int:
    """A number that changes when the strokes do; cheap enough to be asked for twenty times a second."""
    mark = 1
    for drawing in _drawings(ob):
        points, radius, starts, closed = _arrays(drawing)
        for part in (points, radius, starts, closed):
            mark = zlib.crc32(part.tobytes(), mark)
    return mark


def strokes_of(ob: bpy.types.Object, unit: float) -> list[Stroke]:
    """The strokes on all layers but the guide that are shown at this frame, in the square of the object."""
    found = []
    side = MM * unit
    for drawing in _drawings(ob):
        points, radius, starts, closed = _arrays(drawing)
        closed |= _filled(ob, drawing, len(closed))
        for number, (first, last) in enumerate(pairwise(starts)):
            flat = points[first:last, :2] / side
            u, v = 0.5 + flat[:, 0], 0.5 - flat[:, 1]
            found.append(Stroke(np.stack([u, v], axis=1), radius[first:last] / side, bool(closed[number])))
    return found


def _filled(ob: bpy.types.Object, drawing: Any, count: int) -> np.ndarray:
    """(count,) bool: strokes that Blender fills. That is said by each stroke since 5.2, and by its material before."""
    if not count or hasattr(drawing.strokes[0], "fill_id"):
        return _values(drawing, "fill_id", count, np.int32, 0) > 0
    by_material = np.array([bool(m and m.grease_pencil and m.grease_pencil.show_fill) for m in ob.data.materials] or [False])
    return by_material[np.clip(_values(drawing, "material_index", count, np.int32, 0), 0, len(by_material) - 1)]


def _drawings(ob: bpy.types.Object) -> list[Any]:
    layers = [layer for layer in ob.data.layers if layer.name != GUIDE and not layer.hide]
    frames = [layer.current_frame() for layer in layers]
    return [frame.drawing for frame in frames if frame is not None]


def _arrays(drawing: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(n, 3) points, (n,) radius, (s + 1,) first point of each stroke, (s,) closed."""
    strokes = drawing.attributes.domain_size("CURVE")
    starts = np.zeros(strokes + 1, np.int32)
    if strokes:  # asked of a drawing without strokes, 4.5 reads where nothing is, and ends
        drawing.curve_offsets.foreach_get("value", starts)
    count = int(starts[-1])
    points = _values(drawing, "position", count, np.float32, 0.0, "vector", 3).reshape(-1, 3)
    return points, _values(drawing, "radius", count, np.float32, _PLAIN), starts, _values(drawing, "cyclic", len(starts) - 1, bool, False)


def _values(drawing: Any, name: str, count: int, kind: Any, usual: Any, key: str = "value", wide: int = 1) -> np.ndarray:
    """The values of an attribute, or as many of the usual one where the drawing has none."""
    layer = drawing.attributes.get(name)
    out = np.full(count * wide, usual, kind)
    if layer is not None and len(layer.data) == count and count:
        layer.data.foreach_get(key, out)
    return out
