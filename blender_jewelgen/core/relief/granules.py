"""Granulation: real spheres set close together on a calm ground, one closed body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import BadInput, Fix
from ..form.plate import Plate
from ..form.turned import Turned
from ..height.filters import blur, resize, sample
from ..mesh.arrays import Mesh
from ..mesh.closed import bodies, largest_body
from ..mesh.intersect import self_intersections
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from ..mesh.tree import Tree
from ..pattern import grains
from .assemble import poses
from .bend import Bend
from .body import Body
from .clear import clearance
from .fade import ramp, smooth
from .lift import lift
from .params import CraftParams, ReliefParams

_SHARE = 0.15  # of the depth: so high stands the ornament under its granules
_SHOULDER = 0.35  # mm
_GAP = 0.035  # diameters between neighbours,
_CORD = 1.3  # times as much along a row, whose bends bring them nearer
_SMALL = 0.75, 0.55  # diameters of the granules that fill gaps and tips
_LEAST = 0.2  # mm; smaller granules melt
_MOST = 4000
_ASIDE, _TURNS = np.array([1.1e-3, -1.3e-3, 0.9e-3]), 4  # mm
_ROUND = 600  # up to so many granules are as round as can be seen, more as round as can be cast


def granulated_body(
    host: Turned | Plate, picture: np.ndarray, depth: float, relief: ReliefParams, craft: CraftParams, keep_off: Mesh | None = None
) -> Body:
    """A form with granules on its ornament.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        The whole ornament; what stands above a tenth of it is covered.
    depth : float
        mm; the ornament itself stands 0.15 of it above the ground.
    keep_off : Mesh, optional
        Gems and prongs in the finished piece's frame, which ground and granules keep clear of.

    Raises BadInput where there is no ornament, or no granule fits.
    """
    bend = Bend.of(host)
    pitch = host.ornament[0] / picture.shape[1]
    square = max(1, round(host.ornament[1] / pitch))
    if abs(square - picture.shape[0]) > 1:  # pixels that are not square would make granules eggs
        picture = resize(picture, square, picture.shape[1], bend.periodic)
    field = grains.field_of(picture, pitch, bend.periodic, craft.granule)
    under = _ground(picture, field, craft)
    calm = replace(relief, around=1, across=1, mid=0.0, density="preview")
    ground = lift(host, None, under, _SHARE * abs(depth), calm, keep_off)
    setting = _Setting(bend, field, under, _SHARE * abs(depth), relief, craft, keep_off)
    places, diameters, full = setting.all()
    free = _apart(places, diameters)
    places, diameters = places[free], diameters[free]
    if not len(places):
        raise BadInput(
            f"no granule of {craft.granule:g} mm fits on this ornament; take smaller ones or a larger motif", field="granule",
            fix=Fix("Smaller granules", f"--granule {max(0.2, round(0.5 * craft.granule, 2)):g}"),
        )  # fmt: skip
    notes = (f"{_MOST} granules were set and no more; larger ones cover the ornament whole: --granule {craft.granule * 1.5:.2g}",) if full else ()
    body = _united(ground, places, diameters)
    if bodies(body.faces, len(body.vertices))[0] > 1:  # the ground's own edges cut corners: what hangs in the air is let down onto it
        places, held = _let_down(ground, bend, np.array(setting.flat)[free], places, diameters, craft.sink)
        places, diameters = places[held], diameters[held]
        body = largest_body(_united(ground, places, diameters))
    facts = {"granules": len(places), "granule_mm": craft.granule}
    if len(np.unique(diameters)) > 1:
        facts["small_granules"] = int((diameters < craft.granule).sum())
    return Body(body, notes, wall_mm=host.wall, detail_mm=float(diameters.min()), facts=facts)


def _apart(places: np.ndarray, diameters: np.ndarray) -> np.ndarray:
    """(n,) bool: granules that touch none before them in space; where a form draws together, places that lie apart in the flat do not."""
    free = np.ones(len(places), bool)
    for k in range(1, len(places)):
        before = np.flatnonzero(free[:k])
        away = places[before] - places[k]
        least = 0.5 * (diameters[before] + diameters[k]) * (1.0 + 0.5 * _GAP)
        free[k] = bool((np.einsum("ij,ij->i", away, away) >= least**2).all())
    return free


def _let_down(
    ground: Mesh, bend: Bend, flat: np.ndarray, places: np.ndarray, diameters: np.ndarray, sink: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) no higher above the ground than granules sit, and (n,) bool: those with ground under them."""
    outward = bend.frames(flat[:, 0], flat[:, 1] + bend.zone[0])[2]
    high = Tree(ground.vertices, ground.faces).rays(places + 0.5 * diameters[:, None] * outward, -outward, first=1.0)[0] - 0.5 * diameters
    found = np.isfinite(high)
    down = np.where(found, np.maximum(high - (0.5 - sink) * diameters, 0.0), 0.0)
    return places - down[:, None] * outward, found & (down < diameters)


