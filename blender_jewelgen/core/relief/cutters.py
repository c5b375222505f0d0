"""Openwork on an imported body: the pattern's openings as prisms, bent the way the pattern lies on it, and cut out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..mesh.arrays import Mesh
from ..mesh.closed import bodies, largest_body
from ..mesh.contour import area
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from ..mesh.tree import Tree
from ..pattern.web import Web, web_of
from .fuse import uncrossed
from .mapping import Mapping, coordinates
from .params import CraftParams

_BEYOND = 1.0  # mm that a cutter reaches beyond the body
_STEP = 0.4  # mm between the corners of a cutter, so that it bends
_FINE = 0.004  # mm within which its outline may be simplified
_HOLLOW = {"toroidal": 0.3, "cylindrical": 0.3, "spherical": 0.6}  # share of a body's radius that must be free round its axis, or its middle
_ASIDE = (0.0, 1.1e-3, -1.7e-3)  # mm: how far cutters are moved where faces met badly
_SLOTS = 256  # heights at which a turned body's outer radius is read


@dataclass(frozen=True, eq=False)
class _Way:
    """How a place of the pattern lies on the body: ``start`` and ``end`` mm along a cutter, ``place(u, v, w)`` to the body's own frame."""

    mapping: Mapping
    start: float
    end: float
    height: np.ndarray  # on a turned body's outer side
    across: np.ndarray  # v of the pattern there, rising

    def place(self, places: np.ndarray) -> np.ndarray:
        """(n, 3) mm of places (u, v, w), w from ``start`` to ``end``."""
        where, (u, v, w) = self.mapping, places.T
        if where.kind == "planar":
            local = np.stack([u - 0.5 * where.size[0], v, w], axis=1)
        elif where.kind == "spherical":
            turn, lean = u / where.size[0] * 2.0 * np.pi, v / where.radius
            local = w[:, None] * np.stack([np.cos(lean) * np.cos(turn), np.cos(lean) * np.sin(turn), np.sin(lean)], axis=1)
        else:
            turn = u / where.size[0] * 2.0 * np.pi
            local = np.stack([w * np.cos(turn), w * np.sin(turn), np.interp(v, self.across, self.height)], axis=1)
        return local @ where.frame + where.centre


def reason_against(mesh: Mesh, where: Mapping) -> str:
    """Why this body cannot be pierced through the pattern's openings; empty if it can."""
    if where.kind in ("triplanar", "uv"):
        return f"a mapping {where.kind} has no direction that openings could go through"
    if where.kind == "planar":
        return ""
    far = _far(mesh, where)
    if far.min() < _HOLLOW[where.kind] * far.max():
        return "the body is not hollow in its middle"
    return ""


def field_of(mesh: Mesh, where: Mapping, picture: np.ndarray, craft: CraftParams) -> Web:
    """The metal of the whole pattern (h, w) on a body that can be pierced, its bars wide enough on the inner side, too. Raises BadInput as ``web_of``."""
    rows, columns = picture.shape
    pitch = where.size[0] / columns
    if where.kind == "planar":
        edge = where.outline
        if edge is not None and edge.shape != picture.shape:
            from ..height.filters import resize

            edge = resize(edge, rows, columns)
        return web_of(picture, pitch, False, craft, edge)
    far = _far(mesh, where)
    wider = float(np.clip(far.max() / far.min(), 1.0, 2.0))
    return web_of(picture, pitch, where.wrap, replace(craft, web=min(craft.web * wider, 5.0), opening=min(craft.opening * wider, 5.0)))


