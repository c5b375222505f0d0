"""A raised silhouette: known profiles, nothing outside, no ripples."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.filters import resize
from blender_jewelgen.core.pattern import motifs
from blender_jewelgen.core.pattern.inflate import STYLES, inflate, pillow

SIDE = 192
Y, X = np.mgrid[:SIDE, :SIDE] + 0.5 - SIDE / 2
RADIUS = np.hypot(X, Y)


def disc(radius, fine=16):
    y, x = (np.mgrid[: SIDE * fine, : SIDE * fine] + 0.5) / fine - SIDE / 2
    return (x * x + y * y < radius * radius).reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3)).astype(np.float32)


@pytest.mark.parametrize("radius", [10.0, 33.3, 80.0])
def test_pillow_of_a_disc_is_its_hemisphere(radius):
    error = pillow(disc(radius)) - np.sqrt(np.clip(radius**2 - RADIUS**2, 0.0, None))
    assert np.abs(error[radius - 2 > RADIUS]).max() < 0.025 * radius


@pytest.mark.parametrize("style", STYLES)
def test_relief_is_zero_outside_and_one_at_most(style):
    for name in ("owl", "wyvern", "hearts", "sparkles"):
        coverage = motifs.coverage(name, 160)
        height = inflate(coverage, style)
        assert height.dtype == np.float32 and height.shape == coverage.shape
        assert (height[coverage == 0.0] == 0.0).all()
        assert height.min() >= 0.0 and height.max() == pytest.approx(1.0)


@pytest.mark.parametrize("style", STYLES)
def test_relief_of_a_disc_is_round(style):
    height = inflate(disc(60.0), style)
    steep = 0.09 if style in ("chased", "wire") else 0.01  # their flanks climb 0.3 a px and more
    np.testing.assert_allclose(height, height[:, ::-1], atol=steep)
    np.testing.assert_allclose(height, height.T, atol=steep)


def test_rounded_disc_falls_from_the_middle_without_ripples():
    height = inflate(disc(70.0), "rounded")
    profile = height[SIDE // 2, SIDE // 2 :]
    assert profile.argmax() <= 1
    assert (np.diff(profile) <= 1e-4).all()
    ring = height[np.abs(RADIUS - 40.0) < 0.7]
    assert np.ptp(ring) < 0.03  # the slope there, and no more


def test_thin_parts_are_lower_but_raised():
    drawing = np.zeros((SIDE, SIDE), np.float32)
    drawing[20:100, 20:100] = 1.0
    drawing[150:156, 20:170] = 1.0
    height = inflate(drawing, "rounded")
    assert 0.12 < height[150:156, 90].max() < 0.5 < height[60, 60]


def test_cut_lines_stay_open_and_the_body_is_shared():
    whole = np.zeros((SIDE, SIDE), np.float32)
    whole[30:160, 30:160] = 1.0
    cut = whole.copy()
    cut[30:160, 94:97] = 0.0
    height = inflate(cut, "rounded")
    assert (height[:, 94:97] == 0.0).all()
    assert height[95, 85] > 1.1 * height[95, 40]  # the halves belong to one dome: higher beside the cut than outside


def test_terraces_are_flat_and_four():
    height = inflate(disc(70.0), "stepped")
    share, _ = np.histogram(height[RADIUS < 69.0], bins=40, range=(0.0, 1.0))
    assert (share > 0.03 * share.sum()).sum() == 4


def test_wire_leaves_the_inside_open():
    height = inflate(disc(70.0), "wire")
    assert (height[RADIUS < 55.0] == 0.0).all() and height[np.abs(RADIUS - 66.9) < 0.5].min() > 0.9


@pytest.mark.parametrize("style", ["rounded", "flat"])
def test_relief_does_not_depend_on_the_resolution(style):
    small, large = (inflate(motifs.coverage("lotus", size), style) for size in (192, 384))
    assert np.abs(resize(large, 192, 192) - small).mean() < 0.01


def test_nothing_gives_nothing_and_unknown_styles_are_refused():
    assert not inflate(np.zeros((50, 40)), "rounded").any()
    with pytest.raises(BadInput, match="rounded"):
        inflate(np.ones((8, 8)), "round")


def test_small_and_oblong_pictures_work():
    for shape in ((5, 5), (24, 200), (3, 64)):
        height = inflate(np.ones(shape, np.float32), "rounded")
        assert height.shape == shape and np.isfinite(height).all()
