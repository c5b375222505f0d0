"""The families of picture models: the classes that draw them, the sizes they take, and what they are drawn with where no card says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput, Fix

if TYPE_CHECKING:
    from ..weights.resolve import Weights

_HASTY = re.compile(r"turbo|lightning|schnell|hyper-?sd|(?<![a-z])lcm(?![a-z])")  # names of models that were taught to need few steps


@dataclass(frozen=True, kw_only=True)
class Family:
    """One architecture. Classes are names of diffusers; "" where there is none."""

    name: str
    label: str
    text: str
    image: str
    inpaint: str
    control: str
    multiple: int  # px that a side is a multiple of
    pixels: int  # side of the square it was taught with
    usual: tuple[int, float]  # steps and guidance
    quick: tuple[int, float]  # of those taught to need few steps
    scale: str = "guidance_scale"  # name of the guidance
    silent: float = 1.0  # up to this guidance it draws once a step, without what is to be avoided

    def hears_negative(self, guidance: float, pipe: Any) -> bool:
        """Whether what is to be avoided has an effect."""
        if self.name == "flux" or (self.name == "flux2-klein" and bool(pipe.config.get("is_distilled"))):
            return False
        unet = getattr(pipe, "unet", None)
        if type(pipe).__name__ == "SanaSprintPipeline" or (unet is not None and unet.config.time_cond_proj_dim is not None):
            return False
        return guidance > self.silent


FAMILIES: dict[str, Family] = {family.name: family for family in (
    Family(
        name="sd15", label="Stable Diffusion 1.5", text="StableDiffusionPipeline", image="StableDiffusionImg2ImgPipeline",
        inpaint="StableDiffusionInpaintPipeline", control="StableDiffusionControlNetPipeline", multiple=64, pixels=512, usual=(25, 7.5), quick=(6, 1.0),
    ),
    Family(
        name="sdxl", label="Stable Diffusion XL", text="StableDiffusionXLPipeline", image="StableDiffusionXLImg2ImgPipeline",
        inpaint="StableDiffusionXLInpaintPipeline", control="StableDiffusionXLControlNetPipeline", multiple=64, pixels=1024, usual=(30, 6.0), quick=(4, 0.0),
    ),
    Family(
        name="sd3", label="Stable Diffusion 3.5", text="StableDiffusion3Pipeline", image="StableDiffusion3Img2ImgPipeline",
        inpaint="StableDiffusion3InpaintPipeline", control="StableDiffusion3ControlNetPipeline", multiple=16, pixels=1024, usual=(28, 4.5), quick=(4, 0.0),
    ),
    Family(
        name="flux", label="FLUX.1", text="FluxPipeline", image="FluxImg2ImgPipeline", inpaint="FluxInpaintPipeline", control="FluxControlNetPipeline",
        multiple=16, pixels=1024, usual=(28, 3.5), quick=(4, 0.0),
    ),
    Family(
        name="flux2-klein", label="FLUX.2 klein", text="Flux2KleinPipeline", image="Flux2KleinPipeline", inpaint="Flux2KleinInpaintPipeline", control="",
        multiple=16, pixels=1024, usual=(28, 4.0), quick=(4, 1.0),
    ),
    Family(
        name="z-image", label="Z-Image", text="ZImagePipeline", image="ZImageImg2ImgPipeline", inpaint="ZImageInpaintPipeline",
        control="ZImageControlNetPipeline", multiple=16, pixels=1024, usual=(50, 4.0), quick=(9, 0.0), silent=0.0,
    ),
    Family(
        name="qwen-image", label="Qwen-Image", text="QwenImagePipeline", image="QwenImageImg2ImgPipeline", inpaint="QwenImageInpaintPipeline",
        control="QwenImageControlNetPipeline", multiple=16, pixels=1328, usual=(40, 4.0), quick=(4, 1.0), scale="true_cfg_scale",
    ),
    Family(
        name="sana", label="Sana", text="SanaPipeline", image="", inpaint="", control="SanaControlNetPipeline", multiple=32, pixels=1024,
        usual=(20, 4.5), quick=(2, 4.5),
    ),
)}  # fmt: skip


def family_of(name: str) -> Family:
    """The family of this name. Raises BadInput for weights that draw no pictures."""
    if name not in FAMILIES:
        raise BadInput(
            f"weights of the kind {name} draw no picture from words; give a model of {', '.join(FAMILIES)}", field="model",
            fix=Fix("Show the models", "jewelgen models list"),
        )  # fmt: skip
    return FAMILIES[name]


def usual(family: Family, pipe: Any, weights: Weights) -> tuple[int, float]:
    """Steps and guidance where nobody asked for others: of the model's card, or told by how a stranger was made."""
    card = getattr(weights, "card", None)
    if card is not None and card.steps and card.source != "not in the table":
        return card.steps, card.guidance
    return family.quick if hasty(family, pipe, getattr(weights, "name", "")) else family.usual


def hasty(family: Family, pipe: Any, name: str) -> bool:
    """Whether a model was taught to need few steps, as far as its settings and name tell."""
    if family.name == "flux":
        return not pipe.transformer.config.guidance_embeds
    if family.name == "flux2-klein":
        return bool(pipe.config.get("is_distilled"))
    if type(pipe).__name__ == "SanaSprintPipeline":
        return True
    if _HASTY.search(name.lower()):
        return True
    return family.name == "sdxl" and pipe.scheduler.config.get("timestep_spacing") == "trailing"


def pipeline_class(name: str) -> Any:
    """A class of diffusers. Raises BadInput where the installed version lacks it."""
    import diffusers

    try:
        return getattr(diffusers, name)
    except (AttributeError, ImportError, RuntimeError) as error:
        raise BadInput(
            f"this model needs {name}, which diffusers {diffusers.__version__} cannot give", field="runtime",
            fix=Fix("Repair the runtime", "jewelgen runtime repair"),
        ) from error  # fmt: skip
