"""``height``: any picture becomes a 16 bit height, with a picture of it in metal, and on request a sheet of all methods that apply."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..core.errors import BadInput, Fix
from ..core.height.params import MODELS, HeightParams, SeeingParams
from . import options as opt
from .folder import Folder, Kind, place
from .progress import Progress
from .say import json_text

FORMAT = "jewelgen-height/1"
HEIGHT = Kind("a height", "height.png", ("height.png", "picture.png", "sheet.png", "report.json"))
_TILE = 384  # px of a picture on the sheet
_SHOWN = 1024  # px of the longer side of the picture in metal
_COLUMNS = 4


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``height``."""
    to.add_argument("picture", help="a photograph, a drawing (SVG too), a normal map, a depth or a height: PNG, JPEG, TIFF, WebP and their like")
    opt.add(to, HeightParams, "height", ("azimuth", "elevation"))
    more = to.add_argument_group("what is known of the picture")
    more.add_argument("--light", metavar="AZIMUTH,ELEVATION", help="where the light of a photograph stands, in degrees: 0 right, 90 above, 135 upper left; and how high")
    more.add_argument("--normals", metavar="FILE", help="a normal map of the same thing, whose detail is kept")
    more.add_argument("--depth-map", metavar="FILE", help="a depth of the same thing, lighter is nearer, whose large shapes are kept")
    opt.add(to, SeeingParams, "models that see depth: --method marigold, --method depth-anything")
    to.add_argument("--model", action="append", metavar="NAME|FOLDER", help="weights to see with; twice for one model of depth and one of normals; jewelgen models list")
    to.add_argument("--worker", default="", metavar="PYTHON", help="have the model run in this Python, which has torch; default this one, or that of the runtime")
    out = to.add_argument_group("output")
    out.add_argument("--compare", action="store_true", help="a sheet of all methods that apply, side by side")
    out.add_argument("--out", type=Path, default=Path("height"), metavar="DIR", help="folder for the files, default height")
    out.add_argument("--force", action="store_true", help="replace a height that is already there")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print the report as JSON")


def height(options: argparse.Namespace) -> int:
    """``height PICTURE``: height.png, picture.png, report.json, and sheet.png with --compare."""
    from ..core.height.metal import metal_of
    from ..core.height.picture import write_height
    from ..core.height.shade import save_shaded
    from ..core.pattern.any_picture import read_with, source_of

    params = HeightParams(**opt.given(options, HeightParams), **light(options.light))
    params = chosen(params, options.model or ())
    files = {name: _file(name, typed) for name, typed in (("picture", options.picture), ("normals", options.normals), ("depth", options.depth_map)) if typed is not None}
    others = {name: files.get(name) for name in ("depth", "normals")}
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, HEIGHT) as folder:
        for name, file in files.items():
            if folder.holds(file):
                raise BadInput(f"{name} {file.name!r} would be replaced by the result; choose another folder with --out", field="out")
        assert folder.work is not None
        began = time.perf_counter()
        some = lambda share, text: tell((0.4 if options.compare else 0.9) * share, text)  # noqa: E731
        seen = see(options, params, files, some) if params.method in MODELS else None
        source = None if seen is None else replace(source_of(files["picture"], **others), **{name: values for name, values in seen.maps.items() if name not in files})
        made = read_with(files["picture"], params, **others, tell=some) if source is None else source.height(params, lambda share, text: some(0.8 + 0.2 * share, text))
        seconds = time.perf_counter() - began
        report = _report(files, params, made, seconds) | ({} if seen is None else {"models": seen.credit})
        if seen is not None:
            report["notes"] = [*seen.notes, *report["notes"]]
        if options.compare:
            report["compared"] = compare(folder.work / "sheet.png", source or source_of(files["picture"], **others), params, made.method, lambda share, text: tell(0.4 + 0.5 * share, text))
        tell(0.95, "writing files")
        write_height(folder.work / "height.png", made.height)
        save_shaded(folder.work / "picture.png", metal_of(made.height, params, made.facts, _SHOWN))
        (folder.work / "report.json").write_text(json_text(report, 1) + "\n", encoding="utf-8", errors="backslashreplace")
    _say(options, report)
    return 0


@dataclass(frozen=True, eq=False)
class Seen:
    """What models saw: "depth" (h, w) and "normals" (h, w, 3) where they are, notes, and whose weights."""

    maps: dict[str, np.ndarray]
    notes: list[str]
    credit: dict[str, Any]


def see(options: argparse.Namespace, params: HeightParams, files: dict[str, Path], tell: Any) -> Seen:
    """Have a model look at the picture, in a process of its own whose Python has torch. Raises BadInput."""
    from ..worker.client import Client
    from ..worker.elsewhere import python_with_torch
    from ..worker.environment import command_for

    asked = SeeingParams(**opt.given(options, SeeingParams))
    models = [named(typed) for typed in options.model or ()]
    command, env = command_for(options.worker or python_with_torch())
    order = {"picture": str(files["picture"].absolute()), "height": {"method": params.method}, "models": models, "seeing": asdict(asked), "raw": True}
    with tempfile.TemporaryDirectory(prefix="jewelgen-") as name, Client(command, env=env) as client:
        result = client.run("heights", order, Path(name), tell=lambda share, text: tell(0.8 * share, text))
        maps = {kind: np.load(Path(name) / result[kind], allow_pickle=False) for kind in ("depth", "normals") if result[kind]}
    return Seen(maps, list(result["notes"]), result["credit"])


