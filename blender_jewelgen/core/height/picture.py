"""Height pictures as files: read anything a person has, write 16 bit grey."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from .filters import resize

LARGEST = 16384  # px a side that is read
_WORKED = 8192  # px a side that is worked with
_AREA = 16_000_000  # px in all of a picture in colours
KINDS = ("PNG", "TIFF", "JPEG", "JPEG2000", "BMP", "WEBP", "GIF", "PPM", "TGA")  # none that starts another program


@dataclass(frozen=True, eq=False)
class Read:
    """A height and what a person should know of its file."""

    height: np.ndarray
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Colours:
    """(h, w, 3 or 4) float32 in [0, 1], or (h, w) grey stretched to [0, 1] where the file is ``deep``: of more than 8 bits."""

    colours: np.ndarray
    deep: bool
    notes: tuple[str, ...]


def read_height(path: Path) -> Read:
    """The grey values of a picture as (h, w) float32, its darkest pixel 0 and its lightest 1.

    PNG, TIFF, JPEG, BMP, WebP, GIF and their like, 8, 16 or 32 bit; colours by luminance, transparency as 0, turned as
    the camera says. Raises BadInput for files that are missing, broken, flat, under 8 or over 16384 px a side, or OpenEXR.
    """
    name = Path(path).name
    grey, deep = _opened(Path(path), "height", _luminance)
    grey = _stretched(grey, name, "height")
    notes = () if deep else (f"{name} has 8 bits: 256 levels can show as terraces; a 16 bit picture is smoother",)
    if max(grey.shape) > _WORKED:
        factor = _WORKED / max(grey.shape)
        grey = resize(grey, max(8, round(grey.shape[0] * factor)), max(8, round(grey.shape[1] * factor)))
        notes += (f"{name} was reduced to {grey.shape[1]} x {grey.shape[0]} px",)
    return Read(np.asarray(grey, np.float32), notes)


def read_colours(path: Path, field: str = "picture") -> Colours:
    """The colours of a picture, of at most 16 million px; refused as ``read_height`` refuses, but a picture of one colour is read."""
    name = Path(path).name
    shrunk: list[str] = []

    def taken(file: Any) -> np.ndarray:
        factor = (_AREA / (file.width * file.height)) ** 0.5
        if factor < 1.0:
            file = file.convert("RGBA" if file.mode in ("P", "PA", "LA", "La", "RGBa", "RGBA") else "RGB")
            file.thumbnail((round(file.width * factor), round(file.height * factor)), reducing_gap=2.0)
            shrunk.append(f"{name} was reduced to {file.width} x {file.height} px")
        clear = file.mode in ("PA", "LA", "La", "RGBa", "RGBA") or "transparency" in file.info
        values = np.asarray(file.convert("RGBA" if clear else "RGB"), np.uint8)
        if clear and int(values[..., 3].min()) == 255:
            values = values[..., :3]
        return values.astype(np.float32) / np.float32(255.0)

    values, deep = _opened(Path(path), field, taken)
    if deep:
        values = _stretched(values, name, field)
        factor = (_AREA / values.size) ** 0.5
        if factor < 1.0:
            values = resize(values, max(8, round(values.shape[0] * factor)), max(8, round(values.shape[1] * factor)))
            shrunk.append(f"{name} was reduced to {values.shape[1]} x {values.shape[0]} px")
    return Colours(values, deep, tuple(shrunk))


def _stretched(grey: np.ndarray, name: str, field: str) -> np.ndarray:
    """float32 from 0 to 1 of any finite values."""
    if not np.isfinite(grey).all():
        raise BadInput(f"{name} holds numbers that are not finite", field=field)
    low, high = float(grey.min()), float(grey.max())
    if not high - low > 1e-9:
        raise BadInput(f"{name} is one flat grey: there is no relief in it", field=field)
    return np.asarray((grey - low) / (high - low), np.float32)


def _opened(path: Path, field: str, taken: Callable[[Any], np.ndarray]) -> tuple[np.ndarray, bool]:
    """What ``taken`` gets from a file of 8 bits, turned as the camera says, or the values of one of more; and which it is."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = path.name
    if path.suffix.lower() == ".exr":
        raise BadInput(f"{name} is OpenEXR, which is read inside Blender only; save it as 16 bit PNG or TIFF", field=field)
    if not path.is_file():
        state = "is a folder, not a picture" if path.is_dir() else "is not a file" if path.exists() else "is not there"
        raise BadInput(f"the picture {name} {state}", field=field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged remarks, and of sizes that the limits below name
            file = Image.open(path, formats=KINDS)
        with file:
            width, rows = file.size
            if max(width, rows) > LARGEST:
                raise BadInput(f"{name} is {width} x {rows} px; at most {LARGEST} px a side are read", field=field)
            if min(width, rows) < 8:
                raise BadInput(f"{name} is {width} x {rows} px; a height needs at least 8 px a side", field=field)
            deep = file.mode in ("I", "F") or file.mode.startswith("I;16")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if deep:
                    return np.asarray(file, np.float64 if file.mode in ("I", "F") else np.float32), True
                return taken(ImageOps.exif_transpose(file)), False
    except UnidentifiedImageError as error:
        raise BadInput(f"{name} is not a picture that can be read", field=field) from error
    except Image.DecompressionBombError as error:
        raise BadInput(f"{name} has too many pixels; at most {LARGEST} px a side and 178 million in all are read", field=field) from error
    except MemoryError as error:
        raise BadInput(f"{name} needs more memory than there is; make it smaller", field=field) from error
    except BadInput:
        raise
    except Exception as error:  # decoders of damaged files raise anything: struct, zlib, index, type, end of file
        said = getattr(error, "strerror", None) or " ".join(str(error).split())[:100] or type(error).__name__
        raise BadInput(f"{name} is broken or cut short ({said})", field=field) from error


def read_levels(path: Path) -> np.ndarray:
    """A picture written by ``write_height`` exactly as it was: (h, w) float32, nothing stretched. Raises BadInput for any other file."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as file:
            if not file.mode.startswith("I") or max(file.size) > LARGEST:
                raise BadInput(f"{path.name} is not a 16 bit height of this program", field="height")
            return _of_levels(np.asarray(file).astype(np.uint16))
    except BadInput:
        raise
    except Exception as error:  # decoders of damaged files raise anything
        raise BadInput(f"the height {path.name} cannot be read ({type(error).__name__})", field="height") from error


def quantised(height: np.ndarray) -> np.ndarray:
    """(h, w) float32: the height as a file of 16 bits keeps it; what ``write_height`` writes of it is read back bit for bit."""
    return _of_levels(_levels(height))


def _levels(height: np.ndarray) -> np.ndarray:
    return (np.clip(height, 0.0, 1.0) * 65535.0 + 0.5).astype(np.uint16)


def _of_levels(levels: np.ndarray) -> np.ndarray:
    return levels.astype(np.float32) / np.float32(65535.0)


def _luminance(picture: Any) -> np.ndarray:
    """(h, w) float32 in [0, 1] of any picture of 8 bits, a band of rows at a time: sixteen times the file is too much."""
    colours = picture.convert("RGBA")
    grey = np.empty((colours.height, colours.width), np.float32)
    for top in range(0, colours.height, 256):
        band = colours.crop((0, top, colours.width, min(top + 256, colours.height)))
        values = np.asarray(band, np.float32) / 255.0
        grey[top : top + len(values)] = (values[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32)) * values[..., 3]
    return grey


def write_height(path: Path, height: np.ndarray) -> None:
    """Write (h, w) in [0, 1] as a 16 bit grey PNG."""
    from PIL import Image

    Image.fromarray(_levels(height)).save(path, "PNG", compress_level=1)


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
