"""Families and cells: their shape, their range, that they close, and that the number of pixels does not change the design."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.pattern.cells import CELLS, cell
from blender_jewelgen.core.pattern.families import FAMILIES, Options
from blender_jewelgen.core.pattern.repeat import count, finish, lay
from blender_jewelgen.core.pattern.strip import Strip
from blender_jewelgen.core.pattern.strokes import Canvas, Pen, round_wire

CONTRACT = (
    "scroll acanthus vine lotus-scroll honeysuckle rosette lotus palmette ruyi cloud wave running-wave scale interlace braid meander guilloche rope "
    "lattice girih feather granulation hammered gadroon egg-and-dart bead-and-reel chevron laurel shell tortoiseshell coin leaf"
).split()


def draw(name: str, strip: Strip, seed: int = 5, options: Options | None = None) -> np.ndarray:
    return FAMILIES[name](strip, np.random.default_rng(seed), options or Options())


def test_every_family_of_the_contract_is_there():
    assert sorted(FAMILIES) == sorted(CONTRACT)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_fills_its_strip_from_zero_to_one_and_closes(name):
    picture = draw(name, Strip(54.4, 6.0, 640, 96))
    assert picture.shape == (96, 640)
    assert picture.dtype == np.float32
    assert picture.min() >= 0.0
    assert picture.max() == 1.0
    assert np.ptp(picture) > 0.5
    steps = np.abs(np.diff(picture, axis=1)).mean(axis=0)
    seam = np.abs(picture[:, 0] - picture[:, -1]).mean()
    assert seam <= steps.max() + 1e-6


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - {"hammered"}))
def test_a_family_moved_by_one_repeat_is_itself(name):
    for repeats in (5, 8):
        picture = draw(name, Strip(60.0, 6.0, 640, 64), options=Options(repeats=repeats))
        np.testing.assert_allclose(np.roll(picture, 640 // repeats, axis=1), picture, atol=1e-5)


def test_hammered_facets_meet_themselves_across_the_seam():
    picture = draw("hammered", Strip(60.0, 6.0, 1200, 64))
    steps = np.abs(np.diff(picture, axis=1)).max(axis=0)
    assert np.abs(picture[:, 0] - picture[:, -1]).max() <= steps.max()


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_twice_the_pixels_is_the_same_design(name):
    fine = draw(name, Strip(54.4, 6.0, 2048, 192)).reshape(96, 2, 1024, 2).mean(axis=(1, 3))
    coarse = draw(name, Strip(54.4, 6.0, 1024, 96))
    assert np.abs(fine - coarse).mean() < 0.025
    assert np.corrcoef(fine.ravel(), coarse.ravel())[0, 1] > 0.97


@given(
    name=st.sampled_from(sorted(FAMILIES)), length=st.floats(4.0, 220.0), width=st.floats(0.8, 30.0), columns=st.integers(8, 700),
    rows=st.integers(3, 120), seed=st.integers(0, 2**31),
)
@settings(max_examples=40, deadline=None)
def test_any_size_and_seed_gives_a_sound_picture_twice(name, length, width, columns, rows, seed):
    strip = Strip(length, width, columns, rows)
    picture = draw(name, strip, seed)
    assert picture.shape == (rows, columns)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0.0
    assert picture.max() == 1.0
    np.testing.assert_array_equal(picture, draw(name, strip, seed))


def test_seeds_differ():
    strip = Strip(54.4, 6.0, 512, 96)
    same = [name for name in FAMILIES if all(np.array_equal(draw(name, strip, 1), draw(name, strip, s)) for s in range(2, 8))]
    assert same == []


def test_a_mirrored_family_is_its_own_mirror_image():
    picture = draw("running-wave", Strip(54.4, 6.0, 640, 96), options=Options(mirror=True))
    np.testing.assert_allclose(picture, picture[:, ::-1], atol=1e-5)


@given(st.integers(1, 40), st.integers(3, 60), st.integers(8, 300))
@settings(max_examples=60, deadline=None)
def test_laying_tiles_keeps_the_mean_and_the_constant(n, wide, columns):
    tile = np.random.default_rng(wide).random((2, wide)).astype(np.float32)
    laid = lay(tile, n, columns)
    np.testing.assert_allclose(laid.mean(axis=1), tile.mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(lay(np.full((1, wide), 0.25, np.float32), n, columns), 0.25, atol=1e-5)


def test_repeats_are_whole_even_when_mirrored_and_as_asked():
    strip = Strip(54.4, 6.0, 1024, 64)
    assert count(strip, 1.0, Options()) == round(54.4 / 6.0)
    assert count(strip, 1.0, Options(), even=True) == 8
    assert count(strip, 1.0, Options(repeats=11)) == 11
    assert count(strip, 500.0, Options()) == 1


def test_a_round_wire_has_a_circle_for_its_section():
    canvas = Canvas(0.0, 0.0, 10.0, 4.0, 500, 400)
    Pen(canvas).ribbon(np.array([[-1.0, 2.0], [11.0, 2.0]]), 0.5, 1.0, round_wire)
    expected = np.sqrt(np.maximum(1.0 - ((canvas.y[:, 0] - 2.0) / 0.5) ** 2, 0.0))  # of the radius, across the wire
    np.testing.assert_allclose(canvas.height[:, 250], expected, atol=2e-3)


def test_cords_of_the_plait_lie_over_and_under_by_turns():
    strip = Strip(60.0, 6.0, 1600, 256)
    picture = draw("braid", strip)
    top, bottom = picture[: 256 // 2], picture[256 // 2 :][::-1]
    shift = round(1600 / count(strip, 1.5, Options()) / 2)
    moved = np.roll(top, shift, axis=1)
    assert np.corrcoef(moved.ravel(), bottom.ravel())[0, 1] > 0.8  # half a repeat on, over and under have changed places


@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_cell_stands_free_in_its_square(name):
    for size in (48, 160):
        picture = cell(name, size)
        assert picture.shape == (size, size)
        assert picture.dtype == np.float32
        assert picture.max() == pytest.approx(1.0)
        margin = int(0.06 * size)
        frame = picture.copy()
        frame[margin : size - margin, margin : size - margin] = 0.0
        assert frame.max() < 0.02
        assert 0.1 < (picture > 0.02).mean() < 0.75
        if CELLS[name][1]:
            np.testing.assert_allclose(picture, picture[:, ::-1], atol=1e-6)


def test_a_cell_is_the_same_figure_at_every_size():
    for name in CELLS:
        fine = cell(name, 256).reshape(128, 2, 128, 2).mean(axis=(1, 3))
        assert np.abs(finish(fine) - cell(name, 128)).mean() < 0.03, name
