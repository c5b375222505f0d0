"""The job of the panel's height pictures: one picture read by one method, or by several to choose from."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.height.looks import choose
from ..core.height.metal import metal_of
from ..core.height.methods import applicable
from ..core.height.params import METHODS, HeightParams
from ..core.height.shade import save_shaded
from ..core.params import from_dict, pick
from ..core.pattern.any_picture import Source, source_of
from ..core.report import plain
from . import store
from .loop import Tell

_THUMB = 192  # px of the longer side


def heights(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """Heights of one picture.

    {picture: file, height?: fields of ``HeightParams``, compare?: bool, methods?: [name, …], pixels?: px of the longer side,
    depth_map?: file, normals?: file} to height-METHOD.png (16 bit), thumb-METHOD.png and {heights: [{method, file, thumb, notes,
    why, seconds}], left_out: [{method, reason}], best, why, seconds}.

    By the method in ``height``; with ``compare`` by that and by all others that apply, the likeliest first; with ``methods`` by
    those. ``best`` is what "auto" takes. ``pixels`` makes previews; without it the heights are as large as the picture. Files
    are names in the folder or paths. Raises BadInput if no method can read the picture.
    """
    began = time.perf_counter()
    pixels = int(params.get("pixels") or 0)
    if pixels and not 32 <= pixels <= 16384:
        raise BadInput(f"pixels is {pixels}; it must be between 32 and 16384", field="pixels")
    asked = from_dict(HeightParams, params.get("height") or {}, "height")
    if not params.get("picture"):
        raise BadInput("choose a picture first", field="picture")
    tell(0.0, "reading the picture")
    files = (folder / params[name] if params.get(name) else None for name in ("depth_map", "normals"))
    source = source_of(folder / params["picture"], *files)
    source = source.reduced(pixels) if pixels else source
    looks = source.looks()
    best, why = choose(looks, asked.light_known)
    names = [pick(str(name), METHODS, "method") for name in params.get("methods") or ()]
    if params.get("compare"):
        first = [] if asked.method == "auto" else [asked.method]
        names = list(dict.fromkeys([*first, *applicable(looks, source.depth is not None, source.normals is not None)]))
    made: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for number, name in enumerate(names or [asked.method]):
        share, step = 0.1 + 0.9 * number / max(len(names), 1), 0.9 / max(len(names), 1)
        try:
            made.append(_made(source, replace(asked, method=name), folder, lambda part, text, at=share, of=step: tell(at + of * part, text)))
        except BadInput as error:
            if len(names) < 2 or (number == len(names) - 1 and not made):
                raise
            left_out.append({"method": name, "reason": str(error)})
            continue
        tell(share + step, "writing files", preview=made[-1]["thumb"])
    return plain({"heights": made, "left_out": left_out, "best": best, "why": why, "seconds": round(time.perf_counter() - began, 3)})


def _made(source: Source, params: HeightParams, folder: Path, tell: Any) -> dict[str, Any]:
    """One height in its files, and what is told of it."""
    began = time.perf_counter()
    made = source.height(params, tell)
    row = {"method": made.method, "file": f"height-{made.method}.png", "thumb": f"thumb-{made.method}.png"}
    store.write_height(folder / row["file"], made.height)
    with store.beside(folder / row["thumb"]) as draft:
        save_shaded(draft, metal_of(made.height, params, made.facts, _THUMB))
    return row | {"notes": made.notes, "why": made.facts["why"], "seconds": round(time.perf_counter() - began, 4)}
