"""Files of a piece that is laid: its pattern, its form without ornament, and its metal where that is more than a relief."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..core import pipeline
from ..core.errors import BadInput
from ..core.facts import craft_of
from ..core.height.filters import resize
from ..core.height.shade import save_shaded, shade
from ..core.mesh.arrays import Mesh, join
from ..core.recipe import Recipe
from ..core.relief.bare import bare_piece
from ..core.relief.params import DENSITIES
from . import store
from .loop import Tell

THUMB = 192  # px wide


def write_pictures(folder: Path, drawn: pipeline.Drawn) -> None:
    """One part of the pattern as drawn and as tooled, and a small picture of it."""
    store.write_height(folder / "height.png", drawn.picture)
    store.write_height(folder / "ready.png", drawn.ready)
    write_thumb(folder / "thumb.png", drawn, THUMB)


def write_bare(folder: Path, drawn: pipeline.Drawn, params: dict[str, Any]) -> str:
    """The form without ornament in bare.npz, unless it is the one that is known as ``form_mark``; its fingerprint, "" for a mesh of others."""
    if isinstance(drawn.host, Mesh):
        return ""
    finest = _live_spacing(*drawn.host.ornament)
    bare = bare_piece(drawn.host, max(finest, float(params.get("spacing") or finest)))
    mark = hashlib.sha256(bare.mesh.vertices.tobytes() + bare.mesh.faces.tobytes()).hexdigest()[:16]
    if mark != params.get("form_mark"):
        store.write_arrays(
            folder / "bare.npz", vertices=bare.mesh.vertices, faces=bare.mesh.faces, uv=bare.uv, lift=bare.lift, rim=bare.rim, wrap=np.array(bare.wrap)
        )
    return mark


def write_metal(folder: Path, drawn: pipeline.Drawn, params: dict[str, Any], tell: Tell) -> tuple[tuple[str, ...], dict[str, Any]]:
    """body.npz, as fine as a preview, where the metal is more than a relief on its form, and stones.npz, the stones in their seats.

    Gives what was mended, and what is known of the metal.
    """
    work = drawn.work
    if isinstance(drawn.host, Mesh) or (work.kind == "solid" and work.inside is None and not drawn.recipe.stones):
        return (), {"kind": "solid", **drawn.facts}
    tell(0.75, "working the metal", preview="thumb.png" if (folder / "thumb.png").exists() else "")
    keep_off = store.read_mesh(folder / params["clear"]) if params.get("clear") else None
    coarse = replace(drawn, recipe=replace(drawn.recipe, relief=replace(drawn.recipe.relief, density="preview")))
    shaped = pipeline.raised(coarse, lambda share, text: tell(0.6 + 0.5 * share, text), keep_off)
    store.write_mesh(folder / "body.npz", shaped.mesh)
    if shaped.settled is not None:
        from ..core.relief.stones import placed

        store.write_mesh(folder / "stones.npz", join(list(placed(shaped.host, shaped.settled.gems))))
    return shaped.notes[len(drawn.notes) :], craft_of(shaped)


def as_asked(drawn: pipeline.Drawn, params: dict[str, Any]) -> Recipe:
    """The recipe of a piece with the thickness that was asked for: that of a sheet is not the form's, and goes when the sheet does."""
    if drawn.work.kind != "sheet":
        return drawn.recipe
    said = params["recipe"]
    asked = Recipe.from_json(said if isinstance(said, str) else json.dumps(said))
    return replace(drawn.recipe, form=replace(drawn.recipe.form, thickness=asked.form.thickness))


def _live_spacing(length: float, width: float) -> float:
    """mm between vertices of a form that is looked at while its depth is turned: about 60,000 on the ornament, neither coarser than a
    preview nor finer than anybody sees."""
    return float(np.clip(np.sqrt(length * width / 60_000.0), 0.09, max(DENSITIES["preview"], max(length, width) / 3600.0)))


def write_thumb(path: Path, drawn: pipeline.Drawn, width: int) -> None:
    """The ornament as shaded metal, ``width`` px wide; of a long strip its middle, twice as long as wide."""
    if not 16 <= width <= 1024:
        raise BadInput(f"thumb is {width} px; it must be between 16 and 1024 px", field="thumb")
    ready = drawn.ready
    rows, columns = ready.shape
    if columns > 2 * rows:
        start = (columns - 2 * rows) // 2
        ready, columns = ready[:, start : start + 2 * rows], 2 * rows
    small = resize(ready, max(8, min(4 * width, round(width * rows / columns))), width)
    with store.beside(path) as draft:
        save_shaded(draft, shade(small, drawn.pitch * columns / width, abs(drawn.depth)))
