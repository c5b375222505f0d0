"""Distances to gems in closed form, insides of what is closed, and the soft step between."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, box

from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.relief.clear import clearance, nearest, within


def scattered(count: int = 4000, reach: float = 5.0) -> np.ndarray:
    return np.random.default_rng(0).uniform(-reach, reach, (count, 3))


def to_box(points: np.ndarray, x: float, y: float, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the surface of a box, and whether a point is inside."""
    over = np.abs(points) - np.array([x, y, z]) / 2.0
    inside = over.max(axis=1) < 0
    return np.where(inside, -over.max(axis=1), np.linalg.norm(np.maximum(over, 0.0), axis=1)), inside


def test_distances_to_a_box_are_exact_up_to_the_limit():
    points = scattered()
    true, _ = to_box(points, 2.0, 3.0, 4.0)
    found = nearest(points, box(2.0, 3.0, 4.0), 2.0)
    np.testing.assert_allclose(found[true <= 2.0], true[true <= 2.0], atol=1e-9)  # mm
    assert np.isinf(found[true > 2.0]).all() and (true > 2.0).any()


def test_distances_to_a_ball_are_those_of_its_radius():
    points = scattered()
    found = nearest(points, ball(2.0, 200, 300), 10.0)
    np.testing.assert_allclose(found, np.abs(np.linalg.norm(points, axis=1) - 2.0), atol=5e-4)  # mm; the facets' own depth


def test_the_inside_of_closed_bodies_is_known_however_they_are_wound_and_overlap():
    points = scattered()
    one, other = box(2.0, 3.0, 4.0), box(3.0, 2.0, 2.0, at=(1.1, 0.4, 0.3))
    inside = to_box(points, 2.0, 3.0, 4.0)[1] | to_box(points - (1.1, 0.4, 0.3), 3.0, 2.0, 2.0)[1]
    both = join([one, Mesh(other.vertices, other.faces[:, ::-1])])
    np.testing.assert_array_equal(within(points, both), inside)
    assert not within(points, Mesh(one.vertices, one.faces[1:])).any()  # a body with a hole has no inside


def test_clearance_is_nothing_near_a_gem_and_inside_it_and_then_a_soft_step():
    points, gem = scattered(), box(2.0, 3.0, 4.0)
    true, inside = to_box(points, 2.0, 3.0, 4.0)
    found = clearance(points, gem, 0.6, 0.8)
    t = np.clip((true - 0.6) / 0.8, 0.0, 1.0)
    np.testing.assert_allclose(found, np.where(inside, 0.0, t * t * (3.0 - 2.0 * t)), atol=1e-6)
    assert found.dtype == np.float32
    assert (found[inside] == 0.0).all() and inside.any()


def test_without_a_fade_the_step_is_at_the_distance():
    at = np.array([[1.0 + d, 0.0, 0.0] for d in (0.29, 0.302, 3.0)])
    np.testing.assert_array_equal(clearance(at, box(2.0, 2.0, 2.0), 0.3, 0.0), [0.0, 1.0, 1.0])


def test_nothing_to_keep_clear_of_leaves_everything():
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    np.testing.assert_array_equal(clearance(scattered(50), nothing, 0.3, 0.2), 1.0)
    assert len(clearance(np.zeros((0, 3)), box(), 0.3, 0.2)) == 0


@pytest.mark.parametrize("shift", [0.0, 200.0])
def test_a_gem_with_a_collapsed_face_is_measured_as_if_it_had_none(shift):
    gem = box(2.0, 2.0, 2.0, at=(shift, 0.0, 0.0))
    worse = Mesh(np.concatenate([gem.vertices, gem.vertices[:1]]), np.concatenate([gem.faces, [[0, 8, 1]]]).astype(np.int32))
    points = scattered(500) + (shift, 0.0, 0.0)
    np.testing.assert_allclose(nearest(points, worse, 3.0), nearest(points, gem, 3.0), atol=1e-9)
