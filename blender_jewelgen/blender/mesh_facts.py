"""The numbers of a mesh as a person reads them: what was measured stays with its object, until the mesh is another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import bpy

KEPT = "jewelgen_quality"  # custom property of an object: JSON of {mark, now, before}
_PLANES = 0.02  # share of the area on a box's walls from which a mesh is a generator's cube


@dataclass(frozen=True)
class Row:
    """A name, what was found, what it was before the mesh was made solid, and whether it is well; None where there is no well or ill."""

    name: str
    value: str
    before: str = ""
    ok: bool | None = None


@dataclass(frozen=True)
class Kept:
    """Numbers of an object's mesh; ``stale`` where it was changed since."""

    now: dict[str, Any]
    before: dict[str, Any] | None
    stale: bool


def mark_of(ob: bpy.types.Object) -> str:
    """What tells one mesh of an object from the next, at no cost."""
    scale = ",".join(f"{part:.4g}" for part in ob.scale)
    return f"{len(ob.data.vertices)} {len(ob.data.polygons)} {len(ob.data.uv_layers)} {scale}"


def keep(ob: bpy.types.Object, now: dict[str, Any] | None, before: dict[str, Any] | None = None) -> None:
    """Store what was measured of the object's mesh as it is now, and of the one it was made of."""
    if now:
        ob[KEPT] = json.dumps({"mark": mark_of(ob), "now": now, "before": before}, ensure_ascii=False)


def kept(ob: bpy.types.Object | None) -> Kept | None:
    """What is stored with an object; None for nothing, or for what another program wrote there."""
    if ob is None or ob.type != "MESH" or not ob.get(KEPT):
        return None
    try:
        found = json.loads(str(ob[KEPT]))
        return Kept(dict(found["now"]), found["before"], found["mark"] != mark_of(ob))
    except (ValueError, KeyError, TypeError):
        return None


def rows(now: dict[str, Any], before: dict[str, Any] | None = None) -> list[Row]:
    """The numbers, those of before beside them where they differ."""
    was = {row.name: row.value for row in _rows(before)} if before else {}
    return [Row(row.name, row.value, was.get(row.name, "") if was.get(row.name) != row.value else "", row.ok) for row in _rows(now)]


def _rows(q: dict[str, Any]) -> list[Row]:
    found = [
        _row("Pieces", q.get("pieces"), "{:,}", lambda n: n == 1),
        Row("Closed", "Yes" if q["closed"] else "No", ok=bool(q["closed"])) if q.get("closed") is not None else None,
        _row("Open Edges", q.get("open_edges"), "{:,}", lambda n: n == 0),
        _row("Crowded", q.get("non_manifold"), "{:,}", lambda n: n == 0),
        _row("Flipped", q.get("flipped"), "{:,}", lambda n: n == 0),
        _row("Euler", q.get("euler"), "{:,}"),
        _row("On Box Walls", q.get("box_planes"), "{:.1%}", (lambda n: n <= _PLANES) if q.get("known_box") else None),
        _row("Hull to Box", q.get("hull_to_box"), "{:.2f}"),
        _row("Thinnest Wall", q.get("wall_mm"), "{:.2f} mm"),
        _row("Symmetry", q.get("symmetry"), "{:.0%}"),
        _row("Triangles", q.get("triangles"), "{:,}"),
        Row("Size", " × ".join(f"{side:.1f}" for side in q["size_mm"]) + " mm") if q.get("size_mm") else None,
    ]
    uv = q.get("uv")
    if uv:
        found += [_row("UV Folded", uv.get("fold"), "{:.1%}"), _row("UV Seam", uv.get("seam"), "{:.1%}"), _row("UV Stretch", uv.get("anisotropy_p90"), "{:.2f}")]
    return [row for row in found if row is not None]


def _row(name: str, value: Any, shape: str, well: Any = None) -> Row | None:
    if not isinstance(value, (int, float)):
        return None
    return Row(name, shape.format(value), ok=bool(well(value)) if well else None)


def line(q: dict[str, Any]) -> str:
    """One candidate's numbers in a line."""
    parts = []
    if q.get("pieces") is not None:
        parts.append("1 piece" if q["pieces"] == 1 else f"{q['pieces']:,} pieces")
    if q.get("closed") is not None:
        parts.append("closed" if q["closed"] else "open")
    if q.get("box_planes") is not None:
        parts.append(f"{q['box_planes']:.1%} on box walls")
    return ", ".join(parts)


def solid_line(result: dict[str, Any]) -> str:
    """Volumes before and after, the finger hole, and what was done first."""
    notes = [note for note in result["notes"] if not note.startswith("before")] if "bodies_after" in result else []
    hole = [f"finger hole {result['finger_mm']:.2f} mm"] if result.get("finger_mm") else []
    return "; ".join([f"One closed body: {result['volume_before']:.2f} mm³ before, {result['volume_after']:.2f} mm³ after", *hole, *notes])
