"""One closed solid from a surface that overlaps itself, is doubled or has small holes: winding numbers on a grid, then their level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .arrays import Mesh
from .carry import carried
from .closed import largest_body
from .hollows import hollows
from .intersect import self_intersections
from .level import level
from .solids import from_solid

_CELLS = 1.5e6  # grid cells at most: two or three seconds, and as many triangles as a check likes to see
_FINE = 4  # places along a line at which the winding is known, for each grid cell
_TORN = 0.15  # share of lines that may run through holes


def rebuild(mesh: Mesh, resolution: float | None = None, pinhole: float = 0.0) -> Mesh:
    """The solid that a surface encloses (winding number of at least one), as a closed mesh that never crosses itself.

    Parameters
    ----------
    resolution : float or None
        Edge of a grid cell in mm; by default as fine as one and a half million cells allow.
    pinhole : float, mm
        Hollows that are reached through openings of this width only are filled.

    Lines along three axes are followed through the surface; where one meets a hole, the other two decide. The largest part
    is kept, without hollows that nothing reaches. Raises BadInput if nothing is enclosed or the holes are too large.
    """
    metal, origin, step = covered(mesh, resolution)
    if pinhole > 0.0:
        metal[hollows(metal > 0.05, reach_of(pinhole, step))] = 1.0
    soft = _soften(metal) - np.float32(0.5)
    if not (soft > 0).any():
        raise BadInput("the mesh encloses no metal; it cannot be made solid", field="mesh")
    return largest_body(level(soft, origin, step))


def reach_of(pinhole: float, step: float) -> int:
    """Cells from the middle of a pin-hole of that width to its border."""
    return max(2, round(0.5 * pinhole / step))


def covered(mesh: Mesh, resolution: float | None = None) -> tuple[np.ndarray, np.ndarray, float]:
    """(nx, ny, nz) float32 share of metal in the cells of a grid round the mesh, its first place (3,), and its step in mm."""
    low, high = mesh.vertices.min(axis=0).astype(float), mesh.vertices.max(axis=0).astype(float)
    step = resolution or cell_size(mesh)
    origin = low - 3.0 * step
    shape = tuple(int(n) for n in np.ceil((high - low) / step) + 7)
    if min(shape) < 9 or (high - low).min() <= 0:
        raise BadInput("the mesh is too small or flat to be made solid", field="mesh")
    corners = ((mesh.vertices.astype(np.float64) - origin) / step)[mesh.faces]
    total, votes = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    torn = lines = 0
    for axis in range(3):
        order = [(axis + 1) % 3, (axis + 2) % 3, axis]
        covered, whole, met = _covered(corners[..., order], tuple(shape[k] for k in order))
        torn, lines = torn + int((met & ~whole).sum()), lines + int(met.sum())
        back = np.argsort(order)
        trust = np.broadcast_to(np.where(whole, np.float32(1.0), np.float32(1e-3))[..., None], covered.shape)
        total += (covered * trust).transpose(back)
        votes += trust.transpose(back)
    if torn > _TORN * lines:
        raise BadInput(f"the mesh has holes too large to be closed ({torn / lines:.0%} of it is open); close them in a modeller first", field="mesh")
    return total / votes, origin, step


def cell_size(mesh: Mesh) -> float:
    """mm of a grid cell in a rebuild of this mesh."""
    return float((np.prod(np.ptp(mesh.vertices.astype(np.float64), axis=0) + 1e-3) / _CELLS) ** (1 / 3))


def _soften(inside: np.ndarray) -> np.ndarray:
    """A little blur along each axis, so that the level runs smoothly between cells."""
    for axis in range(3):
        soft = 0.5 * inside
        moved, padded = np.moveaxis(soft, axis, 0), np.moveaxis(inside, axis, 0)
        moved[1:] += 0.25 * padded[:-1]
        moved[:-1] += 0.25 * padded[1:]
        inside = soft
    return inside


def _covered(corners: np.ndarray, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(nx, ny, nz) float32 share of each grid cell's length along z that is inside; which lines end outside; which meet anything."""
    nx, ny, nz = shape
    fine = nz * _FINE
    count = np.zeros(nx * ny * fine, np.float32)
    met = np.zeros(nx * ny, bool)
    for hit in _hits(corners):
        k = np.ceil((hit.z + 0.5) * _FINE - 0.5).astype(np.int64)
        good = (hit.i >= 0) & (hit.i < nx) & (hit.j >= 0) & (hit.j < ny) & (k >= 0) & (k < fine)
        line = hit.i[good] * ny + hit.j[good]
        met[line] = True
        place = line * fine + k[good]
        first = int(place.min(initial=0))
        changed = np.bincount(place - first, np.where(hit.up[good], -1.0, 1.0))  # a face that looks up ends the metal
        count[first : first + len(changed)] += changed.astype(np.float32)
    winding = np.cumsum(count.reshape(nx * ny, fine), axis=1, dtype=np.float32)
    whole = np.abs(winding[:, -1]) < 0.5
    covered = (winding > 0.5).reshape(nx, ny, nz, _FINE).mean(axis=3, dtype=np.float32)
    return covered, whole.reshape(nx, ny), met.reshape(nx, ny)


