"""Jobs for a hand that is still drawing: what a motif would be on a piece, in a fraction of a second; and whether a model draws here."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..core import pipeline
from ..core.errors import BadInput
from ..core.height.picture import quantised
from ..core.mesh.arrays import Mesh
from ..core.mesh.mend import closed
from ..core.pattern import drawn
from ..core.recipe import Recipe
from ..core.relief import generic
from ..core.relief.lift import spacing_of, tooled
from ..core.relief.surface import pitch_of, wraps
from ..core.report import plain
from ..core.words.design import Motif
from ..engines import motif
from ..engines.registry import PICTURES
from ..engines.registry import ask as engines
from . import store
from .jobs_piece import draw
from .loop import Tell

_NAME = "sketch"


def able(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{} to {reason}: why the motif model cannot draw here, "" if it can; it is loaded then, so that its first motif need not wait."""
    return {"reason": motif.reason()}


def follow(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """A piece with other motifs, its form untouched: only its pictures are made.

    {recipe?, sketch?: file, wish?: {…}, fit?: false, mesh?: path, pixels?: px a mm}; without a recipe only the motif of the sketch is drawn.

    sketch is an .npz with "coverage" (h, w) in [0, 1]; what is drawn in it becomes the only motif, as the model follows it with
    ``wish``, or as it is where there is no wish or no model. Without a sketch the motifs are those of the recipe.

    With ``pixels``, fewer than the recipe's, it is done in haste: ready.npy, (rows, columns) float32, and no more. Otherwise
    height.png, ready.png and thumb.png are those of "lay". The result is {recipe, notes, missing, motif}, where motif is
    {cell, name, function, source, nearest, likeness, score, reason} of a sketch, or null; the recipe is "" in haste.
    """
    if not params.get("recipe"):
        return plain({"recipe": "", "notes": (), "missing": (), "motif": _sketched(params, folder, tell)})
    said = params["recipe"]
    recipe = Recipe.from_json(said if isinstance(said, str) else json.dumps(said))
    if recipe.height is not None:
        raise BadInput("this relief was made of a picture, which has no motifs; make one of words", field="motifs")
    made = None
    mesh = {"mesh": params["mesh"]} if params.get("mesh") else {}
    if params.get("sketch"):
        made = _sketched(params, folder, tell)
        motifs = (Motif(name=made["name"], cell=made["cell"]),)
        recipe = replace(recipe, design=replace(recipe.design, motifs=motifs))
    if params.get("pixels"):
        result = _in_haste(recipe, min(float(params["pixels"]), recipe.relief.pixels), mesh.get("mesh", ""), folder, tell)
    else:
        result = draw({"recipe": recipe.to_json(), "ready": True, **mesh}, folder, lambda share, text, preview="": tell(0.3 + 0.7 * share, text))
    return plain({**result, "motif": made})


def _sketched(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """The motif of a sketch, as a tile of the panel keeps it."""
    found = store.read_arrays(folder / params["sketch"])
    cell = drawn.cell_of(found["coverage"], fit=bool(params.get("fit")))
    reason = motif.reason() if params.get("wish") else ""
    if params.get("wish") is None or reason:
        return {
            "cell": drawn.pack(drawn.cleaned(cell)), "name": _NAME, "function": "drawn", "source": "", "nearest": "", "likeness": 0.0, "score": 0.0,
            "reason": reason,
        }  # fmt: skip
    wish = motif.Wish(**{**params["wish"], "function": "sketch", "count": 1, "sketch": cell})
    try:
        one = motif.draw(wish, lambda share, text: tell(0.3 * share, text))[0]
    except BadInput as error:
        if error.field != "prompt":
            raise
        one = motif.draw(replace(wish, prompt=""), lambda share, text: tell(0.3 * share, text))[0]  # its words mean nothing; its lines do
    return {
        "cell": drawn.pack(one.field), "name": (one.words or _NAME)[:80], "function": one.function, "source": one.source, "nearest": one.nearest,
        "likeness": one.likeness, "score": one.score, "reason": "",
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Board:
    """What does not change while motifs do: the order without them, and how a tool meets the surface."""

    order: pipeline.Order
    spacing: float


@lru_cache(maxsize=2)
def _board(recipe: str, mesh: str) -> _Board:
    """The board of a recipe without motifs; working out a form takes longer than drawing on it."""
    heard: list[pipeline.Order] = []

    def blank(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        heard.append(order)
        return pipeline.Answer(np.zeros((order.surface.rows, order.surface.columns), np.float32), {})

    body = closed(store.read_mesh(Path(mesh)))[0] if mesh else None
    known = pipeline.draw(Recipe.from_json(recipe), blank, lambda share, text: None, mesh=body)
    host, relief = known.host, known.recipe.relief
    spacing = float(np.median(generic.edge_lengths(host))) if isinstance(host, Mesh) else spacing_of(relief, max(host.ornament))
    return _Board(heard[0], spacing)


def _in_haste(recipe: Recipe, pixels: float, mesh: str, folder: Path, tell: Tell) -> dict[str, Any]:
    recipe = replace(recipe, relief=replace(recipe.relief, pixels=pixels))
    bare = replace(recipe, design=replace(recipe.design, motifs=(), prompt="", unknown=(), notes=()))
    board = _board(bare.to_json(), mesh)
    tell(0.5, "drawing the pattern")
    surface = board.order.surface
    engine = "auto" if board.order.engine.startswith(PICTURES) else board.order.engine  # a pen is not followed by a picture model
    answer = engines(replace(board.order, engine=engine, design=recipe.design), lambda share, text: tell(0.5 + 0.4 * share, text))
    picture = quantised(answer.picture)
    ready = tooled(picture, recipe.relief, pitch_of(surface, picture), board.spacing, wraps(surface))
    with store.beside(folder / "ready.npy") as draft, open(draft, "wb") as file:
        np.save(file, ready.astype(np.float32))
    return {"recipe": "", "notes": answer.notes, "missing": answer.missing}
