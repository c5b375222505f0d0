"""Tripo: a picture, or words, become a mesh without textures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .faults import Refused, plain
from .flow import made
from .service import Post, Seen, Service

if TYPE_CHECKING:
    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture

_TRIANGLES = 200_000
_LONGEST_PROMPT = 1024
_STATES = {"queued": "waiting", "running": "working", "success": "done"}
_MESHES = ("model", "pbr_model", "base_model")


def _order(line: Line, order: BodyOrder, shown: Picture | None, model: str) -> Post:
    body: dict[str, Any] = {"texture": False, "pbr": False, "face_limit": _TRIANGLES, "model_seed": order.seed}
    if model:
        body["model_version"] = model
    if shown is None:
        return Post(path="task", body={**body, "type": "text_to_model", "prompt": order.prompt[:_LONGEST_PROMPT]})
    sent = _data(line.post("upload", files={"file": shown.part}))
    file = {"type": "jpg" if shown.kind == "jpeg" else "png", "file_token": str(sent["image_token"])}
    return Post(path="task", body={**body, "type": "image_to_model", "file": file})


def _handle(answer: Any) -> dict[str, str]:
    return {"task": str(_data(answer)["task_id"])}


def _look(line: Line, handle: dict[str, str]) -> Seen:
    data = _data(line.get(f"task/{handle['task']}"))
    state, output = _STATES.get(str(data["status"]), "failed"), data.get("output") or {}
    links = [str(output[name]) for name in _MESHES if output.get(name)]
    credits = data.get("consumed_credit")
    return Seen(
        state=state, share=float(data.get("progress") or 0) / 100.0, link=links[0] if state == "done" else "",
        cost=f"{credits} credits" if credits is not None else "", told=str(data.get("error_msg") or data["status"]),
    )  # fmt: skip


def _data(answer: Any) -> Any:
    """What an answer holds. Raises Refused for one that says it is an error."""
    if answer.get("code", 0) != 0:
        raise Refused(400, plain(answer.get("message", "")), int(answer["code"]))
    return answer["data"]


SERVICE = Service(
    engine="tripo", label="Tripo", home="https://api.tripo3d.ai/v2/openapi", key="tripo", words=True, order=_order, handle=_handle, look=_look
)
make = partial(made, SERVICE)
