"""Composition: layouts, shares, symmetry, borders that nothing touches, grounds that stay low."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.pattern import borders, compose, grounds, sources
from blender_jewelgen.core.pattern.families import FAMILIES
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
    for period, names in sources.DEFAULTS.items():
        assert all(sources.find(name, True) is not None for name in names), period


def test_shares_become_counts_spread_evenly():
    assert sources.sequence([1.0]) == [0]
    assert sorted(sources.sequence([2.0, 1.0])) == [0, 0, 1]
    assert sources.sequence([1.0, 1.0]) == [0, 1]
    assert sorted(sources.sequence([3.0, 1.0, 1.0])) == [0, 0, 0, 1, 2]
    assert len(sources.sequence([10.0, 0.1, 5.0])) <= 9


def test_twice_the_share_gives_twice_the_motifs():
    heart_of = {}
    for shares in ((2.0, 1.0), (1.0, 2.0)):
        picture = compose.draw(Design(motifs=motifs(("sun", shares[0]), ("crescent", shares[1]))), STRIP, 0)
        heart_of[shares] = picture
    # a sun is symmetric about the middle of the strip, a crescent is not: more suns, more symmetry
    odd = {k: np.abs(v - v[::-1]).mean() for k, v in heart_of.items()}
    assert not np.array_equal(heart_of[2.0, 1.0], heart_of[1.0, 2.0])
    assert odd[2.0, 1.0] != pytest.approx(odd[1.0, 2.0], rel=0.02)


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
    cut = compose.draw(Design(motifs=motifs("owl"), technique="engraving"), STRIP, 0)
    raised = compose.draw(Design(motifs=motifs("owl")), STRIP, 0)
    assert (cut > 0.3).mean() < 0.6 * (raised > 0.02).mean()


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
    surface = disc(length, max(rows, 24)) if flat else Strip(length, width, columns, rows)
    picture = compose.draw(design, surface, seed)
    assert picture.shape == (surface.rows, surface.columns)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0.0
    assert picture.max() == pytest.approx(1.0)
    np.testing.assert_array_equal(picture, compose.draw(design, surface, seed))


def test_all_defaults_are_families_or_figures_that_exist():
    for names in sources.DEFAULTS.values():
        assert all(n in FAMILIES or sources.find(n, False) is not None for n in names)
