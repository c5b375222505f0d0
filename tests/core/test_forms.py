"""Host surfaces: sizes exact, profiles graphs, outlines true."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.outlines import outline, signed_distance
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import plate
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.intersect import self_intersections

BANDS = [(form, shape) for form in ("band", "bangle", "cuff") for shape in ("flat", "d", "court", "knife")]
PLATES = [(form, shape) for form, row in table("forms")["forms"].items() if row["surface"] == "plate" for shape in row["shapes"]]


@pytest.mark.parametrize(("form", "shape"), BANDS)
@pytest.mark.parametrize("size", ["US 3", "US 7", "EU 70", "30 mm"])
def test_inner_diameter_is_exact(form, shape, size):
    host = turned(complete(FormParams(form=form, shape=shape, size=size, gap=8.0)))
    assert 2.0 * host.inner[:, 0].min() == pytest.approx(host.inner_diameter, abs=1e-9)  # mm


@pytest.mark.parametrize(("form", "shape"), BANDS)
def test_the_outer_profile_is_a_graph_over_the_height_and_as_wide_as_asked(form, shape):
    host = turned(complete(FormParams(form=form, shape=shape, width=6.0, margin=0.3)))
    assert (np.diff(host.outer[:, 1]) >= 0).all()
    assert np.ptp(host.outer[:, 1]) == pytest.approx(6.0)
    assert host.outer[:, 0].max() == pytest.approx(host.inner_diameter / 2 + complete(FormParams(form=form, shape=shape)).thickness, abs=1e-6)


def test_a_flat_band_has_the_area_of_its_rectangle_less_its_rounded_edges():
    host = turned(complete(FormParams(form="band", shape="flat", width=8.0, thickness=1.5)))
    loop = np.concatenate([host.outer, host.inner])
    r, z = loop.T
    area = 0.5 * abs(np.sum(r * np.roll(z, -1) - z * np.roll(r, -1)))
    outer, inner = 0.3, 0.18  # mm, the radii that break the edges: a fifth of the thickness, and 0.6 of that
    assert area == pytest.approx(8.0 * 1.5 - 2 * (1 - np.pi / 4) * (outer**2 + inner**2), rel=2e-3)


def test_a_bead_is_a_ball_with_a_hole():
    host = turned(complete(FormParams(form="bead", width=12.0, hole=2.5)))
    np.testing.assert_allclose(np.linalg.norm(host.outer, axis=1), 6.0, rtol=1e-12)
    assert host.inner_diameter == 2.5
    with pytest.raises(BadInput, match="hole is 11 mm"):
        turned(complete(FormParams(form="bead", width=12.0, hole=11.0)))


@pytest.mark.parametrize(("form", "shape"), PLATES)
def test_outlines_have_the_size_asked_for_and_turn_left(form, shape):
    points = outline(shape, 20.0, 26.0)
    np.testing.assert_allclose(np.ptp(points, axis=0), [20.0, 26.0])
    x, y = points.T
    assert np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0
    assert np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1).min() > 1e-9


def test_distance_to_a_disc_is_true_to_a_micrometre():
    x = np.linspace(-13, 13, 301)
    found = signed_distance(outline("disc", 24.0, 24.0), x, x)
    truth = 12.0 - np.hypot(x[None, :], x[:, None])
    near = np.abs(truth) < 6.0  # the middle, where every direction is the nearest, is no border
    assert np.abs(found - truth)[near].max() < 2.5e-3


@pytest.mark.parametrize("shape", ["heart", "shield", "drop", "cushion", "rectangle"])
def test_distance_is_negative_outside_and_its_slope_is_one(shape):
    x = np.linspace(-14, 14, 281)
    found = signed_distance(outline(shape, 20.0, 20.0), x, x)
    assert found[0].max() < 0 and found[:, 0].max() < 0 and found.max() > 3.0
    slope = np.hypot(*np.gradient(found.astype(float), x, x))
    assert np.median(slope[np.abs(found) < 2.0]) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("shape", table("forms")["forms"]["signet"]["shapes"])
def test_the_body_of_a_signet_is_closed_and_leaves_the_finger_free(shape):
    host = plate(complete(FormParams(form="signet", shape=shape, size="US 9")))
    body = host.added[0]
    assert edges(body.faces, len(body.vertices)).closed
    assert np.hypot(body.vertices[:, 0], body.vertices[:, 1]).min() == pytest.approx(host.inner_diameter / 2, abs=1e-3)


def test_a_shape_that_the_form_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(BadInput, match="flat, d, court, knife"):
        complete(FormParams(form="band", shape="zzz"))
    with pytest.raises(BadInput, match="did you mean"):
        FormParams(form="bend")


@pytest.mark.parametrize("bad", [{"width": 0.0}, {"width": float("nan")}, {"thickness": -1.0}, {"thickness": float("inf")}, {"margin": "wide"}, {"width": True}])
def test_limits_are_named(bad):
    with pytest.raises(BadInput) as caught:
        FormParams(form="band", **bad)
    assert caught.value.field == next(iter(bad))


def test_margins_that_leave_no_room_are_refused():
    with pytest.raises(BadInput, match="margin is 3 mm"):
        complete(FormParams(form="band", width=4.0, margin=3.0))


@pytest.mark.parametrize("thickness", [1.0, 1.4, 3.0])
@pytest.mark.parametrize("sunk", [False, True])
def test_the_body_of_a_signet_stays_under_its_head(thickness, sunk):
    host = plate(complete(FormParams(form="signet", size="US 9", thickness=thickness)), sunk)
    face = host.inner_diameter / 2 + thickness
    assert host.added[0].vertices[:, 1].max() < face - 0.3
    assert host.shift[1] + host.thickness == pytest.approx(face)


@pytest.mark.parametrize(("shape", "size", "width"), [("round", "US 3", 15.744), ("oval", "15.065 mm", 14.23), ("oval", "US 9", 10.0), ("shield", "US 5", 10.0)])
def test_a_bore_that_runs_out_along_a_flank_crosses_nothing(shape, size, width):
    host = plate(complete(FormParams(form="signet", shape=shape, size=size, width=width)))
    assert len(self_intersections(host.added[0])) == 0
