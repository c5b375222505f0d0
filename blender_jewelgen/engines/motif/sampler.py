"""Drawing along straight lines from noise to a cell (flow matching), steered by words; numpy only.

Cells are (b, 64, 64) of tanh(px / 3). Time runs from 1, noise, to 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from ...core.errors import BadInput
from ...core.pattern.drawn import CELL, REACH

SOFT = 3.0  # px at which tanh bends
SHIFT = 1.5  # more steps where the noise is strong
EVEN = ((0.0, 1.0),)
LOOSE = ((0.9, 0.0), (0.4, 3.0), (0.0, 0.5))  # composed by chance, then led firmly, then left to be drawn cleanly
FIRM = ((0.0, 2.0),)
_HALF = 3.0  # px over which one half's words give way to the other's
Direction = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
Heed = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What is drawn: for each of b cells its noise, its words, what it starts from, and how far it may leave that.

    Attributes
    ----------
    noise : (b, 64, 64)
    words, away : (b, 96)
        Led to, and led away from; zeros are "anything".
    start : (b, 64, 64) px, or None
    strength : (b,) 0 to 1
        Where drawing begins on the way from ``start`` to noise (SDEdit, Meng et al. 2022).
    free : (64, 64) or (b, 64, 64) bool, or None
        Where ``start`` may change; elsewhere every step is set back to it (RePaint's idea, Lugmayr et al. 2022, without resampling).
    symmetry : str
        none, mirror, or the number of equal turns.
    heed : tuple of (float, float)
        What guidance is multiplied by at times above each of the first numbers; at 0 no words are heard. Seeds part most where words come
        in late, as in CADS (Sadat et al. 2024); guidance in a part of the times only is that of Kynkäänniemi et al. 2024.
    other : (b, 96), or None
        Words of the second of two things.
    share : (b, 64, 64) 0 to 1, or None
        Of the first thing at every place, where there is a second: each half is led by its own words (regions as in MultiDiffusion, Bar-Tal et al. 2023).
    """

    noise: np.ndarray
    words: np.ndarray
    away: np.ndarray
    start: np.ndarray | None
    strength: np.ndarray
    free: np.ndarray | None = None
    symmetry: str = "none"
    heed: Heed = EVEN
    other: np.ndarray | None = None
    share: np.ndarray | None = None


def sample(direction: Direction, plan: Plan, steps: int, guidance: float, tell: Callable[[float, np.ndarray], None]) -> np.ndarray:
    """(b, 64, 64) px. ``tell`` hears after each step how much is done and what the cells seem to become; it may raise Cancelled.

    Guidance is that of Ho and Salimans 2022: away from what is drawn with ``away``. A symmetry is kept inside: at every step the
    drawing that is aimed at is made symmetric, so the net itself finds shapes that agree with it.
    """
    noise = symmetric_noise(plan.noise, plan.symmetry)
    strength = plan.strength[:, None, None].astype(np.float32)
    start = np.zeros_like(noise) if plan.start is None else soft(plan.start)
    cell = (1.0 - strength) * start + strength * noise
    course = (SHIFT * np.linspace(1.0, 0.0, steps + 1) / (1.0 + (SHIFT - 1.0) * np.linspace(1.0, 0.0, steps + 1))).astype(np.float32)  # numpy 1 and 2 then agree
    for number, (now, then) in enumerate(pairwise(course)):
        time, after = (now * strength).astype(np.float32), (then * strength).astype(np.float32)
        way = _way(direction, plan, cell, time[:, 0, 0], guidance * next(much for above, much in plan.heed if now > above))
        if not np.isfinite(way).all():
            raise BadInput("the motif model gave numbers that are not finite; try another seed", field="engine")
        if plan.symmetry != "none":
            aim = symmetric(cell - time * way, plan.symmetry)
            way = (cell - aim) / time
        cell = cell + (after - time) * way
        if plan.free is not None:
            cell = np.where(plan.free, cell, (1.0 - after) * start + after * noise)
        tell((number + 1) / steps, cell - after * way)
    return hard(cell)


