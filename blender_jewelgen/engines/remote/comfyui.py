"""A ComfyUI server of one's own: a workflow that the person saved makes a mesh of the picture."""

from __future__ import annotations

import urllib.parse
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput, Fix
from ...core.mesh.read import EXTENSIONS
from .flow import made
from .service import Post, Seen, Service
from .workflow import filled, workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture

_CHOICE = [kind for kind in EXTENSIONS if kind != "gltf"]  # the best first; gltf lies in several files


def _order(line: Line, order: BodyOrder, shown: Picture | None, model: str) -> Post:
    if not model:
        raise BadInput("ComfyUI needs a workflow; save one of yours with Export (API)", field="model", fix=Fix("Name a Workflow", "--model workflow_api.json"))
    nodes = workflow(model)
    assert shown is not None
    sent = line.post("upload/image", form={"type": "input", "overwrite": "false"}, files={"image": shown.part})
    name = "/".join(filter(None, [str(sent.get("subfolder") or ""), str(sent["name"])]))
    return Post(path="prompt", body={"prompt": filled(nodes, name, order.prompt, order.seed), "client_id": "jewelgen"}, again=False)


def _handle(answer: Any) -> dict[str, str]:
    return {"task": str(answer["prompt_id"])}


def _look(line: Line, handle: dict[str, str]) -> Seen:
    task = handle["task"]
    found = _told(line, task)
    if found is not None:
        return found
    queue = line.get("queue")
    if any(str(row[1]) == task for row in queue["queue_running"]):
        return Seen(state="working")
    if any(str(row[1]) == task for row in queue["queue_pending"]):
        return Seen(state="waiting")
    return _told(line, task) or Seen(state="failed", told="the server does not know the task any more; was it started anew?")


def _told(line: Line, task: str) -> Seen | None:
    """What the server's history says of a task; None if nothing yet."""
    row = line.get(f"history/{task}").get(task)
    if not row:
        return None
    status = row.get("status") or {}
    if status.get("status_str") == "error":
        return Seen(state="failed", told=_fault(status))
    files = sorted(_files(row["outputs"]), key=lambda file: _CHOICE.index(_kind(file["filename"])))
    if not files:
        return Seen(state="failed", told="the workflow saves no mesh; let it end with Save GLB")
    query = urllib.parse.urlencode({name: files[0].get(name, "") for name in ("filename", "subfolder", "type")})
    return Seen(state="done", share=1.0, link=f"{line.server}/view?{query}", suffix=_kind(files[0]["filename"]))


def _files(outputs: Any) -> Iterator[dict[str, str]]:
    """The meshes among a workflow's outputs, wherever its nodes put them."""
    if isinstance(outputs, dict):
        if _kind(outputs.get("filename")) in _CHOICE:
            yield {"type": "output", **{name: str(outputs[name]) for name in ("filename", "subfolder", "type") if outputs.get(name)}}
            return
        outputs = list(outputs.values())
    if isinstance(outputs, list):
        for one in outputs:
            yield from _files(one)
    elif isinstance(outputs, str) and _kind(outputs) in _CHOICE:  # as Preview 3D tells it
        path = PurePosixPath(outputs.replace("\\", "/"))
        yield {"filename": path.name, "subfolder": "" if str(path.parent) == "." else str(path.parent), "type": "output"}


def _kind(name: Any) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".") if isinstance(name, str) else ""


def _fault(status: dict[str, Any]) -> str:
    """The node and the sentence of an error."""
    for kind, facts in status.get("messages") or ():
        if kind == "execution_error":
            return f"{facts.get('node_type', 'a node')}: {facts.get('exception_message', '')}"
    return "the workflow failed; ComfyUI's own window says why"


def _stop(line: Line, handle: dict[str, str]) -> None:
    line.post_only("queue", {"delete": [handle["task"]]})
    if any(str(row[1]) == handle["task"] for row in line.get("queue")["queue_running"]):  # else it would stop somebody else's
        line.post_only("interrupt", {"prompt_id": handle["task"]})


SERVICE = Service(engine="comfyui", label="ComfyUI", home="http://127.0.0.1:8188", both=True, order=_order, handle=_handle, look=_look, stop=_stop)
make = partial(made, SERVICE)
