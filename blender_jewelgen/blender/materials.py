"""Metals as node trees: measured reflectance, the finish's roughness and texture, darkness in the recesses."""

from __future__ import annotations

from typing import Any

import bpy

from ..core.library import table


class Nodes:
    """A node tree written as expressions: every call adds one node and gives its output socket."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree
        tree.nodes.clear()

    def add(self, kind: str, output: int | str = 0, settings: dict[str, Any] | None = None, **inputs: Any) -> Any:
        """A node of ``kind``; inputs by socket name with _ for spaces, each a value or another node's output."""
        node = self.tree.nodes.new(kind)
        for name, value in (settings or {}).items():
            setattr(node, name, value)
        for name, value in inputs.items():
            self.put(node.inputs[name.replace("_", " ")], value)
        return node.outputs[output] if len(node.outputs) else node

    def math(self, operation: str, *values: Any, clamp: bool = False) -> Any:
        """One arithmetic node; values are numbers or sockets."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        node.use_clamp = clamp
        for socket, value in zip(node.inputs, values):
            self.put(socket, value)
        return node.outputs[0]

    def mix(self, factor: Any, first: Any, second: Any, blend: str = "MIX") -> Any:
        """Two colours mixed; colours are (r, g, b) linear or sockets."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        node.blend_type = blend
        sockets = [s for s in node.inputs if s.enabled]
        for name, value in (("Factor", factor), ("A", first), ("B", second)):
            self.put(next(s for s in sockets if s.name == name), value)
        return next(s for s in node.outputs if s.enabled)

    def put(self, socket: Any, value: Any) -> None:
        """Link or set one input."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, (tuple, list)) and len(value) == 3 and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value


def tree_of(owner: Any) -> bpy.types.NodeTree:
    """The node tree of a new material or world; before Blender 5 it must be asked for."""
    if owner.node_tree is None:
        owner.use_nodes = True
    return owner.node_tree


def metal(key: str, finish: str, *, round_z: bool, scale: float) -> bpy.types.Material:
    """The material of one metal with one finish; reads the point attributes "recess" and "crevice" of the mesh.

    ``round_z``: brushing runs round the z axis of the mesh (rings), else along x (plates).
    ``scale``: scene units per mm, for the height of bumps.
    """
    looks = table("looks")
    alloy, surface = looks["metals"][key], looks["finishes"][finish]
    material = bpy.data.materials.new(f"{key} {finish}")
    n = Nodes(tree_of(material))
    recess = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": "recess"})
    crevice = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": "crevice"})
    worn = _ramp(n, crevice, 0.25, 0.95)
    color = alloy["color"]
    # A recess sees more metal than light, which deepens its colour, and polish does not reach it.
    deep = [c**1.5 * (1.0 - surface["recess_dark"]) for c in color]
    base = n.mix(worn, color, deep)
    rough = n.math("MULTIPLY_ADD", worn, surface["recess_rough"], surface["roughness"])
    if "patina" in surface:
        stain = n.math("MULTIPLY", _ramp(n, recess, 0.32, 0.82), surface["patina"])
        base = n.mix(stain, base, surface["patina_color"])
        rough = n.math("MULTIPLY_ADD", stain, 0.33, rough)
    shader = n.add(
        "ShaderNodeBsdfPrincipled", Base_Color=base, Roughness=rough, Metallic=1.0, Specular_Tint=tuple(alloy["edge"])
    ).node
    _texture(n, shader, surface, round_z, scale)
    n.add("ShaderNodeOutputMaterial", Surface=shader.outputs[0])
    return material


def _ramp(n: Nodes, value: Any, low: float, high: float) -> Any:
    """0 below ``low``, 1 above ``high``, smooth between."""
    node = n.add("ShaderNodeMapRange", settings={"interpolation_type": "SMOOTHSTEP"}, Value=value).node
    node.inputs["From Min"].default_value = low
    node.inputs["From Max"].default_value = high
    return node.outputs[0]


def _texture(n: Nodes, shader: Any, surface: dict[str, Any], round_z: bool, scale: float) -> None:
    """The finish's small shapes as bumps, all sizes in mm of the piece."""
    place = n.add("ShaderNodeTexCoord", "Object")
    if "anisotropic" in surface:
        shader.inputs["Anisotropic"].default_value = surface["anisotropic"]
        if round_z:
            tangent = n.add("ShaderNodeTangent", settings={"direction_type": "RADIAL", "axis": "Z"})
        else:
            tangent = n.add(
                "ShaderNodeVectorTransform",
                settings={"vector_type": "VECTOR", "convert_from": "OBJECT", "convert_to": "WORLD"},
                Vector=(1.0, 0.0, 0.0),
            )
        n.put(shader.inputs["Tangent"], tangent)
        streaks = n.add("ShaderNodeTexNoise", Vector=_along(n, place, round_z), Scale=1.0, Detail=2.0)
        n.put(shader.inputs["Normal"], n.add("ShaderNodeBump", Strength=surface["scratch"], Distance=0.02 * scale, Height=streaks))
        rough = shader.inputs["Roughness"].links[0].from_socket
        n.put(shader.inputs["Roughness"], n.math("ADD", rough, n.math("MULTIPLY_ADD", streaks, 0.24, -0.12)))
    elif "grain" in surface:
        grain = n.add("ShaderNodeTexNoise", Vector=place, Scale=9.0, Detail=1.0)
        n.put(shader.inputs["Normal"], n.add("ShaderNodeBump", Strength=surface["grain"], Distance=0.05 * scale, Height=grain))
    elif "dent" in surface:
        cells = n.add("ShaderNodeTexVoronoi", "Distance", {"feature": "SMOOTH_F1"}, Vector=place, Scale=1.0 / surface["dent_mm"])
        n.put(shader.inputs["Normal"], n.add("ShaderNodeBump", Strength=1.0, Distance=surface["dent"] * scale, Height=cells))


def _along(n: Nodes, place: Any, round_z: bool) -> Any:
    """Coordinates of brush marks: 0.07 mm across and 2.5 mm along."""
    parts = n.add("ShaderNodeSeparateXYZ", Vector=place).node.outputs
    fine, slow = 1.0 / 0.07, 1.0 / 2.5
    if round_z:
        radius = n.math("SQRT", n.math("ADD", n.math("POWER", parts[0], 2.0), n.math("POWER", parts[1], 2.0)))
        angle = n.math("ARCTAN2", parts[0], parts[1])
        across, along = parts[2], n.math("MULTIPLY", angle, 10.0)
    else:
        radius, across, along = parts[2], parts[1], parts[0]
    streak = n.add("ShaderNodeCombineXYZ").node
    for socket, value, scale in zip(streak.inputs, (along, across, radius), (slow, fine, slow)):
        n.put(socket, n.math("MULTIPLY", value, scale))
    return streak.outputs[0]
