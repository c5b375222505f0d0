"""A height picture lifted on any host: the same few steps for turned forms, plates and imported meshes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import BadInput
from ..form.plate import Plate
from ..form.turned import Turned
from ..height.draft import draft
from ..height.filters import blur
from ..mesh.arrays import Mesh
from . import generic, mapping, solid
from .assemble import poses
from .clear import clearance
from .params import DENSITIES, ReliefParams
from .plate import raise_plate

_CRISP = 0.3  # of the draft: shoulders of letters
_INSIDE, _FAINTEST = 0.3, 0.12  # mm deep: letters on the finger side, and the shallowest that can be read


def spacing_of(relief: ReliefParams, longest: float) -> float:
    """Distance between vertices in mm; on large pieces it grows, so that no piece has more than 3600 along a side."""
    return max(DENSITIES[relief.density], longest / 3600.0)


def tooled(picture: np.ndarray, relief: ReliefParams, pitch: float, spacing: float, periodic: bool, letters: np.ndarray | None = None) -> np.ndarray:
    """The picture with shoulders a tool can leave, and rounded by two thirds of a vertex spacing against stair-steps.

    ``picture`` is one part of the pattern; what meets its own repeat is tooled as one. ``letters`` (h, w) is the distance in mm
    inside the room of lettering, whose edges are left crisper.
    """
    stacked = relief.across > 1
    soft = draft(picture, relief.draft / pitch, periodic, stacked)
    if letters is not None and relief.draft > 0:
        crisp = draft(picture, _CRISP * relief.draft / pitch, periodic, stacked)
        soft = soft + np.clip(letters / np.float32(_CRISP * relief.draft), 0.0, 1.0) * (crisp - soft)
    picture = soft
    return blur(picture, 0.66 * spacing / pitch, periodic, stacked) if spacing > 0.6 * pitch else picture


def tiled(picture: np.ndarray, relief: ReliefParams) -> np.ndarray:
    """The whole ornament made of one part of the pattern."""
    return picture if relief.around == relief.across == 1 else np.tile(picture, (relief.across, relief.around))


def lift(
    host: Turned | Plate, where: mapping.Mapping | None, picture: np.ndarray, depth: float, relief: ReliefParams, keep_off: Mesh | None = None,
    inside: np.ndarray | None = None,
) -> Mesh:  # fmt: skip
    """The dense body of one of our own forms under a tooled part of the pattern.

    ``depth`` in mm, below 0 it cuts in; ``keep_off`` holds the gems and prongs, in the finished piece's frame; ``inside`` (h, w)
    is what is engraved on the finger side of a turned form, 1 the deepest.
    """
    spacing = spacing_of(relief, max(host.ornament))
    picture, keep = tiled(picture, relief), _keeping(host, relief, keep_off)
    if isinstance(host, Plate):
        return raise_plate(host, picture, depth, relief.fade, spacing, relief.mid, keep)
    layout = solid.grid(host, spacing, relief.fade)
    rows, columns = len(layout.row), len(layout.angle)
    flat = where is None or where.kind == "toroidal"
    plain = None if flat and keep is None else solid.displace(layout, np.zeros((rows, columns), np.float32))
    weight = layout.weight
    if keep is not None:
        weight = weight * keep(plain).reshape(rows, columns)
    if flat:
        tall = solid.sample(picture, layout, host.periodic)
    else:
        normals = solid.normals(plain, rows, columns, host.periodic)
        tall = mapping.heights(where, picture, plain, normals).reshape(rows, columns)
        weight = weight * mapping.weights(where, plain, normals, relief.fade, relief.outer).reshape(rows, columns)
    rise = tall - np.float32(relief.mid)
    rise *= weight
    shade = rise + np.float32(relief.mid) if depth >= 0 else layout.weight * (1.0 - tall * weight)
    outside = solid.displace(layout, np.float32(depth) * rise)
    if inside is None:
        return solid.close(host, layout, outside, shade)
    cut = inside_depth(host, depth * (1.0 - relief.mid if depth < 0 else -relief.mid))
    soft = blur(inside, 0.5 * spacing * inside.shape[1] / (np.deg2rad(host.arc) * host.inner_diameter / 2.0), host.periodic)
    return solid.close(host, layout, outside, shade, soft, cut)


def inside_depth(host: Turned, outer: float = 0.0) -> float:
    """How deep letters on the finger side are cut, mm; ``outer`` below 0 is what ornament takes from the metal outside.

    As usual, but no more than a third of the metal that is left. Raises BadInput where that is too little to be seen.
    """
    depth = min(_INSIDE, (host.wall + min(outer, 0.0)) / 3.0)
    if depth < _FAINTEST:
        raise BadInput(f"thickness leaves {host.wall + min(outer, 0.0):.2f} mm of metal; text on the inside needs at least {3 * _FAINTEST:.2f} mm", field="thickness")
    return depth


def lift_mesh(
    host: Mesh, where: mapping.Mapping, picture: np.ndarray, depth: float, relief: ReliefParams, keep_off: Mesh | None = None
) -> generic.Raised:
    """The same on an imported, refined mesh."""
    picture, keep = tiled(picture, relief), _keeping(host, relief, keep_off)
    return generic.raise_mesh(host, where, picture, depth, relief.fade, relief.mid, relief.outer, keep)


def _keeping(host: Turned | Plate | Mesh, relief: ReliefParams, keep_off: Mesh | None) -> Callable[[np.ndarray], np.ndarray] | None:
    """Shares of the depth at places of the host's own frame; what is kept clear on one of a pair is kept clear on both."""
    if keep_off is None or not len(keep_off.faces):
        return None
    return lambda points: np.minimum.reduce([clearance(p, keep_off, relief.clear, relief.fade) for p in poses(host, points)])
