"""Whether what stands out is skin. Gold has skin's colours, so colour alone says nothing: skin is matt, metal is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..height.filters import blur

_HUE = 0.02, 1.0  # sixths of the circle: red to yellow
_SATURATION = 0.12, 0.68
_MATT = 0.10  # of its own light: how much skin differs from its surroundings
_NEAR = 6.0  # px, of 640


@dataclass(frozen=True)
class Skin:
    """Share of the thing that is skin, and of what of it touches the picture's rim."""

    share: float
    rim: float


def toned(colours: np.ndarray) -> np.ndarray:
    """Where (..., 3) colours are those that skin of any kind can have; gold and rose gold have them, too."""
    red, green, blue = (colours[..., k] for k in range(3))
    high, low = colours.max(axis=-1), colours.min(axis=-1)
    spread = np.maximum(high - low, 1e-6)
    hue = (green - blue) / spread  # from red towards yellow, where red is the strongest
    saturation = spread / np.maximum(high, 1e-6)
    return (red >= high - 1e-6) & (hue > _HUE[0]) & (hue < _HUE[1]) & (saturation > _SATURATION[0]) & (saturation < _SATURATION[1]) & (high > 0.15)


def skin(colours: np.ndarray, thing: np.ndarray, rim: np.ndarray) -> Skin:
    """How much of a thing, (h, w) bool, in (h, w, 3) colours in [0, 1] is skin; ``rim``, (h, w) bool, is the picture's edge."""
    grey = colours.mean(axis=-1)
    inside = thing.astype(np.float32)
    weight = np.maximum(blur(inside, _NEAR), 1e-3)
    mean = blur(grey * inside, _NEAR) / weight
    rough = np.sqrt(np.maximum(blur(grey * grey * inside, _NEAR) / weight - mean**2, 0.0)) / np.maximum(mean, 0.05)
    found = thing & toned(colours) & (rough < _MATT)
    at = rim & thing
    return Skin(float(found.sum() / max(thing.sum(), 1)), float(found[at].mean()) if at.any() else 0.0)
