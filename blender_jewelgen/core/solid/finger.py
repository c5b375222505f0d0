"""A finger hole of an exact size through a ring-like body, its wall kept; and the width of a ring along the finger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput, Fix
from ..mesh.arrays import Mesh
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from ..mesh.tree import Tree
from ..relief.axes import Pose, pose

_HOLLOW = 0.05  # share of the width; less is no hole for a finger
_AROUND, _ALONG = 360, 15  # rays from the axis
_WAVES = 10  # of a hole's outline; finer ones are cut
_FILLED = 0.2  # share of the rays that may start in metal
_BITE = 0.15  # share of the wall that is cut at most for the hole to become a cylinder
_LEAST_BITE = 0.01  # mm; so that the cut meets the wall all round
_RESIZED = 1.25  # a hole that is nearer to the wanted one than this keeps its wall in mm
_SEGMENTS = 1440  # of the cylinder: at 10 mm it is 0.02 µm flat
_EDGE = 0.12  # share of the radius that edges are long at most where the hole is made round
_COARSE = 0.08  # share of the longest side; longer edges leave gaps in what is seen of the round
_HOLDS = 0.02  # share of the metal; what a cut parts from the ring may not be more
_THINNEST = 0.3  # mm of wall left


@dataclass(frozen=True, eq=False)
class Hole:
    """A finger hole in its own frame (z along the finger): radius of its wall by angle, its unevenness, and the wall's thickness.

    ``inner`` (360,) mm, smooth; ``rest`` (k,) mm by which the wall's points lie further out; ``wall`` mm, thin parts of the round counting.
    """

    inner: np.ndarray
    rest: np.ndarray
    wall: float

    def at(self, angle: np.ndarray) -> np.ndarray:
        """The hole's radius at angles in radians."""
        return np.interp(angle % (2.0 * np.pi), np.arange(_AROUND + 1) * (2.0 * np.pi / _AROUND), np.append(self.inner, self.inner[0]))


def fitted(mesh: Mesh, diameter: float, size: float | None, width: float | None, known: bool) -> tuple[Mesh, tuple[str, ...], float]:
    """The ring with a cylindrical hole of ``diameter`` mm, what was done, and the diameter that was reached.

    Parameters
    ----------
    mesh : Mesh
        Closed, of one body, with a hole through its middle.
    size : float or None
        Longest side in mm that the ring must keep.
    width : float or None
        Its width along the finger in mm; by default it grows with the ring.
    known : bool
        The mesh came in mm: a ring that has nearly this size is opened or closed like on a mandrel, and keeps its wall in mm.
        Any other is made larger or smaller as a whole.

    The hole is made round first: its wall moves in or out along the radius and what lies on it goes along. Then the cylinder
    is cut, and the wall is stretched by what that takes. Raises BadInput if there is no hole or no wall would be left.
    """
    found = _ring(mesh, "finger")
    local = Mesh((mesh.vertices.astype(np.float64) - found.centre) @ found.frame.T, mesh.faces)
    hole, radius = _hole(local), diameter / 2.0
    mean = float(hole.inner.mean())
    along = width / float(np.ptp(local.vertices[:, 2])) if width is not None else None
    notes: list[str] = []
    resized = known and 1.0 / _RESIZED <= radius / mean <= _RESIZED
    if size is not None:
        factor = _factor(local, found, hole, radius, along, size)
        notes.append(f"the ring was made {size:.1f} mm with a hole of {diameter:.2f} mm; its wall was multiplied by {factor:.2f}")
    elif resized:
        factor = 1.0
        notes.append(f"the hole was {2.0 * mean:.2f} mm and is {diameter:.2f} mm now; the wall was kept")
    else:
        factor = radius / mean
        notes.append(f"the ring was scaled as a whole so that its hole is {diameter:.2f} mm")
    wall = factor * hole.wall
    if wall < _THINNEST:
        raise BadInput(f"the wall round a finger hole of {diameter:.2f} mm would be {wall:.2f} mm thick; ask for a larger size", field="size" if size else "finger")
    bite = float(np.clip(1.05 * np.percentile(factor * hole.rest, 90.0), _LEAST_BITE, _BITE * wall))
    fine = _refined(local, _EDGE * mean)
    moved = _moved(fine.vertices, hole, radius, factor, along if along is not None else factor, bite, wall)
    body = _cut(Mesh(moved, fine.faces), radius)
    if along is not None:
        notes.append(f"it is {width:.2f} mm wide along the finger")
    notes.append(f"a cylinder of {diameter:.2f} mm was cut, at most {bite:.2f} mm deep; the wall is {wall:.2f} mm as before the cut")
    reached = 2.0 * float(np.hypot(body.vertices[:, 0], body.vertices[:, 1]).min())
    return Mesh(body.vertices @ found.frame + found.centre, body.faces), tuple(notes), reached


def widened(mesh: Mesh, width: float) -> tuple[Mesh, tuple[str, ...]]:
    """The ring stretched along the finger until it is ``width`` mm wide. Raises BadInput if there is no hole for a finger."""
    found = _ring(mesh, "width")
    local = (mesh.vertices.astype(np.float64) - found.centre) @ found.frame.T
    before = float(np.ptp(local[:, 2]))
    local[:, 2] *= width / before
    return Mesh(local @ found.frame + found.centre, mesh.faces), (f"the ring is {width:.2f} mm wide along the finger; it was {before:.2f} mm",)


