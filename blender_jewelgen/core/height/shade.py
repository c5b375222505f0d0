"""A height picture as shaded metal: quick enough for previews, no renderer needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .filters import blur

GOLD = np.array([0.93, 0.68, 0.30], np.float32)
_LIGHT = np.array([-0.56, 0.6, 0.57], np.float32)  # raking, from the upper left
_SKY = np.array([-0.45, 0.62, 0.64], np.float32)


def shade(height: np.ndarray, pixel: float, depth: float, periodic: bool = False) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of a relief under a raking light and a soft sky, its recesses dark.

    Parameters
    ----------
    height : (rows, columns) float32 in [0, 1]
    pixel, depth : float
        mm a pixel, and mm from black to white.
    """
    z = height.astype(np.float32) * np.float32(depth / pixel)
    dx = np.gradient(np.pad(z, ((0, 0), (1, 1)), mode="wrap" if periodic else "edge"), axis=1)[:, 1:-1]
    dy = -np.gradient(z, axis=0)
    normal = np.stack([-dx, -dy, np.ones_like(z)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    open_sky = np.ones_like(z)
    for reach in (0.12, 0.4):  # mm; two scales of occlusion
        sigma = reach / pixel
        open_sky *= 1.0 / (1.0 + 0.8 * np.maximum(blur(z, sigma, periodic) - z, 0.0) / sigma)
    mirror = 2.0 * normal[..., 2:] * normal - np.array([0, 0, 1], np.float32)
    sky = 0.5 + 0.5 * np.clip(mirror @ _SKY, -1.0, 1.0)
    half = _LIGHT + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    lit = 0.16 + 0.62 * np.clip(normal @ _LIGHT, 0.0, 1.0) + 0.38 * sky**3
    gloss = np.clip(normal @ half, 0.0, 1.0) ** 26 * 0.55
    tint = np.array([0.95, 1.05, 1.25], np.float32)
    colour = (GOLD * (lit * open_sky)[..., None]) ** tint + (gloss * open_sky)[..., None] * np.array([1.0, 0.92, 0.74], np.float32)
    return (np.clip(colour, 0.0, 1.0) ** 0.86 * 255.0).astype(np.uint8)


def save_shaded(path: Path, picture: np.ndarray) -> None:
    """Write an RGB picture (rows, columns, 3) uint8 as PNG."""
    from PIL import Image

    Image.fromarray(picture).save(path, "PNG")
