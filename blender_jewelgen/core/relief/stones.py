"""Stones set into a form: where they sit, what the ornament keeps away from, what is cut out for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import BadInput, Fix
from ..form.plate import Plate
from ..form.turned import Turned
from ..mesh.arrays import Mesh, join
from ..mesh.closed import bodies
from ..mesh.intersect import self_intersections
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from .assemble import poses
from .bend import Bend
from .brilliant import Brilliant, brilliant, girdle_line, measures
from .fuse import uncrossed
from .stone import CUTS, Stone

PLAY = 0.03  # mm between stone and seat
SINK = 0.08  # mm of metal above the girdle where the surface is lowest, to be pushed over it
RIM = 0.4  # mm of metal between a seat and the border, and between two seats
COLLAR = 0.2  # mm beyond the stone from which the ornament is cleared
HOLE = 0.45  # diameter of the hole under the culet, in stones
FLOOR = 0.7  # mm of metal that a closed seat leaves under it
_UNDER = 0.15  # mm between culet and floor
_RIM_POINTS = 96
_STEEP = 0.3  # share of a stone's width by which the surface may fall away under its edge
_ASIDE = (0.0, 7e-4, 1.9e-3)  # mm by which cutters move if a cut leaves faces that cross


@dataclass(frozen=True, eq=False)
class Settled:
    """Stones in their places, all in the host's own frame, mm.

    Attributes
    ----------
    keep_off : Mesh
        Closed bodies round the stones; the ornament keeps clear of them.
    cutters : tuple of Mesh
        A closed body for each seat, to be taken out of the metal.
    gems : Mesh
        The stones.
    facts : dict
        For the report: ``stones`` and ``carat_total``.
    notes : tuple of str
    """

    keep_off: Mesh
    cutters: tuple[Mesh, ...]
    gems: Mesh
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Seat:
    """One stone at its place: rows of ``frame`` are its x, y and z in the host's frame; ``low`` is how far the surface falls at its edge."""

    stone: Stone
    gem: Brilliant
    place: np.ndarray
    frame: np.ndarray
    low: float
    metal: float

    @property
    def sink(self) -> float:
        """Upper edge of the girdle below the surface in the middle of the stone, mm."""
        return self.low + SINK

    def there(self, points: np.ndarray) -> np.ndarray:
        """Points of the stone's frame, z = 0 on its girdle, in the host's."""
        return self.place + (points - (0.0, 0.0, self.sink)) @ self.frame


def settle(host: Turned | Plate, stones: tuple[Stone, ...]) -> Settled:
    """Seats for stones on a form.

    The girdle lies a little below the bare surface where that is lowest; a seat is a bearing under the girdle, a straight wall
    above it and a hole for the culet, which goes through where the metal is thin. Raises BadInput where a stone is too large for
    its place: for the face, the metal, or its neighbours.
    """
    bend = Bend.of(host)
    seats = [_seat(bend, stone, number) for number, stone in enumerate(stones, 1)]
    _apart(seats)
    closed = [seat.metal - seat.sink - seat.gem.depth - _UNDER >= FLOOR for seat in seats]
    through = [str(number) for number, shut in enumerate(closed, 1) if not shut]
    total = sum(seat.gem.carat for seat in seats)
    return Settled(
        keep_off=join([_collar(seat) for seat in seats]) if seats else _nothing(),
        cutters=tuple(_cutter(seat, shut) for seat, shut in zip(seats, closed)),
        gems=join([Mesh(seat.there(seat.gem.mesh.vertices), seat.gem.mesh.faces) for seat in seats]) if seats else _nothing(),
        facts={"stones": [_fact(seat) for seat in seats], "carat_total": round(total, 3)},
        notes=(f"the metal is thin for closed seats: the hole goes through under stone {', '.join(through)}",) if through else (),
    )


def placed(host: Turned | Plate, mesh: Mesh) -> tuple[Mesh, ...]:
    """A mesh of the host's own frame where it lies in the finished piece: once, or for a pair twice, the second mirrored."""
    first, *others = poses(host, np.asarray(mesh.vertices, np.float64))
    return (replace(mesh, vertices=first), *(replace(mesh, vertices=other, faces=mesh.faces[:, ::-1]) for other in others))


