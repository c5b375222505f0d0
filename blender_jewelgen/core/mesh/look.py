"""A mesh as a small picture, without a renderer: parallel light on gold, by a depth buffer in numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..height.filters import blur
from ..height.shade import GOLD
from .arrays import Mesh, face_normals
from .normals import vertex_normals

PAPER = (246, 243, 238)  # of our pages
_FINE = 2  # places a pixel, each way
_ROOM = 0.92  # share of the picture that the mesh fills
_SHADE = 4  # places a side of a cell that shade is worked out in
_PIECE = 1 << 20  # pairs of a face and a place that are looked at together
_CREASE = 0.75  # cosine; a corner that leans further from its vertex's normal keeps its face's
_LIGHT = np.array([-0.46, 0.58, 0.67], np.float32)  # from the upper left, to the beholder's side
_FILL = np.array([0.80, 0.05, 0.60], np.float32)
_BOUNCE = np.array([-0.25, -0.75, 0.62], np.float32)  # from what the piece lies on
_SKY = np.array([0.35, 0.85, 0.40], np.float32)


def shaded(mesh: Mesh, size: int = 512, turn: float = -35.0, rise: float = 32.0, ground: tuple[int, int, int] = PAPER) -> np.ndarray:
    """(size, size, 3) uint8 picture of a mesh from its front (−y), turned and raised by so many degrees; z is up, row 0 the upper edge.

    Faces are seen from both sides, so that holes and turned faces show as they are. A mesh without faces, or of places that
    are no numbers, gives the empty ground.
    """
    side = max(int(size), 8) * _FINE
    picture = np.tile(np.array(ground, np.float32) / 255.0, (side, side, 1))
    seen = _seen(mesh, side, _view(turn, rise))
    if seen is not None:
        at, lit = seen
        picture.reshape(-1, 3)[at] = lit
    small = sum(picture[a::_FINE, b::_FINE] for a in range(_FINE) for b in range(_FINE)) / _FINE**2
    return (np.clip(small, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _view(turn: float, rise: float) -> np.ndarray:
    """(3, 3) rows: to the right, up, and to the beholder."""
    a, b = np.deg2rad(turn), np.deg2rad(rise)
    back = np.array([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    return np.stack([right, np.cross(back, right), back])


def _seen(mesh: Mesh, side: int, view: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Places of the picture that show the mesh, and their colours (k, 3); None if it shows nothing."""
    faces = mesh.faces
    finite = np.isfinite(mesh.vertices).all(axis=1)
    if not finite.all():
        faces = faces[finite[faces].all(axis=1)]
    if len(faces) == 0:
        return None
    local = np.where(finite[:, None], mesh.vertices, 0.0).astype(np.float64) @ view.T
    used = local[np.unique(faces)]
    low, high = used.min(axis=0), used.max(axis=0)
    scale = _ROOM * side / max(float((high - low)[:2].max()), 1e-12)
    local = (local - (low + high) / 2.0) * scale
    places = (local[:, :2] * (1.0, -1.0) + (side / 2.0 - 0.5)).astype(np.float64)
    best = _front(places[faces], local[:, 2][faces], side)
    at = np.flatnonzero(best.face >= 0)
    if len(at) == 0:
        return None
    normal = _normals(local, faces, best.face[at], best.shares[at])
    return at, _colours(normal, best.depth, at, side)


@dataclass(frozen=True, eq=False)
class _Front:
    """For each place of the picture the depth and number of the foremost face (−1: none), and the shares of its second and third corner."""

    depth: np.ndarray
    face: np.ndarray
    shares: np.ndarray


def _front(corners: np.ndarray, depth: np.ndarray, side: int) -> _Front:
    """What is foremost at each of ``side`` × ``side`` places: corners (m, 3, 2) in places, depth (m, 3) larger towards the beholder."""
    best = _Front(np.full(side * side, -np.inf, np.float32), np.full(side * side, -1, np.int32), np.zeros((side * side, 2), np.float32))
    winner = np.empty(side * side, np.int64)
    for face, place, b, c in _pairs(corners, side):
        z = (depth[face, 0] * (1.0 - b - c) + depth[face, 1] * b + depth[face, 2] * c).astype(np.float32)
        nearer = np.flatnonzero(z > best.depth[place])
        order = nearer[np.argsort(z[nearer], kind="stable")]
        winner[place[order]] = order  # of several writes to one place the last stays
        kept = order[winner[place[order]] == order]
        at = place[kept]
        best.depth[at], best.face[at] = z[kept], face[kept]
        best.shares[at, 0], best.shares[at, 1] = b[kept], c[kept]
    return best


