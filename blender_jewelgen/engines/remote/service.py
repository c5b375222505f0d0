"""What a service is: where it is, how it is ordered from, how a task of it is seen. ``flow`` walks through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput
from . import keys

if TYPE_CHECKING:
    from ...core.body import BodyOrder
    from .http import Line
    from .sent import Picture


@dataclass(frozen=True, kw_only=True)
class Post:
    """An order as it goes over the line: JSON, or a form with files. ``about`` is kept with the task."""

    path: str
    body: Any = None
    form: dict[str, str] | None = None
    files: dict[str, tuple[str, bytes, str]] | None = None
    about: dict[str, str] = field(default_factory=dict)
    again: bool = False  # it costs nothing to send it twice


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How a task is. ``link`` leads to the mesh once it is "done"; ``told`` says why it "failed"."""

    state: str  # waiting, working, done, failed
    share: float = 0.0
    link: str = ""
    suffix: str = "glb"
    cost: str = ""
    told: str = ""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service, as its module describes it: by ``order``, ``handle`` and ``look``, or by ``at_once`` if it answers with the mesh.

    Attributes
    ----------
    home : str
        Its address, where the order names no other.
    key : str
        Provider of the key; "" for a server of one's own.
    words : bool
        It makes bodies of words alone, too.
    both : bool
        Words go along with a picture.
    order : (line, order, picture, model) -> Post
    handle : answer -> dict of str
        What the service calls the task; its first value is the id.
    look : (line, handle) -> Seen
    stop : (line, handle), optional
        Of a server of one's own: its graphics card is wanted back.
    at_once : (line, order, picture, model, file) -> str
        Writes the mesh, gives its cost.
    head : dict
        Further headers.
    terms : str
        A note on what its licence wants.
    """

    engine: str
    label: str
    home: str
    key: str = ""
    words: bool = False
    both: bool = False
    usual: str = ""
    order: Callable[[Line, BodyOrder, Picture | None, str], Post] | None = None
    handle: Callable[[Any], dict[str, str]] | None = None
    look: Callable[[Line, dict[str, str]], Seen] | None = None
    stop: Callable[[Line, dict[str, str]], None] | None = None
    at_once: Callable[[Line, BodyOrder, Picture | None, str, Path], str] | None = None
    head: dict[str, str] = field(default_factory=dict)
    terms: str = ""

    @property
    def page(self) -> str:
        """Where keys and credits are."""
        return keys.provider(self.key).page if self.key else ""


def of(engine: str) -> Service:
    """The service of an engine. Raises BadInput for one that is none."""
    from ..bodies.registry import card

    module = card(engine).module
    if not module.startswith("remote."):
        raise BadInput(f"{engine} is no service", field="engine")
    return import_module(f"..{module}", __package__).SERVICE
