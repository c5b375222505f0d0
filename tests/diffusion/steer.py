"""What the tests of steering share: pictures in files, a drawing in two steps, and the state of a pipeline to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FLOW = ("sd3", "flux", "flux2-klein", "z-image", "qwen-image")
ALL = ("sd15", "sdxl", *FLOW, "sana")


def drawn(pipe: Any, seed: int = 3, steps: int = 2, width: int = 64, height: int = 64, **more: Any) -> np.ndarray:
    """(h, w, 3) float32: what the pipeline draws, all else being equal."""
    import torch

    if type(pipe).__name__.startswith("Sana"):
        more = {"use_resolution_binning": False, "complex_human_instruction": None} | more
        if "ControlNet" in type(pipe).__name__:
            more = {"clean_caption": False} | more
    more = {"prompt": "lotus scroll", "width": width, "height": height} | more
    if type(pipe).__name__ in ("StableDiffusionImg2ImgPipeline", "StableDiffusionXLImg2ImgPipeline"):
        del more["width"], more["height"]
    torch.manual_seed(seed)  # SD3's ControlNet pipeline samples its picture without the generator
    return pipe(num_inference_steps=steps, generator=torch.Generator().manual_seed(seed), output_type="np", **more).images[0]


def picture(path: Path, seed: int = 0, width: int = 64, height: int = 64) -> Path:
    """A coloured picture with two discs and some grain."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    values = np.full((height, width, 3), 40.0) + rng.random((height, width, 3)) * 6.0
    for x, y, r, shade in ((0.3, 0.4, 0.2, (220, 180, 60)), (0.7, 0.6, 0.15, (90, 140, 230))):
        values[np.hypot(columns / width - x, rows / height - y) < r] = shade
    Image.fromarray(values.astype(np.uint8)).save(path)
    return path


def state(pipe: Any) -> dict[str, Any]:
    """Everything that a steering could leave behind: classes of all layers, names and sums of weights, what instances carry, the parts."""
    found: dict[str, Any] = {}
    for name, part in pipe.components.items():
        found[name] = id(part)
        if hasattr(part, "named_modules"):
            for inner, layer in part.named_modules():
                own = sorted(key for key in layer.__dict__ if not key.startswith("_") or key == "_conv_forward")
                found[f"{name}.{inner}"] = (type(layer).__name__, own)
            found |= {f"{name}.{inner}.sum": float(values.double().sum()) for inner, values in part.state_dict().items()}
        if hasattr(part, "attn_processors"):
            found[f"{name}.processors"] = {inner: type(one).__name__ for inner, one in part.attn_processors.items()}
    return found
