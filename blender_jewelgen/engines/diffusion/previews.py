"""The picture so far, after every step: the latents' nearest colours, without decoding them.

Which colours those are is found once a model by having its own encoder look at swatches: a linear map from a latent to red,
green and blue that fits them best. So every model shows its own colours, and nothing is downloaded for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .load import Loaded

_SWATCHES, _LATENTS = 8, 3  # swatches a side; latents a side of a swatch, of which the middle one counts
_RIDGE = 1e-3  # of the latents' spread: keeps the fit tame where swatches hardly differ in a channel


def prepared(loaded: Loaded) -> None:
    """Find the model's colours, before it draws; once."""
    if "colours" in loaded.tints:
        return
    import torch

    loaded.tints["colours"] = None
    if loaded.plan.offload == "sequential":  # its parts lie nowhere between two uses
        return
    pipe = loaded.pipe
    with torch.no_grad():
        loaded.tints["colours"] = _fitted(pipe, loaded.family)
    pipe.maybe_free_model_hooks()


def picture(loaded: Loaded, pipe: Any, latents: Any, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) uint8 of the first picture in ``latents`` as a pipeline that draws ``size`` (width, height) px holds them."""
    spread = unpacked(pipe, loaded.family, latents[:1].detach(), size)[0].float()
    colours = loaded.tints.get("colours")
    if colours is None:
        shown = spread[:3].mean(0, keepdim=True).expand(3, -1, -1)
        shown = 0.5 + 0.2 * (shown - shown.mean()) / shown.std().clamp_min(1e-6)
    else:
        matrix = colours.to(spread.device)
        shown = (matrix[:, :-1] @ spread.flatten(1) + matrix[:, -1:]).reshape(3, *spread.shape[1:])
    return (shown.nan_to_num(0.5).clamp(0.0, 1.0) * 255.0 + 0.5).byte().permute(1, 2, 0).cpu().numpy()


def unpacked(pipe: Any, family: str, latents: Any, size: tuple[int, int]) -> Any:
    """Latents as (n, channels, rows, columns), whichever way a transformer's pipeline strings them up."""
    width, height = size
    factor = pipe.vae_scale_factor
    if family == "flux":
        return pipe._unpack_latents(latents, height, width, factor)
    if family == "qwen-image":
        return pipe._unpack_latents(latents, height, width, factor)[:, :, 0]
    if family == "flux2-klein":
        rows, columns = height // (2 * factor), width // (2 * factor)
        return latents[:, : rows * columns].reshape(latents.shape[0], rows, columns, -1).permute(0, 3, 1, 2)
    return latents


def _fitted(pipe: Any, family: str) -> Any:
    """(3, channels + 1) float32: colours from latents, or None where the encoder gives nothing to hold on to."""
    import torch

    vae = pipe.vae
    device, dtype = pipe._execution_device, vae.dtype
    factor = pipe.vae_scale_factor * (2 if family == "flux2-klein" else 1)
    side, each = (12, 1) if family == "flux2-klein" else (_SWATCHES, _LATENTS)  # its latents are four in one
    swatches = torch.rand((1, 3, side, side), generator=torch.Generator().manual_seed(0))
    large = (swatches.repeat_interleave(each * factor, 2).repeat_interleave(each * factor, 3) * 2.0 - 1.0).to(device)
    upcast = dtype == torch.float16
    if upcast:  # SDXL's encoder overflows in halves
        vae.to(torch.float32)
    try:
        found = _encoded(pipe, family, large.to(torch.float32 if upcast else dtype)).float().cpu()
    finally:
        if upcast:
            vae.to(dtype)
    latents, colours = found[0, :, each // 2 :: each, each // 2 :: each].flatten(1), swatches[0].flatten(1)
    if not bool(torch.isfinite(latents).all()):
        return None
    known = torch.cat([latents, torch.ones((1, latents.shape[1]))]).double()
    spread = known @ known.T
    held = spread + _RIDGE * spread.diagonal().mean() * torch.eye(spread.shape[0], dtype=spread.dtype)
    return torch.linalg.solve(held, known @ colours.double().T).T.float().contiguous()


def _encoded(pipe: Any, family: str, pixels: Any) -> Any:
    """Pixels in [-1, 1] as the latents that are denoised."""
    vae = pipe.vae
    if family == "qwen-image":
        mean, std = (vae.config[name] for name in ("latents_mean", "latents_std"))
        latents = vae.encode(pixels[:, :, None]).latent_dist.mode()[:, :, 0]
        return (latents - latents.new_tensor(mean)[None, :, None, None]) / latents.new_tensor(std)[None, :, None, None]
    if family == "sana":
        return vae.encode(pixels).latent * vae.config.scaling_factor
    latents = vae.encode(pixels).latent_dist.mode()
    if family == "flux2-klein":
        latents = pipe._patchify_latents(latents)
        spread = (vae.bn.running_var + vae.config.batch_norm_eps).sqrt()
        return (latents - vae.bn.running_mean[None, :, None, None]) / spread[None, :, None, None]
    return (latents - (getattr(vae.config, "shift_factor", None) or 0.0)) * vae.config.scaling_factor
