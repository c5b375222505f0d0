"""Shap-E: coarse bodies from a picture or from words, by diffusers' pipelines up to the latent and by a surface of our own from there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.body import Body, BodyOrder, Tell
from ...core.errors import BadInput
from ...core.mesh.arrays import Mesh
from . import local
from .candidates import Box
from .surface import NotFinite, surface

if TYPE_CHECKING:
    from ..diffusion.kept import Reading
    from ..weights.device import Plan
    from ..weights.judged import Weights

_PICTURE, _WORDS = "ShapEImg2ImgPipeline", "ShapEPipeline"
_USUAL = {_PICTURE: "shap-e-picture", _WORDS: "shap-e"}  # names of models.json
_STEPS = 64
_GUIDANCE = {_PICTURE: 3.0, _WORDS: 15.0}  # more makes cubes of pictures
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  # of CLIP's colours, as taught


@dataclass(eq=False)
class Model:
    """The pipeline of one kind, what its pictures are normalised with, and the decoder in full precision."""

    pipe: Any
    kind: str
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    decoder: Any


def make(order: BodyOrder, tell: Tell) -> Body:
    """The best of ``candidates`` bodies of the order's picture, or of its words where it has none. Raises what ``local.made`` raises."""
    kind = _WORDS if order.picture is None else _PICTURE
    return local.made(_local(kind), order, _USUAL[kind], tell)


def _local(kind: str) -> local.Local:
    return local.Local(
        name="shap-e", label="Shap-E", side=256, ground=1.0, shares=(0.75,), noise=True, box=_box,
        read=lambda weights, plan, reading: _read(kind, weights, plan, reading), one=_one,
        usual=lambda asked: {"steps": asked.steps or _STEPS, "guidance": f"{_guidance(kind, asked):g}"},
    )  # fmt: skip


def _guidance(kind: str, asked: local.Asked) -> float:
    return _GUIDANCE[kind] if asked.guidance is None else asked.guidance


def _box(model: Model) -> Box:
    volume = model.decoder.volume
    return tuple(volume.bbox_min.flatten().tolist()), tuple(volume.bbox_max.flatten().tolist())


def _one(model: Model, asked: local.Asked, tell: Tell) -> Mesh:
    latent = _latent(model, asked, lambda share, text: tell(0.7 * share, text))
    ask = _field(model.decoder, latent)
    low, high = _box(model)
    return surface(ask, low, high, asked.grid, lambda share, text: tell(0.7 + 0.3 * share, text))


def _latent(model: Model, asked: local.Asked, tell: Tell) -> Any:
    """(1, n, d) float32: what the denoiser makes of noise and the picture or the words. Raises NotFinite."""
    import torch

    pipe, count = model.pipe, [0]
    steps = asked.steps or _STEPS

    def beat() -> None:
        told = max(len(pipe.scheduler.timesteps), 1)  # twice the steps less one: its way is looked at twice
        share = min(count[0] / told, 1.0)
        tell(share, f"step {min(int(share * steps) + 1, steps)} of {steps}")

    def step() -> None:
        beat()
        count[0] += 1

    given = {"prompt": asked.prompt} if model.kind == _WORDS else {"image": _pixels(model, asked.picture)}
    encoder = pipe.text_encoder if model.kind == _WORDS else pipe.image_encoder
    first = "reading the words" if model.kind == _WORDS else "looking at the picture"
    tell(0.0, first)
    with local.listened(_blocks(pipe.prior), beat), local.listened([pipe.prior], step), local.listened(_blocks(encoder), lambda: tell(0.0, first)):
        found = pipe(
            **given, num_inference_steps=steps, guidance_scale=_guidance(model.kind, asked), generator=torch.Generator("cpu").manual_seed(asked.seed),
            output_type="latent",
        ).images  # fmt: skip
    if not torch.isfinite(found).all():
        raise NotFinite
    return found.float()


def _pixels(model: Model, picture: np.ndarray) -> Any:
    """(1, 3, side, side) as the encoder was taught to see."""
    import torch

    side = model.pipe.image_encoder.config.image_size
    values = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
    values = torch.nn.functional.interpolate(values, (side, side), mode="bicubic", align_corners=False, antialias=True).clamp(0.0, 1.0)
    return (values - torch.tensor(model.mean).view(1, 3, 1, 1)) / torch.tensor(model.spread).view(1, 3, 1, 1)


