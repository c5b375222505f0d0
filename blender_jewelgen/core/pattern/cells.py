"""The parametric figures as square cells of height: richer than a silhouette, drawn anew at every size."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from . import figures_flower as flower
from . import figures_sign as sign
from .strokes import Canvas, Pen

CELLS: dict[str, tuple[Callable[[Pen], None], bool]] = {  # how it is drawn, and whether left mirrors right
    "rosette": (flower.rosette, False),
    "lotus": (flower.lotus, True),
    "palmette": (flower.palmette, True),
    "acanthus": (flower.acanthus_leaf, True),
    "leaf": (flower.leaf, True),
    "vine": (flower.vine_leaf, True),
    "feather": (flower.feather, True),
    "peony": (flower.peony, False),
    "baoxiang": (flower.baoxiang, True),
    "ruyi": (sign.ruyi, True),
    "cloud": (sign.cloud, False),
    "shell": (sign.shell, True),
    "star": (sign.star, True),
    "sun": (sign.sun, False),
    "fleur-de-lys": (sign.fleur_de_lys, True),
    "quatrefoil": (sign.quatrefoil, True),
    "triquetra": (sign.triquetra, False),
    "knot": (sign.knot, False),
    "spiral": (sign.spiral_figure, False),
    "heart": (sign.heart, True),
    "crescent": (sign.crescent, False),
}


COUNTS: dict[str, tuple[str, tuple[int, ...]]] = {  # what a variant changes
    "rosette": ("petals", (8, 6, 10, 12, 7)),
    "lotus": ("petals", (4, 3, 5)),
    "palmette": ("lobes", (4, 3, 5)),
    "star": ("points", (8, 6, 5, 12)),
    "sun": ("rays", (12, 10, 16)),
    "shell": ("ribs", (9, 7, 11)),
    "knot": ("loops", (5, 7)),
}


def _drawer(name: str, variant: int) -> Callable[[Pen], None]:
    if name not in COUNTS:
        return CELLS[name][0]
    keyword, values = COUNTS[name]
    return partial(CELLS[name][0], **{keyword: values[variant % len(values)]})


@cache
def _bounds(name: str, variant: int) -> tuple[float, float, float]:
    """(middle x, middle y, half of the larger side) of a figure in its pen's units."""
    canvas = Canvas(-1.5, -1.5, 3.0, 3.0, 300, 300)
    _drawer(name, variant)(Pen(canvas))
    rows, columns = np.nonzero(canvas.height.max(axis=1) > 0.005)[0], np.nonzero(canvas.height.max(axis=0) > 0.005)[0]
    x, y = canvas.x[0, columns[[0, -1]]], canvas.y[rows[[0, -1]], 0]
    reach = float(np.abs(x).max()) if CELLS[name][1] else float(np.ptp(x)) / 2
    return float(x.mean()), float(y.mean()), max(reach, float(np.ptp(y)) / 2) + 0.01


def cell(name: str, size: int, variant: int = 0) -> np.ndarray:
    """(size, size) float32 height in [0, 1] of a named figure, 0 outside it, with an empty margin of at least 6 %.

    ``variant`` changes counts of petals, rays and ribs gently. KeyError if there is no such figure.
    """
    mirrored = CELLS[name][1]
    variant %= 60  # a multiple of every number of counts
    x, y, half = _bounds(name, variant)
    k = 0.87 / half
    canvas = Canvas(-1.0, -1.0, 2.0, 2.0, size, size)
    _drawer(name, variant)(Pen(canvas, 0.0 if mirrored else -k * x, -k * y, k))
    height = np.clip(canvas.height, 0.0, None)
    if mirrored:
        height = np.maximum(height, height[:, ::-1])
    return height / max(float(height.max()), 1e-6)
