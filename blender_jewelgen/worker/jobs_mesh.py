"""Jobs on meshes of anybody's make: judge one, make one body of it, read one from a file."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.mesh.arrays import Mesh
from ..core.mesh.checks import check as judge
from ..core.mesh.checks import inside_out
from ..core.mesh.closed import bodies, edges
from ..core.mesh.one_body import one_body
from ..core.mesh.read import Facts
from ..core.mesh.read import read_mesh as parse
from ..core.mesh.weight import metals, weight_g
from ..core.params import from_dict
from ..core.recipe import MakeParams
from ..core.relief import axes
from ..core.report import plain
from ..core.solid.made import made
from ..core.solid.params import SolidParams
from . import store
from .loop import Tell

_GUESS = 20.0  # mm: longest side of a model that has no unit
_UNITS = {1.0: "mm", 10.0: "cm", 25.4: "inches", 1000.0: "metres"}


def check(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{mesh: file, metal, process, bodies?: 1} to {checks, volume_mm3, weight_g, weights: {metal: g}, triangles, size_mm}."""
    process = params.get("process") or MakeParams().process
    metal = params["metal"]
    weight_g(0.0, metal)  # refuses an unknown metal before the work
    mesh = store.read_mesh(folder / params["mesh"])
    tell(0.1, "checking")
    checks = judge(mesh, process, metal=metal, expected_bodies=int(params.get("bodies") or 1))
    volume = mesh.volume
    return plain({
        "checks": checks, "volume_mm3": volume, "weight_g": weight_g(volume, metal), "weights": {name: weight_g(volume, name) for name in metals()},
        "triangles": len(mesh.faces), "size_mm": mesh.size,
    })  # fmt: skip


