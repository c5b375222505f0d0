"""The job that measures a mesh: what the panel and ranked seeds are told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh
from ..core.mesh.quality import measured, refusal
from ..core.mesh.read import read_in_any_unit
from ..core.report import plain
from . import store
from .loop import Tell


def quality(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{mesh: file | path: file of anybody's, scale?: mm a unit, wall?: true} to the fields of ``Quality``, ``refused`` and ``notes``.

    ``refused`` says why it would be no body if a model had made it, "" if it may be. Without a scale a size that no jewelry has is
    taken as it is: only lengths depend on it. Raises BadInput for a file that cannot be read.
    """
    tell(0.05, "reading the mesh")
    mesh, notes = _mesh(params, folder)
    found = measured(mesh, bool(params.get("wall", True)), tell=lambda share, text: tell(0.3 + 0.7 * share, text))
    return plain({**found.as_dict(), "refused": refusal(found), "notes": notes})


def _mesh(params: dict[str, Any], folder: Path) -> tuple[Mesh, tuple[str, ...]]:
    if params.get("mesh"):
        return store.read_mesh(folder / params["mesh"]), ()
    if not params.get("path"):
        raise BadInput("no mesh is named", field="mesh")
    mesh, facts, own = read_in_any_unit(Path(params["path"]), params.get("scale"), uv=True)
    return mesh, (*facts.notes, "its size is no size of jewelry: lengths are in its own units") if own else facts.notes
