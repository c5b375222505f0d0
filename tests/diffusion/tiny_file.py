"""A model folder as the one file that people pass round: the names of the first releases of Stable Diffusion 1.5 and XL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
_OPEN = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj", "self_attn.out_proj": "attn.out_proj"}


def one_file(folder: Path, path: Path) -> Path:
    """The whole model of ``folder`` (sd15 or sdxl) in the .safetensors file ``path``."""
    from diffusers import DiffusionPipeline
    from safetensors.torch import save_file

    pipe = DiffusionPipeline.from_pretrained(folder, local_files_only=True)
    tensors = {f"model.diffusion_model.{name}": value for name, value in _unet(pipe.unet)}
    tensors |= {f"first_stage_model.{name}": value for name, value in _vae(pipe.vae)}
    if "text_encoder_2" in pipe.components:
        tensors |= {f"conditioner.embedders.0.transformer.{name}": value for name, value in _clip(pipe.text_encoder)}
        tensors |= {f"conditioner.embedders.1.model.{name}": value for name, value in _open_clip(pipe.text_encoder_2)}
    else:
        tensors |= {f"cond_stage_model.transformer.{name}": value for name, value in _clip(pipe.text_encoder)}
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()}, path)
    return path


def _renamed(module: Any, new: str, names: dict[str, str] | None = None) -> Iterator[tuple[str, Any]]:
    for name, value in module.state_dict().items():
        part, _, end = name.rpartition(".")
        yield f"{new}.{(names or {}).get(part, part)}.{end}" if part else f"{new}.{end}", value


def _unet(unet: Any) -> Iterator[tuple[str, Any]]:
    layers = unet.config.layers_per_block
    yield from _renamed(unet.conv_in, "input_blocks.0.0")
    yield from _renamed(unet.time_embedding, "time_embed", {"linear_1": "0", "linear_2": "2"})
    if getattr(unet, "add_embedding", None) is not None:
        yield from _renamed(unet.add_embedding, "label_emb.0", {"linear_1": "0", "linear_2": "2"})
    for i, block in enumerate(unet.down_blocks):
        for j, resnet in enumerate(block.resnets):
            place = f"input_blocks.{i * (layers + 1) + j + 1}"
            yield from _renamed(resnet, f"{place}.0", _RESNET)
            if getattr(block, "attentions", None):
                yield from _renamed(block.attentions[j], f"{place}.1")
        if block.downsamplers is not None:
            yield from _renamed(block.downsamplers[0].conv, f"input_blocks.{(i + 1) * (layers + 1)}.0.op")
    for j, resnet in enumerate(unet.mid_block.resnets):
        yield from _renamed(resnet, f"middle_block.{2 * j}", _RESNET)
    yield from _renamed(unet.mid_block.attentions[0], "middle_block.1")
    for i, block in enumerate(unet.up_blocks):
        for j, resnet in enumerate(block.resnets):
            place = f"output_blocks.{i * (layers + 1) + j}"
            yield from _renamed(resnet, f"{place}.0", _RESNET)
            if getattr(block, "attentions", None):
                yield from _renamed(block.attentions[j], f"{place}.1")
        if block.upsamplers is not None:
            after = 2 if getattr(block, "attentions", None) else 1
            yield from _renamed(block.upsamplers[0].conv, f"output_blocks.{(i + 1) * (layers + 1) - 1}.{after}.conv")
    yield from _renamed(unet.conv_norm_out, "out.0")
    yield from _renamed(unet.conv_out, "out.2")


def _vae(vae: Any) -> Iterator[tuple[str, Any]]:
    yield from _renamed(vae.quant_conv, "quant_conv")
    yield from _renamed(vae.post_quant_conv, "post_quant_conv")
    for side, half, blocks, word in (("encoder", vae.encoder, vae.encoder.down_blocks, "down"), ("decoder", vae.decoder, vae.decoder.up_blocks, "up")):
        for name in ("conv_in", "conv_out"):
            yield from _renamed(getattr(half, name), f"{side}.{name}")
        yield from _renamed(half.conv_norm_out, f"{side}.norm_out")
        for j, resnet in enumerate(half.mid_block.resnets):
            yield from _renamed(resnet, f"{side}.mid.block_{j + 1}", {"conv_shortcut": "nin_shortcut"})
        names = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
        for name, value in _renamed(half.mid_block.attentions[0], f"{side}.mid.attn_1", names):
            yield name, value[:, :, None, None] if value.ndim == 2 else value
        for i, block in enumerate(blocks):
            number = i if word == "down" else len(blocks) - 1 - i
            for j, resnet in enumerate(block.resnets):
                yield from _renamed(resnet, f"{side}.{word}.{number}.block.{j}", {"conv_shortcut": "nin_shortcut"})
            samplers = block.downsamplers if word == "down" else block.upsamplers
            if samplers is not None:
                yield from _renamed(samplers[0].conv, f"{side}.{word}.{number}.{word}sample.conv")


def _clip(encoder: Any) -> Iterator[tuple[str, Any]]:
    for name, value in encoder.state_dict().items():
        yield name if name.startswith("text_model.") else f"text_model.{name}", value


def _open_clip(encoder: Any) -> Iterator[tuple[str, Any]]:
    import torch

    values = {name.removeprefix("text_model."): value for name, value in encoder.state_dict().items()}
    yield "token_embedding.weight", values["embeddings.token_embedding.weight"]
    yield "positional_embedding", values["embeddings.position_embedding.weight"]
    yield "text_projection", values["text_projection.weight"].T
    for end in ("weight", "bias"):
        yield f"ln_final.{end}", values[f"final_layer_norm.{end}"]
        for i in range(encoder.config.num_hidden_layers):
            old, new = f"encoder.layers.{i}", f"transformer.resblocks.{i}"
            yield f"{new}.attn.in_proj_{end}", torch.cat([values[f"{old}.self_attn.{part}_proj.{end}"] for part in "qkv"])
            for one, other in _OPEN.items():
                yield f"{new}.{other}.{end}", values[f"{old}.{one}.{end}"]
