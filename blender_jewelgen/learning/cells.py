"""Teaching material of the motif model: silhouettes as signed distance on a square cell, each with its words.

Sources are the silhouettes of the library, more of free collections, and the figures of ``figures.py``. Distances are in px of a 64 px cell,
positive inside, stored as int8 over six px at 96 px a side, so that turning and warping lose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.height.filters import resize
from ..core.pattern import drawn, motifs
from ..core.pattern.drawn import REACH
from ..core.words.vectors import embed
from . import figures
from .taught import SUBJECTS, TAUGHT, free_drawings

SIDE = 96
_FINE = 192
SMALL = 0.62  # the least size at which two drawings share a cell


@dataclass(frozen=True, eq=False)
class Cells:
    """(n, 96, 96) int8 distances, the same with cuts wide enough to be drawn smaller, n tuples of captions, subject first,
    n names, and (n,) bool: kept for measuring only."""

    shapes: np.ndarray
    small: np.ndarray
    captions: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    held: np.ndarray


def library_cells() -> Cells:
    """One cell of every silhouette of the library; held out are those that are not in ``taught``."""
    shapes, small, captions = [], [], []
    belongs = {drawing: subject for subject, drawings in SUBJECTS.items() for drawing in drawings}
    for name in motifs.names():
        drawing, entry = motifs.coverage(name, _FINE) > 0.5, motifs.entry(name)
        shapes.append(_stored(drawing))
        small.append(_stored(drawing, SMALL))
        own = name.rstrip("-0123456789").replace("-", " ")
        captions.append(tuple(dict.fromkeys((belongs.get(name, own), own, *entry.en))))
    names = motifs.names()
    return Cells(np.stack(shapes), np.stack(small), tuple(captions), names, np.array([name not in TAUGHT for name in names]))


def free_cells() -> Cells:
    """One cell of every drawing of the free collections; all are taught."""
    covered = [each.covered(_FINE) for each in free_drawings()]
    own = [each.name.split(" (")[0].replace("-", " ") for each in free_drawings()]
    captions = tuple(tuple(dict.fromkeys((each.subject, name))) if embed([(name, 1.0)]).any() else (each.subject,) for each, name in zip(free_drawings(), own, strict=True))
    names = tuple(each.name for each in free_drawings())
    return Cells(np.stack([_stored(one) for one in covered]), np.stack([_stored(one, SMALL) for one in covered]), captions, names, np.zeros(len(names), bool))


def figure_cells(count: int, seed: int = 0) -> Cells:
    """``count`` figures of random parameters; held out are counts of petals and points that are multiples of seven or eleven."""
    rng = np.random.default_rng(seed)
    shapes, small, captions, names, held = [], [], [], [], []
    for number in range(count):
        name = list(figures.FIGURES)[number % len(figures.FIGURES)]
        shape, words = figures.draw(name, rng)
        shapes.append(_stored(shape))
        small.append(_stored(shape, SMALL))
        captions.append((words, words.split(" ")[0]) if name not in ("knot", "shell", "leaf", "feather", "cross") else (words,))
        names.append(name)
        held.append("seven" in words or "eleven" in words)
    return Cells(np.stack(shapes), np.stack(small), tuple(captions), tuple(names), np.array(held))


def joined(*parts: Cells) -> Cells:
    """All cells of several sources."""
    return Cells(
        np.concatenate([p.shapes for p in parts]), np.concatenate([p.small for p in parts]), sum((p.captions for p in parts), ()), sum((p.names for p in parts), ()),
        np.concatenate([p.held for p in parts]),
    )  # fmt: skip


def build(path: Path, figure_count: int = 6000) -> Cells:
    """The cells of all sources, kept in the file ``path`` (.npz) so that the next start takes a second."""
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            captions = tuple(tuple(row.split("|")) for row in bytes(file["captions"]).decode().split("\n"))
            return Cells(file["shapes"], file["small"], captions, tuple(bytes(file["names"]).decode().split("\n")), file["held"])
    cells = joined(library_cells(), free_cells(), figure_cells(figure_count))
    text = {"captions": "\n".join("|".join(row) for row in cells.captions), "names": "\n".join(cells.names)}
    np.savez(path, shapes=cells.shapes, small=cells.small, held=cells.held, **{k: np.frombuffer(v.encode(), np.uint8) for k, v in text.items()})
    return cells


def _stored(shape: np.ndarray, size: float = 1.0) -> np.ndarray:
    """(96, 96) int8 of a bool drawing of any place and size, its cuts wide enough to be shown at ``size``."""
    distances = drawn.measured(drawn.opened(drawn.fine(shape), drawn.GAP / size).astype(np.float32))
    return np.clip(np.round(resize(distances, SIDE, SIDE) * (127.0 / REACH)), -127, 127).astype(np.int8)
