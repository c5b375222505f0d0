"""Measured walls against walls of known thickness."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.thickness import wall


def test_a_plate_is_as_thick_as_it_was_made():
    assert wall(box(20, 15, 0.8)).minimum == pytest.approx(0.8, abs=1e-6)  # mm


def test_a_bands_wall_is_the_difference_of_its_radii():
    found = wall(band(inner=9.0, thick=1.3, nu=720))
    assert found.minimum == pytest.approx(1.3, abs=1e-3)
    assert found.percentile(50) == pytest.approx(1.3, abs=1e-3)


def test_a_ball_is_as_thick_as_its_diameter():
    found = wall(ball(3.0, rings=80, around=160))
    assert found.minimum == pytest.approx(6.0, abs=0.02)


def test_a_hollow_ball_is_as_thick_as_its_shell():
    inner = ball(2.5, rings=80, around=160)
    mesh = join([ball(3.0, rings=80, around=160), Mesh(inner.vertices, inner.faces[:, ::-1])])
    assert wall(mesh).minimum == pytest.approx(0.5, abs=5e-3)


def test_a_thin_spot_smaller_than_a_thousandth_of_the_surface_is_found():
    mesh = band(nu=720, nv=80, inner=9.0, thick=1.3)
    vertices = mesh.vertices.copy()
    spot = np.flatnonzero(np.hypot(vertices[:, 0] - 10.3, np.hypot(vertices[:, 1], vertices[:, 2])) < 0.35)
    vertices[spot, 0] -= 0.7  # 0.4 mm² of the 700 mm² pressed in
    assert wall(Mesh(vertices, mesh.faces)).minimum == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(("half_angle", "thin"), [(10, True), (30, False)])
def test_a_sharp_wedge_is_thin_at_its_edge_and_a_blunt_one_is_not_a_wall(half_angle, thin):
    mesh = box(10, 1, 8)
    slope = np.tan(np.radians(half_angle))
    mesh.vertices[:, 1] = np.sign(mesh.vertices[:, 1]) * (0.05 + slope * (mesh.vertices[:, 0] + 5))
    found = wall(mesh).minimum
    assert found < 0.2 if thin else found == pytest.approx(8.0, abs=1e-6)  # mm; 8 is from end to end


def test_a_mesh_with_relief_is_measured_in_its_recesses():
    mesh = box(20, 15, 1.0)
    post = join([mesh, box(0.2, 0.2, 1.0, at=(0, 0, 1.5))])  # a thread standing on the plate
    relief = np.r_[np.zeros(8), np.ones(8)].astype(np.float32)
    assert wall(post).minimum == pytest.approx(0.2, abs=1e-6)
    assert wall(Mesh(post.vertices, post.faces, relief)).minimum == pytest.approx(1.0, abs=1e-6)


def test_same_seed_same_measurement_and_points_lie_where_said():
    one, two = wall(torus(bump=0.3), samples=3000, seed=4), wall(torus(bump=0.3), samples=3000, seed=4)
    np.testing.assert_array_equal(one.thickness, two.thickness)
    assert one.points.shape == (len(one.thickness), 3)
    assert one.thickness[np.linalg.norm(one.points - one.thinnest, axis=1).argmin()] == one.minimum


def test_an_open_sheet_has_no_wall():
    found = wall(Mesh(np.eye(3), np.array([[0, 1, 2]], np.int32)))
    assert len(found.thickness) == 0
    assert np.isnan(found.minimum)
    assert np.isnan(wall(Mesh(np.empty((0, 3)), np.empty((0, 3), np.int32))).percentile(1))
