"""Sheet metal: one thickness everywhere, measured from triangle to triangle and not by what made it; rims, backings, refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import Plate
from blender_jewelgen.core.height.ball import Level, Round, eroded
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.mesh.arrays import Mesh, face_normals
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.recipe import MakeParams, Recipe
from blender_jewelgen.core.relief.assemble import making
from blender_jewelgen.core.relief.clear import nearest
from blender_jewelgen.core.relief.lift import lift, spacing_of
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.sheet import needed, sheet_body
from blender_jewelgen.core.relief.sides import sides_of
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines.registry import ask

QUICK = ReliefParams(density="preview", pixels=12.0)
SHEET = 0.5
PIECES = [
    ("band", "flat"), ("band", "d"), ("band", "court"), ("band", "knife"), ("bangle", "flat"), ("cuff", "d"),
    ("bead", "round"), ("pendant", "heart"), ("medallion", "disc"), ("plaque", "rectangle"),
]  # fmt: skip


@cache
def drawn(form: str, shape: str, thickness: float | None = None, relief: ReliefParams = QUICK, width: float | None = None) -> pipeline.Drawn:
    """A dragon on a form that is as thick as its sheet, or of a thickness."""
    usual = {"cuff": 7.0, "bangle": 6.0, "band": 6.0, "plaque": 16.0, "medallion": 16.0, "pendant": 15.0, "bead": 10.0}
    place = {"cuff": "34 mm", "bangle": "40 mm"}.get(form, "")
    size = FormParams(form=form, shape=shape, size=place, gap=20.0, width=width or usual.get(form))
    metal = needed(complete(size), SHEET) if thickness is None else thickness
    design = Design(form=form, technique="repousse", motifs=(Motif(name="dragon"),))
    made = Recipe(design=design, form=replace(size, thickness=metal), relief=relief, make=MakeParams(seed=3))
    return pipeline.draw(made, ask, lambda share, text: None)


def made(d: pipeline.Drawn, depth: float | None = None, relief: ReliefParams = QUICK, **craft):
    return sheet_body(d.host, d.ready, d.depth if depth is None else depth, relief, CraftParams(**({"sheet": SHEET} | craft)))


def parts(d: pipeline.Drawn, mesh: Mesh, depth: float | None = None, relief: ReliefParams = QUICK, skip: float = 0.0):
    """Front, back, and which vertices lie far enough from borders, rims and bails for full thickness."""
    n = len(mesh.vertices) // 2
    front, back = (Mesh(mesh.vertices, mesh.faces[((mesh.faces >= n) == k).all(axis=1)]) for k in (False, True))
    solid = lift(d.host, None, d.ready, d.depth if depth is None else depth, relief)
    sides = sides_of(d.host, solid, spacing_of(relief, max(d.host.ornament)), relief.fade)
    free = sides.inside(SHEET) & (sides.border > skip)
    if isinstance(d.host, Plate) and d.host.added:
        free &= ~np.isfinite(nearest(mesh.vertices[n:], d.host.added[0], 1.5))
    if d.host.inner_diameter and d.host.inner_diameter < 5.0:  # the lips of a bead run out thin
        free &= np.hypot(*mesh.vertices[n:, :2].T) > d.host.inner_diameter / 2.0 + 1e-3
    return front, back, np.flatnonzero(free), n, solid


@pytest.mark.parametrize(("form", "shape"), PIECES)
def test_the_metal_is_one_thickness_seen_from_either_side(form, shape):
    d = drawn(form, shape)
    body = made(d)
    front, back, free, n, solid = parts(d, body.mesh)
    some = np.random.default_rng(0).permutation(free)[:3000]
    assert len(some) > 500
    behind = nearest(body.mesh.vertices[n + some], front, 3.0) / SHEET
    assert behind.min() > 0.98 and behind.max() < 1.03
    steep = form == "bead"  # towards its hole, where the triangles of a preview are long
    assert (nearest(body.mesh.vertices[some], back, 3.0) / SHEET).min() > (0.93 if steep else 0.97)
    np.testing.assert_array_equal(body.mesh.vertices[:n], solid.vertices[:n])  # the front is the one that lift makes
    np.testing.assert_array_equal(body.mesh.relief[:n], solid.relief[:n])
    assert 0.98 * SHEET < body.wall_mm == pytest.approx(body.facts["thickness_min_mm"], abs=1e-4)
    assert SHEET <= body.facts["thickness_max_mm"] <= behind.max() * SHEET + 0.002
    assert body.facts["solid_volume_mm3"] == pytest.approx(solid.volume, rel=1e-4)
    assert body.notes == ()


@pytest.mark.parametrize(("form", "shape"), PIECES)
def test_a_sheet_is_one_closed_body_with_no_face_flipped_or_through_another(form, shape):
    d = drawn(form, shape)
    mesh = made(d).mesh
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert bodies(mesh.faces, len(mesh.vertices))[0] == 1
    assert len(self_intersections(mesh, limit=1)) == 0
    assert 0.0 < mesh.volume < lift(d.host, None, d.ready, d.depth, QUICK).volume
    _, back, _, _, _ = parts(d, mesh)
    normals, middle = face_normals(mesh.vertices.astype(float), back.faces), mesh.vertices[back.faces].mean(axis=1)
    inward = -middle * (1.0, 1.0, 0.0) if d.host.inner_diameter else np.array([0.0, 0.0, -1.0])
    assert ((normals * inward).sum(axis=1) > 0.0).all()


@pytest.mark.parametrize(("form", "shape", "width"), [("band", "d", 4.0), ("bead", "round", 7.0)])
def test_at_print_density_the_two_per_cent_hold_from_both_sides(form, shape, width):
    fine = replace(QUICK, density="print", pixels=20.0)
    d = drawn(form, shape, relief=fine, width=width)
    mesh = made(d, relief=fine).mesh
    front, back, free, n, _ = parts(d, mesh, relief=fine)
    some = np.random.default_rng(0).permutation(free)[:3000]
    for points, other in ((n + some, front), (some, back)):
        assert (nearest(mesh.vertices[points], other, 3.0) / SHEET).min() > 0.98
    assert (nearest(mesh.vertices[n + some], front, 3.0) / SHEET).max() < 1.02


@pytest.mark.parametrize("shape", ["flat", "d", "court", "knife"])
def test_the_finger_diameter_is_exact_and_the_sheet_lies_on_the_finger(shape):
    d = drawn("band", shape)
    mesh = made(d).mesh
    n = len(mesh.vertices) // 2
    far = np.hypot(*mesh.vertices[n:, :2].astype(float).T)
    assert 2.0 * far.min() == pytest.approx(d.host.inner_diameter, abs=1e-5)


def test_moving_the_front_along_its_normals_is_no_sheet():
    d = drawn("band", "flat")
    mesh = lift(d.host, None, d.ready, d.depth, QUICK)
    n = len(sides_of(d.host, mesh, spacing_of(QUICK, max(d.host.ornament)), QUICK.fade).own)
    front = Mesh(mesh.vertices[:n].astype(float), mesh.faces[(mesh.faces < n).all(axis=1)])
    back = offset(front, SHEET)
    flipped = (face_normals(back, front.faces) * face_normals(front.vertices, front.faces)).sum(axis=1) < 0.0
    assert flipped.mean() > 0.02
    assert nearest(back[::7], front, 2.0).min() < 0.5 * SHEET


def offset(front: Mesh, thickness: float) -> np.ndarray:
    """The back as Solidify lays it: each vertex moved against its normal."""
    normals, faces = np.zeros((len(front.vertices), 3)), face_normals(front.vertices, front.faces)
    for k in range(3):
        np.add.at(normals, front.faces[:, k], faces)
    return front.vertices - thickness * normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def test_erosion_under_a_plane_a_valley_and_a_ball_is_exact():
    x = np.linspace(-2.0, 2.0, 81)  # 0.05 mm apart
    flat = Level(np.full((40, 81), 1.5, np.float32), (0.05, 0.05))
    np.testing.assert_allclose(eroded(flat, 0.4), 1.1, atol=1e-6)
    slope = Level(np.tile(0.7 * x, (40, 1)).astype(np.float32), (0.05, 0.05))
    np.testing.assert_allclose(eroded(slope, 0.4)[:, 10:-10] - slope.height[:, 10:-10], -0.4 * np.hypot(1.0, 0.7), atol=1e-6)
    valley = Level(np.tile(2.0 * np.abs(x), (40, 1)).astype(np.float32), (0.05, 0.05))
    round_bottom = np.abs(x) < 0.3
    np.testing.assert_allclose(eroded(valley, 0.4)[20, round_bottom], -np.sqrt(0.4**2 - x[round_bottom] ** 2), atol=1e-6)
    y = np.linspace(-1.0, 1.0, 41)[:, None]
    ball = np.sqrt(9.0 - x**2 - y**2)
    inner = eroded(Level(ball.astype(np.float32), (0.05, 0.05)), 0.4)[12:-12, 12:-12]
    np.testing.assert_allclose(inner, np.sqrt(2.6**2 - x**2 - y**2)[12:-12, 12:-12], atol=3e-4)  # chords of 0.07 mm on 3 mm


def test_erosion_round_an_axis_is_exact_on_a_cylinder_and_a_cone():
    n, z = 720, np.linspace(-3.0, 3.0, 61, dtype=np.float32)
    front = np.full((61, n), 9.0, np.float32), np.tile(z[:, None], (1, n))
    np.testing.assert_allclose(eroded(Round(*front, z[:, None], 2 * np.pi / n, True), 0.5), 8.5, atol=1e-4)
    cone = 9.0 + 0.4 * front[1]
    found = eroded(Round(cone, front[1], z[:, None], 2 * np.pi / n, True), 0.5)
    np.testing.assert_allclose((found - cone)[8:-8], -0.5 * np.hypot(1.0, 0.4), atol=2e-4)


@pytest.mark.parametrize("seed", range(6))
def test_erosion_of_noise_is_never_thin_nor_thick(seed):
    random = np.random.default_rng(seed)
    ball, pitch = float(random.uniform(0.2, 1.0)), float(random.uniform(0.04, 0.12))
    height = blur(random.random((50, 64)).astype(np.float32), random.uniform(0.0, 3.0)) * np.float32(random.uniform(0.2, 3.0))
    index = np.arange(height.size).reshape(height.shape)
    a, b, c, d = (index[r, s].ravel() for r, s in ((np.s_[:-1], np.s_[:-1]), (np.s_[:-1], np.s_[1:]), (np.s_[1:], np.s_[1:]), (np.s_[1:], np.s_[:-1])))
    y, x = np.divmod(index.ravel(), height.shape[1])
    places = np.stack([x * pitch, y * pitch, height.ravel()], axis=1).astype(float)
    front = Mesh(places, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]))
    back = eroded(Level(height, (pitch, pitch)), ball)
    far = nearest(np.stack([places[:, 0], places[:, 1], back.ravel()], axis=1), front, 3.0) / ball
    assert far.min() > 0.98 and far.max() < 1.0001


def test_a_soft_back_leaves_out_detail_and_is_nowhere_thinner():
    d = drawn("pendant", "heart")
    follow, soft = (made(d, back=back) for back in ("follow", "soft"))
    n = len(follow.mesh.vertices) // 2
    assert (soft.mesh.vertices[n:, 2] <= follow.mesh.vertices[n:, 2] + 1e-6).all()
    front, _, free, _, _ = parts(d, soft.mesh)
    assert nearest(soft.mesh.vertices[n + free[::5]], front, 3.0).min() > 0.98 * SHEET
    assert follow.mesh.volume < soft.mesh.volume < 0.9 * soft.facts["solid_volume_mm3"]
    rough = [np.abs(face_normals(m.vertices.astype(float), m.faces[(m.faces >= n).all(axis=1)])[:, :2]).sum() for m in (follow.mesh, soft.mesh)]
    assert rough[1] < 0.8 * rough[0]


@pytest.mark.parametrize(("form", "shape", "thickness"), [("band", "flat", 1.4), ("cuff", "d", 1.8), ("plaque", "rectangle", 1.6)])
def test_a_rim_is_solid_down_to_the_hosts_own_back(form, shape, thickness):
    d = drawn(form, shape, thickness)
    rim = 0.9
    mesh = made(d, rim=rim).mesh
    _, _, free, n, solid = parts(d, mesh, skip=rim + 0.6)
    sides = sides_of(d.host, solid, spacing_of(QUICK, max(d.host.ornament)), QUICK.fade)
    np.testing.assert_array_equal(mesh.vertices[n:][sides.border <= rim], sides.place(sides.own)[sides.border <= rim])
    front, _, _, _, _ = parts(d, mesh)
    assert nearest(mesh.vertices[n + free[::5]], front, 3.0).max() < 1.02 * SHEET
    assert edges(mesh.faces, len(mesh.vertices)).sound and len(self_intersections(mesh, limit=1)) == 0


@pytest.mark.parametrize(("form", "shape", "thickness", "euler"), [("band", "flat", 1.5, 0), ("cuff", "flat", 1.5, 2), ("medallion", "disc", 1.8, 2)])
def test_a_backing_closes_the_hollow_but_for_its_vents(form, shape, thickness, euler):
    d = drawn(form, shape, thickness)
    body, open_back = made(d, backing=True), made(d, rim=0.8)
    mesh = body.mesh
    joined = edges(mesh.faces, len(mesh.vertices))
    assert joined.sound and bodies(mesh.faces, len(mesh.vertices))[0] == 1
    assert len(self_intersections(mesh, limit=1)) == 0
    # the skin of the hollow is a second one like the outer; each vent is a tube that joins them and takes away 2
    vents = body.facts["vents"]
    assert vents >= 1 and len(mesh.vertices) - joined.edges + len(mesh.faces) == 2 * euler - 2 * vents
    assert 0.6 <= body.facts["vent_mm"] <= 1.0
    assert open_back.mesh.volume + 20.0 < mesh.volume < body.facts["solid_volume_mm3"] - 20.0
    assert any("rim of 0.8 mm" in note for note in body.notes) and any("vents" in note for note in body.notes)


def test_a_vent_leads_from_the_back_into_the_hollow_and_the_floor_is_one_sheet_thick():
    from blender_jewelgen.core.mesh.tree import Tree

    d = drawn("medallion", "disc", 1.8)
    mesh = made(d, backing=True).mesh
    tree = Tree(mesh.vertices, mesh.faces)
    x, y = np.meshgrid(np.linspace(-4.0, 4.0, 160), np.linspace(-4.0, 4.0, 160))
    below = np.stack([x.ravel(), y.ravel(), np.full(x.size, -1.0)], axis=1)
    reach, _ = tree.rays(below, np.broadcast_to([0.0, 0.0, 1.0], below.shape))
    hole = reach > 1.0 + 1.5 * SHEET  # past the floor, to the back of the sheet
    assert hole.sum() * (8.0 / 159.0) ** 2 == pytest.approx(np.pi * 0.5**2, rel=0.05)  # mm² of a hole 1 mm wide
    np.testing.assert_allclose(reach[~hole], 1.0, atol=1e-5)
    inside = below[~hole] * (1.0, 1.0, 0.0) + (0.0, 0.0, 0.05)
    floor, _ = tree.rays(inside, np.broadcast_to([0.0, 0.0, 1.0], inside.shape))
    np.testing.assert_allclose(floor.min(), SHEET - 0.05, atol=1e-4)


@pytest.mark.parametrize("craft", [{}, {"rim": 0.8, "thick": 1.5}, {"backing": True, "thick": 1.5}])
def test_a_bail_is_soldered_to_solid_metal(craft):
    d = drawn("pendant", "heart", craft.get("thick"))
    body = made(d, **{k: v for k, v in craft.items() if k != "thick"})
    piece = making(d.host, body.mesh, 0.006)
    assert edges(piece.faces, len(piece.vertices)).sound
    assert bodies(piece.faces, len(piece.vertices))[0] == 1
    assert len(self_intersections(piece, limit=1)) == 0
    loop = d.host.added[0]
    assert piece.volume > body.mesh.volume + 0.3 * loop.volume
    near = np.isfinite(nearest(body.mesh.vertices, loop, 0.4))
    n = len(lift(d.host, None, d.ready, d.depth, QUICK).vertices) // 2
    low = body.mesh.vertices[n : 2 * n][near[n : 2 * n], 2]
    assert len(low) > 20 and low.max() <= 0.4 * d.host.edge + 1e-6  # the plate's own back, its edge broken


def test_ornament_may_be_worked_from_the_front_where_the_form_holds_it():
    relief = replace(QUICK, mid=0.4)
    cut = {"mid": 0.4 * 0.5, "chased": 0.3}
    for depth, use, metal in ((0.5, relief, cut["mid"]), (-0.3, QUICK, cut["chased"])):
        d = drawn("band", "flat", SHEET + metal)
        body = made(d, depth=depth, relief=use)
        assert body.wall_mm > 0.98 * SHEET and body.facts["thickness_max_mm"] <= 1.02 * SHEET
        with pytest.raises(BadInput, match="needs more") as caught:
            made(drawn("band", "flat", SHEET), depth=depth, relief=use)
        assert caught.value.field == "thickness"
        assert float(caught.value.fix.option.split()[1]) == pytest.approx(SHEET + metal, abs=0.1)


@pytest.mark.parametrize(("form", "shape", "craft", "field", "words"), [
    ("signet", "oval", {}, "sheet", "signet"),
    ("band", "flat", {"sheet": None}, "sheet", "empty"),
    ("band", "flat", {"sheet": 2.9}, "sheet", "2.9 mm"),
    ("band", "flat", {"sheet": 0.7, "backing": True}, "thickness", "no room"),
    ("bead", "round", {"backing": True}, "backing", "bead"),
])  # fmt: skip
def test_what_cannot_be_sheet_is_refused_in_a_sentence(form, shape, craft, field, words):
    host = pipeline.form_host(complete(FormParams(form=form, shape=shape)))
    with pytest.raises(BadInput, match=words) as caught:
        sheet_body(host, np.zeros((8, 8), np.float32), 0.5, QUICK, CraftParams(**({"sheet": SHEET} | craft)))
    assert caught.value.field == field and "\n" not in str(caught.value)


def test_a_back_that_lost_the_relief_and_a_rim_that_fills_all_are_told():
    picture = np.kron(np.indices((6, 60)).sum(0) % 2, np.ones((6, 6))).astype(np.float32)  # squares of half a millimetre
    host = pipeline.form_host(complete(FormParams(form="medallion", width=20.0, thickness=2.5)))
    thick = sheet_body(host, np.tile(picture, (5, 1)), 0.3, QUICK, CraftParams(sheet=2.0))
    assert any("nearly smooth" in note for note in thick.notes)
    full = sheet_body(pipeline.form_host(complete(FormParams(width=4.0))), picture, 0.3, QUICK, CraftParams(sheet=SHEET, rim=3.0))
    assert any("solid" in note for note in full.notes)
    assert full.mesh.volume == pytest.approx(full.facts["solid_volume_mm3"], rel=2e-3)


@pytest.mark.parametrize("shape", ["d", "court", "knife"])
def test_needed_is_the_least_thickness_that_holds_a_sheet(shape):
    form = complete(FormParams(shape=shape, width=7.0))
    thick = needed(form, SHEET)
    assert SHEET < thick < 2.2 * SHEET
    plain = np.zeros((8, 64), np.float32)
    for factor, holds in ((1.0, True), (0.8, False)):
        host = pipeline.form_host(replace(form, thickness=factor * thick))
        if holds:
            assert sheet_body(host, plain, 0.5, QUICK, CraftParams(sheet=SHEET)).wall_mm > 0.98 * SHEET
        else:
            with pytest.raises(BadInput, match="thinnest"):
                sheet_body(host, plain, 0.5, QUICK, CraftParams(sheet=SHEET))


def test_the_same_sheet_is_made_twice_to_the_byte():
    d = drawn("band", "d")
    one, two = made(d).mesh, made(d).mesh
    assert one.vertices.tobytes() == two.vertices.tobytes() and one.faces.tobytes() == two.faces.tobytes()
