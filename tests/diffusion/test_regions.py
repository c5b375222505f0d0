"""A picture to start from, and parts drawn anew: strength does what it says, and what lies outside stays to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from steer import FLOW, drawn, picture, state

from blender_jewelgen.core.diffusion import DiffusionParams
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import pictures, regions, tiling

ABLE = ("sd15", "sdxl", *FLOW)


@pytest.fixture
def start(tmp_path):
    return str(picture(tmp_path / "start.png"))


def negative(path, folder):
    Image.fromarray(255 - np.asarray(Image.open(path))).save(folder / "negative.png")
    return str(folder / "negative.png")


def as_bytes(found):
    return (np.clip(found, 0, 1) * 255 + 0.5).astype(np.uint8)


@pytest.mark.parametrize("family", ABLE)
def test_more_strength_leaves_the_start_farther_and_the_model_stays_as_it_was(loaded, family, start, tmp_path):
    pipe = loaded(family).pipe
    before, bare = state(pipe), drawn(pipe)
    other, told = negative(start, tmp_path), {}
    for strength in (0.2, 1.0):
        found = []
        for path in (start, other):
            starting, call = regions.started(pipe, DiffusionParams(start=path, strength=strength), (64, 64))
            found.append(drawn(starting, steps=5, **call))
        told[strength] = np.abs(found[0] - found[1]).mean()  # what it matters from which picture it starts
    assert told[0.2] > 1.5 * told[1.0] and told[0.2] > 0
    np.testing.assert_array_equal(drawn(pipe), bare)
    assert state(pipe) == before


@pytest.mark.parametrize("family", ABLE)
def test_what_lies_outside_a_box_stays_to_the_bit_and_inside_is_new(loaded, family, start):
    pipe = loaded(family).pipe
    params = DiffusionParams(start=start, box="0.25,0.5,0.5,0.375", strength=1.0)
    inpainting, call = regions.started(pipe, params, (64, 64))
    result = regions.kept(as_bytes(drawn(inpainting, steps=3, **call)), params)
    own = np.asarray(Image.open(start))
    inside = np.zeros((64, 64), bool)
    inside[32:56, 16:48] = True
    np.testing.assert_array_equal(result[~inside], own[~inside])
    assert (result != own).any(2)[34:54, 18:46].mean() > 0.9


@pytest.mark.parametrize("family", ["sd15", "flux", "flux2-klein"])
def test_parts_are_drawn_anew_on_sides_that_run_on(loaded, family, start):
    pipe = loaded(family).pipe
    inpainting, call = regions.started(pipe, DiffusionParams(start=start, box="0,0,0.5,1"), (64, 64))
    bare = drawn(inpainting, **call)
    with tiling.tiled(inpainting, "both"):
        assert np.isfinite(drawn(inpainting, **call)).all()
    np.testing.assert_array_equal(drawn(inpainting, **call), bare)


def test_a_painted_mask_keeps_the_dark_to_the_bit_and_fades_inside_only(tmp_path, start):
    rows, columns = np.mgrid[:64, :64] - 32
    disc = np.hypot(rows, columns) < 20
    Image.fromarray((disc * 255).astype(np.uint8)).save(tmp_path / "mask.png")
    params = DiffusionParams(start=start, mask=str(tmp_path / "mask.png"))
    own, white = np.asarray(Image.open(start)), np.full((64, 64, 3), 255, np.uint8)
    mixed = regions.kept(white, params)
    np.testing.assert_array_equal(mixed[~disc], own[~disc])
    deep = np.hypot(rows, columns) < 16
    assert (mixed[deep] == 255).all()
    ring = disc & (np.hypot(rows, columns) > 19)
    assert (mixed[ring] < 255).mean() > 0
    assert np.array_equal(regions.kept(white, DiffusionParams(start=start)), white)


@pytest.mark.parametrize(("axes", "box"), [("x", "0,0,0.5,1"), ("y", "0,0,1,0.5"), ("both", "0.5,0.5,0.5,0.5")])
def test_the_edge_fades_across_sides_that_run_on(start, axes, box):
    params, white = DiffusionParams(start=start, box=box), np.full((64, 64, 3), 255, np.uint8)
    across = {"x": (32, 0), "y": (0, 32), "both": (63, 63)}[axes]
    assert (regions.kept(white, params)[across] == 255).all()
    faded = regions.kept(white, params, axes)
    assert (faded[across] < 255).all()
    rolled = np.roll(np.asarray(Image.open(start)), (16, 16), (0, 1))
    middle = regions._mixed(rolled, white, np.roll(regions.coverage(params, (64, 64)) > 0, (16, 16), (0, 1)), axes)
    np.testing.assert_array_equal(np.roll(faded, (16, 16), (0, 1)), middle)


def test_a_mask_of_another_size_lies_as_the_start_does(tmp_path):
    big = picture(tmp_path / "big.png", width=200, height=100)
    Image.fromarray(np.repeat(np.repeat(np.array([[0, 255]], np.uint8), 50, 0), 50, 1)).save(tmp_path / "mask.png")
    params = DiffusionParams(start=str(big), mask=str(tmp_path / "mask.png"))
    inside = regions.coverage(params, (128, 64)) > 0
    assert not inside[:, :62].any() and inside[:, 66:].all()


def test_a_start_of_the_right_size_is_not_touched_and_others_keep_their_proportions(start):
    own = pictures.colours(start, "start")
    assert pictures.laid(own, (64, 64)) is own
    disc = np.zeros((100, 300, 3), np.uint8)
    rows, columns = np.mgrid[:100, :300]
    disc[np.hypot(rows - 50, columns - 150) < 30] = 255
    square = pictures.laid(disc, (64, 64))[..., 0] > 127
    assert square.any(0).sum() == pytest.approx(square.any(1).sum(), abs=1) == pytest.approx(38, abs=2)


@pytest.mark.parametrize("family", ABLE)
def test_steps_and_strength_that_leave_nothing_to_draw_are_known_beforehand(loaded, family, start):
    pipe = loaded(family).pipe
    steps = regions.least_steps(0.3)
    assert steps == 4
    starting, call = regions.started(pipe, DiffusionParams(start=start, strength=0.3), (64, 64))
    assert np.isfinite(drawn(starting, steps=steps, **call)).all()


def test_what_cannot_be_is_refused(loaded, start, tmp_path):
    sana = loaded("sana").pipe
    for params, text in ((DiffusionParams(start=start), "cannot start from a picture"), (DiffusionParams(start=start, box="0,0,1,1"), "cannot draw a part")):
        with pytest.raises(BadInput, match=text) as told:
            regions.started(sana, params, (64, 64))
        assert told.value.field == "engine" and told.value.fix
    for box in ("0,0,2,1", "a,b", "0.5,0.5,0,0.2", "-0.1,0,0.5,0.5", "0,0,nan,1"):
        with pytest.raises(BadInput) as told:
            regions.coverage(DiffusionParams(start=start, box=box), (64, 64))
        assert told.value.field == "box"
    Image.new("L", (64, 64)).save(tmp_path / "black.png")
    with pytest.raises(BadInput, match="no light part"):
        regions.coverage(DiffusionParams(start=start, mask=str(tmp_path / "black.png")), (64, 64))
    with pytest.raises(BadInput, match=r"gone\.png") as told:
        regions.started(loaded("sd15").pipe, DiffusionParams(start=str(tmp_path / "gone.png")), (64, 64))
    assert told.value.field == "start"
