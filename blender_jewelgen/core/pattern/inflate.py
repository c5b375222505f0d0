"""Raise a silhouette into relief: pillow, terraces, chased line, wire or plateau; numpy only.

No height is taken from the distance to the nearest edge alone: that leaves ridges along the middle line and ripples
from pixel steps. Bodies are pressed up like a membrane instead (Poisson's equation), which is smooth by nature.
"""

from __future__ import annotations

import numpy as np

from ..height.distance import distance, signed_distance
from ..height.filters import blur, resize
from ..params import pick

STYLES = ("rounded", "stepped", "chased", "wire", "flat")
_COARSE = 6  # px of the pyramid's smallest level, at least
_SWEEPS = (12, 16, 24, 40)  # of each level, finest first; the last number serves all coarser ones
_GRIP = 20.0  # how hard part-covered pixels hold the membrane down; fitted so that discs of 10 to 110 px are hemispheres to 2 %
_BODY_SIZE = 128  # px; the broad body is smooth, so it is solved small


def inflate(coverage: np.ndarray, style: str = "rounded", detail: float = 1.0) -> np.ndarray:
    """Relief of a silhouette.

    Parameters
    ----------
    coverage : (h, w) float in [0, 1]
        Anti-aliased silhouette; lengths below are shares of its longer side.
    style : str
        ``rounded``: a pillow, broad parts higher than thin ones, inner cut lines left as valleys.
        ``stepped``: terraces with soft risers. ``chased``: a low body with a line sunk along its contour.
        ``wire``: the contour alone as round wire. ``flat``: a plateau with a rounded shoulder.
    detail : float
        Width of shoulders, lines and wires, 1 as is; 0.5 is twice as fine.

    Returns
    -------
    (h, w) float32
        In [0, 1], highest point 1 (all 0 if nothing is covered), 0 where coverage is 0.
    """
    pick(style, STYLES, "style")
    coverage = np.asarray(coverage, np.float32)
    if not (coverage > 0.0).any():
        return np.zeros_like(coverage)
    unit = max(coverage.shape) * detail
    height = _MAKERS[style](coverage, unit) * np.minimum(coverage * 2.0, 1.0)
    return (height / max(float(height.max()), 1e-6)).astype(np.float32)


def pillow(coverage: np.ndarray, width: float = np.inf) -> np.ndarray:
    """(h, w) float32 membrane blown up over the silhouette, in px: a disc gives its hemisphere.

    2 sqrt(p), where p solves  laplace p - p / width² = -coverage  with p = 0 outside. A finite ``width`` (px) makes broad
    parts level off about that far from the edge.
    """
    return 2.0 * np.sqrt(np.maximum(_membrane(coverage, width), 0.0))


