"""``mesh``: a picture becomes a body. And the options of ``make --from``, which goes on from there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..core.body import BodyOrder, BodyParams
from ..core.errors import BadInput, Fix
from ..core.solid.params import SolidParams
from . import options as opt
from .drawing import drawing
from .folder import Folder, Kind, place
from .progress import Progress
from .say import json_text

if TYPE_CHECKING:
    from ..core.mesh.arrays import Mesh
    from ..core.pipeline import Tell

FORMAT = "jewelgen-body/1"
BODY = Kind("a body", "mesh.glb", ("mesh.glb", "mask.png", "relief.png", "source.png", "picture.png", "report.json"))
_LOOK = 640  # px of picture.png
_ROOM = 30.0  # mm a side of the square that a picture for a body is drawn on; only its shape matters
_MANNER = "one piece of jewelry, whole, centred, seen from a little above, plain white ground, soft even light, product photograph"


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``mesh``."""
    to.add_argument("picture", nargs="?", default="", help="a photograph or drawing of the piece; left out where --prompt alone is to be made a body")
    opt.add(to, BodyParams, "body")
    more = to.add_argument_group("what is known of the piece")
    _words(more)
    online(more)
    more.add_argument("--prompt", default="", metavar="WORDS", help="what it is, in words")
    more.add_argument("--size", default="", metavar="SIZE", help='finger size of a ring, such as "US 7"')
    more.add_argument("--seed", type=opt.number("whole"), default=0, metavar="N", help="seed of the first candidate")
    out = to.add_argument_group("output")
    out.add_argument("--out", type=Path, default=Path("body"), metavar="DIR", help="folder for the files, default body")
    out.add_argument("--force", action="store_true", help="replace a body that is already there")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print the report as JSON")


def add_chain_options(to: argparse.ArgumentParser) -> None:
    """The options of ``make --from``."""
    group = to.add_argument_group("from a picture of a piece")
    group.add_argument("--from", dest="source", metavar="PICTURE|MESH", help="make a body of this picture first, or make this mesh solid, and put the ornament of the words on it")
    group.add_argument("--body", metavar="ENGINE", help="who makes the body, default auto: a ring of ours where one is seen, else a relief; jewelgen list bodies")
    group.add_argument("--body-model", metavar="NAME|FOLDER", help="weights of a local model")
    known = {f.name: f.metadata["tip"] for f in fields(BodyParams)}
    for name in ("server", "candidates", "grid", "view"):
        kind: dict[str, Any] = {"type": opt.number("whole")} if name in ("candidates", "grid") else {}
        group.add_argument(f"--{name}", metavar="N" if kind else "TEXT", default=argparse.SUPPRESS, help=known[name], **kind)
    _words(group)
    known = {f.name: f.metadata["tip"] for f in fields(SolidParams)}
    group.add_argument("--longest", dest="solid_size", metavar="MM", help=known["size"])
    for name in ("symmetric", "flat"):
        group.add_argument(f"--{name}", dest=f"solid_{name}", metavar="SIDE", help=known[name])


def _words(to: argparse._ActionsContainer) -> None:
    to.add_argument("--pictures", default="", metavar="ENGINE", help="have a picture of the words drawn first by this engine, such as diffusers:sdxl")


def online(to: argparse._ActionsContainer) -> None:
    """The option that allows the network."""
    to.add_argument("--online", action="store_true", help="allow the network, which services need")


def mesh(options: argparse.Namespace) -> int:
    """``mesh PICTURE``: mesh.glb, mask.png or relief.png where there are such, picture.png, report.json."""
    from ..core.mesh.look import shaded
    from ..core.mesh.quality import measured
    from ..worker import elsewhere

    params = BodyParams(**opt.given(options, BodyParams))
    opt.within("seed", options.seed, 0, 2**31 - 1)
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, BODY) as folder:
        assert folder.work is not None
        with pictured(options, options.picture, options.prompt, params, folder.work, tell) as picture:
            if picture and folder.holds(picture):
                raise BadInput(f"picture {picture.name!r} would be replaced by the result; choose another folder with --out", field="out")
            order = BodyOrder(params=params, picture=picture, prompt=options.prompt, size=options.size, seed=options.seed, online=options.online)
            try:
                body = elsewhere.body(order, lambda share, text: tell(0.1 + 0.6 * share, text))
            finally:
                elsewhere.close()
            made = body.mesh if body.mesh is not None else plain_mesh(body.form, body.height, lambda share, text: tell(0.7 + 0.15 * share, text))
            tell(0.86, "measuring the mesh")
            report = {
                "format": FORMAT, "version": __version__, "picture": str(picture or ""), "prompt": options.prompt, "engine": body.credit, "cost": body.cost,
                "form": _form(body.form), "unit": "mm" if body.mesh is None else "the engine's own", "quality": measured(made).as_dict(),
                "candidates": [{"seed": one.seed, "refused": one.refused, "numbers": one.numbers} for one in body.candidates], "notes": list(body.notes),
            }  # fmt: skip
            write_pictures(folder.work, body.mask, body.height)
        tell(0.93, "writing files")
        write_glb(folder.work / "mesh.glb", made, "body")
        save(folder.work / "picture.png", shaded(made, _LOOK))
        (folder.work / "report.json").write_text(json_text(report, 1) + "\n", encoding="utf-8", errors="backslashreplace")
    _say(options, report, made)
    return 0


