"""A piece before its ornament, and what an ornament needs to know at each of its vertices: the twin of the live relief in Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from ..mesh.arrays import Mesh
from ..mesh.contour import between
from ..mesh.normals import vertex_normals
from . import mapping, solid
from .assemble import looking, poses
from .fade import ramp
from .lift import tiled
from .params import ReliefParams
from .plate import look_up, sheet

_OUT = -1.0  # mm: the rim of what is no place for ornament


@dataclass(frozen=True, eq=False)
class Bare:
    """One of our own forms in its final pose, without ornament.

    Attributes
    ----------
    mesh : Mesh
        The whole piece: pairs mirrored, with bail or shank. Parts overlap where they will be soldered.
    uv : (n, 2) float32
        Where each vertex lies on the whole ornament, to the right and upward, 0..1.
    lift : (n, 3) float32
        How far it moves for 1 mm of depth where the ornament stands in full; 0 where there is never any.
    rim : (n,) float32
        mm inside the border of the ornament, below 0 outside.
    wrap : bool
        The ornament joins its own beginning: u = 1 is u = 0.
    """

    mesh: Mesh
    uv: np.ndarray
    lift: np.ndarray
    rim: np.ndarray
    wrap: bool = False

    @property
    def corners(self) -> np.ndarray:
        """(m, 3, 2) float32: ``uv`` at the corners of the faces; faces that close a ring run on to u = 1."""
        place = self.uv[self.mesh.faces]
        if self.wrap:
            u = place[..., 0]
            u[(np.ptp(u, axis=1) > 0.5)[:, None] & (u < 0.5)] += 1.0
        return place


def bare_piece(host: Turned | Plate, spacing: float) -> Bare:
    """The bare form with vertices about ``spacing`` mm apart, the same ones that ``lift`` moves at that spacing."""
    return _turned(host, spacing) if isinstance(host, Turned) else _plate(host, spacing)


def moved(
    bare: Bare, picture: np.ndarray, depth: float, relief: ReliefParams, keep: np.ndarray | float = 1.0, where: mapping.Mapping | None = None
) -> np.ndarray:
    """(n, 3) float32 vertices under an ornament.

    Parameters
    ----------
    picture : (h, w) float32 in [0, 1]
        One tooled part of the pattern; row 0 is the upper edge.
    depth : float
        mm from black to white, below 0 it cuts in.
    relief : ReliefParams
        Its ``mid``, ``fade``, ``around``, ``across`` and ``outer``.
    keep : (n,) float32 or float
        Share of the depth that is kept beside gems and prongs.
    where : Mapping, optional
        Of a turned form whose pattern does not follow it: its heights take the place of those at ``uv``, its weights multiply.
    """
    picture, points = tiled(picture, relief), bare.mesh.vertices.astype(np.float32)
    share = ramp(bare.rim, relief.fade) * np.asarray(keep, np.float32)
    if where is None or where.kind == "toroidal":
        high = look_up(picture, bare.uv, bare.wrap)
    else:
        normals = vertex_normals(points, bare.mesh.faces)
        high = mapping.heights(where, picture, points, normals)
        share *= mapping.weights(where, points, normals, relief.fade, relief.outer)
    rise = np.float32(depth) * (high - np.float32(relief.mid)) * share
    return points + rise[:, None] * bare.lift


def _turned(host: Turned, spacing: float) -> Bare:
    layout = solid.grid(host, spacing, 0.0)
    rows, columns, inner = len(layout.row), len(layout.angle), len(host.inner)
    flat = np.zeros((rows, columns), np.float32)
    mesh = solid.close(host, layout, solid.displace(layout, flat), flat)
    up = np.concatenate([1.0 - layout.row, np.linspace(1.0, 0.0, inner)])
    place = np.stack([np.tile(layout.column, rows + inner), np.repeat(up, columns)], axis=1).astype(np.float32)
    lift = np.concatenate([solid.ways(layout), np.zeros((inner * columns, 3), np.float32)])
    rim = np.repeat(np.concatenate([layout.rim, np.full(inner, _OUT, np.float32)]), columns)
    return Bare(Mesh(mesh.vertices, mesh.faces), place, lift, rim, host.periodic)


def _plate(host: Plate, spacing: float) -> Bare:
    base = sheet(host, spacing)
    vertices, faces = between(base.back, base.front, base.region)
    mesh = looking(host, Mesh(vertices.astype(np.float32), faces))
    out = np.zeros_like(vertices)
    out[: len(base.front), 2] = 1.0
    lift = [b - a for a, b in zip(poses(host, np.zeros_like(vertices)), poses(host, out))]
    rest = sum(len(part.vertices) for part in host.added)
    count = len(lift)
    own = np.concatenate([base.uv, base.uv, np.full((rest, 2), 0.5, np.float32)])
    rim = np.concatenate([base.rim, np.full(len(base.rim) + rest, _OUT, np.float32)])
    ways = np.concatenate([np.concatenate([way, np.zeros((rest, 3))]) for way in lift])
    return Bare(Mesh(mesh.vertices, mesh.faces), np.tile(own, (count, 1)), ways.astype(np.float32), np.tile(rim, count))
