"""The verbs of the command line; each reads options, makes one core call, writes files, says one fact."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.recipe import MakeParams, Recipe, Source, fingerprint
from ..core.relief.params import ReliefParams
from ..core.words.design import Design
from . import options as opt
from .folder import Folder, place
from .progress import Progress

if TYPE_CHECKING:  # the walk itself is imported when it starts: reading options stays quick
    from ..core.mesh.arrays import Mesh
    from ..core.pipeline import Piece, Shaped, Tell

FAILED = 3  # exit code of --strict when a check fails
_SMALLEST, _LARGEST = 1.0, 1000.0  # mm, longest side of a mesh at a scale that was asked for


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
    path = place(options.recipe, "recipe")
    path = path / "recipe.json" if path.is_dir() else path
    recipe = Recipe.read(path)
    for name in ("height", "mesh"):
        source = getattr(recipe, name)
        if source:
            found = _nearest(source.path, path.parent, name)
            if fingerprint(found) != source.sha256:
                raise BadInput(f"{found} has changed since the recipe was written", field=name)
            recipe = replace(recipe, **{name: replace(source, path=str(found))})
    return _piece(replace(recipe, version=__version__), options)


def pattern(options: argparse.Namespace) -> int:
    """``pattern PROMPT``: the height and its picture only."""
    from ..core.form.params import complete
    from ..core.height.picture import write_height
    from ..core.height.shade import save_shaded, shade
    from ..core.pipeline import Order, form_host
    from ..core.relief.surface import surface_of
    from ..engines.registry import ask

    recipe = _from_words(options)
    if recipe.form.form == "mesh":
        raise BadInput("pattern draws on a form, not on a mesh; say make --mesh FILE for that", field="form")
    with Progress(options.quiet) as tell, Folder(options.out, options.force) as folder:
        surface = surface_of(form_host(complete(recipe.form)), recipe.relief.pixels)
        answer = ask(Order(recipe.make.engine, recipe.design, surface, recipe.make.seed), tell)
        recipe = replace(recipe, engine=answer.credit)
        write_height(folder.work / "height.png", answer.picture)
        wraps = getattr(surface, "periodic", False)
        if options.render:
            save_shaded(folder.work / "picture.png", shade(answer.picture, 1.0 / recipe.relief.pixels, 0.6, wraps))
        (folder.work / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    rows, columns = answer.picture.shape
    facts = {"columns": columns, "rows": rows, "engine": answer.credit["name"], "seed": recipe.make.seed,
             "words_unknown": list(recipe.design.unknown), "motifs_missing": list(answer.missing)}
    print(_json(facts) if options.json else f"height {columns} x {rows} px in {options.out}")
    return 0


def check(options: argparse.Namespace) -> int:
    """``check FILE``: judge a mesh."""
    from ..core.mesh.checks import check as judge
    from ..core.mesh.read import read_mesh
    from ..core.mesh.weight import weight_g
    from ..core.report import failed

    opt.within("bodies", options.bodies, 1, 10_000)
    if options.scale is not None:
        opt.within("scale", options.scale, 1e-6, 1e6, kind="number")
    given = opt.given(options, MakeParams)
    metal = "silver-925" if options.metal is None else options.metal
    weight_g(0.0, metal)  # refuses an unknown metal before the work
    MakeParams(**given)
    mesh, facts = read_mesh(_present(options.file, "mesh"), scale=options.scale)
    checks = judge(mesh, given.get("process", MakeParams().process), metal=metal, expected_bodies=options.bodies)
    bad = failed(checks)
    if options.json:
        values = {"file": options.file, "triangles": len(mesh.faces), "size_mm": mesh.size.round(4).tolist(), "volume_mm3": mesh.volume,
                  "weight_g": weight_g(mesh.volume, metal), "metal": metal, "ok": not bad, "notes": list(facts.notes),
                  "checks": [asdict(c) for c in checks]}
        print(_json(values))
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
        print(_json(rows))
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
        print(_json(rows))
    else:
        for r in rows:
            rival = f"{r['rival']} {r['rival_ms']:.0f} ms, {r['ratio']:.1f} times" if r["rival"] else ""
            print(f"{'ok  ' if r['ok'] else 'SLOW'}  {r['name']:<44} {r['median_ms']:9.1f} ms  (target {r['target']})  {rival}")
    return 0


def _json(values: Any, indent: int | None = None) -> str:
    """JSON text that the terminal can show and every reader reads: no NaN, other scripts as they are where they can be."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    return json.dumps(_plain(values), ensure_ascii=not utf8, indent=indent, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _from_words(options: argparse.Namespace, words: str | None = None) -> Recipe:
    """The recipe of a prompt, what was typed as options going before what the words say."""
    from ..core.pattern import motifs
    from ..core.words.lexicon import read

    design = read(words if words is not None else options.prompt, lambda word: next(iter(motifs.candidates(word)), None), motifs.names())
    asked = opt.given(options, FormParams)
    typed = {name: typed for name in ("metal", "finish", "technique") if (typed := getattr(options, name)) is not None}
    design = replace(design, **typed)
    mesh, height, scale = (getattr(options, name, None) for name in ("mesh", "height", "scale"))
    if mesh is not None:
        if asked.setdefault("form", "mesh") != "mesh":
            raise BadInput(f"form {asked['form']} and a mesh exclude each other; leave out --form or --mesh", field="form")
    elif scale is not None:
        raise BadInput("scale is for a mesh; say --mesh FILE with it", field="scale")
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
        height=Source.of(_present(height, "height")) if height is not None else None,
        mesh=Source.of(_present(mesh, "mesh"), scale) if mesh is not None else None,
    )


