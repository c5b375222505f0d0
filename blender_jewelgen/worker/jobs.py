"""What a worker can be asked for. Nothing of it is loaded before it is asked for, so that a worker starts at once.

Every job gets its parameters, the job's folder and a ``Tell``, and gives what JSON can hold; names of files are relative
to the folder. What each one needs and makes stands at its function.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from .loop import Job, Tell


def _late(module: str, name: str) -> Job:
    def job(params: dict[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
        return getattr(import_module(f".{module}", __package__), name)(params, folder, tell)

    return job


_NAMES = {
    "jobs_piece": ("draw", "lay", "work", "make", "ask", "warm"),
    "jobs_mesh": ("check", "solid", "read"),
    "jobs_motif": ("motif",),
    "jobs_live": ("able", "follow"),
    "jobs_height": ("heights",),
    "jobs_bodies": ("body", "bare_body"),
    "jobs_quality": ("quality",),
    "jobs_remote": ("keys", "key_set", "key_remove", "tasks", "task_forget"),
    "jobs_models": ("models",),
    "jobs_runtime": ("runtime_status", "runtime_install", "runtime_repair", "runtime_remove", "runtime_report"),
}
JOBS: dict[str, Job] = {name: _late(module, name) for module, names in _NAMES.items() for name in names}
