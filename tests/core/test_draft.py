"""What tools leave, and how fine ornament is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from blender_jewelgen.core.height.detail import detail_mm
from blender_jewelgen.core.height.draft import draft


def ridge(width: int, height: float = 1.0) -> np.ndarray:
    picture = np.zeros((60, 200), np.float32)
    picture[:, 100 - width // 2 : 100 - width // 2 + width] = height
    return picture


def test_a_broad_ridge_keeps_its_height_and_a_narrow_one_does_not():
    assert draft(ridge(60), 10.0).max() == 1.0
    tops = [draft(ridge(width), 10.0).max() for width in (2, 6, 10, 20)]
    assert tops[0] < 0.25 and tops[-1] == 1.0
    assert all(a < b for a, b in itertools.pairwise(tops))


def test_a_narrow_groove_is_shallower_than_a_broad_one():
    floors = [draft(1.0 - ridge(width), 10.0).min() for width in (2, 5, 40)]
    assert floors[0] > 0.8 > floors[1] > floors[2] == 0.0


def test_never_above_the_closing_and_never_deeper_than_the_picture():
    rng = np.random.default_rng(0)
    picture = rng.random((64, 96)).astype(np.float32)
    result = draft(picture, 6.0)
    assert result.min() >= picture.min() - 1e-6 and result.max() <= picture.max() + 1e-6


def test_doing_it_twice_changes_nothing_more_on_a_ridge():
    once = draft(ridge(24), 8.0)
    np.testing.assert_allclose(draft(once, 8.0), once, atol=1e-6)


def test_a_shift_of_a_periodic_picture_shifts_the_result():
    picture = np.random.default_rng(1).random((20, 64)).astype(np.float32)
    np.testing.assert_array_equal(draft(np.roll(picture, 17, 1), 5.0, True), np.roll(draft(picture, 5.0, True), 17, 1))


def test_less_than_a_pixel_leaves_the_picture_alone():
    picture = ridge(9)
    assert draft(picture, 0.9) is picture


@pytest.mark.parametrize("width", [4, 8, 12])
def test_detail_measures_stripes(width):
    stripes = np.tile((np.arange(240) // width % 2).astype(np.float32), (80, 1))
    raised, gap = detail_mm(stripes, 0.05, True)
    assert raised == pytest.approx(width * 0.05, abs=0.08)  # mm, to about a pixel and a half
    assert gap == pytest.approx(width * 0.05, abs=0.08)


def test_level_metal_has_no_detail():
    assert detail_mm(np.ones((40, 40), np.float32), 0.05, False) == (float("inf"), float("inf"))


def test_a_part_that_is_stacked_is_tooled_as_if_its_repeats_lay_beside_it():
    part = np.random.default_rng(4).random((40, 60), np.float32)
    whole = draft(np.tile(part, (3, 3)), 6.0)
    np.testing.assert_allclose(draft(part, 6.0, True, True), whole[40:80, 60:120], atol=1e-6)
    assert not np.allclose(draft(part, 6.0, True), whole[40:80, 60:120], atol=1e-3)
