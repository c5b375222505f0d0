"""The crafts' own profiles: grooves, walls and treads in millimetres, whatever the piece and its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.height.detail import detail_mm
from blender_jewelgen.core.height.distance import distance
from blender_jewelgen.core.pattern import compose, grounds
from blender_jewelgen.core.pattern.manner import LINER, STEP, SUNK, manner
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.relief.params import TECHNIQUES
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.core.words.lexicon import read

WORKED = ("repousse", "stepped", "chasing", "engraving")


def plateau(side: float, radius: float, pixels: int) -> np.ndarray:
    """(pixels, pixels): a round plateau with a wall a tenth of a millimetre wide in the middle of a square of ``side`` mm."""
    at = (np.arange(pixels) + 0.5) / pixels * side - side / 2.0
    return np.clip((radius - np.hypot(at[None, :], at[:, None])) / 0.1 + 0.5, 0.0, 1.0).astype(np.float32)


def width_at_half(line: np.ndarray, pitch: float) -> float:
    """mm for which a profile lies above half its height, between the crossings."""
    above = np.flatnonzero(line > 0.5 * line.max())
    first, last = above[0], above[-1]
    half = 0.5 * line.max()
    left = first - (line[first] - half) / (line[first] - line[first - 1])
    right = last + (line[last] - half) / (line[last] - line[last + 1])
    return float((right - left) * pitch)


@pytest.mark.parametrize(("side", "radius"), [(8.0, 2.5), (24.0, 9.0)])
@pytest.mark.parametrize("density", [24, 48])  # px/mm
def test_a_chased_line_is_as_wide_as_the_liner_on_every_piece(side, radius, density):
    picture = plateau(side, radius, round(side * density))
    cut = manner(picture, "chasing", side, side, False)
    row = cut[len(cut) // 2]
    half = row[: len(row) // 2]
    level = float(np.median(cut))
    assert width_at_half(half - level, side / len(row)) == pytest.approx(0.93 * LINER, abs=0.04)  # mm
    assert cut[cut > 0.0].min() < level < 0.06 < 0.99 < cut.max()  # a little swollen beside it, the metal level elsewhere
    inside = cut[len(cut) // 2 - 10 : len(cut) // 2 + 10, len(cut) // 2 - 10 : len(cut) // 2 + 10]
    np.testing.assert_allclose(inside, level, atol=1e-3)


def test_an_engraved_contour_is_heavier_in_the_shade_and_falls_straight():
    side, pixels = 12.0, 480
    cut = manner(plateau(side, 4.5, pixels), "engraving", side, side, False)
    diagonal, pitch = np.diagonal(cut), side / pixels * np.sqrt(2.0)
    lit, shaded = diagonal[: pixels // 3], diagonal[-(pixels // 6) - 65 : -(pixels // 6)]
    assert width_at_half(shaded, pitch) > 1.2 * width_at_half(lit, pitch) > 0.4  # mm
    assert 0.0 == cut[0].max() < cut.max() <= 1.0
    wall = lit[: lit.argmax()]
    slope = np.diff(wall[(wall > 0.05) & (wall < 0.85)])
    assert slope.max() < 1.2 * slope.min()  # a graver's face is flat


def test_broad_parts_are_shaded_by_strokes_and_slim_parts_cut_whole():
    broad = manner(plateau(24.0, 10.0, 720), "engraving", 24.0, 24.0, False)
    at = (np.arange(720) + 0.5) / 30.0 - 12.0
    ring = np.abs(np.hypot(at[None, :], at[:, None]) - 7.8) < 0.6  # mm inside the contour
    away = at[None, :] + at[:, None]
    dark, bright = broad[ring & (away > 8.0)], broad[ring & (away < -8.0)]
    assert 0.2 < (dark > 0.3).mean() < 0.8
    assert (bright > 0.3).mean() == 0.0
    slim = manner(plateau(4.0, 0.35, 160), "engraving", 4.0, 4.0, False)
    assert slim[80, 80] == pytest.approx(slim.max(), abs=0.05)
    assert slim.max() > 0.9


def test_the_treads_of_stepped_relief_are_level_and_wide_enough():
    side, pixels = 16.0, 640
    at = (np.arange(pixels) + 0.5) / pixels * side - side / 2.0
    dome = np.sqrt(np.clip(1.0 - (at[None, :] ** 2 + at[:, None] ** 2) / 49.0, 0.0, 1.0)).astype(np.float32)
    steps = manner(dome, "stepped", side, side, False)
    levels = (0.0, 0.25, 0.5, 0.75, 1.0)
    level = [np.abs(steps - value) < 0.01 for value in levels]
    assert sum(share.mean() for share in level) > 0.9
    for tread in level[1:-1]:
        assert 2.0 * distance(tread, 40.0).max() * side / pixels > 0.85 * STEP  # mm


def test_repousse_is_fuller_than_relief_and_set_off_by_a_line():
    picture = np.clip(1.6 * plateau(10.0, 3.0, 320), 0.0, 1.0) * 0.6
    raised = manner(picture, "repousse", 10.0, 10.0, False)
    assert raised[160, 160] > 0.6 + 0.05
    row = raised[160, :160]
    ground = row[:10].mean()
    assert 0.05 < ground < 0.15
    assert row.min() < 0.2 * ground
    assert row[60:].argmin() + 60 == pytest.approx(160 - round(3.2 * 32), abs=5)  # px; beside the contour


@pytest.mark.parametrize("technique", WORKED)
def test_crafts_differ_from_each_other_and_from_plain_relief(technique):
    strip = Strip(30.0, 6.0, 960, 192)
    pictures = {t: compose.draw(Design(motifs=(Motif(name="lotus"),), technique=t), strip, 0) for t in (*WORKED, "relief")}
    for other, picture in pictures.items():
        if other != technique:
            assert np.abs(picture - pictures[technique]).mean() > 0.02


@pytest.mark.parametrize("technique", WORKED)
@pytest.mark.parametrize("picture", [np.zeros((40, 60)), np.ones((40, 60)), np.pad(np.ones((1, 1)), ((20, 19), (30, 29))), np.eye(40, 60)], ids=["empty", "full", "one pixel", "diagonal"])
def test_odd_pictures_give_sound_ones(technique, picture):
    worked = manner(picture.astype(np.float32), technique, 6.0, 4.0, True)
    assert worked.shape == picture.shape
    assert worked.dtype == np.float32
    assert np.isfinite(worked).all()
    assert worked.min() >= 0.0
    assert worked.max() <= 1.0 + 1e-6


@given(seed=st.integers(0, 2**31), columns=st.integers(16, 200), rows=st.integers(8, 60), density=st.floats(2.0, 40.0), technique=st.sampled_from(WORKED), periodic=st.booleans())
@settings(max_examples=40, deadline=None)
def test_noise_gives_sound_pictures_the_same_again(seed, columns, rows, density, technique, periodic):
    picture = np.random.default_rng(seed).random((rows, columns)).astype(np.float32)
    worked = manner(picture, technique, columns / density, rows / density, periodic)
    assert np.isfinite(worked).all()
    assert worked.min() >= 0.0
    assert worked.max() <= 1.0 + 1e-6
    np.testing.assert_array_equal(worked, manner(picture, technique, columns / density, rows / density, periodic))


@pytest.mark.parametrize("technique", WORKED)
def test_a_strip_that_joins_itself_has_no_seam_after_it_was_worked(technique):
    picture = compose.draw(Design(motifs=(Motif(name="lotus"),)), Strip(30.0, 6.0, 960, 192), 0)
    turned = manner(np.roll(picture, 311, axis=1), technique, 30.0, 6.0, True)
    plain = np.roll(manner(picture, technique, 30.0, 6.0, True), 311, axis=1)
    share = (np.abs(turned - plain) > 0.02).mean()
    assert share < (0.02 if technique == "engraving" else 0.002)  # only hatching begins at the strip's own start


def test_what_sinks_is_what_the_relief_cuts_in():
    assert {t for t, (_, out) in TECHNIQUES.items() if not out} == set(SUNK)


@pytest.mark.parametrize("technique", SUNK)
def test_lines_of_a_usual_band_reach_what_castable_resin_needs(technique):
    strip = Strip(57.0, 6.3, 1824, 202)
    cut = compose.draw(Design(technique=technique, motifs=(Motif(name="guilloche"),)), strip, 0)
    assert detail_mm(cut, strip.length / strip.columns, True)[0] >= 0.39  # mm; the table says 0.4, a pixel is 0.03


@pytest.mark.parametrize("name", ["fish-roe", "punched", "striped", "hammered"])
@pytest.mark.parametrize("technique", ["relief", "repousse", "chasing", "engraving"])
def test_a_punched_ground_lies_round_the_motif_and_not_on_it(name, technique):
    plate = disc(24.0, 720)
    with_ground, without = (compose.draw(Design(motifs=(Motif(name="heart"),), layout="single", technique=technique, ground=g), plate, 0) for g in (name, "plain"))
    motif = compose.draw(Design(motifs=(Motif(name="heart"),), layout="single"), plate, 0) > 0.02
    far = (plate.outline > 1.5) & (distance(~motif, 40.0) >= 30.0)  # px; a millimetre from the motif
    assert with_ground[far].std() > 0.01
    assert np.abs(with_ground - without)[motif].max() < 0.02


def test_punch_marks_have_one_size_on_small_and_large_pieces():
    rates = []
    for size in (10.0, 40.0):
        texture = grounds.ground("fish-roe", Strip(3 * size, size, round(3 * size * 32), round(size * 32)), np.random.default_rng(0))
        ring = np.abs(np.diff((texture < 0.07).astype(np.int8), axis=1)).sum() / (3 * size * size)
        rates.append(float(ring))
    assert rates[0] == pytest.approx(rates[1], rel=0.06)


@pytest.mark.parametrize(
    ("words", "slot", "value"),
    [
        ("stepped relief lotus band", "technique", "stepped"), ("terraced relief ring", "technique", "stepped"), ("高留低踩莲花戒指", "technique", "stepped"), ("阶梯浮雕戒指", "technique", "stepped"),
        ("ring matted ground band", "ground", "fish-roe"), ("鱼子地戒指", "ground", "fish-roe"), ("stippled ground band", "ground", "punched"), ("hatched ground ring", "ground", "striped"),
        ("hammered ground ring", "ground", "hammered"), ("锤纹地戒指", "ground", "hammered"),
    ],
)  # fmt: skip
def test_words_for_steps_and_punches_are_understood(words, slot, value):
    assert getattr(read(words), slot) == value
