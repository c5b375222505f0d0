#!/usr/bin/env python3
"""Draw docs/pictures/walk.png, the walk from a sentence to metal, from what the code really makes at every step."""

from __future__ import annotations

import sys

import environment

if __name__ == "__main__" and "--inside" not in sys.argv:
    environment.hand_over(environment.interpreter("run"), [__file__, "--inside"])

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.height.shade import shade
from blender_jewelgen.core.mesh.arrays import Mesh
from blender_jewelgen.core.mesh.normals import vertex_normals
from blender_jewelgen.core.pattern import motifs
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.relief import solid
from blender_jewelgen.core.words.lexicon import read
from blender_jewelgen.engines.registry import ask

PROMPT = "repoussé lotus scroll band, beaded border, 18k gold, US 7"
SLOTS = {"repoussé": "technique", "lotus scroll": "motifs", "band": "form", "beaded border": "border", "18k gold": "metal", "US 7": "size"}
FINE = 2  # drawn this many times larger, then reduced: smooth lines
WIDTH, HEIGHT = 1600, 1240
PAPER, INK, GREY, GOLD, GREEN, RED = "#f6f3ee", "#25211c", "#8a7f70", "#a8792b", "#3d7a4b", "#b1412c"


class Sheet:
    """A page on which lengths are given in final pixels."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def words(self, x: float, y: float, text: str, size: float = 17, ink: str = INK, anchor: str = "la") -> float:
        font = ImageFont.load_default(size * FINE)
        self.pen.text((x * FINE, y * FINE), text, ink, font, anchor)
        return font.getlength(text) / FINE

    def line(self, points: list[tuple[float, float]], ink: str = GREY, wide: float = 1.0) -> None:
        self.pen.line([(x * FINE, y * FINE) for x, y in points], ink, round(wide * FINE), "curve")

    def arrow(self, x: float, y: float, to_x: float, to_y: float) -> None:
        along = np.array([to_x - x, to_y - y]) / np.hypot(to_x - x, to_y - y)
        aside = np.array([-along[1], along[0]])
        tip = np.array([to_x, to_y])
        self.line([(x, y), (to_x - 7 * along[0], to_y - 7 * along[1])], GREY, 1.5)
        self.pen.polygon([tuple(p * FINE) for p in (tip, tip - 10 * along + 5 * aside, tip - 10 * along - 5 * aside)], GREY)

    def paste(self, picture: Image.Image, x: float, y: float) -> None:
        self.image.paste(picture, (round(x * FINE), round(y * FINE)), picture if picture.mode == "RGBA" else None)

    def step(self, x: float, y: float, name: str, says: str) -> None:
        wide = self.words(x, y, name, 21, GOLD)
        self.words(x + wide + 12, y + 4, says, 16, GREY)


def main() -> int:
    def found(word: str) -> str | None:
        return next(iter(motifs.candidates(word)), None)

    design = read(PROMPT, found, motifs.names())
    recipe = Recipe(design=design, form=FormParams(form=design.form, size=design.size))
    shaped = pipeline.shape(recipe, ask, lambda share, text: None)
    piece = pipeline.make(shaped, lambda share, text: None)
    sheet = Sheet()
    _words(sheet, design)
    _height(sheet, shaped)
    _form(sheet, shaped)
    _relief(sheet, shaped, piece.mesh)
    _piece(sheet, shaped, piece)
    _report(sheet, piece.report)
    out = environment.ROOT / "docs" / "pictures" / "walk.png"
    small = sheet.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.FLOYDSTEINBERG).save(out, optimize=True)
    print(f"{out.relative_to(environment.ROOT)}, {out.stat().st_size // 1024} kB")
    return 0


def _words(sheet: Sheet, design: object) -> None:
    sheet.step(60, 36, "words", "one sentence is read into slots; the same words give the same design")
    font = ImageFont.load_default(32 * FINE)
    total = font.getlength(PROMPT.replace("é", "e")) / FINE
    left = (WIDTH - total) / 2
    sheet.words(left, 92, PROMPT.replace("é", "e"), 32)
    for number in (i for i, letter in enumerate(PROMPT) if letter == "é"):  # Pillow's own font has no accents
        x = left + font.getlength(PROMPT[:number].replace("é", "e") + "e") / FINE
        sheet.line([(x - 10, 101), (x - 6, 95)], INK, 2.4)
    chip, gap = 222, 26
    first = (WIDTH - len(SLOTS) * chip - (len(SLOTS) - 1) * gap) / 2
    for number, (word, slot) in enumerate(SLOTS.items()):
        start = left + font.getlength(PROMPT[: PROMPT.index(word)].replace("é", "e")) / FINE
        wide = font.getlength(word.replace("é", "e")) / FINE
        sheet.line([(start, 134), (start + wide, 134)], GOLD, 2)
        middle, x = start + wide / 2, first + number * (chip + gap)
        t = np.linspace(0, 1, 40)
        sheet.line(list(zip(middle + (x + chip / 2 - middle) * t * t * (3 - 2 * t), 138 + 44 * t)), GREY, 1.2)
        sheet.pen.rounded_rectangle([v * FINE for v in (x, 184, x + chip, 244)], 9 * FINE, "#fffdf9", "#ded6c9", FINE)
        value = getattr(design, slot)
        sheet.words(x + chip / 2, 200, slot, 14, GREY, "mm")
        sheet.words(x + chip / 2, 225, value[0].name if slot == "motifs" else value, 19, INK, "mm")


def _height(sheet: Sheet, shaped: pipeline.Shaped) -> None:
    rows, columns = shaped.picture.shape
    around, across = shaped.host.ornament
    sheet.arrow(WIDTH / 2, 250, WIDTH / 2, 280)
    sheet.step(60, 284, "pattern, height", f"{columns} x {rows} grey values from 0 to 1 for {around:.1f} x {across:.1f} mm; the last column runs on into the first")
    wide = WIDTH - 120
    tall = round(wide * across / around)
    size = (wide * FINE, tall * FINE)
    grey = Image.fromarray((shaped.picture * 255).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS).convert("RGB")
    lit = Image.fromarray(shade(shaped.ready, shaped.pitch, shaped.depth)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
    share = np.clip((np.linspace(0, 1, size[0]) - 0.35) / 0.3, 0, 1)  # the height as drawn runs into the same under a lamp
    mask = Image.fromarray(np.broadcast_to((share * 255).astype(np.uint8), size[::-1]).copy())
    sheet.paste(Image.composite(lit, grey, mask), 60, 318)
    sheet.words(60, 318 + tall + 8, "as drawn", 15, GREY)
    sheet.words(WIDTH - 60, 318 + tall + 8, "as a tool leaves it, under a lamp", 15, GREY, "ra")


TOP = 530  # of the three pictures below


def _form(sheet: Sheet, shaped: pipeline.Shaped) -> None:
    host, form = shaped.host, shaped.recipe.form
    sheet.step(60, TOP, "form", f"{form.size} is {host.inner_diameter:.2f} mm inside")
    layout = solid.grid(host, 1.05, 0.25)
    plain = solid.close(host, layout, solid.displace(layout, np.zeros((len(layout.row), len(layout.angle)), np.float32)), np.zeros((len(layout.row), len(layout.angle)), np.float32))
    seen, depth = project(plain.vertices, 18.6, (286, TOP + 225))
    normal = vertex_normals(plain.vertices, plain.faces)
    front = (normal @ VIEW[2])[plain.faces].mean(1)
    for i in np.argsort(depth[plain.faces].mean(1)):
        if front[i] > 0:
            light = 0.9 + 0.1 * front[i]
            fill = tuple(int(v * light) for v in (253, 250, 244))
            sheet.pen.polygon([tuple(p * FINE) for p in seen[plain.faces[i]]], fill, "#b9ad9b")
    scale, x0, y0 = 21.0, 286, TOP + 492  # the section, lying: height to the right, radius upwards
    profile = np.concatenate([host.outer, host.inner])
    points = [(x0 + z * scale, y0 - (r - host.inner_diameter / 2) * scale) for r, z in profile]
    sheet.pen.polygon([(x * FINE, y * FINE) for x, y in points], "#e6cf9d", GOLD)
    zone = host.along(np.linspace(*host.zone, 50))
    sheet.line([(x0 + z * scale, y0 - (r - host.inner_diameter / 2) * scale) for r, z in zip(*zone)], RED, 3)
    sheet.words(x0, y0 + 12, f"section, {form.width:g} x {form.thickness:g} mm", 15, GREY, "ma")
    sheet.words(x0, y0 - form.thickness * scale - 26, "ornament lies here", 15, RED, "ma")


def _relief(sheet: Sheet, shaped: pipeline.Shaped, mesh: Mesh) -> None:
    sheet.step(575, TOP, "relief", f"the height stands {shaped.depth:.2f} mm on the form")
    side, x, y = 470, 575, TOP + 44
    scale, centre = 84.0, (side / 2, side * 0.55)
    middle = np.array([0.0, -shaped.host.radius, 0.0]) @ VIEW.T
    offset = (centre[0] - middle[0] * scale, centre[1] + middle[1] * scale)
    picture = Image.fromarray(raster(mesh, shaped, scale * FINE, (offset[0] * FINE, offset[1] * FINE), side * FINE))
    net = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(net)
    seen, depth = project(mesh.vertices, scale, offset)
    corners = seen[mesh.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    keep = (normal < 0) & (depth[mesh.faces].min(1) > middle[2] - 2.5)
    keep &= ((corners > -20) & (corners < side + 20)).all((1, 2))
    slope = corners[..., 0].mean(1) + 0.45 * corners[..., 1].mean(1)
    for triangle in corners[keep & (slope < 0.62 * side)]:
        pen.polygon([tuple(p * FINE) for p in triangle], None, 120)
    picture.paste((255, 252, 244), None, net)
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side * FINE - 1, side * FINE - 1), 10 * FINE, 255)
    picture.putalpha(mask)
    sheet.paste(picture, x, y)
    sheet.arrow(525, TOP + 270, 560, TOP + 270)


def _piece(sheet: Sheet, shaped: pipeline.Shaped, piece: pipeline.Piece) -> None:
    sheet.step(1090, TOP, "metal", f"{len(piece.mesh.faces):,} triangles, {piece.report.weight_g:.2f} g")
    side = 470
    picture = raster(piece.mesh, shaped, 19.6 * FINE, (side / 2 * FINE, side * 0.5 * FINE), side * FINE)
    sheet.paste(Image.fromarray(picture), 1084, TOP + 44)
    sheet.arrow(1055, TOP + 270, 1090, TOP + 270)


def _report(sheet: Sheet, report: object) -> None:
    top = 1092
    sheet.line([(60, top - 22), (WIDTH - 60, top - 22)], "#ded6c9", 1)
    sheet.step(60, top - 4, "checks", f"for {report.process}")
    marks = {True: ("passed", GREEN), False: ("change", RED), None: ("open", GREY)}
    for number, c in enumerate(report.checks):
        word, ink = marks[c.ok]
        x, y = 60 + number % 6 * 248, top + 34 + number // 6 * 30
        sheet.pen.ellipse([v * FINE for v in (x, y + 5, x + 10, y + 15)], ink)
        sheet.words(x + 18, y, f"{c.name}: {word}", 16)
    sheet.words(60, top + 104, "files", 21, GOLD)
    sheet.words(118, top + 107, "piece.stl   piece.3mf   piece.glb   height.png   picture.png   recipe.json   report.json   report.html", 17)


def _view() -> np.ndarray:
    """Rows: right, up and towards the eye, for an eye in front of -y and 27 degrees above."""
    tilt = np.deg2rad(27.0)
    return np.array([[1, 0, 0], [0, np.sin(tilt), np.cos(tilt)], [0, -np.cos(tilt), np.sin(tilt)]])


VIEW = _view()


def project(points: np.ndarray, scale: float, offset: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) px and (n,) mm towards the eye of points in mm, without perspective."""
    turned = points @ VIEW.T
    return np.stack([offset[0] + scale * turned[:, 0], offset[1] - scale * turned[:, 1]], 1), turned[:, 2]


