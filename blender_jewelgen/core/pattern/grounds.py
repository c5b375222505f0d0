"""Grounds: low texture under the motifs, faded round them. Never higher than LEVEL of the depth."""

from __future__ import annotations

import math

import numpy as np

from ..height.filters import blur
from .families_craft import facets
from .repeat import Options, repeat
from .strip import Strip
from .strokes import Pen

LEVEL = 0.14
_STANDS = 0.02  # share of the height above which a place belongs to a motif
SUNK_PUNCH = 2.0  # a punch goes so many times deeper in crafts that sink, whose depth is less


def ground(name: str, strip: Strip, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) float32 in [0, LEVEL]: the texture over the whole strip. KeyError for an unknown name."""
    if name == "plain":
        return np.zeros((strip.rows, strip.columns), np.float32)
    if name == "hammered":
        blows = max(int(strip.length * strip.width / 0.85), 8)
        return (facets(strip, rng, blows) * LEVEL).astype(np.float32)
    pixel = max(strip.length / strip.columns, strip.width / strip.rows)
    pitch = max({"punched": 0.38, "fish-roe": 0.52, "striped": 0.34}[name], 3.5 * pixel)
    rows = max(round(strip.width / (pitch * 0.87)), 1)
    aspect = max(round(min(2.5, strip.length / strip.width) * strip.width / pitch), 1) * pitch / strip.width
    jitter = 0.0 if name == "striped" else 0.14

    def draw(pen: Pen, period: float) -> None:
        across = max(round(period / (pitch / strip.width)), 1)
        step, up = period / across, 1.0 / rows
        radius = min(step, up / 0.87) * 0.5
        if name == "striped":
            pen.canvas.height[:] = (0.5 + 0.5 * np.cos(2 * math.pi * pen.canvas.x / step)) ** 0.7
            return
        pen.canvas.height[:] = 1.0
        for j in range(rows + 1):
            for i in range(across):
                x, y = (i + 0.5 * (j % 2) + rng.uniform(-jitter, jitter)) * step, (j + 0.5 + rng.uniform(-jitter, jitter)) * up
                for place, px, py in pen.canvas.windows(x - radius, x + radius, y - radius, y + radius):
                    r = np.hypot(px - x, py - y) / (radius * 0.94)
                    pit = (1 - r * r) if name == "punched" else np.maximum(1 - ((r - 0.74) / 0.26) ** 2, 0.0) ** 0.7
                    picture = pen.canvas.height[place]
                    np.minimum(picture, 1.0 - np.clip(pit, 0, 1), out=picture)

    return (repeat(strip, Options(), aspect, draw) * LEVEL).astype(np.float32)


def lay_under(ornament: np.ndarray, texture: np.ndarray, fade: float, periodic: bool, bare: np.ndarray | None = None) -> np.ndarray:
    """(rows, columns) float32: the ornament with the texture round it, fading to plain over ``fade`` px at its foot.

    ``bare`` is the ornament before it was worked, where working left no ground at 0.
    """
    if bare is None:
        return np.maximum(ornament, texture * _room(ornament, fade, periodic))
    room = _room(bare, fade, periodic) * (bare <= _STANDS)
    return (ornament + (texture - ornament) * room).astype(np.float32)


def sink_round(picture: np.ndarray, bare: np.ndarray, depth: np.ndarray, fade: float, periodic: bool, inside: np.ndarray | float = 1.0) -> np.ndarray:
    """(rows, columns) float32: a sunk picture with punch marks of this depth round the ``bare`` ornament, which stays level."""
    return np.maximum(picture, depth * (SUNK_PUNCH * inside) * _room(bare, fade, periodic)).astype(np.float32)


def _room(ornament: np.ndarray, fade: float, periodic: bool) -> np.ndarray:
    """1 on the ground, 0 within about ``fade`` px of the ornament."""
    near = blur((ornament > _STANDS).astype(np.float32), max(fade, 0.6), periodic)
    return np.clip(1.0 - 2.4 * near, 0.0, 1.0)
