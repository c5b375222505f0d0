"""Make Solid: sizes exact, holes true cylinders, walls kept, and every refusal one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from damaged import box_caps, holes, inside_out, pieces
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh import read
from blender_jewelgen.core.mesh.arrays import Mesh, join
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.read import merged
from blender_jewelgen.core.mesh.solids import from_solid, to_solid
from blender_jewelgen.core.relief.axes import pose
from blender_jewelgen.core.solid.caps import without_caps
from blender_jewelgen.core.solid.lengths import length
from blender_jewelgen.core.solid.made import made
from blender_jewelgen.core.solid.params import SolidParams
from blender_jewelgen.core.units import inner_diameter

US7 = inner_diameter("US 7")


def turned(mesh: Mesh, seed: int = 4) -> Mesh:
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return Mesh(mesh.vertices @ (turn * np.sign(np.linalg.det(turn))).T + 7.0, mesh.faces)


def one(mesh: Mesh) -> bool:
    faces = merged(mesh.vertices)[mesh.faces]
    return edges(faces, len(mesh.vertices)).sound and bodies(faces, len(mesh.vertices))[0] == 1 and len(self_intersections(mesh, limit=1)) == 0


def in_its_frame(mesh: Mesh, hole: float = 0.0) -> np.ndarray:
    """Places with z along the finger, the middle of a circle of ``hole`` mm on the axis."""
    found = pose(mesh)
    local = (mesh.vertices - found.centre) @ found.frame.T
    for near in (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01) if hole else ():  # mm
        x, y = local[np.abs(np.hypot(local[:, 0], local[:, 1]) - hole / 2.0) < near, :2].T
        a, b, _ = np.linalg.lstsq(np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1), x * x + y * y, rcond=None)[0]
        local[:, :2] -= (a, b)
    return local


# ---- size --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("written", "mm"), [("30 mm", 30.0), ("30", 30.0), ("3 cm", 30.0), ("1.2 in", 30.48), ("22,5mm", 22.5), ('1"', 25.4)])
def test_a_size_is_the_longest_side(written, mm):
    assert length(written) == pytest.approx(mm)
    found = made(turned(torus(60, 24)), SolidParams(size=written))
    assert found.mesh.size.max() == pytest.approx(mm, abs=1e-6) and one(found.mesh)


@pytest.mark.parametrize(("field", "written", "words"), [
    ("size", "large", "write it like 30 mm"), ("size", "0.2 mm", "between 1 and 300 mm"), ("size", "1.2.3 mm", "no length"), ("size", "-5 mm", "between 1"),
    ("finger", "US 99", "finger size 'US 99' is outside the table"), ("finger", "thumb", "finger size 'thumb' is not known"), ("finger", "2 mm", "cannot be worn"),
])  # fmt: skip
def test_sizes_that_are_none_are_refused_at_birth(field, written, words):
    with pytest.raises(BadInput, match=words) as refused:
        SolidParams(**{field: written})
    assert refused.value.field == field


def test_a_mesh_of_no_size_stays_as_large_as_it_was():
    tiny = Mesh(torus(60, 24).vertices * 0.04, torus(60, 24).faces)  # as a model makes them: a unit long
    found = made(Mesh(tiny.vertices, np.delete(tiny.faces, [5, 90], axis=0)), SolidParams())
    assert found.mesh.volume == pytest.approx(tiny.volume, rel=1e-3)
    np.testing.assert_allclose(found.mesh.vertices.min(axis=0), tiny.vertices.min(axis=0), atol=1e-9)


# ---- finger ------------------------------------------------------------------------------------------------------------


RINGS = {
    "a band of nearly this size": (band(thick=1.6), {}), "a band that lies askew": (turned(band(relief=0.2)), {}), "a round wire": (torus(160, 40, 10.0, 1.6), {}),
    "an oval model of no size": (Mesh(pieces()["signet"].vertices * (0.05, 0.045, 0.05), pieces()["signet"].faces), {}), "a coarse ring": (torus(14, 8), {}),
    "a signet of a size": (pieces()["signet"], {"size": "26 mm"}), "a slanted band, narrower": (pieces()["slanted band"], {"width": 4.0}),
    "a damaged hoop": (holes(pieces()["hoop"], np.random.default_rng(2)), {"width": 3.0}), "another size": (band(inner=7.0), {"finger": "EU 60"}),
}  # fmt: skip


@pytest.mark.parametrize(("mesh", "more"), RINGS.values(), ids=RINGS)
def test_a_finger_hole_is_a_cylinder_of_its_exact_diameter(mesh, more):
    params = SolidParams(**{"finger": "US 7", **more})
    wanted = inner_diameter(params.finger)
    found = made(mesh, params)
    assert one(found.mesh)
    assert found.finger_mm == pytest.approx(wanted, abs=0.002)  # mm
    local = in_its_frame(found.mesh, wanted)
    radius = np.hypot(local[:, 0], local[:, 1])
    assert 2.0 * radius.min() == pytest.approx(wanted, abs=0.01)
    on = np.abs(radius - wanted / 2.0) < 0.002
    turn = np.sort(np.arctan2(local[on, 1], local[on, 0]))
    assert np.diff(np.append(turn, turn[0] + 2.0 * np.pi)).max() < np.deg2rad(8.0)  # the cylinder goes all the way round but for sharp corners of the hole
    if params.size:
        assert found.mesh.size.max() == pytest.approx(26.0, abs=0.1)
    if params.width:
        assert np.ptp(local[:, 2]) == pytest.approx(params.width, abs=0.05)


def test_a_band_that_is_opened_keeps_its_wall_in_mm():
    found = made(band(inner=8.3, thick=1.5), SolidParams(finger="US 7"))
    radius = np.hypot(*found.mesh.vertices[:, :2].T)
    assert radius.max() == pytest.approx(US7 / 2.0 + 1.5, abs=0.02) and found.mesh.size[2] == pytest.approx(6.0, abs=1e-6)
    assert "the wall was kept" in found.notes[0]


def test_a_model_grows_as_a_whole():
    found = made(Mesh(band(inner=8.0, thick=1.6).vertices / 20.0, band().faces), SolidParams(finger="US 7"))
    assert found.mesh.size[2] == pytest.approx(6.0 * US7 / 16.0, rel=0.01)  # its width too


def test_a_hole_within_its_signet_and_the_size_asked_for_are_both_exact():
    found = made(pieces()["signet"], SolidParams(finger="US 7", size="24 mm"))
    assert found.mesh.size.max() == pytest.approx(24.0, abs=0.05) and found.finger_mm == pytest.approx(US7, abs=0.002)


@pytest.mark.parametrize(("mesh", "params", "words"), [
    (ball(8.0), {"finger": "US 7"}, "no hole through its middle"), (ball(8.0), {"width": 4.0}, "no hole through its middle"),
    (band(), {"finger": "US 7", "size": "15 mm"}, "longest side must be more"), (band(thick=0.1), {"finger": "US 7"}, "would be 0.10 mm thick"),
])  # fmt: skip
def test_what_cannot_be_fitted_is_refused_in_one_sentence(mesh, params, words):
    with pytest.raises(BadInput, match=words):
        made(mesh, SolidParams(**params))


def test_a_ring_is_made_wider_along_the_finger_alone():
    found = made(turned(band(relief=0.2)), SolidParams(width=8.0))
    local = in_its_frame(found.mesh)
    assert np.ptp(local[:, 2]) == pytest.approx(8.0, abs=1e-6) and np.hypot(local[:, 0], local[:, 1]).min() == pytest.approx(8.66, abs=0.01)
    assert found.mesh.volume == pytest.approx(band(relief=0.2).volume * 8.0 / 6.0, rel=1e-6) and found.finger_mm is None


# ---- sides -------------------------------------------------------------------------------------------------------------


def test_half_a_ball_is_flat_at_its_equator_share():
    found = made(ball(8.0, 60, 90), SolidParams(flat="bottom"))
    assert found.mesh.size[2] == pytest.approx(16.0 - 8.0 * (1.0 - 0.5**0.5), abs=0.15)  # mm; there a cut is half the outline
    flat = found.mesh.vertices[:, 2] < found.mesh.vertices[:, 2].min() + 1e-9
    assert flat.sum() > 20 and one(found.mesh)


@pytest.mark.parametrize(("side", "axis"), [("back", 0.0), ("front", 1.0)])
def test_a_pendant_is_cut_at_the_side_that_was_asked_for(side, axis):
    plate = box(20.0, 30.0, 4.0)
    found = made(plate, SolidParams(flat=side, flat_depth=0.5))
    middle = (found.mesh.vertices.max(axis=0) + found.mesh.vertices.min(axis=0))[2] / 2.0
    assert found.mesh.size == pytest.approx([20.0, 30.0, 3.5]) and middle == pytest.approx(0.25 - 0.5 * axis)


def test_deeper_than_the_piece_is_refused():
    with pytest.raises(BadInput, match=r"flat-depth is 9 mm, and the piece is 4\.00 mm thick"):
        made(box(20.0, 30.0, 4.0), SolidParams(flat="back", flat_depth=9.0))


@pytest.mark.parametrize("plane", ["x", "auto"])
def test_both_sides_become_the_side_with_more_metal(plane):
    lopsided = from_solid(to_solid(box(20.0, 12.0, 6.0)) - to_solid(box(4.0, 5.0, 9.0, at=(-6.0, 1.0, 0.0))))
    found = made(lopsided, SolidParams(symmetric=plane))
    body = found.mesh
    assert one(body)
    if plane == "x":
        assert body.volume == pytest.approx(20 * 12 * 6)  # the side without the hole, twice
        mirrored = body.vertices * (-1.0, 1.0, 1.0)
        for corner in mirrored:
            assert np.abs(body.vertices - corner).sum(axis=1).min() < 1e-9
    else:
        assert found.after.symmetry > 0.98


def test_halves_that_do_not_meet_are_refused():
    fork = to_solid(box(20.0, 1.0, 4.0, at=(0.0, -8.0, 0.0)))
    for side in (-8.0, 8.0):
        fork = fork + to_solid(box(4.0, 17.0, 4.0, at=(side, 0.0, 0.0))) + to_solid(box(6.0, 4.0, 6.0, at=(side, 6.0, 0.0)))
    with pytest.raises(BadInput, match="do not hang together"):
        made(from_solid(fork), SolidParams(symmetric="y"))  # the half with more metal is its two tines


# ---- boxes -------------------------------------------------------------------------------------------------------------


def test_plates_in_the_walls_of_a_box_are_taken_off_whatever_they_weigh():
    ring = pieces()["hoop"]
    hurt = box_caps(ring, np.random.default_rng(1))
    assert made(hurt, SolidParams()).mesh.volume == pytest.approx(ring.volume, rel=1e-3)
    assert len(made(hurt, SolidParams(caps=False)).mesh.faces) == 12  # the heaviest plate


def test_plates_that_grew_together_with_the_piece_are_taken_off():
    plates = [box(20.0, 20.0, 0.4, at=(0.0, 0.0, side * 9.8)) for side in (-1, 1)] + [box(0.4, 20.0, 20.0, at=(side * 9.8, 0.0, 0.0)) for side in (-1, 1)]
    whole = to_solid(ball(6.0, 48, 72)) + to_solid(box(1.0, 1.0, 9.8, at=(0.0, 0.0, 5.0)))
    for plate in plates:
        whole = whole + to_solid(plate)
    found = made(from_solid(whole), SolidParams())
    assert "walls of the box" in found.notes[0] and found.mesh.volume == pytest.approx(ball(6.0, 48, 72).volume, rel=0.01)


WHOLE = {
    "block": box(), "hollow block": join([box(), Mesh(ball(2.0).vertices, ball(2.0).faces[:, ::-1])]), "flat band": band(), "plate": box(20.0, 30.0, 1.0),
    "plate and a crumb": join([box(20.0, 30.0, 0.8), ball(0.5, at=(0.0, 0.0, 9.0))]), "bead, inner shell": join([ball(8.0), Mesh(ball(7.0).vertices, ball(7.0).faces[:, ::-1])]),
    "frame": from_solid(to_solid(box(20.0, 20.0, 20.0)) - to_solid(box(16.0, 16.0, 30.0)) - to_solid(box(30.0, 16.0, 16.0)) - to_solid(box(16.0, 30.0, 16.0))),
}  # fmt: skip


@pytest.mark.parametrize("mesh", WHOLE.values(), ids=WHOLE)
def test_nothing_is_taken_off_a_piece_that_is_flat_by_design(mesh):
    assert without_caps(mesh) == (mesh, ())


# ---- faults ------------------------------------------------------------------------------------------------------------


def test_what_was_wrong_and_what_was_done_are_numbers():
    hurt = inside_out(pieces()["band"], np.random.default_rng(3))
    found = made(hurt, SolidParams())
    assert not found.before.closed and found.before.open_edges > 0 and found.volume_before < 0 < found.mesh.volume
    assert (found.after.closed, found.after.pieces, found.after.open_edges) == (True, 1, 0) and found.after.wall_mm == pytest.approx(1.2, abs=0.3)


def test_a_rebuilt_solid_keeps_flat_faces_flat_and_does_not_need_a_million_triangles():
    crossed = from_solid(to_solid(box(16.0, 12.0, 8.0)).refine_to_length(0.5))
    crossed.vertices[np.argmin(np.linalg.norm(crossed.vertices - (8.0, 0.0, 0.0), axis=1))] = (-9.0, 0.0, 0.0)  # through the whole block
    found = made(crossed, SolidParams(resolution=0.2))
    centre = found.mesh.vertices[found.mesh.faces].mean(axis=1)
    lower = (np.abs(centre[:, :2]) < (7.0, 5.0)).all(axis=1) & (centre[:, 2] < -2.0)
    assert lower.any() and np.abs(centre[lower, 2] + 4.0).max() < 0.02  # mm, a tenth of a cell
    assert not found.exact and found.mesh.volume == pytest.approx(16 * 12 * 8, rel=0.005) and len(found.mesh.faces) < 50_000


@pytest.mark.parametrize(("mesh", "words"), [
    (Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), "holds no faces"), (Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], np.int32)), "no faces with an area"),
    (Mesh(np.where(np.arange(len(ball().vertices))[:, None] % 3 == 0, np.nan, ball().vertices), ball().faces), "not numbers"),
    (Mesh(ball().vertices * (1.0, 1.0, 0.0), ball().faces), "flat"), (Mesh(ball(5.0).vertices, ball(5.0).faces[::2]), "holes too large|closed"),
])  # fmt: skip
def test_what_holds_no_body_is_refused_in_one_sentence(mesh, words):
    with pytest.raises(BadInput, match=words):
        made(mesh, SolidParams())


def test_ten_million_triangles_are_refused_before_the_work():
    many = Mesh(ball().vertices, np.tile(ball().faces, (10_000_000 // len(ball().faces) + 1, 1)))
    began = time.perf_counter()
    with pytest.raises(BadInput, match=f"the limit is {read.MAX_TRIANGLES:,}, decimate it first"):
        made(many, SolidParams())
    assert time.perf_counter() - began < 1.0


def test_a_resolution_that_no_memory_holds_is_refused_with_one_that_works():
    crossed = torus(90, 36, ring=8.0, wire=10.0)  # its inner side runs through itself
    with pytest.raises(BadInput, match="million cells of this mesh") as refused:
        made(crossed, SolidParams(resolution=0.02))
    assert refused.value.field == "resolution" and refused.value.fix.option.startswith("--resolution 0.")


@pytest.mark.parametrize("params", [{}, {"finger": "US 7", "symmetric": "auto", "flat": "bottom", "flat_depth": 0.1}])
def test_cancel_acts_in_every_phase(params):
    rng = np.random.default_rng(0)
    mesh = Mesh(band(120, 12).vertices + rng.normal(0.0, 0.12, band(120, 12).vertices.shape), band(120, 12).faces)
    said: list[tuple[float, str]] = []
    made(mesh, SolidParams(resolution=0.3, **params), lambda share, text: said.append((share, text)))
    assert [share for share, _ in said] == sorted(share for share, _ in said) and said[0][0] >= 0.0 and said[-1][0] <= 1.0
    assert {"looking for holes", "rebuilding as one solid", "laying a skin round the metal", "measuring the solid"} <= {text for _, text in said}
    for stop in range(0, len(said), 4):
        heard: list[str] = []
        with pytest.raises(Cancelled):
            made(mesh, SolidParams(resolution=0.3, **params), _stopping(heard, stop))
        assert len(heard) == stop + 1


def _stopping(heard: list[str], after: int) -> Callable[[float, str], None]:
    def tell(share: float, text: str) -> None:
        heard.append(text)
        if len(heard) > after:
            raise Cancelled("stopped")

    return tell
