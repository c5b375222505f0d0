"""The height in a drawn picture: what it is where a height was asked for, what a method reads where a photograph was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...core.diffusion import DiffusionParams
from ...core.height.methods import height_of
from ...core.height.params import MODELS, HeightParams

_OUT = 0.2  # % of the pixels at either end that set no scale: a model's specks of pure black and white
Tell = Callable[[float, str], None]


def height_in(picture: np.ndarray, params: DiffusionParams, width: float, wraps: bool, tell: Tell) -> tuple[np.ndarray, tuple[str, ...]]:
    """The height (h, w) float32 in [0, 1] in a picture (h, w, 3) in [0, 1] that is ``width`` mm wide, and notes.

    Raises BadInput for a picture of one grey, and what the methods raise.
    """

    def heard(share: float, text: str) -> None:
        tell(0.95 + 0.04 * share, "finding the height" if params.manner == "height" else text)

    if params.manner == "height":
        made = height_of(scaled(picture), HeightParams(method="height", width=_width(width), crop=False), tell=heard)
        return made.height, made.notes
    depth = normals = None
    notes: tuple[str, ...] = ()
    if params.method in MODELS:
        from ..depth.see import see

        seen = see(params.method, picture, tell=heard)
        depth, normals, notes = seen.depth, seen.normals, seen.notes
    asked = HeightParams(method=params.method, width=_width(width), seamless=wraps, crop=False)
    made = height_of(picture, asked, depth=depth, normals=normals, tell=heard)
    return made.height, (*notes, *made.notes)


def scaled(picture: np.ndarray) -> np.ndarray:
    """The picture between the darkest and the lightest that more than specks have; one that is flat stays so."""
    low, high = np.percentile(picture, (_OUT, 100.0 - _OUT))
    return np.clip(picture, low, high) if high > low else picture


def _width(width: float) -> float:
    return float(np.clip(width, 1.0, 300.0))
