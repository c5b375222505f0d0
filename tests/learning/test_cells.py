"""What the motif model is taught with: drawings that a small cell can show, and captions that are true."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.height.distance import distance
from blender_jewelgen.core.pattern import motifs
from blender_jewelgen.core.words.vectors import embed
from blender_jewelgen.learning import cells, figures


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
    assert slope.max() <= cells.CELL / cells.SIDE + 0.1  # a distance rises by a pixel a pixel


def test_cuts_are_wide_enough_for_a_small_cell():
    shape = np.zeros((192, 192), bool)
    shape[20:172, 20:172] = True
    shape[:, 94:97] = False  # 3 px: one pixel of a cell
    cell = cells._opened(shape)
    wide = int((~cell[96, 60:130]).sum())
    assert wide >= 2.0 * 192 / 64
    assert not distance(cell, 4.0)[96, 95]


def test_drawings_kept_for_measuring_share_their_word_with_others(monkeypatch):
    names = motifs.names()[:16]
    monkeypatch.setattr(cells.motifs, "names", lambda: names)
    monkeypatch.setattr(cells, "HELD_OUT", 1)  # all that may be kept are
    made = cells.library_cells()
    assert made.names == names and made.shapes.shape == (16, cells.SIDE, cells.SIDE)
    assert made.held.any() and not made.held.all()
    for name, held in zip(names, made.held, strict=True):
        others = set(motifs.candidates(motifs.entry(name).en[0])) - {name}
        assert held == (len(others) >= 2)
