"""``set PROMPT``: ring, pendant, mirrored earrings and a bracelet's link from one design, one folder and one page."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.errors import BadInput
from ..core.form.params import FormParams, complete
from ..core.form.plate import Plate
from ..core.library import table
from ..core.mesh.weight import weight_g
from ..core.recipe import Recipe
from . import options as opt
from .folder import SET, Folder
from .progress import Progress
from .say import check_line, json_text
from .typed import recipe_of
from .workshop import workshop

if TYPE_CHECKING:
    from ..core.pipeline import Piece, Tell

FORMS = {"ring": "band", "pendant": "pendant", "earrings": "earrings", "bracelet": "link", "bangle": "bangle", "cuff": "cuff", "medallion": "medallion", "bead": "bead"}
USUAL = "ring,pendant,earrings,bracelet"
WRIST = 180.0  # mm; length of a woman's bracelet, retail practice
_CLASP, _JUMP = 14.0, 1.0  # mm that a clasp takes, and that a jump ring puts between two links
_RIM = 0.75  # diameter of the circle on which a round plate carries its motifs, in diameters
_FAILED = 3


@dataclass(frozen=True, eq=False)
class Made:
    """One piece of a set: its name, how many of it are worn, and what it became."""

    name: str
    count: int
    piece: Piece

    @property
    def facts(self) -> dict[str, Any]:
        recipe, report = self.piece.shaped.recipe, self.piece.report
        return {
            "name": self.name, "folder": self.name, "form": recipe.form.form, "shape": recipe.form.shape, "size_mm": list(report.size_mm),
            "repeats": recipe.design.repeats, "count": self.count, "weight_g": report.weight_g, "volume_mm3": report.volume_mm3, "ok": report.ok,
            "notes": list(report.notes), "failed": [c.name for c in report.checks if c.ok is False],
        }  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this verb beside those of every piece."""
    parser.add_argument("--pieces", default=USUAL, metavar="NAMES", help=f"pieces of the set, a comma between: {', '.join(FORMS)}; default {USUAL}")


def pieces_set(options: argparse.Namespace) -> int:
    """``set PROMPT``: all pieces and their page, or nothing."""
    names = names_of(options.pieces)
    for name, flag in (("form", "--form"), ("mesh", "--mesh")):
        if getattr(options, name, None) is not None:
            raise BadInput(f"{name} is not for a set, which has forms of its own; leave out {flag} and say --pieces", field=name)
    asked = opt.given(options, FormParams)
    recipes = dict(zip(names, (recipe_for(recipe_of(options), name, names, asked) for name in names)))
    made: list[Made] = []
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, SET) as folder, workshop(options) as shop:
        for number, (name, recipe) in enumerate(recipes.items()):
            (folder.work / name).mkdir()
            try:
                piece = shop.make(recipe, folder, folder.work / name, _part(tell, number, len(names), name))
            except BadInput as error:
                raise BadInput(f"{name}: {error.args[0] if error.args else error}", field=error.field, fix=error.fix) from error
            made.append(Made(name, links(piece.report.size_mm[0]) if recipe.form.form == "link" else 1, piece))
        facts = facts_of(made, recipes[names[0]])
        (folder.work / "set.json").write_text(json_text(facts, 1) + "\n", encoding="utf-8")
        from .set_page import page_of

        (folder.work / "set.html").write_text(page_of(facts, made, folder.work), encoding="utf-8", errors="replace")
    if options.json:
        print(json_text(facts, 1))
    else:
        _say(facts, made, options.out)
    return _FAILED if options.strict and not facts["ok"] else 0


def names_of(written: str) -> list[str]:
    """The pieces of ``--pieces``. Raises BadInput."""
    names = [name for part in written.replace("，", ",").split(",") if (name := part.strip().lower())]
    unknown = [name for name in names if name not in FORMS]
    if unknown or not names:
        raise BadInput(f"pieces {written[:60]!r}: {f'{unknown[0][:30]} is not known; ' if unknown else ''}say one or more of {', '.join(FORMS)}", field="pieces")
    if len(set(names)) < len(names):
        raise BadInput(f"pieces {written[:60]!r} names {next(n for n in names if names.count(n) > 1)} twice", field="pieces")
    return names


