"""Wheels on their way: which files of a folder fit, fetching the others one by one so that nothing fetched is lost, and whether each is what it should be."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ...core.errors import BadInput, Fix
from . import builds, child, files, lock, scripts
from .plan import Plan

Tell = Callable[[float, str], None]
_SMALL = 20.0  # MB; packages below this are fetched several at a time
_TOGETHER = 10


class Shelf:
    """Wheels in a folder, by name and version; those that a Python takes."""

    def __init__(self, folder: Path, tags: Sequence[str]) -> None:
        self.folder = folder
        self._rank = {tag: number for number, tag in enumerate(tags)}

    def versions(self, name: str) -> dict[str, Path]:
        """Version: the file of it that fits best."""
        found: dict[str, tuple[int, Path]] = {}
        for file in sorted(self.folder.glob("*.whl")):
            parts = file.name.removesuffix(".whl").split("-")
            if len(parts) not in (5, 6) or lock.plain(parts[0]) != name:
                continue
            rank = min(self._rank.get(f"{p}-{a}-{s}", 1 << 30) for p in parts[-3].split(".") for a in parts[-2].split(".") for s in parts[-1].split("."))
            if rank < 1 << 30 and (parts[1] not in found or rank < found[parts[1]][0]):
                found[parts[1]] = (rank, file)
        return {version: file for version, (_, file) in found.items()}

    def file(self, name: str, version: str, build: str = "", system: str = "") -> Path | None:
        """The file of a version, of torch that of the build."""
        fits = {have: file for have, file in self.versions(name).items() if lock.same(have, version)}
        if build:
            fits = {have: file for have, file in fits.items() if builds.build_in(have, system) == build}
        return fits[min(fits, key=len)] if fits else None


def tags(plan: Plan, tick: child.Tick) -> list[str]:
    """The kinds of wheels that the environment's Python takes, the best first."""
    return json.loads(child.code(files.python_in(plan.environment), scripts.TAGS, tick, plan.log, plan.work)[-1])


def gather(plan: Plan, tell: Tell) -> tuple[list[Path], list[lock.Row]]:
    """The wheels of what is missing, from the folder or over the network; and the rows that torch's build alone asks for.

    What is in the cache already is not fetched again. Raises BadInput with the names of all that the folder lacks.
    """
    tell(0.0, "looking for wheels")
    known = tags(plan, lambda: tell(0.0, "looking for wheels"))
    cache = plan.root / files.WHEELS
    shelves = [Shelf(plan.wheels, known)] if plan.wheels else [Shelf(cache, known)]
    cache.mkdir(exist_ok=True)
    wheels = _of(plan, plan.missing, shelves, lambda share, text: tell(0.95 * share, text))
    extra = _extra(plan, wheels, lambda: tell(0.95, "looking for wheels"))
    more = _of(plan, tuple(extra), shelves, lambda share, text: tell(0.95 + 0.05 * share, text)) if extra else []
    return wheels + more, extra


def _of(plan: Plan, rows: tuple[lock.Row, ...], shelves: list[Shelf], tell: Tell) -> list[Path]:
    have = {row.name: file for row in rows if (file := _there(plan, row, shelves)) is not None}
    wanted = [row for row in rows if row.name not in have]
    if wanted and plan.wheels:
        raise _lacks(plan, wanted, shelves[0])
    sizes = {row.name: builds.sizes(plan.build, plan.system, row.fetch, 0)[0] if row.name == "torch" else row.fetch for row in rows}
    total = sum(sizes.values()) or 1.0
    done = sum(sizes[name] for name in have)
    fetched = len(have)
    for group in _groups(wanted):
        names = ", ".join(f"{row.name} {plan.version(row)}" for row in group[:2]) + (" …" if len(group) > 2 else "")
        text = f"fetching {names} ({fetched + 1} of {len(rows)})"
        size = sum(sizes[row.name] for row in group)
        _fetch(plan, group, lambda part, at=done, of=size, text=text: tell((at + of * part) / total, text), size)
        done, fetched = done + size, fetched + len(group)
    for row in wanted:
        file = _there(plan, row, shelves)
        if file is None:
            raise _wrong_build(plan, row, shelves[0])
        have[row.name] = file
    return [have[row.name] for row in rows]


def _there(plan: Plan, row: lock.Row, shelves: list[Shelf]) -> Path | None:
    """The file of a row, if it is there; what is damaged in the cache counts as not there."""
    for shelf in shelves:
        torch = row.name == "torch"
        file = shelf.file(row.name, row.version, plan.build if torch else "", plan.system)
        if file is not None and (plan.wheels or zipfile.is_zipfile(file)):
            return file
    return None


def _groups(rows: list[lock.Row]) -> list[list[lock.Row]]:
    """Small packages together, each large one and torch alone."""
    small = [row for row in rows if row.fetch < _SMALL and row.name != "torch"]
    large = [row for row in rows if row not in small]
    return [small[k : k + _TOGETHER] for k in range(0, len(small), _TOGETHER)] + [[row] for row in large]


