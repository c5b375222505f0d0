"""Where a named motif comes from, and how it is drawn in a square."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .cells import CELLS, cell
from .families import FAMILIES, Options
from .strip import Strip

STYLES = {"filigree": "wire"}
DEFAULTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # period: motifs of a band, motifs of a flat piece
    "art-deco": (("chevron",), ("sun", "gadroon")),
    "art-nouveau": (("honeysuckle",), ("peony", "leaf")),
    "arts-and-crafts": (("leaf",), ("vine", "leaf")),
    "aztec": (("meander",), ("sun", "meander")),
    "baroque": (("acanthus",), ("acanthus", "shell")),
    "byzantine": (("guilloche",), ("quatrefoil", "guilloche")),
    "celtic": (("interlace",), ("triquetra", "interlace")),
    "chinese": (("lotus-scroll",), ("peony", "ruyi")),
    "edwardian": (("laurel",), ("rosette", "laurel")),
    "egyptian": (("lotus",), ("lotus", "palmette")),
    "etruscan": (("granulation",), ("rosette", "granulation")),
    "georgian": (("gadroon",), ("shell", "gadroon")),
    "gothic": (("vine",), ("quatrefoil", "fleur-de-lys")),
    "greek": (("meander",), ("palmette", "meander")),
    "han": (("cloud",), ("cloud", "ruyi")),
    "islamic": (("girih",), ("star", "girih")),
    "japanese": (("wave",), ("peony", "running-wave")),
    "medieval": (("vine",), ("fleur-de-lys", "quatrefoil")),
    "miao": (("scroll",), ("spiral", "scroll")),
    "ming": (("lotus-scroll",), ("lotus", "lotus-scroll")),
    "modern": (("hammered",), ("star",)),
    "mughal": (("lattice",), ("rosette", "vine")),
    "persian": (("rosette",), ("rosette", "palmette")),
    "qing": (("lotus-scroll",), ("baoxiang", "ruyi")),
    "renaissance": (("acanthus",), ("rosette", "acanthus")),
    "rococo": (("shell",), ("shell", "acanthus")),
    "roman": (("laurel",), ("sun", "laurel")),
    "romanesque": (("braid",), ("knot", "braid")),
    "scythian": (("running-wave",), ("spiral", "rope")),
    "shang": (("meander",), ("spiral", "meander")),
    "song": (("peony", "leaf"), ("peony", "leaf")),
    "tang": (("baoxiang",), ("baoxiang", "palmette")),
    "tibetan": (("lotus",), ("lotus", "cloud")),
    "victorian": (("vine",), ("heart", "leaf")),
    "viking": (("braid",), ("knot", "braid")),
    "yuan": (("lotus-scroll",), ("peony", "cloud")),
}


@dataclass(frozen=True, eq=False)
class Source:
    """A motif that was found: ``kind`` is family, cell, library, or drawn, which has its own distances (128, 128)."""

    name: str
    kind: str
    weight: float = 1.0
    word: str = ""
    field: np.ndarray | None = None


def find(word: str, strip: bool, weight: float = 1.0) -> Source | None:
    """The family, figure or silhouette of this name; a strip prefers a family, a plate a figure; None if there is none."""
    name = word.strip().lower().replace("_", "-").replace(" ", "-")
    for known, kind in ((FAMILIES, "family"), (CELLS, "cell")) if strip else ((CELLS, "cell"), (FAMILIES, "family")):
        if name in known:
            return Source(name, kind, weight, word)
    from . import motifs

    entry = motifs.find(word)
    return Source(entry.name, "library", weight, word) if entry is not None else None


def default_design_motifs(form: str, technique: str, period: str) -> tuple[str, ...]:
    """The names of motifs for a design that names none: by period, else by technique, else by form."""
    flat = form not in ("band", "bangle", "cuff", "bead")
    if period in DEFAULTS:
        return DEFAULTS[period][flat]
    if flat:
        return {"filigree": ("baoxiang", "scroll"), "hammered": ("sun",), "granulation": ("rosette",)}.get(technique, ("baoxiang", "palmette"))
    band = {"filigree": "scroll", "granulation": "granulation", "hammered": "hammered", "chasing": "lotus-scroll", "engraving": "guilloche"}
    return (band.get(technique, "acanthus"),)


def figure(source: Source, size: int, technique: str, variant: int = 0) -> np.ndarray:
    """(size, size) float32 height of one motif in a square, in the manner of the technique; 0 outside."""
    if source.kind in ("library", "drawn"):
        from . import drawn, inflate, motifs

        silhouette = motifs.coverage(source.name, size) if source.field is None else drawn.coverage(source.field, size)
        height = inflate.inflate(silhouette, STYLES.get(technique, "rounded"))
    elif source.name in CELLS:
        height = cell(source.name, size, variant)
    else:
        flat = FAMILIES[source.name](Strip(1.0, 1.0, size, size, False), np.random.default_rng(variant), Options(repeats=1))
        y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        rim = np.clip((0.84 - np.hypot(x, y)) * size / 4, 0, 1)
        height = np.maximum(flat * rim, 0.8 * np.sqrt(np.clip(1 - ((np.hypot(x, y) - 0.84) / 0.05) ** 2, 0, 1)))
    return np.asarray(height, np.float32)


def sequence(weights: list[float], longest: int = 7) -> list[int]:
    """Numbers of the motifs in the order of the frieze: as many of each as its share, spread evenly.

    >>> sequence([2.0, 1.0])
    [0, 1, 0]
    """
    smallest = min(weights)
    shares = [Fraction(min(w / smallest, 6.0)).limit_denominator(2) for w in weights]
    scale = max(s.denominator for s in shares)
    counts = [max(int(s * scale), 1) for s in shares]
    while sum(counts) > max(longest, len(counts)):
        counts = [max(c // 2, 1) for c in counts]
    total = sum(counts)
    places = sorted(((k + 0.5) / c, -c, i) for i, c in enumerate(counts) for k in range(c))
    order = [i for _, _, i in places]
    assert len(order) == total
    return order
