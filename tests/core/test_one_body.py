"""Whatever was handed in becomes one closed body; its volume is known where the input has a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.one_body import one_body

BALL = ball(5.0, 48, 72)


def inside_out(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def apart(mesh: Mesh) -> Mesh:
    """Every face with three vertices of its own, as an STL has them."""
    return Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3))


def without(mesh: Mesh, *places: int) -> Mesh:
    return Mesh(mesh.vertices, np.delete(mesh.faces, places, axis=0))


def open_box() -> Mesh:
    """A box whose top face is missing."""
    corners = box().vertices[box().faces]
    return Mesh(box().vertices, box().faces[~(corners[..., 2] > 0).all(axis=1)])


CASES = {
    "sound": (BALL, BALL.volume, ()),
    "inside out": (inside_out(BALL), BALL.volume, ("inside out",)),
    "unwelded": (apart(BALL), BALL.volume, ()),
    "double shell, both outward": (join([BALL, ball(4.9, 48, 72)]), BALL.volume, ("2 parts that overlap",)),
    "the same twice": (join([BALL, Mesh(BALL.vertices * 1.0, BALL.faces)]), BALL.volume, ("double faces",)),
    "hollow": (join([BALL, inside_out(ball(4.2, 24, 36))]), BALL.volume, ("1 inner shell left out",)),
    "hollow, all turned in": (join([inside_out(BALL), ball(4.2, 24, 36)]), BALL.volume, ("turned over",)),
    "overlapping boxes": (join([box(), box(6.0, 6.0, 10.0, at=(4.0, 3.0, 2.0))]), 480 + 360 - 4 * 4 * 6, ("2 parts",)),
    "overlapping, one inside out": (join([box(), inside_out(box(6.0, 6.0, 10.0, at=(4.0, 3.0, 2.0)))]), 480 + 360 - 4 * 4 * 6, ("1 inside-out part",)),
    "crumbs": (join([BALL, ball(0.3, 12, 18, at=(9.0, 0.0, 0.0)), inside_out(ball(0.2, 8, 12, at=(0.0, 9.0, 0.0)))]), BALL.volume, ("2 loose bits",)),
    "a bead in a ring's hole, inside out": (join([band(), inside_out(ball(2.0))]), band().volume, ("1 loose bit",)),
    "no top": (open_box(), 480.0, ("1 hole was closed",)),
    "pin-holes": (without(box(), 0), 480.0, ("1 hole was closed",)),
}


@pytest.mark.parametrize(("mesh", "volume", "words"), CASES.values(), ids=CASES)
def test_one_body_of_the_true_volume_without_moving_a_face(mesh, volume, words):
    found = one_body(mesh)
    body = found.mesh
    assert found.exact
    assert edges(body.faces, len(body.vertices)).sound and bodies(body.faces, len(body.vertices))[0] == 1
    assert body.volume == pytest.approx(volume, rel=1e-6)  # mm³
    assert len(self_intersections(body, limit=1)) == 0
    for word in words:
        assert any(word in note for note in found.notes), found.notes
    assert words or not found.notes


def test_pin_holes_all_over_a_ring_are_closed_and_it_keeps_its_detail():
    ring = band(relief=0.3)
    rng = np.random.default_rng(3)
    holed = without(ring, *rng.choice(len(ring.faces), 40, replace=False))
    found = one_body(holed)
    assert found.exact and "40 holes were closed" in found.notes
    assert found.mesh.volume == pytest.approx(ring.volume, rel=1e-4)
    assert len(found.mesh.faces) == len(holed.faces) + 40  # a lid of one triangle each


def test_a_surface_that_crosses_itself_is_rebuilt_and_said_so():
    knot = torus(90, 36, ring=2.0, wire=2.6)  # a spindle: its inner side runs through itself
    found = one_body(knot, resolution=0.15)
    body = found.mesh
    assert not found.exact and "rebuilt as one solid at 0.15 mm" in found.notes[-1]
    assert edges(body.faces, len(body.vertices)).sound and bodies(body.faces, len(body.vertices))[0] == 1
    assert body.volume > 0 and len(self_intersections(body, limit=1)) == 0


def test_its_steps_can_be_heard_and_stopped():
    steps = []
    one_body(BALL, lambda share, text: steps.append(share))
    assert steps == sorted(steps) and len(steps) >= 3


@pytest.mark.parametrize(("mesh", "words"), [
    (Mesh(BALL.vertices * (1.0, 1.0, 0.0), BALL.faces), "too small or flat"),
    (Mesh(np.zeros((4, 3)), np.array([[0, 1, 2], [1, 2, 3]], np.int32)), "no faces with an area"),
    (Mesh(np.array([[0, 0, 0], [9, 0, 0], [9, 9, 1], [0, 9, 0]], float), np.array([[0, 1, 2], [0, 2, 3]], np.int32)), "cannot be made solid|holes too large"),
])  # fmt: skip
def test_what_encloses_nothing_is_refused(mesh, words):
    with pytest.raises(BadInput, match=words):
        one_body(mesh)
