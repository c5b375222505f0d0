"""Gems as JewelCraft sets them: found with what hangs on them, measured in the piece's frame, and kept clear of."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import ball, object_of, picture, positions, ring

from blender_jewelgen.blender import gems, nodes_relief
from blender_jewelgen.blender.images import image_from_array
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.relief import generic, places
from blender_jewelgen.core.relief.clear import clearance
from blender_jewelgen.core.relief.params import ReliefParams


def gem_on(bpy, place, radius=1.2, unit=1.0, name="Round", flipped=False):
    """A gem as JewelCraft leaves it, a ball at ``place`` (3,) mm."""
    mesh = ball(radius, 24, 16)
    closed = Mesh(mesh.vertices, mesh.faces[:, ::-1] if flipped else mesh.faces)
    ob = object_of(bpy, cap(closed), unit, name)
    ob.location = np.asarray(place) * unit
    ob["gem"] = {"cut": "ROUND", "stone": "DIAMOND"}
    return ob


def cap(mesh):
    """The ball with its two pinholes closed."""
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    known = {tuple(e) for e in edges}
    rim = {a: b for b, a in known if (a, b) not in known}
    faces = list(mesh.faces)
    while rim:
        first = next(iter(rim))
        loop, at = [first], rim.pop(first)
        while at != first:
            loop.append(at)
            at = rim.pop(at)
        faces += [(loop[0], loop[k], loop[k + 1]) for k in range(1, len(loop) - 1)]
    return Mesh(mesh.vertices, np.array(faces, np.int32))


def names(collection):
    return sorted(o.name for o in collection.objects)


def test_gems_and_all_that_hangs_on_them_are_found_but_never_the_piece(empty):
    piece = object_of(empty, ring(60, 24), name="Ring")
    stone = gem_on(empty, (0, 0, 9))
    for name, parent in (("Prong", stone), ("Bead", "Prong")):
        part = object_of(empty, ball(0.3, 12, 8), name=name)
        part.parent = empty.data.objects[parent] if isinstance(parent, str) else parent
    object_of(empty, ball(1.0, 12, 8), name="Plain")
    stone.parent = piece
    found = gems.keep_clear_collection(empty.context.scene, piece)
    assert names(found) == ["Bead", "Prong", "Round"]
    assert found.name not in empty.context.scene.collection.children
    assert gems.keep_clear_collection(empty.context.scene, piece) == found


def test_the_collection_follows_the_scene(empty):
    piece = object_of(empty, ring(60, 24), name="Ring")
    assert gems.keep_clear_collection(empty.context.scene, piece) is None
    first = gem_on(empty, (0, 0, 9), name="First")
    gem_on(empty, (0, 9, 0), name="Second")
    found = gems.keep_clear_collection(empty.context.scene, piece)
    empty.data.objects.remove(first)
    assert names(gems.keep_clear_collection(empty.context.scene, piece)) == ["Second"]
    del empty.data.objects["Second"]["gem"]
    assert gems.keep_clear_collection(empty.context.scene, piece) is None and names(found) == []


def test_a_prong_that_follows_the_piece_is_left_out(empty):
    piece, stone = object_of(empty, ring(60, 24), name="Ring"), gem_on(empty, (0, 0, 9))
    prong = object_of(empty, ball(0.3, 12, 8), name="Prong")
    prong.parent = stone
    prong.modifiers.new("On", "SHRINKWRAP").target = piece
    assert names(gems.keep_clear_collection(empty.context.scene, piece)) == ["Round"]


@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_bodies_are_in_mm_in_the_frame_of_the_piece_wound_outward(empty, unit):
    piece = object_of(empty, ring(60, 24), unit, name="Ring")
    piece.location, piece.rotation_euler = (2.0 * unit, 0.0, 0.0), (0.0, 0.0, np.pi / 2)
    mirrored = gem_on(empty, (2.0, 5.0, 1.0), 1.0, unit)
    mirrored.scale = (-1.0, 1.0, 1.0)
    empty.context.view_layer.update()
    mesh = gems.bodies(gems.keep_clear_collection(empty.context.scene, piece), piece, unit)
    np.testing.assert_allclose((mesh.vertices.max(axis=0) + mesh.vertices.min(axis=0)) / 2, [5.0, 0.0, 1.0], atol=1e-3)
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), 2.0, atol=0.05)
    assert mesh.volume > 3.9


@pytest.mark.parametrize("flipped", [False, True], ids=["outward", "inside-out"])
@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_live_ornament_keeps_as_clear_of_gems_as_the_core(empty, unit, flipped):
    mesh, image = ring(), picture()
    relief = ReliefParams(mapping="toroidal", clear=0.4, fade=0.5)
    where = places.places_of(mesh, "toroidal")
    ob = object_of(empty, mesh, unit, name="Ring")
    mod = nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, where, unit, 0.5)
    free = positions(empty, ob, unit)
    at = mesh.vertices[np.abs(free - mesh.vertices).sum(axis=1).argmax()]
    gem_on(empty, at, 1.2, unit, "Big", flipped)
    gem_on(empty, at + (0.7, 0.3, 0.2), 0.9, unit, "Small")
    group = gems.keep_clear_collection(empty.context.scene, ob)
    nodes_relief.set(mod, "Keep Clear Of", group)
    keep = clearance(mesh.vertices, gems.bodies(group, ob, unit), relief.clear, relief.fade)
    assert (keep == 0).sum() > 100 and ((keep > 0.05) & (keep < 0.95)).sum() > 20
    wanted = generic.lifted(mesh, where.mapping("toroidal"), image, 0.5, relief.fade, relief.mid, relief.outer, keep)
    live = positions(empty, ob, unit)
    np.testing.assert_allclose(live, wanted, atol=1e-3)
    np.testing.assert_allclose(live[keep == 0], mesh.vertices[keep == 0], atol=2e-6)
    nodes_relief.set(mod, "Keep Clear Of", None)
    np.testing.assert_array_equal(positions(empty, ob, unit), free)


def test_an_open_body_has_no_inside(empty):
    mesh, image = ring(), picture()
    relief = ReliefParams(mapping="toroidal", clear=0.3, fade=0.4)
    where = places.places_of(mesh, "toroidal")
    ob = object_of(empty, mesh, name="Ring")
    mod = nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, where, 1.0, 0.5)
    side = 30.0
    roof = Mesh(np.array([[-side, -side, 20], [side, -side, 20], [side, side, 20], [-side, side, 20.5]], np.float32), np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    object_of(empty, roof, name="Roof")["gem"] = {"cut": "ROUND"}
    free = positions(empty, ob)
    nodes_relief.set(mod, "Keep Clear Of", gems.keep_clear_collection(empty.context.scene, ob))
    np.testing.assert_array_equal(positions(empty, ob), free)


def test_a_pair_keeps_clear_on_both_sides_of_its_middle(empty):
    mesh, image = ring(), picture()
    mesh = Mesh((mesh.vertices - mesh.vertices.mean(axis=0)).astype(np.float32), mesh.faces)
    relief = ReliefParams(mapping="toroidal", clear=0.3, fade=0.5)
    where = places.places_of(mesh, "toroidal")
    ob = object_of(empty, mesh, name="Ring")
    mod = nodes_relief.lay(ob, image_from_array(image[::-1], "Height"), relief, where, 1.0, 0.5, pair=True)
    at = mesh.vertices[np.abs(positions(empty, ob) - mesh.vertices).sum(axis=1).argmax()]
    gem_on(empty, at)
    group = gems.keep_clear_collection(empty.context.scene, ob)
    nodes_relief.set(mod, "Keep Clear Of", group)
    body = gems.bodies(group, ob, 1.0)
    keep = np.minimum(*(clearance(mesh.vertices * side, body, relief.clear, relief.fade) for side in ((1, 1, 1), (-1, 1, 1))))
    wanted = generic.lifted(mesh, where.mapping("toroidal"), image, 0.5, relief.fade, relief.mid, relief.outer, keep)
    np.testing.assert_allclose(positions(empty, ob), wanted, atol=1e-3)
