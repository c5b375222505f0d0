"""What a picture model is told besides the design: prompt, pictures to start from and to heed, repeats, and how the result becomes a height."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from .errors import BadInput
from .height.params import METHODS
from .params import check_limits, choice, from_dict, number, text, whole

CONTROLS = ("canny", "tile", "depth")
PARTS = ("all", "style", "layout")
TILINGS = ("auto", "none", "x", "y", "both")
SCHEDULERS = ("", "ddim", "euler", "euler-ancestral", "dpm++", "unipc", "lcm", "flow-euler")
LORAS, IMAGES, MOST_CONTROLS = 8, 4, 4


@dataclass(frozen=True, kw_only=True)
class Lora:
    """One set of low-rank weights on top of the model's."""

    path: str = text("", "File or folder of the LoRA", 4096)
    weight: float = number(1.0, -4.0, 4.0, "", "Its strength; 0 is none")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, kw_only=True)
class ImagePrompt:
    """A picture that the model is to heed beside the words."""

    path: str = text("", "The picture", 4096)
    weight: float = number(1.0, 0.0, 2.0, "", "Its weight against the words: 0 none, 1 even, 2 twice the words")
    part: str = choice("all", PARTS, "What of it: all, its style, or its layout")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A picture whose lines, shapes or depth the model keeps to."""

    kind: str = choice("canny", CONTROLS, "What of the picture is kept: its edges, its coarse shapes, its depth")
    path: str = text("", "The picture", 4096)
    model: str = text("", "The ControlNet: a name, a folder, a file or a hub id", 4096)
    weight: float = number(0.5, 0.0, 2.0, "", "How strictly it is kept")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, kw_only=True)
class DiffusionParams:
    """How a picture model draws; raises BadInput at birth. Files are paths; empty means none."""

    prompt: str = text("", "Prompt as the model gets it; empty: made from the design", 2000)
    negative: str = text("", "What the model is to avoid, besides what no height can use", 2000)
    steps: int | None = whole(None, 1, 200, "", "Denoising steps; empty: the model's own")
    guidance: float | None = number(None, 0.0, 30.0, "", "How closely the words are followed; empty: the model's own")
    scheduler: str = choice("", SCHEDULERS, "Rule of the steps; empty: the model's own")
    pixels: int | None = whole(None, 64, 4096, "px", "Longer side of what the model draws; empty: the model's own")
    start: str = text("", "Picture to start from", 4096)
    strength: float = number(0.6, 0.05, 1.0, "", "How far the result may leave the picture it starts from")
    mask: str = text("", "Picture whose light parts are drawn anew; the rest of the start stays", 4096)
    box: str = text("", "Rectangle that is drawn anew, LEFT,TOP,WIDTH,HEIGHT in shares of the picture", 80)
    controls: tuple[Control, ...] = ()
    images: tuple[ImagePrompt, ...] = ()
    adapter: str = text("", "IP-Adapter weights that pictures are heeded with: a name, folder, file or hub id", 4096)
    loras: tuple[Lora, ...] = ()
    tiling: str = choice("auto", TILINGS, "Sides that run on into each other; auto: as the surface does")
    manner: str = choice("height", ("height", "picture"), "Ask for a height, or for a photograph that is read by --height-method")
    method: str = choice("auto", METHODS, "How the drawn picture becomes a height")
    upscale: int = whole(1, 1, 4, "times", "Draw larger afterwards: 1, 2 or 4")

    def __post_init__(self) -> None:
        check_limits(self)
        for name, row, most in _ROWS:
            values = getattr(self, name)
            if not isinstance(values, tuple) or not all(isinstance(value, row) for value in values):
                raise BadInput(f"{name} must be a list", field=name)
            if len(values) > most:
                raise BadInput(f"{len(values)} {name} were given; the limit is {most}", field=name)
        if self.upscale == 3:
            raise BadInput("upscale is 3; it must be 1, 2 or 4", field="upscale")
        if (self.mask or self.box) and not self.start:
            raise BadInput("mask and box say which part of a picture is drawn anew; give the picture as start", field="start")
        if self.mask and self.box:
            raise BadInput("give either a mask or a box, not both", field="mask")

    @staticmethod
    def from_dict(values: Any) -> DiffusionParams:
        """The parameters of a recipe or a job; raises BadInput naming the field that is wrong."""
        if isinstance(values, dict):
            values = dict(values)
            for name, row, _ in _ROWS:
                if name in values:
                    if not isinstance(values[name], (list, tuple)):
                        raise BadInput(f"{name} must be a list", field=name)
                    values[name] = tuple(from_dict(row, item, name) for item in values[name])
        return from_dict(DiffusionParams, values, "diffusion")

    def to_dict(self) -> dict[str, Any]:
        """Only what was said: values other than the defaults."""
        return {name: value for name, value in asdict(self).items() if value != _USUAL[name]}


_ROWS: tuple[tuple[str, type, int], ...] = (("controls", Control, MOST_CONTROLS), ("images", ImagePrompt, IMAGES), ("loras", Lora, LORAS))
_USUAL = {f.name: getattr(DiffusionParams(), f.name) for f in fields(DiffusionParams)}
