"""Pictures to paint on, and the part of the window where that is done: beside the viewport, and gone when the work is."""

from __future__ import annotations

import bpy
import numpy as np

from . import images
from .jobs import redraw

SIDE = 512  # px
_GROUND, _METAL = 0.3, 0.75  # greys of a motif that is painted on
_PAINTED = 0.1  # change of a colour that is paint


def sheet(name: str) -> bpy.types.Image:
    """A white picture to sketch on."""
    return images.image_from_colours(np.full((SIDE, SIDE, 3), 255, np.uint8), name)


def ground(field: np.ndarray) -> np.ndarray:
    """(512, 512, 3) uint8: the distances of a motif as a grey figure that any paint can be told from; touches no bpy."""
    from ..core.pattern import drawn

    grey = _GROUND + (_METAL - _GROUND) * drawn.coverage(field, SIDE)
    return np.repeat(np.round(grey * 255.0).astype(np.uint8)[..., None], 3, axis=2)


def painted(image: bpy.types.Image, field: np.ndarray) -> np.ndarray:
    """(512, 512) bool: where the picture differs from the motif it was made of."""
    colours = images.colours_from_image(image)[..., :3]
    if colours.shape[:2] != (SIDE, SIDE):
        return np.zeros((SIDE, SIDE), bool)
    return np.abs(colours - ground(field).astype(np.float32) / 255.0).max(axis=2) > _PAINTED


def show(context: bpy.types.Context, image: bpy.types.Image, colour: tuple[float, float, float]) -> None:
    """The picture in an image editor, ready to be painted: in one that is open, else beside the viewport. Without a window nothing."""
    if bpy.app.background or context.window is None:
        return
    area = next((a for a in context.window.screen.areas if a.type == "IMAGE_EDITOR"), None)
    if area is None:
        area = beside(context)
        if area is None:
            return
        context.window_manager.jewelgen.editor = str(area.as_pointer())
    area.type = "IMAGE_EDITOR"
    space = area.spaces.active
    space.image, space.ui_mode = image, "PAINT"
    region = next(r for r in area.regions if r.type == "WINDOW")
    with context.temp_override(window=context.window, area=area, region=region):
        bpy.ops.image.view_all(fit_view=True)
    _colour(context, colour)
    redraw()


def _colour(context: bpy.types.Context, colour: tuple[float, float, float]) -> None:
    paint = context.tool_settings.image_paint
    unified = getattr(paint, "unified_paint_settings", None) or getattr(context.tool_settings, "unified_paint_settings", None)
    for owner in filter(None, (unified, paint.brush)):
        owner.color = colour


def beside(context: bpy.types.Context, share: float = 0.5) -> bpy.types.Area | None:
    """A new area beside the largest viewport, a ``share`` of its width; None where the window cannot be cut."""
    screen = context.window.screen
    views = [a for a in screen.areas if a.type == "VIEW_3D"]
    if not views:
        return None
    area = max(views, key=lambda a: a.width * a.height)
    before = {a.as_pointer() for a in screen.areas}
    with context.temp_override(window=context.window, screen=screen, area=area):
        if not bpy.ops.screen.area_split.poll():  # one area fills the window
            return None
        if "FINISHED" not in bpy.ops.screen.area_split(direction="VERTICAL", factor=share):
            return None
    return next((a for a in screen.areas if a.as_pointer() not in before), None)


def close(context: bpy.types.Context) -> None:
    """The editor that was opened for painting goes; one that was there before stays."""
    state = context.window_manager.jewelgen
    mark, state.editor = state.editor, ""
    if bpy.app.background or context.window is None or not mark:
        return
    for area in [a for a in context.window.screen.areas if a.type == "IMAGE_EDITOR" and str(a.as_pointer()) == mark]:
        shut(context, area)


def shut(context: bpy.types.Context, area: bpy.types.Area) -> None:
    """Close an area, if there is another to take its room."""
    with context.temp_override(window=context.window, screen=context.window.screen, area=area):
        if bpy.ops.screen.area_close.poll():
            bpy.ops.screen.area_close()
