"""The steps of an install, each of which can be stopped and taken again: environment, wheels, a look at them, unpacking, a try."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix, JewelGenError
from . import builds, child, files, lock, scripts
from .plan import Plan, keeps, usable

Tell = Callable[[float, str], None]
_LARGE = 20_000_000  # bytes of a wheel that is unpacked by itself
_BATCH = 20  # wheels that pip unpacks at a time; between two batches the work can be stopped without leaving half a package


def part(tell: Tell, low: float, high: float) -> Tell:
    """A teller for one step of several."""
    return lambda share, text: tell(low + (high - low) * min(max(share, 0.0), 1.0), text)


def environment(plan: Plan, tell: Tell) -> None:
    """Make the environment, unless a whole one of this Python is there; what is not ours is left alone and told of."""
    home = plan.environment
    text = "making the environment"
    tell(0.0, text)
    if home.exists() and not (home / files.MARK).exists() and any(home.iterdir()):
        raise BadInput(f"the folder {home} is there and not of JewelGen; move it, or name another place with JEWELGEN_RUNTIME=FOLDER", field="runtime")
    if usable(plan.root, plan.base) and _answers(plan, lambda: tell(0.0, text)):
        return
    if keeps(plan.root, plan.base):
        _clear(home)
    else:
        aside(plan.root)
    home.mkdir(parents=True, exist_ok=True)
    (home / files.MARK).write_text(scripts.MARK, encoding="utf-8")
    (home / "begun").touch()
    bundled = plan.base.pip  # unpacking it takes a second, having it install itself many
    try:
        child.module(plan.base.path, "venv", ["--without-pip", str(home)] if bundled else [str(home)], lambda: tell(0.5, text), plan.log, plan.work)
    except child.ChildFailed as failed:
        error = child.sentence(failed, text)
        error.fix = error.fix or Fix("Choose Another Python", "--python PATH")
        raise error from failed
    site = files.site_of(home)
    if bundled and site:
        with zipfile.ZipFile(bundled) as wheel:
            for name in wheel.namelist():
                tell(0.8, text)
                wheel.extract(name, site)
    (home / "begun").unlink()


def _answers(plan: Plan, tick: child.Tick) -> bool:
    """Whether the environment's Python starts, is the one we think, and has a whole pip."""
    site = files.site_of(plan.environment)
    pip = files.installed(site).get("pip", []) if site else []
    if site is None or len(pip) != 1 or files.damage("pip", site, pip[0][1]):
        return False
    try:
        told = child.code(files.python_in(plan.environment), scripts.VERSION, tick, plan.log, plan.work)
    except child.ChildFailed:
        return False
    return bool(told) and told[-1].strip() == ".".join(map(str, plan.base.short))


def _clear(home: Path) -> None:
    """Take away what makes an environment, and its pip; the packages stay."""
    (home / "pyvenv.cfg").unlink(missing_ok=True)
    for file in files.python_in(home).parent.glob("python*"):
        file.unlink()
    site = files.site_of(home)
    assert site is not None
    files.scrub(site, "pip")
    shutil.rmtree(site / "pip", ignore_errors=True)


def aside(root: Path) -> None:
    """Take the environment out of the way at once; it is deleted by ``sweep``. Raises BadInput if it is in use."""
    home = root / files.ENVIRONMENT
    if not os.path.lexists(home):
        return
    number = next(n for n in range(1, 1000) if not os.path.lexists(root / f"old{n}"))
    try:
        os.replace(home, root / f"old{number}")
    except OSError as error:
        raise BadInput(f"the runtime in {root} is in use ({error.strerror or error}); restart the worker and close other programs that draw, then try again", field="runtime") from error


def sweep(root: Path, tell: Tell | None = None) -> None:
    """Delete what was taken out of the way, and what is only temporary."""
    doomed = [path for path in root.glob("old*") if (path / files.MARK).exists() or not any(path.iterdir())]
    for path in [*doomed, root / files.WORK]:
        for place, _, names in os.walk(path, topdown=False):
            if tell:
                tell(0.5, "deleting files")
            for name in names:
                if name != files.MARK or place != str(path):  # the mark goes last: half deleted is still ours
                    with contextlib.suppress(OSError):
                        os.unlink(os.path.join(place, name))
            if place != str(path):
                with contextlib.suppress(OSError):
                    (os.unlink if os.path.islink(place) else os.rmdir)(place)
        shutil.rmtree(path, ignore_errors=True)


