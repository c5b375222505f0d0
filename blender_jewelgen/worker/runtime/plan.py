"""What an install will do, before it does anything: which build, which packages, how large, from where; and what is broken."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from . import builds, files, lock
from .bases import Base, choose

_COMPILED = 310  # MB of Python's own compiled files and half-filled blocks: 1.35 GB were taken by a runtime for the processor whose files are 1.04
_PIP = 14  # MB that an environment has before any package comes


@dataclass(frozen=True)
class Plan:
    """An install: ``rows`` is all that is wanted, ``missing`` what is not there or broken. Sizes in bytes."""

    root: Path
    system: str
    build: str
    base: Base
    rows: tuple[lock.Row, ...]
    missing: tuple[lock.Row, ...]
    fetch: int
    disk: int
    free: int
    torch: str  # its version as it is asked for
    index: str  # where torch comes from, "" for the usual index
    found: builds.Found
    wheels: Path | None = None
    proxy: str = ""
    keep: bool = False
    auto: bool = True  # nobody asked for this build
    faults: tuple[files.Fault, ...] = field(default=(), repr=False)

    @property
    def environment(self) -> Path:
        return self.root / files.ENVIRONMENT

    @property
    def log(self) -> Path:
        return self.root / files.LOG

    @property
    def work(self) -> Path:
        return self.root / files.WORK

    def version(self, row: lock.Row) -> str:
        """The version a row is asked for in."""
        return self.torch if row.name == "torch" else row.version

    def lines(self) -> list[str]:
        """What a person is told before it begins."""
        python = ".".join(map(str, self.base.version))
        count, fetch = len(self.missing), files.gigabytes(self.fetch)
        if self.wheels:
            whence = f"{count} packages from the folder {self.wheels}; nothing goes online"
        else:
            whence = f"{count} packages over the network, about {fetch} to fetch"
        told = [
            f"build: {self.build}, {builds.LABELS[self.build]} ({self.found.why})",
            f"Python {python} at {self.base.path}",
            f"folder: {self.root}",
            whence,
            f"disk: about {files.gigabytes(self.disk)} needed, {files.gigabytes(self.free)} free",
        ]
        return [*told, self.found.trouble] if self.found.trouble else told


def plan(
    root: Path, build: str = "auto", wheels: Path | None = None, proxy: str = "", python: str = "", index: str = "", keep: bool = False,
    deep: bool = False, tick: files.Tick | None = None,
) -> Plan:  # fmt: skip
    """Look at everything, change nothing. ``tick`` is called meanwhile and may raise. Raises BadInput for what cannot be."""
    system = builds.system()
    files.need_length(root)
    proxy = checked_proxy(proxy)
    if wheels is not None and not wheels.is_dir():
        raise BadInput(f"the folder {wheels} for --wheels is not there", field="runtime")
    if build not in builds.BUILDS:
        raise BadInput(f"build {build!r} is not known; choose one of {', '.join(builds.BUILDS)}", field="runtime")
    stamp = files.read_stamp(root)
    found = builds.detect(system)
    auto = build == "auto"
    if auto:
        build = _as_before(stamp, found)
    else:
        found = builds.Found(build, found.card, "asked for", found.trouble if build == found.build else "")
    builds.checked(build, system)
    index = index or str(stamp.get("index") or "")
    keep = keep or bool(stamp.get("keep"))
    base = choose(python, str(stamp.get("base") or ""), python_of(root / files.ENVIRONMENT))
    rows = lock.rows_for(system, build, base.short)
    torch = lock.version_of("torch")
    asked, source = (torch, "") if wheels else builds.source(build, system, torch, index)
    rows += extras(stamp, build)
    kept = keeps(root, base)
    faults = tuple(broken(root / files.ENVIRONMENT, rows, system, build, deep, tick)) if kept else tuple(files.Fault(row.name, f"{row.name} is missing") for row in rows)
    names = {fault.name for fault in faults}
    missing = tuple(row for row in rows if row.name in names)
    fetch, disk = sizes(missing, build, system)
    if wheels:
        fetch = 0.0
    largest = max((row.fetch for row in missing), default=0.0) if not wheels else 0.0
    disk += min(_COMPILED, 0.3 * disk) + fetch + largest + (0 if kept else _PIP)
    return Plan(
        root, system, build, base, rows, missing, int(fetch * 1e6), int(disk * 1e6), files.free(root), asked, source, found, wheels, proxy, keep, auto, faults
    )


def _as_before(stamp: dict[str, Any], found: builds.Found) -> str:
    """The build that was begun goes on; one for the processor that nobody asked for gives way when a card can be used by now."""
    before = stamp.get("build")
    if before not in builds.BUILDS or (before == "cpu" and stamp.get("auto")):
        return found.build
    return str(before)


def extras(stamp: dict[str, Any], build: str) -> tuple[lock.Row, ...]:
    """What torch's build alone had asked for when it was installed."""
    listed = stamp.get("extras") if stamp.get("build") == build else None
    return tuple(lock.Row(str(name), str(version), frozenset({"torch-asks"})) for name, version in listed or ())


