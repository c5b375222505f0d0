"""A local model's way from an order to a body: the picture's subject, weights found and held, bodies of several seeds, the best kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.body import Body, BodyOrder, Tell
from ...core.errors import BadInput, Fix, JewelGenError
from ...core.mesh.arrays import Mesh
from .candidates import Box, best
from .surface import NotFinite

if TYPE_CHECKING:
    from ..diffusion.kept import Reading
    from ..weights.device import Plan
    from ..weights.judged import Weights

_NEEDED = ("torch", "diffusers", "transformers")
_SHORT = re.compile(r"out of memory|not enough memory|can't allocate", re.IGNORECASE)
_CARD = re.compile(r"CUDA (error|driver)|HIP error|NVIDIA driver|no kernel image|cuDNN error|CUBLAS_STATUS|not compiled with CUDA", re.IGNORECASE)
_LEAST = 64  # cells a side below which less memory is of no help


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """One body that a model is asked for; ``picture`` is (side, side, 3) float32 on an even ground, or None for words alone."""

    picture: np.ndarray | None
    prompt: str
    seed: int
    steps: int | None
    guidance: float | None
    grid: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Local:
    """A family of local models.

    Attributes
    ----------
    name, label : as weights are judged, and as people call it
    side, ground : px and grey of the square that the subject is shown on
    shares : the subject's longer side over the square's; a model that draws no noise is shown it at each, until a body can be used
    noise : another seed makes another body
    read : the model from its files; ``Reading.at`` may stop it
    one : one body, z up with its front to -y; raises NotFinite for numbers that are none
    box : corners of the space the surface is sought in, as the mesh has it
    usual : what is kept of the settings where the order leaves them to the model, for the credit
    halves : whether it may be held in two bytes a number
    """

    name: str
    label: str
    side: int
    ground: float
    shares: tuple[float, ...]
    noise: bool
    read: Callable[[Weights, Plan, Reading], Any]
    one: Callable[[Any, Asked, Tell], Mesh]
    box: Callable[[Any], Box]
    usual: Callable[[Asked], dict[str, Any]]
    halves: bool = True


@dataclass(eq=False)
class Held:
    """A model in memory and how it is held."""

    model: Any
    plan: Plan


def made(local: Local, order: BodyOrder, usual: str, tell: Tell) -> Body:
    """The best of the bodies that a model makes of an order; ``usual`` names its weights where the order does not.

    ``tell`` is heard before each step and each layer, and at least every 65 536 points of the surface. Raises BadInput: no
    runtime, no weights or others, no subject in the picture, too little memory, damaged weights, every body refused.
    """
    there(local)
    tell(0.0, "looking for the model")
    weights = found(local, order.params.model or usual)
    colours, subject, notes = _seen(order, lambda share, text: tell(0.02 * share, text))
    held = hold(local, weights, planned(local, weights), lambda share, text: tell(0.02 + 0.13 * share, text))
    notes = [*notes]

    def one(number: int, heard: Tell) -> Mesh:
        nonlocal held
        asked = _asked(local, order, number, colours, subject)
        with while_making(weights, local, order.params.grid):
            try:
                return local.one(held.model, asked, heard)
            except NotFinite:
                held = _again(local, weights, held, heard, notes)
            try:
                return local.one(held.model, asked, heard)
            except NotFinite:
                raise _damaged(weights) from None

    count = order.params.candidates if local.noise else min(order.params.candidates, len(local.shares))
    mesh, candidates = best(
        one, [order.seed + number if local.noise else number for number in range(count)], local.box(held.model), local.label,
        lambda share, text: tell(0.15 + 0.85 * share, text), noise=local.noise,
    )  # fmt: skip
    asked = _asked(local, order, 0, None, None)
    credit = weights.credit() | local.usual(asked) | {"grid": order.params.grid, "precision": held.plan.dtype}
    return Body(
        mesh=mesh, mask=None if subject is None else subject.mask, credit={name: str(value) for name, value in credit.items()},
        notes=tuple(dict.fromkeys(notes)), candidates=candidates,
    )  # fmt: skip


def there(local: Local) -> None:
    """Raises BadInput where this Python cannot run models."""
    from importlib import import_module

    try:
        for name in _NEEDED:
            import_module(name)
    except ImportError as error:
        missing = (error.name or str(error)).partition(".")[0]
        raise BadInput(
            f"{local.label} needs the runtime; {missing} is not in this Python", field="runtime", fix=Fix("Install the Runtime", "jewelgen runtime install")
        ) from error


def found(local: Local, text: str) -> Weights:
    """The weights that ``text`` names. Raises BadInput for those of another family, too."""
    from ..weights import resolve as weights

    made = weights.resolve(text)
    if made.family != local.name:
        raise BadInput(f"{made.name} is a model of the family {made.family}; this engine needs one of {local.name}", field="model")
    return made


def planned(local: Local, weights: Weights) -> Plan:
    """How the model is held on this machine. Raises BadInput, field memory."""
    from ..weights import device

    try:
        plan = device.plan(weights)
    except BadInput as error:
        raise BadInput(str(error.args[0]), field="memory", fix=Fix("Fit a Form of Ours", "--engine auto")) from error
    plan = replace(plan, quantise="", dtype="bfloat16" if plan.quantise else plan.dtype)
    return plan if local.halves else replace(plan, dtype="float32")


def hold(local: Local, weights: Weights, plan: Plan, tell: Tell) -> Held:
    """The model, read anew if another was kept. Raises BadInput for files that are no such model."""
    from ..diffusion.faults import while_reading
    from ..diffusion.kept import KEPT

    def read(reading: Reading) -> Held:
        with while_reading(weights, local), quietly():
            return Held(local.read(weights, plan, reading), plan)

    return KEPT.get(("body", local.name, str(weights.path), weights.revision, _stamp(weights.path), plan.device, plan.dtype), read, tell)


@contextmanager
def while_making(weights: Weights, local: Local, grid: int) -> Iterator[None]:
    """What torch says while a body is made, in one sentence with its mend; nothing it reckons is kept for learning."""
    import torch

    from ..diffusion.kept import KEPT

    try:
        with torch.inference_mode():
            yield
    except (JewelGenError, NotFinite):
        raise
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not isinstance(error, torch.OutOfMemoryError) and not _SHORT.search(str(error)):
            said = (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip(".:")
            if _CARD.search(said):
                raise BadInput(f"the graphics card cannot be used: {said}", field="runtime", fix=Fix("Repair the runtime", "jewelgen runtime repair")) from error
            raise BadInput(f"{weights.name} cannot make a body: {said}", field="model") from error
        KEPT.free()
        fix = Fix(f"Use {grid // 2} cells", f"--grid {grid // 2}") if grid // 2 >= _LEAST else Fix("Fit a Form of Ours", "--engine auto")
        raise BadInput(f"{weights.name} ran out of memory at {grid} cells", field="memory", fix=fix) from error


@contextmanager
def quietly() -> Iterator[None]:
    """Without the libraries' own bars, and without their advice on parts that are not used."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    before = of_transformers.get_verbosity()
    of_transformers.set_verbosity_error()
    for library in (of_diffusers, of_transformers):
        library.disable_progress_bar()
    try:
        yield
    finally:
        of_transformers.set_verbosity(before)


