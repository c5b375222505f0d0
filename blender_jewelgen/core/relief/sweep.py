"""Wires as closed tubes: round, twisted of two strands, flattened on edge, beaded; ends are round, closed ones join themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..mesh.arrays import Mesh
from ..mesh.solids import from_solid

STRAND = 0.6  # diameter of one of the two strands of a twisted wire, in gauges
TWIST = 2.6  # gauges in which the strands go round each other once
TALL = 1.5  # how high a flattened wire stands, in gauges
NECK = 0.66  # thickness of a beaded wire between its beads, in gauges
_BEAD = 0.92  # gauges from bead to bead
_FOLD = 0.5  # share of the way of the middle line that a section's inner side must go, or twisted strands meet
_LAP = 5e-3  # mm that such pieces reach into their neighbours
_CAP = np.array([0.0, 0.45, 0.75, 0.93])  # rings of a round end, in parts of its length


@dataclass(frozen=True)
class Kind:
    """How a wire is drawn.

    Attributes
    ----------
    sides : int
        Corners of its section.
    step : float
        Distance of sections along it, in gauges.
    height : float
        How high it stands, in gauges; it is one gauge wide.
    least : float
        Its narrowest thickness, in gauges.
    core : float
        Radius that is metal all along it, whichever way it is turned, in gauges.
    hold : float
        Distance within which it is sure to meet another wire's metal before long, in gauges.
    """

    sides: int
    step: float
    height: float
    least: float
    core: float
    hold: float


KINDS = {
    "round": Kind(10, 0.34, 1.0, 1.0, 0.49, 0.49),
    "twisted": Kind(12, TWIST / 10.0, 1.0, STRAND, 0.25, 0.4),
    "flattened": Kind(12, 0.34, TALL, 1.0, 0.49, 0.49),
    "beaded": Kind(10, _BEAD / 6.0, 1.0, NECK, 0.33, 0.41),
}


@cache
def section(kind: str, sides: int) -> np.ndarray:
    """(sides, 2) corners across and up, of a wire of gauge 1; the first lies straight down, and no side cuts in on the gauge."""
    a = np.arange(sides) * (2.0 * np.pi / sides) - 0.5 * np.pi
    c, s = np.cos(a), np.sin(a)
    swell = np.sqrt(2.0 * np.pi / sides / np.sin(2.0 * np.pi / sides))  # the polygon has the circle's area
    if kind == "twisted":
        away, half = 0.5 * (1.0 - STRAND), 0.5 * STRAND
        r = away * np.abs(s) + np.sqrt(half**2 - (away * c) ** 2)
        return np.stack([r * c, r * s], axis=1)
    if kind == "flattened":
        return 0.5 * swell * np.stack([np.sign(c) * np.abs(c) ** 0.8, TALL * np.sign(s) * np.abs(s) ** 0.8], axis=1)
    return 0.5 * swell * np.stack([c, s], axis=1)


def depth_of(kind: str, sides: int) -> float:
    """How far a wire of gauge 1 reaches below its middle line, whichever way it is turned."""
    return float(np.abs(section(kind, sides)).max()) if kind == "twisted" else float(-section(kind, sides)[0, 1])


@dataclass(frozen=True, eq=False)
class Swept:
    """A closed part of a wire.

    Attributes
    ----------
    mesh : Mesh
    owner : (n,) int
        The point of the middle line that each vertex belongs to.
    """

    mesh: Mesh
    owner: np.ndarray


def swept(middle: np.ndarray, up: np.ndarray, gauge: float, kind: str, closed: bool, sides: int, twist: float = TWIST) -> list[Swept]:
    """A wire along a line: one tube, or where it is bent so tightly that its inner side would turn over, tubes and convex pieces between them.

    Parameters
    ----------
    middle : (n, 3) float64, mm
        At even distances; a closed line does not repeat its first point.
    up : (n, 3) float64
        Unit vectors away from the ground.
    gauge : float, mm
    kind : str
        One of ``KINDS``.
    sides : int
        Corners of the section.
    twist : float
        Gauges in which the strands of a twisted wire go round each other once.
    """
    n = len(middle)
    if closed:
        ahead = np.roll(middle, -1, axis=0) - np.roll(middle, 1, axis=0)
    else:
        ahead = np.gradient(middle, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-12)
    across = np.cross(ahead, up)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    rise = np.cross(across, ahead)
    steps = np.linalg.norm(np.diff(middle, axis=0, append=middle[:1] if closed else middle[-1:]), axis=1)
    reached = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    total = float(steps.sum())
    corners = np.broadcast_to(gauge * section(kind, sides), (n, sides, 2)).copy()
    shift = 0
    if kind == "twisted":
        turns = total / (twist * gauge)
        if closed:
            turns = max(1.0, np.round(2.0 * turns) / 2.0)  # half turns: the section is the same then
            shift = (sides // 2) * (round(2.0 * turns) % 2)  # after an odd number of them it comes back upside down
        angle = 2.0 * np.pi * turns * reached / max(total, 1e-12)
        c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
        corners = np.stack([c * corners[..., 0] - s * corners[..., 1], s * corners[..., 0] + c * corners[..., 1]], axis=2)
    elif kind == "beaded":
        beads = max(1.0, np.round(total / (_BEAD * gauge)))
        phase = (beads * reached / max(total, 1e-12)) % 1.0 - 0.5
        swell = np.sqrt(np.maximum(1.0 - (2.0 * phase * np.sqrt(1.0 - NECK**2)) ** 2, 0.0))
        corners *= swell[:, None, None]
    rings = middle[:, None] + corners[..., :1] * across[:, None] + corners[..., 1:] * rise[:, None]
    owner = np.arange(n)
    if closed:
        rings, middle, owner = np.concatenate([rings, np.roll(rings[:1], -shift, axis=1)]), np.concatenate([middle, middle[:1]]), np.append(owner, 0)
    on = np.diff(middle, axis=0)
    folded = (np.einsum("nsk,nk->ns", np.diff(rings, axis=0), on) <= _FOLD * np.einsum("nk,nk->n", on, on)[:, None]).any(axis=1)
    if closed and not folded.any():
        return [Swept(_joined(rings[:-1], shift), np.repeat(owner[:-1], sides))]
    poles = middle[0], middle[-1]
    if not closed:
        first, last = (_cap(rings[end], middle[end], sign * ahead[end], gauge) for end, sign in ((0, -1.0), (-1, 1.0)))
        rings, owner = np.concatenate([first[::-1], rings, last]), np.concatenate([np.zeros(len(first), int), owner, np.full(len(last), n - 1)])
        folded = np.concatenate([np.zeros(len(first), bool), folded, np.zeros(len(last), bool)])
        poles = middle[0] - 0.5 * gauge * ahead[0], middle[-1] + 0.5 * gauge * ahead[-1]
    if not folded.any():
        return [_closed(rings, owner, poles)]
    return _pieces(rings, owner, poles, folded)


def _pieces(rings: np.ndarray, owner: np.ndarray, poles: tuple[np.ndarray, np.ndarray], folded: np.ndarray) -> list[Swept]:
    """A tube in parts that overlap: its sound lengths, and hulls over sections that cross."""
    import manifold3d

    found = []
    middle = rings.mean(axis=1)
    middle[0], middle[-1] = poles
    ends = np.flatnonzero(np.diff(np.concatenate([[True], folded, [True]]).astype(int)))
    for start, stop in zip(ends[::2], ends[1::2]):  # lengths whose pairs of sections do not cross
        found.append(_closed(rings[start : stop + 1], owner[start : stop + 1], (middle[start], middle[stop])))
    for k in np.flatnonzero(folded):
        on = middle[k + 1] - middle[k]
        on *= _LAP / max(float(np.linalg.norm(on)), 1e-9)
        mesh = from_solid(manifold3d.Manifold.hull_points(np.concatenate([rings[k] - on, rings[k + 1] + on])))
        found.append(Swept(mesh, np.full(len(mesh.vertices), owner[k])))
    return found


def _joined(points: np.ndarray, shift: int) -> Mesh:
    n, sides, _ = points.shape
    index = np.arange(n * sides, dtype=np.int32).reshape(n, sides)
    following = np.concatenate([index[1:], np.roll(index[:1], -shift, axis=1)])
    return Mesh(points.reshape(-1, 3), np.ascontiguousarray(_walls(index, following)[:, ::-1].astype(np.int32)))


def _cap(ring: np.ndarray, middle: np.ndarray, way: np.ndarray, gauge: float) -> np.ndarray:
    """(c, sides, 3) sections of an end rounded over half a gauge, from the tube on."""
    size = np.sqrt(1.0 - _CAP[1:] ** 2)
    return middle + (0.5 * gauge * _CAP[1:])[:, None, None] * way + size[:, None, None] * (ring - middle)


def _closed(rings: np.ndarray, owner: np.ndarray, poles: tuple[np.ndarray, np.ndarray]) -> Swept:
    """A tube through its sections, its ends closed by fans round the poles."""
    n, sides, _ = rings.shape
    index = np.arange(n * sides, dtype=np.int32).reshape(n, sides)
    first, last = np.int32(n * sides), np.int32(n * sides + 1)
    begin, end = index[0], index[-1]
    faces = np.concatenate([
        _walls(index[:-1], index[1:]),
        np.stack([np.full(sides, first), np.roll(begin, -1), begin], axis=1),
        np.stack([np.full(sides, last), end, np.roll(end, -1)], axis=1),
    ])  # fmt: skip
    mesh = Mesh(np.concatenate([rings.reshape(-1, 3), np.array(poles)]), np.ascontiguousarray(faces[:, ::-1].astype(np.int32)))
    return Swept(mesh, np.append(np.repeat(owner, sides), (owner[0], owner[-1])))


def _walls(index: np.ndarray, following: np.ndarray) -> np.ndarray:
    a, b = index, np.roll(index, -1, axis=1)
    c, d = following, np.roll(following, -1, axis=1)
    return np.concatenate([np.stack([a, b, d], axis=2).reshape(-1, 3), np.stack([a, d, c], axis=2).reshape(-1, 3)])


@cache
def _ball(fine: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of a unit sphere: an icosahedron, each face parted in ``fine``²."""
    p = (1.0 + 5.0**0.5) / 2.0
    corners = np.array([(-1, p, 0), (1, p, 0), (-1, -p, 0), (1, -p, 0), (0, -1, p), (0, 1, p), (0, -1, -p), (0, 1, -p), (p, 0, -1), (p, 0, 1), (-p, 0, -1), (-p, 0, 1)], float)
    faces = [
        (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6), (7, 1, 8),
        (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1),
    ]  # fmt: skip
    number: dict[tuple[float, float, float], int] = {}
    points: list[np.ndarray] = []
    found = []

    def corner(place: np.ndarray) -> int:
        place = place / np.linalg.norm(place)
        key = (round(float(place[0]), 7), round(float(place[1]), 7), round(float(place[2]), 7))
        if key not in number:
            number[key] = len(points)
            points.append(place)
        return number[key]

    for a, b, c in corners[np.array(faces)]:
        grid = [[corner(a + (b - a) * (i - j) / fine + (c - a) * j / fine) for j in range(i + 1)] for i in range(fine + 1)]
        for i in range(fine):
            for j in range(i + 1):
                found.append((grid[i][j], grid[i + 1][j], grid[i + 1][j + 1]))
                if j < i:
                    found.append((grid[i][j], grid[i + 1][j + 1], grid[i][j + 1]))
    return np.array(points), np.array(found, np.int32)


def ball(middle: np.ndarray, radius: float, fine: int = 2) -> Mesh:
    """A granule; turned a little by its place, so that no two meet face on face."""
    points, faces = _ball(fine)
    angle = 12.9898 * float(middle[0]) + 78.233 * float(middle[1]) + 0.7
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.array([[1.0, 0.0, 0.0], [0.0, 0.8, -0.6], [0.0, 0.6, 0.8]])
    return Mesh(middle + radius * 1.02 * points @ turn.T, faces)
