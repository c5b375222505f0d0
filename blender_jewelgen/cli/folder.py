"""A result folder that is complete or not there: everything is written beside it and moved in at the end."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType

from ..core.errors import BadInput, Fix

MARK = "recipe.json"  # a folder with this file holds a piece
_LOCK = ".jewelgen.lock"


class Folder:
    """Use as a context: write into ``self.work``; on success its files move to the target, else nothing stays.

    Raises BadInput if the target holds another piece (unless ``force``), is a file, or cannot be written to.
    """

    def __init__(self, target: Path, force: bool) -> None:
        self.target = Path(target).expanduser()
        self.force = force

    def __enter__(self) -> Folder:
        self._refuse_if_taken()
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.work = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-", suffix=".part", dir=self.target.parent))
            if self.target.is_dir():
                (self.target / _LOCK).with_suffix(".test").touch()
                (self.target / _LOCK).with_suffix(".test").unlink()
        except OSError as error:
            if hasattr(self, "work"):
                shutil.rmtree(self.work, ignore_errors=True)
            raise BadInput(f"cannot write to {self.target} ({reason(error)})", field="out") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._move_in()
        except OSError as failed:
            raise BadInput(f"cannot write to {self.target} ({reason(failed)})", field="out") from failed
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
        if isinstance(error, OSError):
            raise BadInput(f"cannot write to {self.target} ({reason(error)})", field="out") from error

    def _refuse_if_taken(self) -> None:
        if self.target.exists() and not self.target.is_dir():
            raise BadInput(f"{self.target} is a file, not a folder", field="out")
        if (self.target / MARK).exists() and not self.force:
            raise BadInput(f"{self.target} already holds a piece", field="out", fix=Fix("Replace it", "--force"))

    def _move_in(self) -> None:
        self.target.mkdir(exist_ok=True)
        lock = self.target / _LOCK
        for _ in range(200):
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                if time.time() - lock.stat().st_mtime > 60.0:  # left behind by a killed run: moving takes no minute
                    lock.unlink(missing_ok=True)
                time.sleep(0.05)
        else:
            raise BadInput(f"another run is writing to {self.target}", field="out")
        try:
            self._refuse_if_taken()
            files = sorted(self.work.iterdir(), key=lambda f: f.name == MARK)  # the mark last: a piece with a mark is whole
            (self.target / MARK).unlink(missing_ok=True)
            for stale in ("piece.stl", "piece.3mf", "piece.glb", "picture.png", "report.json", "report.html", "height.png"):
                if not (self.work / stale).exists():
                    (self.target / stale).unlink(missing_ok=True)
            for file in files:
                os.replace(file, self.target / file.name)
        finally:
            lock.unlink(missing_ok=True)


def reason(error: OSError) -> str:
    """A system error in plain words."""
    words = {errno.ENOSPC: "the disk is full", errno.EACCES: "no permission", errno.EROFS: "it is read-only", errno.ENAMETOOLONG: "the name is too long"}
    return words.get(error.errno or 0, error.strerror or str(error))
