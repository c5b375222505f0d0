"""What this machine can hold: memory found, a plan for a model in it, and which model to take.

The figures are estimates: a parameter takes its bytes; a picture being drawn takes ``_DRAWN`` GB for each million pixels, less
with attention and decoder in slices; a part of the memory stays free. They were compared with what the models' authors publish
(docs/engines/models.md), not measured with real weights here. An out-of-memory error at run time offers the next smaller size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import BadInput, Fix
from .memory import Memory, found, main_memory

if TYPE_CHECKING:
    from .models import ModelCard
    from .resolve import Weights

__all__ = ["Advice", "Memory", "Plan", "found", "main_memory", "needed", "plan", "recommend"]

DTYPES = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0}
_QUANTISED = {"int8": 1.1, "nf4": 0.65}  # bytes of a parameter, scales included
_DRAWN, _SLICED = 3.0, 0.9  # GB for 10^6 pixels in two bytes a number: whole, and in slices
_ALWAYS = 0.5  # GB that the driver and the libraries take
_SHARE = 0.92  # of the free memory that is used
_LAYER = {"denoiser": 0.03, "text": 0.07}  # share of a part that is on the card at once when layers go one by one; the table of words is one layer
_SMALLEST, _LARGEST = 256, 2048  # px
_CONVOLUTIONAL = ("sd15", "sdxl", "marigold-depth", "marigold-normals", "controlnet", "ip-adapter", "lora", "upscaler", "shap-e", "depth-anything")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a model is held; ``fits`` is the largest (width, height) that is expected to go."""

    device: str
    dtype: str
    offload: str  # none, model, sequential
    slicing: bool
    quantise: str  # "", int8, nf4
    why: str
    fits: tuple[int, int]


@dataclass(frozen=True)
class Advice:
    """The model to take, and why."""

    card: ModelCard
    why: str


def needed(parts: dict[str, float], each: float, offload: str, size: tuple[int, int], slicing: bool = False, quantise: str = "") -> float:
    """GB of graphics memory for a model of ``parts`` (10^9 parameters) at ``each`` bytes, drawing ``size`` px."""
    weight = {name: count * each for name, count in parts.items()}
    if quantise:  # the two large parts; what decodes the picture stays as it is
        weight |= {name: parts[name] * _QUANTISED[quantise] for name in ("denoiser", "text") if name in parts}
    drawn = (_SLICED if slicing else _DRAWN) * size[0] * size[1] / 1e6 * each / 2.0
    if offload == "none":
        return sum(weight.values()) + drawn + _ALWAYS
    if offload == "model":  # one part at a time; the text encoder draws nothing
        drawing = weight.get("denoiser", max(weight.values(), default=0.0)) + drawn
        return max(drawing, *(value for name, value in weight.items() if name != "denoiser"), 0.0) + _ALWAYS
    return max(parts.get(name, 0.0) * each * share for name, share in _LAYER.items()) + drawn + _ALWAYS


def plan(model: str | ModelCard | Weights, memory: Memory | None = None, size: tuple[int, int] | None = None) -> Plan:
    """How to hold a model (a name of the table, a family, a card, or weights that are here) in this memory, drawing ``size`` or the model's own.

    The quickest way that fits is taken: whole, in slices, part by part, quantised, layer by layer; then a smaller size. Raises
    BadInput, with the model that would fit, where none does.
    """
    card, parts = _known(model)
    memory = memory or found(True)
    best = _best(card, parts, memory, size or (card.pixels, card.pixels))
    if best is None:
        raise _too_large(card, parts, memory)
    return best


def recommend(memory_gb: float | None, commercial_only: bool = True) -> Advice:
    """The model for a graphics card with this memory (GB in all; None or 0: no card). Never one that is gated or non-commercial.

    ``commercial_only`` leaves out what may be used commercially on conditions only; no such model is a default in any case.
    """
    from .models import PICTURES, cards

    if not memory_gb or memory_gb < 3.5:
        why = "without a graphics card it takes minutes a picture" if not memory_gb else f"{memory_gb:g} GB hold no model whole; it draws part by part, slowly"
        return Advice(_named("sd15"), f"the smallest; {why}; the pattern library needs no model")
    allowed = ("yes",) if commercial_only else ("yes", "conditions")
    wanted = [card for card in cards() if card.default and not card.gated and card.family in PICTURES and card.licence.commercial in allowed]
    room = memory_gb * _SHARE
    for card in sorted(wanted, key=lambda one: -sum(one.parts.values())):
        size = (card.pixels, card.pixels)
        for offload, slicing, told in (("none", False, "whole"), ("none", True, "whole, in slices"), ("model", True, "part by part")):
            takes = needed(card.parts, 2, offload, size, slicing)
            if takes <= room:
                said = f"{card.label} is the largest that fits {memory_gb:g} GB {told} (about {takes:.1f} GB at {card.pixels} px)"
                return Advice(card, f"{said}; {card.licence.summary}" + (f"; {card.note}" if card.note else ""))
    card = _named("sd15")
    return Advice(card, f"{card.label} is the smallest; it draws in slices")


def _known(model: str | ModelCard | Weights) -> tuple[ModelCard, dict[str, float]]:
    """The card that a model is drawn by, and its parts; those of weights that are here are counted, not looked up."""
    from .models import ModelCard, cards, of_family

    if isinstance(model, str):
        card = next((one for one in cards() if one.name == model), None) or of_family(model)
        return card, card.parts
    if isinstance(model, ModelCard):
        return model, model.parts
    card = model.card or of_family(model.family)
    return card, model.parts or card.parts