@dataclass(frozen=True, eq=False)
class Hits:
    """Where lines parallel to z through whole (i, j) meet triangles: (k,) int64 i and j, float z, and whether the face looks up."""

    i: np.ndarray
    j: np.ndarray
    z: np.ndarray
    up: np.ndarray


def crossings(corners: np.ndarray) -> Hits:
    """All meetings of the lines through whole (i, j) with triangles (m, 3, 3)."""
    parts = list(_hits(corners))
    empty = np.zeros(0)
    if not parts:
        return Hits(empty.astype(np.int64), empty.astype(np.int64), empty, empty.astype(bool))
    return Hits(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("i", "j", "z", "up")))


def _hits(corners: np.ndarray) -> Iterator[Hits]:
    corners = corners + np.array([1.03e-7, 2.3e-7, 0.0])  # no line runs exactly through a vertex
    low = np.ceil(corners[..., :2].min(axis=1)).astype(np.int64)
    high = np.floor(corners[..., :2].max(axis=1)).astype(np.int64)
    span = np.maximum(high - low + 1, 0)
    cells = span[:, 0] * span[:, 1]
    order = np.flatnonzero(cells)
    ends = np.cumsum(cells[order])
    begin = 0
    while begin < len(order):  # pieces of about a million candidates
        start = ends[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(ends, start + (1 << 20))), begin + 1)
        chosen = order[begin:stop]
        each = cells[chosen]
        face = np.repeat(chosen, each)
        local = np.arange(len(face)) - np.repeat(ends[begin:stop] - start - each, each)
        i = low[face, 0] + local // span[face, 1]
        j = low[face, 1] + local % span[face, 1]
        a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            wb = ((i - a[:, 0]) * (c[:, 1] - a[:, 1]) - (j - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
            wc = ((b[:, 0] - a[:, 0]) * (j - a[:, 1]) - (b[:, 1] - a[:, 1]) * (i - a[:, 0])) / area
            hit = (wb >= 0) & (wc >= 0) & (wb + wc <= 1) & (area != 0)
            z = a[:, 2] + wb * (b[:, 2] - a[:, 2]) + wc * (c[:, 2] - a[:, 2])
        yield Hits(i[hit], j[hit], z[hit], area[hit] > 0)
        begin = stop


def closed(mesh: Mesh) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh itself if it is one closed solid; bodies that overlap joined exactly; anything else rebuilt. And what was done.

    Raises BadInput if it encloses nothing.
    """
    import manifold3d

    solid = manifold3d.Manifold(manifold3d.Mesh64(mesh.vertices.astype(np.float64), mesh.faces.astype(np.uint64)))
    if solid.status() == manifold3d.Error.NoError and not solid.is_empty():
        parts = solid.decompose()
        if len(parts) == 1:
            return mesh, ()
        if all(part.volume() > 0 for part in parts):
            whole = manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Add)
            joined = from_solid(whole)
            if len(whole.decompose()) == 1 and len(self_intersections(joined, limit=1)) == 0:
                return _masked(mesh, joined), (f"the mesh was {len(parts)} bodies that overlap; they were joined to one",)
    return _masked(mesh, rebuild(mesh)), (f"the mesh was not one closed solid; it was rebuilt as one at {cell_size(mesh):.2f} mm, its largest part kept",)


def _masked(source: Mesh, whole: Mesh) -> Mesh:
    """What was made of a mesh, with the mesh's mask if it has one."""
    if source.mask is None:
        return whole
    return Mesh(whole.vertices, whole.faces, mask=carried(source, source.mask, whole.vertices, 1.5 * cell_size(source)))
