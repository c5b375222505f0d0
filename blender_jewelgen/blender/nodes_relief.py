"""The live relief: one modifier on the artist's own mesh, whose inputs are the single truth of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ..core.relief.params import ReliefParams
from . import node_inputs, relief_tree, tree_file
from .images import array_from_image, image_from_array
from .node_inputs import Input, draw, from_params, get, set, set_all  # noqa: F401  (handed on: callers know this module only)

if TYPE_CHECKING:
    from ..core.relief.places import Places

NAME = "JewelGen Relief"
VERSION = 1  # of the tree; a file made with an older one gets the new tree and keeps its settings
_MARK = "jewelgen_version"
_P, _S, _G, _V, _K = "Pattern", "Place", "Guard", "Preview", "Kept by JewelGen"
_ONE = (1.0, 1.0, 0.0)

INPUTS = (
    Input("Height", "Image", "Height picture: white stands highest; 16 bit, Non-Color", panel=_P),
    Input("Mapping", "Menu", "How the flat pattern lies on the form", panel=_P),
    from_params("Depth", ReliefParams, "depth", _P, default=0.5),
    Input("Cut In", "Bool", "Cut the pattern into the metal instead of raising it", False, panel=_P),
    from_params("Mid Level", ReliefParams, "mid", _P),
    from_params("Fade", ReliefParams, "fade", _P),
    from_params("Repeats Around", ReliefParams, "around", _P),
    from_params("Repeats Across", ReliefParams, "across", _P),
    from_params("Outer Side Only", ReliefParams, "outer", _S),
    Input("Mask", "Float", "How much of the depth is used, 0 to 1; click the icon to use a vertex group", 1.0, 0.0, 1.0, _S, field=True),
    Input("UV Map", "String", "UV map for the mapping UV", "", panel=_S),
    Input("Keep Clear Of", "Collection", "Gems and prongs that the ornament stays away from", panel=_G),
    from_params("Clearance", ReliefParams, "clear", _G),
    Input("Density", "Int", "Times that every face is cut in four before the relief is laid on", 0, 0, 6, _V),
    Input("Shade Only", "Bool", "Leave the mesh as it is; the material draws the relief", False, panel=_V),
    Input("Unit", "Float", "Scene units per mm", 1.0, 1e-9, 1e9, _K, hidden=True),
    Input("Own Form", "Bool", "The mesh is one of our forms and says itself where it moves", False, panel=_K, hidden=True),
    Input("Pair", "Bool", "Two mirrored pieces: what is kept clear on one is kept clear on both", False, panel=_K, hidden=True),
    Input("Wrap", "Bool", "The pattern of our own form joins its own beginning", True, panel=_K, hidden=True),
    Input("Mirrored", "Bool", "Upper and lower edge of the picture do not meet, so it goes on as its mirror image", False, panel=_K, hidden=True),
    Input("UV Scale", "Float", "Patterns on one unit of the UV map", 1.0, 1e-9, 1e9, _K, hidden=True),
    *(Input(f"Axis {axis}", "Vector", "Own axis of the body", row, panel=_K, hidden=True) for axis, row in zip("XYZ", np.eye(3).tolist())),
    Input("Centre", "Vector", "Middle of the body, mm", (0.0, 0.0, 0.0), panel=_K, hidden=True),
    Input("Radius", "Float", "Where one degree has its true length on a ball, mm", 1.0, 0.0, 1e9, _K, hidden=True),
    *(Input(f"{kind} Size", "Vector", "Length and width of the pattern, mm", _ONE, panel=_K, hidden=True) for kind in relief_tree.MAPPINGS[1:6]),
    Input("Section", "Image", "Arc length along the outer line of the section, mm", panel=_K, hidden=True),
    Input("Section Scale", "Vector", "From radius and height in mm to the table", _ONE, panel=_K, hidden=True),
    Input("Section Offset", "Vector", "From radius and height in mm to the table", (0.0, 0.0, 0.0), panel=_K, hidden=True),
    *(Input(f"Flat {axis}", "Vector", "Axis of the face", row, panel=_K, hidden=True) for axis, row in zip("XYZ", np.eye(3).tolist())),
    Input("Flat Centre", "Vector", "Middle of the face, mm", (0.0, 0.0, 0.0), panel=_K, hidden=True),
    Input("Outline", "Image", "Distance from the border of the face, mm", panel=_K, hidden=True),
)
_READ = {
    "mapping": "Mapping", "depth": "Depth", "cut_in": "Cut In", "mid": "Mid Level", "fade": "Fade", "around": "Repeats Around",
    "across": "Repeats Across", "outer": "Outer Side Only", "clear": "Clearance",
}  # fmt: skip


def relief_group() -> bpy.types.NodeTree:
    """The group, made once per file; one of an older version is written anew in place, and its modifiers keep their values."""
    tree = next((t for t in bpy.data.node_groups if _MARK in t and t.library is None and t.get("jewelgen") == NAME), None)
    if tree is not None and tree[_MARK] >= VERSION:
        return tree
    kept = []
    if tree is None and (shipped := tree_file.load(NAME, INPUTS)) is not None:
        return shipped
    if tree is None:
        tree = bpy.data.node_groups.new(NAME, "GeometryNodeTree")
        tree["jewelgen"] = NAME
    else:
        kept = [(mod, {name: get(mod, name) for name in node_inputs.names(tree)}) for mod in _users(tree)]
    tree.is_modifier = True
    node_inputs.build(tree, INPUTS)
    relief_tree.write(tree)
    node_inputs.set_menu_default(tree, "Mapping", "Form")
    tree[_MARK] = VERSION
    for mod, values in kept:
        known = node_inputs.names(tree)
        set_all(mod, {name: value for name, value in values.items() if name in known and (name, value) != ("Mapping", "")})
    return tree


def _users(tree: bpy.types.NodeTree) -> list[bpy.types.Modifier]:
    return [m for ob in bpy.data.objects if ob.library is None for m in ob.modifiers if m.type == "NODES" and m.node_group == tree]


def modifier_of(ob: bpy.types.Object | None) -> bpy.types.Modifier | None:
    """The relief on an object, or None."""
    return node_inputs.modifier_of(ob, NAME)


def lay(
    ob: bpy.types.Object,
    image: bpy.types.Image,
    params: ReliefParams,
    places: Places | None,
    unit: float,
    depth: float,
    *,
    wrap: bool = True,
    pair: bool = False,
    mirrored: bool | None = None,
) -> bpy.types.Modifier:
    """Lay a height on an object through our modifier; a second time it takes the new values. Nothing else of the object changes.

    Parameters
    ----------
    image : Image
        One part of the pattern, as tooled.
    places : Places or None
        Where the pattern lies on a mesh. Our own forms carry it as attributes and need none for "Form".
    unit : float
        Scene units per mm.
    depth : float
        mm from black to white, negative to cut in.
    wrap, pair : bool
        Of our own forms: the ornament joins its own beginning (``Bare.wrap``), and the piece is a mirrored pair.
    mirrored : bool, optional
        The picture's upper and lower edge differ; looked up if not known, which reads the whole image.
    """
    tree = relief_group()
    mod = modifier_of(ob)
    if mod is None:
        mod = ob.modifiers.new("JewelGen", "NODES")
        mod.node_group = tree
    own = relief_tree.LIFT in ob.data.attributes
    values: dict[str, Any] = {
        "Height": image, "Mapping": _menu_name(params.mapping, places, own), "Depth": abs(depth), "Cut In": depth < 0,
        "Mid Level": params.mid, "Fade": params.fade, "Repeats Around": params.around, "Repeats Across": params.across,
        "Outer Side Only": params.outer, "Clearance": params.clear, "Unit": unit, "Mirrored": _mirrored(image) if mirrored is None else mirrored,
        "Own Form": own, "Wrap": wrap, "Pair": pair,
    }  # fmt: skip
    if places is not None:
        values |= _placed(ob, mod, places)
    set_all(mod, values)
    return mod


def _menu_name(asked: str, places: Places | None, own: bool) -> str:
    kind = places.chosen if places is not None and asked == "auto" else asked
    if own and (places is None or kind in ("auto", "toroidal", "uv")):
        return "Form"
    return {name.lower(): name for name in relief_tree.MAPPINGS}.get(kind, "Toroidal")


def read(mod: bpy.types.Modifier) -> dict[str, Any]:
    """The live settings by the names of ReliefParams, and ``cut_in``; the mapping "Form" of our own forms is ``auto`` in a recipe."""
    values = {field: get(mod, name) for field, name in _READ.items()}
    values = {field: round(value, 6) if isinstance(value, float) else value for field, value in values.items()}
    return values | {"mapping": "auto" if values["mapping"] == "Form" else values["mapping"].lower()}


def _mirrored(image: bpy.types.Image) -> bool:
    """Whether the picture's upper and lower edge differ, as the core decides it."""
    rows = array_from_image(image)[[0, -1]]
    return bool(np.abs(rows[0] - rows[1]).max() >= 0.1)


