"""Judges of a sculpted drawing: its contour map, found as in any photograph, against that of the drawing."""

from __future__ import annotations

import numpy as np

from blender_jewelgen.core.height.distance import distance, signed_distance
from blender_jewelgen.core.height.filters import blur
from blender_jewelgen.core.pattern import motifs


def edges(picture: np.ndarray, sigma: float = 1.2, high: float = 0.3, low: float = 0.12) -> np.ndarray:
    """(h, w) bool of a picture's steepest lines (Canny 1986): thresholds are shares of the 95th percentile of what is steepest across itself."""
    soft = blur(picture, sigma)
    down, across = np.gradient(soft)
    steep = np.hypot(across, down)
    turn = np.round(np.arctan2(down, across) / (np.pi / 4.0)).astype(int) % 4
    wide = np.pad(steep, 1)
    rows, columns = steep.shape
    crest = np.zeros(steep.shape, bool)
    for number, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        before = wide[1 - dy : 1 - dy + rows, 1 - dx : 1 - dx + columns]
        after = wide[1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
        crest |= (turn == number) & (steep > after) & (steep >= before)
    usual = np.percentile(steep[crest], 95)
    found, weak = crest & (steep > high * usual), crest & (steep > low * usual)
    while True:
        near = np.pad(found, 1)
        near = sum(near[i : i + rows, j : j + columns].astype(int) for i in range(3) for j in range(3)) > 0
        more = found | (weak & near)
        if (more == found).all():
            return found
        found = more


def agreement(found: np.ndarray, wanted: np.ndarray, reach: float = 2.0) -> float:
    """F1 of two contour maps: a pixel counts where the other has one within ``reach`` px."""
    precision = float((distance(~wanted, 9.0)[found] <= reach).mean())
    recall = float((distance(~found, 9.0)[wanted] <= reach).mean())
    return 2.0 * precision * recall / (precision + recall)


def outline(name: str, side: int, width: float) -> np.ndarray:
    """A motif of the library drawn in lines ``width`` px wide."""
    return np.clip(0.5 * width + 0.5 - np.abs(signed_distance(motifs.coverage(name, side), 3.0 * width + 4.0)), 0.0, 1.0)


def flower(side: int, width: float) -> np.ndarray:
    """A rosette in a ring, with veins that end within its petals, and one filled dot."""
    y, x = np.mgrid[:side, :side] * (2.0 / side) - 1.0
    r, turn = np.hypot(x, y), np.arctan2(y, x)
    ink = np.zeros((side, side))
    for field in (r - 0.2, r - 0.12, r - 0.55 - 0.12 * np.cos(8.0 * turn), r - 0.82):
        far = np.abs(field) / np.maximum(np.hypot(*np.gradient(field)), 1e-9)
        ink = np.maximum(ink, np.clip(0.5 * width + 0.5 - far, 0.0, 1.0))
    for number in range(8):
        middle = (number + 0.5) * np.pi / 4.0
        far = np.abs(r * np.sin(turn - middle)) * side / 2.0
        ink = np.maximum(ink, np.where((np.cos(turn - middle) > 0.5) & (r > 0.2) & (r < 0.43), np.clip(0.5 * width + 0.5 - far, 0.0, 1.0), 0.0))
    return np.maximum(ink, np.clip(0.5 + (0.07 - np.hypot(x - 0.4, y)) * side / 2.0, 0.0, 1.0)).astype(np.float32)
