"""How a height is shown: as gold, of the depth that is wished or known."""

from __future__ import annotations

from typing import Any

import numpy as np

from .filters import resize
from .params import HeightParams
from .shade import shade

_USUAL, _DEEPEST = 0.04, 0.12  # of the width: depth that is shown where none is known, and at most


def metal_of(height: np.ndarray, params: HeightParams, facts: dict[str, Any], most: int) -> np.ndarray:
    """(h, w, 3) uint8 of at most ``most`` px of the longer side; ``facts`` are those of the height."""
    depth = params.relief_depth or min(facts.get("natural_depth_mm", _USUAL * params.width), _DEEPEST * params.width)
    factor = min(1.0, most / max(height.shape))
    small = resize(height, *(max(8, round(n * factor)) for n in height.shape)) if factor < 1.0 else height
    return shade(small, params.width / small.shape[1], depth, params.seamless)
