"""Pictures whose sides run on into each other, drawn so by the model itself; and the measure of the seam."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .circular import circular, circular_vae
from .turning import Turn, turnable, turning

AXES = ("none", "x", "y", "both")


@contextmanager
def tiled(pipe: Any, axes: str) -> Iterator[Any]:
    """Inside, ``pipe`` draws pictures whose sides run on: "x" left into right, "y" top into bottom, "both" or "none".

    A UNet's and every VAE's convolutions take their padding from the opposite side; a transformer sees the latents turned
    by another distance at each step, with the cut faded over. All is put back exactly on leaving. Raises BadInput for a
    model that neither is known for, or axes there are not.
    """
    if axes not in AXES:
        raise BadInput(f"tiling is {axes}; it must be one of {', '.join(AXES)}", field="tiling")
    x, y = axes in ("x", "both"), axes in ("y", "both")
    if not (x or y):
        yield pipe
        return
    with ExitStack() as stack:
        transformer = getattr(pipe, "transformer", None)
        if getattr(pipe, "unet", None) is not None:
            stack.enter_context(circular(pipe.unet, x, y))
        elif transformer is None or not turnable(transformer):
            raise BadInput(f"{type(pipe).__name__} cannot draw sides that run on into each other; use --tiling none", field="tiling")
        else:
            turn = Turn(x, y, margin=0) if type(transformer).__name__.startswith("Sana") else Turn(x, y)
            stack.enter_context(circular(transformer, x, y))
            stack.enter_context(turning(transformer, turn))
        control = getattr(pipe, "controlnet", None)
        if control is not None:
            stack.enter_context(circular(control, x, y))
            if transformer is not None:
                stack.enter_context(turning(control, turn))
        if getattr(pipe, "vae", None) is not None:
            stack.enter_context(circular_vae(pipe.vae, x, y))
        yield pipe


def grain(pipe: Any) -> int:
    """Pixels to one token of the model, or to one latent pixel of a UNet: steps between neighbours differ with their place in it."""
    scale = int(getattr(pipe, "vae_scale_factor", 8))
    if getattr(pipe, "transformer", None) is None:
        return scale
    packed = type(pipe.transformer).__name__ in ("FluxTransformer2DModel", "Flux2Transformer2DModel", "QwenImageTransformer2DModel")
    sizes = getattr(pipe.transformer.config, "all_patch_size", None) or (getattr(pipe.transformer.config, "patch_size", 1),)
    return scale * (2 if packed else int(sizes[0]))


def seam(picture: np.ndarray, every: int = 1) -> dict[str, float]:
    """How much larger the step across the wrap is than the steps inside, per axis: 1 is no seam.

    Parameters
    ----------
    picture : (h, w) or (h, w, colours), uint8 or float
    every : int
        Only steps at whole multiples of so many px count inside, such as ``grain`` gives: models step more between two
        tokens than within one, and the wrap always lies between two.

    Returns
    -------
    dict
        "x" and "y": the root mean square difference of the last and the first column (row), over that of neighbouring
        columns (rows). A picture of one colour has 1.
    """
    values = np.asarray(picture, np.float64)
    return {"x": _ratio(values.swapaxes(0, 1), every), "y": _ratio(values, every)}


def _ratio(values: np.ndarray, every: int) -> float:
    """Along the first axis."""
    if len(values) <= max(every, 1):
        return 1.0
    across = float(np.sqrt(np.mean((values[0] - values[-1]) ** 2)))
    inside = float(np.sqrt(np.mean(np.diff(values, axis=0)[every - 1 :: every] ** 2)))
    least = 1e-6 * max(float(np.abs(values).max()), 1e-12)
    return 1.0 if across <= least and inside <= least else across / max(inside, least)
