"""Bas-relief: large shapes are lowered and fine ones kept, by a gain for each band of wavelengths.

A face a hand deep becomes a coin 0.4 mm deep whose hair can still be felt. Slopes are not compressed one by one: the sharp
edge of a wire is the steepest slope there is, and would be what is lost.
"""

from __future__ import annotations

import numpy as np

from .filters import resize
from .poisson import integrated, slopes
from .waves import Waves

_SPANS = (0.003, 0.010, 0.040)  # of the longer side: standard deviations of the blurs between four bands
_GAINS = (1.15, 1.0, 0.5, 0.12)  # of the bands, finest first, where ``flatten`` is 1
_SMALL = 192  # px of the longer side on which a gain is sought


def flattened(height: np.ndarray, flatten: float, wrap: bool = False) -> np.ndarray:
    """(h, w) float32 height whose large shapes are lower; ``flatten`` 0 leaves all as it is, 1 keeps an eighth of the largest."""
    if flatten <= 0.0:
        return np.array(height, np.float32)
    waves = Waves(height.shape, wrap)
    stiff = waves.stiffness()
    side = max(height.shape)
    gains = [gain**flatten for gain in _GAINS]
    gain = np.full(stiff.shape, gains[0])
    for span, coarse, fine in zip(_SPANS, gains[1:], gains):
        gain += (coarse - fine) * np.exp(-0.5 * (span * side) ** 2 * stiff)
    return waves.back(waves.of(height) * gain)


def flatten_for(height: np.ndarray, depth: float, wrap: bool = False) -> float:
    """The least ``flatten`` whose result is no deeper than ``depth``, in the unit of ``height``; 1 if none is."""
    factor = min(1.0, _SMALL / max(height.shape))
    small = resize(height, *(max(2, round(n * factor)) for n in height.shape), wrap)
    lost = float(np.ptp(height)) / max(float(np.ptp(small)), 1e-9)  # fine ridges are lower on the small picture
    if float(np.ptp(height)) <= depth:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if float(np.ptp(flattened(small, middle, wrap))) * lost > depth else (low, middle)
    return high


def eased(height: np.ndarray, steepest: float, wrap: bool = False) -> tuple[np.ndarray, float]:
    """A height whose jumps are no steeper than ``steepest`` (height a px), and the share of pixels that were.

    Where a thing stands before another a depth jumps; the step is lowered and what lies on both sides keeps its shape.
    """
    across, down = slopes(height, wrap)
    steep = np.maximum(np.abs(across), np.abs(down)) > steepest
    share = float(steep.mean())
    if share == 0.0:
        return np.asarray(height, np.float32), 0.0
    return integrated(np.clip(across, -steepest, steepest), np.clip(down, -steepest, steepest), wrap), share
