"""``motif``: words, sketches and gaps become motifs to choose from; the worker's job does the work, here or in another Python."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.errors import BadInput
from ..engines.motif.wish import Wish
from . import options as opt
from .folder import MOTIFS, Folder, place
from .progress import Progress
from .say import json_text

FORMAT = "jewelgen-motifs/1"
_TILE = 256  # px of a motif on the sheet
_COLUMNS = 4
_DRAWINGS = {"vary": "start", "inpaint": "start", "sketch": "sketch", "mask": "mask"}  # option: what the job calls its file
_DONE = {"invent": "invented", "sketch": "after your sketch", "inpaint": "a part drawn anew"}


def motif(options: argparse.Namespace) -> int:
    """``motif PROMPT``: motif-1.png …, sheet.png and report.json."""
    wish, drawings = _asked(options)
    files = {_DRAWINGS[option]: str(path) for option, path in drawings.items()}
    params = {"wish": wish, **files, "names": {_DRAWINGS[option]: option for option in drawings}, "thumb": _TILE}
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, MOTIFS) as folder:
        for option, path in drawings.items():
            if folder.holds(path):
                raise BadInput(f"{option} {path.name!r} would be replaced by the result; choose another folder with --out", field="out")
        assert folder.work is not None
        result = _drawn(params, folder.work, options.worker, tell)
        tell(0.97, "writing files")
        _sheet(folder.work, result["motifs"])
        report = _report(wish, drawings, result)
        (folder.work / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", errors="backslashreplace")
    _say(options, report)
    return 0


def _asked(options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Path]]:
    """The typed fields of the wish, and the files by their options. Raises BadInput."""
    wish: dict[str, Any] = opt.given(options, Wish) | {"prompt": options.prompt}
    wish.pop("vary", None)
    if options.row and wish.setdefault("function", "row") != "row":
        raise BadInput(f"row and function {wish['function']} exclude each other; leave out one of them", field="function")
    drawings = {name: _file(name, typed) for name in ("sketch", "inpaint", "mask") if (typed := getattr(options, name)) is not None}
    if options.vary is not None:
        if _names_a_file(options.vary):
            drawings["vary"] = _file("vary", options.vary)
        else:
            wish["vary"] = options.vary
    for one, other in (("vary", "inpaint"), ("sketch", "inpaint"), ("sketch", "vary")):
        if getattr(options, one) is not None and getattr(options, other) is not None:
            raise BadInput(f"{one} and {other} exclude each other; leave out --{one} or --{other}", field=other)
    if ("inpaint" in drawings) != ("mask" in drawings):
        raise BadInput("inpaint and mask go together; say --inpaint DRAWING --mask PICTURE", field="mask")
    if options.vary is not None and not options.vary.strip():
        raise BadInput("vary is empty; name a drawing or a motif of the library", field="vary")
    return wish, drawings


def _names_a_file(text: str) -> bool:
    """Whether ``--vary`` means a file: there is one, or it is written like one."""
    return bool(text.strip()) and (place(text, "vary").exists() or "/" in text or "\\" in text or len(Path(text).suffix) in (4, 5))


def _file(option: str, typed: str) -> Path:
    if not typed.strip():
        raise BadInput(f"{option} is not named; say --{option} FILE", field=option)
    return place(typed, option)


def _drawn(params: dict[str, Any], work: Path, python: str, tell: Progress) -> dict[str, Any]:
    """The job's result, its files in ``work``."""
    if python:
        from ..worker.client import Client
        from ..worker.environment import command_for

        command, env = command_for(python)
        with Client(command, env=env) as client:
            return client.run("motif", params, work, tell=lambda share, text: tell(0.95 * share, text))
    from ..worker.jobs_motif import motif as job

    return job(params, work, lambda share, text, preview="": tell(0.95 * share, text))


def _sheet(work: Path, motifs: list[dict[str, Any]]) -> None:
    """sheet.png of the thumbnails, which go."""
    from .sheet import contact_sheet

    thumbs = [work / one["thumb"] for one in motifs]
    row = motifs[0]["function"] == "row"
    columns = min(8 if row or len(motifs) > 16 else _COLUMNS, len(motifs))
    labels = [label_of(number, one, len(motifs)) for number, one in enumerate(motifs, 1)]
    contact_sheet(work / "sheet.png", thumbs, labels, columns, _TILE)
    for thumb in thumbs:
        thumb.unlink()


def label_of(number: int, one: dict[str, Any], count: int) -> tuple[str, str]:
    """Two lines under a motif: how it came about and from what, and what of the taught drawings it is like."""
    step = f"step {number} of {count}, " if one["function"] == "row" else ""
    return f"{number}  {step}{made(one)}", f"nearest {one['nearest']} {one['likeness']:.2f} · score {one['score']:.2f}"


def made(one: dict[str, Any]) -> str:
    """How a motif came about: "varied from dragon-head", "blended from octopus + anchor", "invented"."""
    function, source = one["function"], one["source"]
    if function == "vary":
        return f"varied from {source or 'your drawing'}"
    if function == "blend":
        return f"blended from {source or 'words alone'}"
    if function == "row":
        return (source or one["words"]).replace(" + ", " to ")
    return _DONE[function]


def _report(wish: dict[str, Any], drawings: dict[str, Path], result: dict[str, Any]) -> dict[str, Any]:
    """What report.json says."""
    from ..core.recipe import fingerprint

    whole = {f.name: wish.get(f.name, f.default) for f in fields(Wish) if "kind" in f.metadata}
    return {
        "format": FORMAT, "version": __version__, "wish": whole,
        "drawings": {option: {"path": str(path), "sha256": fingerprint(path)} for option, path in drawings.items()},
        "engine": result["credit"], "model": {"revision": result["model"]}, "notes": result["notes"], "seconds": result["seconds"],
        "motifs": [{name: value for name, value in one.items() if name not in ("cell", "thumb")} | {"drawn_by": "model"} for one in result["motifs"]],
    }  # fmt: skip


def _say(options: argparse.Namespace, report: dict[str, Any]) -> None:
    if options.json:
        print(json_text(report))
        return
    motifs = report["motifs"]
    ways = list(dict.fromkeys(made(one) for one in motifs))
    shown = ", ".join(ways[:4]) + (" …" if len(ways) > 4 else "")
    print(f"{len(motifs)} {'motif' if len(motifs) == 1 else 'motifs'} in {report['seconds']:.1f} s ({shown}), in {options.out}")
    for note in report["notes"]:
        print(f"  note  {note}")