def _ground(picture: np.ndarray, field: grains.Field, craft: CraftParams) -> np.ndarray:
    """(h, w) float32 in [0, 1]: the ornament as a low cushion without detail."""
    plateau = smooth(resize(field.inside, *picture.shape, field.wrap) / _SHOULDER + 0.5)
    soft = blur(picture, 0.5 * craft.granule / (field.size[0] / picture.shape[1]), field.wrap)
    return (plateau * (0.6 + 0.4 * soft)).astype(np.float32)


class _Setting:
    """Granules set one after another, each where it touches none before it."""

    def __init__(
        self, bend: Bend, field: grains.Field, under: np.ndarray, height: float, relief: ReliefParams, craft: CraftParams, keep_off: Mesh | None
    ) -> None:
        self.bend, self.field, self.craft = bend, field, craft
        self._under, self._height, self._relief, self._keep_off = under, height, relief, keep_off
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}
        self._edge = bend.host.distance(under.shape[1], under.shape[0]) if isinstance(bend.host, Plate) else None
        self.flat: list[tuple[float, float]] = []
        self.places: list[tuple[float, float, float]] = []
        self.diameters: list[float] = []

    def all(self) -> tuple[np.ndarray, np.ndarray, bool]:
        """Places (n, 3) mm, diameters (n,) mm, and whether there was room for more than may be set."""
        size, field = self.craft.granule, self.field
        for line in grains.rows(field, size):
            self._row(line, size)
        radii = self.bend.host.along(np.linspace(*self.bend.zone, 33))[0] if isinstance(self.bend.host, Turned) else np.ones(1)
        self._each(grains.hexagons(field, size, size * (1.0 + 1.5 * _GAP) * float(radii.mean() / radii.min())), size)
        for share in _SMALL:
            if share * size >= _LEAST and self.places:
                self._each(grains.gaps(field, np.array(self.flat), np.array(self.diameters), share * size), share * size)
        return np.array(self.places).reshape(-1, 3), np.array(self.diameters), len(self.places) >= _MOST

    def _row(self, line: np.ndarray, size: float) -> None:
        """A closed line of places: as many granules as go round it, evenly; where it lies on itself or on another, what is free."""
        spots = self._spots(line, size)
        if not spots[1].any():
            return
        steps = np.linalg.norm(np.roll(spots[0], -1, axis=0) - spots[0], axis=1)
        length = float(steps.sum())
        if length < 1.6 * size:
            self._each(line.mean(axis=0)[None], size)
            return
        count = int(length / (size * (1.0 + _CORD * _GAP)))
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        end = line[0] + np.array([np.rint((line[-1, 0] - line[0, 0]) / self.field.size[0]) * self.field.size[0], 0.0])
        around = np.concatenate([line, end[None]])
        at = np.arange(count) * (length / max(count, 1))
        self._each(np.stack([np.interp(at, reached, around[:, k]) for k in (0, 1)], 1), size)
        self._set(line, spots, size)

    def _each(self, places: np.ndarray, size: float) -> None:
        if len(places):
            self._set(places, self._spots(places, size), size)

    def _spots(self, flat: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        """Centres (n, 3) of granules at flat places, and whether a granule may lie there."""
        bend = self.bend
        u, v = flat[:, 0], flat[:, 1] + bend.zone[0]
        length = bend.size[0]
        if bend.periodic:
            u = u % length
        rows, columns = self._under.shape
        base = sample(self._under, u / length * columns - 0.5, rows - 0.5 - flat[:, 1] / self.field.size[1] * rows, bend.periodic)
        rim = np.minimum(flat[:, 1], self.field.size[1] - flat[:, 1])
        margin = bend.host.margin
        if isinstance(bend.host, Plate):
            rim = sample(self._edge, u / length * columns - 0.5, rows - 0.5 - flat[:, 1] / self.field.size[1] * rows) - margin
        free = (rim >= 0.15 * size) & (rim + margin >= 0.5 * size)  # on the ornament, and not over the edge of the form
        if isinstance(bend.host, Plate):
            free &= ~self._soldered(flat, size)
        elif not bend.periodic:
            free &= np.minimum(u, length - u) >= 0.7 * bend.size[1]
        base = base * self._height * ramp(rim, self._relief.fade)
        bare = bend.place(u, v, 0.0)
        if self._keep_off is not None and len(self._keep_off.faces):
            clear = self._relief.clear + 0.5 * size
            free &= np.minimum.reduce([clearance(p, self._keep_off, clear, 0.0) for p in poses(bend.host, bare)]) > 0.5
        return bend.place(u, v, base + size * (0.5 - self.craft.sink)), free

    def _soldered(self, flat: np.ndarray, size: float) -> np.ndarray:
        """(n,) bool: under what is soldered to a flat plate, or against it."""
        plate = self.bend.host
        under = np.zeros(len(flat), bool)
        if plate.rotation is None:
            for part in plate.added:
                low, high = part.vertices.min(axis=0)[:2], part.vertices.max(axis=0)[:2]
                low, high = (side + 0.5 * np.array(plate.size) + sign * 0.6 * size for side, sign in ((low, -1), (high, 1)))
                under |= ((flat >= low) & (flat <= high)).all(axis=1)
        return under

    def _set(self, flat: np.ndarray, spots: tuple[np.ndarray, np.ndarray], size: float) -> None:
        """Set what is free in turn, clear of all that were set before."""
        cell = self.craft.granule * 1.25
        cells, around = self._cells, int(self.field.size[0] / cell) if self.bend.periodic else 0
        for (u, v), (x, y, z), free in zip(flat.tolist(), spots[0].tolist(), spots[1].tolist()):
            if not free or len(self.places) >= _MOST:
                continue
            i, j = int(u // cell), int(v // cell)
            if self._free(i, j, around, (x, y, z), size):
                key = (i % around if around else i, j)
                cells.setdefault(key, []).append((x, y, z, size))
                self.flat.append((u, v))
                self.places.append((x, y, z))
                self.diameters.append(size)

    def _free(self, i: int, j: int, around: int, place: tuple[float, float, float], size: float) -> bool:
        x, y, z = place
        for di in (-2, -1, 0, 1, 2):
            for dj in (-2, -1, 0, 1, 2):
                key = ((i + di) % around if around else i + di, j + dj)
                for ox, oy, oz, other in self._cells.get(key, ()):
                    least = 0.5 * (size + other) * (1.0 + _GAP)
                    if (x - ox) ** 2 + (y - oy) ** 2 + (z - oz) ** 2 < least * least * 0.9999:
                        return False
        return True


def _united(ground: Mesh, places: np.ndarray, diameters: np.ndarray) -> Mesh:
    """Ground and spheres as one body that does not pass through itself; where a seam does, all spheres move a micrometre."""
    ball, faces = _sphere(4 if len(places) <= _ROUND else 3)
    count = len(ball)
    points = (places[:, None, :] + 0.5 * diameters[:, None, None] * ball[None]).reshape(-1, 3)
    numbers = (faces[None] + (np.arange(len(places), dtype=np.int32) * count)[:, None, None]).reshape(-1, 3)
    spheres = to_solid(Mesh(points, numbers.astype(np.int32), np.ones(len(points), np.float32)), relief=True)
    shade = 0.45 * ground.relief if ground.relief is not None else None
    base = to_solid(Mesh(ground.vertices, ground.faces, shade), relief=True)
    for turn in range(_TURNS):
        body = without_slivers(from_solid(base + spheres.translate(turn * _ASIDE)))
        if len(self_intersections(body, limit=1)) == 0:
            break
    return body


def _sphere(parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit sphere of an icosahedron with every edge in so many parts: points (n, 3), faces (20 parts², 3), outward."""
    golden = (1.0 + 5.0**0.5) / 2.0
    corners = np.array([(s * a, t * b, 0.0) for a, b in ((1.0, golden),) for s in (-1, 1) for t in (-1, 1)])
    corners = np.concatenate([corners, corners[:, [2, 0, 1]], corners[:, [1, 2, 0]]])
    apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    near = apart < 2.1
    found, points = [], []
    for a in range(12):
        for b in range(a + 1, 12):
            for c in range(b + 1, 12):
                if near[a, b] and near[b, c] and near[a, c]:
                    p, q, r = corners[a], corners[b], corners[c]
                    if np.dot(np.cross(q - p, r - p), p + q + r) < 0:
                        q, r = r, q
                    first = len(points)
                    index = {}
                    for i in range(parts + 1):
                        for j in range(parts + 1 - i):
                            index[i, j] = first + len(index)
                            points.append(p + (q - p) * (i / parts) + (r - p) * (j / parts))
                    for i in range(parts):
                        for j in range(parts - i):
                            found.append((index[i, j], index[i + 1, j], index[i, j + 1]))
                            if i + j < parts - 1:
                                found.append((index[i + 1, j], index[i + 1, j + 1], index[i, j + 1]))
    unit = np.array(points)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    _, kept, number = np.unique(np.round(unit, 6), axis=0, return_index=True, return_inverse=True)
    return unit[kept], number.reshape(-1)[np.array(found)].astype(np.int32)
