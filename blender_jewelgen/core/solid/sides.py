"""Both sides of a piece made alike, and one side of it cut flat."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput
from ..mesh.arrays import Mesh
from ..mesh.closed import bodies, compact, edges, largest_body
from ..mesh.inside import cell_size, inside
from ..mesh.quality import measured
from ..mesh.slivers import without_slivers
from ..mesh.solids import from_solid, to_solid
from ..relief.axes import face_frame, pose

_HALF = 0.5  # share of the outline that a back must have to be one
_DEEPEST = 0.5  # share of the thickness that may be cut off to get there
_ON = 1e-7  # share of the longest side by which a vertex may be off the mirror plane
_CELLS = 4e5
_NAMES = "xyz"


def alike(mesh: Mesh, plane: str) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh with one half replaced by the mirror image of the other, the one with more metal; and what was done.

    ``plane`` is "x", "y" or "z" for the plane square to that axis through the middle of the box, "auto" for the plane that the
    mesh is most nearly symmetric in. Raises BadInput if the halves do not hang together.
    """
    if plane == "auto":
        *direction, offset = measured(mesh, wall=False).mirror
        normal = np.array(direction, np.float64)
        offset /= float(np.linalg.norm(normal))
        normal /= np.linalg.norm(normal)
    else:
        normal = np.eye(3)[_NAMES.index(plane)]
        offset = float((mesh.vertices.max(axis=0).astype(np.float64) + mesh.vertices.min(axis=0)) @ normal / 2.0)
    solid = to_solid(mesh)
    halves = [solid.trim_by_plane(tuple(normal * side), offset * side) for side in (1.0, -1.0)]
    volumes = [half.volume() for half in halves]
    if min(volumes) < 1e-3 * max(volumes):
        raise BadInput("all of the piece lies on one side of the mirror plane", field="symmetric")
    whole = _doubled(from_solid(halves[int(np.argmax(volumes))]), normal, offset)
    parts = bodies(whole.faces, len(whole.vertices))[0]
    if not edges(whole.faces, len(whole.vertices)).sound or largest_body(whole).volume < 0.9 * whole.volume:
        raise BadInput("the mirrored halves do not hang together; choose another plane", field="symmetric")
    whole = largest_body(whole) if parts > 1 else whole
    axis = int(np.argmax(np.abs(normal)))
    name = f"the {_NAMES[axis]} axis" if abs(normal[axis]) > 0.9999 else f"({', '.join(f'{part:.2f}' for part in normal)})"
    share = abs(volumes[0] - volumes[1]) / sum(volumes)
    return without_slivers(whole), (f"both sides were made alike across {name}; they differed by {share:.1%} of the metal",)


def _doubled(half: Mesh, normal: np.ndarray, offset: float) -> Mesh:
    """A half that ends at a plane, less its cut face, and its mirror image; they share the vertices on the plane."""
    away = half.vertices @ normal - offset
    on = np.abs(away) <= _ON * float(half.size.max())
    points = half.vertices - np.where(on, away, 0.0)[:, None] * normal
    half = compact(Mesh(points, half.faces), half.faces[~on[half.faces].all(axis=1)])
    away = half.vertices @ normal - offset
    on = np.abs(away) <= _ON * float(half.size.max())
    number = np.arange(len(away), dtype=np.int32)
    number[~on] = len(away) + np.arange(int((~on).sum()), dtype=np.int32)
    image = half.vertices[~on] - 2.0 * away[~on, None] * normal
    return Mesh(np.concatenate([half.vertices, image]), np.concatenate([half.faces, number[half.faces[:, ::-1]]]))


def flattened(mesh: Mesh, side: str, depth: float | None) -> tuple[Mesh, tuple[str, ...]]:
    """The mesh cut flat at its "back" or "front" (as it looks at the beholder) or "bottom" (the lowest in z); and what was done.

    ``depth`` in mm is how much goes; by default as little as makes a flat of half the outline.
    """
    frame = np.eye(3) if side == "bottom" else face_frame(mesh, pose(mesh))
    if side == "front":
        frame = frame * np.array([[1.0], [-1.0], [-1.0]])  # z out of the far side, still right-handed
    height = mesh.vertices.astype(np.float64) @ frame[2]
    low, thick = float(height.min()), float(np.ptp(height))
    cut = _least(Mesh(mesh.vertices.astype(np.float64) @ frame.T, mesh.faces)) if depth is None else depth
    if cut >= thick:
        raise BadInput(f"flat-depth is {cut:g} mm, and the piece is {thick:.2f} mm thick there", field="flat_depth")
    kept = to_solid(mesh).trim_by_plane(tuple(frame[2]), low + cut)
    parts = sorted(kept.decompose(), key=lambda part: -part.volume())
    if not parts or parts[0].volume() < 0.8 * kept.volume():
        raise BadInput(f"cut {cut:.2f} mm deep the piece falls apart; say a smaller flat-depth", field="flat_depth")
    return without_slivers(from_solid(parts[0])), (f"the {side} was cut flat, {cut:.2f} mm of {thick:.2f} mm",)


def _least(mesh: Mesh) -> float:
    """mm from the lowest z at which a cut square to z is half as large as the outline; where none is, at which it is largest in the lower half."""
    grid = inside(mesh, cell_size(mesh, _CELLS))
    area = grid.metal.sum(axis=(0, 1)).astype(float)
    outline = float(grid.metal.any(axis=2).sum())
    layer = np.flatnonzero(area > 0)
    first, last = layer[0], layer[-1]
    height = grid.origin[2] + grid.step * np.arange(len(area)) - float(mesh.vertices[:, 2].min())
    able = np.arange(first, first + max(1, int(_DEEPEST * (last - first + 1))) + 1)
    wide = able[area[able] >= _HALF * outline]
    if not len(wide):
        return float(height[able[np.argmax(area[able])]])
    k = wide[0]
    if k == first:
        return min(0.02, 0.25 * float(np.ptp(mesh.vertices[:, 2])))  # flat already: as much as makes it level
    share = (_HALF * outline - area[k - 1]) / (area[k] - area[k - 1])
    return float(height[k - 1] + share * grid.step)
