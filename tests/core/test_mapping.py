"""Patterns on bodies: true in mm, never mirrored, no seam, finger side and poles plain; naive spherical as the example to avoid."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.mesh.solids import from_solid
from blender_jewelgen.core.relief import mapping, solid
from blender_jewelgen.core.relief.generic import refine
from blender_jewelgen.core.relief.quality import judge, quality
from blender_jewelgen.core.relief.surface import surface_of

PROFILES = ("flat", "d", "court", "knife")


def askew(mesh: Mesh, seed: int = 1, shift: tuple[float, float, float] = (7.0, -4.0, 11.0)) -> Mesh:
    """The mesh turned at random and moved off the origin."""
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return Mesh(mesh.vertices @ (turn * np.sign(np.linalg.det(turn))).T + shift, mesh.faces)


def own_ring(shape: str, spacing: float = 0.2) -> Mesh:
    host = turned(complete(FormParams(form="band", shape=shape, width=7.0)))
    layout = solid.grid(host, spacing, 0.25)
    plain = np.zeros((len(layout.row), len(layout.angle)), np.float32)
    return solid.close(host, layout, solid.displace(layout, plain), plain)


def disc(radius: float = 10.0, height: float = 2.0) -> Mesh:
    from manifold3d import Manifold

    return from_solid(Manifold.cylinder(height, radius, radius, 160) - Manifold.cylinder(9.0, 1.2, 1.2, 40, True).translate([0, 7.5, 0]))


def rod() -> Mesh:
    from manifold3d import Manifold

    return from_solid(Manifold.cylinder(30.0, 3.0, 3.0, 80))


def drilled() -> Mesh:
    from manifold3d import Manifold

    return from_solid(Manifold.sphere(6.0, 96) - Manifold.cylinder(20.0, 1.2, 1.2, 40, True))


def lump() -> Mesh:
    base = ball(6.0, 30, 44)
    return Mesh(base.vertices * (1.0, 0.8, 1.3) * (1.0 + 0.15 * np.sin(base.vertices[:, :1]) * np.cos(0.7 * base.vertices[:, 1:2])), base.faces)


BODIES = {"ring": (band(160, 24), "toroidal"), "torus": (torus(90, 36), "toroidal"), "ball": (ball(6.0, 30, 44), "spherical"),
          "bead": (drilled(), "spherical"), "disc": (disc(), "planar"), "bar": (rod(), "cylindrical"), "lump": (lump(), "triplanar"),
          "block": (box(9.0, 8.0, 7.0), "triplanar"), "sheet": (box(20.0, 12.0, 1.5), "planar")}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("seed", [None, 3])
def test_the_mapping_is_chosen_by_shape_however_the_body_lies(name, seed):
    body, kind = BODIES[name]
    fine = refine(body if seed is None else askew(body, seed), 0.4)
    found = mapping.of_mesh(fine, "auto")
    assert found.kind == kind
    assert ":" in found.reason
    np.testing.assert_allclose(found.frame @ found.frame.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(found.frame) == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [*PROFILES, "imported band", "imported torus"])
@pytest.mark.parametrize("seed", [None, 2])
def test_toroidal_on_rings_is_true_to_scale_and_never_mirrored(shape, seed):
    body = {"imported band": band(160, 24), "imported torus": torus(120, 48)}.get(shape) or own_ring(shape)
    ring = refine(body if seed is None else askew(body, seed), 0.25)
    where = mapping.of_mesh(ring, "auto")
    found = judge(where, ring, vertex_normals(ring.vertices, ring.faces))
    assert where.kind == "toroidal"
    assert found.seam_triangles == 0
    assert found.mirrored == 0.0
    assert found.anisotropy_p95 <= 1.25
    assert found.scale_p50 == pytest.approx(1.0, abs=0.04)  # mm on the pattern for a mm of metal


@pytest.mark.parametrize("shape", PROFILES)
def test_our_own_rings_have_the_same_quality_from_their_profile(shape):
    host = turned(complete(FormParams(form="band", shape=shape, width=7.0)))
    ring = own_ring(shape)
    found = judge(mapping.of_host(host, "auto"), ring, vertex_normals(ring.vertices, ring.faces))
    assert (found.seam_triangles, found.mirrored) == (0, 0.0)
    assert found.anisotropy_p95 <= 1.25
    assert found.scale_p50 == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("ring", [band(160, 24), torus(90, 36)], ids=["band", "torus"])
def test_naive_spherical_mirrors_a_third_of_a_ring_and_tears_at_its_seam(ring):
    x, y, z = ring.vertices.T
    place = np.stack([np.mod(np.arctan2(y, x), 2 * np.pi) * 10.0, np.arcsin(z / np.linalg.norm(ring.vertices, axis=1)) * 10.0], axis=1)
    found = quality(ring, place[ring.faces], 20.0 * np.pi)
    assert 0.3 < found.mirrored < 0.5
    assert found.seam_triangles > 50
    assert found.anisotropy_p95 > 1.25


@pytest.mark.parametrize("kind", ["toroidal", "cylindrical"])
def test_a_stripe_of_one_mm_is_one_mm_on_the_metal(kind):
    ring = refine(askew(band(160, 24)), 0.3)
    where = mapping.of_mesh(ring, kind)
    assert where.size[0] == pytest.approx(2 * np.pi * 10.06, rel=0.01)  # mm round the outer side
    assert where.size[1] == pytest.approx(6.0, abs=0.35)  # mm wide
    place = mapping.coordinates(where, ring.vertices)
    along = (ring.vertices - where.centre) @ where.frame[2]
    outside = np.linalg.norm((ring.vertices - where.centre) @ where.frame[:2].T, axis=1) > 10.0
    np.testing.assert_allclose(place[outside, 1], along[outside], atol=0.05)


@pytest.mark.parametrize("name", ["ring", "torus", "ball", "bead", "bar"])
def test_a_pattern_that_joins_itself_leaves_no_seam(name):
    fine = refine(BODIES[name][0], 0.3)
    where = mapping.of_mesh(fine, "auto")
    wave = (0.5 + 0.5 * np.sin((np.arange(600) + 0.5) / 600 * 2 * np.pi * 7))[None].repeat(40, 0).astype(np.float32)
    normals = vertex_normals(fine.vertices, fine.faces)
    found = mapping.heights(where, wave, fine.vertices, normals)
    turn = mapping.coordinates(where, fine.vertices)[:, 0] / where.size[0] * 2 * np.pi
    np.testing.assert_allclose(found, 0.5 + 0.5 * np.sin(7 * turn), atol=2e-3)


@pytest.mark.parametrize("name", ["ring", "torus", "bead", "bar", "disc", "sheet"])
def test_what_is_not_to_be_touched_has_weight_zero(name):
    fine = refine(askew(BODIES[name][0]), 0.3)
    where = mapping.of_mesh(fine, "auto")
    normals = vertex_normals(fine.vertices, fine.faces)
    weight = mapping.weights(where, fine.vertices, normals, 0.25)
    x, y, z = ((fine.vertices - where.centre) @ where.frame.T).T
    far = np.hypot(x, y)
    plain = {"ring": (far < 9.9) | (np.abs(z) > 2.999), "torus": far < 10.3, "bead": (far < 1.25) | (np.abs(z) > 5.0),
             "bar": np.abs(z) > 14.99, "disc": (z < 0.9) | (far > 9.97), "sheet": z < 0.7}[name]  # fmt: skip
    assert plain.any() and (weight[plain] == 0.0).all()
    assert weight.max() == 1.0 and (weight > 0.99).mean() > 0.1


def test_triplanar_is_never_mirrored_on_any_of_six_sides():
    block = refine(box(9.0, 8.0, 7.0), 0.3)
    where = mapping.of_mesh(block, "triplanar", repeat=6.0)
    rise = np.linspace(0.0, 1.0, 600, dtype=np.float32)[None].repeat(600, 0)  # rises to the right
    normals = vertex_normals(block.vertices, block.faces)
    found = mapping.heights(where, rise, block.vertices, normals)
    middle = (np.abs(block.vertices) < 2.5).sum(axis=1) == 2  # well inside one of the sides
    for side in np.vstack([np.eye(3), -np.eye(3)]):
        here = middle & (normals @ side > 0.99)
        up = np.array([0.0, 1.0, 0.0]) if side[2] else np.array([0.0, 0.0, 1.0])
        right = np.cross(up, side)
        slope = np.polyfit(block.vertices[here] @ right, found[here], 1)[0]
        assert slope == pytest.approx(1.0 / 6.0, rel=5e-3)  # of the height, a mm


def test_sides_of_a_triplanar_mapping_blend_without_a_step():
    fine = refine(ball(6.0, 30, 44), 0.15)
    where = mapping.of_mesh(fine, "triplanar", repeat=6.0)
    soft = (0.5 + 0.5 * np.sin(np.arange(200) / 200 * 2 * np.pi))[None].repeat(200, 0).astype(np.float32)
    found = mapping.heights(where, soft, fine.vertices, (fine.vertices / 6.0).astype(np.float32))
    edges = fine.faces[:, :2]
    length = np.linalg.norm(np.diff(fine.vertices[edges], axis=1)[:, 0], axis=1)
    assert (np.abs(np.diff(found[edges], axis=1)[:, 0]) / length).max() < 3.0  # a mm; the pattern itself has 0.52


def test_a_flat_face_gets_a_plate_with_its_own_outline():
    fine = refine(askew(disc()), 0.3)
    where = mapping.of_mesh(fine, "auto")
    surface = surface_of(where, 10.0)
    assert surface.size_x == pytest.approx(20.0, abs=0.05)
    # near the middle of the hole and outside the rim nothing faces the beholder
    far = np.hypot(surface.x, surface.y)
    assert surface.outline[far > 10.1].max() < 0.05
    ring = np.abs(far - 4.0) < 0.05
    assert np.quantile(surface.outline[ring], 0.9) == pytest.approx(6.0, abs=0.15)  # mm to the rim


def test_uv_follows_the_texture_coordinates_and_averages_at_their_seams():
    sheet = refine(box(20.0, 10.0, 2.0), 0.5)
    uv = sheet.vertices[:, :2] / 10.0
    where = mapping.of_mesh(sheet, "uv", uv=uv, repeat=10.0)
    rise = np.linspace(0.0, 1.0, 1000, dtype=np.float32)[None].repeat(10, 0)
    found = mapping.heights(where, rise, sheet.vertices, vertex_normals(sheet.vertices, sheet.faces))
    right = (sheet.vertices[:, 0] > 0.5) & (sheet.vertices[:, 0] < 9.5)
    assert np.corrcoef(found[right], sheet.vertices[right, 0])[0, 1] > 0.9999
    twice = mapping.of_mesh(sheet, "uv", uv=np.concatenate([uv, uv]), owner=np.tile(np.arange(len(uv)), 2), repeat=10.0)
    np.testing.assert_allclose(mapping.heights(twice, rise, sheet.vertices, sheet.vertices), found, atol=1e-6)
    with pytest.raises(BadInput, match="texture coordinates"):
        mapping.of_mesh(sheet, "uv")


@pytest.mark.parametrize("kind", ["toroidal", "cylindrical", "spherical", "planar", "triplanar"])
@pytest.mark.parametrize("name", ["ring", "ball", "disc", "bar", "lump"])
def test_every_mapping_lies_on_every_body_with_finite_heights(kind, name):
    fine = refine(BODIES[name][0], 0.3)
    where = mapping.of_mesh(fine, kind)
    assert where.kind == kind and min(where.size) > 0
    normals = vertex_normals(fine.vertices, fine.faces)
    picture = np.random.default_rng(0).random((64, 96), np.float32)
    tall = mapping.tall(where, picture, fine.vertices, normals, 0.25)
    assert np.isfinite(tall).all() and tall.min() >= 0.0 and 0.1 < tall.max() <= 1.0 + 1e-6
    np.testing.assert_allclose(
        tall, mapping.heights(where, picture, fine.vertices, normals) * mapping.weights(where, fine.vertices, normals, 0.25), atol=1e-6
    )
