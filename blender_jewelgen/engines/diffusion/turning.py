"""Transformers that see no border: at every step the latents are turned by another distance, and the cut is faded over.

A transformer knows where a token lies, so padding cannot hide its borders. Here each call of the model gets the latents rolled
round the sides that run on, with a few tokens of the opposite side added at both ends; the two answers that then exist for the
tokens at the cut are cross-faded, and the whole is rolled back. What lies outside the model (the scheduler's memory of earlier
steps, masks, previews, callbacks) never sees a turned picture.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .circular import fold, pad

_MARGIN = 4  # tokens added at either end, 64 px with most models
_STRIDES = (0.7548776662, 0.5698402910)  # of the plane's most even sequence: no two steps cut near each other


class Turn:
    """How the latents are turned at each step: the same for all calls of one step, told apart by the timestep.

    Attributes
    ----------
    x, y : bool
        The sides that run on.
    margin : int
        Tokens added at either end; 0 where the model has no border of its own.
    """

    def __init__(self, x: bool, y: bool, margin: int = _MARGIN) -> None:
        self.x, self.y, self.margin = x, y, margin
        self._steps: dict[float, int] = {}

    def shift(self, timestep: Any, high: int, wide: int) -> tuple[int, int]:
        """Tokens down and to the right at this timestep, for a grid of ``high`` x ``wide`` tokens."""
        key = float(timestep.reshape(-1)[0])
        step = self._steps.setdefault(key, len(self._steps)) + 1
        down, right = (int(step * stride % 1.0 * size) for stride, size in zip(_STRIDES, (high, wide)))
        return (down if self.y else 0, right if self.x else 0)

    def margins(self, high: int, wide: int, most: int | None = None) -> tuple[int, int]:
        """Tokens added above and below, left and right; fewer on a small grid, none past ``most`` tokens a side."""
        margins = [min(self.margin, size // 2) if runs else 0 for runs, size in ((self.y, high), (self.x, wide))]
        if most is not None:
            margins = [margin if size + 2 * margin <= most else 0 for margin, size in zip(margins, (high, wide))]
        return margins[0], margins[1]

    def out(self, grid: Any, timestep: Any, patch: int = 1, most: int | None = None) -> Any:
        """(…, h, w) rolled, with its margins; h and w count ``patch`` to a token."""
        import torch

        high, wide = grid.shape[-2] // patch, grid.shape[-1] // patch
        down, right = (patch * tokens for tokens in self.shift(timestep, high, wide))
        tall, broad = (patch * tokens for tokens in self.margins(high, wide, most))
        return pad(torch.roll(grid, (down, right), (-2, -1)), broad, broad, tall, tall, self.x, self.y)

    def back(self, grid: Any, timestep: Any, high: int, wide: int, patch: int = 1, most: int | None = None) -> Any:
        """What ``out`` gave, (…, h + margins, w + margins), faded over the cut and rolled back to ``high`` x ``wide`` tokens."""
        import torch

        down, right = (patch * tokens for tokens in self.shift(timestep, high, wide))
        tall, broad = (patch * tokens for tokens in self.margins(high, wide, most))
        return torch.roll(fold(fold(grid, broad, -1), tall, -2), (-down, -right), (-2, -1))


@contextmanager
def turning(model: Any, turn: Turn) -> Iterator[None]:
    """The transformer or ControlNet ``model`` sees turned latents, and gives its answer as if it had not."""
    around = _AROUND.get(type(model).__name__)
    if around is None:
        raise TypeError(f"{type(model).__name__} cannot be turned")
    inner = model.forward
    names = list(inspect.signature(type(model).forward).parameters)[1:]
    before = model.__dict__.get("forward")

    def forward(*args: Any, **more: Any) -> Any:
        return around(model, turn, inner, dict(zip(names, args)) | more)

    model.__dict__["forward"] = forward
    try:
        yield
    finally:
        if before is None:
            del model.__dict__["forward"]
        else:  # an offload hook's
            model.__dict__["forward"] = before


def turnable(model: Any) -> bool:
    """Whether this class of model is known here."""
    return type(model).__name__ in _AROUND


Inner = Callable[..., Any]


def _swap(answer: Any, sample: Any) -> Any:
    return (sample, *answer[1:]) if isinstance(answer, tuple) else type(answer)(sample=sample)


def _sample(answer: Any) -> Any:
    return answer[0] if isinstance(answer, tuple) else answer.sample


def _planar(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """SD3 and Sana: latents as (b, c, h, w)."""
    latents, when = call["hidden_states"], call["timestep"]
    patch = model.config.patch_size
    most = getattr(model.config, "pos_embed_max_size", None)
    high, wide = latents.shape[-2] // patch, latents.shape[-1] // patch
    answer = inner(**call | {"hidden_states": turn.out(latents, when, patch, most)})
    return _swap(answer, turn.back(_sample(answer), when, high, wide, patch, most))


def _listed(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """Z-Image: a list of (c, 1, h, w)."""
    if isinstance(call["x"][0], list):
        raise TypeError("Z-Image with several pictures cannot be turned")
    patch, when = call.get("patch_size", 2), call["t"]
    high, wide = call["x"][0].shape[-2] // patch, call["x"][0].shape[-1] // patch
    answer = inner(**call | {"x": [turn.out(latents, when, patch) for latents in call["x"]]})
    return _swap(answer, [turn.back(latents, when, high, wide, patch) for latents in _sample(answer)])


def _packed(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """FLUX and Qwen-Image: tokens (b, h w, c), those of other pictures behind them."""
    tokens, when = call["hidden_states"], call["timestep"]
    call, high, wide = _laid(turn, call)
    answer = inner(**call)
    sample = _sample(answer)
    tall, broad = turn.margins(high, wide)
    count = (high + 2 * tall) * (wide + 2 * broad)
    grid = _grid(sample[:, :count], high + 2 * tall, wide + 2 * broad)
    others = sample[:, count:] if sample.shape[1] > count else tokens[:, :0, : sample.shape[-1]]
    return _swap(answer, _joined(_line(turn.back(grid, when, high, wide)), others))


def _packed_control(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """A ControlNet of packed tokens: its answer stays turned, for the transformer of the same step."""
    when, hints = call["timestep"], call["controlnet_cond"]
    call, high, wide = _laid(turn, call)
    many = isinstance(hints, (list, tuple))
    turned = [_hint(turn, hint, when, high, wide) for hint in (hints if many else [hints])]
    return inner(**call | {"controlnet_cond": turned if many else turned[0]})


def _planar_control(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """A ControlNet of SD3 or Sana; Sana's is fed latents as well."""
    latents, when, hints = call["hidden_states"], call["timestep"], call["controlnet_cond"]
    first = model.nets[0] if hasattr(model, "nets") else model
    patch, most = first.config.patch_size, getattr(first.config, "pos_embed_max_size", None)
    many = isinstance(hints, (list, tuple))
    turned = [turn.out(hint, when, patch, most) for hint in (hints if many else [hints])]
    return inner(**call | {"hidden_states": turn.out(latents, when, patch, most), "controlnet_cond": turned if many else turned[0]})


