"""Relief on any closed mesh: refine, displace along smoothed normals, and keep the surface from cutting itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..mesh.arrays import Mesh
from ..mesh.carry import carried
from ..mesh.intersect import self_intersections
from ..mesh.mend import cell_size, rebuild
from ..mesh.normals import vertex_normals
from ..mesh.solids import from_solid, to_solid
from . import mapping as maps

_MOST = 1_200_000  # vertices after refining: about what two cores displace in a quarter of a second
_NEEDLES = 8.0  # triangles a square of the spacing; even ones are about five
_ROUNDS = 9  # local depth reductions before the body is rebuilt
_CHUNK = 1 << 15  # faces or vertices worked on at a time, so that temporaries stay in the cache


@dataclass(frozen=True, eq=False)
class Raised:
    """A displaced mesh and what had to be done for it."""

    mesh: Mesh
    notes: tuple[str, ...]


def _share_out(work: Callable[[int], None], count: int) -> None:
    """Run ``work(start)`` over chunks on two threads; numpy releases the interpreter lock inside."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(0, count, _CHUNK)))


def edge_lengths(mesh: Mesh) -> np.ndarray:
    """(m,) length in mm of one edge of every face."""
    return np.linalg.norm(mesh.vertices[mesh.faces[:, 1]] - mesh.vertices[mesh.faces[:, 0]], axis=1)


def reach(mesh: Mesh, spacing: float) -> float:
    """mm that the edges of a refined mesh are long at most: half as much again as ``spacing``, more where too many vertices would come of it."""
    return max(spacing, float(np.sqrt(mesh.area * 1.2 / _MOST))) * 1.5


def refine(mesh: Mesh, spacing: float) -> Mesh:
    """The same body with edges no longer than ``reach``, its mask carried along. Raises BadInput if open.

    Where needles would be most of the result, as after booleans in a modeller, they are first taken out, within 2 µm.
    """
    length, masked = reach(mesh, spacing), mesh.mask is not None
    solid = to_solid(mesh, mask=masked)
    fine = solid.refine_to_length(length)
    if fine.num_tri() > _NEEDLES * mesh.area / length**2:
        slim = solid.simplify(0.002).refine_to_length(length)
        fine = slim if slim.num_tri() < 0.8 * fine.num_tri() else fine
    return from_solid(fine, mask=masked)


def refine_textured(mesh: Mesh, spacing: float) -> tuple[Mesh, np.ndarray, np.ndarray]:
    """As ``refine``, with the texture coordinates: the mesh, (k, 2) coordinates, and (k,) the vertex each belongs to."""
    import manifold3d

    assert mesh.uv is not None
    rows = np.concatenate([mesh.faces.reshape(-1, 1), mesh.uv.reshape(-1, 2)], axis=1)
    split, corner = np.unique(rows, axis=0, return_inverse=True)
    owner = split[:, 0].astype(np.int64)
    columns = [mesh.vertices[owner], split[:, 1:]] + ([mesh.mask[owner, None]] if mesh.mask is not None else [])
    values = np.concatenate(columns, axis=1).astype(np.float64)
    first = np.unique(owner, return_index=True)[1]
    doubles = np.setdiff1d(np.arange(len(owner)), first)
    raw = manifold3d.Mesh64(
        values, corner.reshape(-1, 3).astype(np.uint64),
        merge_from_vert=doubles.astype(np.uint64), merge_to_vert=first[np.searchsorted(owner[first], owner[doubles])].astype(np.uint64),
    )
    solid = manifold3d.Manifold(raw)
    if solid.status() != manifold3d.Error.NoError:
        raise BadInput(f"the mesh is not a closed solid ({solid.status().name}); mend it first", field="mesh")
    fine = solid.refine_to_length(reach(mesh, spacing)).to_mesh64()
    values, faces = np.array(fine.vert_properties), np.array(fine.tri_verts).astype(np.int64)
    target = np.arange(len(values))
    target[np.asarray(fine.merge_from_vert, np.int64)] = np.asarray(fine.merge_to_vert, np.int64)
    kept, number = np.unique(target, return_inverse=True)
    mask = np.clip(values[kept, 5], 0.0, 1.0).astype(np.float32) if mesh.mask is not None else None
    return Mesh(values[kept, :3], number[faces].astype(np.int32), mask=mask), values[:, 3:5], number


