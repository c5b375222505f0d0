"""Drawings in picture files: a motif of this program, a scribble, a silhouette or a photograph becomes distances on a cell."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from ..height.distance import distance
from ..height.filters import blur, resize
from ..height.picture import KINDS
from . import drawn

MOST = 64_000_000  # px of a picture
_SMALLEST = 8  # px a side
_WORKED = 1024  # px of the longer side that is looked at
_STEP = (32767.0 / drawn.REACH) * drawn.CELL / drawn.FILE  # levels from pixel to pixel in a file of ours
_CONTRAST = 0.08  # of black to white; less is paper, not a drawing
_FRAME = 0.03  # of the longer side: where the ground is looked for
_SHADED, _SOFT = 0.04, 0.06  # share of half-tones that makes a photograph; change a px below which a half-tone is no edge
_CLEAR = 0.75  # share of the variance that a threshold explains in a picture of even light
_DUST = 0.0008  # of a photograph's area


@dataclass(frozen=True, eq=False)
class Drawing:
    """Distances (s, s) float32 as in ``drawn``, and what a person should know of the file."""

    field: np.ndarray
    notes: tuple[str, ...] = ()


def read_drawing(path: Path, field: str = "sketch", fit: bool = True, light: bool = False, what: str = "") -> Drawing:
    """The drawing in a picture: (512, 512) of a motif file of ours as it is, else a cell (64, 64).

    PNG, JPEG, TIFF, WebP and their like, and SVG. Dark on light or light on dark, told by the border, or ``light`` on dark for certain.
    ``fit``: centred, nine tenths of the cell; otherwise (512, 512) with everything where it is, the picture made square.

    Raises BadInput with ``field``, which calls the file ``what`` (by default as the field), for files that are missing, broken, blank,
    covered all over or of more than 64 million px.
    """
    what = what or field
    picture = _opened(Path(path), field, what)
    if picture.distances is not None:
        return Drawing(picture.distances)
    coverage, shaded = silhouette(picture, light)
    name = Path(path).name
    notes = (f"{name} has half-tones: what stands out from its ground was taken as the drawing",) if shaded else ()
    share = float((coverage > 0.5).mean())
    if share in (0.0, 1.0):
        raise BadInput(_bare(what, name, full=share == 1.0), field=field)
    try:
        if fit:
            lines, seen = _drawn_out(coverage > 0.5)
            return Drawing(drawn.cell_of(seen, gap=0.0 if lines else drawn.GAP), notes)
        whole = resize(_square(coverage), drawn.FILE, drawn.FILE)
        return Drawing(drawn.measured(whole), notes)
    except BadInput as error:
        raise BadInput(f"{what} {name!r} cannot be used: {error.args[0]}", field=field) from error


def read_mask(path: Path, side: int = drawn.FILE, field: str = "mask") -> np.ndarray:
    """(side, side) bool of a picture, made square: True where it is light, or painted at all on a ground that is transparent.

    Raises BadInput where it covers nothing or everything, and as ``read_drawing`` does.
    """
    picture = _opened(Path(path), field, "the mask", plain=True)
    clear = picture.alpha is not None and float(picture.alpha.min()) < 0.5
    mask = resize(_square(picture.alpha if clear else picture.grey), side, side) > 0.5
    if mask.all() or not mask.any():
        covered = "everything" if mask.all() else "nothing"
        raise BadInput(f"the mask {Path(path).name!r} covers {covered}; paint white what may change, and leave the rest black", field=field)
    return mask


@dataclass(frozen=True, eq=False)
class _Picture:
    """What a file shows: grey (h, w) 0 to 1, coverage (h, w) or None, distances (512, 512) if it is a motif of ours."""

    grey: np.ndarray
    alpha: np.ndarray | None
    name: str
    field: str
    what: str
    distances: np.ndarray | None = None


def silhouette(picture: _Picture, light: bool = False) -> tuple[np.ndarray, bool]:
    """((h, w) float32 coverage in [0, 1] of what is drawn, whether the picture has half-tones). Raises BadInput if nothing stands out."""
    grey, alpha = picture.grey, picture.alpha
    if alpha is not None:
        seen = float(alpha.sum())
        if seen < 0.5:
            raise BadInput(_bare(picture.what, picture.name), field=picture.field)
        bright = light or float((grey * alpha).sum()) / seen > 0.5
        grey = grey * alpha + (0.0 if bright else 1.0) * (1.0 - alpha)  # on the ground that shows it best
    threshold, clear = otsu(grey)
    low, high = (float(grey[side].mean()) if side.any() else threshold for side in (grey <= threshold, grey > threshold))
    if high - low < _CONTRAST:
        raise BadInput(_bare(picture.what, picture.name, full=bool(grey.mean() < 0.5)), field=picture.field)
    share = np.clip((grey - low) / (high - low), 0.0, 1.0)
    shaded = _halftones(share) > _SHADED
    if shaded and alpha is not None and float(alpha.min()) < 0.5:
        return np.asarray(alpha, np.float32), True  # cut out already
    if shaded:
        share = _even(grey, clear)
    if light:
        return np.asarray(share, np.float32), shaded
    edge = max(1, round(_FRAME * max(grey.shape)))
    frame = np.concatenate([share[:edge].ravel(), share[-edge:].ravel(), share[:, :edge].ravel(), share[:, -edge:].ravel()])
    return np.asarray(1.0 - share if np.median(frame) > 0.5 else share, np.float32), shaded


def _drawn_out(shape: np.ndarray) -> tuple[bool, np.ndarray]:
    """Whether a drawing (h, w) bool is of lines, and the drawing, its thin lines as wide as a cell needs to show them."""
    rows, columns = (np.flatnonzero(shape.any(axis=axis)) for axis in (1, 0))
    reach = max(np.ptp(rows), np.ptp(columns)) / (drawn.MARGIN * drawn.CELL)  # one px of the cell
    broad = distance(distance(shape, reach + 2.0) <= 0.9 * reach, reach + 2.0) <= reach
    thin = shape & ~broad
    return bool(thin.sum() > 0.5 * shape.sum()), shape | (distance(~thin, reach + 2.0) <= reach)


def otsu(grey: np.ndarray) -> tuple[float, float]:
    """The threshold that parts (h, w) grey values best (Otsu 1979), and the share of their variance that it explains."""
    count, edges = np.histogram(grey, 256)
    middle = (edges[:-1] + edges[1:]) / 2
    weight, total = np.cumsum(count) / grey.size, np.cumsum(count * middle) / grey.size
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.nan_to_num((total[-1] * weight - total) ** 2 / (weight * (1.0 - weight)), nan=0.0, posinf=0.0)
    best = np.flatnonzero(between >= between.max() * (1.0 - 1e-9))  # a gap between two greys is as good everywhere: its middle
    return float(edges[1 + best].mean()), float(between.max() / max(float(grey.var()), 1e-12))


def _even(grey: np.ndarray, clear: float) -> np.ndarray:
    """(h, w) bool as float32: a photograph parted in two; uneven light is taken off where that parts it better."""
    soft = blur(grey, 0.003 * max(grey.shape))
    chosen = soft
    if clear < _CLEAR:
        flat = soft - blur(grey, 0.08 * max(grey.shape))
        if otsu(flat)[1] > otsu(soft)[1]:
            chosen = flat
    shape = chosen > otsu(chosen)[0]
    from .parts import parts

    for side in (True, False):  # grain of the paper, and of what is drawn
        label, sizes = parts(shape == side)
        shape = np.where((shape == side) & (sizes < _DUST * shape.size)[label], not side, shape)
    return shape.astype(np.float32)


def _halftones(share: np.ndarray) -> float:
    """Share of the picture that is neither ground nor drawing nor the edge between them."""
    change = np.maximum(np.abs(np.gradient(share, axis=0)), np.abs(np.gradient(share, axis=1)))
    return float(((share > 0.2) & (share < 0.8) & (change < _SOFT)).mean())


def _square(picture: np.ndarray) -> np.ndarray:
    """A picture in the middle of a square, nothing round it."""
    rows, columns = picture.shape
    side = max(rows, columns)
    square = np.zeros((side, side), np.float32)
    top, left = (side - rows) // 2, (side - columns) // 2
    square[top : top + rows, left : left + columns] = picture
    return square


def _bare(what: str, name: str, full: bool = False) -> str:
    if full:
        return f"{what} {name!r} is covered all over; leave some ground round the drawing"
    return f"{what} {name!r} is blank; there is no line in it"


def _opened(path: Path, field: str, what: str, plain: bool = False) -> _Picture:
    """A file's picture, made small; ``plain``: a file of ours is taken as grey, too."""
    if not path.is_file():
        if path.exists():
            raise BadInput(f"{what} {path.name!r} is a folder, or no plain file; name a picture", field=field)
        raise BadInput(f"{what} names a picture that is not there: {path.name!r}", field=field)
    if path.suffix.lower() == ".svg":
        from .svg import painted

        grey, alpha = painted(path, field)
        return _Picture(grey, alpha if float(alpha.min()) < 0.999 else None, path.name, field, what)
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged remarks, and of sizes that the limit below names
            with Image.open(path, formats=KINDS) as file:
                width, rows = file.size
                if width * rows > MOST:
                    raise BadInput(f"{what} {path.name!r} is {width} x {rows} px; at most {MOST // 1_000_000} million px are read", field=field)
                if min(width, rows) < _SMALLEST:
                    raise BadInput(f"{what} {path.name!r} is {width} x {rows} px; a drawing needs at least {_SMALLEST} px a side", field=field)
                deep = file.mode in ("I", "F") or file.mode.startswith("I;16")
                values = np.asarray(file, np.float64) if deep else None
                if values is None:
                    return _of_colours(ImageOps.exif_transpose(file), path.name, field, what)
    except BadInput:
        raise
    except UnidentifiedImageError as error:
        raise BadInput(f"{what} {path.name!r} is not a picture that can be read", field=field) from error
    except Image.DecompressionBombError as error:
        raise BadInput(f"{what} {path.name!r} is too large; at most {MOST // 1_000_000} million px are read", field=field) from error
    except MemoryError as error:
        raise BadInput(f"{what} {path.name!r} needs more memory than there is; make it smaller", field=field) from error
    except Exception as error:  # decoders of damaged files raise anything: struct, zlib, index, type, end of file
        said = getattr(error, "strerror", None) or " ".join(str(error).split())[:100] or type(error).__name__
        raise BadInput(f"{what} {path.name!r} is broken or cut short ({said})", field=field) from error
    if not np.isfinite(values).all():
        raise BadInput(f"{what} {path.name!r} holds numbers that are not finite", field=field)
    if not plain and is_motif(values):
        return _Picture(values, None, path.name, field, what, drawn.field_of(values))
    low, high = float(values.min()), float(values.max())
    if low == high or (plain and high > 1.0):  # a bare sheet is as light as it says
        low, high = 0.0, 65535.0 if high > 1.0 else 1.0
    grey = np.asarray((values - low) / max(high - low, 1e-9), np.float32)
    factor = min(1.0, _WORKED / max(grey.shape))
    return _Picture(resize(grey, max(1, round(grey.shape[0] * factor)), max(1, round(grey.shape[1] * factor))), None, path.name, field, what)


def _of_colours(image: Any, name: str, field: str, what: str) -> _Picture:
    """A picture of 8 bits a colour, made small before it is taken apart."""
    from PIL import Image

    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA")
    image.thumbnail((_WORKED, _WORKED), Image.Resampling.BOX, reducing_gap=None)
    values = np.asarray(image.convert("RGBA"), np.float32) / 255.0
    grey, alpha = values[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32), values[..., 3]
    return _Picture(np.asarray(grey, np.float32), alpha if float(alpha.min()) < 0.999 else None, name, field, what)


def is_motif(levels: np.ndarray) -> bool:
    """Whether 16 bit levels are distances as ``drawn.levels`` writes them: near an outline they change by one px a px."""
    if levels.shape != (drawn.FILE, drawn.FILE) or levels.min() < 0 or levels.max() > 65535:
        return False
    values = np.asarray(levels, np.float32) - 32768.0
    near = np.abs(values) < 2.0 * 32767.0 / drawn.REACH
    if not near.any() or not (values > 0).any() or not (values < 0).any():
        return False
    slope = np.hypot(np.gradient(values, axis=0), np.gradient(values, axis=1))[near]
    return bool(0.85 < float(np.median(slope)) / _STEP < 1.15)
