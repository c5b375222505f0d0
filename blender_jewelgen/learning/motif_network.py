"""The motif model: a small diffusers UNet on 64 px signed distance cells, steered by one vector of words.

Cells are folded 4 to 1 (pixel unshuffle), so the UNet works on 16 x 16 with 16 channels. Distances enter as tanh(px / 3).
Time runs from 0 (a drawing) to 1 (noise) along straight lines (flow matching); the net tells the direction, noise minus drawing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import ConfigMixin, ModelMixin, UNet2DModel
from diffusers.configuration_utils import register_to_config
from torch import nn

from ..core.words.vectors import DIMENSIONS

CELL, FOLD = 64, 4
SOFT = 3.0  # px of distance at which tanh bends
WIDTHS = (96, 192)


class MotifTextEncoder(ModelMixin, ConfigMixin):
    """Word vector (b, 96), zeros for "anything", to the embedding (b, width) that is added to the UNet's time."""

    @register_to_config
    def __init__(self, dimensions: int = DIMENSIONS, width: int = 4 * WIDTHS[0]) -> None:
        super().__init__()
        self.first = nn.Linear(dimensions + 1, width)
        self.second = nn.Linear(width, width)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        nothing = (words.abs().sum(1, keepdim=True) == 0).to(words.dtype)
        scaled = words * words.shape[1] ** 0.5  # numbers of about one
        return self.second(F.silu(self.first(torch.cat([scaled, nothing], dim=1))))


def new_unet(widths: tuple[int, ...] = WIDTHS, layers: int = 2) -> UNet2DModel:
    """A UNet2DModel of this family with random weights; the last of ``widths`` attends."""
    plain = len(widths) - 1
    return UNet2DModel(
        sample_size=CELL // FOLD, in_channels=FOLD * FOLD, out_channels=FOLD * FOLD, layers_per_block=layers, block_out_channels=widths,
        down_block_types=("DownBlock2D",) * plain + ("AttnDownBlock2D",), up_block_types=("AttnUpBlock2D",) + ("UpBlock2D",) * plain,
        norm_num_groups=8, attention_head_dim=48, resnet_time_scale_shift="scale_shift", class_embed_type="identity",
    )  # fmt: skip


class MotifNetwork(nn.Module):
    """UNet and text encoder together: (b, 1, 64, 64) noisy cell, (b,) time 0 to 1, (b, 96) words to the direction."""

    def __init__(self, unet: UNet2DModel | None = None, text_encoder: MotifTextEncoder | None = None) -> None:
        super().__init__()
        self.unet = unet or new_unet()
        self.text_encoder = text_encoder or MotifTextEncoder(width=4 * self.unet.config.block_out_channels[0])

    def forward(self, cell: torch.Tensor, time: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        folded = F.pixel_unshuffle(cell, FOLD)
        direction = self.unet(folded, time * 1000.0, class_labels=self.text_encoder(words)).sample
        return F.pixel_shuffle(direction, FOLD)
