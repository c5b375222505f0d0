"""Jobs of the Runtime panel: the AI runtime looked at, installed, mended, removed. They run in a worker of Blender's own Python."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from .loop import Tell
from .runtime import care as ai
from .runtime.files import ENVIRONMENT, gigabytes
from .runtime.files import folder as default_folder


def runtime_status(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{quick?: bool, deep?: bool, build?, wheels?, python?} to {state: fields of ``State`` and ``sentence``, used: bytes, plan: [line, …], refused: why no install can be}.

    ``quick`` leaves out what takes time: the sizes, the files, the machine; ``deep`` reads every file of the runtime.
    """
    tell(0.0, "looking at the runtime")
    now = ai.state()
    if not params.get("quick") and now.name in ("ready", "broken") and (broken := ai.check(deep=bool(params.get("deep")))):
        now = replace(now, name="broken", what=tuple(broken))
    found = _told(now) | {"used": 0, "used_text": "", "plan": [], "refused": "", "free": 0}
    if params.get("quick"):
        return found
    if now.name in ("absent", "partial"):
        found |= _planned(params)
    used = ai.used()
    return found | {"used": used, "used_text": gigabytes(used) if used else ""}


def _planned(params: dict[str, Any]) -> dict[str, Any]:
    """What an install would do, or why none can be."""
    try:
        planned = ai.plan(build=str(params.get("build") or "auto"), wheels=_wheels(params), python=str(params.get("python") or ""))
    except BadInput as error:
        return {"refused": str(error)}
    return {"plan": planned.lines(), "free": planned.free, "fetch": planned.fetch, "disk": planned.disk, "packages": len(planned.missing)}


def runtime_install(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{build?, wheels?: folder, proxy?, python?, existing?, keep?, online?: bool} to {state}. Without ``wheels`` it goes online, which ``online`` must allow."""
    _from_outside()
    if params.get("existing"):
        return _told(ai.adopt(str(params["existing"])))
    _allowed(params)
    return _told(
        ai.install(
            None, str(params.get("build") or "auto"), _wheels(params), str(params.get("proxy") or ""), tell,
            python=str(params.get("python") or ""), index=str(params.get("index") or ""), keep=bool(params.get("keep")),
        )
    )  # fmt: skip


def runtime_repair(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{wheels?, proxy?, python?, online?} to {state}. Goes online only if something is broken and ``online`` allows it."""
    _from_outside()
    online = bool(params.get("online"))
    if not online and not params.get("wheels") and ai.state().name != "absent" and ai.plan(deep=True, tick=lambda: tell(0.0, "reading what is installed")).missing:
        _allowed(params)
    return _told(ai.repair(None, _wheels(params), str(params.get("proxy") or ""), tell, python=str(params.get("python") or ""), anew=online))


def runtime_remove(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{} to {state, freed: bytes}."""
    _from_outside()
    freed = ai.remove(None, tell)
    return _told(ai.state()) | {"freed": freed}


def runtime_report(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{error?: what was said last} to {text}: for a letter to us."""
    return {"text": ai.report(None, str(params.get("error") or ""))}


def _told(now: ai.State) -> dict[str, Any]:
    return {"state": asdict(now) | {"sentence": now.sentence()}}


def _wheels(params: dict[str, Any]) -> Path | None:
    return Path(params["wheels"]) if params.get("wheels") else None


def _from_outside() -> None:
    """Raises BadInput in a worker that itself runs in the runtime: it would saw off the branch it sits on."""
    if Path(sys.prefix).resolve() == (default_folder() / ENVIRONMENT).resolve():
        raise BadInput("the worker runs in the runtime itself; let Blender's own Python work while it is installed, mended or removed", field="runtime")


def _allowed(params: dict[str, Any]) -> None:
    """Raises BadInput unless wheels lie in a folder or going online was allowed."""
    if not params.get("wheels") and not params.get("online"):
        raise BadInput("the runtime comes over the network, which is not allowed; allow online access in Blender's preferences, or choose a folder of wheels", field="network")
