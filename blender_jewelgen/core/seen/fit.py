"""Least squares that a few wrong places do not spoil (Levenberg and Marquardt, weights after Huber); numpy only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_FAR = 2.0  # no parameter goes so far at once


def fitted(residuals: Callable[[np.ndarray], np.ndarray], start: np.ndarray, steps: np.ndarray, loose: float, rounds: int = 25) -> tuple[np.ndarray, float]:
    """The parameters with the least cost, and that cost: the mean of Huber's loss, in the residuals' unit.

    ``residuals`` gives (m,); ``steps`` (k,) is how far each parameter is moved to feel a slope; residuals over ``loose``
    count by their size, not by its square.
    """
    at, here = np.asarray(start, np.float64), residuals(start)
    cost, damp = _cost(here, loose), 1e-2
    for _ in range(rounds):
        slope = np.stack([(residuals(at + step) - here) / step[k] for k, step in enumerate(np.diag(steps))], axis=1)
        weight = np.minimum(1.0, loose / np.maximum(np.abs(here), 1e-9))
        square, pull = slope.T @ (weight[:, None] * slope), slope.T @ (weight * here)
        gained = 0.0
        for _ in range(5):
            try:
                move = -np.linalg.solve(square + damp * np.diag(np.diag(square) + 1e-9), pull)
            except np.linalg.LinAlgError:
                damp *= 10.0
                continue
            if not np.abs(move).max() < _FAR:  # nor is it not a number
                damp *= 10.0
                continue
            there = residuals(at + move)
            found = _cost(there, loose)
            if found < cost:
                gained = cost - found
                at, here, cost, damp = at + move, there, found, max(damp * 0.2, 1e-7)
                break
            damp *= 6.0
        if gained < 1e-4 * cost:
            break
    return at, cost


def _cost(values: np.ndarray, loose: float) -> float:
    size = np.abs(values)
    return float(np.where(size <= loose, 0.5 * size**2 / loose, size - 0.5 * loose).mean())
