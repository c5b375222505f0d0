"""Numbers of a mesh, against closed forms: pieces, box planes, hull, wall, mirror plane; what is refused, and who comes first."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import Cancelled
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.quality import CAPS, Quality, measured, rank, refusal
from blender_jewelgen.core.mesh.solids import from_solid, to_solid

TURN = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])


def turned(mesh: Mesh, by: np.ndarray = TURN, to: tuple[float, float, float] = (3.0, -1.0, 2.0)) -> Mesh:
    return Mesh(mesh.vertices @ by.T + to, mesh.faces)


def cut_off(radius: float, half: float) -> Mesh:
    """A ball that a cube of ``half`` a side has cut off at all six sides."""
    return from_solid(to_solid(ball(radius, 120, 180)) ^ to_solid(box(2 * half, 2 * half, 2 * half)))


def caps_of(radius: float, half: float) -> float:
    """Share of the area that its six caps have."""
    caps = 6.0 * np.pi * (radius**2 - half**2)
    return caps / (caps + 4.0 * np.pi * radius**2 - 12.0 * np.pi * radius * (radius - half))


def hook() -> Mesh:
    """A body that is no mirror image of itself: three arms of their own lengths along three axes."""
    arms = [box(12.0, 2.0, 2.0, (6.0, 0.0, 0.0)), box(2.0, 7.0, 2.0, (12.0, 3.5, 0.0)), box(2.0, 2.0, 9.0, (12.0, 7.0, 4.5)), box(2.0, 5.0, 2.0, (0.0, 2.5, 0.0))]
    whole = to_solid(arms[0])
    for arm in arms[1:]:
        whole = whole + to_solid(arm)
    return from_solid(whole)


@pytest.mark.parametrize("mesh, euler", [(box(), 2), (ball(), 2), (torus(), 0), (band(), 0)])
def test_one_body_is_one_closed_piece_with_two_less_two_for_each_hole(mesh, euler):
    found = measured(turned(mesh))
    assert (found.pieces, found.largest, found.closed, found.euler) == (1, pytest.approx(1.0), True, euler)
    assert (found.open_edges, found.non_manifold, found.flipped, found.collapsed) == (0, 0, 0, 0)


def test_pieces_count_their_euler_numbers_together_and_the_largest_has_its_share():
    many = join([ball(3.0, at=(20.0 * k, 0.0, 0.0)) for k in range(3)] + [turned(torus(), to=(0.0, 40.0 * k, 90.0)) for k in range(1, 3)])
    found = measured(many)
    assert (found.pieces, found.euler) == (5, 6)
    assert found.largest == pytest.approx(torus().area / many.area)


def test_missing_turned_and_doubled_faces_are_counted_as_edges():
    mesh = torus()
    faces = mesh.faces.copy()
    faces[7] = faces[7, ::-1]
    found = measured(Mesh(mesh.vertices, np.concatenate([faces[1:], faces[50:51]])))
    assert (found.closed, found.open_edges, found.flipped, found.non_manifold) == (False, 3, 3, 3)
    assert found.wall_mm is None


def test_corners_of_their_own_for_each_face_are_merged_first():
    mesh = torus()
    loose = Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3))
    assert measured(loose) == measured(mesh)


def test_the_hull_fills_a_block_and_half_of_a_balls_box():
    assert measured(box()).hull_to_box == pytest.approx(1.0)
    assert measured(ball(5.0, 200, 300)).hull_to_box == pytest.approx(np.pi / 6.0, abs=3e-4)
    tube = measured(band(nu=800, nv=8))
    assert tube.hull_to_box == pytest.approx(np.pi / 4.0, abs=1e-4)


def test_the_hull_of_many_points_is_that_of_the_outermost():
    from blender_jewelgen.core.mesh.quality import _outermost

    points = np.random.default_rng(3).normal(size=(400_000, 3)) * (1.0, 0.6, 0.2)
    points /= np.abs(points).max(axis=0) * 2.0
    few = _outermost(points)
    import manifold3d

    whole, part = (manifold3d.Manifold.hull_points(np.ascontiguousarray(p)).volume() for p in (points, few))
    assert len(few) < 50_000
    assert part == pytest.approx(whole, rel=3e-4)


@pytest.mark.parametrize("half", [4.9, 4.6, 4.0])
def test_caps_of_a_ball_in_a_box_have_the_area_of_their_circles(half):
    mesh = cut_off(5.0, half)
    space = (np.full(3, -half), np.full(3, half))
    assert measured(mesh, wall=False).box_planes == pytest.approx(caps_of(5.0, half), rel=0.02)  # a ball of flat faces
    known = measured(mesh, wall=False, box=space)
    assert known.known_box
    assert known.box_planes >= measured(mesh, wall=False).box_planes - 1e-9
    assert known.planes[0] == pytest.approx(known.box_planes / 6.0, rel=0.05)


def test_a_body_within_a_larger_box_does_not_lie_on_its_planes():
    assert measured(box(), wall=False, box=(np.full(3, -6.0), np.full(3, 6.0))).box_planes == 0.0


@pytest.mark.parametrize("mesh", [ball(5.0, 100, 150), torus(400, 100), turned(box()), turned(band())])
def test_round_and_slanted_bodies_do_not_lie_on_their_box(mesh):
    assert measured(mesh, wall=False).box_planes < 2e-3


def test_a_round_side_that_touches_the_box_is_no_flat_side():
    found = measured(band(nu=300), wall=False)
    assert found.planes[:4] == (0.0, 0.0, 0.0, 0.0)
    assert found.box_planes == pytest.approx(2.0 * np.pi * (10.06**2 - 8.66**2) / band(nu=300).area, rel=1e-3)


@pytest.mark.parametrize("across", [1.2, 0.2])
def test_flat_sides_are_told_from_strips_by_their_lesser_width(across):
    block = join([box(10.0, 10.0, 10.0, (0.0, 0.0, -5.1)), box(10.0, across, 0.2, (0.0, 0.0, 0.0))])  # a slab or a rib on top
    assert (measured(block, wall=False).planes[5] > 0.0) == (across > 0.05 * 10.2)


def test_a_band_and_a_flat_back_are_design_and_a_cut_ball_and_a_block_are_not():
    dome = from_solid(to_solid(ball(5.0, 60, 90)) ^ to_solid(box(20.0, 20.0, 10.0, (0.0, 0.0, 5.0))))
    for made in (band(), dome, torus(), ball(), turned(box())):
        assert refusal(measured(made, wall=False)) == ""
    assert "the model's box cut it off" in refusal(measured(cut_off(5.0, 4.8), wall=False))
    assert "block" in refusal(measured(box(), wall=False))


def test_in_a_box_that_is_known_one_flat_side_is_a_cut():
    cut = from_solid(to_solid(ball(5.0, 60, 90)) ^ to_solid(box(20.0, 20.0, 20.0, (0.0, 0.0, 7.0))))
    assert refusal(measured(cut, wall=False)) == ""
    assert "box cut it off" in refusal(measured(cut, wall=False, box=(np.full(3, -3.0), np.full(3, 6.0))))


@pytest.mark.parametrize("sides, refused", [((10.0, 9.0, 8.5), True), ((30.0, 12.0, 2.0), False)])
def test_a_cube_in_a_larger_box_saw_nothing_and_a_plaque_is_a_design(sides, refused):
    found = measured(box(*sides), wall=False, box=(np.full(3, -20.0), np.full(3, 20.0)))
    assert found.box_planes == 0.0
    assert ("cube" in refusal(found)) == refused
    assert measured(ball(), wall=False).hull_to_box < 0.6  # as long as it is wide, and no cube


def test_two_hundredths_on_the_planes_are_the_limit():
    found = replace(measured(ball(), wall=False), known_box=True)
    assert refusal(replace(found, box_planes=CAPS)) == ""
    assert refusal(replace(found, box_planes=CAPS + 1e-6))


def test_crumbs_sheets_and_nothing_are_refused_with_their_numbers():
    crumbs = join([ball(1.0, at=(5.0 * k, 0.0, 0.0)) for k in range(20)])
    assert "20 pieces, the largest of them 5%" in refusal(measured(crumbs))
    sheet = Mesh(np.array([[0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 9, 0]], float), np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    assert "sheet" in refusal(measured(sheet))
    assert "no faces" in refusal(measured(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))))
    assert "no faces" in refusal(measured(Mesh(np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32))))


def test_places_that_are_no_numbers_are_left_out_and_counted():
    mesh = torus()
    vertices = mesh.vertices.copy()
    vertices[100] = (np.nan, 0.0, np.inf)
    found = measured(Mesh(vertices, mesh.faces))
    assert found.collapsed == int((mesh.faces == 100).any(axis=1).sum()) == 6
    assert found.open_edges == 6
    assert found.size_mm == pytest.approx(measured(mesh).size_mm, abs=0.2)


def test_one_point_and_one_line_are_measured_without_complaint():
    for corners in (np.zeros((3, 3)), np.array([[0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0]])):
        found = measured(Mesh(corners, np.array([[0, 1, 2]], np.int32)))
        assert refusal(found)


def test_the_wall_of_a_band_is_its_thickness_and_an_open_one_has_none():
    assert measured(band(thick=1.4)).wall_mm == pytest.approx(1.4, abs=2e-3)
    hollow = Mesh(band().vertices, band().faces[1:])
    assert measured(hollow).wall_mm is None
    assert measured(band(), wall=False).wall_mm is None


@pytest.mark.parametrize("mesh", [box(), ball(), torus(), band(), turned(box()), turned(band()), turned(torus())])
def test_made_shapes_are_mirror_images_of_themselves(mesh):
    assert measured(mesh, wall=False).symmetry > 0.99


def test_the_mirror_plane_of_a_turned_body_is_found_where_it_lies():
    half = from_solid(to_solid(box(14.0, 3.0, 2.0, (0.0, 0.0, 0.0))) + to_solid(box(3.0, 9.0, 4.0, (0.0, 5.0, 1.0))) + to_solid(box(2.0, 2.0, 11.0, (0.0, 9.0, 5.0))))
    found = measured(turned(half), wall=False)
    normal, offset = np.array(found.mirror[:3]), found.mirror[3]
    assert found.symmetry > 0.99
    assert abs(normal @ TURN[:, 0]) > np.cos(np.deg2rad(1.0))
    assert abs(normal @ (3.0, -1.0, 2.0) - offset) < 0.15  # mm


def test_a_turned_cube_whose_axes_are_all_alike_is_a_mirror_image():
    rng = np.random.default_rng(5)
    for _ in range(4):
        by, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        assert measured(turned(box(10.0, 10.0, 10.0), by * np.sign(np.linalg.det(by))), wall=False).symmetry > 0.99


def test_a_body_without_a_mirror_plane_says_so():
    assert measured(hook(), wall=False).symmetry < 0.8
    assert measured(turned(hook()), wall=False).symmetry < 0.8


def test_a_dent_on_one_side_lowers_the_symmetry_by_its_area():
    whole = ball(5.0, 80, 120)
    dented = from_solid(to_solid(whole) - to_solid(ball(2.5, 40, 60, at=(3.0, 3.0, 3.0))))
    assert measured(whole, wall=False).symmetry > 0.995
    assert measured(dented, wall=False).symmetry > 0.9  # a plane through the dent
    twice = from_solid(to_solid(dented) - to_solid(ball(1.5, 40, 60, at=(-3.5, 1.0, 3.0))) - to_solid(ball(2.0, 40, 60, at=(0.0, -4.5, 1.0))))
    assert measured(twice, wall=False).symmetry < measured(dented, wall=False).symmetry


def test_seeds_are_ranked_by_what_is_wrong_with_them():
    good = torus(200, 60)
    open_one = Mesh(good.vertices, good.faces[1:])
    bits = join([good, *(ball(1.0, at=(30.0 + 4.0 * k, 0.0, 0.0)) for k in range(4))])
    cut = cut_off(5.0, 4.5)
    order = sorted([cut, bits, open_one, good], key=lambda mesh: rank(measured(mesh, wall=False)))
    assert [id(mesh) for mesh in order] == [id(mesh) for mesh in (good, open_one, bits, cut)]


def test_the_numbers_are_plain_json():
    mesh = replace(torus(), uv=np.random.default_rng(0).random((2880, 3, 2)))
    values = json.loads(json.dumps(measured(mesh).as_dict(), allow_nan=False))
    assert set(values) == set(Quality.__dataclass_fields__)
    assert set(values["uv"]) == {"fold", "seam", "anisotropy_p50", "anisotropy_p90"}
    assert measured(torus()).as_dict()["uv"] is None


def test_the_same_mesh_has_the_same_numbers_in_metres_and_millimetres():
    one, other = measured(torus()), measured(Mesh(torus().vertices / 1000.0, torus().faces))
    assert other.size_mm == pytest.approx([side / 1000.0 for side in one.size_mm])
    assert (other.pieces, other.euler, other.symmetry) == (one.pieces, one.euler, pytest.approx(one.symmetry, abs=1e-3))
    assert other.hull_to_box == pytest.approx(one.hull_to_box)


def test_work_stops_at_every_phase_it_tells_of():
    phases: list[str] = []
    measured(torus(), tell=lambda share, text: phases.append(text))
    assert len(phases) == len(set(phases)) >= 5
    for wanted in phases:

        def stop(share: float, text: str, wanted: str = wanted) -> None:
            if text == wanted:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            measured(torus(), tell=stop)


def published(pieces: int, largest: float, half: float) -> Mesh:
    """A body like the published meshes: a ball that its box cut off, and bits within it of equal size that leave it its share of the area."""
    core = cut_off(5.0, half)
    if pieces == 1:
        return core
    bit = ball(1.0, 8, 12)
    scale = np.sqrt(core.area * (1.0 / largest - 1.0) / (pieces - 1) / bit.area)
    places = np.random.default_rng(1).uniform(-1.0, 1.0, (pieces - 1, 3))
    return join([core, *(Mesh(bit.vertices * scale + place, bit.faces) for place in places)])


@pytest.mark.parametrize("pieces, largest, caps, refused", [(63, 0.16, 0.095, True), (42, 0.95, 0.019, False), (2, 0.98, 0.003, False), (1, 1.0, 0.011, False)])
def test_shapes_with_the_published_numbers_are_measured_as_published(pieces, largest, caps, refused):
    halves = np.linspace(3.8, 5.0, 4001)
    half = float(halves[np.argmin(np.abs(caps_of(5.0, halves) * largest - caps))])
    found = measured(published(pieces, largest, half), wall=False)
    assert (found.pieces, found.euler, found.closed) == (pieces, 2 * pieces, True)
    assert found.largest == pytest.approx(largest, abs=0.005)
    assert found.box_planes == pytest.approx(caps, rel=0.1, abs=0.003)
    assert bool(refusal(found)) == refused
