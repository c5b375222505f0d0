"""Slopes become a height: Poisson's equation, solved in one step by waves; with a guide, screened Poisson.

Slopes are in height a pixel, at the edges between pixels: ``across[:, j]`` from column j to j + 1 (the last one leads to the
first, where columns wrap, and is not looked at elsewhere), ``down[i]`` from row i to i + 1 (the last row is not looked at).
"""

from __future__ import annotations

import numpy as np

from .waves import Waves


def slopes(height: np.ndarray, wrap: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(across, down), (h, w) float32 each, of a height."""
    height = np.asarray(height, np.float32)
    across, down = np.zeros_like(height), np.zeros_like(height)
    np.subtract(height[:, 1:], height[:, :-1], out=across[:, :-1])
    if wrap:
        across[:, -1] = height[:, 0] - height[:, -1]
    np.subtract(height[1:], height[:-1], out=down[:-1])
    return across, down


def at_edges(across: np.ndarray, down: np.ndarray, wrap: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Slopes known at the middles of pixels, as their means from each middle to the next (of the cubic through four)."""
    return _between(across, 1, wrap), _between(down, 0, False)


def _between(slope: np.ndarray, axis: int, wrap: bool) -> np.ndarray:
    wide = np.pad(slope, ((0, 0), (1, 2)) if axis else ((1, 2), (0, 0)), mode="wrap" if wrap else "edge")
    n = slope.shape[axis]
    one, two, three, four = (wide[:, k : k + n] if axis else wide[k : k + n] for k in range(4))
    out = two + three
    out *= np.float32(13.0 / 24.0)
    out -= np.float32(1.0 / 24.0) * (one + four)
    return out


def sources(across: np.ndarray, down: np.ndarray, wrap: bool = False) -> np.ndarray:
    """(h, w) float32: minus the divergence of slopes, which is what minus the Laplacian of their height would be."""
    out = np.array(across, np.float32)
    if not wrap:
        out[:, -1] = 0.0
    np.negative(out, out=out)
    out[:, 1:] += across[:, :-1]
    if wrap:
        out[:, 0] += across[:, -1]
    out[:-1] -= down[:-1]
    out[1:] += down[:-1]
    return out


def integrated(across: np.ndarray, down: np.ndarray, wrap: bool = False) -> np.ndarray:
    """(h, w) float32 height, of mean 0, whose slopes are nearest to these in the least squares."""
    waves = Waves(across.shape, wrap)
    stiff = waves.stiffness()
    stiff[0, 0] = 1.0
    found = waves.of(sources(across, down, wrap)) / stiff
    found[0, 0] = 0.0
    return waves.back(found)


def screened(across: np.ndarray, down: np.ndarray, guide: np.ndarray, hold: float, wrap: bool = False) -> np.ndarray:
    """(h, w) float32 height with nearly these slopes and nearly the heights of ``guide``.

    Least of  sum (slope - wanted slope)² + hold (height - guide)²;  waves longer than about 6 / sqrt(hold) px follow the guide.
    """
    waves = Waves(across.shape, wrap)
    wanted = waves.of(sources(across, down, wrap) + np.float32(hold) * guide)
    return waves.back(wanted / (waves.stiffness() + hold))


def joined(height: np.ndarray, hold: float = 0.0) -> np.ndarray:
    """A height whose last column runs on into its first: the step between them is spread over the picture, softly.

    ``hold`` as in ``screened``; 0 chooses it so that about an eighth of the length takes part.
    """
    across, down = slopes(height, wrap=True)
    across[:, -1] = 0.5 * (across[:, 0] + across[:, -2])  # as steep as beside the seam
    return screened(across, down, height, hold or (2.0 * np.pi / (height.shape[1] / 8.0)) ** 2, wrap=True)