def raster(mesh: Mesh, shaped: pipeline.Shaped, scale: float, offset: tuple[float, float], side: int) -> np.ndarray:
    """(side, side, 3) uint8 picture of a mesh in gold: triangles filled with points, the nearest to the eye wins."""
    seen, depth = project(mesh.vertices, scale, offset)
    normal = vertex_normals(mesh.vertices, mesh.faces)
    reach = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) - shaped.host.outer[:, 0].max()
    tall = np.where(reach > -0.3, np.clip(reach / abs(shaped.depth), 0.0, 1.0), 0.75)
    stack = np.concatenate([seen, depth[:, None], normal, tall[:, None]], 1).astype(np.float32)
    corners = seen[mesh.faces]
    visible = ((corners.max(1) > 0) & (corners.min(1) < side)).all(1) & ((normal @ VIEW[2])[mesh.faces].max(1) > 0)
    faces, corners = mesh.faces[visible], corners[visible]
    longest = np.ptp(corners, axis=1).max(1)
    best = np.full(side * side, -np.inf, np.float32)
    found = np.zeros((side * side, 4), np.float32)
    steps = np.exp2(np.ceil(np.log2(np.maximum(longest, 1.0) * 1.6))).astype(int)
    for count in np.unique(steps):
        i, j = np.mgrid[0 : count + 1, 0 : count + 1]
        inside = (i + j) <= count
        weights = np.stack([i[inside], j[inside], count - i[inside] - j[inside]], 1).astype(np.float32) / count
        group = faces[steps == count]
        room = max(1, 3_000_000 // len(weights))
        for start in range(0, len(group), room):
            points = np.einsum("kc,fcd->fkd", weights, stack[group[start : start + room]], optimize=True).reshape(-1, 7)
            x, y = points[:, 0].astype(int), points[:, 1].astype(int)
            points = points[(x >= 0) & (x < side) & (y >= 0) & (y < side)]
            at = points[:, 1].astype(int) * side + points[:, 0].astype(int)
            order = np.argsort(points[:, 2], kind="stable")  # of many points in one pixel the last stays, the nearest
            at, points = at[order], points[order]
            nearer = points[:, 2] > best[at]
            at, points = at[nearer], points[nearer]
            best[at] = points[:, 2]
            found[at] = points[:, 3:]
    picture = np.empty((side * side, 3), np.float32)
    picture[:] = [int(PAPER[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    hit = np.isfinite(best)
    picture[hit] = gold(found[hit, :3], found[hit, 3])
    return (picture.reshape(side, side, 3).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def gold(normal: np.ndarray, tall: np.ndarray) -> np.ndarray:
    """(n, 3) colours of polished gold: what a normal mirrors of a bright ceiling, two lamps and a dark floor."""
    n = normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-9)[:, None]
    n = n @ VIEW.T
    mirror = 2.0 * n[:, 2:] * n - (0.0, 0.0, 1.0)

    def lamp(direction: tuple[float, float, float], wide: float, soft: float) -> np.ndarray:
        d = np.array(direction) / np.linalg.norm(direction)
        t = np.clip((mirror @ d - wide) / soft, 0, 1)
        return t * t * (3 - 2 * t)

    light = 0.20 + 0.30 * np.clip(0.5 + 0.5 * mirror[:, 1], 0, 1) ** 1.5
    light += 0.60 * lamp((0.1, 0.95, 0.35), 0.62, 0.35) + 0.42 * lamp((-0.85, 0.25, 0.5), 0.75, 0.2) + 0.36 * lamp((0.8, 0.1, 0.6), 0.8, 0.18)
    light *= 0.55 + 0.45 * tall**0.8
    colour = light[:, None] ** np.array([0.85, 1.0, 1.42]) * (1.02, 0.83, 0.56)
    return (colour * 1.08 / (0.28 + 0.8 * colour)).astype(np.float32) ** 1.15


if __name__ == "__main__":
    sys.exit(main())
