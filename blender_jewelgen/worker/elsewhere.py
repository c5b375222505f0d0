"""The Python that models run in: this one where it has torch, else the AI runtime's, in a worker of its own that keeps its model loaded."""

from __future__ import annotations

import atexit
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..core.errors import BadInput, Fix
from ..core.pipeline import Answer, Order, Tell
from ..engines.registry import PICTURES

if TYPE_CHECKING:
    from ..core.body import Body, BodyOrder
    from .client import Client


def python_with_torch(what: str = "picture and depth models") -> str | None:
    """The program of the Python that models run in: None for this one. Raises BadInput where there is none."""
    if find_spec("torch") is not None:
        return None
    from .runtime import care as runtime

    found = runtime.python()
    if found is None:
        raise BadInput(f"{what} need the AI runtime, which is not installed", field="runtime", fix=Fix("Install the Runtime", "jewelgen runtime install"))
    return found


def ask(order: Order, tell: Tell) -> Answer:
    """``engines.registry.ask`` where the engine can run."""
    python = python_with_torch() if order.engine.startswith(PICTURES) else None
    if python is None:
        from ..engines.registry import ask

        return ask(order, tell)
    from .remote import ask_of

    tell(0.0, "starting the AI runtime")
    return ask_of(client(python))(order, tell)


def body(order: BodyOrder, tell: Tell) -> Body:
    """``engines.bodies.registry.make`` where the engine can run: local models in the Python that has torch."""
    from ..engines.bodies.registry import card, make

    python = python_with_torch("image-to-3D models") if card(order.params.engine).kind == "local" else None
    if python is None:
        return make(order, tell)
    from .jobs_bodies import body_of

    tell(0.0, "starting the AI runtime")
    return body_of(client(python), order, tell)


def client(python: str) -> Client:
    """The worker of the other Python, started when first asked for; its models stay loaded between jobs."""
    return _other.client(python)


class _Other:
    """The worker of the other Python, once it was needed; ended with this process, or when another Python takes its place."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._python = ""

    def client(self, python: str) -> Client:
        from .client import Client
        from .environment import command_for

        if self._client is None or python != self._python:
            self.close()
            command, env = command_for(python)
            self._client, self._python = Client(command, env=env), python
        return self._client

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


_other = _Other()
atexit.register(_other.close)


def close() -> None:
    """End the other Python's worker; the next order starts it again."""
    _other.close()
