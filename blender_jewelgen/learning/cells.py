"""Teaching material of the motif model: silhouettes as signed distance on a square cell, each with its words.

Sources are the free silhouettes of the library and the figures of ``figures.py``. Distances are in px of a 64 px cell,
positive inside, stored as int8 over six px at 96 px a side, so that turning and warping lose nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.height.distance import distance, signed_distance
from ..core.height.filters import resize
from ..core.pattern import motifs
from . import figures

SIDE, CELL, REACH = 96, 64, 6.0
_FINE = 192
_GAP = 2.5  # px of the cell; narrower cuts would come back dotted
_MARGIN = 0.9  # a drawing's longer side as a share of the cell
HELD_OUT = 12  # every twelfth drawing is kept from training


@dataclass(frozen=True, eq=False)
class Cells:
    """(n, 96, 96) int8 distances, n tuples of captions, n names, and (n,) bool: kept for measuring only."""

    shapes: np.ndarray
    captions: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    held: np.ndarray


def library_cells() -> Cells:
    """One cell of every silhouette of the library; held out are drawings whose word other drawings share."""
    shapes, captions, names, held = [], [], [], []
    for name in motifs.names():
        entry = motifs.entry(name)
        shapes.append(_stored(motifs.coverage(name, _FINE) > 0.5))
        words = tuple(dict.fromkeys((name.rstrip("-0123456789").replace("-", " "), *entry.en)))
        captions.append(words)
        names.append(name)
        shared = len(motifs.candidates(entry.en[0])) >= 3
        held.append(shared and _hash(name) % HELD_OUT == 0)
    return Cells(np.stack(shapes), tuple(captions), tuple(names), np.array(held))


def figure_cells(count: int, seed: int = 0) -> Cells:
    """``count`` figures of random parameters; held out are counts of petals and points that are multiples of seven or eleven."""
    rng = np.random.default_rng(seed)
    shapes, captions, names, held = [], [], [], []
    for number in range(count):
        name = list(figures.FIGURES)[number % len(figures.FIGURES)]
        shape, words = figures.draw(name, rng)
        shapes.append(_stored(shape))
        captions.append((words, words.split(" ")[0]) if name not in ("knot", "shell", "leaf", "feather", "cross") else (words,))
        names.append(name)
        held.append("seven" in words or "eleven" in words)
    return Cells(np.stack(shapes), tuple(captions), tuple(names), np.array(held))


def joined(*parts: Cells) -> Cells:
    """All cells of several sources."""
    return Cells(
        np.concatenate([p.shapes for p in parts]), sum((p.captions for p in parts), ()), sum((p.names for p in parts), ()),
        np.concatenate([p.held for p in parts]),
    )


def build(path: Path, figure_count: int = 6000) -> Cells:
    """The cells of both sources, kept in the file ``path`` (.npz) so that the next start takes a second."""
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            captions = tuple(tuple(row.split("|")) for row in bytes(file["captions"]).decode().split("\n"))
            return Cells(file["shapes"], captions, tuple(bytes(file["names"]).decode().split("\n")), file["held"])
    cells = joined(library_cells(), figure_cells(figure_count))
    text = {"captions": "\n".join("|".join(row) for row in cells.captions), "names": "\n".join(cells.names)}
    np.savez(path, shapes=cells.shapes, held=cells.held, **{k: np.frombuffer(v.encode(), np.uint8) for k, v in text.items()})
    return cells


def _stored(shape: np.ndarray) -> np.ndarray:
    """(96, 96) int8 of a bool drawing of any place and size."""
    shape = _opened(_fitted(shape))
    far = signed_distance(shape.astype(np.float32), REACH * _FINE / CELL + 2.0) * (CELL / _FINE)
    return np.clip(np.round(resize(far.astype(np.float32), SIDE, SIDE) * (127.0 / REACH)), -127, 127).astype(np.int8)


def _fitted(shape: np.ndarray) -> np.ndarray:
    """The drawing centred, its longer side nine tenths of the cell."""
    rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    scale = max(tall, wide) / (_MARGIN * _FINE)
    line = (np.arange(_FINE) + 0.5 - _FINE / 2) * scale
    y = np.floor(line + rows[0] + tall / 2).astype(int)
    x = np.floor(line + columns[0] + wide / 2).astype(int)
    there = ((y >= 0) & (y < shape.shape[0]))[:, None] & ((x >= 0) & (x < shape.shape[1]))[None, :]
    return shape[np.clip(y, 0, shape.shape[0] - 1)[:, None], np.clip(x, 0, shape.shape[1] - 1)[None, :]] & there


def _opened(shape: np.ndarray) -> np.ndarray:
    """Cuts narrower than a small cell can show are widened, and lines thinner than that are thickened."""
    reach = 0.5 * _GAP * _FINE / CELL
    wide = _near(shape, reach)
    narrow = (distance(wide, reach + 2.0) > reach) & ~shape
    thick = _near(distance(shape, reach + 2.0) > 0.6 * reach, 0.6 * reach)
    grown = shape | _near(shape & ~thick, 0.3 * reach)
    return grown & ~_near(narrow, 0.6 * reach)


def _near(shape: np.ndarray, reach: float) -> np.ndarray:
    """Everything within ``reach`` px of a bool drawing."""
    return distance(~shape, reach + 2.0) <= reach


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
