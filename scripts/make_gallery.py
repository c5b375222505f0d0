#!/usr/bin/env python3
"""Make the gallery: every preset as a picture and a recipe in docs/gallery/. ``--only NAME``, ``--size PX``."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import environment

GALLERY = environment.ROOT / "docs" / "gallery"
DRAWN = {  # pieces with motifs of the model: sentence, what the motifs are asked for by, and which of them is taken
    "dragon-drawn-signet": ("signet ring, oval head, rope border, 14k yellow gold, US 10", ["dragon"], 3),
    "eagle-drawn-medallion": ("medallion, laurel, beaded border, bronze", ["eagle", "--function", "invent"], 5),
    "owl-drawn-pendant": ("drop pendant, milgrain border, oxidised silver, 30 mm wide", ["owl", "--function", "invent"], 1),
}
SAID = {"octopus-anchor-signet": "octopus embracing an anchor signet ring, cushion head, milgrain border, oxidised silver, US 11"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--out", type=Path, default=GALLERY)
    options = parser.parse_args()
    python = environment.interpreter("run")
    presets = json.loads((environment.ROOT / "blender_jewelgen/core/library/presets.json").read_text(encoding="utf-8"))["presets"]
    options.out.mkdir(parents=True, exist_ok=True)
    lines = []
    pieces = {preset["name"]: (preset["prompt"], [], 0) for preset in presets} | {name: (said, [], 0) for name, said in SAID.items()} | DRAWN
    for name, (prompt, wish, number) in pieces.items():
        if options.only in name:
            with tempfile.TemporaryDirectory() as folder:
                made, motifs = Path(folder) / "piece", Path(folder) / "motifs"
                jewelgen = [str(python), "-m", "blender_jewelgen"]
                command = [*jewelgen, "make", prompt, "--out", str(made), "--quiet", "--picture-size", str(options.size)]
                if wish:
                    subprocess.run([*jewelgen, "motif", *wish, "--out", str(motifs), "--quiet"], check=True, cwd=environment.ROOT)
                    command += ["--motif", str(motifs / f"motif-{number}.png")]
                subprocess.run(command, check=True, cwd=environment.ROOT)
                convert = "import sys; from PIL import Image; Image.open(sys.argv[1]).convert('RGB').save(sys.argv[2], quality=88)"
                subprocess.run([str(python), "-c", convert, str(made / "picture.png"), str(options.out / f"{name}.jpg")], check=True)
                shutil.copy(made / "recipe.json", options.out / f"{name}.json")
        by = f"<br>with number {number} of `motif {' '.join(wish)}`" if wish else ""
        lines.append(f"| ![{name}]({name}.jpg) | `{prompt}`{by}<br>[recipe]({name}.json) |")
    head = "# Gallery\n\nEvery piece is one sentence given to `make`; the recipe beside it makes it again with `show`.\n\n| piece | sentence |\n|---|---|\n"
    (options.out / "README.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
