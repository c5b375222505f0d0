"""The rows of bench on bodies: the torn ring is torn, and rivals that are missing or stumble are named as such."""

from __future__ import annotations

import pytest

from blender_jewelgen.cli import bench_bodies
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.quality import measured


@pytest.fixture(scope="module")
def torn() -> Mesh:
    return bench_bodies._torn()


def test_the_ring_is_200_000_triangles_of_25_mm_and_what_is_mended_has_lost_some(torn):
    whole, found = bench_bodies._ring(), measured(torn, wall=False)
    assert len(whole.faces) == 200_000
    assert whole.size.max() == pytest.approx(24.7, abs=0.3)
    assert measured(whole, wall=False).closed
    assert (found.pieces, found.closed) == (41, False)
    assert found.open_edges > 500


def test_a_rival_that_is_not_there_or_stumbles_is_named_as_such(torn):
    def needs(mesh: Mesh) -> Mesh:
        raise ModuleNotFoundError("no parts", name="parts")

    def stumbles(mesh: Mesh) -> Mesh:
        raise ValueError

    assert bench_bodies._rival("Rival", "no_such_module_at_all", lambda mesh: mesh, torn, torn) == ("Rival: not installed", None)
    assert bench_bodies._rival("Rival", "json", needs, torn, torn) == ("Rival: needs parts", None)
    assert bench_bodies._rival("Rival", "json", stumbles, torn, torn) == ("Rival: failed (ValueError)", None)


def test_a_rival_that_leaves_the_mesh_as_it_is_is_said_to_leave_it_open(torn):
    said, taken = bench_bodies._rival("Rival", "json", lambda mesh: mesh, torn, bench_bodies._ring())
    assert taken is not None
    assert said.endswith("41 pieces, open, crosses itself")


def test_bench_knows_the_rows():
    from blender_jewelgen.cli.bench import _ROWS

    assert set(bench_bodies.ROWS) <= set(_ROWS)
