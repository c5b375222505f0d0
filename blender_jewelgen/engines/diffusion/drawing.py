"""One order to a picture model: words to embeddings, steps with previews, a picture, and the height in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.diffusion import DiffusionParams, Lora
from ...core.errors import BadInput
from ...core.pattern.strip import Strip
from ...core.stages import Answer
from . import faults, previews, prompts, sizes, tiling
from .families import Family, family_of, hasty, usual
from .heights import height_in
from .load import Loaded
from .spoken import said
from .wording import prompts as worded

if TYPE_CHECKING:
    from ...core.stages import Order, Tell

_SEAM = 2.0  # times the step inside: a seam that shows


class _NotFinite(Exception):
    """The model's numbers overflowed."""


@dataclass(frozen=True, eq=False)
class Taken:
    """What came of one run of the model: the picture (h, w, 3) uint8, the same as (h, w, 3) float32 in [0, 1], and how it was drawn."""

    colours: np.ndarray
    picture: np.ndarray
    steps: int
    guidance: float
    scheduler: str
    notes: tuple[str, ...]


def drawn(order: Order, loaded: Loaded, tell: Tell, more: Sequence[Lora] = (), scheduler: str = "", adapter: str = "") -> Answer:
    """The height that a loaded model draws for an order; same seed, same pixels on the same device.

    ``more`` are LoRAs that the model is laid under, ``scheduler`` and ``adapter`` what is taken where the order names none. ``tell``
    is heard once a step at least and may raise Cancelled; ``order.show`` sees every step. Raises BadInput for what the model
    cannot do, too little memory ("memory") and numbers that are not finite in any precision ("model").
    """
    params, family = order.diffusion, family_of(loaded.family)
    params = replace(params, scheduler=params.scheduler or scheduler, adapter=params.adapter or adapter)
    card = getattr(loaded.weights, "card", None)
    tile = sizes.tile_for(
        order.surface, family, params.pixels, params.tiling, order.design.repeats, loaded.plan.fits, card.pixels if card and card.family == family.name else 0
    )  # fmt: skip
    with faults.while_drawing(tile, family, loaded.weights.name):
        if order.show is not None:
            previews.prepared(loaded)
        try:
            taken = _run(order, params, loaded, family, tile, tell, more)
        except _NotFinite:
            taken = _again(order, params, loaded, family, tile, tell, more)
    tell(0.95, "finding the height")
    width = order.surface.length if isinstance(order.surface, Strip) else order.surface.size_x
    height, notes = height_in(taken.picture, params, width / tile.across, tile.axes in ("x", "both"), tell)
    seam = tiling.seam(taken.colours, tiling.grain(loaded.pipe) * params.upscale)
    return Answer(
        sizes.laid(tile, height, order.surface), _credit(loaded, taken, tile, seam), colours=taken.colours,
        notes=(*taken.notes, *_notes(tile, seam), *notes),
    )  # fmt: skip


