"""Slopes to heights: exact round trips, seams that join, and what a depth and normals know together."""

from __future__ import annotations

import numpy as np
import pytest
from height_truths import fault, noisy, normals, painted, relief
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.bands import eased, flatten_for, flattened
from blender_jewelgen.core.height.denoise import box, denoised
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.height.fuse import fused
from blender_jewelgen.core.height.normals import is_map, slopes_of
from blender_jewelgen.core.height.poisson import integrated, joined, screened, slopes
from blender_jewelgen.core.height.regions import at_border, regions
from blender_jewelgen.core.height.waves import Waves
from blender_jewelgen.core.pattern.parts import parts

TRUTH = relief(256)
PX = 8.0  # height of the relief in px


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(2, 40), st.booleans(), st.integers(0, 1000))
def test_waves_and_slopes_give_back_what_they_were_made_of(rows, columns, wrap, seed):
    height = np.random.default_rng(seed).random((rows, columns)).astype(np.float32)
    waves = Waves(height.shape, wrap)
    np.testing.assert_allclose(waves.back(waves.of(height)), height, atol=2e-6)
    np.testing.assert_allclose(integrated(*slopes(height, wrap), wrap), height - height.mean(), atol=1e-5)


@pytest.mark.parametrize("wrap", [False, True])
def test_stiffness_is_minus_the_laplacian_of_each_wave(wrap):
    height = np.random.default_rng(0).random((12, 9)).astype(np.float32)
    waves = Waves(height.shape, wrap)
    wide = np.pad(np.pad(height, ((1, 1), (0, 0)), mode="edge"), ((0, 0), (1, 1)), mode="wrap" if wrap else "edge")
    laplace = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4.0 * height
    np.testing.assert_allclose(waves.back(waves.of(height) * waves.stiffness()), -laplace, atol=1e-5)


def test_the_dct_is_that_of_the_textbook():
    values = np.random.default_rng(2).random((1, 11))
    k, j = np.mgrid[:11, :11]
    expected = (np.cos(np.pi * (2 * j + 1) * k / 22) * values).sum(axis=1)
    np.testing.assert_allclose(Waves((1, 11), False).of(values).ravel(), expected, atol=1e-12)


def test_screened_obeys_its_own_equation():
    rng = np.random.default_rng(3)
    height, guide = (rng.random((20, 30)).astype(np.float32) for _ in range(2))
    across, down = slopes(height)
    found, hold = screened(across, down, guide, 0.3), 0.3

    def cost(values: np.ndarray) -> float:
        a, d = slopes(values)
        return float(((a - across) ** 2).sum() + ((d - down) ** 2).sum() + hold * ((values - guide) ** 2).sum())

    least = cost(found)
    assert all(cost(found + 0.01 * rng.normal(size=found.shape).astype(np.float32)) > least for _ in range(10))


def test_true_normals_give_the_true_height_and_its_scale():
    height = integrated(*_slopes(painted(normals(TRUTH * PX))))
    assert fault(height, TRUTH) < 0.004
    assert np.ptp(height) == pytest.approx(PX, rel=0.03)


def _slopes(colours, **more):
    found = slopes_of(colours, **more)
    return found.across, found.down


@pytest.mark.parametrize(
    ("turned", "way", "word"),
    [
        (lambda c: c, "opengl", ""),
        (lambda c: np.stack([c[..., 0], 1.0 - c[..., 1], c[..., 2]], -1), "directx", "DirectX"),
        (lambda c: c[..., [1, 0, 2]], "swapped", "swapped"),
        (lambda c: c[..., ::-1], "opengl", "blue first"),
    ],
)
@pytest.mark.parametrize("grain", [0.0, 7.5])
def test_channels_that_point_elsewhere_are_found_and_said(turned, way, word, grain):
    colours = turned(painted(noisy(normals(TRUTH * PX), grain)))
    assert is_map(colours)
    found = slopes_of(colours)
    assert found.facts["normals_way"] == way
    assert (not found.notes) if not word else word in " ".join(found.notes)
    assert fault(integrated(found.across, found.down), TRUTH) < (0.004 if not grain else 0.03)


def test_what_is_no_normal_map_is_refused_and_not_taken_for_one():
    for colours, word in ((np.full((16, 16, 3), 0.5), "faces the viewer"), (np.tile([0.5, 0.5, 1.0], (16, 16, 1)), "flat colour")):
        with pytest.raises(BadInput, match=word) as refusal:
            slopes_of(colours)
        assert refusal.value.field == "normals"
    rng = np.random.default_rng(0)
    assert not is_map(rng.random((40, 40, 3)))
    assert not is_map(np.tile([0.55, 0.7, 0.95], (40, 40, 1)) - 0.1 * rng.random((40, 40, 3)))  # a blue sky


