"""What is typed for picture models: ``--engine diffusers:…`` and the options beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..core.diffusion import CONTROLS, PARTS, SCHEDULERS, TILINGS, Control, DiffusionParams, ImagePrompt, Lora
from ..core.errors import BadInput
from ..core.height.params import METHODS
from ..core.recipe import MakeParams
from ..engines.registry import PICTURES
from . import options as opt
from .folder import place

_OWN = {"prompt": "draw_prompt", "pixels": "draw_pixels", "method": "draw_method"}  # names that other steps have, too
_MANY = ("controls", "images", "loras")


def add_options(to: argparse.ArgumentParser) -> None:
    """One option for each parameter of a picture model."""
    opt.add(to, DiffusionParams, "picture models: --engine diffusers:NAME|FOLDER|FILE|HUB-ID", (*_OWN, "scheduler", "tiling", "manner"))
    more = to.add_argument_group("picture models, more")
    more.add_argument("--draw-prompt", metavar="TEXT", help="prompt as the model gets it, instead of the one made from the sentence; (word)1.3 and a::2 b::1 are weights")
    more.add_argument("--draw-pixels", metavar="PX", type=opt.number("whole"), help="longer side of what the model draws (64 to 4096), default the model's own")
    more.add_argument("--draw-method", metavar="NAME", help=f"how the drawn picture becomes a height: {', '.join(METHODS)}")
    more.add_argument("--scheduler", metavar="NAME", default=argparse.SUPPRESS, help=f"rule of the steps: {', '.join(filter(None, SCHEDULERS))}")
    more.add_argument("--tiling", metavar="NAME", default=argparse.SUPPRESS, help=f"sides that run on into each other: {', '.join(TILINGS)}")
    more.add_argument("--manner", metavar="NAME", default=argparse.SUPPRESS, help="ask the model for a height (default) or for a picture")
    more.add_argument("--lora", action="append", metavar="FILE[::WEIGHT]", help="low-rank weights on top of the model's; several may be given")
    more.add_argument("--image", action="append", metavar="FILE[::WEIGHT[::PART]]", help=f"a picture to heed, weight 0 to 2; {', '.join(PARTS)}; needs --adapter")
    more.add_argument("--control", action="append", nargs="+", metavar="KIND FILE MODEL [WEIGHT]", help=f"keep to a picture's {', '.join(CONTROLS)} by a ControlNet")


def diffusion_of(options: argparse.Namespace) -> DiffusionParams:
    """The parameters that were typed, files as whole paths. Raises BadInput."""
    typed = {name: value for name, value in opt.given(options, DiffusionParams).items() if name not in _OWN}
    typed |= {name: value for name, own in _OWN.items() if (value := getattr(options, own, None)) is not None}
    for name in ("start", "mask"):
        if typed.get(name):
            typed[name] = _file(typed[name], name)
    if typed.get("adapter"):
        typed["adapter"] = _whole(typed["adapter"])
    typed["loras"] = tuple(Lora(path=_whole(path), weight=weight) for path, weight, _ in (_parts(text, "lora") for text in getattr(options, "lora", None) or ()))
    typed["images"] = tuple(
        ImagePrompt(path=_file(path, "image"), weight=weight, part=part or "all") for path, weight, part in (_parts(text, "image") for text in getattr(options, "image", None) or ())
    )
    typed["controls"] = tuple(_control(words) for words in getattr(options, "control", None) or ())
    return DiffusionParams(**{name: value for name, value in typed.items() if name not in _MANY or value})


def engine_of(make: MakeParams) -> str:
    """The engine's name, a folder or file of weights as a whole path. Raises BadInput for a picture model without a name."""
    if not make.engine.startswith(PICTURES):
        return make.engine
    named = make.engine.removeprefix(PICTURES).strip()
    if not named:
        raise BadInput("engine diffusers: needs a model after the colon; jewelgen models list shows them", field="engine")
    return PICTURES + _whole(named)


def _whole(named: str) -> str:
    """A path that is there as a whole one; any other name as it is."""
    path = place(named, "model")
    return str(path.resolve()) if path.exists() else named


def _file(named: str, field: str) -> str:
    path = place(named, field)
    if not path.is_file():
        raise BadInput(f"the {field} {named[:200]!r} is not there", field=field)
    return str(Path(path).resolve())


def _parts(text: str, field: str) -> tuple[str, float, str]:
    """FILE, weight and part of ``FILE::0.8::style``."""
    path, *more = text.split("::")
    if len(more) > (2 if field == "image" else 1):
        raise BadInput(f"{field} {text[:80]!r} is not understood; say FILE::WEIGHT", field=field)
    return path, _number(more[0], field) if more else 1.0, more[1] if len(more) > 1 else ""


def _number(text: str, field: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadInput(f"the weight {text[:40]!r} of {field} is no number", field=field) from None


def _control(words: list[str]) -> Control:
    if not 3 <= len(words) <= 4:
        raise BadInput("control needs a kind, a picture and a model, such as --control canny lines.png FOLDER 0.5", field="control")
    kind, path, model, *weight = words
    return Control(kind=kind, path=_file(path, "control"), model=_whole(model), **({"weight": _number(weight[0], "control")} if weight else {}))
