#!/usr/bin/env python3
"""Read the lettering of real pieces by OCR: ``evaluate_lettering.py [--count 200] [--part 1/4] [--out lettering]``.

Each string is set on a piece by the whole walk, the finished, reduced mesh is looked at from its front (a band is unrolled), and Tesseract
reads what it sees; so it reads a flat print of the same string by another rasteriser, which is the ceiling. Several runs may share the
strings (``--part``) and the folder; what is there already is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SEED = 20261121
_EDGE = 0.25  # heights round the line's box that are seen, on the piece and in print
_RIM, _BORDER = 0.95, 0.35  # mm at the edges of a plaque, and at the borders of a band, that are not looked at: they carry no letters
PIXELS = 60  # height of capitals in the picture of a piece, and in print
SIZES = (30, 22, 26, 36, 44)  # heights at which it is read; the most common reading counts: one size alone misreads sound print
WORDS = (
    "forever always love yours heart soul faith hope grace light star moon sun rose lily ocean summer winter spring autumn honor truth courage"
    " wisdom peace family mother father sister brother friend together never apart beloved cherish promise dream wild free brave gentle true my"
    " our your life one two hands hearts hold keep dance sing home river mountain golden silver evening morning dawn journey memory story magic"
    " wonder happy blessed dearest darling angel eternal infinite destiny fortune liberty unity harmony spirit"
).split()
NAMES = "Anna Marie Clara Emma Julia Laura Sophie Helena Victor Oliver Thomas Samuel Henry Edward Martin David Peter Lucas Felix Oscar".split()
MOTTOES = (
    "Amor vincit omnia|Carpe diem|Semper fidelis|Dum spiro spero|Veni vidi vici|Fiat lux|Ad astra per aspera|Memento vivere|Vita brevis ars longa|"
    "Je t'aime|Ti amo|Te quiero mucho|Toujours ensemble|Dolce far niente|Ewig dein|Per sempre|Pour toujours|Nosce te ipsum"
).split("|")
BLESSINGS = (
    "百年好合 永结同心 白头偕老 花好月圆 龙凤呈祥 吉祥如意 平安喜乐 福寿安康 长命百岁 岁岁平安 金玉满堂 年年有余 招财进宝 步步高升 前程似锦 一帆风顺 "
    "心想事成 万事如意 福如东海 寿比南山 松鹤延年 喜上眉梢 花开富贵 五福临门 三阳开泰 国泰民安 风调雨顺 天长地久 海枯石烂 情比金坚 举案齐眉 相敬如宾 "
    "琴瑟和鸣 比翼双飞 连理同枝 鸾凤和鸣 佳偶天成 天作之合 心心相印 一生一世 执子之手 与子偕老 愿得一心 白首不离 四季平安 出入平安 健康长寿 财源广进 "
    "生意兴隆 学业有成 金榜题名 鹏程万里 马到成功 大展宏图 厚德载物 自强不息 上善若水 宁静致远 淡泊明志 知足常乐 难得糊涂 海纳百川 有容乃大 天道酬勤 "
    "志存高远 敬天爱人 明德至善 和气致富 家和万事 慈母手中 春暖花开 秋月春风 山高水长 云淡风轻 星辰大海 清风明月 岁月静好 不忘初心 莫失莫忘 仙寿恒昌"
).split()
FONTS = {"en": ("roman", "sans", "script"), "zh": ("song", "kai")}
PIECES = ("plaque, raised", "plaque, engraved", "band, raised", "band, engraved", "band with a vine, raised", "inside a band, engraved")


@dataclass(frozen=True)
class Task:
    number: int
    text: str
    language: str
    font: str
    piece: str


def tasks(count: int) -> list[Task]:
    """The strings, half of them Chinese, with their fonts and pieces: always the same."""
    rng, found = np.random.default_rng(SEED), []
    for n in range(count):
        language = "en" if n % 2 == 0 else "zh"
        if language == "zh":
            text = "".join(rng.choice(BLESSINGS, 1 if rng.random() < 0.6 else 2, replace=False))
        else:
            kind = rng.random()
            if kind < 0.2:
                text = str(rng.choice(MOTTOES))
            elif kind < 0.4:
                text = f"{rng.choice(NAMES)} & {rng.choice(NAMES)} {rng.integers(1, 29)}.{rng.integers(1, 13)}.{rng.integers(1980, 2027)}"
            else:
                text = " ".join(rng.choice(WORDS, int(rng.integers(2, 5)), replace=False))
                text = text.upper() if kind > 0.8 else text.capitalize() if kind > 0.6 else text.title()
        fonts = FONTS[language]
        font = fonts[(n // 2) % len(fonts)]
        if font == "script":  # a script is not written in capitals
            text = text.title() if text.isupper() else text
        found.append(Task(n, text, language, font, PIECES[int(rng.integers(len(PIECES)))]))
    return found


def piece(task: Task) -> tuple[np.ndarray, float, float, dict[str, float]]:
    """((h, w) grey picture of the line on the finished mesh, letter height mm, stroke mm, seconds of lettering and of all)."""
    from blender_jewelgen.core import pipeline
    from blender_jewelgen.core.form.params import FormParams
    from blender_jewelgen.core.recipe import Recipe
    from blender_jewelgen.core.relief import assemble
    from blender_jewelgen.core.relief.params import ReliefParams
    from blender_jewelgen.core.words.lexicon import read
    from blender_jewelgen.core.words.text_line import TextLine
    from blender_jewelgen.engines import registry

    form, style = task.piece.split(",")[0], task.piece.split(", ")[1]
    inside, flat = form.startswith("inside"), form == "plaque"
    long = len(task.text) * (1.0 if task.language == "en" else 2.0)
    params = FormParams(form="plaque", shape="rectangle", width=min(12.0 + 1.5 * long, 60.0), length=9.0) if flat else FormParams(form="band", width=6.0, thickness=1.8)
    prompt = {"plaque": "plain plaque", "band": "plain band", "inside a band": "plain band", "band with a vine": "repousse band with a vine"}[form]
    line = TextLine(words=task.text, font=task.font, style=style, side="inside" if inside else "outside")
    started = time.perf_counter()
    shaped = pipeline.shape(Recipe(design=read(prompt), form=params, relief=ReliefParams(), texts=(line,)), registry.ask, lambda share, text: None)
    mesh = assemble.making(shaped.host, shaped.raised, 0.006)
    seconds = time.perf_counter() - started
    (row,) = shaped.facts["lines"]
    points = mesh.vertices.astype(np.float64)
    if flat:
        (width, length), origin = shaped.host.size, points.min(axis=0)
        places = points[:, :3] - [(points[:, 0].min() + points[:, 0].max()) / 2 - width / 2, origin[1], 0.0]
    else:
        places, width, length = _unrolled(points, shaped.host, inside, row["box"])
    per_mm = PIXELS / row["height_mm"]
    depth = seen(places, mesh.faces, width, length, per_mm)
    left, top, right, bottom = row["box"]
    edge = min(_EDGE * row["height_mm"], 0.6)
    rim = _RIM if flat else _BORDER
    rows = slice(int(max(top * length - edge, rim) * per_mm), int(min(bottom * length + edge, length - rim) * per_mm))
    columns = slice(int(max(left * width - edge, rim if flat else 0.0) * per_mm), int(min(right * width + edge, width - rim if flat else 2 * width) * per_mm))
    return patinated(depth[rows, columns], per_mm), row["height_mm"], row["stroke_mm"], {"lettering": shaped.seconds["lettering"], "all": seconds}


def _unrolled(points: np.ndarray, host: object, inside: bool, box: list[float]) -> tuple[np.ndarray, float, float]:
    """Vertices of a band as (along, up, towards the beholder) in mm; the seam lies opposite the line."""
    angle, radius = np.arctan2(points[:, 1], points[:, 0]), np.hypot(points[:, 0], points[:, 1])
    share = (angle / (2.0 * np.pi)) % 1.0
    if inside:
        share, length = 1.0 - share, np.pi * host.inner_diameter
        low, high = host.skin
        return np.stack([_near(share, box) * length, points[:, 2] - low, -radius], 1), length, high - low
    length, _ = host.ornament
    start, end = host.zone
    _, z = host.along(np.array([start, end]))
    return np.stack([_near(share, box) * length, points[:, 2] - z[0], radius], 1), length, float(z[1] - z[0])


def _near(share: np.ndarray, box: list[float]) -> np.ndarray:
    """Places round a band, in shares, less than half a round from the middle of the line's box."""
    middle = (box[0] + box[2]) / 2.0
    return middle + (share - middle + 0.5) % 1.0 - 0.5