def order_of(options: argparse.Namespace, picture: Path | None, size: str, seed: int) -> BodyOrder:
    """The order of ``make --from``. Raises BadInput."""
    typed = {name: value for name in ("server", "candidates", "grid", "view") if (value := getattr(options, name, None)) is not None}
    typed |= {name: value for name, value in (("engine", options.body), ("model", options.body_model)) if value is not None}
    return BodyOrder(params=BodyParams(**typed), picture=picture, prompt=options.prompt or "", size=size, seed=seed, online=options.online)


def solid_of(options: argparse.Namespace, size: str) -> SolidParams:
    """How the body of ``make --from`` is made solid; ``size`` is the finger's, "" for none. Raises BadInput."""
    typed = {name: value for name in ("size", "symmetric", "flat") if (value := getattr(options, f"solid_{name}", None)) is not None}
    return SolidParams(**typed, finger=size)


@contextmanager
def pictured(options: argparse.Namespace, typed: str, prompt: str, params: BodyParams, work: Path, tell: Tell) -> Iterator[Path | None]:
    """The picture that a body is made of: the file, one that ``--pictures`` draws of the words, or None for an engine that takes words."""
    from ..engines.bodies.registry import card

    if typed:
        if options.pictures:
            raise BadInput("a picture and --pictures exclude each other; leave out one of them", field="pictures")
        found = place(typed, "picture")
        if not found.is_file():
            raise BadInput(f"the picture {typed[:200]!r} is {'a folder' if found.is_dir() else 'not there'}", field="picture")
        yield found.resolve()
        return
    if not prompt.strip():
        raise BadInput("nothing is shown and nothing is said; name a picture, or say --prompt WORDS", field="picture")
    if not options.pictures:
        if not card(params.engine).words:
            raise BadInput(f"{params.engine} makes bodies of pictures only", field="picture", fix=Fix("Draw a picture first", "--pictures diffusers:NAME"))
        yield None
        return
    yield drawn(options.pictures, prompt, int(getattr(options, "seed", 0) or 0), options.online, work / "source.png", tell)


def drawn(engine: str, prompt: str, seed: int, online: bool, path: Path, tell: Tell) -> Path:
    """A picture of the words, by a picture engine. Raises BadInput for an engine that draws heights only."""
    from ..core.diffusion import DiffusionParams
    from ..core.pattern.strip import Plate
    from ..core.stages import Order
    from ..core.words.design import Design

    said = DiffusionParams(prompt=f"{prompt}, {_MANNER}", tiling="none")
    outline = np.full((512, 512), _ROOM / 2.0, np.float32)
    order = Order(engine, Design(prompt=prompt), Plate(_ROOM, _ROOM, 512, 512, outline), seed, said)
    with drawing(online=online) as ask:
        answer = ask(order, lambda share, text: tell(0.1 * share, text))
    if answer.colours is None:
        raise BadInput(f"the engine {engine[:60]!r} draws heights, not pictures of pieces; say --pictures diffusers:NAME", field="pictures")
    save(path, answer.colours)
    return path


def plain_mesh(form: Any, height: np.ndarray | None, tell: Tell) -> Mesh:
    """A form of ours as it stands without ornament, or with the picture as its relief, mm."""
    from ..core import pipeline
    from ..core.recipe import Recipe
    from ..core.words.design import Design

    recipe = Recipe(design=Design(form=form.form), form=form)
    picture = np.zeros((64, 64), np.float32) if height is None else height
    return pipeline.shape(recipe, never, tell, picture).mesh


def never(order: Any, tell: Any) -> Any:
    """An ``Ask`` for walks that bring their own picture."""
    raise AssertionError("the walk has a picture; no engine is asked")


def write_pictures(folder: Path, mask: np.ndarray | None, height: np.ndarray | None) -> None:
    """mask.png and relief.png, where there are such."""
    from ..core.height.picture import write_height

    for name, values in (("mask.png", mask), ("relief.png", height)):
        if values is not None:
            write_height(folder / name, np.asarray(values, np.float32))


def write_glb(path: Path, mesh: Mesh, title: str) -> None:
    """A mesh in mm as GLB."""
    from ..core.mesh.files import Look
    from ..core.mesh.files import write_glb as write

    write(path, mesh, Look(), title=title)


def save(path: Path, picture: np.ndarray) -> None:
    """A picture (h, w, 3) uint8 as PNG."""
    from PIL import Image

    Image.fromarray(picture).save(path)


def _form(form: Any) -> dict[str, Any] | None:
    return None if form is None else {f.name: getattr(form, f.name) for f in fields(form)}


def _say(options: argparse.Namespace, report: dict[str, Any], made: Mesh) -> None:
    if options.json:
        print(json_text(report))
        return
    size = " x ".join(f"{v:.2f}" for v in made.size)
    quality = report["quality"]
    closed = "closed" if quality["closed"] else "not closed"
    print(f"{report['engine']['name']}: {len(made.faces):,} triangles, {size}, {quality['pieces']} piece{'s' if quality['pieces'] != 1 else ''}, {closed}, in {options.out}")
    if report["cost"]:
        print(f"  cost  {report['cost']}")
    for one in report["candidates"]:
        if one["refused"]:
            print(f"  seed {one['seed']} refused: {one['refused']}")
    for note in report["notes"]:
        print(f"  note  {note}")

