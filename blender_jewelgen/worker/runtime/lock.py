"""The versions of the AI runtime: runtime.lock, and which of its rows a system, a build of torch and a Python ask for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_ROW = re.compile(r"([\w.-]+)==(\S+?)\s*(?:;\s*([^#]*?))?\s*(?:#\s*([\d.]+)\s+([\d.]+))?\s*$")
_SYSTEMS = {"linux", "windows", "macos"}


@dataclass(frozen=True)
class Row:
    """One package: where it is asked for, how large it is (MB, of files fetched and on disk), which files of it may be installed."""

    name: str
    version: str
    words: frozenset[str] = frozenset()
    fetch: float = 0.0
    disk: float = 0.0
    files: tuple[tuple[str, str], ...] = ()  # SHA-256, name of the file

    @property
    def least(self) -> str:
        """The lowest version that an environment made by others may bring; "" if none is asked for."""
        return next((word.removeprefix("least=") for word in self.words if word.startswith("least=")), "")

    def wanted(self, system: str, build: str, python: tuple[int, int]) -> bool:
        """Whether it is asked for there."""
        systems = self.words & _SYSTEMS
        builds = {word for word in self.words - systems if "<" not in word and "=" not in word}
        below = [limit(word) for word in self.words if word.startswith("py<")]
        above = [limit(word) for word in self.words if word.startswith("py>=")]
        return (not systems or system in systems) and (not builds or build in builds) and all(python < v for v in below) and all(python >= v for v in above)


def limit(word: str) -> tuple[int, ...]:
    """The Python in "py<3.12"."""
    return tuple(int(part) for part in re.findall(r"\d+", word))


def place() -> Path:
    """The lock; ``JEWELGEN_RUNTIME_LOCK`` names another, for a workshop that pins versions of its own, and for tests."""
    own = os.environ.get("JEWELGEN_RUNTIME_LOCK", "")
    return Path(own) if own else Path(__file__).with_name("runtime.lock")


def read() -> tuple[Row, ...]:
    """All rows of the lock; raises ValueError with the line that is none."""
    path = place()
    rows: list[Row] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" ") and rows:
            digest, file = line.split()
            rows[-1] = Row(**(vars(rows[-1]) | {"files": (*rows[-1].files, (digest, file))}))
            continue
        found = _ROW.fullmatch(line)
        if not found:
            raise ValueError(f"{path.name} has a line that is no package: {line[:60]!r}")
        name, version, words, fetch, disk = found.groups()
        rows.append(Row(plain(name), version, frozenset((words or "").split()), float(fetch or 0), float(disk or 0)))
    return tuple(rows)


def rows_for(system: str, build: str, python: tuple[int, int]) -> tuple[Row, ...]:
    """What is asked for there, torch last: what is small is there first."""
    found = [row for row in read() if row.wanted(system, build, python)]
    return tuple(sorted(found, key=lambda row: (row.name == "torch", row.fetch)))


def version_of(name: str) -> str:
    """The version of one package."""
    return next(row.version for row in read() if row.name == name)


def plain(name: str) -> str:
    """A package's name as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def same(found: str, wanted: str) -> bool:
    """Whether a version is the wanted one; the build behind a + does not count unless it is asked for."""
    return found == wanted or ("+" not in wanted and found.partition("+")[0] == wanted)


def older(found: str, least: str) -> bool:
    """Whether a version is below another, by its numbers."""
    return _numbers(found) < _numbers(least)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))
