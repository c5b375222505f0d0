"""The words between a program and its worker: one JSON object a line, a frozen dataclass a word; a foreign line is an error.

Programs say Submit, Cancel and Ping. Workers say Hello once, before all else; then of each job Progress when it begins and
as often as there is something to tell, and at its end one of Done, Failed and Cancelled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any

PROTOCOL = 1  # raised when a word changes its meaning; both sides must have the same


@dataclass(frozen=True)
class Hello:
    protocol: int
    version: str = ""  # of this program
    python: str = ""
    engines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submit:
    job: str
    kind: str
    folder: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    job: str


@dataclass(frozen=True)
class Progress:
    job: str
    fraction: float  # 0 to 1
    text: str
    preview: str = ""  # name of a finished file in the job's folder that can be shown by now


@dataclass(frozen=True)
class Done:
    job: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """``kind`` is bad_input (the person can mend it), error (of this program), or died (the worker ended under the job)."""

    job: str
    message: str  # one sentence
    field: str = ""
    fix_label: str = ""
    fix_option: str = ""
    kind: str = "error"


@dataclass(frozen=True)
class Cancelled:
    job: str


@dataclass(frozen=True)
class Ping:
    number: int = 0


@dataclass(frozen=True)
class Pong:
    number: int = 0


@dataclass(frozen=True)
class Log:
    """A remark for whoever reads logs; nothing hangs on it."""

    text: str


Message = Hello | Submit | Cancel | Progress | Done | Failed | Cancelled | Ping | Pong | Log
WORDS: dict[str, type] = {cls.__name__.lower(): cls for cls in (Hello, Submit, Cancel, Progress, Done, Failed, Cancelled, Ping, Pong, Log)}
_TYPES = {"str": str, "int": int, "float": (int, float), "dict[str, Any]": dict, "tuple[str, ...]": list}


def encode(message: Message) -> bytes:
    """The line of a message, in ASCII; raises ValueError or TypeError for what JSON cannot hold, NaN included."""
    body = {"word": type(message).__name__.lower()} | {f.name: getattr(message, f.name) for f in fields(message)}
    return json.dumps(body, allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message in a line; raises ValueError if it is none of ours.

    A Hello of another protocol may hold anything besides its number: it is read all the same, so that it can be refused.
    """
    try:
        body = json.loads(line, parse_constant=_no_number)
        cls = WORDS[body.pop("word")]
        if cls is Hello and body["protocol"] != PROTOCOL:
            return Hello(protocol=int(body["protocol"]), version=str(body.get("version", "")))
        for f in fields(cls):
            value = body.get(f.name, f.default)
            if f.name in body and (not isinstance(value, _TYPES[f.type]) or isinstance(value, bool)):
                raise TypeError(f"{f.name} is {type(value).__name__}")
        if "engines" in body:
            body["engines"] = tuple(map(str, body["engines"]))
        return cls(**body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a worker message: {line[:80]!r}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
