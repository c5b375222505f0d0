"""What the motif model is taught with: drawings that a small cell can show, and captions that are true."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.height.distance import distance
from blender_jewelgen.core.pattern import drawn, motifs
from blender_jewelgen.core.words.vectors import embed
from blender_jewelgen.learning import cells, figures
from blender_jewelgen.learning.taught import SUBJECTS, TAUGHT, Drawing, free_drawings, subject_of


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_is_the_same_for_the_same_numbers_and_another_for_others(name):
    first, words = figures.draw(name, np.random.default_rng(3))
    again, _ = figures.draw(name, np.random.default_rng(3))
    np.testing.assert_array_equal(first, again)
    assert any((figures.draw(name, np.random.default_rng(seed))[0] != first).any() for seed in range(4, 8))
    assert 0.02 < first.mean() < 0.8 and embed([(words, 1.0)]).any()


@pytest.mark.parametrize("points", [4, 6, 8])
def test_a_star_has_the_points_its_caption_counts(points):
    rng = np.random.default_rng(0)
    while True:
        shape, words = figures.draw("star", rng)
        if f"{figures.NUMBERS[points]} points" in words:
            break
    angle = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    x, y = (np.round((1.0 + 0.8 * f(angle)) * figures.SIDE / 2.0).astype(int).clip(0, figures.SIDE - 1) for f in (np.cos, np.sin))
    ring = shape[y, x]
    assert int((ring & ~np.roll(ring, 1)).sum()) == points


def test_a_stored_cell_is_a_distance_centred_with_a_margin():
    shape = np.zeros((192, 192), bool)
    shape[20:60, 100:180] = True  # 80 wide, 40 tall, in a corner
    cell = cells._stored(shape).astype(float) / 127.0 * cells.REACH
    inside = cell > 0.0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert abs(np.ptp(columns) + 1 - 0.9 * cells.SIDE) <= 2 and abs(np.ptp(rows) + 1 - 0.45 * cells.SIDE) <= 2
    assert abs(rows.mean() - (cells.SIDE - 1) / 2) <= 1 and abs(columns.mean() - (cells.SIDE - 1) / 2) <= 1
    slope = np.abs(np.diff(cell[cells.SIDE // 2 - 2 : cells.SIDE // 2 + 2], axis=1))
    assert slope.max() <= drawn.CELL / cells.SIDE + 0.1  # a distance rises by a pixel a pixel


def test_cuts_are_wide_enough_for_a_small_cell():
    shape = np.zeros((192, 192), bool)
    shape[20:172, 20:172] = True
    shape[:, 94:97] = False  # 3 px: one pixel of a cell
    cell = drawn.opened(shape)
    wide = int((~cell[96, 60:130]).sum())
    assert wide >= 2.0 * 192 / 64
    assert not distance(cell, 4.0)[96, 95]


def test_drawings_kept_for_measuring_are_those_that_are_not_taught(few_cells):
    made, _ = few_cells
    drawn = len(made.names) - 5 - 28
    assert made.shapes.shape == made.small.shape == (len(made.names), cells.SIDE, cells.SIDE)
    for name, words, held in zip(made.names[:drawn], made.captions, made.held, strict=False):
        assert held == (name not in TAUGHT)
        assert words[0] == TAUGHT.get(name, words[0]) and set(motifs.entry(name).en) <= set(words)
    assert made.held[:drawn].any() == any(name not in TAUGHT for name in made.names[:drawn])
    assert made.names[drawn : drawn + 5] == tuple(each.name for each in free_drawings()[:5]) and not made.held[drawn : drawn + 5].any()
    assert {words[0] for words in made.captions[drawn : drawn + 5]} == {"dragon"}


def test_counts_that_are_kept_for_measuring_are_never_taught():
    made = cells.figure_cells(140, seed=1)
    counted = [any(number in " ".join(words).split() for number in ("seven", "eleven")) for words in made.captions]
    assert made.held.tolist() == counted and any(counted) and not all(counted)


def test_a_file_of_cells_is_read_as_it_was_made(few_cells):
    made, path = few_cells
    again = cells.build(path)
    np.testing.assert_array_equal(again.shapes, made.shapes)
    np.testing.assert_array_equal(again.small, made.small)
    np.testing.assert_array_equal(again.held, made.held)
    assert again.captions == made.captions and again.names == made.names


def test_cuts_of_a_drawing_that_shares_its_cell_are_wider():
    shape = np.zeros((192, 192), bool)
    shape[20:172, 20:172] = True
    shape[:, 94:97] = False
    plain, small = (cells._stored(shape, size).astype(float)[48] * cells.REACH / 127.0 for size in (1.0, cells.SMALL))
    assert (small[20:76] < 0).sum() >= (plain[20:76] < 0).sum() / cells.SMALL - 1.0


def test_every_taught_drawing_exists_and_has_one_subject():
    every = [drawing for drawings in SUBJECTS.values() for drawing in drawings]
    assert len(every) == len(set(every)) and set(every) <= set(motifs.names())
    assert set(TAUGHT) < set(every)
    for subject, drawings in SUBJECTS.items():
        assert embed([(subject, 1.0)]).any()
        kept = set(drawings) - set(TAUGHT)
        assert kept == ({drawings[-1]} if len(drawings) >= 4 else set())


def test_free_drawings_have_names_of_their_own_and_known_subjects():
    names = [each.name for each in free_drawings()]
    assert len(names) == len(set(names)) and not set(names) & set(motifs.names())
    assert {each.subject for each in free_drawings()} <= set(SUBJECTS)
    assert subject_of()["lion"] == "lion" and subject_of()[names[0]] == free_drawings()[0].subject
    several = [subject for subject in SUBJECTS if list(subject_of().values()).count(subject) >= 3]
    assert len(several) >= 0.7 * len(SUBJECTS)


@pytest.mark.parametrize("number", range(0, 415, 29))
def test_a_free_drawing_covers_a_part_of_its_square(number):
    assert 0.03 < free_drawings()[number].covered(96).mean() < 0.7


@pytest.mark.parametrize(("even_odd", "share"), [(True, 0.1875), (False, 0.25)])
def test_a_hole_is_cut_as_the_drawing_says_and_a_wide_box_lies_in_the_middle(even_odd, share):
    square = Drawing("star", "square", (8, 4), even_odd, ("M2 0h4v4h-4zM3 1h2v2h-2z",))
    covered = square.covered(64)
    assert covered.mean() == share and covered[16:48, 16:48].mean() == 4 * share and covered[32, 32] != even_odd
