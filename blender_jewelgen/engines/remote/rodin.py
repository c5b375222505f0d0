"""Rodin, of Hyper3D: a picture, or words, become a mesh."""

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

_SEEDS = 65_536
_MONEY = ("CREDIT", "FUND", "BALANCE", "SUBSCRIPTION", "PAYMENT")


def _order(line: Line, order: BodyOrder, shown: Picture | None, model: str) -> Post:
    form = {"tier": model, "geometry_file_format": "glb", "mesh_mode": "Raw", "seed": str(order.seed % _SEEDS)}
    if order.prompt.strip():
        form["prompt"] = order.prompt
    return Post(path="rodin", form=form, files={"images": shown.part} if shown is not None else {})


def _handle(answer: Any) -> dict[str, str]:
    _fine(answer)
    return {"task": str(answer["uuid"]), "subscription": str(answer["jobs"]["subscription_key"])}


def _look(line: Line, handle: dict[str, str]) -> Seen:
    jobs = [str(job["status"]) for job in _fine(line.post("status", {"subscription_key": handle["subscription"]}))["jobs"]]
    done = jobs.count("Done")
    if "Failed" in jobs or "Canceled" in jobs:
        return Seen(state="failed", told="a part of the work failed")
    if not jobs or done < len(jobs):
        return Seen(state="working" if done or "Generating" in jobs else "waiting", share=done / max(len(jobs), 1))
    files = _fine(line.post("download", {"task_uuid": handle["task"]}))["list"]
    links = [str(file["url"]) for file in files if str(file["name"]).lower().endswith(".glb")]
    return Seen(state="done", share=1.0, link=links[0])


def _fine(answer: Any) -> Any:
    """The same answer. Raises Refused for one that says it is an error."""
    if answer.get("error") not in (None, "", "OK"):
        told = str(answer["error"])
        raise Refused(402 if any(word in told.upper() for word in _MONEY) else 400, plain(answer.get("message") or told))
    return answer


SERVICE = Service(
    engine="rodin", label="Rodin", home="https://api.hyper3d.com/api/v2", key="rodin", words=True, both=True, usual="Regular", order=_order, handle=_handle, look=_look
)
make = partial(made, SERVICE)
