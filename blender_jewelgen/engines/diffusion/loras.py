"""LoRAs put on a model for one picture, several with weights, and taken off without a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.diffusion import Lora
from ...core.errors import BadInput, Fix, JewelGenError

if TYPE_CHECKING:
    from ..weights.resolve import Weights

_NAME = "jewelgen_{}"


@contextmanager
def worn(pipe: Any, loras: Sequence[Lora]) -> Iterator[tuple[Weights, ...]]:
    """Inside, ``pipe`` draws under these LoRAs; gives what they are, for the credit.

    One of weight 0 is not read at all, so it equals none to the bit. Raises BadInput, naming the file: not there, a pickle,
    no LoRA, or made for another model.
    """
    from ..weights import resolve as weights

    found = [(weights.resolve(lora.path), lora.weight) for lora in loras if lora.weight != 0.0]
    if not found:
        yield ()
        return
    if not hasattr(pipe, "load_lora_weights"):
        raise BadInput(f"{type(pipe).__name__} takes no LoRA", field="loras")
    if find_spec("peft") is None:
        raise BadInput("the runtime lacks peft, which LoRAs need", field="runtime", fix=Fix("Repair the runtime", "jewelgen runtime repair"))
    names = [_NAME.format(number) for number in range(len(found))]
    earlier = _active(pipe)
    try:
        for name, (lora, _) in zip(names, found):
            _put_on(pipe, lora, name)
        pipe.set_adapters([*earlier, *names], [*([1.0] * len(earlier)), *(weight for _, weight in found)])
        yield tuple(lora for lora, _ in found)
    finally:
        _take_off(pipe, names, earlier)


def _put_on(pipe: Any, lora: Weights, name: str) -> None:
    if lora.family != "lora":
        raise BadInput(f"{lora.name} is no LoRA; it is of the kind {lora.family}", field="loras")
    path = Path(lora.path)
    try:
        pipe.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=name, local_files_only=True, use_safetensors=True)
    except JewelGenError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # diffusers and peft raise ValueError, RuntimeError, KeyError and more for weights of another model
        if "out of memory" in str(error).lower():
            raise
        raise _foreign(pipe, lora) from error
    held = {one for names in pipe.get_list_adapters().values() for one in names}
    if name not in held:
        raise _foreign(pipe, lora)


def _foreign(pipe: Any, lora: Weights) -> BadInput:
    made = f"; it is made for {lora.base}" if lora.base else ""
    return BadInput(f"the LoRA {lora.name} does not fit this model ({_kind(pipe)}){made}", field="loras")


def _kind(pipe: Any) -> str:
    return type(pipe).__name__.removesuffix("Pipeline")


def _active(pipe: Any) -> list[str]:
    """Adapters that others put on, such as a model's own few-step LoRA."""
    listed = pipe.get_list_adapters() if hasattr(pipe, "get_list_adapters") else {}
    return sorted({name for names in listed.values() for name in names})


def _take_off(pipe: Any, names: list[str], earlier: list[str]) -> None:
    if not earlier:
        pipe.unload_lora_weights()
        for part in _parts(pipe):
            _bare(part)
        return
    held = {one for own in pipe.get_list_adapters().values() for one in own}
    pipe.delete_adapters([name for name in names if name in held])
    pipe.set_adapters(earlier)


def _parts(pipe: Any) -> list[Any]:
    return [part for part in pipe.components.values() if hasattr(part, "named_modules")]


def _bare(part: Any) -> None:
    """Layers of peft that unloading left behind, and its mark on the model, are taken off: a half-loaded LoRA leaves both."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    wrapped = [(name, layer) for name, layer in part.named_modules() if isinstance(layer, BaseTunerLayer)]
    for name, layer in wrapped:
        parent, _, own = name.rpartition(".")
        setattr(part.get_submodule(parent), own, layer.get_base_layer())
    for mark in ("peft_config", "_hf_peft_config_loaded"):
        part.__dict__.pop(mark, None)
