"""Pictures made larger: by Lanczos alone, or with detail that the model draws tile by tile; the seam is kept on the sides that run on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.errors import BadInput
from . import pictures

Tell = Callable[[float, str], None]
_REACH = 3  # px that Lanczos looks to either side, of the smaller picture
_STRENGTH = 0.25  # how far a tile may leave what it starts from
_STEPS = 16  # of which a quarter is run
_OVERLAP = 0.25  # of a tile, on each of two sides


def larger(
    picture: np.ndarray, times: int, axes: str = "none", tell: Tell = lambda share, text: None, pipe: Any = None,
    call: dict[str, Any] | None = None, side: int | None = None, strength: float = _STRENGTH,
) -> np.ndarray:  # fmt: skip
    """The picture ``times`` as large, 1, 2 or 4.

    Parameters
    ----------
    picture : (h, w, 3) uint8
    axes : str
        "none", "x", "y" or "both": sides that run on into each other, and do so after.
    tell : callable
        Heard once a tile, and once a step with a model; may raise Cancelled.
    pipe : pipeline or None
        Draws detail into every tile where its family can start from a picture; else Lanczos alone.
    call : dict or None
        What the pipeline is called with besides, such as the prompt's embeddings; None: no words.
    side : int or None
        Side of a tile, px; None: what the model was taught with.

    Returns
    -------
    (times h, times w, 3) uint8
    """
    if times not in (1, 2, 4):
        raise BadInput(f"upscale is {times}; it must be 1, 2 or 4", field="upscale")
    if times == 1:
        return picture
    x, y = axes in ("x", "both"), axes in ("y", "both")
    tell(0.0, "making it larger")
    large = _lanczos(picture, times, x, y)
    refiner = None if pipe is None else _refiner(pipe)
    if refiner is None:
        tell(1.0, "made larger")
        return large
    return _refined(large, x, y, tell, refiner, call or {}, side or _taught(pipe), strength)


def _lanczos(picture: np.ndarray, times: int, x: bool, y: bool) -> np.ndarray:
    from PIL import Image

    edges = [min(4 * _REACH, side) if runs else 0 for runs, side in ((y, picture.shape[0]), (x, picture.shape[1]))]
    wide = np.pad(picture, ((edges[0],) * 2, (edges[1],) * 2, (0, 0)), mode="wrap")
    size = (wide.shape[1] * times, wide.shape[0] * times)
    grown = np.asarray(Image.fromarray(wide).resize(size, Image.Resampling.LANCZOS))
    top, left = edges[0] * times, edges[1] * times
    return np.ascontiguousarray(grown[top : grown.shape[0] - top, left : grown.shape[1] - left])


def _refiner(pipe: Any) -> Any:
    """The same model as one that starts from a picture, without what steers the whole picture; None where there is none."""
    from .families import pipeline_class
    from .load import recast
    from .regions import _CLASSES, root

    name = _CLASSES.get(root(pipe), ("", ""))[0]
    return recast(pipe, pipeline_class(name)) if name else None


def _taught(pipe: Any) -> int:
    """Side in px that the model was taught with."""
    core = getattr(pipe, "unet", None) or pipe.transformer
    size = core.config.get("sample_size") or 128
    scale = int(getattr(pipe, "vae_scale_factor", 8))
    return int(min(max((size if isinstance(size, int) else size[0]) * scale, 64), 1024))


def _refined(large: np.ndarray, x: bool, y: bool, tell: Tell, pipe: Any, call: dict[str, Any], side: int, strength: float) -> np.ndarray:
    """Every tile drawn from what it shows, laid over each other with windows that add up to one."""
    height, width = large.shape[:2]
    tall, broad = min(side, height), min(side, width)
    places = [(top, left) for top in _places(height, tall, y) for left in _places(width, broad, x)]
    total = np.zeros(large.shape, np.float32)
    weight = np.zeros((height, width, 1), np.float32)
    window = np.outer(_window(tall, height > tall or y), _window(broad, width > broad or x)).astype(np.float32)[..., None]
    for number, (top, left) in enumerate(places):
        text = f"tile {number + 1} of {len(places)}"
        tell(number / len(places), text)
        rows, columns = np.arange(top, top + tall) % height, np.arange(left, left + broad) % width
        where = np.ix_(rows, columns)
        drawn = _drawn(pipe, large[where], call, strength, lambda share, n=number, text=text: tell((n + share) / len(places), text))
        np.add.at(total, where, drawn * window)  # a tile may wrap onto itself
        np.add.at(weight, where, window)
    tell(1.0, "made larger")
    return np.clip(total / weight + 0.5, 0.0, 255.0).astype(np.uint8)


def _places(length: int, tile: int, runs: bool) -> list[int]:
    """Where tiles begin: evenly, with an overlap; round the side and past its end where it runs on."""
    step = max(int(tile * (1.0 - _OVERLAP)), 1)
    if runs:
        count = -(-length // step)
        return [round(number * length / count) for number in range(count)]
    if length <= tile:
        return [0]
    count = -(-(length - tile) // step) + 1
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


def _window(tile: int, fades: bool) -> np.ndarray:
    """Weights along a tile: a rise over the overlap, level, a fall; never 0."""
    if not fades:
        return np.ones(tile)
    reach = max(int(tile * _OVERLAP), 1)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(reach) + 0.5) / reach)
    window = np.ones(tile)
    window[:reach] = rise
    window[tile - reach :] = np.minimum(window[tile - reach :], rise[::-1])
    return window


def _drawn(pipe: Any, tile: np.ndarray, call: dict[str, Any], strength: float, tell: Callable[[float], None]) -> np.ndarray:
    """One tile through the model, (h, w, 3) float32 in 0 to 255."""
    import torch

    known = inspect.signature(type(pipe).__call__).parameters
    height, width = tile.shape[:2]
    size = (-(-width // 64) * 64, -(-height // 64) * 64)  # what every family takes
    fitted = np.pad(tile, ((0, size[1] - height), (0, size[0] - width), (0, 0)), mode="edge")
    words = {} if any(name in call for name in ("prompt", "prompt_embeds")) else {"prompt": ""}
    if "mask_image" in known:
        words["mask_image"] = pictures.image(np.full((size[1], size[0]), 255, np.uint8))

    def after(_: Any, step: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        tell(min((step + 1) / max(1, round(_STEPS * strength)), 1.0))
        return {}

    given = {
        "num_inference_steps": _STEPS, "generator": torch.Generator("cpu").manual_seed(0), "width": size[0], "height": size[1], "output_type": "np",
    } | words | call | {"image": pictures.image(fitted), "strength": strength, "callback_on_step_end": after}  # fmt: skip
    picture = pipe(**{name: value for name, value in given.items() if name in known}).images[0]
    picture = picture[:height, :width]
    if not np.isfinite(picture).all():  # what it starts from is better than black
        return tile.astype(np.float32)
    return np.clip(picture, 0.0, 1.0).astype(np.float32) * 255.0
