"""Composition: layouts, shares, symmetry, borders that nothing touches, grounds that stay low."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.library import table
from blender_jewelgen.core.pattern import borders, compose, grounds, sources
from blender_jewelgen.core.pattern.layout_plate import canvas_of
from blender_jewelgen.core.pattern.strip import Plate, Strip, disc
from blender_jewelgen.core.words import keys
from blender_jewelgen.core.words.design import Design, Motif

STRIP = Strip(54.4, 6.0, 768, 96)


def motifs(*names: str | tuple[str, float]) -> tuple[Motif, ...]:
    return tuple(Motif(name=n) if isinstance(n, str) else Motif(name=n[0], weight=n[1]) for n in names)


def heart(pixels: int) -> Plate:
    y, x = np.mgrid[10 : -10 : pixels * 1j, -10 : 10 : pixels * 1j]
    radius = np.hypot(x / 9, (y - 0.75 * np.abs(x)) / 9)
    return Plate(20.0, 20.0, pixels, pixels, (6.5 * (1 - radius)).astype(np.float32))


def test_a_strip_takes_a_family_first_a_plate_a_figure_first_and_both_the_library_last():
    design = Design(motifs=motifs("lotus", "owl", "no such thing at all"))
    on_strip, missing = compose.resolve(design, STRIP)
    assert [s.kind for s in on_strip] == ["family", "library"]
    assert missing == ["no such thing at all"]
    assert [s.kind for s in compose.resolve(design, disc(20, 64))[0]] == ["cell", "library"]


def test_a_design_without_motifs_gets_one_unless_it_avoids_motifs():
    assert compose.resolve(Design(), STRIP)[0]
    assert compose.resolve(Design(avoid=("motif",)), STRIP)[0] == []
    assert np.ptp(compose.draw(Design(avoid=("motif",)), STRIP, 0)) == 0.0
    assert np.ptp(compose.draw(Design(avoid=("motif",), border="rope"), STRIP, 0)) > 0.5
    for form in keys.FORMS:
        for technique in keys.TECHNIQUES:
            for name in compose.default_design_motifs(form, technique, ""):
                assert sources.find(name, True) is not None


def test_every_period_of_the_lexicon_has_motifs_for_bands_and_flat_pieces():
    periods = {row["value"] for row in next(v for v in table("lexicon").values() if isinstance(v, list)) if row["slot"] == "period"}
    assert periods == set(sources.DEFAULTS)
    for pair in sources.DEFAULTS.values():
        assert len(pair) == 2
        assert all(find(name) for names, find in zip(pair, (lambda n: sources.find(n, True), lambda n: sources.find(n, False))) for name in names)


def test_shares_become_counts_spread_evenly():
    assert sources.sequence([1.0]) == [0]
    assert sorted(sources.sequence([2.0, 1.0])) == [0, 0, 1]
    assert sources.sequence([1.0, 1.0]) == [0, 1]
    assert sorted(sources.sequence([3.0, 1.0, 1.0])) == [0, 0, 0, 1, 2]
    assert len(sources.sequence([10.0, 0.1, 5.0])) <= 9


def count_symmetric(picture: np.ndarray) -> tuple[int, int]:
    """How many figures of a frieze are their own mirror image, and how many are not; rows of granules between them do not count."""
    bare = picture.max(axis=0) < 0.02
    picture = np.roll(picture, -int(np.argmax(bare)), axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (picture.max(axis=0) >= 0.02).astype(int), [0]])))
    even = odd = 0
    for start, stop in zip(edges[::2], edges[1::2]):
        if stop - start < 30:  # px; a figure is about 60 wide, a granule 10
            continue
        run = picture[:, start:stop]
        alike = np.corrcoef(run.ravel(), run[:, ::-1].ravel())[0, 1] > 0.8
        even, odd = even + alike, odd + (not alike)
    return int(even), int(odd)


def test_twice_the_share_gives_exactly_twice_the_motifs():
    for suns, moons in ((2, 1), (1, 2), (1, 1), (3, 1)):
        picture = compose.draw(Design(motifs=motifs(("star", float(suns)), ("crescent", float(moons)))), Strip(60.0, 6.0, 1200, 120), 0)
        even, odd = count_symmetric(picture)
        assert even > 0
        assert even * moons == odd * suns


def test_the_weight_of_a_lone_motif_changes_its_size():
    covered = [float((compose.draw(Design(motifs=motifs(("owl", w)), layout="single"), STRIP, 0) > 0.02).mean()) for w in (0.4, 0.7, 1.0)]
    assert covered[0] < covered[1] < covered[2]
    repeats = [compose.draw(Design(motifs=motifs(("acanthus", w))), STRIP, 0) for w in (0.5, 2.0)]
    assert np.abs(np.diff(repeats[0], axis=1)).mean() > np.abs(np.diff(repeats[1], axis=1)).mean()  # smaller leaves, more edges


@pytest.mark.parametrize("name", ["lotus", "owl", "running-wave", "acanthus"])
def test_the_mirror_layout_is_exactly_symmetric_on_strips_and_plates(name):
    for surface in (STRIP, disc(20, 128), heart(128)):
        picture = compose.draw(Design(motifs=motifs(name), layout="mirror", border="beaded" if surface is STRIP else "none"), surface, 3)
        ornament = picture[16:-16] if surface is STRIP else picture
        np.testing.assert_allclose(ornament, ornament[:, ::-1], atol=1e-6)


def test_four_fold_figures_stay_the_same_when_turned_by_a_quarter():
    picture = compose.draw(Design(motifs=motifs("leaf"), layout="radial", symmetry=4), disc(20, 240), 0)
    outer = np.hypot(disc(20, 240).x, disc(20, 240).y) > 3.2  # mm; the rosette in the middle has petals of its own number
    np.testing.assert_allclose((picture * outer), np.rot90(picture * outer), atol=2e-2)


@pytest.mark.parametrize("border", [b for b in keys.BORDERS if b != "none"])
def test_motifs_keep_clear_of_the_border(border):
    wide = borders.width(border, STRIP.width)
    picture = compose.draw(Design(motifs=motifs("owl", "lotus"), border=border), STRIP, 0)
    pitch = STRIP.width / STRIP.rows
    breath = picture[round(wide / pitch) + 1]  # the row just inside the border
    assert 0.3 < wide < STRIP.width / 4
    assert breath.max() < 0.05
    assert picture[: round(wide / pitch)].max() > 0.5
    steps = np.abs(np.diff(picture, axis=1)).max(axis=0)
    assert np.abs(picture[:, 0] - picture[:, -1]).max() <= steps.max() + 1e-6


@pytest.mark.parametrize("border", ["beaded", "rope", "egg-and-dart"])
def test_the_border_of_a_plate_follows_its_outline(border):
    for plate in (disc(20, 160), heart(160)):
        depth = float(plate.outline.max())
        wide = borders.width(border, 1.1 * depth)
        picture = compose.draw(Design(motifs=motifs("rosette"), border=border, layout="single"), plate, 0)
        band = (plate.outline > 0.02 * depth) & (plate.outline < 0.02 * depth + 0.9 * wide)
        clear = (plate.outline > 0.02 * depth + wide + 0.1) & (plate.outline < 0.02 * depth + wide + 0.14)
        assert picture[band].mean() > 0.15
        assert picture[clear].max() < 0.2
        assert picture[plate.outline <= 0].max() == 0.0


@pytest.mark.parametrize("name", [g for g in keys.GROUNDS if g != "plain"])
def test_a_ground_is_low_and_fades_at_the_motifs(name):
    strip = Strip(20.0, 6.0, 600, 180)
    texture = grounds.ground(name, strip, np.random.default_rng(0))
    assert texture.std() + texture.mean() > 0.02
    assert texture.max() <= 0.15 + 1e-6
    ornament = np.zeros_like(texture)
    ornament[60:120, 200:400] = 1.0
    laid = grounds.lay_under(ornament, texture, 4.0, True)
    assert laid[58, 220:380].max() < 0.025  # 0.07 mm from the foot of the motif
    np.testing.assert_array_equal(laid[60:120, 200:400], 1.0)


@pytest.mark.parametrize("technique", keys.TECHNIQUES)
def test_every_technique_draws_a_family_a_figure_and_a_silhouette(technique):
    for name in ("acanthus", "peony", "owl"):
        for surface in (Strip(30.0, 5.0, 300, 60), disc(18, 96)):
            picture = compose.draw(Design(motifs=motifs(name), technique=technique), surface, 1)
            assert picture.dtype == np.float32
            assert picture.max() == pytest.approx(1.0)
            assert 0.03 < picture.mean() < 0.9


def test_engraving_cuts_lines_and_leaves_the_rest_untouched():
    strip = Strip(27.2, 6.0, 1024, 226)
    raised, cut = (compose.draw(Design(motifs=motifs("shell", "sun"), technique=t), strip, 0) for t in ("relief", "engraving"))
    assert (cut > 0.3).mean() < 0.85 * (raised > 0.02).mean()
    assert (cut == 0.0).mean() > 0.4


def test_a_canvas_of_a_plate_has_the_plates_millimetres():
    plate = disc(20, 50)
    np.testing.assert_allclose(canvas_of(plate).x, plate.x, atol=1e-5)
    np.testing.assert_allclose(canvas_of(plate).y, plate.y, atol=1e-5)


@given(
    names=st.lists(st.sampled_from(["lotus", "acanthus", "owl", "dragon-head", "interlace", "hammered", "peony", "meander", "no such word"]), max_size=3, unique=True),
    layout=st.sampled_from(keys.LAYOUTS), border=st.sampled_from(keys.BORDERS), ground=st.sampled_from(keys.GROUNDS), technique=st.sampled_from(keys.TECHNIQUES),
    mirror=st.booleans(), repeats=st.sampled_from([0, 1, 5, 60]), weight=st.floats(0.0, 10.0), flat=st.booleans(), seed=st.integers(0, 2**31),
    length=st.floats(8.0, 200.0), width=st.floats(0.6, 25.0), columns=st.integers(16, 500), rows=st.integers(8, 90),
)
@settings(max_examples=30, deadline=None)
def test_any_design_on_any_surface_is_a_sound_picture_and_the_same_again(names, layout, border, ground, technique, mirror, repeats, weight, flat, seed, length, width, columns, rows):
    design = Design(
        motifs=tuple(Motif(name=n, weight=weight if i else 1.0) for i, n in enumerate(names)), layout=layout, border=border, ground=ground, technique=technique,
        mirror=mirror, repeats=repeats,
    )
    columns, rows = max(columns, round(4 * length)), max(rows, round(4 * width))  # no piece is drawn with fewer than 4 px a mm
    surface = disc(length, max(rows, 24)) if flat else Strip(length, width, columns, rows)
    picture = compose.draw(design, surface, seed)
    assert picture.shape == (surface.rows, surface.columns)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0.0
    assert picture.max() == pytest.approx(1.0)
    np.testing.assert_array_equal(picture, compose.draw(design, surface, seed))
