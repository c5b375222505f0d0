"""Options, verbs, exit codes: 0 done, 2 bad input (one sentence, nothing written), 3 a check failed under --strict, 130 stopped."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from ..core.errors import JewelGenError
from ..core.form.params import FormParams
from ..core.height.params import METHODS
from ..core.recipe import MakeParams
from ..core.relief.params import TECHNIQUES, CraftParams, ReliefParams
from ..core.words.keys import FINISHES
from . import bodies, height, interrupts, keys, lettering, models, pictures, pieces_set, runtime, solid, tasks
from . import options as opt
from .setting import Setting

KINDS = ("still", "turntable", "sheet")
LISTED = ("forms", "motifs", "techniques", "metals", "sizes", "presets", "engines", "bodies", "processes")


def main(arguments: Sequence[str], setting: Setting | None = None) -> int:
    """Run one command line; the return value is the exit code."""
    _any_text()
    before = interrupts.listen()
    try:
        options = parser("motif" in arguments).parse_args(arguments)
        options.setting = setting or Setting()
        from .verbs import VERBS

        code = VERBS[options.verb](options)
        sys.stdout.flush()
        return code
    except JewelGenError as error:
        print(f"jewelgen: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(f"jewelgen: stopped; {stop if isinstance(stop, interrupts.Stopped) else 'nothing was written'}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _close_quietly()
        return 0
    except MemoryError:
        print("jewelgen: not enough memory for this piece; try --density preview", file=sys.stderr)
        return 2
    finally:
        interrupts.release(before)


def _any_text() -> None:
    """Let every text be printed: names of files need not be text, and not every terminal has every sign."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _close_quietly() -> None:
    """Nobody reads what is printed, as in ``… | head``: let Python's own last flush go nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # stdout is not a file
        pass


def parser(motif: bool = True) -> argparse.ArgumentParser:
    """The whole command line; without ``motif`` the options of that verb, whose engine takes as long to load as all others, are left out."""
    top = opt.Parser(prog="jewelgen", description="Words or a picture become jewelry that can be cast.")
    top.add_argument("--version", action="version", version=f"jewelgen {__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=opt.Parser)

    words = verbs.add_parser("make", help="make a piece from a sentence")
    words.add_argument("prompt", nargs="?", help='such as "repoussé lotus scroll band, beaded border, 18k gold, US 7"')
    bodies.add_chain_options(words)
    _piece_options(words)

    drawn = verbs.add_parser("pattern", help="draw the height picture only")
    drawn.add_argument("prompt")
    _piece_options(drawn, picture=False)

    raised = verbs.add_parser("relief", help="raise a height picture on a form or a mesh")
    raised.add_argument("prompt", nargs="?", default="", help="metal, finish and form in words, if wanted")
    _piece_options(raised)

    again = verbs.add_parser("show", help="make a piece again from its recipe")
    again.add_argument("recipe", help="recipe.json, or a folder that holds one")
    lettering.add(again, again=True)
    _worker_option(again)
    bodies.online(again)
    _output_options(again)

    shown = verbs.add_parser("render", help="take pictures of recipes: stills, turntables, a contact sheet")
    _picture_options(shown)

    invented = verbs.add_parser("motif", help="draw motifs from words, sketches and gaps, to choose from")
    if motif:
        _motif_options(invented)

    together = verbs.add_parser("set", help="ring, pendant, earrings and bracelet from one design")
    together.add_argument("prompt", help='such as "peony, beaded border, 18k gold, US 7"')
    _piece_options(together)
    pieces_set.add_options(together)

    risen = verbs.add_parser("height", help="a height from any picture: photograph, drawing, normal map, depth")
    height.add_options(risen)

    weights = verbs.add_parser("models", help="weights of picture and depth models: what there is, what its licence allows, fetch, add, remove")
    models.add_options(weights)

    healed = verbs.add_parser("runtime", help="the AI runtime that picture and depth models need: install, repair, remove")
    runtime.add_options(healed)

    bodied = verbs.add_parser("mesh", help="make a body of a picture: a ring of ours fitted to it, a relief, or what local models and services make of it")
    bodies.add_options(bodied)

    whole = verbs.add_parser("solid", help="make one closed body of any mesh: sized, symmetric, flat at the back, with a finger hole")
    solid.add_options(whole)

    secret = verbs.add_parser("keys", help="keys of services that make bodies of pictures: list, set, remove")
    keys.add_options(secret)

    waiting = verbs.add_parser("tasks", help="what services are still making: list, resume, forget")
    tasks.add_options(waiting)

    judged = verbs.add_parser("check", help="judge a mesh file")
    judged.add_argument("file", help="GLB, STL, OBJ, PLY or 3MF")
    judged.add_argument("--metal", metavar="NAME", help="metal to weigh it in, default silver-925")
    judged.add_argument("--bodies", type=opt.number("whole"), default=1, metavar="N", help="bodies the file should hold, default 1")
    judged.add_argument("--scale", type=opt.number(), metavar="FACTOR", help="multiply by this to get mm")
    opt.add(judged, MakeParams, "process", ("engine", "seed", "manufacture"))
    judged.add_argument("--mesh-quality", action="store_true", help="pieces, closedness, box planes, thinnest wall, symmetry, and what texture coordinates do: is this a body or a generator's cube?")
    judged.add_argument("--strict", action="store_true", help="exit code 3 if a check fails")
    judged.add_argument("--json", action="store_true", help="print JSON")

    listed = verbs.add_parser("list", help="the names that can be used")
    listed.add_argument("what", choices=LISTED)
    listed.add_argument("--json", action="store_true", help="print JSON")

    timed = verbs.add_parser("bench", help="measure the speed of this machine, with rivals in the same run")
    timed.add_argument("--only", default="", metavar="WORD", help="rows whose name holds this word")
    timed.add_argument("--json", action="store_true", help="print JSON")
    timed.add_argument("--quiet", action="store_true", help="no progress")
    return top


def _piece_options(to: argparse.ArgumentParser, picture: bool = True) -> None:
    opt.add(to, FormParams, "form")
    look = to.add_argument_group("look")
    look.add_argument("--metal", metavar="NAME", help="metal; jewelgen list metals")
    look.add_argument("--finish", metavar="NAME", help=f"surface: {', '.join(FINISHES)}")
    look.add_argument("--technique", metavar="NAME", help=f"craft: {', '.join(TECHNIQUES)}")
    look.add_argument("--motif", nargs="+", metavar="FILE|NAME", help="motifs instead of those of the words: drawings in files, such as motif-1.png, in their order, or names of the library")
    opt.add(to, ReliefParams, "relief")
    opt.add(to, CraftParams, "craft")
    lettering.add(to)
    if picture:
        foreign = to.add_argument_group("your own picture or mesh")
        foreign.add_argument("--height", metavar="PICTURE", help="use the grey values of this picture as height")
        foreign.add_argument("--height-method", metavar="NAME", help=f"how the picture becomes a height, default height: {', '.join(METHODS)}")
        foreign.add_argument("--mesh", metavar="FILE", help="ornament this mesh (GLB, STL, OBJ, PLY, 3MF) instead of a form")
        foreign.add_argument("--scale", type=opt.number(), metavar="FACTOR", help="multiply the mesh by this to get mm")
    opt.add(to, MakeParams, "making")
    pictures.add_options(to)
    engines = to.add_argument_group("engines")
    _worker_option(engines)
    bodies.online(engines)
    _output_options(to, picture)


def _motif_options(to: argparse.ArgumentParser) -> None:
    from ..engines.motif.wish import Wish

    to.add_argument("prompt", nargs="?", default="", help='such as "octopus embracing an anchor" or "龙与莲"; may be left out where a drawing is varied')
    opt.add(to, Wish, "motif", ("prompt", "vary"), {"count": "--n"})
    to.add_argument("--row", action="store_true", help="a row of steps from the prompt to --blend: --function row")
    own = to.add_argument_group("drawings: motif-N.png of this verb, PNG, JPEG, SVG and their like; dark on light or light on dark")
    own.add_argument("--vary", metavar="FILE|NAME", help="start from this drawing, or from this motif of the library; jewelgen list motifs")
    own.add_argument("--sketch", metavar="FILE", help="follow this scribble, silhouette or photograph, as closely as --strength says")
    own.add_argument("--inpaint", metavar="FILE", help="draw a part of this drawing anew; the rest stays as it is")
    own.add_argument("--mask", metavar="FILE", help="the part for --inpaint: white, or painted on a transparent ground")
    _worker_option(to.add_argument_group("engines"))
    out = to.add_argument_group("output")
    out.add_argument("--out", type=Path, default=Path("motifs"), metavar="DIR", help="folder for the files, default motifs")
    out.add_argument("--force", action="store_true", help="replace motifs that are already there")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print the report as JSON")


def _worker_option(to: argparse._ActionsContainer) -> None:
    to.add_argument("--worker", default="", metavar="PYTHON", help="have the pattern drawn by the engines of this Python, in a process of its own")


def _picture_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("recipe", nargs="+", help="a recipe, the folder of a piece, or a folder of many")
    shot = to.add_argument_group("pictures")
    shot.add_argument("--kind", choices=KINDS, default="still", help="a still of each, each on a turntable (frames and one that moves), or all on one contact sheet; default still")
    shot.add_argument("--size", type=opt.number("whole"), metavar="PX", help="width and height of a picture, default 768, or 512 on turntables and sheets")
    shot.add_argument("--samples", type=opt.number("whole"), default=48, metavar="N", help="rays a pixel, default 48")
    shot.add_argument("--frames", type=opt.number("whole"), default=36, metavar="N", help="pictures of a turn, default 36")
    shot.add_argument("--columns", type=opt.number("whole"), default=4, metavar="N", help="pictures in a row of a sheet, default 4")
    shot.add_argument("--metal", metavar="NAME", help="show all in this metal")
    shot.add_argument("--finish", metavar="NAME", help="show all with this surface")
    _worker_option(shot)
    out = to.add_argument_group("output")
    out.add_argument("--out", type=Path, default=Path("pictures"), metavar="DIR", help="folder for the pictures, default pictures; what is there of the same recipe is not taken again")
    out.add_argument("--force", action="store_true", help="take all pictures again")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print what was done as JSON")


def _output_options(to: argparse.ArgumentParser, picture: bool = True) -> None:
    out = to.add_argument_group("output")
    out.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="folder for the files, default out")
    out.add_argument("--force", action="store_true", help="replace a piece that is already there")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print the report as JSON")
    out.add_argument("--strict", action="store_true", help="exit code 3 if a check fails")
    out.add_argument("--no-render", dest="render", action="store_false", help="take no picture")
    if picture:
        out.add_argument("--picture-size", type=opt.number("whole"), default=768, metavar="PX", help="width and height of the picture, default 768")