def chosen(params: HeightParams, models: Sequence[str]) -> HeightParams:
    """Where models are named and no method is, the method that sees with them. Raises BadInput for a method that does not."""
    if not models or params.method in MODELS:
        return params
    if params.method not in ("auto", "model"):
        raise BadInput(f"{params.method} sees with no model", field="method", fix=Fix("Use the Model", f"--method {MODELS[0]}"))
    from ..engines.weights.resolve import resolve

    families = [resolve(named(typed)).family for typed in models]
    return replace(params, method="depth-anything" if "depth-anything" in families else "marigold")


def named(typed: str) -> str:
    """A model as it was typed; a folder or file that is there as a whole path, for the worker may stand in another place."""
    if not typed.strip():
        raise BadInput("the model is not named; name a folder, or a model of jewelgen models list", field="model")
    path = Path(typed).expanduser()
    return str(path.absolute()) if path.exists() else typed


def light(typed: str | None) -> dict[str, float]:
    """Azimuth and elevation of ``--light 135,45``, or of ``--light 135`` alone. Raises BadInput."""
    if typed is None:
        return {}
    words = typed.replace(";", ",").replace("°", "").split(",")
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) not in (1, 2):
        raise BadInput(f"light {typed[:40]!r} is not understood; say --light AZIMUTH,ELEVATION in degrees, such as --light 135,45", field="light")
    return dict(zip(("azimuth", "elevation"), values))


def compare(path: Path, source: Any, params: HeightParams, best: str, tell: Any) -> list[dict[str, Any]]:
    """Write a sheet of the picture and of every method that applies to it; gives what became of each."""
    from ..core.height.metal import metal_of
    from ..core.height.methods import applicable
    from .sheet import contact_sheet

    colours = source.picture.colours
    names = dict.fromkeys((best, *applicable(source.looks(), source.depth is not None, source.normals is not None)))
    tiles, labels, rows = [square(_on_paper(colours), _TILE)], [("picture", source.path.name)], []
    for number, name in enumerate(names):
        tell(number / len(names), f"trying {name}")
        one = replace(params, method=name)
        began = time.perf_counter()
        try:
            made = source.height(one)
        except BadInput as error:
            rows.append({"method": name, "left_out": str(error)})
            continue
        rows.append({"method": name, "seconds": round(time.perf_counter() - began, 3), "notes": list(made.notes)})
        tiles.append(square(metal_of(made.height, one, made.facts, _TILE), _TILE))
        labels.append((f"{name}{' (chosen)' if name == best else ''}", made.notes[0] if made.notes else ""))
    contact_sheet(path, tiles, labels, min(_COLUMNS, len(tiles)), _TILE)
    return rows


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """(side, side, 3) uint8: a picture whole, in the middle of a square of its own edge's grey."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((side, side))
    ground = Image.new("RGB", (side, side), tuple(int(v) for v in np.median(np.concatenate([picture[0], picture[-1]]), axis=0)))
    ground.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return np.asarray(ground)


def _on_paper(colours: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 of colours or grey, what is transparent on white."""
    if colours.ndim == 2:
        colours = np.repeat(colours[..., None], 3, axis=-1)
    shown = colours[..., :3]
    if colours.shape[2] == 4:
        shown = shown * colours[..., 3:] + (1.0 - colours[..., 3:])
    return (np.clip(shown, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _file(name: str, typed: str) -> Path:
    if not typed.strip():
        raise BadInput(f"the {name} is not named; name a file", field=name)
    return place(typed, name)


def _report(files: dict[str, Path], params: HeightParams, made: Any, seconds: float) -> dict[str, Any]:
    """What report.json says."""
    from ..core.recipe import fingerprint

    return {
        "format": FORMAT, "version": __version__, "files": {name: {"path": str(file), "sha256": fingerprint(file)} for name, file in files.items()},
        "method": made.method, "why": made.facts.get("why", ""), "notes": list(made.notes), "seconds": round(seconds, 3),
        "facts": {name: value for name, value in made.facts.items() if name != "why"}, "asked": asdict(params),
    }  # fmt: skip


def _say(options: argparse.Namespace, report: dict[str, Any]) -> None:
    if options.json:
        print(json_text(report))
        return
    facts = report["facts"]
    why = "" if report["why"] == "asked for" else f" ({report['why']})"
    print(f"height {facts['columns']} x {facts['rows']} px by {report['method']}{why}, {report['seconds']:.1f} s, in {options.out}")
    for note in report["notes"]:
        print(f"  note  {note}")
