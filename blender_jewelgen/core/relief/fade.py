"""How ornament runs out: the one soft step that every border, side and clearance is made of."""

from __future__ import annotations

import numpy as np


def smooth(x: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, and 3x² - 2x³ between; the kind of float is kept."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def ramp(rim: np.ndarray, fade: float) -> np.ndarray:
    """Share of the depth ``rim`` mm inside a border: rises over ``fade`` mm; without a fade it is 1 as soon as the border is crossed."""
    return smooth(rim / fade) if fade > 0 else (rim > 0.0).astype(rim.dtype)
