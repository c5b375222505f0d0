"""What a sketch shows: the strokes of a pen or the paint of a picture, told apart by a checksum, rasterised in a thread."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import bpy
import numpy as np

from ..core.errors import BadInput
from . import images, motif_tiles, sketch_pen, subject
from .strokes_picture import SIDE, Sheet, Stroke

_MOST = 512  # px of a picture that is followed while it is painted
_PAINTED = 0.05  # of black to white; less is an empty sheet
Raster = Callable[[], np.ndarray]  # gives the (h, w) coverage; touches no bpy
Read = Callable[[], Raster]  # reads the sketch, on the main thread


class Laid:
    """The sheet on which the strokes of a session lie already, and the drawing that is drawn over."""

    def __init__(self, under: str = "") -> None:
        self.under = under
        self._sheet = Sheet()
        self._over = ""

    def raster(self, strokes: list[Stroke], over: bool) -> Raster:
        """What lays the strokes that are not there yet."""
        under = self.under if over else ""

        def show() -> np.ndarray:
            if under != self._over:
                self._sheet, self._over = Sheet(SIDE, _silhouette(under)), under
            return self._sheet.show(strokes)

        return show


def look(scene: bpy.types.Scene, pen: int, laid: Laid, unit: float) -> tuple[int, Read]:
    """A checksum of the sketch, 0 if it is blank, and what reads it. ``pen`` is a session_uid, 0 for the wish's picture. Raises BadInput where it is gone."""
    if not pen:
        image = scene.jewelgen.wish.picture
        if image is None:
            raise BadInput("the picture of the sketch is gone", field="sketch")
        grey = _thinned(image)
        return zlib.crc32(grey.tobytes()) if float(np.ptp(grey)) > _PAINTED else 0, lambda: lambda: _of_picture(grey)
    found = next((ob for ob in scene.objects if ob.session_uid == pen), None)
    if found is None:
        raise BadInput("the sketch was deleted", field="sketch")
    mark = sketch_pen.mark_of(found) if sketch_pen.has_strokes(found) else 0
    return mark, lambda: laid.raster(sketch_pen.strokes_of(found, unit), scene.jewelgen.wish.over)


def once(context: bpy.types.Context, laid: Laid | None) -> Raster:
    """The coverage of the scene's pen, outside a session as well. Raises BadInput without one, or without strokes."""
    pen = sketch_pen.find(context.scene)
    strokes = sketch_pen.strokes_of(pen, subject.unit_of(context.scene)) if pen is not None else []
    if not strokes:
        raise BadInput("there is no stroke in the sketch yet", field="sketch")
    return Laid(laid.under if laid is not None else drawn_over(context.scene)).raster(strokes, context.scene.jewelgen.wish.over)


def drawn_over(scene: bpy.types.Scene) -> str:
    """The drawing of the picked motif, "" if none is picked."""
    from ..core.pattern import drawn

    row = motif_tiles.picked(scene)
    return "" if row is None else row.cell or drawn.pack(drawn.drawing_of(row.name))


def _silhouette(cell: str) -> np.ndarray | None:
    from ..core.pattern import drawn

    return drawn.coverage(drawn.unpack(cell), SIDE) if cell else None


def _thinned(image: bpy.types.Image) -> np.ndarray:
    """(h, w) float32 grey of a picture, at most 512 px a side; what is clear counts as white. Raises BadInput for one without pixels."""
    if not all(image.size):
        raise BadInput(f"the image {image.name} has no pixels; its file may be missing", field="sketch")
    step = -(-max(image.size) // _MOST)
    colours = images.colours_from_image(image)[::step, ::step]
    grey = colours[..., : min(3, colours.shape[2])].mean(axis=2)
    return grey * colours[..., 3] + (1.0 - colours[..., 3]) if colours.shape[2] == 4 else grey


def _of_picture(grey: np.ndarray) -> np.ndarray:
    """(h, w) coverage: what differs from the ground, which is what the border shows."""
    border = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    far = np.abs(grey - border)
    return np.clip(far / max(float(far.max()), 0.1) * 2.0 - 0.5, 0.0, 1.0).astype(np.float32)
