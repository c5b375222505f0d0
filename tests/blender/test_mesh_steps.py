"""What goes into Blender by small steps is what goes in at once; the node group that ships is the one the code writes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")

from desk import corners, points
from live import ring

from blender_jewelgen.blender import convert, mesh_steps, nodes_relief, tree_file
from blender_jewelgen.core.form.params import FormParams, complete
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.core.relief.bare import bare_piece


def cube():
    v = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    f = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
    return Mesh(v, np.array(f, np.int32), np.linspace(0, 1, 8, dtype=np.float32))


def open_sheet():
    return Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0.2, 1]], np.float32), np.array([[0, 1, 2], [0, 3, 1]], np.int32))


def piece(form):
    return bare_piece(form_host(complete(FormParams(form=form))), 0.4).mesh


BODIES = {
    "cube": cube, "open sheet": open_sheet, "ring": lambda: ring(64, 24), "signet": lambda: piece("signet"), "earrings": lambda: piece("earrings"),
    "nothing": lambda: Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)),
}  # fmt: skip


def whole(steps):
    """What a generator returns at its end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def edge_set(data, sharp):
    ends = np.empty(len(data.edges) * 2, np.int32)
    data.edges.foreach_get("vertices", ends)
    ends = np.sort(ends.reshape(-1, 2), axis=1)
    if sharp:
        layer = data.attributes.get("sharp_edge")
        flags = np.zeros(len(data.edges), bool)
        if layer is not None:
            layer.data.foreach_get("value", flags)
        ends = ends[flags]
    return set(map(tuple, ends.tolist()))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("scale", [1.0, 0.001])
def test_steps_give_the_mesh_that_one_call_gives(empty, body, scale):
    mesh = BODIES[body]()
    arrays = mesh_steps.arrays_of(mesh, scale, jewelgen_lift=np.zeros((len(mesh.vertices), 3), np.float32))
    data = whole(mesh_steps.steps(arrays, "Steps"))
    once = convert.mesh_to_blender(mesh, "Once", scale)
    assert not data.validate(verbose=True)
    assert len(data.vertices) == len(mesh.vertices)
    if len(mesh.faces):
        np.testing.assert_array_equal(points(data), points(once))
        np.testing.assert_array_equal(corners(data), corners(once))
    assert edge_set(data, False) == edge_set(once, False)
    assert edge_set(data, True) == edge_set(once, True)
    if mesh.relief is not None:
        np.testing.assert_array_equal(convert.read_values(data, "relief"), mesh.relief)
    assert (len(mesh.vertices) == 0) or convert.read_values(data, "jewelgen_lift").shape == (len(mesh.vertices), 3)


def test_the_node_group_that_ships_is_of_this_code(empty):
    """If this fails: python scripts/build_nodes.py with bpy 4.5."""
    tree = tree_file.load(nodes_relief.NAME, nodes_relief.INPUTS)
    assert tree is not None
    assert tree.library is None and not [lib for lib in empty.data.libraries if "nodes" in lib.filepath]


def test_a_node_group_of_other_code_is_not_taken(empty, monkeypatch):
    before = len(empty.data.node_groups)
    monkeypatch.setattr(tree_file, "source", lambda inputs: "another")
    assert tree_file.load(nodes_relief.NAME, nodes_relief.INPUTS) is None
    assert len(empty.data.node_groups) == before


def test_without_the_file_the_group_is_written(empty, monkeypatch, tmp_path):
    shipped = tree_file.load(nodes_relief.NAME, nodes_relief.INPUTS)
    monkeypatch.setattr(tree_file, "FILE", tmp_path / "none.blend")
    for tree in list(empty.data.node_groups):
        if tree != shipped and tree.get("jewelgen") == nodes_relief.NAME:
            empty.data.node_groups.remove(tree)
    kinds = sorted(node.bl_idname for node in shipped.nodes)
    links = len(shipped.links)
    empty.data.node_groups.remove(shipped)
    written = nodes_relief.relief_group()
    assert sorted(node.bl_idname for node in written.nodes) == kinds and len(written.links) == links