def _listed_control(model: Any, turn: Turn, inner: Inner, call: dict[str, Any]) -> Any:
    """Z-Image's ControlNet."""
    patch, when = call.get("patch_size", 2), call["t"]
    turned = {name: [turn.out(latents, when, patch) for latents in call[name]] for name in ("x", "control_context")}
    return inner(**call | turned)


def _laid(turn: Turn, call: dict[str, Any]) -> tuple[dict[str, Any], int, int]:
    """The call with turned tokens and the places of the larger grid; with the grid's rows and columns as they were."""
    tokens, when = call["hidden_states"], call["timestep"]
    if call.get("img_shapes") is not None:
        shapes = call["img_shapes"]
        nested = isinstance(shapes[0], list)  # those of a ControlNet are not: one picture each
        _, high, wide = shapes[0][0] if nested else shapes[0]
        tall, broad = turn.margins(high, wide)
        own = (1, high + 2 * tall, wide + 2 * broad)
        larger = [[own, *others[1:]] for others in shapes] if nested else [own] * len(shapes)
        change: dict[str, Any] = {"img_shapes": larger}
    else:
        ids = call["img_ids"]
        places = ids[0] if ids.ndim == 3 else ids
        first = places[(places[:, 0] == places[0, 0]).cumprod(0).bool()]
        high, wide = (int(first[:, axis].max() - first[:, axis].min()) + 1 for axis in (1, 2))
        tall, broad = turn.margins(high, wide)
        change = {"img_ids": _places(ids, high, wide, tall, broad)}
    count = high * wide
    if tokens.shape[1] < count:
        raise TypeError("the tokens of this picture are no grid")
    turned = _line(turn.out(_grid(tokens[:, :count], high, wide), when))
    return call | change | {"hidden_states": _joined(turned, tokens[:, count:])}, high, wide


def _places(ids: Any, high: int, wide: int, tall: int, broad: int) -> Any:
    """Places of the tokens, (n, 3 or 4) or (b, n, 4), for the grid with its margins; those of other pictures behind them."""
    import torch

    rows, columns = high + 2 * tall, wide + 2 * broad
    count = high * wide
    own = ids[..., :1, :].expand(*ids.shape[:-2], rows * columns, ids.shape[-1]).clone()
    index = torch.arange(rows * columns, device=ids.device)
    own[..., 1] += torch.div(index, columns, rounding_mode="floor").to(ids.dtype)
    own[..., 2] += (index % columns).to(ids.dtype)
    return torch.cat([own, ids[..., count:, :]], -2)


def _hint(turn: Turn, hint: Any, when: Any, high: int, wide: int) -> Any:
    """What a ControlNet is shown: packed tokens, or a picture of pixels."""
    if hint.ndim == 4:
        return turn.out(hint, when, hint.shape[-1] // wide)
    return _joined(_line(turn.out(_grid(hint[:, : high * wide], high, wide), when)), hint[:, high * wide :])


def _grid(tokens: Any, high: int, wide: int) -> Any:
    return tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], high, wide)


def _line(grid: Any) -> Any:
    return grid.flatten(2).transpose(1, 2).contiguous()


def _joined(tokens: Any, others: Any) -> Any:
    import torch

    return torch.cat([tokens, others], 1) if others.shape[1] else tokens


_AROUND: dict[str, Callable[[Any, Turn, Inner, dict[str, Any]], Any]] = {
    "FluxTransformer2DModel": _packed,
    "Flux2Transformer2DModel": _packed,
    "QwenImageTransformer2DModel": _packed,
    "SD3Transformer2DModel": _planar,
    "SanaTransformer2DModel": _planar,
    "ZImageTransformer2DModel": _listed,
    "FluxControlNetModel": _packed_control,
    "FluxMultiControlNetModel": _packed_control,
    "QwenImageControlNetModel": _packed_control,
    "QwenImageMultiControlNetModel": _packed_control,
    "SD3ControlNetModel": _planar_control,
    "SD3MultiControlNetModel": _planar_control,
    "SanaControlNetModel": _planar_control,
    "ZImageControlNetModel": _listed_control,
}