def seen(places: np.ndarray, faces: np.ndarray, width: float, length: float, per_mm: float) -> np.ndarray:
    """(h, w) mm: how near the surface comes to the beholder at each pixel; row 0 is the upper edge. Faces across the seam are left out.

    Every triangle is sampled densely enough that none of its pixels is missed.
    """
    w, h = int(1.25 * width * per_mm) + 1, int(length * per_mm) + 1
    corners = places[faces] * [per_mm, per_mm, 1.0]
    size = np.ptp(corners[:, :, :2], axis=1).max(axis=1)
    corners = corners[size < 0.4 * w]
    size = size[size < 0.4 * w]
    depth = np.full(h * w, -np.inf)
    steps = np.minimum(2 ** np.ceil(np.log2(np.maximum(size * 1.5, 1.0))).astype(int), 1024)
    for n in np.unique(steps):
        part = corners[steps == n]
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        a, b = i[i + j <= n] / n, j[i + j <= n] / n
        for start in range(0, len(part), max(1, 2_000_000 // len(a))):
            some = part[start : start + max(1, 2_000_000 // len(a))]
            at = some[:, 0, None] + a[None, :, None] * (some[:, 1] - some[:, 0])[:, None] + b[None, :, None] * (some[:, 2] - some[:, 0])[:, None]
            x, y = np.floor(at[..., 0]).astype(int), np.floor(h - at[..., 1]).astype(int)
            inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
            np.maximum.at(depth, (y * w + x)[inside], at[..., 2][inside])
    depth[~np.isfinite(depth)] = np.median(depth[np.isfinite(depth)])
    return depth.reshape(h, w)


def patinated(depth: np.ndarray, per_mm: float) -> np.ndarray:
    """(h, w) uint8: metal under a raking light whose recesses are oxidised, as silversmiths leave lettering."""
    edge = depth.shape[0] // 8
    low, high = np.quantile(depth[edge:-edge], [0.04, 0.96])
    rise = np.clip((depth - low) / max(high - low, 1e-6), 0.0, 1.0)
    dy, dx = np.gradient(depth * per_mm)
    lit = (0.55 * -dx + 0.6 * dy + 0.8) / np.sqrt(1.0 + dx * dx + dy * dy)
    grey = (0.15 + 0.85 * rise) * (0.55 + 0.45 * np.clip(lit / 0.8, 0.0, 1.1))
    return (np.clip(grey, 0.0, 1.0) * 255).astype(np.uint8)


def printed(task: Task) -> np.ndarray:
    """The string in black on white, drawn by Pillow's FreeType with the same font: nothing of ours but the file."""
    from PIL import Image, ImageDraw, ImageFont

    from blender_jewelgen.core.library import FOLDER, table

    path = FOLDER / "fonts" / table("fonts/fonts")["fonts"][task.font]["file"]
    font = ImageFont.truetype(str(path), 100)
    box = font.getbbox("H" if task.language == "en" else "国")
    font = ImageFont.truetype(str(path), round(100 * PIXELS / (box[3] - box[1])))
    left, top, right, bottom = font.getbbox(task.text)
    edge = int(_EDGE * PIXELS)
    picture = Image.new("L", (int(right - left) + 2 * edge, int(bottom - top) + 2 * edge), 255)
    ImageDraw.Draw(picture).text((edge - left, edge - top), task.text, font=font, fill=0)
    return np.asarray(picture)


def readings(picture: np.ndarray, language: str) -> list[str]:
    """What Tesseract reads in one line, dark on light, at each of the sizes."""
    from PIL import Image

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path, scale = Path(folder) / f"{size}.png", size / PIXELS
            small = Image.fromarray(np.pad(picture, int(12 / scale), mode="edge"))
            small.resize((round(small.width * scale), round(small.height * scale)), Image.Resampling.LANCZOS).save(path)
            for mode in ("7", "13"):  # a line; where its search for lines finds none, the picture as it is
                command = ["tesseract", str(path), "-", "-l", {"en": "eng", "zh": "chi_sim"}[language], "--psm", mode, "--dpi", "300"]
                said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
                if said.stdout.strip():
                    break
            found.append(normal(said.stdout, language))
    return found


def decided(found: list[str]) -> str:
    """The reading of most sizes, else of the first; none at all is no reading."""
    said = [text for text in found if text]
    return max(said, key=lambda text: (said.count(text), -said.index(text)), default="")


def normal(text: str, language: str) -> str:
    words = text.replace("\u2019", "'").replace("\u2018", "'").split()
    return "".join(words) if language == "zh" else " ".join(words)


def similarity(a: str, b: str) -> float:
    """1 - Levenshtein distance / longer length."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return 1.0 - row[-1] / max(len(a), len(b), 1)


def judged(task: Task, known: dict[str, object], picture: Path) -> dict[str, object]:
    """The row of a string; its piece is made, and its picture written, unless both are ``known`` from an earlier run."""
    from PIL import Image

    row = dict(known)
    if not row or not picture.exists():
        grey, height, stroke, seconds = piece(task)
        Image.fromarray(grey).save(picture)
        row = {"number": task.number, "text": normal(task.text, task.language), "language": task.language, "font": task.font, "piece": task.piece}
        row |= {"height_mm": height, "stroke_mm": stroke, "seconds": seconds}
    grey = np.asarray(Image.open(picture))
    shown = 255 - grey if task.piece.endswith("raised") else grey  # dark on light, as the print
    row |= {"prints": readings(printed(task), task.language), "reads": readings(shown, task.language)}
    return row


def table(rows: list[dict[str, object]]) -> str:
    """Lines of Markdown: accuracy of sentences and similarity, on prints and on pieces, by language, font and piece.

    The last column counts only strings that are read right in print at every size: those that the judge knows for certain.
    """

    def line(name: str, part: list[dict[str, object]]) -> str:
        truth = [str(row["text"]) for row in part]
        flat, read = ([decided(row[kind]) for row in part] for kind in ("prints", "reads"))  # type: ignore[arg-type]
        shares = [np.mean([a == b for a, b in zip(truth, said)]) for said in (flat, read)]
        near = [np.mean([similarity(a, b) for a, b in zip(truth, said)]) for said in (flat, read)]
        sure = [b == a for a, b, row in zip(truth, read, part) if all(said == a for said in row["prints"])]  # type: ignore[attr-defined]
        return f"| {name} | {len(part)} | {shares[0]:.3f} | {near[0]:.3f} | {shares[1]:.3f} | {near[1]:.3f} | {sum(sure)} of {len(sure)} |"

    lines = ["| | strings | print: sentences | similarity | piece: sentences | similarity | piece, where print is read at all sizes |", "|---|---|---|---|---|---|---|"]
    lines.append(line("all", rows))
    for key in ("language", "font", "piece"):
        lines += [line(str(value), [row for row in rows if row[key] == value]) for value in dict.fromkeys(str(row[key]) for row in rows)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--part", default="1/1", metavar="K/N", help="only every Nth string, beginning with the Kth")
    parser.add_argument("--out", type=Path, default=Path("lettering"), help="pictures and rows are kept here, and taken up again")
    parser.add_argument("--table", action="store_true", help="only make the table of the rows that are there")
    arguments = parser.parse_args()
    out: Path = arguments.out
    if not arguments.table:
        if not shutil.which("tesseract"):
            print("evaluate_lettering: tesseract is not there; on Debian: apt-get install tesseract-ocr tesseract-ocr-chi-sim", file=sys.stderr)
            return 2
        out.mkdir(parents=True, exist_ok=True)
        first, step = (int(part) for part in arguments.part.split("/"))
        for task in tasks(arguments.count)[first - 1 :: step]:
            path = out / f"{task.number:03}.json"
            known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            if "reads" in known:
                continue
            row = judged(task, known, path.with_suffix(".png"))
            path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
            said = decided(row["reads"])  # type: ignore[arg-type]
            print(f"{' ' if said == row['text'] else 'x'} {task.number:3} {task.font:6} {task.piece:24} {row['text']}  |  {said}", flush=True)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))]
    print(table(rows))
    print(f"median of lettering {np.median([row['seconds']['lettering'] for row in rows]):.3f} s, of the whole walk {np.median([row['seconds']['all'] for row in rows]):.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