def cut(mesh: Mesh, cutters: tuple[Mesh, ...]) -> Mesh:
    """The body with its seats cut: closed, one body, shading kept. Raises BadInput if seats would part it.

    Where faces of a result cross each other the cutters are moved by about a micrometre and the cut is made again.
    """
    if not cutters:
        return mesh
    import manifold3d

    solid = to_solid(mesh, relief=True)
    tools = manifold3d.Manifold.batch_boolean([to_solid(cutter, relief=True) for cutter in cutters], manifold3d.OpType.Add)
    for aside in _ASIDE:
        result = without_slivers(from_solid(solid - tools.translate((aside, -0.7 * aside, 0.4 * aside))))
        if len(self_intersections(_near(result, cutters), limit=1)) == 0:
            break
    else:
        result = uncrossed(result, np.ones(len(result.faces), bool), np.random.default_rng(0)) or result
    if bodies(result.faces, len(result.vertices))[0] > bodies(mesh.faces, len(mesh.vertices))[0]:
        raise BadInput("stone: the seats would cut the piece into parts; use smaller stones or fewer", field="stone")
    return result


def cut_added(host: Turned | Plate, cutters: tuple[Mesh, ...]) -> Turned | Plate:
    """The host with the seats cut out of what is soldered to it too: the shank under a signet's head would fill them again."""
    if not isinstance(host, Plate) or not host.added or not cutters:
        return host
    own = replace(host, pair=False)
    tools = tuple(placed(own, cutter)[0] for cutter in cutters)
    added = tuple(cut(part, near) if (near := tuple(t for t in tools if _touch(part, t))) else part for part in host.added)
    return replace(host, added=added)


def stone_of(text: str) -> Stone:
    """The stone of an option.

    >>> stone_of("oval 6x4 at 50% 25% turned 90").size
    4.0

    Raises BadInput for words that say no stone.
    """
    said = text.strip().lower().replace("×", "x").replace(",", ".")
    found = _SAID.fullmatch(said)
    if not found:
        raise BadInput(f'stone {text[:60]!r} is not understood; say for example "round 3 at 50% 25%" or "oval 6x4 at 50% 50% turned 90"', field="stone")
    cut, one, other, u, v, turn = found.groups()
    if cut not in CUTS:
        raise BadInput(f"stone {cut[:20]!r} is not a cut; it must be one of {', '.join(CUTS)}", field="stone")
    sides = sorted(float(side) for side in (one, other) if side)
    place = {name: float(share) / 100.0 for name, share in (("u", u), ("v", v)) if share is not None}
    for share in place.values():
        if not 0.0 <= share <= 1.0:
            raise BadInput(f"stone {text[:60]!r} lies at {100 * share:g}%; its place must be between 0% and 100%", field="stone")
    return Stone(cut=cut, size=sides[0], length=sides[1] if len(sides) > 1 else None, turn=float(turn or 0.0), **place)


_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SAID = re.compile(rf"([a-z]+)\s+{_NUMBER}(?:\s*mm)?(?:\s*x\s*{_NUMBER}(?:\s*mm)?)?(?:\s+at\s+{_NUMBER}\s*%\s+{_NUMBER}\s*%)?(?:\s+turned\s+{_NUMBER}(?:\s*(?:degrees|deg|°))?)?")


