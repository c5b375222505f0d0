"""The names everyone uses: forms, techniques, borders, metals and the rest, in the spelling that recipes keep."""

from __future__ import annotations

FORMS = ("band", "signet", "bangle", "cuff", "pendant", "medallion", "bead", "earrings", "plaque")
PROFILES = ("flat", "d", "court", "knife")
OUTLINES = ("disc", "oval", "heart", "shield", "drop")
SHAPES: dict[str, tuple[str, ...]] = {
    "band": PROFILES, "bangle": PROFILES, "cuff": PROFILES, "signet": ("oval", "round", "cushion", "shield"),
    "pendant": OUTLINES, "earrings": OUTLINES, "medallion": (), "bead": (), "plaque": (),
}  # fmt: skip
ALL_SHAPES = tuple(dict.fromkeys(shape for shapes in SHAPES.values() for shape in shapes))
TECHNIQUES = ("relief", "repousse", "chasing", "engraving", "filigree", "granulation", "hammered", "openwork")
LAYOUTS = ("auto", "frieze", "diaper", "roundel", "medallion", "radial", "mirror", "single")
BORDERS = ("none", "plain", "beaded", "rope", "milgrain", "bead-and-reel", "egg-and-dart", "meander", "leaf", "wave")
GROUNDS = ("plain", "fish-roe", "punched", "striped", "hammered")
FINISHES = ("polished", "brushed", "satin", "hammered", "oxidised")
METALS = (
    "gold-24k", "gold-22k", "gold-18k-yellow", "gold-14k-yellow", "gold-10k-yellow", "gold-18k-white", "gold-14k-white",
    "gold-18k-rose", "gold-14k-rose", "platinum-950", "platinum-900", "palladium-950", "silver-999", "silver-925",
    "brass", "bronze", "copper", "titanium", "steel",
)  # fmt: skip

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
