"""The bare piece with what a live relief needs at each vertex: moved by it, it is the piece that is made."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief import assemble, mapping, solid
from blender_jewelgen.core.relief.bare import bare_piece, moved
from blender_jewelgen.core.relief.clear import clearance
from blender_jewelgen.core.relief.lift import lift, spacing_of
from blender_jewelgen.core.relief.params import ReliefParams

FORMS = ("band", "cuff", "bangle", "bead", "signet", "pendant", "earrings")
RAISED = (0.5, {})
CUT = (-0.3, {"mid": 0.4, "fade": 0.0})
TILED = (0.4, {"mid": 0.3, "around": 3, "across": 2, "fade": 0.6})


def host_of(form: str, **lengths):
    return form_host(complete(FormParams(form=form, **lengths)))


def params(**more) -> ReliefParams:
    return ReliefParams(**({"density": "preview"} | more))


def picture(rows: int = 40, columns: int = 300) -> np.ndarray:
    return np.random.default_rng(0).random((rows, columns), np.float32)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("depth", "more"), [RAISED, CUT, TILED], ids=["raised", "cut", "tiled"])
def test_a_bare_piece_moved_by_its_attributes_is_the_raised_piece(form, depth, more):
    host, relief = host_of(form), params(**more)
    piece = assemble.looking(host, lift(host, None, picture(), depth, relief))
    bare = bare_piece(host, spacing_of(relief, max(host.ornament)))
    np.testing.assert_array_equal(bare.mesh.faces, piece.faces)
    np.testing.assert_allclose(moved(bare, picture(), depth, relief), piece.vertices, atol=1e-5)  # mm
    assert np.abs(piece.vertices - bare.mesh.vertices).max() > 0.5 * abs(depth) * (1.0 - relief.mid)


@pytest.mark.parametrize("form", FORMS)
def test_what_never_moves_has_no_lift_and_what_moves_has_unit_lift(form):
    bare = bare_piece(host_of(form), 0.3)
    length, inside = np.linalg.norm(bare.lift, axis=1), bare.rim > 0
    assert (length == 0.0).any() and length.max() == pytest.approx(1.0, abs=1e-5)
    if form != "cuff":  # whose lift runs out towards its ends
        assert (bare.rim[length == 0.0] == -1.0).all()
        np.testing.assert_allclose(length[length > 0.0], 1.0, atol=1e-5)
    assert inside.any() and ((bare.uv[inside] >= 0.0) & (bare.uv[inside] <= 1.0)).all()


@pytest.mark.parametrize("kind", ["cylindrical", "spherical", "planar", "triplanar"])
def test_a_pattern_that_does_not_follow_its_ring_is_the_same_live_and_made(kind):
    host, relief = host_of("band"), params(mapping=kind)
    soft = (0.5 + 0.5 * np.sin(np.arange(300) / 300 * 2 * np.pi * 5))[None].repeat(40, 0).astype(np.float32)
    where = mapping.of_host(host, kind)
    piece = lift(host, where, soft, 0.4, relief)
    bare = bare_piece(host, spacing_of(relief, max(host.ornament)))
    found = moved(bare, soft, 0.4, relief, where=where)
    assert np.quantile(np.abs(found - piece.vertices), 0.999) < 2e-3  # mm; only the normals at the edges differ
    assert not np.allclose(found, moved(bare, soft, 0.4, relief), atol=0.05)


@pytest.mark.parametrize("form", ["band", "signet", "earrings"])
def test_gems_are_kept_clear_of_alike_live_and_made(form):
    host, relief = host_of(form), params(clear=0.5, fade=0.4)
    bare = bare_piece(host, spacing_of(relief, max(host.ornament)))
    highest = bare.mesh.vertices[np.argmax((bare.rim > 0.8) * (1.0 + bare.mesh.vertices[:, 0]))]
    gem = Mesh(ball(0.8, 10, 14).vertices + highest, ball(0.8, 10, 14).faces)
    keep = clearance(bare.mesh.vertices, gem, 0.5, 0.4)
    piece = assemble.looking(host, lift(host, None, np.ones((8, 8), np.float32), 0.5, relief, gem))
    found = moved(bare, np.ones((8, 8), np.float32), 0.5, relief, keep)
    here = np.linalg.norm(bare.mesh.vertices - highest, axis=1)
    assert (here < 1.2).sum() > 20
    np.testing.assert_allclose(piece.vertices[here < 3.0], found[here < 3.0], atol=1e-5)
    np.testing.assert_allclose(piece.vertices[here < 1.2], bare.mesh.vertices[here < 1.2], atol=1e-5)  # the gem's ball and half a mm
    if form == "earrings":  # a pair stays a pair
        half = len(piece.vertices) // 2
        np.testing.assert_allclose(piece.vertices[:half] * (-1.0, 1.0, 1.0), piece.vertices[half:], atol=1e-5)


def test_faces_that_close_a_ring_run_on_to_its_end():
    bare = bare_piece(host_of("band"), 0.4)
    u = bare.corners[..., 0]
    assert u.max() == 1.0 and u.min() == 0.0
    assert np.ptp(u, axis=1).max() < 0.02
    np.testing.assert_allclose(np.mod(u, 1.0), np.mod(bare.uv[bare.mesh.faces][..., 0], 1.0))
    plate = bare_piece(host_of("pendant"), 0.4)
    np.testing.assert_array_equal(plate.corners, plate.uv[plate.mesh.faces])


def test_the_run_out_at_the_ends_of_a_cuff_is_the_same_for_every_fade():
    host = turned(complete(FormParams(form="cuff")))
    middle = [solid.grid(host, 0.3, fade).weight[30] for fade in (0.0, 0.3, 2.0)]
    np.testing.assert_array_equal(middle[0], middle[1])
    hold = solid.grid(host, 0.3, 0.0).hold
    assert hold[0] == hold[-1] == 0.0 and hold.max() == 1.0 and (np.diff(hold[: len(hold) // 2]) >= 0).all()
    ratio = middle[2][hold > 0] / hold[hold > 0]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)
