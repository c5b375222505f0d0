"""Pictures of several views become one texture, blended by angle; what a view shows, as guides for drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .projection_fill import Carried, grown
from .projection_raster import Covered, cover
from .projection_views import View

_EDGE = 0.12  # of the cosine over which a view fades out before its limit
_STEEP = 0.05  # cosine below which depths of neighbouring pixels say nothing
_SOFT = 3  # px from where one thing stands before another over which a view counts less
_LEAST = 0.05  # of its weight that is left right at such a place, for wires that are all rim
_PART = 1_000_000  # texels worked on at once
_LOOKING = "looking at the object"
MOST = 4096  # px a side of a picture that is projected


@dataclass(frozen=True, eq=False)
class Body:
    """A mesh as it stands in the world: (v, 3) points, (m, 3) faces, (m, 3, 3) unit normals at its corners, (m, 3, 2) UV."""

    points: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    uv: np.ndarray | None = None

    @property
    def flat_normals(self) -> np.ndarray:
        """(m, 3) unit normals of the faces; on the side of the corners' normals."""
        a, b, c = (self.points[self.faces[:, k]] for k in range(3))
        across = np.cross(b - a, c - a)
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-30)
        side = np.where(np.einsum("mk,mk->m", across, self.normals.sum(axis=1)) < 0.0, -1.0, 1.0)
        return across * side[:, None]


@dataclass(frozen=True, eq=False)
class Shot:
    """A view and its picture (h, w, 3 or 4) float32, row 0 the upper edge; the fourth value is how much is there."""

    view: View
    picture: np.ndarray


@dataclass(frozen=True, kw_only=True)
class BakeParams:
    """How pictures are joined: texture size, sharpness k of cos^k, steepest angle in degrees, margin in px."""

    size: int = 1024
    sharpness: float = 4.0
    limit: float = 80.0
    margin: int = 8


@dataclass(frozen=True, eq=False)
class Baked:
    """(size, size, 3) float32, row 0 the UPPER edge; which texels a face covers; the shares of those that no view saw and that lie on one another."""

    picture: np.ndarray
    covered: np.ndarray
    unseen: float
    twice: float


def sight(body: Body, view: View, size: tuple[int, int]) -> tuple[Covered, np.ndarray]:
    """What each pixel of a view shows, and its distance along the look, (h, w) float64, inf where there is nothing."""
    place, distance = view.seen(body.points, size)
    ahead = np.ones(len(body.faces), bool) if view.flat else (distance[body.faces] > 1e-6).all(axis=1)
    corners = place[body.faces]
    corners[~ahead] = np.nan
    with np.errstate(divide="ignore"):
        near = -distance if view.flat else 1.0 / np.maximum(distance, 1e-9)
    found = cover(corners, size, near[body.faces])
    far = np.full(found.face.shape, np.inf)
    value = found.values(near[:, None], body.faces)[:, 0]
    far[found.there] = -value if view.flat else 1.0 / np.maximum(value, 1e-30)
    return found, far


def guides(body: Body, view: View, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) float32 depth, 1 nearest and 0 farthest or nothing, and (h, w, 3) float32 colours of the normals as the eye sees them."""
    found, far = sight(body, view, size)
    there = found.there
    depth = np.zeros(there.shape, np.float32)
    normal = np.broadcast_to(np.float32([0.5, 0.5, 1.0]), (*there.shape, 3)).copy()
    if there.any():
        low, high = float(far[there].min()), float(far[there].max())
        depth[there] = 1.0 - 0.95 * (far[there] - low) / max(high - low, 1e-12)  # the farthest point is not nothing
        turned = found.values(body.normals) @ view.eye[:3, :3].T
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-30)
        normal[there] = 0.5 + 0.5 * turned
    return depth, normal


def bake(body: Body, shots: list[Shot], params: BakeParams) -> Iterator[tuple[float, str] | Baked]:
    """(share, what is done) after each step, and at last the ``Baked``."""
    assert body.uv is not None
    size = params.size
    place = np.stack([body.uv[..., 0] * size, (1.0 - body.uv[..., 1]) * size], axis=-1)
    texels = cover(place, (size, size), touch=True)
    yield 0.1, _LOOKING
    there = texels.there
    face, share = texels.face[there], texels.share[there]
    parts = [slice(start, start + _PART) for start in range(0, len(face), _PART)]
    flat = body.flat_normals
    total, weight, trust = np.zeros((len(face), 3), np.float32), np.zeros(len(face), np.float32), np.zeros(len(face), np.float32)
    for number, shot in enumerate(shots):
        sights = _Sight(body, shot)
        yield 0.1 + 0.65 * (number + 0.3) / len(shots), _LOOKING
        for part in parts:
            points, normals = _on(body, face[part], share[part])
            colour, power, sure = _seen(sights, points, normals, flat[face[part]], params)
            total[part] += power[:, None] * colour
            weight[part] += power
            trust[part] = np.maximum(trust[part], sure)
            yield 0.1 + 0.65 * (number + 1) / len(shots), _LOOKING
    colours = np.where(weight[:, None] > 0.0, total / np.maximum(weight, 1e-30)[:, None], np.float32(0.5))
    trust[weight <= 0.0] = 0.0
    lacking = np.flatnonzero(trust < 1.0)
    if len(lacking) and (trust > 0.0).any():
        near = Carried(body.points)
        for part in parts:
            known = np.flatnonzero(trust[part] > 0.0) + part.start
            near.add(_on(body, face[known], share[known])[0], colours[known], trust[known])
        near.close()
        for start in range(0, len(lacking), _PART):
            at = lacking[start : start + _PART]
            held = trust[at][:, None]
            colours[at] = held * colours[at] + (1.0 - held) * near.at(_on(body, face[at], share[at])[0])
            yield 0.8, "filling what nobody sees"
    yield 0.9, "filling the borders"
    picture = np.zeros((size, size, 3), np.float32)
    picture[there] = colours
    yield Baked(grown(picture, there, params.margin), there, float((trust <= 0.0).mean()) if len(trust) else 0.0, texels.twice)


def _on(body: Body, face: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) points and unit normals of the surface."""
    weights = share.astype(np.float64)
    points = np.einsum("nc,nck->nk", weights, body.points[body.faces[face]])
    normals = np.einsum("nc,nck->nk", weights, body.normals[face])
    return points, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)