def _dtype(family: str, memory: Memory) -> str:
    if not memory.halves:
        return "float32"
    if family in _CONVOLUTIONAL or memory.device == "mps":
        return "float16"
    return "bfloat16"  # float16 overflows in the transformers; older cards reckon it slowly


def _best(card: ModelCard, parts: dict[str, float], memory: Memory, wanted: tuple[int, int]) -> Plan | None:
    """The quickest way that fits, at the size that is wanted or else at the smallest; None if none does."""
    if memory.device in ("cpu", ""):
        return _on_processor(card, parts, memory, wanted)
    family = card.base or card.family
    dtype = _dtype(family, memory)
    room = memory.free_gb * _SHARE
    ways = [("none", False, ""), ("none", True, "")]
    if memory.device == "cuda":
        ways.append(("model", True, ""))
        if memory.quantises and family not in _CONVOLUTIONAL and dtype == "bfloat16":
            ways += [("model", True, "int8"), ("model", True, "nf4")]
        ways.append(("sequential", True, ""))
    for smaller in (False, True):
        for offload, slicing, quantise in ways:
            takes = needed(parts, DTYPES[dtype], offload, (_SMALLEST, _SMALLEST) if smaller else wanted, slicing, quantise)
            if takes <= room:
                fits = _largest(parts, DTYPES[dtype], offload, slicing, quantise, room, card.multiple)
                return Plan(
                    device=memory.device, dtype=dtype, offload=offload, slicing=slicing, quantise=quantise, fits=fits,
                    why=_why(takes, sum(parts.values()) * DTYPES[dtype], memory, dtype, offload, slicing, quantise, smaller, fits),
                )  # fmt: skip
    return None


def _on_processor(card: ModelCard, parts: dict[str, float], memory: Memory, wanted: tuple[int, int]) -> Plan | None:
    room = memory.free_gb * _SHARE if memory.free_gb else float("inf")
    for size in (wanted, (_SMALLEST, _SMALLEST)):
        for dtype in ("float32", "bfloat16"):
            takes = needed(parts, DTYPES[dtype], "none", size, True)
            if takes <= room:
                fits = _largest(parts, DTYPES[dtype], "none", True, "", room, card.multiple)
                why = f"no graphics card: the processor draws, in {dtype}, about {takes:.1f} GB; minutes a picture"
                return Plan(device="cpu", dtype=dtype, offload="none", slicing=True, quantise="", why=_noted(why, memory), fits=fits)
    return None


def _largest(parts: dict[str, float], each: float, offload: str, slicing: bool, quantise: str, room: float, multiple: int) -> tuple[int, int]:
    """The largest square of a multiple that fits, at most 2048 px."""
    step = max(multiple, 8)
    side = _LARGEST // step * step
    while side > _SMALLEST and needed(parts, each, offload, (side, side), slicing, quantise) > room:
        side -= step
    return side, side


def _why(takes: float, whole: float, memory: Memory, dtype: str, offload: str, slicing: bool, quantise: str, smaller: bool, fits: tuple[int, int]) -> str:
    held = {"none": "whole on the card", "model": "part by part on the card", "sequential": "layer by layer on the card, slowly"}[offload]
    words = [f"about {takes:.1f} GB of {memory.free_gb:.1f} GB free: {held}"]
    if quantise:
        words.append(f"weights in {quantise}")
    if slicing:
        words.append("attention in slices")
    if dtype == "float32":
        words.append(f"float32, for {memory.name or 'this card'} makes NaN of float16")
    elif dtype == "bfloat16" and not memory.bfloat:
        words.append("bfloat16, which this card reckons slowly")
    if smaller:
        words.append(f"at most {fits[0]} px")
    if offload != "none" and 0.0 < memory.main_gb < whole:
        words.append(f"the rest waits in the computer's own memory, which has {memory.main_gb:.1f} GB free for {whole:.1f} GB")
    return _noted(", ".join(words), memory)


def _noted(why: str, memory: Memory) -> str:
    return f"{why}; {memory.note}" if memory.note else why


def _too_large(card: ModelCard, parts: dict[str, float], memory: Memory) -> BadInput:
    from .models import PICTURES, cards

    least = (_SMALLEST, _SMALLEST)
    takes = needed(parts, 2.0, "sequential" if memory.device == "cuda" else "none", least, True)
    smaller = sorted((one for one in cards() if one.default and not one.gated and one.family in PICTURES), key=lambda one: -sum(one.parts.values()))
    held = [(one, best) for one in smaller if (best := _best(one, one.parts, memory, (one.pixels, one.pixels))) is not None]
    better = next((one for one, best in held if best.offload != "sequential" and min(best.fits) >= one.pixels), held[-1][0] if held else None)
    fix = Fix(f"Use {better.label}", f"--engine diffusers:{better.name}") if better is not None and better.name != card.name else None
    what = "this computer" if memory.device in ("cpu", "") else "this graphics card"
    return BadInput(f"{card.label} needs {takes:.1f} GB at least; {what} has {memory.free_gb:.1f} GB free", field="memory", fix=fix)


def _named(name: str) -> ModelCard:
    from .models import card

    return card(name)
