"""Pictures that steer a model: read, laid over the size that is drawn, as arrays that pipelines take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...core.height.picture import read_colours

Size = tuple[int, int]  # width, height, px


def colours(path: str, field: str) -> np.ndarray:
    """(h, w, 3) uint8 of a file; grey becomes three times the same, what is transparent white. Raises BadInput naming ``field``."""
    values = read_colours(Path(path), field).colours
    if values.ndim == 2:
        values = np.repeat(values[..., None], 3, axis=2)
    if values.shape[2] == 4:
        values = values[..., :3] * values[..., 3:] + (1.0 - values[..., 3:])
    return (np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def laid(picture: np.ndarray, size: Size) -> np.ndarray:
    """(h, w[, colours]) uint8 to ``size`` px, filling it: the middle is kept where the proportions differ. The very same array where the size is right."""
    from PIL import Image

    width, height = size
    if picture.shape[:2] == (height, width):
        return picture
    rows, columns = picture.shape[:2]
    scale = max(width / columns, height / rows)
    across, down = width / scale, height / scale
    left, top = (columns - across) / 2.0, (rows - down) / 2.0
    box = (max(left, 0.0), max(top, 0.0), min(left + across, columns), min(top + down, rows))
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS, box=box))


def image(picture: np.ndarray) -> Any:
    """(h, w[, 3]) uint8 as a PIL image."""
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(picture))
