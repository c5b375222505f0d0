"""docs/gallery/chains.md: three pieces from a picture or a broken mesh, stage by stage: ``make_chains.py [NAME …]``.

The pictures that the chains begin with are photographs of pieces in this gallery; the broken mesh is made by ``tests/core/damaged.py``.
"""

from __future__ import annotations

import base64
import html
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
GALLERY = ROOT / "docs" / "gallery"
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "core")]
_TILE = 300  # px of a stage in the strip


@dataclass(frozen=True)
class Chain:
    """What is typed: the file it begins with, the words, further options, and what is said of it."""

    source: str
    words: str
    options: tuple[str, ...]
    about: str


CHAINS = {
    "chain-photo-band": Chain(
        "lotus-scroll-band.jpg", "celtic interlace, milgrain border, oxidised silver, US 8", (),
        "A photograph of one ring becomes another: the form is measured in the picture, the ornament comes from the words.",
    ),
    "chain-owl-medallion": Chain(
        "owl-medallion.jpg", "silver-925", ("--body", "relief"), "A photograph of a medal is raised on a disc of silver.",
    ),
    "chain-broken-ring": Chain(
        "broken-ring.glb", "celtic interlace, 18k gold, US 9", ("--depth", "0.3", "--fade", "0.6"),
        "A mesh as generators give them, without a unit, with holes, loose bits, a second skin and faces that look inward, becomes a ring that fits a finger.",
    ),
}  # fmt: skip


def main(names: list[str]) -> None:
    """Make the named chains, or all, and the page."""
    from blender_jewelgen.cli.main import main as jewelgen

    rows = []
    for name, chain in CHAINS.items():
        if not names or name in names:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "piece"
                source = broken(Path(folder)) if chain.source.endswith(".glb") else GALLERY / chain.source
                code = jewelgen(["make", chain.words, "--from", str(source), *chain.options, "--out", str(out), "--quiet"])
                if code:
                    sys.exit(f"{name}: code {code}")
                strip(out, GALLERY / f"{name}.jpg")
                (GALLERY / f"{name}.stages.md").write_text(tables(out / "stages.html"), encoding="utf-8")
                shutil.copy(out / "report.json", GALLERY / f"{name}.report.json")
        rows.append(section(name, chain))
    head = "# From a picture to a piece\n\nEach chain is one command; `stages.html` in its folder is the page with these numbers. The right column is what the usual script has at that stage: the mesh as it came, a ball's map.\n"
    (GALLERY / "chains.md").write_text("\n".join([head, *rows]), encoding="utf-8")


def broken(folder: Path) -> Path:
    """A band with a second skin within, holes, faces that look inward and loose bits, in a unit of its own."""
    import damaged

    from blender_jewelgen.core.mesh.arrays import Mesh
    from blender_jewelgen.core.mesh.files import write_glb

    hurt, chance = damaged.pieces()["band"], np.random.default_rng(2)
    for damage in (damaged.inner_shell, damaged.holes, damaged.flipped_faces, damaged.loose_bits):
        hurt = damage(hurt, chance)
    path = folder / "broken-ring.glb"
    write_glb(path, Mesh(hurt.vertices / hurt.size.max() * 1800.0, hurt.faces))  # 1.8 units, which GLB calls metres
    return path


def stages(page: Path) -> list[tuple[str, Image.Image | None, list[list[str]], list[str]]]:
    """Name, picture, rows of numbers and notes of each stage on a page."""
    found = []
    for part in re.findall(r"<section>(.*?)</section>", page.read_text(encoding="utf-8"), re.DOTALL):
        name = html.unescape(re.search(r"<h2>(.*?)</h2>", part)[1])
        data = re.search(r'src="data:image/png;base64,([^"]+)"', part)
        picture = Image.open(BytesIO(base64.b64decode(data[1]))).convert("RGB") if data else None
        rows = [[html.unescape(cell) for cell in re.findall(r"<t[dh]>(.*?)</t[dh]>", row)] for row in re.findall(r"<tr>(.*?)</tr>", part)]
        found.append((name, picture, rows, [html.unescape(note) for note in re.findall(r"<li>(.*?)</li>", part)]))
    return found


def strip(folder: Path, path: Path) -> None:
    """The pictures of the stages and the photograph of the piece, side by side."""
    pictures = [picture for _, picture, _, _ in stages(folder / "stages.html") if picture] + [Image.open(folder / "picture.png").convert("RGB")]
    sheet = Image.new("RGB", (_TILE * len(pictures), _TILE), (246, 243, 238))
    for number, picture in enumerate(pictures):
        picture.thumbnail((_TILE, _TILE))
        sheet.paste(picture, (number * _TILE + (_TILE - picture.width) // 2, (_TILE - picture.height) // 2))
    sheet.save(path, quality=88)


def tables(page: Path) -> str:
    """The numbers of all stages as one table."""
    lines = ["| stage | | here | usual script |", "|---|---|---|---|"]
    for name, _, rows, _ in stages(page):
        for number, row in enumerate(rows[1:]):
            cells = [*row, "", ""][:3]
            lines.append(f"| {name if number == 0 else ''} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def section(name: str, chain: Chain) -> str:
    """A chain on the page."""
    typed = " ".join(["make", f"'{chain.words}'", "--from", chain.source, *chain.options])
    table = (GALLERY / f"{name}.stages.md").read_text(encoding="utf-8")
    return f"## {chain.about}\n\n`{typed}`\n\n![{name}]({name}.jpg)\n\n{table}\n[report]({name}.report.json)\n"


if __name__ == "__main__":
    main(sys.argv[1:])
