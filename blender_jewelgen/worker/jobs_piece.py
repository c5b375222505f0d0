"""Jobs that walk the pipeline from words to metal, each as far as it is asked to."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..core import pipeline
from ..core.errors import BadInput
from ..core.height.filters import resize
from ..core.height.picture import read_height, read_levels
from ..core.height.shade import save_shaded, shade
from ..core.mesh.arrays import Mesh
from ..core.mesh.mend import closed
from ..core.pattern.strip import Plate, Strip
from ..core.recipe import Recipe, Source
from ..core.relief.bare import bare_piece
from ..core.relief.params import DENSITIES
from ..core.report import plain
from ..core.words.design import Design
from ..engines.registry import ask as engines
from . import store
from .loop import Tell

_THUMB = 192  # px wide
_FLAT = "a flat face: the pattern is laid on it as it is drawn"


def draw(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{recipe, thumb?: px, mesh?: file, ready?: false} to height.png, thumb.png, ready.png if asked for, and {recipe, credit, missing, notes, rows, columns}."""
    drawn, missing, notes = _drawn(params, folder, _share(tell, 0.0, 0.9))
    store.write_height(folder / "height.png", drawn.picture)
    if params.get("ready"):
        store.write_height(folder / "ready.png", drawn.ready)
    _thumb(folder / "thumb.png", drawn, int(params.get("thumb") or _THUMB))
    rows, columns = drawn.picture.shape
    return plain({"recipe": drawn.recipe.to_json(), "credit": drawn.recipe.engine, "missing": missing, "notes": (*notes, *drawn.notes), "rows": rows, "columns": columns})


def lay(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """All that the live relief needs.

    {recipe, height?: file, picture?: path, mesh?: file, spacing?: mm} to height.png, ready.png (one part of the pattern as
    drawn and as tooled), thumb.png; bare.npz (vertices, faces, uv, lift, rim, wrap) for our own forms, their vertices
    ``spacing`` mm apart, a preview's by default; places.npz (``Places.packed``) but for flat faces. The result is {recipe,
    depth, mapping, reason, notes, missing, surface: [length, width] mm, pitch: mm a pixel, wrap, seconds}.
    """
    drawn, missing, notes = _drawn(params, folder, _share(tell, 0.0, 0.6))
    tell(0.6, "writing files")
    store.write_height(folder / "height.png", drawn.picture)
    store.write_height(folder / "ready.png", drawn.ready)
    _thumb(folder / "thumb.png", drawn, _THUMB)
    if not isinstance(drawn.host, Mesh):
        tell(0.7, "making the form", preview="thumb.png")
        finest = _live_spacing(*drawn.host.ornament)
        bare = bare_piece(drawn.host, max(finest, float(params.get("spacing") or finest)))
        store.write_arrays(
            folder / "bare.npz", vertices=bare.mesh.vertices, faces=bare.mesh.faces, uv=bare.uv, lift=bare.lift, rim=bare.rim, wrap=np.array(bare.wrap)
        )
    tell(0.9, "measuring the mapping", preview="thumb.png")
    if drawn.places is not None:
        store.write_arrays(folder / "places.npz", **drawn.places.packed())
    return plain({
        "recipe": drawn.recipe.to_json(), "depth": drawn.depth, "mapping": drawn.where.kind if drawn.where else "planar",
        "reason": drawn.where.reason if drawn.where else _FLAT, "notes": (*notes, *drawn.notes), "missing": missing,
        "surface": drawn.size, "pitch": drawn.pitch, "wrap": drawn.wrap, "seconds": drawn.seconds,
    })  # fmt: skip


def _live_spacing(length: float, width: float) -> float:
    """mm between vertices of a form that is looked at while its depth is turned: about 60,000 on the ornament, neither coarser than a
    preview nor finer than anybody sees."""
    return float(np.clip(np.sqrt(length * width / 60_000.0), 0.09, max(DENSITIES["preview"], max(length, width) / 3600.0)))


def make(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{recipe, height?: file, picture?: path, mesh?: file, clear?: file} to piece.npz, report.json and {recipe, report}.

    piece.npz is there, and told of as a preview, before the checks begin.

    ``clear`` holds the gems and prongs that the ornament stays away from, in the piece's frame, mm.
    """
    recipe, sources, notes = _start(params, folder, tell)
    keep_off = store.read_mesh(folder / params["clear"]) if params.get("clear") else None
    shaped = pipeline.shape(recipe, engines, tell, **sources, keep_off=keep_off)

    def ready(mesh: Mesh) -> None:
        store.write_mesh(folder / "piece.npz", mesh)
        tell(0.62, "checking", preview="piece.npz")

    piece = pipeline.make(replace(shaped, notes=(*notes, *shaped.notes)), tell, ready)
    report = piece.report.to_dict()
    store.write_json(folder / "report.json", report)
    return {"recipe": piece.shaped.recipe.to_json(), "report": report}


def ask(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """An order to an engine: {engine, design, seed, surface: {…}, outline?: file} to picture.npy and {credit, missing, design, notes}."""
    surface = params["surface"]
    if params.get("outline"):
        surface = Plate(**surface, outline=store.read_arrays(folder / params["outline"])["outline"])
    else:
        surface = Strip(**surface)
    answer = engines(pipeline.Order(params["engine"], Design.from_dict(params["design"]), surface, params["seed"]), tell)
    with store.beside(folder / "picture.npy") as draft, open(draft, "wb") as file:
        np.save(file, answer.picture)
    design = answer.design.to_dict() if answer.design else None
    return {"credit": answer.credit, "missing": list(answer.missing), "design": design, "notes": list(answer.notes)}


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
        read = read_height(path)
        sources["picture"], notes = read.height, (*read.notes, *notes)
        recipe = replace(recipe, height=Source.of(path))
    return recipe, sources, notes


def _drawn(params: dict[str, Any], folder: Path, tell: pipeline.Tell) -> tuple[pipeline.Drawn, tuple[str, ...], tuple[str, ...]]:
    """What is known before metal is moved, the motifs that no engine knew, and notes on files."""
    recipe, sources, notes = _start(params, folder, tell)
    missing: tuple[str, ...] = ()

    def heard(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        nonlocal missing
        answer = engines(order, tell)
        missing = answer.missing
        return answer

    return pipeline.draw(recipe, heard, tell, **sources), missing, notes


def _share(tell: pipeline.Tell, low: float, high: float) -> pipeline.Tell:
    """Progress of ``pipeline.draw``, which stops at 0.4, as a part of a job's."""
    return lambda share, text: tell(low + (high - low) * min(1.0, share / 0.4), text)


def _thumb(path: Path, drawn: pipeline.Drawn, width: int) -> None:
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


def order_params(order: pipeline.Order) -> tuple[dict[str, Any], np.ndarray | None]:
    """What ``ask`` needs to know of an order, and the outline that goes into a file."""
    surface = asdict(order.surface)
    outline = surface.pop("outline", None)
    return {"engine": order.engine, "design": order.design.to_dict(), "seed": order.seed, "surface": surface}, outline
