"""Models that see the height in a photograph: Marigold (depth, normals) and Depth-Anything V2, from folders on this disk.

They need torch and run in the worker only. What they answer is fused into a relief by ``core.height``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.errors import BadInput, Fix
from ...core.height.params import MODELS, SeeingParams

FAMILIES = {"marigold": ("marigold-depth", "marigold-normals"), "depth-anything": ("depth-anything", "marigold-normals")}
USUAL = {"marigold": ("marigold-depth", "marigold-normals"), "depth-anything": ("depth-anything-small",)}  # names of models.json
LARGEST = 2048  # px of the longer side that a model is shown; depth of more shows nothing more
_STEEP = 0.1  # cosine between a surface that is seen and the look
_NARROW = 16  # times as long as wide that no model sees
assert tuple(FAMILIES) == tuple(USUAL) == MODELS
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Estimate:
    """What models saw in one picture.

    depth : (h, w) float32 in [0, 1], lighter is nearer, or None
    normals : (h, w, 3) float32 unit vectors, x right, y up, z towards the viewer, or None
    notes : sentences a person should read; credit : what a recipe keeps of the weights, by family
    """

    depth: np.ndarray | None
    normals: np.ndarray | None
    notes: tuple[str, ...] = ()
    credit: dict[str, dict[str, Any]] = field(default_factory=dict)


def see(method: str, picture: np.ndarray, models: Sequence[str] = (), params: SeeingParams | None = None, tell: Tell = lambda share, text: None) -> Estimate:
    """What the named models see; without names those of ``USUAL``, the second only where it is here.

    Raises BadInput for weights that are not there or are of another kind, and what ``estimate`` raises.
    """
    from ..weights import device
    from ..weights import resolve as weights

    tell(0.0, "looking for the model")
    families = FAMILIES[method]
    found = [weights.resolve(name) for name in models or USUAL[method][:1]]
    if not models and len(USUAL[method]) > 1:
        with contextlib.suppress(BadInput):  # slopes make the relief finer, and are not needed
            found.append(weights.resolve(USUAL[method][1]))
    for one in found:
        if one.family not in families:
            raise BadInput(f"{one.name} is a model of the family {one.family}; {method} needs {' or '.join(families)}", field="model")
    by_family = {one.family: one for one in found}
    if len(by_family) < len(found):
        raise BadInput("two models of one family were named; name one for depth and one for normals", field="model")
    if method == "depth-anything" and "depth-anything" not in by_family:
        raise BadInput("depth-anything needs its own model beside the one for normals", field="model")
    parts: list[Estimate] = []
    for number, one in enumerate(found):
        plan = device.plan(one)
        share = lambda part, text, done=number: tell((done + part) / len(found), text)  # noqa: E731
        parts.append(estimate(method, picture, one, plan, share, params))
    return joined(parts)


def estimate(method: str, picture: np.ndarray, weights: Any, plan: Any, tell: Tell = lambda share, text: None, params: SeeingParams | None = None) -> Estimate:
    """What one model sees in a picture.

    Parameters
    ----------
    method : "marigold" or "depth-anything"
    picture : (h, w), (h, w, 3) or (h, w, 4) float in [0, 1]
        What is transparent is shown on white. The answer has its size, at most ``LARGEST`` px.
    weights : what ``weights.resolve`` gives
        ``path`` is a folder; ``family`` says whether Marigold sees depth or normals.
    plan : what ``device.plan`` gives

    ``tell`` is called before every step and every block of the model, so that cancelling acts at once. Numbers that are not
    finite, as old cards make of half precision, are worked out again in float32 and said. Raises BadInput for a model that
    cannot be loaded or used and for too little memory.
    """
    from . import anything as depth_anything
    from . import marigold as depth_marigold
    from . import run as depth_run

    image = shown(picture)
    kind = weights.family if method == "marigold" or weights.family == "marigold-normals" else "depth-anything"
    look = {"marigold-depth": depth_marigold.depth, "marigold-normals": depth_marigold.normals, "depth-anything": depth_anything.depth}[kind]
    values, notes = depth_run.finite(look, image, weights, plan, params or SeeingParams(), tell)
    credit = {kind: weights.credit()}
    if kind == "marigold-normals":
        return Estimate(None, facing(values), notes, credit)
    return Estimate(values, None, notes, credit)


def joined(parts: Sequence[Estimate]) -> Estimate:
    """Depth of one model and normals of another."""
    depth = next((part.depth for part in parts if part.depth is not None), None)
    normals = next((part.normals for part in parts if part.normals is not None), None)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return Estimate(depth, normals, notes, {name: row for part in parts for name, row in part.credit.items()})


def shown(picture: np.ndarray) -> Any:
    """A PIL picture in colour on white, its longer side at most ``LARGEST`` px. Raises BadInput for a strip."""
    from PIL import Image

    colours = np.asarray(picture, np.float32)
    if colours.ndim == 2:
        colours = np.repeat(colours[..., None], 3, axis=-1)
    if colours.shape[2] == 4:
        colours = colours[..., :3] * colours[..., 3:] + 1.0 - colours[..., 3:]
    rows, columns = colours.shape[:2]
    if max(rows, columns) > _NARROW * min(rows, columns):
        raise BadInput(f"the picture is {columns} x {rows} px; a model sees no depth in so narrow a strip", field="picture", fix=Fix("Use the Shading", "--method shading"))
    image = Image.fromarray((np.clip(colours, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8))
    if max(rows, columns) > LARGEST:
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return image


def facing(normals: np.ndarray) -> np.ndarray:
    """(h, w, 3) unit vectors none of which is steeper than 84 degrees: what faces away cannot be seen, and no height has it."""
    turned = np.concatenate([normals[..., :2], np.maximum(normals[..., 2:], _STEEP)], axis=-1)
    return (turned / np.linalg.norm(turned, axis=-1, keepdims=True)).astype(np.float32)
