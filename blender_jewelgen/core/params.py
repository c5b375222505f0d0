"""Parameters that hold default, limits, unit and tooltip once; options, help, recipes and panels are made from them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import MISSING, Field, field, fields
from typing import Any

from .errors import BadInput


def number(default: float | None, low: float, high: float, unit: str, tip: str) -> Any:
    """A float field; ``None`` as default means "chosen by the program"."""
    return field(default=default, metadata={"kind": "number", "low": low, "high": high, "unit": unit, "tip": tip})


def whole(default: int | None, low: int, high: int, unit: str, tip: str) -> Any:
    """An integer field."""
    return field(default=default, metadata={"kind": "whole", "low": low, "high": high, "unit": unit, "tip": tip})


def choice(default: str, values: Sequence[str], tip: str) -> Any:
    """A field with one of the given names."""
    return field(default=default, metadata={"kind": "choice", "values": tuple(values), "tip": tip})


def text(default: str, tip: str, limit: int = 200) -> Any:
    """A free text field of at most ``limit`` characters."""
    return field(default=default, metadata={"kind": "text", "limit": limit, "tip": tip})


def switch(default: bool, tip: str) -> Any:
    """An on or off field."""
    return field(default=default, metadata={"kind": "switch", "tip": tip})


def pick(value: str, values: Sequence[str], name: str) -> str:
    """``value`` if it is one of ``values``; otherwise BadInput that names the nearest."""
    if value in values:
        return value
    near = difflib.get_close_matches(value.lower(), list(values), 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"it must be one of {', '.join(filter(None, values))}"
    raise BadInput(f"{name} {value[:60]!r} is not known; {hint}", field=name)


def check_limits(params: Any) -> None:
    """Refuse values outside their limits; call from ``__post_init__``. Raises BadInput."""
    for f in fields(params):
        if "kind" in f.metadata:
            _check(f, getattr(params, f.name))


def _check(f: Field[Any], value: Any) -> None:
    meta = f.metadata
    kind = meta["kind"]
    name = f.name.replace("_", "-")
    if value is None and f.default is None:
        return
    if kind in ("number", "whole"):
        low, high = meta["low"], meta["high"]
        unit = f" {meta['unit']}" if meta["unit"] else ""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or (kind == "whole" and value != int(value)):
            raise BadInput(f"{name} is {value!r}; it must be a {'whole ' if kind == 'whole' else ''}number", field=f.name)
        if not low <= value <= high:
            shown = "{:,}" if kind == "whole" else "{:g}"
            raise BadInput(f"{name} is {value:g}{unit}; it must be between {shown.format(low)} and {shown.format(high)}{unit}", field=f.name)
    elif kind == "choice":
        if not isinstance(value, str):
            raise BadInput(f"{name} is {value!r}; it must be a name", field=f.name)
        pick(value, meta["values"], name)
    elif kind == "text":
        if not isinstance(value, str):
            raise BadInput(f"{name} is {value!r}; it must be text", field=f.name)
        if len(value) > meta["limit"]:
            raise BadInput(f"{name} has {len(value)} characters; the limit is {meta['limit']}", field=f.name)
    elif kind == "switch" and not isinstance(value, bool):
        raise BadInput(f"{name} is {value!r}; it must be true or false", field=f.name)


def from_dict(cls: type, values: Any, where: str) -> Any:
    """A dataclass from the JSON object ``values``; unknown or missing names raise BadInput."""
    if not isinstance(values, dict):
        raise BadInput(f"{where} must be an object of names and values", field=where)
    known = {f.name: f for f in fields(cls)}
    for name in values:
        if name not in known:
            raise BadInput(f"{where} has an unknown field {name!r}", field=where)
    for name, f in known.items():
        if name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise BadInput(f"{where} lacks the field {name!r}", field=where)
    return cls(**values)
