"""Lines of text and stones on the command line: each option once for all of them, or once for each in their order."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from typing import Any

from ..core.errors import BadInput
from ..core.recipe import Recipe
from ..core.relief.stone import Stone
from ..core.words.text_line import TextLine
from . import options as opt

_FLAGS = {
    "side": "--text-side", "style": "--text-style", "font": "--font", "path": "--text-path", "height": "--text-height", "spacing": "--text-spacing",
    "language": "--text-language",
}  # fmt: skip
_BOX = ("left", "top", "right", "bottom")


def add(to: argparse.ArgumentParser, again: bool = False) -> None:
    """The options; ``again`` for a recipe whose lines are changed."""
    group = to.add_argument_group("lettering and stones; an option of a line holds for all lines, or is given once for each")
    group.add_argument("--text", action="append", metavar="LINE", help="a line of text; repeat it for more lines" + (", which take the place of the recipe's" if again else ""))
    if again:
        group.add_argument("--add-text", action="append", metavar="LINE", help="a further line")
        group.add_argument("--drop-text", action="append", type=opt.number("whole"), metavar="N", help="leave out the recipe's line of this number")
    known = {f.name: f.metadata for f in fields(TextLine)}
    for name, flag in _FLAGS.items():
        meta = known[name]
        values = f": {', '.join(meta['values'])}" if meta["kind"] == "choice" else ""
        kind: dict[str, Any] = {"type": opt.number()} if meta["kind"] == "number" else {}
        group.add_argument(flag, action="append", dest=f"text_{name}", metavar="MM" if meta.get("unit") == "mm" else "NAME", help=meta["tip"] + values, **kind)
    group.add_argument("--text-box", action="append", metavar='"L T R B"', help="box of a line in per cent of the surface: left, top, right and bottom border")
    group.add_argument("--stone", action="append", metavar="STONE", help='a stone to set: "round 3", "oval 6x4 at 50%% 30%%", "square 3 at 25%% 50%% turned 45"')


def lines_of(options: argparse.Namespace, lines: tuple[str, ...]) -> tuple[TextLine, ...]:
    """The lines that were typed. Raises BadInput."""
    return styled(tuple(TextLine(words=words) for words in lines), options)


def styled(lines: tuple[TextLine, ...], options: argparse.Namespace) -> tuple[TextLine, ...]:
    """Lines with what was typed of their side, style, font and place. Raises BadInput."""
    values: list[dict[str, Any]] = [{} for _ in lines]
    typed: dict[str, list[Any]] = {name: given for name in _FLAGS if (given := getattr(options, f"text_{name}", None))}
    boxes = getattr(options, "text_box", None)
    for name, given in (*typed.items(), ("box", boxes)):
        if not given:
            continue
        if not lines:
            flag = _FLAGS.get(name, "--text-box")
            raise BadInput(f"{flag} is for a line of text; say --text LINE with it", field="text")
        if len(given) not in (1, len(lines)):
            raise BadInput(f"{_FLAGS.get(name, '--text-box')} is given {len(given)} times for {len(lines)} lines; give it once, or once for each line", field="text")
        for k, row in enumerate(values):
            value = given[k if len(given) > 1 else 0]
            row |= _box(value) if name == "box" else {name: value}
    return tuple(replace(line, **row) for line, row in zip(lines, values))


def _box(written: str) -> dict[str, float]:
    try:
        shares = [float(part.rstrip("%").replace(",", ".")) / 100.0 for part in written.split()]
    except ValueError:
        shares = []
    if len(shares) != 4 or not (shares[0] < shares[2] and shares[1] < shares[3]):
        raise BadInput(f'text-box {written[:40]!r} must be four per cents: left, top, right and bottom, such as "10 20 90 80"', field="text-box")
    return dict(zip(_BOX, shares))


def stones_of(options: argparse.Namespace) -> tuple[Stone, ...]:
    """The stones that were typed. Raises BadInput."""
    written = getattr(options, "stone", None)
    if not written:
        return ()
    from ..core.relief.stones import stone_of

    return tuple(stone_of(one) for one in written)


def changed(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """A recipe with its lines of text and its stones as the options of ``show`` say. Raises BadInput."""
    kept = list(enumerate(recipe.texts, 1))
    for number in options.drop_text or ():
        if number not in dict(kept):
            raise BadInput(f"drop-text is {number}; the recipe has {len(recipe.texts)} lines of text", field="drop-text")
        kept = [row for row in kept if row[0] != number]
    new = (*(options.text or ()), *(options.add_text or ()))
    if options.text is not None:
        kept = []
    old = tuple(line for _, line in kept)
    texts = (*old, *lines_of(options, new)) if new else styled(old, options)
    stones = stones_of(options) or recipe.stones
    return recipe if (texts, stones) == (recipe.texts, recipe.stones) else replace(recipe, texts=texts, stones=stones)
