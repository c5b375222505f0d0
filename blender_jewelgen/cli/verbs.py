"""The verbs of the command line; each reads options, makes one core call, writes files, says one fact."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from ..core.errors import BadInput
from ..core.recipe import MakeParams, Recipe
from . import options as opt
from .drawing import drawing
from .folder import Folder, place
from .lettering import changed
from .piece import present, recalled
from .progress import Progress
from .render import render
from .say import check_line, json_text, say_piece
from .typed import known_metal, recipe_of
from .workshop import keeping, workshop

if TYPE_CHECKING:
    from ..core.pipeline import Piece

FAILED = 3  # exit code of --strict when a check fails


def make(options: argparse.Namespace) -> int:
    """``make PROMPT``: words to a piece; ``make --from PICTURE``: a picture to a piece."""
    from . import chain

    if chain.asked_for(options):
        return _said(chain.make(options), options)
    if options.prompt is None:
        raise BadInput("make needs a prompt; say what to make in quotes, or --from PICTURE", field="prompt")
    return _piece(recipe_of(options), options)


def mesh(options: argparse.Namespace) -> int:
    """``mesh PICTURE``: a body of a picture."""
    from .bodies import mesh as body

    return body(options)


def solid(options: argparse.Namespace) -> int:
    """``solid FILE``: one closed body of any mesh."""
    from .solid import solid as whole

    return whole(options)


def keys(options: argparse.Namespace) -> int:
    """``keys list|set|remove``: keys of services."""
    from .keys import keys as ring

    return ring(options)


def tasks(options: argparse.Namespace) -> int:
    """``tasks list|resume|forget``: what services are still at."""
    from .tasks import tasks as open_ones

    return open_ones(options)


def relief(options: argparse.Namespace) -> int:
    """``relief --height PICTURE``: a picture's relief on a form or a mesh."""
    if not options.height:
        raise BadInput("relief needs a picture; say --height PICTURE", field="height")
    recipe = recipe_of(options, words=options.prompt or "plain band")
    if not options.prompt:
        recipe = replace(recipe, design=replace(recipe.design, prompt="", unknown=(), notes=(), motifs=()))
    return _piece(recipe, options)


def show(options: argparse.Namespace) -> int:
    """``show RECIPE``: make a piece again."""
    path = place(options.recipe, "recipe")
    return _piece(changed(recalled(path / "recipe.json" if path.is_dir() else path), options), options)


