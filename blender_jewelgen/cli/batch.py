"""Many recipes and a folder of pictures: which recipes there are, which pictures are there already, nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.errors import BadInput, Fix
from ..core.recipe import FORMAT
from . import interrupts
from .folder import MARK, place, reason

SHEET = "sheet"
_CHUNK = "jewelgen"  # the text in a picture that tells what it is a picture of


@dataclass(frozen=True)
class Job:
    """A recipe to be shown, and what its pictures are called."""

    name: str
    recipe: Path


def jobs_of(places: Sequence[str]) -> list[Job]:
    """Recipes in files and folders, in the order given; no two of a name. Raises BadInput for a place that holds none."""
    found: list[Path] = []
    for written in places:
        path = place(written, "recipe")
        if not path.exists():
            raise BadInput(f"the recipe {written[:200]} is not there", field="recipe")
        here = _recipes_in(path) if path.is_dir() else [path]
        if not here:
            raise BadInput(f"the folder {written[:200]} holds no recipe", field="recipe")
        found += [one for one in here if one not in found]
    jobs, taken = [], {SHEET}
    for path in found:
        plain = path.parent.name if path.name == MARK else path.stem
        name, number = plain, 2
        while name.lower() in taken:  # on many disks A and a are one name
            name, number = f"{plain}-{number}", number + 1
        taken.add(name.lower())
        jobs.append(Job(name, path))
    return jobs


def _recipes_in(folder: Path) -> list[Path]:
    """The recipe of a piece's folder, or the recipes and the pieces in a folder of many."""
    if (folder / MARK).is_file():
        return [folder / MARK]
    inside = sorted(folder.iterdir(), key=lambda file: (file.name.casefold(), file.name))
    return [f for f in inside if f.suffix == ".json" and _is_recipe(f)] + [f / MARK for f in inside if (f / MARK).is_file()]


def _is_recipe(file: Path) -> bool:
    try:
        values = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("format") == FORMAT


def key_of(*parts: object) -> str:
    """What a picture depends on, as 16 hexadecimal digits: the same key means the same picture."""
    return hashlib.sha256(repr((__version__, *parts)).encode()).hexdigest()[:16]


def facts_in(picture: Path) -> dict[str, Any] | None:
    """What a picture of ours says of itself, {"key": ...} and the facts of the piece; None if it is not there or not ours."""
    from PIL import Image

    try:
        with Image.open(picture) as image:
            facts = json.loads(image.info.get(_CHUNK, "null"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def sign(picture: Path, facts: dict[str, Any]) -> None:
    """Write the facts into a PNG."""
    from PIL import Image, PngImagePlugin

    note = PngImagePlugin.PngInfo()
    note.add_itxt(_CHUNK, json.dumps(facts, ensure_ascii=False))
    with Image.open(picture) as image:
        image.save(picture, "PNG", pnginfo=note)


@dataclass
class Shelf:
    """The folder of pictures and a working folder in it on the same disk; see ``shelf``."""

    out: Path
    work: Path
    force: bool
    _swept: list[Path] = field(default_factory=list)

    def refuse_if_foreign(self, *targets: Path) -> None:
        """Raises BadInput if a file is in the way that this program did not make."""
        for target in targets:
            ours = facts_in(target) is not None if target.is_file() else _is_turn(target)
            if os.path.lexists(target) and not ours and not (self.force and target.is_file()):
                fix = Fix("Replace it", "--force") if target.is_file() else None
                raise BadInput(f"{target.name} is in the way and not a picture of a piece", field="out", fix=fix)

    def put(self, *names: str) -> None:
        """Move files and folders of the working folder to their places, the old ones out; no signal comes between."""
        before = interrupts.hold()
        try:
            for name in names:
                if (self.out / name).is_dir():
                    os.replace(self.out / name, self.work / f"before-{name}-{secrets.token_hex(4)}")
                os.replace(self.work / name, self.out / name)
        finally:
            interrupts.release(before)


@contextmanager
def shelf(target: Path, force: bool) -> Iterator[Shelf]:
    """The folder of pictures, made if it is not there and taken away again if nothing came into it. Raises BadInput."""
    out = place(target, "out")
    missing = [folder for folder in (out, *out.parents) if not os.path.lexists(folder)]
    work = out / f".jewelgen-{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        work.mkdir(parents=True)
        yield Shelf(out, work, force)
    except OSError as error:
        raise BadInput(f"cannot write to {target} ({reason(error)})", field="out") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        for folder in missing:
            try:
                folder.rmdir()
            except OSError:
                break  # not empty, or never made


def _is_turn(folder: Path) -> bool:
    """Whether a folder holds the frames of a turn and nothing else."""
    return folder.is_dir() and all(f.name.startswith("turn-") and f.suffix == ".png" for f in folder.iterdir())
