"""Strokes of a pen as a silhouette: areas in closed form, bodies cut and added to, the same picture whatever was laid before."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")  # the package of the module cannot be imported without it

from blender_jewelgen.blender.strokes_picture import THINNEST, Sheet, Stroke, is_closed, line, picture

SQUARE = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])


def stroke(points, radius=0.02, closed=False):
    points = np.asarray(points, np.float32)
    return Stroke(points, np.full(len(points), radius, np.float32), closed)


def circle(radius, middle=(0.5, 0.5), count=120, turn=1.0, pen=0.02):
    t = np.linspace(0.0, turn * 2 * np.pi, count)
    return stroke(np.stack([middle[0] + radius * np.cos(t), middle[1] + radius * np.sin(t)], 1), pen)


def area(coverage):
    return float(coverage.sum()) / coverage.size


def test_a_closed_square_is_filled_with_its_line_round_it():
    drawn = picture([stroke(SQUARE, 0.03, closed=True)])
    assert area(drawn) == pytest.approx(0.5**2 + 4 * 0.5 * 0.03 + np.pi * 0.03**2, abs=1e-4)  # corners are round
    assert drawn[128, 128] == 1.0 and drawn[5, 5] == 0.0
    assert drawn.min() >= 0.0 and drawn.max() <= 1.0 and drawn.dtype == np.float32


def test_an_open_line_is_as_wide_as_its_radius_and_round_at_its_ends():
    drawn = picture([stroke([[0.2, 0.5], [0.8, 0.5]], 0.05)])
    assert area(drawn) == pytest.approx(0.6 * 0.1 + np.pi * 0.05**2, abs=1e-4)
    rows = np.flatnonzero(drawn[:, 128] > 0.5)
    assert (rows[0], rows[-1]) == (round((0.5 - 0.05) * 256), round((0.5 + 0.05) * 256) - 1)


def test_a_line_that_swells_is_a_cone():
    points = np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)
    drawn = line(Stroke(points, np.array([0.02, 0.1], np.float32)), 256)
    widths = (drawn > 0.5).sum(axis=0)[[64, 128, 192]] / 256
    np.testing.assert_allclose(widths, [2 * (0.02 + 0.08 * (x - 0.2) / 0.6) for x in (0.25, 0.5, 0.75)], atol=0.01)


def test_the_upper_edge_is_row_0_and_left_is_column_0():
    drawn = picture([stroke([[0.1, 0.2], [0.1, 0.2]], 0.05)])
    row, column = np.argwhere(drawn > 0.9).mean(axis=0) / 256
    assert (row, column) == (pytest.approx(0.2, abs=0.01), pytest.approx(0.1, abs=0.01))


def test_a_line_too_thin_to_be_seen_is_as_wide_as_a_cell_can_show():
    assert area(picture([stroke([[0.2, 0.5], [0.8, 0.5]], 1e-4)])) == pytest.approx(0.6 * 2 * THINNEST + np.pi * THINNEST**2, rel=0.02)


def test_a_ring_drawn_by_hand_is_closed_where_its_ends_nearly_meet():
    assert is_closed(circle(0.3, turn=0.97)) and not is_closed(circle(0.3, turn=0.7))
    assert area(picture([circle(0.3, turn=0.97)])) == pytest.approx(np.pi * 0.32**2, rel=0.01)
    assert area(picture([circle(0.3, turn=0.7)])) == pytest.approx(0.7 * 2 * np.pi * 0.3 * 0.04 + np.pi * 0.02**2, rel=0.02)


def test_a_ring_whose_ends_run_past_each_other_is_closed_and_a_loop_in_a_line_is_not():
    t = np.linspace(0.0, 1.25 * 2 * np.pi, 150)
    past = stroke(np.stack([0.5 + 0.3 * np.cos(t) + 0.02 * t, 0.5 + 0.3 * np.sin(t)], 1))
    ends = np.asarray(past.points)[[0, -1]]
    assert np.hypot(*(ends[0] - ends[1])) > 0.1 and is_closed(past)
    assert area(picture([past])) > 0.9 * np.pi * 0.3**2
    loop = np.concatenate([np.stack([np.linspace(0.05, 0.5, 30), np.full(30, 0.62)], 1), 0.5 + 0.12 * np.stack([np.sin(t[:120]), np.cos(t[:120])], 1),
                           np.stack([np.linspace(0.5, 0.95, 30), np.full(30, 0.62)], 1)])  # fmt: skip
    assert not is_closed(stroke(loop))


def test_a_line_there_and_back_is_no_area():
    there = np.linspace([0.2, 0.5], [0.8, 0.5], 40)
    assert not is_closed(stroke(np.concatenate([there, there[::-1]])))
    assert not is_closed(stroke([[0.5, 0.5]])) and not is_closed(stroke([[0.4, 0.5], [0.6, 0.5]]))


def test_a_stroke_on_a_body_cuts_it_and_one_across_its_border_adds_to_it():
    disc = picture([circle(0.4)])
    holed = picture([circle(0.4), circle(0.15)])
    assert area(holed) == pytest.approx(np.pi * (0.42**2 - 0.17**2), rel=0.01)
    groove = stroke([[0.4, 0.5], [0.6, 0.5]], 0.03)
    assert area(picture([circle(0.4), groove])) == pytest.approx(area(disc) - (0.2 * 0.06 + np.pi * 0.03**2), rel=0.01)
    handle = stroke([[0.5, 0.2], [0.5, 0.02]], 0.03)
    assert area(picture([circle(0.4), handle])) > area(disc)


def test_lines_over_lines_cut_nothing():
    along = stroke([[0.2, 0.5], [0.8, 0.5]], 0.05)
    np.testing.assert_array_equal(picture([along, along]), picture([along]))


def test_what_is_drawn_over_is_a_body():
    under = picture([circle(0.4)])
    cut = picture([stroke([[0.4, 0.5], [0.6, 0.5]], 0.03)], under=under)
    assert cut[128, 128] == 0.0 and cut[40, 128] == under[40, 128] == 1.0


def test_a_sheet_that_grows_shows_what_one_drawn_at_once_shows():
    strokes = [circle(0.4), circle(0.1, (0.4, 0.4)), stroke([[0.5, 0.2], [0.5, 0.02]]), circle(0.05, (0.6, 0.6))]
    sheet = Sheet()
    for count in range(len(strokes) + 1):
        np.testing.assert_array_equal(sheet.show(strokes[:count]), picture(strokes[:count]))
    np.testing.assert_array_equal(sheet.show(strokes[:2]), picture(strokes[:2]))  # undone
    np.testing.assert_array_equal(sheet.show(strokes[2:]), picture(strokes[2:]))  # others


def test_strokes_outside_the_square_and_empty_ones_draw_nothing_and_crossing_ones_are_cut_off():
    assert area(picture([])) == area(picture([stroke(np.zeros((0, 2)))])) == area(picture([stroke([[2.0, 2.0], [3.0, 3.0]])])) == 0.0
    assert area(picture([stroke([[-0.5, 0.5], [1.5, 0.5]], 0.05)])) == pytest.approx(0.1, rel=0.01)
    assert area(picture([stroke([[-1, -1], [2, -1], [2, 2], [-1, 2]], closed=True)])) == 1.0


def test_thousands_of_points_take_no_longer_than_their_line():
    """A pen gives a point a pixel: those too near to be seen are left out, and the line stays where it was."""
    t = np.linspace(0.0, 1.0, 20_000)
    fine = stroke(np.stack([0.2 + 0.6 * t, 0.5 + 0.1 * np.sin(9 * t)], 1), 0.03)
    coarse = stroke(np.asarray(fine.points)[np.linspace(0, 19_999, 201).astype(int)], 0.03)
    assert np.abs(picture([fine]) - picture([coarse])).max() < 0.2
    assert area(picture([fine])) == pytest.approx(area(picture([coarse])), rel=0.005)