def usable(root: Path, base: Base) -> bool:
    """Whether there is an environment, whole by itself, of this Python's version."""
    environment = root / files.ENVIRONMENT
    fits = keeps(root, base) and (environment / "pyvenv.cfg").is_file() and not (environment / "begun").exists()
    return fits and files.python_in(environment).exists() and _there(str(home_of(environment) or ""))


def keeps(root: Path, base: Base) -> bool:
    """Whether the packages of an environment can stay with this Python, even if the environment itself must be made anew."""
    environment = root / files.ENVIRONMENT
    site = files.site_of(environment)
    if site is None:
        return False
    if os.name == "nt":
        return python_of(environment) == base.short
    return site.parent.name == f"python{base.short[0]}.{base.short[1]}"


def python_of(environment: Path) -> tuple[int, int] | None:
    """The Python version of an environment's packages; None if nothing says."""
    site = files.site_of(environment)
    if site is not None and os.name != "nt":
        return tuple(int(part) for part in site.parent.name.removeprefix("python").split(".")[:2])  # type: ignore[return-value]
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() in ("version", "version_info"):
            numbers = value.strip().split(".")
            return int(numbers[0]), int(numbers[1])
    return None


def home_of(environment: Path) -> Path | None:
    """The folder of the Python an environment was made with."""
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((Path(line.partition("=")[2].strip()) for line in lines if line.partition("=")[0].strip() == "home"), None)


def sizes(rows: tuple[lock.Row, ...], build: str, system: str) -> tuple[float, float]:
    """MB to fetch and on disk."""
    fetch = disk = 0.0
    for row in rows:
        small, large = builds.sizes(build, system, row.fetch, row.disk) if row.name == "torch" else (row.fetch, row.disk)
        fetch, disk = fetch + small, disk + large
    return fetch, disk


def broken(environment: Path, rows: tuple[lock.Row, ...], system: str, build: str, deep: bool = False, tick: files.Tick | None = None) -> list[files.Fault]:
    """What is wrong with the packages of an environment; ``deep`` reads every file."""
    site = files.site_of(environment)
    have = files.installed(site) if site else {}
    faults = []
    for row in rows:
        fault = _fault(site, have.get(row.name, []), row, system, build, deep, tick) if site else f"{row.name} is missing"
        if fault:
            faults.append(files.Fault(row.name, fault))
    return faults


def quick(environment: Path, rows: tuple[lock.Row, ...], system: str, build: str) -> list[files.Fault]:
    """``broken`` by the names of the packages alone, for a look at every start."""
    site = files.site_of(environment)
    have = files.installed(site) if site else {}
    return [files.Fault(row.name, text) for row in rows if (text := _version_fault(have.get(row.name, []), row, system, build))]


def _fault(site: Path, found: list[tuple[str, Path]], row: lock.Row, system: str, build: str, deep: bool, tick: files.Tick | None) -> str:
    wrong = _version_fault(found, row, system, build)
    if wrong:
        return wrong
    return files.damage(row.name, site, found[0][1], deep, tick)


def _version_fault(found: list[tuple[str, Path]], row: lock.Row, system: str, build: str) -> str:
    if not found:
        return f"{row.name} is missing"
    if len(found) > 1:
        return f"{row.name} is there twice, as {' and '.join(sorted(version for version, _ in found))}"
    version = found[0][0]
    if not lock.same(version, row.version):
        return f"{row.name} has version {version}; {row.version} is needed"
    if row.name == "torch" and builds.build_in(version, system) != build:
        return f"torch is {version}, the {builds.build_in(version, system)} build; it must be the {build} build"
    return ""


def checked_proxy(proxy: str) -> str:
    """An address of a proxy; raises BadInput for one that cannot be."""
    proxy = proxy.strip()
    if not proxy:
        return ""
    from urllib.parse import urlsplit

    whole = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(whole)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise BadInput("the proxy is not understood; say http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT", field="network")
    return whole


def _there(path: object) -> bool:
    return isinstance(path, str) and bool(path) and Path(path).exists()
