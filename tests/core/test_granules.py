"""Granulation: spheres that touch the ground and never each other, evenly along contours, one closed body."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.plate import Plate, plate
from blender_jewelgen.core.form.turned import Turned, turned
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.pattern import compose, grains
from blender_jewelgen.core.relief import granules
from blender_jewelgen.core.relief.granules import granulated_body
from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
from blender_jewelgen.core.relief.surface import surface_of
from blender_jewelgen.core.words.lexicon import read

CRAFT = CraftParams()
RELIEF = ReliefParams()


def form(kind: str, **more: object) -> Turned | Plate:
    params = complete(FormParams(form=kind, **more))
    return turned(params) if kind in ("band", "bangle", "cuff", "bead") else plate(params)


def ring_picture(size: int, middle: float, width: float) -> np.ndarray:
    """A ring drawn on a square, in shares of its side."""
    x = (np.arange(size) + 0.5) / size - 0.5
    return (np.abs(np.hypot(x[None, :], x[:, None]) - middle) < 0.5 * width).astype(np.float32)


@pytest.mark.parametrize(
    ("kind", "more"), [("band", {"width": 5.0}), ("band", {"width": 6.0, "shape": "d"}), ("pendant", {"width": 16.0, "shape": "heart"}), ("signet", {}), ("earrings", {})]
)
def test_every_form_takes_granules_and_stays_one_body_that_does_not_cross_itself(kind, more):
    host = form(kind, **more)
    picture = compose.draw(read(f"granulation rosette {kind}"), surface_of(host, 16.0), 0)
    body = granulated_body(host, picture, 0.7, RELIEF, CRAFT)
    assert edges(body.mesh.faces, len(body.mesh.vertices)).sound
    assert bodies(body.mesh.faces, len(body.mesh.vertices))[0] == 1
    assert len(self_intersections(body.mesh, limit=1)) == 0
    assert body.facts["granules"] > 40 and body.facts["granule_mm"] == 0.6


def test_a_body_is_its_ground_and_as_many_balls_as_it_counts(monkeypatch):
    host = form("medallion", width=16.0)
    known = []
    united = granules._united
    monkeypatch.setattr(granules, "_united", lambda *given: known.append(given) or united(*given))
    body = granulated_body(host, ring_picture(400, 0.3, 0.12), 0.7, RELIEF, CRAFT)
    ground, places, diameters = known[0]
    assert len(places) == body.facts["granules"] > 100
    reach = 0.5 * diameters
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) - reach[:, None] - reach[None]
    assert apart[np.triu_indices(len(places), 1)].min() > 0.01
    vertices = body.mesh.vertices
    for place, radius in zip(places, reach):
        assert (np.abs(np.linalg.norm(vertices - place, axis=1) - radius) < 1e-4).sum() > 60
    cap = np.pi * (2.0 * reach) ** 2 * CRAFT.sink**2 * (reach - 2.0 * reach * CRAFT.sink / 3.0)  # what is sunk into level ground
    balls = (4.0 / 3.0 * np.pi * reach**3 - cap).sum()
    assert body.mesh.volume - ground.volume == pytest.approx(balls, rel=0.06)  # balls of flat faces hold 4 % less


def test_along_a_narrow_ring_lies_one_row_that_closes_evenly():
    host = form("medallion", width=20.0)
    width = host.size[0]
    field = grains.field_of(ring_picture(640, 0.3, 0.02), width / 640, False, 0.6)
    setting = granules._Setting(granules.Bend.of(host), field, np.zeros((64, 64), np.float32), 0.0, RELIEF, CRAFT, None)
    places, diameters, _ = setting.all()
    places = places[diameters == 0.6]
    reach, angle = np.hypot(*places[:, :2].T), np.sort(np.arctan2(places[:, 1], places[:, 0]))
    assert np.abs(reach - 0.3 * width).max() < 0.15, "one row"
    steps = np.diff(np.concatenate([angle, [angle[0] + 2.0 * np.pi]])) * 0.3 * width
    assert steps.min() > 0.6 and np.sort(steps)[-1] < 1.3 * 0.6
    assert len(places) >= int(2.0 * np.pi * 0.3 * width / (0.6 * 1.1))


def test_an_area_is_filled_closely_and_no_two_granules_touch():
    host = form("band", width=9.0, shape="d")
    picture = np.zeros((180, 1400), np.float32)
    picture[20:-20, 100:500] = 1.0
    length, width = host.ornament
    field = grains.field_of(picture, length / 1400, True, 0.6)
    setting = granules._Setting(granules.Bend.of(host), field, np.zeros_like(picture), 0.0, RELIEF, CRAFT, None)
    places, diameters, full = setting.all()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) - 0.5 * (diameters[:, None] + diameters[None])
    np.fill_diagonal(apart, 1.0)
    assert apart.min() > 0.005 and not full
    area = 400 / 1400 * length * 140 / 180 * width
    assert 0.62 < (np.pi / 4 * diameters**2).sum() / area < 0.91  # hexagons cover 0.907


def test_granules_keep_clear_of_a_bail_a_gem_and_the_border():
    host = form("pendant", width=18.0)
    body = granulated_body(host, np.ones((300, 300), np.float32) - ring_picture(300, 0.0, 0.02), 0.7, RELIEF, CRAFT)
    inside = host.distance(300, 300)
    high = body.mesh.vertices[body.mesh.vertices[:, 2] > host.thickness + host.dome + 0.2]
    column = ((high[:, 0] / host.size[0] + 0.5) * 300).astype(int).clip(0, 299)
    row = ((0.5 - high[:, 1] / host.size[1]) * 300).astype(int).clip(0, 299)
    assert inside[row, column].min() > host.margin - 0.2
    low, loop = host.added[0].vertices.min(axis=0), host.added[0].vertices.max(axis=0)
    assert not ((high[:, :2] > low[:2]) & (high[:, :2] < loop[:2])).all(axis=1).any()


def test_nothing_to_set_on_and_granules_too_large_are_refused_in_one_sentence():
    host = form("band", width=2.5)
    strip = np.zeros((60, 1500), np.float32)
    with pytest.raises(BadInput) as error:
        granulated_body(host, strip, 0.7, RELIEF, CRAFT)
    assert error.value.field == "technique"
    strip[20:40, 100:120] = 1.0
    with pytest.raises(BadInput) as error:
        granulated_body(host, strip, 0.7, RELIEF, CraftParams(granule=3.0))
    assert error.value.field == "granule" and error.value.fix


def test_more_granules_than_may_be_set_are_said(monkeypatch):
    monkeypatch.setattr(granules, "_MOST", 30)
    host = form("band", width=4.0)
    picture = compose.draw(read("granulation rosette band"), surface_of(host, 16.0), 0)
    body = granulated_body(host, picture, 0.7, RELIEF, CRAFT)
    assert body.facts["granules"] == 30 and any("no more" in note for note in body.notes)


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_a_ball_is_closed_and_round(parts):
    points, faces = granules._sphere(parts)
    assert edges(faces, len(points)).sound and len(faces) == 20 * parts**2
    assert Mesh(points, faces).volume > 0.85 * 4.0 / 3.0 * np.pi * (1.0 if parts > 2 else 0.95)
