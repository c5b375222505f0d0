"""The flat side of a form in mm, and where its places lie on the form: what bars, wires, granules and stones are laid out on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..form.plate import Plate
from ..form.turned import Turned
from .solid import Grid, grid

_ROUNDS = 4  # of finding the back along a slanting normal; the error is below a nanometre then


@dataclass(frozen=True, eq=False)
class Bend:
    """A form unrolled.

    u runs along the ornament, v across it from the lower border of the form's outer side, w outward from its bare surface, all in mm.

    Attributes
    ----------
    size : (float, float), mm
        Length and width of the whole outer side; on a plate the box of its outline.
    zone : (float, float), mm
        Where the ornament begins and ends across.
    periodic : bool
        u = length is u = 0.
    """

    host: Turned | Plate
    size: tuple[float, float]
    zone: tuple[float, float]
    periodic: bool
    _layout: Grid | None = None

    @staticmethod
    def of(host: Turned | Plate) -> Bend:
        """The unrolled side of a form."""
        if isinstance(host, Plate):
            return Bend(host, host.size, (0.0, host.size[1]), False)
        return Bend(host, (host.ornament[0], host.profile_length), host.zone, host.periodic, grid(host, 0.05, 0.0))

    def place(self, u: np.ndarray, v: np.ndarray, w: np.ndarray | float) -> np.ndarray:
        """(n, 3) mm in the host's frame of places (n,) each."""
        u, v, w = np.broadcast_arrays(np.asarray(u, np.float64), np.asarray(v, np.float64), np.asarray(w, np.float64))
        if isinstance(self.host, Plate):
            x, y = u - 0.5 * self.size[0], v - 0.5 * self.size[1]
            return np.stack([x, y, self._front(x, y) + w], axis=1)
        radius, height = self.host.along(v)
        out, up = self.host.normals(v)
        angle, squeeze = self._turn(u)
        r = radius + w * out
        return np.stack([r * np.cos(angle), r * np.sin(angle), (height + w * up) * squeeze], axis=1)

    def frames(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors (n, 3) along, across and outward at places of the bare surface."""
        step = 1e-4
        along = self.place(u + step, v, 0.0) - self.place(u - step, v, 0.0)
        across = self.place(u, v + step, 0.0) - self.place(u, v - step, 0.0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        normal = np.cross(along, across)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return along, np.cross(normal, along), normal

    def inner(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(n,) mm, below 0: how far behind a place the form's own back lies, along the normal."""
        if isinstance(self.host, Plate):
            x, y = np.asarray(u) - 0.5 * self.size[0], np.asarray(v) - 0.5 * self.size[1]
            return -self._front(x, y)
        radius, height = self.host.along(np.asarray(v, np.float64))
        out, up = self.host.normals(np.asarray(v, np.float64))
        skin = self.host.inner[::-1]
        w = np.interp(height, skin[:, 1], skin[:, 0]) - radius
        for _ in range(_ROUNDS):
            w = (np.interp(height + w * up, skin[:, 1], skin[:, 0]) - radius) / np.maximum(out, 0.2)
        return w

    def _front(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Height of a plate's bare front, its edge not rounded."""
        width, length = self.size
        return self.host.thickness + self.host.dome * (1.0 - 4.0 * ((x / width) ** 2 + (y / length) ** 2)).clip(0.0) ** 2

    def _turn(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Angle, and share of the full profile height, which is less at the ends of a cuff."""
        share = u / self.size[0]
        if self.periodic:
            return share * 2.0 * np.pi, np.ones_like(share)
        half = np.deg2rad(self.host.arc) / 2.0
        squeeze = np.interp(share, self._layout.column, self._layout.squeeze)
        return np.pi / 2.0 + (2.0 * share - 1.0) * half, squeeze
