"""Previews of assets: small pictures from the photographer's table on a clear ground, and how they get into a data block."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import bpy
import numpy as np

from blender_jewelgen.blender import studio

SIDE = 112  # px; with 160 the file would be half as large again
SAMPLES = 40


def photograph(data: bpy.types.Mesh, form: str, material: bpy.types.Material, side: int = SIDE) -> np.ndarray:
    """(side, side, 4) float32, row 0 the lower edge: the mesh, two scene units long, in its material; the mesh is used up."""
    relief = None
    layer = data.attributes.get("jewelgen_height")
    if layer is not None:
        relief = np.empty(len(data.vertices), np.float32)
        layer.data.foreach_get("value", relief)
    room = studio.build(data, relief, "silver-925", "polished", form)
    try:
        room.piece.data.materials[0] = material
        bpy.data.objects.remove(next(thing for thing in room.scene.objects if thing.name.startswith("Backdrop")))
        room.made = [block for block in room.made if _alive(block)]
        studio.expose(room.scene, side, SAMPLES)
        room.scene.render.film_transparent = True
        room.scene.render.image_settings.color_mode = "RGBA"
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "preview.png")
            bpy.ops.render.render(scene=room.scene.name)
            bpy.data.images["Render Result"].save_render(path, scene=room.scene)
            return read(path)
    finally:
        room.clear()


def read(path: str | os.PathLike[str]) -> np.ndarray:
    """(h, w, 4) float32 pixels of a picture, row 0 the lower edge."""
    image = bpy.data.images.load(str(path))
    try:
        pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
        image.pixels.foreach_get(pixels)
        return pixels.reshape(image.size[1], image.size[0], 4)
    finally:
        bpy.data.images.remove(image)


def put(block: bpy.types.ID, pixels: np.ndarray) -> None:
    """Make a picture the preview of a data block."""
    preview = block.preview_ensure()
    preview.image_size = (pixels.shape[1], pixels.shape[0])
    clear = np.where(pixels[..., 3:] > 0.004, pixels, 0.0)  # what cannot be seen packs to nothing
    preview.image_pixels_float.foreach_set(np.ascontiguousarray(clear, np.float32).ravel())


def _alive(block: object) -> bool:
    try:
        return bool(block.name)
    except ReferenceError:
        return False
