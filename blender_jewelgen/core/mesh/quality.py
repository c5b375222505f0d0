"""What can be said of any mesh in numbers: to rank bodies of several seeds, and to refuse those that are no bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .arrays import Mesh
from .closed import bodies, edges, repeated
from .read import merged
from .symmetry import Symmetry, symmetry
from .thickness import wall as thickness
from .uv import UvQuality, uv_quality
from .vectors import cross, dot

CAPS = 0.02  # share of the area on the box's planes from which a generated body counts as cut off by its box
BLOCK = 0.97  # hull to box; above, a body fills its box
CUBE = 0.8  # least over longest side; such a block is what a model gives that saw nothing
CRUMBS = 0.5  # share of the area; below, the largest of many pieces is no body
FEW = 8  # pieces that a design may well have
THIN = 1e-3  # least over longest side; below, a sheet
_NEAR = (8e-3, 5e-4)  # shares of the longest side of a known box, which a grid of 128 closes up to a cell inside, and of the mesh's own; a face closer to a plane lies on it
_STRAIGHT = (0.99, 0.9999)  # cosines; and looks straight out of it. what a grid cuts off wavers by a part of its cell
_STRIP = 0.05  # share of the longest side; where a round side touches the mesh's own box it is flat over less
_STREWN = 120_000  # points over the surface that the mirror plane is sought with
_RAYS = 12_000


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Numbers of a mesh whose equal places are merged. Shares are of the area, lengths in mm.

    Attributes
    ----------
    pieces, largest : how many bodies no face joins, and the share of the largest
    closed : every edge has two faces
    open_edges, non_manifold, flipped : edges with one face, with three or more, with two that disagree on which side is out
    collapsed : faces that name one place twice, or a place that is no number
    euler : vertices − edges + faces: 2 for each body, less 2 for each hole through it
    hull_to_box : volume of the convex hull over that of the box; 1 for a block, 0.524 for a ball
    box_planes : share that lies flat on the planes of the box, all six together; ``planes`` are those of x−, x+, y−, y+, z−, z+
    known_box : the box is the space that a model was asked in; else the mesh's own
    wall_mm : thickness of the metal at the thinnest hundredth of rays straight into it; None if it is not closed or was not asked for
    symmetry : share whose image in ``mirror`` lies on the surface, to about a hundredth of the diagonal
    mirror : normal and offset of that plane: x, y, z, d with x·X + y·Y + z·Z = d
    uv : how its texture coordinates lie, if it has any
    """

    pieces: int
    largest: float
    closed: bool
    open_edges: int
    non_manifold: int
    flipped: int
    collapsed: int
    euler: int
    hull_to_box: float
    box_planes: float
    planes: tuple[float, float, float, float, float, float]
    known_box: bool
    wall_mm: float | None
    symmetry: float
    mirror: tuple[float, float, float, float]
    triangles: int
    size_mm: tuple[float, float, float]
    uv: UvQuality | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, as JSON holds them."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "uv"}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return values | {"uv": {f.name: getattr(self.uv, f.name) for f in fields(self.uv)} if self.uv is not None else None}


