"""Flat forms: pendants, medallions, plaques, links, earrings, and the head of a signet. Their own frame: z up, back at z = 0."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from ..mesh.arrays import Mesh
from ..mesh.intersect import self_intersections
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid
from ..units import inner_diameter
from .outlines import outline, signed_distance
from .params import FormParams


@dataclass(frozen=True, eq=False)
class Plate:
    """A plate with an outline, and what is soldered to it.

    Attributes
    ----------
    polygon : (n, 2) float64, mm
        Outline, counter-clockwise, centred on its box.
    thickness : float
        Metal under the ornament, mm.
    dome : float
        How much the front swells in the middle, mm.
    edge : float
        Radius that breaks the front edge, mm.
    margin : float
        Plain metal along the outline, mm.
    added : tuple of Mesh
        Closed bodies soldered to the plate (a bail, the eyes of a link, the shank of a signet), in the finished piece's frame.
    rotation, shift : (3, 3) and (3,), or None
        From the plate's frame to the finished piece's.
    pair : bool
        The piece is this one and its mirror image.
    inner_diameter : float or None
        Finger hole, mm.
    """

    polygon: np.ndarray
    thickness: float
    dome: float
    edge: float
    margin: float
    added: tuple[Mesh, ...] = ()
    rotation: np.ndarray | None = None
    shift: np.ndarray | None = None
    pair: bool = False
    inner_diameter: float | None = None
    periodic: bool = False

    @property
    def size(self) -> tuple[float, float]:
        """(width, length) of the outline's box, mm."""
        width, length = np.ptp(self.polygon, axis=0)
        return float(width), float(length)

    @property
    def ornament(self) -> tuple[float, float]:
        """(width, length) of the ornament's picture, mm: the box of the outline."""
        return self.size

    @property
    def wall(self) -> float:
        """Least metal under the ornament, mm."""
        return self.thickness

    def distance(self, columns: int, rows: int) -> np.ndarray:
        """(rows, columns) float32: mm from each picture point to the outline, positive inside; row 0 is the upper edge."""
        width, length = self.size
        x = (np.arange(columns) + 0.5) / columns * width - width / 2.0
        y = length / 2.0 - (np.arange(rows) + 0.5) / rows * length
        return signed_distance(self.polygon, x, y[::-1])[::-1]


def plate(params: FormParams, sunk: bool = False) -> Plate:
    """The host of a completed pendant, medallion, plaque, link, pair of earrings or signet; ``sunk`` if it is to be cut into.

    Raises BadInput where the lengths exclude each other.
    """
    polygon = outline(params.shape, params.width, params.length)
    edge = min(0.5, 0.4 * params.thickness)
    if params.form == "signet":
        return _signet(params, polygon, edge, sunk)
    dome = {"pendant": 0.03, "earrings": 0.03, "medallion": 0.015}.get(params.form, 0.0) * params.width
    added: tuple[Mesh, ...] = ()
    if params.form in ("pendant", "earrings"):
        wire = float(np.clip(0.055 * params.width, 0.55, 1.0)) * (1.0 if params.form == "pendant" else 0.85)
        if params.shape == "heart":
            reach = float(polygon[(np.abs(polygon[:, 0]) < 0.02 * params.width) & (polygon[:, 1] > 0), 1].min())
        else:  # where the plate is broad enough to hold the wire
            reach = float(polygon[np.abs(polygon[:, 0]) >= 1.1 * wire, 1].max())
        added = (_loop(reach, params.thickness / 2.0, wire, 2.9 * wire),)
    if params.form == "link":
        added = _eyes(polygon, params.thickness, float(np.clip(0.045 * params.width, 0.45, 0.9)))
    return Plate(polygon, params.thickness, dome, edge, params.margin, added, pair=params.form == "earrings")


def _loop(edge: float, height: float, wire: float, radius: float) -> Mesh:
    """A soldered loop that stands across the upper edge: a chain runs through it from left to right."""
    ring = torus(radius, wire)
    centre = np.array([0.0, edge + radius - 0.7 * wire, height])
    return Mesh(ring.vertices[:, [2, 0, 1]] + centre, ring.faces)


def _eyes(polygon: np.ndarray, thickness: float, wire: float) -> tuple[Mesh, ...]:
    """Loops that lie flat at the left and the right end of a link: jump rings join it to its neighbours."""
    radius = 2.4 * wire
    reach = float(polygon[np.abs(polygon[:, 1]) >= 1.1 * wire, 0].max())
    ring = torus(radius, min(wire, 0.5 * thickness))
    return tuple(Mesh(ring.vertices + (side * (reach + radius - 0.7 * wire), 0.0, thickness / 2.0), ring.faces) for side in (-1.0, 1.0))


