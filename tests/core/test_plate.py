"""Relief on plates: volumes in closed form, back and outline untouched, closed."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import Plate, plate
from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.relief.plate import raise_plate

PLATES = [(form, shape) for form, row in table("forms")["forms"].items() if row["surface"] == "plate" for shape in row["shapes"]]


def slab(polygon: np.ndarray, thickness: float = 1.5) -> Plate:
    """A plate without dome, with sharp edges and no margin: its volume is known."""
    return Plate(polygon, thickness, 0.0, 1e-9, 0.0)


DISC = slab(plate(complete(FormParams(form="medallion", shape="disc", width=20.0))).polygon)
AREA = np.pi * 100.0  # mm²


def test_a_plain_disc_has_the_volume_of_its_cylinder():
    mesh = raise_plate(DISC, np.zeros((10, 10), np.float32), 0.5, 0.0, 0.1)
    assert mesh.volume == pytest.approx(AREA * 1.5, rel=2e-3)  # mm³
    np.testing.assert_allclose(mesh.size, [20.0, 20.0, 1.5], atol=0.02)


def test_a_ramp_across_the_disc_has_half_the_relief():
    plain, ramp, full = (
        raise_plate(DISC, p.astype(np.float32), 0.6, 0.0, 0.1).volume
        for p in (np.zeros((9, 9)), np.linspace(0.0, 1.0, 801)[None].repeat(9, 0), np.ones((9, 9)))
    )
    assert (ramp - plain) / (full - plain) == pytest.approx(0.5, abs=2e-3)
    assert full - plain == pytest.approx(AREA * 0.6, rel=0.02)


@pytest.mark.parametrize(("form", "shape"), PLATES)
@pytest.mark.parametrize("depth", [0.5, -0.3])
def test_every_plate_is_one_closed_body_within_its_depth(form, shape, depth):
    host = plate(complete(FormParams(form=form, shape=shape)))
    picture = np.random.default_rng(3).random((24, 24)).astype(np.float32)
    mesh = raise_plate(host, picture, depth, 0.25, 0.3)
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert mesh.volume > 0
    assert bodies(mesh.faces, len(mesh.vertices))[0] == 1
    assert len(self_intersections(mesh, limit=1)) == 0
    assert mesh.vertices[:, 2].min() >= -1e-6
    assert mesh.vertices[:, 2].max() <= host.thickness + host.dome + max(depth, 0.0) + 1e-5


def test_back_and_margin_are_bit_equal_with_and_without_relief():
    host = plate(complete(FormParams(form="pendant", shape="oval", margin=0.8)))
    picture = np.random.default_rng(3).random((40, 40)).astype(np.float32)
    mesh, plain = (raise_plate(host, p, 0.5, 0.25, 0.15) for p in (picture, np.zeros_like(picture)))
    np.testing.assert_array_equal(mesh.faces, plain.faces)
    half = len(mesh.vertices) // 2  # front first, then back
    np.testing.assert_array_equal(mesh.vertices[half:], plain.vertices[half:])
    np.testing.assert_array_equal(mesh.vertices[:, :2], plain.vertices[:, :2])
    near = host.distance(200, 200)
    place = mesh.vertices[:half, :2] / host.size * 200 + 99.5
    column, row = np.clip(np.rint(place[:, 0]), 0, 199).astype(int), np.clip(199 - np.rint(place[:, 1]), 0, 199).astype(int)
    rim = near[row, column] < 0.6
    assert rim.any()
    np.testing.assert_array_equal(mesh.vertices[:half][rim], plain.vertices[:half][rim])


def test_engraving_cuts_no_deeper_than_asked_and_darkens_what_it_cuts():
    host = plate(complete(FormParams(form="plaque", shape="cushion")))
    picture = np.zeros((50, 50), np.float32)
    picture[20:30, 20:30] = 1.0
    mesh = raise_plate(host, picture, -0.4, 0.2, 0.2)
    half = len(mesh.vertices) // 2
    middle = np.hypot(*mesh.vertices[:half, :2].T) < 1.0
    np.testing.assert_allclose(mesh.vertices[:half][middle, 2], host.thickness - 0.4, atol=1e-5)
    assert mesh.relief[:half][middle].max() == 0.0


def test_up_in_the_picture_is_up_on_the_plate():
    picture = np.zeros((40, 40), np.float32)
    picture[4:10, 18:22] = 1.0  # near the upper edge
    mesh = raise_plate(DISC, picture, 0.6, 0.0, 0.1)
    high = mesh.vertices[:, 2] > 1.9
    assert mesh.vertices[high, 1].min() > 4.0


@pytest.mark.parametrize(("depth", "level"), [(0.6, 0.0), (0.6, 0.4), (0.6, 1.0), (-0.4, 0.0), (-0.4, 1.0)])
def test_the_mid_level_of_a_plate_stays_at_its_surface(depth, level):
    mesh = raise_plate(DISC, np.full((9, 9), level, np.float32), depth, 0.2, 0.3, mid=0.4)
    half = len(mesh.vertices) // 2
    middle = np.hypot(*mesh.vertices[:half, :2].T) < 8.0
    np.testing.assert_allclose(mesh.vertices[:half][middle, 2], 1.5 + depth * (level - 0.4), atol=1e-5)  # mm
    assert mesh.relief.min() >= 0.0 and mesh.relief.max() <= 1.0
