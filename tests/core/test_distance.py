"""Distances against scipy and against shapes whose distance is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from blender_jewelgen.core.height.distance import distance, signed_distance

SIDE = 128
Y, X = np.mgrid[:SIDE, :SIDE] + 0.5 - SIDE / 2


def painted(inside, fine=16):
    """Exact-area picture of a shape given as a function of x, y in px from the centre."""
    y, x = (np.mgrid[: SIDE * fine, : SIDE * fine] + 0.5) / fine - SIDE / 2
    return inside(x, y).reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3)).astype(np.float32)


def blobs(seed):
    noise = np.random.default_rng(seed).random((90, 140))
    return ndimage.gaussian_filter(noise, 4, mode="wrap") > 0.495


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("limit", [3, 7.5, 400])
def test_distance_is_exact(seed, limit):
    mask = blobs(seed)
    np.testing.assert_allclose(distance(mask, limit), np.minimum(ndimage.distance_transform_edt(mask), limit), atol=1e-5)


def test_distance_wraps_round_the_ring():
    mask = blobs(3)
    wanted = ndimage.distance_transform_edt(np.tile(mask, (1, 3)))[:, 140:280]
    np.testing.assert_allclose(distance(mask, 400, periodic_x=True), wanted, atol=1e-5)


def test_distance_of_a_full_picture_is_the_limit():
    assert (distance(np.ones((20, 30), bool), 12.5) == 12.5).all()
    assert (distance(np.zeros((20, 30), bool), 12.5) == 0.0).all()


@pytest.mark.parametrize("angle", [0.0, 0.1, 0.6, 1.2])
@pytest.mark.parametrize("half", [1.5, 12.3])
def test_signed_distance_of_a_bar_is_sub_pixel(angle, half):
    across = X * np.cos(angle) + Y * np.sin(angle) + 0.2
    got = signed_distance(painted(lambda x, y: np.abs(x * np.cos(angle) + y * np.sin(angle) + 0.2) < half), 20.0)
    error = np.abs(got - np.clip(half - np.abs(across), -20.0, 20.0))[30:-30, 30:-30]
    assert error.mean() < 0.03 and error.max() < 0.2  # px


def test_signed_distance_of_a_disc():
    got = signed_distance(painted(lambda x, y: x * x + y * y < 40.3**2), 25.0)
    error = np.abs(got - np.clip(40.3 - np.hypot(X, Y), -25.0, 25.0))
    assert error.mean() < 0.03 and error.max() < 0.35  # px


def test_signed_distance_wraps_and_turns_with_the_picture():
    disc = painted(lambda x, y: (x - 3.3) ** 2 + y * y < 30.4**2)
    here = signed_distance(disc, 200.0, periodic_x=True)
    np.testing.assert_array_equal(signed_distance(np.roll(disc, 64, axis=1), 200.0, periodic_x=True), np.roll(here, 64, axis=1))


def test_signed_distance_without_an_edge_is_the_limit():
    assert (signed_distance(np.ones((9, 9)), 4.0) == 4.0).all()
    assert (signed_distance(np.zeros((9, 9)), 4.0) == -4.0).all()