def recipe_for(recipe: Recipe, name: str, names: list[str], asked: dict[str, Any]) -> Recipe:
    """The recipe of one piece of a set.

    Size and width are those of the piece with a finger or wrist; where the set has none, of its first piece. A shape goes to the
    pieces that have it. Repeats that were asked for are those of the first piece; the others get as many as keep the motif's length.
    """
    form = FORMS[name]
    lead = next((n for n in names if n in ("ring", "bangle", "cuff")), names[0])
    shapes = table("forms")["forms"][form]["shapes"]
    own: dict[str, Any] = {f: asked[f] for f in ("thickness", "margin", "hole", "gap") if f in asked}
    if name == lead:
        own |= {"size": recipe.form.size, "width": recipe.form.width}
    if name != "ring":
        own["length"] = asked.get("length")
    if recipe.form.shape in shapes:
        own["shape"] = recipe.form.shape
    params = FormParams(form=form, **{k: v for k, v in own.items() if v is not None})
    design, relief = replace(recipe.design, form=form, shape=params.shape, size=params.size, width=params.width), recipe.relief
    scale = length_of(params) / length_of(first_form(recipe, names, asked)) if name != names[0] else 1.0
    if design.repeats:
        design = replace(design, repeats=min(max(round(design.repeats * scale), 1), 400))
    if relief.around > 1:
        relief = replace(relief, around=min(max(round(relief.around * scale), 1), 64) if form in ("band", "bangle", "cuff", "bead") else 1)
    texts = tuple(line for line in recipe.texts if line.side != "inside" or form in ("band", "bangle", "cuff"))
    return replace(recipe, form=params, design=design, relief=relief, texts=texts)


def first_form(recipe: Recipe, names: list[str], asked: dict[str, Any]) -> FormParams:
    """The form of the set's first piece."""
    return recipe_for(recipe, names[0], names, asked).form


def length_of(form: FormParams) -> float:
    """mm along which a piece's motifs follow one another: round a band, round the rim of a plate, along a link."""
    from ..core.pipeline import form_host

    done = complete(form)
    host = form_host(done)
    if not isinstance(host, Plate):
        return host.ornament[0]
    return host.size[0] if done.form == "link" else math.pi * _RIM * min(host.size)


def links(length: float) -> int:
    """How many links of this length in mm, eyes included, a bracelet needs."""
    return max(1, int((WRIST - _CLASP) / (length + _JUMP)))


def facts_of(made: list[Made], recipe: Recipe) -> dict[str, Any]:
    """What ``set.json`` holds."""
    volume = sum(m.count * m.piece.report.volume_mm3 for m in made)
    return {
        "format": "jewelgen-set/1", "version": __version__, "prompt": recipe.design.prompt, "technique": recipe.design.technique,
        "metal": recipe.design.metal, "finish": recipe.design.finish, "seed": recipe.make.seed, "pieces": [m.facts for m in made],
        "weight_g": round(sum(m.count * m.piece.report.weight_g for m in made), 3),
        "weight_in_g": {metal: round(weight_g(volume, metal), 3) for metal in table("alloys")["alloys"]},
        "ok": all(m.piece.report.ok for m in made),
    }  # fmt: skip


def _part(tell: Tell, number: int, count: int, name: str) -> Tell:
    """The progress of one piece as a part of all."""
    return lambda share, text: tell((number + share) / count, f"{name}: {text}")


def _say(facts: dict[str, Any], made: list[Made], out: Path) -> None:
    for m in made:
        f = m.facts
        many = f", {f['count']} for {WRIST:g} mm" if f["form"] == "link" else ""
        print(f"{m.name:<10} {f['form']} {f['shape']}, {' x '.join(f'{v:.1f}' for v in f['size_mm'])} mm, {f['weight_g']:.2f} g{many}")
        for note in f["notes"]:
            print(f"  note  {note}")
        for check in m.piece.report.checks:
            if check.ok is False:
                print(check_line(check))
    print(f"{facts['weight_g']:.2f} g in {facts['metal']} in all, in {out}")
