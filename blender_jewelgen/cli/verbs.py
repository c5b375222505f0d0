"""The verbs of the command line; each reads options, makes one core call, writes files, says one fact."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.recipe import MakeParams, Recipe, Source, fingerprint
from ..core.relief.params import ReliefParams
from ..core.words.design import Design
from . import options as opt
from .folder import Folder
from .progress import Progress

if TYPE_CHECKING:  # the walk itself is imported when it starts: reading options stays quick
    from ..core.mesh.arrays import Mesh
    from ..core.pipeline import Piece, Shaped, Tell

FAILED = 3  # exit code of --strict when a check fails


def make(options: argparse.Namespace) -> int:
    """``make PROMPT``: words to a piece."""
    return _piece(_from_words(options), options)


def relief(options: argparse.Namespace) -> int:
    """``relief --height PICTURE``: a picture's relief on a form or a mesh."""
    if not options.height:
        raise BadInput("relief needs a picture; say --height PICTURE", field="height")
    recipe = _from_words(options, words=options.prompt or "plain band")
    if not options.prompt:
        recipe = replace(recipe, design=replace(recipe.design, prompt="", unknown=(), notes=(), motifs=()))
    return _piece(recipe, options)


def show(options: argparse.Namespace) -> int:
    """``show RECIPE``: make a piece again."""
    path = Path(options.recipe)
    path = path / "recipe.json" if path.is_dir() else path
    try:
        recipe = Recipe.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the recipe {options.recipe} cannot be read ({getattr(error, 'strerror', None) or 'not text'})", field="recipe") from error
    for name in ("height", "mesh"):
        source = getattr(recipe, name)
        if source and not Path(source.path).exists() and (path.parent / Path(source.path).name).exists():
            source = replace(source, path=str(path.parent / Path(source.path).name))
            recipe = replace(recipe, **{name: source})
        if source and Path(source.path).is_file() and fingerprint(Path(source.path)) != source.sha256:
            raise BadInput(f"{source.path} has changed since the recipe was written", field=name)
    return _piece(recipe, options)


