"""The files of a model come to this disk: room asked for first, half a file gone on with, sums proved.

While it comes it lies in a folder that ends in ``.part``; once every file is whole, jewelgen.json is written into it and the
folder gets its name. So a folder without ``.part`` is complete, whatever happened.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ...core.errors import BadInput, Fix
from . import hub, judged, places
from .chosen_files import Wanted
from .hub import Entry
from .models import ModelCard

Tell = Callable[[float, str], None]
_SPARE = 300_000_000  # bytes that stay free


def bring(wanted: Wanted, place: Path, tell: Tell, asked: str = "", pause: float = 1.0) -> Path:
    """Fetch the files of ``wanted`` into ``place``; gives the folder. Raises BadInput or Cancelled, and keeps what came."""
    card, held = wanted.card, wanted.repository
    folder = places.folder_of(card.hub, card.name if card.files else "", held.revision, place)
    if (folder / places.OWN).is_file():
        return folder
    part = folder.with_name(folder.name + ".part")
    _short_enough(part, wanted)
    try:
        part.mkdir(parents=True, exist_ok=True)
        with _alone(part, card):
            here = sum(min(_length(_place(part, entry)), entry.size) for entry in wanted.entries)
            enough_room(part, wanted.bytes - here, card)
            meter = _Meter(tell, wanted.bytes, card.label)
            sums = {}
            for entry in wanted.entries:
                sums[entry.name] = {"bytes": entry.size, "sum": _file(part / entry.name, entry, wanted, meter, pause)}
            meter.over()
            judged.judge(judged_path(part, card), card.name, card if card.family else None)
            _own(part, wanted, sums, asked)
        os.replace(part, folder)
    except OSError as error:
        raise _of_disk(error, part) from error
    return folder


def _file(path: Path, entry: Entry, wanted: Wanted, meter: _Meter, pause: float) -> str:
    """Bring one file, or the rest of it; gives its sum."""
    if path.is_file() and path.stat().st_size == entry.size:  # proved when it got its name
        meter.add(entry.size)
        return entry.sum
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    for fresh in (False, True):
        if fresh or _length(draft) > entry.size:
            draft.unlink(missing_ok=True)
        began = meter.done
        resumed = _length(draft) > 0
        summed = _Sum(entry)
        with draft.open("ab+") as file:
            file.seek(0)
            while block := file.read(hub.BLOCK):
                summed.add(block)
                meter.add(len(block), f"proving {entry.name}")
            for block in hub.blocks(wanted.repository.hub, wanted.repository.revision, entry.name, summed.length, meter.beat, wanted.card, pause):
                file.write(block)
                summed.add(block)
                meter.add(len(block), f"fetching {entry.name}")
        if summed.right():
            os.replace(draft, path)
            return summed.text()
        draft.unlink(missing_ok=True)
        meter.back(began)
        if not resumed:  # what went on from a half may have had a bad half; what came in one piece is bad where it comes from
            break
    told = f"has {summed.length:,} bytes of {entry.size:,}" if summed.length != entry.size else "arrived damaged (its SHA-256 is another)"
    again = Fix("Fetch again", f"jewelgen models fetch {wanted.card.name} --accept")
    raise BadInput(f"the file {entry.name} of {wanted.card.label} {told}; it was deleted", field="network", fix=again)


class _Sum:
    """The sum of a file as the hub tells it: SHA-256 of its bytes, or git's SHA-1 of a blob."""

    def __init__(self, entry: Entry) -> None:
        self._entry, self.length = entry, 0
        self._sum = hashlib.sha1(b"blob %d\0" % entry.size, usedforsecurity=False) if len(entry.sum) == 40 else hashlib.sha256()

    def add(self, block: bytes) -> None:
        self._sum.update(block)
        self.length += len(block)

    def text(self) -> str:
        return self._sum.hexdigest()

    def right(self) -> bool:
        return self.length == self._entry.size and self._entry.sum in ("", self.text())


