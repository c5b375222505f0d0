"""Jobs that walk the pipeline from words to metal, each as far as it is asked to."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..core import pipeline
from ..core.diffusion import DiffusionParams
from ..core.height.picture import read_levels
from ..core.mesh.arrays import Mesh
from ..core.mesh.mend import closed
from ..core.pattern.any_picture import read_for
from ..core.pattern.strip import Plate, Strip
from ..core.recipe import Recipe, Source
from ..core.report import plain
from ..core.words.design import Design
from . import store
from .elsewhere import ask as engines
from .laid import THUMB, as_asked, write_bare, write_metal, write_pictures, write_thumb
from .loop import Tell

_FLAT = "a flat face: the pattern is laid on it as it is drawn"


def draw(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{recipe, thumb?: px, mesh?: file, ready?: false} to height.png, thumb.png, ready.png if asked for, and {recipe, credit, missing, notes, rows, columns}."""
    drawn, missing, notes = _drawn(params, folder, _share(tell, 0.0, 0.9))
    store.write_height(folder / "height.png", drawn.picture)
    if params.get("ready"):
        store.write_height(folder / "ready.png", drawn.ready)
    write_thumb(folder / "thumb.png", drawn, int(params.get("thumb") or THUMB))
    rows, columns = drawn.picture.shape
    return plain({"recipe": drawn.recipe.to_json(), "credit": drawn.recipe.engine, "missing": missing, "notes": (*notes, *drawn.notes), "rows": rows, "columns": columns})


