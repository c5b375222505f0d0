"""Motifs from a wish: what each starts from, the drawing itself, and what may be said of the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ...core.errors import BadInput
from ...core.height.filters import resize
from ...core.pattern import drawn
from ...core.pattern.parts import parts
from ...core.words.vectors import DIMENSIONS, embed
from . import files
from .sampler import EVEN, FIRM, LOOSE, Plan, halves, sample, turned
from .starts import Start, function_of, share_of, starts_of
from .wish import Wish
from .words import Spoken, listen

Tell = Callable[[float, str], None]
_AT_ONCE = 8  # cells in one pass of the net; more gain no speed
_TRIES, _MOST = 4, 64  # of a motif that comes out blank; motifs of a wish
CANDIDATES = 3  # drawn for each motif that is invented
_FLOOR, _SURE = -0.05, 0.75  # how much less like its own kind than like others a motif may be; cosine at which words name that kind
_BLEND = 3.0  # px inside a mask over which new and old meet
_NOTHING = Spoken((), (), (), "")


@dataclass(frozen=True, eq=False, kw_only=True)
class Made:
    """One motif: its distances (s, s), how it came about, and how good it seems.

    Attributes
    ----------
    function : str
        vary, blend, sketch, invent, inpaint or row.
    source : str
        The drawing of the library it started from, or "".
    nearest, likeness : str, float
        The taught drawing it covers best, and by how much of their union.
    score : float
        0 to 1: half for showing what the words say, half for a shape without dust and hairlines.
    """

    field: np.ndarray
    function: str
    source: str
    words: str
    nearest: str
    likeness: float
    score: float
    seed: int
    number: int
    seconds: float


def draw(wish: Wish, tell: Tell) -> tuple[Made, ...]:
    """The motifs of a wish, best first, those of a row in their order. ``tell`` is heard after every step and may raise Cancelled.

    Raises BadInput where words are missing or unknown, and where the model cannot run.
    """
    began = time.perf_counter()
    heard = listen(wish.prompt) if wish.prompt.strip() else _NOTHING
    other = listen(wish.blend, "blend") if wish.blend.strip() else None
    if heard is _NOTHING and not wish.vary and wish.start is None and wish.sketch is None:
        raise BadInput("the prompt is empty; say what the motif shows, such as: dragon among clouds", field="prompt")
    model = files.model()
    function = function_of(wish, heard, other)
    begin = starts_of(wish, function, heard, other)
    words, away = _words(wish, function, heard, other)
    two = _two(wish, heard, other) if function == "blend" else None
    rounds = CANDIDATES if _loose(wish, function) else 1
    made: list[Made] = []
    for first in range(0, wish.count, _AT_ONCE):
        some = list(range(first, min(first + _AT_ONCE, wish.count)))

        def told(share: float, tries: int, done: int = first, more: int = len(some)) -> None:
            tell((done + (tries + share) / rounds * more) / wish.count, "drawing the motifs")

        def sampled(which: list[int], tries: int, heard_by: Callable[[float, np.ndarray], None]) -> np.ndarray:
            numbers = [k + _MOST * tries for k in which]
            plan = _plan(wish, function, [begin[k] for k in which], words[which], away, two, numbers)
            return sample(model.direction, plan, wish.steps, wish.guidance, heard_by)

        tried = np.stack([sampled(some, tries, lambda share, _, tries=tries: told(share, tries)) for tries in range(rounds)], 1)
        cells = {k: several[fresh(model, words[k], several)] for k, several in zip(some, tried, strict=True)}
        clean = {k: drawn.cleaned(cell) for k, cell in cells.items()}
        for tries in range(rounds, _TRIES):
            blank = [k for k, field in clean.items() if not (field > 0.0).any()]
            if not blank:
                break
            for k, cell in zip(blank, sampled(blank, tries, lambda *_: told(1.0, rounds - 1)), strict=True):
                cells[k], clean[k] = cell, drawn.cleaned(cell)
        for k in some:
            new = replace(_NEW, field=_finished(wish, clean[k]), function=function, source=begin[k].name, seed=wish.seed, number=k)
            made.append(_judged(model, heard, other, new, cells[k]))
    spent = (time.perf_counter() - began) / wish.count
    said = heard.words if other is None else f"{heard.words} + {other.words}" if heard.words else other.words
    made = [replace(one, words=said, seconds=spent) for one in made]
    return tuple(made if function == "row" else sorted(made, key=lambda one: (-one.score, one.number)))


_NEW = Made(field=np.zeros((1, 1)), function="", source="", words="", nearest="", likeness=0.0, score=0.0, seed=0, number=0, seconds=0.0)


def _words(wish: Wish, function: str, heard: Spoken, other: Spoken | None) -> tuple[np.ndarray, np.ndarray]:
    """(count, 96) words led to, and (96,) led away from."""
    share = np.full(wish.count, wish.share)
    if function == "row":
        share = np.linspace(0.0, 1.0, wish.count) if wish.count > 1 else np.array([wish.share])
        if other is None:  # the two things of one prompt
            pair = [embed([(text, 1.0)]) for text, _ in heard.phrases[:2]]
            return np.stack([_unit((1.0 - s) * pair[0] + s * pair[-1]) for s in share]), heard.avoided
    away = heard.avoided if other is None or not other.away else _unit(heard.avoided + other.avoided)
    if other is None:
        return np.tile(heard.vector, (wish.count, 1)), away
    return np.stack([_unit((1.0 - s) * heard.vector + s * other.vector) for s in share]), away


def _two(wish: Wish, heard: Spoken, other: Spoken | None) -> tuple[np.ndarray, np.ndarray, float]:
    """(96,) words of each of two things, and the share of the first."""
    if other is not None:
        return heard.vector, other.vector, share_of(wish, heard, other)
    one, another = heard.phrases[0][0], heard.phrases[1 % len(heard.phrases)][0]
    return embed([(one, 1.0)]), embed([(another, 1.0)]), share_of(wish, heard, other)


def _plan(wish: Wish, function: str, begin: list[Start], words: np.ndarray, away: np.ndarray, two: tuple | None, numbers: list[int]) -> Plan:
    one, count = function == "row", len(numbers)  # neighbours of a row share their chances
    noise = np.stack([np.random.default_rng([wish.seed, 0 if one else k]).standard_normal((drawn.CELL, drawn.CELL), np.float32) for k in numbers])
    start = np.stack([np.zeros_like(noise[0]) if b.cell is None else b.cell for b in begin])
    strength = np.array([b.strength for b in begin], np.float32)
    free = None if wish.mask is None else resize(wish.mask.astype(np.float32), drawn.CELL, drawn.CELL) > 0.0
    if begin[0].free is not None:
        free = np.stack([b.free for b in begin])
    plan = Plan(noise, words, np.tile(away, (count, 1)), start, strength, free, wish.symmetry, LOOSE if _loose(wish, function) else EVEN)
    if two is None:
        return plan
    share = np.stack([np.full_like(noise[0], two[2]) if b.angle is None else halves(b.angle, two[2]) for b in begin])
    return replace(plan, words=np.tile(two[0], (count, 1)), other=np.tile(two[1], (count, 1)), share=share, heed=EVEN if begin[0].cell is not None else FIRM)


def _loose(wish: Wish, function: str) -> bool:
    """Whether chance composes the drawing before words lead it; a symmetry composes by itself."""
    return function == "invent" and wish.symmetry == "none"


def _finished(wish: Wish, field: np.ndarray) -> np.ndarray:
    """A cleaned drawing as symmetric as was asked, and what is not masked exactly as it was."""
    if wish.symmetry == "mirror":
        field = np.maximum(field, field[:, ::-1])
    elif wish.symmetry != "none":
        field = np.max([turned(field[None], k, int(wish.symmetry))[0] for k in range(int(wish.symmetry))], axis=0)
    if wish.mask is None or wish.start is None:
        return field
    side = wish.start.shape[0]
    mask = wish.mask if wish.mask.shape[0] == side else np.kron(wish.mask, np.ones((-(-side // wish.mask.shape[0]),) * 2, bool))[:side, :side]
    deep = drawn.distance(mask, _BLEND * side / drawn.CELL) / (_BLEND * side / drawn.CELL)
    new = drawn.enlarged(field, side)
    return np.where(mask, wish.start + deep * deep * (3.0 - 2.0 * deep) * (new - wish.start), wish.start).astype(np.float32)


def _judged(model: files.Model, heard: Spoken, other: Spoken | None, one: Made, cell: np.ndarray) -> Made:
    """With the nearest drawing and the score, by its ``cell`` (64, 64) as the model left it."""
    like = likeness(resize(cell, 32, 32) > 0.0, model.taught)
    best = int(like.argmax())
    told = _told(model, like, [name for spoken in (heard, other) if spoken for name, _ in spoken.things])
    score = 0.5 * told + 0.5 * soundness(cell)
    return replace(one, nearest=model.names[best], likeness=round(float(like[best]), 3), score=round(score, 3))


def _told(model: files.Model, like: np.ndarray, things: list[str]) -> float:
    """How much more a shape is like drawings of the things that were asked for, all of them, than like any other; 0.5 if unknown."""
    own = []
    for thing in things:
        subjects = {subject for name, subject in zip(model.names, model.subjects, strict=True) if thing in (name, subject)}
        own.append(np.array([subject in subjects or name == thing for name, subject in zip(model.names, model.subjects, strict=True)]))
    own = [mask for mask in own if mask.any()]
    if not own:
        return 0.5
    rest = like[~np.any(own, axis=0)].max()
    return float(np.clip(0.5 + 2.5 * (np.mean([like[mask].max() for mask in own]) - rest), 0.0, 1.0))


def fresh(model: files.Model, words: np.ndarray, cells: np.ndarray) -> int:
    """Which of several cells (n, 64, 64) is new and yet shows the words (96,): of those about as like drawings of that kind as like any
    other, the least like them; the first where the words name no kind."""
    near = _kinds(model.subjects) @ words
    own = near > near.max() - 1e-3
    if len(cells) == 1 or near.max() < _SURE:
        return int(np.argmax([(cell > 0.0).any() for cell in cells]))
    like = np.stack([likeness(resize(cell, 32, 32) > 0.0, model.taught) for cell in cells])
    ours, rest = like[:, own].max(1), like[:, ~own].max(1)
    return int(np.argmax(np.where((ours > 0.0) & (ours - rest > _FLOOR), 1.0 - ours, ours - rest - 1.0)))


@cache
def _kinds(subjects: tuple[str, ...]) -> np.ndarray:
    """(n, 96) vectors of the words of taught drawings."""
    return np.stack([embed([(subject, 1.0)]) for subject in subjects])


def likeness(shape: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """(n,) overlap over union of a silhouette (32, 32) bool with each of (n, 32, 32), the best of both faces and shifts of a pixel."""
    views = [np.roll(face, (dy, dx), (0, 1)) for face in (shape, shape[:, ::-1]) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    a = np.stack(views).reshape(len(views), -1).astype(np.float32)
    b = taught.reshape(len(taught), -1).astype(np.float32)
    both = a @ b.T
    return (both / np.maximum(a.sum(1)[:, None] + b.sum(1)[None] - both, 1.0)).max(0)


def soundness(cell: np.ndarray) -> float:
    """1 for a shape (64, 64) that needs no cleaning, towards 0 for dust, hairlines, and drawings cut off by the cell."""
    inside = cell > 0.0
    if not inside.any():
        return 0.0
    _, sizes = parts(inside)
    dust = int(((sizes > 0) & (sizes < 9)).sum())
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]]).mean()
    thin = float(((np.abs(cell) < 0.5) & (drawn.distance(inside, 3.0) <= 1.0) & inside).sum() / inside.sum())
    return float(np.clip(1.0 - 0.12 * dust - 2.0 * edge - max(thin - 0.25, 0.0), 0.0, 1.0))


def _unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > 1e-6 else np.zeros(DIMENSIONS, np.float32)
