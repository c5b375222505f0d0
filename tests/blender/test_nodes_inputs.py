"""Inputs of our modifiers by name, the group made once per file, and the artist's mesh left as it was."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np
import pytest

pytest.importorskip("bpy")

from live import add, object_of, picture, positions, ring

from blender_jewelgen.blender import node_inputs, nodes_relief
from blender_jewelgen.blender.images import array_from_image, image_from_array, image_from_png
from blender_jewelgen.core.height.picture import write_height
from blender_jewelgen.core.relief import places
from blender_jewelgen.core.relief.params import ReliefParams

SHOWN = [
    "Height", "Mapping", "Depth", "Cut In", "Mid Level", "Fade", "Repeats Around", "Repeats Across", "Outer Side Only", "Mask",
    "UV Map", "Keep Clear Of", "Clearance", "Density", "Shade Only",
]  # fmt: skip


@pytest.fixture
def live(empty):
    """A small ring under the live relief."""
    mesh = ring(60, 24)
    ob = object_of(empty, mesh)
    where = places.places_of(mesh, "toroidal")
    return ob, nodes_relief.lay(ob, image_from_array(picture(32, 128)[::-1], "Height"), ReliefParams(mapping="toroidal"), where, 1.0, 0.4)


def test_the_modifier_shows_the_agreed_inputs_in_their_order_and_hides_the_rest(live):
    items = [i for i in live[1].node_group.interface.items_tree if i.item_type == "SOCKET" and i.in_out == "INPUT"][1:]
    assert [i.name for i in items if not i.hide_in_modifier] == SHOWN


def test_limits_and_tooltips_are_those_of_the_parameters(live):
    items = {i.name: i for i in live[1].node_group.interface.items_tree if i.item_type == "SOCKET"}
    known = {f.name: f for f in fields(ReliefParams)}
    for field, name in (("depth", "Depth"), ("mid", "Mid Level"), ("fade", "Fade"), ("around", "Repeats Around"), ("clear", "Clearance")):
        meta = known[field].metadata
        assert items[name].min_value == pytest.approx(meta["low"]) and items[name].max_value == pytest.approx(meta["high"])
        assert items[name].description.startswith(meta["tip"])


@pytest.mark.parametrize(
    "name, value",
    [("Mapping", "Planar"), ("Depth", 0.75), ("Cut In", True), ("Repeats Around", 5), ("UV Map", "Chart"), ("Centre", (1.0, 2.0, 3.0)),
     ("Mask", 0.5), ("Mask", "Group"), ("Density", 2)],
)  # fmt: skip
def test_what_is_set_is_what_is_got(live, name, value):
    nodes_relief.set(live[1], name, value)
    assert nodes_relief.get(live[1], name) == value


def test_pictures_and_collections_are_set_and_taken_away(empty, live):
    image, gems = empty.data.images.new("Other", 8, 8), empty.data.collections.new("Gems")
    nodes_relief.set_all(live[1], {"Height": image, "Keep Clear Of": gems})
    assert nodes_relief.get(live[1], "Height") == image and nodes_relief.get(live[1], "Keep Clear Of") == gems
    nodes_relief.set(live[1], "Keep Clear Of", None)
    assert nodes_relief.get(live[1], "Keep Clear Of") is None


def test_an_unknown_input_is_named(live):
    with pytest.raises(KeyError, match="Depht"):
        nodes_relief.get(live[1], "Depht")


def test_the_settings_are_read_by_the_names_of_the_parameters(live):
    nodes_relief.set_all(live[1], {"Cut In": True, "Fade": 1.0, "Mapping": "UV"})
    got = nodes_relief.read(live[1])
    assert got["mapping"] == "uv" and got["cut_in"] is True and got["fade"] == 1.0 and got["depth"] == 0.4
    assert ReliefParams(**{name: value for name, value in got.items() if name != "cut_in"}).depth == 0.4
    nodes_relief.set(live[1], "Mapping", "Form")
    assert nodes_relief.read(live[1])["mapping"] == "auto"


def test_the_group_is_made_once_and_laying_again_keeps_the_modifier(empty, live):
    ob, mod = live
    nodes_relief.lay(ob, nodes_relief.get(mod, "Height"), ReliefParams(mapping="planar"), places.places_of(ring(60, 24), "planar"), 1.0, -0.2)
    assert len(ob.modifiers) == 1 and nodes_relief.modifier_of(ob) == ob.modifiers[0]
    assert [t.name for t in empty.data.node_groups].count("JewelGen Relief") == 1
    assert nodes_relief.get(ob.modifiers[0], "Mapping") == "Planar" and nodes_relief.get(ob.modifiers[0], "Cut In") is True


def test_a_newer_version_writes_the_group_anew_and_modifiers_keep_their_values(empty, live, monkeypatch):
    ob, mod = live
    nodes_relief.set_all(mod, {"Depth": 0.33, "Mapping": "Cylindrical", "Mask": "Group"})
    nodes_relief.set(mod, "Mask", 0.5)
    before, held, tree = positions(empty, ob), {n: nodes_relief.get(mod, n) for n in node_inputs.names(mod.node_group)}, mod.node_group
    monkeypatch.setattr(nodes_relief, "VERSION", nodes_relief.VERSION + 1)
    tree.nodes.remove(next(n for n in tree.nodes if n.bl_idname == "GeometryNodeSetPosition"))
    assert nodes_relief.relief_group() == tree
    assert {n: nodes_relief.get(ob.modifiers[0], n) for n in node_inputs.names(tree)} == held
    np.testing.assert_array_equal(positions(empty, ob), before)
    tree["jewelgen_version"] = 1


def test_the_artists_mesh_keeps_every_bit(empty):
    mesh = ring(60, 24)
    ob = object_of(empty, mesh)
    ob.data.uv_layers.new(name="Theirs").uv.foreach_set("vector", np.random.default_rng(0).random(len(mesh.faces) * 6).astype(np.float32))
    add(ob, "theirs", "FLOAT", np.arange(len(mesh.vertices)))
    ob.data.materials.append(empty.data.materials.new("Theirs"))
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Thin").value = 0.0
    bevel = ob.modifiers.new("Theirs", "WEIGHTED_NORMAL")
    before = fingerprint(ob)
    mod = nodes_relief.lay(ob, image_from_array(picture(32, 128)[::-1], "Height"), ReliefParams(), places.places_of(mesh), 1.0, 0.4)
    assert np.abs(positions(empty, ob) - mesh.vertices).max() > 0.05
    assert [m.name for m in ob.modifiers] == [bevel.name, mod.name]
    assert fingerprint(ob) == before
    ob.modifiers.remove(mod)
    assert np.array_equal(positions(empty, ob).astype(np.float32), mesh.vertices)


def fingerprint(ob):
    """SHA-256 over names and values of all that the mesh holds."""
    total = hashlib.sha256()
    for layer in sorted(ob.data.attributes, key=lambda a: a.name):
        field, width, kind = {
            "FLOAT_VECTOR": ("vector", 3, np.float32), "FLOAT2": ("vector", 2, np.float32), "FLOAT": ("value", 1, np.float32),
            "INT": ("value", 1, np.int32), "INT32_2D": ("value", 2, np.int32), "BOOLEAN": ("value", 1, bool),
        }[layer.data_type]  # fmt: skip
        rows = np.empty(len(layer.data) * width, kind)
        layer.data.foreach_get(field, rows)
        total.update(f"{layer.name} {layer.domain} {layer.data_type}".encode() + rows.tobytes())
    names = [m.name for m in ob.data.materials], [k.name for k in ob.data.shape_keys.key_blocks], ob.data.attributes.active_color_name
    total.update(repr((names, [(m.name, m.type) for m in ob.modifiers if m.type != "NODES"])).encode())
    return total.hexdigest()


class Recorder:
    """A layout that refuses to draw what is not there."""

    def __init__(self):
        self.drawn = []

    def row(self, align=False):
        return self

    def prop(self, owner, path, text="", icon_only=False):
        owner.path_resolve(path)
        self.drawn.append(text)

    def prop_search(self, owner, path, pool_owner, pool, text=""):
        owner.path_resolve(path)
        assert hasattr(pool_owner, pool)
        self.drawn.append(text)

    def operator(self, name, text="", icon=""):
        return type("Op", (), {})()


def test_every_shown_input_can_be_drawn_in_our_own_panel(live):
    layout = Recorder()
    for name in SHOWN:
        nodes_relief.draw(layout, live[1], name)
    assert [text for text in layout.drawn if text] == SHOWN


def test_a_16_bit_png_is_packed_and_exact(empty, tmp_path):
    heights = picture(40, 60)
    path = tmp_path / "height.png"
    write_height(path, heights)
    image = image_from_png(path, "Height of Ring")
    path.unlink()
    assert image.name == "Height of Ring" and image.packed_file is not None and image.colorspace_settings.name == "Non-Color"
    assert np.array_equal(np.round(array_from_image(image) * 65535), np.round(heights * 65535))


def test_a_table_survives_saving_and_loading_bit_for_bit(tmp_path):
    bpy = pytest.importorskip("bpy")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    table = (np.random.default_rng(1).random((30, 50)) * 40 - 20).astype(np.float32)
    image_from_array(table, "Table").use_fake_user = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert np.array_equal(array_from_image(bpy.data.images["Table"])[::-1], table)
    bpy.ops.wm.read_factory_settings(use_empty=True)
