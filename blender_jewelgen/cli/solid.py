"""``solid``: any mesh becomes one closed body of a size in mm, with what was wrong with it and what was done."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.errors import BadInput
from ..core.solid.params import SolidParams
from . import options as opt
from .folder import Folder, Kind
from .progress import Progress
from .say import json_text

if TYPE_CHECKING:  # reading options stays quick
    from ..core.mesh.quality import Quality
    from ..core.solid.made import Solid

FORMAT = "jewelgen-solid/1"
MESHES = ("stl", "3mf", "glb")
SOLID = Kind("a solid", "piece.stl", ("report.json", *(f"piece.{kind}" for kind in MESHES)))


def add_options(to: argparse.ArgumentParser) -> None:
    """What can be typed after ``solid``."""
    to.add_argument("file", help="GLB, glTF, STL, OBJ, PLY or 3MF, of whatever make")
    to.add_argument("--scale", type=opt.number(), metavar="FACTOR", help="multiply by this to get mm; not needed with --size or --finger")
    opt.add(to, SolidParams, "solid")
    out = to.add_argument_group("output")
    out.add_argument("--out", type=Path, default=Path("solid"), metavar="DIR", help="folder for the files, default solid")
    out.add_argument("--force", action="store_true", help="replace a solid that is already there")
    out.add_argument("--quiet", action="store_true", help="no progress")
    out.add_argument("--json", action="store_true", help="print the report as JSON")


def solid(options: argparse.Namespace) -> int:
    """``solid FILE``: piece.stl, piece.3mf, piece.glb and report.json. Raises BadInput; then nothing is written."""
    from ..core.mesh import files
    from ..core.mesh.read import read_mesh
    from ..core.recipe import fingerprint
    from ..core.solid.made import made
    from .piece import present

    params = SolidParams(**opt.given(options, SolidParams))
    if options.scale is not None:
        opt.within("scale", options.scale, 1e-6, 1e6, kind="number")
    path = present(options.file, "mesh")
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, Folder(options.out, options.force, SOLID) as folder:
        if folder.holds(path):
            raise BadInput(f"mesh {path.name!r} would be replaced by the result; choose another folder with --out", field="out")
        assert folder.work is not None
        began = time.perf_counter()
        tell(0.0, "reading the mesh")
        scale = options.scale if options.scale is not None or not (params.size or params.finger) else 1.0
        mesh, facts = read_mesh(path, scale=scale)
        found = made(mesh, params, lambda share, text: tell(0.05 + 0.85 * share, text))
        seconds = time.perf_counter() - began
        tell(0.92, "writing files")
        title = path.stem
        for kind, write in zip(MESHES, (files.write_stl, files.write_3mf, files.write_glb)):
            write(folder.work / f"piece.{kind}", found.mesh, **({} if kind == "stl" else {"title": title}))
        report = _report(path, fingerprint(path), params, found, _of_file(facts.notes, found), seconds)
        (folder.work / "report.json").write_text(json_text(report, 1) + "\n", encoding="utf-8", errors="backslashreplace")
    _say(options, report, found)
    return 0


def _of_file(notes: tuple[str, ...], found: Solid) -> tuple[str, ...]:
    """What was found in the file besides faults that are mended by now."""
    return (*(note for note in notes if not note.startswith(("the mesh ", "neighbouring faces"))), *found.notes)


def _report(path: Path, sha256: str, params: SolidParams, found: Solid, notes: tuple[str, ...], seconds: float) -> dict[str, Any]:
    """What report.json says."""
    from dataclasses import asdict

    return {
        "format": FORMAT, "version": __version__, "file": {"path": str(path), "sha256": sha256}, "solid": asdict(params), "notes": list(notes), "exact": found.exact,
        "before": found.before.as_dict(), "after": found.after.as_dict(), "volume_before_mm3": found.volume_before, "volume_mm3": found.mesh.volume,
        "size_mm": found.mesh.size.round(4).tolist(), "triangles": len(found.mesh.faces), "finger_mm": found.finger_mm, "seconds": round(seconds, 3),
    }  # fmt: skip


def _say(options: argparse.Namespace, report: dict[str, Any], found: Solid) -> None:
    """Print what became of the mesh."""
    if options.json:
        print(json_text(report))
        return
    size = " x ".join(f"{side:.2f}" for side in report["size_mm"])
    inner = f", {found.finger_mm:.2f} mm inside" if found.finger_mm is not None else ""
    print(f"one closed body of {len(found.mesh.faces):,} triangles, {size} mm{inner}, {found.mesh.volume:.1f} mm3, in {options.out}")
    print(f"  before  {_faults(found.before)}")
    print(f"  after   {_faults(found.after)}")
    for note in report["notes"]:
        print(f"  note  {note}")


def _faults(quality: Quality) -> str:
    """A mesh's soundness in one line."""
    parts = [f"{quality.pieces:,} piece{'s' if quality.pieces != 1 else ''}", "closed" if quality.closed else f"{quality.open_edges:,} open edges"]
    parts += [f"{count:,} {words}" for count, words in ((quality.non_manifold, "crowded edges"), (quality.flipped, "edges between faces that disagree")) if count]
    if quality.wall_mm is not None:
        parts.append(f"wall {quality.wall_mm:.2f} mm")
    return ", ".join(parts)