def _fetch(plan: Plan, rows: list[lock.Row], told: Callable[[float], None], size: float) -> None:
    """Have pip fetch some wheels, look at each, and put them into the cache."""
    work = plan.work / secrets.token_hex(3)
    work.mkdir(parents=True)

    def tick() -> None:
        told(min(0.99, _arrived(plan.work) / 1e6 / max(size, 1.0)))

    command = ["download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--progress-bar", "off", "-d", str(work)]
    settings = {"PIP_PROXY": plan.proxy} if plan.proxy else {}
    if plan.index and (rows[0].name == "torch" or "torch-asks" in rows[0].words):
        settings["PIP_INDEX_URL"] = plan.index
    names = [f"{row.name}=={plan.version(row)}" for row in rows]
    try:
        child.module(files.python_in(plan.environment), "pip", [*command, *names], tick, plan.log, plan.work, settings=settings)
        for file in sorted(work.glob("*.whl")):
            row = next((row for row in rows if lock.plain(file.name.split("-")[0]) == row.name), None)
            if row is not None:
                identity(file, row, tick)
                os.replace(file, plan.root / files.WHEELS / file.name)
    except child.ChildFailed as failed:
        doing = f"fetching {rows[0].name}" if len(rows) == 1 else f"fetching {rows[0].name} and {len(rows) - 1} others"
        raise child.sentence(failed, doing) from failed
    except OSError as error:
        raise BadInput(f"the folder {plan.root} cannot be written ({error.strerror or error})", field="runtime") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _arrived(folder: Path) -> int:
    """Bytes of the wheels below a folder that pip is working in: what was there a moment ago may be gone."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):
                    total += os.stat(os.path.join(place, name)).st_size
    return total


def identity(file: Path, row: lock.Row, tick: child.Tick | None = None) -> None:
    """Raises BadInput if a wheel is not one of those the lock names. Builds of torch that the lock does not know are taken as they come."""
    if not row.files or (row.name == "torch" and "+" in file.name.split("-")[1]):
        return
    if files.sha256(file, tick) not in {digest for digest, _ in row.files}:
        raise BadInput(f"{file.name} is not the file it should be (its SHA-256 differs); fetch it again", field="network")


def _extra(plan: Plan, wheels: list[Path], tick: child.Tick) -> list[lock.Row]:
    """What the wheels of torch ask for that no row names: the libraries of its build, each with the version that torch itself pins."""
    torch = [file for file in wheels if file.name.startswith("torch-")]
    if not torch:
        return []
    script = scripts.ASKED.format(files=[str(file) for file in torch])
    try:
        told = json.loads(child.code(files.python_in(plan.environment), script, tick, plan.log, plan.work)[-1])
    except child.ChildFailed:  # it is no whole wheel: ``judge`` says so
        return []
    known = {row.name for row in lock.read()}
    words = frozenset({"torch-asks"})
    return [lock.Row(lock.plain(name), spec.removeprefix("=="), words) for name, spec in told if lock.plain(name) not in known and spec.startswith("==") and "," not in spec]


def judge(plan: Plan, wheels: list[Path], tell: Tell) -> None:
    """Look at every wheel before anything is installed: its fingerprint, the length of its names, the room they take. Raises BadInput."""
    rows = {row.name: row for row in plan.rows}
    longest = size = 0
    for number, file in enumerate(wheels):

        def tick(share: float = number / len(wheels)) -> None:
            tell(share, "looking at the wheels")

        tick()
        row = rows.get(lock.plain(file.name.split("-")[0]))
        try:
            if row is not None:
                identity(file, row, tick)
            with zipfile.ZipFile(file) as wheel:
                inside = wheel.infolist()
        except (BadInput, zipfile.BadZipFile, EOFError) as error:
            if not plan.wheels:
                file.unlink(missing_ok=True)  # the next run fetches it again
                raise BadInput(f"{file.name} in the cache was damaged and is deleted; install again, it will be fetched anew", field="runtime") from error
            raise BadInput(f"{file.name} in {plan.wheels} is damaged or not the file it should be; copy the folder again", field="runtime") from error
        longest = max(longest, *(len(one.filename) for one in inside))
        size += sum(one.file_size for one in inside)
    files.need_length(plan.root, longest + len("__pycache__/.cpython-311"))
    files.need_room(plan.root, size, "unpacking the packages")


def _lacks(plan: Plan, rows: list[lock.Row], shelf: Shelf) -> BadInput:
    """What to say of a folder in which wheels are missing."""
    torch = next((row for row in rows if row.name == "torch"), None)
    others = sorted({builds.build_in(version, plan.system) for version in shelf.versions("torch") if torch and lock.same(version, torch.version)})
    if torch and others:
        fix = Fix("Take the Build That Is There", f"--build {others[0]}")
        return BadInput(f"the folder {plan.wheels} holds torch {torch.version} as the {others[0]} build, not as the {plan.build} build", field="runtime", fix=fix)
    names = [f"{row.name} {row.version}" for row in rows]
    told = ", ".join(names[:6])
    python = ".".join(map(str, plan.base.short))
    if len(names) > 6:
        return BadInput(f"the folder {plan.wheels} lacks {told} and {len(names) - 6} others for Python {python} on {plan.system}", field="runtime")
    return BadInput(f"the folder {plan.wheels} lacks {told} for Python {python} on {plan.system}", field="runtime")


def _wrong_build(plan: Plan, row: lock.Row, shelf: Shelf) -> BadInput:
    """What to say when what came is not what was asked for."""
    came = ", ".join(shelf.versions(row.name)) or "nothing"
    return BadInput(f"the package index gave {row.name} {came}, not the {plan.build} build of {row.version}; choose another with --build, or another index with --index", field="network")
