"""The motifs to pick from: what the scene wishes, what a job drew, and which one is picked. Each keeps its drawing in the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.errors import BadInput
from ..core.recipe import Recipe
from ..engines.motif.wish import Wish
from . import images, laying, nodes_relief, previews, subject
from .jobs import Steps
from .settings import value_of
from .translations import named, say

PICTURE = 128  # px
_MM, _DEPTH = 10.0, 0.9  # of a motif that is looked at
_NAME = 80  # signs of a motif's name
_PLAIN = {f.name: f for f in fields(Wish) if "kind" in f.metadata}
_MOST_KNOWN = 2  # drawings of the library that are shown before those of the model
LABELS = {
    "vary": "Varied", "blend": "Blended", "sketch": "Sketched", "invent": "Invented", "inpaint": "Repainted", "row": "Step", "drawn": "As Drawn",
}  # fmt: skip


def wish_of(scene: bpy.types.Scene, **instead: Any) -> dict[str, Any]:
    """The plain values of the scene's wish; an empty prompt is that of the design."""
    group = scene.jewelgen.wish
    values = {name: value_of(f, getattr(group, name)) for name, f in _PLAIN.items()}
    values["prompt"] = words(scene)
    return values | instead


def words(scene: bpy.types.Scene) -> str:
    """What motifs are asked for: words of their own, else those of the design."""
    return (scene.jewelgen.wish.prompt or scene.jewelgen.prompt).strip()


def picked(scene: bpy.types.Scene) -> Any:
    """The tile that is picked, or None."""
    settings = scene.jewelgen
    return settings.tiles[settings.tiles_index] if 0 <= settings.tiles_index < len(settings.tiles) else None


def piece_of(context: bpy.types.Context) -> bpy.types.Object | None:
    """The live relief that is at work: the active one, or what the active print or sketch belongs to; None if there is none."""
    ob = context.active_object
    if ob is not None and ob.jewelgen.kind in ("print", "sketch"):
        ob = ob.jewelgen.origin
    if ob is None or ob.jewelgen.kind != "relief" or not ob.jewelgen.recipe or nodes_relief.modifier_of(ob) is None:
        return None
    return ob if not subject.why_not(ob) else None


def drawing(context: bpy.types.Context) -> tuple[str, str, str]:
    """(name, drawing, wish) of the picked tile, else of the first motif of the piece; the drawing is "" for one of the library.

    Raises BadInput where nothing is picked.
    """
    row = picked(context.scene)
    if row is not None:
        return row.name, row.cell, row.wish
    ob = piece_of(context)
    motifs = Recipe.from_json(ob.jewelgen.recipe).design.motifs if ob is not None else ()
    if ob is None or not motifs:
        raise BadInput("no motif is picked; draw motifs and pick one", field="motifs")
    return motifs[0].name, motifs[0].cell, ob.jewelgen.wish


def distances(name: str, cell: str) -> np.ndarray:
    """(s, s) float32 distances of a motif, its own drawing or the library's. Raises BadInput."""
    from ..core.pattern import drawn

    return drawn.unpack(cell) if cell else drawn.drawing_of(name)


def gold(field: np.ndarray, side: int = PICTURE) -> np.ndarray:
    """(side, side, 3) uint8: distances of a motif as rounded gold; touches no bpy."""
    from ..core.height.shade import shade
    from ..core.pattern import drawn, inflate

    return shade(inflate.inflate(drawn.coverage(field, side)), _MM / side, _DEPTH)


def gold_of(name: str, side: int = PICTURE) -> np.ndarray:
    """The same of a motif of the library; a parametric figure with all its lines."""
    from ..core.height.shade import shade
    from ..core.pattern.cells import CELLS, cell

    return shade(cell(name, side), _MM / side, _DEPTH) if name in CELLS else gold(distances(name, ""), side)


def known(result: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    """Names and pictures of the drawings in the library that the motifs of a job started from: they come first. Touches no bpy."""
    from ..core.pattern import motifs
    from ..core.pattern.cells import CELLS

    found = [name for row in result["motifs"] for name in row["source"].split(" + ")]
    names = [name for name in dict.fromkeys(found) if name in CELLS or name in motifs.names()]
    return [(name, gold_of(name)) for name in names[:_MOST_KNOWN]]


def put(scene: bpy.types.Scene, result: dict[str, Any], first: list[tuple[str, np.ndarray]], folder: Path, wish: dict[str, Any]) -> Steps:
    """The motifs of a job take the place of those that were there; the library's own come first."""
    forget(scene)
    tiles = scene.jewelgen.tiles
    for name, colours in first:
        row = tiles.add()
        row.name, row.function, row.source, row.score = name, "library", name, 1.0
        row.image = kept(images.image_from_colours(colours, named(name)))
        yield
    kept_wish = json.dumps(wish)
    for number, made in enumerate(result["motifs"], 1):
        row = tiles.add()
        fill(row, made, name_of(made, number), kept_wish)
        row.image = laying.thumbnail(folder / made["thumb"], row.name)
        yield


def fill(row: Any, made: dict[str, Any], name: str, wish: str) -> None:
    """What a job says of one motif into its tile."""
    row.name, row.cell, row.wish = name, made["cell"], wish
    for key in ("function", "source", "nearest", "likeness", "score"):
        setattr(row, key, made[key])


def name_of(made: dict[str, Any], number: int) -> str:
    """What a drawn motif is called in the design: its words and its number."""
    said = str(made.get("words") or made.get("source") or "motif")
    return f"{said[: _NAME - 4].strip()} {number}"


def kept(image: bpy.types.Image) -> bpy.types.Image:
    """A small picture packed into the file, its thumbnail made."""
    image.pack()
    previews.stamp(image)
    return image


def forget(scene: bpy.types.Scene) -> None:
    """Take the motifs away, with their pictures."""
    images.forget_rows(scene.jewelgen, "tiles")


def label(row: Any, number: int) -> str:
    """Where a tile comes from, in a word: the name of a drawing of the library, Varied, Invented, Step 3."""
    if row.function == "library":
        return named(row.source)
    how = say(LABELS.get(row.function, "Drawn"))
    return f"{how} {number}" if row.function == "row" else how


def drawn_by_model(rows: Iterable[Any]) -> list[Any]:
    """Tiles with a drawing of their own, in their order."""
    return [row for row in rows if row.cell]
