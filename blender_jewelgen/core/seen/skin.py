"""Whether what stands out is skin. Gold has skin's colours, so colour alone says nothing: skin is matt, metal is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.filters import blur
from .ground import frame_of

_HUE = 0.02, 0.50  # of a sixth of the circle, from red to yellow
_SATURATION = 0.12, 0.68
_MATT = 0.10  # of its own light: how much skin differs from its surroundings
_NEAR = 6.0  # px, of 640


@dataclass(frozen=True)
class Skin:
    """Share of the thing that is skin, and of what of it touches the picture's rim."""

    share: float
    rim: float


def skin(colours: np.ndarray, thing: np.ndarray) -> Skin:
    """How much of a thing, (h, w) bool, in (h, w, 3) colours in [0, 1] is skin."""
    red, green, blue = (colours[..., k] for k in range(3))
    high, low = colours.max(axis=-1), colours.min(axis=-1)
    spread = np.maximum(high - low, 1e-6)
    hue = (green - blue) / spread  # from red, where red is the strongest
    saturation = spread / np.maximum(high, 1e-6)
    toned = (red >= high - 1e-6) & (hue > _HUE[0]) & (hue < 2.0 * _HUE[1]) & (saturation > _SATURATION[0]) & (saturation < _SATURATION[1]) & (high > 0.15)
    grey = colours.mean(axis=-1)
    inside = thing.astype(np.float32)
    weight = np.maximum(blur(inside, _NEAR), 1e-3)
    mean = blur(grey * inside, _NEAR) / weight
    rough = np.sqrt(np.maximum(blur(grey * grey * inside, _NEAR) / weight - mean**2, 0.0)) / np.maximum(mean, 0.05)
    found = thing & toned & (rough < _MATT)
    rim = frame_of(thing.shape) & thing
    return Skin(float(found.sum() / max(thing.sum(), 1)), float(found[rim].mean()) if rim.any() else 0.0)
