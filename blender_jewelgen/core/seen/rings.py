"""Our rings as convex bodies with a bore: coarse, quick to make, and of the same lengths as the forms they stand for."""

from __future__ import annotations

import numpy as np

from ..form.outlines import outline
from ..form.params import FormParams
from ..form.turned import turned
from .posed import Bored

_AROUND = 64
_LEVELS = 13
_SHANK = 1.7  # mm of metal at the back of the finger, as ``form.plate`` has it


def band(shape: str, diameter: float, width: float, thickness: float) -> Bored:
    """A band of one of our profiles; mm."""
    with np.errstate(invalid="ignore"):  # a fillet's root runs a hair below 0 at its end
        host = turned(FormParams(form="band", shape=shape, size=f"{diameter:.4f} mm", width=width, thickness=thickness, margin=0.0))
    profile = host.outer[np.unique(np.linspace(0, len(host.outer) - 1, _LEVELS).astype(int))]
    level = np.searchsorted(-host.inner[:, 1], -width / 2.0 * np.array([1.0, 0.97, 0.7, 0.0])).clip(0, len(host.inner) - 1)
    radius, height = host.inner[np.unique(level)].T
    rims = _circles(np.concatenate([radius, radius]), np.concatenate([height, -height]))
    return Bored(_circles(*profile.T).reshape(-1, 3), rims)


def signet(shape: str, diameter: float, width: float, length: float, thickness: float, shank: float = _SHANK) -> Bored:
    """A signet ring with its head towards +y; mm."""
    radius = diameter / 2.0
    strip = min(3.6, 0.4 * length)
    head = radius + thickness
    ease = 0.45 * strip
    turn = np.linspace(-np.pi / 2.0, np.pi / 2.0, 7)
    rings = _circles(radius + shank - ease * (1.0 - np.cos(turn)), (strip / 2.0 - ease) * np.sign(np.sin(turn)) + ease * np.sin(turn))
    edge = outline(shape, width, length)[::8]
    low = min(head - 0.75 * thickness, head - 0.62)
    plates = [np.stack([-edge[:, 0] * k, np.full(len(edge), h), edge[:, 1] * k], axis=1) for h, k in ((low, 0.985), (head - 0.15, 1.0), (head, 0.985))]
    points = np.concatenate([rings.reshape(-1, 3), *plates])
    rim = radius * _CIRCLE
    half = _reach(points, rim[: _AROUND // 2 + 1, :2])
    rim[:, 2] = np.concatenate([half, half[-2::-1]])
    return Bored(points, np.stack([rim, rim * (1, 1, -1)]))


_TURN = np.arange(_AROUND + 1) / _AROUND * 2.0 * np.pi
_CIRCLE = np.stack([np.sin(_TURN), np.cos(_TURN), np.zeros(_AROUND + 1)], axis=1)


def _circles(radii: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """(k, m, 3) circles about z."""
    points = radii[:, None, None] * _CIRCLE
    points[..., 2] = heights[:, None]
    return points


_SLOPES = np.tan(np.linspace(-1.45, 1.45, 25))
_PLANES = np.stack([*np.meshgrid(np.concatenate([[0.0], _SLOPES[13::3]]), _SLOPES, indexing="ij"), np.ones((5, 25))], axis=-1).reshape(-1, 3)


def _reach(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How far the hull of points that are alike on both sides of x = 0 reaches along z over places (n, 2): the least over planes that touch it."""
    touching = (points @ _PLANES.T).max(axis=0)
    there = np.stack([np.abs(at[:, 0]), at[:, 1]], axis=1)
    return (touching - there @ _PLANES[:, :2].T).min(axis=1)
