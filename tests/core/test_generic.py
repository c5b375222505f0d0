"""Relief on any closed mesh: true depth, never through itself, untouched where there is no ornament."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.relief import generic, mapping

STUDS = (np.sin(np.arange(600) / 600 * 2 * np.pi * 40)[None] * np.sin(np.arange(150) / 150 * 2 * np.pi * 6)[:, None] > 0.3).astype(np.float32)


def blob() -> Mesh:
    """Lobes that meet in tight creases, like a pendant made from a picture."""
    from blender_jewelgen.core.mesh.level import level

    x, y, z = np.meshgrid(*[np.arange(-9.0, 9.01, 0.45)] * 3, indexing="ij")
    lobes = [(0.0, 0.0, 0.0, 4.2), (4.2, 3.0, 0.4, 2.6), (-4.4, 2.6, -0.3, 2.5), (0.2, -5.2, 0.2, 2.6), (3.4, -3.6, 0.6, 1.8)]
    return level(np.max([r - np.sqrt((x - a) ** 2 + (y - b) ** 2 + 1.8 * (z - c) ** 2) for a, b, c, r in lobes], axis=0), np.full(3, -9.0), 0.45)


def sound(mesh: Mesh) -> bool:
    one = bodies(mesh.faces, len(mesh.vertices))[0] == 1
    return edges(mesh.faces, len(mesh.vertices)).sound and mesh.volume > 0 and one and len(self_intersections(mesh, limit=1)) == 0


def test_normals_of_a_ball_point_from_its_middle():
    mesh = ball(5.0, 40, 60)
    found = vertex_normals(mesh.vertices, mesh.faces)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    assert (found * mesh.vertices / 5.0).sum(axis=1).min() > 0.995


def test_refining_keeps_the_body_and_makes_every_edge_short():
    mesh = box(10.0, 8.0, 6.0)
    fine = generic.refine(mesh, 0.4)
    assert sound(fine)
    assert fine.volume == pytest.approx(mesh.volume, rel=1e-9)
    lengths = generic.edge_lengths(fine)
    assert np.median(lengths) <= 0.6
    assert lengths.max() < 1.2  # mm; across the corner where two rows of new vertices meet


def test_refining_a_large_piece_stays_below_the_limit_of_vertices():
    fine = generic.refine(box(200.0, 200.0, 100.0), 0.05)
    assert len(fine.vertices) < 1_500_000
    with pytest.raises(BadInput, match="not a closed solid"):
        generic.refine(Mesh(box().vertices, box().faces[1:]), 0.5)


def test_an_even_height_makes_a_ball_larger_by_its_depth():
    fine = generic.refine(ball(5.0, 60, 90), 0.3)
    where = mapping.of_mesh(fine, "triplanar")
    raised = generic.raise_mesh(fine, where, np.ones((20, 20), np.float32), 0.4, 0.2)
    assert raised.notes == ()
    np.testing.assert_allclose(np.linalg.norm(raised.mesh.vertices, axis=1) - np.linalg.norm(fine.vertices, axis=1), 0.4, atol=2e-3)  # mm


def test_no_depth_leaves_every_vertex_bit_equal():
    fine = generic.refine(torus(60, 24), 0.4)
    where = mapping.of_mesh(fine, "auto")
    moved = generic.lifted(fine, where, np.zeros((8, 8), np.float32), 0.5, 0.2)
    np.testing.assert_array_equal(moved, fine.vertices)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("depth", [0.5, -0.3])
def test_finger_side_and_rims_of_an_imported_ring_are_bit_equal(seed, depth):
    ring = band(160, 24)
    if seed:
        turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
        ring = Mesh(ring.vertices @ (turn * np.sign(np.linalg.det(turn))).T + (4.0, 5.0, -6.0), ring.faces)
    fine = generic.refine(ring, 0.25)
    where = mapping.of_mesh(fine, "auto")
    raised = generic.raise_mesh(fine, where, STUDS, depth, 0.25)
    assert raised.notes == ()
    assert sound(raised.mesh)
    far = np.linalg.norm((fine.vertices - where.centre) @ where.frame[:2].T, axis=1)
    along = np.abs((fine.vertices - where.centre) @ where.frame[2])
    plain = (far < 9.9) | (along > 2.999)
    np.testing.assert_array_equal(raised.mesh.vertices[plain], fine.vertices[plain])
    moved = np.linalg.norm(raised.mesh.vertices - fine.vertices, axis=1)
    assert 0.9 * abs(depth) < moved.max() <= abs(depth) + 1e-5


@pytest.mark.parametrize("depth", [0.8, -0.4])
def test_deep_relief_in_tight_creases_is_taken_back_there_and_said(depth):
    fine = generic.refine(blob(), 0.2)
    raised = generic.raise_mesh(fine, mapping.of_mesh(fine, "triplanar", repeat=6.0), STUDS[:, :150], depth, 0.2)
    assert sound(raised.mesh)
    assert raised.mesh.relief.min() >= 0.0 and raised.mesh.relief.max() <= 1.0
    if len(raised.mesh.vertices) == len(fine.vertices):
        moved = np.linalg.norm(raised.mesh.vertices - fine.vertices, axis=1)
        assert np.quantile(moved, 0.99) > 0.8 * abs(depth)  # the ornament as a whole keeps its depth
        assert not raised.notes or "depth was reduced on" in raised.notes[0]
    else:
        assert "rebuilt" in raised.notes[-1]


def test_a_gap_narrower_than_the_ornament_is_not_closed_by_it():
    plates = join([box(10.0, 10.0, 2.0), box(10.0, 10.0, 2.0, at=(0.0, 0.0, 2.5)), box(2.0, 10.0, 4.5, at=(-5.5, 0.0, 1.25))])
    from blender_jewelgen.core.mesh.mend import closed

    clip, _ = closed(plates)
    fine = generic.refine(clip, 0.3)
    raised = generic.raise_mesh(fine, mapping.of_mesh(fine, "triplanar"), np.ones((20, 20), np.float32), 0.5, 0.2)
    assert sound(raised.mesh)
    assert raised.notes


def test_a_mesh_that_cuts_itself_is_rebuilt_and_then_ornamented():
    loop = torus(120, 40, ring=3.0, wire=3.6)  # a torus thicker than its hole
    raised = generic.raise_mesh(loop, mapping.of_mesh(loop, "triplanar"), STUDS[:, :150], 0.3, 0.2)
    assert sound(raised.mesh)
    assert "rebuilt" in raised.notes[0]
    assert raised.mesh.relief.max() > 0.5


def test_texture_coordinates_survive_reading_and_refining(tmp_path):
    import trimesh

    from blender_jewelgen.core.mesh.read import read_mesh

    around, section = 48, 20
    u, v = np.meshgrid(np.arange(around + 1) / around, np.arange(section + 1) / section)
    r = 9.0 + 2.0 * np.cos(2 * np.pi * v)
    grid = np.stack([r * np.cos(2 * np.pi * u), r * np.sin(2 * np.pi * u), 2.0 * np.sin(2 * np.pi * v)], 2)
    grid[:, -1], grid[-1] = grid[:, 0], grid[0]  # the seams close exactly, their coordinates do not
    index = np.arange((around + 1) * (section + 1)).reshape(section + 1, around + 1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], 2).reshape(-1, 3), np.stack([a, c, d], 2).reshape(-1, 3)])
    made = trimesh.Trimesh(grid.reshape(-1, 3), faces, process=False)
    made.visual = trimesh.visual.TextureVisuals(uv=np.stack([6.0 * u, v], 2).reshape(-1, 2))
    made.export(tmp_path / "ring.obj")
    mesh, _ = read_mesh(tmp_path / "ring.obj", scale=1.0, uv=True)
    assert read_mesh(tmp_path / "ring.obj", scale=1.0)[0].uv is None
    fine, uv, owner = generic.refine_textured(mesh, 0.4)
    assert edges(fine.faces, len(fine.vertices)).closed
    turn = np.mod(np.arctan2(fine.vertices[owner, 1], fine.vertices[owner, 0]) / (2 * np.pi), 1.0)
    off = np.mod(uv[:, 0] / 6.0 - turn + 0.5, 1.0) - 0.5
    assert np.abs(off).max() < 0.002  # every coordinate still lies where its vertex is round the ring
    seam = np.bincount(owner).max()
    assert seam > 1  # and vertices on the seam have more than one


def test_a_mask_takes_its_share_of_the_depth_and_is_carried_by_refining():
    base = box(10.0, 8.0, 6.0)
    masked = Mesh(base.vertices, base.faces, mask=((base.vertices[:, 0] + 5.0) / 10.0).astype(np.float32))
    fine = generic.refine(masked, 0.4)
    np.testing.assert_allclose(fine.mask, (fine.vertices[:, 0] + 5.0) / 10.0, atol=1e-6)  # linear along every edge
    where = mapping.of_mesh(fine, "triplanar")
    even = np.ones((20, 20), np.float32)
    moved = np.linalg.norm(generic.raise_mesh(fine, where, even, 0.3, 0.2).mesh.vertices - fine.vertices, axis=1)
    np.testing.assert_allclose(moved, 0.3 * fine.mask, atol=1e-5)  # mm
    textured = Mesh(base.vertices, base.faces, uv=base.vertices[base.faces][..., :2] / 10.0, mask=masked.mask)
    again, _, _ = generic.refine_textured(textured, 0.4)
    np.testing.assert_allclose(again.mask, (again.vertices[:, 0] + 5.0) / 10.0, atol=1e-6)
    assert generic.refine(base, 0.4).mask is None


def test_a_mask_survives_the_rebuilding_of_a_mesh_that_cuts_itself():
    loop = torus(120, 40, ring=3.0, wire=3.6)
    masked = Mesh(loop.vertices, loop.faces, mask=(loop.vertices[:, 2] > 0).astype(np.float32))
    where = mapping.of_mesh(masked, "triplanar")
    even = np.ones((20, 20), np.float32)
    plain, raised = (generic.raise_mesh(masked, where, even, depth, 0.2).mesh for depth in (1e-6, 0.3))
    grown = np.abs(raised.vertices[:, 2]) - np.abs(plain.vertices[:, 2])
    away = np.hypot(*plain.vertices[:, :2].T) > 4.0  # mm; in the crease of the middle the depth is taken back
    assert grown[away & (plain.vertices[:, 2] > 2.5)].min() > 0.15
    assert np.abs(grown[plain.vertices[:, 2] < -0.5]).max() < 1e-3


@pytest.mark.parametrize("depth", [0.4, -0.3])
def test_the_mid_level_stays_at_the_surface_and_the_rest_lies_on_both_sides(depth):
    fine = generic.refine(ball(5.0, 60, 90), 0.3)
    where = mapping.of_mesh(fine, "triplanar")
    for level in (0.0, 0.25, 1.0):
        raised = generic.raise_mesh(fine, where, np.full((20, 20), level, np.float32), depth, 0.2, mid=0.25)
        grown = np.linalg.norm(raised.mesh.vertices, axis=1) - np.linalg.norm(fine.vertices, axis=1)
        np.testing.assert_allclose(grown, depth * (level - 0.25), atol=2e-3)  # mm
        np.testing.assert_allclose(raised.mesh.relief, level if depth > 0 else 1.0 - level, atol=1e-6)


def test_ornament_on_the_outer_side_only_unless_every_side_is_asked_for():
    fine = generic.refine(band(160, 24), 0.3)
    where = mapping.of_mesh(fine, "auto")
    even = np.ones((20, 20), np.float32)
    inner = np.hypot(*fine.vertices[:, :2].T) < 9.5
    middle = inner & (np.abs(fine.vertices[:, 2]) < 1.5)
    outer, every = (generic.lifted(fine, where, even, 0.2, 0.25, outer=o) - fine.vertices for o in (True, False))
    np.testing.assert_array_equal(outer[inner], 0.0)
    np.testing.assert_allclose(np.linalg.norm(every[middle], axis=1), 0.2, atol=1e-3)  # mm


def test_both_faces_of_a_flat_piece_stand_out_unless_only_the_outer_one_is_asked_for():
    fine = generic.refine(box(20.0, 12.0, 1.5), 0.4)
    where = mapping.of_mesh(fine, "planar")
    even = np.ones((20, 20), np.float32)
    middle = (np.abs(fine.vertices[:, 0]) < 8.0) & (np.abs(fine.vertices[:, 1]) < 4.0)
    for outer, back in ((True, 0.0), (False, -0.2)):
        rise = generic.raise_mesh(fine, where, even, 0.2, 0.25, outer=outer).mesh.vertices - fine.vertices
        assert rise[middle & (fine.vertices[:, 2] > 0.7), 2] == pytest.approx(0.2, abs=1e-6)
        assert rise[middle & (fine.vertices[:, 2] < -0.7), 2] == pytest.approx(back, abs=1e-6)


def test_ornament_keeps_clear_of_what_it_is_told():
    fine = generic.refine(band(160, 24), 0.3)
    where = mapping.of_mesh(fine, "auto")
    raised = generic.raise_mesh(fine, where, np.ones((20, 20), np.float32), 0.3, 0.25, keep=lambda points: (points[:, 0] > 0).astype(np.float32))
    moved = np.linalg.norm(raised.mesh.vertices - fine.vertices, axis=1)
    assert (moved[fine.vertices[:, 0] < 0] == 0.0).all() and moved.max() == pytest.approx(0.3, abs=1e-5)


def test_a_mask_is_kept_when_bodies_are_joined_to_one():
    from blender_jewelgen.core.mesh.mend import closed

    parts = [box(10.0, 8.0, 6.0), box(10.0, 8.0, 6.0, at=(5.0, 1.0, 1.0))]
    masked = [Mesh(part.vertices, part.faces, mask=np.full(8, share, np.float32)) for part, share in zip(parts, (1.0, 0.0))]
    whole, notes = closed(join(masked))
    assert notes and len(whole.mask) == len(whole.vertices)
    assert (whole.mask[whole.vertices[:, 0] < -4.9] == 1.0).all() and (whole.mask[whole.vertices[:, 0] > 9.9] == 0.0).all()
    assert closed(parts[0])[0].mask is None
