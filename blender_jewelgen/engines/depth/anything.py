"""Depth-Anything V2: one look of a vision transformer, quick also without a graphics card."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from ...core.height.params import SeeingParams
from .run import Counter, Tell, heard, quiet_libraries, stretched

_SIDE, _PATCH = 518, 14  # px that the published weights were taught at
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's colours, as taught


def depth(image: Any, weights: Any, plan: Any, params: SeeingParams, tell: Tell) -> np.ndarray:
    """(h, w) float32 in [0, 1], lighter is nearer."""
    import torch

    model, prepare = _load(Path(weights.path), plan, tell)
    side = params.resolution
    given = prepare(images=image, return_tensors="pt", **({"size": {"height": side, "width": side}} if side else {}))
    pixels = given["pixel_values"].to(plan.device, getattr(torch, plan.dtype))
    counter = Counter(tell, 1, "seeing the depth")
    with heard(counter, (model,), model):
        seen = model(pixel_values=pixels).predicted_depth[:, None].float()
    seen = torch.nn.functional.interpolate(seen, size=(image.height, image.width), mode="bicubic", align_corners=False)[0, 0].cpu().numpy()
    if not np.isfinite(seen).all():
        return seen
    far = getattr(model.config, "depth_estimation_type", "relative") == "metric"  # metres from the lens, not nearness
    return stretched(-seen if far else seen)


def _load(path: Path, plan: Any, tell: Tell) -> tuple[Any, Any]:
    """The model and what prepares pictures for it. Nothing is fetched, no pickle is opened. Raises BadInput for weights that lack parts."""
    import torch
    from transformers import AutoImageProcessor, DepthAnythingForDepthEstimation

    tell(0.0, "loading the model")
    with quiet_libraries():
        model, told = DepthAnythingForDepthEstimation.from_pretrained(
            str(path), dtype=getattr(torch, plan.dtype), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
        if told["missing_keys"]:  # the library would fill them with noise
            raise BadInput(f"{path.name} holds weights of another model: {len(told['missing_keys'])} parts are missing", field="model")
        if getattr(model.head, "max_depth", 1) is None:  # what older libraries wrote for a model without a unit
            model.head.max_depth = 1
        known = (path / "preprocessor_config.json").is_file()
        prepare = AutoImageProcessor.from_pretrained(str(path), local_files_only=True) if known else _as_taught()
    tell(0.05, "loading the model")
    return model.eval().to(plan.device), prepare


def _as_taught() -> Any:
    """What prepares pictures as the published weights were taught."""
    import transformers

    plain = find_spec("torchvision") is None and hasattr(transformers, "DPTImageProcessorPil")
    kind = transformers.DPTImageProcessorPil if plain else transformers.DPTImageProcessor
    return kind(size={"height": _SIDE, "width": _SIDE}, keep_aspect_ratio=True, ensure_multiple_of=_PATCH, image_mean=_MEAN, image_std=_SPREAD)
