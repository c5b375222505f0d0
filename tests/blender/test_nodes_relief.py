"""The live relief is the numpy core's relief: same vertices within a micrometre, for every mapping and setting."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import add, ball, disc, evaluated, object_of, picture, positions, ring, rod, values

from blender_jewelgen.blender import nodes_relief
from blender_jewelgen.blender.images import image_from_array
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief import bare, generic, mapping, places
from blender_jewelgen.core.relief.lift import tiled
from blender_jewelgen.core.relief.params import ReliefParams

MICROMETRE = 1e-3  # mm
BODIES = {"toroidal": ring, "cylindrical": rod, "spherical": ball, "planar": disc, "triplanar": ring}


@cache
def body(kind):
    """The body of a mapping and its places; looked at once, for that takes longer than any test."""
    mesh = BODIES[kind]()
    return mesh, places.places_of(mesh, kind)


def laid(bpy, mesh, image, relief, depth, where, unit=1.0):
    """An object under the live relief, and its modifier."""
    ob = object_of(bpy, mesh, unit)
    return ob, nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, where, unit, depth)


def core(mesh, image, relief, depth, where, keep=None):
    """(n, 3) mm: what the core makes of the same; ``where`` is a mapping, or places and the one that ``relief`` names."""
    where = where.mapping(relief.mapping) if isinstance(where, places.Places) else where
    return generic.lifted(mesh, where, tiled(image, relief), depth, relief.fade, relief.mid, relief.outer, keep)


def agree(live, wanted, rest, least=0.05):
    """Within a micrometre everywhere, and something moved at all."""
    assert np.abs(wanted - rest).max() > least
    np.testing.assert_allclose(live, wanted, rtol=0, atol=MICROMETRE)


@pytest.mark.parametrize("unit", [1.0, 0.001])
@pytest.mark.parametrize("kind", BODIES)
def test_every_mapping_moves_each_vertex_where_the_core_does(empty, kind, unit):
    (mesh, where), image, relief = body(kind), picture(), ReliefParams(mapping=kind, fade=0.4)
    ob, _ = laid(empty, mesh, image, relief, 0.6, where, unit)
    agree(positions(empty, ob, unit), core(mesh, image, relief, 0.6, where), mesh.vertices)


@pytest.mark.parametrize("kind", BODIES)
def test_every_setting_means_what_it_means_in_the_core(empty, kind):
    (mesh, where), image = body(kind), picture()
    relief = ReliefParams(mapping=kind, fade=0.8, mid=0.4, around=3, across=2, outer=False)
    ob, _ = laid(empty, mesh, image, relief, -0.5, where)
    agree(positions(empty, ob), core(mesh, image, relief, -0.5, where), mesh.vertices)


@pytest.mark.parametrize("kind", ["toroidal", "planar"])
def test_without_a_fade_the_border_is_a_step_in_both(empty, kind):
    (mesh, where), image, relief = body(kind), picture(), ReliefParams(mapping=kind, fade=0.0)
    ob, _ = laid(empty, mesh, image, relief, 0.3, where)
    agree(positions(empty, ob), core(mesh, image, relief, 0.3, where), mesh.vertices)


def test_a_picture_whose_edges_do_not_meet_goes_on_as_its_mirror_image(empty):
    mesh, image, relief = ring(), picture(edges_meet=False), ReliefParams(mapping="triplanar", repeat=4.0)
    where = places.places_of(mesh, "triplanar", 4.0)
    ob, mod = laid(empty, mesh, image, relief, 0.5, where)
    assert nodes_relief.get(mod, "Mirrored") is True
    agree(positions(empty, ob), core(mesh, image, relief, 0.5, where), mesh.vertices)


def test_a_planar_mapping_without_an_outline_ends_at_its_box(empty):
    (mesh, found), image, relief = body("planar"), picture(), ReliefParams(mapping="planar", fade=0.5)
    where = replace(found, outline=None)
    ob, _ = laid(empty, mesh, image, relief, 0.5, where)
    agree(positions(empty, ob), core(mesh, image, relief, 0.5, where), mesh.vertices)


@pytest.mark.parametrize("repeat", [None, 5.0])
def test_texture_coordinates_with_a_seam_give_the_mean_of_both_places(empty, repeat):
    mesh, image = rod(), picture()
    mesh = Mesh(mesh.vertices, mesh.faces[np.random.default_rng(0).permutation(len(mesh.faces))])
    corners = mesh.faces.ravel()
    place = mesh.vertices[corners].astype(np.float64)
    u = np.arctan2(place[:, 1], place[:, 0]) / (2 * np.pi)
    u = u.reshape(-1, 3)
    u[(np.ptp(u, axis=1) > 0.5)[:, None] & (u < 0)] += 1.0
    uv = np.stack([u.ravel() + 0.013, place[:, 2] / 40.0 + 0.517], axis=1).astype(np.float32)
    textured = Mesh(mesh.vertices, mesh.faces, uv=uv.reshape(-1, 3, 2))
    relief = ReliefParams(mapping="uv", repeat=repeat)
    found = places.places_of(textured, "uv", repeat)
    ob = object_of(empty, mesh)
    ob.data.uv_layers.new(name="Chart").uv.foreach_set("vector", uv.ravel())
    nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, found, 1.0, 0.5)
    distinct = np.unique(np.column_stack([corners, uv]), axis=0)
    assert len(mesh.vertices) < len(distinct) < len(mesh.vertices) + 400
    chart = mapping.Mapping(
        "uv", "", found.frame, found.centre, found.sizes["uv"], uv=distinct[:, 1:] * found.uv_scale, owner=distinct[:, 0].astype(np.int64)
    )
    wanted = core(mesh, image, relief, 0.5, chart)
    agree(positions(empty, ob), wanted, mesh.vertices)


@pytest.mark.parametrize(
    "form, depth", [("band", 0.5), ("cuff", -0.3), ("pendant", 0.4), ("signet", 0.3), ("earrings", -0.3)], ids=lambda v: str(v)
)
@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_our_own_forms_move_as_their_numpy_twin(empty, form, depth, unit):
    host = form_host(complete(FormParams(form=form)))
    body = bare.bare_piece(host, 0.25)
    image, relief = picture(200, 640), ReliefParams(mid=0.2, fade=0.3, around=2, across=1)
    ob = own(empty, body, unit)
    nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, None, unit, depth, wrap=body.wrap)
    agree(positions(empty, ob, unit), bare.moved(body, image, depth, relief), body.mesh.vertices)


@pytest.mark.parametrize("kind", ["cylindrical", "triplanar"])
def test_our_own_forms_take_another_mapping_too(empty, kind):
    host = form_host(complete(FormParams(form="band")))
    body = bare.bare_piece(host, 0.25)
    image, relief = picture(), ReliefParams(fade=0.3, mapping=kind)
    ob = own(empty, body)
    nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, places.places_of_host(host, kind), 1.0, 0.5, wrap=body.wrap)
    agree(positions(empty, ob), bare.moved(body, image, 0.5, relief, where=mapping.of_host(host, kind)), body.mesh.vertices)


def own(bpy, body, unit=1.0):
    ob = object_of(bpy, body.mesh, unit)
    add(ob, "jewelgen_uv", "FLOAT2", body.uv)
    add(ob, "jewelgen_lift", "FLOAT_VECTOR", body.lift)
    add(ob, "jewelgen_rim", "FLOAT", body.rim)
    return ob


def test_a_vertex_group_masks_the_depth(empty):
    (mesh, where), image, relief = body("toroidal"), picture(), ReliefParams(mapping="toroidal")
    share = (np.arange(len(mesh.vertices)) % 5 / 4.0).astype(np.float32)
    ob, mod = laid(empty, mesh, image, relief, 0.5, where)
    group = ob.vertex_groups.new(name="Here")
    for level in range(5):
        group.add([int(i) for i in np.flatnonzero(np.arange(len(share)) % 5 == level)], level / 4.0, "REPLACE")
    nodes_relief.set(mod, "Mask", "Here")
    assert nodes_relief.get(mod, "Mask") == "Here"
    agree(positions(empty, ob), core(Mesh(mesh.vertices, mesh.faces, mask=share), image, relief, 0.5, where), mesh.vertices)
    nodes_relief.set(mod, "Mask", 1.0)
    agree(positions(empty, ob), core(mesh, image, relief, 0.5, where), mesh.vertices)


def test_density_cuts_faces_and_the_relief_is_laid_on_the_finer_mesh(empty):
    mesh, image, relief = ring(60, 24), picture(), ReliefParams(mapping="toroidal")
    where = places.places_of(mesh, "toroidal")
    ob, mod = laid(empty, mesh, image, relief, 0.0, where)
    nodes_relief.set_all(mod, {"Density": 2, "Depth": 0.02, "Mid Level": 0.0})
    data = evaluated(empty, ob)
    assert len(data.polygons) == len(mesh.faces) * 3 * 4  # a triangle becomes three quads, a quad four
    assert len(ob.data.polygons) == len(mesh.faces)


def test_shade_only_leaves_every_vertex_and_keeps_the_seam_whole_for_the_shader(empty):
    (mesh, where), image, relief = body("toroidal"), picture(), ReliefParams(mapping="toroidal", around=2)
    ob, mod = laid(empty, mesh, image, relief, 0.5, where)
    moved_height = values(empty, ob, "jewelgen_height")
    nodes_relief.set_all(mod, {"Shade Only": True, "Density": 1})
    assert np.array_equal(positions(empty, ob).astype(np.float32), mesh.vertices)
    assert np.allclose(values(empty, ob, "jewelgen_height"), moved_height, atol=1e-6)
    place = values(empty, ob, "jewelgen_place").reshape(-1, 3, 2)  # the corners of each triangle
    assert np.ptp(place[..., 0], axis=1).max() < 0.05  # of one part; the whole round is 2 parts
    assert 1.9 < np.ptp(place[..., 0]) < 2.1


@pytest.mark.parametrize("depth", [0.5, -0.5])
def test_the_stored_height_is_the_relief_that_the_core_reports(empty, depth):
    (mesh, where), image, relief = body("toroidal"), picture(), ReliefParams(mapping="toroidal", mid=0.25)
    ob, _ = laid(empty, mesh, image, relief, depth, where)
    tall = mapping.tall(where.mapping("toroidal"), image, mesh.vertices, vertex_normals(mesh.vertices, mesh.faces), relief.fade, True, relief.mid)
    level = tall + relief.mid
    np.testing.assert_allclose(values(empty, ob, "jewelgen_height"), np.clip(level if depth > 0 else 1 - level, 0, 1), atol=1e-4)
