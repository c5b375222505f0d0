"""How thick the metal is, as colours on the piece: a ray from every vertex straight into the metal, to where it comes out.

Red is thinner than the limit, orange up to a quarter thicker; from there green turns to blue at four times the limit.
Grey could not be measured: the ray came out through a crease or a rim, not through a wall.
"""

from __future__ import annotations

import bpy

from ..core.mesh.thickness import OPPOSED
from . import node_inputs
from .node_inputs import Input
from .nodes import Fields

NAME = "JewelGen Thickness"
VERSION = 1
VALUE, COLOR = "jewelgen_thickness", "jewelgen_thickness_color"
UNKNOWN = -1.0  # mm, where no wall was found
_START = 2e-3  # mm; rays start this far inside, well beyond the rounding of positions
_TILT = (1.3e-3, -0.7e-3, 1.1e-3)  # so that rays of an even body do not slip out exactly between two faces
_MARK = "jewelgen_version"
_NEAR, _FAR = 1.25, 4.0  # times the limit
RED, ORANGE, GREEN, BLUE, GREY = (
    (0.80, 0.02, 0.02, 1.0), (0.90, 0.28, 0.02, 1.0), (0.04, 0.55, 0.10, 1.0), (0.03, 0.10, 0.70, 1.0), (0.25, 0.25, 0.25, 1.0),
)  # fmt: skip
_STOPS = ((0.0, RED), (1.0 - 1e-3, RED), (1.0, ORANGE), (_NEAR, ORANGE), (_NEAR + 0.1, GREEN), (_FAR, BLUE))  # times the limit

INPUTS = (
    Input("Limit", "Float", "Thinnest wall that can be made, mm", 0.8, 0.01, 20.0),
    Input("Unit", "Float", "Scene units per mm", 1.0, 1e-9, 1e9, hidden=True),
    Input("Colors Before", "String", "Name of the colour attribute that was active before", "", hidden=True),
)


def thickness_group() -> bpy.types.NodeTree:
    """The group, made once per file; one of an older version is written anew in place."""
    tree = node_inputs.own_tree(NAME)
    if tree.get(_MARK, 0) >= VERSION:
        return tree
    tree.is_modifier = True
    node_inputs.build(tree, INPUTS)
    _write(tree)
    tree[_MARK] = VERSION
    return tree


def _write(tree: bpy.types.NodeTree) -> None:
    f = Fields(tree)
    given = f.add("NodeGroupInput").node.outputs
    geometry, unit = given["Geometry"], given["Unit"]
    inward = f.vector("NORMALIZE", f.vector("SUBTRACT", _TILT, f.add("GeometryNodeInputNormal")))
    start = f.vector("MULTIPLY_ADD", inward, f.joined(*[f.math("MULTIPLY", unit, _START)] * 3), f.add("GeometryNodeInputPosition"))
    ray = f.add("GeometryNodeRaycast", Target_Geometry=geometry, Source_Position=start, Ray_Direction=inward).node
    f.put(ray.inputs["Ray Length"], f.math("MULTIPLY", unit, 1e4))
    out = ray.outputs
    facing = f.compare("GREATER_THAN", f.vector("DOT_PRODUCT", out["Hit Normal"], inward), OPPOSED)
    wall = f.add("FunctionNodeBooleanMath", settings={"operation": "AND"}).node
    f.put(wall.inputs[0], out["Is Hit"])
    f.put(wall.inputs[1], facing)
    far = f.math("ADD", f.math("DIVIDE", out["Hit Distance"], unit), _START)
    geometry, held = f.captured(geometry, far=("FLOAT", f.switch("FLOAT", wall.outputs[0], UNKNOWN, far)))
    ramp = f.add("ShaderNodeValToRGB", Fac=f.math("DIVIDE", held["far"], f.math("MULTIPLY", given["Limit"], _FAR))).node
    while len(ramp.color_ramp.elements) < len(_STOPS):
        ramp.color_ramp.elements.new(0.5)
    for element, (place, color) in zip(ramp.color_ramp.elements, _STOPS):
        element.position, element.color = place / _FAR, color
    color = f.switch("RGBA", f.compare("GREATER_THAN", held["far"], 0.0), GREY, ramp.outputs[0])
    geometry = f.stored(geometry, VALUE, "FLOAT", held["far"])
    f.add("NodeGroupOutput", Geometry=f.stored(geometry, COLOR, "FLOAT_COLOR", color))
    f.arrange()


def modifier_of(ob: bpy.types.Object | None) -> bpy.types.Modifier | None:
    """The heat map on an object, or None."""
    return node_inputs.modifier_of(ob, NAME)


def show_thickness(ob: bpy.types.Object, limit: float, unit: float) -> bpy.types.Modifier:
    """Colour an object by its thickness after all its other modifiers; ``limit`` in mm, ``unit`` scene units per mm.

    The colours show in a viewport that is coloured by attribute, for they are made the active ones until they are hidden.
    """
    mod, colors = modifier_of(ob), ob.data.attributes
    if mod is None:
        mod = ob.modifiers.new(NAME, "NODES")
        mod.node_group = thickness_group()
        mod.show_render = False
        node_inputs.set(mod, "Colors Before", colors.active_color_name)
        colors.active_color_name = COLOR
    node_inputs.set_all(mod, {"Limit": limit, "Unit": unit})
    return mod


def hide_thickness(ob: bpy.types.Object) -> None:
    """Take the colours off again; nothing of them stays on the object."""
    mod = modifier_of(ob)
    if mod is not None:
        ob.data.attributes.active_color_name = node_inputs.get(mod, "Colors Before")
        ob.modifiers.remove(mod)
