"""Command-line options made from the parameter dataclasses, and back."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any, NoReturn

from ..core.errors import BadInput


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}; see jewelgen {self.prog.split()[-1]} --help" if " " in self.prog else message)


def add(parser: argparse.ArgumentParser, cls: type, title: str, leave_out: tuple[str, ...] = ()) -> None:
    """One option for each parameter of ``cls``; an option that is not given leaves no trace."""
    group = parser.add_argument_group(title)
    for f in fields(cls):
        meta = f.metadata
        if "kind" not in meta or f.name in leave_out:
            continue
        flag = "--" + f.name.replace("_", "-")
        tip = meta["tip"].replace("%", "%%")
        common: dict[str, Any] = {"dest": f.name, "default": argparse.SUPPRESS}
        if meta["kind"] in ("number", "whole"):
            usual = "" if f.default is None else f", default {f.default:g}"
            unit = meta["unit"] or "N"
            common |= {"metavar": unit.upper().replace("/", "_PER_"), "type": _number(meta["kind"], f.name)}
            group.add_argument(flag, help=f"{tip} ({meta['low']:g} to {meta['high']:g} {meta['unit']}{usual})", **common)
        elif meta["kind"] == "choice":
            values = [v for v in meta["values"] if v]
            group.add_argument(flag, metavar="NAME", help=f"{tip}: {', '.join(values)}", **common)
        elif meta["kind"] == "switch":
            group.add_argument(flag, action=argparse.BooleanOptionalAction, help=tip, **common)
        else:
            group.add_argument(flag, metavar="TEXT", help=tip, **common)


def _number(kind: str, name: str) -> Any:
    def read(written: str) -> float | int:
        try:
            value = float(written.lower().removesuffix("mm").strip())
            return int(value) if kind == "whole" and value == int(value) else value
        except (ValueError, OverflowError):
            raise BadInput(f"{name.replace('_', '-')} is {written[:40]!r}; it must be a number", field=name) from None

    return read


def given(options: argparse.Namespace, cls: type) -> dict[str, Any]:
    """The parameters of ``cls`` that were typed."""
    return {f.name: getattr(options, f.name) for f in fields(cls) if "kind" in f.metadata and hasattr(options, f.name)}
