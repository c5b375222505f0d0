"""The runtime's folder: where it is, its stamp, who works in it, how much room it has, and whether what is installed is whole."""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix, JewelGenError
from .lock import plain

ENVIRONMENT, WHEELS, WORK, STAMP, LOG, BUSY = "rt", "wh", "tmp", "state.json", "log.txt", "busy"
MARK = "jewelgen.txt"  # in an environment of ours; nothing else is ever deleted
LONGEST = 190  # letters of the longest name below site-packages, with room for what later versions bring (today 167)
Tick = Callable[[], None]
_TRIES = 8
_PIECE = 8_000_000  # bytes read between two ticks
_WINDOWS = 259  # letters that Windows takes in a path, unless it was told to take longer ones


def folder() -> Path:
    """The folder of the runtime: short, of this person, outside Blender's. ``JEWELGEN_RUNTIME`` names another."""
    own = os.environ.get("JEWELGEN_RUNTIME", "").strip()
    if own:
        return Path(os.path.abspath(os.path.expanduser(own)))
    home = Path.home()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "jg"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "jg"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "jg"


def python_in(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_of(environment: Path) -> Path | None:
    """Where an environment has its packages; None if there is no such folder."""
    if os.name == "nt":
        found = [environment / "Lib" / "site-packages"]
    else:
        found = sorted(environment.glob("lib/python3.*/site-packages"))
    return next((path for path in found if path.is_dir()), None)


def read_stamp(root: Path) -> dict[str, Any]:
    """What is known of the runtime; {} without a stamp, or with one that cannot be read."""
    try:
        stamp = json.loads((root / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(root: Path, stamp: dict[str, Any]) -> None:
    """Keep what is known; whole or not at all."""
    draft = root / (STAMP + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)  # the address of an index may hold a password
    draft.write_text(json.dumps(stamp, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    os.replace(draft, root / STAMP)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Nobody else installs, mends or removes meanwhile; the system lets go of the lock whatever happens to this process."""
    root.mkdir(parents=True, exist_ok=True)
    with open(root / BUSY, "a+b") as file:
        for again in range(_TRIES, -1, -1):
            try:
                _lock(file.fileno())
                break
            except BlockingIOError as error:
                if not again:
                    raise BadInput(f"another install, repair or removal is at work in {root}; wait for it or stop it", field="runtime") from error
                time.sleep(0.05)  # it may be somebody who only looks, in ``is_busy``
        yield


def is_busy(root: Path) -> bool:
    """Whether somebody installs, mends or removes at this moment."""
    try:
        with open(root / BUSY, "r+b") as file:
            _lock(file.fileno())
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        try:
            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
        return
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a disk that has no locks
        return


def free(root: Path) -> int:
    """Bytes left on the disk of a folder that need not be there yet."""
    place = root
    while not place.exists() and place.parent != place:
        place = place.parent
    return shutil.disk_usage(place).free


def need_room(root: Path, needed: int, why: str) -> None:
    """Raises BadInput if the disk has not so many bytes left."""
    left = free(root)
    if left < needed:
        raise BadInput(
            f"{why} needs {gigabytes(needed)} on the disk of {root}, which has {gigabytes(left)} free; make room, or name another disk with JEWELGEN_RUNTIME=FOLDER",
            field="runtime",
        )


def gigabytes(size: float) -> str:
    """ "3.4 GB", or "12 MB" below a tenth of one."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


def need_length(root: Path, longest: int = LONGEST, limit: int | None = None) -> None:
    """Raises BadInput if a name of ``longest`` letters below site-packages would be too long for the system."""
    limit = path_limit() if limit is None else limit
    deepest = len(str(root)) + len(r"\rt\Lib\site-packages") + 1 + longest
    if deepest > limit:
        raise BadInput(
            f"the folder {root} is too long: its files would have names of {deepest} letters, and this system takes {limit}; "
            f"name a folder of at most {limit - (deepest - len(str(root)))} letters with JEWELGEN_RUNTIME=FOLDER",
            field="runtime",
            fix=Fix("Use a Short Folder", r"JEWELGEN_RUNTIME=C:\jg"),
        )


def path_limit() -> int:
    """Letters that a path may have."""
    if os.name != "nt":
        return 4095
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            long = winreg.QueryValueEx(key, "LongPathsEnabled")[0]
    except OSError:
        long = 0
    return 32_000 if long else _WINDOWS


# -- what is installed


@dataclass(frozen=True)
class Fault:
    """What is wrong with one package, or with the environment itself (name "")."""

    name: str
    text: str


def installed(site: Path) -> dict[str, list[tuple[str, Path]]]:
    """Name: (version, its .dist-info), for every package; two of a name are two that were mixed."""
    found: dict[str, list[tuple[str, Path]]] = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(site):
            if entry.name.endswith(".dist-info") and not entry.name.startswith("~"):
                name, _, version = entry.name.removesuffix(".dist-info").partition("-")
                found.setdefault(plain(name), []).append((version, Path(entry.path)))
    return found


def damage(name: str, site: Path, info: Path, deep: bool = False, tick: Tick | None = None) -> str:
    """What is wrong with the files of an installed package, "" if they are whole: there, as long as they were, with ``deep`` to the bit.

    ``tick`` is called now and then and may raise.
    """
    try:
        rows = list(csv.reader((info / "RECORD").read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error):
        return f"{name} has no list of its files"
    gone, bad = [], []
    for row in rows:
        if len(row) < 3 or not row[1] or not row[2]:
            continue  # the list itself, and what Python writes
        if tick:
            tick()
        file = os.path.join(site, row[0])
        try:
            size = os.stat(file).st_size
        except OSError:
            gone.append(row[0])
            continue
        if str(size) != row[2] or (deep and not _is(file, row[1], tick)):
            bad.append(row[0])
    if gone:
        return f"{name} lacks the file {gone[0]}" if len(gone) == 1 else f"{name} lacks {len(gone)} of its files, {gone[0]} the first"
    if bad:
        return f"the file {bad[0]} of {name} is damaged" if len(bad) == 1 else f"{len(bad)} files of {name} are damaged, {bad[0]} the first"
    return ""


def _is(file: str, digest: str, tick: Tick | None) -> bool:
    kind, _, value = digest.partition("=")
    try:
        found = _digest(Path(file), kind, tick)
    except (OSError, ValueError) as error:
        if isinstance(error, JewelGenError):
            raise
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == value


def scrub(site: Path, name: str) -> None:
    """Take away what is left of a package: the files it lists, and its list; nothing outside the environment."""
    home = os.path.realpath(site.parents[1] if os.name == "nt" else site.parents[2])
    for _, info in installed(site).get(name, []):
        with contextlib.suppress(OSError, UnicodeDecodeError, csv.Error):
            for row in csv.reader((info / "RECORD").read_text(encoding="utf-8").splitlines()):
                file = os.path.realpath(os.path.join(site, row[0])) if row else home
                if file.startswith(home + os.sep) and os.path.isfile(file):
                    os.unlink(file)
        shutil.rmtree(info, ignore_errors=True)


def sha256(file: Path, tick: Tick | None = None) -> str:
    """The fingerprint of a file."""
    return _digest(file, "sha256", tick).hex()


def _digest(file: Path, kind: str, tick: Tick | None) -> bytes:
    made = hashlib.new(kind)
    with open(file, "rb") as stream:
        while piece := stream.read(_PIECE):
            made.update(piece)
            if tick:
                tick()
    return made.digest()


def masked(text: str) -> str:
    """A text without the passwords in its addresses, and with "~" for the home folder."""
    text = re.sub(r"(\w+://)[^/@\s:]+(:[^/@\s]*)?@", r"\1***@", text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 3 else text
