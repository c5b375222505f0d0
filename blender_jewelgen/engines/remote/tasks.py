"""Tasks that services work on, kept on disk: what was paid for is fetched after a restart, and an order is not paid for twice.

One small file a task beside the models' folder, written beside its name and then renamed; the mesh of a finished one lies beside
it until newer ones push it out. No key is ever here.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix
from ..weights import places

KEPT = 16  # finished tasks whose mesh stays
_LIST = Fix("See the Tasks", "jewelgen tasks list")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One order to a service.

    Attributes
    ----------
    handle : dict
        What the service calls it.
    mark : str
        The same for the same order: engine, server, model, prompt, seed and the picture's pixels.
    state : str
        "open" or "done".
    """

    id: str
    engine: str
    label: str
    handle: dict[str, str]
    server: str
    mark: str
    picture: str = ""  # the file's name, without its folder
    prompt: str = ""
    seed: int = 0
    model: str = ""
    begun: str = ""
    state: str = "open"
    cost: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def mesh(self) -> Path:
        """Where the mesh lies once it is fetched."""
        return folder() / f"{self.id}.glb"

    def told(self) -> dict[str, Any]:
        """What a list shows of it."""
        return {name: getattr(self, name) for name in ("id", "engine", "label", "picture", "prompt", "seed", "model", "begun", "state", "cost")}


def folder() -> Path:
    """The folder of the tasks."""
    return places.home() / "tasks"


def opened(**values: Any) -> Task:
    """Keep a task that a service has begun. A disk that takes no file does not stop it: it was paid for."""
    task = Task(id=secrets.token_hex(4), begun=time.strftime("%Y-%m-%d %H:%M"), **values)
    with contextlib.suppress(OSError):
        _write(task)
    return task


def finished(task: Task, mesh: Path, cost: str) -> None:
    """Keep a copy of the mesh of a task, and let go of the oldest. Where the disk takes none, the task stays open."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        draft = folder() / f".{secrets.token_hex(4)}.part"
        try:
            shutil.copyfile(mesh, draft)  # it may lie on another disk
            os.replace(draft, task.mesh)
        finally:
            draft.unlink(missing_ok=True)
        _write(replace(task, state="done", cost=cost))
        for old in [one for one in listed() if one.state == "done"][KEPT:]:
            strike(old)


def listed() -> tuple[Task, ...]:
    """All tasks, the newest first; a file that cannot be read is left out."""
    found: list[tuple[float, Task]] = []
    with contextlib.suppress(OSError):
        for path in folder().glob("*.json"):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
                found.append((path.stat().st_mtime, _read(path)))
    return tuple(task for _, task in sorted(found, key=lambda one: one[0], reverse=True))


def found(name: str) -> Task:
    """The task of an id, or of its beginning. Raises BadInput."""
    name = name.strip().lower()
    all_of_them = [task for task in listed() if name and task.id.startswith(name)]
    if len(all_of_them) != 1:
        told = f"{len(all_of_them)} tasks begin with {name[:20]!r}" if all_of_them else f"there is no task {name[:20]!r}"
        raise BadInput(f"{told}; see the list", field="task", fix=_LIST)
    return all_of_them[0]


def like(mark: str) -> Task | None:
    """The newest task of the very same order, if it is open or its mesh is still here."""
    return next((task for task in listed() if task.mark == mark and (task.state == "open" or task.mesh.is_file())), None)


def forget(name: str) -> Task:
    """Strike a task off the list, with its mesh; the service is not told. Raises BadInput for an unknown one."""
    task = found(name)
    strike(task)
    return task


def strike(task: Task) -> None:
    """The same for a task that is known."""
    for path in (_file(task), task.mesh):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _file(task: Task) -> Path:
    return folder() / f"{task.id}.json"


def _write(task: Task) -> None:
    path = _file(task)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(4)}.part")
    try:
        draft.write_text(json.dumps(asdict(task), indent=1) + "\n", encoding="utf-8")
        with contextlib.suppress(OSError):
            draft.chmod(0o600)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> Task:
    kept = json.loads(path.read_text(encoding="utf-8"))
    task = Task(**{**kept, "notes": tuple(kept.get("notes", ())), "handle": {str(name): str(value) for name, value in kept["handle"].items()}})
    if task.id != path.stem or not task.id.isalnum():  # its mesh's name is made of it
        raise ValueError(task.id)
    return task