def _seat(bend: Bend, stone: Stone, number: int) -> _Seat:
    """A stone at its place, measured against the form there."""
    length, width = measures(stone)
    if stone.cut == "round" and abs(length - width) > 1e-9:
        raise BadInput(f"stone {number} is round and {width:g} mm wide; it cannot be {length:g} mm long (say oval)", field="stone")
    u, v = stone.u * bend.size[0], bend.zone[1] - stone.v * (bend.zone[1] - bend.zone[0])
    at = np.array([u]), np.array([v])
    along, across, normal = (axis[0] for axis in bend.frames(*at))
    c, s = np.cos(np.deg2rad(stone.turn)), np.sin(np.deg2rad(stone.turn))
    frame = np.stack([c * along + s * across, c * across - s * along, normal])
    rim = girdle_line(stone, _RIM_POINTS) * ((length + 2.0 * PLAY) / length, (width + 2.0 * PLAY) / width)
    flat = np.stack([u + c * rim[:, 0] - s * rim[:, 1], v + s * rim[:, 0] + c * rim[:, 1]], axis=1)
    if (room := _room(bend, flat)) < RIM - 1e-6:
        most = max(0.0, width - 2.0 * (RIM - room))
        raise BadInput(
            f"stone {number} is {_said(stone)} mm and reaches to {room:.2f} mm from the border; {RIM:g} mm of metal must stay round it"
            + (f" (at most {most:.1f} mm wide here)" if most >= 0.8 else ""),
            field="stone",
        )
    place = bend.place(*at, 0.0)[0]
    fall = (place - bend.place(flat[:, 0], flat[:, 1], 0.0)) @ normal
    low = max(0.0, float(fall.max()))
    if low > _STEEP * width:
        raise BadInput(f"stone {number} is {_said(stone)} mm; the surface bends away by {low:.2f} mm under it, use a smaller stone", field="stone")
    seat = _Seat(stone, brilliant(stone), place, frame, low, _metal(bend, *at))
    needed = seat.sink + seat.gem.depth
    if needed > seat.metal + 1e-6:
        raise BadInput(
            f"stone {number} is {_said(stone)} mm and {needed:.2f} mm deep with its seat; the metal is {seat.metal:.2f} mm thick there",
            field="stone", fix=_thicker(bend.host, needed - seat.metal),
        )
    return seat


def _thicker(host: Turned | Plate, missing: float) -> Fix:
    known = host.thickness if isinstance(host, Plate) else float(host.outer[:, 0].max() - host.inner_diameter / 2.0)
    thick = np.ceil(10.0 * (known + missing) + 0.999) / 10.0
    return Fix(f"Make it {thick:g} mm thick", f"--thickness {thick:g}")


def _said(stone: Stone) -> str:
    length, width = measures(stone)
    return f"{width:g}" if length == width else f"{length:g} x {width:g}"


def _room(bend: Bend, flat: np.ndarray) -> float:
    """Least distance in mm from places (n, 2) of the unrolled side to its border; below 0 beyond it."""
    if isinstance(bend.host, Plate):
        return _to_outline(bend.host.polygon, flat - 0.5 * np.array(bend.size))
    gaps = [flat[:, 1], bend.size[1] - flat[:, 1]]
    if not bend.periodic:
        gaps += [flat[:, 0], bend.size[0] - flat[:, 0]]
    return float(min(gap.min() for gap in gaps))


def _to_outline(polygon: np.ndarray, points: np.ndarray) -> float:
    """Least signed distance in mm from points (n, 2) to a polygon, positive inside."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    edge, away = end - start, points[:, None] - start
    along = np.clip((away * edge).sum(axis=2) / np.maximum((edge**2).sum(axis=1), 1e-30), 0.0, 1.0)
    far = np.sqrt(((away - along[..., None] * edge) ** 2).sum(axis=2).min(axis=1))
    x, y = points[:, 0, None], points[:, 1, None]
    crosses = (start[:, 1] > y) != (end[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        right = x < start[:, 0] + (y - start[:, 1]) / edge[:, 1] * edge[:, 0]
    inside = (crosses & right).sum(axis=1) % 2 == 1
    return float(np.where(inside, far, -far).min())


def _metal(bend: Bend, u: np.ndarray, v: np.ndarray) -> float:
    """Thickness in mm under a place: to the form's back, or in a signet to the finger."""
    host = bend.host
    if isinstance(host, Plate) and host.inner_diameter and host.shift is not None:
        return float(np.linalg.norm(host.shift)) + host.thickness - host.inner_diameter / 2.0
    return float(-bend.inner(u, v)[0])


def _apart(seats: list[_Seat]) -> None:
    """Raise BadInput where two seats leave less than ``RIM`` mm between them, at the surface or below."""
    for second in range(len(seats)):
        for first in range(second):
            a, b = seats[first], seats[second]
            reach = 0.5 * (np.hypot(*a.gem.size) + np.hypot(*b.gem.size)) + RIM
            if np.linalg.norm(a.place - b.place) < reach and _meet(a, b):
                raise BadInput(f"stones {first + 1} and {second + 1} leave less than {RIM:g} mm of metal between them; move them apart", field="stone")


