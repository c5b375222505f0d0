"""TripoSR's network: a picture's patches, a triplane that looks at them, a density for points. Names are those of the published file.

The image encoder is a vision transformer (DINO ViT-B/16), the backbone a transformer over 3 x 32 x 32 tokens with cross
attention to the patches, the decoder a small perceptron over the features of the three planes. Sizes are told by the tensors;
what they do not tell stands below. Sources of names, sizes and constants: docs/engines/triposr.md.
"""

from __future__ import annotations

from typing import Any

from .layers import Layers, Shapes, affine, attended, heads, normal

SIDE = 512  # px of the picture
RADIUS = 0.87  # half the side of the cube that the planes span
LEVEL = 25.0  # density at the surface
_BIAS = -1.0  # of the density before its exponential
_HEAD = 64  # numbers of an attention head, in the encoder and in the backbone
_GROUPS = 32  # of the norm before the backbone
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SEES, _LOOKS = "image_tokenizer.model", "backbone"
_PLANES = ((0, 1), (0, 2), (1, 2))


def shapes(found: Shapes) -> Shapes:
    """Names and shapes of all that is used of a file with ``found`` in it. Raises KeyError or IndexError where sizes cannot be told."""
    wide, _, patch, _ = found[f"{_SEES}.embeddings.patch_embeddings.projection.weight"]
    planes, inner, plane, _ = found["tokenizer.embeddings"]
    if planes != 3 or wide % _HEAD or inner % _HEAD or inner % _GROUPS:
        raise ValueError(f"{planes} planes, widths {wide} and {inner}")
    layers = Layers(found)
    made: Shapes = {
        f"{_SEES}.embeddings.cls_token": (1, 1, wide), f"{_SEES}.embeddings.position_embeddings": (1, found[f"{_SEES}.embeddings.position_embeddings"][1], wide),
        f"{_SEES}.embeddings.patch_embeddings.projection.weight": (wide, 3, patch, patch), f"{_SEES}.embeddings.patch_embeddings.projection.bias": (wide,),
        "tokenizer.embeddings": (3, inner, plane, plane),
    }  # fmt: skip
    for number in range(layers.count(f"{_SEES}.encoder.layer.")):
        at = f"{_SEES}.encoder.layer.{number}"
        between = found[f"{at}.intermediate.dense.weight"][0]
        for part in ("query", "key", "value"):
            made |= affine(f"{at}.attention.attention.{part}", wide, wide)
        made |= affine(f"{at}.attention.output.dense", wide, wide) | affine(f"{at}.intermediate.dense", between, wide) | affine(f"{at}.output.dense", wide, between)
        made |= normal(f"{at}.layernorm_before", wide) | normal(f"{at}.layernorm_after", wide)
    made |= normal(f"{_SEES}.layernorm", wide) | normal(f"{_LOOKS}.norm", inner) | affine(f"{_LOOKS}.proj_in", inner, inner) | affine(f"{_LOOKS}.proj_out", inner, inner)
    for number in range(layers.count(f"{_LOOKS}.transformer_blocks.")):
        at = f"{_LOOKS}.transformer_blocks.{number}"
        for attention, seen in (("attn1", inner), ("attn2", wide)):
            made |= affine(f"{at}.{attention}.to_q", inner, inner, False) | affine(f"{at}.{attention}.to_k", inner, seen, False)
            made |= affine(f"{at}.{attention}.to_v", inner, seen, False) | affine(f"{at}.{attention}.to_out.0", inner, inner)
        made |= affine(f"{at}.ff.net.0.proj", 8 * inner, inner) | affine(f"{at}.ff.net.2", inner, 4 * inner)
        for part in ("norm1", "norm2", "norm3"):
            made |= normal(f"{at}.{part}", inner)
    features = found["post_processor.upsample.weight"][1]
    made |= {"post_processor.upsample.weight": (inner, features, 2, 2), "post_processor.upsample.bias": (features,)}
    return made | _decoder(found, 3 * features)


def _decoder(found: Shapes, inward: int) -> Shapes:
    numbers = range(0, Layers(found).count("decoder.layers."), 2)
    between = found["decoder.layers.0.weight"][0]
    made: Shapes = {}
    for number in numbers:
        made |= affine(f"decoder.layers.{number}", 4 if number == numbers[-1] else between, inward if number == 0 else between)
    return made


