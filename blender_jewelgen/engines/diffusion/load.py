"""Weights that were found and judged become a pipeline in memory: part by part, safetensors only, nothing from the network."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput, Fix
from . import faults
from .families import Family, family_of, pipeline_class
from .kept import KEPT, Reading

if TYPE_CHECKING:
    from ..weights.device import Plan
    from ..weights.resolve import Weights

Tell = Callable[[float, str], None]
LARGE = ("text_encoder", "text_encoder_2", "text_encoder_3", "unet", "transformer", "vae", "image_encoder")
_UNWANTED = ("safety_checker", "feature_extractor")  # of photographs; a height shows nobody
_CARRIED = ("_all_hooks", "_offload_gpu_id", "_offload_device", "_progress_bar_config")
_LIBRARIES = ("diffusers", "transformers")


@dataclass(eq=False)
class Loaded:
    """A pipeline in memory, of which family, from which weights, held by which plan; ``tints`` is what previews are made with."""

    pipe: Any
    family: str
    weights: Weights
    plan: Plan
    tints: dict[str, Any] = field(default_factory=dict)


def load(weights: Weights, plan: Plan, tell: Tell = lambda share, text: None) -> Loaded:
    """The pipeline of ``weights`` held as ``plan`` says; the one loaded last is kept and given back if both are the same.

    ``tell`` is heard ten times a second and may raise Cancelled. Raises BadInput, field "model", "runtime" or "memory".
    """
    family = family_of(weights.family)
    key = (str(weights.path), family.name, _stamp(weights), plan.device, plan.dtype, plan.offload, plan.quantise)
    loaded = KEPT.get(key, lambda reading: _read(weights, family, plan, reading), tell)
    loaded.weights = weights  # the files are the same; what is known of them may be more by now
    return loaded


def free() -> None:
    """Let go of the model that is kept."""
    KEPT.free()


def variant(loaded: Loaded, kind: str, **components: Any) -> Any:
    """The same model as a pipeline of another kind, "image", "inpaint" or "control", sharing every part; ``components`` are added.

    Raises BadInput where diffusers has no such pipeline for the family.
    """
    family = family_of(loaded.family)
    name = getattr(family, kind)
    if not name:
        does = {"image": "start from a picture", "inpaint": "draw a part anew", "control": "keep to a picture's lines"}[kind]
        raise BadInput(f"{family.label} cannot {does} in diffusers; use another model", field="engine", fix=Fix("Use SDXL", "--engine diffusers:sdxl"))
    return recast(loaded.pipe, pipeline_class(name), **components)


def recast(pipe: Any, kind: type, **components: Any) -> Any:
    """A pipeline of another class over the same parts, where they lie and as they are."""
    given = {**pipe.components, **components}
    settings = {key: value for key, value in pipe.config.items() if not isinstance(value, (tuple, list)) and not key.startswith("_")}
    names = inspect.signature(kind.__init__).parameters
    made = kind(**{name: value for name, value in {**settings, **given}.items() if name in names})
    for name in _CARRIED:
        if name in pipe.__dict__:
            setattr(made, name, pipe.__dict__[name])
    return made


def _read(weights: Weights, family: Family, plan: Plan, reading: Reading) -> Loaded:
    with faults.while_reading(weights, family):
        read = _from_file if Path(weights.path).is_file() else _from_folder
        pipe = read(weights, family, plan, reading)
        _judged(pipe, family, weights.name)
        reading.at(0.95, "placing the model")
        _place(pipe, plan)
    pipe.set_progress_bar_config(disable=True)
    return Loaded(pipe, family.name, weights, plan)


def _from_folder(weights: Weights, family: Family, plan: Plan, reading: Reading) -> Any:
    import torch

    folder = Path(weights.path)
    _quietly()
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    kind = _kind(index.get("_class_name"), family, weights.name)
    parts = {name: row for name, row in index.items() if isinstance(row, list) and len(row) == 2 and row[0] and name not in _UNWANTED}
    strange = [f"{row[0]}.{row[1]}" for row in parts.values() if row[0] not in _LIBRARIES]
    if strange:
        raise BadInput(f"{weights.name} brings code of its own ({strange[0]}), which is not run", field="model")
    sizes = {name: _bytes(folder / name) for name in parts if name in LARGE}
    total, done, made = max(sum(sizes.values()), 1), 0, {}
    mark = getattr(weights, "variant", "") or None
    for name, size in sizes.items():
        reading.at(0.9 * done / total, f"reading the {name.replace('_', ' ')}, {size / 1e9:.1f} GB")
        made[name] = _part(folder / name, parts[name], getattr(torch, plan.dtype), mark, plan.quantise if name != "vae" else "")
        done += size
    reading.at(0.9, "putting the model together")
    for name in _UNWANTED:
        if name in index:
            made[name] = None
    more = {"requires_safety_checker": False} if "requires_safety_checker" in inspect.signature(kind.__init__).parameters else {}
    return kind.from_pretrained(folder, **made, **more, local_files_only=True, use_safetensors=True, dtype=getattr(torch, plan.dtype))


def _kind(name: Any, family: Family, model: str) -> Any:
    """The pipeline that draws from words with the parts of a folder whose own pipeline is ``name``. Raises BadInput for another family's."""
    if name == "SanaSprintPipeline" and family.name == "sana":
        return pipeline_class(name)
    if name not in (family.text, family.image, family.inpaint):
        raise BadInput(f"{model} holds a {str(name)[:60]}, which is no {family.label}", field="model")
    return pipeline_class(family.text)


