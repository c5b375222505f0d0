"""Forty random pieces; ``scripts/fuzz.py --count 1000`` makes as many as one likes."""

from __future__ import annotations

import pieces
import pytest

FIRST, COUNT = 20_000, 40


@pytest.fixture(scope="module")
def outcomes():
    return [pieces.attempt(seed) for seed in range(FIRST, FIRST + COUNT)]


def test_every_random_piece_is_closed_outward_whole_and_inside_its_depth_budget(outcomes):
    assert [(o.seed, o.wrong) for o in outcomes if o.state == "failed"] == []


def test_hardly_any_random_piece_is_refused_and_each_in_one_sentence(outcomes):
    refused = [o for o in outcomes if o.state == "refused"]
    assert len(refused) <= 0.05 * COUNT, refused
    assert all("\n" not in o.wrong[0] for o in refused)


def test_the_same_number_gives_the_same_random_piece():
    assert pieces.recipe_of(7) == pieces.recipe_of(7) != pieces.recipe_of(8)
