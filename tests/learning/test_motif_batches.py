"""Batches of the motif model: other drawings of the same thing, and two in one cell."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")  # the network lies beside the batches

from blender_jewelgen.core.pattern.drawn import CELL, REACH  # noqa: E402
from blender_jewelgen.core.words.vectors import embed  # noqa: E402
from blender_jewelgen.learning import motif_batches  # noqa: E402
from blender_jewelgen.learning.cells import SIDE  # noqa: E402
from blender_jewelgen.learning.motif_batches import Batches, half_and_half, two_in_one, warped  # noqa: E402


def disc(side: int, radius: float) -> torch.Tensor:
    """(1, 1, side, side) distances in px of a cell to a circle in its middle."""
    line = (torch.arange(side) + 0.5) / side * CELL - CELL / 2
    return (radius - torch.hypot(line[:, None], line[None])).clamp(-REACH, REACH)[None, None]


def chance(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_warped_cell_is_still_a_distance_of_nearly_the_same_area():
    cells = warped(disc(SIDE, 20.0).expand(64, -1, -1, -1), chance(0))
    assert cells.shape == (64, 1, CELL, CELL) and float(cells.abs().max()) <= REACH + 1.5
    areas = (cells > 0).sum((1, 2, 3)).float() / (np.pi * 20.0**2)
    assert 0.9 < float(areas.mean()) < 1.1 and float(areas.min()) > 0.6 and float(areas.max()) < 1.5
    near = cells.abs() < 2.0
    slope = torch.hypot(cells.diff(dim=3)[..., :-1, :], cells.diff(dim=2)[..., :-1])[near[..., :-1, :-1]]
    assert 0.85 < float(slope.mean()) < 1.15  # a distance rises by a pixel a pixel


def test_warping_is_the_same_for_the_same_chance_and_differs_from_cell_to_cell():
    cells = disc(SIDE, 20.0).expand(8, -1, -1, -1)
    first, again, other = warped(cells, chance(1)), warped(cells, chance(1)), warped(cells, chance(2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert all(not torch.equal(first[0], one) for one in first[1:])


def test_bold_cells_are_bent_further():
    cells = disc(SIDE, 20.0).expand(128, -1, -1, -1)
    away = [float(((warped(cells, chance(3), bold) > 0) ^ (disc(CELL, 20.0) > 0)).float().mean()) for bold in (0.0, 1.0)]
    assert away[1] > 1.3 * away[0]


def test_two_in_one_shows_both_with_a_gap_between():
    cells = disc(CELL, 26.0).expand(64, -1, -1, -1)
    pairs = two_in_one(cells, chance(4))
    assert pairs.shape == (32, 1, CELL, CELL)
    areas = (pairs > 0).sum((1, 2, 3)).float()
    assert float(areas.min()) > 1.05 * np.pi * (0.62 * 26.0) ** 2  # more than the front alone
    front_rim = (pairs[:, 0] <= 0) & (pairs[:, 0] > -1.3)
    assert bool(front_rim.any(dim=(1, 2)).all())


def test_a_batch_holds_the_asked_number_of_cells_and_words_of_unit_length_or_none(few_cells):
    cells, words = Batches(few_cells[0], seed=3)(200)
    assert cells.shape == (200, 1, CELL, CELL) and words.shape == (200, 96)
    assert float(cells.abs().max()) < 1.0
    lengths = words.norm(dim=1)
    wordless = lengths == 0
    torch.testing.assert_close(lengths[~wordless], torch.ones(int((~wordless).sum())))
    assert 0.02 < float(wordless.float().mean()) < 0.25


def test_batches_of_one_seed_are_the_same_and_of_two_are_not(few_cells):
    first, again, other = (Batches(few_cells[0], seed)(16) for seed in (3, 3, 4))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_cells_held_out_are_never_taught(few_cells):
    made = few_cells[0]
    batches = Batches(made, seed=0)
    assert made.held.any()
    taught = np.concatenate(batches.groups)
    assert not made.held[taught].any() and len(taught) == (~made.held).sum()


def test_words_of_a_batch_are_those_of_the_cell_it_shows(few_cells, monkeypatch):
    made = few_cells[0]
    monkeypatch.setattr(motif_batches, "WORDLESS", 0.0)
    monkeypatch.setattr(motif_batches, "_TWO", 0.0)
    monkeypatch.setattr(motif_batches, "warped", lambda cells, random: torch.nn.functional.interpolate(cells, (CELL, CELL), mode="area"))
    cells, words = Batches(made, seed=1)(24)
    known = torch.tanh(torch.nn.functional.interpolate(torch.from_numpy(made.shapes)[:, None].float() * (REACH / 127.0), (CELL, CELL), mode="area") / 3.0)
    for cell, word in zip(cells, words, strict=True):
        shown = int((known - cell).abs().sum((1, 2, 3)).argmin())
        said = np.stack([embed([(caption, 1.0)]) for caption in made.captions[shown]])
        assert float((said @ word.numpy()).max()) > 0.9


def test_half_and_half_shows_one_thing_on_each_side_of_a_line():
    pair = torch.cat([torch.full((40, 1, 64, 64), 1.0), torch.full((40, 1, 64, 64), 2.0)])
    made = half_and_half(pair, torch.Generator().manual_seed(1))
    share = (made == 1.0).float().mean((1, 2, 3))
    assert made.shape == (40, 1, 64, 64) and set(made.unique().tolist()) == {1.0, 2.0}
    assert float(share.min()) > 0.2 and float(share.max()) < 0.8 and float(share.std()) > 0.02
