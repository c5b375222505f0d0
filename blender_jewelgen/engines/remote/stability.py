"""Stability AI: a picture becomes a mesh while one waits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.params import pick
from .flow import made
from .service import Service

if TYPE_CHECKING:
    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture

MODELS = ("stable-fast-3d", "stable-point-aware-3d")
_PATIENCE = 300.0  # s


def _at_once(line: Line, order: BodyOrder, shown: Picture | None, model: str, file: Path) -> str:
    form = {"texture_resolution": "512"}
    if pick(model, MODELS, "model") == MODELS[1]:
        form["seed"] = str(order.seed)
    assert shown is not None
    line.post_into(f"v2beta/3d/{model}", file, form=form, files={"image": shown.part}, accept="*/*", patience=_PATIENCE)
    return ""


SERVICE = Service(engine="stability", label="Stability AI", home="https://api.stability.ai", key="stability", usual=MODELS[0], at_once=_at_once)
make = partial(made, SERVICE)
