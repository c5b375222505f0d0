"""The small picture of a mesh: where it lies in the picture, what is in front, what is smooth."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, box, torus

from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.look import PAPER, shaded


def covered(picture: np.ndarray) -> np.ndarray:
    return (picture != np.array(PAPER, np.uint8)).any(axis=2)


def test_a_ball_is_a_disc_of_its_area_in_the_middle():
    seen = covered(shaded(ball(5.0, 60, 90), 200))
    rows, columns = np.nonzero(seen)
    assert seen.shape == (200, 200)
    assert seen.mean() == pytest.approx(np.pi / 4.0 * 0.92**2, rel=0.03)
    assert (rows.mean(), columns.mean()) == (pytest.approx(99.5, abs=1.0), pytest.approx(99.5, abs=1.0))


def test_a_ring_from_above_shows_its_hole():
    seen = covered(shaded(torus(200, 60, 10.0, 2.0), 240, turn=0.0, rise=90.0))
    assert not seen[120, 120]
    assert seen.mean() == pytest.approx(0.92**2 * np.pi / 4.0 * (1.0 - (8.0 / 12.0) ** 2), rel=0.03)


def test_what_stands_in_front_hides_what_is_behind():
    front, behind = box(4.0, 1.0, 4.0, (0.0, -5.0, 0.0)), box(4.0, 1.0, 4.0, (0.0, 5.0, 0.0))
    both = shaded(join([behind, front]), 128, turn=0.0, rise=0.0)
    swapped = shaded(join([front, behind]), 128, turn=0.0, rise=0.0)
    np.testing.assert_array_equal(both, swapped)


def test_a_front_face_is_one_colour_and_another_side_another():
    picture = shaded(box(10.0, 10.0, 10.0), 160, turn=-40.0, rise=0.0).astype(int)
    seen = covered(picture.astype(np.uint8))
    columns = np.nonzero(seen[80])[0]
    left, right = picture[70:90, columns[0] + 15], picture[70:90, columns[-1] - 15]
    assert np.abs(left.mean(axis=0) - right.mean(axis=0)).max() > 15
    assert left.std(axis=0).max() < 4
    assert right.std(axis=0).max() < 4


def test_right_is_right_and_up_is_up():
    mesh = join([box(2.0, 2.0, 2.0), box(1.0, 1.0, 1.0, (6.0, 0.0, 0.0)), box(1.0, 1.0, 1.0, (0.0, 0.0, 9.0))])
    seen = covered(shaded(mesh, 200, turn=0.0, rise=0.0))
    rows, columns = np.nonzero(seen)
    upper = columns[rows < 40]
    right = rows[columns > columns.min() + 80]
    assert len(upper)
    assert upper.max() < 110  # the one on top stands over the large one, which is left
    assert len(right)
    assert right.min() > 120


def test_many_small_faces_leave_no_gaps():
    seen = covered(shaded(ball(5.0, 250, 400), 160))
    rows = np.flatnonzero(seen.any(axis=1))
    for row in rows:
        columns = np.flatnonzero(seen[row])
        assert len(columns) == columns[-1] - columns[0] + 1


def test_turned_and_missing_faces_are_shown_as_they_are():
    mesh = ball(5.0, 40, 60)
    inside_out = Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))
    np.testing.assert_array_equal(covered(shaded(inside_out, 100)), covered(shaded(mesh, 100)))
    half = Mesh(mesh.vertices, mesh.faces[mesh.vertices[mesh.faces][:, :, 1].mean(axis=1) > 0])
    assert covered(shaded(half, 100)).any()  # its inner side


@pytest.mark.parametrize(
    "mesh",
    [
        Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)),
        Mesh(np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32)),
        Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], np.int32)),
    ],
)
def test_nothing_is_the_empty_ground(mesh):
    picture = shaded(mesh, 64, ground=(1, 2, 3))
    assert picture.shape == (64, 64, 3)
    assert (picture.reshape(-1, 3) == (1, 2, 3)).all()


def test_a_place_that_is_no_number_takes_only_its_own_faces_with_it():
    mesh = ball(5.0, 40, 60)
    vertices = mesh.vertices.copy()
    vertices[700] = np.inf
    seen, whole = covered(shaded(Mesh(vertices, mesh.faces), 100)), covered(shaded(mesh, 100))
    assert (seen == whole).mean() > 0.99
