"""What the live relief knows of a body is what the mapping of the made piece knows."""

from __future__ import annotations

import numpy as np
import pytest
from mesh_shapes import ball, band, box, torus

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.form.turned import turned
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.relief import mapping
from blender_jewelgen.core.relief.generic import refine
from blender_jewelgen.core.relief.places import KINDS, Places, places_of, places_of_host

BODIES = {"ring": band(160, 24), "torus": torus(60, 24), "ball": ball(6.0, 30, 44), "sheet": box(20.0, 12.0, 1.5), "block": box(9.0, 8.0, 7.0)}
ARRAYS = ("frame", "centre", "outline")


def same(found: mapping.Mapping, wanted: mapping.Mapping) -> None:
    assert (found.kind, found.reason, found.wrap) == (wanted.kind, wanted.reason, wanted.wrap)
    assert found.size == pytest.approx(wanted.size) and found.radius == pytest.approx(wanted.radius)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    assert (found.section is None) == (wanted.section is None)
    if wanted.section is not None:
        np.testing.assert_array_equal(found.section.table, wanted.section.table)
        assert (found.section.corner, found.section.step) == (wanted.section.corner, wanted.section.step)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("kind", ["auto", *KINDS])
def test_every_mapping_of_the_places_is_the_one_made_for_the_mesh(name, kind):
    fine = refine(BODIES[name], 0.4)
    places = places_of(fine, repeat=5.0)
    if kind == places.chosen:
        kind = "auto"
    same(places.mapping(kind), mapping.of_mesh(fine, kind, repeat=5.0))


def test_places_survive_being_packed_into_arrays(tmp_path):
    fine = refine(BODIES["ring"], 0.5)
    places = places_of(fine, "cylindrical")
    np.savez(tmp_path / "places.npz", **places.packed())
    with np.load(tmp_path / "places.npz", allow_pickle=False) as values:
        again = Places.unpacked(values)
    assert (again.sizes, again.chosen, again.reason, again.turn) == (places.sizes, places.chosen, places.reason, places.turn)
    for kind in ("auto", *KINDS):
        same(again.mapping(kind), places.mapping(kind))


def test_a_kind_that_does_not_suit_is_absent_and_refused():
    sheet = refine(box(20.0, 12.0, 1.5), 0.5)
    flat = Mesh(sheet.vertices * (1.0, 1.0, 1e-9), sheet.faces)
    places = places_of(flat, "planar")
    assert "planar" in places.sizes and places.chosen == "planar"
    assert "uv" not in places.sizes
    with pytest.raises(BadInput, match="does not suit this body"):
        places.mapping("uv")
    with pytest.raises(BadInput, match="texture coordinates"):
        places_of(sheet, "uv")


def test_places_know_how_long_a_unit_of_texture_is():
    sheet = refine(box(20.0, 10.0, 2.0), 0.5)
    textured = Mesh(sheet.vertices, sheet.faces, uv=(sheet.vertices[:, :2] / 10.0)[sheet.faces])
    places = places_of(textured, "uv")
    assert places.uv_scale == pytest.approx(10.0, rel=0.01)  # mm
    assert places.sizes["uv"] == (places.uv_scale, places.uv_scale)
    assert places_of(sheet, "uv", 4.0, textured).sizes["uv"] == (4.0, 4.0)


@pytest.mark.parametrize("shape", ["flat", "d", "court", "knife"])
@pytest.mark.parametrize("kind", ["auto", *KINDS])
def test_places_of_our_own_rings_are_those_of_their_profile(shape, kind):
    host = turned(complete(FormParams(form="band", shape=shape)))
    places = places_of_host(host)
    found, wanted = places.mapping(kind), mapping.of_host(host, kind)
    assert found.size == wanted.size and found.kind == wanted.kind
    ring = band(96, 12)
    normals = vertex_normals(ring.vertices, ring.faces)
    dots = np.random.default_rng(1).random((30, 90), np.float32)
    points = ring.vertices.astype(np.float32)
    np.testing.assert_array_equal(mapping.tall(found, dots, points, normals, 0.2), mapping.tall(wanted, dots, points, normals, 0.2))
