"""Thumbnails of the picture that a body is made of, and of what in it was taken for the thing; neither is kept in the file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews
import numpy as np

from . import previews

_SIDE = 256  # px
_MOST = 40  # pictures of which a thumbnail is held


class _View:
    """The thumbnails; emptied when the add-on goes."""

    def __init__(self) -> None:
        self.held: Any = None
        self.seen = False  # there is a mask to show

    def all(self) -> Any:
        if self.held is None:
            self.held = bpy.utils.previews.new()
        return self.held

    def close(self) -> None:
        if self.held is not None:
            bpy.utils.previews.remove(self.held)
        self.held, self.seen = None, False


_view = _View()


def picture(path: str) -> int:
    """Number of the thumbnail of a picture's file for ``icon_value``; 0 where there is none."""
    try:
        whole = Path(bpy.path.abspath(path))
        stamp = whole.stat().st_mtime_ns if path and whole.is_file() else 0
    except (OSError, ValueError):
        stamp = 0
    if not stamp:
        return 0
    held, name = _view.all(), f"{whole} {stamp}"
    if name not in held:
        if len(held) > _MOST:
            held.clear()
            _view.seen = False
        held.load(name, str(whole), "IMAGE")
    return int(held[name].icon_id)


def show_mask(path: Path | None) -> None:
    """Keep what was taken for the thing, a grey picture; None forgets it."""
    _view.seen = False
    if path is None:
        return
    with contextlib.suppress(OSError, ValueError, SyntaxError):
        pixels = previews.square(_read(path), _SIDE)
        held = _view.all()
        shown = held["mask"] if "mask" in held else held.new("mask")
        shown.image_size = (_SIDE, _SIDE)
        shown.image_pixels_float.foreach_set(pixels.ravel())
        _view.seen = True


def mask() -> int:
    """Number of its thumbnail for ``icon_value``; 0 where there is none."""
    return int(_view.all()["mask"].icon_id) if _view.seen else 0


def _read(path: Path) -> np.ndarray:
    """(h, w, 1) float32 in [0, 1], row 0 the LOWER edge, no larger than the thumbnail."""
    from ..core.height.picture import read_levels

    levels = read_levels(path)
    step = max(1, max(levels.shape) // _SIDE)
    return np.ascontiguousarray(levels[::-step, ::step, None], np.float32)


def unregister() -> None:
    _view.close()


CLASSES = ()