def _pairs(corners: np.ndarray, side: int) -> Iterator[tuple[np.ndarray, ...]]:
    """In pieces: faces, the places they cover, and the shares of their second and third corner there."""
    one, two, three = corners[:, 0], corners[:, 1], corners[:, 2]
    low = np.ceil(np.minimum(np.minimum(one, two), three)).astype(np.int64).clip(0, side - 1)
    high = np.floor(np.maximum(np.maximum(one, two), three)).astype(np.int64).clip(0, side - 1)
    span = np.maximum(high - low + 1, 0)
    cells = span[:, 0] * span[:, 1]
    order = np.flatnonzero(cells)
    ends = np.cumsum(cells[order])
    begin = 0
    while begin < len(order):
        start = ends[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(ends, start + _PIECE)), begin + 1)
        chosen = order[begin:stop]
        each = cells[chosen]
        face = np.repeat(chosen, each)
        local = np.arange(len(face)) - np.repeat(ends[begin:stop] - start - each, each)
        wide = np.repeat(span[chosen, 1], each)
        column = np.repeat(low[chosen, 0], each) + local // wide
        row = np.repeat(low[chosen, 1], each) + local % wide
        begin = stop
        a = one[chosen]
        u, v = two[chosen] - a, three[chosen] - a
        area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.stack([v[:, 1], -v[:, 0], -u[:, 1], u[:, 0]], axis=1) / area[:, None]
        inverse = np.repeat(inverse, each, axis=0)
        x, y = column - np.repeat(a[:, 0], each), row - np.repeat(a[:, 1], each)
        b, c = x * inverse[:, 0] + y * inverse[:, 1], x * inverse[:, 2] + y * inverse[:, 3]
        inside = np.flatnonzero((b >= -1e-9) & (c >= -1e-9) & (b + c <= 1.0 + 1e-9))
        yield face[inside], (row * side + column)[inside], b[inside], c[inside]


def _normals(local: np.ndarray, faces: np.ndarray, face: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(k, 3) float32 unit normals towards the beholder: soft over a smooth surface, sharp at creases."""
    own = face_normals(local, faces).astype(np.float32)
    own /= np.maximum(np.linalg.norm(own, axis=1), 1e-30)[:, None]
    soft = vertex_normals(local, faces)
    flat = own[face]
    weights = (1.0 - shares.sum(axis=1), shares[:, 0], shares[:, 1])
    normal = np.zeros_like(flat)
    for corner, weight in enumerate(weights):
        there = soft[faces[face, corner]]
        smooth = np.einsum("ij,ij->i", there, flat) > _CREASE
        normal += np.where(smooth[:, None], there, flat) * weight[:, None]
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-30)[:, None]
    return np.where(normal[:, 2:] < 0.0, -normal, normal)


def _colours(normal: np.ndarray, depth: np.ndarray, at: np.ndarray, side: int) -> np.ndarray:
    """(k, 3) float32 colours of gold under one light and a sky; what lies behind its surroundings is darker."""
    sky = _shade(np.where(np.isfinite(depth), depth, depth[at].min()).reshape(side, side), at)
    mirror = 2.0 * normal[:, 2:] * normal - np.array([0, 0, 1], np.float32)
    above = 0.5 + 0.5 * np.clip(mirror @ _SKY, -1.0, 1.0)
    half = _LIGHT / np.linalg.norm(_LIGHT) + np.array([0, 0, 1], np.float32)
    gloss = np.clip(normal @ (half / np.linalg.norm(half)), 0.0, 1.0) ** 40 * 0.5
    lit = 0.18 + 0.36 * above**3
    for towards, amount in ((_LIGHT, 0.54), (_FILL, 0.2), (_BOUNCE, 0.16)):
        lit += amount * np.clip(normal @ towards, 0.0, 1.0)
    tint = np.array([0.95, 1.05, 1.25], np.float32)
    colour = (GOLD * (lit * sky)[:, None]) ** tint + (gloss * sky)[:, None] * np.array([1.0, 0.92, 0.74], np.float32)
    return np.clip(colour, 0.0, 1.0) ** np.float32(0.86)


def _shade(z: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(k,) share of the sky that is open over the places ``at`` of a depth picture, worked out in cells and read softly between them."""
    side = z.shape[0]
    cells = side // _SHADE
    rough = z[: cells * _SHADE, : cells * _SHADE].reshape(cells, _SHADE, cells, _SHADE).mean(axis=(1, 3))
    around = [(blur(rough, reach * cells), reach * side) for reach in (0.012, 0.04)]  # of the picture's side; two scales
    row, column = (np.clip((part + 0.5) / _SHADE - 0.5, 0.0, cells - 1.001) for part in (at // side, at % side))
    i, j = row.astype(np.int64), column.astype(np.int64)
    a, b = (row - i).astype(np.float32), (column - j).astype(np.float32)
    here = z.ravel()[at]
    sky = np.ones(len(at), np.float32)
    for level, reach in around:
        soft = (level[i, j] * (1 - b) + level[i, j + 1] * b) * (1 - a) + (level[i + 1, j] * (1 - b) + level[i + 1, j + 1] * b) * a
        sky /= 1.0 + 0.7 * np.maximum(soft - here, 0.0) / reach
    return sky
