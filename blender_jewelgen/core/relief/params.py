"""How ornament becomes depth."""

from __future__ import annotations

from dataclasses import dataclass

from ..params import check_limits, choice, number, switch, whole

MAPPINGS = ("auto", "toroidal", "cylindrical", "spherical", "planar", "triplanar", "uv")
DENSITIES = {"preview": 0.12, "print": 0.045}  # mm between vertices

# depth in mm of each technique, and whether it stands out; workshop practice: a graver of 90 degrees cuts 0.2 mm deep where it is 0.4 wide
TECHNIQUES: dict[str, tuple[float, bool]] = {
    "relief": (0.5, True),
    "repousse": (0.65, True),
    "stepped": (0.6, True),
    "chasing": (0.25, False),
    "engraving": (0.2, False),
    "filigree": (0.55, True),
    "granulation": (0.7, True),
    "hammered": (0.35, True),
    "openwork": (0.6, True),
}


@dataclass(frozen=True, kw_only=True)
class ReliefParams:
    """How a height picture becomes metal."""

    depth: float | None = number(None, 0.02, 6.0, "mm", "Height difference between black and white; default by technique")
    mid: float = number(0.0, 0.0, 1.0, "", "Grey level that stays at the surface: lighter stands out, darker is cut in; for engraving the other way round")
    mapping: str = choice("auto", MAPPINGS, "How the flat pattern lies on the form")
    outer: bool = switch(True, "Ornament only on sides that look outward; the finger side of our own forms is never touched")
    around: int = whole(1, 1, 64, "", "How often the pattern is laid round the piece")
    across: int = whole(1, 1, 16, "", "How often the pattern is laid across the piece")
    fade: float = number(0.25, 0.0, 5.0, "mm", "Soft run-out of the ornament at its borders")
    clear: float = number(0.3, 0.0, 5.0, "mm", "Distance that the ornament keeps from gems and prongs")
    density: str = choice("print", tuple(DENSITIES), "Vertices: preview for looking, print for making")
    tolerance: float = number(0.006, 0.0, 0.1, "mm", "How far the reduced print mesh may leave the dense one; 0 keeps every triangle")
    pixels: float = number(32.0, 4.0, 128.0, "px/mm", "Resolution of the height picture")
    repeat: float | None = number(None, 1.0, 200.0, "mm", "Length of one repeat of the pattern on an imported mesh")
    draft: float = number(0.22, 0.0, 2.0, "mm", "Width of the round shoulder of a wall as high as the depth; 0 lets walls stand upright")

    def __post_init__(self) -> None:
        check_limits(self)


FILLS = ("auto", "pattern", "scrolls")
WIRE_KINDS = ("round", "twisted", "flattened", "beaded")


@dataclass(frozen=True, kw_only=True)
class CraftParams:
    """What metal a technique works: the sheet of repousse, the wire of filigree, the bars of openwork, the granules."""

    sheet: float | None = number(None, 0.2, 3.0, "mm", "Thickness of the sheet, which follows the relief on both sides; empty for solid metal")
    back: str = choice("follow", ("follow", "soft"), "Back of a sheet: follow keeps one thickness everywhere, soft leaves out what was chased from the front")
    rim: float = number(0.0, 0.0, 10.0, "mm", "Width of solid metal along the borders of a sheet; 0 for none")
    backing: bool = switch(False, "Close the back of a sheet, or the ground of filigree, with a plate")
    wire: float = number(0.4, 0.2, 3.0, "mm", "Gauge of the wires of filigree")
    wire_kind: str = choice("twisted", WIRE_KINDS, "Section of the wires of filigree")
    frame: float = number(0.8, 0.3, 5.0, "mm", "Gauge of frame wires, and width of the frame of openwork")
    fill: str = choice("auto", FILLS, "What the wires draw: the pattern's own lines, or scrolls grown to fill the field; auto takes scrolls where no motif is named")
    web: float = number(0.5, 0.2, 5.0, "mm", "Least width of the metal between the openings of openwork")
    opening: float = number(0.4, 0.1, 5.0, "mm", "Least width of an opening")
    granule: float = number(0.6, 0.2, 3.0, "mm", "Diameter of a granule")
    sink: float = number(0.25, 0.05, 0.6, "", "Share of a granule's diameter that is sunk into the ground")

    def __post_init__(self) -> None:
        check_limits(self)
