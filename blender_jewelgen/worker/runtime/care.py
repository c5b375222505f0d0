"""The AI runtime: an environment with torch and diffusers beside Blender's own Python, installed, judged, mended and removed. Standard library only.

Its folder is short and the person's own. An install goes environment, wheels, a look at them, unpacking, a try; each step can be
stopped or killed, and the next install goes on where it was. Nothing is called when Blender or the command line starts.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix, JewelGenError
from . import builds, files, lock, steps
from . import plan as plans
from .bases import ask, misfits, named
from .child import note
from .files import folder as default_folder
from .report import label
from .report import report as written
from .wheels import gather, judge

Tell = Callable[[float, str], None]


def _quiet(share: float, text: str) -> None:
    pass


@dataclass(frozen=True)
class State:
    """How the runtime is: ``name`` is absent, partial, broken or ready; ``what`` says what is broken, one sentence each."""

    name: str
    folder: str
    what: tuple[str, ...] = ()
    version: str = ""  # "torch 2.13.0+cpu, diffusers 0.42.1"
    build: str = ""
    python: str = ""  # its interpreter
    card: str = ""  # the graphics card that torch sees
    trouble: str = ""  # why it draws without a graphics card, if it does
    foreign: bool = False  # an environment made by others
    busy: bool = False  # somebody installs, mends or removes now

    def sentence(self) -> str:
        """The state in one line."""
        if self.name == "absent":
            return "the AI runtime is not installed"
        if self.name == "partial":
            return "the AI runtime is installed in part; install again to go on"
        if self.name == "broken":
            count = len(self.what)
            return f"the AI runtime is broken: {self.what[0]}" if count == 1 else f"the AI runtime is broken: {self.what[0]} (1 of {count} faults)"
        return f"the AI runtime is ready: {self.version}"


def python(root: Path | None = None) -> str | None:
    """The interpreter of the runtime when it is complete; None otherwise. A quick look."""
    now = state(root)
    return now.python if now.name == "ready" else None


def state(root: Path | None = None) -> State:
    """A quick look: the stamp, the interpreter, the names and versions of the packages. Starts nothing, reads no large file."""
    root = root or default_folder()
    stamp, busy = files.read_stamp(root), files.is_busy(root)
    told = {"folder": str(root), "busy": busy, **{name: str(stamp.get(name) or "") for name in ("version", "build", "card", "trouble")}}
    existing = str(stamp.get("existing") or "")
    if existing:
        gone = () if os.path.exists(existing) else (f"its Python {existing} is gone",)
        return State("broken" if gone else "ready", what=gone, python=existing, foreign=True, **told)
    environment = root / files.ENVIRONMENT
    if not (environment / files.MARK).exists():
        begun = (root / files.WHEELS).is_dir() and any((root / files.WHEELS).glob("*.whl"))
        return State("partial" if begun or stamp.get("complete") is False else "absent", **told)
    if not stamp.get("complete"):
        return State("partial", **told)
    faults = [fault.text for fault in _outside(environment)] or [fault.text for fault in plans.quick(environment, _rows(stamp, environment), builds.system(), told["build"])]
    return State("broken" if faults else "ready", what=tuple(faults), python=str(files.python_in(environment)), **told)


def check(root: Path | None = None, deep: bool = False) -> list[str]:
    """All that is broken, one sentence each: the interpreter, every package's version, every file's length (``deep``: every bit)."""
    root = root or default_folder()
    stamp = files.read_stamp(root)
    existing = str(stamp.get("existing") or "")
    if existing:
        found = ask(existing)
        return [f"its Python {existing} does not start"] if found is None else [fault.text for fault in misfits(found.packages)]
    environment = root / files.ENVIRONMENT
    if not stamp or not (environment / files.MARK).exists():
        return []
    faults = _outside(environment)
    if not faults and ask(str(files.python_in(environment))) is None:
        faults = [files.Fault("", "its Python does not start")]
    faults += plans.broken(environment, _rows(stamp, environment), builds.system(), str(stamp.get("build")), deep)
    return [fault.text for fault in faults]


def plan(
    root: Path | None = None, build: str = "auto", wheels: Path | None = None, proxy: str = "", *, python: str = "", index: str = "", keep: bool = False,
    deep: bool = False, tick: files.Tick | None = None,
) -> plans.Plan:  # fmt: skip
    """What ``install`` would do; ``lines()`` of it tells a person. Changes nothing."""
    return plans.plan(root or default_folder(), build, wheels, proxy, python, index, keep, deep, tick)


def install(
    root: Path | None = None, build: str = "auto", wheels: Path | None = None, proxy: str = "", tell: Tell = _quiet, *, python: str = "",
    index: str = "", keep: bool = False, deep: bool = False,
) -> State:  # fmt: skip
    """Install, or go on with an install, or mend: only what is missing or broken comes anew.

    ``wheels`` is a folder of wheels (then nothing goes online); ``python`` the interpreter to make the environment with; ``index``
    another index for torch; ``keep`` leaves the fetched wheels there. ``tell`` may raise: what is done stays. Raises BadInput.
    """
    root = root or default_folder()
    try:
        with files.alone(root):
            tell(0.0, "looking at this machine")
            steps.sweep(root)
            planned = plans.plan(root, build, wheels, proxy, python, index, keep, deep, lambda: tell(0.0, "reading what is installed"))
            files.need_room(root, planned.disk, "the AI runtime")
            planned.work.mkdir(exist_ok=True)
            note(planned.log, label(), *planned.lines())
            _begin(planned, index)
            told = _walk(planned, tell)
            _finish(planned, told)
    except OSError as error:
        raise files_error(root, error) from error
    return state(root)


def _begin(planned: plans.Plan, index: str) -> None:
    stamp = files.read_stamp(planned.root)
    kept = stamp.get("extras", []) if stamp.get("build") == planned.build else []
    said = {"format": 1, "complete": False, "build": planned.build, "base": planned.base.path, "index": index or str(stamp.get("index") or ""), "extras": kept, "keep": planned.keep}
    said["auto"] = planned.auto and stamp.get("auto", not stamp.get("build"))
    files.write_stamp(planned.root, said)


def _walk(planned: plans.Plan, tell: Tell) -> dict[str, Any]:
    """All steps; what the libraries say of themselves at the end."""
    steps.environment(planned, steps.part(tell, 0.0, 0.05))
    if planned.missing:
        (planned.root / files.WHEELS).mkdir(exist_ok=True)
        found, extra = gather(planned, steps.part(tell, 0.05, 0.7))
        if extra:
            stamp = files.read_stamp(planned.root)
            files.write_stamp(planned.root, stamp | {"extras": [[row.name, row.version] for row in extra]})
        judge(planned, found, steps.part(tell, 0.7, 0.74))
        steps.unpack(planned, found, steps.part(tell, 0.74, 0.96))
    left = plans.broken(planned.environment, planned.rows, planned.system, planned.build)
    if left:
        raise JewelGenError(f"after unpacking {left[0].text}; install again, or remove the runtime and begin anew", field="runtime")
    return steps.attempt(planned, steps.part(tell, 0.96, 1.0))


def _finish(planned: plans.Plan, told: dict[str, Any]) -> None:
    stamp = files.read_stamp(planned.root)
    site = files.site_of(planned.environment)
    have = files.installed(site) if site else {}
    version = ", ".join(f"{name} {have[name][0][0]}" for name in ("torch", "diffusers") if name in have)
    stamp |= {
        "complete": True, "version": version, "card": told.get("card", ""), "trouble": steps.no_card(planned, told), "python": ".".join(map(str, planned.base.version)),
        "when": time.strftime("%Y-%m-%d %H:%M:%S"), "loaded": told,
    }  # fmt: skip
    files.write_stamp(planned.root, stamp)
    if not planned.keep:
        shutil.rmtree(planned.root / files.WHEELS, ignore_errors=True)
    steps.sweep(planned.root)
    note(planned.log, f"the AI runtime is ready: {version}")


def repair(root: Path | None = None, wheels: Path | None = None, proxy: str = "", tell: Tell = _quiet, *, python: str = "", anew: bool = True) -> State:
    """Read every file of the runtime, bring anew what is broken, and try it. Raises BadInput.

    If it is whole and yet does not load it is made anew altogether, where ``anew`` allows to fetch it all.
    """
    root = root or default_folder()
    stamp = files.read_stamp(root)
    if stamp.get("existing"):
        return adopt(str(stamp["existing"]), root)
    if not stamp and not (root / files.ENVIRONMENT / files.MARK).exists():
        raise BadInput("there is no AI runtime to repair; install it first", field="runtime", fix=Fix("Install", "jewelgen runtime install"))
    try:
        return install(root, "auto", wheels, proxy, tell, python=python, deep=True)
    except BadInput:
        raise
    except JewelGenError as error:
        if error.field != "runtime" or "does not load" not in str(error) or not (anew or wheels):
            raise
        with files.alone(root):
            steps.aside(root)
        return install(root, "auto", wheels, proxy, tell, python=python)


def adopt(existing: str, root: Path | None = None) -> State:
    """Use an environment made by others as it is; nothing is ever written into it. Raises BadInput with the libraries that do not fit."""
    root = root or default_folder()
    program = named(existing)
    found = ask(program)
    fix = Fix("Choose Another Python", "--existing PATH")
    if found is None:
        raise BadInput(f"the Python {existing!r} does not start", field="runtime", fix=fix)
    faults = misfits(found.packages)
    if faults:
        raise BadInput(f"the environment of {program} does not fit: {', '.join(fault.text for fault in faults)}", field="runtime", fix=fix)
    have = {lock.plain(name): version for name, version in found.packages.items()}
    version = ", ".join(f"{name} {have[name]}" for name in ("torch", "diffusers"))
    try:
        with files.alone(root):
            if (root / files.ENVIRONMENT / files.MARK).exists():
                raise BadInput(f"a runtime of JewelGen's own is in {root}; remove it first", field="runtime", fix=Fix("Remove", "jewelgen runtime remove"))
            files.write_stamp(root, {"format": 1, "complete": True, "existing": program, "version": version, "build": builds.build_in(have["torch"], builds.system())})
    except OSError as error:
        raise files_error(root, error) from error
    return state(root)


def remove(root: Path | None = None, tell: Tell = _quiet) -> int:
    """Delete the runtime and all it fetched; an environment made by others is only forgotten. Gives the bytes that were freed."""
    root = root or default_folder()
    if not root.is_dir():
        return 0
    before = used(root)
    try:
        with files.alone(root):
            tell(0.0, "deleting files")
            if (root / files.ENVIRONMENT / files.MARK).exists():
                steps.aside(root)
            (root / files.STAMP).unlink(missing_ok=True)  # from here on there is no runtime, whatever comes
            for file in (root / files.WHEELS).glob("*.whl"):
                file.unlink()
            if (root / files.WHEELS).is_dir() and not any((root / files.WHEELS).iterdir()):
                (root / files.WHEELS).rmdir()
            steps.sweep(root, tell)
            for name in (files.LOG, f"{files.STAMP}.new"):
                (root / name).unlink(missing_ok=True)
        after = used(root)
        (root / files.BUSY).unlink(missing_ok=True)
        if not any(root.iterdir()):
            root.rmdir()
    except OSError as error:
        raise files_error(root, error) from error
    return before - after


def used(root: Path | None = None) -> int:
    """Bytes that the runtime takes on the disk."""
    total = 0
    for place, _, names in os.walk(root or default_folder()):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:  # deleted meanwhile
                continue
    return total


def report(root: Path | None = None, error: str = "") -> str:
    """What somebody needs to know to help: versions, state, what is broken, the end of the log; without passwords."""
    root = root or default_folder()
    return written(root, state(root).sentence(), check(root), error)


def _outside(environment: Path) -> list[files.Fault]:
    """What is wrong with the environment itself, without starting it."""
    program = files.python_in(environment)
    home = plans.home_of(environment)
    if not program.exists() or home is None or not home.is_dir():
        return [files.Fault("", f"its Python is gone ({home or program})")]
    return []


def _rows(stamp: dict[str, Any], environment: Path) -> tuple[lock.Row, ...]:
    build = str(stamp.get("build") or "")
    short = plans.python_of(environment) or (3, 11)
    return lock.rows_for(builds.system(), build, short) + plans.extras(stamp, build)


def files_error(root: Path, error: OSError) -> JewelGenError:
    """An error of the disk in words."""
    import errno

    if error.errno == errno.ENOSPC:
        return BadInput(f"the disk of {root} is full; make room and install again, what is there stays", field="runtime")
    return BadInput(f"the folder {root} cannot be used ({error.strerror or error}); name another with JEWELGEN_RUNTIME=FOLDER", field="runtime")


__all__ = ["State", "adopt", "check", "install", "plan", "python", "remove", "repair", "report", "state", "used"]