def pattern(options: argparse.Namespace) -> int:
    """``pattern PROMPT``: the height and its picture only."""
    from ..core.form.params import complete
    from ..core.height.picture import write_height
    from ..core.pipeline import Order, form_host
    from ..core.relief.surface import surface_of
    from ..core.height.shade import save_shaded, shade
    from ..engines.registry import ask

    recipe = _from_words(options)
    with Progress(options.quiet) as tell, Folder(options.out, options.force) as folder:
        surface = surface_of(form_host(complete(recipe.form)), recipe.relief.pixels)
        answer = ask(Order(recipe.make.engine, recipe.design, surface, recipe.make.seed), tell)
        recipe = replace(recipe, engine=answer.credit)
        write_height(folder.work / "height.png", answer.picture)
        wraps = getattr(surface, "periodic", False)
        save_shaded(folder.work / "picture.png", shade(answer.picture, 1.0 / recipe.relief.pixels, 0.6, wraps))
        (folder.work / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    rows, columns = answer.picture.shape
    facts = {"columns": columns, "rows": rows, "engine": answer.credit["name"], "seed": recipe.make.seed,
             "words_unknown": list(recipe.design.unknown), "motifs_missing": list(answer.missing)}
    print(json.dumps(facts, ensure_ascii=False) if options.json else f"height {columns} x {rows} px in {options.out}")
    return 0


def check(options: argparse.Namespace) -> int:
    """``check FILE``: judge a mesh."""
    from ..core.mesh.checks import check as judge
    from ..core.mesh.read import read_mesh
    from ..core.mesh.weight import weight_g
    from ..core.report import failed

    mesh, facts = read_mesh(Path(options.file), scale=options.scale)
    given = opt.given(options, MakeParams)
    metal = options.metal or "silver-925"
    checks = judge(mesh, given.get("process", MakeParams().process), metal=metal, expected_bodies=options.bodies)
    bad = failed(checks)
    if options.json:
        values = {"file": options.file, "triangles": len(mesh.faces), "size_mm": mesh.size.round(4).tolist(), "volume_mm3": mesh.volume,
                  "weight_g": weight_g(mesh.volume, metal), "metal": metal, "ok": not bad, "notes": list(facts.notes),
                  "checks": [c.__dict__ for c in checks]}
        print(json.dumps(values, ensure_ascii=False, default=_plain))
    else:
        print(f"{len(mesh.faces):,} triangles, {' x '.join(f'{v:.2f}' for v in mesh.size)} mm, {mesh.volume:.1f} mm3, {weight_g(mesh.volume, metal):.2f} g in {metal}")
        for note in facts.notes:
            print(f"  note  {note}")
        for c in checks:
            print(check_line(c))
    return FAILED if options.strict and bad else 0


def check_line(c: object) -> str:
    """One check as a line of text."""
    word = {True: "ok  ", False: "FAIL", None: "--  "}[c.ok]  # type: ignore[attr-defined]
    value = c.value if not isinstance(c.value, float) else round(c.value, 3)  # type: ignore[attr-defined]
    if isinstance(value, (tuple, list)):
        value = " x ".join(f"{v:.2f}" for v in value)
    hint = f": {c.hint}" if c.ok is False and c.hint else ""  # type: ignore[attr-defined]
    return f"  {word}  {c.name} {'' if value is None else value} {c.unit if value is not None else ''}".rstrip() + hint  # type: ignore[attr-defined]


def catalogue(options: argparse.Namespace) -> int:
    """``list WHAT``: the names that can be typed."""
    from .lists import LISTS

    rows = LISTS[options.what]()
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        wide = max((len(r["name"]) for r in rows), default=0)
        for r in rows:
            print(f"{r['name']:<{wide}}  {r['text']}".rstrip())
    return 0


def bench(options: argparse.Namespace) -> int:
    """``bench``: the speeds this machine reaches, beside rivals in the same process."""
    from .bench import measure

    rows = measure(options.only, Progress(options.quiet))
    if options.json:
        print(json.dumps(rows))
    else:
        for r in rows:
            rival = f"{r['rival']} {r['rival_ms']:.0f} ms, {r['ratio']:.1f} times" if r["rival"] else ""
            print(f"{'ok  ' if r['ok'] else 'SLOW'}  {r['name']:<44} {r['median_ms']:9.1f} ms  (target {r['target']})  {rival}")
    return 0


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else list(value)  # type: ignore[call-overload]


def _from_words(options: argparse.Namespace, words: str | None = None) -> Recipe:
    """The recipe of a prompt, what was typed as options going before what the words say."""
    from ..core.pattern import motifs
    from ..core.words.lexicon import read

    design = read(words if words is not None else options.prompt, lambda word: next(iter(motifs.candidates(word)), None), motifs.names())
    asked = opt.given(options, FormParams)
    typed = {name: getattr(options, name) for name in ("metal", "finish", "technique") if getattr(options, name, None)}
    design = replace(design, **typed)
    if options.mesh:
        asked["form"] = "mesh"
    _known_metal(design)
    form: dict[str, object] = {"form": design.form, "size": design.size, "width": design.width, "shape": design.shape}
    if asked.get("form", design.form) != design.form:
        form |= {"shape": "", "width": None}
    form |= asked
    design = replace(design, form=str(form["form"]))
    return Recipe(
        design=design,
        form=FormParams(**form),  # type: ignore[arg-type]
        relief=ReliefParams(**opt.given(options, ReliefParams)),
        make=MakeParams(**opt.given(options, MakeParams)),
        height=Source.of(_present(options.height, "height")) if getattr(options, "height", None) else None,
        mesh=Source.of(_present(options.mesh, "mesh"), options.scale) if options.mesh else None,
    )


def _known_metal(design: Design) -> None:
    from ..core.mesh.weight import density

    density(design.metal)


def _present(path: str, field: str) -> Path:
    found = Path(path).expanduser()
    if not found.is_file():
        raise BadInput(f"the {'picture' if field == 'height' else 'mesh'} {path} is {'a folder' if found.is_dir() else 'not there'}", field=field)
    return found.resolve()


def _piece(recipe: Recipe, options: argparse.Namespace) -> int:
    """Run the pipeline and write everything, or nothing."""
    from ..core import pipeline
    from ..engines.registry import ask

    with Progress(options.quiet) as tell, Folder(options.out, options.force) as folder, ExitStack() as stack:
        picture, mesh, notes = _sources(recipe)
        shaped = pipeline.shape(recipe, ask, tell, picture, mesh)
        shaped = replace(shaped, notes=(*notes, *shaped.notes))
        camera = None
        if options.render:
            from .studio import Photographer

            look = {"metal": recipe.design.metal, "finish": recipe.design.finish, "form": shaped.recipe.form.form}
            camera = stack.enter_context(Photographer(shaped.mesh, look, folder.work / "picture.png", options.picture_size))
        piece = pipeline.make(shaped, tell)
        _write(folder.work, piece, tell)
        if camera:
            camera.wait(lambda share, text: tell(0.8 + 0.19 * share, text))
        from .page import write_page

        write_page(folder.work / "report.html", piece, folder.work)
    report = piece.report
    if options.json:
        print(report.to_json(), end="")
    else:
        _say(piece, options.out)
    return FAILED if options.strict and not report.ok else 0


def _sources(recipe: Recipe) -> tuple[np.ndarray | None, Mesh | None, tuple[str, ...]]:
    """The height picture and the mesh that a recipe starts from, read, and notes on both."""
    picture, mesh, notes = None, None, ()
    if recipe.height:
        from ..core.height.picture import read_height

        read = read_height(Path(recipe.height.path))
        picture, notes = read.height, read.notes
    if recipe.mesh:
        from ..core.mesh.mend import closed
        from ..core.mesh.read import read_mesh

        found, facts = read_mesh(Path(recipe.mesh.path), scale=recipe.mesh.scale)
        mesh, mended = closed(found)
        notes += (*facts.notes, *mended)
    return picture, mesh, notes


def _write(folder: Path, piece: Piece, tell: Tell) -> None:
    from ..core.height.picture import write_height
    from ..core.library import table
    from ..core.mesh import files

    tell(0.75, "writing files")
    shaped: Shaped = piece.shaped
    title = shaped.recipe.design.prompt or f"{shaped.recipe.form.form} {shaped.recipe.form.shape}".strip()
    write_height(folder / "height.png", shaped.picture)
    looks = table("looks")
    design = shaped.recipe.design
    metal = looks["metals"].get(design.metal, {"color": [0.9, 0.9, 0.9]})
    look = files.Look(tuple(metal["color"]), looks["finishes"][design.finish]["roughness"], name=design.metal)
    files.write_stl(folder / "piece.stl", piece.mesh)
    files.write_3mf(folder / "piece.3mf", piece.mesh, title)
    files.write_glb(folder / "piece.glb", piece.mesh, look, title=title)
    (folder / "recipe.json").write_text(shaped.recipe.to_json(), encoding="utf-8")
    (folder / "report.json").write_text(piece.report.to_json(), encoding="utf-8")


def _say(piece: Piece, out: object) -> None:
    report, form = piece.report, piece.shaped.recipe.form
    label = form.size if report.inner_diameter_mm else " x ".join(f"{v:.1f}" for v in report.size_mm) + " mm"
    inner = f" ({report.inner_diameter_mm:.2f} mm inside)" if report.inner_diameter_mm else ""
    print(f"{form.form} {form.shape}, {report.metal}, {label}{inner}: {report.weight_g:.2f} g, {report.triangles:,} triangles, in {out}".replace(" ,", ","))
    for note in report.notes:
        print(f"  note  {note}")
    if report.words_unknown:
        print(f"  words not understood: {', '.join(report.words_unknown)}")
    for c in report.checks:
        if c.ok is False:
            print(check_line(c))


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "make": make, "pattern": pattern, "relief": relief, "check": check, "show": show, "list": catalogue, "bench": bench,
}
