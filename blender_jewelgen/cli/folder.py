"""A result folder that is complete or not there: files are written in a working folder and moved in together at the end."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ..core.errors import BadInput, Fix
from . import interrupts

MARK = "recipe.json"  # a folder with this file holds a piece
CHAIN = ("generated.glb", "body.glb", "relief.png", "mask.png", "stages.html")  # of a piece that began as a picture
FILES = (MARK, "height.png", "piece.stl", "piece.3mf", "piece.glb", "picture.png", "colours.png", "report.json", "report.html", *CHAIN)


@dataclass(frozen=True)
class Kind:
    """What a folder can hold: its mark, a file that is there if it holds that, and every name it may use."""

    what: str
    mark: str
    files: tuple[str, ...]


PIECE = Kind("a piece", MARK, FILES)
MOTIFS = Kind("motifs", "motif-1.png", ("report.json", "sheet.png", *(f"motif-{number}.png" for number in range(1, 65))))
SET = Kind("a set", "set.json", ("set.json", "set.html", "ring", "pendant", "earrings", "bracelet", "bangle", "cuff", "medallion", "bead"))
_KINDS = (PIECE, MOTIFS, SET)
_LOCK = ".jewelgen.lock"
_ABANDONED = 60.0  # s after which a lock was left by a killed run: moving takes no minute
_PATIENCE = 200  # looks at a lock, 0.05 s apart


class Folder:
    """Use as a context: write into ``self.work``; on success its files move to the target, else nothing stays.

    A target that does not exist yet appears in one step, complete. In one that exists the files of another result of the
    same kind are replaced (with ``force`` only) and put back if anything fails; foreign files are left alone. Raises
    BadInput if the target is taken, is a file, or cannot be written to.
    """

    def __init__(self, target: Path, force: bool, kind: Kind = PIECE) -> None:
        self.target = place(target, "out")
        self.force = force
        self.kind = kind
        self.work: Path | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Folder:
        try:
            self._refuse_if_taken()
            beside = self.target if self.target.is_dir() else self.target.parent  # inside: a target can be a disk of its own
            self._make(beside)
            work = beside / f".jewelgen-{os.getpid()}-{secrets.token_hex(4)}.part"
            self.work = work
            work.mkdir()
        except OSError as error:
            self._clear()
            raise self._unwritable(error) from error
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        before = interrupts.hold()
        try:
            if kind is None:
                self._move_in()
                before = ()  # the piece is there: from here on a Ctrl-C would only deny it
        except OSError as failed:
            raise self._unwritable(failed) from failed
        finally:
            self._clear()
            interrupts.release(before)
        if isinstance(error, OSError):
            raise self._unwritable(error) from error

    def holds(self, file: Path) -> bool:
        """Whether ``file`` is one that this folder is about to replace, itself or with the folder that it lies in."""
        target, place = self.target.resolve(), file.resolve()
        return target in place.parents and place.relative_to(target).parts[0] in self.kind.files

    def _unwritable(self, error: OSError) -> BadInput:
        return BadInput(f"cannot write to {self.target} ({reason(error)})", field="out")

    def _refuse_if_taken(self) -> None:
        if os.path.lexists(self.target) and not self.target.is_dir():
            raise BadInput(f"{self.target} is a file, not a folder", field="out")
        for other in _KINDS:
            if other is not self.kind and (self.target / other.mark).exists():
                raise BadInput(f"{self.target} holds {other.what}; choose another folder with --out", field="out")
        if self.force:
            return
        replace = Fix("Replace it", "--force")
        if (self.target / self.kind.mark).exists():
            raise BadInput(f"{self.target} already holds {self.kind.what}", field="out", fix=replace)
        taken = [name for name in self.kind.files if os.path.lexists(self.target / name)]
        if taken:
            raise BadInput(f"{self.target} holds another {' and '.join(taken[:8])}", field="out", fix=replace)

    def _make(self, folder: Path) -> None:
        """Make a folder and what it lies in, remembering each."""
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            self._made.append(each)

    def _clear(self) -> None:
        """Take away the working folder, and folders made on the way if nothing came to lie in them."""
        if self.work is not None:
            shutil.rmtree(self.work, ignore_errors=True)
        for made in reversed(self._made):
            try:
                made.rmdir()
            except OSError:
                return  # not empty: the piece, or another run's

    def _move_in(self) -> None:
        assert self.work is not None
        if not self.target.exists():
            try:
                os.rename(self.work, self.target)
                return
            except OSError:
                if not self.target.is_dir():
                    raise
        lock = self._lock()  # another run may be at the same point
        try:
            self._refuse_if_taken()
            self._exchange()
        finally:
            lock.unlink(missing_ok=True)

    def _exchange(self) -> None:
        """Old files out, new files in, the mark first and last; all back if a step fails."""
        assert self.work is not None
        new = sorted((file.name for file in self.work.iterdir()), key=lambda name: name == self.kind.mark)
        aside = self.work / "before"
        aside.mkdir()
        steps = [(self.target / name, aside / name) for name in self.kind.files if os.path.lexists(self.target / name)]
        steps += [(self.work / name, self.target / name) for name in new]
        done: list[tuple[Path, Path]] = []
        try:
            for step in steps:
                os.replace(*step)
                done.append(step)
        except BaseException:
            for source, goal in reversed(done):
                os.replace(goal, source)
            raise

    def _lock(self) -> Path:
        lock = self.target / _LOCK
        for _ in range(_PATIENCE):
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                return lock
            except FileExistsError:
                if _age(lock) > _ABANDONED:
                    lock.unlink(missing_ok=True)
                time.sleep(0.05)
        raise BadInput(f"another run is writing to {self.target}", field="out")


def _age(file: Path) -> float:
    """Seconds since a file was written; 0 if it is gone by now."""
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return 0.0


def place(written: str | Path, field: str) -> Path:
    """The absolute path of what was typed, ``~`` included. Raises BadInput for what cannot be a path."""
    try:
        found = Path(os.path.abspath(Path(written).expanduser()))
        os.stat(found)
    except FileNotFoundError:
        return found
    except (RuntimeError, ValueError):  # no such home; a zero in the text
        raise BadInput(f"{field} {str(written)[:60]!r} is not a path", field=field) from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            raise BadInput(f"{field} {str(written)[:60]!r} cannot be used ({reason(error)})", field=field) from error
    return found


def reason(error: OSError) -> str:
    """A system error in plain words."""
    words = {
        errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up", errno.EFBIG: "a file would be too large",
        errno.EACCES: "no permission", errno.EPERM: "no permission", errno.EROFS: "it is read-only",
        errno.ENAMETOOLONG: "the name is too long", errno.ENOTDIR: "a part of the path is a file", errno.EEXIST: "a part of the path is a file",
        errno.ENOENT: "it is not there", errno.EIO: "the disk has a fault",
    }
    return words.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
