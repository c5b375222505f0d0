"""Where the pen is used: a view of the square from above, beside the viewport that shows the piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
from mathutils import Quaternion

from . import painting, sketch_pen, subject

_ROOM = 1.7  # height of what the view shows, in sides of the square
_SHARE, _FURTHER = 0.4, 1.3  # of the viewport's width for the pen; how much further off the piece is seen from beside it
_LOOK = ("view_perspective", "view_rotation", "view_location", "view_distance")


@dataclass
class View:
    """An area that was turned to the square, and how it looked before, if it was there before; or how far off the piece was seen from."""

    area: int  # as_pointer
    before: dict[str, Any] | None
    piece: int = 0
    distance: float = 0.0


def turn(context: bpy.types.Context, pen: bpy.types.Object) -> View | None:
    """Show the square: in a new area beside the viewport, or in the viewport itself where the window cannot be cut; none without a window."""
    if bpy.app.background or context.window is None:
        return None
    views = [a for a in context.window.screen.areas if a.type == "VIEW_3D"]
    area, before = painting.beside(context, _SHARE), None
    if area is None:
        area = next((a for a in (context.area, *context.window.screen.areas) if a is not None and a.type == "VIEW_3D"), None)
        if area is None:
            return None
        look = area.spaces.active.region_3d
        before = {name: getattr(look, name).copy() if hasattr(getattr(look, name), "copy") else getattr(look, name) for name in _LOOK}
        _above(context, area.spaces.active, pen)
        return View(area.as_pointer(), before)
    _bare(area.spaces.active)
    _above(context, area.spaces.active, pen)
    main = max(views, key=lambda a: a.width * a.height)
    look = main.spaces.active.region_3d
    view = View(area.as_pointer(), None, main.as_pointer(), look.view_distance)
    look.view_distance *= _FURTHER
    return view


def turn_back(context: bpy.types.Context, view: View | None) -> None:
    """The area goes, or looks as it did; if the person has closed it there is nothing to do."""
    if view is None or context.window is None:
        return
    areas = [a for a in context.window.screen.areas if a.type == "VIEW_3D"]
    main = next((a for a in areas if a.as_pointer() == view.piece), None)
    if main is not None:
        main.spaces.active.region_3d.view_distance = view.distance
    area = next((a for a in areas if a.as_pointer() == view.area), None)
    if area is None:
        return
    if view.before is not None:
        for name, value in view.before.items():
            setattr(area.spaces.active.region_3d, name, value)
    elif len(areas) > 1:
        painting.shut(context, area)


def _above(context: bpy.types.Context, space: Any, pen: bpy.types.Object) -> None:
    unit = subject.unit_of(context.scene)
    look = space.region_3d
    look.view_perspective = "ORTHO"
    look.view_rotation = Quaternion()
    look.view_location = pen.matrix_world.translation
    look.view_distance = _ROOM * sketch_pen.MM * unit
    space.clip_start, space.clip_end = min(space.clip_start, 0.5 * unit), max(space.clip_end, 1000.0 * unit)


def _bare(space: Any) -> None:
    """Only the square and the tools: what else a viewport shows would be in the way."""
    space.show_region_ui, space.show_region_toolbar = False, True
    space.show_region_asset_shelf = False
    overlay = space.overlay
    overlay.show_floor = overlay.show_axis_x = overlay.show_axis_y = overlay.show_cursor = overlay.show_text = False
    space.show_gizmo = False
