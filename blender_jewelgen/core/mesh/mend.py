"""One closed solid from a surface that overlaps itself, is doubled or has small holes: winding numbers on a grid, then their level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .arrays import Mesh
from .carry import carried
from .closed import largest_body
from .hollows import filled, pockets
from .inside import Inside, Tell, cell_size, cuts, inside
from .intersect import self_intersections
from .level import level, mixed
from .solids import from_solid

__all__ = ["cell_size", "closed", "rebuild", "rebuilt"]
_TORN = 0.15  # share of lines that may run through holes; beyond, only what the surface shuts in is metal
_SHUT_IN = 1.0  # cells of metal behind each place of a torn surface, in the mean, for it to shut anything in
_LOST = 0.02  # share of the metal that may be too thin for the cells
_FINER = 6e6  # cells that a rebuild may take for thin metal if no resolution was asked for


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A solid, the edge in mm of the cells it was made with, and the share of the metal that was too thin for them.

    ``wrapped``: the surface was so torn that what it shuts in was taken for metal.
    """

    mesh: Mesh
    step: float
    lost: float
    wrapped: bool = False


def rebuild(mesh: Mesh, resolution: float | None = None, pinhole: float = 0.0) -> Mesh:
    """The solid that a surface encloses (winding number of at least one), as a closed mesh that never crosses itself.

    Parameters
    ----------
    resolution : float or None
        Edge of a grid cell in mm; by default as fine as one and a half million cells allow.
    pinhole : float, mm
        Hollows that are reached through openings of this width only are filled.

    Lines along three axes are followed through the surface; where one meets a hole, the other two decide. The largest part
    is kept, without hollows that nothing reaches. Where too many lines meet holes, all that a ball as wide as a pin-hole cannot
    get out of is metal. Raises BadInput if nothing is enclosed.
    """
    return _once(mesh, resolution or cell_size(mesh), pinhole, lambda share, text: None).mesh


def rebuilt(mesh: Mesh, resolution: float | None = None, pinhole: float = 0.0, tell: Tell = lambda share, text: None) -> Rebuilt:
    """The same with what became of it; where no resolution was asked for, cells are halved for metal thinner than they are."""
    step = resolution or cell_size(mesh)
    found = _once(mesh, step, pinhole, tell)
    if resolution is None and found.lost > _LOST:
        finer = max(0.5 * step, cell_size(mesh, _FINER))
        again = _once(mesh, finer, pinhole, tell)
        return again if again.lost < found.lost else found
    return found


def _once(mesh: Mesh, step: float, pinhole: float, tell: Tell) -> Rebuilt:
    grid = inside(mesh, step, lambda share, text: tell(0.5 * share, text))
    metal = grid.metal
    if grid.torn > _TORN:
        tell(0.5, "wrapping what is torn")
        metal = _to_the_skin(grid, pockets(grid.touched, 0.5 * pinhole / step))
        if not metal.any():
            raise _too_open(grid)
    elif pinhole > 0.0:
        tell(0.5, "looking for hollows")
        metal = filled(metal, grid.touched, 0.5 * pinhole / step)
    if not metal.any():
        raise BadInput("the mesh encloses no metal; it cannot be made solid", field="mesh")
    tell(0.6, "laying a skin round the metal")
    field, known = skin_distance(grid, metal)
    tell(0.7, "laying a skin round the metal")
    skin = level(field, grid.origin, step, known)
    tell(0.9, "keeping the largest part")
    total = skin.volume
    lost = max(0.0, 1.0 - total / grid.volume) if grid.volume > 0 and metal is grid.metal else 0.0
    body = largest_body(skin)
    if grid.torn > _TORN and body.volume < _SHUT_IN * step * mesh.area:
        raise _too_open(grid)
    return Rebuilt(body, step, lost, grid.torn > _TORN)


def _too_open(grid: Inside) -> BadInput:
    return BadInput(f"the mesh has holes too large to be closed ({grid.torn:.0%} of it is open); close them in a modeller first", field="mesh")


