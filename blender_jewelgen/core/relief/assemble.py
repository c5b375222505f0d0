"""A raised body becomes a piece: reduced for print, soldered to its bail or shank, a pair mirrored."""

from __future__ import annotations

import itertools

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..mesh.arrays import Mesh, join
from ..mesh.closed import bodies, largest_body
from ..mesh.intersect import self_intersections
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from .fuse import uncrossed

Host = Plate | Turned | Mesh
_SOLDERED = ((0, 5e-4), (0, 4e-3), (1, 5e-4), (-1, 4e-3), (3, 1e-2))  # moves aside, and mm within which a seam is cleared of slivers
_UNITED = ((0, 0.0), (0, 5e-5))
_MIRROR = np.array([-1.0, 1.0, 1.0])
_ASIDE = np.array([1.1e-3, -1.3e-3, 0.9e-3])  # mm; parts that only touch cross cleanly when one is moved by so much


def looking(host: Host, raised: Mesh) -> Mesh:
    """The dense piece for pictures: parts overlap where they will be soldered, so it is not one closed body."""
    if not isinstance(host, Plate):
        return raised
    return _pair(host, join([_placed(host, raised), *host.added]))


def making(host: Host, raised: Mesh, tolerance: float) -> Mesh:
    """The piece for print: closed, one body (two for a pair), within ``tolerance`` mm of the dense surface, never through itself.

    Reducing can push a face through its neighbour in a narrow groove; then the tolerance is quartered and the reduction
    done again, at last not at all. If that does not help the plate moves a few micrometres against what is soldered to it.
    """
    placed = _placed(host, raised) if isinstance(host, Plate) else raised
    added = [to_solid(part) for part in host.added] if isinstance(host, Plate) else []
    if tolerance <= 0 and not added:
        return _pair(host, placed)
    dense = to_solid(Mesh(placed.vertices, placed.faces))
    whole = max(1, bodies(placed.faces, len(placed.vertices))[0])  # a reduction must not part what hangs together by a corner
    tolerances = (tolerance, tolerance / 4.0, 0.0) if tolerance > 0 else (0.0,)
    solders = ((_UNITED if tolerance <= 0 else ()) + _SOLDERED) if added else ((0, 0.0),)  # what is not reduced is united as it is first
    united = None
    for (aside, seam), allowed in itertools.product(solders, tolerances):
        solid = (dense.simplify(allowed) if allowed > 0 else dense).translate(aside * _ASIDE)
        for part in added:
            solid = solid + part
            solid = solid.simplify(seam) if seam else solid
        piece = without_slivers(from_solid(solid))
        if bodies(piece.faces, len(piece.vertices))[0] <= whole and len(self_intersections(piece, limit=1)) == 0:
            break
        if united is None and not seam and allowed == tolerances[-1]:
            united = piece
    else:
        if united is not None:  # what was simplified can be worse than what it was made from
            whole_piece = largest_body(united) if whole == 1 else united  # without hollows that the solder shuts in
            piece = uncrossed(whole_piece, np.ones(len(whole_piece.faces), bool), np.random.default_rng(0)) or whole_piece
    return _pair(host, piece)


def poses(host: Host, points: np.ndarray) -> tuple[np.ndarray, ...]:
    """Where points (n, 3) of the host's own frame lie in the finished piece: once, or for a pair twice."""
    if not isinstance(host, Plate):
        return (points,)
    if host.rotation is not None:
        points = points @ host.rotation.T + host.shift
    return (points - _aside(host), points * _MIRROR + _aside(host)) if host.pair else (points,)


def _placed(host: Plate, raised: Mesh) -> Mesh:
    if host.rotation is None:
        return raised
    return Mesh((raised.vertices @ host.rotation.T + host.shift).astype(np.float32), raised.faces, raised.relief)


def _pair(host: Host, piece: Mesh) -> Mesh:
    if not isinstance(host, Plate) or not host.pair:
        return piece
    aside = _aside(host)
    other = Mesh(piece.vertices * _MIRROR + aside, piece.faces[:, ::-1], piece.relief)
    return join([Mesh(piece.vertices - aside, piece.faces, piece.relief), other])


def _aside(host: Plate) -> np.ndarray:
    """(3,) mm by which each piece of a pair stands beside the middle."""
    return np.array([0.5 * host.size[0] + 2.0, 0.0, 0.0])
