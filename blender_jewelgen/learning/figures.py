"""Silhouettes drawn from random parameters, with the words that describe them: endless teaching material of our own.

Every figure is a bool picture on a square grid, x to the right and y up from -1 to 1. Parts are kept apart by gaps that a
64 px cell can still show.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SIDE = 192  # px of a drawing
GAP = 0.085  # least gap between parts: 2.7 px of a 64 px cell
Grid = tuple[np.ndarray, np.ndarray]
Rng = np.random.Generator
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()


def plane() -> Grid:
    """x and y (SIDE, SIDE) float32."""
    line = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * 2.0 - 1.0
    return np.meshgrid(line, -line)


def _turned(grid: Grid, angle: float, dx: float = 0.0, dy: float = 0.0) -> Grid:
    """The grid seen from a frame at (dx, dy) whose y axis points ``angle`` radians clockwise of up."""
    x, y = grid[0] - dx, grid[1] - dy
    c, s = np.cos(angle), np.sin(angle)
    return x * c - y * s, x * s + y * c


def _petal(grid: Grid, length: float, width: float, tip: str, gap: float = GAP) -> np.ndarray:
    """A petal from the origin upward; its outline lies half a gap inside its share."""
    x, y = grid
    t = np.clip(y / length, 0.0, 1.0)
    if tip == "pointed":
        half = width * np.clip(np.sin(np.pi * t**0.8), 0.0, 1.0) ** 0.9
    elif tip == "round":
        half = width * np.sqrt(np.clip(1.0 - ((t - 0.62) / np.where(t > 0.62, 0.38, 0.62)) ** 2, 0.0, 1.0))
    elif tip == "heart":
        half = width * np.sqrt(np.clip(1.0 - ((t - 0.66) / np.where(t > 0.66, 0.34, 0.66)) ** 2, 0.0, 1.0))
        return (np.abs(x) < half - gap / 2) & (y > 0) & (y < length * (0.86 + 0.9 * np.abs(x) / max(width, 1e-6) * 0.16))
    else:  # lancet
        half = width * np.clip(np.minimum(t / 0.3, (1.0 - t) / 0.7), 0.0, 1.0)
    return (np.abs(x) < half - gap / 2) & (y > 0) & (y < length)


def _disc(grid: Grid, radius: float) -> np.ndarray:
    return np.hypot(*grid) < radius


def _band(distance: np.ndarray, half: float) -> np.ndarray:
    return np.abs(distance) < half


def rosette(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n = int(rng.integers(5, 13))
    tip = str(rng.choice(["round", "pointed", "heart", "lancet"]))
    core = rng.uniform(0.14, 0.26)
    turn = rng.choice([0.0, np.pi / n])
    share = np.tan(np.pi / n) * rng.uniform(0.62, 0.8)
    shape = np.zeros(grid[0].shape, bool)
    for k in range(n):
        shape |= _petal(_turned(grid, 2 * np.pi * k / n + turn), 0.92, max(share, 0.13), tip)
    if rng.random() < 0.35 and n <= 8:
        inner = np.zeros_like(shape)
        for k in range(n):
            inner |= _petal(_turned(grid, 2 * np.pi * (k + 0.5) / n + turn), 0.56, max(share * 0.62, 0.13), tip)
        shape = (shape & ~_disc(grid, 0.6)) | inner
    shape &= ~_disc(grid, core + GAP)
    shape |= _disc(grid, core)
    kind = {"round": "rosette", "pointed": "flower", "heart": "rose window blossom", "lancet": "daisy"}[tip]
    return shape, f"{kind} {NUMBERS[n]} petals"


def star(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n, deep = int(rng.choice([4, 5, 6, 7, 8, 10, 12])), rng.uniform(0.35, 0.62)
    angle, far = np.arctan2(grid[0], grid[1]) + rng.choice([0.0, np.pi / n]), np.hypot(*grid)
    fold = np.abs((angle / (2 * np.pi / n) + 0.5) % 1.0 - 0.5) * 2.0
    edge = 0.93 * deep / (fold + (1.0 - fold) * deep)
    shape = far < edge
    if rng.random() < 0.4:
        shape &= ~_band(far - edge * 0.6, GAP * 0.55)
    return shape, f"star {NUMBERS[n]} points"


def sun(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n, core = int(rng.integers(8, 15)), rng.uniform(0.32, 0.48)
    angle, far = np.arctan2(grid[0], grid[1]), np.hypot(*grid)
    wavy = rng.random() < 0.5
    fold = np.abs(((angle + (0.18 * np.sin(far * 9.0) if wavy else 0.0)) / (2 * np.pi / n) + 0.5) % 1.0 - 0.5) * 2.0
    rays = (fold < np.clip(1.0 - (far - core) / (0.93 - core), 0.0, 1.0) * 0.72) & (far < 0.93)
    shape = (rays & (far > core + GAP)) | (far < core)
    return shape, f"sun {'flames' if wavy else 'rays'}"


def fan(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    """Lotus and palmette: petals that spread from a foot."""
    grid = (grid[0] * 1.45, grid[1] * 1.2)
    n, lotus = int(rng.choice([3, 5, 7, 9])), rng.random() < 0.5
    spread = rng.uniform(1.9, 2.6) if lotus else rng.uniform(2.2, 3.0)
    shape = np.zeros(grid[0].shape, bool)
    foot = -0.62
    for k in sorted(range(n), key=lambda k: -abs(k - (n - 1) / 2)):
        lean = (k - (n - 1) / 2) / max(n - 1, 1) * spread
        size = 1.42 - 0.16 * abs(lean) ** 1.5
        place = _turned(grid, lean, 0.0, foot)
        part = _petal(place, size, 1.25 / n + 0.08, "pointed" if lotus else "round", 0.0)
        grown = _petal(place, size + GAP, 1.25 / n + 0.08 + GAP, "pointed" if lotus else "round", 0.0)
        shape = (shape & ~grown) | part
    shape &= grid[1] > foot + 0.1
    if rng.random() < 0.6:  # volutes or a bar at the foot
        for side in (-1, 1):
            ring = np.hypot(grid[0] - side * 0.34, grid[1] - foot - 0.02)
            shape = (shape & ~(ring < 0.2 + GAP)) | ((ring < 0.2) & (ring > 0.09))
    shape |= (np.abs(grid[0]) < 0.12) & (grid[1] > foot - 0.22) & (grid[1] < foot + 0.16)
    return shape, f"{'lotus' if lotus else 'palmette'} {NUMBERS[n]} petals"


def shell(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n = int(rng.choice([5, 7, 9]))
    x, y = _turned((grid[0] * 1.3, grid[1]), 0.0, 0.0, -0.78)
    far, angle = np.hypot(x, y), np.arctan2(x, y)
    spread = rng.uniform(1.9, 2.4)
    share = angle / spread * n
    scallop = 1.5 + 0.1 * np.cos(share * 2 * np.pi + (np.pi if n % 2 == 0 else 0.0))
    body = (np.abs(angle) < spread / 2) & (far < scallop) & (far > 0.2)
    ribs = np.abs((share + n / 2) % 1.0 - 0.5) * spread / n * far > (spread / n * far - GAP * 0.75) / 2
    shape = body & ~(ribs & (far > 0.5) & (np.abs(share) < n / 2 - 0.5))
    return shape | ((np.abs(x) < 0.3) & (np.abs(y) < 0.16)), "scallop shell"


def leaf(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    x, y = _turned(grid, rng.uniform(-0.15, 0.15))
    t = (y + 0.9) / 1.8
    lobes = int(rng.choice([0, 0, 3, 4, 5]))
    width = rng.uniform(0.3, 0.5)
    bend = rng.uniform(-0.25, 0.25) * np.sin(np.pi * np.clip(t, 0, 1))
    half = width * np.sin(np.pi * np.clip((t - 0.14) / 0.86, 0.0, 1.0) ** rng.uniform(0.65, 0.9))
    if lobes:
        half = half * (0.78 + 0.34 * np.abs(np.sin(np.pi * lobes * np.clip((t - 0.1) / 0.9, 0, 1))))
    inside = np.abs(x - bend) < half
    veins = _band(x - bend, GAP * 0.5) & (t > 0.24) & (t < 0.84)
    if rng.random() < 0.6:
        side = np.abs(x - bend)
        veins |= _band(((t - 0.6 * side) * 6.0) % 1.0 - 0.5, GAP * 0.5 * 6 / 1.8) & (side < half - 0.1) & (t > 0.3) & (t < 0.8) & (side > 0.0)
    stem = (np.abs(x - bend) < 0.05) & (t > 0.0) & (t < 0.24)
    return (inside & ~veins) | stem, "acanthus leaf" if lobes else "leaf"


def feather(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    bend = rng.uniform(-0.3, 0.3)
    x, y = grid
    t = (y + 0.92) / 1.84
    middle = bend * (t - 0.5) ** 2
    half = rng.uniform(0.24, 0.36) * np.sin(np.pi * np.clip((t - 0.2) / 0.8, 0, 1) ** 0.7)
    side = np.abs(x - middle)
    barbs = _band(((t - 0.7 * side) * 7.0) % 1.0 - 0.5, GAP * 0.55 * 7 / 1.84) & (side > 0.09)
    quill = (side < 0.045) & (t > 0.0) & (t < 0.97)
    gap = _band(side - 0.045 - GAP / 2, GAP / 2) & (t < 0.88) & (t > 0.25)
    eye = _disc((x - middle, y - 0.42), 0.2)
    peacock = rng.random() < 0.5
    shape = ((side < half) & ~barbs & ~gap) | quill
    if peacock:
        shape = (shape & ~_disc((x - middle, y - 0.42), 0.2 + GAP)) | (eye & ~_band(np.hypot(x - middle, y - 0.42) - 0.1, GAP * 0.5))
    return shape, "peacock feather" if peacock else "feather"


def foil(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n = int(rng.choice([3, 4, 5, 6]))
    size = {3: 0.44, 4: 0.38, 5: 0.32, 6: 0.28}[n] * rng.uniform(0.95, 1.1)
    out = 0.93 - size
    shape = _disc(grid, out * 0.75)
    hollow = rng.random() < 0.6
    for k in range(n):
        place = (grid[0] - out * np.sin(2 * np.pi * k / n), grid[1] - out * np.cos(2 * np.pi * k / n))
        shape |= _disc(place, size)
    if hollow:
        for k in range(n):
            place = (grid[0] - out * np.sin(2 * np.pi * k / n), grid[1] - out * np.cos(2 * np.pi * k / n))
            shape &= ~_disc(place, size - 0.15)
    return shape, {3: "trefoil", 4: "quatrefoil", 5: "cinquefoil", 6: "sexfoil"}[n]


def knot(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    n = int(rng.choice([3, 3, 4, 5, 6]))
    thick, reach = rng.uniform(0.075, 0.1), rng.uniform(0.3, 0.36) if n == 3 else rng.uniform(0.38, 0.46)
    radius = 0.92 - reach - thick
    shape = np.zeros(grid[0].shape, bool)
    rings = [np.hypot(grid[0] - reach * np.sin(2 * np.pi * k / n), grid[1] - reach * np.cos(2 * np.pi * k / n)) - radius for k in range(n)]
    radius_out = 1.0
    for k, ring in enumerate(rings):
        angle = np.arctan2(grid[0] - reach * np.sin(2 * np.pi * k / n), grid[1] - reach * np.cos(2 * np.pi * k / n)) - 2 * np.pi * k / n
        over = np.sin(angle) > 0  # each strand passes over on one side
        shape = (shape & ~(_band(ring, thick + GAP * 0.8) & over)) | (_band(ring, thick) & (np.hypot(*grid) < radius_out))
    first = rings[0]
    over = np.sin(np.arctan2(grid[0], grid[1] - reach)) > 0
    shape = (shape & ~(_band(first, thick + GAP * 0.8) & over & ~_band(first, thick)))
    return shape, "celtic knot triquetra" if n == 3 else f"celtic knot {NUMBERS[n]} loops"


def spiral(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    arms = int(rng.choice([1, 1, 2, 3]))
    turns = rng.uniform(1.5, 2.4) if arms == 1 else rng.uniform(0.7, 1.0) if arms == 2 else 0.6
    hand = rng.choice([-1.0, 1.0])
    far, angle = np.hypot(*grid), np.arctan2(grid[0], grid[1]) * hand
    wave = far / (0.9 / turns) * arms - angle / (2 * np.pi) * arms if arms > 1 else far / (0.9 / turns) - angle / (2 * np.pi)
    shape = (np.abs(wave % 1.0 - 0.5) < rng.uniform(0.24, 0.32)) & (far < 0.92)
    return shape | _disc(grid, 0.13), {1: "spiral", 2: "double spiral", 3: "triple spiral triskele"}[arms]


def crescent(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    x, y = _turned(grid, rng.uniform(-0.4, 0.4))
    shift, size = rng.uniform(0.28, 0.45), rng.uniform(0.66, 0.76)
    shape = (np.hypot(x, y) < 0.9) & (np.hypot(x - shift, y) > size)
    with_star = rng.random() < 0.4
    if with_star:
        shape |= star((( x - 0.42) / 0.3, y / 0.3), rng)[0] & (np.hypot(x - 0.42, y) < 0.32)
    return shape, "crescent moon star" if with_star else "crescent moon"


def heart(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    x, y = grid[0] * rng.uniform(0.98, 1.15), grid[1] * rng.uniform(0.95, 1.1) + 0.12
    level = (x**2 + (y - np.sqrt(np.abs(x) + 1e-6) * 0.55) ** 2) ** 0.5
    shape = level < 0.82
    ring = rng.random()
    if ring < 0.35:
        shape &= ~_band(level - 0.58, GAP * 0.6)
    elif ring < 0.55:
        shape &= level > 0.52
    return shape, "heart"


def cross(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    flare, arm, latin = rng.uniform(0.0, 0.3), rng.uniform(0.12, 0.2), rng.random() < 0.4
    x, y = grid
    middle = 0.25 if latin else 0.0
    up = (np.abs(x) < arm + flare * np.abs(y - middle) ** 1.5) & (np.abs(y) < 0.92)
    side = (np.abs(y - middle) < arm + flare * np.abs(x) ** 1.5) & (np.abs(x) < (0.62 if latin else 0.92))
    shape = up | side
    ring = np.hypot(x, y - middle)
    celtic = rng.random() < 0.35
    if celtic:
        shape |= _band(ring - 0.5, 0.085)
        shape &= ~((ring < 0.2) & (ring > 0.2 - GAP))
    return shape, "celtic cross" if celtic else "gothic cross" if flare > 0.15 else "cross"


def snowflake(grid: Grid, rng: Rng) -> tuple[np.ndarray, str]:
    shape = np.zeros(grid[0].shape, bool)
    marks = sorted(rng.uniform(0.3, 0.8, int(rng.integers(1, 3))))
    sizes = rng.uniform(0.16, 0.3, len(marks))
    thick = rng.uniform(0.05, 0.065)
    for k in range(6):
        x, y = _turned(grid, np.pi / 3 * k)
        shape |= (np.abs(x) < thick) & (y > 0) & (y < 0.93)
        for mark, size in zip(marks, sizes):
            along = y - mark - np.abs(x) * 0.6
            shape |= _band(along, thick) & (np.abs(x) < size)
    return shape, "snowflake"


FIGURES: dict[str, Callable[[Grid, Rng], tuple[np.ndarray, str]]] = {
    f.__name__: f for f in (rosette, star, sun, fan, shell, leaf, feather, foil, knot, spiral, crescent, heart, cross, snowflake)
}


def draw(name: str, rng: Rng) -> tuple[np.ndarray, str]:
    """(SIDE, SIDE) bool silhouette of a named figure with parameters drawn from ``rng``, and its caption."""
    return FIGURES[name](plane(), rng)
