"""What a piece weighs in a metal, and what a process can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..library import table
from ..params import pick


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one process can make: lengths in mm, ``shrinkage`` linear, ``polishing_mm`` a side. A None is not checked."""

    process: str
    min_wall_mm: float | None = None
    min_detail_mm: float | None = None
    min_wire_mm: float | None = None
    min_engraving_width_mm: float | None = None
    min_engraving_depth_mm: float | None = None
    shrinkage: float = 0.0
    polishing_mm: float = 0.0
    build_mm: tuple[float, float, float] | None = None
    max_weight_g: float | None = None


def processes() -> tuple[str, ...]:
    """Keys of the process profiles."""
    return tuple(table("processes")["processes"])


def limits(process: str) -> Limits:
    """The profile of ``process`` from ``library/processes.json``; BadInput if there is none."""
    row: dict[str, Any] = table("processes")["processes"][pick(process, processes(), "process")]
    values = {name: cell["value"] for name, cell in row.items() if name != "name"}
    values["build_mm"] = tuple(values["build_mm"])
    return Limits(process=process, **values)


def metals() -> tuple[str, ...]:
    """Keys of the metals."""
    return tuple(table("alloys")["alloys"])


def density(metal: str) -> float:
    """Density in g/cm³ from ``library/alloys.json``; BadInput if the metal is not there."""
    return float(table("alloys")["alloys"][pick(metal, metals(), "metal")]["density_g_cm3"])


def weight_g(volume_mm3: float, metal: str) -> float:
    """Weight in grams of ``volume_mm3`` of a metal."""
    return volume_mm3 * density(metal) / 1000.0
