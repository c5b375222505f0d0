"""Marching squares whose result closes by construction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.mesh.contour import area, between


def solid(field: np.ndarray, periodic: bool) -> Mesh:
    region = area(field, periodic)
    x, y = region.points.T
    if periodic:  # bent round an axis, or the last cell would cross the piece
        turn = x / field.shape[1] * 2 * np.pi
        low, high = (np.stack([r * np.cos(turn), r * np.sin(turn), y], 1) for r in (9.0, 10.0))
    else:
        low, high = np.stack([x, y, np.zeros_like(x)], 1), np.stack([x, y, np.ones_like(x)], 1)
    vertices, faces = between(low, high, region)
    return Mesh(vertices, faces)


@given(st.integers(0, 2**31), st.booleans(), st.sampled_from(["noise", "levels", "zeros", "binary"]), st.integers(4, 24), st.integers(4, 24))
@settings(max_examples=200, deadline=None)
def test_any_field_gives_a_closed_outward_body(seed, periodic, kind, rows, columns):
    rng = np.random.default_rng(seed)
    field = rng.standard_normal((rows, columns))
    if kind == "levels":
        field = np.round(field * 2) / 2
    elif kind == "zeros":
        field[rng.random(field.shape) < 0.3] = 0.0
    elif kind == "binary":
        field = np.where(field > 0, 1.0, -1.0)
    mesh = solid(field, periodic)
    if len(mesh.faces):
        assert edges(mesh.faces, len(mesh.vertices)).closed
        if not periodic:
            assert mesh.volume > 0


def test_a_disc_has_its_area():
    x = np.arange(200) - 99.5
    mesh = solid(80.0 - np.hypot(x[None, :], x[:, None]), False)
    assert mesh.volume == pytest.approx(np.pi * 80.0**2, rel=1e-3)


def test_the_border_runs_with_the_region_on_its_left():
    x = np.arange(40) - 19.5
    region = area(15.0 - np.hypot(x[None, :], x[:, None]))
    a, b = region.points[region.rim[:, 0]], region.points[region.rim[:, 1]]
    assert 0.5 * np.sum(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) == pytest.approx(np.pi * 15.0**2, rel=5e-3)


def test_an_empty_field_gives_nothing():
    region = area(np.full((5, 5), -1.0))
    assert len(region.points) == len(region.faces) == len(region.rim) == 0
