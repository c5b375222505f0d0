"""TripoSG's two networks: a transformer that walks noise to a set of tokens, and a decoder that answers for points. Names as published.

The walker is a rectified flow over 2048 tokens of 64 numbers, with a token for the time, self attention, cross attention to the
picture's patches and long skips from its first half to its second. The decoder lets the tokens look at each other once, then
each point looks at them. Sources of names, sizes and constants: docs/engines/triposg.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .layers import Layers, Shapes, affine, attended, heads, normal

TOKENS = 2048
LOW, HIGH = -1.005, 1.005  # of the cube the surface is sought in
_TIMES = 1000.0  # what the time runs from
_PERIOD = 10000.0  # the longest wave of the time's own numbers


def walker_shapes(found: Shapes) -> Shapes:
    """Names and shapes of the transformer. Raises KeyError or ValueError where ``found`` does not tell its sizes."""
    wide, channels = found["proj_in.weight"]
    seen = found["blocks.0.attn2.to_k.weight"][1]
    head = found["blocks.0.attn1.norm_q.weight"][0]
    count = Layers(found).count("blocks.")
    made = affine("time_proj.linear_1", 4 * wide, wide) | affine("time_proj.linear_2", wide, 4 * wide) | affine("proj_in", wide, channels)
    for number in range(count):
        at = f"blocks.{number}"
        made |= _attention_shapes(f"{at}.attn1", wide, wide) | _attention_shapes(f"{at}.attn2", wide, seen) | _rest(at, wide, ("norm1", "norm2", "norm3"))
        for attention in ("attn1", "attn2"):
            made |= {f"{at}.{attention}.norm_q.weight": (head,), f"{at}.{attention}.norm_k.weight": (head,)}
        if number > count // 2:
            made |= affine(f"{at}.skip_linear", wide, 2 * wide) | normal(f"{at}.skip_norm", wide)
    return made | normal("norm_out", wide) | affine("proj_out", channels, wide)


def decoder_shapes(found: Shapes) -> Shapes:
    """Names and shapes of what is used of the autoencoder: all but what made tokens of meshes."""
    wide, channels = found["post_quant.weight"]
    waves = found["decoder.proj_query.weight"][1]
    last = Layers(found).count("decoder.blocks.") - 1
    if waves % 3 or (waves // 3) % 2 == 0:
        raise ValueError(f"points of {waves} numbers")
    made = affine("post_quant", wide, channels) | affine("decoder.proj_query", wide, waves)
    for number in range(last):
        at = f"decoder.blocks.{number}"
        made |= _attention_shapes(f"{at}.attn1", wide, wide) | _rest(at, wide, ("norm1", "norm3"))
    at = f"decoder.blocks.{last}"
    made |= _attention_shapes(f"{at}.attn2", wide, wide) | normal(f"{at}.attn2.norm_cross", wide) | _rest(at, wide, ("norm2", "norm3"))
    return made | normal("decoder.norm_out", wide) | affine("decoder.proj_out", 1, wide)


def _attention_shapes(at: str, wide: int, seen: int) -> Shapes:
    return affine(f"{at}.to_q", wide, wide, False) | affine(f"{at}.to_k", wide, seen, False) | affine(f"{at}.to_v", wide, seen, False) | affine(f"{at}.to_out.0", wide, wide)


def _rest(at: str, wide: int, norms: tuple[str, ...]) -> Shapes:
    made = affine(f"{at}.ff.net.0.proj", 4 * wide, wide) | affine(f"{at}.ff.net.2", wide, 4 * wide)
    for name in norms:
        made |= normal(f"{at}.{name}", wide)
    return made


def walked(layers: Layers, noise: Any, patches: Any, steps: int, guidance: float, step: Callable[[int], None]) -> Any:
    """(1, tokens, channels) float32: noise walked to a shape along ``steps`` equal parts of the flow; ``step`` is called before each.

    noise : (1, tokens, channels) float32; patches : (1, n, width) of the picture. With a guidance above 1 each step is also taken for no picture, and left behind by so much.
    """
    import torch

    guided = guidance > 1.0
    patches = patches.to(layers.tensors["proj_in.weight"].dtype)
    given = torch.cat([torch.zeros_like(patches), patches]) if guided else patches
    x = noise
    for number in range(steps):
        step(number)
        time = torch.full((len(given),), _TIMES * (1.0 - number / steps), device=x.device)
        velocity = walk(layers, x.to(given.dtype).expand(len(given), -1, -1), time, given).float()
        if guided:
            blind, seeing = velocity.chunk(2)
            velocity = blind + guidance * (seeing - blind)
        x = x + velocity / steps  # the network says the way from noise to shape, not back
    return x


def walk(layers: Layers, tokens: Any, time: Any, patches: Any) -> Any:
    """The way from noise to shape at (b, n, c) tokens and (b,) times from 0 to 1000; the same shape."""
    import torch
    from torch.nn import functional

    moment = layers.linear("time_proj.linear_1", _waves_of_time(time, layers.tensors["proj_in.weight"].shape[0]).to(tokens.dtype))
    moment = layers.linear("time_proj.linear_2", functional.gelu(moment))
    x = torch.cat([moment[:, None], layers.linear("proj_in", tokens)], dim=1)
    count, kept = layers.count("blocks."), []
    for number in range(count):
        layers.beat()
        at = f"blocks.{number}"
        if number > count // 2:
            x = layers.norm(f"{at}.skip_norm", layers.linear(f"{at}.skip_linear", torch.cat([kept.pop(), x], dim=-1)))
        x = x + _own(layers, f"{at}.attn1", layers.norm(f"{at}.norm1", x), _head_count(layers, at, x))
        x = x + _other(layers, f"{at}.attn2", layers.norm(f"{at}.norm2", x), _pairs(layers, f"{at}.attn2", patches, _head_count(layers, at, x)))
        x = x + _forward(layers, at, x)
        if number < count // 2:
            kept.append(x)
    return layers.linear("proj_out", layers.norm("norm_out", x)[:, 1:])


def _head_count(layers: Layers, at: str, x: Any) -> int:
    return x.shape[-1] // layers.tensors[f"{at}.attn1.norm_q.weight"].shape[0]


def _waves_of_time(time: Any, wide: int) -> Any:
    """(b, wide): sines, then cosines, from the shortest wave to the longest."""
    import math

    import torch

    half = wide // 2
    rates = torch.exp(torch.arange(half, device=time.device, dtype=torch.float32) * (-math.log(_PERIOD) / half))
    angle = time.float()[:, None] * rates
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


def _own(layers: Layers, at: str, x: Any, count: int) -> Any:
    """Self attention. Query, key and value of a head stand together, so all three are joined before the heads are cut."""
    import torch

    joined = torch.cat([layers.linear(f"{at}.{part}", x) for part in ("to_q", "to_k", "to_v")], dim=-1)
    query, key, value = heads(joined, count).chunk(3, dim=-1)
    return layers.linear(f"{at}.to_out.0", attended(_scaled(layers, f"{at}.norm_q", query), _scaled(layers, f"{at}.norm_k", key), value))


def _other(layers: Layers, at: str, x: Any, pairs: tuple[Any, Any]) -> Any:
    """Cross attention to keys and values that were made once."""
    query = heads(layers.linear(f"{at}.to_q", x), pairs[0].shape[1])
    return layers.linear(f"{at}.to_out.0", attended(_scaled(layers, f"{at}.norm_q", query), *(one.expand(len(x), -1, -1, -1) for one in pairs)))


def _pairs(layers: Layers, at: str, other: Any, count: int) -> tuple[Any, Any]:
    """Keys and values of what is looked at; those of a head stand together."""
    import torch

    if layers.has(f"{at}.norm_cross.weight"):
        other = layers.norm(f"{at}.norm_cross", other)
    key, value = heads(torch.cat([layers.linear(f"{at}.to_k", other), layers.linear(f"{at}.to_v", other)], dim=-1), count).chunk(2, dim=-1)
    return _scaled(layers, f"{at}.norm_k", key), value


def _scaled(layers: Layers, name: str, x: Any) -> Any:
    """Each head at a length of one, times what was taught; as it is where nothing was."""
    if not layers.has(f"{name}.weight"):
        return x
    own = x.float()
    return (own * (own.pow(2).mean(dim=-1, keepdim=True) + 1e-6).rsqrt()).to(x.dtype) * layers.tensors[f"{name}.weight"]


def _forward(layers: Layers, at: str, x: Any) -> Any:
    from torch.nn import functional

    return layers.linear(f"{at}.ff.net.2", functional.gelu(layers.linear(f"{at}.ff.net.0.proj", layers.norm(f"{at}.norm3", x))))


def answering(layers: Layers, tokens: Any, count: int) -> Callable[[Any], Any]:
    """What answers (n, 3) points with (n,) numbers, positive inside, for the (1, tokens, channels) of one shape; ``count`` heads."""
    x = layers.linear("post_quant", tokens)
    last = layers.count("decoder.blocks.") - 1
    for number in range(last):
        layers.beat()
        at = f"decoder.blocks.{number}"
        x = x + _own(layers, f"{at}.attn1", layers.norm(f"{at}.norm1", x), count)
        x = x + _forward(layers, at, x)
    at = f"decoder.blocks.{last}"
    pairs = _pairs(layers, f"{at}.attn2", x, count)
    waves = (layers.tensors["decoder.proj_query.weight"].shape[1] // 3 - 1) // 2

    def answer(points: Any) -> Any:
        query = layers.linear("decoder.proj_query", _waves_of_place(points[None].to(x.dtype), waves))
        query = query + _other(layers, f"{at}.attn2", layers.norm(f"{at}.norm2", query), pairs)
        query = query + _forward(layers, at, query)
        return -layers.linear("decoder.proj_out", layers.norm("decoder.norm_out", query))[0, :, 0]

    return answer


def _waves_of_place(points: Any, waves: int) -> Any:
    """(b, n, 3 + 6 · waves): the place, the sines of its doublings, axis by axis, and their cosines."""
    import torch

    rates = 2.0 ** torch.arange(waves, device=points.device, dtype=torch.float32)
    angle = (points.float()[..., None] * rates).flatten(-2).to(points.dtype)
    return torch.cat([points, angle.sin(), angle.cos()], dim=-1)
