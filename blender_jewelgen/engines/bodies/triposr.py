"""TripoSR: a body from a picture in one look, without noise; weights as .safetensors only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.body import Body, BodyOrder, Tell
from ...core.errors import BadInput, Fix
from ...core.mesh.arrays import Mesh
from . import local, triposr_net
from .candidates import Box
from .layers import Layers, read
from .surface import surface

if TYPE_CHECKING:
    from ..diffusion.kept import Reading
    from ..weights.device import Plan
    from ..weights.judged import Weights

_SHARES = (0.85, 0.75, 0.65, 0.95)  # of the frame; the published one first
_CONVERT = "python scripts/convert_triposr.py model.ckpt triposr.safetensors"


def make(order: BodyOrder, tell: Tell) -> Body:
    """The body of the order's picture: of the first framing that gives one. Raises what ``local.made`` raises, and BadInput for words."""
    if order.picture is None:
        raise BadInput("TripoSR makes bodies of pictures; give one, or use shap-e for words", field="picture", fix=Fix("Use Shap-E", "--engine shap-e"))
    try:
        return local.made(LOCAL, order, "triposr", tell)
    except BadInput as error:
        if error.field == "model" and "pickle" in str(error):
            raise BadInput(str(error.args[0]), field="model", fix=Fix("Convert It Once", _CONVERT)) from error
        raise


def _read(weights: Weights, plan: Plan, reading: Reading) -> dict[str, Any]:
    import torch

    path = Path(weights.path)
    file = path if path.is_file() else next(iter(sorted(path.glob("*.safetensors"))))
    reading.at(0.1, f"reading {file.name}")
    return read([file], triposr_net.shapes, weights.name, torch.float32, plan.device if plan.offload == "none" else "cpu")


def _one(tensors: dict[str, Any], asked: local.Asked, tell: Tell) -> Mesh:
    import torch

    count = [0]
    layers = Layers(tensors)
    total = layers.count("image_tokenizer.model.encoder.layer.") + layers.count("backbone.transformer_blocks.")

    def beat() -> None:
        tell(0.5 * count[0] / max(total, 1), "looking at the picture")
        count[0] += 1

    layers.beat = beat
    device = tensors["tokenizer.embeddings"].device
    picture = torch.from_numpy(np.ascontiguousarray(asked.picture.transpose(2, 0, 1)))[None].to(device)
    planes = triposr_net.triplane(layers, picture)

    def ask(points: np.ndarray) -> np.ndarray:
        return triposr_net.density(layers, planes, torch.from_numpy(points).to(device)).cpu().numpy()

    low, high = _cube(None)
    found = surface(ask, low, high, asked.grid, lambda share, text: tell(0.5 + 0.5 * share, text))
    return Mesh(np.ascontiguousarray(found.vertices[:, [1, 0, 2]]) * np.array([1.0, -1.0, 1.0], np.float32), found.faces)  # its camera stands on +x, ours on -y


def _cube(_: Any) -> Box:
    return (-triposr_net.RADIUS,) * 3, (triposr_net.RADIUS,) * 3


LOCAL = local.Local(
    name="triposr", label="TripoSR", side=triposr_net.SIDE, ground=0.5, shares=_SHARES, noise=False, read=_read, one=_one, box=_cube, usual=lambda asked: {}, halves=False,
)  # fmt: skip
