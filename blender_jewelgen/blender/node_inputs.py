"""The inputs of a node group: made from one list, read, set and drawn on a modifier by name, on Blender 4.5 to 5.2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import bpy

from .translations import say


@dataclass(frozen=True)
class Input:
    """One input of a group.

    ``kind`` is Float, Int, Bool, Vector, String, Menu, Image, Collection or Object. ``panel`` groups inputs under a header.
    ``hidden`` ones are numbers the program keeps; ``field`` ones may differ from point to point.
    """

    name: str
    kind: str
    tip: str = ""
    default: Any = None
    low: float | None = None
    high: float | None = None
    panel: str = ""
    hidden: bool = False
    field: bool = False


def from_params(name: str, cls: type, field_name: str, panel: str, default: Any = None) -> Input:
    """The Input that shows one number or switch of a parameter dataclass, with its limits and tooltip."""
    f = next(f for f in fields(cls) if f.name == field_name)
    kind = {"number": "Float", "whole": "Int", "switch": "Bool"}[f.metadata["kind"]]
    unit = f.metadata.get("unit", "")
    tip = f.metadata["tip"] + (f", {unit}" if unit else "")
    return Input(name, kind, tip, f.default if default is None else default, f.metadata.get("low"), f.metadata.get("high"), panel)


def build(tree: bpy.types.NodeTree, inputs: Iterable[Input]) -> None:
    """Give the tree these inputs and one geometry in and out; what it had before goes."""
    face = tree.interface
    face.clear()
    face.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    face.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    panels: dict[str, Any] = {}
    for one in inputs:
        if one.panel and one.panel not in panels:
            panels[one.panel] = face.new_panel(one.panel, default_closed=one.hidden)
        socket = face.new_socket(one.name, in_out="INPUT", socket_type=f"NodeSocket{one.kind}", parent=panels.get(one.panel))
        socket.description = one.tip
        socket.hide_in_modifier = one.hidden
        if not one.field and one.kind in ("Float", "Int", "Bool", "Vector", "String", "Menu"):
            socket.structure_type = "SINGLE"
        if one.low is not None and one.high is not None:
            socket.min_value, socket.max_value = one.low, one.high
        if one.default is not None and one.kind != "Menu":
            socket.default_value = one.default


def modifier_of(ob: bpy.types.Object | None, group: str) -> bpy.types.Modifier | None:
    """The modifier of an object that uses our group of this name, or None."""
    for mod in getattr(ob, "modifiers", ()):
        if mod.type == "NODES" and mod.node_group is not None and mod.node_group.get("jewelgen") == group:
            return mod
    return None


def own_tree(group: str) -> bpy.types.NodeTree:
    """Our group of this name in the file, or a new empty one."""
    tree = next((t for t in bpy.data.node_groups if t.get("jewelgen") == group and t.library is None), None)
    if tree is None:
        tree = bpy.data.node_groups.new(group, "GeometryNodeTree")
        tree["jewelgen"] = group
    return tree


def set_menu_default(tree: bpy.types.NodeTree, name: str, value: str) -> None:
    """The first choice of a menu input; its names are known only once the menu is linked."""
    _item(tree, name).default_value = value


def _item(tree: bpy.types.NodeTree, name: str) -> Any:
    for item in tree.interface.items_tree:
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
            return item
    raise KeyError(f"{tree.name} has no input {name!r}")


def names(tree: bpy.types.NodeTree) -> list[str]:
    """All inputs but the geometry, in order."""
    items = (i for i in tree.interface.items_tree if i.item_type == "SOCKET" and i.in_out == "INPUT")
    return [i.name for i in items if i.socket_type != "NodeSocketGeometry"]


def _modern(mod: bpy.types.Modifier) -> Any:
    """The inputs of a modifier as Blender 5.2 keeps them, or None before it."""
    return getattr(getattr(mod, "properties", None), "inputs", None)


def _menu(mod: bpy.types.Modifier, key: str) -> dict[int, str]:
    """Numbers of a menu's items before Blender 5.2, which has names there."""
    return {item[4]: item[1] for item in mod.id_properties_ui(key).as_dict()["items"]}