def _placed(ob: bpy.types.Object, mod: bpy.types.Modifier, places: Places) -> dict[str, Any]:
    """Inputs that say where the pattern lies."""
    values: dict[str, Any] = {"Centre": places.centre, "Flat Centre": places.flat_centre, "Radius": places.radius}
    for axis, row, flat in zip("XYZ", places.frame, places.flat_frame):
        values |= {f"Axis {axis}": row, f"Flat {axis}": flat}
    for kind, size in places.sizes.items():
        if kind.title() in relief_tree.MAPPINGS[1:6]:
            values[f"{kind.title()} Size"] = (*size, 1.0)
    if places.section is not None:
        line = places.section
        shape = np.array(line.table.shape[::-1], float)
        scale = 1.0 / (line.step * shape)
        offset = 0.5 / shape - np.array(line.corner) * scale
        values["Section"] = image_from_array(line.table, f"{ob.name} Section", get(mod, "Section"))
        values |= {"Section Scale": (*scale, 0.0), "Section Offset": (*offset, 0.0)}
    values["UV Scale"] = places.uv_scale / places.sizes["uv"][0] if "uv" in places.sizes else 1.0
    values["Outline"] = None
    if places.outline is not None:
        values["Outline"] = image_from_array(places.outline[::-1], f"{ob.name} Outline", get(mod, "Outline"))
    uv = getattr(ob.data, "uv_layers", None)
    if uv is not None and uv.active is not None and not get(mod, "UV Map"):
        values["UV Map"] = uv.active.name
    return values