@contextmanager
def listened(parts: Any, beat: Callable[..., None]) -> Iterator[None]:
    """Call ``beat`` before each of the modules runs; what it raises comes out of them."""
    hooks = [part.register_forward_pre_hook(lambda *_: beat()) for part in parts]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _seen(order: BodyOrder, tell: Tell) -> tuple[np.ndarray | None, Any, tuple[str, ...]]:
    """The picture's colours, its subject and notes; nothing for words alone. Raises BadInput for a picture without one thing in it."""
    if order.picture is None:
        if not order.prompt.strip():
            raise BadInput("there is neither a picture nor words to make a body of", field="picture")
        return None, None, ()
    from ...core.height.picture import read_colours
    from ...core.seen.subject import subject

    tell(0.0, "reading the picture")
    read = read_colours(order.picture)
    colours = read.colours if read.colours.ndim == 3 else np.repeat(read.colours[..., None], 3, axis=-1)
    tell(0.3, "finding the thing in the picture")
    found = subject(colours)
    return colours, found, (*read.notes, *found.notes)


def _asked(local: Local, order: BodyOrder, number: int, colours: np.ndarray | None, subject: Any) -> Asked:
    from ...core.seen.subject import on_ground

    shown = None
    if colours is not None:
        shown = on_ground(colours, subject, local.side, local.shares[number % len(local.shares) if not local.noise else 0], local.ground)
    params = order.params
    return Asked(picture=shown, prompt=order.prompt.strip(), seed=order.seed + number, steps=params.steps, guidance=params.guidance, grid=params.grid)


def _again(local: Local, weights: Weights, held: Held, tell: Tell, notes: list[str]) -> Held:
    """The same model in float32: old cards make no numbers of halves. Raises BadInput where it already is."""
    if held.plan.dtype == "float32":
        raise _damaged(weights)
    tell(0.0, "once more in full precision")
    notes.append(f"this device makes no numbers of {held.plan.dtype}; the bodies were made in float32")
    return hold(local, weights, replace(held.plan, dtype="float32"), tell)


def _damaged(weights: Weights) -> BadInput:
    return BadInput(f"{weights.name} answers with numbers that are not finite; its weights may be damaged", field="model")


def _stamp(path: Path) -> tuple[Any, ...]:
    """What changes when somebody puts other files there."""
    files = [path] if path.is_file() else sorted((*path.glob("*.json"), *path.glob("**/*.safetensors")))
    return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