def lay(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """All that the live relief needs.

    {recipe, height?: file, picture?: path, mesh?: file, spacing?: mm, metal?: false, clear?: file} to height.png, ready.png (one part of the pattern as
    drawn and as tooled), thumb.png; bare.npz (vertices, faces, uv, lift, rim, wrap) for our own forms, their vertices
    ``spacing`` mm apart, a preview's by default; places.npz (``Places.packed``) but for flat faces. With ``metal`` also
    body.npz and stones.npz, where a live relief cannot show what the craft makes. The result is {recipe, depth, mapping, reason, notes,
    missing, surface: [length, width] mm, pitch: mm a pixel, wrap, form_mark: fingerprint of the bare form, worked: ``metal``,
    craft: what is known of the body, seconds}.
    """
    drawn, missing, notes = _drawn(params, folder, _share(tell, 0.0, 0.6))
    tell(0.6, "writing files")
    write_pictures(folder, drawn)
    tell(0.65, "making the form", preview="thumb.png")
    form_mark = write_bare(folder, drawn, params)
    tell(0.7, "measuring the mapping", preview="thumb.png")
    if drawn.places is not None:
        store.write_arrays(folder / "places.npz", **drawn.places.packed())
    metal = bool(params.get("metal"))
    said, facts = write_metal(folder, drawn, params, tell) if metal else ((), {})
    return plain({
        "recipe": as_asked(drawn, params).to_json(), "form_mark": form_mark, "worked": metal, "craft": facts, "depth": drawn.depth, "mapping": drawn.where.kind if drawn.where else "planar",
        "reason": drawn.where.reason if drawn.where else _FLAT, "notes": (*notes, *drawn.notes, *said), "missing": missing,
        "surface": drawn.size, "pitch": drawn.pitch, "wrap": drawn.wrap, "seconds": drawn.seconds,
    })  # fmt: skip


def work(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """A piece that is laid, worked again after its craft, its text, its stones or its depth were changed.

    {recipe, height?: file, picture?: path, mesh?: path, clear?: file, form_mark?} to those files of "lay" that are others now:
    height.png, ready.png and thumb.png unless a height is given, bare.npz where ``form_mark`` is not that of the form any
    more, body.npz where a live relief cannot show the metal. The result is {notes, form_mark, worked, craft}.
    """
    drawn, _missing, notes = _drawn(params, folder, _share(tell, 0.0, 0.5))
    tell(0.5, "writing files")
    if not params.get("height"):
        write_pictures(folder, drawn)
    form_mark = write_bare(folder, drawn, params)
    said, facts = write_metal(folder, drawn, params, tell)
    return plain({"notes": (*notes, *drawn.notes, *said), "form_mark": form_mark, "worked": True, "craft": facts})


def make(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{recipe, height?: file, picture?: path, mesh?: file, clear?: file} to piece.npz, report.json and {recipe, report}.

    piece.npz is there, and told of as a preview, before the checks begin.

    ``clear`` holds the gems and prongs that the ornament stays away from, in the piece's frame, mm.
    """
    recipe, sources, notes = _start(params, folder, tell)
    keep_off = store.read_mesh(folder / params["clear"]) if params.get("clear") else None
    ask = lambda order, tell: engines(replace(order, online=bool(params.get("online"))), tell)  # noqa: E731
    shaped = pipeline.shape(recipe, ask, tell, **sources, keep_off=keep_off)

    def ready(mesh: Mesh) -> None:
        store.write_mesh(folder / "piece.npz", mesh)
        tell(0.62, "checking", preview="piece.npz")

    piece = pipeline.make(replace(shaped, notes=(*notes, *shaped.notes)), tell, ready)
    report = piece.report.to_dict()
    store.write_json(folder / "report.json", report)
    return {"recipe": piece.shaped.recipe.to_json(), "report": report}


def ask(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """An order to an engine: {engine, design, seed, diffusion, surface: {…}, outline?: file} to picture.npy, colours.png of a picture model, and
    {credit, missing, design, notes, colours?: file}; the work as it goes on is told of as the preview step.png."""
    surface = params["surface"]
    if params.get("outline"):
        surface = Plate(**surface, outline=store.read_arrays(folder / params["outline"])["outline"])
    else:
        surface = Strip(**surface)
    shown = _Shown(folder, tell)
    design, diffusion = Design.from_dict(params["design"]), DiffusionParams.from_dict(params.get("diffusion") or {})
    answer = engines(pipeline.Order(params["engine"], design, surface, params["seed"], diffusion, shown.picture, bool(params.get("online"))), shown.tell)
    with store.beside(folder / "picture.npy") as draft, open(draft, "wb") as file:
        np.save(file, answer.picture)
    if answer.colours is not None:
        store.write_picture(folder / "colours.png", answer.colours)
    drawn = answer.design.to_dict() if answer.design else None
    colours = "colours.png" if answer.colours is not None else ""
    return {"credit": answer.credit, "missing": list(answer.missing), "design": drawn, "notes": list(answer.notes), "colours": colours}


def warm(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """Load what every piece needs, so that the first one need not wait for it; {python, package, missing: libraries}."""
    missing = []
    for name in ("PIL.Image", "manifold3d"):
        try:
            import_module(name)
        except ImportError:
            missing.append(name.partition(".")[0])
    return {"python": sys.version.split()[0], "package": str(Path(__file__).parents[1]), "missing": missing}


def _start(params: dict[str, Any], folder: Path, tell: pipeline.Tell) -> tuple[Recipe, dict[str, Any], tuple[str, ...]]:
    """The recipe, what ``pipeline.shape`` starts from besides, and notes on that; a mesh is made a solid as the command line does."""
    said = params["recipe"]
    recipe = Recipe.from_json(said if isinstance(said, str) else json.dumps(said))
    sources: dict[str, Any] = {"picture": None, "mesh": None, "drawn": None}
    notes: tuple[str, ...] = ()
    if params.get("mesh"):
        tell(0.01, "looking for holes")
        sources["mesh"], notes = closed(store.read_mesh(folder / params["mesh"]))
    if params.get("height"):
        sources["drawn"] = read_levels(folder / params["height"])
    elif params.get("picture") or recipe.height:
        path = Path(params.get("picture") or recipe.height.path)
        method = recipe.height.method if recipe.height else "height"
        read = read_for(path, method, recipe.form.form)
        sources["picture"], notes = read.height, (*read.notes, *notes)
        recipe = replace(recipe, height=Source.of(path, method=method))
    return recipe, sources, notes


def _drawn(params: dict[str, Any], folder: Path, tell: Tell) -> tuple[pipeline.Drawn, tuple[str, ...], tuple[str, ...]]:
    """What is known before metal is moved, the motifs that no engine knew, and notes on files."""
    recipe, sources, notes = _start(params, folder, tell)
    missing: tuple[str, ...] = ()

    shown = _Shown(folder, tell)

    def heard(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        nonlocal missing
        answer = engines(replace(order, show=shown.picture, online=bool(params.get("online"))), tell)
        missing = answer.missing
        if answer.colours is not None:
            store.write_picture(folder / "colours.png", answer.colours)
        return answer

    return pipeline.draw(recipe, heard, shown.tell, **sources), missing, notes


class _Shown:
    """Progress of a job, and pictures of the work on the way, each told of as the preview step.png."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self._folder, self._tell, self._share, self._text = folder, tell, 0.0, ""

    def tell(self, share: float, text: str) -> None:
        self._share, self._text = share, text
        self._tell(share, text)

    def picture(self, picture: np.ndarray) -> None:
        store.write_picture(self._folder / "step.png", picture)
        self._tell(self._share, self._text, preview="step.png")


def _share(tell: Tell, low: float, high: float) -> Tell:
    """Progress of ``pipeline.draw``, which stops at 0.4, as a part of a job's."""
    return lambda share, text, preview="": tell(low + (high - low) * min(1.0, share / 0.4), text, preview)
