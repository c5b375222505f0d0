"""Thumbnails of images that are in the file. They are Blender's own previews: saved with the file, drawn once, freed with the image."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

SIDE = 128  # px


def icon_of(image: Any) -> int:
    """Number of the image's thumbnail for ``icon_value``; 0 where there is no image."""
    if image is None:
        return 0
    preview = image.preview or image.preview_ensure()
    return preview.icon_id if preview else 0


def stamp(image: bpy.types.Image) -> int:
    """Make the image's thumbnail now, from its middle if it is a long strip: a strip of 8:1 would be a thread in a square.

    Gives the thumbnail's number. Without it Blender makes one of the whole image when it is first drawn.
    """
    wide, high = image.size
    if not (wide and high):
        return 0
    flat = np.empty(wide * high * image.channels, np.float32)
    image.pixels.foreach_get(flat)
    pixels = flat.reshape(high, wide, image.channels)
    preview = image.preview_ensure()
    preview.image_size = (SIDE, SIDE)
    preview.image_pixels_float.foreach_set(square(pixels, SIDE).ravel())
    return preview.icon_id


def square(pixels: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture as (side, side, 4) float32 with clear bars where it does not fill the square.

    ``pixels`` is (h, w, 1, 3 or 4) float in [0, 1]. At most half as long again as it is high is shown of a strip.
    """
    high, wide, channels = pixels.shape
    shown_wide, shown_high = min(wide, int(1.5 * high) or 1), min(high, int(1.5 * wide) or 1)
    left, low = (wide - shown_wide) // 2, (high - shown_high) // 2
    part = pixels[low : low + shown_high, left : left + shown_wide]
    scale = side / max(shown_wide, shown_high)
    rows, columns = max(1, round(shown_high * scale)), max(1, round(shown_wide * scale))
    part = part[_middles(rows, shown_high)][:, _middles(columns, shown_wide)]
    out = np.zeros((side, side, 4), np.float32)
    top, start = (side - rows) // 2, (side - columns) // 2
    out[top : top + rows, start : start + columns, :3] = part[..., :3] if channels >= 3 else part[..., :1]
    out[top : top + rows, start : start + columns, 3] = part[..., 3] if channels == 4 else 1.0
    return out


def _middles(count: int, of: int) -> np.ndarray:
    return ((np.arange(count) + 0.5) * of / count).astype(int)


CLASSES = ()
