"""Reliefs whose height is known, and pictures taken of them: brightness, shading, normals, a blurred depth."""

from __future__ import annotations

import numpy as np

from blender_jewelgen.core.height.filters import blur


def relief(side: int = 1024, repeats: int = 3) -> np.ndarray:
    """(side, side) float32 in [0, 1]: a vine of two strands, volutes and rows of granules; it joins itself round the finger."""
    u = (np.arange(side, dtype=np.float64) + 0.5) / side
    across, down = np.meshgrid(u, u)
    turn = 2.0 * np.pi
    x, y = across * repeats, (down - 0.5) * 1.6
    height = np.zeros_like(x)
    for phase in (0.0, 0.5):
        middle = 0.32 * np.sin(turn * (x + phase))
        lean = 0.32 * np.pi * np.cos(turn * (x + phase))
        height = np.maximum(height, 0.7 * round_wire(np.abs(y - middle) / np.sqrt(1.0 + lean * lean), 0.09))
    cell = x - np.floor(x) - 0.5
    radius, angle = np.hypot(1.3 * cell, y) + 1e-9, np.arctan2(y, 1.3 * cell)
    winding = radius / 0.085 - angle / turn
    volute = 0.8 * round_wire(np.abs(winding - np.round(winding)) * 0.085, 0.03)
    height = np.maximum(height, np.where(radius < 0.3, volute, 0.0))
    bead = across * repeats * 6
    bead -= np.floor(bead) + 0.5
    for row in (-0.68, 0.68):
        height = np.maximum(height, round_wire(np.hypot(bead * 0.26, y - row), 0.07))
    height = blur(height, 2.0, periodic_x=True)  # no finer than pixels can show
    return height / height.max()


def round_wire(far: np.ndarray, radius: float) -> np.ndarray:
    return np.sqrt(np.clip(1.0 - (far / radius) ** 2, 0.0, 1.0))


def normals(height_px: np.ndarray) -> np.ndarray:
    """(h, w, 3) unit vectors, x right, y up, of a height in px."""
    down, across = (_slope(height_px.astype(np.float64), axis) for axis in (0, 1))
    vectors = np.stack([-across, down, np.ones_like(across)], axis=-1)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _slope(height: np.ndarray, axis: int) -> np.ndarray:
    wide = np.pad(height, [(2, 2) if k == axis else (0, 0) for k in (0, 1)], mode="edge")
    at = [np.take(wide, range(k, k + height.shape[axis]), axis) for k in range(5)]
    return (8.0 * (at[3] - at[1]) - (at[4] - at[0])) / 12.0


def noisy(vectors: np.ndarray, degrees: float, seed: int = 1) -> np.ndarray:
    """Unit vectors turned by a random angle of this root mean square."""
    spread = np.tan(np.radians(degrees)) / np.sqrt(2.0)
    turned = vectors + np.random.default_rng(seed).normal(0.0, spread, vectors.shape)
    return turned / np.linalg.norm(turned, axis=-1, keepdims=True)


def painted(vectors: np.ndarray) -> np.ndarray:
    """A normal map of 8 bits a channel, green up."""
    return (np.round((0.5 * vectors + 0.5) * 255.0) / 255.0).astype(np.float32)


def lit(vectors: np.ndarray, azimuth: float, elevation: float, bright: float = 0.85) -> np.ndarray:
    """(h, w, 3) float32 of 8 bits: matt grey under one light."""
    turn, high = np.radians(azimuth), np.radians(elevation)
    towards = np.array([np.cos(turn) * np.cos(high), np.sin(turn) * np.cos(high), np.sin(high)])
    return grey(bright * np.clip(vectors @ towards, 0.0, 1.0))


def grey(values: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 of 8 bits."""
    return np.repeat((np.round(np.clip(values, 0.0, 1.0) * 255.0) / 255.0).astype(np.float32)[..., None], 3, axis=-1)


def fault(found: np.ndarray, truth: np.ndarray) -> float:
    """Root mean square difference as a share of the truth's range, at the level and scale that suit best."""
    found, truth = found - found.mean(dtype=np.float64), truth - truth.mean(dtype=np.float64)
    scale = float((found * truth).sum() / (found * found).sum())
    return float(np.sqrt(((scale * found - truth) ** 2).mean()) / np.ptp(truth))


def likeness(found: np.ndarray, truth: np.ndarray, sigma: float = 24.0) -> float:
    """Correlation of what is finer than ``sigma`` px."""
    a, b = (values - blur(values, sigma) for values in (found, truth))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
