"""Workers that are closed after each test."""

from __future__ import annotations

import pytest
from odd_client import odd_command

from blender_jewelgen.worker.client import Client


@pytest.fixture
def workers(tmp_path):
    """Makes clients of odd workers (or of what it is told) and closes them at the end."""
    made: list[Client] = []

    def make(**settings) -> Client:
        command, env = odd_command()
        made.append(Client(**{"command": command, "env": env, "log": tmp_path / f"worker {len(made)}.log", "grace": 0.4, **settings}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def worker(workers):
    return workers()
