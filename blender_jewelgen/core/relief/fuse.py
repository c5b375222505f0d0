"""Wires, granules and solder fused to one closed body that passes nowhere through itself."""

from __future__ import annotations

import numpy as np

from ..mesh.arrays import Mesh, join
from ..mesh.closed import compact, largest_body
from ..mesh.intersect import self_intersections
from ..mesh.mend import cell_size, rebuild
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid

_TRIES = 3  # unions; after the first every part is moved by about a thousandth of a millimetre
_SHIFT = 1.7e-3  # mm
_NUDGES = (3e-4, 3e-4, 6e-4, 6e-4, 1e-3, 1e-3, 2e-3, 2e-3, 3e-3)  # mm: how far places are moved where that did not help
_SHORT = (2e-5, 1e-4, 4e-4, 1.2e-3, 3e-3)  # mm: edges that are drawn together where faces of two parts met badly


def fuse(parts: list[Mesh], seed: int = 0, close: bool = False) -> tuple[Mesh, tuple[str, ...]]:
    """One body of closed parts that overlap, with their shading, and what had to be done.

    Hollows that nothing reaches are filled. Where faces pass through each other, because two parts' edges met within
    nanometres, the short edges there are drawn together. If that does not help, all parts are moved by a thousandth of a
    millimetre and fused once more; at last the body is rebuilt on a grid. Crossings are looked for where parts were joined,
    or, where parts lie so ``close`` that their own faces are split to slivers, everywhere.
    """
    import manifold3d

    rng = np.random.default_rng(seed)
    for tries in range(_TRIES):
        moved = [_moved(part, rng) for part in parts] if tries else parts
        solids = [to_solid(part, relief=True) for part in moved]
        mesh = without_slivers(largest_body(from_solid(manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add))))
        mended = uncrossed(mesh, np.ones(len(mesh.faces), bool) if close else _near_seams(mesh, moved), rng)
        if mended is not None:
            return mended, ()
    whole = join(parts)
    body = rebuild(whole)
    return Mesh(body.vertices, body.faces, np.ones(len(body.vertices), np.float32)), (f"wires met too closely to be fused exactly: the piece was rebuilt at {cell_size(whole):.2f} mm",)


def _moved(part: Mesh, rng: np.random.Generator) -> Mesh:
    return Mesh(part.vertices + rng.uniform(-_SHIFT, _SHIFT, 3), part.faces, part.relief)


def _near_seams(mesh: Mesh, parts: list[Mesh]) -> np.ndarray:
    """(m,) bool: faces near where two parts were joined. The parts are sound in themselves; only here can faces meet badly."""
    known = np.sort(_keys(np.concatenate([p.vertices for p in parts])))
    found = _keys(mesh.vertices)
    at = np.clip(np.searchsorted(known, found), 0, len(known) - 1)
    near = (known[at] != found)[mesh.faces].any(axis=1)  # a vertex that no part had lies on a seam
    return _around(mesh, near)


def _around(mesh: Mesh, faces: np.ndarray) -> np.ndarray:
    """(m,) bool: the chosen faces and those that share a vertex with one."""
    touched = np.zeros(len(mesh.vertices), bool)
    touched[mesh.faces[faces]] = True
    return touched[mesh.faces].any(axis=1)


def _keys(vertices: np.ndarray) -> np.ndarray:
    """(n,) one number for each place to a ten-millionth of a millimetre."""
    whole = np.rint(vertices.astype(np.float64) * 1e7).astype(np.int64)
    return (whole[:, 0] * 73856093) ^ (whole[:, 1] * 19349663) ^ (whole[:, 2] * 83492791)


def uncrossed(mesh: Mesh, near: np.ndarray, rng: np.random.Generator) -> Mesh | None:
    """The mesh without crossings among the faces ``near``: short edges beside them drawn together, then places moved a little; None if some stay."""
    index = np.flatnonzero(near)
    bad = _bad(mesh, index)
    for short in np.repeat(_SHORT, 2):
        if not len(bad):
            return mesh
        chosen = np.zeros(len(mesh.faces), bool)
        chosen[bad] = True
        mesh, chosen = _drawn_together(mesh, _around(mesh, chosen), float(short))
        bad = _bad(mesh, np.flatnonzero(_around(mesh, _around(mesh, chosen))))
    for size in _NUDGES:
        if not len(bad):
            return mesh
        corners = np.unique(mesh.faces[bad])
        vertices = mesh.vertices.astype(np.float64)
        vertices[corners] += rng.uniform(-size, size, (len(corners), 3))
        moved = Mesh(vertices, mesh.faces, mesh.relief)
        chosen = np.zeros(len(mesh.faces), bool)
        chosen[bad] = True
        still = _bad(moved, np.flatnonzero(_around(mesh, _around(mesh, chosen))))
        if len(still) < len(bad):
            mesh, bad = moved, still
    return None if len(bad) else mesh


def _bad(mesh: Mesh, index: np.ndarray) -> np.ndarray:
    """Numbers of the faces among ``index`` that pass through another of them."""
    return np.unique(index[self_intersections(Mesh(mesh.vertices, mesh.faces[index]))])


def _drawn_together(mesh: Mesh, chosen: np.ndarray, short: float) -> tuple[Mesh, np.ndarray]:
    """Edges of the chosen faces shorter than ``short`` mm shrunk to one vertex where the surface stays closed by that."""
    faces = mesh.faces.copy()
    beside: dict[int, set[int]] = {}
    wide = np.flatnonzero(_around(mesh, chosen))
    for f in wide.tolist():
        for v in faces[f].tolist():
            beside.setdefault(v, set()).add(f)
    ends = {tuple(sorted((int(faces[f, k]), int(faces[f, (k + 1) % 3])))) for f in np.flatnonzero(chosen) for k in range(3)}
    lengths = sorted((float(np.linalg.norm(mesh.vertices[a] - mesh.vertices[b])), a, b) for a, b in ends)
    gone: set[int] = set()
    inside = {v for f in np.flatnonzero(chosen).tolist() for v in faces[f].tolist()}  # all their faces are known in ``beside``
    for length, a, b in lengths:
        if length > short:
            break
        if a in gone or b in gone or a not in inside or b not in inside:
            continue
        around_a = {int(v) for f in beside[a] for v in faces[f]} - {a}
        around_b = {int(v) for f in beside[b] for v in faces[f]} - {b}
        shared = beside[a] & beside[b]
        if len(shared) != 2 or len(around_a & around_b) != 2:
            continue
        for f in beside[b] - shared:
            faces[f][faces[f] == b] = a
            beside[a].add(f)
        for f in shared:
            for v in faces[f].tolist():
                beside[v].discard(f)
            faces[f] = -1
        gone.add(b)
    left = faces[:, 0] >= 0
    kept = Mesh(mesh.vertices, faces[left], mesh.relief)
    return compact(kept, kept.faces), chosen[left]