def pierced(mesh: Mesh, where: Mapping, metal: np.ndarray) -> tuple[Mesh, tuple[str, ...]]:
    """The body without what lies under the openings of a pattern; one part, closed.

    Parameters
    ----------
    metal : (h, w) float32, mm
        Signed distance to the nearest opening of the whole pattern, as ``field_of`` gives it; row 0 is the upper edge.
    """
    import manifold3d

    way, solid = _way(mesh, where), to_solid(mesh, relief=True)
    outlines = _openings(metal, where)
    if not outlines:
        return mesh, ("no opening of the pattern lies on the body: it is made as relief",)
    prism = manifold3d.CrossSection(outlines, manifold3d.FillRule.EvenOdd).simplify(_FINE).extrude(way.end - way.start).refine_to_length(_STEP)
    cutter = prism.warp_batch(lambda places: way.place(places + (0.0, 0.0, way.start)))
    result, rng = mesh, np.random.default_rng(0)
    for aside in _ASIDE:
        result = without_slivers(from_solid(solid - cutter.translate((aside, -0.7 * aside, 0.4 * aside))))
        sound = uncrossed(result, np.ones(len(result.faces), bool), rng)
        if sound is not None:
            result = sound
            break
    count = bodies(result.faces, len(result.vertices))[0]
    if count == 1:
        return result, ()
    kept, loose = largest_body(result), count - 1
    return kept, (f"{loose} loose bit{'s' if loose > 1 else ''} of {max(result.volume - kept.volume, 0.0):.3g} mm³ fell out of the openings",)


def _openings(metal: np.ndarray, where: Mapping) -> list[np.ndarray]:
    """Outlines (n, 2) of the openings, u and v in mm; one that runs over the seam is there once, whole."""
    rows, columns = metal.shape
    pad = columns // 2 if where.wrap else 0
    wide = np.concatenate([metal[:, columns - pad :], metal, metal[:, :pad]], axis=1) if pad else metal
    region = area(-wide)
    after, found = dict(region.rim.tolist()), []
    while after:
        at = next(iter(after))
        line = []
        while at in after:
            line.append(at)
            at = after.pop(at)
        points = region.points[line] - (pad, 0.0)
        if len(points) < 3 or (pad and not 0.0 <= points[:, 0].mean() < columns):
            continue
        u, v = (points[:, 0] + 0.5) / columns * where.size[0], (0.5 - (points[:, 1] + 0.5) / rows) * where.size[1]
        found.append(np.stack([u, v], axis=1))
    return found


def _way(mesh: Mesh, where: Mapping) -> _Way:
    local = _local(mesh, where)
    nothing = np.zeros(2)
    if where.kind == "planar":
        return _Way(where, float(local[:, 2].min()) - _BEYOND, float(local[:, 2].max()) + _BEYOND, nothing, nothing)
    far = _far(mesh, where)
    start, end = 0.5 * float(far.min()), float(far.max()) + _BEYOND
    if where.kind == "spherical":
        return _Way(where, start, end, nothing, nothing)
    height = np.linspace(local[:, 2].min(), local[:, 2].max(), _SLOTS)
    radius = _outer(mesh, where, height)
    points = np.stack([radius, np.zeros(_SLOTS), height], axis=1) @ where.frame + where.centre
    across = np.maximum.accumulate(coordinates(where, points)[:, 1].astype(np.float64))
    rising = np.concatenate([[True], np.diff(across) > 1e-9])
    return _Way(where, start, end, height[rising], across[rising])


def _outer(mesh: Mesh, where: Mapping, height: np.ndarray) -> np.ndarray:
    """(k,) the outer radius at these heights: the furthest of eight directions."""
    turn = np.arange(8) / 8.0 * 2.0 * np.pi + 0.1
    way = np.stack([np.cos(turn), np.sin(turn), np.zeros(8)], axis=1)
    reach = float(_far(mesh, where).max()) + 1.0
    flat = np.array([0.0, 0.0, 1.0])
    inside = np.clip(height, height[0] + 1e-3, height[-1] - 1e-3)
    starts = (reach * way[:, None] + inside[None, :, None] * flat).reshape(-1, 3) @ where.frame + where.centre
    ways = np.repeat(-way, len(height), axis=0) @ where.frame
    met = Tree(mesh.vertices, mesh.faces).rays(starts, ways, limit=reach)[0].reshape(8, -1)
    radius = np.where(np.isfinite(met), reach - met, 0.0).max(axis=0)
    known = radius > 0.0
    return np.interp(height, height[known], radius[known])


def _far(mesh: Mesh, where: Mapping) -> np.ndarray:
    """(n,) mm from the axis of turning, or from the middle of a ball."""
    local = _local(mesh, where)
    return np.linalg.norm(local, axis=1) if where.kind == "spherical" else np.hypot(local[:, 0], local[:, 1])


def _local(mesh: Mesh, where: Mapping) -> np.ndarray:
    return (mesh.vertices.astype(np.float64) - where.centre) @ where.frame.T
