"""The metal of a piece as it will be: a modifier that shows a worked body in the place of the live relief, which stays as it is below."""

from __future__ import annotations

import bpy
import numpy as np

from . import materials, node_inputs
from .node_inputs import Input
from .nodes import Fields

NAME = "JewelGen Metal"
VERSION = 1
_MARK, _STONES = "jewelgen_version", "jewelgen_stones"
INPUTS = (Input("Body", "Object", "The metal as its craft works it", hidden=True),)


def metal_group() -> bpy.types.NodeTree:
    """The group, made once per file."""
    tree = node_inputs.own_tree(NAME)
    if tree.get(_MARK, 0) >= VERSION:
        return tree
    tree.is_modifier = True
    node_inputs.build(tree, INPUTS)
    f = Fields(tree)
    given = f.add("NodeGroupInput").node.outputs
    body = f.add("GeometryNodeObjectInfo", Object=given["Body"]).node
    f.add("NodeGroupOutput", Geometry=body.outputs["Geometry"])
    f.arrange()
    tree[_MARK] = VERSION
    return tree


def modifier_of(ob: bpy.types.Object | None) -> bpy.types.Modifier | None:
    """The modifier that shows the metal of an object, or None."""
    return node_inputs.modifier_of(ob, NAME)


def body_of(ob: bpy.types.Object | None) -> bpy.types.Object | None:
    """The object that holds the worked body; it is in no scene."""
    mod = modifier_of(ob)
    return node_inputs.get(mod, "Body") if mod is not None else None


def is_shown(ob: bpy.types.Object | None) -> bool:
    """Whether the metal is what is seen of an object."""
    mod = modifier_of(ob)
    return mod is not None and mod.show_viewport


def show(ob: bpy.types.Object, metal: bool) -> None:
    """See the metal, or the live relief."""
    mod = modifier_of(ob)
    if mod is not None and mod.show_viewport != metal:
        mod.show_viewport = mod.show_render = metal


def put(ob: bpy.types.Object, data: bpy.types.Mesh, stones: int = 0) -> None:
    """Show a worked body, in the object's own frame, right after its live relief; one that was there gives way.

    The last ``stones`` of its faces are those of stones.
    """
    data[_STONES] = stones
    body = body_of(ob)
    if body is None or body.users > 1:  # a copy of the piece shows the same body
        body = bpy.data.objects.new(data.name, data)
        mod = modifier_of(ob) or _after_relief(ob)
        node_inputs.set(mod, "Body", body)
    else:
        old, body.data = body.data, data
        if not old.users:
            bpy.data.meshes.remove(old)
    dress(ob)
    show(ob, True)


def take(ob: bpy.types.Object) -> None:
    """Show the live relief for good; nothing of the worked body stays."""
    mod, body = modifier_of(ob), body_of(ob)
    if mod is None:
        return
    node_inputs.set(mod, "Body", None)  # removing the modifier does not always count its object down
    ob.modifiers.remove(mod)
    if body is not None and body.users == 0:
        data = body.data
        bpy.data.objects.remove(body)
        if data is not None and not data.users:
            bpy.data.meshes.remove(data)


def dress(ob: bpy.types.Object) -> None:
    """Give the body the materials of its object, where they differ; its stones have one of their own."""
    body = body_of(ob)
    if body is None:
        return
    data, stones = body.data, body.data.get(_STONES, 0)
    wanted = [slot.material for slot in ob.material_slots] or [None]
    if stones:
        wanted.append(materials.stone())
    if list(data.materials) == wanted:
        return
    data.materials.clear()
    for material in wanted:
        data.materials.append(material)
    if stones:
        places = np.zeros(len(data.polygons), np.int32)
        places[-stones:] = len(wanted) - 1
        data.polygons.foreach_set("material_index", places)
        data.update()


def _after_relief(ob: bpy.types.Object) -> bpy.types.Modifier:
    from . import nodes_relief

    mod = ob.modifiers.new(NAME, "NODES")
    mod.node_group = metal_group()
    live = nodes_relief.modifier_of(ob)
    if live is not None:
        ob.modifiers.move(len(ob.modifiers) - 1, list(ob.modifiers).index(live) + 1)
    return mod
