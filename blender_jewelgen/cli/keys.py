"""``keys``: the keys of services, in the system's key ring. A key is never an argument: those stand in the shell's history."""

from __future__ import annotations

import argparse
import getpass
import sys

from ..core.errors import BadInput
from . import options as opt
from .say import json_text


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``keys``."""
    does = to.add_subparsers(dest="does", required=True, metavar="WHAT", parser_class=opt.Parser)
    listed = does.add_parser("list", help="which services have a key, and where it is; never the key itself")
    kept = does.add_parser("set", help="keep a key in the system's key ring; it is asked for, or read from stdin")
    gone = does.add_parser("remove", help="take a key out of the key ring")
    for each in (kept, gone):
        each.add_argument("provider", help="meshy, tripo, rodin, stability or openai")
    for each in (listed, kept, gone):
        each.add_argument("--json", action="store_true", help="print JSON")


def keys(options: argparse.Namespace) -> int:
    """One of list, set, remove."""
    return {"list": _list, "set": _set, "remove": _remove}[options.does](options)


def _list(options: argparse.Namespace) -> int:
    from ..engines.remote import keys as kept

    rows, ring = kept.listed(), kept.ring_there()
    if options.json:
        print(json_text({"keys": rows, "ring": ring}))
        return 0
    for row in rows:
        where = {"environment": f"in the variable {row['variable']}", "keyring": "in the key ring", "": f"none; make one at {row['page']}"}[row["where"]]
        print(f"{row['provider']:10} {row['label']:22} {where}")
    if not ring:
        print("This Python has no key ring; keys can be given in the variables JEWELGEN_NAME_KEY")
    return 0


def _set(options: argparse.Namespace) -> int:
    from ..engines.remote import keys as kept

    one = kept.provider(options.provider)
    if not kept.ring_there():
        raise BadInput(f"there is no key ring that this Python can use; put the key into the variable {one.variable}", field="key")
    where = kept.put(one.name, _asked(one.label))
    print(json_text({"provider": one.name, "where": where}) if options.json else f"the key of {one.label} is in the key ring")
    return 0


def _remove(options: argparse.Namespace) -> int:
    import os

    from ..engines.remote import keys as kept

    one = kept.provider(options.provider)
    outside = bool(os.environ.get(one.variable, "").strip())
    gone = kept.remove(one.name)
    if outside:
        raise BadInput(f"the key of {one.label} is in the variable {one.variable}, which only you can take away", field="key")
    if options.json:
        print(json_text({"provider": one.name, "removed": gone}))
    else:
        print(f"the key of {one.label} is removed" if gone else f"there was no key of {one.label}")
    return 0


def _asked(label: str) -> str:
    """The key as it is typed without being shown, or as it comes in."""
    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(f"Key of {label}: ")
    return sys.stdin.readline() if sys.stdin is not None else ""
