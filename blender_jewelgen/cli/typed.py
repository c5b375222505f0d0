"""The recipe of a command line: what was typed as options goes before what the words say."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.recipe import MakeParams, Recipe, Source
from ..core.relief.params import CraftParams, ReliefParams
from ..core.words.design import Motif
from . import lettering, pictures
from . import options as opt
from .folder import place
from .piece import present


def recipe_of(options: argparse.Namespace, words: str | None = None) -> Recipe:
    """The recipe of a prompt and the options beside it; ``words`` stand in for the prompt. Raises BadInput."""
    from ..core.pattern import motifs
    from ..core.words.lexicon import explain
    from ..core.words.quotes import beside

    reading = explain(words if words is not None else options.prompt, lambda word: next(iter(motifs.candidates(word)), None), motifs.names())
    texts = lettering.lines_of(options, tuple(options.text)) if options.text else lettering.styled(reading.lines, options)
    design = beside(reading.design, texts)
    asked = opt.given(options, FormParams)
    typed = {name: typed for name in ("metal", "finish", "technique") if (typed := getattr(options, name)) is not None}
    design = replace(design, **typed)
    if getattr(options, "motif", None):
        design = replace(design, motifs=tuple(motif_of(given) for given in options.motif))
    mesh, height, scale = (getattr(options, name, None) for name in ("mesh", "height", "scale"))
    if mesh is not None:
        if asked.setdefault("form", "mesh") != "mesh":
            raise BadInput(f"form {asked['form']} and a mesh exclude each other; leave out --form or --mesh", field="form")
    elif scale is not None:
        raise BadInput("scale is for a mesh; say --mesh FILE with it", field="scale")
    if height is None and getattr(options, "height_method", None):
        raise BadInput("height-method is for a picture; say --height PICTURE with it", field="height-method")
    known_metal(design.metal)
    form: dict[str, object] = {"form": design.form, "size": design.size, "width": design.width, "shape": design.shape}
    if asked.get("form", design.form) != design.form:
        form |= {"shape": "", "width": None}
    form |= asked
    design = replace(design, form=str(form["form"]))
    return Recipe(
        design=design,
        form=FormParams(**form),  # type: ignore[arg-type]
        relief=ReliefParams(**opt.given(options, ReliefParams)),
        craft=CraftParams(**opt.given(options, CraftParams)),
        texts=texts,
        stones=lettering.stones_of(options),
        make=_make(options),
        diffusion=pictures.diffusion_of(options),
        height=Source.of(present(height, "height"), method=_method(options)) if height is not None else None,
        mesh=Source.of(present(mesh, "mesh"), scale) if mesh is not None else None,
    )


def _make(options: argparse.Namespace) -> MakeParams:
    make = MakeParams(**opt.given(options, MakeParams))
    return replace(make, engine=pictures.engine_of(make))


def _method(options: argparse.Namespace) -> str:
    """How the picture of ``--height`` becomes a height. Raises BadInput for a name that is no method."""
    return str(getattr(options, "height_method", None) or "height")


def motif_of(given: str) -> Motif:
    """The motif of ``--motif``: a name of the library, or the drawing in a file. Raises BadInput."""
    from ..core.pattern import drawn, sources
    from ..core.pattern.sketch import read_drawing

    path = place(given, "motif")
    if not path.exists() and sources.find(given, strip=False) is not None:
        return Motif(name=given)
    if not path.exists() and not path.suffix:
        raise BadInput(f"motif {given[:60]!r} is neither a file nor a motif of the library; jewelgen list motifs shows them", field="motif")
    return Motif(name=path.stem[:80] or "motif", cell=drawn.pack(read_drawing(path, "motif").field))


def known_metal(metal: str) -> None:
    """Raise BadInput for a metal that nobody can weigh."""
    from ..core.mesh.weight import density

    density(metal)
