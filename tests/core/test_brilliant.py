"""Brilliants: closed, convex, to their proportions, as heavy as the trade's tables say."""

from __future__ import annotations

import numpy as np
import pytest

from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.arrays import face_normals
from blender_jewelgen.core.mesh.closed import edges
from blender_jewelgen.core.relief.brilliant import brilliant, girdle_line
from blender_jewelgen.core.relief.stone import CUTS, Stone


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("size", "length"), [(1.0, None), (6.5, None), (4.0, 6.0)])
def test_a_brilliant_is_closed_convex_and_as_large_as_it_says(cut, size, length):
    if cut == "round" and length:
        length = None
    gem = brilliant(Stone(cut=cut, size=size, length=length))
    mesh = gem.mesh
    assert edges(mesh.faces, len(mesh.vertices)).sound
    normals = face_normals(mesh.vertices, mesh.faces)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    reach = normals @ mesh.vertices.T - np.einsum("ij,ij->i", normals, mesh.vertices[mesh.faces[:, 0]])[:, None]
    assert reach.max() < 1e-6  # mm; no vertex lies outside any face
    np.testing.assert_allclose(mesh.size, [*gem.size, gem.crown + gem.girdle + gem.pavilion], atol=1e-6)
    assert mesh.vertices[:, 2].min() == pytest.approx(-gem.depth)


def test_a_round_brilliant_has_the_proportions_of_its_table():
    row, gem = table("stones")["cuts"]["round"], brilliant(Stone(size=10.0))
    assert gem.crown == pytest.approx(5.0 * (1.0 - row["table"]) * np.tan(np.deg2rad(row["crown"])))
    assert gem.pavilion == pytest.approx(5.0 * np.tan(np.deg2rad(41.0)))
    top = gem.mesh.vertices[gem.mesh.vertices[:, 2] > gem.crown - 1e-6]
    assert len(top) == 8
    np.testing.assert_allclose(np.hypot(top[:, 0], top[:, 1]), 5.0 * row["table"])


@pytest.mark.parametrize(
    ("cut", "size", "length", "carat"),
    [("round", 3.0, None, 0.10), ("round", 4.1, None, 0.25), ("round", 5.2, None, 0.50), ("round", 6.5, None, 1.00), ("round", 8.2, None, 2.00), ("square", 5.5, None, 1.00)],
)
def test_stones_weigh_what_the_trades_tables_say(cut, size, length, carat):
    assert brilliant(Stone(cut=cut, size=size, length=length)).carat == pytest.approx(carat, rel=0.06)


def test_an_oval_weighs_as_the_round_of_its_width_drawn_out():
    assert brilliant(Stone(cut="oval", size=4.0, length=6.0)).carat == pytest.approx(1.5 * brilliant(Stone(size=4.0)).carat, rel=1e-6)


@pytest.mark.parametrize("cut", CUTS)
def test_no_place_of_a_pavilion_lies_below_its_bearing(cut):
    gem = brilliant(Stone(cut=cut, size=4.0))
    rings = np.array(gem.seat(0.45))
    points = gem.mesh.vertices[gem.mesh.faces].reshape(-1, 3)
    share = np.random.default_rng(0).dirichlet([1, 1, 1], len(gem.mesh.faces) * 3)
    inside = np.einsum("nk,nkd->nd", share, np.repeat(gem.mesh.vertices[gem.mesh.faces], 3, axis=0))
    points = np.concatenate([points, inside])
    line = girdle_line(Stone(cut=cut, size=4.0), 720) / (np.array(gem.size) / 2.0)
    at = points[:, :2] / (np.array(gem.size) / 2.0)
    turn = np.arctan2(at[:, 1], at[:, 0])
    rim = np.interp(turn, *_sorted(np.arctan2(line[:, 1], line[:, 0]), np.hypot(line[:, 0], line[:, 1])), period=2 * np.pi)
    broad = np.hypot(at[:, 0], at[:, 1]) / rim
    below = (points[:, 2] < -gem.girdle - 1e-9) & (broad > 0.45)
    floor = np.interp(broad[below], rings[::-1, 1], rings[::-1, 0])
    assert (points[below, 2] >= floor - 2e-3).all()  # mm; a chord of the girdle's 96 sides


def _sorted(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(x)
    return x[order], y[order]
