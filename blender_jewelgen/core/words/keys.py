"""The names everyone uses: forms, techniques, borders, metals and the rest, in the spelling that recipes keep."""

from __future__ import annotations

from ..library import table

FORMS: tuple[str, ...] = tuple(table("forms")["forms"])
SHAPES: dict[str, tuple[str, ...]] = {form: tuple(row["shapes"]) for form, row in table("forms")["forms"].items()}
ALL_SHAPES = tuple(dict.fromkeys(shape for shapes in SHAPES.values() for shape in shapes))
TECHNIQUES = ("relief", "repousse", "stepped", "chasing", "engraving", "filigree", "granulation", "hammered", "openwork")
LAYOUTS = ("auto", "frieze", "diaper", "roundel", "medallion", "radial", "mirror", "single")
BORDERS = ("none", "plain", "beaded", "rope", "milgrain", "bead-and-reel", "egg-and-dart", "meander", "leaf", "wave")
GROUNDS = ("plain", "fish-roe", "punched", "striped", "hammered")
FINISHES = ("polished", "brushed", "satin", "hammered", "oxidised")
METALS: tuple[str, ...] = tuple(table("alloys")["alloys"])

FAMILIES = (
    "scroll", "acanthus", "vine", "lotus-scroll", "honeysuckle", "rosette", "lotus", "palmette", "ruyi", "cloud", "wave",
    "running-wave", "scale", "interlace", "braid", "meander", "guilloche", "rope", "lattice", "girih", "feather",
    "granulation", "hammered", "gadroon", "egg-and-dart", "bead-and-reel", "chevron", "laurel", "shell", "tortoiseshell",
    "coin", "leaf",
)  # fmt: skip
CELLS = (
    "rosette", "lotus", "palmette", "ruyi", "star", "sun", "shell", "feather", "leaf", "fleur-de-lys", "quatrefoil",
    "triquetra", "knot", "spiral", "heart", "crescent", "baoxiang", "peony", "acanthus",
)  # fmt: skip
DRAWN = frozenset(FAMILIES + CELLS)  # motifs that need no library
