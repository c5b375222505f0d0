"""Jobs of the API Keys dialog and of the list of open tasks. A key comes in with its job and never goes out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .loop import Tell


def keys(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{} to {keys: [{provider, label, page, variable, where: "environment", "keyring" or ""}], ring: whether keys can be kept for good}."""
    from ..engines.remote import keys as kept

    tell(0.0, "looking for keys")
    return {"keys": kept.listed(), "ring": kept.ring_there()}


def key_set(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{provider, key} to {provider, where: "keyring", or "session": until this worker ends, where there is no key ring}. Raises BadInput."""
    from ..engines.remote import keys as kept

    where = kept.put(str(params.get("provider", "")), str(params.pop("key", "")), session=True)
    return {"provider": str(params["provider"]), "where": where}


def key_remove(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{provider} to {provider, removed: whether there was one}. Raises BadInput."""
    from ..engines.remote import keys as kept

    name = str(params.get("provider", ""))
    return {"provider": name, "removed": kept.remove(name)}


def tasks(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{} to {tasks: [{id, engine, label, picture, prompt, seed, model, begun, state: "open" or "done", cost}]}, the newest first."""
    from ..engines.remote import tasks as kept

    tell(0.0, "looking for tasks")
    return {"tasks": [task.told() for task in kept.listed()]}


def task_forget(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """{id} to {id}. Raises BadInput for an unknown one."""
    from ..engines.remote import tasks as kept

    return {"id": kept.forget(str(params.get("id", ""))).id}
