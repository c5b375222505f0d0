"""What a method of ``methods`` works with: the picture checked, cropped, and of one size with what came beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput
from .crop import Cut, boxed, cut_out
from .filters import resize
from .ink import Ink, ink_of, luminance
from .looks import Looks
from .normals import Slopes, slopes_of
from .params import HeightParams

SMALLEST, LARGEST, AREA = 8, 16384, 16_000_000  # px a side, px in all that are worked with
DRAWN = 4_000_000  # px of a drawing; more show no line better


@dataclass(frozen=True, eq=False)
class Given:
    """What a method works with; ``thing``: where the thing is in the whole picture."""

    colours: np.ndarray
    deep: bool
    looks: Looks | None
    depth: np.ndarray | None
    slopes: Slopes | None
    thing: Cut | None
    ink: Ink | None
    params: HeightParams


def checked(colours: np.ndarray) -> np.ndarray:
    """(h, w, 3 or 4) float32 of any picture. Raises BadInput for what is none, too small or too large, or not there at all."""
    colours = np.asarray(colours)
    if colours.ndim == 2:
        colours = np.repeat(colours[..., None], 3, axis=-1)
    if colours.ndim != 3 or colours.shape[2] not in (3, 4):
        raise BadInput(f"the picture has the shape {colours.shape}; it must be rows, columns and 3 or 4 colours", field="picture")
    rows, columns = colours.shape[:2]
    if min(rows, columns) < SMALLEST:
        raise BadInput(f"the picture is {columns} x {rows} px; a height needs at least {SMALLEST} px a side", field="picture")
    if max(rows, columns) > LARGEST:
        raise BadInput(f"the picture is {columns} x {rows} px; at most {LARGEST} px a side are read", field="picture")
    if colours.dtype.kind not in "fbiu" or not np.isfinite(colours).all():
        raise BadInput("the picture holds numbers that are not finite", field="picture")
    colours = np.clip(np.asarray(colours, np.float32), 0.0, 1.0)
    if colours.shape[2] == 4 and float(colours[..., 3].max()) < 0.02:
        raise BadInput("the picture is transparent everywhere; there is nothing in it", field="picture")
    return colours


def worked(colours: np.ndarray, area: int) -> tuple[np.ndarray, str]:
    """The picture in at most ``area`` px, and a note or ""."""
    rows, columns = colours.shape[:2]
    factor = (area / (rows * columns)) ** 0.5
    if factor >= 1.0:
        return colours, ""
    size = max(SMALLEST, round(rows * factor)), max(SMALLEST, round(columns * factor))
    return _resized(colours, size), f"the picture was reduced to {size[1]} x {size[0]} px"


def given_for(
    method: str, colours: np.ndarray, params: HeightParams, looks: Looks | None, depth: np.ndarray | None, normals: np.ndarray | None, deep: bool
) -> Given:
    """What the method works with, cropped and of one size."""
    thing = ink = slopes = None
    if method in ("line", "drawing"):
        ink = ink_of(colours)
        if params.crop and not params.seamless:
            cut = boxed(ink.coverage, "")
            ink = replace(ink, coverage=np.ascontiguousarray(ink.coverage[cut.rows, cut.columns]))
    elif params.crop and not params.seamless and method in ("luminance", "shading"):
        thing = cut_out(colours)
        colours = np.ascontiguousarray(colours[thing.rows, thing.columns])
    size = colours.shape[:2]
    if depth is not None:
        depth = _plane(depth, size, "depth")
    if normals is None and method == "normals":
        normals = colours
    if normals is not None and method in ("normals", "depth"):
        normals = np.asarray(normals)
        if normals.ndim != 3 or normals.shape[2] not in (3, 4) or not np.isfinite(normals).all():
            raise BadInput("the normals must be three finite numbers a pixel", field="normals")
        slopes = slopes_of(_resized(_like(normals, size, "normals"), size), params.seamless, params.normal_map)
    return Given(colours, deep, looks, depth, slopes, thing, ink, params)


def _plane(values: np.ndarray, size: tuple[int, int], field: str) -> np.ndarray:
    values = np.asarray(values, np.float32)
    if values.ndim == 3:
        values = luminance(values)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise BadInput(f"the {field} must be one finite number a pixel", field=field)
    return resize(_like(values, size, field), *size)


def _like(values: np.ndarray, size: tuple[int, int], field: str) -> np.ndarray:
    rows, columns = values.shape[:2]
    if abs(rows * size[1] / (columns * size[0]) - 1.0) > 0.03 or min(rows, columns) < SMALLEST:
        raise BadInput(
            f"the {field} map is {columns} x {rows} px and the picture {size[1]} x {size[0]} px; both must have the same proportions", field=field
        )
    return values


def _resized(colours: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if colours.shape[:2] == size:
        return colours
    return np.stack([resize(colours[..., k], *size) for k in range(colours.shape[2])], axis=-1)