def measured(
    mesh: Mesh, wall: bool = True, box: tuple[np.ndarray, np.ndarray] | None = None, tell: Callable[[float, str], None] = lambda share, text: None
) -> Quality:
    """Numbers of a mesh. Never raises for what the mesh holds: no faces, NaN and collapsed faces are counted, not judged.

    Parameters
    ----------
    mesh : Mesh
        In mm, or in any unit: only ``size_mm`` and ``wall_mm`` have one. Its texture coordinates are judged, too.
    wall : bool
        Cast rays for the thickness.
    box : (low (3,), high (3,)), optional
        The space in which a model was asked for a surface, in the mesh's units; what it cuts off lies on these planes. Without it the mesh's own box.
    tell : (share, text)
        Hears of progress and may stop the work by raising.
    """
    tell(0.0, "merging equal places")
    tidy, collapsed = _tidied(mesh)
    if len(tidy.faces) == 0:
        return _nothing(len(mesh.faces), collapsed)
    joined = edges(tidy.faces, len(tidy.vertices))
    tell(0.15, "counting pieces")
    count, label = bodies(tidy.faces, len(tidy.vertices))
    corners = [tidy.vertices[tidy.faces[:, k]] for k in range(3)]
    normal = cross(corners[1] - corners[0], corners[2] - corners[0])
    double = np.sqrt(dot(normal, normal))
    whole = max(float(double.sum()), 1e-300)
    low, high = tidy.vertices.min(axis=0), tidy.vertices.max(axis=0)
    planes = _planes(corners, normal, double, low, high) if box is None else _planes(corners, normal, double, *map(np.asarray, box), known=True)
    tell(0.4, "looking for a mirror plane")
    mirror = symmetry(_strewn(corners, double), (low + high) / 2.0) if double.any() else Symmetry(share=0.0, normal=(1.0, 0.0, 0.0), offset=0.0)
    tell(0.5, "wrapping a hull")
    hull = _hull_to_box(tidy.vertices, low, high)
    tell(0.65, "measuring the wall")
    thin = _wall_mm(tidy) if wall and joined.closed else None
    return Quality(
        pieces=count,
        largest=min(float(np.bincount(label, double, count).max()) / whole, 1.0),
        closed=joined.closed,
        open_edges=joined.open,
        non_manifold=joined.non_manifold,
        flipped=joined.flipped,
        collapsed=collapsed,
        euler=len(tidy.vertices) - joined.edges + len(tidy.faces),
        hull_to_box=hull,
        box_planes=sum(planes),
        planes=planes,
        known_box=box is not None,
        wall_mm=thin,
        symmetry=mirror.share,
        mirror=(*mirror.normal, mirror.offset),
        triangles=len(mesh.faces),
        size_mm=tuple(float(side) for side in high - low),
        uv=uv_quality(mesh, mesh.uv) if mesh.uv is not None else None,
    )


def refusal(quality: Quality) -> str:
    """Why a generated body is of no use, as a sentence; "" if it may be.

    A body that a model's box has cut off shows it by area on the box's planes. Where that box is not known, flat sides across
    one axis alone are taken for design: the back of a pendant, the rims of a band.
    """
    if quality.triangles == quality.collapsed:
        return "it holds no faces"
    if min(quality.size_mm) < THIN * max(quality.size_mm):
        return "it is a sheet without thickness"
    if quality.pieces > FEW and quality.largest < CRUMBS:
        return f"it fell to {quality.pieces:,} pieces, the largest of them {quality.largest:.0%} of it"
    block = quality.hull_to_box > BLOCK
    if block and min(quality.size_mm) > CUBE * max(quality.size_mm):
        return f"it is a cube: it fills {quality.hull_to_box:.0%} of its box"
    across = [quality.planes[2 * axis] + quality.planes[2 * axis + 1] for axis in range(3)]
    cut = quality.box_planes if quality.known_box else quality.box_planes - max(across)
    if cut <= CAPS:
        return ""
    if block:
        return f"it is a block: it fills {quality.hull_to_box:.0%} of its box"
    return f"the model's box cut it off: {quality.box_planes:.1%} of it lies flat on the box's planes"


def rank(quality: Quality) -> tuple[float, ...]:
    """Key to sort bodies of several seeds by; the smaller, the better: usable, not cut off, of one piece, closed, no block, symmetric."""
    return (
        float(bool(refusal(quality))),
        round(quality.box_planes, 2) if quality.known_box else 0.0,
        round(1.0 - quality.largest, 2) + 0.0,
        float(not quality.closed),
        round(quality.hull_to_box, 1),
        float(np.round(np.log2(max(quality.pieces, 1)))),
        1.0 - round(quality.symmetry, 3),
    )


def _tidied(mesh: Mesh) -> tuple[Mesh, int]:
    """The mesh in float64 with equal places merged, without collapsed faces and unused vertices; and how many faces those were."""
    vertices = mesh.vertices.astype(np.float64, copy=False)
    finite = np.isfinite(vertices).all(axis=1)
    faces = mesh.faces
    if not finite.all():
        faces = faces[finite[faces].all(axis=1)]
    faces = merged(vertices)[faces] if len(vertices) else faces
    twice = repeated(faces)
    if twice.any():
        faces = faces[~twice]
    used = np.zeros(len(vertices), bool)
    used[faces] = True
    if used.all():
        return Mesh(vertices, faces.astype(np.int32, copy=False)), len(mesh.faces) - len(faces)
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Mesh(vertices[used], number[faces]), len(mesh.faces) - len(faces)