def _ring(mesh: Mesh, field: str) -> Pose:
    found = pose(_refined(mesh, _COARSE * float(mesh.size.max())))
    if found.hollow < _HOLLOW:
        raise BadInput("the piece has no hole through its middle that a finger could go through", field=field, fix=Fix("Leave It Out", '--size "30 mm"'))
    return found


def _hole(local: Mesh) -> Hole:
    """The hole by rays from the axis, at several heights of which the innermost counts."""
    tree = Tree(local.vertices, local.faces)
    low, high = local.vertices[:, 2].min(), local.vertices[:, 2].max()
    angle = np.arange(_AROUND) * (2.0 * np.pi / _AROUND)
    height = low + (high - low) * (np.arange(_ALONG) + 0.5) / _ALONG
    way = np.tile(np.stack([np.cos(angle), np.sin(angle), np.zeros(_AROUND)], axis=1), (_ALONG, 1))
    start = np.zeros((len(way), 3))
    start[:, 2] = np.repeat(height, _AROUND)
    far, face = tree.rays(start, way, first=float(np.hypot(*local.vertices[:, :2].T).max()))
    met = face >= 0
    corners = local.vertices[local.faces[face]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    leaves = met & (np.einsum("ij,ij->i", normal, way) > 0.0)
    if leaves.sum() > _FILLED * met.sum():
        raise BadInput("metal lies in the middle of the hole; a finger hole cannot be found in this piece", field="finger")
    met &= ~leaves
    out, beyond = np.full(len(way), np.inf), np.flatnonzero(met)
    out[beyond], back = tree.rays(start[beyond] + (far[beyond] + 1e-5)[:, None] * way[beyond], way[beyond])
    out[beyond[back < 0]] = np.inf
    radius, depth = (np.where(met, values, np.inf).reshape(_ALONG, _AROUND) for values in (far, out))
    least = radius.min(axis=0)
    there = np.isfinite(least)
    if there.mean() < 0.6:
        raise BadInput("the ring is open over a large part of its round; a finger hole cannot be found in it", field="finger")
    least = np.interp(angle, angle[there], least[there], period=2.0 * np.pi)
    waves = np.fft.rfft(least)
    waves[_WAVES + 1 :] = 0.0
    inner = np.fft.irfft(waves, _AROUND)
    thick = np.where(np.isfinite(depth), depth, 0.0)[np.argmin(radius, axis=0), np.arange(_AROUND)]
    wall = float(np.percentile(thick[thick > 0.0], 25.0)) if (thick > 0.0).any() else 0.0
    rest = (radius - inner)[np.isfinite(radius) & (radius - inner < max(wall, 1e-9))]
    return Hole(inner, rest, wall)


def _moved(points: np.ndarray, hole: Hole, radius: float, factor: float, along: float, bite: float, wall: float) -> np.ndarray:
    """Points with the hole's wall on a circle ``bite`` inside ``radius``, the wall behind it stretched by as much."""
    far = np.hypot(points[:, 0], points[:, 1])
    angle = np.arctan2(points[:, 1], points[:, 0])
    behind = factor * (far - hole.at(angle))
    behind += bite * np.clip(behind / wall, 0.0, 1.0)
    new = np.maximum(radius - bite + behind, 0.2 * radius)
    return np.stack([new * np.cos(angle), new * np.sin(angle), along * points[:, 2]], axis=1)


def _factor(local: Mesh, found: Pose, hole: Hole, radius: float, along: float | None, size: float) -> float:
    """By what the wall is multiplied so that the longest side comes out at ``size`` mm with this hole."""

    def longest(factor: float) -> float:
        moved = _moved(local.vertices, hole, radius, factor, along if along is not None else factor, 0.0, 1.0)
        return float(np.ptp(moved @ found.frame, axis=0).max())

    low, high = 0.02 * radius / float(hole.inner.mean()), 20.0 * radius / float(hole.inner.mean())
    if not longest(low) < size < longest(high):
        raise BadInput(f"a ring of {size:.1f} mm cannot have a hole of {2 * radius:.2f} mm; its longest side must be more", field="size")
    for _ in range(48):
        middle = (low + high) / 2.0
        low, high = (middle, high) if longest(middle) < size else (low, middle)
    return (low + high) / 2.0


def _refined(mesh: Mesh, edge: float) -> Mesh:
    """The mesh with no edge longer than ``edge`` mm, so that it can be bent."""
    length = max(float(np.linalg.norm(mesh.vertices[mesh.faces[:, k]] - mesh.vertices[mesh.faces[:, k - 1]], axis=1).max()) for k in range(3))
    return mesh if length <= edge else from_solid(to_solid(mesh).refine_to_length(edge))


def _cut(body: Mesh, radius: float) -> Mesh:
    """The body less a cylinder along z."""
    import manifold3d

    long = 2.0 * float(np.abs(body.vertices[:, 2]).max()) + 2.0
    solid = to_solid(body) - manifold3d.Manifold.cylinder(long, radius, radius, _SEGMENTS, center=True)
    parts = sorted(solid.decompose(), key=lambda part: -part.volume())
    if not parts or parts[0].volume() < (1.0 - _HOLDS) * solid.volume():
        raise BadInput(f"a finger hole of {2 * radius:.2f} mm would cut the ring apart; its wall is too thin or uneven", field="finger")
    return without_slivers(from_solid(parts[0]))