def _run(
    order: Order, params: DiffusionParams, loaded: Loaded, family: Family, tile: sizes.Tile, tell: Tell, more: Sequence[Lora]
) -> Taken:  # fmt: skip
    """The model's steps, and what is done to their picture. Raises _NotFinite."""
    import torch

    steps, guidance = usual(family, loaded.pipe, loaded.weights)
    steps, guidance = params.steps or steps, guidance if params.guidance is None else params.guidance
    repeated = tile.across * tile.down > 1 or tile.axes != "none"
    prompt, never = worded(order.design, params, order.surface, repeated)
    words = said(prompt)
    avoid = said(", ".join(part for part in (words.avoid, never) if part))
    notes = list(words.notes)
    with ExitStack() as outer:  # what makes it another model also draws the larger picture; what steers this picture does not
        pipe, given = _remade(outer, loaded, params, tile, (*more, *params.loras), tell)
        with ExitStack() as inner:
            given = {**given, **_steered(inner, pipe, params, tile, tell)}
            tell(0.02, "reading the words")
            guided = family.hears_negative(guidance, pipe)
            spoken = prompts.told(pipe, family, words, avoid, guided)
            arguments = _arguments(pipe, family, tile, steps, guidance) | spoken.arguments | given
            torch.manual_seed(order.seed)  # a few pipelines sample what they start from without the generator
            arguments["generator"] = torch.Generator("cpu").manual_seed(order.seed)
            arguments["callback_on_step_end"] = _step(order, loaded, tile, tell)
            picture = _called(pipe, arguments)
        if not np.isfinite(picture).all():
            raise _NotFinite
        colours = drawn_colours = _bytes(picture)
        if params.mask or params.box:
            from . import regions

            colours = regions.kept(colours, params, tile.axes)
        if params.upscale > 1:
            from . import upscale

            call = spoken.arguments | {family.scale: guidance}
            colours = upscale.larger(colours, params.upscale, tile.axes, lambda share, text: tell(0.86 + 0.09 * share, text), pipe, call)
        name = type(pipe.scheduler).__name__.removesuffix("Scheduler")
    if not guided and (params.negative.strip() or words.avoid or order.design.avoid):
        notes.append("this model draws without guidance, so what to avoid has no effect")
    if colours is not drawn_colours:
        picture = colours.astype(np.float32) / 255.0  # as drawn it has more than 256 levels
    return Taken(colours, picture, steps, guidance, name, (*notes, *spoken.notes))


def _remade(stack: ExitStack, loaded: Loaded, params: DiffusionParams, tile: sizes.Tile, worn: Sequence[Lora], tell: Tell) -> tuple[Any, dict[str, Any]]:
    """The pipeline of the kind that the order needs, with LoRAs and scheduler until ``stack`` ends, and what it is called with for that."""
    pipe, given = loaded.pipe, {}
    if params.start:
        from . import regions

        tell(0.0, "reading the picture to start from")
        pipe, given = regions.started(pipe, params, tile.size)
    if params.controls:
        from . import control

        tell(0.0, "reading the pictures to keep to")
        pipe, more = control.guided(pipe, params.controls, tile.size, tile.axes)
        given = {**given, **more}
    stack.callback(pipe.maybe_free_model_hooks)
    if worn:
        from . import loras

        tell(0.0, "putting on the LoRAs")
        stack.enter_context(loras.worn(pipe, worn))
    if params.scheduler:
        from . import schedulers

        stack.enter_context(schedulers.use(pipe, params.scheduler))
    _spaced(stack, pipe, loaded)
    return pipe, given


def _spaced(stack: ExitStack, pipe: Any, loaded: Loaded) -> None:
    """Models taught to need few steps want the last of every stretch of noise, also where they are laid on a model that does not."""
    was, family = pipe.scheduler, family_of(loaded.family)
    if family.name not in ("sd15", "sdxl") or not hasty(family, pipe, loaded.weights.name) or type(was).__name__.startswith("LCM"):
        return
    if was.config.get("timestep_spacing", "trailing") != "trailing":
        pipe.scheduler = type(was).from_config(was.config, timestep_spacing="trailing")
        stack.callback(setattr, pipe, "scheduler", was)


def _steered(stack: ExitStack, pipe: Any, params: DiffusionParams, tile: sizes.Tile, tell: Tell) -> dict[str, Any]:
    """Sides that run on and pictures to heed, put on until ``stack`` ends; what the pipeline is called with for that."""
    stack.enter_context(tiling.tiled(pipe, tile.axes))
    if not params.images:
        return {}
    from . import adapters

    tell(0.0, "reading the pictures to heed")
    return stack.enter_context(adapters.heeded(pipe, params.images, params.adapter))


def _arguments(pipe: Any, family: Family, tile: sizes.Tile, steps: int, guidance: float) -> dict[str, Any]:
    values: dict[str, Any] = {"num_inference_steps": steps, "width": tile.width, "height": tile.height, "output_type": "pt", family.scale: guidance}
    if family.name == "sana":
        values |= {"use_resolution_binning": False}
        if type(pipe).__name__ != "SanaSprintPipeline":
            values["negative_prompt"] = None
    if family.name == "qwen-image" and pipe.transformer.config.guidance_embeds:
        values["guidance_scale"] = guidance
    return values


