"""ControlNets: pictures whose lines, coarse shapes or depth the model keeps to, several at once with weights."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core.diffusion import Control
from ...core.errors import BadInput, Fix, JewelGenError
from . import pictures
from .edges import canny
from .pictures import Size
from .regions import root

_MODELS = {  # of the family's root: the class of its ControlNets
    "StableDiffusion": "ControlNetModel",
    "StableDiffusionXL": "ControlNetModel",
    "StableDiffusion3": "SD3ControlNetModel",
    "Flux": "FluxControlNetModel",
    "ZImage": "ZImageControlNetModel",
    "QwenImage": "QwenImageControlNetModel",
    "Sana": "SanaControlNetModel",
}
_PIPELINES = {  # from words, from a picture, a part anew
    "StableDiffusion": ("StableDiffusionControlNetPipeline", "StableDiffusionControlNetImg2ImgPipeline", "StableDiffusionControlNetInpaintPipeline"),
    "StableDiffusionXL": ("StableDiffusionXLControlNetPipeline", "StableDiffusionXLControlNetImg2ImgPipeline", "StableDiffusionXLControlNetInpaintPipeline"),
    "StableDiffusion3": ("StableDiffusion3ControlNetPipeline", "", ""),
    "Flux": ("FluxControlNetPipeline", "FluxControlNetImg2ImgPipeline", "FluxControlNetInpaintPipeline"),
    "ZImage": ("ZImageControlNetPipeline", "", ""),
    "QwenImage": ("QwenImageControlNetPipeline", "", ""),
    "Sana": ("SanaControlNetPipeline", "", ""),
}
_SEVERAL = {"StableDiffusion": "MultiControlNetModel", "StableDiffusionXL": "MultiControlNetModel", "StableDiffusion3": "SD3MultiControlNetModel", "Flux": "FluxMultiControlNetModel"}

_MODES = {"canny": 0, "tile": 1, "depth": 2}  # as the union ControlNets of FLUX.1 count


def guided(loaded: Any, controls: Sequence[Control], size: Size, axes: str = "none") -> tuple[Any, dict[str, Any]]:
    """The pipeline that keeps to these pictures, and what it is called with.

    ``loaded`` is a pipeline, or what holds one as ``pipe``; one that starts from a picture or draws a part anew stays so.
    Of weight 0 nothing is read: the very same pipeline comes back. Raises BadInput, field "controls", for a family without
    ControlNets, weights that do not fit it, a picture that cannot be read.
    """
    pipe = getattr(loaded, "pipe", loaded)
    wanted = [control for control in controls if control.weight > 0.0]
    if not wanted:
        return pipe, {}
    family = root(pipe)
    name = _PIPELINES.get(family, ("", "", ""))[_manner(pipe)]
    if not name:
        what = "with a picture to start from, " if family in _PIPELINES else ""
        raise BadInput(
            f"{what}{family} keeps to no picture's lines or depth in diffusers; Stable Diffusion XL does", field="controls",
            fix=Fix("Use SDXL", "--engine diffusers:sdxl"),
        )  # fmt: skip
    if len(wanted) > 1 and family not in _SEVERAL:
        raise BadInput(f"{family} keeps to one picture at once; {len(wanted)} were given", field="controls")
    nets: dict[str, Any] = {}
    for control in wanted:
        if control.model not in nets:
            nets[control.model] = _net(pipe, family, control)
    shown = [pictures.image(hint(control, size, axes)) for control in wanted]
    strengths = [control.weight for control in wanted]
    made = _cast(pipe, name, _joined(family, [nets[control.model] for control in wanted]))
    word = "control_image" if "control_image" in inspect.signature(type(made).__call__).parameters else "image"
    many = len(wanted) > 1
    call = {word: shown if many else shown[0], "controlnet_conditioning_scale": strengths if many else strengths[0]}
    if getattr(nets[wanted[0].model], "union", False):  # one of FLUX's that knows several kinds is told which
        modes = [_MODES[control.kind] for control in wanted]
        call["control_mode"] = modes if many else modes[0]
    return made, call


def hint(control: Control, size: Size, axes: str = "none") -> np.ndarray:
    """What the ControlNet is shown, (h, w, 3) uint8: lines white on black, the picture itself, or its depth with near white."""
    picture = pictures.laid(pictures.colours(control.path, "controls"), size)
    if control.kind == "tile":
        return picture
    grey = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255.0
    if control.kind == "canny":
        lines = canny(grey, x=axes in ("x", "both"), y=axes in ("y", "both"))
        if not lines.any():
            raise BadInput(f"{Path(control.path).name} has no lines to keep to", field="controls")
        grey = lines.astype(np.float32)
    else:
        low, high = float(grey.min()), float(grey.max())
        if high - low < 1e-3:
            raise BadInput(f"{Path(control.path).name} is flat: it has no depth to keep to", field="controls")
        grey = (grey - low) / (high - low)
    return np.repeat((grey * 255.0 + 0.5).astype(np.uint8)[..., None], 3, axis=2)


def _manner(pipe: Any) -> int:
    """0 from words, 1 from a picture, 2 a part of it."""
    name = type(pipe).__name__
    return 2 if "Inpaint" in name else 1 if "Img2Img" in name else 0


def _net(pipe: Any, family: str, control: Control) -> Any:
    """The weights of one ControlNet, where the model works and in its precision."""
    if not control.model:
        raise BadInput(f"a picture's {control.kind} is kept to with a ControlNet; name its weights", field="controls")
    from .families import pipeline_class

    kind = pipeline_class(_MODELS[family])
    core = pipe.unet if getattr(pipe, "unet", None) is not None else pipe.transformer
    path, settings = _place(control.model, _MODELS[family])
    try:
        if path.is_dir():
            net = kind.from_pretrained(str(path), local_files_only=True, use_safetensors=True, dtype=core.dtype)
        else:
            more = {"config": str(settings)} if settings is not None else {}
            net = kind.from_single_file(str(path), local_files_only=True, dtype=core.dtype, **more)
    except (JewelGenError, MemoryError):
        raise
    except Exception as error:  # diffusers raises OSError, ValueError, RuntimeError and more for files that do not fit
        if "out of memory" in str(error).lower():
            raise
        raise BadInput(f"the ControlNet {path.name} cannot be read as one of {family}", field="controls") from error
    _suits(net, core, path, family)
    return net.eval().to(pipe._execution_device)


def _place(typed: str, wanted: str) -> tuple[Path, Path | None]:
    """Folder or file of the weights, and of a file the folder with its settings. Raises BadInput for another class of net."""
    folder = Path(typed).expanduser()
    if _class_in(folder) in _MODELS.values():
        found, settings = folder, None
    else:
        from ..weights import resolve as weights

        resolved = weights.resolve(typed)
        if resolved.family != "controlnet":
            raise BadInput(f"{resolved.name} is no ControlNet; it is of the kind {resolved.family}", field="controls")
        found, settings = Path(resolved.path), resolved.config
    named = _class_in(found) or ("ControlNetModel" if found.is_file() else wanted)  # single files are of SD 1.5 and SDXL
    if named != wanted:
        raise BadInput(f"the ControlNet {found.name} is a {named}; this model takes a {wanted}", field="controls")
    return found, settings


def _class_in(folder: Path) -> str:
    """The class that the settings in a folder name; "" where there are none."""
    config = folder / "config.json"
    if not config.is_file():
        return ""
    try:
        return str(json.loads(config.read_text(encoding="utf-8")).get("_class_name") or "")
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(f"the settings of {folder.name} cannot be read", field="controls") from error


def _suits(net: Any, core: Any, path: Path, family: str) -> None:
    """Refuse a net of the right class, but made for another model: the widths of the words and of the pictures tell."""
    for name in ("cross_attention_dim", "joint_attention_dim", "in_channels"):
        own, theirs = net.config.get(name), core.config.get(name)
        if own is not None and theirs is not None and own != theirs and not (name == "in_channels" and theirs == 9):
            raise BadInput(f"the ControlNet {path.name} does not fit this {family}: its {name} is {own}, not {theirs}", field="controls")


def _joined(family: str, nets: list[Any]) -> Any:
    if len(nets) == 1:
        return nets[0]
    import diffusers.models

    from .families import pipeline_class

    name = _SEVERAL[family]
    return (getattr(diffusers.models, name, None) or pipeline_class(name))(nets)


def _cast(pipe: Any, name: str, net: Any) -> Any:
    from .families import pipeline_class
    from .load import recast

    return recast(pipe, pipeline_class(name), controlnet=net)
