"""What a prompt asks for, as plain values: the first thing made from words and the first part of every recipe."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import BadInput
from ..params import check_limits, choice, from_dict, number, switch, text, whole
from .keys import ALL_SHAPES, BORDERS, FINISHES, FORMS, GROUNDS, LAYOUTS, TECHNIQUES

PROMPT_LIMIT = 2000  # characters
CELL_LIMIT = 20_000  # characters of a motif's drawing
WEIGHT_LIMIT = 10.0  # the largest share or emphasis; beyond about 1:5 the weaker part vanishes anyway


@dataclass(frozen=True, kw_only=True)
class Motif:
    """One figure or family of ornament and its relative share."""

    name: str  # a family, a parametric cell or a name of the library
    weight: float = 1.0  # 0 to WEIGHT_LIMIT; only ratios between motifs matter
    cell: str = ""  # a drawing of its own, as ``pattern.drawn.pack`` gives it; empty: the name's own drawing

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not 1 <= len(self.name) <= 80:
            raise BadInput(f"motif {str(self.name)[:40]!r} must be a name of 1 to 80 characters", field="motifs")
        if not isinstance(self.cell, str) or len(self.cell) > CELL_LIMIT or not self.cell.isascii():
            raise BadInput(f"the drawing of motif {self.name[:40]!r} must be text of at most {CELL_LIMIT:,} characters", field="motifs")
        object.__setattr__(self, "weight", _weight(self.weight, self.name))


@dataclass(frozen=True, kw_only=True)
class Design:
    """Every request of a prompt. Strings are names of ``keys.py``; lengths in mm; raises BadInput at birth."""

    prompt: str = text("", "The words the design was read from", PROMPT_LIMIT)
    form: str = choice("band", (*FORMS, "mesh"), "What is made")
    shape: str = choice("", ("", *ALL_SHAPES), "Profile of a band, head of a signet, outline of a pendant; empty: the form's own")
    technique: str = choice("relief", TECHNIQUES, "The craft whose look the ornament has")
    motifs: tuple[Motif, ...] = ()
    layout: str = choice("auto", LAYOUTS, "How the motifs are arranged")
    symmetry: int = whole(0, 0, 64, "fold", "Rotational symmetry; 0: the layout's own")
    mirror: bool = switch(False, "Every motif has its mirror image beside it")
    repeats: int = whole(0, 0, 400, "", "How often the motif is repeated; 0: as often as fits")
    border: str = choice("none", BORDERS, "Ornament along both rims")
    ground: str = choice("plain", GROUNDS, "Texture between the motifs")
    metal: str = text("gold-18k-yellow", "Name of the alloy", 60)
    finish: str = choice("polished", FINISHES, "Surface of the finished metal")
    depth: float | None = number(None, 0.02, 20.0, "mm", "Height of the relief; none: by technique")
    width: float | None = number(None, 0.5, 300.0, "mm", "Width of the band or plate; none: the form's own")
    period: str = text("", "Style of an age or people, such as tang or art-nouveau", 60)
    size: str = text("", "Ring size as written, such as US 7, or an inner diameter such as 17.3 mm", 60)
    avoid: tuple[str, ...] = ()  # motifs, borders and words that must not appear; "motif" means none at all
    weights: tuple[tuple[str, float], ...] = ()  # every weighted word
    unknown: tuple[str, ...] = ()  # words no step understands, kept for engines
    notes: tuple[str, ...] = ()  # readings a person should see

    def __post_init__(self) -> None:
        check_limits(self)
        _names(self.avoid, "avoid")
        _names(self.unknown, "unknown")
        _names(self.notes, "notes")
        if not isinstance(self.motifs, tuple) or not all(isinstance(motif, Motif) for motif in self.motifs):
            raise BadInput("motifs must be a list of motifs", field="motifs")

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON holds exactly; ``Design.from_dict`` gives an equal Design back."""
        values = asdict(self)
        for name in ("motifs", "avoid", "unknown", "notes"):
            values[name] = list(values[name])
        for motif in values["motifs"]:
            if not motif["cell"]:
                del motif["cell"]
        values["weights"] = [list(pair) for pair in self.weights]
        return values

    @classmethod
    def from_dict(cls, values: Any) -> Design:
        """The Design of a recipe; raises BadInput for anything ``to_dict`` would not write."""
        if not isinstance(values, dict):
            raise BadInput("design must be an object of names and values", field="design")
        values = dict(values)
        for name in ("motifs", "avoid", "weights", "unknown", "notes"):
            if name in values:
                values[name] = tuple(_rows(values[name], name))
        values["motifs"] = tuple(from_dict(Motif, row, "motif") for row in values.get("motifs", ()))
        values["weights"] = tuple(_pair(row) for row in values.get("weights", ()))
        return from_dict(cls, values, "design")


SINGLE = tuple(f.name for f in fields(Design) if f.name not in ("prompt", "motifs", "avoid", "weights", "unknown", "notes"))


def _weight(value: Any, name: str) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not 0 <= value <= WEIGHT_LIMIT:
        raise BadInput(f"the weight of {name[:40]!r} is {value!r}; it must be between 0 and {WEIGHT_LIMIT:g}", field="weights")
    return float(value)


def _names(values: Any, field: str) -> None:
    if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
        raise BadInput(f"{field} must be a list of words", field=field)


def _rows(values: Any, field: str) -> list[Any]:
    if not isinstance(values, (list, tuple)):
        raise BadInput(f"{field} must be a list", field=field)
    return list(values)


def _pair(row: Any) -> tuple[str, float]:
    if not isinstance(row, (list, tuple)) or len(row) != 2 or not isinstance(row[0], str):
        raise BadInput("weights must be pairs of word and number", field="weights")
    return row[0], _weight(row[1], row[0])
