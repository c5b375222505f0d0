"""The motif model as a diffusers pipeline: ``MotifPipeline.from_pretrained(folder)("dragon")``; torch only.

JewelGen itself draws with onnxruntime (engines/motif); this is for training styles later and for torch users. Both take the
same steps, so the same latents give the same cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, UNet2DModel
from diffusers.utils import BaseOutput
from diffusers.utils.torch_utils import randn_tensor

from ..core.pattern.drawn import REACH
from ..core.words.vectors import embed
from .motif_network import CELL, FOLD, SOFT, MotifNetwork, MotifTextEncoder

SHIFT = 1.5  # more of the steps are taken while there is much noise
_EDGE = float(np.tanh(REACH / SOFT))
Words = str | tuple[tuple[str, float], ...]


@dataclass
class MotifOutput(BaseOutput):
    """``images``: (b, 64, 64) float32 signed distances in px of the cell, positive inside; or a list of PIL pictures."""

    images: np.ndarray | torch.Tensor | list


class MotifPipeline(DiffusionPipeline):
    """Draws motif cells from words, and from a cell to start at."""

    model_cpu_offload_seq = "text_encoder->unet"
    _callback_tensor_inputs = ["latents"]

    def __init__(self, unet: UNet2DModel, text_encoder: MotifTextEncoder, scheduler: FlowMatchEulerDiscreteScheduler) -> None:
        super().__init__()
        self.register_modules(unet=unet, text_encoder=text_encoder, scheduler=scheduler)

    @classmethod
    def of(cls, network: MotifNetwork) -> MotifPipeline:
        """A pipeline of a network in training; they share their weights."""
        return cls(network.unet, network.text_encoder, FlowMatchEulerDiscreteScheduler(shift=SHIFT))

    @torch.no_grad()
    def __call__(
        self,
        prompt: Words | list[Words] = "",
        negative_prompt: Words | None = None,
        image: np.ndarray | torch.Tensor | None = None,
        strength: float = 0.8,
        num_inference_steps: int = 8,
        guidance_scale: float = 2.0,
        generator: torch.Generator | list[torch.Generator] | None = None,
        latents: torch.Tensor | None = None,
        output_type: str = "np",
        callback_on_step_end: Callable[..., dict] | None = None,
        return_dict: bool = True,
    ) -> MotifOutput | tuple:
        """Draw one cell for each prompt.

        Parameters
        ----------
        prompt
            English words, or a tuple of (words, weight); a list of either draws several. "" is anything at all.
        negative_prompt
            What to lead away from.
        image : (64, 64) or (b, 64, 64) float
            Signed distances in px to start from; ``strength`` 0 to 1 is how much of it is drawn anew.
        latents : (b, 1, 64, 64) float
            Noise, instead of what ``generator`` would give.
        output_type
            "np", "pt" or "pil" (outlines, black on white).
        """
        words, without = self.encode_prompt(prompt, negative_prompt)
        count = len(words)
        if not 0.0 < strength <= 1.0 or num_inference_steps < 1:
            raise ValueError(f"strength is {strength} and steps {num_inference_steps}; they must be in (0, 1] and at least 1")
        device, dtype = self._execution_device, self.unet.dtype
        noise = latents if latents is not None else randn_tensor((count, 1, CELL, CELL), generator=generator, device=device)
        if noise.shape != (count, 1, CELL, CELL):
            raise ValueError(f"latents are {tuple(noise.shape)}; {count} prompts need ({count}, 1, {CELL}, {CELL})")
        noise = noise.to(device, torch.float32)
        if image is None:
            strength, cell = 1.0, noise
        else:
            start = torch.tanh(torch.as_tensor(image, dtype=torch.float32, device=device) / SOFT).reshape(-1, 1, CELL, CELL)
            cell = (1.0 - strength) * start + strength * noise
        self.scheduler.set_timesteps(sigmas=self._sigmas(num_inference_steps, strength), device=device)
        guided = guidance_scale != 1.0
        told = self.text_encoder((torch.cat([words, without]) if guided else words).to(device, dtype))
        for number, time in enumerate(self.progress_bar(self.scheduler.timesteps)):
            folded = torch.nn.functional.pixel_unshuffle(torch.cat([cell, cell]) if guided else cell, FOLD).to(dtype)
            direction = self.unet(folded, time.expand(len(folded)), class_labels=told).sample.float()
            direction = torch.nn.functional.pixel_shuffle(direction, FOLD)
            if guided:
                toward, away = direction.chunk(2)
                direction = away + guidance_scale * (toward - away)
            cell = self.scheduler.step(direction, time, cell, return_dict=False)[0]
            if callback_on_step_end is not None:
                cell = callback_on_step_end(self, number, time, {"latents": cell}).pop("latents", cell)
        self.maybe_free_model_hooks()
        images = self._pictures(cell, output_type)
        return MotifOutput(images=images) if return_dict else (images,)

    def encode_prompt(self, prompt: Words | list[Words], negative_prompt: Words | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """(b, 96) word vectors, and the same number of what guidance leads away from."""
        prompts = prompt if isinstance(prompt, list) else [prompt]
        words = np.stack([embed(_pairs(one)) for one in prompts])
        away = embed(_pairs(negative_prompt)) if negative_prompt else np.zeros(words.shape[1], np.float32)
        return torch.from_numpy(words), torch.from_numpy(np.broadcast_to(away, words.shape).copy())

    def _sigmas(self, steps: int, strength: float) -> list[float]:
        """What the scheduler must be given to visit shifted times from ``strength`` down to 0: it shifts once itself."""
        shift = self.scheduler.config.shift
        times = np.linspace(1.0, 0.0, steps + 1)[:-1]
        times = shift * times / (1.0 + (shift - 1.0) * times) * strength
        return list(times / (shift - (shift - 1.0) * times))

    @staticmethod
    def _pictures(cell: torch.Tensor, kind: str) -> np.ndarray | torch.Tensor | list:
        fields = torch.atanh(cell[:, 0].clamp(-_EDGE, _EDGE)) * SOFT
        if kind == "pt":
            return fields
        values = fields.cpu().numpy()
        if kind == "np":
            return values
        from PIL import Image

        return [Image.fromarray((255.0 * np.clip(0.5 - value, 0.0, 1.0)).astype(np.uint8)) for value in values]


def _pairs(words: Words) -> Iterable[tuple[str, float]]:
    return [(words, 1.0)] if isinstance(words, str) else words
