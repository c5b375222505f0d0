"""The picture that a picture model is drawing, as far as it is: a thumbnail of its own, which is not kept in the file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews
import numpy as np

from . import jobs, previews

STEP = "step.png"  # what the worker tells of after each step
_SIDE = 256  # px


class _View:
    """The thumbnail and the job it belongs to; emptied when the add-on goes."""

    def __init__(self) -> None:
        self.previews: Any = None
        self.folder: Path | None = None

    def thumbnail(self) -> Any:
        if self.previews is None:
            self.previews = bpy.utils.previews.new()
        return self.previews["step"] if "step" in self.previews else self.previews.new("step")

    def close(self) -> None:
        if self.previews is not None:
            bpy.utils.previews.remove(self.previews)
        self.previews, self.folder = None, None


_view = _View()


def show(path: Path) -> None:
    """Put the picture that a job told of into the thumbnail; every other file of it is left alone."""
    if path.name != STEP:
        return
    with contextlib.suppress(OSError, ValueError, SyntaxError):  # the next step writes another one
        pixels = previews.square(_read(path), _SIDE)
        shown = _view.thumbnail()
        shown.image_size = (_SIDE, _SIDE)
        shown.image_pixels_float.foreach_set(pixels.ravel())
        _view.folder = path.parent
        jobs.redraw()


def _read(path: Path) -> np.ndarray:
    """(h, w, 3) float32 in [0, 1], row 0 the LOWER edge; a small picture is drawn large."""
    from PIL import Image

    with Image.open(path) as file:
        picture = file.convert("RGB")
        times = max(1, _SIDE // max(picture.size))
        picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32)[::-1] / 255.0


def icon() -> int | None:
    """Number of the thumbnail for ``icon_value`` (0 without a window); None where nothing is drawn now, or nothing can be seen of it yet."""
    if _view.folder is None or not any(ticket.folder == _view.folder for ticket in jobs.open_tickets()):
        return None
    return int(_view.thumbnail().icon_id)


def unregister() -> None:
    _view.close()


CLASSES = ()
