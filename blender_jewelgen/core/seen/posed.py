"""A convex body with a finger hole bored through it, as a camera sees it: how far outline and hole reach in every direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .traced import angles

_CAMERA = 300.0  # mm: some fourteen times a ring's size
_NORMALS = 96  # directions in which the hull is felt


@dataclass(frozen=True, eq=False)
class Bored:
    """A piece in mm, the finger along z: points (n, 3) whose convex hull is its body, and curves (k, m, 3) round its bore that bound the view through it."""

    points: np.ndarray
    rims: np.ndarray


@dataclass(frozen=True)
class Pose:
    """How a piece lies in a picture: ``away`` turns it about y, ``raised`` about x, ``rolled`` in the picture, radians; px, y down."""

    x: float
    y: float
    scale: float  # px a mm
    away: float
    raised: float = 0.0
    rolled: float = 0.0

    def seen(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) px of points (n, 3) in mm, from as far away as pieces are photographed from."""
        c, s = np.cos(self.away), np.sin(self.away)
        x, depth = c * points[:, 0] + s * points[:, 2], c * points[:, 2] - s * points[:, 0]
        y = np.cos(self.raised) * points[:, 1] - np.sin(self.raised) * depth
        nearer = np.sin(self.raised) * points[:, 1] + np.cos(self.raised) * depth
        scale = self.scale / (1.0 - nearer / _CAMERA)
        c, s = np.cos(self.rolled), np.sin(self.rolled)
        return np.stack([self.x + scale * (c * x - s * y), self.y - scale * (s * x + c * y)], axis=1)


_TURN = angles()
_RAYS = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)
_SIGNED = np.mod(_TURN + np.pi, 2.0 * np.pi) - np.pi
_FELT = np.arange(_NORMALS) / _NORMALS * 2.0 * np.pi
_NORMAL = np.stack([np.cos(_FELT), np.sin(_FELT)])
_FACING = _RAYS @ _NORMAL
_TOWARDS = np.where(_FACING > 0.05, 1.0 / np.maximum(_FACING, 0.05), np.inf)


def outline(body: Bored, pose: Pose) -> np.ndarray:
    """(n,) px from the picture's origin to the outline in every direction; 0 where the origin lies outside."""
    support = (pose.seen(body.points) @ _NORMAL).max(axis=0)
    return np.maximum((np.maximum(support, 0.0) * _TOWARDS).min(axis=1), 0.0) if (support > 0.0).all() else np.zeros(len(_RAYS))


def hole(body: Bored, pose: Pose) -> np.ndarray:
    """(n,) px from the origin to the edge of what is seen through the bore."""
    loops = pose.seen(body.rims.reshape(-1, 3)).reshape(*body.rims.shape[:2], 2)
    turn, far = np.arctan2(loops[..., 1], loops[..., 0]), np.hypot(loops[..., 0], loops[..., 1])
    step = np.diff(turn, axis=1)
    step -= 2.0 * np.pi * np.rint(step / (2.0 * np.pi))
    if (np.abs(np.abs(step.sum(axis=1)) - 2.0 * np.pi) > 0.5).any():  # a curve that does not go round the origin
        return np.zeros(len(_TURN))
    reached = np.full(len(_TURN), np.inf)
    for at, length in zip(turn, far):
        order = np.argsort(at)
        at, length = at[order], length[order]
        at, length = np.concatenate([[at[-1] - 2.0 * np.pi], at, [at[0] + 2.0 * np.pi]]), np.concatenate([length[-1:], length, length[:1]])
        reached = np.minimum(reached, np.interp(_SIGNED, at, length))
    return reached
