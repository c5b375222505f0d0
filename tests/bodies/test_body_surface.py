"""The surface of a field: closed, of the right volume, sparingly asked for; and flat where the box cuts it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from blender_jewelgen.core.errors import Cancelled
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.quality import measured
from blender_jewelgen.engines.bodies.surface import COARSE, NotFinite, surface

LOW, HIGH = (-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)


def quiet(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0


def ball(points: np.ndarray, radius: float = 0.6, middle: tuple[float, float, float] = (0.1, -0.2, 0.05)) -> np.ndarray:
    return radius - np.linalg.norm(points - np.array(middle, np.float32), axis=1)


def torus(points: np.ndarray) -> np.ndarray:
    """A thin band round z: radius 0.6, 0.06 thick."""
    return 0.06 - np.hypot(np.hypot(points[:, 0], points[:, 1]) - 0.6, points[:, 2])


def wild(seed: int):
    rng = np.random.default_rng(seed)
    waves, sizes, starts = rng.normal(size=(12, 3)) * 4.0, rng.normal(size=12), rng.random(12) * 6.0
    return lambda points: np.sin(points @ waves.T + starts) @ sizes


@pytest.fixture(params=["scikit-image", "tetrahedra"])
def way(request, monkeypatch):
    if request.param == "tetrahedra":
        monkeypatch.setitem(sys.modules, "skimage.measure", None)
    else:
        pytest.importorskip("skimage")


@pytest.mark.parametrize("grid", [48, 200])
def test_a_ball_has_its_place_and_volume(way, grid):
    mesh = surface(ball, LOW, HIGH, grid, quiet)
    assert edges(mesh.faces, len(mesh.vertices)).sound
    assert mesh.volume == pytest.approx(4.0 / 3.0 * np.pi * 0.6**3, rel=2.0 / grid**1.3)
    np.testing.assert_allclose((mesh.vertices.min(0) + mesh.vertices.max(0)) / 2.0, [0.1, -0.2, 0.05], atol=0.2 / grid)


def test_a_band_keeps_its_hole_and_its_axis(way):
    mesh = surface(torus, LOW, HIGH, 192, quiet)
    report = edges(mesh.faces, len(mesh.vertices))
    assert report.sound and len(mesh.vertices) - report.edges + len(mesh.faces) == 0  # of genus 1
    np.testing.assert_allclose(mesh.size, [1.32, 1.32, 0.12], atol=0.01)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("grid", [33, 64])
def test_any_field_gives_a_closed_surface_wound_outward(way, seed, grid):
    mesh = surface(wild(seed), LOW, HIGH, grid, quiet)
    assert edges(mesh.faces, len(mesh.vertices)).sound and mesh.volume > 0.0
    assert (mesh.vertices >= -1.001 - 0.01).all() and (mesh.vertices <= 1.001 + 0.01).all()


def test_what_the_box_cuts_lies_flat_on_its_walls():
    mesh = surface(lambda points: ball(points, 0.6, (0.8, 0.0, 0.0)), LOW, HIGH, 64, quiet)
    found = measured(mesh, wall=False, box=(np.array(LOW), np.array(HIGH)))
    disc = np.pi * (0.6**2 - 0.2**2)
    assert found.planes[1] == pytest.approx(disc / mesh.area, rel=0.03) and found.box_planes == found.planes[1]


def test_a_fine_surface_is_asked_for_where_it_runs():
    asked = []

    def counted(points):
        asked.append(len(points))
        return ball(points)

    fine = surface(counted, LOW, HIGH, 384, quiet)
    whole = surface(ball, LOW, HIGH, 190, quiet)
    assert sum(asked) < 0.08 * 385**3 and max(asked) <= 1 << 16
    assert abs(fine.volume - 4.0 / 3.0 * np.pi * 0.6**3) < abs(whole.volume - 4.0 / 3.0 * np.pi * 0.6**3)


def test_a_fine_surface_is_that_of_the_whole_lattice(monkeypatch):
    from blender_jewelgen.engines.bodies import surface as module

    sparing = surface(wild(1), LOW, HIGH, 192, quiet)
    monkeypatch.setattr(module, "COARSE", 1000)
    whole = surface(wild(1), LOW, HIGH, 192, quiet)
    assert COARSE < 192 / 1.9 and len(sparing.faces) == pytest.approx(len(whole.faces), rel=0.002)
    assert sparing.volume == pytest.approx(whole.volume, rel=1e-4)


@pytest.mark.parametrize("value", [-1.0, 0.0])
def test_a_field_without_inside_has_no_faces(value):
    assert len(surface(lambda points: np.full(len(points), value), LOW, HIGH, 40, quiet).faces) == 0


def test_a_field_without_outside_is_the_box(way):
    mesh = surface(lambda points: np.ones(len(points)), LOW, HIGH, 24, quiet)
    assert mesh.volume == pytest.approx(8.0, rel=1e-2) and bodies(mesh.faces, len(mesh.vertices))[0] == 1


def test_a_box_of_unequal_sides_keeps_lengths(way):
    mesh = surface(lambda points: 1.0 - np.linalg.norm(points / [0.5, 1.0, 2.0], axis=1), (-0.6, -1.2, -2.4), (0.6, 1.2, 2.4), 80, quiet)
    np.testing.assert_allclose(mesh.size, [1.0, 2.0, 4.0], rtol=0.02)


def test_numbers_that_are_none_are_told():
    with pytest.raises(NotFinite):
        surface(lambda points: np.where(points[:, 0] > 0.9, np.nan, 1.0), LOW, HIGH, 32, quiet)


def test_cancel_arrives_between_two_questions():
    asked = []

    def cancel(share, text):
        if share > 0.3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        surface(lambda points: asked.append(len(points)) or ball(points), LOW, HIGH, 256, cancel)
    assert 0 < sum(asked) < 1.5e6
