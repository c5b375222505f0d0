"""Where weights lie: the folder they are fetched into, shared folders that are only read, and what the person decided, in one small file.

What is said in a call goes before the environment, the environment before the settings file, that before the usual folder.
Nothing secret is ever kept here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...core.errors import BadInput

OWN = "jewelgen.json"  # in a fetched folder: where it came from, under which licence, its files with their sums
LONGEST = 259  # characters of a path that Windows takes


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the settings file holds."""

    where: str = ""
    shared: tuple[str, ...] = ()
    added: dict[str, dict[str, Any]] = field(default_factory=dict)  # name -> {path, licence, commercial}
    accepted: dict[str, dict[str, str]] = field(default_factory=dict)  # hub id -> {licence, date}
    commercial_only: bool = False


def home() -> Path:
    """The program's short folder of the user; JEWELGEN_HOME names another one."""
    if given := os.environ.get("JEWELGEN_HOME"):
        return Path(given).expanduser()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "jg"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "jg"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jg"


def settings_file() -> Path:
    """The file with the person's decisions about models."""
    return home() / "models.json"


def settings() -> Settings:
    """What was decided; a file that is missing is empty. Raises BadInput for one that cannot be read."""
    try:
        kept = json.loads(settings_file().read_text(encoding="utf-8"))
        return Settings(
            where=str(kept.get("where", "")), shared=tuple(map(str, kept.get("shared", ()))), added=dict(kept.get("added", {})),
            accepted=dict(kept.get("accepted", {})), commercial_only=kept.get("commercial_only") is True,
        )  # fmt: skip
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(f"the settings of the models cannot be read; mend or delete {settings_file()}", field="model") from error


def change(**values: Any) -> Settings:
    """Keep decisions in the settings file, which is written beside its name and then renamed. Raises BadInput if the disk takes none."""
    now = replace(settings(), **values)
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(now).items() if value}
    file = settings_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{os.getpid()}.{file.name}")
        draft.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(draft, file)
    except OSError as error:
        raise BadInput(f"the settings of the models cannot be written to {file} ({error.strerror or error})", field="model") from error
    return now


def where(given: str | Path | None = None) -> Path:
    """The folder that weights are fetched into."""
    named = str(given or "") or os.environ.get("JEWELGEN_MODELS") or settings().where
    return Path(named).expanduser().absolute() if named else home() / "models"


def shared() -> tuple[Path, ...]:
    """Folders that are read and never written: those of a class room, then the hub's own cache."""
    named = [*filter(None, os.environ.get("JEWELGEN_SHARED_MODELS", "").split(os.pathsep)), *settings().shared]
    return tuple(dict.fromkeys([*(Path(name).expanduser().absolute() for name in named), hub_cache()]))


def hub_cache() -> Path:
    """Where the hub's own library keeps what other programs fetched."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    root = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    return Path(root).expanduser() / "hub"


def commercial_only(given: bool | None = None) -> bool:
    """Whether only models whose licence allows commercial use may be fetched and used."""
    if given is not None:
        return given
    told = os.environ.get("JEWELGEN_COMMERCIAL_ONLY", "")
    return told.lower() in ("1", "true", "yes", "on") if told else settings().commercial_only


def folder_of(hub: str, part: str, revision: str, place: Path) -> Path:
    """Where a revision of a repository, or of the ``part`` of it that one model is, lies in a place that we fetch into; short, for paths on Windows."""
    return _shelf(place, hub, part) / revision[:12]


def fetched(hub: str, part: str = "", revision: str = "", given: str | Path | None = None) -> Path | None:
    """The folder of a repository that is here, of any place; the newest one where no revision is asked for."""
    for place in (where(given), *shared()):
        found = _ours(_shelf(place, hub, part), revision) or _of_the_hub(place, hub, revision)
        if found is not None:
            return found
    return None


def origin(folder: Path) -> dict[str, Any]:
    """What is known of where a folder came from: {hub, revision, licence, …}; {} if nothing is."""
    try:
        kept = json.loads((folder / OWN).read_text(encoding="utf-8"))
        return kept if isinstance(kept, dict) else {}
    except (OSError, ValueError):
        pass
    if folder.parent.name == "snapshots" and folder.parent.parent.name.startswith("models--"):
        return {"hub": folder.parent.parent.name.removeprefix("models--").replace("--", "/", 1), "revision": folder.name}
    return {}


def halves(hub: str, part: str = "", given: str | Path | None = None) -> list[Path]:
    """Folders of downloads that are not complete."""
    return sorted(_shelf(where(given), hub, part).glob("*.part"))


def too_long(path: Path | str, windows: bool | None = None) -> int:
    """How many characters a path has over what Windows takes; 0 where it is short enough, or elsewhere."""
    windows = os.name == "nt" if windows is None else windows
    return max(0, len(str(path)) - LONGEST) if windows else 0


def _shelf(place: Path, hub: str, part: str) -> Path:
    return place / (hub.replace("/", "--") + (f"+{part}" if part else ""))


def _ours(shelf: Path, revision: str) -> Path | None:
    try:
        found = [folder for folder in shelf.iterdir() if (folder / OWN).is_file() and folder.suffix != ".part"]
    except OSError:
        return None
    if revision:
        found = [folder for folder in found if str(origin(folder).get("revision", "")).startswith(revision) or origin(folder).get("asked") == revision]
    return max(found, key=lambda folder: (folder / OWN).stat().st_mtime, default=None)


def _of_the_hub(place: Path, hub: str, revision: str) -> Path | None:
    root, name = place / f"models--{hub.replace('/', '--')}", revision or "main"
    with contextlib.suppress(OSError):  # a revision's own number stands in no file
        name = (root / "refs" / name).read_text(encoding="utf-8").strip()
    folder = root / "snapshots" / name
    return folder if folder.is_dir() and any(folder.iterdir()) else None
