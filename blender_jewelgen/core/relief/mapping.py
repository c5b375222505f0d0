"""How a flat pattern lies on a form: every mapping in millimetres, so that a bead in the pattern stays a round bead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..form.turned import Turned
from ..mesh.arrays import Mesh
from . import axes
from .fade import smooth

LATITUDE = np.deg2rad(55.0)  # a ball is mapped up to here; beyond, meridians crowd and ornament fades out
_CHUNK = 1 << 15  # points worked on at a time, so that temporaries stay in the cache
_BLEND = 12  # the higher, the narrower the zone in which two sides of a triplanar mapping mix


@dataclass(frozen=True, eq=False)
class Mapping:
    """Where on the flat pattern each point of a body lies.

    Attributes
    ----------
    kind : str
        toroidal, cylindrical, spherical, planar, triplanar or uv.
    reason : str
        Why this kind, in one sentence.
    frame : (3, 3) float
        Rows are the body's own x, y and z axes; z is the axis of turning, or the direction looked along.
    centre : (3,) float, mm
    size : (float, float), mm
        Length and width of one pattern.
    radius : float, mm
        Where one degree of turn has its true length on the pattern.
    section : Section, optional
        Outer line of a ring, for toroidal.
    outline : (h, w) float32, optional
        mm from the border of a flat face, positive inside; row 0 is the upper edge. For planar.
    wrap : bool
        The pattern joins its own beginning.
    uv, owner : (k, 2) float and (k,) int, optional
        Texture coordinates and the vertex each belongs to; a vertex on a seam has several.
    """

    kind: str
    reason: str
    frame: np.ndarray
    centre: np.ndarray
    size: tuple[float, float]
    radius: float = 0.0
    section: axes.Section | None = None
    outline: np.ndarray | None = None
    wrap: bool = True
    uv: np.ndarray | None = None
    owner: np.ndarray | None = None

    def __post_init__(self) -> None:
        """The last digits of an axis that was found hang on the library that found it; without them every Blender makes the same piece."""
        object.__setattr__(self, "frame", np.round(self.frame, 12))
        object.__setattr__(self, "centre", np.round(self.centre, 9))
        object.__setattr__(self, "size", tuple(round(float(side), 9) for side in self.size))
        object.__setattr__(self, "radius", round(float(self.radius), 9))


def of_host(host: Turned, kind: str) -> Mapping:
    """The mapping of a turned form; ``auto`` is toroidal."""
    around, across = host.ornament
    reason = f"asked for: {kind}"
    if kind in ("auto", "uv"):
        reason = "a turned form: arc length round the axis and along the profile keeps the pattern true"
        kind = "toroidal"
    start, end = host.along(np.array(host.zone))[1]
    section = None
    if kind == "toroidal":
        section = axes.section(np.stack(host.along(np.linspace(*host.zone, 601)), axis=1))
    elif kind == "cylindrical":
        across = float(end - start)
    elif kind == "spherical":
        across = 2.0 * host.radius * float(np.arctan(end / host.radius))
    elif kind == "planar":
        around, across = 2.0 * host.radius, float(end - start)
    elif kind == "triplanar":
        around = across
    frame = np.eye(3) if kind != "planar" else np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    return Mapping(kind, reason, frame, np.zeros(3), (around, across), host.radius, section, wrap=kind != "planar")


def of_mesh(mesh: Mesh, kind: str, uv: np.ndarray | None = None, repeat: float | None = None, owner: np.ndarray | None = None) -> Mapping:
    """Choose (``auto``) or prepare a mapping for an imported mesh.

    Parameters
    ----------
    uv : (n, 2) float or None
        The mesh's own texture coordinates, one for each vertex unless ``owner`` (n,) says which vertex each belongs to.
    repeat : float or None
        Length in mm of one pattern for triplanar and uv; by default two thirds of the middle side, 3 to 12 mm.

    Raises BadInput for ``uv`` without coordinates and for turned kinds on a body without girth.
    """
    found = axes.pose(mesh)
    chosen, reason = choose(mesh, found) if kind == "auto" else (kind, f"asked for: {kind}")
    if chosen == "uv":
        if uv is None:
            raise BadInput("mapping uv needs a mesh with texture coordinates; this one has none", field="mapping")
        place = uv if owner is None else uv[_first(owner, len(mesh.vertices))]
        return of_texture(Mesh(mesh.vertices, mesh.faces, uv=place[mesh.faces]), uv, owner, repeat)
    if chosen in ("toroidal", "cylindrical", "spherical"):
        return turned_about(chosen, reason, mesh, found)
    if chosen == "planar":
        return flat(reason, mesh, found)
    return free(reason, found, repeat)


def of_texture(mesh: Mesh, uv: np.ndarray, owner: np.ndarray | None = None, repeat: float | None = None) -> Mapping:
    """By texture coordinates ``uv`` (k, 2), ``owner`` (k,) the vertex each belongs to; ``mesh`` has its own, which say how long a unit is."""
    if mesh.uv is None:
        raise BadInput("mapping uv needs a mesh with texture coordinates; this one has none", field="mapping")
    scale = uv_scale(mesh, mesh.uv)
    side = repeat or scale
    return Mapping("uv", "asked for: uv", np.eye(3), np.zeros(3), (side, side), uv=np.asarray(uv, np.float64) * scale, owner=owner)


def free(reason: str, found: axes.Pose, repeat: float | None) -> Mapping:
    """Triplanar, one pattern ``repeat`` mm long, or two thirds of the middle side."""
    side = repeat or float(min(12.0, max(3.0, 0.66 * np.sort(found.extent)[1])))
    return Mapping("triplanar", reason, np.eye(3), found.centre, (side, side))


def choose(mesh: Mesh, found: axes.Pose) -> tuple[str, str]:
    """The kind of mapping that suits a body, and why."""
    local = (mesh.vertices[:: max(1, len(mesh.vertices) // 100_000)] - found.centre) @ found.frame.T
    far = np.hypot(local[:, 0], local[:, 1])
    extent = np.sort(found.extent)
    if found.hollow > 0.3 and np.ptp(far) < 1.5 * np.ptp(local[:, 2]):
        return "toroidal", "a ring: its middle is open, so the pattern runs round the axis by arc length"
    if extent[0] < 0.35 * extent[1]:
        return "planar", "a flat piece: the pattern is laid on its face"
    if _is_ball(local, extent):
        return "spherical", "nearly a ball: the pattern runs round it and fades towards the poles"
    if extent[2] > 1.8 * extent[1]:
        return "cylindrical", "a long piece: the pattern runs round its axis"
    return "triplanar", "a free form: the pattern is laid on from three sides and blended"


def _is_ball(local: np.ndarray, extent: np.ndarray) -> bool:
    """Whether the furthest points of most directions are equally far."""
    far = np.linalg.norm(local, axis=1)
    turn = ((np.arctan2(local[:, 1], local[:, 0]) / (2.0 * np.pi)) % 1.0 * 24).astype(int) % 24
    slot = np.clip(((local[:, 2] / np.maximum(far, 1e-9) + 1.0) * 8).astype(int), 0, 15) * 24 + turn
    best = np.zeros(16 * 24)
    np.maximum.at(best, slot, far)
    low, high = np.quantile(best[best > 0], (0.1, 0.9))
    return bool(extent[2] < 1.3 * extent[0] and high < 1.1 * low)


def turned_about(kind: str, reason: str, mesh: Mesh, found: axes.Pose, section: axes.Section | None = None) -> Mapping:
    """Toroidal, cylindrical or spherical round the z axis of a pose; ``section`` if it is known. Raises BadInput for a body without girth."""
    frame, centre = found.frame, found.centre
    local = (mesh.vertices - centre) @ frame.T
    far = np.hypot(local[:, 0], local[:, 1])
    if far.max() < 1e-6 or np.ptp(local[:, 2]) < 1e-6:
        raise BadInput(f"mapping {kind} needs a body with girth; this mesh is flat along the chosen axis", field="mapping")
    if kind == "spherical":
        radius = float(np.quantile(np.linalg.norm(local, axis=1), 0.75))
        return Mapping(kind, reason, frame, centre, (2.0 * np.pi * radius * float(np.cos(LATITUDE / 2.0)), 2.0 * radius * LATITUDE), radius)
    section = section or axes.section_of(mesh.vertices, frame, centre)
    length = 2.0 * np.pi * section.radius
    if kind == "cylindrical":
        return Mapping(kind, reason, frame, centre, (length, float(np.ptp(local[:, 2]))), section.radius)
    return Mapping(kind, reason, frame, centre, (length, section.length), section.radius, section)


def flat(reason: str, mesh: Mesh, found: axes.Pose) -> Mapping:
    """Planar, on the face that looks at the beholder."""
    frame = axes.face_frame(mesh, found)
    local = mesh.vertices @ frame.T
    low, high = local.min(axis=0).astype(float), local.max(axis=0).astype(float)
    centre = frame.T @ ((low + high) / 2.0)
    size = (float(high[0] - low[0]), float(high[1] - low[1]))
    return Mapping("planar", reason, frame, centre, size, outline=axes.face_outline(mesh, frame, centre, size), wrap=False)


def _first(owner: np.ndarray, count: int) -> np.ndarray:
    """(count,) index of the first coordinate of each vertex."""
    first = np.zeros(count, np.int64)
    first[owner[::-1]] = np.arange(len(owner))[::-1]
    return first


def uv_scale(mesh: Mesh, corners: np.ndarray) -> float:
    """mm that one unit of texture space is long on the body: the median over its faces by area, so that seams do not count.

    ``corners`` (m, 3, 2) are the texture coordinates of the faces. Raises BadInput if they have no area.
    """
    a, b, c = (corners[:, i] for i in range(3))
    drawn = np.abs((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    p, q, r = (mesh.vertices[mesh.faces[:, i]].astype(np.float64) for i in range(3))
    true = np.linalg.norm(np.cross(q - p, r - p), axis=1)
    fine = (drawn > 1e-12) & (true > 1e-12)
    if not fine.any():
        raise BadInput("the mesh's texture coordinates have no area; choose another mapping", field="mapping")
    ratio, weight = true[fine] / drawn[fine], true[fine]
    order = np.argsort(ratio)
    return float(np.sqrt(ratio[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2.0)]))


def _local(mapping: Mapping, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y, z (n,) float32 in the body's own frame."""
    shifted = points - mapping.centre.astype(points.dtype)
    if not np.array_equal(mapping.frame, np.eye(3)):
        shifted = shifted @ mapping.frame.T.astype(points.dtype)
    x, y, z = (np.ascontiguousarray(shifted[:, k], np.float32) for k in range(3))
    return x, y, z


