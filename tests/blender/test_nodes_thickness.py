"""The heat map of thickness: closed forms, the numpy core's walls, and nothing left behind."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import object_of, sheet_of, values

from blender_jewelgen.blender import nodes_thickness as heat
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.thickness import wall


def plate(thick, unit_side=8.0, n=9):
    """A flat box with n vertices along each side of its upper and lower face."""
    import manifold3d

    from blender_jewelgen.core.mesh.solids import from_solid

    return from_solid(manifold3d.Manifold.cube([unit_side, unit_side, thick], True).refine(n))


def tube(ring=9.0, thick=1.1, n=256, m=64):
    a, b = np.meshgrid(np.arange(n) / n * 2 * np.pi, np.arange(m) / m * 2 * np.pi, indexing="ij")
    far = ring + thick * np.cos(b)
    return sheet_of(np.stack([far * np.cos(a), far * np.sin(a), thick * np.sin(b)], -1))


@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_a_plate_is_as_thick_as_it_was_made(empty, unit):
    mesh = plate(0.9)
    ob = object_of(empty, mesh, unit)
    heat.show_thickness(ob, 0.8, unit)
    inside = (np.abs(mesh.vertices[:, :2]) < 3.5).all(axis=1)
    got = values(empty, ob, heat.VALUE)
    assert inside.sum() > 50
    np.testing.assert_allclose(got[inside], 0.9, atol=1e-4)
    corners = (np.abs(mesh.vertices) > np.array([3.99, 3.99, 0.44])).all(axis=1)
    assert corners.sum() == 8 and (got[corners] == heat.UNKNOWN).all()  # a corner looks at no wall


def test_a_tube_is_as_thick_as_its_diameter_and_as_the_core_says(empty):
    mesh = tube()
    ob = object_of(empty, mesh)
    heat.show_thickness(ob, 0.8, 1.0)
    got = values(empty, ob, heat.VALUE)
    np.testing.assert_allclose(got, 2.2, rtol=3e-3)
    walls = wall(mesh, 4000)
    assert abs(np.median(got) - np.median(walls.thickness)) < 0.01
    assert abs(got.min() - walls.minimum) < 0.03


@pytest.mark.parametrize("limit, color", [(1.0, heat.RED), (0.8, heat.ORANGE), (0.225, heat.BLUE)])
def test_colours_mean_what_the_legend_says(empty, limit, color):
    mesh = plate(0.9)
    ob = object_of(empty, mesh)
    heat.show_thickness(ob, limit, 1.0)
    inside = (np.abs(mesh.vertices[:, :2]) < 3.5).all(axis=1)
    np.testing.assert_allclose(values(empty, ob, heat.COLOR)[inside], np.broadcast_to(color, (inside.sum(), 4)), atol=2e-3)


def test_a_place_that_could_not_be_measured_is_grey(empty):
    flat = Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32), np.array([[0, 1, 2]], np.int32))
    ob = object_of(empty, flat)
    heat.show_thickness(ob, 0.8, 1.0)
    assert (values(empty, ob, heat.VALUE) == heat.UNKNOWN).all()
    np.testing.assert_allclose(values(empty, ob, heat.COLOR), np.broadcast_to(heat.GREY, (3, 4)), atol=1e-6)


def test_it_is_shown_once_measures_what_other_modifiers_leave_and_goes_without_a_trace(empty):
    ob = object_of(empty, plate(0.9))
    ob.data.color_attributes.new("Theirs", "FLOAT_COLOR", "POINT")
    ob.data.attributes.active_color_name = "Theirs"
    names = sorted(a.name for a in ob.data.attributes)
    taper = ob.modifiers.new("Half", "SIMPLE_DEFORM")
    taper.deform_method, taper.factor = "TAPER", 0.0
    heat.show_thickness(ob, 0.8, 1.0)
    again = heat.show_thickness(ob, 1.2, 1.0)
    assert [m.name for m in ob.modifiers] == ["Half", again.name] and heat.modifier_of(ob) == again
    assert ob.data.attributes.active_color_name == heat.COLOR and not again.show_render
    heat.hide_thickness(ob)
    assert [m.name for m in ob.modifiers] == ["Half"] and ob.data.attributes.active_color_name == "Theirs"
    assert sorted(a.name for a in ob.data.attributes) == names
    heat.hide_thickness(ob)  # nothing to hide is no error
