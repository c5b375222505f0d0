"""How a flat pattern lies on a form: every mapping in millimetres, so that a bead in the pattern stays a round bead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..form.turned import Turned
from ..height.filters import sample
from ..mesh.arrays import Mesh

_LATITUDE = np.deg2rad(60.0)  # a ball is mapped up to here; beyond, meridians crowd and ornament fades out
_BINS = 160  # slices along the axis in which a ring's outer profile is read


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
    heights, arcs : (k,) float, mm
        Outer profile of a ring: arc length from the middle at heights along the axis.
    wrap : bool
        The pattern joins its own beginning.
    """

    kind: str
    reason: str
    frame: np.ndarray
    centre: np.ndarray
    size: tuple[float, float]
    radius: float = 0.0
    heights: np.ndarray | None = None
    arcs: np.ndarray | None = None
    wrap: bool = True


def of_host(host: Turned, kind: str) -> Mapping:
    """The mapping of a turned form; ``auto`` is toroidal."""
    around, across = host.ornament
    reason = f"asked for: {kind}"
    if kind in ("auto", "uv"):
        reason = "a turned form: arc length round the axis and along the profile keeps the pattern true"
        kind = "toroidal"
    heights = np.linspace(host.outer[0, 1], host.outer[-1, 1], 601)
    place = np.linspace(0.0, host.profile_length, 1201)
    arcs = np.interp(heights, host.along(place)[1], place - host.profile_length / 2.0)
    if kind == "cylindrical":
        across = float(np.ptp(host.along(np.array(host.zone))[1]))
    elif kind == "spherical":
        across = 2.0 * host.radius * float(np.arctan(host.along(np.array(host.zone))[1].max() / host.radius))
    elif kind == "planar":
        around, across = 2.0 * host.radius, float(np.ptp(host.along(np.array(host.zone))[1]))
    elif kind == "triplanar":
        around = across
    frame = np.eye(3) if kind != "planar" else np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    return Mapping(kind, reason, frame, np.zeros(3), (around, across), host.radius, heights, arcs, kind != "planar")


def of_mesh(mesh: Mesh, kind: str, uv: np.ndarray | None = None, repeat: float | None = None) -> Mapping:
    """Choose (``auto``) or prepare a mapping for an imported mesh.

    Parameters
    ----------
    uv : (n, 2) float or None
        The mesh's own texture coordinates per vertex.
    repeat : float or None
        Length in mm of one pattern for planar-like kinds; by default two thirds of the smaller side, at most 12 mm.

    Raises BadInput for ``uv`` without coordinates and for turned kinds on a body without girth.
    """
    points = mesh.vertices.astype(np.float64)
    centre = (points.max(axis=0) + points.min(axis=0)) / 2.0
    local = points - centre
    frame = _principal(local)
    ring = _ring_axis(local, frame)
    extent = np.sort(np.ptp(local @ frame.T, axis=0))
    chosen, reason = kind, f"asked for: {kind}"
    if kind == "auto":
        chosen, reason = _choose(local, extent, ring)
    if chosen == "uv":
        if uv is None:
            raise BadInput("mapping uv needs a mesh with texture coordinates; this one has none", field="mapping")
        side = _uv_scale(mesh, uv)
        return Mapping("uv", reason, frame, centre, (side, side))
    if chosen in ("toroidal", "cylindrical", "spherical"):
        return _round(chosen, reason, local, frame if ring is None else _turned_frame(frame, ring), centre)
    if chosen == "planar":
        axis = int(np.argmin(np.ptp(local @ frame.T, axis=0)))
        look = _turned_frame(frame, axis)
        if look[2][np.argmax(np.abs(look[2]))] < 0:
            look = look * np.array([[-1.0], [1.0], [-1.0]])
        flat = np.ptp(local @ look.T, axis=0)
        return Mapping("planar", reason, look, centre, (float(flat[0]), float(flat[1])), wrap=False)
    side = repeat or float(min(12.0, max(3.0, 0.66 * extent[1])))
    return Mapping("triplanar", reason, np.eye(3), centre, (side, side))


def _choose(local: np.ndarray, extent: np.ndarray, ring: int | None) -> tuple[str, str]:
    if ring is not None:
        return "toroidal", "a ring: its middle is open, so the pattern runs round the axis by arc length"
    if extent[0] < 0.35 * extent[1]:
        return "planar", "a flat piece: the pattern is laid on its face"
    far = np.linalg.norm(local, axis=1)
    if far.std() < 0.06 * far.mean():
        return "spherical", "nearly a ball: the pattern runs round it and fades towards the poles"
    if extent[2] > 1.8 * extent[1]:
        return "cylindrical", "a long piece: the pattern runs round its axis"
    return "triplanar", "a free form: the pattern is laid on from three sides and blended"