def _to_the_skin(grid: Inside, metal: np.ndarray) -> np.ndarray:
    """The metal grown by two points wherever no surface lies between."""
    for _ in range(2):
        grown = metal.copy()
        for axis in range(3):
            nx, ny, nz = (metal.shape[k % 3] for k in range(axis + 1, axis + 4))
            hit, order = grid.hits[axis], [(axis + 1) % 3, (axis + 2) % 3, axis]
            k = np.ceil(hit.z).astype(np.int64)
            good = (hit.i >= 0) & (hit.i < nx) & (hit.j >= 0) & (hit.j < ny) & (k >= 1) & (k < nz)
            free = np.ones((nx, ny, nz), bool)
            free[hit.i[good], hit.j[good], k[good]] = False  # the way to this point from the one before it
            to, of = grown.transpose(order), metal.transpose(order)
            to[..., 1:] |= of[..., :-1] & free[..., 1:]
            to[..., :-1] |= of[..., 1:] & free[..., 1:]
        metal = grown & (metal | grid.touched)
    return metal


def skin_distance(grid: Inside, metal: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """(nx, ny, nz) float32 distance from the skin of ``metal`` in cells, positive inside, and the ``cuts`` along x, y and z it is made of.

    Beyond two cells from the skin only the sign is true.

    A plane that passes the three axes at distances a, b and c of a point is 1 / sqrt(1/a² + 1/b² + 1/c²) away from it: so flat
    faces stay flat, and no metal is lost to a blur.
    """
    metal = metal.copy()
    for axis in range(3):
        np.moveaxis(metal, axis, 0)[[0, 1, 2, -3, -2, -1]] = False
    field = np.where(metal, np.float32(1.0), np.float32(-1.0))
    near = np.zeros(metal.size, bool)
    base, jump = mixed(metal)
    for k in range(8):
        near[base + jump[k]] = True
    points = np.flatnonzero(near)
    flat = metal.ravel()
    sign = flat[points]
    total = np.zeros(len(points), np.float32)
    guessed = np.zeros(len(points), bool)
    known = [cuts(grid, metal, axis) for axis in range(3)]
    for axis in range(3):
        cut, stride = known[axis].ravel(), int(np.prod(metal.shape[axis + 1 :]))
        ahead, found = _ahead(flat, cut, points, sign, stride)
        behind, there = _ahead(flat, cut, points, sign, -stride)
        guessed |= found | there
        nearest = np.minimum(ahead, behind)
        total += np.where(nearest < 9.0, 1.0 / np.maximum(nearest, 0.02) ** 2, 0.0).astype(np.float32)
    away = np.where(total > 0, 1.0 / np.sqrt(np.maximum(total, 1e-6)), np.float32(1.0))
    if guessed.any():  # beside holes nobody knows where the surface was: a soft one
        some = np.flatnonzero(guessed)
        away[some] = np.clip(np.abs(_soft(flat, points[some], jump, metal.shape)), 0.05, 1.0)
    field.ravel()[points] = np.where(sign, away, -away)
    return field, known


def _ahead(flat: np.ndarray, cut: np.ndarray, points: np.ndarray, sign: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells from each point to the skin along one direction, 9 beyond two; and where a skin must be that no line met."""
    back = stride if stride < 0 else 0
    one, two = points + stride, points + 2 * stride
    first = flat[one] != sign
    share = cut[points + back]
    unknown = first & (share == 0)
    share = np.where(share == 0, np.float32(0.5), share)
    near = share if back == 0 else 1.0 - share
    second = flat[two] != sign
    more = cut[one + back]
    more = np.where(more == 0, np.float32(0.5), more)
    further = 1.0 + (more if back == 0 else 1.0 - more)
    return np.where(first, near, np.where(second, further, np.float32(9.0))), unknown


def _soft(flat: np.ndarray, points: np.ndarray, jump: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(k,) from -1 to 1: how much of the 27 points round each is metal, the nearer ones counting more."""
    total = np.zeros(len(points), np.float32)
    weight = (0.25, 0.5, 0.25)
    for i in range(-1, 2):
        for j in range(-1, 2):
            for k in range(-1, 2):
                at = points + (i * shape[1] + j) * shape[2] + k
                total += np.float32(weight[i + 1] * weight[j + 1] * weight[k + 1]) * flat[at]
    return 2.0 * total - 1.0


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
