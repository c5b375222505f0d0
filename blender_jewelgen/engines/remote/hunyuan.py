"""A Hunyuan3D server of one's own (its api_server.py): a picture becomes a closed mesh while one waits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput
from .faults import Refused
from .flow import made
from .service import Service

if TYPE_CHECKING:
    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture

_PATIENCE = 1800.0  # s: on a small graphics card, with the model still to be loaded
_TERMS = "the licence of Hunyuan3D does not hold in the European Union, the United Kingdom and South Korea"


def _at_once(line: Line, order: BodyOrder, shown: Picture | None, model: str, file: Path) -> str:
    assert shown is not None
    body: dict[str, Any] = {"image": shown.base64, "seed": order.seed, "octree_resolution": order.params.grid, "texture": False, "type": "glb"}
    if order.params.steps is not None:
        body["num_inference_steps"] = order.params.steps
    if order.params.guidance is not None:
        body["guidance_scale"] = order.params.guidance
    try:
        line.post_into("generate", file, body, accept="*/*", patience=_PATIENCE)
    except Refused as error:
        if error.status == 404 and error.told and error.told != "Not Found":  # what it says is always the same
            raise BadInput("the Hunyuan3D server could not make the body; its own window says why", field="server") from error
        if error.status in (404, 405):
            raise BadInput(f"what answers at {line.server} is not Hunyuan3D's api_server.py; its page for the browser (Gradio) is another program", field="server") from error
        raise
    return ""


SERVICE = Service(engine="hunyuan-server", label="the Hunyuan3D server", home="http://127.0.0.1:8081", at_once=_at_once, terms=_TERMS)
make = partial(made, SERVICE)