def _principal(local: np.ndarray) -> np.ndarray:
    """Axes of the body as rows, right-handed; nearly axis-parallel ones are snapped to the world's."""
    _, _, axes = np.linalg.svd(local[:: max(1, len(local) // 20000)], full_matrices=False)
    snapped = np.round(axes)
    if np.allclose(np.abs(axes).max(axis=1), 1.0, atol=0.02) and abs(np.linalg.det(snapped)) == 1.0:
        axes = np.eye(3)
    if np.linalg.det(axes) < 0:
        axes = axes * np.array([[1.0], [1.0], [-1.0]])
    return axes


def _turned_frame(frame: np.ndarray, axis: int) -> np.ndarray:
    """The frame with row ``axis`` as z, still right-handed."""
    return frame[[(axis + 1) % 3, (axis + 2) % 3, axis]]


def _ring_axis(local: np.ndarray, frame: np.ndarray) -> int | None:
    """Number of the axis that a body goes round with an open middle, or None."""
    best, widest = None, 0.3
    for axis in range(3):
        x, y, _ = (local @ _turned_frame(frame, axis).T).T
        radius = np.hypot(x, y)
        turn = np.sort(np.arctan2(y, x))
        gap = np.max(np.diff(np.append(turn, turn[0] + 2.0 * np.pi)))
        hollow = radius.min() / radius.max()
        if gap < np.deg2rad(25.0) and hollow > widest:
            best, widest = axis, hollow
    return best


def _round(kind: str, reason: str, local: np.ndarray, frame: np.ndarray, centre: np.ndarray) -> Mapping:
    x, y, z = (local @ frame.T).T
    far = np.hypot(x, y)
    if far.max() < 1e-6 or np.ptp(z) < 1e-6:
        raise BadInput(f"mapping {kind} needs a body with girth; this mesh is flat along the chosen axis", field="mapping")
    if kind == "spherical":
        radius = float(np.linalg.norm(local, axis=1).mean())
        return Mapping(kind, reason, frame, centre, (2.0 * np.pi * radius, 2.0 * radius * _LATITUDE), radius)
    edges = np.linspace(z.min(), z.max(), _BINS + 1)
    slot = np.clip(np.searchsorted(edges, z) - 1, 0, _BINS - 1)
    outer = np.full(_BINS, -np.inf)
    np.maximum.at(outer, slot, far)
    filled = np.flatnonzero(np.isfinite(outer))
    middle = (edges[:-1] + edges[1:]) / 2.0
    outer = np.interp(middle, middle[filled], outer[filled])
    radius = float(outer.mean())
    if kind == "cylindrical":
        return Mapping(kind, reason, frame, centre, (2.0 * np.pi * radius, float(np.ptp(z))), radius, middle, middle)
    smooth = np.convolve(np.pad(outer, 4, "edge"), np.ones(9) / 9.0, "valid")
    steps = np.hypot(np.diff(smooth), np.diff(middle))
    arcs = np.concatenate([[0.0], np.cumsum(steps)])
    arcs -= arcs[-1] / 2.0
    return Mapping(kind, reason, frame, centre, (2.0 * np.pi * radius, float(np.ptp(arcs))), radius, middle, arcs)


def _uv_scale(mesh: Mesh, uv: np.ndarray) -> float:
    """mm that one unit of texture space is long on the body, by areas."""
    a, b, c = (uv[mesh.faces[:, i]] for i in range(3))
    flat = 0.5 * np.abs((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])).sum()
    if flat <= 1e-12:
        raise BadInput("the mesh's texture coordinates have no area; choose another mapping", field="mapping")
    return float(np.sqrt(mesh.area / flat))


def coordinates(mapping: Mapping, points: np.ndarray, uv: np.ndarray | None = None) -> np.ndarray:
    """(n, 2) float64 mm on the pattern: u from its left end, v from its middle line upward. Not for triplanar."""
    if mapping.kind == "uv":
        return np.asarray(uv, np.float64) * mapping.size - (0.0, mapping.size[1] / 2.0)
    x, y, z = ((points - mapping.centre) @ mapping.frame.T).T
    if mapping.kind == "planar":
        return np.stack([x + mapping.size[0] / 2.0, y], axis=1)
    u = np.mod(np.arctan2(y, x), 2.0 * np.pi) * mapping.radius
    if mapping.kind == "toroidal":
        return np.stack([u, np.interp(z, mapping.heights, mapping.arcs)], axis=1)
    if mapping.kind == "cylindrical":
        return np.stack([u, z], axis=1)
    return np.stack([u, mapping.radius * np.arctan2(z, np.hypot(x, y))], axis=1)


def heights(
    mapping: Mapping, picture: np.ndarray, points: np.ndarray, normals: np.ndarray, uv: np.ndarray | None = None
) -> np.ndarray:
    """(n,) float32 pattern heights at points with unit normals; nothing is masked here."""
    if mapping.kind != "triplanar":
        return _look_up(mapping, picture, coordinates(mapping, points, uv))
    local = points - mapping.centre
    share = np.abs(normals) ** 6
    share /= share.sum(axis=1, keepdims=True) + 1e-12
    total = np.zeros(len(points), np.float32)
    for axis in range(3):
        facing = np.where(normals[:, axis] < 0, -1.0, 1.0)  # seen from outside, never mirrored
        u = local[:, (axis + 1) % 3] * facing
        total += share[:, axis].astype(np.float32) * _look_up(mapping, picture, np.stack([u, local[:, (axis + 2) % 3]], 1))
    return total


def _look_up(mapping: Mapping, picture: np.ndarray, place: np.ndarray) -> np.ndarray:
    rows, columns = picture.shape
    length, width = mapping.size
    column = place[:, 0] / length * columns - 0.5
    v = place[:, 1] / width + 0.5
    if mapping.kind in ("triplanar", "uv"):  # beyond its edge the pattern is continued by its mirror image
        v = np.abs(np.mod(v, 2.0) - 1.0)
        v = 1.0 - v
    return sample(picture, column, (1.0 - v) * rows - 0.5, mapping.wrap)


def weights(mapping: Mapping, points: np.ndarray, normals: np.ndarray, fade: float) -> np.ndarray:
    """(n,) float32: 1 where the ornament stands in full, 0 on finger sides, backs, poles and beyond the pattern's edge."""
    x, y, z = ((points - mapping.centre) @ mapping.frame.T).T
    if mapping.kind in ("triplanar", "uv"):
        return np.ones(len(points), np.float32)
    soft = max(fade, 1e-3)
    if mapping.kind == "planar":
        facing = normals @ mapping.frame[2]
        away = np.minimum(mapping.size[0] / 2.0 - np.abs(x), mapping.size[1] / 2.0 - np.abs(y))
        return (_smooth((facing - 0.2) / 0.3) * _smooth(away / soft)).astype(np.float32)
    outward = (normals @ mapping.frame[0] * x + normals @ mapping.frame[1] * y) / np.maximum(np.hypot(x, y), 1e-9)
    place = coordinates(mapping, points)[:, 1]
    edge = _smooth((mapping.size[1] / 2.0 - np.abs(place)) / soft)
    if mapping.kind == "spherical":
        return edge.astype(np.float32)
    return (edge * _smooth((outward - 0.15) / 0.35)).astype(np.float32)


def _smooth(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


@dataclass(frozen=True)
class Quality:
    """What a mapping does to a pattern; areas in shares of the whole, stretch as larger over smaller scale."""

    seam_triangles: int
    mirrored: float
    anisotropy_p95: float


def corner_coordinates(mapping: Mapping, mesh: Mesh) -> np.ndarray:
    """(m, 3, 2) mm per face corner, the seam split: a face that crosses it continues beyond the pattern's end."""
    place = coordinates(mapping, mesh.vertices)[mesh.faces]
    if mapping.wrap and mapping.kind != "uv":
        length = mapping.size[0]
        place[..., 0] += length * np.round((place[:, :1, 0] - place[..., 0]) / length)
    return place


def quality(mesh: Mesh, place: np.ndarray, length: float) -> Quality:
    """Judge (m, 3, 2) corner coordinates in mm of a pattern ``length`` mm long on a mesh."""
    points = mesh.vertices[mesh.faces].astype(np.float64)
    edge, other = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    normal = np.cross(edge, other)
    double = np.linalg.norm(normal, axis=1)
    fine = double > 1e-12
    along = edge / np.maximum(np.linalg.norm(edge, axis=1, keepdims=True), 1e-12)
    across = np.cross(normal / np.maximum(double[:, None], 1e-12), along)
    flat = np.stack([np.stack([np.einsum("ij,ij->i", e, a) for e in (edge, other)], 1) for a in (along, across)], 1)
    on_pattern = np.stack([place[:, 1] - place[:, 0], place[:, 2] - place[:, 0]], axis=2)
    jacobian = on_pattern[fine] @ np.linalg.inv(flat[fine])
    stretch = np.linalg.svd(jacobian, compute_uv=False)
    ratio = stretch[:, 0] / np.maximum(stretch[:, 1], 1e-12)
    order = np.argsort(ratio)
    share = np.cumsum(double[fine][order]) / double[fine].sum()
    mirrored = np.linalg.det(on_pattern[fine]) < 0
    crossing = np.ptp(place[..., 0], axis=1) > length / 2.0
    turned_share = float(double[fine][mirrored].sum() / double[fine].sum())
    return Quality(int(crossing.sum()), turned_share, float(ratio[order][np.searchsorted(share, 0.95)]))