def test_a_blurred_depth_and_noisy_normals_know_more_together_than_apart():
    truth = relief(512) * 20.0
    across, down = _slopes(noisy(normals(truth), 7.5))
    depth = (blur(truth, 5.0) / 20.0).astype(np.float32)
    both = fused(depth, across, down)
    assert fault(both.height, truth) < 0.012
    assert fault(both.height, truth) < 0.8 * min(fault(depth, truth), fault(integrated(across, down), truth))
    assert both.scale == pytest.approx(20.0, rel=0.1) and both.blur == pytest.approx(5.0, rel=0.15) and both.agreement > 0.95


def test_a_depth_that_is_upside_down_is_turned_round():
    truth = TRUTH * PX
    across, down = _slopes(normals(truth))
    both = fused(1.0 - blur(truth, 3.0) / PX, across, down)
    assert both.scale < 0.0 and fault(both.height, truth) < 0.01


def test_a_depth_of_something_else_does_no_harm():
    across, down = _slopes(noisy(normals(TRUTH * PX), 7.5))
    both = fused(np.random.default_rng(5).random(TRUTH.shape).astype(np.float32), across, down)
    assert abs(both.agreement) < 0.25 and fault(both.height, TRUTH) < 0.03


def test_a_joined_height_has_no_step_at_its_seam_and_is_little_changed():
    height = np.linspace(0.0, 0.3, 200, dtype=np.float32)[None] + 0.5 * relief(200)
    found = joined(height)
    inner = np.abs(np.diff(found, axis=1)).max()
    assert np.abs(found[:, 0] - found[:, -1]).max() <= inner
    assert fault(found[:, 40:-40], height[:, 40:-40]) < 0.03


def test_bands_lower_large_shapes_and_keep_fine_ones():
    y, x = np.mgrid[:256, :256] / 256.0
    dome = np.exp(-8.0 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)).astype(np.float32)
    fine = 0.02 * np.sin(2.0 * np.pi * 64.0 * x).astype(np.float32)
    low = flattened(dome + fine, 1.0)
    assert np.ptp(blur(low, 6.0)) < 0.3 * np.ptp(blur(dome, 6.0))
    assert (low - blur(low, 3.0)).std() == pytest.approx(1.1 * (fine - blur(fine, 3.0)).std(), rel=0.1)
    np.testing.assert_array_equal(flattened(dome, 0.0), dome)
    wanted = 0.5 * np.ptp(dome + fine)
    assert np.ptp(flattened(dome + fine, flatten_for(dome + fine, wanted))) == pytest.approx(wanted, rel=0.06)


def test_jumps_are_eased_and_all_else_keeps_its_shape():
    height = 0.3 * TRUTH[:, :200].copy()
    height[:, 100:] += 0.7
    found, share = eased(height, 0.15)
    assert 0.0 < share < 0.03 and np.abs(np.diff(found, axis=1)).max() < 0.25
    assert fault(found[:, :90], height[:, :90]) < 0.03 and fault(found[:, 110:], height[:, 110:]) < 0.03
    same, none = eased(TRUTH, 1.0)
    assert none == 0.0 and (same == TRUTH).all()


def test_noise_goes_and_edges_stay():
    step = np.repeat((np.arange(256) > 128).astype(np.float32)[None], 64, axis=0)
    rough = step + np.random.default_rng(1).normal(0.0, 0.02, step.shape).astype(np.float32)
    smooth = denoised(rough, 0.4)
    level = np.abs(np.arange(256) - 128.5) > 4
    assert smooth[:, level].std(axis=0).mean() < 0.45 * rough[:, level].std(axis=0).mean()
    assert (smooth[:, 130] - smooth[:, 128]).mean() > 0.97
    assert denoised(rough, 0.0) is rough


def test_a_box_is_the_mean_of_its_square():
    picture = np.random.default_rng(4).random((9, 13)).astype(np.float32)
    assert box(picture, 2)[4, 6] == pytest.approx(picture[2:7, 4:9].mean(), abs=1e-6)
    assert box(picture, 2, wrap=True)[4, 0] == pytest.approx(np.take(picture[2:7], range(-2, 3), axis=1).mean(), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 25), st.integers(1, 25), st.integers(0, 10_000), st.floats(0.05, 0.95))
def test_regions_are_those_of_the_slow_way(rows, columns, seed, share):
    mask = np.random.default_rng(seed).random((rows, columns)) < share
    label, sizes = regions(mask)
    other, counts = parts(mask)
    np.testing.assert_array_equal(label, other)
    np.testing.assert_array_equal(sizes, counts)


def test_regions_go_round_where_columns_wrap():
    mask = np.zeros((5, 8), bool)
    mask[2, :2] = mask[2, 6:] = mask[0, 4] = True
    assert len(regions(mask)[1]) == 4 and len(regions(mask, wrap=True)[1]) == 3
    label = regions(mask, wrap=True)[0]
    assert label[2, 0] == label[2, 7] and set(at_border(label, wrap=True)) == {label[0, 4]}
