"""Where a named motif comes from, and how it is drawn in the manner of a technique."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..height.filters import blur
from .cells import CELLS, cell
from .families import FAMILIES
from .strip import Strip

STYLES = {"chasing": "chased", "engraving": "chased", "filigree": "wire"}
DEFAULTS = {
    "tang": ("baoxiang",), "celtic": ("interlace",), "art-nouveau": ("honeysuckle",), "greek": ("meander",), "roman": ("laurel",), "etruscan": ("granulation",),
    "baroque": ("acanthus",), "rococo": ("shell",), "renaissance": ("acanthus",), "gothic": ("quatrefoil",), "islamic": ("girih",), "art-deco": ("chevron",),
    "ming": ("lotus-scroll",), "qing": ("lotus-scroll",), "song": ("peony",), "han": ("cloud",), "victorian": ("vine",), "edo": ("wave",), "egyptian": ("lotus",),
    "byzantine": ("guilloche",), "viking": ("braid",), "norse": ("braid",), "neoclassical": ("palmette",), "moghul": ("lattice",), "medieval": ("vine",),
}


@dataclass(frozen=True)
class Source:
    """A motif that was found: ``kind`` is family, cell or library."""

    name: str
    kind: str
    weight: float = 1.0
    word: str = ""


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
    if period in DEFAULTS:
        return DEFAULTS[period]
    by_technique = {"filigree": ("scroll",), "granulation": ("granulation",), "hammered": ("hammered",), "engraving": ("acanthus",), "chasing": ("lotus-scroll",)}
    flat = form not in ("band", "bangle", "cuff", "bead")
    if flat:
        return {"filigree": ("baoxiang",), "hammered": ("sun",), "granulation": ("rosette",)}.get(technique, ("baoxiang", "palmette"))
    return by_technique.get(technique, ("acanthus",))


def figure(source: Source, size: int, technique: str, variant: int = 0) -> np.ndarray:
    """(size, size) float32 height of one motif in a square, in the manner of the technique; 0 outside."""
    if source.kind == "library":
        from . import inflate, motifs

        height = inflate.inflate(motifs.coverage(source.name, size), STYLES.get(technique, "rounded"))
    elif source.name in CELLS:
        height = cell(source.name, size, variant)
        if technique == "filigree":
            height = np.maximum(0.5 * height, 0.9 * height**0.6 * (height > 0))
    else:
        flat = FAMILIES[source.name](Strip(1.0, 1.0, size, size, False), np.random.default_rng(variant), _once())
        y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        rim = np.clip((0.84 - np.hypot(x, y)) * size / 4, 0, 1)
        height = np.maximum(flat * rim, 0.8 * np.sqrt(np.clip(1 - ((np.hypot(x, y) - 0.84) / 0.05) ** 2, 0, 1)))
    return np.asarray(height, np.float32)


def _once() -> Any:
    from .repeat import Options

    return Options(repeats=1)


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


def manner(picture: np.ndarray, technique: str, pixel: float, periodic: bool) -> np.ndarray:
    """The whole ornament in the manner of a technique; ``pixel`` in mm.

    Repoussé is fuller and softer, chasing flattens the top, engraving keeps only the cut lines (1 is the deepest cut).
    """
    if technique == "repousse":
        return 0.82 * picture**0.82 + 0.18 * blur(picture, 0.08 / pixel, periodic)
    if technique == "chasing":
        return 1.0 - (1.0 - picture) ** 1.9
    if technique == "engraving":
        cut = np.maximum(blur(picture, 0.1 / pixel, periodic) - picture, 0.0)
        return np.clip(1.35 * cut / max(float(np.quantile(cut, 0.985)), 1e-6) - 0.35, 0.0, 1.0)
    return picture