def _way(direction: Direction, plan: Plan, cell: np.ndarray, time: np.ndarray, guidance: float) -> np.ndarray:
    """(b, 64, 64), noise minus drawing, as the words lead. Below guidance 1 what is to be avoided would be led to, so it counts from there on."""
    if guidance == 0.0:
        return direction(cell, time, np.zeros_like(plan.words))
    if plan.other is None and guidance == 1.0:
        return direction(cell, time, plan.words)
    away = plan.away if guidance > 1.0 else np.zeros_like(plan.away)
    said = [plan.words, away] if plan.other is None else [plan.words, away, plan.other]
    ways = direction(np.concatenate([cell] * len(said)), np.tile(time, len(said)), np.concatenate(said))
    led, without, *second = np.split(ways, len(said))
    if second:
        led = plan.share * led + (1.0 - plan.share) * second[0]
    return without + np.float32(guidance) * (led - without)


def halves(angle: float, share: float = 0.5) -> np.ndarray:
    """(64, 64) of 1, where the first of two things is drawn, to 0; the second lies in the direction ``angle`` (radians, 0 right, pi / 2 down).

    ``share`` is that of the first.
    """
    return (1.0 / (1.0 + np.exp(beyond(angle, share) / _HALF))).astype(np.float32)


def beyond(angle: float, share: float = 0.5) -> np.ndarray:
    """(64, 64) px from the line between two halves, positive in that of the second thing."""
    line = np.arange(CELL) - (CELL - 1) / 2
    return line[None, :] * np.cos(angle) + line[:, None] * np.sin(angle) - 1.5 * (share - 0.5) * CELL


def soft(distances: np.ndarray) -> np.ndarray:
    """Distances in px as the net sees them."""
    return np.tanh(distances / np.float32(SOFT)).astype(np.float32)


def hard(cell: np.ndarray) -> np.ndarray:
    """Distances in px of what the net sees, clipped to +-6."""
    edge = np.float32(np.tanh(REACH / SOFT))
    return (np.arctanh(np.clip(cell, -edge, edge)) * SOFT).astype(np.float32)


def symmetric(cells: np.ndarray, kind: str) -> np.ndarray:
    """The mean of (b, s, s) cells over all motions of a symmetry."""
    if kind == "none":
        return cells
    if kind == "mirror":
        return (cells + cells[:, :, ::-1]) / 2.0
    turns = int(kind)
    return sum(turned(cells, k, turns) for k in range(turns)) / np.float32(turns)


def turned(cells: np.ndarray, k: int, turns: int) -> np.ndarray:
    """(b, s, s) cells turned by k/turns of a full turn; what comes from outside is far outside."""
    quarter = 4 * k / turns
    if quarter == int(quarter):
        return np.rot90(cells, int(quarter), axes=(1, 2))
    place, weight, inside = _turn(cells.shape[-1], k / turns)
    flat = cells.reshape(len(cells), -1)
    out = sum(flat[:, p] * w for p, w in zip(place, weight, strict=True))
    return np.where(inside, out, np.float32(-1.0)).reshape(cells.shape)


@cache
def _turn(side: int, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four pixels and weights (4, s²) for each pixel of a turned picture, and whether it comes from inside."""
    line = np.arange(side) - (side - 1) / 2
    y, x = np.meshgrid(line, line, indexing="ij")
    c, s = np.cos(2 * np.pi * share), np.sin(2 * np.pi * share)
    u, v = (x * c - y * s + (side - 1) / 2).ravel(), (x * s + y * c + (side - 1) / 2).ravel()
    inside = (u >= 0) & (u <= side - 1) & (v >= 0) & (v <= side - 1)
    left, top = np.clip(np.floor(u), 0, side - 2).astype(int), np.clip(np.floor(v), 0, side - 2).astype(int)
    fu, fv = np.clip(u - left, 0, 1), np.clip(v - top, 0, 1)
    place = np.stack([top * side + left, top * side + left + 1, (top + 1) * side + left, (top + 1) * side + left + 1])
    weight = np.stack([(1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv]).astype(np.float32)
    return place, weight, inside


def symmetric_noise(noise: np.ndarray, kind: str) -> np.ndarray:
    """Noise (b, 64, 64) that repeats one half or one sector of itself; each pixel keeps the variance 1."""
    if kind == "none":
        return noise
    line = np.arange(CELL) - (CELL - 1) / 2
    y, x = np.meshgrid(line, line, indexing="ij")
    if kind == "mirror":
        u, v = -np.abs(x), y
    else:
        sector = 2 * np.pi / int(kind)
        angle, far = np.arctan2(y, x) % sector, np.minimum(np.hypot(x, y), (CELL - 1) / 2)
        u, v = far * np.cos(angle), far * np.sin(angle)
    row, column = (np.clip(np.rint(w + (CELL - 1) / 2), 0, CELL - 1).astype(int) for w in (v, u))
    return noise[:, row, column]
