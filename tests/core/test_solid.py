"""Structured relief on turned forms: volumes in closed form, finger side untouched, closed, no seam."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.relief import solid
from blender_jewelgen.core.relief.lift import lift
from blender_jewelgen.core.relief.params import DENSITIES, ReliefParams

SPACING = 0.2
PREVIEW = ReliefParams(density="preview", fade=0.0, draft=0.0)


def host_of(form="band", shape="flat", **more):
    return turned(complete(FormParams(form=form, shape=shape, **more)))


def raised(host, picture, depth, fade=0.0):
    layout = solid.grid(host, SPACING, fade)
    tall = solid.sample(np.asarray(picture, np.float32), layout, host.periodic) * layout.weight
    return solid.close(host, layout, solid.displace(layout, np.float32(depth) * tall), tall), layout


def test_a_flat_band_without_relief_has_the_volume_of_its_profile_turned_round():
    host = host_of(width=8.0)
    mesh, layout = raised(host, np.zeros((8, 64)), 0.5)
    loop = np.concatenate([np.stack([layout.radius, layout.height], 1).astype(float), host.inner])
    (r, z), (r1, z1) = loop.T, np.roll(loop, -1, axis=0).T
    turned_volume = np.pi / 3.0 * np.sum((r * r + r * r1 + r1 * r1) * (z1 - z))  # Pappus, edge by edge
    n = len(layout.angle)
    assert mesh.volume == pytest.approx(turned_volume * np.sin(2 * np.pi / n) / (2 * np.pi / n), rel=1e-5)  # an n-gon's share


def test_a_ramp_has_half_the_relief_of_a_full_height():
    host = host_of(width=8.0)
    flat, full = (raised(host, np.full((4, 512), h), 0.5)[0].volume for h in (0.0, 1.0))
    ramp = raised(host, np.linspace(0.0, 1.0, 512)[None].repeat(4, 0), 0.5)[0].volume
    radius, depth = host.radius, 0.5
    # a full height h adds 2 pi (r h + h²/2) a mm of width; a linear ramp half of the first and a third of the second
    share = (radius * depth / 2 + depth**2 / 6) / (radius * depth + depth**2 / 2)
    assert (ramp - flat) / (full - flat) == pytest.approx(share, rel=2e-3)


@pytest.mark.parametrize(("form", "shape"), [("band", "flat"), ("band", "d"), ("band", "court"), ("band", "knife"), ("bead", "round"), ("cuff", "d")])
@pytest.mark.parametrize("depth", [0.6, -0.3])
def test_every_turned_form_is_closed_with_its_finger_side_bit_equal(form, shape, depth):
    host = host_of(form, shape)
    picture = np.random.default_rng(2).random((12, 90))
    mesh, layout = raised(host, picture, depth, fade=0.3)
    plain, _ = raised(host, np.zeros((4, 4)), depth, fade=0.3)
    outside = len(layout.row) * len(layout.angle)
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert mesh.volume > 0
    np.testing.assert_array_equal(mesh.vertices[outside:], plain.vertices[outside:])
    still = np.broadcast_to(layout.weight == 0, (len(layout.row), len(layout.angle))).ravel()
    np.testing.assert_array_equal(mesh.vertices[:outside][still], plain.vertices[:outside][still])
    far = np.hypot(*mesh.vertices[:, :2].T)
    assert 2.0 * far.min() == pytest.approx(host.inner_diameter, abs=1e-5)
    assert far.max() <= host.outer[:, 0].max() + max(depth, 0.0) + 1e-5


@pytest.mark.parametrize("shape", ["flat", "d", "court", "knife"])
@pytest.mark.parametrize("width", [5.7, 16.0])
def test_the_ends_of_a_cuff_do_not_cross_its_sides(shape, width):
    mesh, _ = raised(host_of("cuff", shape, width=width, thickness=1.6), np.zeros((4, 4)), 0.4)
    assert len(self_intersections(mesh, limit=1)) == 0


def test_a_full_height_makes_the_ring_larger_by_exactly_the_depth():
    host = host_of(width=8.0)
    plain, high = (raised(host, np.full((4, 4), h), 0.5)[0] for h in (0.0, 1.0))
    np.testing.assert_allclose(high.size - plain.size, [1.0, 1.0, 0.0], atol=1e-5)  # mm


def test_a_shifted_picture_is_the_same_ring_turned():
    host = host_of("band", "d", width=7.0)
    layout = solid.grid(host, SPACING, 0.2)
    columns = len(layout.angle)
    picture = np.random.default_rng(1).random((20, columns)).astype(np.float32)
    mesh, _ = raised(host, picture, 0.4)
    shifted, _ = raised(host, np.roll(picture, 10, axis=1), 0.4)
    turn = 2 * np.pi * 10 / columns
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    grid = (mesh.vertices @ spin.T).reshape(-1, columns, 3)
    np.testing.assert_allclose(np.roll(grid, 10, axis=1).reshape(-1, 3), shifted.vertices, atol=1e-5)


def test_the_first_and_last_column_of_a_wave_differ_no_more_than_others():
    host = host_of("band", "flat", width=7.0)
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * 9 * (np.arange(700) + 0.5) / 700)
    mesh, layout = raised(host, wave[None].repeat(4, 0), 0.5)
    far = np.hypot(*mesh.vertices[:, :2].T).reshape(-1, len(layout.angle))[len(layout.row) // 2]
    exact = 0.5 + 0.5 * np.sin(9 * layout.angle)
    np.testing.assert_allclose(far - far.min(), 0.5 * exact - 0.5 * exact.min(), atol=2e-3)  # mm, at the seam as elsewhere


def test_normals_of_a_plain_band_point_outward_and_have_length_one():
    host = host_of("band", "d", width=7.0)
    layout = solid.grid(host, SPACING, 0.0)
    shape = (len(layout.row), len(layout.angle))
    points = solid.displace(layout, np.zeros(shape, np.float32))
    found = solid.normals(points, *shape, True)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    outward = (found * points).reshape(*shape, 3)[2:-2, :, :2].sum(axis=2)
    assert outward.min() > 0


@pytest.mark.parametrize("density", DENSITIES)
def test_finer_density_has_more_vertices_of_the_same_body(density):
    host = host_of(width=4.0)
    picture = (0.5 + 0.5 * np.sin(np.arange(400) / 400 * 2 * np.pi * 8))[None].repeat(30, 0).astype(np.float32)
    mesh = lift(host, None, picture, 0.4, ReliefParams(density=density, fade=0.2))
    around = np.deg2rad(host.arc) * host.radius
    assert len(mesh.vertices) == pytest.approx(around / DENSITIES[density] * host.profile_length / DENSITIES[density], rel=0.6)  # plus the inner side
    assert mesh.volume == pytest.approx(lift(host, None, picture, 0.4, PREVIEW).volume, rel=0.02)