def _known_metal(design: Design) -> None:
    from ..core.mesh.weight import density

    density(design.metal)


def _present(path: str, field: str) -> Path:
    """The file of a height picture or a mesh. Raises BadInput if it is not one that can be read."""
    found, what = place(path, field), {"height": "picture", "mesh": "mesh"}[field]
    if not found.is_file() or not path:
        state = "not named" if not path else "a folder" if found.is_dir() else "not a file" if found.exists() else "not there"
        raise BadInput(f"the {what} {path[:200] or repr(path)} is {state}", field=field)
    if not os.access(found, os.R_OK):
        raise BadInput(f"the {what} {path[:200]} cannot be read (no permission)", field=field)
    return found.resolve()


def _nearest(path: str, folder: Path, field: str) -> Path:
    """The file that a recipe in ``folder`` names: where it was, or beside the recipe."""
    for found in (Path(path), folder / path, folder / Path(path).name):
        if found.is_absolute() and place(found, field).is_file():
            return found
    return _present(path, field)


def _piece(recipe: Recipe, options: argparse.Namespace) -> int:
    """Run the pipeline and write everything, or nothing."""
    from ..core import pipeline
    from ..engines.registry import ask

    _known_metal(recipe.design)
    if hasattr(options, "picture_size"):
        opt.within("picture-size", options.picture_size, 64, 4096, " px")
    with Progress(options.quiet) as tell, Folder(options.out, options.force) as folder, ExitStack() as stack:
        for source in (recipe.height, recipe.mesh):
            if source and folder.holds(Path(source.path)):
                raise BadInput(f"{source.path} would be replaced by the result; choose another folder with --out", field="out")
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
        print(_json(report.to_dict(), 2))
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

        scale = recipe.mesh.scale
        found, facts = read_mesh(Path(recipe.mesh.path), scale=scale, uv=recipe.relief.mapping == "uv")
        longest = float(found.size.max())
        if scale is not None and not _SMALLEST <= longest <= _LARGEST:
            raise BadInput(
                f"scale is {scale:g}, which makes the mesh {longest:.3g} mm; it must come out between {_SMALLEST:g} and {_LARGEST:g} mm",
                field="scale",
            )
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
    # names of files need not be text; the escape that takes their place is JSON's own
    (folder / "report.json").write_text(piece.report.to_json(), encoding="utf-8", errors="backslashreplace")


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
