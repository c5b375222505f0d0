"""The facts of a piece: its checks, its weight, and how the pattern lies on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .form.plate import Plate
from .form.turned import Turned
from .height.detail import detail_mm
from .mesh.arrays import Mesh
from .mesh.checks import Measured, check, find
from .mesh.normals import vertex_normals
from .mesh.weight import weight_g
from .relief.bare import bare_piece
from .relief.budget import metal_under
from .relief.quality import judge
from .report import Report
from .stages import Shaped


def report_on(shaped: Shaped, mesh: Mesh) -> Report:
    """Checks, weight and numbers of the closed ``mesh`` of a piece."""
    recipe, host, design = shaped.recipe, shaped.host, shaped.recipe.design
    pair = isinstance(host, Plate) and host.pair
    periodic = isinstance(host, Turned) and host.periodic
    ridge, groove = detail_mm(shaped.ready, shaped.pitch, shaped.wrap)
    body = shaped.worked
    if body is None or shaped.work.kind in ("solid", "granulation"):
        left = None if isinstance(host, Mesh) else metal_under(host, recipe.form) + _lowest(shaped)
    else:
        left = body.wall_mm
    narrow = body.detail_mm if body else None
    gauge = {"openwork": narrow, "filigree": recipe.craft.wire}.get(shaped.work.kind)  # a twisted wire is judged as the wire that it is
    known = Measured(wall_mm=left, wire_mm=gauge)
    fine = replace(known, engraving_mm=ridge, detail_mm=groove, cut_mm=-shaped.depth) if shaped.depth < 0 else replace(known, detail_mm=ridge)
    if shaped.work.kind == "filigree":
        fine = replace(known, wall_mm=np.inf)
    elif shaped.work.kind == "granulation":
        fine = replace(known, detail_mm=narrow)
    checks = check(mesh, recipe.make.process, metal=design.metal, expected_bodies=2 if pair else 1, measured=fine)
    if shaped.work.kind == "sheet":  # its thickness is one number, and another than the form's
        checks = tuple(replace(c, hint=f"take a sheet of {c.limit:g} mm (--sheet {c.limit:g})") if c.name == "min-wall" and c.ok is False else c for c in checks)
    thin = find(checks, "min-wall").value
    volume = mesh.volume
    inner = getattr(host, "inner_diameter", None)
    return Report(
        form=recipe.form.form,
        metal=design.metal,
        watertight=bool(find(checks, "closed").ok),
        bodies=int(find(checks, "bodies").value),
        triangles=len(mesh.faces),
        size_mm=tuple(round(float(v), 4) for v in mesh.size),  # type: ignore[arg-type]
        inner_diameter_mm=round(inner, 4) if inner else None,
        volume_mm3=round(volume, 3),
        weight_g=round(weight_g(volume, design.metal), 3),
        min_wall_mm=round(thin, 4) if thin is not None and np.isfinite(thin) else None,
        seam_error_mm=seam_error(shaped.ready, abs(shaped.depth)) if periodic else 0.0,
        mapping=_mapping(shaped),
        checks=checks,
        process=recipe.make.process,
        craft=craft_of(shaped),
        words_unknown=design.unknown,
        notes=shaped.notes,
        engine=recipe.engine.get("name", ""),
        seed=recipe.make.seed,
        version=recipe.version,
    )


def craft_of(shaped: Shaped) -> dict[str, object]:
    """What the craft knows of the piece: its kind, openings, granules, lines of text, stones, and the weight it would have if solid."""
    facts: dict[str, object] = {"kind": shaped.work.kind, **shaped.facts, **(shaped.worked.facts if shaped.worked else {})}
    if shaped.settled is not None:
        facts |= shaped.settled.facts
    if "solid_volume_mm3" in facts:
        facts["solid_weight_g"] = round(weight_g(float(facts["solid_volume_mm3"]), shaped.recipe.design.metal), 3)  # type: ignore[arg-type]
    return facts


def _lowest(shaped: Shaped) -> float:
    """mm of the deepest place below the bare surface, as a number of 0 or less."""
    levels = np.array([shaped.ready.min(), shaped.ready.max()]) - shaped.recipe.relief.mid
    return min(0.0, float((shaped.depth * levels).min()))


def _mapping(shaped: Shaped) -> dict[str, object]:
    """How the pattern lies on the bare form: kind, reason, seam, mirrored share, stretch."""
    host, where = shaped.host, shaped.where
    if where is None:
        return {"kind": "planar", "reason": "a flat face: the pattern is laid on it as it is drawn", "seam_triangles": 0, "mirrored": 0.0, "anisotropy_p95": 1.0}
    plain = host if isinstance(host, Mesh) else bare_piece(host, 0.25).mesh
    relief = shaped.recipe.relief
    found = judge(where, plain, vertex_normals(plain.vertices, plain.faces), relief.fade, relief.outer)
    facts: dict[str, object] = {"kind": where.kind, "reason": where.reason}
    if found:
        facts |= {"seam_triangles": found.seam_triangles, "mirrored": round(found.mirrored, 5), "anisotropy_p95": round(found.anisotropy_p95, 4)}
    return facts


def seam_error(picture: np.ndarray, depth: float) -> float:
    """mm by which the step from the last column to the first exceeds the largest step between neighbours inside."""
    inside = np.abs(np.diff(picture, axis=1)).max(initial=0.0)
    across = np.abs(picture[:, 0] - picture[:, -1]).max(initial=0.0)
    return round(max(0.0, float(across - inside)) * depth, 6)
