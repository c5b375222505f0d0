"""Two hundred damaged meshes whose undamaged volume is known: ten pieces of jewelry, each hurt in twenty ways, all from seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from mesh_shapes import ball, band, box, loop_of_loops, torus

from blender_jewelgen.core.mesh.arrays import Mesh, face_normals, join
from blender_jewelgen.core.mesh.normals import vertex_normals as normals_of
from blender_jewelgen.core.mesh.solids import from_solid, to_solid


@dataclass(frozen=True, eq=False)
class Damaged:
    """A hurt mesh, and the volume in mm³ that its solid should have."""

    piece: str
    damage: str
    mesh: Mesh
    volume: float

    @property
    def name(self) -> str:
        return f"{self.piece}, {self.damage}"


# ---- the pieces ------------------------------------------------------------------------------------------------------


def knot(nu: int = 360, nv: int = 32, wire: float = 1.3) -> Mesh:
    """A trefoil of round wire, its frame carried along without a twist that does not close."""
    t = np.arange(nu) / nu * 2 * np.pi
    line = 3.0 * np.stack([np.sin(t) + 2 * np.sin(2 * t), np.cos(t) - 2 * np.cos(2 * t), -np.sin(3 * t)], axis=-1)
    along = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    side = np.cross(along, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side, axis=1)[:, None]
    up = np.cross(side, along)
    v = np.arange(nv) / nv * 2 * np.pi
    return loop_of_loops(line[:, None] + wire * (np.cos(v)[None, :, None] * side[:, None] + np.sin(v)[None, :, None] * up[:, None]))


def signet() -> Mesh:
    """A band with a block for a head."""
    return _fine(to_solid(band(200, 16, thick=1.6)) + to_solid(box(4.0, 11.0, 9.0, at=(10.5, 0.0, 0.0))))


def medallion(side: int = 90) -> Mesh:
    """A disc with ripples on its face, its back flat."""
    rows = np.arange(1, side) / (side - 1) * 12.0
    t = np.arange(180) / 180 * 2 * np.pi
    height = 1.8 + 0.25 * np.cos(rows * 2.0)[:, None] * np.cos(6 * t)[None] * (rows / 12.0)[:, None]
    face = np.stack([rows[:, None] * np.cos(t), rows[:, None] * np.sin(t), height], axis=-1)
    back = face[::-1] * (1.0, 1.0, 0.0)
    points = np.concatenate([face, back]).reshape(-1, 3)
    n, around = 2 * len(rows), len(t)
    i, j = np.meshgrid(np.arange(n - 1), np.arange(around), indexing="ij")
    a, b = i * around + j, i * around + (j + 1) % around
    c, d = a + around, b + around
    sides = np.stack([a, c, d, a, d, b], axis=-1).reshape(-1, 3)
    k, last = np.arange(around), (n - 1) * around
    caps = [np.stack([np.full(around, n * around), k, (k + 1) % around], axis=1), np.stack([np.full(around, n * around + 1), last + (k + 1) % around, last + k], axis=1)]
    return Mesh(np.concatenate([points, [[0, 0, 1.8], [0, 0, 0]]]), np.concatenate([sides, *caps]).astype(np.int32))


def _fine(solid: Any, edge: float = 0.5) -> Mesh:
    return from_solid(solid.refine_to_length(edge))


def _turned(mesh: Mesh, seed: int) -> Mesh:
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return Mesh(mesh.vertices @ (turn * np.sign(np.linalg.det(turn))).T + 5.0, mesh.faces)


@cache
def pieces() -> dict[str, Mesh]:
    """Closed, wound outward, 15 to 30 mm long, 10 to 50 thousand triangles."""
    links = to_solid(torus(160, 40, 6.0, 1.5)) + to_solid(Mesh(torus(160, 40, 6.0, 1.5).vertices + (11.5, 0.0, 0.3), torus(160, 40, 6.0, 1.5).faces))
    bowl = to_solid(ball(9.0, 60, 90)) - to_solid(ball(7.4, 60, 90)) - to_solid(box(20.0, 20.0, 10.0, at=(0.0, 0.0, 8.0)))
    return {
        "bead": ball(8.0, 80, 120),
        "ring": torus(240, 48, 10.0, 1.6),
        "band": band(300, 40, relief=0.25),
        "slanted band": _turned(band(260, 30, thick=1.8, relief=0.2), 4),
        "signet": signet(),
        "hoop": torus(400, 24, 11.0, 0.6),
        "knot": knot(),
        "medallion": medallion(),
        "links": _fine(links),
        "bowl": _fine(bowl),
    }


# ---- the damages: (mesh, rng) to a hurt mesh, and the volume if it is another than the mesh's ---------------------------


def _middle(mesh: Mesh) -> np.ndarray:
    return mesh.vertices[mesh.faces].mean(axis=1)


def _around(mesh: Mesh, rng: np.random.Generator, share: float) -> np.ndarray:
    """Faces nearest to one of them that have ``share`` of the area, and hang together."""
    middle, area = _middle(mesh), np.linalg.norm(face_normals(mesh.vertices, mesh.faces), axis=1)
    start = rng.choice(len(middle), p=area / area.sum())
    normal = face_normals(mesh.vertices, mesh.faces) / area[:, None]
    away = np.linalg.norm(middle - middle[start], axis=1) + np.where(normal @ normal[start] > -0.2, 0.0, 1e3)  # not the other side of a wall
    order = np.argsort(away)
    return order[: max(1, int(np.searchsorted(np.cumsum(area[order]), share * area.sum())))]


def _less(mesh: Mesh, faces: np.ndarray) -> Mesh:
    return Mesh(mesh.vertices, np.delete(mesh.faces, faces, axis=0))


def _over(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def _apart(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3))


def _thickness(mesh: Mesh) -> float:
    return 2.0 * mesh.volume / mesh.area


def vertex_normals(mesh: Mesh) -> np.ndarray:
    return normals_of(mesh.vertices, mesh.faces)


def _shrunk(mesh: Mesh, by: float) -> Mesh:
    return Mesh(mesh.vertices - by * vertex_normals(mesh), mesh.faces)


def _bits(mesh: Mesh, rng: np.random.Generator, count: int) -> list[Mesh]:
    """Small balls outside the box of the mesh, some inside out."""
    low, high = mesh.vertices.min(axis=0) - 2.0, mesh.vertices.max(axis=0) + 2.0
    bits = []
    for _ in range(count):
        at = rng.uniform(low, high)
        side = rng.integers(3)
        at[side] = (low if rng.random() < 0.5 else high)[side]
        bit = ball(rng.uniform(0.08, 0.5), 6, 9, at=tuple(at))
        bits.append(_over(bit) if rng.random() < 0.3 else bit)
    return bits


def pin_holes(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return _less(mesh, rng.choice(len(mesh.faces), int(rng.integers(10, 120)), replace=False))


def holes(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    gone = [_around(mesh, rng, rng.uniform(0.0005, 0.004)) for _ in range(int(rng.integers(2, 8)))]
    return _less(mesh, np.unique(np.concatenate(gone)))


def large_hole(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return _less(mesh, _around(mesh, rng, 0.012))


def inner_shell(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return join([mesh, _over(_shrunk(mesh, rng.uniform(0.1, 0.3) * _thickness(mesh)))])


def inner_shell_outward(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return join([pin_holes(mesh, rng), pin_holes(_shrunk(mesh, 0.2 * _thickness(mesh)), rng)])


def double_wall(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return join([mesh, Mesh(mesh.vertices + rng.normal(0.0, 1e-3, mesh.vertices.shape), mesh.faces)])


def loose_bits(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return join([mesh, *_bits(mesh, rng, int(rng.integers(5, 40)))])


def flipped_faces(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    over = rng.random(len(mesh.faces)) < 0.2
    return Mesh(mesh.vertices, np.where(over[:, None], mesh.faces[:, ::-1], mesh.faces))


def flipped_part(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    faces = mesh.faces.copy()
    some = _around(mesh, rng, 0.3)
    faces[some] = faces[some][:, ::-1]
    return _less(Mesh(mesh.vertices, faces), rng.choice(len(faces), 12, replace=False))


def inside_out(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    return pin_holes(_over(mesh), rng)


def noise(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    edge = np.linalg.norm(mesh.vertices[mesh.faces[:, 0]] - mesh.vertices[mesh.faces[:, 1]], axis=1)
    return Mesh(mesh.vertices + rng.normal(0.0, 0.25 * np.median(edge), mesh.vertices.shape), mesh.faces)


def fins(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Single triangles that stand out of edges of the surface."""
    some = rng.choice(len(mesh.faces), 30, replace=False)
    tips = _middle(mesh)[some] + rng.uniform(0.2, 0.6, (30, 1)) * vertex_normals(mesh)[mesh.faces[some, 0]]
    fin = np.stack([mesh.faces[some, 0], mesh.faces[some, 1], len(mesh.vertices) + np.arange(30)], axis=1)
    return Mesh(np.concatenate([mesh.vertices, tips]), np.concatenate([mesh.faces, fin]).astype(np.int32))


