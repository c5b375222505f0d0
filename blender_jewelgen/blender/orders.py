"""What a job is told of a live relief: its recipe as it is now, the picture it was drawn with, the bodies that go along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import BadInput
from ..core.recipe import Recipe
from . import convert, crafted, nodes_relief, subject


def live_recipe(ob: bpy.types.Object, scene: bpy.types.Scene) -> Recipe:
    """The recipe of an object with the settings its modifier has now, and the scene's process. Raises BadInput."""
    from ..core.relief.params import TECHNIQUES

    recipe = Recipe.from_json(ob.jewelgen.recipe)
    live = nodes_relief.modifier_of(ob)
    if live is not None:
        values = nodes_relief.read(live)
        cut = values.pop("cut_in")
        recipe = replace(recipe, relief=replace(recipe.relief, **values, density="print"))
        if recipe.design.technique not in crafted.CRAFTS and cut == TECHNIQUES[recipe.design.technique][1]:  # turned over in the modifier
            recipe = replace(recipe, design=replace(recipe.design, technique="engraving" if cut else "relief"))
    make = scene.jewelgen.make
    manufacture = "" if make.manufacture == "_" else make.manufacture
    return replace(recipe, make=replace(recipe.make, process=make.process, manufacture=manufacture))


def letters(recipe: Recipe) -> str:
    """The lines of text of a recipe, to compare; "" without any."""
    return json.dumps([asdict(line) for line in recipe.texts], ensure_ascii=False) if recipe.texts else ""


def fingerprint(ob: bpy.types.Object, scene: bpy.types.Scene) -> str:
    """Everything that a print of this relief depends on, in a few letters."""
    try:
        text = live_recipe(ob, scene).to_json()
    except BadInput:
        text = ob.jewelgen.recipe
    held = ob.jewelgen.height.packed_file if ob.jewelgen.height else None
    return hashlib.sha256(f"{text}{held.size if held else 0} {len(ob.data.vertices)}".encode()).hexdigest()[:16]


def drawing(ob: bpy.types.Object, recipe: Recipe, folder: Path) -> dict[str, Any]:
    """What a job draws the pattern of an object from: its height as it is, unless other lines of text have to be put in. Raises BadInput."""
    if letters(recipe) == ob.jewelgen.lettered:
        return {"height": height_file(ob.jewelgen.height, folder)}
    if recipe.height is None:
        return {}  # drawn anew, as it was
    if not Path(recipe.height.path).is_file():
        raise BadInput("the picture that this piece was made of is gone, so that no other text can be put in; choose it again and generate", field="picture")
    return {"picture": recipe.height.path}


def bodies_along(scene: bpy.types.Scene, ob: bpy.types.Object, params: dict[str, Any], folder: Path, unit: float) -> Callable[[], None]:
    """Name in ``params`` the mesh of the artist and the gems that a job needs of an object; what writes them, for a thread."""
    mesh = None if subject.is_own(ob) else subject.mesh_of(ob, unit)
    clear = subject.clear_of(scene, ob, unit)
    bodies = {name: body for name, body in (("mesh", mesh), ("clear", clear)) if body is not None}
    params |= {name: f"{name}.npz" for name in bodies}

    def write() -> None:
        for name, body in bodies.items():
            convert.save_mesh(folder / f"{name}.npz", body)

    return write


def height_file(image: bpy.types.Image | None, folder: Path) -> str:
    """The height of an object as the file it was, in a job's folder; its name. Raises BadInput where it is gone."""
    if image is None or image.packed_file is None:
        raise BadInput("the height picture of this relief is gone from the file; generate it again", field="height")
    (folder / "height.png").write_bytes(image.packed_file.data)
    return "height.png"