def coordinates(mapping: Mapping, points: np.ndarray) -> np.ndarray:
    """(n, 2) float32 mm on the pattern: u from its left end, v from its middle line upward. For uv one row for each of ``mapping.uv``.

    Not for triplanar.
    """
    if mapping.kind == "uv":
        assert mapping.uv is not None
        return (mapping.uv - (0.0, mapping.size[1] / 2.0)).astype(np.float32)
    return np.stack(_flattened(mapping, *_local(mapping, points)), axis=1)


def _flattened(mapping: Mapping, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if mapping.kind == "planar":
        return x + np.float32(mapping.size[0] / 2.0), y
    u = np.arctan2(y, x)
    u += (u < 0) * np.float32(2.0 * np.pi)
    u *= np.float32(mapping.size[0] / (2.0 * np.pi))
    if mapping.kind == "cylindrical":
        return u, z
    far = np.sqrt(x * x + y * y)
    if mapping.kind == "spherical":
        return u, np.arctan2(z, far) * np.float32(mapping.radius)
    line = mapping.section
    assert line is not None
    return u, _bilinear(line.table, (far - np.float32(line.corner[0])) / np.float32(line.step), (z - np.float32(line.corner[1])) / np.float32(line.step), False)


def heights(mapping: Mapping, picture: np.ndarray, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """(n,) float32 pattern heights at points with unit normals; nothing is masked here."""
    if mapping.kind == "uv":
        return _by_owner(mapping, _look_up(mapping, picture, *coordinates(mapping, points).T), len(points))
    return _in_chunks(lambda p, n: _heights(mapping, picture, p, n), points, normals)


def weights(mapping: Mapping, points: np.ndarray, normals: np.ndarray, fade: float, outer: bool = True) -> np.ndarray:
    """(n,) float32: 1 where the ornament stands in full, 0 beyond the pattern's edge and, if ``outer``, on finger sides and backs.

    Triplanar and uv have neither edge nor back: all 1.
    """
    if mapping.kind in ("triplanar", "uv"):
        return np.ones(len(points), np.float32)
    return _in_chunks(lambda p, n: _weights(mapping, _local(mapping, p), n, fade, outer), points, normals)


def tall(
    mapping: Mapping, picture: np.ndarray, points: np.ndarray, normals: np.ndarray, fade: float, outer: bool = True, mid: float = 0.0
) -> np.ndarray:
    """(n,) float32: ``heights`` less ``mid``, times ``weights``, in one pass."""
    if mapping.kind in ("triplanar", "uv"):
        high = heights(mapping, picture, points, normals)
        return high - np.float32(mid) if mid else high

    def both(p: np.ndarray, n: np.ndarray) -> np.ndarray:
        local = _local(mapping, p)
        place = _flattened(mapping, *local)
        high = _look_up(mapping, picture, *place)
        if mid:
            high -= np.float32(mid)
        return high * _weights(mapping, local, n, fade, outer, place)

    return _in_chunks(both, points, normals)


def directions(mapping: Mapping, normals: np.ndarray, outer: bool = True) -> np.ndarray:
    """(n, 3) float32 which way each vertex moves: a flat face straight out of its plane, all others along their normals."""
    if mapping.kind != "planar":
        return normals
    look = mapping.frame[2].astype(np.float32)
    if outer:
        return np.broadcast_to(look, normals.shape)
    return np.where(normals @ look < 0.0, np.float32(-1.0), np.float32(1.0))[:, None] * look


def _in_chunks(work: Callable[[np.ndarray, np.ndarray], np.ndarray], points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """(n,) float32 results of ``work(points, normals)``, on two threads; numpy releases the interpreter lock inside."""
    result = np.empty(len(points), np.float32)

    def one(start: int) -> None:
        part = slice(start, start + _CHUNK)
        result[part] = work(points[part], normals[part])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(0, len(points), _CHUNK)))
    return result


def _by_owner(mapping: Mapping, values: np.ndarray, count: int) -> np.ndarray:
    if mapping.owner is None:
        return values
    return (np.bincount(mapping.owner, values, count) / np.maximum(np.bincount(mapping.owner, minlength=count), 1)).astype(np.float32)


def _heights(mapping: Mapping, picture: np.ndarray, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    local = _local(mapping, points)
    if mapping.kind != "triplanar":
        return _look_up(mapping, picture, *_flattened(mapping, *local))
    share = np.abs(normals) ** _BLEND
    share /= share.sum(axis=1, keepdims=True) + np.float32(1e-12)
    total = np.zeros(len(points), np.float32)
    for axis in range(3):
        # seen from outside, never mirrored; z stays upright on the four sides
        across, up = (local[(axis + 1) % 3], local[(axis + 2) % 3]) if axis != 1 else (-local[0], local[2])
        facing = np.where(normals[:, axis] < 0, np.float32(-1.0), np.float32(1.0))
        total += share[:, axis] * _look_up(mapping, picture, across * facing + np.float32(mapping.size[0] / 2.0), up)
    return total


def _look_up(mapping: Mapping, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    rows, columns = picture.shape
    length, width = mapping.size
    v = np.float32(0.5) - v * np.float32(1.0 / width)  # 0 at the upper edge
    if mapping.kind in ("triplanar", "uv"):
        if np.abs(picture[0] - picture[-1]).max() < 0.1:  # its edges meet: repeated as it is
            v = v - np.floor(v)
        else:  # continued by its mirror image
            v = np.float32(1.0) - np.abs(np.mod(v, np.float32(2.0)) - np.float32(1.0))
    return _bilinear(picture, u * np.float32(columns / length) - np.float32(0.5), v * np.float32(rows) - np.float32(0.5), mapping.wrap)


def _bilinear(table: np.ndarray, column: np.ndarray, row: np.ndarray, wrap: bool) -> np.ndarray:
    """(n,) float32 values at float32 places; whole numbers are pixel centres, beyond the border the edge pixel holds."""
    rows, columns = table.shape
    flat = np.ascontiguousarray(table, np.float32).ravel()
    left = np.floor(column)
    fx = column - left
    left = left.astype(np.intp)
    if wrap:
        left %= columns
        right = left + 1
        right[right == columns] = 0
    else:
        fx = np.where((left < 0) | (left >= columns - 1), np.float32(0.0), fx)
        left = np.clip(left, 0, columns - 1)
        right = np.minimum(left + 1, columns - 1)
    row = np.clip(row, np.float32(0.0), np.float32(rows - 1))
    upper = row.astype(np.intp)
    fy = row - upper.astype(np.float32)
    lower = np.minimum(upper + 1, rows - 1) * columns
    upper *= columns
    above, below = flat.take(upper + left), flat.take(lower + left)
    above += (flat.take(upper + right) - above) * fx
    below += (flat.take(lower + right) - below) * fx
    above += (below - above) * fy
    return above


def _weights(
    mapping: Mapping, local: tuple[np.ndarray, ...], normals: np.ndarray, fade: float, outer: bool, place: tuple[np.ndarray, ...] | None = None
) -> np.ndarray:
    x, y, _ = local
    soft = np.float32(max(fade, 1e-3))
    if mapping.kind == "planar":
        facing = normals @ mapping.frame[2].astype(np.float32)
        if mapping.outline is not None:
            rows, columns = mapping.outline.shape
            away = _bilinear(mapping.outline, (x / mapping.size[0] + 0.5) * columns - 0.5, (0.5 - y / mapping.size[1]) * rows - 0.5, False)
            away -= np.float32(mapping.size[0] / columns)  # the outline is known to a cell
        else:
            away = np.minimum(mapping.size[0] / 2.0 - np.abs(x), mapping.size[1] / 2.0 - np.abs(y))
        facing = facing if outer else np.abs(facing)  # both faces; what stands upright between them is never laid with ornament
        return smooth((facing - np.float32(0.4)) / np.float32(0.2)) * smooth(away / soft)
    v = (place or _flattened(mapping, *local))[1]
    edge = smooth((np.float32(mapping.size[1] / 2.0) - np.abs(v)) / soft)
    if not outer:
        return edge
    far = np.maximum(np.sqrt(x * x + y * y), np.float32(1e-9))
    a, b = (normals @ mapping.frame[k].astype(np.float32) for k in range(2))
    outward = (a * x + b * y) / far
    if mapping.kind == "spherical":  # a hole through a bead stays as it is
        outward = outward + np.float32(0.3) * (outward > 0)
    return edge * smooth((outward - np.float32(0.15)) / np.float32(0.3))
