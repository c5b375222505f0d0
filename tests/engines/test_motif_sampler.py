"""Drawing along lines from noise: exact where the field of directions is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.motif.sampler import LOOSE, Plan, halves, hard, sample, soft, symmetric, symmetric_noise, turned

NOISE = np.random.default_rng(0).standard_normal((3, 64, 64)).astype(np.float32)
SHAPE = (20.0 - np.hypot(*np.mgrid[-31.5:32.5, -36.5:27.5])).clip(-5.5, 5.5).astype(np.float32)  # a disc off the middle


def plan(**more) -> Plan:
    values = {"noise": NOISE, "words": np.eye(3, 96), "away": np.zeros((3, 96)), "start": None, "strength": np.ones(3)} | more
    return Plan(**values)


def towards(shape: np.ndarray):
    """The direction of a net that knows but one drawing: (cell - drawing) / time."""
    return lambda cell, time, words: (cell - soft(shape)) / time[:, None, None]


def quiet(share: float, seems: np.ndarray) -> None:
    assert 0.0 < share <= 1.0 and seems.shape == (3, 64, 64)


def test_distances_survive_the_way_in_and_out():
    np.testing.assert_allclose(hard(soft(SHAPE)), SHAPE, atol=1e-4)


@pytest.mark.parametrize("steps", [2, 8])
@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_a_net_that_knows_one_drawing_draws_it(steps, guidance):
    made = sample(towards(SHAPE), plan(), steps, guidance, quiet)
    np.testing.assert_allclose(made, np.broadcast_to(SHAPE, made.shape), atol=1e-3)


def test_guidance_leads_from_the_words_to_avoid_past_those_to_follow():
    def direction(cell, time, words):
        aim = 0.1 * words[:, :1, None] - 0.1 * words[:, 1:2, None]
        return (cell - aim) / time[:, None, None]

    words, away = np.zeros((3, 96)), np.zeros((3, 96))
    words[:, 0], away[:, 1] = 1.0, 1.0
    made = sample(direction, plan(words=words, away=away), 4, 3.0, quiet)
    np.testing.assert_allclose(soft(made), 0.1 * 3.0 - (-0.1) * (3.0 - 1.0), atol=1e-4)  # away + g (words - away)


def test_loose_guidance_hears_no_words_at_first_and_all_of_them_later():
    heard = []

    def direction(cell, time, words):
        heard.append((float(time[0]), len(cell), bool(words.any())))
        return (cell - 0.1) / time[:, None, None]

    sample(direction, plan(heed=LOOSE), 8, 2.0, quiet)
    assert [(count, any_) for time, count, any_ in heard] == [(3, False)] * 2 + [(6, True)] * 4 + [(3, True)] * 2
    assert all((time > 0.9) == (not any_) for time, _, any_ in heard)


@pytest.mark.parametrize("guidance", [0.5, 1.0])
def test_weak_guidance_never_leads_to_what_is_to_be_avoided(guidance):
    def direction(cell, time, words):
        return (cell - 0.1 * words[:, :1, None] - 0.1 * words[:, 1:2, None]) / time[:, None, None]

    words, away = np.zeros((3, 96)), np.zeros((3, 96))
    words[:, 0], away[:, 1] = 1.0, 1.0
    made = sample(direction, plan(words=words, away=away), 4, guidance, quiet)
    np.testing.assert_allclose(soft(made), 0.1 * guidance, atol=1e-4)


def test_each_half_of_a_cell_is_led_by_its_own_words():
    def direction(cell, time, words):
        return (cell - 0.3 * (words[:, :1, None] - words[:, 1:2, None])) / time[:, None, None]

    words, other = np.zeros((3, 96)), np.zeros((3, 96))
    words[:, 0], other[:, 1] = 1.0, 1.0
    share = np.stack([halves(angle) for angle in (0.0, np.pi / 2, np.pi)])  # the second is right, below, left
    made = sample(direction, plan(words=words, other=other, share=share), 4, 1.0, quiet)
    for cell, (row, column) in zip(made, ((32, 0), (0, 32), (32, 63)), strict=True):
        assert soft(cell)[row, column] == pytest.approx(0.3, abs=1e-3)
        assert soft(cell)[63 - row, 63 - column] == pytest.approx(-0.3, abs=1e-3)


def test_halves_part_the_cell_by_their_share():
    for angle in (0.0, 0.8, 2.4):
        np.testing.assert_allclose(halves(angle) + halves(angle + np.pi), 1.0, atol=1e-6)
        assert halves(angle, 0.3).mean() < 0.5 < halves(angle, 0.7).mean()
        assert halves(angle, 0.0).mean() < 0.02


def test_a_weak_start_stays_near_what_it_starts_from():
    still = lambda cell, time, words: np.zeros_like(cell)  # noqa: E731
    made = sample(still, plan(start=np.tile(SHAPE, (3, 1, 1)), strength=np.array([0.01, 0.1, 0.5])), 4, 1.0, quiet)
    apart = np.abs(soft(made) - soft(SHAPE)).mean((1, 2))
    assert apart[0] < 0.02 and apart[0] < apart[1] < apart[2]


def test_what_may_not_change_does_not():
    free = np.zeros((64, 64), bool)
    free[20:40, 20:40] = True
    start = np.tile(SHAPE, (3, 1, 1))
    made = sample(towards(-SHAPE), plan(start=start, free=free), 6, 1.0, quiet)
    np.testing.assert_allclose(made[:, ~free], start[:, ~free], atol=1e-3)
    np.testing.assert_allclose(made[:, free], -start[:, free], atol=1e-3)


@pytest.mark.parametrize("kind", ["mirror", "2", "4"])
def test_symmetry_is_kept_inside_and_exact_on_the_grid(kind):
    made = sample(towards(SHAPE), plan(symmetry=kind), 4, 2.0, quiet)
    again = made[:, :, ::-1] if kind == "mirror" else turned(made, 1, int(kind))
    np.testing.assert_allclose(made, again, atol=1e-4)


@pytest.mark.parametrize("kind", ["3", "6"])
def test_symmetry_of_turns_off_the_grid_holds_to_a_part_of_a_pixel(kind):
    made = sample(towards(SHAPE), plan(symmetry=kind), 4, 2.0, quiet)
    again = turned(soft(made), 1, int(kind))
    inside = np.hypot(*np.mgrid[-31.5:32.5, -31.5:32.5]) < 30
    assert np.abs(soft(made) - again)[:, inside].mean() < 0.02


@pytest.mark.parametrize("kind", ["mirror", "2", "3", "4", "6"])
def test_symmetric_noise_is_still_noise(kind):
    many = np.random.default_rng(1).standard_normal((64, 64, 64)).astype(np.float32)
    noise = symmetric_noise(many, kind)
    assert abs(float(noise.std()) - 1.0) < 0.03 and abs(float(noise.mean())) < 0.02
    assert not np.array_equal(noise, many)


def test_a_mean_over_a_symmetry_changes_nothing_twice():
    for kind in ("mirror", "2", "4"):
        once = symmetric(NOISE, kind)
        np.testing.assert_allclose(symmetric(once, kind), once, atol=1e-6)


def test_numbers_that_are_not_finite_are_told():
    with pytest.raises(BadInput, match="not finite"):
        sample(lambda cell, time, words: cell * np.nan, plan(), 2, 1.0, quiet)


def test_every_step_can_be_the_last():
    seen = []

    def stop(share, seems):
        seen.append(share)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(towards(SHAPE), plan(), 8, 1.0, stop)
    assert seen == [1 / 8, 2 / 8]
