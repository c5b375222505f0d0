"""The last steps of every height: joined, of the wished depth, smooth, of features that can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from .bands import flatten_for, flattened
from .denoise import denoised
from .draft import draft
from .params import HeightParams
from .poisson import joined

FLAT = 1e-6


@dataclass(frozen=True, eq=False)
class Made:
    """A height in any unit; ``px``: that unit is px of the picture, so that its depth in mm is known; ``ground``: coverage by the thing."""

    height: np.ndarray
    px: bool = False
    ground: np.ndarray | None = None
    wraps: bool = False
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] | None = None


def finished(made: Made, params: HeightParams) -> tuple[np.ndarray, dict[str, Any]]:
    """The height in [0, 1], and facts of it. Raises BadInput if it is flat."""
    height = np.asarray(made.height, np.float32)
    if float(np.ptp(height)) < FLAT:
        raise BadInput("the picture is one flat grey: there is no relief in it", field="picture")
    if params.invert:
        height = -height
    if params.seamless and not made.wraps and _open(height):
        height = joined(height)
    pixel = params.width / height.shape[1]
    facts: dict[str, Any] = {"rows": height.shape[0], "columns": height.shape[1], "pixel_mm": round(pixel, 5)}
    flatten = params.flatten
    if made.px:
        natural = float(np.ptp(height)) * pixel
        facts["natural_depth_mm"] = round(natural, 3)
        if params.relief_depth is not None:
            flatten = max(flatten, flatten_for(height * np.float32(pixel), params.relief_depth, params.seamless))
    if flatten > 0.0:
        height = flattened(height, flatten, params.seamless)
        facts["flattened"] = round(flatten, 3)
    height = _unit(height)
    if made.ground is not None:
        height = _unit(np.where(made.ground > 0.0, height, height.min()) * made.ground)
    height = denoised(height, params.denoise, params.seamless)
    if params.feature > 0.0:
        height = draft(height, 0.5 * params.feature / pixel, params.seamless)
    return _unit(height), facts


def _open(height: np.ndarray) -> bool:
    """Whether the last column does not run on into the first."""
    step = float(np.abs(np.diff(height, axis=1)).max(initial=0.0))
    return float(np.abs(height[:, 0] - height[:, -1]).max()) > max(1.01 * step, 1e-4 * float(np.ptp(height)))


def _unit(height: np.ndarray) -> np.ndarray:
    low, high = float(height.min()), float(height.max())
    return np.clip((height - np.float32(low)) / np.float32(max(high - low, 1e-12)), 0.0, 1.0).astype(np.float32)