def solid(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{mesh: file, resolution?: mm, solid?: fields of SolidParams} to solid.npz and what became of it.

    The result is {notes, exact, volume_before, volume_after, bodies_before, bodies_after, triangles, before, after, finger_mm}; ``before``
    and ``after`` are the numbers of ``mesh.quality``. ``volume_before`` is the signed volume of the triangles as they were, in mm³.
    Where they were no solid it is no amount of metal (a double shell counts twice, an inside-out part against the rest), and a note says so.
    """
    asked = dict(params.get("solid") or {})
    if params.get("resolution") is not None:
        asked.setdefault("resolution", params["resolution"])
    wanted = from_dict(SolidParams, asked, "solid")
    mesh = store.read_mesh(folder / params["mesh"])
    found = made(mesh, wanted, lambda share, text: tell(0.95 * share, text))
    notes, before, after = found.notes, found.volume_before, found.mesh.volume
    shaped = wanted != SolidParams(resolution=wanted.resolution, caps=wanted.caps)
    if not shaped and abs(after - before) > 1e-3 * after:
        count = bodies(mesh.faces, len(mesh.vertices))[0]
        notes += (f"before, the triangles added up to {before:.2f} mm³, which was no amount of metal: the surface was {_fault(mesh, count)}",)
    elif not notes:
        notes = ("the mesh was one closed body already",)
    tell(0.97, "writing files")
    store.write_mesh(folder / "solid.npz", found.mesh)
    return plain({
        "notes": notes, "exact": found.exact, "volume_before": before, "volume_after": after, "bodies_before": found.before.pieces,
        "bodies_after": found.after.pieces, "triangles": len(found.mesh.faces), "before": found.before.as_dict(), "after": found.after.as_dict(),
        "finger_mm": found.finger_mm,
    })  # fmt: skip


def _fault(mesh: Mesh, count: int) -> str:
    joined = edges(mesh.faces, len(mesh.vertices))
    if joined.open or joined.non_manifold:
        return "open"
    if joined.flipped:
        return "wound both ways"
    if inside_out(mesh, *bodies(mesh.faces, len(mesh.vertices))).any():
        return "inside out in parts" if count > 1 else "inside out"
    return "doubled, hollow or in loose parts" if count > 1 else "crossing itself"


def read(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{path, scale?: mm a unit, size?: mm of the longest side, orient?: true, centre?: true, uv?: false, solid?: false} to mesh.npz and facts.

    The facts are {notes, unit, scale, axis, size_mm, triangles, closed, bodies}. With neither scale nor size a unit is guessed
    where the bare numbers are no jewelry, and a note says which. ``orient`` turns the body so that z runs through a finger
    hole, or out of a flat side, its middle on the origin; ``centre`` does that alone. ``solid`` makes one closed body of it, with ``volume_before`` and ``volume_after`` among the facts. ``axis`` is the file's own axis that z was, "" if it was a slanted one.
    """
    tell(0.05, "reading the mesh")
    mesh, facts, unit = _scaled(Path(params["path"]), params.get("scale"), params.get("size"), bool(params.get("uv")))
    notes, axis, more = facts.notes, "z", {}
    if params.get("solid"):
        before = mesh.volume
        found = one_body(Mesh(mesh.vertices, mesh.faces), lambda share, text: tell(0.1 + 0.5 * share, text))
        # a mesh that was sound already keeps its texture coordinates
        mesh = mesh if facts.edges.sound and len(found.mesh.faces) == len(mesh.faces) else found.mesh
        notes = (*(note for note in notes if not note.startswith("the mesh ")), *found.notes)
        more = {"volume_before": before, "volume_after": mesh.volume, "exact": found.exact}
    if params.get("orient", True):
        tell(0.6, "laying it straight")
        mesh, axis, note = _straight(mesh)
        notes += (note,) if note else ()
    elif params.get("centre", True):
        mesh = replace(mesh, vertices=mesh.vertices - (mesh.vertices.max(axis=0) + mesh.vertices.min(axis=0)) / 2.0)
    tell(0.9, "writing files")
    store.write_mesh(folder / "mesh.npz", mesh)
    return plain({
        "notes": notes, "unit": unit, "scale": facts.scale, "axis": axis, "size_mm": mesh.size, "triangles": len(mesh.faces), "closed": facts.edges.sound or bool(more), "bodies": 1 if more else facts.bodies, **more,
    })  # fmt: skip


def _scaled(path: Path, scale: float | None, size: float | None, uv: bool) -> tuple[Mesh, Facts, str]:
    """The mesh in mm, what was found in the file, and the name of its unit ("model": a size of its own)."""
    if size is not None:
        if not (isinstance(size, (int, float)) and math.isfinite(size) and 1.0 <= size <= 1000.0):
            raise BadInput(f"size is {size!r}; it must be between 1 and 1000 mm", field="size")
        mesh, facts = parse(path, scale=1.0, uv=uv)
        factor = size / float(mesh.size.max())
        return replace(mesh, vertices=mesh.vertices * factor), replace(facts, scale=factor), "model"
    if scale is not None:
        mesh, facts = parse(path, scale=scale, uv=uv)
        return mesh, facts, _UNITS.get(scale, "model")
    try:
        mesh, facts = parse(path, uv=uv)
        return mesh, facts, _UNITS.get(facts.scale, "model")
    except BadInput as error:
        if error.field != "scale":
            raise
        refused = error
    mesh, facts = parse(path, scale=1.0, uv=uv)
    longest = float(mesh.size.max())
    if refused.fix is not None and refused.fix.option == "--scale 1000" and 1000.0 * longest >= 3.0:
        factor, unit = 1000.0, "metres"
        note = f"the file is {longest:.3g} units long, which was read as metres: {1000.0 * longest:.1f} mm"
    else:  # generated models are a unit or two long, whatever they show
        factor, unit = _GUESS / longest, "model"
        note = f"the file is {longest:.3g} units long, which is no size of jewelry: it was made {_GUESS:g} mm"
    return replace(mesh, vertices=mesh.vertices * factor), replace(facts, scale=factor, notes=(*facts.notes, note)), unit


def _straight(mesh: Mesh) -> tuple[Mesh, str, str]:
    """The mesh in its own frame, its middle on the origin; the axis that z was, and a note if it was turned."""
    found = axes.pose(mesh)
    extent = np.sort(np.ptp((mesh.vertices - found.centre) @ found.frame.T, axis=0))
    frame, way = found.frame, "its axis points up"
    if found.hollow > 0.05:
        way = "its hole points up"
    elif extent[0] < 0.6 * extent[1]:
        frame, way = axes.face_frame(mesh, found), "its flat side points up"
    local = (mesh.vertices - found.centre) @ frame.T
    middle = (local.max(axis=0) + local.min(axis=0)) / 2.0
    if found.hollow > 0.05:
        middle[:2] = 0.0  # a ring is centred by its hole, also with a head on one side
    turned = bool(np.abs(frame - np.eye(3)).max() > 1e-3)
    lying = int(np.argmax(np.abs(frame[2])))
    axis = "xyz"[lying] if abs(frame[2][lying]) > 0.999 else ""
    return replace(mesh, vertices=local - middle), axis, f"the mesh was turned so that {way}" if turned else ""