def get(mod: bpy.types.Modifier, name: str) -> Any:
    """The value of an input. A field that reads an attribute gives the attribute's name; a menu its item's name."""
    item = _item(mod.node_group, name)
    key, inputs = item.identifier, _modern(mod)
    if inputs is not None:
        held = getattr(inputs, key)
        if getattr(held, "type", "VALUE") == "ATTRIBUTE":
            return held.attribute_name
        value = held.value
    else:
        if mod.get(f"{key}_use_attribute"):
            return mod[f"{key}_attribute_name"]
        value = mod[key]
        if item.socket_type == "NodeSocketMenu":
            return _menu(mod, key).get(value, "")
    return tuple(value) if item.socket_type == "NodeSocketVector" else value


def set(mod: bpy.types.Modifier, name: str, value: Any) -> None:
    """Set one input; for a field a text is the name of the attribute or vertex group to read."""
    set_all(mod, {name: value})


def set_all(mod: bpy.types.Modifier, values: dict[str, Any]) -> None:
    """Set several inputs by name, then have Blender look again at the modifier and what it depends on."""
    related = False
    for name, value in values.items():
        item = _item(mod.node_group, name)
        kind = item.socket_type.removeprefix("NodeSocket")
        related |= kind in ("Collection", "Object", "Image")
        _put(mod, item.identifier, kind, value)
    if related:  # an assignment of a pointer by script does not rebuild the graph of dependencies; this does
        mod.node_group = mod.node_group
    mod.id_data.update_tag()


def _put(mod: bpy.types.Modifier, key: str, kind: str, value: Any) -> None:
    inputs = _modern(mod)
    by_name = isinstance(value, str) and kind in ("Float", "Int", "Bool", "Vector")
    if not by_name and kind in ("Float", "Int", "Bool"):
        value = {"Float": float, "Int": int, "Bool": bool}[kind](value)
    elif not by_name and kind == "Vector":
        value = tuple(float(v) for v in value)
    if inputs is not None:
        held = getattr(inputs, key)
        if hasattr(held, "attribute_name"):
            held.type = "ATTRIBUTE" if by_name else "VALUE"
        if by_name:
            held.attribute_name = value
        else:
            held.value = value
        return
    if f"{key}_use_attribute" in mod:
        mod[f"{key}_use_attribute"] = by_name
    if by_name:
        mod[f"{key}_attribute_name"] = value
    elif kind == "Menu":
        mod[key] = {text: number for number, text in _menu(mod, key).items()}[value]
    else:
        mod[key] = value


def draw(layout: bpy.types.UILayout, mod: bpy.types.Modifier, name: str, text: str | None = None) -> None:
    """Draw one input as Blender's own modifier panel does, with a picker for pictures, collections, UV maps and groups."""
    item = _item(mod.node_group, name)
    key, inputs, ob = item.identifier, _modern(mod), mod.id_data
    owner, path = (mod, f'["{key}"]') if inputs is None else (getattr(inputs, key), "value")
    label = say(name if text is None else text)
    pool = {"NodeSocketImage": "images", "NodeSocketCollection": "collections", "NodeSocketObject": "objects"}.get(item.socket_type)
    if pool:
        layout.prop_search(owner, path, bpy.data, pool, text=label)
    elif item.socket_type == "NodeSocketString" and name == "UV Map":
        layout.prop_search(owner, path, ob.data, "uv_layers", text=label)
    elif _item_is_field(item):
        _draw_field(layout, mod, owner, path, key, label)
    else:
        layout.prop(owner, path, text=label)


def _item_is_field(item: Any) -> bool:
    return item.socket_type == "NodeSocketFloat" and item.structure_type != "SINGLE"


def _draw_field(layout: Any, mod: bpy.types.Modifier, owner: Any, path: str, key: str, label: str) -> None:
    """A number, or the name of a vertex group, and the button that changes between them."""
    row, ob = layout.row(align=True), mod.id_data
    modern = _modern(mod) is not None
    if owner.type == "ATTRIBUTE" if modern else mod.get(f"{key}_use_attribute"):
        name = "attribute_name" if modern else f'["{key}_attribute_name"]'
        row.prop_search(owner, name, ob, "vertex_groups", text=label)
    else:
        row.prop(owner, path, text=label)
    if modern:
        row.prop(owner, "type", text="", icon_only=True)
    else:
        op = row.operator("object.geometry_nodes_input_attribute_toggle", text="", icon="SPREADSHEET")
        op.input_name, op.modifier_name = key, mod.name
