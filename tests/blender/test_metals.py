"""Metals on pieces: one material each, right in solid view, dark in the recesses of a live relief, the relief in the shader."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import object_of, picture, ring

from blender_jewelgen.blender import convert, materials, nodes_relief, operators_metal, shade
from blender_jewelgen.blender.images import image_from_array
from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.relief.params import ReliefParams
from blender_jewelgen.core.relief.places import places_of

FINISHES = tuple(table("looks")["finishes"])


@pytest.fixture
def piece(addon):
    """A ring, selected and active, in a scene whose unit is a millimetre."""
    addon.context.scene.unit_settings.scale_length = 0.001
    return selected(addon, object_of(addon, ring(60, 24)))


def selected(bpy, ob):
    bpy.context.view_layer.objects.active = ob
    ob.select_set(True)
    return ob


def test_every_metal_with_every_finish_is_a_material_of_its_own(addon, piece):
    names = set()
    for key in table("alloys")["alloys"]:
        for finish in FINISHES:
            assert addon.ops.jewelgen.metal(key=key, finish=finish) == {"FINISHED"}
            assert operators_metal.metal_of(piece) == (key, finish)
            names.add(piece.active_material.name)
    assert len(names) == len(table("alloys")["alloys"]) * len(FINISHES)
    assert not any(name[-4:-3] == "." for name in names)  # "Gold.001" would be a double


def test_the_same_metal_is_one_material_however_often_it_is_given(addon, piece):
    other = selected(addon, object_of(addon, ring(60, 24), name="Other"))
    for _ in range(3):
        addon.ops.jewelgen.metal(key="silver-925", finish="brushed")
        addon.ops.jewelgen.metal(key="bronze", finish="satin")
    assert piece.active_material == other.active_material
    assert [slot.material.name for slot in piece.material_slots] == ["Bronze, Satin"]
    assert sorted(m.name for m in addon.data.materials) == ["Bronze, Satin", "Sterling Silver, Brushed"]


def test_solid_view_shows_the_metal(addon, piece):
    addon.ops.jewelgen.metal(key="copper", finish="satin")
    found = piece.active_material
    np.testing.assert_allclose(found.diffuse_color[:3], table("looks")["metals"]["copper"]["color"], atol=1e-6)
    assert found.metallic == 1.0 and found.roughness > table("looks")["finishes"]["satin"]["roughness"]


def test_without_a_mesh_the_operator_says_why_not(addon):
    assert not addon.ops.jewelgen.metal.poll()
    with pytest.raises(RuntimeError, match="Select a mesh object"):
        addon.ops.jewelgen.metal()


def test_marks_of_the_brush_have_the_same_size_in_every_scene(addon):
    places = []
    for unit in (1.0, 0.001):
        tree = materials.live_metal("silver-925", "hammered", unit=unit).node_tree
        bump = next(node for node in tree.nodes if node.type == "BUMP")
        divided = [node.inputs[1].default_value[0] for node in tree.nodes if node.type == "VECT_MATH"]
        places.append((bump.inputs["Distance"].default_value / unit, divided[0] if divided else 1.0))
    assert places[0][0] == pytest.approx(places[1][0])
    assert [p[1] for p in places] == pytest.approx([1.0, 0.001])


def baked(bpy, ob, width=96):
    """(width, width) brightness of an orthographic look at an object from above, lit from everywhere."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 20.0
    camera.location = (0.0, 0.0, 50.0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    world = bpy.data.worlds.new("White")
    tree = materials.Nodes(materials.tree_of(world))
    tree.add("ShaderNodeOutputWorld", Surface=tree.add("ShaderNodeBackground", Color=(1.0, 1.0, 1.0, 1.0), Strength=1.0))
    scene.world = world
    scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", 8
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x = scene.render.resolution_y = width
    scene.render.resolution_percentage = 100
    path = f"{bpy.app.tempdir}look.png"
    bpy.ops.render.render()
    bpy.data.images["Render Result"].save_render(path)
    image = bpy.data.images.load(path)
    pixels = np.empty(width * width * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(width, width, 4)[..., 0]


def plate(bpy, step):
    """A flat grid of 20 mm; its left half has ornament, high for y > 0 and low for y < 0, as the live relief would store it."""
    n = 81
    x, y = np.meshgrid(np.linspace(-10, 10, n), np.linspace(-10, 10, n), indexing="ij")
    grid = np.arange(n * n).reshape(n, n)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    ob = object_of(bpy, Mesh(np.stack([x, y, 0 * x], -1).reshape(-1, 3).astype(np.float32), faces.astype(np.int32)))
    if step:
        convert.add_values(ob.data, "jewelgen_weight", (x < 0).ravel())
        convert.add_values(ob.data, "jewelgen_height", ((y > 0) * 1.0).ravel())
    return ob


def test_patina_lies_in_the_recess_of_the_live_relief_and_nowhere_else(addon):
    addon.context.scene.unit_settings.scale_length = 0.001
    ob = selected(addon, plate(addon, True))
    addon.ops.jewelgen.metal(key="silver-925", finish="oxidised")
    look = baked(addon, ob)
    low, high, plain = look[8:40, 8:40], look[56:88, 8:40], look[:, 56:88]  # row 0 is the lower edge
    assert low.max() < 0.4 < 0.75 < min(high.min(), plain.min())


def test_a_mesh_without_relief_has_no_recess(addon):
    addon.context.scene.unit_settings.scale_length = 0.001
    ob = selected(addon, plate(addon, False))
    addon.ops.jewelgen.metal(key="silver-925", finish="oxidised")
    assert baked(addon, ob).min() > 0.75


def test_the_live_relief_stores_what_the_metal_reads(addon, piece):
    mesh = ring(60, 24)
    image = image_from_array(picture()[::-1], "Height")
    relief = ReliefParams(mapping="toroidal", fade=0.4)
    nodes_relief.lay(piece, image, relief, places_of(mesh, "toroidal"), 1.0, 0.5)
    data = piece.evaluated_get(addon.context.evaluated_depsgraph_get()).data
    tree = materials.live_metal("silver-925", "oxidised").node_tree
    wanted = {node.attribute_name for node in tree.nodes if node.type == "ATTRIBUTE"} - {"recess"}
    assert wanted == {"jewelgen_height", "jewelgen_weight"} and wanted <= set(data.attributes.keys())
    weight = convert.read_values(data, "jewelgen_weight")
    assert weight.min() == 0.0 and weight.max() == pytest.approx(1.0)
    still = np.linalg.norm(convert.mesh_from_blender(data).vertices - mesh.vertices, axis=1) < 1e-5
    assert still[weight == 0.0].all() and not still[weight > 0.5].all()


def test_relief_in_the_shader_tilts_the_light_and_goes_away_again(addon, piece):
    other = selected(addon, object_of(addon, ring(60, 24), name="Other"))
    addon.ops.jewelgen.metal(key="silver-925", finish="polished")
    shared, image = piece.active_material, image_from_array(picture(), "Height")
    for _ in range(2):
        shade.shade_object(piece, image, 0.6, 0.25)
    assert other.active_material == shared and piece.active_material != shared  # only this piece shows the picture
    assert shade.shown(shared) is None
    found = shade.shown(piece.active_material)
    assert found[0] == image and found[1:] == pytest.approx((0.6, 0.25))
    out = next(node for node in piece.active_material.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
    assert len(out.inputs["Displacement"].links) == 1 and piece.active_material.displacement_method == "BUMP"
    assert operators_metal.metal_of(piece) == ("silver-925", "polished")
    addon.context.view_layer.objects.active = piece
    other.select_set(False)
    addon.ops.jewelgen.metal(key="bronze", finish="polished")
    assert shade.shown(piece.active_material)[0] == image  # another metal still shows it
    shade.shade_object(piece, None, 0.0)
    assert piece.active_material.name == "Bronze, Mirror" and shade.shown(piece.active_material) is None
    assert sorted(m.name for m in addon.data.materials if m.users) == ["Bronze, Mirror", "Sterling Silver, Mirror"]
