"""The library of silhouettes: complete, clean, found by its words, sharp at every size."""

from __future__ import annotations

import re

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.filters import resize
from blender_jewelgen.core.pattern import motifs
from blender_jewelgen.core.pattern.outline import CELL, cover, decode, flatten

NAMES = motifs.names()
EXCLUDED = (  # signs of games, films and firms
    "sheikah-eye triforce ubisoft-sun bird-twitter staryu super-mushroom deku-tree pokecog pentarrows-tornado bat-mask "
    "dragon-balls fire-flower millenium-key overlord-helm hades-symbol metroid spiked-shell koholint-egg purple-tentacle "
    "harry-potter-skull jason-mask klingon companion-cube death-star samus-helmet saiyan-suit over-infinity kenku-head"
).split()


def test_there_are_many_motifs_and_none_twice():
    assert len(NAMES) >= 650 and len(set(NAMES)) == len(NAMES)
    drawings = {motifs.coverage(name, 32).tobytes() for name in NAMES}
    assert len(drawings) == len(NAMES)


def test_signs_of_others_are_left_out():
    assert not set(EXCLUDED) & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_motif_has_words_and_a_clean_drawing(name):
    entry = motifs.entry(name)
    assert entry.en and all(re.fullmatch(r"[a-z][a-z' -]+", word) for word in entry.en)
    assert entry.zh and all(re.fullmatch(r"[一-鿿]+", word) for word in entry.zh)
    assert len(set(entry.en)) == len(entry.en) and len(set(entry.zh)) == len(entry.zh)
    size = 100
    drawing = motifs.coverage(name, size)
    assert 0.04 <= drawing.mean() <= 0.80
    used = [np.flatnonzero(drawing.max(axis=axis) > 0.0) for axis in (0, 1)]
    assert min(u[0] for u in used) >= 5 and max(u[-1] for u in used) < size - 5  # 6 % margin, less rounding
    assert max(u[-1] - u[0] + 1 for u in used) >= 87  # fills the rest
    for u in used:
        assert abs(u[0] + u[-1] - (size - 1)) <= 1  # centred


@pytest.mark.parametrize("name", ["owl", "medusa-head", "lotus", "scorpion", "triquetra"])
def test_drawing_does_not_depend_on_the_resolution(name):
    small, large = motifs.coverage(name, 256), motifs.coverage(name, 512)
    assert small.dtype == np.float32 and small.min() >= 0.0 and small.max() == 1.0
    assert np.abs(resize(large, 256, 256) - small).max() < 0.05


@pytest.mark.parametrize(
    "word, wanted",
    [
        ("dragon", "wyvern"), ("龙", "sea-dragon"), ("龙头", "dragon-head"), ("owls", "owl"), ("wolves", "wolf-head"),
        ("Dragon Head", "dragon-head"), ("mice", "mouse"), ("cherries", "cherry"), ("butterfly", "fairy"), ("蝴蝶", "fairy"),
        ("fish", "salmon"), ("bird", "finch"), ("hearts", "hearts"), ("心", "hearts"), ("tree of life", "beech"),
        ("凤凰", "condor-emblem"), ("fleur-de-lis", "fleur-de-lys"), ("horse", "horse-head"), ("兔", "rabbit"),
    ],
)  # fmt: skip
def test_words_find_the_motif_meant(word, wanted):
    assert motifs.find(word).name == wanted


def test_every_word_finds_its_own_motif():
    for name in NAMES:
        entry = motifs.entry(name)
        assert motifs.find(name).name == name
        for word in (*entry.en, *entry.zh):
            assert name in motifs.candidates(word)


def test_chinese_zodiac_is_complete():
    assert all(motifs.find(sign) for sign in "鼠牛虎兔龙蛇马羊猴鸡狗猪")


def test_unknown_words_find_nothing():
    assert motifs.find("qwertz") is None and motifs.candidates("") == ()
    with pytest.raises(BadInput, match="no motif"):
        motifs.coverage("qwertz", 64)


def test_candidates_hold_all_of_a_kind_best_first():
    hearts = motifs.candidates("heart")
    assert hearts[0] == "hearts" and {"heart-wings", "crowned-heart", "broken-heart"} <= set(hearts)


def test_square_with_a_hole_is_covered_exactly():
    outer = [1000, 1000, -9001, 1000, -9001, 9000, -1001, 9000]
    hole = [3000, 3000, -3001, 7000, -7001, 7000, -7001, 3000]
    drawing = cover(flatten(decode([outer, hole]), 37), 37)
    assert drawing.sum() / 37**2 == pytest.approx(0.64 - 0.16, abs=1e-6)
    same_way = [hole[0], hole[1], -7001, 3000, -7001, 7000, -3001, 7000]
    assert cover(flatten(decode([outer, same_way]), 37), 37).sum() / 37**2 == pytest.approx(0.64, abs=1e-6)


def test_circle_of_four_curves_has_its_area():
    k = 0.5522847498
    turn = np.array([[1, 0], [1, k], [k, 1], [0, 1]])
    quarters = [turn @ np.array([[c, s], [-s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    contour = np.array(quarters) * 0.4 + 0.5
    assert cover(flatten([contour], 200), 200).mean() == pytest.approx(np.pi * 0.16, rel=1e-3)
    assert CELL == 10000
