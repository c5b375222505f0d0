"""Masks grown and shrunk by a disc of whole pixels: exact, by shifts of the rows of the disc."""

from __future__ import annotations

import numpy as np


def grown(mask: np.ndarray, radius: float, periodic_x: bool = False) -> np.ndarray:
    """(h, w) bool: pixels no farther than ``radius`` px from a True pixel; nothing is True beyond the border.

    The disc is the union of its rows. Rows of one width are spread along x once, each width from the one before; then
    every row of the disc is one shift along y.
    """
    mask = np.ascontiguousarray(mask, bool)
    height, width = mask.shape
    reach = min(int(radius), width)
    padded = np.pad(mask, ((0, 0), (reach, reach)), mode="wrap" if periodic_x else "constant")
    spread = mask.copy()
    result = np.zeros_like(mask)
    done = 0
    for dy in range(int(radius), -1, -1):  # from the shortest row of the disc to the longest
        half = min(int(np.sqrt(radius * radius - dy * dy) + 1e-9), reach)
        for k in range(done + 1, half + 1):
            spread |= padded[:, reach + k : reach + k + width]
            spread |= padded[:, reach - k : reach - k + width]
        done = max(done, half)
        if dy >= height:
            continue
        result[dy:] |= spread[: height - dy]
        if dy:
            result[:-dy] |= spread[dy:]
    return result


def shrunk(mask: np.ndarray, radius: float, periodic_x: bool = False) -> np.ndarray:
    """(h, w) bool: pixels farther than ``radius`` px from every False pixel; all beyond the border counts as True."""
    return ~grown(~np.asarray(mask, bool), radius, periodic_x)
