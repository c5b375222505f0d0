"""The lines that are bent for a pattern: where they lie to a fraction of a pixel, how tightly they turn, and that seams do not show."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.wires.centreline import drawing_of
from blender_jewelgen.core.wires.curves import Curve, bends, cornered, even, shaped
from blender_jewelgen.core.wires.isolines import isolines
from blender_jewelgen.core.wires.period import one_part, repeats
from blender_jewelgen.core.wires.skeleton import chains, straight_on, thinned
from blender_jewelgen.core.wires.spacing import Room, lay

WIRE, GAP = 0.4, 0.24  # mm
LENGTH, WIDTH = 24.0, 6.0  # mm


def wave(columns: int = 960, rows: int = 240, thick: float = 0.35) -> np.ndarray:
    """A line 2 * ``thick`` mm wide that waves round a ring, two turns of a sine."""
    u = (np.arange(columns) + 0.5) * LENGTH / columns
    v = WIDTH - (np.arange(rows) + 0.5) * WIDTH / rows
    middle = 3.0 + 1.2 * np.sin(u / LENGTH * 4.0 * np.pi)
    slope = 1.2 * 4.0 * np.pi / LENGTH * np.cos(u / LENGTH * 4.0 * np.pi)
    far = np.abs(v[:, None] - middle) / np.hypot(1.0, slope)
    return np.clip((thick - far) / 0.025 + 0.5, 0.0, 1.0).astype(np.float32)


def open_room(scale: float = 1.0) -> Room:
    return Room(np.full((120, 480), 9.0, np.float32), LENGTH, WIDTH, True, np.full(120, scale))


def test_the_middle_of_a_line_lies_within_a_third_of_a_pixel_of_the_truth():
    (line,) = drawing_of(wave(), (LENGTH, WIDTH), True, WIRE, GAP).lines
    u, v = line.curve.points.T
    off = (v - 3.0 - 1.2 * np.sin(u / LENGTH * 4.0 * np.pi)) / np.hypot(1.0, 1.2 * 4.0 * np.pi / LENGTH * np.cos(u / LENGTH * 4.0 * np.pi))
    assert np.abs(off).max() < 0.02  # mm; the grid's pixel is 0.057


def test_a_line_round_a_ring_is_one_closed_curve_that_comes_back_a_period_further():
    (line,) = drawing_of(wave(), (LENGTH, WIDTH), True, WIRE, GAP).lines
    assert line.kind == "line" and line.curve.closed and abs(line.curve.turn) == pytest.approx(LENGTH)


def test_a_broad_disc_gets_an_outline_inside_its_edge():
    y, x = np.mgrid[0:400, 0:400]
    disc = np.clip(120.0 - np.hypot(x - 199.5, y - 199.5) + 0.5, 0.0, 1.0)
    drawing = drawing_of(disc, (20.0, 20.0), False, WIRE, GAP)
    outline = [one for one in drawing.lines if one.kind == "outline"]
    assert len(outline) == 1 and outline[0].curve.closed
    radius = np.hypot(*(outline[0].curve.points - 10.0).T)
    assert np.abs(radius - (6.0 - 0.3 * WIRE)).max() < 0.03  # mm
    assert drawing.inside.max() > 1.0


@pytest.mark.parametrize(("level", "finding"), [(0.0, "empty"), (1.0, "full")])
def test_a_pattern_without_light_and_dark_says_which_it_is(level, finding):
    drawing = drawing_of(np.full((100, 400), level, np.float32), (LENGTH, WIDTH), True, WIRE, GAP)
    assert drawing.finding == finding and drawing.lines == ()


def test_not_a_number_and_a_single_pixel_are_no_lines():
    picture = np.zeros((100, 400), np.float32)
    picture[50, 50] = 1.0
    picture[3, 3] = np.nan
    assert drawing_of(picture, (LENGTH, WIDTH), True, WIRE, GAP).lines == ()


@pytest.mark.parametrize("seed", range(3))
def test_no_line_of_noise_is_bent_tighter_than_a_wire_can_be(seed):
    picture = np.random.default_rng(seed).random((120, 480)).astype(np.float32)
    drawing = drawing_of(picture, (LENGTH, WIDTH), True, WIRE, GAP)
    assert drawing.lines
    assert max(bends(one.curve).max() for one in drawing.lines) <= 1.0 / (0.55 * WIRE)  # 1.1 of the wire's radius


def test_a_picture_turned_round_the_ring_gives_the_same_lines_turned():
    first, second = (drawing_of(np.roll(wave(), shift, axis=1), (LENGTH, WIDTH), True, WIRE, GAP).lines for shift in (0, 480))
    assert len(first) == len(second) == 1
    assert first[0].curve.length == pytest.approx(second[0].curve.length, abs=0.02)


def test_thinning_keeps_a_cross_one_piece_with_four_arms():
    mask = np.zeros((61, 61), bool)
    mask[28:33, 5:56] = mask[5:56, 28:33] = True
    parts = chains(thinned(mask))
    arms = [len(points) for points, closed, nodes in parts if not closed and min(nodes) < 0 <= max(nodes)]
    assert len(arms) == 4 and min(arms) > 15
    lines = straight_on(parts, 8)
    assert sorted(len(points) > 40 for points, _ in lines)[-2:] == [True, True]  # each bar is one line again


def test_a_ring_of_pixels_across_the_seam_is_one_closed_chain():
    y, x = np.mgrid[0:40, 0:60]
    ring = np.abs(np.hypot((x + 30) % 60 - 30, y - 20) - 12) < 2
    ((points, closed, _),) = chains(thinned(ring, True), True)
    assert closed and np.ptp(points[:, 0]) == pytest.approx(24, abs=2)


def test_contours_lie_on_the_level_to_a_hundredth_of_a_pixel():
    y, x = np.mgrid[0:200, 0:200]
    field = (60.0 - np.hypot(x - 99.5, y - 99.5)).astype(np.float32)
    (circle,) = isolines(field, 10.0, 20.0, 20.0, False)
    assert np.abs(np.hypot(*(circle.points - 10.0).T) - 5.0).max() < 0.001  # mm


def test_a_corner_is_cut_and_a_bend_is_not():
    corner = even(Curve(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 3.0]])), 0.1)
    a = np.linspace(0.0, np.pi, 60)
    bend = even(Curve(np.stack([np.cos(a), np.sin(a)], 1)), 0.1)
    assert len(cornered(corner, 0.24, 0.1)) == 2
    assert len(cornered(bend, 0.24, 0.1)) == 1


def test_a_square_becomes_wires_that_meet_at_its_corners():
    square = Curve(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]), True)
    pieces = shaped(square, WIRE, 0.1)
    ends = np.concatenate([p.points[[0, -1]] for p in pieces])
    assert len(pieces) == 4
    assert np.abs(np.abs(ends - 2.0) - 2.0).max() < 0.12  # mm from the corners


def test_lines_nearer_than_the_gap_are_led_into_each_other():
    u = np.linspace(2.0, 20.0, 200)
    room = open_room()
    wishes = [Curve(np.stack([u, np.full(200, 3.0)], 1)), Curve(np.stack([u, 3.0 + 0.1 * (u - 4.0)], 1))]  # the second leaves the first slowly
    laid = lay(wishes, room, [WIRE, WIRE], GAP)
    second = np.concatenate([c.points for c, k in zip(laid.curves, laid.wishes) if k == 1])
    apart = second[:, 1] - 3.0 - WIRE
    narrow = (apart > 0.0) & (apart < 0.95 * GAP)
    assert len(second) and second[np.argmin(second[:, 0]), 1] < 3.0 + 0.5 * WIRE  # its end lies in the first
    assert np.ptp(second[narrow, 0]) < 1.2 if narrow.any() else True  # mm of the gap that closes


def test_a_spiral_too_tight_for_the_wire_keeps_its_outer_coil_with_a_free_end():
    a = np.linspace(0.0, 6.0 * np.pi, 600)
    r = 1.8 - 0.3 * a / (2.0 * np.pi)  # coils 0.3 mm apart
    laid = lay([Curve(np.stack([12.0 + r * np.cos(a), 3.0 + r * np.sin(a)], 1))], open_room(), [WIRE], GAP)
    assert len(laid.curves) == 1
    (whole,) = laid.curves
    far = np.linalg.norm(whole.points[:, None] - whole.points[None], axis=2)
    apart = np.abs(np.subtract.outer(np.arange(len(far)), np.arange(len(far)))) * whole.length / len(far)
    assert far[apart > 2.0].min() > WIRE + 0.9 * GAP


def test_a_frieze_of_nine_is_found_to_repeat_nine_times_and_noise_not_at_all():
    rng = np.random.default_rng(5)
    part = np.cumsum(np.cumsum(rng.normal(size=(60, 80)), axis=0), axis=1)
    part = np.minimum(part, part[:, ::-1])
    picture = np.tile((part - part.min()) / np.ptp(part), (1, 9)).astype(np.float32)
    assert repeats(picture, 0.4) == 9
    assert np.array_equal(one_part(picture, 9), picture[:, :80])
    assert repeats(rng.random((60, 720)).astype(np.float32), 0.4) == 1
