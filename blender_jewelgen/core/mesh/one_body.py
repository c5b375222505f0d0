"""One closed body, wound outward, from whatever was modelled, scanned or generated: exactly where that is possible.

Holes are filled, parts that are inside out turned over, inner shells filled, bodies that overlap joined and loose bits left
out, all without moving a vertex. Only a surface that crosses itself, or is torn, is made anew on a grid (``mend.rebuild``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from .arrays import Mesh, face_normals
from .closed import bodies, compact, duplicates, edges, repeated
from .hollows import filled
from .inside import cell_size, inside
from .intersect import self_intersections
from .mend import rebuilt
from .read import merged
from .seams import finless, oriented, welded
from .solids import from_solid, to_solid

_STRAY = 0.02  # share of faces that may have corners which are no numbers
_LOST = 0.02  # share of the metal that may be lost unsaid
_PARTS = 3000  # more bodies than this are joined on the grid
_SKINS = 200  # inside-out bodies that are looked at one by one
_LID = 0.6  # share of the surface that the lids of its holes may have; a sheet without thickness has as much lid as surface
_PINHOLE = 0.025  # share of the longest side; a hollow with no wider opening is no design but a generated double skin
_HOLLOW = 0.005  # share of the metal; smaller hollows stay
_SPECK = 1e-4  # share of the largest part; below, a hollow and a crumb are treated alike
_NOTHING = 1e-6  # mm³; bodies below hold no metal
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class OneBody:
    """The body, what was done to make it one, and whether its faces lie where they lay before, but for cracks that were welded.

    ``step`` is the cell in mm of the grid it was rebuilt on; 0 if it was not.
    """

    mesh: Mesh
    notes: tuple[str, ...]
    exact: bool
    step: float = 0.0


def one_body(mesh: Mesh, tell: Tell = lambda share, text: None, resolution: float | None = None) -> OneBody:
    """One closed body of ``mesh`` (mm); ``resolution`` in mm is the cell of the grid that is used if there is no exact way.

    The metal is all that any part encloses; the largest piece of it is kept, hollows that nothing reaches are filled.
    Raises BadInput if nothing is enclosed or the holes are too large.
    """
    tell(0.05, "looking for holes")
    tidy, notes = tidied(mesh)
    width = _PINHOLE * float(tidy.size.max())
    whole, found = _filled(tidy)
    tell(0.2, "joining the parts")
    joined = _joined(whole)
    if joined is not None:
        body, said = joined
        tell(0.4, "looking for hollows")
        body, opened = _without_hollows(body, width)
        tell(0.6, "looking for crossings")
        if body is not None and len(self_intersections(body, limit=1)) == 0:
            return OneBody(body, (*notes, *found, *said, *opened), True)
    tell(0.65, "rebuilding as one solid")
    source, turned = (whole, found) if edges(whole.faces, len(whole.vertices)).closed else (tidy, ())
    made = rebuilt(_outward(source)[0], resolution, width, lambda share, text: tell(0.65 + 0.3 * share, text))
    lost = (f"{made.lost:.1%} of the metal was thinner than the cells and is lost; ask for a finer resolution",) if made.lost > _LOST else ()
    how = f"the surface is torn all over: it was wrapped at {made.step:.2f} mm" if made.wrapped else f"the surface crosses itself or is torn: it was rebuilt as one solid at {made.step:.2f} mm"
    return OneBody(made.mesh, (*notes, *turned, how, *lost), False, made.step)


def _without_hollows(body: Mesh, width: float) -> tuple[Mesh | None, tuple[str, ...]]:
    """The body less the inner skin of hollows that only pin-holes lead to, and what was said; None if it does not close again."""
    step = cell_size(body)
    grid = inside(body, step)
    origin, empty = grid.origin, filled(grid.metal, grid.touched, 0.5 * width / step) & ~grid.metal
    amount = float(empty.sum()) * step**3
    if amount < _HOLLOW * body.volume:
        return body, ()
    normal = face_normals(body.vertices, body.faces)
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-30)[:, None]
    at = np.rint((body.vertices[body.faces].mean(axis=1) + 1.2 * step * normal - origin) / step).astype(np.int64)
    at = np.clip(at, 0, np.array(empty.shape) - 1)
    rest = body.faces[~empty[tuple(at.T)]]
    _, label = bodies(rest, len(body.vertices))
    rest = rest[label == np.argmax(np.bincount(label))] if len(rest) else body.faces  # crumbs of the inner skin go too
    joined = _joined(_filled(compact(body, rest))[0])
    notes = (f"a hollow of about {amount:.3g} mm³ that only pin-holes lead to was filled",)
    return (joined[0] if joined is not None else None), notes


def tidied(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """Equal places merged, faces that are none or are double out, cracks welded, stray faces off, and neighbours agreed on one side; and what was done.

    Raises BadInput if no face is left, or too many have corners that are not numbers.
    """
    faces, notes = mesh.faces, []
    finite = np.isfinite(mesh.vertices).all(axis=1)
    if not finite.all():
        whole = finite[faces].all(axis=1)
        if whole.mean() < 1.0 - _STRAY:
            raise BadInput(f"{1.0 - whole.mean():.0%} of the faces have corners that are not numbers; the mesh is damaged", field="mesh")
        if not whole.all():
            notes.append(f"{int((~whole).sum()):,} faces with corners that are no numbers were left out")
        mesh = compact(Mesh(mesh.vertices, faces), faces[whole])
        faces = mesh.faces
    faces = merged(mesh.vertices)[faces]
    faces = faces[~repeated(faces)]
    joined = edges(faces, len(mesh.vertices))
    if not joined.sound:
        again = duplicates(faces)
        faces = faces[~again]
        if again.any():
            notes.append(f"{int(again.sum()):,} double faces were taken out")
    if not len(faces):
        raise BadInput("the mesh holds no faces with an area; it cannot be made solid", field="mesh")
    tidy = compact(mesh, faces)
    for mended, fault in ((welded, "open"), (finless, "non_manifold"), (oriented, "flipped")):
        if getattr(edges(tidy.faces, len(tidy.vertices)), fault):
            tidy, said = mended(tidy)
            notes += said
    return tidy, tuple(notes)


def _filled(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """Every hole with a border that runs once round it closed by a fan to its middle."""
    joined = edges(mesh.faces, len(mesh.vertices))
    if joined.open == 0 or joined.flipped or joined.non_manifold:
        return mesh, ()
    n = len(mesh.vertices)
    flaps = _alone(mesh.faces, n).reshape(-1, 3).all(axis=1)  # a face with nothing beside it would get a lid flat on its back
    if flaps.any() and not flaps.all():
        mesh = Mesh(mesh.vertices, mesh.faces[~flaps])
    points, fans = [], []
    for ring in _borders(mesh.faces, n):
        back = ring[::-1]
        if len(ring) == 3:
            fans.append(back[None])
            continue
        fans.append(np.stack([back, np.roll(back, -1), np.full(len(ring), n + len(points))], axis=1))
        points.append(mesh.vertices[ring].mean(axis=0))
    if not fans:
        return mesh, ()
    count = len(fans)
    vertices = np.concatenate([mesh.vertices, np.array(points, mesh.vertices.dtype).reshape(-1, 3)])
    lids = np.concatenate(fans).astype(np.int32)
    if Mesh(vertices, lids).area > _LID * mesh.area:
        return mesh, ()
    return Mesh(vertices, np.concatenate([mesh.faces, lids])), (f"{count:,} hole{'s were' if count > 1 else ' was'} closed",)


def _alone(faces: np.ndarray, n: int) -> np.ndarray:
    """(3m,) bool: edges of faces, from each corner to the next, whose reverse no face has."""
    a = faces.ravel().astype(np.int64)
    b = np.roll(faces, -1, axis=1).ravel().astype(np.int64)
    return ~np.isin(a * n + b, b * n + a)


def _borders(faces: np.ndarray, n: int) -> list[np.ndarray]:
    """Vertices once round each hole, as the faces beside it run; where holes meet in a vertex each is a loop of its own."""
    alone = _alone(faces, n)
    a, b = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    after: dict[int, list[int]] = {}
    for start, end in zip(a[alone].tolist(), b[alone].tolist()):
        after.setdefault(start, []).append(end)
    loops = []
    for start in list(after):
        path, place = [start], {start: 0}
        while path[-1] in after:
            ends = after[path[-1]]
            step = ends.pop()
            if not ends:
                del after[path[-1]]
            if step not in place:
                place[step] = len(path)
                path.append(step)
                continue
            first = place[step]  # back at a vertex of the path: a loop is whole, the rest goes on from there
            loops.append(np.array(path[first:]))
            for vertex in path[first + 1 :]:
                del place[vertex]
            del path[first + 1 :]
    return loops


def _outward(mesh: Mesh) -> tuple[Mesh, np.ndarray, np.ndarray, np.ndarray]:
    """The mesh with lone inside-out bodies turned over; the body of each face, volume of each body, and which are inner shells."""
    count, label = bodies(mesh.faces, len(mesh.vertices))
    corners = mesh.vertices.astype(np.float64)[mesh.faces] - mesh.vertices.mean(axis=0, dtype=np.float64)
    volume = np.bincount(label, np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])), minlength=count) / 6.0
    low, high = (np.full((count, 3), side) for side in (np.inf, -np.inf))
    np.minimum.at(low, label, corners.min(axis=1))
    np.maximum.at(high, label, corners.max(axis=1))
    inner = np.zeros(count, bool)
    if count > _PARTS:  # loose triangles: the volume of one alone does not tell its outside
        return mesh, label, volume, inner
    suspects = np.flatnonzero(volume < -_SPECK * np.abs(volume).max(initial=0.0))
    for part in suspects[np.argsort(volume[suspects])][:_SKINS]:
        around = np.flatnonzero((low <= low[part]).all(axis=1) & (high >= high[part]).all(axis=1) & (np.abs(volume) > np.abs(volume[part])))
        point = corners[np.argmax(label == part), 0]
        inner[part] = any(abs(_winding(corners[label == other], point)) > 0.5 for other in around)
    over = (volume < 0) & ~inner
    faces = np.where(over[label][:, None], mesh.faces[:, ::-1], mesh.faces)
    return Mesh(mesh.vertices, np.ascontiguousarray(faces)), label, np.where(over, -volume, volume), inner


def _winding(corners: np.ndarray, point: np.ndarray) -> float:
    """How often triangles (m, 3, 3) go round a point, by their solid angles."""
    a, b, c = (corners[:, k] - point for k in range(3))
    x, y, z = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    triple = np.einsum("ij,ij->i", a, np.cross(b, c))
    rest = x * y * z + z * np.einsum("ij,ij->i", a, b) + x * np.einsum("ij,ij->i", b, c) + y * np.einsum("ij,ij->i", c, a)
    return float(np.arctan2(triple, rest).sum() / (2.0 * np.pi))


def _joined(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]] | None:
    """The largest body of all parts together and what was done; None if that cannot be said exactly."""
    if not edges(mesh.faces, len(mesh.vertices)).sound:
        return None
    turned, label, volume, inner = _outward(mesh)
    notes = []
    over = int((turned.faces != mesh.faces).any(axis=1)[np.unique(label, return_index=True)[1]].sum())
    if over:
        notes.append("the mesh was inside out: all faces were turned over" if len(volume) == 1 else f"{over:,} inside-out part{'s were' if over > 1 else ' was'} turned over")
    if inner.any():
        notes.append(f"{int(inner.sum()):,} inner shell{'s' if inner.sum() > 1 else ''} left out: what {'they' if inner.sum() > 1 else 'it'} hollowed is metal now")
    kept = np.flatnonzero(~inner & (volume > _NOTHING))
    if not len(kept) or len(kept) > _PARTS:
        return None
    if len(kept) == 1:
        lost = int((~inner).sum()) - 1
        if lost:
            notes.append(f"{lost:,} loose bit{'s' if lost > 1 else ''} without metal left out")
        return compact(turned, turned.faces[label == kept[0]]), tuple(notes)
    return _united(turned, label, kept, notes)


def _united(mesh: Mesh, label: np.ndarray, kept: np.ndarray, notes: list[str]) -> tuple[Mesh, tuple[str, ...]] | None:
    """The largest body of several that may overlap."""
    import manifold3d

    try:
        parts = [to_solid(compact(mesh, mesh.faces[label == part])) for part in kept]
    except BadInput:
        return None
    pieces: list[Any] = manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Add).decompose()
    if not pieces:
        return None
    pieces.sort(key=lambda piece: -piece.volume())
    body, loose = from_solid(pieces[0]), [piece.volume() for piece in pieces[1:] if piece.volume() > 0]
    if len(kept) > len(loose) + 1:
        notes.append(f"{len(kept) - len(loose):,} parts that overlap or repeat each other were joined")
    if loose:
        share = sum(loose) / (sum(loose) + pieces[0].volume())
        notes.append(f"{len(loose):,} loose bit{'s' if len(loose) > 1 else ''} of {sum(loose):.3g} mm³ left out ({max(share, 0.001):.1%} of the metal)")
    count, _ = bodies(body.faces, len(body.vertices))
    return (_largest_shell(body), tuple(notes)) if count > 1 else (body, tuple(notes))


def _largest_shell(mesh: Mesh) -> Mesh:
    """The outer skin of a body with hollows."""
    _, label, volume, _ = _outward(mesh)
    return compact(mesh, mesh.faces[label == np.argmax(volume)])
