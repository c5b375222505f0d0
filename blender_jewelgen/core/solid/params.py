"""How a mesh is made solid: parameters of ``solid.made``."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BadInput, Fix
from ..params import check_limits, choice, number, switch, text
from ..units import inner_diameter
from .lengths import length

FLATS = ("", "back", "front", "bottom")
MIRRORS = ("", "auto", "x", "y", "z")


@dataclass(frozen=True, kw_only=True)
class SolidParams:
    """How a mesh is made solid; raises BadInput at birth."""

    size: str = text("", 'Longest side of the piece, such as "30 mm"; empty: the file\'s own', 40)
    finger: str = text("", 'Cut a finger hole of this size into a ring-like mesh: "US 7", "EU 54", "17.3 mm"', 40)
    width: float | None = number(None, 0.5, 120.0, "mm", "Width of a ring along the finger, its thickness round the finger kept; empty: as it is")
    symmetric: str = choice("", MIRRORS, "Make both sides of a plane through the middle alike; auto finds the plane")
    flat: str = choice("", FLATS, "Cut this side of a pendant flat")
    flat_depth: float | None = number(None, 0.01, 20.0, "mm", "How much is cut off to make it flat; empty: as little as makes a back of half the outline")
    resolution: float | None = number(None, 0.02, 2.0, "mm", "Cell of the grid a torn surface is rebuilt on; empty: as fine as one and a half million cells allow")
    caps: bool = switch(True, "Take off faces that lie in the walls of a generated model's box")

    def __post_init__(self) -> None:
        check_limits(self)
        self.size_mm, self.finger_mm  # noqa: B018  refused at birth

    @property
    def size_mm(self) -> float | None:
        """Longest side in mm; None if it is the file's own."""
        return length(self.size) if self.size.strip() else None

    @property
    def finger_mm(self) -> float | None:
        """Inner diameter in mm of the finger hole; None for none."""
        if not self.finger.strip():
            return None
        try:
            return inner_diameter(self.finger)
        except BadInput as error:
            said = error.args[0].replace("size", "finger size", 1)
            raise BadInput(said, field="finger", fix=Fix("Use US 7", '--finger "US 7"')) from error
