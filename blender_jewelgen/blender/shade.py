"""The relief drawn by the material instead of the mesh, for quick looks: each object shows its own height in copies of its metals."""

from __future__ import annotations

import bpy

from .materials import LIVE
from .nodes import Nodes, tree_of

_PLACE, _WEIGHT = "jewelgen_place", "jewelgen_weight"  # attributes that the live relief stores
_LOOK = "JewelGen Height"  # label of the nodes
_SHARED = "jewelgen_shared"  # on a copy: name of the material it was made from


def shade_height(material: bpy.types.Material, image: bpy.types.Image | None, depth: float, mid: float = 0.0) -> None:
    """Draw the relief in the material instead of in the mesh; without an image take that away again.

    ``depth``: scene units from black to white, negative where it is cut in; ``mid``: level of the picture that is the surface.
    """
    tree = tree_of(material)
    for node in [node for node in tree.nodes if node.label == _LOOK]:
        tree.nodes.remove(node)
    if image is None:
        return
    n = Nodes(tree, clear=False)
    before = set(tree.nodes)
    place = n.add("ShaderNodeAttribute", "Vector", {"attribute_name": _PLACE})
    weight = n.add("ShaderNodeAttribute", "Fac", {"attribute_name": _WEIGHT})
    picture = n.add("ShaderNodeTexImage", "Color", {"image": image, "extension": "REPEAT", "interpolation": "Cubic"}, Vector=place)
    height = n.math("MULTIPLY", n.math("SUBTRACT", picture, mid), weight)
    lifted = n.add("ShaderNodeDisplacement", Height=height, Midlevel=0.0, Scale=depth)
    out = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    n.put(out.inputs["Displacement"], lifted)
    for node in set(tree.nodes) - before:
        node.label = _LOOK
    material.displacement_method = "BUMP"


def shown(material: bpy.types.Material | None) -> tuple[bpy.types.Image, float, float] | None:
    """Image, depth and mid level of the relief that a material draws; None if it draws none."""
    nodes = [node for node in material.node_tree.nodes if node.label == _LOOK] if material is not None and material.node_tree else []
    found = {node.type: node for node in nodes}
    if "TEX_IMAGE" not in found or found["TEX_IMAGE"].image is None:
        return None
    mid = next(node.inputs[1].default_value for node in nodes if node.type == "MATH" and node.operation == "SUBTRACT")
    return found["TEX_IMAGE"].image, found["DISPLACEMENT"].inputs["Scale"].default_value, mid


def shared(material: bpy.types.Material | None) -> bpy.types.Material | None:
    """The material that an object's own copy was made from; any other is itself."""
    return bpy.data.materials.get(material.get(_SHARED, ""), material) if material is not None else None


def shade_object(ob: bpy.types.Object, image: bpy.types.Image | None, depth: float, mid: float = 0.0) -> None:
    """``shade_height`` on an object's own copies of its materials; without an image it gets the shared ones back."""
    for slot in ob.material_slots:
        material = slot.material
        if material is None:
            continue
        if image is not None:
            if _SHARED not in material or material.users > 1:
                material = slot.material = _own(material, ob.name)
            shade_height(material, image, depth, mid)
        elif _SHARED in material:
            slot.material = shared(material)
            if slot.material == material:  # the shared one is gone
                shade_height(material, None, 0.0)
            elif not material.users:
                bpy.data.materials.remove(material)


def _own(material: bpy.types.Material, name: str) -> bpy.types.Material:
    """A copy for one object, which does not count as the shared material."""
    own = material.copy()
    origin = shared(material)
    own.name = f"{origin.name}, {name}"
    own[_SHARED] = origin.name
    if LIVE in own:
        del own[LIVE]
    return own
