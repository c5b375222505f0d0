"""One stone to be set: its cut, its size, its place."""

from __future__ import annotations

from dataclasses import dataclass

from ..params import check_limits, choice, number

CUTS = ("round", "oval", "square")


@dataclass(frozen=True, kw_only=True)
class Stone:
    """A brilliant in the ornament; its place as shares of the surface from its upper left corner."""

    cut: str = choice("round", CUTS, "Cut of the stone")
    size: float = number(3.0, 0.8, 30.0, "mm", "Diameter of the stone, or its shorter side")
    length: float | None = number(None, 0.8, 40.0, "mm", "Longer side of an oval or a square stone; empty for the cut's own")
    u: float = number(0.5, 0.0, 1.0, "", "Place along the surface")
    v: float = number(0.5, 0.0, 1.0, "", "Place across the surface, from its upper border")
    turn: float = number(0.0, -180.0, 180.0, "degrees", "Turn of the stone, counter-clockwise")

    def __post_init__(self) -> None:
        check_limits(self)