def triplane(layers: Layers, picture: Any) -> Any:
    """(3, features, 2 · plane, 2 · plane) of a (1, 3, side, side) picture in [0, 1]; its planes are xy, xz and yz."""
    from torch.nn import functional

    patches = seen(layers, picture)
    tokens = layers.tensors["tokenizer.embeddings"]  # (3, c, p, p)
    plane = tokens.shape[-1]
    start = tokens.transpose(0, 1).flatten(1)[None]  # (1, c, 3 p p)
    x = functional.group_norm(start, _GROUPS, layers.tensors[f"{_LOOKS}.norm.weight"], layers.tensors[f"{_LOOKS}.norm.bias"], 1e-6)
    x = layers.linear(f"{_LOOKS}.proj_in", x.transpose(1, 2))
    for number in range(layers.count(f"{_LOOKS}.transformer_blocks.")):
        layers.beat()
        x = _block(layers, f"{_LOOKS}.transformer_blocks.{number}", x, patches)
    x = layers.linear(f"{_LOOKS}.proj_out", x).transpose(1, 2) + start
    planes = x[0].unflatten(1, (3, plane, plane)).transpose(0, 1)
    return functional.conv_transpose2d(planes, layers.tensors["post_processor.upsample.weight"], layers.tensors["post_processor.upsample.bias"], stride=2)


def _block(layers: Layers, at: str, x: Any, patches: Any) -> Any:
    from torch.nn import functional

    own = layers.norm(f"{at}.norm1", x)
    x = x + _attention(layers, f"{at}.attn1", own, own)
    x = x + _attention(layers, f"{at}.attn2", layers.norm(f"{at}.norm2", x), patches)
    value, gate = layers.linear(f"{at}.ff.net.0.proj", layers.norm(f"{at}.norm3", x)).chunk(2, dim=-1)
    return x + layers.linear(f"{at}.ff.net.2", value * functional.gelu(gate))


def _attention(layers: Layers, at: str, x: Any, other: Any) -> Any:
    count = x.shape[-1] // _HEAD
    query, key, value = (heads(layers.linear(f"{at}.{part}", source), count) for part, source in (("to_q", x), ("to_k", other), ("to_v", other)))
    return layers.linear(f"{at}.to_out.0", attended(query, key, value))


def seen(layers: Layers, picture: Any) -> Any:
    """(1, 1 + patches, width): what the image encoder makes of a (1, 3, side, side) picture in [0, 1]."""
    import torch
    from torch.nn import functional

    mean, spread = (picture.new_tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _SPREAD))
    projection = layers.tensors[f"{_SEES}.embeddings.patch_embeddings.projection.weight"]
    x = functional.conv2d((picture - mean) / spread, projection, layers.tensors[f"{_SEES}.embeddings.patch_embeddings.projection.bias"], stride=projection.shape[-1])
    rows, columns = x.shape[-2:]
    x = torch.cat([layers.tensors[f"{_SEES}.embeddings.cls_token"], x.flatten(2).transpose(1, 2)], dim=1)
    x = x + _places(layers.tensors[f"{_SEES}.embeddings.position_embeddings"], rows, columns)
    count = x.shape[-1] // _HEAD
    for number in range(layers.count(f"{_SEES}.encoder.layer.")):
        layers.beat()
        at = f"{_SEES}.encoder.layer.{number}"
        own = layers.norm(f"{at}.layernorm_before", x, 1e-12)
        parts = (heads(layers.linear(f"{at}.attention.attention.{part}", own), count) for part in ("query", "key", "value"))
        x = x + layers.linear(f"{at}.attention.output.dense", attended(*parts))
        between = functional.gelu(layers.linear(f"{at}.intermediate.dense", layers.norm(f"{at}.layernorm_after", x, 1e-12)))
        x = x + layers.linear(f"{at}.output.dense", between)
    return layers.norm(f"{_SEES}.layernorm", x, 1e-12)


def _places(table: Any, rows: int, columns: int) -> Any:
    """Where each patch lies, stretched from the square that was taught."""
    import torch
    from torch.nn import functional

    side = round((table.shape[1] - 1) ** 0.5)
    if (rows, columns) == (side, side):
        return table
    grid = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = functional.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False)
    return torch.cat([table[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)


def density(layers: Layers, planes: Any, points: Any) -> Any:
    """(n,) logarithm of the density over that of the surface, at (n, 3) points of the cube; positive inside."""
    import math

    from torch.nn import functional

    unit = points / RADIUS
    at = unit.new_empty((3, 1, len(unit), 2))
    for number, axes in enumerate(_PLANES):
        at[number, 0] = unit[:, axes]
    x = functional.grid_sample(planes, at, mode="bilinear", padding_mode="zeros", align_corners=False)[:, :, 0].flatten(0, 1).T
    count = layers.count("decoder.layers.")
    for number in range(0, count, 2):
        x = layers.linear(f"decoder.layers.{number}", x)
        x = functional.silu(x) if number < count - 1 else x
    return x[:, 0] + _BIAS - math.log(LEVEL)
