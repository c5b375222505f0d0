"""What drawing begins with: a drawing of the library, two in one, a scribble, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.errors import BadInput
from ...core.pattern import drawn, motifs
from ...core.pattern.cells import CELLS
from ...core.pattern.drawn import CELL
from .wish import Wish
from .words import Spoken, best_known, said

SMALL = 0.62  # size of two that share a cell, as the model was taught
_VARY = (0.7, 0.6, 0.78, 0.85)  # strengths of a series, the plainest first
_SKETCH = (0.65, 0.5, 0.8)  # beyond this a scribble is hardly to be seen in what it becomes
_BLEND, _ROW, _REPAIR = 0.75, 0.6, 1.0
_TOGETHER = 0.2  # two in one are two drawings already; more would dissolve both
_APART, _OUT = 3.0, 0.51  # px round the one before the other; how far out from the middle each lies
_ANGLES = tuple(np.pi * (0.25 + 0.5 * k) for k in range(4))  # of the second thing from the first; diagonals leave both the most room


@dataclass(frozen=True, eq=False)
class Start:
    """A cell (64, 64) or None, how far it may be left, its name in the library or "", and for two halves where the second lies (radians)."""

    cell: np.ndarray | None
    strength: float
    name: str = ""
    angle: float | None = None


def function_of(wish: Wish, heard: Spoken, other: Spoken | None) -> str:
    """What "auto" means here."""
    if wish.function != "auto":
        return wish.function
    if wish.mask is not None:
        return "inpaint"
    if wish.sketch is not None:
        return "sketch"
    if wish.vary or wish.start is not None:
        return "vary"
    if other is not None or len(_drawable(heard)) >= 2:
        return "blend"
    return "vary" if _drawable(heard) else "invent"


def starts_of(wish: Wish, function: str, heard: Spoken, other: Spoken | None) -> list[Start]:
    """One start for each motif. Raises BadInput where there is nothing to vary, blend or go from."""
    if function == "inpaint":
        return [Start(drawn.enlarged(wish.start, CELL), wish.strength or _REPAIR)] * wish.count
    if function == "sketch":
        cell = drawn.enlarged(wish.sketch, CELL)
        return [Start(cell, wish.strength or _SKETCH[k % len(_SKETCH)]) for k in range(wish.count)]
    if function == "vary":
        found = _to_vary(wish, heard)
        if not found:
            raise BadInput(f"the library has no drawing of {heard.words[:60] or wish.vary!r} to vary; invent it instead", field="vary")
        return [Start(cell, wish.strength or _VARY[(k // len(found)) % len(_VARY)], name) for k in range(wish.count) for name, cell in [found[k % len(found)]]]
    if function == "blend":
        return _blends(wish, heard, other)
    if function == "row":
        return _row(wish, heard, other)
    return [Start(None, 1.0)] * wish.count


def _to_vary(wish: Wish, heard: Spoken) -> list[tuple[str, np.ndarray]]:
    if wish.start is not None:
        return [("", drawn.enlarged(wish.start, CELL))]
    if wish.vary:
        name = wish.vary if wish.vary in CELLS or wish.vary in motifs.names() else (motifs.candidates(wish.vary) or ("",))[0]
        if not name:
            raise BadInput(f"vary {wish.vary[:40]!r} is no motif of the library; jewelgen list motifs shows them", field="vary")
        return [(name, drawn.drawing_of(name))]
    return [(name, drawn.drawing_of(name)) for thing in _drawable(heard)[:2] for name in _alike(thing)]


def _alike(name: str, most: int = 4) -> list[str]:
    """A thing and other drawings of the library that go by the same word."""
    return list(dict.fromkeys([name, *motifs.candidates(said(name))]))[:most]


def _drawable(heard: Spoken) -> list[str]:
    return [name for name, _ in heard.things if name in CELLS or name in motifs.names()]


def _two(wish: Wish, function: str, heard: Spoken, other: Spoken | None) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Drawings and names of the two things; what the library lacks is taken from the other."""
    own = [wish.vary] if wish.vary else _drawable(heard)
    if wish.start is not None:
        names = ["", *(_drawable(other) if other else own)[:1]]
    else:
        names = [*own[:1], *_drawable(other)[:1]] if other else own[:2]
    if len(names) < 2:
        raise BadInput(f"{function} needs two things the library can draw; found {', '.join(names) or 'none'}", field="blend")
    first = drawn.enlarged(wish.start, CELL) if wish.start is not None else drawn.drawing_of(names[0])
    return first, drawn.drawing_of(names[1]), names[0], names[1]


def _blends(wish: Wish, heard: Spoken, other: Spoken | None) -> list[Start]:
    """In turn: each half of the cell led by its own words, or what was given led towards both; and the two drawings side by side."""
    try:
        first, second, one, two = _two(wish, "blend", heard, other)
    except BadInput:
        if wish.start is not None or wish.vary or not (other or len(heard.phrases) > 1):
            raise
        return [_half(k) for k in range(wish.count)]  # the words are enough
    if wish.start is None and not wish.vary:  # two words: the drawings that the model knows them by
        one, two = best_known(one), best_known(two)
        first, second = drawn.drawing_of(one), drawn.drawing_of(two)
    name = f"{one or 'your drawing'} + {two}"
    near, far = (drawn.enlarged(cell, 3 * CELL) > 0.0 if not known else drawn.silhouette_of(known) for cell, known in ((first, one), (second, two)))

    def both(turn: int) -> Start:
        angle = _ANGLES[turn % 4]
        return Start(together(near, far, angle), wish.strength or _TOGETHER, name, angle)

    def other_way(turn: int) -> Start:
        if wish.start is None and not wish.vary:
            return _half(turn)
        return Start(first, wish.strength or _BLEND, one)

    return [(both if k % 2 else other_way)(k // 2) for k in range(wish.count)]


def _half(turn: int) -> Start:
    return Start(None, 1.0, angle=_ANGLES[turn % 4])


def _row(wish: Wish, heard: Spoken, other: Spoken | None) -> list[Start]:
    first, second, one, two = _two(wish, "row", heard, other)
    shares = np.linspace(0.0, 1.0, wish.count) if wish.count > 1 else [wish.share]
    return [Start((1.0 - s) * first + s * second, wish.strength or _ROW * (0.4 + 0.6 * np.sin(np.pi * s)), f"{one or 'your drawing'} + {two}") for s in shares]


def together(front: np.ndarray, back: np.ndarray, angle: float) -> np.ndarray:
    """(64, 64) px of two drawings (h, h) bool, both small: ``back`` in the direction ``angle``, ``front`` opposite and before it; all cuts wide enough."""
    side = front.shape[0]
    x, y = _OUT * np.cos(angle), _OUT * np.sin(angle)
    near, far = _placed(front, SMALL, -x, -y), _placed(back, SMALL, x, y)
    reach = _APART * side / CELL
    whole = near | (far & (drawn.distance(~near, reach + 1.0) > reach))
    return drawn.cell_of(whole, fit=False)


def _placed(shape: np.ndarray, size: float, x: float, y: float) -> np.ndarray:
    """A drawing (h, h) bool drawn smaller, its middle at (x, y) of -1 to 1."""
    whole = shape.shape[0]
    side = round(size * whole)
    placed = np.zeros_like(shape)
    top, left = (int(np.clip(round((whole - side) / 2 + move * whole / 2), 0, whole - side)) for move in (y, x))
    placed[top : top + side, left : left + side] = drawn.enlarged(shape.astype(np.float32), side) > 0.5
    return placed