def _meet(a: _Seat, b: _Seat) -> bool:
    grown = [to_solid(_loft(s, [(-s.gem.depth, 0.02, 0.5 * RIM), (-s.gem.girdle, 1.0, 0.5 * RIM), (s.sink, 1.0, 0.5 * RIM)])) for s in (a, b)]
    return float((grown[0] ^ grown[1]).volume()) > 1e-9


def _cutter(seat: _Seat, closed: bool) -> Mesh:
    """Straight wall, bearing, and a hole for the culet; ``closed`` if the hole has a floor."""
    gem = seat.gem
    bottom = -gem.depth - _UNDER if closed else -(seat.metal - seat.sink) - 0.5 * gem.size[1] - 0.6
    bearing = [(z - PLAY, share, PLAY if share > HOLE else 0.0) for z, share in gem.seat(HOLE)]
    return _loft(seat, [(bottom, HOLE, 0.0), *bearing[::-1], (seat.sink + 0.4 * gem.size[1] + 1.5, 1.0, PLAY)])


def _collar(seat: _Seat) -> Mesh:
    """What the ornament keeps away from."""
    return _loft(seat, [(-seat.low - 1.0, 1.0, COLLAR), (seat.sink + 1.0, 1.0, COLLAR)])


def _loft(seat: _Seat, rings: list[tuple[float, float, float]]) -> Mesh:
    """A closed body of outlines above one another, in the host's frame; each ring: height in mm, share of the girdle, mm added round it."""
    count = _RIM_POINTS
    line = girdle_line(seat.stone, count)
    half = np.array(seat.gem.size) / 2.0
    layers = [np.column_stack([line * (share * half + grow) / half, np.full(count, z)]) for z, share, grow in rings]
    ends = [[0.0, 0.0, rings[0][0]], [0.0, 0.0, rings[-1][0]]]
    points = np.concatenate([*layers, ends])
    index = np.arange(count * len(rings), dtype=np.int32).reshape(len(rings), count)
    a, b = index[:-1], np.roll(index[:-1], -1, axis=1)
    c, d = np.roll(index[1:], -1, axis=1), index[1:]
    low, high = count * len(rings), count * len(rings) + 1
    first, last = index[0], index[-1]
    faces = [
        np.stack([a, b, c], 2).reshape(-1, 3), np.stack([a, c, d], 2).reshape(-1, 3),
        np.stack([np.roll(first, -1), first, np.full(count, low)], 1), np.stack([last, np.roll(last, -1), np.full(count, high)], 1),
    ]  # fmt: skip
    return Mesh(seat.there(points), np.concatenate(faces).astype(np.int32))


def _near(mesh: Mesh, cutters: tuple[Mesh, ...]) -> Mesh:
    """The faces of a mesh near the cutters; the others are as they were."""
    corners = mesh.vertices[mesh.faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    found = np.zeros(len(mesh.faces), bool)
    for tool in cutters:
        found |= ((low <= tool.vertices.max(axis=0) + 0.1) & (high >= tool.vertices.min(axis=0) - 0.1)).all(axis=1)
    kept, number = np.unique(mesh.faces[found], return_inverse=True)
    return Mesh(mesh.vertices[kept], number.reshape(-1, 3).astype(np.int32))


def _touch(part: Mesh, tool: Mesh) -> bool:
    """Whether the boxes of two bodies meet."""
    return bool(((part.vertices.min(axis=0) <= tool.vertices.max(axis=0)) & (tool.vertices.min(axis=0) <= part.vertices.max(axis=0))).all())


def _fact(seat: _Seat) -> dict[str, Any]:
    length, width = seat.gem.size
    return {
        "cut": seat.stone.cut, "size_mm": [round(length, 3), round(width, 3)], "depth_mm": round(seat.gem.crown + seat.gem.depth, 3),
        "carat": round(seat.gem.carat, 4), "at": [round(seat.stone.u, 4), round(seat.stone.v, 4)],
    }  # fmt: skip


def _nothing() -> Mesh:
    return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
