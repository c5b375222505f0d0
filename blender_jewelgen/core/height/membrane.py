"""Shapes blown up like a membrane that is held down round their outline (Poisson's equation); numpy only."""

from __future__ import annotations

import numpy as np

from .filters import resize

_COARSE = 6  # px of the pyramid's smallest level, at least
_SWEEPS = (12, 16, 24, 40)  # of each level, finest first; the last number serves all coarser ones
_GRIP = 20.0  # how hard part-covered pixels hold the membrane down; fitted so that discs of 10 to 110 px are hemispheres to 2 %


def pillow(coverage: np.ndarray, width: float = np.inf) -> np.ndarray:
    """(h, w) float32 membrane blown up over the silhouette, in px: a disc gives its hemisphere.

    2 sqrt(p), where p solves  laplace p - p / width² = -coverage  with p = 0 outside. A finite ``width`` (px) makes broad
    parts level off about that far from the edge.
    """
    return 2.0 * np.sqrt(np.maximum(_membrane(coverage, width), 0.0))


def lift(share: np.ndarray, knee: float) -> np.ndarray:
    """Raise low values: slope (1 + knee) / knee at 0, still 1 at 1."""
    return share * (1.0 + knee) / (share + knee)


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
