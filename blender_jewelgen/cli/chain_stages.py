"""The stages of ``make --from`` as the page shows them, each beside what the usual script would have at that point: the mesh as it came, on a ball's map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.mesh.arrays import Mesh
from ..core.mesh.checks import check
from ..core.mesh.look import shaded
from ..core.mesh.uv import naive_uv
from ..core.relief.bare import bare_piece
from ..core.relief.quality import quality
from ..engines.bodies.file import is_mesh
from .stages_page import Stage

if TYPE_CHECKING:
    from ..core.pipeline import Piece
    from ..worker.chain import Start

_LOOK = 420  # px of a stage's picture
_BARE = 0.25  # mm between the vertices of a form in its picture
_DIM = 0.25  # of what was not taken for the thing
_MANY = 400_000  # faces; a raw mesh of more is not judged for crossings, the page would wait
_RULES = ("closed", "outward", "bodies", "self-intersections", "min-wall", "min-detail", "volume", "size")


def stages_of(begun: Start, piece: Piece, picture: Path | None) -> list[Stage]:
    """The stages of a finished piece in their order."""
    raw, solid = begun.body.mesh, begun.solid
    stages = [_picture(begun, picture)] if picture and not is_mesh(picture) else []
    stages.append(_body(begun, piece))
    if raw is not None and solid is not None and begun.raw is not None:
        stages.append(Stage(name="Solid", picture=shaded(solid.mesh, _LOOK), numbers=_numbers(solid.after.as_dict()), naive=_numbers(begun.raw.as_dict()), notes=solid.notes))
    stages += [_size(begun, piece), _mapping(piece, raw), _relief(piece), _checks(piece, raw, solid.mesh if solid else None)]
    return stages


def _picture(begun: Start, picture: Path) -> Stage:
    from PIL import Image, ImageOps

    from ..core.height.filters import resize

    with Image.open(picture) as file:
        size = file.size
        file.draft("RGB", (2 * _LOOK, 2 * _LOOK))
        small = ImageOps.exif_transpose(file).convert("RGBA")
        small.thumbnail((_LOOK, _LOOK))
    shown = Image.new("RGBA", small.size, "white")
    shown.alpha_composite(small)
    seen, mask = np.asarray(shown.convert("RGB"), np.float32), begun.body.mask
    numbers: dict[str, Any] = {"pixels": size}
    if mask is not None:
        part = resize(np.asarray(mask, np.float32), *seen.shape[:2])[..., None]
        seen = seen * (_DIM + (1.0 - _DIM) * part) + 255.0 * (1.0 - _DIM) * (1.0 - part)
        numbers["share of the thing"] = _share(float(np.mean(mask)))
    return Stage(name="Picture", picture=np.clip(seen, 0, 255).astype(np.uint8), numbers=numbers)


def _body(begun: Start, piece: Piece) -> Stage:
    notes = begun.body.notes
    if begun.body.mesh is not None and begun.raw is not None:
        refused = sum(1 for one in begun.body.candidates if one.refused)
        numbers = {"engine": begun.body.credit.get("name", ""), "seeds tried": max(len(begun.body.candidates), 1), "seeds refused": refused} | _numbers(begun.raw.as_dict())
        first = begun.body.candidates[0].numbers if begun.body.candidates else {}
        naive = _numbers(first) if "hull_to_box" in first else {}
        return Stage(name="Body", picture=shaded(begun.body.mesh, _LOOK), numbers=numbers, naive=({"seeds tried": 1} | naive) if naive else {}, notes=notes)
    form = piece.shaped.recipe.form
    numbers = {"engine": begun.body.credit.get("name", ""), "form": form.form, "shape": form.shape, "size": form.size, "width in mm": form.width, "thickness in mm": form.thickness}
    bare = bare_piece(piece.shaped.host, _BARE).mesh if not isinstance(piece.shaped.host, Mesh) else None
    return Stage(name="Body", picture=None if bare is None else shaded(bare, _LOOK), numbers={name: value for name, value in numbers.items() if value not in ("", None)}, notes=notes)


def _size(begun: Start, piece: Piece) -> Stage:
    report = piece.report
    numbers: dict[str, Any] = {"size in mm": tuple(report.size_mm), "volume in mm³": report.volume_mm3, "weight in g": report.weight_g}
    inner = report.inner_diameter_mm or (begun.solid.finger_mm if begun.solid else None)
    if inner:
        numbers["finger hole in mm"] = round(inner, 3)
    naive = {} if begun.raw is None else {"size in mm": "no unit", "finger hole in mm": "none made"} if inner else {"size in mm": "no unit"}
    return Stage(name="Size", numbers=numbers, naive=naive)


def _mapping(piece: Piece, raw: Mesh | None) -> Stage:
    found = dict(piece.report.mapping)
    numbers: dict[str, Any] = {"mapping": found.get("kind", ""), **_laid(found.get("seam_triangles"), found.get("mirrored"), found.get("anisotropy_p95"))}
    body = raw if raw is not None else piece.mesh
    usual = quality(body, np.asarray(naive_uv(body), np.float64), 1.0)
    naive = {"mapping": "spherical", **_laid(usual.seam_triangles, usual.mirrored, usual.anisotropy_p95)}
    return Stage(name="Mapping", numbers=numbers, naive=naive, notes=(str(found.get("reason", "")),))


def _laid(seam: int | None, mirrored: float | None, stretch: float | None) -> dict[str, Any]:
    return {"triangles across the seam": seam, "folded over": None if mirrored is None else _share(mirrored), "stretch, 95 in 100": "over 1000" if stretch is not None and stretch > 1000.0 else stretch}


def _relief(piece: Piece) -> Stage:
    return Stage(name="Relief", picture=shaded(piece.shaped.mesh, _LOOK), numbers={"depth in mm": abs(piece.shaped.depth), "triangles": piece.report.triangles})


def _checks(piece: Piece, raw: Mesh | None, solid: Mesh | None) -> Stage:
    known = {c.name: c for c in piece.report.checks}
    naive: dict[str, Any] = {}
    if raw is not None and solid is not None and 0 < len(raw.faces) <= _MANY:
        times = float(solid.size.max() / max(raw.size.max(), 1e-12))  # judged at the size of the piece
        as_it_came = check(replace(raw, vertices=raw.vertices * times), piece.report.process, metal=piece.report.metal)
        naive = {c.name: _verdict(c.ok) for c in as_it_came if c.name in _RULES}
    return Stage(name="Checks", numbers={name: _verdict(known[name].ok) for name in _RULES if name in known}, naive=naive)


def _verdict(ok: bool | None) -> str:
    return {True: "passed", False: "change", None: "not measured"}[ok]


def _numbers(found: dict[str, Any]) -> dict[str, Any]:
    """Of ``Quality`` what a reader of the page compares."""
    return {
        "pieces": found.get("pieces"), "closed": found.get("closed"), "Euler number": found.get("euler"), "hull to box": found.get("hull_to_box"),
        "on the box's planes": _share(found.get("box_planes")), "triangles": found.get("triangles"),
    }  # fmt: skip


def _share(part: float | None) -> str | None:
    return None if part is None else f"{part:.1%}"
