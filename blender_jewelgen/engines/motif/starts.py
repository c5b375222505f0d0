"""What drawing begins with: a drawing of the library, two in one, a scribble, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.errors import BadInput
from ...core.height.filters import resize
from ...core.pattern import drawn, motifs
from ...core.pattern.cells import CELLS
from ...core.pattern.drawn import CELL
from .sampler import beyond
from .wish import Wish
from .words import Spoken, best_known, said

SMALL = 0.7  # size of two that share a cell
_VARY = (0.7, 0.6, 0.78, 0.85)  # strengths of a series, the plainest first
_SKETCH = (0.65, 0.5, 0.8)  # beyond this a scribble is hardly to be seen in what it becomes
_ROW, _REPAIR = 0.6, 1.0
_JOINED, _MEET = 0.5, 5.0  # strength where two things meet, and px round that place which are drawn anew
_APART, _OUT = 2.0, 0.42  # px round the one before the other; how far out from the middle each lies
_ANGLES = tuple(np.pi * k for k in (1.25, 0.25, 0.75, 1.75))  # of the second thing from the first; diagonals leave both the most room
_CUTS = ((0.0, False), (-0.25 * np.pi, True), (np.pi, False), (-0.5 * np.pi, True))  # direction of the second half, and whether it is seen in a mirror


@dataclass(frozen=True, eq=False)
class Start:
    """A cell (64, 64) or None, how far it may be left, its name in the library or "", for two things where the second lies (radians), and
    (64, 64) bool of where alone the cell may be left, or None."""

    cell: np.ndarray | None
    strength: float
    name: str = ""
    angle: float | None = None
    free: np.ndarray | None = None


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
    """Names of drawings and figures for what was heard; where no thing was, those that the model was taught its words by."""
    things = [name for name, _ in heard.things if name in CELLS or name in motifs.names()]
    return things or [name for text, _ in heard.phrases for name in [best_known(text)] if name in motifs.names()]


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
    """In turn: half of one thing and half of the other, and the two side by side; only where they meet do they grow together anew."""
    share = share_of(wish, heard, other)
    try:
        first, second, one, two = _two(wish, "blend", heard, other)
    except BadInput:
        if wish.start is not None or wish.vary or not (other or len(heard.phrases) > 1):
            raise
        return [Start(None, 1.0, angle=_ANGLES[k % 4]) for k in range(wish.count)]  # the words are enough
    fronts, backs = _known(first, one, bool(wish.vary)), _known(second, two)

    def at(k: int) -> Start:
        turn = k // 2
        (near, front), (far, back) = (known[turn // 2 % len(known)] for known in (fronts, backs))
        if k % 2:
            angle = _ANGLES[turn % 4]
            cell, free = together(near, far, angle)
        else:
            angle, mirrored = _CUTS[turn % 4]
            cell, free = halved(near, far[:, ::-1] if mirrored else far, angle, share)
        return Start(cell, wish.strength or _JOINED, f"{front or 'your drawing'} + {back}", angle, free)

    return [at(k) for k in range(wish.count)]


def share_of(wish: Wish, heard: Spoken, other: Spoken | None) -> float:
    """The share of the first of two things."""
    if other is not None:
        return 1.0 - wish.share
    first, second = heard.phrases[0][1], heard.phrases[1 % len(heard.phrases)][1]
    return first / (first + second)


def _known(cell: np.ndarray, name: str, only: bool = False) -> list[tuple[np.ndarray, str]]:
    """Silhouettes (h, h) bool with their names: what was given, or the drawings of the library that the model knows a word by."""
    if not name:
        return [(drawn.enlarged(cell, 3 * CELL) > 0.0, "")]
    names = [name] if only else [best_known(name), *(each for each in _alike(best_known(name)) if best_known(each) == each)]
    return [(drawn.silhouette_of(each), each) for each in dict.fromkeys(names)]


def _row(wish: Wish, heard: Spoken, other: Spoken | None) -> list[Start]:
    first, second, one, two = _two(wish, "row", heard, other)
    shares = np.linspace(0.0, 1.0, wish.count) if wish.count > 1 else [wish.share]
    return [Start((1.0 - s) * first + s * second, wish.strength or _ROW * (0.4 + 0.6 * np.sin(np.pi * s)), f"{one or 'your drawing'} + {two}") for s in shares]


def together(front: np.ndarray, back: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Two drawings (h, h) bool, both small: ``back`` in the direction ``angle``, ``front`` opposite and before it; all cuts wide enough.

    Gives (64, 64) px, and (64, 64) bool of where they are near each other.
    """
    px = front.shape[0] / CELL
    x, y = _OUT * np.cos(angle), _OUT * np.sin(angle)
    near, far = _placed(front, SMALL, -x, -y), _placed(back, SMALL, x, y)
    from_near, from_far = (drawn.distance(~shape, 2.0 * _MEET * px) / px for shape in (near, far))
    meet = resize(np.maximum(from_near, from_far).astype(np.float32), CELL, CELL) < _MEET
    return drawn.cell_of(near | (far & (from_near > _APART)), fit=False), meet


def halved(first: np.ndarray, second: np.ndarray, angle: float, share: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """One drawing (h, h) bool and, in the direction ``angle``, another, cut along one line as heraldry impales two coats of arms.

    Gives (64, 64) px, and (64, 64) bool of a band along the cut; ``share`` is the first's.
    """
    far = beyond(angle, share)
    return np.where(far < 0.0, drawn.cell_of(first), drawn.cell_of(second)), np.abs(far) < _MEET


def _placed(shape: np.ndarray, size: float, x: float, y: float) -> np.ndarray:
    """A drawing (h, h) bool drawn smaller, its middle at (x, y) of -1 to 1."""
    whole = shape.shape[0]
    side = round(size * whole)
    placed = np.zeros_like(shape)
    top, left = (int(np.clip(round((whole - side) / 2 + move * whole / 2), 0, whole - side)) for move in (y, x))
    placed[top : top + side, left : left + side] = drawn.enlarged(shape.astype(np.float32), side) > 0.5
    return placed
