"""``tasks``: what services were asked for, fetched after a restart or forgotten."""

from __future__ import annotations

import argparse
from pathlib import Path

from .. import __version__
from . import options as opt
from .folder import Folder
from .progress import Progress
from .say import json_text


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``tasks``."""
    does = to.add_subparsers(dest="does", required=True, metavar="WHAT", parser_class=opt.Parser)
    listed = does.add_parser("list", help="the tasks that services work on, and the bodies they made last")
    again = does.add_parser("resume", help="wait for a task and fetch its body")
    gone = does.add_parser("forget", help="strike a task off the list; the service is not told")
    for each in (again, gone):
        each.add_argument("id", help="as the list shows it, or its beginning")
    again.add_argument("--online", action="store_true", help="allow the network, which services need")
    again.add_argument("--out", type=Path, default=Path("body"), metavar="DIR", help="folder for the files, default body")
    again.add_argument("--force", action="store_true", help="replace a body that is already there")
    again.add_argument("--quiet", action="store_true", help="no progress")
    for each in (listed, again, gone):
        each.add_argument("--json", action="store_true", help="print JSON")


def tasks(options: argparse.Namespace) -> int:
    """One of list, resume, forget."""
    return {"list": _list, "resume": _resume, "forget": _forget}[options.does](options)


def _list(options: argparse.Namespace) -> int:
    from ..engines.remote import tasks as kept

    rows = [task.told() for task in kept.listed()]
    if options.json:
        print(json_text({"tasks": rows}))
        return 0
    for row in rows:
        what = row["picture"] or f'"{row["prompt"][:40]}"'
        print(f"{row['id']}  {row['state']:5} {row['begun']}  {row['label']}: {what}, seed {row['seed']}{', ' + row['cost'] if row['cost'] else ''}")
    if not rows:
        print("no service was asked for anything that is still open or kept")
    return 0


def _resume(options: argparse.Namespace) -> int:
    from ..core.mesh.look import shaded
    from ..core.mesh.quality import measured
    from ..engines.remote.flow import resumed
    from .bodies import BODY, FORMAT, save, write_glb

    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, BODY) as folder:
        assert folder.work is not None
        body = resumed(options.id, options.online, lambda share, text: tell(0.8 * share, text))
        assert body.mesh is not None
        tell(0.85, "measuring the mesh")
        report = {
            "format": FORMAT, "version": __version__, "engine": body.credit, "cost": body.cost, "unit": "the engine's own",
            "quality": measured(body.mesh).as_dict(), "candidates": [], "notes": list(body.notes),
        }  # fmt: skip
        tell(0.93, "writing files")
        write_glb(folder.work / "mesh.glb", body.mesh, "body")
        save(folder.work / "picture.png", shaded(body.mesh))
        (folder.work / "report.json").write_text(json_text(report, 1) + "\n", encoding="utf-8", errors="backslashreplace")
    if options.json:
        print(json_text(report))
        return 0
    print(f"{len(body.mesh.faces):,} triangles in {options.out}{', ' + body.cost if body.cost else ''}; go on with jewelgen solid")
    for note in body.notes:
        print(f"  note  {note}")
    return 0


def _forget(options: argparse.Namespace) -> int:
    from ..engines.remote import tasks as kept

    task = kept.forget(options.id)
    print(json_text({"id": task.id}) if options.json else f"{task.id} is forgotten; {task.label} was not told")
    return 0
