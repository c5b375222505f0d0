"""The worker's job ``solid`` with the fields of Make Solid."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
from mesh_shapes import band

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.units import inner_diameter
from blender_jewelgen.worker import store
from blender_jewelgen.worker.jobs import JOBS


def silent(share: float, text: str) -> None:
    return None


def torn() -> Mesh:
    ring = band(160, 16, thick=1.6)
    return Mesh(ring.vertices, np.delete(ring.faces, [3, 700], axis=0))


def test_solid_fits_a_finger_and_gives_the_numbers_before_and_after(tmp_path):
    store.write_mesh(tmp_path / "mesh.npz", torn())
    result = JOBS["solid"]({"mesh": "mesh.npz", "solid": {"finger": "US 8", "width": 5.0}}, tmp_path, silent)
    assert result["finger_mm"] == pytest.approx(inner_diameter("US 8"), abs=0.01) and result["exact"] is True
    assert (result["before"]["open_edges"], result["before"]["closed"], result["after"]["closed"], result["after"]["pieces"]) == (6, False, True, 1)
    body = store.read_mesh(tmp_path / "solid.npz")
    assert body.size[2] == pytest.approx(5.0, abs=1e-3) and result["triangles"] == len(body.faces)
    assert result["notes"][0] == "2 holes were closed" and not any("no amount of metal" in note for note in result["notes"])


@pytest.mark.parametrize(("solid", "words"), [({"finger": "US 99"}, "outside the table"), ({"fingers": "US 7"}, "unknown field"), ({"width": "wide"}, "must be a number")])
def test_solid_refuses_what_it_does_not_know(tmp_path, solid, words):
    store.write_mesh(tmp_path / "mesh.npz", torn())
    with pytest.raises(BadInput, match=words):
        JOBS["solid"]({"mesh": "mesh.npz", "solid": solid}, tmp_path, silent)
    assert not (tmp_path / "solid.npz").exists()


def test_solid_can_be_stopped_and_leaves_nothing(tmp_path):
    store.write_mesh(tmp_path / "mesh.npz", torn())

    def tell(share: float, text: str) -> None:
        if share > 0.3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        JOBS["solid"]({"mesh": "mesh.npz"}, tmp_path, tell)
    assert not (tmp_path / "solid.npz").exists()
