"""Convolutions that run on over a side: the padding of every layer is taken from the opposite side, and given back after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

_MARGIN = 16  # latent pixels a side that a VAE which decodes in tiles is handed more


def pad(tensor: Any, left: int, right: int, top: int, bottom: int, x: bool, y: bool) -> Any:
    """(…, h, w) with more columns and rows, taken from the opposite side where x or y runs on, else zeros."""
    import torch

    for axis, before, after, runs in ((-1, left, right, x), (-2, top, bottom, y)):
        if not (before or after):
            continue
        size = tensor.shape[axis]
        if runs and max(before, after) <= size:
            tensor = torch.cat([tensor.narrow(axis, size - before, before), tensor, tensor.narrow(axis, 0, after)], axis)
        elif runs:  # more than once round: a kernel wider than what it sees
            tensor = tensor.index_select(tensor.ndim + axis, torch.arange(-before, size + after, device=tensor.device) % size)
        else:
            edges = (before, after) if axis == -1 else (0, 0, before, after)
            tensor = torch.nn.functional.pad(tensor, edges)
    return tensor


def fold(grid: Any, margin: int, axis: int) -> Any:
    """Both margins laid over the other end, cross-faded: (…, n + 2 margin, …) to (…, n, …)."""
    import torch

    if not margin:
        return grid
    size = grid.shape[axis] - 2 * margin
    ramp = (torch.arange(2 * margin, device=grid.device, dtype=torch.float32) + 0.5) / (2 * margin)
    ramp = ramp.to(grid.dtype).reshape((-1,) + (1,) * (-1 - axis))
    before, core, after = (grid.narrow(axis, start, count) for start, count in ((0, margin), (margin, size), (margin + size, margin)))
    first = core.narrow(axis, 0, margin)
    last = core.narrow(axis, size - margin, margin)
    first = after + ramp.narrow(axis, margin, margin) * (first - after)
    last = last + ramp.narrow(axis, 0, margin) * (before - last)
    if size == 2 * margin:
        return torch.cat([first, last], axis)
    return torch.cat([first, core.narrow(axis, margin, size - 2 * margin), last], axis)


@contextmanager
def circular(module: Any, x: bool, y: bool) -> Iterator[None]:
    """Every padded convolution inside ``module`` runs on over the sides x and y; put back exactly on leaving.

    Only methods of single layers are overlaid: weights, hooks and state dicts stay as they are.
    """
    from torch import nn

    overlaid: list[tuple[Any, str]] = []

    def overlay(layer: Any, name: str, method: Any) -> None:
        if name not in layer.__dict__:
            layer.__dict__[name] = method
            overlaid.append((layer, name))

    try:
        for layer in module.modules():
            kind = type(layer).__name__
            if isinstance(layer, nn.Conv2d) and (layer.padding == "same" or (not isinstance(layer.padding, str) and any(layer.padding))):
                overlay(layer, "_conv_forward", _conv2d(layer, x, y))
            elif isinstance(layer, nn.ZeroPad2d):
                overlay(layer, "forward", _zero_pad(layer, x, y))
            elif isinstance(layer, nn.Conv3d) and hasattr(layer, "_padding"):  # the causal ones of Qwen's VAE pad by hand
                overlay(layer, "forward", _causal(layer, x, y))
            elif kind == "Downsample2D" and layer.use_conv and layer.padding == 0:  # a VAE's encoder pads right and below by hand
                overlay(layer, "forward", _down(layer, x, y))
        yield
    finally:
        for layer, name in overlaid:
            del layer.__dict__[name]


@contextmanager
def circular_vae(vae: Any, x: bool, y: bool) -> Iterator[None]:
    """The same for a VAE; one that decodes in tiles is handed a margin from the opposite side, which is faded over the other end."""
    with ExitStack() as stack:
        if getattr(vae, "use_tiling", False):
            vae.__dict__["decode"] = _with_margin(vae, vae.decode, x, y)
            stack.callback(vae.__dict__.pop, "decode")
        else:
            stack.enter_context(circular(vae, x, y))
        yield


def _conv2d(layer: Any, x: bool, y: bool) -> Any:
    from torch.nn.functional import conv2d

    left, right, top, bottom = layer._reversed_padding_repeated_twice

    def forward(picture: Any, weight: Any, bias: Any) -> Any:
        padded = pad(picture, left, right, top, bottom, x, y)
        return conv2d(padded, weight, bias, layer.stride, 0, layer.dilation, layer.groups)

    return forward


def _zero_pad(layer: Any, x: bool, y: bool) -> Any:
    left, right, top, bottom = layer.padding
    return lambda picture: pad(picture, left, right, top, bottom, x, y)


def _causal(layer: Any, x: bool, y: bool) -> Any:
    import torch

    left, right, top, bottom, before, _ = layer._padding

    def forward(film: Any, cache_x: Any = None) -> Any:
        missing = before
        if cache_x is not None and before > 0:
            film = torch.cat([cache_x.to(film.device), film], dim=2)
            missing -= cache_x.shape[2]
        film = pad(film, left, right, top, bottom, x, y)
        film = torch.nn.functional.pad(film, (0, 0, 0, 0, max(missing, 0), 0))
        return layer._conv_forward(film, layer.weight, layer.bias)

    return forward


def _down(layer: Any, x: bool, y: bool) -> Any:
    plain = type(layer).forward

    def forward(picture: Any, *args: Any, **more: Any) -> Any:
        padded = pad(picture, 0, 1, 0, 1, x, y)
        layer.padding = 1  # so that the layer itself adds none; its convolution has none of its own
        try:
            return plain(layer, padded, *args, **more)
        finally:
            layer.padding = 0

    return forward


def _with_margin(vae: Any, decode: Any, x: bool, y: bool) -> Any:
    def decoded(latents: Any, *args: Any, **more: Any) -> Any:
        wide, high = (min(_MARGIN, latents.shape[axis] // 2) if runs else 0 for axis, runs in ((-1, x), (-2, y)))
        large = decode(pad(latents, wide, wide, high, high, x, y), *args, **more)
        plain = isinstance(large, tuple)
        sample = large[0] if plain else large.sample
        scale = sample.shape[-1] // (latents.shape[-1] + 2 * wide)
        sample = fold(fold(sample, wide * scale, -1), high * scale, -2)
        return (sample,) if plain else type(large)(sample=sample)

    return decoded
