"""The tree and the self-intersections it finds, against brute force that shares no code."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from mesh_shapes import ball, band, box, reduced, torus

from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.tree import Tree


def soup(count: int, seed: int, size: float = 0.4) -> Mesh:
    """Loose triangles at random in a unit cube."""
    rng = np.random.default_rng(seed)
    corners = rng.random((count, 1, 3)) + (rng.random((count, 3, 3)) - 0.5) * size
    return Mesh(corners.reshape(-1, 3), np.arange(count * 3, dtype=np.int32).reshape(-1, 3))


def pierces(p: np.ndarray, q: np.ndarray, triangle: np.ndarray) -> bool:
    """Whether the segment from p to q goes through the triangle: p + t (q - p) = a + u (b - a) + v (c - a)."""
    a, b, c = triangle
    matrix = np.stack([p - q, b - a, c - a], axis=1)
    if abs(np.linalg.det(matrix)) < 1e-12:
        return False
    t, u, v = np.linalg.solve(matrix, p - a)
    return bool(min(t, 1 - t, u, v, 1 - u - v) > 1e-9)


def brute_pairs(mesh: Mesh) -> set[tuple[int, int]]:
    corners = mesh.vertices[mesh.faces]
    sides = ((0, 1), (1, 2), (2, 0))
    found = set()
    for i, j in itertools.combinations(range(len(corners)), 2):
        s, t = corners[i], corners[j]
        if any(pierces(s[a], s[b], t) for a, b in sides) or any(pierces(t[a], t[b], s) for a, b in sides):
            found.add((i, j))
    return found


def pairs_of(mesh: Mesh) -> set[tuple[int, int]]:
    return {tuple(row) for row in self_intersections(mesh).tolist()}


@pytest.mark.parametrize(("count", "seed"), [(2, 0), (3, 1), (40, 2), (70, 3), (64, 4), (65, 5)])
def test_random_soup_meets_where_brute_force_says(count, seed):
    mesh = soup(count, seed)
    wanted = brute_pairs(mesh)
    assert pairs_of(mesh) == wanted
    if count >= 40:
        assert len(wanted) > 5  # the test would mean little without


@pytest.mark.parametrize("seed", range(4))
def test_a_crumpled_closed_body_meets_where_brute_force_says(seed):
    mesh = ball(rings=5, around=7)
    mesh = Mesh(mesh.vertices + np.random.default_rng(seed).normal(0, 1.2, mesh.vertices.shape), mesh.faces)
    wanted = {(i, j) for i, j in brute_pairs(mesh) if len(set(mesh.faces[i]) & set(mesh.faces[j])) < 2}
    assert wanted
    assert pairs_of(mesh) == wanted


@pytest.mark.parametrize("seed", range(3))
def test_boxes_overlap_in_the_tree_as_all_against_all(seed):
    mesh = soup(150, seed)
    corners = mesh.vertices[mesh.faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    overlap = (low[:, None] <= high[None]).all(axis=2) & (low[None] <= high[:, None]).all(axis=2)
    i, j = np.nonzero(np.triu(overlap, 1))
    found = [np.sort(np.stack(p, axis=1), axis=1) for p in Tree(mesh.vertices, mesh.faces).pairs()]
    found = np.concatenate(found)
    assert len(found) == len(i)
    assert {tuple(p) for p in found.tolist()} == set(zip(i.tolist(), j.tolist()))


@pytest.mark.parametrize("first", [None, 0.01, 100.0])
def test_rays_meet_the_nearest_triangle_as_all_against_all(first):
    mesh = soup(120, 7)
    rng = np.random.default_rng(1)
    origins, directions = rng.random((60, 3)), rng.normal(size=(60, 3))
    directions[0] = (0.0, 0.0, 1.0)  # along an axis, where a slope is infinite
    distance, face = Tree(mesh.vertices, mesh.faces).rays(origins, directions, first=first)
    for k, (o, d) in enumerate(zip(origins, directions)):
        best, hit = np.inf, -1
        for n, (a, b, c) in enumerate(mesh.vertices[mesh.faces]):
            u, v, t = np.linalg.solve(np.stack([b - a, c - a, -d], axis=1), o - a)
            if u > 0 and v > 0 and u + v < 1 and 0 < t < best:
                best, hit = t, n
        assert face[k] == hit
        assert distance[k] == pytest.approx(best, rel=1e-9)
    assert (face >= 0).sum() > 20
    assert (face < 0).sum() > 2


def test_rays_end_at_the_limit():
    tree = Tree(box(2, 2, 2).vertices, box().faces)
    distance, face = tree.rays(np.array([[0.0, 0.1, 5.0]] * 2), np.array([[0.0, 0.0, -1.0]] * 2), limit=3.0)
    assert face.tolist() == [-1, -1]
    assert np.isinf(distance).all()
    assert tree.rays(np.array([[0.0, 0.1, 5.0]]), np.array([[0.0, 0.0, -1.0]]), limit=4.5)[0][0] == pytest.approx(4.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "mesh",
    [box(), ball(), ball(rings=60, around=90), torus(), torus(200, 60, bump=0.35), band(), band(500, 60, relief=0.4)],
    ids=["box", "ball", "fine ball", "torus", "bumpy torus", "band", "relief band"],
)
def test_sound_bodies_never_meet_themselves(mesh, dtype):
    assert len(self_intersections(Mesh(mesh.vertices.astype(dtype), mesh.faces))) == 0


def test_a_decimated_relief_does_not_meet_itself():
    assert len(self_intersections(reduced(band(500, 60, relief=0.4), 0.01))) == 0


@pytest.mark.parametrize("at", [(5, 4, 3), (0.3, 0.2, 5.9), (0, 0, 3), (5, 0, 0)])
def test_two_boxes_in_each_other_are_found(at):
    assert len(self_intersections(join([box(), box(at=at)]))) > 0


@pytest.mark.parametrize("at", [(10.001, 0, 0), (0, 0, 6.5), (20, 20, 20)])
def test_two_boxes_side_by_side_are_not(at):
    assert len(self_intersections(join([box(), box(at=at)]))) == 0


def test_a_body_within_a_body_does_not_touch_it():
    assert len(self_intersections(join([box(), box(4, 4, 4)]))) == 0


def test_a_granule_whose_equator_lies_on_the_plate_is_found():
    mesh = join([box(), ball(1.0, at=(0, 0, 3))])  # its corners lie exactly in the plate's plane
    assert len(self_intersections(mesh)) > 0


def test_a_wire_pushed_through_its_neighbour_is_found():
    mesh = torus(120, 30)
    vertices = mesh.vertices.copy()
    vertices[7 * 30 : 8 * 30] = vertices[12 * 30 : 13 * 30]  # one section moved past the next ones
    assert len(self_intersections(Mesh(vertices, mesh.faces))) > 0


def test_a_spike_folded_back_past_its_own_fan_is_found_at_the_shared_vertex():
    vertices = np.array([[0, 0, 0], [2, -1, 0], [2, 1, 0], [1, 0.2, -1], [1.5, 0.1, 1.0]], np.float64)
    faces = np.array([[0, 1, 2], [0, 3, 4]], np.int32)  # share only vertex 0; the second passes down through the first
    assert pairs_of(Mesh(vertices, faces)) == {(0, 1)}


def test_triangles_folded_flat_on_their_common_edge_are_found_but_open_ones_are_not():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0.5, 1, 0], [0.5, 0.8, 0], [0.5, 0.8, 0.02]], np.float64)
    assert pairs_of(Mesh(vertices, np.array([[0, 1, 2], [1, 0, 3]], np.int32))) == {(0, 1)}
    assert pairs_of(Mesh(vertices, np.array([[0, 1, 2], [1, 0, 4]], np.int32))) == set()


def test_triangles_in_one_plane_count_if_they_overlap_and_not_if_they_touch():
    first = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float64)
    faces = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert pairs_of(Mesh(np.concatenate([first, first + (0.2, 0.1, 0)]), faces)) == {(0, 1)}
    assert pairs_of(Mesh(np.concatenate([first, first + (1.0, 0, 0)]), faces)) == set()


def test_double_faces_are_found():
    mesh = box()
    assert pairs_of(Mesh(mesh.vertices, np.concatenate([mesh.faces, mesh.faces[4:5]]))) >= {(4, 12)}


def test_the_search_stops_at_the_limit():
    assert len(self_intersections(soup(400, 0), limit=5)) == 5


def test_empty_and_single_faces_have_nothing_to_meet():
    assert self_intersections(Mesh(np.empty((0, 3)), np.empty((0, 3), np.int32))).shape == (0, 2)
    assert self_intersections(Mesh(np.eye(3), np.array([[0, 1, 2]], np.int32))).shape == (0, 2)
