"""Words as vectors: near in meaning is near in direction, and weights move the result."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.words.vectors import DIMENSIONS, embed, word_vector


def likeness(a: str, b: str) -> float:
    return float(embed([(a, 1.0)]) @ embed([(b, 1.0)]))


@pytest.mark.parametrize(("word", "near", "far"), [
    ("serpent", "snake", "flower"), ("blossom", "flower", "anchor"), ("king", "crown", "spider"), ("ocean", "sea", "leaf"), ("ivy", "vine", "lion"),
])  # fmt: skip
def test_a_word_is_nearer_to_one_of_its_meaning_than_to_another(word, near, far):
    assert likeness(word, near) > likeness(word, far) + 0.1


def test_a_prompt_is_a_direction_that_moves_with_its_weights():
    lotus, dragon = embed([("lotus", 1.0)]), embed([("dragon", 1.0)])
    shares = [embed([("dragon", weight), ("lotus", 1.0)]) @ dragon for weight in (0.5, 1.0, 2.0, 4.0)]
    assert np.all(np.diff(shares) > 0.0)
    assert embed([("dragon", 1.0), ("lotus", -1.0)]) @ lotus < embed([("dragon", 1.0)]) @ lotus
    assert np.linalg.norm(embed([("dragon lotus", 3.0)])) == pytest.approx(1.0, abs=1e-6)


def test_words_nobody_knows_say_nothing():
    assert not embed([("xqzzk", 1.0)]).any() and embed([]).shape == (DIMENSIONS,)
    assert word_vector("xqzzk") is None


def test_plurals_and_compounds_are_known_by_their_parts():
    np.testing.assert_array_equal(word_vector("serpents"), word_vector("serpent"))
    assert likeness("oakleaf", "oak leaf") > 0.9
