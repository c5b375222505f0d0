"""Where a picture starts from: another picture, and the part of it that is drawn anew; what lies outside stays to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.diffusion import DiffusionParams
from ...core.errors import BadInput, Fix
from ...core.height.distance import distance
from . import pictures
from .pictures import Size

_EDGE = 0.02  # of the shorter side: how far inside the mask the new fades into the old
_KINDS = {"image": "start from a picture", "inpaint": "draw a part of a picture anew"}
_CLASSES: dict[str, tuple[str, str]] = {  # of the class that draws from words
    "StableDiffusion": ("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "StableDiffusionXL": ("StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
    "StableDiffusion3": ("StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"),
    "Flux": ("FluxImg2ImgPipeline", "FluxInpaintPipeline"),
    "Flux2Klein": ("Flux2KleinInpaintPipeline", "Flux2KleinInpaintPipeline"),  # its other one takes a reference, and knows no strength
    "ZImage": ("ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
    "QwenImage": ("QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"),
    "SanaSprint": ("SanaSprintImg2ImgPipeline", ""),
}
_ENDINGS = ("ControlNetInpaint", "ControlNetImg2Img", "ControlNet", "Img2Img", "Inpaint")


def root(pipe: Any) -> str:
    """What the classes of one family share: "StableDiffusionXL" of every pipeline of SDXL."""
    name = type(pipe).__name__.removesuffix("Pipeline").replace("InpaintingPipeline", "")
    for ending in (*_ENDINGS, "ControlNetInpainting"):
        name = name.removesuffix(ending)
    return name


def started(pipe: Any, params: DiffusionParams, size: Size) -> tuple[Any, dict[str, Any]]:
    """The pipeline that starts from ``params.start``, and what it is called with; with a mask or box, one that draws only that part.

    Raises BadInput for a family that cannot, an empty mask, a box outside the picture, a file that cannot be read.
    """
    part = bool(params.mask or params.box)
    kind = "inpaint" if part else "image"
    name = _CLASSES.get(root(pipe), ("", ""))[1 if part else 0]
    if not name:
        raise BadInput(
            f"{root(pipe)} cannot {_KINDS[kind]} in diffusers; use another model", field="engine", fix=Fix("Use SDXL", "--engine diffusers:sdxl")
        )
    given: dict[str, Any] = {"image": pictures.image(_start(params, size)), "strength": params.strength}
    if "Inpaint" in name:
        inside = coverage(params, size) if part else np.full((size[1], size[0]), 255, np.uint8)
        given["mask_image"] = pictures.image(inside)
    made = _cast(pipe, name)
    if root(pipe) == "Flux2Klein":
        given["height"], given["width"] = size[1], size[0]
    return made, given


def coverage(params: DiffusionParams, size: Size) -> np.ndarray:
    """What is drawn anew, (h, w) uint8: 255 inside the mask or box, else 0. Raises BadInput if that is nothing."""
    width, height = size
    if params.mask:
        grey = pictures.laid(pictures.colours(params.mask, "mask"), size).mean(axis=2)
        inside = grey >= 127.5
        if not inside.any():
            raise BadInput("the mask has no light part; what is to be drawn anew is painted white", field="mask")
    else:
        left, top, right, bottom = box(params.box)
        inside = np.zeros((height, width), bool)
        columns, rows = slice(round(left * width), round(right * width)), slice(round(top * height), round(bottom * height))
        inside[rows, columns] = True
        if not inside.any():
            raise BadInput(f"the box {params.box} is smaller than a pixel", field="box")
    return np.where(inside, 255, 0).astype(np.uint8)


def box(text: str) -> tuple[float, float, float, float]:
    """LEFT,TOP,WIDTH,HEIGHT in shares of the picture, as (left, top, right, bottom). Raises BadInput."""
    try:
        left, top, wide, high = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput(f"box is {text!r}; it must be LEFT,TOP,WIDTH,HEIGHT in shares of the picture, such as 0.25,0.25,0.5,0.5", field="box") from None
    if not (0.0 <= left < 1.0 and 0.0 <= top < 1.0 and 0.0 < wide <= 1.0 - left + 1e-6 and 0.0 < high <= 1.0 - top + 1e-6):
        raise BadInput(f"the box {text} does not lie inside the picture, whose sides are 0 to 1", field="box")
    return left, top, min(left + wide, 1.0), min(top + high, 1.0)


def kept(result: np.ndarray, params: DiffusionParams, axes: str = "none") -> np.ndarray:
    """The new inside the mask or box, the start outside to the bit; the edge between fades, on the inner side only.

    (h, w, 3) uint8 to the same. Outside means the start as it lies on this size: of a start of this very size, its own bytes.
    ``axes`` are the sides that run on into each other ("x", "y", "both"): there the edge also fades across the side.
    """
    if not (params.mask or params.box):
        return result
    size = (result.shape[1], result.shape[0])
    return _mixed(_start(params, size), result, coverage(params, size) > 0, axes)


def _mixed(before: np.ndarray, after: np.ndarray, inside: np.ndarray, axes: str) -> np.ndarray:
    """``after`` inside, fading within the edge; ``before`` outside."""
    edge = max(2.0, _EDGE * min(inside.shape))
    more = [min(int(edge) + 2, side) if axes in (axis, "both") else 0 for axis, side in zip("yx", inside.shape)]
    depth = distance(np.pad(inside, [(more[0],) * 2, (more[1],) * 2], mode="wrap"), edge + 1.0)
    depth = depth[more[0] : more[0] + inside.shape[0], more[1] : more[1] + inside.shape[1]]
    share = np.clip((depth - 0.5) / edge, 0.0, 1.0)
    share = (share * share * (3.0 - 2.0 * share))[..., None]
    mixed = before.astype(np.float32) * (1.0 - share) + after.astype(np.float32) * share
    return np.where(inside[..., None], np.floor(mixed + 0.5).astype(np.uint8), before)


def least_steps(strength: float) -> int:
    """Steps below which nothing would be drawn at this strength, since only that share of them is run."""
    return int(np.ceil(1.0 / max(strength, 1e-3)))


def _start(params: DiffusionParams, size: Size) -> np.ndarray:
    return pictures.laid(pictures.colours(params.start, "start"), size)


def _cast(pipe: Any, name: str) -> Any:
    from .families import pipeline_class
    from .load import recast

    kind = pipeline_class(name)
    return pipe if type(pipe) is kind else recast(pipe, kind)
