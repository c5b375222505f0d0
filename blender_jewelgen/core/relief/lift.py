"""A height picture lifted on any host: the same few steps for turned forms, plates and imported meshes."""

from __future__ import annotations

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..height.draft import draft
from ..height.filters import blur
from ..mesh.arrays import Mesh
from . import generic, mapping, solid
from .params import DENSITIES, ReliefParams
from .plate import raise_plate


def spacing_of(relief: ReliefParams, longest: float) -> float:
    """Distance between vertices in mm; on large pieces it grows, so that no piece has more than 3600 along a side."""
    return max(DENSITIES[relief.density], longest / 3600.0)


def tooled(picture: np.ndarray, relief: ReliefParams, pitch: float, spacing: float, periodic: bool) -> np.ndarray:
    """The picture with shoulders a tool can leave, and rounded by two thirds of a vertex spacing against stair-steps."""
    picture = draft(picture, relief.draft / pitch, periodic)
    return blur(picture, 0.66 * spacing / pitch, periodic) if spacing > 0.6 * pitch else picture


def lift(host: Turned | Plate, where: mapping.Mapping | None, picture: np.ndarray, depth: float, relief: ReliefParams) -> Mesh:
    """The dense body of one of our own forms under a tooled picture; ``depth`` in mm, below 0 cuts in."""
    spacing = spacing_of(relief, max(host.ornament))
    if isinstance(host, Plate):
        return raise_plate(host, picture, depth, relief.fade, spacing)
    layout = solid.grid(host, spacing, relief.fade)
    if where is None or where.kind == "toroidal":
        tall = solid.sample(picture, layout, host.periodic)
        tall *= layout.weight
    else:
        rows, columns = len(layout.row), len(layout.angle)
        plain = solid.displace(layout, np.zeros((rows, columns), np.float32))
        normals = solid.normals(plain, rows, columns, host.periodic)
        tall = mapping.heights(where, picture, plain, normals) * mapping.weights(where, plain, normals, relief.fade)
        tall = tall.reshape(rows, columns) * layout.weight
    shade = tall if depth >= 0 else layout.weight * (1.0 - tall)
    return solid.close(host, layout, solid.displace(layout, np.float32(depth) * tall), shade)


def lift_mesh(host: Mesh, where: mapping.Mapping, picture: np.ndarray, depth: float, relief: ReliefParams) -> generic.Raised:
    """The same on an imported, refined mesh."""
    return generic.raise_mesh(host, where, picture, depth, relief.fade)


def bare(host: Turned, spacing: float) -> Mesh:
    """The closed form without ornament, its vertices about ``spacing`` mm apart."""
    layout = solid.grid(host, spacing, 0.0)
    plain = np.zeros((len(layout.row), len(layout.angle)), np.float32)
    return solid.close(host, layout, solid.displace(layout, plain), plain)
