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
    for preset in presets:
        name = preset["name"]
        if options.only in name:
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / "piece"
                command = [str(python), "-m", "blender_jewelgen", "make", preset["prompt"], "--out", str(made), "--quiet",
                           "--picture-size", str(options.size)]
                subprocess.run(command, check=True, cwd=environment.ROOT)
                convert = "import sys; from PIL import Image; Image.open(sys.argv[1]).convert('RGB').save(sys.argv[2], quality=88)"
                subprocess.run([str(python), "-c", convert, str(made / "picture.png"), str(options.out / f"{name}.jpg")], check=True)
                shutil.copy(made / "recipe.json", options.out / f"{name}.json")
        lines.append(f"| ![{name}]({name}.jpg) | `{preset['prompt']}`<br>[recipe]({name}.json) |")
    head = "# Gallery\n\nEvery piece is one sentence given to `make`; the recipe beside it makes it again with `show`.\n\n| piece | sentence |\n|---|---|\n"
    (options.out / "README.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
