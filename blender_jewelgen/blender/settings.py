"""Blender properties made from the parameter dataclasses, and back; every number a float32 can hold comes back as typed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from .naming import title
from .translations import CONTEXT

EMPTY = "_"  # Blender knows no empty name of a choice
AUTOMATIC = "lets the program choose"  # ends the tooltip of a number that may be left to the program
Update = Callable[[Any, Any], None]


def label(f: Field[Any]) -> str:
    """The name of a parameter on the screen, with its unit."""
    unit = f.metadata.get("unit", "")
    return f"{title(f.name)} ({unit})" if unit else title(f.name)


def items(values: Sequence[str], empty: str = "Default", looks: Mapping[str, tuple[str, str]] | None = None) -> list[tuple[Any, ...]]:
    """Rows of a choice; ``looks`` are icon and tooltip of each value."""
    if looks:
        return [(value, title(value), looks[value][1], looks[value][0], place) for place, value in enumerate(values)]
    return [(value or EMPTY, title(value) if value else empty, "") for value in values]


def annotations_of(
    cls: type, leave_out: Sequence[str] = (), update: Callable[[str], Update] | None = None, looks: Mapping[str, Mapping[str, tuple[str, str]]] | None = None,
    **instead: Any,
) -> dict[str, Any]:  # fmt: skip
    """Annotations of a PropertyGroup with one property for each parameter of ``cls``.

    A number whose default is None has ``free_value`` for "chosen by the program". ``update(name)`` gives the callback of a property;
    ``looks`` are icons and tooltips of the values of a choice, ``instead`` properties to use as they are.
    """
    known = [f for f in fields(cls) if "kind" in f.metadata and f.name not in leave_out and f.name not in instead]
    return {f.name: _property(f, update(f.name) if update else None, (looks or {}).get(f.name)) for f in known} | instead


def _property(f: Field[Any], update: Update | None, looks: Mapping[str, tuple[str, str]] | None = None) -> Any:
    meta = f.metadata
    kind = meta["kind"]
    common: dict[str, Any] = {"name": label(f), "description": meta["tip"].rstrip("."), "translation_context": CONTEXT}
    if update:
        common["update"] = update
    if kind in ("number", "whole"):
        free = f.default is None
        low, high = meta["low"], meta["high"]
        if free:
            common["description"] += f"; {free_value(f)} {AUTOMATIC}"
        limits = {"min": free_value(f) if free else low, "max": high, "default": free_value(f) if free else f.default}
        if kind == "whole":
            return IntProperty(**common, **limits)
        return FloatProperty(**common, **limits, precision=3 if (f.default or 1.0) < 0.1 else 2, step=1 if high <= 1.0 else 10 if high < 50.0 else 50)
    if kind == "choice":
        return EnumProperty(**common, items=items(meta["values"], looks=looks), default=f.default or EMPTY)
    if kind == "switch":
        return BoolProperty(**common, default=f.default)
    return StringProperty(**common, default=f.default, maxlen=meta["limit"])


def free_value(f: Field[Any]) -> int:
    """What stands for "chosen by the program" in a number: 0, or -1 where 0 is a value of its own."""
    return 0 if f.metadata["low"] > 0 else -1


def value_of(f: Field[Any], found: Any) -> Any:
    """The value of a property as the parameter's own kind."""
    kind = f.metadata["kind"]
    if kind == "number":
        return None if f.default is None and found <= free_value(f) else within(f, max(f.metadata["low"], typed(found)))
    if kind == "whole":
        return None if f.default is None and found <= free_value(f) else int(found)
    if kind == "choice":
        return "" if found == EMPTY else found
    return found


def shown(f: Field[Any], value: Any) -> Any:
    """The reverse of ``value_of``."""
    kind = f.metadata["kind"]
    if kind in ("number", "whole"):
        return free_value(f) if value is None else value
    return (value or EMPTY) if kind == "choice" else value


def typed(value: float) -> float:
    """The shortest decimal number that is the same float32: 0.3 where Blender gives 0.30000001192."""
    held = struct.pack("f", value)
    for digits in range(6, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == held:
            return short
    return value


def within(f: Field[Any], value: float) -> float:
    """The limit itself where the float32 nearest to it lies a hair beyond."""
    for limit in (f.metadata["low"], f.metadata["high"]):
        if abs(value - limit) < 1e-6 * abs(limit):
            return float(limit)
    return value


def another_seed(seed: int) -> int:
    """The seed after this one, 0 to 9,999 and far from its neighbours."""
    return (seed * 48271 + 12345) % 10_000


def read(group: Any, cls: type, **more: Any) -> Any:
    """Parameters of ``cls`` from the properties of the same names; ``more`` go before. Raises BadInput outside limits."""
    names = group.bl_rna.properties.keys()
    values = {f.name: value_of(f, getattr(group, f.name)) for f in fields(cls) if "kind" in f.metadata and f.name in names}
    return cls(**(values | more))


def write(group: Any, params: Any) -> None:
    """Set the properties of the same names."""
    names = group.bl_rna.properties.keys()
    for f in fields(params):
        if "kind" in f.metadata and f.name in names:
            setattr(group, f.name, shown(f, getattr(params, f.name)))
