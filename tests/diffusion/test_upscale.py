"""Twice and four times as large: nothing shifts, the seam stays, tiles leave no edges, and a cancel is heard within a step."""

from __future__ import annotations

import numpy as np
import pytest
from steer import state

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.engines.diffusion import tiling, upscale


def waves(width=64, height=48):
    """A picture that runs on over both sides."""
    rows, columns = np.mgrid[:height, :width]
    phase = 2 * np.pi * (2 * columns / width + rows / height)
    return (127 + 100 * np.stack([np.sin(phase), np.cos(phase), np.sin(phase + 1)], -1)).astype(np.uint8)


@pytest.mark.parametrize("times", [2, 4])
def test_every_pixel_stays_where_it_was(times):
    picture = waves()
    large = upscale.larger(picture, times, "both")
    assert large.shape == (48 * times, 64 * times, 3) and large.dtype == np.uint8
    small = large.reshape(48, times, 64, times, 3).astype(float).mean((1, 3))
    assert np.abs(small - picture).max() < 4.0
    assert (upscale.larger(np.full((32, 32, 3), 77, np.uint8), times) == 77).all()


@pytest.mark.parametrize("times", [2, 4])
def test_the_seam_stays_on_the_sides_that_run_on_to_the_bit_of_a_cut_elsewhere(times):
    picture = waves()
    for axes, shift in (("both", (20, 30)), ("x", (0, 30)), ("y", (20, 0))):
        large = upscale.larger(picture, times, axes)
        again = upscale.larger(np.roll(picture, shift, (0, 1)), times, axes)
        np.testing.assert_array_equal(np.roll(large, (shift[0] * times, shift[1] * times), (0, 1)), again)
    seam = tiling.seam(upscale.larger(picture, times, "both"))
    assert max(seam.values()) < 1.2


def test_once_is_the_very_same_and_three_times_is_refused():
    picture = waves()
    assert upscale.larger(picture, 1) is picture
    with pytest.raises(BadInput, match="1, 2 or 4"):
        upscale.larger(picture, 3)


class Copying:
    """Stands for a model that starts from a picture: gives it back, darker by ``less``, and notes what it was shown."""

    def __init__(self, less=0.0):
        self.less, self.seen = less, []

    def __call__(self, prompt=None, image=None, strength=0.0, num_inference_steps=0, generator=None, output_type="", callback_on_step_end=None):
        self.seen.append(image.size)
        callback_on_step_end(self, 0, 0, {})
        return type("Out", (), {"images": [np.asarray(image, np.float32) / 255.0 - self.less]})


@pytest.mark.parametrize("axes", ["none", "x", "both"])
def test_tiles_that_change_nothing_leave_no_edges(axes):
    picture = waves(130, 90)
    refined = upscale._refined(picture, axes in ("x", "both"), axes == "both", lambda share, text: None, Copying(), {}, 64, 0.25)
    np.testing.assert_array_equal(refined, picture)
    even = upscale._refined(np.full((90, 130, 3), 200, np.uint8), axes != "none", axes == "both", lambda share, text: None, Copying(25 / 255), {}, 64, 0.25)
    assert np.abs(even.astype(int) - 175).max() == 0


def test_tiles_overlap_and_go_round_the_sides_that_run_on():
    assert upscale._places(130, 64, False) == [0, 33, 66]
    assert upscale._places(130, 64, True) == [0, 43, 87]  # the last reaches 21 px past the end
    assert upscale._places(64, 64, False) == [0] and upscale._places(64, 64, True) == [0, 32]
    for length, tile, runs in ((1000, 512, False), (1000, 512, True), (2048, 1024, True)):
        covered = np.zeros(length)
        for place in upscale._places(length, tile, runs):
            covered[np.arange(place, place + tile) % length] += upscale._window(tile, True)
        assert covered.min() > (0.0 if runs else -1.0)
        if runs:
            assert covered.min() > 0.5


@pytest.mark.parametrize("family", ["sd15", "flux2-klein", "z-image"])
def test_a_model_draws_detail_into_it_and_stays_as_it_was(loaded, family):
    pipe = loaded(family).pipe
    before, told = state(pipe), []
    picture = waves(64, 64)
    plain = upscale.larger(picture, 2, "x")
    refined = upscale.larger(picture, 2, "x", lambda share, text: told.append((share, text)), pipe, side=128)
    assert refined.shape == plain.shape and not np.array_equal(refined, plain)
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert {text for _, text in told} >= {"tile 1 of 2", "tile 2 of 2"}
    assert state(pipe) == before


def test_a_family_that_cannot_start_from_a_picture_is_made_larger_by_lanczos_alone(loaded):
    picture, pipe = waves(), loaded("sana").pipe
    np.testing.assert_array_equal(upscale.larger(picture, 2, "both", pipe=pipe), upscale.larger(picture, 2, "both"))


def test_a_cancel_is_heard_within_one_step(loaded):
    heard = []

    def tell(share, text):
        heard.append(share)
        if len(heard) == 4:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        upscale.larger(waves(64, 64), 4, "both", tell, loaded("sd15").pipe, side=64)
    assert len(heard) == 4


def test_a_tile_that_is_not_finite_stays_as_it_was():
    class Broken(Copying):
        def __call__(self, **more):
            found = super().__call__(**more)
            found.images[0][0, 0] = np.nan
            return found

    import inspect

    Broken.__call__.__signature__ = inspect.signature(Copying.__call__)
    picture = waves(64, 64)
    np.testing.assert_array_equal(upscale._refined(picture, False, False, lambda share, text: None, Broken(), {}, 64, 0.25), picture)
