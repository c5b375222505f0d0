"""``make --from PICTURE``: picture, body, solid, size, mapping, relief, checks, files, in one step, with a page that shows each."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.recipe import Recipe, Source
from . import options as opt
from .bodies import order_of, pictured, solid_of, write_glb, write_pictures
from .folder import Folder
from .progress import Progress
from .typed import recipe_of
from .workshop import workshop

if TYPE_CHECKING:
    from ..core.mesh.arrays import Mesh
    from ..core.pipeline import Piece
    from ..worker.chain import Start

_BODY = 0.4  # share of the progress until the pipeline begins


def asked_for(options: argparse.Namespace) -> bool:
    """Whether ``make`` is to begin with a picture of the piece. Raises BadInput for options of a chain without one."""
    if options.source is not None or options.pictures or options.body:
        return True
    for name in ("server", "candidates", "grid", "view", "body_model", "solid_size", "solid_symmetric", "solid_flat"):
        if getattr(options, name, None) is not None:
            word = {"solid_size": "longest"}.get(name, name.removeprefix("solid_").replace("_", "-"))
            raise BadInput(f"{word} is for a body made of a picture; say --from PICTURE with it", field=word)
    return False


def make(options: argparse.Namespace) -> Piece:
    """The whole chain; everything is in the folder, or nothing. Raises BadInput."""
    from ..worker.chain import start

    for name in ("mesh", "height"):
        if getattr(options, name) is not None:
            raise BadInput(f"from and {name} exclude each other; leave out --{name}", field=name)
    if options.source is not None and not options.source.strip():
        raise BadInput("the picture is not named; say --from PICTURE", field="from")
    recipe = recipe_of(options, words=options.prompt or "plain band")
    asked = opt.given(options, FormParams)
    asked |= {name: value for name in ("size", "width") if name not in asked and (value := getattr(recipe.design, name))}
    size = str(asked.get("size") or "")
    order, solid = order_of(options, None, size, recipe.make.seed), solid_of(options, size)
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force) as folder, workshop(options) as shop:
        work = folder.work
        assert work is not None
        part = lambda share, text: tell(_BODY * share, text)  # noqa: E731
        with pictured(options, options.source or "", options.prompt or "", order.params, work, part) as picture:
            if picture and folder.holds(picture):
                raise BadInput(f"picture {picture.name!r} would be replaced by the result; choose another folder with --out", field="out")
            begun = start(recipe, replace(order, picture=picture), solid, asked, part)
            recipe, given = kept(begun, work, options.prompt or "")
            piece = shop.make(recipe, folder, work, lambda share, text: tell(_BODY + (0.97 - _BODY) * share, text), given)
            tell(0.97, "writing the page of stages")
            _page(begun, piece, picture, work)
    return piece


def kept(begun: Start, folder: Path, prompt: str) -> tuple[Recipe, tuple[np.ndarray | None, Mesh | None, tuple[str, ...]]]:
    """The body's files in the folder, the recipe that names them, and what the pipeline starts from, read back from them: the same the next time."""
    from ..core.height.picture import read_height
    from ..core.mesh.read import read_mesh

    recipe, height, mesh = begun.recipe, None, None
    write_pictures(folder, begun.body.mask, begun.height)
    notes: tuple[str, ...] = begun.notes
    if begun.mesh is not None:
        assert begun.body.mesh is not None
        write_glb(folder / "generated.glb", begun.body.mesh, "generated")
        write_glb(folder / "body.glb", begun.mesh, "body")
        mesh = read_mesh(folder / "body.glb")[0]
        recipe = replace(recipe, mesh=_beside(folder / "body.glb"))
    if begun.height is not None:
        height = read_height(folder / "relief.png").height
        named = ", ".join(motif.name for motif in recipe.design.motifs) if prompt else ""
        recipe = replace(recipe, height=_beside(folder / "relief.png"), design=replace(recipe.design, motifs=()))
        notes += (f"the picture is the ornament; {named} was left out",) if named else ()
    return recipe, (height, mesh, notes)


def _beside(file: Path) -> Source:
    """A file that stays beside its recipe, wherever the folder goes."""
    return replace(Source.of(file), path=file.name)


def _page(begun: Start, piece: Piece, picture: Path | None, folder: Path) -> None:
    from .chain_stages import stages_of
    from .stages_page import write_stages

    write_stages(folder / "stages.html", stages_of(begun, piece, picture), piece.shaped.recipe.design.prompt)

