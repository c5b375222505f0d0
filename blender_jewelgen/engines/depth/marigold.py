"""Marigold: Stable Diffusion taught to draw the depth, or the normals, of the picture it is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.height.params import SeeingParams
from .run import Counter, Tell, heard, quiet_libraries, stretched

_ROUNDS = 3  # of fitting several answers to their median
_SAMPLES = 65536  # px that answers are fitted by
_COARSE = 8  # px that sides must be multiples of, where the model says nothing


def depth(image: Any, weights: Any, plan: Any, params: SeeingParams, tell: Tell) -> np.ndarray:
    """(h, w) float32 in [0, 1], lighter is nearer."""
    from diffusers import MarigoldDepthPipeline

    pipe = _load(MarigoldDepthPipeline, weights, plan, tell)
    found = merged_depth(_answers(pipe, image, params, plan, tell))
    return found if pipe.config.prediction_type == "disparity" else 1.0 - found


def normals(image: Any, weights: Any, plan: Any, params: SeeingParams, tell: Tell) -> np.ndarray:
    """(h, w, 3) float32 unit vectors: x right, y up, z towards the viewer."""
    from diffusers import MarigoldNormalsPipeline

    pipe = _load(MarigoldNormalsPipeline, weights, plan, tell)
    return merged_normals(_answers(pipe, image, params, plan, tell))


def _load(kind: Any, weights: Any, plan: Any, tell: Tell) -> Any:
    """The pipeline of a folder, where the plan wants it. Nothing is fetched, no pickle is opened."""
    import torch

    tell(0.0, "loading the model")
    more = {"variant": weights.variant} if weights.variant else {}
    with quiet_libraries():
        pipe = kind.from_pretrained(str(weights.path), dtype=getattr(torch, plan.dtype), local_files_only=True, use_safetensors=True, **more)
    tell(0.05, "loading the model")
    pipe.set_progress_bar_config(disable=True)
    if plan.slicing:
        pipe.vae.enable_slicing()
    if plan.offload == "model":
        pipe.enable_model_cpu_offload(device=plan.device)
    elif plan.offload == "sequential":
        pipe.enable_sequential_cpu_offload(device=plan.device)
    else:
        pipe.to(plan.device)
    return pipe


def _answers(pipe: Any, image: Any, params: SeeingParams, plan: Any, tell: Tell) -> list[np.ndarray]:
    """One answer (h, w, n) for each time the model looks, each with a seed of its own."""
    import torch

    steps = params.steps or pipe.default_denoising_steps or 4
    coarse = pipe.vae_scale_factor or _COARSE
    side = max(coarse, (params.resolution or pipe.default_processing_resolution or max(image.size)) // coarse * coarse)
    counter = Counter(tell, steps * params.ensemble, "seeing the depth" if "Depth" in type(pipe).__name__ else "seeing the slopes")
    found = []
    with heard(counter, (pipe.text_encoder, pipe.vae, pipe.unet), pipe.unet):
        for number in range(params.ensemble):
            noise = torch.Generator("cpu").manual_seed(params.seed + number)  # the same on every card
            found.append(pipe(image, num_inference_steps=steps, processing_resolution=side, generator=noise, output_type="np").prediction[0])
            if not np.isfinite(found[-1]).all():
                break  # full precision does better
    return found


def merged_depth(answers: list[np.ndarray]) -> np.ndarray:
    """(h, w) float32 in [0, 1] of answers (h, w, 1), each of its own scale and level: the median of all, fitted to each other."""
    if len(answers) == 1 or not all(np.isfinite(answer).all() for answer in answers):
        return answers[-1][..., 0] if not np.isfinite(answers[-1]).all() else stretched(answers[0][..., 0])
    stack = np.stack([stretched(answer[..., 0]) for answer in answers])
    few = max(1, stack[0].size // _SAMPLES)
    middle = np.median(stack, axis=0)
    for _ in range(_ROUNDS):
        target = middle.ravel()[::few].astype(np.float64)
        for number, one in enumerate(stack):
            sample = one.ravel()[::few].astype(np.float64)
            spread = sample - sample.mean()
            power = float(spread @ spread)
            gain = float(spread @ (target - target.mean())) / power if power > 1e-12 else 0.0
            if gain > 0.0:  # one that sees the opposite keeps its own scale, and is voted down
                stack[number] = gain * (one - sample.mean()) + target.mean()
        middle = stretched(np.median(stack, axis=0))
    return middle


def merged_normals(answers: list[np.ndarray]) -> np.ndarray:
    """(h, w, 3) unit vectors: the mean direction of all answers."""
    total = np.sum(answers, axis=0, dtype=np.float64)
    if not np.isfinite(total).all():
        return answers[-1]
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.where(length > 1e-6, total / np.maximum(length, 1e-6), (0.0, 0.0, 1.0)).astype(np.float32)
