"""A report as the panels show it: what failed, what was measured, what the piece weighs. Read once for each report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..core.library import table
from .naming import title

METALS = ("gold-18k-yellow", "gold-14k-yellow", "platinum-950", "silver-925", "bronze")  # beside the piece's own
_MEASURED = {  # rule: name on the screen, whether the limit is the least that passes
    "min-wall": ("Thinnest Wall", True), "min-detail": ("Finest Line", True), "min-wire": ("Thinnest Wire", True),
    "min-engraving-depth": ("Cut Depth", True), "min-engraving-width": ("Narrowest Cut", True),
    "weight": ("Weight", False), "size": ("Fits the Process", False),
}  # fmt: skip
_COUNTED = {"openings": "Openings", "bridges": "Bridges", "bars": "Stencil Bars", "granules": "Granules", "small_granules": "Smaller Granules", "wires": "Wires", "vents": "Vents"}
_SOUND = {  # rules of the surface itself, named by what is wrong: those that pass are one line together
    "closed": "Open Edges", "outward": "Faces Inward", "bodies": "Loose Parts", "flat-faces": "Empty Faces",
    "self-intersections": "Crossings", "volume": "No Metal Inside",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One rule: its name, whether it passes (None: not measured), value and limit as text, what would mend it."""

    name: str
    ok: bool | None
    value: str
    limit: str
    hint: str


@dataclass(frozen=True)
class Facts:
    """What a report says. Weights are (name of the metal, grams)."""

    failed: tuple[Row, ...]
    measured: tuple[Row, ...]
    sound: bool  # nothing is wrong with the surface itself
    volume_mm3: float | None
    size: str
    triangles: int
    process: str
    metal: str
    solid_volume_mm3: float | None = None  # of the same piece without its hollow
    counted: tuple[tuple[str, int], ...] = ()  # openings, bridges, granules
    lines: tuple[Row, ...] = ()  # lines of text: the words, their thinnest stroke and what can be made
    stones: int = 0
    carats: float = 0.0

    @property
    def ok(self) -> bool:
        """No rule failed."""
        return not self.failed


@lru_cache(maxsize=16)
def facts_of(report: str) -> Facts | None:
    """The facts in a report's JSON; None if there is none that can be read."""
    try:
        values = json.loads(report)
        rows = {check["name"]: _row(check) for check in values["checks"]}
        size = values.get("size_mm") or ()
        return Facts(
            failed=tuple(row for row in rows.values() if row.ok is False),
            measured=tuple(rows[name] for name in _MEASURED if name in rows and name not in ("weight", "size") and rows[name].ok is not False),
            sound=all(rows[name].ok for name in _SOUND if name in rows),
            volume_mm3=values.get("volume_mm3"), size=" × ".join(f"{side:.1f}" for side in size),
            triangles=int(values.get("triangles") or 0), process=str(values.get("process") or ""), metal=str(values.get("metal") or ""),
            **_worked(values.get("craft") or {}, str(values.get("process") or "")),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def counted(craft: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """What can be counted of the metal: (name on the screen, number)."""
    return tuple((name, craft[key]) for key, name in _COUNTED.items() if isinstance(craft.get(key), int) and craft[key])


def written(craft: dict[str, Any], process: str) -> tuple[Row, ...]:
    """The lines of text with their thinnest strokes, and the limit of the process."""
    limits = table("processes")["processes"].get(process, {})
    rows = []
    for line in craft.get("lines") or ():
        key = "min_detail_mm" if line.get("style") == "raised" else "min_engraving_width_mm"
        least = (limits.get(key) or {}).get("value") or 0.0
        stroke = float(line.get("stroke_mm") or 0.0)
        rows.append(Row(str(line.get("text") or ""), stroke >= least, f"{stroke:.2f} mm", f"≥ {least:.2f}" if least else "", ""))
    return tuple(rows)


def _worked(craft: dict[str, Any], process: str) -> dict[str, Any]:
    stones = craft.get("stones") or ()
    return {
        "solid_volume_mm3": craft.get("solid_volume_mm3"), "counted": counted(craft), "lines": written(craft, process), "stones": len(stones),
        "carats": float(craft.get("carat_total") or 0.0),
    }  # fmt: skip


def weights(volume_mm3: float | None, own: str) -> list[tuple[str, float]]:
    """Grams in the piece's own metal and in the usual ones; nothing without a volume."""
    if not volume_mm3:
        return []
    alloys = table("alloys")["alloys"]
    names = [name for name in dict.fromkeys((own, *METALS)) if name in alloys]
    return [(title(name), volume_mm3 * alloys[name]["density_g_cm3"] / 1000.0) for name in names]


def _row(check: dict[str, Any]) -> Row:
    name, unit = check["name"], check.get("unit", "")
    label, is_least = _MEASURED.get(name, (_SOUND.get(name, title(name)), True))
    value, limit = _text(check.get("value"), unit), _text(check.get("limit"), unit)
    if limit and name in _MEASURED:
        limit = f"{'≥' if is_least else '≤'} {limit.removesuffix(' mm').removesuffix(' g')}"
    else:
        limit = ""
    return Row(label, check.get("ok"), value, limit, check.get("hint", ""))


def _text(value: Any, unit: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " × ".join(f"{side:.0f}" for side in value)
    number = f"{value:.2f}" if isinstance(value, float) or unit == "mm" else f"{value:g}"
    return f"{number} {unit}" if unit in ("mm", "g") else number