def unpack(plan: Plan, found: list[Path], tell: Tell) -> None:
    """Install the wheels; what is left of broken packages goes first."""
    site = files.site_of(plan.environment)
    assert site is not None
    by_name = {lock.plain(file.name.split("-")[0]): file for file in found}
    order = sorted(by_name, key=lambda name: (name == "torch", by_name[name].stat().st_size))
    total = sum(by_name[name].stat().st_size for name in order) or 1
    done = 0
    small = [name for name in order if by_name[name].stat().st_size < _LARGE]
    groups = [small[start : start + _BATCH] for start in range(0, len(small), _BATCH)] + [[name] for name in order if name not in small]
    for group in groups:
        size = sum(by_name[name].stat().st_size for name in group)
        text = f"unpacking {group[-1]}" if len(group) == 1 else f"unpacking {group[-1]} and {len(group) - 1} others"
        for name in group:
            tell(done / total, text)
            files.scrub(site, name)

        def tick(at: int = done, of: int = size, group: list[str] = group, text: str = text) -> None:
            have = files.installed(site)
            tell((at + of * sum(name in have for name in group) / len(group)) / total, text)

        command = ["install", "--isolated", "--no-index", "--no-deps", "--no-cache-dir", "--no-warn-script-location", "--progress-bar", "off"]
        try:
            child.module(files.python_in(plan.environment), "pip", [*command, *(str(by_name[name]) for name in group)], tick, plan.log, plan.work, isolated=True)
        except child.ChildFailed as failed:
            raise child.sentence(failed, text) from failed
        done += size


def attempt(plan: Plan, tell: Tell) -> dict[str, Any]:
    """Load the libraries once in the new environment; what they say of themselves. Raises JewelGenError with the library that does not load."""
    text = "trying the libraries"
    tell(0.0, text)
    try:
        lines = child.code(files.python_in(plan.environment), scripts.TRY, lambda: tell(0.5, text), plan.log, plan.work)
        return json.loads(next(line for line in reversed(lines) if line.startswith("jewelgen ")).removeprefix("jewelgen "))
    except child.ChildFailed as failed:
        raise does_not_load(failed) from failed
    except (StopIteration, ValueError) as error:
        raise JewelGenError("the libraries of the runtime say nothing of themselves; repair it", field="runtime") from error


def does_not_load(failed: child.ChildFailed) -> JewelGenError:
    """Which library does not load, and what mends it where that is known."""
    last = next((line.strip() for line in reversed(failed.lines) if line.strip()), str(failed.code))
    if any(sign in last for sign in scripts.WINDOWS_LIBRARIES):
        return BadInput("torch cannot load its libraries on this Windows; install Microsoft's Visual C++ Redistributable for x64, then repair the runtime", field="runtime")
    if "GLIBC" in last:
        return BadInput(f"this Linux is too old for the libraries ({files.masked(last)[:120]})", field="runtime")
    if failed.code in (-4, 132):
        return BadInput("this processor lacks instructions (AVX2) that torch needs", field="runtime")
    return JewelGenError(f"a library of the runtime does not load: {files.masked(last)[:200]}; repair it", field="runtime")


def no_card(plan: Plan, told: dict[str, Any]) -> str:
    """What to say if the build is one for a graphics card and torch sees none; "" if all is well."""
    if plan.build in ("cuda", "cuda126", "rocm") and not told.get("gpu"):
        label = builds.LABELS[plan.build]
        if plan.build == "rocm":
            return plan.found.trouble or f"torch ({label}) sees no graphics card; install or update the ROCm driver, or say --build cpu"
        return plan.found.trouble or f"torch ({label}) sees no graphics card; install or update NVIDIA's driver, or say --build cpu"
    if plan.build == "mps" and not told.get("mps"):
        return "torch sees no Metal device; macOS 14 or newer is needed"
    return ""
