"""The heads of .safetensors files: names, shapes and sizes of what is in them. The weights themselves are never read here."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import BadInput

PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_MOST = 100_000_000  # bytes of a head; the format's own limit
_LORA = ("lora_a.", "lora_b.", "lora_down.", "lora_up.", ".lora.down.", ".lora.up.")
_WIDTHS = {768: "sd15", 2048: "sdxl"}  # of the text that a UNet's cross attention hears
# The first row whose every word begins, or stands in, a name of the file decides.
_ORIGINAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ip-adapter", ("image_proj.", "ip_adapter.")),
    ("controlnet", ("controlnet_cond_embedding.conv_in.weight",)),
    ("controlnet", ("control_model.time_embed.0.weight",)),
    ("sdxl", ("model.diffusion_model.input_blocks.0.0.weight", "conditioner.embedders.1.")),
    ("sd15", ("model.diffusion_model.input_blocks.0.0.weight", "cond_stage_model.transformer.")),
    ("sd3", ("joint_blocks.0.context_block.adaLN_modulation.1.bias",)),
    ("flux", ("double_blocks.0.img_attn.norm.key_norm.scale",)),
    ("flux2-klein", ("single_stream_modulation.lin.weight",)),
    ("z-image", ("layers.0.adaLN_modulation.0.weight",)),
    ("qwen-image", ("transformer_blocks.0.img_mod.1.weight", "txt_norm.weight")),
    ("sana", ("blocks.0.cross_attn.q_linear.weight",)),
    ("triposr", ("image_tokenizer.model.embeddings.cls_token", "backbone.transformer_blocks.0.attn2.to_k.weight", "post_processor.upsample.weight")),
)


@dataclass(frozen=True)
class Head:
    """Names and shapes of the tensors of a file, its length in bytes, and a short sum of its head."""

    shapes: dict[str, tuple[int, ...]]
    length: int
    mark: str

    @property
    def billions(self) -> float:
        """Parameters in it, in 10^9."""
        return sum(math.prod(shape) for shape in self.shapes.values()) / 1e9


def head(path: Path) -> Head:
    """The head of a .safetensors file. Raises BadInput if it is a pickle, something else, or half a file."""
    if path.suffix.lower() in PICKLES:
        raise BadInput(f"{path.name} is a pickle file, which can run code of its maker; use the same weights as .safetensors", field="model")
    if path.suffix.lower() != ".safetensors":
        raise BadInput(f"{path.name} is no .safetensors file; weights are read from nothing else", field="model")
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            first = file.read(8)
            if len(first) < 8:
                raise BadInput(f"{path.name} ends early: it has {length:,} bytes; fetch it again", field="model")
            size = struct.unpack("<Q", first)[0]
            if size > _MOST or first[:2] in (b"PK", b"\x80\x02", b"\x80\x04"):
                raise BadInput(f"{path.name} is no .safetensors file, whatever its name says", field="model")
            text = file.read(size)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error})", field="model") from error
    if len(text) < size:
        raise BadInput(f"{path.name} ends early: it has {length:,} bytes of {8 + size:,} and more; fetch it again", field="model")
    try:
        rows = {name: row for name, row in json.loads(text).items() if name != "__metadata__"}
        shapes = {name: tuple(int(side) for side in row["shape"]) for name, row in rows.items()}
        end = 8 + size + max((int(row["data_offsets"][1]) for row in rows.values()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise BadInput(f"{path.name} is no .safetensors file, whatever its name says", field="model") from error
    if length < end:
        raise BadInput(f"{path.name} ends early: it has {length:,} bytes of {end:,}; fetch it again", field="model")
    return Head(shapes, length, hashlib.sha256(text).hexdigest()[:12])


def family_of(found: Head) -> tuple[str, str]:
    """(family, base) that the names in a file tell of; base is that of an addition. ("", "") for what is not known."""
    names = found.shapes
    if any(sign in name.lower() for name in names for sign in _LORA):
        return "lora", base_of_lora(found)
    for family, words in _ORIGINAL:
        if all(any(name.startswith(word) or name.endswith(word) for name in names) for word in words):
            if family == "ip-adapter":
                return family, _WIDTHS.get(_first(found, "to_k_ip.weight", 1), "")
            if family == "controlnet":
                wide = _first(found, "attn2.to_k.weight", 1) or _first(found, "attn2.to_v.weight", 1)
                return family, "sdxl" if any("add_embedding." in name for name in names) else _WIDTHS.get(wide, "")
            return family, ""
    return "", ""


def base_of_lora(found: Head) -> str:
    """The family a LoRA was made for; "" if its names do not tell."""
    names = [name.lower() for name in found.shapes]
    if any("single_transformer_blocks" in name or "double_blocks" in name or "single_blocks" in name for name in names):
        return "flux2-klein" if any("single_transformer_blocks" in n and "to_qkv_mlp_proj" in n for n in names) else "flux"
    for name, shape in found.shapes.items():
        low = name.lower()
        if "attn2" in low and ("to_k" in low or "to_v" in low) and ("lora_a" in low or "down" in low) and len(shape) >= 2:
            return _WIDTHS.get(shape[1], "sana" if "transformer_blocks" in low and "down_blocks" not in low and shape[1] not in _WIDTHS else "")
    if any("img_mod" in name or "txt_mlp" in name or "img_mlp" in name for name in names):
        return "qwen-image"
    if any(name.startswith(("transformer.layers.", "diffusion_model.layers.", "layers.")) for name in names):
        return "z-image"
    if any("add_k_proj" in name or "joint_blocks" in name for name in names):
        return "sd3"
    return "sdxl" if any("te2" in name or "text_encoder_2" in name for name in names) else ""


def _first(found: Head, ending: str, axis: int) -> int:
    return next((shape[axis] for name, shape in found.shapes.items() if name.endswith(ending) and len(shape) > axis), 0)
