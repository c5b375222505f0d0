"""Any picture becomes a height in the panel: the same as on the command line, compared side by side, picked, laid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from shop import active, now, settle

from blender_jewelgen.blender import images
from blender_jewelgen.core.height.params import HeightParams
from blender_jewelgen.core.height.picture import read_levels, write_height

STEPS = 96


def ball(side=96):
    """(side, side) heights of half a ball, and (side, side, 3) its photograph under a light from the upper left."""
    x, y = np.meshgrid(np.linspace(-1.3, 1.3, side), np.linspace(1.3, -1.3, side))
    high = np.sqrt(np.clip(1.0 - x * x - y * y, 0.0, None))
    normal = np.where((high > 0)[..., None], np.stack([x, y, high], -1), (0.0, 0.0, 1.0))
    light = np.array([-0.5, 0.5, 0.7071])
    lit = np.clip(normal @ light, 0.0, 1.0)
    return high.astype(np.float32), np.repeat(lit[..., None], 3, -1).astype(np.float32) * (0.9, 0.8, 0.7)


def photograph(bpy, folder):
    from PIL import Image

    path = folder / "球 ball.png"
    Image.fromarray(np.round(ball()[1] * 255).astype(np.uint8)).save(path)
    return bpy.data.images.load(str(path))


@pytest.fixture
def picture(shop, tmp_path):
    own = settle(shop, "plain disc pendant, 14 mm wide")
    own.source, own.picture = "PICTURE", photograph(shop, tmp_path)
    return shop, own, Path(own.picture.filepath)


def levels(image, folder):
    (folder / "levels.png").write_bytes(image.packed_file.data)
    return read_levels(folder / "levels.png")


def test_a_height_is_that_of_the_command_line(picture, tmp_path):
    from blender_jewelgen.core.pattern.any_picture import read_with

    bpy, own, path = picture
    own.height.method, own.height.azimuth, own.height.elevation, own.height.denoise = "shading", 135.0, 45.0, 0.1
    assert bpy.ops.jewelgen.height_make() == {"FINISHED"}, now(bpy).error
    assert [row.method for row in own.heights] == ["shading"] and own.picture == own.heights[0].height
    made = read_with(path, HeightParams(method="shading", azimuth=135.0, elevation=45.0, denoise=0.1))
    write_height(tmp_path / "direct.png", made.height)
    assert np.array_equal(levels(own.picture, tmp_path), read_levels(tmp_path / "direct.png"))


def test_methods_are_compared_and_the_picked_one_is_laid(picture, tmp_path):
    from blender_jewelgen.blender import nodes_relief

    bpy, own, path = picture
    before = own.picture
    assert bpy.ops.jewelgen.height_compare() == {"FINISHED"}, now(bpy).error
    methods = [row.method for row in own.heights]
    assert len(methods) == len(set(methods)) >= 2 and {"shading", "luminance"} <= set(methods)
    assert len({row.height.packed_file.data for row in own.heights}) == len(methods)
    assert all(row.image.packed_file and max(row.image.size) <= 192 for row in own.heights)
    index = methods.index("luminance")
    assert bpy.ops.jewelgen.height_pick(index=index) == {"FINISHED"} and own.picture == own.heights[index].height
    assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
    laid = images.array_from_image(nodes_relief.get(nodes_relief.modifier_of(active(bpy)), "Height"))
    picked = levels(own.picture, tmp_path)
    rows, columns = np.array(laid.shape) // 2
    centre = laid[rows - 8 : rows + 8, columns - 8 : columns + 8].mean()
    assert picked[40:56, 40:56].mean() > picked[:6].mean() and centre > laid.min() + 0.3
    with pytest.raises(RuntimeError, match="gone"):
        bpy.ops.jewelgen.height_pick(index=99)
    count = len(bpy.data.images)
    assert bpy.ops.jewelgen.height_compare() == {"FINISHED"}  # of the photograph again, not of a height
    assert [row.method for row in own.heights] == methods and len(bpy.data.images) <= count + 1
    assert bpy.ops.jewelgen.height_back() == {"FINISHED"}
    assert own.picture == before and not len(own.heights) and Path(own.picture.filepath) == path


def test_a_picture_that_was_painted_has_a_height_too(shop):
    own = settle(shop, "plain disc pendant, 14 mm wide")
    own.source = "PICTURE"
    assert not shop.ops.jewelgen.height_make.poll()
    own.picture = images.image_from_colours(np.round(ball()[1] * 255).astype(np.uint8), "Painted")
    own.height.method = "luminance"
    assert shop.ops.jewelgen.height_make() == {"FINISHED"}, now(shop).error
    assert own.heights[0].method == "luminance" and own.picture.name == "Painted Luminance"


def test_what_a_method_cannot_read_is_said_in_the_panel(shop):
    own = settle(shop, "plain disc pendant")
    own.source = "PICTURE"
    own.picture = shop.data.images.new("Flat", 32, 32)
    before = own.picture
    own.height.method = "shading"
    with pytest.raises(RuntimeError):
        shop.ops.jewelgen.height_make()
    assert now(shop).error and own.picture == before and not len(own.heights)


def test_a_recipe_that_names_a_method_makes_the_same_height_again(picture, tmp_path):
    import json
    from dataclasses import replace

    from blender_jewelgen.blender import properties, scene_recipe
    from blender_jewelgen.core.recipe import Source

    bpy, own, path = picture
    heights = {}
    for method in ("luminance", "height", "luminance"):
        asked = replace(properties.read_recipe(bpy.context.scene), height=Source.of(path, method=method))
        scene_recipe.write_recipe(bpy.context.scene, asked)
        assert bpy.ops.jewelgen.generate() == {"FINISHED"}, now(bpy).error
        ob = active(bpy)
        assert json.loads(ob.jewelgen.recipe)["height"]["method"] == method
        held = bytes(ob.jewelgen.height.packed_file.data)
        assert heights.setdefault(method, held) == held
    assert heights["luminance"] != heights["height"]
    own.picture = own.picture  # chosen by hand it is a height as it is
    assert own.picture_method == "height"
