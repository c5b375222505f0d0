"""Metals as node trees: measured reflectance, the finish's roughness and texture, darkness in the recesses."""

from __future__ import annotations

from typing import Any

import bpy

from ..core.library import table
from .nodes import Nodes, tree_of

FINISHES = {"polished": "Mirror", "brushed": "Brushed", "satin": "Satin", "hammered": "Hammered", "oxidised": "Oxidised"}


ROUND, FLAT = "round", "flat"  # which way brushing runs
LIVE = "jewelgen_live"  # marks a material of a live piece: key, finish, way and unit it was made for
_STONE = "jewelgen_stone"
_HEIGHT, _WEIGHT = "jewelgen_height", "jewelgen_weight"  # attributes that the live relief stores


def metal(key: str, finish: str, *, round_z: bool, scale: float) -> bpy.types.Material:
    """The material of one metal with one finish for the photographer; reads the point attributes "recess" and "crevice".

    ``round_z``: brushing runs round the z axis of the mesh (rings), else along x (plates).
    ``scale``: scene units per mm, for the height of bumps; the mesh itself is in mm.
    """
    material = bpy.data.materials.new(f"{key} {finish}")
    n = Nodes(tree_of(material))
    recess = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": "recess"})
    crevice = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": "crevice"})
    _write(n, key, finish, recess, _ramp(n, crevice, 0.25, 0.95), round_z, scale, 1.0)
    return material


def live_metal(key: str, finish: str, *, round_z: bool = True, unit: float = 1.0) -> bpy.types.Material:
    """The material of one metal with one finish for a piece in the scene: made once, then given again.

    Recesses are darkened by the attributes that the live relief stores, or by "recess" where a print has that.
    ``unit``: scene units per mm of the mesh.
    """
    way = ROUND if round_z else FLAT
    mark = f"{key} {finish} {way if 'anisotropic' in table('looks')['finishes'][finish] else ''} {unit:g}"
    held = next((m for m in bpy.data.materials if m.get(LIVE) == mark and m.library is None), None)
    if held is not None:
        return held
    material = bpy.data.materials.new(title(key, finish))
    n = Nodes(tree_of(material))
    height = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": _HEIGHT})
    weight = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": _WEIGHT})
    low = n.math("MULTIPLY", n.math("SUBTRACT", 1.0, height), weight)
    recess = n.math("MAXIMUM", low, n.add("ShaderNodeAttribute", "Fac", {"attribute_name": "recess"}))
    _write(n, key, finish, recess, n.math("MULTIPLY", _ramp(n, recess, 0.45, 1.0), 0.8), round_z, unit, unit)
    material[LIVE] = mark
    _solid_view(material, key, finish)
    return material


def stone() -> bpy.types.Material:
    """The material of stones that are shown in their seats: made once, then given again."""
    held = next((m for m in bpy.data.materials if m.get(_STONE) and m.library is None), None)
    if held is not None:
        return held
    material = bpy.data.materials.new("JewelGen Stone")
    n = Nodes(tree_of(material))
    shader = n.add("ShaderNodeBsdfPrincipled", Base_Color=(0.95, 0.97, 1.0), Roughness=0.0, IOR=2.42).node
    n.put(shader.inputs["Transmission Weight"], 1.0)
    n.add("ShaderNodeOutputMaterial", Surface=shader.outputs[0])
    n.arrange()
    material.diffuse_color, material.roughness = (0.72, 0.86, 1.0, 1.0), 0.05
    material[_STONE] = True
    return material


def title(key: str, finish: str) -> str:
    """Name of a material, such as "18K Yellow Gold, Brushed"."""
    return f"{metal_title(key)}, {FINISHES[finish]}"


def metal_title(key: str) -> str:
    """Name of a metal, such as "18K Yellow Gold"."""
    words = table("alloys")["alloys"][key]["en"].split("(")[0].split()
    return " ".join(word if word[0].isdigit() else word.title() for word in words)


def _solid_view(material: bpy.types.Material, key: str, finish: str) -> None:
    """How the metal looks where materials are not drawn."""
    looks = table("looks")
    material.diffuse_color = (*looks["metals"][key]["color"], 1.0)
    material.metallic = 1.0
    material.roughness = looks["finishes"][finish]["roughness"] + 0.15  # the plain view has few lights


def _write(n: Nodes, key: str, finish: str, recess: Any, worn: Any, round_z: bool, scale: float, unit: float) -> None:
    """The nodes of a metal; ``recess`` and ``worn`` are sockets from 0 to 1, ``unit`` is mesh units per mm."""
    looks = table("looks")
    alloy, surface = looks["metals"][key], looks["finishes"][finish]
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
    _texture(n, shader, surface, round_z, scale, unit)
    n.add("ShaderNodeOutputMaterial", Surface=shader.outputs[0])
    n.arrange()


def _ramp(n: Nodes, value: Any, low: float, high: float) -> Any:
    """0 below ``low``, 1 above ``high``, smooth between."""
    node = n.add("ShaderNodeMapRange", settings={"interpolation_type": "SMOOTHSTEP"}, Value=value).node
    node.inputs["From Min"].default_value = low
    node.inputs["From Max"].default_value = high
    return node.outputs[0]


def _texture(n: Nodes, shader: Any, surface: dict[str, Any], round_z: bool, scale: float, unit: float) -> None:
    """The finish's small shapes as bumps, all sizes in mm of the piece."""
    place = n.add("ShaderNodeTexCoord", "Object")
    if unit != 1.0:
        place = n.add("ShaderNodeVectorMath", settings={"operation": "DIVIDE"}).node
        n.put(place.inputs[0], n.add("ShaderNodeTexCoord", "Object"))
        place.inputs[1].default_value = (unit, unit, unit)
        place = place.outputs[0]
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
        cells = n.add("ShaderNodeTexVoronoi", "Distance", {"feature": "SMOOTH_F1"}, Vector=place, Scale=1.0 / surface["dent_mm"], Smoothness=0.25)
        bowl = n.math("MULTIPLY", cells, cells)  # a hammer's face leaves bowls with a ridge between them
        n.put(shader.inputs["Normal"], n.add("ShaderNodeBump", Strength=1.0, Distance=1.6 * surface["dent"] * scale, Height=bowl))


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