def _nothing(triangles: int, collapsed: int) -> Quality:
    return Quality(
        pieces=0, largest=0.0, closed=False, open_edges=0, non_manifold=0, flipped=0, collapsed=collapsed, euler=0, hull_to_box=0.0, box_planes=0.0,
        planes=(0.0,) * 6, known_box=False, wall_mm=None, symmetry=0.0, mirror=(1.0, 0.0, 0.0, 0.0), triangles=triangles, size_mm=(0.0, 0.0, 0.0),
    )  # fmt: skip


def _planes(corners: list[np.ndarray], normal: np.ndarray, double: np.ndarray, low: np.ndarray, high: np.ndarray, known: bool = False) -> tuple[float, ...]:
    """Share of the area flat on x−, x+, y−, y+, z− and z+ of a box."""
    longest = float((high - low).max())
    near, straight = (_NEAR[0] * longest, _STRAIGHT[0]) if known else (_NEAR[1] * longest, _STRAIGHT[1])
    whole = max(float(double.sum()), 1e-300)

    def share(axis: int, side: float) -> float:
        on = np.flatnonzero(np.abs(normal[:, axis]) > straight * double)
        for corner in corners:
            on = on[np.abs(corner[on, axis] - side) <= near]
        if not known and len(on) and _narrow([np.delete(corner[on], axis, axis=1) for corner in corners], double[on]) < _STRIP * longest:
            return 0.0
        return float(double[on].sum()) / whole

    return tuple(share(axis, side[axis]) for axis in range(3) for side in (low, high))


def _narrow(corners: list[np.ndarray], area: np.ndarray) -> float:
    """The lesser width of flat faces by their corners, three of (k, 2), as if they were a rectangle."""
    total = max(float(area.sum()), 1e-300)
    together = corners[0] + corners[1] + corners[2]
    middle = area @ together / (3.0 * total)
    local = [corner - middle for corner in corners] + [together - 3.0 * middle]
    second = sum((part * area[:, None]).T @ part for part in local) / (12.0 * total)
    return float(np.sqrt(12.0 * max(np.linalg.eigvalsh(second)[0], 0.0)))


def _hull_to_box(vertices: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Volume of the convex hull over that of the box; 0 for what lies in a plane."""
    import manifold3d

    side = high - low
    if not (side > 0.0).all():
        return 0.0
    hull = manifold3d.Manifold.hull_points(_outermost((vertices - low) / side - 0.5))
    return min(float(hull.volume()), 1.0)


def _outermost(points: np.ndarray, cells: int = 80) -> np.ndarray:
    """The furthest of the points in each of some 38 000 directions from the middle: their hull is that of all within 3e-4."""
    if len(points) < 6 * cells * cells // 2:
        return np.ascontiguousarray(points)
    size = np.abs(points)
    axis = np.argmax(size, axis=1)
    rows = np.arange(len(points))
    longest = np.maximum(size[rows, axis], 1e-12)
    side = axis * 2 + (points[rows, axis] > 0.0)
    a, b = (((points[rows, (axis + k) % 3] / longest + 1.0) * (0.5 * cells)).astype(np.int64).clip(0, cells - 1) for k in (1, 2))
    slot = (side * cells + a) * cells + b
    order = np.argsort(dot(points, points), kind="stable")
    best = np.full(6 * cells * cells, -1, np.int64)
    best[slot[order]] = order  # of several writes to one place the last stays
    return np.ascontiguousarray(points[best[best >= 0]])


def _strewn(corners: list[np.ndarray], area: np.ndarray) -> np.ndarray:
    """Points spread evenly over the surface, one at random in each equal share of its area."""
    rng = np.random.default_rng(0)
    reached = np.cumsum(area)
    places = (np.arange(_STREWN) + rng.random(_STREWN)) * (reached[-1] / _STREWN)
    face = np.minimum(np.searchsorted(reached, places, side="right"), len(area) - 1)
    u, v = np.sqrt(rng.random(_STREWN)), rng.random(_STREWN)
    shares = (1.0 - u, u * (1.0 - v), u * v)
    points = np.zeros((_STREWN, 3))
    for corner, share in zip(corners, shares):
        points += corner[face] * share[:, None]
    return points[rng.permutation(_STREWN)]


def _wall_mm(mesh: Mesh) -> float | None:
    found = thickness(mesh, _RAYS)
    return found.percentile(1.0) if len(found.thickness) else None
