"""TripoSG: fine bodies from a picture by a flow over a set of tokens; with networks of our own for its published weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.body import Body, BodyOrder, Tell
from ...core.errors import BadInput, Fix
from ...core.mesh.arrays import Mesh
from . import local, triposg_net
from .candidates import Box
from .layers import Layers, read
from .surface import NotFinite, surface

if TYPE_CHECKING:
    from ..diffusion.kept import Reading
    from ..weights.device import Plan
    from ..weights.judged import Weights

_STEPS, _GUIDANCE = 50, 7.0
_SHARE = 1.0 / 1.2  # a tenth of the subject is left on either side
_HEADS = 8  # of the decoder, where its settings do not say
_SHORTER, _CROP = 256, 224  # px that a picture is shrunk to, and that are cut from its middle
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_AT_ONCE = 8192  # points asked of the decoder at a time


@dataclass(eq=False)
class Model:
    """The image encoder, the tensors of the two networks, and the settings that come with them."""

    encoder: Any
    walker: dict[str, Any]
    decoder: dict[str, Any]
    heads: int
    pictures: dict[str, Any]
    device: str
    waiting: bool  # the parts wait in the computer's own memory


def make(order: BodyOrder, tell: Tell) -> Body:
    """The best of ``candidates`` bodies of the order's picture. Raises what ``local.made`` raises, and BadInput for words."""
    if order.picture is None:
        raise BadInput("TripoSG makes bodies of pictures; give one, or use shap-e for words", field="picture", fix=Fix("Use Shap-E", "--engine shap-e"))
    return local.made(LOCAL, order, "triposg", tell)


def _read(weights: Weights, plan: Plan, reading: Reading) -> Model:
    import torch
    from transformers import Dinov2Model

    folder, dtype = Path(weights.path), getattr(torch, plan.dtype)
    if not folder.is_dir():
        raise BadInput(f"{weights.name} is a single file; give the folder of TripoSG", field="model")
    waiting = plan.offload != "none" and plan.device != "cpu"
    place = "cpu" if waiting else plan.device
    reading.at(0.05, "reading the image encoder")
    encoder, told = Dinov2Model.from_pretrained(
        str(folder / "image_encoder_dinov2"), local_files_only=True, use_safetensors=True, dtype=dtype, output_loading_info=True
    )
    if told["missing_keys"]:
        raise BadInput(f"image_encoder_dinov2 of {weights.name} lacks {len(told['missing_keys'])} of its parts; fetch or copy the model again", field="model")
    reading.at(0.2, "reading the transformer")
    walker = read(_files(folder / "transformer", weights), triposg_net.walker_shapes, weights.name, dtype, place)
    reading.at(0.85, "reading the decoder")
    decoder = read(_files(folder / "vae", weights), triposg_net.decoder_shapes, weights.name, torch.float32, place)
    settings = _settings(folder / "vae" / "config.json")
    pictures = _settings(folder / "feature_extractor_dinov2" / "preprocessor_config.json")
    return Model(encoder.eval().to(place), walker, decoder, int(settings.get("num_attention_heads", _HEADS)), pictures, plan.device, waiting)


def _files(folder: Path, weights: Weights) -> list[Path]:
    """The files of one set of weights of a part: the smaller ones where only they are known to be there, else those without a mark."""
    from ..weights.judged import variant_of

    sets: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        sets.setdefault(variant_of(file.name), []).append(file)
    if not sets:
        raise BadInput(f"{weights.name} lacks its {folder.name}; fetch or copy the model again", field="model")
    return sets.get(weights.variant) or sets[min(sets)]


def _settings(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _one(model: Model, asked: local.Asked, tell: Tell) -> Mesh:
    import torch

    steps = asked.steps or _STEPS
    at = [0.0, "looking at the picture"]

    def beat() -> None:
        tell(*at)

    def step(number: int) -> None:
        at[:] = 0.6 * number / steps, f"step {number + 1} of {steps}"

    beat()
    patches = _seen(model, asked.picture, beat)
    walker = Layers(_placed(model, model.walker), beat)
    channels = walker.tensors["proj_in.weight"].shape[1]
    noise = torch.randn((1, triposg_net.TOKENS, channels), generator=torch.Generator("cpu").manual_seed(asked.seed))
    tokens = triposg_net.walked(walker, noise.to(model.device), patches, steps, _guidance(asked), step)
    if not torch.isfinite(tokens).all():
        raise NotFinite
    del walker
    at[:] = 0.6, "decoding the shape"
    answer = triposg_net.answering(Layers(_placed(model, model.decoder), beat), tokens, model.heads)

    def ask(points: np.ndarray) -> np.ndarray:
        parts = []
        for start in range(0, len(points), _AT_ONCE):
            beat()
            parts.append(answer(torch.from_numpy(points[start : start + _AT_ONCE]).to(model.device)).cpu())
        return torch.cat(parts).numpy()

    low, high = _cube(model)

    def heard(share: float, text: str) -> None:
        at[:] = 0.6 + 0.4 * share, text
        beat()

    found = surface(ask, low, high, asked.grid, heard)
    return Mesh(np.ascontiguousarray(found.vertices[:, [0, 2, 1]]) * np.array([1.0, -1.0, 1.0], np.float32), found.faces)  # y up, its front to +z


def _guidance(asked: local.Asked) -> float:
    return _GUIDANCE if asked.guidance is None else asked.guidance


def _seen(model: Model, picture: np.ndarray, beat: Any) -> Any:
    """(1, n, width): the patches of the picture, shrunk, cut and normalised as the encoder was taught."""
    import torch
    from torch.nn import ModuleList, functional

    kept = model.pictures
    shorter = int((kept.get("size") or {}).get("shortest_edge", _SHORTER))
    crop = int((kept.get("crop_size") or {}).get("height", _CROP))
    values = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
    values = functional.interpolate(values, (shorter, shorter), mode="bicubic", align_corners=False, antialias=True).clamp(0.0, 1.0)
    first = (shorter - crop) // 2
    values = values[..., first : first + crop, first : first + crop]
    mean, spread = (torch.tensor(kept.get(name) or usual).view(1, 3, 1, 1) for name, usual in (("image_mean", _MEAN), ("image_std", _SPREAD)))
    encoder = model.encoder.to(model.device)
    blocks = [child for part in encoder.modules() if isinstance(part, ModuleList) for child in part]
    with local.listened(blocks, beat):
        found = encoder(pixel_values=((values - mean) / spread).to(model.device, encoder.dtype)).last_hidden_state
    if model.waiting:
        model.encoder.to("cpu")
    return found


def _placed(model: Model, tensors: dict[str, Any]) -> dict[str, Any]:
    """The tensors where they are reckoned with; what waits elsewhere is copied for this while."""
    return {name: value.to(model.device) for name, value in tensors.items()} if model.waiting else tensors


def _cube(_: Any) -> Box:
    return (triposg_net.LOW,) * 3, (triposg_net.HIGH,) * 3


LOCAL = local.Local(
    name="triposg", label="TripoSG", side=512, ground=1.0, shares=(_SHARE,), noise=True, read=_read, one=_one, box=_cube,
    usual=lambda asked: {"steps": asked.steps or _STEPS, "guidance": f"{_guidance(asked):g}"},
)  # fmt: skip