def pattern(options: argparse.Namespace) -> int:
    """``pattern PROMPT``: the height and its picture only."""
    from ..core import pipeline
    from ..core.height.picture import write_height
    from ..core.height.shade import save_shaded, shade

    recipe, missing = recipe_of(options), list[str]()
    if recipe.form.form == "mesh":
        raise BadInput("pattern draws on a form, not on a mesh; say make --mesh FILE for that", field="form")
    with _progress(options) as tell, Folder(options.out, options.force) as folder, drawing(options.worker, options.online) as ask:

        def noting(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
            answer = keeping(ask, folder.work)(order, tell)
            missing.extend(answer.missing)
            return answer

        drawn = pipeline.draw(recipe, noting, tell)
        write_height(folder.work / "height.png", drawn.picture)
        if options.render:
            save_shaded(folder.work / "picture.png", shade(drawn.picture, drawn.pitch, abs(drawn.depth), drawn.wrap))
        recipe = replace(recipe, engine=drawn.recipe.engine)
        (folder.work / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    rows, columns = drawn.picture.shape
    facts = {"columns": columns, "rows": rows, "engine": recipe.engine["name"], "seed": recipe.make.seed,
             "words_unknown": list(recipe.design.unknown), "motifs_missing": missing}
    print(json_text(facts) if options.json else f"height {columns} x {rows} px in {options.out}")
    return 0


def motif(options: argparse.Namespace) -> int:
    """``motif PROMPT``: motifs to choose from."""
    from .motif import motif as drawn

    return drawn(options)


def pieces_set(options: argparse.Namespace) -> int:
    """``set PROMPT``: several pieces of one design."""
    from .pieces_set import pieces_set as together

    return together(options)


def height(options: argparse.Namespace) -> int:
    """``height PICTURE``: a height from any picture."""
    from .height import height as risen

    return risen(options)


def models(options: argparse.Namespace) -> int:
    """``models list|card|fetch|add|remove|where``: weights on this computer."""
    from .models import models as shelf

    return shelf(options)


def runtime(options: argparse.Namespace) -> int:
    """``runtime install|status|repair|remove``: the Python that models run in."""
    from .runtime import runtime as heal

    return heal(options)


def check(options: argparse.Namespace) -> int:
    """``check FILE``: judge a mesh."""
    from ..core.mesh.checks import check as judge
    from ..core.mesh.read import read_mesh
    from ..core.mesh.weight import weight_g
    from ..core.report import failed

    opt.within("bodies", options.bodies, 1, 10_000)
    if options.scale is not None:
        opt.within("scale", options.scale, 1e-6, 1e6, kind="number")
    if options.mesh_quality:
        from .quality import quality

        return quality(options)
    given = opt.given(options, MakeParams)
    metal = "silver-925" if options.metal is None else options.metal
    known_metal(metal)  # refused before the work
    MakeParams(**given)
    mesh, facts = read_mesh(present(options.file, "mesh"), scale=options.scale)
    checks = judge(mesh, given.get("process", MakeParams().process), metal=metal, expected_bodies=options.bodies)
    bad = failed(checks)
    if options.json:
        values = {"file": options.file, "triangles": len(mesh.faces), "size_mm": mesh.size.round(4).tolist(), "volume_mm3": mesh.volume,
                  "weight_g": weight_g(mesh.volume, metal), "metal": metal, "ok": not bad, "notes": list(facts.notes),
                  "checks": [asdict(c) for c in checks]}
        print(json_text(values))
    else:
        print(f"{len(mesh.faces):,} triangles, {' x '.join(f'{v:.2f}' for v in mesh.size)} mm, {mesh.volume:.1f} mm3, {weight_g(mesh.volume, metal):.2f} g in {metal}")
        for note in facts.notes:
            print(f"  note  {note}")
        for c in checks:
            print(check_line(c))
    return FAILED if options.strict and bad else 0


def catalogue(options: argparse.Namespace) -> int:
    """``list WHAT``: the names that can be typed."""
    from .lists import LISTS

    rows = LISTS[options.what]()
    if options.json:
        print(json_text(rows))
    else:
        wide = max((len(r["name"]) for r in rows), default=0)
        for r in rows:
            print(f"{r['name']:<{wide}}  {r['text']}".rstrip())
    return 0


def bench(options: argparse.Namespace) -> int:
    """``bench``: the speeds this machine reaches, beside rivals in the same process."""
    from .bench import measure

    rows = measure(options.only, _progress(options))
    if options.json:
        print(json_text(rows))
    else:
        for r in rows:
            rival = f"{r['rival']} {r['rival_ms']:.0f} ms, {r['ratio']:.1f} times" if r["rival"] else ""
            print(f"{'ok  ' if r['ok'] else 'SLOW'}  {r['name']:<44} {r['median_ms']:9.1f} ms  (target {r['target']})  {rival}")
    return 0


def _progress(options: argparse.Namespace) -> Progress:
    return Progress(options.quiet, options.setting.stream(options.json))


def _piece(recipe: Recipe, options: argparse.Namespace) -> int:
    """Run the pipeline and write everything, or nothing."""
    with _progress(options) as tell, Folder(options.out, options.force) as folder, workshop(options) as shop:
        piece = shop.make(recipe, folder, folder.work, tell)
    return _said(piece, options)


def _said(piece: Piece, options: argparse.Namespace) -> int:
    """Print the report; the exit code."""
    report = piece.report
    if options.json:
        print(json_text(report.to_dict(), 2))
    else:
        say_piece(piece, options.out)
    return FAILED if options.strict and not report.ok else 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "make": make, "pattern": pattern, "relief": relief, "motif": motif, "set": pieces_set, "height": height, "check": check, "show": show, "render": render, "list": catalogue, "bench": bench,
    "models": models, "runtime": runtime, "mesh": mesh, "solid": solid, "keys": keys, "tasks": tasks,
}
