"""Scrolls that fill a field: each touches, none runs into another, coils keep their distance, a seed says it all."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.form.outlines import outline, signed_distance
from blender_jewelgen.core.wires.packing import STILL, apart, images_of, mirror, pack, rotations, slides, together
from blender_jewelgen.core.wires.scrolls import Gauge, grow
from blender_jewelgen.core.wires.spacing import Room

GAUGE = Gauge(0.4, 0.24, 0.05)  # mm


def strip(length: float = 40.0, width: float = 5.0) -> Room:
    rows, columns = round(width / 0.06), round(length / 0.06)
    v = (np.arange(rows) + 0.5) * width / rows
    gap = np.repeat(np.minimum(v, width - v)[:, None], columns, axis=1)
    return Room(gap.astype(np.float32), length, width, True, np.ones(rows))


def heart(size: float = 22.0) -> Room:
    count = round(size / 0.06)
    x = (np.arange(count) + 0.5) / count * size - 0.5 * size
    return Room(signed_distance(outline("heart", size, size), x, x)[::-1].astype(np.float32).copy(), size, size, False, np.ones(count))


def noise(seed: int) -> Room:
    """Blobs of room in no order."""
    rng = np.random.default_rng(seed)
    u, v = np.meshgrid((np.arange(300) + 0.5) * 0.06, (np.arange(160) + 0.5) * 0.06)
    gap = np.full(u.shape, -1.0)
    for x, y, r in zip(rng.random(9) * 18.0, rng.random(9) * 9.6, 0.2 + 2.5 * rng.random(9)):
        away = u - x
        away -= np.rint(away / 18.0) * 18.0
        gap = np.maximum(gap, r - np.hypot(away, v - y))
    return Room(gap[::-1].astype(np.float32), 18.0, 9.6, True, np.ones(160))


FIELDS = {"strip": strip, "heart": heart, "noise 1": lambda: noise(1), "noise 2": lambda: noise(2), "noise 3": lambda: noise(3)}


@pytest.mark.parametrize("name", FIELDS)
def test_circles_sink_into_each_other_and_into_walls_no_deeper_than_wanted(name):
    room = FIELDS[name]()
    walls = Room(room.gap.copy(), room.length, room.width, room.wrap, room.scale)
    circles = pack(room, (STILL,), 1.8, 0.3, 0.05)
    middles, radii = np.array([c.middle for c in circles]), np.array([c.radius for c in circles])
    far = np.linalg.norm(apart(room, middles[:, None], middles[None]), axis=2) - radii[:, None] - radii[None]
    np.fill_diagonal(far, 9.0)
    assert len(circles) > 3
    assert far.min() > -0.05 - 0.03  # mm: half a pixel
    assert (walls.at(middles) - radii).min() > -0.05 - 0.03


@pytest.mark.parametrize("name", ["strip", "heart"])
def test_every_circle_touches_a_wall_or_another(name):
    room = FIELDS[name]()
    walls = Room(room.gap.copy(), room.length, room.width, room.wrap, room.scale)
    circles = pack(room, (STILL,), 1.8, 0.5, 0.05)
    middles, radii = np.array([c.middle for c in circles]), np.array([c.radius for c in circles])
    far = np.linalg.norm(apart(room, middles[:, None], middles[None]), axis=2) - radii[:, None] - radii[None]
    np.fill_diagonal(far, 9.0)
    nearest = np.minimum(far.min(axis=1), walls.at(middles) - radii)
    assert nearest.max() < 0.0


@pytest.mark.parametrize("name", FIELDS)
def test_coils_of_a_scroll_keep_the_gap(name):
    growth = grow(FIELDS[name](), GAUGE, seed=3)
    assert growth.curves
    for curve, kind in zip(growth.curves, growth.kinds):
        if kind == "ring":
            continue
        n = len(curve.points)  # the two halves of an S touch each other, and a tail runs on into metal
        for points in (curve.points[: 2 * n // 5 : 2], curve.points[3 * n // 5 :: 2]) if kind == "S" else (curve.points[n // 4 :: 2],):
            _assert_open(points)


def _assert_open(points: np.ndarray) -> None:
    if len(points) > 2:
        far = np.linalg.norm(points[:, None] - points[None], axis=2)
        steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        along = np.abs(steps[:, None] - steps[None])
        assert far[along > 1.8 * (GAUGE.wire + GAUGE.gap)].min(initial=9.0) > GAUGE.wire + 0.9 * GAUGE.gap


@pytest.mark.parametrize("name", FIELDS)
def test_no_wire_leaves_the_field_farther_than_it_sinks_in(name):
    room = FIELDS[name]()
    walls = Room(room.gap.copy(), room.length, room.width, room.wrap, room.scale)
    growth = grow(room, GAUGE, seed=1)
    for curve, kind in zip(growth.curves, growth.kinds):
        coil = curve.points[len(curve.points) // 4 :] if kind == "comma" else curve.points  # a tail runs on into metal
        assert walls.at(coil).min() > 0.5 * GAUGE.wire - GAUGE.sink - 0.05


def test_there_are_scrolls_of_two_commas_and_rings_in_a_heart():
    growth = grow(heart(), GAUGE, (STILL, mirror(u=11.0)), seed=0)
    assert {"S", "comma", "ring"} <= set(growth.kinds) and len(growth.granules) > 10


def test_the_same_seed_gives_the_same_scrolls():
    first, second = (grow(heart(), GAUGE, (STILL, mirror(u=11.0)), seed=4) for _ in range(2))
    assert all(np.array_equal(a.points, b.points) for a, b in zip(first.curves, second.curves, strict=True))
    assert np.array_equal(first.granules, second.granules)


@pytest.mark.parametrize(
    ("motions", "count"),
    [(slides(40.0, 4), 4), (slides(40.0, 4, 2.5), 4), (together(slides(40.0, 4), (STILL, mirror(u=0.0))), 8), ((STILL, mirror(u=20.0, v=2.5)), 2)],
)
def test_images_of_a_field_are_exact(motions, count):
    assert len(motions) == count
    growth = grow(strip(), GAUGE, motions, seed=2)
    places = np.concatenate([growth.granules[:, :2], *(c.points.mean(axis=0)[None] for c in growth.curves)])
    for motion in motions:
        moved = motion(places)
        away = moved[:, None] - places[None]
        away[..., 0] -= np.rint(away[..., 0] / 40.0) * 40.0
        assert np.abs(away).max(axis=2).min(axis=1).max() < 1e-6  # mm


def test_turns_of_a_disc_leave_its_middle_alone():
    turns = rotations(np.array([5.0, 5.0]), 6)
    assert len(images_of(np.array([5.0, 5.0]), turns)) == 1
    assert len(images_of(np.array([6.0, 5.0]), turns)) == 6


def test_a_field_too_small_for_anything_stays_empty():
    room = strip(10.0, 0.3)
    growth = grow(room, GAUGE)
    assert growth.curves == () and len(growth.granules) == 0