def _step(order: Order, loaded: Loaded, tile: sizes.Tile, tell: Tell) -> Callable[..., dict[str, Any]]:
    """What the pipeline calls after each step: the preview, and how far it is; a cancel comes out of ``tell``."""

    def after(pipe: Any, number: int, _: Any, values: dict[str, Any]) -> dict[str, Any]:
        count = max(getattr(pipe, "num_timesteps", 0) or 0, number + 1)
        if order.show is not None:
            order.show(previews.picture(loaded, pipe, values["latents"], tile.size))
        tell(0.05 + 0.8 * (number + 1) / count, f"step {number + 1} of {count}" if number + 1 < count else "decoding the picture")
        return {}

    return after


def _called(pipe: Any, arguments: dict[str, Any]) -> np.ndarray:
    """Run the pipeline; (h, w, 3) float32 in [0, 1]."""
    import inspect

    known = inspect.signature(type(pipe).__call__).parameters
    if "num_inference_steps" in arguments and "strength" in known and "strength" in arguments:
        from .regions import least_steps

        arguments["num_inference_steps"] = max(arguments["num_inference_steps"], least_steps(arguments["strength"]))
    found = pipe(**{name: value for name, value in arguments.items() if name in known}).images
    return np.ascontiguousarray(found[0].float().cpu().permute(1, 2, 0).numpy())


def _again(
    order: Order, params: DiffusionParams, loaded: Loaded, family: Family, tile: sizes.Tile, tell: Tell, more: Sequence[Lora]
) -> Taken:  # fmt: skip
    """The same in float32, which the model is then kept in: old cards make NaN of halves."""
    import torch

    was = loaded.plan.dtype
    if was == "float32" or loaded.plan.quantise:
        raise BadInput(f"{loaded.weights.name} draws numbers that are not finite; its weights may be damaged", field="model")
    tell(0.05, "the picture is not finite; drawing again in float32")
    loaded.pipe.to(dtype=torch.float32)
    loaded.plan = replace(loaded.plan, dtype="float32")
    loaded.tints.clear()
    if order.show is not None:
        previews.prepared(loaded)
    try:
        taken = _run(order, params, loaded, family, tile, tell, more)
    except _NotFinite:
        raise BadInput(f"{loaded.weights.name} draws numbers that are not finite; its weights may be damaged", field="model") from None
    return replace(taken, notes=(*taken.notes, f"this device makes NaN of {was}; it was drawn again in float32"))


def _bytes(picture: np.ndarray) -> np.ndarray:
    return (np.clip(np.nan_to_num(picture), 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _credit(loaded: Loaded, taken: Taken, tile: sizes.Tile, seam: dict[str, float]) -> dict[str, str]:
    weights = loaded.weights
    credit = {"model": weights.name, "revision": weights.revision, "licence": weights.licence} | weights.credit()
    credit |= {
        "steps": str(taken.steps), "guidance": f"{taken.guidance:g}", "scheduler": taken.scheduler, "size": f"{tile.width} x {tile.height}",
        "tiles": f"{tile.across} x {tile.down}", "precision": loaded.plan.dtype,
    }  # fmt: skip
    axes = {"x": ("x",), "y": ("y",), "both": ("x", "y")}.get(tile.axes, ())
    return {key: str(value) for key, value in credit.items()} | {f"seam_{axis}": f"{seam[axis]:.2f}" for axis in axes}


def _notes(tile: sizes.Tile, seam: dict[str, float]) -> tuple[str, ...]:
    notes = ()
    if tile.across * tile.down > 1:
        notes = (f"the model drew one tile of {tile.width} x {tile.height} px; it lies {tile.across * tile.down} times on the surface",)
    for axis, where in (("x", "left and right"), ("y", "top and bottom")):
        if tile.axes in (axis, "both") and seam[axis] > _SEAM:
            notes += (f"the seam between {where} is {seam[axis]:.1f} times the step inside the picture",)
    return notes
