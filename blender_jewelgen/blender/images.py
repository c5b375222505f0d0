"""Heights and tables as Blender images: float, not colour, packed into the file."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np


def image_from_png(path: Path, name: str) -> bpy.types.Image:
    """A 16-bit height picture, exact to its last bit, packed so that the file at ``path`` may go."""
    image = bpy.data.images.load(str(path))
    image.name = name
    image.colorspace_settings.name = "Non-Color"
    image.pack()
    image.filepath = image.filepath_raw = ""
    return image


def image_from_array(values: np.ndarray, name: str, image: bpy.types.Image | None = None) -> bpy.types.Image:
    """A float image of (h, w) values, row 0 the LOWER edge as Blender counts, packed; an old ``image`` of this size is written over."""
    image = put_array(values, name, image)
    image.pack()  # as EXR of 32 bits: exact
    return image


def put_array(values: np.ndarray, name: str, image: bpy.types.Image | None = None) -> bpy.types.Image:
    """The same without packing it, which takes longer than all the rest."""
    return _put(np.asarray(values, np.float32)[..., None], name, image, float_buffer=True, is_data=True)


def image_from_colours(values: np.ndarray, name: str, image: bpy.types.Image | None = None) -> bpy.types.Image:
    """A picture of (h, w, 3) uint8, row 0 the UPPER edge, 8 bit; an old ``image`` of this size is written over. It is not packed."""
    return _put(values[::-1].astype(np.float32) / 255.0, name, image)


def _put(values: np.ndarray, name: str, image: bpy.types.Image | None, **kind: bool) -> bpy.types.Image:
    """(h, w, 3) float32 or one grey for all three, row 0 the LOWER edge, in ``image`` or, where that does not fit, a new one of this kind."""
    rows, columns, _ = values.shape
    if image is None or tuple(image.size) != (columns, rows) or image.library is not None:
        image = bpy.data.images.new(name, columns, rows, alpha=False, **kind)
    pixels = np.ones((rows, columns, 4), np.float32)
    pixels[..., :3] = values
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    return image


def array_from_image(image: bpy.types.Image) -> np.ndarray:
    """(h, w) float32 of an image's first channel, row 0 the UPPER edge."""
    return np.ascontiguousarray(colours_from_image(image)[..., 0])


def colours_from_image(image: bpy.types.Image) -> np.ndarray:
    """(h, w, channels) float32 of an image, row 0 the UPPER edge."""
    columns, rows = image.size
    pixels = np.empty(rows * columns * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(rows, columns, -1)[::-1]


def forget_rows(group: bpy.types.PropertyGroup, name: str) -> None:
    """Empty the collection ``name``, whose rows hold an ``image``, choose none of it, and take away the pictures that nobody else uses."""
    rows = getattr(group, name)
    pictures = [row.image for row in rows if row.image is not None]
    rows.clear()
    setattr(group, f"{name}_index", -1)
    for image in pictures:
        if not image.users:
            bpy.data.images.remove(image)
