"""The whole walk: words to a closed piece, its report, and all that may go wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mesh_shapes import ball, torus

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.facts import seam_error
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.height.picture import read_levels, write_height
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.recipe import MakeParams, Recipe
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines.registry import ask

QUICK = ReliefParams(density="preview", pixels=8.0)


def quiet(share: float, text: str) -> None:
    pass


def recipe(form="band", seed=0, relief=QUICK, technique="relief", make=None, **lengths) -> Recipe:
    design = Design(form=form, technique=technique, motifs=(Motif(name="vine"),))
    return Recipe(design=design, form=FormParams(form=form, **lengths), relief=relief, make=make or MakeParams(seed=seed))


def ok(piece: pipeline.Piece) -> dict[str, bool | None]:
    return {c.name: c.ok for c in piece.report.checks if c.name in ("closed", "outward", "bodies", "self-intersections")}


@pytest.fixture(scope="module")
def ring() -> pipeline.Piece:
    return pipeline.run(recipe(width=5.0), ask, quiet)


def test_a_ring_is_closed_and_its_report_agrees_with_its_mesh(ring):
    report = ring.report
    assert set(ok(ring).values()) == {True}
    assert report.inner_diameter_mm == pytest.approx(2 * np.hypot(*ring.mesh.vertices[:, :2].T).min(), abs=1e-3)
    np.testing.assert_allclose(report.size_mm, ring.mesh.size, atol=1e-3)
    assert report.volume_mm3 == pytest.approx(ring.mesh.volume, rel=1e-5)
    assert report.seam_error_mm == 0.0
    assert report.engine == "procedural"
    assert set(report.seconds) >= {"form", "pattern", "relief", "reduce", "checks"}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_ring(ring):
    again = pipeline.run(recipe(width=5.0), ask, quiet)
    assert again.mesh.vertices.tobytes() == ring.mesh.vertices.tobytes()
    assert again.mesh.faces.tobytes() == ring.mesh.faces.tobytes()
    other = pipeline.run(recipe(width=5.0, seed=1), ask, quiet)
    assert other.mesh.vertices.tobytes() != ring.mesh.vertices.tobytes()


def test_print_density_is_finer_and_reduced_within_its_tolerance(ring):
    made = pipeline.run(recipe(width=5.0, relief=replace(QUICK, density="print", tolerance=0.01)), ask, quiet)
    assert len(made.shaped.raised.vertices) > 4 * len(ring.shaped.raised.vertices)
    assert len(made.mesh.faces) < 0.5 * len(made.shaped.raised.faces)
    assert np.abs(made.mesh.size - made.shaped.raised.size).max() < 0.02
    assert set(ok(made).values()) == {True}


def test_earrings_are_two_bodies_that_mirror_each_other():
    made = pipeline.run(recipe("earrings"), ask, quiet)
    count, label = bodies(made.mesh.faces, len(made.mesh.vertices))
    assert count == made.report.bodies == 2
    halves = [made.mesh.vertices[np.unique(made.mesh.faces[label == k])] for k in range(2)]
    mirrored = halves[0] * (-1.0, 1.0, 1.0)
    for half in (mirrored, halves[1]):
        half.view()[:] = half[np.lexsort(np.round(half, 4).T)]
    np.testing.assert_allclose(mirrored, halves[1], atol=1e-3)
    assert edges(made.mesh.faces, len(made.mesh.vertices)).sound


@pytest.mark.parametrize("form", ["cuff", "signet", "pendant", "bead"])
def test_other_forms_are_closed_and_one_body(form):
    assert set(ok(pipeline.run(recipe(form, relief=replace(QUICK, pixels=5.0)), ask, quiet)).values()) == {True}


@pytest.mark.parametrize("process", ["castable-resin", "lost-wax"])
def test_manufacture_enlarges_the_written_mesh_and_leaves_the_report_nominal(process, ring):
    made = pipeline.run(recipe(width=5.0, make=MakeParams(manufacture=process)), ask, quiet)
    rules = limits(process)
    assert made.report.size_mm == ring.report.size_mm
    width = (5.0 + 2 * rules.polishing_mm) * (1 + rules.shrinkage)  # mm
    assert made.mesh.size[2] == pytest.approx(width, abs=1e-4)
    inner = (ring.report.inner_diameter_mm - 2 * rules.polishing_mm) * (1 + rules.shrinkage)
    assert 2 * np.hypot(*made.mesh.vertices[:, :2].T).min() == pytest.approx(inner, abs=2e-3)
    assert made.report.manufactured["inner_diameter_mm"] == pytest.approx(inner, abs=1e-3)


def test_engraving_leaves_the_wall_that_the_process_needs_and_says_so():
    made = pipeline.run(recipe(technique="engraving", thickness=1.4, relief=replace(QUICK, depth=1.2)), ask, quiet)
    wall = limits("castable-resin").min_wall_mm
    assert any("reduced from 1.2" in note for note in made.report.notes)
    assert made.report.min_wall_mm >= wall - 1e-6
    with pytest.raises(BadInput, match="thickness leaves"):
        pipeline.run(recipe(technique="engraving", thickness=0.7), ask, quiet)


def test_deep_relief_on_thin_metal_is_reduced_and_said():
    made = pipeline.run(recipe(thickness=1.0, relief=replace(QUICK, depth=5.0)), ask, quiet)
    assert abs(made.shaped.depth - (1.5 * made.shaped.host.wall + 0.5)) < 1e-9
    assert any("reduced from 5" in note for note in made.report.notes)


def test_a_picture_handed_in_is_used_and_its_seam_is_blended_and_said():
    ramp = np.linspace(0.0, 1.0, 1000, dtype=np.float32)[None].repeat(90, 0)
    made = pipeline.run(recipe(), ask, quiet, picture=ramp)
    assert made.report.engine == "picture"
    assert any("blended" in note for note in made.report.notes)
    assert made.report.seam_error_mm < 0.01


def test_seam_error_is_zero_for_a_wave_and_the_step_for_a_cut_one():
    wave = (0.5 + 0.5 * np.sin(np.arange(400) / 400 * 2 * np.pi * 5))[None].repeat(4, 0)
    assert seam_error(wave, 0.5) == 0.0
    cut = wave[:, :330]
    step = abs(cut[0, 0] - cut[0, -1]) - np.abs(np.diff(cut)).max()
    assert step > 0.1
    assert seam_error(cut, 0.5) == pytest.approx(0.5 * step, abs=1e-6)


def test_an_engine_that_draws_nan_is_refused():
    def broken(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        return pipeline.Answer(np.full((order.surface.rows, order.surface.columns), np.nan, np.float32), {"name": "broken"})

    with pytest.raises(BadInput, match="not finite"):
        pipeline.run(recipe(), broken, quiet)


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_cancelling_at_any_step_ends_the_walk(after):
    heard = []

    def tell(share: float, text: str) -> None:
        heard.append(share)
        if len(heard) >= after:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        pipeline.run(recipe(), ask, tell)
    assert len(heard) == after


def test_progress_rises_and_stays_within_one():
    heard: list[float] = []
    pipeline.run(recipe("bead"), ask, lambda share, text: heard.append(share))
    assert heard == sorted(heard)
    assert heard[0] >= 0.0 and heard[-1] <= 1.0


def test_an_imported_mesh_is_ornamented_and_says_which_mapping_it_got():
    made = pipeline.run(recipe("mesh"), ask, quiet, mesh=torus(120, 48))
    assert set(ok(made).values()) == {True}
    assert any(note.startswith("mapping toroidal: a ring") for note in made.report.notes)
    with pytest.raises(BadInput, match="--mesh FILE"):
        pipeline.run(recipe("mesh"), ask, quiet)


def test_an_engraved_signet_is_cut_as_deep_as_it_says_through_head_and_body():
    from blender_jewelgen.core.mesh.tree import Tree

    disc = np.hypot(*np.mgrid[-1:1:240j, -1:1:240j]) < 0.4
    made = recipe("signet", technique="engraving", size="US 9", thickness=2.6)
    made = replace(made, relief=replace(made.relief, depth=1.5))
    piece = pipeline.run(made, ask, quiet, disc.astype(np.float32))
    assert all(ok(piece).values())
    assert piece.shaped.depth == -1.5
    top = piece.report.inner_diameter_mm / 2 + 2.6  # mm from the axis to the face of the head
    above, down = np.array([[0.05, 40.0, 0.03], [4.6, 40.0, 0.0]]), np.array([[0.0, -1.0, 0.0]] * 2)
    distance, _ = Tree(piece.mesh.vertices, piece.mesh.faces).rays(above, down)
    assert 40.0 - distance[0] == pytest.approx(top - 1.5, abs=0.01)
    assert 40.0 - distance[1] == pytest.approx(top, abs=0.01)
    assert 40.0 - distance[0] - piece.report.inner_diameter_mm / 2 > limits(made.make.process).min_wall_mm


def refuse(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
    raise AssertionError("an engine was asked")


@pytest.mark.parametrize("form", ["band", "signet"])
@pytest.mark.parametrize("more", [{}, {"around": 4, "mid": 0.3}], ids=["once", "four times"])
def test_a_piece_made_from_its_height_file_is_the_piece_to_the_last_byte(form, more, tmp_path):
    first = pipeline.run(recipe(form, relief=replace(QUICK, **more)), ask, quiet)
    write_height(tmp_path / "first.png", first.shaped.picture)
    again = pipeline.run(first.shaped.recipe, refuse, quiet, drawn=read_levels(tmp_path / "first.png"))
    write_height(tmp_path / "again.png", again.shaped.picture)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    assert again.mesh.vertices.tobytes() == first.mesh.vertices.tobytes()
    assert again.mesh.faces.tobytes() == first.mesh.faces.tobytes()
    assert again.shaped.recipe == first.shaped.recipe
    assert replace(again.report, seconds={}) == replace(first.report, seconds={})


def test_an_imported_body_ornamented_from_a_height_file_is_the_same_to_the_last_byte(tmp_path):
    body = torus(100, 40)
    first = pipeline.shape(recipe("mesh", relief=replace(QUICK, around=4)), ask, quiet, mesh=body)
    write_height(tmp_path / "height.png", first.picture)
    again = pipeline.shape(first.recipe, refuse, quiet, mesh=body, drawn=read_levels(tmp_path / "height.png"))
    assert again.raised.vertices.tobytes() == first.raised.vertices.tobytes()
    assert again.recipe == first.recipe and again.notes == first.notes


def test_a_piece_made_from_a_persons_picture_is_the_same_from_its_height_file(tmp_path):
    picture = np.random.default_rng(5).random((90, 400), np.float32)
    first = pipeline.run(recipe(), ask, quiet, picture=picture)
    write_height(tmp_path / "height.png", first.shaped.picture)
    again = pipeline.run(first.shaped.recipe, refuse, quiet, drawn=read_levels(tmp_path / "height.png"))
    assert again.mesh.vertices.tobytes() == first.mesh.vertices.tobytes()
    assert again.report.engine == "picture"


def test_what_is_drawn_is_kept_in_levels_fine_enough_to_show_no_terrace(ring):
    levels = ring.shaped.picture.astype(np.float64) * 65535
    assert np.abs(levels - np.rint(levels)).max() < 0.01
    assert ring.shaped.depth / 65535 < 1e-4  # mm between two levels
    assert len(np.unique(ring.shaped.ready)) > 2000


def test_drawing_knows_all_but_the_metal_and_raising_it_gives_the_same_piece(ring):
    drawn = pipeline.draw(recipe(width=5.0), ask, quiet)
    assert not hasattr(drawn, "raised")
    assert drawn.places.mapping().kind == "toroidal"
    assert drawn.size == pytest.approx(drawn.host.ornament)
    shaped = pipeline.raised(drawn, quiet)
    assert shaped.raised.vertices.tobytes() == ring.shaped.raised.vertices.tobytes()
    assert pipeline.draw(recipe("pendant"), ask, quiet).places is None


def test_the_engine_is_asked_for_one_part_and_the_piece_has_as_many_as_were_asked_for():
    orders = []

    def watched(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        orders.append(order)
        return ask(order, tell)

    shaped = pipeline.shape(recipe(relief=replace(QUICK, around=6)), watched, quiet)
    assert orders[0].surface.length == pytest.approx(shaped.size[0] / 6) and orders[0].surface.periodic
    columns = max(48, int(np.ceil(shaped.size[0] / 0.12 / 8)) * 8)  # as many as the grid has
    waves = np.abs(np.fft.rfft(shaped.raised.relief[: columns * 20].reshape(20, columns), axis=1))
    assert waves[:, 1:6].max() < 0.05 * waves[:, 6::6].max()  # nothing goes round fewer times than six


@pytest.mark.parametrize(("technique", "way"), [("relief", 1), ("engraving", -1)])
@pytest.mark.parametrize("form", ["band", "signet"])
def test_the_mid_level_lies_on_the_bare_surface_and_the_wall_is_kept(technique, way, form):
    half = np.full((64, 64), 0.5, np.float32)
    half[24:40, 24:40] = 0.0
    half[:8, :8], half[-8:, -8:] = 1.0, 1.0
    made = recipe(form, technique=technique, thickness=1.7, relief=replace(QUICK, mid=0.5, depth=0.6))
    piece = pipeline.run(made, ask, quiet, picture=half)
    assert all(ok(piece).values())
    assert piece.shaped.depth == pytest.approx(way * 0.6)
    assert piece.report.min_wall_mm >= limits(made.make.process).min_wall_mm - 1e-6
    plain = pipeline.run(replace(made, relief=replace(made.relief, depth=0.02)), ask, quiet, picture=half)
    assert plain.mesh.volume == pytest.approx(piece.mesh.volume, rel=0.02)


def test_a_preview_and_its_print_lie_the_same_way_on_an_imported_body():
    found = [pipeline.draw(recipe("mesh", relief=replace(QUICK, density=density)), ask, quiet, mesh=torus(100, 40)) for density in ("preview", "print")]
    np.testing.assert_array_equal(found[0].where.frame, found[1].where.frame)
    np.testing.assert_array_equal(found[0].where.section.table, found[1].where.section.table)
    assert found[0].where.size == found[1].where.size
    assert found[0].picture.tobytes() == found[1].picture.tobytes()


@pytest.mark.parametrize("form", ["band", "pendant", "mesh"])
def test_a_gem_stays_free_of_ornament_in_the_made_piece(form):
    even = np.ones((40, 200), np.float32)
    even[::8, ::8] = 0.99
    body = torus(100, 40) if form == "mesh" else None
    made = recipe(form, relief=replace(QUICK, clear=0.4, draft=0.0))
    plain = pipeline.shape(made, ask, quiet, picture=even, mesh=body)
    top = plain.mesh.vertices[np.argmax(plain.raised.relief)].astype(float)
    gem = Mesh(ball(0.7, 12, 16).vertices + top, ball(0.7, 12, 16).faces)
    kept = pipeline.shape(made, ask, quiet, picture=even, mesh=body, keep_off=gem)
    away = np.linalg.norm(plain.mesh.vertices - top, axis=1)
    same = np.abs(kept.mesh.vertices - plain.mesh.vertices).max(axis=1) == 0.0
    assert same[away > 0.7 + 0.4 + 0.25 + plain.depth + 0.1].all()
    changed = np.linalg.norm(kept.mesh.vertices - plain.mesh.vertices, axis=1)
    assert changed[away < 0.5].max() == pytest.approx(plain.depth, rel=0.02)
    if form != "mesh":
        assert all(ok(pipeline.make(kept, quiet)).values())


def test_a_masked_half_of_an_imported_body_stays_as_it_is():
    ring = torus(160, 60)
    masked = Mesh(ring.vertices, ring.faces, mask=(ring.vertices[:, 1] > 0).astype(np.float32))
    shaped = pipeline.shape(recipe("mesh", relief=replace(QUICK, pixels=6.0)), ask, quiet, mesh=masked)
    off = shaped.raised.relief * (shaped.raised.vertices[:, 1] < -0.5)
    assert off.max() == 0.0 and shaped.raised.relief.max() > 0.5


def test_the_mesh_is_told_of_before_it_is_judged_and_is_the_one_that_is_written():
    heard: list[object] = []
    shaped = pipeline.shape(recipe(), ask, lambda share, text: heard.append(text))
    piece = pipeline.make(shaped, lambda share, text: heard.append(text), heard.append)
    place = next(i for i, said in enumerate(heard) if said is piece.mesh)
    assert "checking" in heard[place:] and "checking" not in heard[:place]
