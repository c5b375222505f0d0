"""What a craft makes of a form and a pattern: a closed body, and what is known of it without measuring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..mesh.arrays import Mesh


@dataclass(frozen=True, eq=False)
class Body:
    """A body in its host's own frame.

    Attributes
    ----------
    mesh : Mesh
        Closed, outward, one part, mm.
    notes : tuple of str
        What was mended, a sentence each.
    wall_mm : float or None
        Least metal, known by construction; None where it has to be measured.
    detail_mm : float or None
        Narrowest bar or wire; None where the height picture says it.
    facts : dict
        Numbers for the report.
    """

    mesh: Mesh
    notes: tuple[str, ...] = ()
    wall_mm: float | None = None
    detail_mm: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