def _judged(pipe: Any, family: Family, model: str) -> None:
    """Raises BadInput where a part is missing, or where the denoiser wants more than words and noise."""
    missing = [name for name, part in pipe.components.items() if part is None and name not in (*_UNWANTED, *pipe._optional_components)]
    if missing:
        raise BadInput(f"{model} has no {missing[0].replace('_', ' ')}; it is no whole {family.label}", field="model")
    unet = getattr(pipe, "unet", None)
    if unet is not None and unet.config.in_channels != pipe.vae.config.latent_channels:
        raise BadInput(f"{model} only fills in parts of a picture; give a model that draws from words", field="model")
    heard, said = _widths(pipe, family)
    if heard != said:
        raise BadInput(f"the parts of {model} are of two models: its words are {said} numbers wide, its denoiser hears {heard}", field="model")


def _widths(pipe: Any, family: Family) -> tuple[int, int]:
    """How wide the words are that the denoiser hears, and that the text encoder says."""
    core = pipe.components.get("unet") or pipe.components["transformer"]
    if family.name in ("sd15", "sdxl"):
        encoders = [pipe.text_encoder, pipe.components.get("text_encoder_2")]
        of_size = core.config.addition_embed_type == "text_time"
        return core.config.cross_attention_dim if of_size == (family.name == "sdxl") else 0, sum(one.config.hidden_size for one in encoders if one is not None)
    text = pipe.components.get("text_encoder_2") if family.name == "flux" else pipe.text_encoder
    width = 0 if text is None else getattr(text.config, "text_config", text.config).hidden_size
    name = {"flux": "joint_attention_dim", "flux2-klein": "joint_attention_dim", "qwen-image": "joint_attention_dim", "z-image": "cap_feat_dim", "sana": "caption_channels"}
    if family.name not in name or not width:  # Stable Diffusion 3 fills its words up to the width it needs
        return 0, 0
    return core.config.get(name[family.name], 0), width * (3 if family.name == "flux2-klein" else 1)


def _part(folder: Path, row: list[str], dtype: Any, mark: str | None, quantise: str) -> Any:
    import diffusers
    import transformers

    library = diffusers if row[0] == "diffusers" else transformers
    try:
        kind = getattr(library, row[1])
    except (AttributeError, ImportError) as error:
        raise BadInput(
            f"this model needs {row[1]}, which {row[0]} {library.__version__} does not have", field="runtime",
            fix=Fix("Repair the runtime", "jewelgen runtime repair"),
        ) from error  # fmt: skip
    smaller = any(f".{mark}." in file.name for file in folder.glob("*.safetensors")) if mark else False
    more: dict[str, Any] = {"variant": mark} if smaller else {}
    if quantise:
        more["quantization_config"] = _quantisation(library, quantise, dtype)
    return kind.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=dtype, **more)


def _quantisation(library: Any, quantise: str, dtype: Any) -> Any:
    """int8 and nf4 by bitsandbytes, as either library configures it."""
    if quantise == "int8":
        return library.BitsAndBytesConfig(load_in_8bit=True)
    return library.BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)


def _from_file(weights: Weights, family: Family, plan: Plan, reading: Reading) -> Any:
    """A whole model in one file; its settings and tables of words come from the folder ``weights.config``."""
    import torch

    path = Path(weights.path)
    _quietly()
    config = getattr(weights, "config", None)
    if config is None:
        raise BadInput(f"the settings and tables of words of {path.name} are missing; put them beside it in a folder {path.stem}", field="model")
    reading.at(0.05, f"reading {path.name}, {path.stat().st_size / 1e9:.1f} GB")
    kind = pipeline_class(family.text)
    more = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False} if family.name == "sd15" else {}
    return kind.from_single_file(str(path), config=str(config), local_files_only=True, dtype=getattr(torch, plan.dtype), **more)


def _quietly() -> None:
    """The libraries' own bars would fill the worker's log; progress is told by ``Reading``."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    of_diffusers.disable_progress_bar()
    of_transformers.disable_progress_bar()


def _place(pipe: Any, plan: Plan) -> None:
    """Where the parts lie while they wait and while they work."""
    if plan.offload == "model" and plan.device != "cpu":
        pipe.enable_model_cpu_offload(device=plan.device)
    elif plan.offload == "sequential" and plan.device != "cpu":
        pipe.enable_sequential_cpu_offload(device=plan.device)
    elif not plan.quantise:
        pipe.to(plan.device)
    if plan.slicing:
        if hasattr(pipe.vae, "enable_slicing"):
            pipe.vae.enable_slicing()
        if plan.device == "mps" and getattr(pipe, "unet", None) is not None:  # elsewhere torch's own attention needs less than slices
            pipe.enable_attention_slicing()


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _stamp(weights: Weights) -> tuple[Any, ...]:
    """What changes when somebody puts other files there."""
    path = Path(weights.path)
    files = [path] if path.is_file() else sorted((*path.glob("model_index.json"), *path.glob("*/*.safetensors")))
    try:
        return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    except OSError:
        return ()
