"""Pierced letters: nothing falls out, bars are as broad as they have to be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from blender_jewelgen.core.lettering.lines import lettered
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.words.text_line import TextLine

PX = 24
BAND = Strip(60.0, 8.0, 60 * PX, 8 * PX)


def pierced(words: str, surface=BAND, web: float = 0.5, **kw):
    bare = np.zeros((surface.rows, surface.columns), np.float32)
    return lettered(bare, surface, None, (TextLine(words=words, style="pierced", **kw),), "relief", limits("castable-resin"), 0.5, web=web)


def pieces(metal: np.ndarray) -> int:
    """Parts of the metal, columns joined round, by scipy."""
    label, count = ndimage.label(metal > 0.0)
    seam = {(a, b) for a, b in zip(label[:, 0], label[:, -1]) if a and b}
    groups = list(range(count + 1))
    for a, b in seam:
        groups = [groups[a] if g == groups[b] else g for g in groups]
    return len({groups[k] for k in range(1, count + 1)})


@pytest.mark.parametrize("words", ["OAD", "ABDOPQR", "abdegopq", "0468 9", "B & 8", "口", "回", "田品器", "国图圆", "囍", "Ö©@%", "Doppelgänger"])
@pytest.mark.parametrize("font", ["auto", "sans", "script", "kai"])
def test_all_metal_is_one_part_whatever_the_letters_enclose(words, font):
    if font in ("sans", "script") and not words.isascii() and any(ord(c) > 0x2000 for c in words):
        pytest.skip("no Chinese in this font")
    found = pierced(words, font=font)
    assert pieces(found.metal) == 1
    assert (found.metal < 0.0).any()


@pytest.mark.parametrize(("words", "islands"), [("O", 1), ("B", 2), ("口", 1), ("8", 2), ("I", 0)])
def test_every_island_hangs_on_two_bars(words, islands):
    assert pierced(words, font="song" if words == "口" else "sans").facts["bars"] == 2 * islands


@pytest.mark.parametrize("web", [0.5, 0.8])
def test_bars_are_as_broad_as_the_metal_must_be(web):
    open_ = pierced("O", font="sans", web=web).metal < 0.0
    cut = ndimage.label(open_)[0]
    assert cut.max() == 2  # the ring of the O is parted in two
    near = ndimage.distance_transform_edt(cut != 1)[cut == 2].min() / PX
    assert near == pytest.approx(web, abs=1.6 / PX)


def test_metal_between_letters_is_as_broad_as_the_bars():
    found = pierced("HIIIH", font="sans", web=0.6, height=3.0)
    label, count = ndimage.label(found.metal < 0.0)
    assert count == 5
    for k in range(1, 5):
        gap = ndimage.distance_transform_edt(label != k)
        assert min(gap[label == j].min() for j in range(1, 6) if j != k) / PX > 0.55
    assert found.facts["lines"][0]["gap_mm"] >= 0.57


def test_letters_of_a_legend_hang_upright_in_their_own_frame():
    found = pierced("OOOOOO", disc(26.0, 26 * PX), path="around", font="sans")
    assert pieces(found.metal) == 1 and found.facts["bars"] == 12
    label, count = ndimage.label(found.metal < 0.0)
    assert count == 12  # each ring in two halves
    sizes = np.bincount(label.ravel())[1:]
    assert sizes.min() > 0.7 * sizes.max()  # parted alike, whichever way a letter is turned


def test_letters_that_join_become_one_opening_that_lets_nothing_fall():
    found = pierced("allegro bello", font="script")
    assert pieces(found.metal) == 1
