"""Surfaces that are no solid become one: true volume, closed, never through themselves."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.level import level
from blender_jewelgen.core.mesh.mend import closed, rebuild


def sound(mesh: Mesh) -> bool:
    one = bodies(mesh.faces, len(mesh.vertices))[0] == 1
    return edges(mesh.faces, len(mesh.vertices)).sound and mesh.volume > 0 and one and len(self_intersections(mesh, limit=1)) == 0


def without(mesh: Mesh, count: int) -> Mesh:
    """The mesh less the faces nearest to its first one."""
    middle = mesh.vertices[mesh.faces].mean(axis=1)
    return Mesh(mesh.vertices, mesh.faces[np.argsort(np.linalg.norm(middle - middle[0], axis=1))[count:]])


BALL = ball(5.0, 48, 72)
LENS = np.pi * (4 * 5.0 + 4.0) * (2 * 5.0 - 4.0) ** 2 / 12.0  # mm³ common to two balls of 5 mm whose middles are 4 mm apart


@pytest.mark.parametrize(
    ("mesh", "volume"),
    [
        pytest.param(BALL, BALL.volume, id="ball"),
        pytest.param(torus(90, 36), torus(90, 36).volume, id="torus"),
        pytest.param(band(), band().volume, id="band"),
        pytest.param(join([BALL, BALL]), BALL.volume, id="double shell"),
        pytest.param(join([BALL, ball(5.0, 48, 72, at=(4.0, 0.0, 0.0))]), 2 * 4 / 3 * np.pi * 125 - LENS, id="overlapping balls"),
        pytest.param(join([box(), box(6.0, 6.0, 10.0, at=(4.0, 3.0, 2.0))]), 480 + 360 - 4 * 4 * 6, id="overlapping boxes"),
        pytest.param(without(BALL, 5), BALL.volume, id="small hole"),
        pytest.param(join([BALL, ball(0.8, 12, 18, at=(9.0, 0.0, 0.0))]), BALL.volume, id="loose crumb"),
    ],
)
def test_what_is_rebuilt_is_one_solid_of_the_true_volume(mesh, volume):
    rebuilt = rebuild(mesh, 0.2)
    assert sound(rebuilt)
    assert rebuilt.volume == pytest.approx(volume, rel=0.02)
    assert np.abs(rebuilt.size - (BALL.size if volume == BALL.volume else mesh.size)).max() < 0.25  # mm, a cell


def test_a_body_that_lies_askew_keeps_its_volume():
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    askew = Mesh(band().vertices @ turn.T + 30.0, band().faces)
    assert rebuild(askew, 0.2).volume == pytest.approx(band().volume, rel=0.02)


@pytest.mark.parametrize(("mesh", "words"), [
    (without(BALL, 3000), "holes too large"),
    (Mesh(BALL.vertices, BALL.faces[:, ::-1]), "encloses no metal"),
    (Mesh(BALL.vertices * (1.0, 1.0, 0.0), BALL.faces), "too small or flat"),
])  # fmt: skip
def test_what_cannot_be_a_solid_is_refused_in_one_sentence(mesh, words):
    with pytest.raises(BadInput, match=words):
        rebuild(mesh, 0.2)


def test_a_sound_mesh_is_left_as_it_is_and_another_is_said_to_be_rebuilt():
    assert closed(BALL) == (BALL, ())
    mended, notes = closed(without(BALL, 5))
    assert sound(mended)
    assert "rebuilt" in notes[0]


def test_bodies_that_overlap_are_joined_exactly():
    joined, notes = closed(join([box(), box(6.0, 6.0, 10.0, at=(4.0, 3.0, 2.0))]))
    assert sound(joined)
    assert joined.volume == pytest.approx(480 + 360 - 4 * 4 * 6, rel=1e-9)  # mm³
    assert "2 bodies" in notes[0]


@pytest.mark.parametrize("seed", range(12))
def test_the_level_of_any_field_is_closed_and_never_crosses_itself(seed):
    rng = np.random.default_rng(seed)
    field = rng.normal(size=rng.integers(5, 12, 3))
    field = (np.round(field), field, np.sign(field))[seed % 3]  # plateaus, exact zeros, binary
    mesh = level(field, np.zeros(3), 1.0)
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert mesh.volume > 0
    assert len(self_intersections(mesh, limit=1)) == 0


def test_the_level_of_a_distance_is_its_ball():
    x, y, z = np.meshgrid(*[np.arange(41) - 20.0] * 3, indexing="ij")
    mesh = level(15.0 - np.sqrt(x * x + y * y + z * z), np.full(3, -20.0), 1.0)
    assert np.abs(np.linalg.norm(mesh.vertices, axis=1) - 15.0).max() < 0.06  # a crossing keeps 3 % of its edge from grid points
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 15**3, rel=5e-3)


def test_an_empty_field_has_no_level():
    assert len(level(-np.ones((5, 5, 5)), np.zeros(3), 1.0).faces) == 0
