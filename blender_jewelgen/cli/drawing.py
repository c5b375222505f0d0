"""Who draws the pattern: the engines of this Python or of the AI runtime, or those of another Python that was named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core.pipeline import Ask


@contextmanager
def drawing(python: str = "", online: bool = False) -> Iterator[Ask]:
    """What draws when it is asked; ``python`` is the program of another Python whose engines are to draw, ``online`` allows the network."""
    if not python:
        from ..worker import elsewhere

        try:
            yield lambda order, tell: elsewhere.ask(replace(order, online=online), tell)
        finally:
            elsewhere.close()
        return
    from ..worker.client import Client
    from ..worker.environment import command_for
    from ..worker.remote import ask_of

    command, env = command_for(python)
    with Client(command, env=env) as client:
        ask = ask_of(client)
        yield lambda order, tell: ask(replace(order, online=online), tell)
