"""Height pictures as files: read anything a person has, write 16 bit grey."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import BadInput
from .filters import resize

LARGEST = 16384  # px a side that is read
_WORKED = 8192  # px a side that is worked with


@dataclass(frozen=True, eq=False)
class Read:
    """A height and what a person should know of its file."""

    height: np.ndarray
    notes: tuple[str, ...]


def read_height(path: Path) -> Read:
    """The grey values of a picture as (h, w) float32, its darkest pixel 0 and its lightest 1.

    PNG, TIFF, JPEG, BMP, WebP and whatever else Pillow reads, 8, 16 or 32 bit; colours by luminance, transparency as 0.
    Raises BadInput for files that are missing, broken, flat, under 8 or over 16384 px a side, or OpenEXR.
    """
    from PIL import Image, UnidentifiedImageError

    path = Path(path)
    name = path.name
    if path.suffix.lower() == ".exr":
        raise BadInput(f"{name} is OpenEXR, which is read inside Blender only; save it as 16 bit PNG or TIFF", field="height")
    if not path.is_file():
        raise BadInput(f"the picture {name} is not there" if not path.exists() else f"{name} is a folder, not a picture", field="height")
    Image.MAX_IMAGE_PIXELS = None  # the limit below names itself instead of warning
    try:
        with Image.open(path) as file:
            width, rows = file.size
            if max(width, rows) > LARGEST:
                raise BadInput(f"{name} is {width} x {rows} px; at most {LARGEST} px a side are read", field="height")
            if min(width, rows) < 8:
                raise BadInput(f"{name} is {width} x {rows} px; a height needs at least 8 px a side", field="height")
            deep = file.mode in ("I", "F") or file.mode.startswith("I;16")
            grey = np.asarray(file, np.float32) if deep else _luminance(file.convert("RGBA"))
    except UnidentifiedImageError as error:
        raise BadInput(f"{name} is not a picture that can be read", field="height") from error
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{name} is broken or cut short ({error})", field="height") from error
    if not np.isfinite(grey).all():
        raise BadInput(f"{name} holds numbers that are not finite", field="height")
    low, high = float(grey.min()), float(grey.max())
    if high - low < 1e-9:
        raise BadInput(f"{name} is one flat grey: there is no relief in it", field="height")
    grey = (grey - low) / (high - low)
    notes = () if deep else (f"{name} has 8 bits: 256 levels can show as terraces; a 16 bit picture is smoother",)
    if max(grey.shape) > _WORKED:
        factor = _WORKED / max(grey.shape)
        grey = resize(grey, max(8, round(grey.shape[0] * factor)), max(8, round(grey.shape[1] * factor)))
        notes += (f"{name} was reduced to {grey.shape[1]} x {grey.shape[0]} px",)
    return Read(grey.astype(np.float32), notes)


def _luminance(picture: object) -> np.ndarray:
    values = np.asarray(picture, np.float32) / 255.0
    return (values[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32)) * values[..., 3]


def write_height(path: Path, height: np.ndarray) -> None:
    """Write (h, w) in [0, 1] as a 16 bit grey PNG."""
    from PIL import Image

    Image.fromarray((np.clip(height, 0.0, 1.0) * 65535.0 + 0.5).astype(np.uint16)).save(path, "PNG", compress_level=1)


def fit(picture: np.ndarray, length: float, width: float, wraps: bool) -> tuple[np.ndarray, str]:
    """A picture made to fit a surface of ``length`` by ``width`` mm in its own proportions, and a note or "".

    Where the surface wraps the picture is repeated as often as suits best; elsewhere its overhang is cropped.
    """
    rows, columns = picture.shape
    shape, wanted = columns / rows, length / width
    if wraps:
        count = min(max(1, round(wanted / shape)), max(1, _WORKED // columns))
        return np.tile(picture, (1, count)), f"the picture is repeated {count} times" if count > 1 else ""
    if abs(shape / wanted - 1.0) < 0.03:
        return picture, ""
    if shape > wanted:
        kept = max(8, round(rows * wanted))
        start = (columns - kept) // 2
        return picture[:, start : start + kept], "the picture was cropped at its sides to the piece's proportions"
    kept = max(8, round(columns / wanted))
    start = (rows - kept) // 2
    return picture[start : start + kept], "the picture was cropped above and below to the piece's proportions"
