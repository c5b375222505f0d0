"""How a depth model is run: listened to at every block, again in float32 where numbers are not finite, and out of memory with a mend."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from ...core.errors import BadInput, Fix, JewelGenError
from ...core.height.params import SeeingParams

AGAIN = "half precision gave no numbers on this card; the picture was worked out again in full precision"
_LEAST = 128  # px below which less memory is of no help
_USUAL = 768  # px that a model works at where nothing else is known
Tell = Callable[[float, str], None]
Look = Callable[[Any, Any, Any, SeeingParams, Tell], np.ndarray]


def finite(look: Look, image: Any, weights: Any, plan: Any, params: SeeingParams, tell: Tell) -> tuple[np.ndarray, tuple[str, ...]]:
    """``look``'s answer and notes; a second time in float32 if numbers are missing. Raises BadInput."""
    notes: tuple[str, ...] = ()
    values = _looked(look, image, weights, plan, params, tell)
    if not np.isfinite(values).all() and plan.dtype != "float32":
        tell(0.0, "once more in full precision")
        notes = (AGAIN,)
        values = _looked(look, image, weights, replace(plan, dtype="float32"), params, tell)
    if not np.isfinite(values).all():
        raise BadInput(f"{weights.name} answered with no numbers; its weights may be damaged", field="model", fix=Fix("Fetch Again", f"jewelgen models fetch {weights.name}"))
    return values, notes


def _looked(look: Look, image: Any, weights: Any, plan: Any, params: SeeingParams, tell: Tell) -> np.ndarray:
    import torch

    try:
        with torch.inference_mode():
            return look(image, weights, plan, params, tell)
    except JewelGenError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _too_large(weights, params) from error
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, AttributeError, TypeError) as error:  # what the libraries raise for weights that do not fit
        if "memory" in str(error).lower() and "alloc" in str(error).lower():
            raise _too_large(weights, params) from error
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadInput(f"{weights.name} cannot be used: {said}", field="model") from error
    finally:
        release(plan.device)


def _too_large(weights: Any, params: SeeingParams) -> BadInput:
    size = (params.resolution or _USUAL) // 2 // 64 * 64
    fix = Fix(f"Use {size} px", f"--resolution {size}") if size >= _LEAST else Fix("Use the Shading", "--method shading")
    return BadInput(f"{weights.name} needs more memory than there is free", field="memory", fix=fix)


def release(device: str) -> None:
    """Give memory back before anything else is loaded."""
    import torch

    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


class Counter:
    """How far a model is: ``step`` at each step, ``block`` within one, both of which may raise Cancelled."""

    def __init__(self, tell: Tell, steps: int, text: str, first: float = 0.1) -> None:
        self._tell, self._steps, self._text, self._first = tell, max(steps, 1), text, first
        self._done = 0

    def step(self, *_: Any) -> None:
        self._done += 1
        self.block()

    def block(self, *_: Any) -> None:
        at = min(max(self._done - 1, 0) / self._steps, 1.0)
        text = self._text if self._steps == 1 else f"{self._text}, step {min(max(self._done, 1), self._steps)} of {self._steps}"
        self._tell(self._first + (0.95 - self._first) * at, text)


@contextmanager
def heard(counter: Counter, models: Sequence[Any], stepped: Any) -> Iterator[None]:
    """Call the counter before every block of the models, and its ``step`` before each run of ``stepped``."""
    from torch.nn import ModuleList

    hooks = [stepped.register_forward_pre_hook(counter.step)]
    for model in models:
        for part in model.modules():
            if isinstance(part, ModuleList):
                hooks += [child.register_forward_pre_hook(counter.block) for child in part]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Loading without the libraries' own bars of progress."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    loud = [library for library in (of_diffusers, of_transformers) if library.is_progress_bar_enabled()]
    for library in loud:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library in loud:
            library.enable_progress_bar()


def stretched(values: np.ndarray) -> np.ndarray:
    """(h, w) float32 from 0 to 1; what is flat is 0.5 everywhere."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9:
        return np.full(values.shape, 0.5, np.float32)
    return ((values - low) / (high - low)).astype(np.float32)
