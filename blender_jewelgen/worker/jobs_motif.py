"""The job of the motif model: words, drawings and gaps become motifs in files, each with a picture to choose it by."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.height.shade import save_shaded, shade
from ..core.params import from_dict
from ..core.pattern import drawn
from ..core.pattern.cells import CELLS
from ..core.pattern.inflate import inflate
from ..core.pattern.sketch import read_drawing, read_mask
from ..core.report import plain
from ..engines import motif as model
from ..engines.motif import files
from ..engines.registry import card
from . import store
from .loop import Tell

_THUMB = 128  # px
_SAMPLED = 0.85  # share of the work that is drawing; the rest is files
OWN = "your drawing"  # what the model calls a start that has no name
_CELL_MM, _DEPTH_MM = 10.0, 0.9  # of a motif that is looked at


def motif(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """Motifs of a wish.

    {wish: fields of ``Wish``, start?: file, sketch?: file, mask?: file, fit?: bool, thumb?: px, names?: {start, sketch: what a person calls them}}
    to motif-1.png … (512 px, 16 bit, see ``drawn.levels``), thumb-1.png … and {motifs: [{file, thumb, cell: packed, function, source, origin, words,
    nearest, likeness, score, seed, seconds}], notes, credit, model, seconds}, best first.

    Files are names in the folder or paths; a motif file of ours is taken as it is, any other picture as ``read_drawing`` says.
    ``fit`` false leaves a sketch where it lies in its picture, light on dark, as a program draws it. The model stays loaded for the next job.
    """
    began = time.perf_counter()
    side = int(params.get("thumb") or _THUMB)
    if not 16 <= side <= 1024:
        raise BadInput(f"thumb is {side} px; it must be between 16 and 1024 px", field="thumb")
    tell(0.0, "reading the drawings")
    wish, notes = wished(params, folder)
    made = model.draw(wish, lambda share, text: tell(_SAMPLED * share, text))
    motifs = []
    for number, one in enumerate(made, 1):
        row = {"file": f"motif-{number}.png", "thumb": f"thumb-{number}.png"}
        _write_levels(folder / row["file"], one.field)
        with store.beside(folder / row["thumb"]) as draft:
            save_shaded(draft, relief(one.field, side))
        motifs.append(row | _facts(one, wish))
        tell(_SAMPLED + (1.0 - _SAMPLED) * number / len(made), "writing files", preview=row["thumb"])
    revision = files.model().revision
    return plain({
        "motifs": motifs, "notes": notes, "credit": card("motif").credit() | {"revision": revision}, "model": revision,
        "seconds": round(time.perf_counter() - began, 3),
    })  # fmt: skip


def wished(params: dict[str, Any], folder: Path) -> tuple[model.Wish, tuple[str, ...]]:
    """The wish with its drawings read, and notes on those."""
    wish = params.get("wish")
    taken = [f.name for f in fields(model.Wish) if "kind" not in f.metadata]
    if isinstance(wish, dict) and set(wish) & set(taken):
        raise BadInput(f"{', '.join(sorted(set(wish) & set(taken)))} of a wish is a file beside it", field="wish")
    names, notes, arrays = dict(params.get("names") or {}), [], {}
    repair = bool(params.get("mask"))
    free = bool(params.get("fit", True))
    for what, fit, light in (("start", not repair, False), ("sketch", free, not free)):
        if params.get(what):
            read = read_drawing(folder / params[what], what, fit, light, str(names.get(what, "")))
            arrays[what] = read.field
            notes += read.notes
    if repair:
        arrays["mask"] = read_mask(folder / params["mask"], arrays["start"].shape[0] if "start" in arrays else drawn.FILE)
    return from_dict(model.Wish, {**wish, **arrays} if isinstance(wish, dict) else wish, "wish"), tuple(notes)


def relief(field: np.ndarray, side: int) -> np.ndarray:
    """(side, side, 3) uint8: distances of a motif as rounded gold."""
    return shade(inflate(drawn.coverage(field, side)), _CELL_MM / side, _DEPTH_MM)


def _facts(one: model.Made, wish: model.Wish) -> dict[str, Any]:
    """What is told of a motif; ``origin`` is what it started from: library, family, drawing or nothing."""
    figures = one.source.split(" + ") if one.source else []
    if set(figures) <= {OWN}:
        origin = "drawing" if wish.start is not None or wish.sketch is not None else ""
    else:
        origin = "family" if all(name in CELLS for name in figures if name != OWN) else "library"
    return {
        "cell": drawn.pack(one.field), "function": one.function, "source": one.source, "origin": origin, "words": one.words, "nearest": one.nearest,
        "likeness": one.likeness, "score": one.score, "seed": one.seed, "number": one.number, "seconds": round(one.seconds, 4),
    }  # fmt: skip


def _write_levels(path: Path, field: np.ndarray) -> None:
    """Signed distances as a 16 bit grey PNG."""
    from PIL import Image

    with store.beside(path) as draft:
        Image.fromarray(drawn.levels(field)).save(draft, "PNG", compress_level=1)
