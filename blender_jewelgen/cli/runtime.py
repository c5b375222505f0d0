"""``runtime``: the AI runtime from the command line: install, status, repair, remove, and fetch for a class room."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from ..core.errors import BadInput
from .interrupts import Stopped
from .progress import Progress
from .say import json_text

WHAT = ("install", "status", "repair", "remove")


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``runtime``."""
    to.add_argument("what", choices=WHAT, help="install or go on with an install; say how it is; mend what is broken; delete it")
    to.add_argument("--build", default="auto", metavar="NAME", help="torch for auto, cuda, cuda126, rocm, mps or cpu; default auto: what this machine has")
    to.add_argument("--python", default="", metavar="PATH", help="Python 3.11 to 3.13 to make the environment with, default this one or one that is found")
    to.add_argument("--existing", default="", metavar="PATH", help="use this environment with torch and diffusers as it is; nothing is installed")
    to.add_argument("--wheels", type=Path, metavar="DIR", help="install from this folder of wheels; nothing goes online")
    to.add_argument("--proxy", default="", metavar="URL", help="proxy for the network, default that of the environment (HTTPS_PROXY)")
    to.add_argument("--index", default="", metavar="URL", help="another package index for torch, or default for the usual one")
    to.add_argument("--keep-wheels", action="store_true", help="keep the fetched wheels, for other machines and for repair offline")
    to.add_argument("--dry-run", action="store_true", help="say what would be done and how large it is, and do nothing")
    to.add_argument("--deep", action="store_true", help="with status: read every file")
    to.add_argument("--report", action="store_true", help="with status: print a report for a letter to us")
    to.add_argument("--quiet", action="store_true", help="no progress")
    to.add_argument("--json", action="store_true", help="print JSON")


def runtime(options: argparse.Namespace) -> int:
    """``runtime WHAT``; 0 when it is ready or gone as asked for, 3 when status finds it broken or not whole."""
    return {"install": _install, "status": _status, "repair": _repair, "remove": _remove}[options.what](options)


def _install(options: argparse.Namespace) -> int:
    from ..worker.runtime import care as ai

    if options.existing:
        if options.wheels or options.python or options.build != "auto":
            raise BadInput("existing goes alone: an environment made by others is used as it is; leave out --build, --python and --wheels", field="runtime")
        return _say(options, ai.adopt(options.existing))
    _empty(options)
    with _progress(options) as tell:
        tell(0.0, "looking at this machine")
        planned = ai.plan(None, options.build, options.wheels, options.proxy, python=options.python, index=options.index, keep=options.keep_wheels)
        tell.clear()
        if options.dry_run or not (options.quiet or options.json):
            _print_plan(options, planned)
        if options.dry_run:
            return 0
        now = _kept(lambda: ai.install(None, options.build, options.wheels, options.proxy, tell, python=options.python, index=options.index, keep=options.keep_wheels))
    return _say(options, now)


def _status(options: argparse.Namespace) -> int:
    from ..worker.runtime import care as ai
    from ..worker.runtime.files import gigabytes

    if options.report:
        print(ai.report())
        return 0
    now, used = ai.state(), ai.used()
    broken = ai.check(deep=options.deep) if now.name in ("ready", "broken") else []
    if broken:
        now = replace(now, name="broken", what=tuple(broken))
    if options.json:
        print(json_text(asdict(now) | {"used": used}))
    else:
        print(now.sentence())
        for text in broken:
            print(f"  broken  {text}")
        for text in (now.trouble, f"in {now.folder}, {gigabytes(used)}" if used else "", "an install or repair is at work now" if now.busy else ""):
            if text:
                print(f"  note  {text}")
    return 0 if now.name == "ready" else 3


def _repair(options: argparse.Namespace) -> int:
    from ..worker.runtime import care as ai

    _empty(options)
    with _progress(options) as tell:
        now = _kept(lambda: ai.repair(None, options.wheels, options.proxy, tell, python=options.python))
    return _say(options, now)


def _remove(options: argparse.Namespace) -> int:
    from ..worker.runtime import care as ai
    from ..worker.runtime.files import gigabytes

    with _progress(options) as tell:
        freed = _kept(lambda: ai.remove(None, tell))
    if options.json:
        print(json_text({"freed": freed}))
    else:
        print(f"the AI runtime is removed, {gigabytes(freed)} freed" if freed else "there was no AI runtime to remove")
    return 0


def _empty(options: argparse.Namespace) -> None:
    """Raises BadInput for a folder that is named but empty text: ``--wheels ""`` would mean this folder."""
    if options.wheels is not None and not str(options.wheels).strip("."):
        raise BadInput("the folder for --wheels is not named; say --wheels DIR", field="runtime")


def _kept(work):  # type: ignore[no-untyped-def]
    """Do it; Ctrl-C says that nothing is lost."""
    try:
        return work()
    except KeyboardInterrupt as stop:
        raise Stopped("what is done stays, and the next install goes on") from stop


def _progress(options: argparse.Namespace) -> Progress:
    return Progress(options.quiet, options.setting.stream(options.json))


def _print_plan(options: argparse.Namespace, planned) -> None:  # type: ignore[no-untyped-def]
    for line in planned.lines():
        print(line, file=options.setting.stream(options.json), flush=True)


def _say(options: argparse.Namespace, now) -> int:  # type: ignore[no-untyped-def]
    if options.json:
        print(json_text(asdict(now)))
    else:
        print(now.sentence())
        if now.trouble:
            print(f"  note  {now.trouble}")
    return 0 if now.name == "ready" else 3