class _Sight:
    """A shot with what its pixels show: distances (h, w), inf where there is nothing, and how far they can be trusted (h, w)."""

    def __init__(self, body: Body, shot: Shot) -> None:
        self.view, self.picture = shot.view, shot.picture
        self.size = shot.picture.shape[1], shot.picture.shape[0]
        _, self.far = sight(body, shot.view, self.size)
        self.soft = _softened(shot.view, self.far, self.size)


def _seen(
    sights: _Sight, points: np.ndarray, normals: np.ndarray, flat: np.ndarray, params: BakeParams
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one view at n points: (n, 3) colours, (n,) weights cos^k, and (n,) how surely it sees them, 0 to 1."""
    view, picture, size, far, soft = sights.view, sights.picture, sights.size, sights.far, sights.soft
    place, distance = view.seen(points, size)
    eye = view.towards(points)
    cosine = np.einsum("nk,nk->n", normals, eye)
    facing = np.einsum("nk,nk->n", flat, eye)
    least = np.cos(np.radians(params.limit))
    edge = np.clip((cosine - least) / _EDGE, 0.0, 1.0)
    edge = edge * edge * (3.0 - 2.0 * edge)
    inside = (place >= 0.0).all(axis=1) & (place <= size).all(axis=1) & (distance > 0.0) & (edge > 0.0) & (facing > 1e-3)
    colour, power, sure = np.zeros((len(points), 3)), np.zeros(len(points)), np.zeros(len(points))
    at = np.flatnonzero(inside)
    if not len(at):
        return colour, power, sure
    pixel = view.footprint(distance[at], size)
    steep = np.maximum(facing[at], _STEEP)
    slack = pixel * (1.0 + 1.5 * np.sqrt(1.0 - np.minimum(steep, 1.0) ** 2) / steep)
    taken, there, gentle = np.zeros((len(at), 3)), np.zeros(len(at)), np.zeros(len(at))
    x, y = place[at, 0] - 0.5, place[at, 1] - 0.5
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    for down in (0, 1):
        for right in (0, 1):
            c, r = np.clip(column + right, 0, size[0] - 1), np.clip(row + down, 0, size[1] - 1)
            tap = np.abs((x - column) - (1 - right)) * np.abs((y - row) - (1 - down))
            tap = np.where(np.abs(far[r, c] - distance[at]) <= slack, tap, 0.0)
            value = picture[r, c]
            if value.shape[1] == 4:
                tap = tap * value[:, 3]
            taken += tap[:, None] * value[:, :3]
            there += tap
            gentle += tap * soft[r, c]
    colour[at] = taken / np.maximum(there, 1e-30)[:, None]
    held = there > 1e-3
    sure[at] = np.where(held, edge[at] * np.maximum(gentle / np.maximum(there, 1e-30), _LEAST), 0.0)
    power[at] = there * sure[at] * cosine[at] ** params.sharpness
    return colour, power, sure


def _softened(view: View, far: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w) float: 0 at the rim of what is seen, and behind the rim of what stands before it, where pictures are least true; 1 a few px away."""
    there = np.isfinite(far)
    if not there.any():
        return np.ones(far.shape)
    step = view.footprint(np.where(there, far, 0.0), size) * 12.0
    bad = ~there
    for axis in (0, 1):
        for way in (1, -1):
            beside = np.roll(far, way, axis)
            bad |= there & (np.where(there, far, 0.0) - beside > step)
    near = np.zeros(far.shape)
    grown_bad = bad
    for _ in range(_SOFT):
        near += grown_bad
        grown_bad = grown_bad | np.roll(grown_bad, 1, 0) | np.roll(grown_bad, -1, 0) | np.roll(grown_bad, 1, 1) | np.roll(grown_bad, -1, 1)
    return 1.0 - near / _SOFT