class _Meter:
    """Tells how far a download is, how fast it goes and how long it still takes."""

    def __init__(self, tell: Tell, total: int, label: str) -> None:
        self._tell, self._total, self._label = tell, max(total, 1), label
        self.done = 0
        self._text = f"fetching {label}"
        self._since, self._from = time.monotonic(), 0

    def add(self, count: int, text: str = "") -> None:
        self.done += count
        if text.startswith("proving"):
            self._since, self._from = time.monotonic(), self.done
        self._text = text or self._text
        self.beat("")

    def back(self, done: int) -> None:
        self.done = done

    def beat(self, text: str) -> None:
        """Called again and again; raises Cancelled when the person said so."""
        seconds = time.monotonic() - self._since
        speed = (self.done - self._from) / seconds if seconds > 1.0 else 0.0
        rest = f", {_clock((self._total - self.done) / speed)} left at {speed / 1e6:.1f} MB/s" if speed > 1e3 else ""
        self._tell(min(self.done / self._total, 1.0), f"{text or self._text}: {self.done / 1e9:.2f} of {self._total / 1e9:.2f} GB{rest}")

    def over(self) -> None:
        self._tell(1.0, f"{self._label} is here")


def enough_room(folder: Path, more: int, card: ModelCard) -> None:
    """Raises BadInput if the disk of ``folder`` has not room for ``more`` bytes."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if more > 0 and free < more + _SPARE:
        raise BadInput(
            f"{card.label} needs {(more + _SPARE) / 1e9:.1f} GB more; the disk of {there} has {free / 1e9:.1f} GB free", field="size",
            fix=Fix("Another Folder", f"jewelgen models fetch {card.name} --accept --to DIR"),
        )  # fmt: skip


@contextmanager
def _alone(part: Path, card: ModelCard) -> Iterator[None]:
    """Only one download at a time into a folder. The system gives the lock up with the process that holds it, however that ends."""
    lock = part.with_name(part.name + ".lock")
    with lock.open("ab") as file:
        if not _locked(file):
            raise BadInput(f"{card.label} is being fetched already; wait for it", field="network")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # Windows does not delete what is open
                lock.unlink(missing_ok=True)


def _locked(file: IO[bytes]) -> bool:
    """Take a lock on an open file; false if another process has it. Disks that know no locks have none."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def _short_enough(part: Path, wanted: Wanted) -> None:
    longest = max((str(_place(part, entry)) for entry in wanted.entries), key=len, default="")
    over = places.too_long(longest)
    if over:
        raise BadInput(
            f"a path would be {len(longest)} characters long, {over} more than Windows takes; choose a shorter folder", field="size",
            fix=Fix("A Shorter Folder", r"jewelgen models where C:\jg"),
        )  # fmt: skip


def _place(part: Path, entry: Entry) -> Path:
    """Where as much of a file lies as is here: under its name once it is proved."""
    path = part / entry.name
    return path if path.is_file() else path.with_name(path.name + ".part")


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def judged_path(part: Path, card: ModelCard) -> Path:
    files = [name for name in card.files if name.endswith(".safetensors") and "image_encoder" not in name]
    return part / files[0] if len(files) == 1 else part


def _own(part: Path, wanted: Wanted, sums: dict[str, Any], asked: str) -> None:
    """Write jewelgen.json, which makes the folder complete."""
    card, held = wanted.card, wanted.repository
    kept = {
        "hub": held.hub, "model": card.name, "revision": held.revision, "asked": asked, "licence": card.licence.key if card.licence.key != "unknown" else card.licence.label,
        "accepted": places.settings().accepted.get(card.hub, {}).get("date", ""), "fetched": time.strftime("%Y-%m-%d"), "files": sums,
    }  # fmt: skip
    draft = part / f".{places.OWN}"
    draft.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, part / places.OWN)


def _of_disk(error: OSError, part: Path) -> BadInput:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)) or getattr(error, "winerror", 0) == 112:
        return BadInput(f"the disk of {part} is full; make room and fetch again, what came so far is kept", field="size", fix=Fix("Another Folder", "--to DIR"))
    return BadInput(f"{error.filename or part} cannot be written ({error.strerror or error})", field="size", fix=Fix("Another Folder", "--to DIR"))


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
