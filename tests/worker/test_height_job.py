"""The job ``heights``: one picture read by several methods, small, for the panel to choose from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.height.params import HeightParams
from blender_jewelgen.core.height.picture import quantised, read_levels
from blender_jewelgen.core.pattern.any_picture import read_with
from blender_jewelgen.worker.jobs_height import heights


def quiet(share: float, text: str, preview: str = "") -> None:
    pass


@pytest.fixture
def photo(tmp_path):
    """A lit relief in colours, wider than high."""
    y, x = np.mgrid[:300, :600] / 30.0
    height = 3.0 * np.sin(x) * np.sin(y)
    down, across = np.gradient(height)
    lit = np.clip((0.6 - 0.5 * across * 3.0 + 0.5 * down * 3.0) / np.sqrt(1.0 + across**2 + down**2), 0.0, 1.0)
    file = tmp_path / "照片.png"
    Image.fromarray((lit[..., None] * [250.0, 200.0, 120.0]).astype(np.uint8)).save(file)
    return file


def test_every_method_asked_for_gets_a_height_and_a_picture(photo, tmp_path):
    shown = []
    result = heights({"picture": str(photo), "methods": ["luminance", "shading", "line", "drawing"], "pixels": 128}, tmp_path,
                     lambda share, text, preview="": shown.append(preview))  # fmt: skip
    assert [tile["method"] for tile in result["heights"]] + [row["method"] for row in result["left_out"]] == ["luminance", "shading", "line", "drawing"]
    assert result["best"] == "shading" and "photograph" in result["why"]
    for tile in result["heights"]:
        height = read_levels(tmp_path / tile["file"])
        assert max(height.shape) <= 128 and height.min() == 0.0 and height.max() == 1.0
        with Image.open(tmp_path / tile["thumb"]) as thumb:
            assert max(thumb.size) == max(height.shape)
        assert tile["thumb"] in shown and isinstance(tile["notes"], (list, tuple))


def test_to_compare_is_to_try_what_applies_the_likeliest_first(photo, tmp_path):
    result = heights({"picture": photo.name, "pixels": 96, "compare": True}, tmp_path, quiet)
    assert result["heights"][0]["method"] == result["best"] == "shading"
    assert {"luminance"} <= {tile["method"] for tile in result["heights"]}


def test_what_a_method_cannot_do_is_told_beside_what_the_others_did(photo, tmp_path):
    result = heights({"picture": photo.name, "methods": ["model", "normals", "luminance"], "height": {"crop": False}}, tmp_path, quiet)
    assert [tile["method"] for tile in result["heights"]] == ["luminance"]
    assert "no depth model" in result["left_out"][0]["reason"] and "normal map" in result["left_out"][1]["reason"]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"picture": ""}, "picture"), ({"picture": "gone.png"}, "picture"), ({"pixels": 9}, "pixels"), ({"methods": ["guess"]}, "method"), ({"height": {"colour": 1}}, "height"), ({"height": {"method": "model"}}, "method")],
)
def test_what_cannot_be_is_one_sentence(more, field, photo, tmp_path):
    with pytest.raises(BadInput) as refusal:
        heights({"picture": photo.name} | more, tmp_path, quiet)
    assert refusal.value.field == field


def test_it_stops_between_methods(photo, tmp_path):
    def stop(share: float, text: str, preview: str = "") -> None:
        if share > 0.3:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        heights({"picture": photo.name, "compare": True}, tmp_path, stop)


def test_one_method_gives_the_height_of_the_whole_picture_as_the_verb_does(photo, tmp_path):
    result = heights({"picture": photo.name, "height": {"method": "shading", "azimuth": 120.0}}, tmp_path, quiet)
    assert [row["method"] for row in result["heights"]] == ["shading"] and result["left_out"] == []
    direct = read_with(photo, HeightParams(method="shading", azimuth=120.0))
    np.testing.assert_array_equal(read_levels(tmp_path / result["heights"][0]["file"]), quantised(direct.height))
    assert heights({"picture": photo.name}, tmp_path, quiet)["heights"][0]["method"] == "shading"  # what auto takes