def torus(radius: float, wire: float, around: int = 96, section: int = 40) -> Mesh:
    """A closed torus about z; ``radius`` to the middle of the wire, ``wire`` the wire's radius, mm."""
    u = np.arange(around) / around * 2.0 * np.pi
    v = np.arange(section) / section * 2.0 * np.pi
    out = radius + wire * np.cos(v)
    points = np.stack([out[:, None] * np.cos(u), out[:, None] * np.sin(u), np.repeat(wire * np.sin(v)[:, None], around, 1)], 2)
    index = np.arange(around * section, dtype=np.int32).reshape(section, around)
    a, b = index, np.roll(index, -1, 1)
    c, d = np.roll(b, -1, 0), np.roll(index, -1, 0)
    faces = np.concatenate([np.stack([a, b, c], 2).reshape(-1, 3), np.stack([a, c, d], 2).reshape(-1, 3)])
    return Mesh(points.reshape(-1, 3), faces)


_BACK, _DEEP = 0.8, 0.42  # mm: a signet's head plate reaches so far down, and its body's flare ends so far below the top
_OVER, _HOLD = 0.1, 0.3  # mm, where the head is cut into: the plate begins so far over the finger, the body holds so much of it


def _signet(params: FormParams, polygon: np.ndarray, edge: float, sunk: bool) -> Plate:
    """Head plate on a body that tapers to a narrow shank; the finger runs along z, the head looks to +y.

    Where ornament is ``sunk`` the whole head is plate, so that no body fills up what is cut.
    """
    from manifold3d import Manifold

    diameter = inner_diameter(params.size)
    radius = diameter / 2.0
    if params.width > 1.35 * diameter:
        raise BadInput(f"width is {params.width:g} mm; the head of this signet may be at most {1.35 * diameter:.1f} mm", field="width")
    if params.thickness < 1.0:
        raise BadInput(f"thickness is {params.thickness:g} mm; the head of a signet needs at least 1 mm", field="thickness")
    shank, band = 1.7, min(3.6, 0.4 * params.length)  # mm: metal and width at the back of the finger
    head = radius + params.thickness  # the plate's front stands this far from the axis
    ring = []
    for turn in np.linspace(-np.pi / 2, np.pi / 2, 13):  # rounded edge of the shank's disc
        ease = 0.45 * band
        r, z = radius + shank - ease * (1 - np.cos(turn)), (band / 2 - ease) * np.sign(np.sin(turn)) + ease * np.sin(turn)
        angle = np.arange(256) / 256 * 2.0 * np.pi
        ring.append(np.stack([r * np.sin(angle), r * np.cos(angle), np.full(256, z)], axis=1))
    slim = polygon * (1.0 - 0.05 / np.abs(polygon).max())
    back = params.thickness - _OVER if sunk else _BACK
    top = head - back + _HOLD if sunk else head - _DEEP
    heights = (min(head - params.thickness * 0.75, top - 0.2), top)
    block = [np.stack([-slim[:, 0] * k, np.full(len(slim), h), slim[:, 1] * k], axis=1) for h, k in zip(heights, (0.985, 1.0))]
    body = Manifold.hull_points(np.concatenate([*ring, *block])).trim_by_plane((0.0, -1.0, 0.0), -top)  # the shank ends under the head
    turn = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    return Plate(
        polygon, back, 0.0, min(edge, 0.35), params.margin,
        (_bored(body, radius),), turn, np.array([0.0, head - back, 0.0]), False, diameter,
    )


def _bored(body: Any, radius: float) -> Mesh:
    """The body with the finger's hole through it along z, not crossing itself.

    A bore that runs out along a flank leaves slivers a few nanometres across where its corners meet the shank's; so its
    circle has another number of corners, and yet another if that is not enough.
    """
    from manifold3d import Manifold

    for sides, tolerance in itertools.product((1000, 1090, 970, 1030), (3e-3, 1e-3, 2e-4, 0.0)):
        solid = body - Manifold.cylinder(200.0, radius, radius, sides, True)
        mesh = without_slivers(from_solid(solid.simplify(tolerance) if tolerance else solid))
        if len(self_intersections(mesh, limit=1)) == 0:
            break
    return mesh
