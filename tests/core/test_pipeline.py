"""The whole walk: words to a closed piece, its report, and all that may go wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mesh_shapes import torus

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.form.params import FormParams
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
    assert pipeline.seam_error(wave, 0.5) == 0.0
    cut = wave[:, :330]
    step = abs(cut[0, 0] - cut[0, -1]) - np.abs(np.diff(cut)).max()
    assert step > 0.1
    assert pipeline.seam_error(cut, 0.5) == pytest.approx(0.5 * step, abs=1e-6)


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
