"""Whatever was handed in becomes one closed body; its volume is known where the input has a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.level import level
from blender_jewelgen.core.mesh.one_body import one_body
from blender_jewelgen.core.mesh.solids import from_solid, to_solid

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


def holed(mesh: Mesh, places: int, each: int, seed: int = 0) -> Mesh:
    """The mesh with pin-holes of several faces; some meet in a vertex."""
    middle = mesh.vertices[mesh.faces].mean(axis=1)
    gone = set()
    for start in np.random.default_rng(seed).choice(len(mesh.faces), places, replace=False):
        gone |= set(np.argsort(np.linalg.norm(middle - middle[start], axis=1))[:each].tolist())
    return without(mesh, *gone)


TORUS, SKIN = torus(300, 96), torus(300, 96, wire=1.8)
GENERATED = {
    "skins that look apart": join([holed(TORUS, 24, 7), holed(inside_out(SKIN), 24, 7, 1)]),
    "skins that both look out": join([holed(TORUS, 24, 7), holed(SKIN, 24, 7, 1)]),
    "skins that both look in": join([holed(inside_out(TORUS), 24, 7), holed(inside_out(SKIN), 24, 7, 1)]),
    "skins and specks": join([holed(TORUS, 12, 5), holed(inside_out(SKIN), 12, 5), *(ball(0.15, 6, 9, at=(0.0, 0.0, k * 0.5)) for k in range(9))]),
}  # fmt: skip


@pytest.mark.parametrize("mesh", GENERATED.values(), ids=GENERATED)
def test_two_skins_with_pin_holes_become_the_solid_inside_the_outer_one(mesh):
    found = one_body(mesh)
    body = found.mesh
    assert edges(body.faces, len(body.vertices)).sound and bodies(body.faces, len(body.vertices))[0] == 1
    assert body.volume == pytest.approx(2 * np.pi**2 * 10.0 * 2.0**2, rel=0.005)  # mm³; the torus has no hollow any more
    assert len(self_intersections(body, limit=1)) == 0


def tunnelled(outer: Mesh, inner: Mesh, *places: int) -> Mesh:
    """Two skins of the same faces as one closed surface: three-cornered tunnels lead from one to the other."""
    n = len(outer.vertices)
    walls = []
    for place in places:
        a, b = outer.faces[place], outer.faces[place] + n
        walls += [face for k in range(3) for face in ([a[k], a[k - 2], b[k - 2]], [a[k], b[k - 2], b[k]])]
    rest = np.delete(outer.faces, places, axis=0)
    return Mesh(np.concatenate([outer.vertices, inner.vertices]), np.concatenate([rest, rest[:, ::-1] + n, np.array(walls, np.int32)]).astype(np.int32))


def test_a_hollow_that_only_pin_holes_lead_to_is_filled_though_the_surface_is_closed():
    mesh = tunnelled(TORUS, SKIN, 100, 9000, 30000)
    assert edges(mesh.faces, len(mesh.vertices)).sound and bodies(mesh.faces, len(mesh.vertices))[0] == 1
    found = one_body(mesh)
    assert found.exact and any("pin-holes" in note for note in found.notes)
    assert found.mesh.volume == pytest.approx(TORUS.volume, rel=1e-4)
    assert len(found.mesh.faces) == pytest.approx(len(TORUS.faces), abs=60)


def test_a_hollow_with_a_wide_opening_is_a_design_and_stays():
    cup = join([torus(200, 60, wire=2.0), box(1.0, 1.0, 1.0, at=(10.0, 0.0, 0.0))])  # a ring: its finger hole is no hollow
    assert one_body(cup).mesh.volume == pytest.approx(torus(200, 60).volume, rel=1e-3)
    thick = 0.8
    bowl = to_solid(ball(6.0, 48, 72)) - to_solid(ball(6.0 - thick, 48, 72)) - to_solid(box(2.4, 2.4, 20.0, at=(0.0, 0.0, 10.0)))
    found = one_body(from_solid(bowl))
    assert found.mesh.volume == pytest.approx(bowl.volume(), rel=1e-6) and found.notes == ()


@pytest.mark.parametrize("missing", [0.0, 0.002])
def test_a_noisy_double_skin_is_rebuilt_without_its_hollow(missing):
    step = 0.2
    x, y, z = np.meshgrid(np.arange(-13, 13, step), np.arange(-13, 13, step), np.arange(-4, 4, step), indexing="ij")
    skin = np.abs(np.hypot(np.hypot(x, y) - 10.0, z) - 2.0)
    for turn in np.arange(9) * 0.7:
        skin = np.maximum(skin, 0.5 - np.sqrt((x - 12 * np.cos(turn)) ** 2 + (y - 12 * np.sin(turn)) ** 2 + z**2))
    raw = level(0.2 - skin, np.array([-13.0, -13.0, -4.0]), step)
    rng = np.random.default_rng(2)
    mesh = Mesh(raw.vertices + rng.normal(0, 0.03, raw.vertices.shape), raw.faces[rng.random(len(raw.faces)) >= missing])
    assert raw.volume < 0.5 * 2 * np.pi**2 * 10 * 2.2**2
    found = one_body(mesh)
    assert not found.exact and edges(found.mesh.faces, len(found.mesh.vertices)).sound
    assert bodies(found.mesh.faces, len(found.mesh.vertices))[0] == 1
    filled = level(0.2 + 2.0 - np.hypot(np.hypot(x, y) - 10.0, z), np.array([-13.0, -13.0, -4.0]), step)
    assert found.mesh.volume == pytest.approx(filled.volume, rel=0.02)


def test_specks_are_left_out_and_their_share_is_said():
    specks = [ball(0.4, 8, 12, at=(9.0, float(k), 0.0)) for k in range(-4, 5)]
    found = one_body(join([holed(BALL, 10, 4), *specks]))
    share = 9 * specks[0].volume / (9 * specks[0].volume + BALL.volume)
    assert share < 0.01 and any("9 loose bits" in note and f"{share:.1%} of the metal" in note for note in found.notes)
    assert found.mesh.volume == pytest.approx(BALL.volume, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_holes_that_meet_in_a_vertex_are_closed_without_a_grid(seed):
    found = one_body(holed(BALL, 60, 3, seed))
    assert found.exact and found.mesh.volume == pytest.approx(BALL.volume, rel=2e-3)


@pytest.mark.parametrize(("apart_by", "way", "off"), [(1e-3, "cracks along", 0.002), (0.01, "rebuilt as one solid", 0.005), (0.02, "wrapped at", 0.08)])
def test_loose_triangles_that_nearly_touch_become_a_solid(apart_by, way, off):
    soup = apart(TORUS)
    loose = Mesh(soup.vertices + np.random.default_rng(0).normal(0, apart_by, soup.vertices.shape), soup.faces)
    found = one_body(loose)
    assert way in found.notes[-1] and edges(found.mesh.faces, len(found.mesh.vertices)).sound
    assert found.mesh.volume == pytest.approx(TORUS.volume, rel=off)
