"""``models``: the picture models there are, their licence cards, and how they come to this computer and go again."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from . import options as opt
from .progress import Progress
from .say import json_text

_STATES = {"here": "here", "broken": "broken", "half": "half here", "fetch": "can be fetched", "never": "cannot be fetched"}
_KINDS = {"yes": "commercial", "conditions": "commercial on conditions", "no": "non-commercial", "unknown": "licence not known"}


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``models``."""
    does = to.add_subparsers(dest="does", required=True, metavar="WHAT", parser_class=opt.Parser)

    listed = does.add_parser("list", help="what is here, what can be fetched, what fits this machine")
    _switch(listed)
    listed.add_argument("--memory", type=opt.number(), metavar="GB", help="graphics memory to reckon with instead of what is found; 0 for no graphics card")

    shown = does.add_parser("card", help="licence, size and needs of a model")
    shown.add_argument("name", help="a name of the list, or a hub id")

    fetched = does.add_parser("fetch", help="bring a model to this computer, or the rest of a half one")
    fetched.add_argument("name", help="a name of the list, or a hub id; @REVISION pins one")
    fetched.add_argument("--accept", action="store_true", help="accept its licence, which jewelgen models card NAME shows")
    fetched.add_argument("--to", metavar="DIR", help="folder to keep it in instead of the usual one; give it to models where, too")
    _switch(fetched)
    fetched.add_argument("--quiet", action="store_true", help="no progress")

    added = does.add_parser("add", help="give a folder or a .safetensors file of your own a name; it stays where it is")
    added.add_argument("path", help="a model folder of diffusers, or a .safetensors file")
    added.add_argument("--name", required=True, metavar="NAME", help="what it is to be called")
    added.add_argument("--licence", default="", metavar="NAME", help="its licence, such as apache-2.0; without one it counts as not known")

    gone = does.add_parser("remove", help="delete what was fetched of a model, or forget a name that was added")
    gone.add_argument("name")

    placed = does.add_parser("where", help="the folders that models lie in; with DIR, keep them there from now on")
    placed.add_argument("dir", nargs="?", metavar="DIR", help="folder to fetch into")
    placed.add_argument("--shared", action="append", default=[], metavar="DIR", help="look here, too, and never write: the folder of a class room; may be given again")
    placed.add_argument("--forget", action="append", default=[], metavar="DIR", help="look here no more")
    _switch(placed)
    for each in (listed, shown, fetched, added, gone, placed):
        each.add_argument("--json", action="store_true", help="print JSON")


def models(options: argparse.Namespace) -> int:
    """One of list, card, fetch, add, remove, where."""
    return {"list": _list, "card": _card, "fetch": _fetch, "add": _add, "remove": _remove, "where": _where}[options.does](options)


def _switch(to: argparse.ArgumentParser) -> None:
    to.add_argument("--commercial-only", action=argparse.BooleanOptionalAction, default=None, help="only models whose licence allows commercial use")


def _list(options: argparse.Namespace) -> int:
    from ..engines.weights import device, shelf

    memory = _memory(options.memory)
    rows = shelf.rows(memory, options.commercial_only)
    advice = device.recommend(memory.total_gb if memory.device in ("cuda", "mps") else None)
    found = {"device": memory.device or "unknown", "name": memory.name, "total_gb": round(memory.total_gb, 1), "free_gb": round(memory.free_gb, 1), "note": memory.note}
    if options.json:
        print(json_text({"models": rows, "memory": found, "recommended": {"name": advice.card.name, "why": advice.why}}))
        return 0
    for row in rows:
        if row["shut"]:
            continue
        marks = [_STATES[row["state"]], _KINDS[row["commercial"]], *(["gated"] if row["gated"] else []), *(["too large for this machine"] if row["large"] else [])]
        print(f"{row['name']:24} {row['size_gb']:6.1f} GB  {', '.join(marks)}")
    left = sum(bool(row["shut"]) for row in rows)
    if left:
        print(f"{left} more are not for commercial use")
    where = {"cuda": f"{memory.name}, {memory.total_gb:.0f} GB", "mps": f"Apple, {memory.total_gb:.0f} GB", "cpu": "no graphics card", "": "graphics memory not known; say --memory GB"}
    print(f"This machine: {where[memory.device]}{'; ' + memory.note if memory.note else ''}")
    print(f"Recommended: {advice.card.name}: {advice.why}")
    return 0


