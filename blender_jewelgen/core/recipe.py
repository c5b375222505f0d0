"""Everything a piece can be made again from; kept beside its files and with its object in Blender."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import __version__
from .diffusion import DiffusionParams
from .errors import BadInput
from .form.params import FormParams
from .height.params import METHODS
from .library import table
from .params import check_limits, choice, from_dict, number, text, whole
from .relief.params import CraftParams, ReliefParams
from .relief.stone import Stone
from .words.design import Design
from .words.text_line import TextLine

FORMAT = "jewelgen/1"
LINES, STONES = 12, 400
_LONGEST = 1_000_000  # characters; a recipe has about two thousand
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

    path: str = text("", "The file", 4096)
    sha256: str = text("", "What it held, as SHA-256 in hexadecimal", 64)
    scale: float | None = number(None, 1e-6, 1e6, "", "Multiply a mesh by this to get mm")
    method: str = choice("height", METHODS, "How a picture becomes a height")

    def __post_init__(self) -> None:
        check_limits(self)

    @staticmethod
    def of(path: Path, scale: float | None = None, method: str = "height") -> Source:
        return Source(path=str(path), sha256=fingerprint(path), scale=scale, method=method)


def level(recipe: Recipe) -> Recipe:
    """A piece without ornament keeps its form's measures: its pattern, white all over, lies in the metal instead of standing on it."""
    design = recipe.design
    bare = not design.motifs and (design.border, design.ground, design.technique) == ("none", "plain", "relief")
    return replace(recipe, relief=replace(recipe.relief, mid=1.0)) if bare else recipe


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One piece: words, form, relief, craft, lettering, stones, making, and the files it starts from."""

    design: Design
    form: FormParams = field(default_factory=FormParams)
    relief: ReliefParams = field(default_factory=ReliefParams)
    craft: CraftParams = field(default_factory=CraftParams)
    texts: tuple[TextLine, ...] = ()
    stones: tuple[Stone, ...] = ()
    make: MakeParams = field(default_factory=MakeParams)
    diffusion: DiffusionParams = field(default_factory=DiffusionParams)
    height: Source | None = None
    mesh: Source | None = None
    engine: dict[str, str] = field(default_factory=dict)  # name, revision and licence of what drew the pattern
    origin: dict[str, str] = field(default_factory=dict)  # the picture that the form or mesh was made of: path, sha256, engine, seed, licence
    version: str = __version__

    def __post_init__(self) -> None:
        for name, cls in (("design", Design), ("form", FormParams), ("relief", ReliefParams), ("craft", CraftParams), ("make", MakeParams), ("diffusion", DiffusionParams), ("version", str)):
            if not isinstance(getattr(self, name), cls):
                raise BadInput(f"{name} of a recipe must be {'text' if cls is str else 'an object of names and values'}", field=name)
        for name, row, most in (("texts", TextLine, LINES), ("stones", Stone, STONES)):
            rows = getattr(self, name)
            if not isinstance(rows, tuple) or not all(isinstance(r, row) for r in rows):
                raise BadInput(f"{name} of a recipe must be a list", field=name)
            if len(rows) > most:
                raise BadInput(f"a piece has {len(rows)} {name}; the limit is {most}", field=name)
        for name in ("engine", "origin"):
            rows = getattr(self, name)
            if not isinstance(rows, dict) or not all(isinstance(part, str) for row in rows.items() for part in row):
                raise BadInput(f"{name} of a recipe must be an object of names and texts", field=name)
        if self.mesh and self.form.form != "mesh":
            raise BadInput(f"form is {self.form.form}, but the recipe names a mesh; it must be mesh", field="form")

    def to_json(self) -> str:
        """The text of ``recipe.json``."""
        values: dict[str, Any] = {"format": FORMAT, "version": self.version, "design": self.design.to_dict()}
        values |= {name: asdict(getattr(self, name)) for name in ("form", "relief", "craft", "make")}
        values |= {name: [asdict(row) for row in getattr(self, name)] for name in ("texts", "stones")}
        values |= {name: asdict(s) for name in ("height", "mesh") if (s := getattr(self, name))}
        if said := self.diffusion.to_dict():
            values["diffusion"] = said
        values["engine"] = self.engine
        if self.origin:
            values["origin"] = self.origin
        written = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        return written.encode("utf-8", "backslashreplace").decode("utf-8")  # names of files need not be text; JSON's own escape

    @staticmethod
    def read(path: Path) -> Recipe:
        """The recipe in a file; raises BadInput if it cannot be read or a field is wrong."""
        name = path.name if path.name != "recipe.json" else f"{path.parent.name}/{path.name}"
        try:
            with open(path, encoding="utf-8-sig") as file:
                written = file.read(_LONGEST + 1)
        except UnicodeDecodeError as error:
            raise BadInput(f"the recipe {name} cannot be read (not text)", field="recipe") from error
        except OSError as error:
            raise BadInput(f"the recipe {name} cannot be read ({error.strerror or error})", field="recipe") from error
        if len(written) > _LONGEST:
            raise BadInput(f"the recipe {name} has more than {_LONGEST:,} characters", field="recipe")
        return Recipe.from_json(written)

    @staticmethod
    def from_json(written: str) -> Recipe:
        """The recipe of a ``recipe.json``; raises BadInput naming the field that is wrong."""
        try:
            values = json.loads(written, parse_constant=lambda name: math.nan, parse_int=_whole)
        except RecursionError as error:
            raise BadInput("the recipe is not JSON of this program (it is nested too deep)", field="recipe") from error
        except ValueError as error:
            raise BadInput(f"the recipe is not JSON ({error})", field="recipe") from error
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            found = values.get("format") if isinstance(values, dict) else type(values).__name__
            raise BadInput(f"the recipe's format is {str(found)[:40]!r}; this version reads {FORMAT!r}", field="recipe")
        values.pop("format")
        steps: dict[str, type] = {"form": FormParams, "relief": ReliefParams, "craft": CraftParams, "make": MakeParams, "height": Source, "mesh": Source}
        for name, cls in steps.items():
            if name in values and not (values[name] is None and name in ("height", "mesh")):
                values[name] = from_dict(cls, values[name], name)
        for name, row in (("texts", TextLine), ("stones", Stone)):
            if name in values:
                if not isinstance(values[name], list):
                    raise BadInput(f"{name} of a recipe must be a list", field=name)
                values[name] = tuple(from_dict(row, item, name) for item in values[name])
        if "diffusion" in values:
            values["diffusion"] = DiffusionParams.from_dict(values["diffusion"])
        values["design"] = Design.from_dict(values.get("design"))
        return from_dict(Recipe, values, "recipe")


def _whole(digits: str) -> float:
    """A whole number of JSON; one of hundreds of digits as the float that every limit refuses."""
    return int(digits) if len(digits) < 20 else float(digits)
