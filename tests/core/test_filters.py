"""Blur against scipy; resize and sample against what must be kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from blender_jewelgen.core.height.filters import blur, resize, sample

IMAGE = np.random.default_rng(0).random((60, 111)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 4.2, 30.0])
def test_blur_agrees_with_scipy(sigma):
    np.testing.assert_allclose(blur(IMAGE, sigma), ndimage.gaussian_filter(IMAGE, sigma, mode="nearest"), atol=1e-5)
    wrapped = ndimage.gaussian_filter(IMAGE, sigma, mode="wrap")
    np.testing.assert_allclose(blur(IMAGE, sigma, periodic_x=True, periodic_y=True), wrapped, atol=1e-5)
    mixed = ndimage.gaussian_filter(IMAGE, sigma, mode=("nearest", "wrap"))
    np.testing.assert_allclose(blur(IMAGE, sigma, periodic_x=True), mixed, atol=1e-5)


def test_blur_leaves_its_input_alone():
    before = IMAGE.copy()
    assert blur(IMAGE, 0.0) is not IMAGE
    blur(IMAGE, 2.0)
    np.testing.assert_array_equal(IMAGE, before)


def test_shrinking_keeps_the_mean_of_each_area():
    np.testing.assert_allclose(resize(IMAGE, 20, 37), IMAGE.reshape(20, 3, 37, 3).mean(axis=(1, 3)), atol=1e-6)
    np.testing.assert_allclose(resize(IMAGE, 23, 50).mean(), IMAGE.mean(), atol=1e-6)


def test_growing_keeps_a_ramp_and_the_range():
    ramp = np.tile(np.arange(40.0), (5, 1))
    grown = resize(ramp, 5, 100)
    np.testing.assert_allclose(grown[:, 5:-5], np.tile(((np.arange(100) + 0.5) * 0.4 - 0.5)[5:-5], (5, 1)), atol=1e-5)
    step = resize((ramp > 20).astype(np.float32), 17, 333)
    assert step.min() == 0.0 and step.max() == 1.0


@pytest.mark.parametrize("columns", [37, 111, 222])
def test_resize_has_no_seam(columns):
    turned = resize(np.roll(IMAGE, 3 * 20, axis=1), 60, columns, periodic_x=True)
    np.testing.assert_allclose(
        turned, np.roll(resize(IMAGE, 60, columns, periodic_x=True), 60 * columns // 111, axis=1), atol=1e-6
    )


def test_sample_gives_pixels_at_whole_numbers_and_means_between():
    row, column = np.mgrid[:60, :111]
    np.testing.assert_array_equal(sample(IMAGE, column, row), IMAGE)
    np.testing.assert_allclose(sample(IMAGE, column[:, 1:] - 0.5, row[:, 1:]), (IMAGE[:, 1:] + IMAGE[:, :-1]) / 2, atol=1e-6)


def test_sample_wraps_or_holds_the_edge():
    rows = np.arange(60)
    np.testing.assert_allclose(sample(IMAGE, 110.5, rows, periodic_x=True), (IMAGE[:, 110] + IMAGE[:, 0]) / 2, atol=1e-6)
    np.testing.assert_allclose(sample(IMAGE, -0.25, rows, periodic_x=True), 0.75 * IMAGE[:, 0] + 0.25 * IMAGE[:, 110], atol=1e-6)
    np.testing.assert_array_equal(sample(IMAGE, 500.0, rows), IMAGE[:, 110])
    np.testing.assert_allclose(sample(IMAGE, 111.0 - 1e-17, rows, periodic_x=True), IMAGE[:, 0], atol=1e-6)