def _card(options: argparse.Namespace) -> int:
    from ..engines.weights import device, shelf
    from ..engines.weights import models as table
    from ..engines.weights import resolve as weights

    name = options.name.removeprefix("diffusers:").partition("@")[0]
    known = any(name in (card.name, card.hub) for card in table.cards())
    card = table.card(name) if known or "/" not in name else weights.resolve(options.name, commercial_only=False).card
    if options.json:
        print(json_text(shelf.as_json(card)))
        return 0
    for what, told in shelf.card_text(card, device.found()):
        print(f"{what:13} {told}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from ..engines.weights import fetch

    with Progress(options.quiet, options.setting.stream(options.json)) as tell:
        folders = fetch.fetch(options.name, options.accept, options.to, tell, options.commercial_only)
    rows = [{"path": str(folder), **_origin(folder)} for folder in folders]
    if options.json:
        print(json_text({"fetched": rows}))
        return 0
    for row in rows:
        print(f"{row['hub']} at revision {row['revision'][:12]}, {row['licence']}, in {row['path']}")
    return 0


def _add(options: argparse.Namespace) -> int:
    from ..engines.weights import fetch

    made = fetch.add(options.path, options.name, options.licence)
    kept = {"name": made.name, "path": str(made.path), "family": made.family, "licence": made.licence, "revision": made.revision}
    print(json_text(kept) if options.json else f"{made.name}: {made.family}, licence {made.licence}, in {made.path}; draw with --engine diffusers:{made.name}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from ..engines.weights import fetch

    gone = fetch.remove(options.name)
    if options.json:
        print(json_text({"name": options.name, "deleted": [str(folder) for folder in gone]}))
    else:
        print(f"{options.name}: {len(gone)} folders deleted" if gone else f"{options.name} is forgotten; its files stay")
    return 0


def _where(options: argparse.Namespace) -> int:
    from ..engines.weights import places

    kept = places.settings()
    change: dict[str, Any] = {}
    if options.dir is not None:
        change["where"] = str(_folder(options.dir))
    if options.shared or options.forget:
        dropped = {str(_folder(folder)) for folder in options.forget}
        unknown = dropped - set(kept.shared)
        if unknown:
            raise BadInput(f"{min(unknown)} is none of the shared folders", field="model")
        new = [str(_folder(folder)) for folder in options.shared]
        missing = next((folder for folder in new if not Path(folder).is_dir()), None)
        if missing:
            raise BadInput(f"there is no folder {missing}", field="model")
        change["shared"] = tuple(dict.fromkeys([*(folder for folder in kept.shared if folder not in dropped), *new]))
    if options.commercial_only is not None:
        change["commercial_only"] = options.commercial_only
    if change:
        places.change(**change)
    place = places.where()
    told = {
        "where": str(place), "free_gb": round(_free(place) / 1e9, 1), "shared": [str(folder) for folder in places.shared()],
        "commercial_only": places.commercial_only(), "settings": str(places.settings_file()),
    }  # fmt: skip
    if options.json:
        print(json_text(told))
        return 0
    print(f"models are fetched into {told['where']} ({told['free_gb']:g} GB free)")
    for folder in told["shared"]:
        print(f"  read only  {folder}")
    print(f"  commercial models only: {'yes' if told['commercial_only'] else 'no'}; settings in {told['settings']}")
    return 0


def _memory(given: Any) -> Any:
    from ..engines.weights import device

    if given is None:
        return device.found()
    opt.within("memory", given, 0, 1024, " GB", "number")
    main = device.main_memory()
    if not given:
        return device.Memory(device="cpu", name="processor", total_gb=main, free_gb=main, main_gb=main)
    return device.Memory(device="cuda", name="a graphics card", total_gb=float(given), free_gb=float(given), main_gb=main)


def _origin(folder: Path) -> dict[str, str]:
    from ..engines.weights import models as table
    from ..engines.weights import places

    known = places.origin(folder)
    return {"hub": str(known.get("hub", "")), "revision": str(known.get("revision", "")), "licence": table.licence(str(known.get("licence", ""))).label}


def _folder(typed: str) -> Path:
    if not typed.strip():
        raise BadInput("the folder is not named", field="model")
    return Path(typed).expanduser().absolute()


def _free(place: Path) -> int:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
