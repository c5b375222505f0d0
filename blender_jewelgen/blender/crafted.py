"""Which settings a craft uses, and which pieces a live relief cannot show; plain values, no bpy."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.recipe import Recipe
from ..core.words.text_line import TextLine

FIELDS: dict[str, tuple[str, ...]] = {  # of CraftParams, in the order of the panel
    "openwork": ("frame", "web", "opening"),
    "filigree": ("wire", "wire_kind", "frame", "fill", "backing"),
    "granulation": ("granule", "sink"),
    "engraving": (),
}
SHEET = ("sheet", "back", "rim", "backing")  # of all other techniques
CRAFTS = ("openwork", "filigree", "granulation")  # techniques whose metal is no solid relief
PARTS = ("craft", "texts", "stones")  # of a recipe, that are changed while a piece is looked at


def fields_of(technique: str) -> tuple[str, ...]:
    """The settings that a technique uses; the first of a sheet turns it on."""
    return FIELDS.get(technique, SHEET)


def has_metal(recipe: Recipe) -> bool:
    """Whether the metal of a piece is another body than a relief on its form: then it has to be worked to be seen."""
    if recipe.form.form == "mesh":
        return False
    technique = recipe.design.technique
    return technique in CRAFTS or recipe.craft.sheet is not None or bool(recipe.stones) or any(map(is_cut_through, recipe.texts))


def is_cut_through(line: TextLine) -> bool:
    """Whether a line of text is no part of the relief outside."""
    return line.style == "pierced" or line.side == "inside"


def set_evenly(count: int, surface: str, closed: bool) -> Sequence[tuple[float, float]]:
    """Places (u, v) of ``count`` stones: round a turned form, closed or open, or on an oval within a flat face."""
    if surface == "turned":
        shares = [(0.5 + k / count) % 1.0 if closed else (k + 0.5) / count for k in range(count)]
        return [(round(u, 4), 0.5) for u in shares]
    from math import cos, pi, sin

    return [(round(0.5 + 0.33 * sin(2 * pi * k / count), 4), round(0.5 - 0.33 * cos(2 * pi * k / count), 4)) for k in range(count)]
