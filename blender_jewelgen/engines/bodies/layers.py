"""Layers of a network as functions over the tensors of its file, by their names there; nothing is registered, so nothing can be misnamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput

Shapes = dict[str, tuple[int, ...]]


@dataclass(eq=False)
class Layers:
    """Tensors by name, and ``beat``, which is called before each block and may raise."""

    tensors: Mapping[str, Any]
    beat: Callable[[], None] = field(default=lambda: None)

    def linear(self, name: str, x: Any) -> Any:
        """x W^T + b; the bias may be missing."""
        from torch.nn import functional

        return functional.linear(x, self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias"))

    def norm(self, name: str, x: Any, eps: float = 1e-5) -> Any:
        """Normalised over the last axis, in float32, then scaled and moved."""
        from torch.nn import functional

        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return functional.layer_norm(x.float(), weight.shape, weight.float(), bias.float(), eps).to(x.dtype)

    def has(self, name: str) -> bool:
        return name in self.tensors

    def count(self, start: str) -> int:
        """How many numbered parts follow ``start``."""
        return 1 + max((int(name[len(start) :].partition(".")[0]) for name in self.tensors if name.startswith(start)), default=-1)


def attended(query: Any, key: Any, value: Any) -> Any:
    """(b, heads, n, d) by (b, heads, m, d) -> (b, n, heads · d)."""
    from torch.nn import functional

    return functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)


def heads(x: Any, count: int) -> Any:
    """(b, n, c) -> (b, heads, n, c / heads)."""
    return x.unflatten(2, (count, -1)).transpose(1, 2)


def read(files: Sequence[Path], wanted: Callable[[Shapes], Shapes], name: str, dtype: Any, device: str) -> dict[str, Any]:
    """The tensors of .safetensors files that ``wanted`` names, judged by the heads before one of them is read.

    ``wanted`` gets all names and shapes and gives those that are needed; it may raise KeyError or ValueError where the sizes
    cannot be told. Raises BadInput for files that lack some, or hold some of another size.
    """
    from safetensors import safe_open

    from ..weights import headers

    held = {file: headers.head(file).shapes for file in files}
    shapes = {key: shape for one in held.values() for key, shape in one.items()}
    shown = files[0].name
    try:
        needed = wanted(shapes)
    except (KeyError, ValueError) as error:
        raise BadInput(f"{shown} of {name} is no such network: {error}", field="model") from error
    missing = [key for key in needed if key not in shapes]
    if missing:
        raise BadInput(f"{shown} of {name} lacks {len(missing)} of its {len(needed)} parts ({missing[0]}); fetch or copy the model again", field="model")
    wrong = next((key for key, shape in needed.items() if shapes[key] != shape), "")
    if wrong:
        raise BadInput(f"{wrong} in {shown} of {name} is {_size(shapes[wrong])}; it must be {_size(needed[wrong])}", field="model")
    made = {}
    for file, own in held.items():
        with safe_open(str(file), framework="pt", device="cpu") as opened:
            made |= {key: opened.get_tensor(key).to(device=device, dtype=dtype) for key in own if key in needed}
    return made


def affine(name: str, out: int, inward: int, bias: bool = True) -> Shapes:
    """Names and shapes of a linear layer."""
    return {f"{name}.weight": (out, inward)} | ({f"{name}.bias": (out,)} if bias else {})


def normal(name: str, width: int) -> Shapes:
    """Names and shapes of a norm."""
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