def displace(mesh: Mesh, directions: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """(n, 3) vertices moved ``amount`` (n,) mm along ``directions``; those with amount 0 stay bit-equal."""
    result = np.empty_like(mesh.vertices)

    def work(start: int) -> None:
        part = slice(start, start + _CHUNK)
        np.multiply(directions[part], amount[part, None], out=result[part])
        result[part] += mesh.vertices[part]

    _share_out(work, len(result))
    return result


def lifted(
    mesh: Mesh, mapping: maps.Mapping, picture: np.ndarray, depth: float, fade: float,
    mid: float = 0.0, outer: bool = True, keep: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """(n, 3) vertices of a mesh displaced by a picture, whatever becomes of its faces: normals, heights and places in one go.

    For the parameters see ``raise_mesh``.
    """
    normals = vertex_normals(mesh.vertices, mesh.faces)
    tall = _tall(mesh, mapping, picture, normals, fade, mid, outer, keep)
    tall *= np.float32(depth)
    return displace(mesh, maps.directions(mapping, normals, outer), tall)


def _tall(
    mesh: Mesh, mapping: maps.Mapping, picture: np.ndarray, normals: np.ndarray, fade: float, mid: float, outer: bool, keep: np.ndarray | None
) -> np.ndarray:
    """(n,) float32 share of the depth by which each vertex moves: -mid to 1 - mid."""
    tall = maps.tall(mapping, picture, mesh.vertices, normals, fade, outer, mid)
    for share in (mesh.mask, keep):
        if share is not None:
            tall *= share
    return tall


def raise_mesh(
    mesh: Mesh, mapping: maps.Mapping, picture: np.ndarray, depth: float, fade: float,
    mid: float = 0.0, outer: bool = True, keep: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Raised:  # fmt: skip
    """Displace a closed, fine mesh by a picture.

    Where the moved surface would cut itself the depth is taken back there, step by step; what still crosses then is
    rebuilt from its solid. The notes say how much of the surface was touched.

    Parameters
    ----------
    mesh : Mesh
        Closed and already refined to the spacing wanted; its mask takes a share of the depth away.
    picture : (h, w) float32 in [0, 1]
    depth : float
        mm from black to white, negative to engrave.
    mid : float
        Level of the picture that stays at the surface.
    outer : bool
        Whether finger sides and backs stay plain.
    keep : function of (n, 3) places in mm, optional
        Gives (n,) shares of the depth that are kept there.
    """
    notes: list[str] = []
    if len(self_intersections(mesh, limit=1)):
        if mapping.kind == "uv":
            raise BadInput("the mesh cuts itself, and mending it would lose its texture coordinates; choose another mapping", field="mapping")
        whole = rebuild(mesh, _cell(mesh))
        mesh = Mesh(whole.vertices, whole.faces, mask=None if mesh.mask is None else carried(mesh, mesh.mask, whole.vertices, 1.5 * _cell(mesh)))
        notes.append("the mesh cuts itself before any ornament: it was rebuilt as one solid first")
    normals = vertex_normals(mesh.vertices, mesh.faces)
    tall = _tall(mesh, mapping, picture, normals, fade, mid, outer, keep(mesh.vertices) if keep else None)
    ways = maps.directions(mapping, normals, outer)
    amount = np.float32(depth) * tall
    moved = Mesh(displace(mesh, ways, amount), mesh.faces, _shade(tall, depth, mid))
    pairs = self_intersections(moved)
    if len(pairs) == 0:
        return Raised(moved, tuple(notes))
    if mapping.kind != "planar":  # neighbours that move alike cannot fold over each other
        ways = smoothed(normals, mesh.faces, 4)
        moved = Mesh(displace(mesh, ways, amount), mesh.faces, moved.relief)
        pairs = self_intersections(moved)
    kept = np.ones(len(tall), np.float32)
    for attempt in range(_ROUNDS):
        if len(pairs) == 0:
            pairs = self_intersections(moved) if attempt else pairs  # the rounds looked at the neighbourhood only
        if len(pairs) == 0:
            share = float((kept < 0.999).mean())
            if share:
                notes.append(f"the depth was reduced on {max(share, 0.001):.1%} of the surface, where the ornament would have cut into itself")
            return Raised(moved, tuple(notes))
        bad = np.unique(pairs)
        kept = _take_back(kept, mesh.faces, bad, rings=4 + attempt)
        moved = Mesh(displace(mesh, ways, amount * kept), mesh.faces, _shade(tall * kept, depth, mid))
        near = _beside(moved, bad)
        pairs = near[self_intersections(Mesh(moved.vertices, moved.faces[near]))]
    notes.append(f"the ornament cut into itself and was rebuilt as one solid at {_cell(moved):.2f} mm; finer details are rounded")
    solid = rebuild(moved, _cell(moved))
    assert moved.relief is not None
    return Raised(Mesh(solid.vertices, solid.faces, carried(moved, moved.relief, solid.vertices, 1.5 * _cell(moved))), tuple(notes))


def _shade(tall: np.ndarray, depth: float, mid: float) -> np.ndarray:
    """(n,) float32 in [0, 1]: how high the ornament stands, 0 in the recesses, whether it was raised or cut in."""
    level = tall + np.float32(mid)
    return np.clip(level if depth >= 0 else np.float32(1.0) - level, 0.0, 1.0)


def _cell(mesh: Mesh) -> float:
    """mm of a rebuild's cell: as fine as the mesh itself, and no finer than memory allows."""
    return max(cell_size(mesh), 0.7 * float(np.median(edge_lengths(mesh))))


def smoothed(normals: np.ndarray, faces: np.ndarray, times: int) -> np.ndarray:
    """(n, 3) float32 unit normals, each the mean of those of its faces' corners, ``times`` over."""
    for _ in range(times):
        total = np.zeros(normals.shape)
        middle = normals[faces].sum(axis=1)
        for corner in range(3):
            for axis in range(3):
                total[:, axis] += np.bincount(faces[:, corner], middle[:, axis], len(normals))
        normals = (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-30)).astype(np.float32)
    return normals


def _beside(mesh: Mesh, bad: np.ndarray) -> np.ndarray:
    """Numbers of the faces in the boxes of a coarse grid that bad faces touch, and in those next to them."""
    middle = mesh.vertices[mesh.faces].mean(axis=1)
    low = middle.min(axis=0)
    cell = max(float(np.ptp(middle, axis=0).max()) / 80.0, 0.5)
    at = ((middle - low) / cell).astype(np.int64) + 2
    shape = at.max(axis=0) + 3
    taken = np.zeros(shape, bool)
    taken[tuple(at[bad].T)] = True
    for axis in range(3):
        taken = taken | np.roll(taken, 1, axis) | np.roll(taken, -1, axis)
    return np.flatnonzero(taken[tuple(at.T)])


def _take_back(keep: np.ndarray, faces: np.ndarray, bad: np.ndarray, rings: int) -> np.ndarray:
    """Less depth at the corners of bad faces, spread over some rings of neighbours so that no step appears."""
    share = np.ones_like(keep)
    share[faces[bad]] = 0.4
    low = np.flatnonzero(share < 1.0)
    touched = np.zeros(len(keep), bool)
    touched[low] = True
    for ring in range(rings):
        near = faces[touched[faces].any(axis=1)]  # only faces beside the ring before: the rest cannot change
        fresh = np.unique(near[~touched[near]])
        share[fresh] = 0.4 + 0.6 * (ring + 1) / (rings + 1)
        touched[fresh] = True
    return keep * share
