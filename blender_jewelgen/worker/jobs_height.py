"""The job of the panel's height pictures: one picture read by one method, or by several to choose from; also by models that see depth."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput, Fix
from ..core.height.looks import choose
from ..core.height.metal import metal_of
from ..core.height.methods import applicable
from ..core.height.params import METHODS, MODELS, HeightParams, SeeingParams
from ..core.height.shade import save_shaded
from ..core.params import from_dict, pick
from ..core.pattern.any_picture import Source, source_of
from ..core.report import plain
from . import elsewhere, store
from .loop import Tell

_THUMB = 192  # px of the longer side


def heights(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """Heights of one picture.

    {picture: file, height?: fields of ``HeightParams``, compare?: bool, methods?: [name, …], pixels?: px of the longer side,
    depth_map?: file, normals?: file, models?: [name or folder, …], seeing?: fields of ``SeeingParams``, raw?: bool} to
    height-METHOD.png (16 bit), thumb-METHOD.png and {heights: [{method, file, thumb, notes, why, seconds}], left_out: [{method,
    reason}], best, why, seconds}.

    By the method in ``height``; with ``compare`` by that and by all others that apply, the likeliest first; with ``methods`` by
    those. Methods that are models see with ``models``, in a Python that has torch: this one, or that of the runtime. With ``raw``
    only what the model sees is written: {depth: file or "", normals: file or "", notes, credit}, for a caller that goes on
    with it. ``best`` is what "auto" takes. ``pixels`` makes previews; without it the heights are as large as the picture. Files
    are names in the folder or paths. Raises BadInput if no method can read the picture.
    """
    began = time.perf_counter()
    pixels = int(params.get("pixels") or 0)
    if pixels and not 32 <= pixels <= 16384:
        raise BadInput(f"pixels is {pixels}; it must be between 32 and 16384", field="pixels")
    asked = from_dict(HeightParams, params.get("height") or {}, "height")
    if not params.get("picture"):
        raise BadInput("choose a picture first", field="picture")
    wanted = [str(name) for name in params.get("methods") or (asked.method,)]
    if set(wanted) & set(MODELS) and (other := _other_python(must=set(wanted) <= set(MODELS))):
        return _elsewhere(other, params, folder, tell)
    tell(0.0, "reading the picture")
    files = (folder / params[name] if params.get(name) else None for name in ("depth_map", "normals"))
    source = source_of(folder / params["picture"], *files)
    source = source.reduced(pixels) if pixels else source
    see = _Seeing(source, params, tell)
    if params.get("raw"):
        return see.raw(asked.method, folder)
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
            part = lambda part, text, at=share, of=step: tell(at + of * part, text)  # noqa: E731
            seen, notes = see.source(name, part) if name in MODELS else (source, ())
            made.append(_made(seen, replace(asked, method=name), folder, part, notes))
        except BadInput as error:
            if len(names) < 2 or (number == len(names) - 1 and not made):
                raise
            left_out.append({"method": name, "reason": str(error)})
            continue
        tell(share + step, "writing files", preview=made[-1]["thumb"])
    return plain({"heights": made, "left_out": left_out, "best": best, "why": why, "seconds": round(time.perf_counter() - began, 3)})


class _Seeing:
    """A picture as the models of a job see it."""

    def __init__(self, source: Source, params: dict[str, Any], tell: Tell) -> None:
        self._source, self._tell = source, tell
        self._models = [str(name) for name in params.get("models") or ()]
        self._params = from_dict(SeeingParams, params.get("seeing") or {}, "seeing")

    def estimate(self, method: str, tell: Any) -> Any:
        elsewhere.python_with_torch()
        # by name: the worker is loaded where there is no torch, and the rule that Blender's process loads no models is read from imports
        return import_module("..engines.depth.see", __package__).see(method, self._source.picture.colours, self._models, self._params, tell)

    def source(self, method: str, tell: Any) -> tuple[Source, tuple[str, ...]]:
        """The picture with the depth and the normals that were seen; files given beside it go before."""
        seen = self.estimate(method, lambda share, text: tell(0.8 * share, text))
        depth, normals = self._source.depth, self._source.normals
        return replace(self._source, depth=seen.depth if depth is None else depth, normals=seen.normals if normals is None else normals), seen.notes

    def raw(self, method: str, folder: Path) -> dict[str, Any]:
        """What is seen, in files."""
        seen = self.estimate(pick(method, MODELS, "method"), self._tell)
        files = {}
        for name in ("depth", "normals"):
            values = getattr(seen, name)
            files[name] = "" if values is None else f"seen-{name}.npy"
            if values is not None:
                with store.beside(folder / files[name]) as draft, open(draft, "wb") as file:
                    np.save(file, values, allow_pickle=False)
        return plain(files | {"notes": seen.notes, "credit": seen.credit})


def _other_python(must: bool) -> str | None:
    """The Python that models run in, None for this one; without any None, too, unless nothing can be done at all."""
    try:
        return elsewhere.python_with_torch()
    except BadInput:
        if must:
            raise
        return None


def _elsewhere(python: str, params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """The same job in the runtime's Python, with this job's folder; cancelled as this one is."""
    if params.get("passed_on"):
        raise BadInput("the AI runtime has no torch", field="runtime", fix=Fix("Repair the Runtime", "jewelgen runtime repair"))
    tell(0.0, "starting the AI runtime")
    shown = lambda file: tell(1.0, "writing files", preview=file)  # noqa: E731
    return elsewhere.client(python).run("heights", params | {"passed_on": True}, folder, tell=tell, preview=shown)


def _made(source: Source, params: HeightParams, folder: Path, tell: Any, said: tuple[str, ...] = ()) -> dict[str, Any]:
    """One height in its files, and what is told of it."""
    began = time.perf_counter()
    made = source.height(params, tell)
    row = {"method": made.method, "file": f"height-{made.method}.png", "thumb": f"thumb-{made.method}.png"}
    store.write_height(folder / row["file"], made.height)
    with store.beside(folder / row["thumb"]) as draft:
        save_shaded(draft, metal_of(made.height, params, made.facts, _THUMB))
    return row | {"notes": (*said, *made.notes), "why": made.facts["why"], "seconds": round(time.perf_counter() - began, 4)}
