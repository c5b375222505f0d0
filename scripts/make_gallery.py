#!/usr/bin/env python3
"""Make the gallery: every piece of gallery.json as picture, recipe and report in docs/gallery/. ``--only NAME``, ``--size PX``."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import environment

GALLERY = environment.ROOT / "docs" / "gallery"
HEAD = """# Gallery

Every piece is one sentence given to `make`; the recipe beside it makes it again with `show`, the report says what was measured.
Pieces that began as a picture or a broken mesh have [a page of their own](chains.md).
"""
_SMALLER = "import sys; from PIL import Image; Image.open(sys.argv[1]).convert('RGB').save(sys.argv[2], quality=88)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pieces whose name or craft holds this word")
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--out", type=Path, default=GALLERY)
    options = parser.parse_args()
    python = str(environment.interpreter("run"))
    crafts: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("gallery.json").read_text(encoding="utf-8"))
    options.out.mkdir(parents=True, exist_ok=True)
    for craft, pieces in crafts.items():
        for piece in pieces:
            if options.only in piece["name"] or options.only in craft:
                make(piece, python, options.out, options.size)
    page = [HEAD]
    for craft, pieces in crafts.items():
        shown = [piece for piece in pieces if (options.out / f"{piece['name']}.jpg").exists()]
        page += [f"## {craft}\n", "| piece | sentence |", "|---|---|", *(row(piece, options.out) for piece in shown), ""]
    (options.out / "README.md").write_text("\n".join(page), encoding="utf-8")
    return 0


def make(piece: dict[str, Any], python: str, out: Path, size: int) -> None:
    """Make one piece and keep its picture, recipe and report."""
    jewelgen = [python, "-m", "blender_jewelgen"]
    with tempfile.TemporaryDirectory() as folder:
        made, motifs = Path(folder) / "piece", Path(folder) / "motifs"
        command = [*jewelgen, "make", *piece["say"], "--out", str(made), "--quiet", "--picture-size", str(size)]
        if "motif" in piece:
            subprocess.run([*jewelgen, "motif", *piece["motif"], "--out", str(motifs), "--quiet"], check=True, cwd=environment.ROOT)
            command += ["--motif", str(motifs / f"motif-{piece['number']}.png")]
        subprocess.run(command, check=True, cwd=environment.ROOT)
        subprocess.run([python, "-c", _SMALLER, str(made / "picture.png"), str(out / f"{piece['name']}.jpg")], check=True)
        shutil.copy(made / "recipe.json", out / f"{piece['name']}.json")
        shutil.copy(made / "report.json", out / f"{piece['name']}.report.json")


def row(piece: dict[str, Any], out: Path) -> str:
    """The line of the page for one piece."""
    name, (prompt, *more) = piece["name"], piece["say"]
    said = f"`{prompt}`" + (f"<br>`{shlex.join(more)}`" if more else "")
    by = f"<br>with number {piece['number']} of `motif {' '.join(piece['motif'])}`" if "motif" in piece else ""
    report = f", [report]({name}.report.json)" if (out / f"{name}.report.json").exists() else ""
    return f"| ![{name}]({name}.jpg) | {said}{by}<br>[recipe]({name}.json){report} |"


if __name__ == "__main__":
    sys.exit(main())