def inner_walls(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Triangles across the metal whose corners are the surface's own."""
    some = rng.choice(len(mesh.faces), 25, replace=False)
    far = mesh.vertices[mesh.faces[some, 0]] - 0.8 * _thickness(mesh) * vertex_normals(mesh)[mesh.faces[some, 0]]
    near = np.array([np.argmin(np.linalg.norm(mesh.vertices - point, axis=1)) for point in far])
    wall = np.stack([mesh.faces[some, 0], mesh.faces[some, 1], near], axis=1)
    return Mesh(mesh.vertices, np.concatenate([mesh.faces, wall[(wall[:, 2] != wall[:, 0]) & (wall[:, 2] != wall[:, 1])]]).astype(np.int32))


def crossing_part(mesh: Mesh, rng: np.random.Generator) -> tuple[Mesh, float]:
    at = mesh.vertices[rng.integers(len(mesh.vertices))]
    other = ball(2.0, 24, 36, at=tuple(at))
    return join([pin_holes(mesh, rng), other]), float((to_solid(mesh) + to_solid(other)).volume())


def soup(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """No two triangles share a vertex, and no two vertices a place."""
    loose = _apart(mesh)
    return Mesh(loose.vertices + rng.normal(0.0, 1e-3, loose.vertices.shape), loose.faces)


def turned_soup(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """The same, and half of the triangles look inward."""
    loose = soup(mesh, rng)
    over = rng.random(len(loose.faces)) < 0.5
    return Mesh(loose.vertices, np.where(over[:, None], loose.faces[:, ::-1], loose.faces))


def cracks(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A part of the surface with a border of its own, a hundredth of a millimetre beside the other."""
    some = _around(mesh, rng, 0.25)
    part = Mesh(mesh.vertices + rng.normal(0.0, 0.01, 3), mesh.faces[some])
    return join([_less(mesh, some), part])


def t_junctions(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Faces halved at an edge whose neighbour is not."""
    some = rng.choice(len(mesh.faces), 60, replace=False)
    a, b, c = mesh.faces[some].T
    new = len(mesh.vertices) + np.arange(len(some))
    halves = np.concatenate([np.stack([a, new, c], axis=1), np.stack([new, b, c], axis=1)])
    return Mesh(np.concatenate([mesh.vertices, (mesh.vertices[a] + mesh.vertices[b]) / 2.0]), np.concatenate([np.delete(mesh.faces, some, axis=0), halves]).astype(np.int32))


def box_caps(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Plates in the walls of a box round the mesh, as generated models have them; some are sheets."""
    low, high = mesh.vertices.min(axis=0) - 1.5, mesh.vertices.max(axis=0) + 1.5
    parts = [mesh]
    for axis in range(3):
        for wall in (low, high):
            if rng.random() < 0.25 and len(parts) > 1:
                continue
            size, at = (high - low) * rng.uniform(0.6, 1.0), (low + high) / 2.0
            size[axis] = thick = 0.03 * float((high - low).max()) * rng.uniform(0.1, 1.0)
            at[axis] = wall[axis] + (thick / 2.0 if wall is low else -thick / 2.0)
            plate = box(*size, at=tuple(at))
            if rng.random() < 0.4:
                outer = np.abs(plate.vertices[plate.faces][..., axis] - wall[axis]).max(axis=1) < 1e-9
                plate = Mesh(plate.vertices, plate.faces[outer])
            parts.append(plate)
    return join(parts)


def dirt(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Double, reversed and collapsed faces, loose vertices, and places that are no numbers."""
    some = rng.choice(len(mesh.faces), 90, replace=False)
    lost = np.concatenate([mesh.vertices, [[np.nan, 0.0, 0.0], [0.0, np.inf, 0.0], [1e3, 0.0, 0.0]]])
    n = len(mesh.vertices)
    more = [mesh.faces[some[:30]], mesh.faces[some[30:60], ::-1], mesh.faces[some[60:]][:, [0, 0, 1]], [[0, 1, n], [3, n + 1, 4]]]
    return Mesh(lost, np.concatenate([mesh.faces, *more]).astype(np.int32))


def everything(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    shell = _over(pin_holes(_shrunk(mesh, 0.2 * _thickness(mesh)), rng))
    turned = flipped_faces(holes(noise(mesh, rng), rng), rng)
    return join([turned, shell, *_bits(mesh, rng, 12)])


DAMAGES: dict[str, Callable[..., Mesh | tuple[Mesh, float]]] = {
    f.__name__.replace("_", " "): f
    for f in (
        pin_holes, holes, large_hole, inner_shell, inner_shell_outward, double_wall, loose_bits, flipped_faces, flipped_part, inside_out, noise, fins,
        inner_walls, crossing_part, soup, turned_soup, cracks, t_junctions, box_caps, dirt,
    )
}  # fmt: skip
assert len(DAMAGES) == 20


def damaged(every: int = 1, start: int = 0) -> Iterator[Damaged]:
    """All two hundred, or each ``every``-th from ``start``."""
    number = 0
    for p, (piece, mesh) in enumerate(pieces().items()):
        for d, (name, hurt) in enumerate(DAMAGES.items()):
            if (number - start) % every == 0 and number >= start:
                found = hurt(mesh, np.random.default_rng((p, d)))
                hurt_mesh, volume = found if isinstance(found, tuple) else (found, mesh.volume)
                yield Damaged(piece, name, hurt_mesh, volume)
            number += 1
