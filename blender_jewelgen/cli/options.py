"""Command-line options made from the parameter dataclasses, and back."""

from __future__ import annotations

import argparse
import math
from dataclasses import fields
from typing import Any, NoReturn

from ..core.errors import BadInput


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, and that takes no option by half its name: "--no x" belongs to a prompt."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments:"):
            message += "; a prompt of several words stands in quotes"
        raise BadInput(f"{message}; see {self.prog} --help")


def add(parser: argparse.ArgumentParser, cls: type, title: str, leave_out: tuple[str, ...] = (), also: dict[str, str] | None = None) -> None:
    """One option for each parameter of ``cls``; an option that is not given leaves no trace. ``also``: second names of some."""
    group = parser.add_argument_group(title)
    for f in fields(cls):
        meta = f.metadata
        if "kind" not in meta or f.name in leave_out:
            continue
        flags = ["--" + f.name.replace("_", "-"), *filter(None, [(also or {}).get(f.name)])]
        tip = meta["tip"].replace("%", "%%")
        common: dict[str, Any] = {"dest": f.name, "default": argparse.SUPPRESS}
        if meta["kind"] in ("number", "whole"):
            usual = "" if f.default is None else f", default {f.default:g}"
            limits = f"{meta['low']:g} to {meta['high']:{',' if meta['kind'] == 'whole' else 'g'}} {meta['unit']}".rstrip()
            unit = meta["unit"] or "N"
            common |= {"metavar": unit.upper().replace("/", "_PER_"), "type": number(meta["kind"])}
            group.add_argument(*flags, help=f"{tip} ({limits}{usual})", **common)
        elif meta["kind"] == "choice":
            values = [v for v in meta["values"] if v]
            group.add_argument(*flags, metavar="NAME", help=f"{tip}: {', '.join(values)}", **common)
        elif meta["kind"] == "switch":
            group.add_argument(*flags, action=argparse.BooleanOptionalAction, help=tip, **common)
        else:
            group.add_argument(*flags, metavar="TEXT", help=tip, **common)


def number(kind: str = "number") -> Any:
    """A reader of "1.2", "1,2" or "1.2 mm"; what is no number stays text, for the limits of the parameter to refuse by name."""

    def read(written: str) -> float | int | str:
        try:
            value = float(written.lower().replace(",", ".").removesuffix("mm").strip())
        except ValueError:
            return written[:40]
        return int(value) if kind == "whole" and value.is_integer() else value

    return read


def within(name: str, value: Any, low: float, high: float, unit: str = "", kind: str = "whole") -> None:
    """Refuse the value of an option that is no parameter of a step. Raises BadInput."""
    if isinstance(value, str) or not math.isfinite(value) or (kind == "whole" and not isinstance(value, int)):
        raise BadInput(f"{name} is {value!r}; it must be a {'whole ' if kind == 'whole' else ''}number", field=name)
    if not low <= value <= high:
        raise BadInput(f"{name} is {value:g}{unit}; it must be between {low:g} and {high:g}{unit}", field=name)


def one_of(name: str, value: str, values: tuple[str, ...]) -> None:
    """Refuse a name that is none of ``values``. Raises BadInput."""
    from ..core.params import pick

    pick(value, values, name)


def given(options: argparse.Namespace, cls: type) -> dict[str, Any]:
    """The parameters of ``cls`` that were typed."""
    return {f.name: getattr(options, f.name) for f in fields(cls) if "kind" in f.metadata and hasattr(options, f.name)}
