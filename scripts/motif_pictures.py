"""The pictures of the model card: motifs by word, blends, scribbles, symmetries, rows, repairs, and the curve of the training."""

from __future__ import annotations

import csv
import textwrap
from pathlib import Path

import numpy as np
from motif_rows import PAIRS, Bench
from PIL import Image, ImageDraw, ImageFont

from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.engines import motif
from blender_jewelgen.learning.judge import CLASSES
from blender_jewelgen.learning.taught import SUBJECTS

TILE, LABEL, EDGE = 88, 116, 6
INK, PAPER, GREY = 35, 255, 150
SYMMETRIC = ("dragon", "eagle", "lotus", "snake", "acanthus leaf", "crown")
ROWS = (("dragon", "lotus"), ("lion", "sun"), ("fish", "bird"))


def tile(field: np.ndarray) -> Image.Image:
    """A drawing (any size) in ink on paper."""
    ink = drawn.coverage(field, TILE)
    return Image.fromarray((PAPER + (INK - PAPER) * ink).astype(np.uint8))


def sheet(rows: list[tuple[str, list[np.ndarray | None]]], heads: list[str]) -> Image.Image:
    """Rows of drawings, each with its words at the left; ``heads`` stand over the columns."""
    wide = max(len(row) for _, row in rows)
    page = Image.new("L", (LABEL + wide * (TILE + EDGE), 20 + len(rows) * (TILE + EDGE)), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for column, head in enumerate(heads):
        pen.text((LABEL + column * (TILE + EDGE), 3), head, fill=GREY, font=font)
    for number, (label, fields) in enumerate(rows):
        top = 20 + number * (TILE + EDGE)
        pen.multiline_text((4, top + TILE // 2 - 14), _wrapped(label), fill=INK, font=font)
        for column, field in enumerate(fields):
            if field is not None:
                page.paste(tile(field), (LABEL + column * (TILE + EDGE), top))
    return page


def _wrapped(label: str) -> str:
    return "\n".join(part for line in label.replace(" + ", " +\n").split("\n") for part in textwrap.wrap(line, 15))


def write(page: Image.Image, path: Path) -> None:
    """As a PNG of 16 greys, which is small."""
    page.quantize(16).save(path, optimize=True)


def draw_all(bench: Bench, folder: Path) -> list[str]:
    """Write every sheet; their file names."""
    pages = {
        "words-best": by_word(bench, best=True), "words-worst": by_word(bench, best=False), "blends": blends(bench), "sketches": sketches(bench),
        "symmetric": symmetric(), "rows": rows_of_steps(), "repaired": repaired(bench), "unseen": unseen(bench),
    }  # fmt: skip
    for name, page in pages.items():
        write(page, folder / f"model-{name}.png")
    return [f"model-{name}.png" for name in pages]


def by_word(bench: Bench, best: bool, count: int = 14) -> Image.Image:
    """The words that the judge reads best, or worst: a taught drawing, then all that was drawn, not chosen."""
    subjects = list(SUBJECTS)
    fields = bench.kept["subjects finished"].reshape(-1, len(subjects), 64, 64)
    shares = bench.judge.shares(fields.reshape(-1, 64, 64)).reshape(len(fields), len(subjects), -1)
    own = np.array([shares[:, k, CLASSES.index(name)].mean() for k, name in enumerate(subjects)])
    order = np.argsort(-own if best else own, kind="stable")[:count]
    first = {name: np.flatnonzero(bench.classes[: bench.first_figure] == CLASSES.index(name))[:1] for name in subjects}
    lines = [(f"{subjects[k]}\n{own[k]:.2f}", [drawn.cleaned(bench.plain(first[subjects[k]])[0]), *fields[:, k]]) for k in order]
    return sheet(lines, ["taught", *(f"seed {seed}" for seed in range(len(fields)))])


def blends(bench: Bench) -> Image.Image:
    """Four pairs that the judge splits well, and four that it does not."""
    count = len(bench.kept["blends"]) // len(PAIRS)
    fields = bench.kept["blends"].reshape(len(PAIRS), count, 64, 64)
    shares = bench.judge.shares(fields.reshape(-1, 64, 64)).reshape(len(PAIRS), count, -1)
    both = np.array([np.minimum(shares[k, :, CLASSES.index(a)], shares[k, :, CLASSES.index(b)]).mean() for k, (a, b) in enumerate(PAIRS)])
    order = np.argsort(-both, kind="stable")
    chosen = [*order[:5], *order[-3:]]
    words = bench.kept["blends by words"]
    return sheet([(" + ".join(PAIRS[k]), [*fields[k], words[k]]) for k in chosen], ["half and half", "side by side"] * (count // 2) + ["words alone"])


def sketches(bench: Bench) -> Image.Image:
    """Scribbles, and what becomes of them with more and more strength."""
    scribbles, strengths = bench.kept["scribbles"], ("0.5", "0.7", "0.85", "0.95")
    some = range(0, len(scribbles), max(len(scribbles) // 8, 1))[:8]
    lines = [(bench.said["scribbles"][k], [drawn.cleaned(scribbles[k]), *(bench.kept[f"sketched {s}"][k] for s in strengths)]) for k in some]
    return sheet(lines, ["scribble", *strengths])


def symmetric() -> Image.Image:
    """Words drawn with every symmetry, invented freely."""
    kinds = ("none", "mirror", "2", "3", "4", "6")
    lines = []
    for word in SYMMETRIC:
        made = [motif.draw(motif.Wish(prompt=word, function="invent", symmetry=kind, count=1, seed=7), lambda *_: None)[0].field for kind in kinds]
        lines.append((word, made))
    return sheet(lines, list(kinds))


def rows_of_steps() -> Image.Image:
    """From one thing to another in nine steps."""
    lines = []
    for one, two in ROWS:
        made = motif.draw(motif.Wish(prompt=one, blend=two, function="row", count=9, seed=3), lambda *_: None)
        lines.append((f"{one} + {two}", [each.field for each in made]))
    return sheet(lines, [])


def repaired(bench: Bench) -> Image.Image:
    """Drawing, hole, and the drawing made whole; two to a row."""
    fields = bench.kept["repaired"]
    groups = [list(fields[k : k + 3]) for k in range(0, len(fields), 3)]
    return sheet([("", groups[k] + groups[k + 1]) for k in range(0, len(groups) - 1, 2)], ["drawing", "to repair", "repaired"] * 2)


def unseen(bench: Bench) -> Image.Image:
    """English words that no caption has; two of each."""
    said, fields = bench.said["unseen"], bench.kept["unseen"]
    half = len(said) // 2
    rows = [(said[k], [fields[k], fields[half + k]]) for k in range(half) if said[k].isascii()]
    third = -(-len(rows) // 3)
    lines = []
    for k in range(third):
        words = [rows[k + part * third] if k + part * third < len(rows) else ("", []) for part in range(3)]
        lines.append((" / ".join(word for word, _ in words if word).replace(" / ", "\n"), [field for _, pair in words for field in (*pair, None)]))
    return sheet(lines, [])


def curve(log: Path) -> Image.Image:
    """The loss against the images seen, from the trainer's log."""
    with open(log, encoding="utf-8") as file:
        points = [(float(row["images"]), float(row["loss"]), float(row["seconds"])) for row in csv.DictReader(file)]
    wide, tall, left, low = 720, 300, 56, 34
    page = Image.new("L", (wide, tall), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    points = [point for point in points if point[1] < 0.3] or points  # the first minute falls from far above
    most = max(images for images, _, _ in points)
    ends = 0.95 * min(loss for _, loss, _ in points), 1.05 * max(loss for _, loss, _ in points)

    def place(images: float, loss: float) -> tuple[float, float]:
        up = (loss - ends[0]) / (ends[1] - ends[0])
        return left + images / most * (wide - left - 20), tall - low - up * (tall - low - 24)

    for k in range(5):
        level = ends[0] + k / 4 * (ends[1] - ends[0])
        y = place(0, level)[1]
        pen.line((left, y, wide - 20, y), fill=225)
        pen.text((8, y - 8), f"{level:.3f}", fill=GREY, font=font)
        pen.text((place(most * k / 4, ends[0])[0] - 14, tall - low + 6), f"{most * k / 4 / 1000:.0f}k", fill=GREY, font=font)
    pen.line([place(images, loss) for images, loss, _ in points], fill=INK, width=2)
    pen.text((left + 4, 4), f"loss, mean since the last entry; images seen; {points[-1][2] / 3600:.1f} h in all", fill=INK, font=font)
    return page
