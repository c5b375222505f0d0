"""Texture coordinates: fold, seam and stretch against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.quality import measured
from blender_jewelgen.core.mesh.uv import naive_uv, uv_quality


def sheet(n: int = 12) -> Mesh:
    """A flat square of n × n cells, 10 mm a side."""
    x, y = np.meshgrid(np.linspace(0, 10, n + 1), np.linspace(0, 10, n + 1), indexing="ij")
    at = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    a, b, c, d = at[:-1, :-1].ravel(), at[1:, :-1].ravel(), at[1:, 1:].ravel(), at[:-1, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    return Mesh(np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], 1), faces)


def laid(mesh: Mesh, matrix: list[list[float]]) -> np.ndarray:
    return (mesh.vertices[:, :2] / 100.0 @ np.array(matrix).T)[mesh.faces]


def test_a_map_that_keeps_circles_has_no_stretch():
    found = uv_quality(sheet(), laid(sheet(), [[0.6, -0.8], [0.8, 0.6]]))
    assert (found.fold, found.seam) == (0.0, 0.0)
    assert found.anisotropy_p50 == pytest.approx(1.0, abs=1e-6)
    assert found.anisotropy_p90 == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("times", [2.0, 5.0, 50.0])
def test_a_map_pulled_one_way_is_stretched_by_so_much(times):
    found = uv_quality(sheet(), laid(sheet(), [[times, 0.0], [0.0, 1.0]]) / times)
    assert (found.anisotropy_p50, found.anisotropy_p90) == (pytest.approx(times), pytest.approx(times))


def test_a_sheared_map_is_stretched_by_its_singular_values():
    matrix = np.array([[1.0, 0.7], [0.2, 1.3]])
    large, small = np.linalg.svd(matrix, compute_uv=False)
    assert uv_quality(sheet(), laid(sheet(), matrix.tolist())).anisotropy_p50 == pytest.approx(large / small)


def test_what_is_mirrored_is_folded_whichever_side_is_the_smaller():
    mesh = sheet(10)
    place = laid(mesh, [[1.0, 0.0], [0.0, 1.0]])
    far = mesh.vertices[mesh.faces][:, :, 0].mean(axis=1) > 7.0
    place[far] = 0.14 - place[far]
    place[far, :, 1] = 0.14 - place[far, :, 1]  # the last three tenths come back over the rest
    assert uv_quality(mesh, place).fold == pytest.approx(0.3)
    place[..., 0] *= -1.0
    assert uv_quality(mesh, place).fold == pytest.approx(0.3)


def test_faces_across_the_whole_map_are_the_seam_and_nothing_else():
    mesh = sheet(10)
    place = laid(mesh, [[1.0, 0.0], [0.0, 1.0]])
    place[:20, 0, 0] += 0.9
    found = uv_quality(mesh, place)
    assert found.seam == pytest.approx(0.1)
    assert (found.fold, found.anisotropy_p90) == (0.0, pytest.approx(1.0, abs=1e-6))


@pytest.mark.parametrize("mesh", [ball(5.0, 40, 60), box(), ball(5.0, 30, 40, at=(1.0, 1.0, -0.5))])
def test_a_star_shaped_body_seen_from_inside_is_not_folded(mesh):
    assert uv_quality(mesh, naive_uv(mesh)).fold < 2e-3


def test_a_ring_is_folded_by_the_area_that_looks_at_its_middle():
    ring, wire = 10.0, 2.0
    turn = np.arccos(-wire / ring)  # beyond, the surface looks towards the origin
    inner = (ring * (2.0 * np.pi - 2.0 * turn) - 2.0 * wire * np.sin(turn)) / (2.0 * np.pi * ring)
    found = uv_quality(torus(600, 300), naive_uv(torus(600, 300)))
    assert found.fold == pytest.approx(inner, abs=0.004)
    assert 0.24 < found.fold < 0.48  # as the published maps of rings and pendants


def test_a_body_beside_the_origin_is_folded_in_half():
    away = Mesh(ball(5.0, 60, 90).vertices + (0.0, -400.0, 0.0), ball(5.0, 60, 90).faces)
    assert uv_quality(away, naive_uv(away)).fold == pytest.approx(0.5, abs=0.03)


def test_a_balls_map_is_stretched_as_its_latitudes_say():
    mesh = ball(5.0, 200, 300)
    turned = Mesh(mesh.vertices[:, [0, 2, 1]] * (1.0, 1.0, -1.0), mesh.faces)  # poles where none of the mesh's are
    found = uv_quality(turned, naive_uv(turned))
    t = np.linspace(1.0, 2.0, 100_001)
    share = np.sqrt(1.0 - 1.0 / (4.0 * t**2)) - np.sqrt(1.0 - t**2 / 4.0)  # of the area with a stretch of at most t
    assert found.anisotropy_p50 == pytest.approx(t[np.searchsorted(share, 0.5)], rel=0.01)
    assert found.anisotropy_p90 == pytest.approx(1.0 / (2.0 * np.sqrt(1.0 - 0.9**2)) if share[-1] < 0.9 else t[np.searchsorted(share, 0.9)], rel=0.1)


def test_the_seam_of_a_balls_map_is_one_column_of_faces():
    mesh = ball(5.0, 40, 60)
    up = Mesh(mesh.vertices @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]).T, mesh.faces)  # poles on the y of the file
    half = np.pi / 60
    shift = np.array([[np.cos(half), 0, np.sin(half)], [0, 1, 0], [-np.sin(half), 0, np.cos(half)]])
    seen = Mesh((up.vertices @ shift.T) @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T, mesh.faces)
    assert uv_quality(seen, naive_uv(seen)).seam == pytest.approx(1.0 / 60.0, rel=0.02)


def test_faces_without_area_or_without_numbers_do_not_count():
    mesh, place = sheet(), laid(sheet(), [[1.0, 0.0], [0.0, 1.0]])
    place[3], place[4, 1, 0] = np.nan, np.inf
    found = uv_quality(Mesh(mesh.vertices, np.concatenate([mesh.faces, [[0, 0, 1], [2, 2, 2]]]).astype(np.int32)), np.concatenate([place, np.random.default_rng(0).random((2, 3, 2))]))
    assert (found.fold, found.seam, found.anisotropy_p90) == (0.0, 0.0, pytest.approx(1.0, abs=1e-6))


def test_a_mesh_without_faces_has_the_best_of_maps():
    found = uv_quality(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), np.zeros((0, 3, 2)))
    assert (found.fold, found.seam, found.anisotropy_p50, found.anisotropy_p90) == (0.0, 0.0, 1.0, 1.0)


def test_coordinates_of_one_point_are_stretched_beyond_measure():
    assert uv_quality(sheet(), np.zeros((288, 3, 2))).anisotropy_p50 == 1e6


def test_a_meshs_own_coordinates_are_judged_with_it():
    mesh = band()
    own = Mesh(mesh.vertices, mesh.faces, uv=naive_uv(mesh))
    assert measured(own, wall=False).uv == uv_quality(mesh, naive_uv(mesh))
