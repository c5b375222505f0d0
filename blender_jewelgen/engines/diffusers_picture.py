"""The engine ``diffusers:…``: a picture model on this computer draws, and its picture becomes the height."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.diffusion import Lora
from ..core.errors import BadInput, Fix

if TYPE_CHECKING:
    from ..core.stages import Answer, Order, Tell


def draw(order: Order, tell: Tell) -> Answer:
    """The pattern of an order by the model that ``order.engine`` names: a name, folder, .safetensors file or hub id.

    Runs where torch is. Raises BadInput for weights that are not there or do not fit, and what ``drawing.drawn`` raises.
    """
    _there()
    from .diffusion.drawing import drawn
    from .diffusion.load import load
    from .weights import device
    from .weights import resolve as weights

    found = weights.resolve(order.engine.removeprefix("diffusers:"), lambda share, text: tell(0.02 * share, text))
    more, scheduler = (), ""
    if found.family == "lora" and found.companions:  # such as SDXL-Lightning, which is laid on SDXL
        lora, found = found, found.companions[0]
        more, scheduler = (Lora(path=str(lora.path)),), lora.card.scheduler
    else:
        lora, scheduler = None, found.card.scheduler
    plan = device.plan(found)
    loaded = load(found, plan, lambda share, text: tell(0.02 + 0.28 * share, text))
    if lora is not None:
        loaded.weights = lora  # its steps, its credit
    return drawn(order, loaded, lambda share, text: tell(0.3 + 0.7 * share, text), more, scheduler)


def _there() -> None:
    """Raises BadInput where this Python cannot draw pictures."""
    try:
        import diffusers  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        missing = (error.name or str(error)).partition(".")[0]
        raise BadInput(
            f"picture models need the runtime; {missing} is not in this Python", field="runtime", fix=Fix("Install the Runtime", "jewelgen runtime install")
        ) from error
