"""Meshy: a picture, or words, become a mesh without textures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .flow import made
from .service import Post, Seen, Service

if TYPE_CHECKING:
    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture

_IMAGE, _WORDS = "v1/image-to-3d", "v2/text-to-3d"
_TRIANGLES = 200_000
_LONGEST_PROMPT = 600
_STATES = {"PENDING": "waiting", "IN_PROGRESS": "working", "SUCCEEDED": "done"}


def _order(line: Line, order: BodyOrder, shown: Picture | None, model: str) -> Post:
    body: dict[str, Any] = {"ai_model": model, "topology": "triangle", "target_polycount": _TRIANGLES, "should_remesh": True}
    if shown is not None:
        return Post(path=_IMAGE, body={**body, "image_url": shown.uri, "should_texture": False}, about={"path": _IMAGE})
    return Post(path=_WORDS, body={**body, "mode": "preview", "prompt": order.prompt[:_LONGEST_PROMPT]}, about={"path": _WORDS})


def _handle(answer: Any) -> dict[str, str]:
    return {"task": str(answer["result"])}


def _look(line: Line, handle: dict[str, str]) -> Seen:
    answer = line.get(f"{handle['path']}/{handle['task']}")
    state, credits = _STATES.get(str(answer["status"]), "failed"), answer.get("consumed_credits")
    return Seen(
        state=state, share=float(answer.get("progress") or 0) / 100.0, link=str(answer["model_urls"]["glb"]) if state == "done" else "",
        cost=f"{credits} credits" if credits is not None else "", told=str((answer.get("task_error") or {}).get("message") or answer["status"]),
    )  # fmt: skip


SERVICE = Service(
    engine="meshy", label="Meshy", home="https://api.meshy.ai/openapi", key="meshy", words=True, usual="latest", order=_order, handle=_handle, look=_look
)
make = partial(made, SERVICE)