def _membrane(coverage: np.ndarray, width: float) -> np.ndarray:
    """p of ``pillow``, from a coarse guess refined level by level with a few Jacobi sweeps each."""
    levels = [np.asarray(coverage, np.float32)]
    while min(levels[-1].shape) >= 2 * _COARSE:
        rows, columns = levels[-1].shape
        levels.append(resize(levels[-1], (rows + 1) // 2, (columns + 1) // 2))
    guess = np.zeros_like(levels[-1])
    for number in range(len(levels) - 1, -1, -1):
        level = levels[number]
        if guess.shape != level.shape:
            guess = resize(guess, *level.shape)
        scale = 2.0**number
        guess = _relax(guess, level, scale * scale, (scale / width) ** 2, _SWEEPS[min(number, len(_SWEEPS) - 1)])
    return guess


def _relax(guess: np.ndarray, coverage: np.ndarray, force: float, screen: float, sweeps: int) -> np.ndarray:
    """Jacobi sweeps; a part-covered pixel is pulled to zero the harder the less of it is covered."""
    open_share = np.maximum(coverage, 0.02)
    edge = _GRIP * (1.0 - coverage) / open_share
    weight = np.where(coverage > 0.0, 1.0 / (4.0 + screen + edge), 0.0).astype(np.float32)
    source = (force * coverage * weight).astype(np.float32)
    padded = np.pad(guess, 1)
    inner = padded[1:-1, 1:-1]
    total = np.empty_like(guess)
    for _ in range(sweeps):
        np.add(padded[:-2, 1:-1], padded[2:, 1:-1], out=total)
        total += padded[1:-1, :-2]
        total += padded[1:-1, 2:]
        total *= weight
        np.add(total, source, out=inner)
    return inner.copy()


def _shoulder(coverage: np.ndarray, width: float) -> np.ndarray:
    """Rises from 0 at the edge to 1 about ``width`` px inside; thin parts stay lower; (h, w) float32."""
    return np.minimum(pillow(coverage, width) / (2.0 * width), 1.0)


def _closed(coverage: np.ndarray, gap: float) -> np.ndarray:
    """The silhouette with cut lines and holes narrower than about 2 ``gap`` (px) filled; (h, w) float32 in [0, 1]."""
    edge = int(gap) + 3
    wide = np.pad(distance(coverage < 0.5, gap + 2.0) <= gap, edge, mode="edge")
    filled = distance(wide, gap + 2.0)[edge:-edge, edge:-edge] > gap + 1.0  # a pixel short: the true edge stays anti-aliased
    return np.maximum(coverage, filled)


def _body(coverage: np.ndarray, gap: float) -> np.ndarray:
    """The broad dome that parts share across cut lines narrower than about 2 ``gap`` (px); (h, w) float32 in [0, 1]."""
    rows, columns = coverage.shape
    shrink = max(max(rows, columns) / _BODY_SIZE, 1.0)
    small = resize(coverage, max(round(rows / shrink), 1), max(round(columns / shrink), 1))
    dome = pillow(blur(_closed(small, gap / shrink), 0.8))
    return resize(dome / max(float(dome.max()), 1e-6), rows, columns)


def _lift(share: np.ndarray, knee: float) -> np.ndarray:
    """Raise low values: slope (1 + knee) / knee at 0, still 1 at 1."""
    return share * (1.0 + knee) / (share + knee)


def _rounded(coverage: np.ndarray, unit: float) -> np.ndarray:
    part = pillow(coverage)
    part = _lift(part / max(float(part.max()), 1e-6), 0.5)
    body = _lift(_body(coverage, 0.02 * unit), 1.5)
    return _shoulder(coverage, 0.022 * unit) * (0.22 + 0.30 * part + 0.48 * body)


def _stepped(coverage: np.ndarray, unit: float) -> np.ndarray:
    tread, terraces = 0.026 * unit, 4
    depth = blur(signed_distance(coverage, terraces * tread), 0.005 * unit)
    height = 0.4 * np.minimum(1.25 * _shoulder(coverage, 0.01 * unit), 1.0)
    for number in range(1, terraces):
        share = np.clip((depth / tread - number) / 0.35 + 0.5, 0.0, 1.0)
        height += 0.6 / (terraces - 1) * share * share * (3.0 - 2.0 * share)
    return height


def _chased(coverage: np.ndarray, unit: float) -> np.ndarray:
    depth = blur(signed_distance(coverage, 0.06 * unit), 0.6)
    line = np.exp(-(((depth - 0.024 * unit) / (0.008 * unit)) ** 2))
    broad = np.clip((blur(coverage, 0.03 * unit) - 0.5) / 0.2, 0.0, 1.0)  # no room for a line on thin parts
    body = _lift(_body(coverage, 0.02 * unit), 0.6)
    return _shoulder(coverage, 0.012 * unit) * (0.45 + 0.55 * body) * (1.0 - 0.75 * line * broad)


def _wire(coverage: np.ndarray, unit: float) -> np.ndarray:
    radius = 0.016 * unit
    depth = blur(signed_distance(coverage, 3.0 * radius), 0.6)  # evens out what is left of the pixel grid
    return np.sqrt(np.clip(1.0 - ((depth - radius) / radius) ** 2, 0.0, 1.0))


def _flat(coverage: np.ndarray, unit: float) -> np.ndarray:
    return _shoulder(coverage, 0.012 * unit)


_MAKERS = {"rounded": _rounded, "stepped": _stepped, "chased": _chased, "wire": _wire, "flat": _flat}
