"""A height picture lifted on any host: the same few steps for turned forms, plates and imported meshes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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


def spacing_of(relief: ReliefParams, longest: float) -> float:
    """Distance between vertices in mm; on large pieces it grows, so that no piece has more than 3600 along a side."""
    return max(DENSITIES[relief.density], longest / 3600.0)


def tooled(picture: np.ndarray, relief: ReliefParams, pitch: float, spacing: float, periodic: bool) -> np.ndarray:
    """The picture with shoulders a tool can leave, and rounded by two thirds of a vertex spacing against stair-steps.

    ``picture`` is one part of the pattern; what meets its own repeat is tooled as one.
    """
    stacked = relief.across > 1
    picture = draft(picture, relief.draft / pitch, periodic, stacked)
    return blur(picture, 0.66 * spacing / pitch, periodic, stacked) if spacing > 0.6 * pitch else picture


def tiled(picture: np.ndarray, relief: ReliefParams) -> np.ndarray:
    """The whole ornament made of one part of the pattern."""
    return picture if relief.around == relief.across == 1 else np.tile(picture, (relief.across, relief.around))


def lift(
    host: Turned | Plate, where: mapping.Mapping | None, picture: np.ndarray, depth: float, relief: ReliefParams, keep_off: Mesh | None = None
) -> Mesh:
    """The dense body of one of our own forms under a tooled part of the pattern.

    ``depth`` in mm, below 0 it cuts in; ``keep_off`` holds the gems and prongs, in the finished piece's frame.
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
    return solid.close(host, layout, solid.displace(layout, np.float32(depth) * rise), shade)


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
