"""Parts of a drawing: counted as a flood fill counts them, joined only where they lie apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from blender_jewelgen.core.pattern.parts import joined, parts


def flooded(mask: np.ndarray) -> np.ndarray:
    label = np.zeros(mask.shape, int)
    for start in map(tuple, np.argwhere(mask)):
        if label[start]:
            continue
        waiting, number = [start], label.max() + 1
        label[start] = number
        while waiting:
            y, x = waiting.pop()
            for at in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if 0 <= at[0] < mask.shape[0] and 0 <= at[1] < mask.shape[1] and mask[at] and not label[at]:
                    label[at] = number
                    waiting.append(at)
    return label


@settings(deadline=None, max_examples=150)
@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_parts_are_those_of_a_flood_fill(mask):
    label, sizes = parts(mask)
    truth = flooded(mask)
    pairs = {(int(a), int(b)) for a, b in zip(label[mask], truth[mask], strict=True)}
    assert len(pairs) == len(sizes) - 1 == truth.max() if mask.any() else len(sizes) == 1
    assert sizes.sum() == mask.sum() and sizes[0] == 0 and not label[~mask].any()
    for k in range(1, len(sizes)):
        assert sizes[k] == (label == k).sum()


@settings(deadline=None, max_examples=150)
@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_parts_that_meet_round_a_piece_are_those_of_three_pieces_in_a_row(mask):
    label, sizes = parts(mask, True)
    wide = flooded(np.tile(mask, (1, 5)))
    middle = wide[:, 2 * mask.shape[1] : 3 * mask.shape[1]]
    assert sizes.sum() == mask.sum() and not label[~mask].any()
    for name in np.unique(middle[mask]):  # what hangs together there hangs together here
        assert len(np.unique(label[middle == name])) == 1
    for y in range(mask.shape[0]):
        if mask[y, 0] and mask[y, -1]:
            assert label[y, 0] == label[y, -1]


def disc(x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:128, :128]
    return (radius - np.hypot(columns - x, rows - y)).astype(np.float32)


def test_parts_a_line_apart_stay_as_they_are():
    field = np.maximum(disc(40, 64, 20), disc(85, 64, 20))  # 5 px apart
    np.testing.assert_array_equal(joined(field, 5.0), field)


def test_a_large_part_far_away_gets_a_bar():
    field = np.maximum(disc(30, 64, 20), disc(98, 64, 20))
    made = joined(field, 5.0)
    assert len(parts(made > 0)[1]) == 2
    added = (made > 0) & ~(field > 0)
    assert 28 * 4 <= added.sum() <= 30 * 7  # 28 px long, 5 wide
    assert (made > 0)[field > 0].all()


def test_a_small_part_far_away_is_dropped():
    field = np.maximum(disc(40, 64, 30), disc(110, 110, 3))
    np.testing.assert_array_equal(joined(field, 5.0) > 0, disc(40, 64, 30) > 0)
