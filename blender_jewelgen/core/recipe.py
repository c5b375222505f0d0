"""Everything a piece can be made again from; kept beside its files and with its object in Blender."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from .errors import BadInput
from .form.params import FormParams
from .library import table
from .params import check_limits, choice, from_dict, text, whole
from .relief.params import ReliefParams
from .words.design import Design

FORMAT = "jewelgen/1"
PROCESSES: tuple[str, ...] = tuple(table("processes")["processes"])


@dataclass(frozen=True, kw_only=True)
class MakeParams:
    """Who draws the pattern and how the piece is cast."""

    engine: str = text("auto", "Engine that draws the pattern; auto takes the best one present", 300)
    seed: int = whole(0, 0, 2**31 - 1, "", "Same words and same seed give the same piece")
    process: str = choice("castable-resin", PROCESSES, "Process whose limits the piece is checked against")
    manufacture: str = choice("", ("", *PROCESSES), "Apply this process's shrinkage and polishing allowance to the written files")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file a recipe starts from: a height picture or a mesh."""

    path: str
    sha256: str
    scale: float | None = None

    @staticmethod
    def of(path: Path, scale: float | None = None) -> Source:
        return Source(path=str(path), sha256=fingerprint(path), scale=scale)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One piece: words, form, relief, making, and the files it starts from."""

    design: Design
    form: FormParams = field(default_factory=FormParams)
    relief: ReliefParams = field(default_factory=ReliefParams)
    make: MakeParams = field(default_factory=MakeParams)
    height: Source | None = None
    mesh: Source | None = None
    engine: dict[str, str] = field(default_factory=dict)  # name, revision and licence of what drew the pattern
    version: str = __version__

    def to_json(self) -> str:
        """The text of ``recipe.json``."""
        values: dict[str, Any] = {"format": FORMAT, "version": self.version, "design": self.design.to_dict()}
        values |= {name: asdict(getattr(self, name)) for name in ("form", "relief", "make")}
        values |= {name: asdict(s) for name in ("height", "mesh") if (s := getattr(self, name))}
        values["engine"] = self.engine
        return json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @staticmethod
    def from_json(written: str) -> Recipe:
        """The recipe of a ``recipe.json``; raises BadInput naming the field that is wrong."""
        try:
            values = json.loads(written, parse_constant=lambda name: math.nan)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"the recipe is not JSON ({error})", field="recipe") from error
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            found = values.get("format") if isinstance(values, dict) else type(values).__name__
            raise BadInput(f"the recipe's format is {str(found)[:40]!r}; this version reads {FORMAT!r}", field="recipe")
        values.pop("format")
        steps: dict[str, type] = {"form": FormParams, "relief": ReliefParams, "make": MakeParams, "height": Source, "mesh": Source}
        for name, cls in steps.items():
            if name in values:
                values[name] = from_dict(cls, values[name], name)
        values["design"] = Design.from_dict(values.get("design"))
        return from_dict(Recipe, values, "recipe")