def _field(decoder: Any, latent: Any) -> Any:
    """What ``surface`` asks: the decoder's signed distance, its layers those that the latent writes. Positive is inside."""
    import torch

    written = decoder.params_proj(latent)
    own = dict(decoder.mlp.named_parameters())
    layers = own | {name: written[f"nerstf.{name}"][0] for name in own if f"nerstf.{name}" in written}

    def ask(points: np.ndarray) -> np.ndarray:
        position = torch.from_numpy(points).to(latent.device)[None]
        given = {"position": position, "direction": None, "ts": None, "nerf_level": "fine", "rendering_mode": "stf"}
        answer = torch.func.functional_call(decoder.mlp, layers, (), given)
        return answer.signed_distance[0, :, 0].float().cpu().numpy()

    return ask


def _read(kind: str, weights: Weights, plan: Plan, reading: Reading) -> Model:
    """The pipeline from a folder, part by part. Raises BadInput for one of the other kind or with parts missing."""
    import diffusers
    import torch
    import transformers
    from diffusers.pipelines.shap_e.renderer import ShapERenderer

    folder = Path(weights.path)
    own = json.loads((folder / "model_index.json").read_text(encoding="utf-8")).get("_class_name")
    if own != kind:
        reads, wanted = ("words", "a picture") if own == _WORDS else ("a picture", "words")
        raise BadInput(f"{weights.name} makes bodies of {reads}, not of {wanted}; {_USUAL[kind]} does", field="model")
    dtype, mark = getattr(torch, plan.dtype), weights.variant or None
    reading.at(0.1, "reading the denoiser")
    prior = _part(diffusers.PriorTransformer, folder / "prior", dtype, mark, weights.name)
    reading.at(0.6, "reading the decoder")
    decoder = _part(ShapERenderer, folder / "shap_e_renderer", torch.float32, mark, weights.name)  # of halves, positions lose their place
    scheduler = diffusers.HeunDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    if kind == _PICTURE:
        reading.at(0.7, "reading the image encoder")
        encoder = _part(transformers.CLIPVisionModel, folder / "image_encoder", dtype, mark, weights.name)
        pipe = diffusers.ShapEImg2ImgPipeline(prior=prior, image_encoder=encoder, image_processor=None, scheduler=scheduler, shap_e_renderer=decoder)
    else:
        reading.at(0.7, "reading the text encoder")
        encoder = _part(transformers.CLIPTextModelWithProjection, folder / "text_encoder", dtype, mark, weights.name)
        words = transformers.CLIPTokenizer.from_pretrained(str(folder / "tokenizer"), local_files_only=True)
        pipe = diffusers.ShapEPipeline(prior=prior, text_encoder=encoder, tokenizer=words, scheduler=scheduler, shap_e_renderer=decoder)
    reading.at(0.95, "placing the model")
    pipe.set_progress_bar_config(disable=True)
    decoder.to(plan.device)
    if plan.offload == "none" or plan.device == "cpu":
        pipe.prior.to(plan.device)
        encoder.to(plan.device)
    else:
        pipe.enable_model_cpu_offload(device=plan.device)
    mean, spread = _colours(folder / "image_processor" / "preprocessor_config.json")
    return Model(pipe, kind, mean, spread, decoder)


def _part(kind: Any, folder: Path, dtype: Any, mark: str | None, name: str) -> Any:
    smaller = mark if mark and any(f".{mark}." in file.name for file in folder.glob("*.safetensors")) else None
    made, told = kind.from_pretrained(str(folder), local_files_only=True, use_safetensors=True, dtype=dtype, variant=smaller, output_loading_info=True)
    missing = [key for key in told["missing_keys"] if "position_ids" not in key and not key.startswith("mesh_decoder.")]
    if missing:  # the library would fill them with noise
        raise BadInput(f"{folder.name} of {name} lacks {len(missing)} of its parts ({missing[0]}); fetch or copy the model again", field="model")
    return made.eval()


def _colours(file: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return tuple(kept["image_mean"]), tuple(kept["image_std"])
    except (OSError, ValueError, KeyError, TypeError):
        return _MEAN, _SPREAD


def _blocks(model: Any) -> list[Any]:
    """The layers of a model that run one after the other, between which a cancel is heard."""
    from torch.nn import ModuleList

    return [child for part in model.modules() if isinstance(part, ModuleList) for child in part]
