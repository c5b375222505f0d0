"""Closedness, winding and bodies, against closed forms and against trimesh and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import EdgeReport, bodies, duplicates, edges, flat, repeated


@pytest.mark.parametrize("mesh", [box(), torus(), band(), ball()])
def test_a_solid_is_sound_and_has_three_edges_for_two_faces(mesh):
    report = edges(mesh.faces, len(mesh.vertices))
    assert report == EdgeReport(len(mesh.faces) * 3 // 2, 0, 0, 0, 0)
    assert report.sound


def test_large_vertex_numbers_do_not_overflow_the_keys():
    faces = torus().faces.astype(np.int64) + 2_000_000_000
    assert edges(faces, 2_147_483_647).sound
    assert edges(faces.astype(np.int32), 2_147_483_647).sound


@pytest.mark.parametrize("n_vertices", [1 << 16, (1 << 16) + 1])
def test_both_widths_of_key_find_the_hole(n_vertices):
    faces = torus().faces + np.int32(n_vertices - len(torus().vertices))
    assert edges(faces, n_vertices).sound
    assert edges(faces[1:], n_vertices).open == 3


def test_a_missing_face_leaves_three_open_edges():
    mesh = torus()
    report = edges(mesh.faces[1:], len(mesh.vertices))
    assert (report.open, report.non_manifold, report.flipped) == (3, 0, 0)
    assert not report.closed


def test_a_turned_face_flips_its_three_edges_and_leaves_the_body_closed():
    faces = torus().faces.copy()
    faces[5] = faces[5, ::-1]
    report = edges(faces, 60 * 24)
    assert (report.open, report.non_manifold, report.flipped) == (0, 0, 3)
    assert report.closed
    assert not report.sound


def test_a_face_more_makes_its_edges_crowded():
    faces = np.concatenate([box().faces, box().faces[:1]])
    assert edges(faces, 8).non_manifold == 3


def test_two_pairs_of_equal_directed_edges_are_not_taken_for_sound():
    sheet = np.array([[0, 1, 2], [2, 1, 0], [0, 1, 2], [2, 1, 0]], np.int32)  # as many edges up as down, but each twice
    assert edges(sheet, 3).non_manifold == 3


def test_a_collapsed_face_is_counted_and_does_not_close_anything():
    faces = np.concatenate([box().faces, [[0, 0, 1]]]).astype(np.int32)
    report = edges(faces, 8)
    assert report.degenerate == 1
    assert not report.sound
    assert repeated(faces).tolist() == [False] * 12 + [True]


def test_no_faces_are_not_sound():
    assert edges(np.empty((0, 3), np.int32), 0).edges == 0
    assert bodies(np.empty((0, 3), np.int32), 0)[0] == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 7)] * 3), min_size=1, max_size=40))
def test_any_soup_of_faces_is_counted_as_by_hand(rows):
    faces = np.array(rows, np.int32)
    whole = [r for r in rows if len(set(r)) == 3]
    uses: dict[tuple[int, int], list[bool]] = {}
    for r in whole:
        for a, b in ((r[0], r[1]), (r[1], r[2]), (r[2], r[0])):
            uses.setdefault((min(a, b), max(a, b)), []).append(a < b)
    report = edges(faces, 8)
    assert report.degenerate == len(rows) - len(whole)
    assert report.edges == len(uses)
    assert report.open == sum(len(u) == 1 for u in uses.values())
    assert report.non_manifold == sum(len(u) > 2 for u in uses.values())
    assert report.flipped == sum(len(u) == 2 and u[0] == u[1] for u in uses.values())


@pytest.mark.parametrize("change", ["none", "hole", "turned"])
def test_trimesh_agrees(change):
    import trimesh

    mesh = band(50, 6)
    faces = mesh.faces.copy()
    if change == "hole":
        faces = faces[3:]
    if change == "turned":
        faces[:7] = faces[:7, ::-1]
    judge = trimesh.Trimesh(mesh.vertices, faces, process=False)
    report = edges(faces, len(mesh.vertices))
    assert report.closed == judge.is_watertight
    assert report.sound == (judge.is_watertight and judge.is_winding_consistent)


def test_flat_faces_are_those_without_height_at_any_size():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0.5, 0, 0], [0.5, 1e-3, 0], [0.5, 1e-9, 0]], np.float64)
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 1, 4]], np.int32)
    assert flat(vertices, faces).tolist() == [True, False, True]


def test_duplicates_are_found_in_any_order_and_the_first_stays():
    faces = np.array([[0, 1, 2], [3, 4, 5], [2, 0, 1], [2, 1, 0], [3, 4, 6]], np.int32)
    assert duplicates(faces).tolist() == [False, False, True, True, False]


def test_separate_bodies_are_counted_and_labelled():
    mesh = join([torus(), box(at=(40, 0, 0)), ball(at=(0, 0, 40))])
    count, label = bodies(mesh.faces, len(mesh.vertices))
    assert count == 3
    np.testing.assert_array_equal(label, np.repeat([0, 1, 2], [len(torus().faces), 12, len(ball().faces)]))


def test_one_long_shuffled_strip_is_one_body():
    n = 20_000
    number = np.random.default_rng(0).permutation(n).astype(np.int32)
    faces = number[np.stack([np.arange(n - 2), np.arange(1, n - 1), np.arange(2, n)], axis=1)]
    assert bodies(faces, n)[0] == 1


@pytest.mark.parametrize("seed", range(5))
def test_scipy_counts_the_same_bodies_in_random_soup(seed):
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    faces = np.random.default_rng(seed).integers(0, 900, (300, 3)).astype(np.int32)
    pairs = np.concatenate([faces[:, :2], faces[:, 1:]])
    _, vertex = connected_components(coo_matrix((np.ones(len(pairs)), pairs.T), (900, 900)), directed=False)
    count, label = bodies(faces, 900)
    wanted = vertex[faces[:, 0]]
    assert count == len(np.unique(wanted))
    assert len(np.unique(np.stack([wanted, label], axis=1), axis=0)) == count  # the same parting, under other names


def test_inside_out_does_not_change_closedness():
    mesh = Mesh(torus().vertices, torus().faces[:, ::-1])
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert mesh.volume < 0
