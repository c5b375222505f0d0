"""Speeds of the crafts: sheet, openwork, wires, letters, stones, and heights from pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..core.mesh.arrays import Mesh
from .bench_rows import Row, beside, median, row, under


def _band(words: str, width: float, columns: int, rows: int) -> tuple[Any, np.ndarray]:
    """A band's host, and the pattern of the words in so many pixels on it."""
    from ..core.form.params import FormParams, complete
    from ..core.form.turned import turned
    from ..core.pattern import compose
    from ..core.pattern.strip import Strip
    from ..core.words.lexicon import read

    host = turned(complete(FormParams(form="band", width=width)))
    return host, compose.draw(read(words), Strip(*host.ornament, columns, rows), 0)


def _openwork(columns: int, rows: int, limit_ms: float) -> Row:
    """From a sound field of openings to a closed mesh, beside openings extruded, bent and subtracted by manifold3d."""
    from ..core.relief.openwork import field_of, mesh_of
    from ..core.relief.params import CraftParams, ReliefParams

    host, picture = _band("openwork lotus scroll band", 15.6, columns, rows)
    metal = field_of(host, picture, CraftParams()).metal
    ours = median(lambda: mesh_of(host, picture, metal, 0.6, ReliefParams(), host.ornament[0] / columns))
    rival = median(lambda: _subtracted(host, metal), 1)
    return row(ours, f"<= {limit_ms:g} ms", ours <= limit_ms, "manifold3d extrude, bend, subtract", rival)


def _subtracted(host: Any, metal: np.ndarray) -> int:
    import manifold3d

    from ..core.mesh.contour import area
    from ..core.mesh.solids import to_solid
    from ..core.relief.lift import lift
    from ..core.relief.params import ReliefParams

    region = area(-metal)
    after, loops = dict(region.rim.tolist()), []
    while after:
        at = next(iter(after))
        loop = []
        while at in after:
            loop.append(at)
            at = after.pop(at)
        loops.append(region.points[loop])
    (rows, columns), (length, width) = metal.shape, host.ornament
    outlines = [np.stack([line[:, 0] / columns * length, line[:, 1] / rows * width], 1) for line in loops]
    tool = manifold3d.Manifold.extrude(manifold3d.CrossSection(outlines, manifold3d.FillRule.EvenOdd).simplify(0.004), 4.0).refine_to_length(0.5)
    start = host.zone[0] - 0.5 * host.profile_length

    def bent(places: np.ndarray) -> np.ndarray:
        angle, radius = places[:, 0] / length * 2.0 * np.pi, 0.5 * host.inner_diameter - 0.5 + places[:, 2]
        return np.stack([radius * np.cos(angle), radius * np.sin(angle), -(places[:, 1] + start)], 1)

    plain = to_solid(lift(host, None, np.zeros((8, 8), np.float32), 0.6, ReliefParams(density="preview")))
    return (plain - tool.warp_batch(bent)).num_tri()


def _sheet() -> Row:
    """The back of a sheet of 0.5 mm under 1024 x 256 places, beside Blender's Solidify on the same front."""
    from ..core.height.ball import Round, eroded

    host, picture = _band("repoussé lotus scroll band, beaded border", 8.0, 1024, 256)
    radius = (np.float32(host.radius) + np.float32(0.65) * picture).astype(np.float32)
    axial = np.repeat(np.linspace(-4.0, 4.0, 256, dtype=np.float32)[:, None], 1024, axis=1)
    front = Round(radius, axial, axial[:, :1], 2.0 * np.pi / 1024, True)
    ours = median(lambda: eroded(front, 0.5))
    rival, thinnest = _solidified(radius, axial)
    return row(ours, "<= 300 ms", ours <= 300.0, f"Blender Solidify (thinnest {thinnest:.3f} of 0.500 mm)", rival)


def _solidified(radius: np.ndarray, axial: np.ndarray) -> tuple[float, float]:
    """Median ms of Blender's Solidify, inward by 0.5 mm, and the least distance in mm from its back to the front."""
    import bpy

    from ..core.relief.clear import nearest

    rows, columns = radius.shape
    index = np.arange(radius.size).reshape(rows, columns)
    around = np.concatenate([index, index[:, :1]], axis=1)
    a, b, c, d = around[:-1, :-1].ravel(), around[:-1, 1:].ravel(), around[1:, 1:].ravel(), around[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    angle = np.arange(columns) / columns * 2.0 * np.pi
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), axial], axis=2).reshape(-1, 3)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    data = bpy.data.meshes.new("front")
    data.vertices.add(len(points))
    data.vertices.foreach_set("co", points.astype(np.float32).ravel())
    data.loops.add(faces.size)
    data.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    data.polygons.add(len(faces))
    data.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    data.update(calc_edges=True)
    thing = bpy.data.objects.new("front", data)
    bpy.context.scene.collection.objects.link(thing)
    made = thing.modifiers.new("sheet", "SOLIDIFY")
    made.offset, made.use_even_offset = -1.0, True
    width = iter(np.linspace(0.4999, 0.5001, 20))

    def once() -> Any:
        made.thickness = float(next(width))
        bpy.context.view_layer.update()
        return thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).data

    took, result = median(once, 3), once()
    places = np.empty(3 * len(result.vertices), np.float32)
    result.vertices.foreach_get("co", places)
    back = places.reshape(-1, 3)[len(points) : 2 * len(points)][:: 37]
    inner = back[np.abs(back[:, 2]) < 3.0]
    return took, float(nearest(inner.astype(np.float64), Mesh(points.astype(np.float32), faces), 2.0).min())


def _wires() -> Row:
    """Filigree after a pattern of 1024 x 256 px, beside tubes as a field of distances to its pixel skeleton."""
    from ..core.height.distance import distance
    from ..core.mesh.level import level
    from ..core.relief.params import CraftParams, ReliefParams
    from ..core.relief.wires import filigree_body
    from ..core.wires.skeleton import thinned

    host, picture = _band("filigree acanthus band", 6.0, 1024, 256)
    ours = median(lambda: filigree_body(host, picture, 0.6, ReliefParams(), CraftParams(), 0), 3)
    pitch = host.ornament[0] / 1024

    def rival() -> None:
        far = distance(~thinned(picture > 0.15, True), 30.0, True) * pitch
        up = np.linspace(-0.4, 0.4, 24)
        level((0.2 - np.sqrt(far[:, :, None] ** 2 + up**2)).astype(np.float32), np.zeros(3), pitch)

    return row(ours, "<= 2000 ms", ours <= 2000.0, "pixel skeleton, tube field, marching tetrahedra", median(rival, 1))


def _letters() -> Row:
    """A line on a band of 1024 x 256 px with its exact outlines, beside Pillow's, which are pixels."""
    from PIL import Image, ImageDraw, ImageFont

    from ..core.lettering.lines import lettered
    from ..core.library import FOLDER
    from ..core.mesh.weight import limits
    from ..core.pattern.strip import Strip
    from ..core.words.text_line import TextLine

    strip, rules = Strip(64.0, 16.0, 1024, 256), limits("castable-resin")
    plain, line = np.zeros((256, 1024), np.float32), TextLine(words="AMOR VINCIT OMNIA", style="engraved")
    ours = median(lambda: lettered(plain, strip, None, (line,), "relief", rules, 0.6))
    font = ImageFont.truetype(str(sorted((FOLDER / "fonts").glob("*.[to]tf"))[0]), 120)

    def rival() -> None:
        ImageDraw.Draw(Image.new("L", (1024, 256))).text((10, 60), line.words, 255, font)

    return row(ours, "<= 200 ms", ours <= 200.0, "Pillow, pixels without checks", median(rival))


def _stones() -> Row:
    from ..core.relief import stones
    from ..core.relief.lift import lift
    from ..core.relief.params import ReliefParams

    host, picture = _band("repoussé lotus scroll band", 8.0, 2048, 256)
    body = lift(host, None, picture, 0.6, ReliefParams(density="preview"))
    settled = stones.settle(host, tuple(stones.stone_of(f"round 2 at {at}% 50%") for at in (60, 70, 80)))
    return under(median(lambda: stones.cut(body, settled.cutters), 3), 800.0)


def _poisson() -> Row:
    """The field of 512 x 512 slopes solved, beside scipy's sparse solver where it is there."""
    from ..core.height.poisson import integrated, slopes

    across, down = slopes(np.random.default_rng(0).random((512, 512)), True)
    ours = median(lambda: integrated(across, down, True))
    try:
        from importlib import import_module

        sparse = import_module("scipy.sparse")
        solve = import_module("scipy.sparse.linalg").spsolve
    except ImportError:
        return under(ours, 60.0)
    ring = sparse.diags([-1, 2, -1, -1, -1], [-1, 0, 1, 511, -511], shape=(512, 512))
    laplace = (sparse.kronsum(ring, ring) + 1e-9 * sparse.eye(512 * 512)).tocsc()
    return beside(ours, "scipy spsolve", median(lambda: solve(laplace, np.ones(512 * 512)), 1), 50.0)


def _heights(method: str, limit_ms: float) -> Row:
    """A picture of 1024 x 1024 px to a height by one method."""
    from ..core.height.methods import height_of
    from ..core.height.params import HeightParams

    relief = _relief(1024)
    given: dict[str, Any] = {}
    picture = np.repeat(relief[:, :, None], 3, 2)
    if method == "depth":
        down, across = np.gradient(40.0 * relief)
        vectors = np.stack([-across, down, np.ones_like(down)], 2)
        given = {"depth": relief, "normals": vectors / np.linalg.norm(vectors, axis=2, keepdims=True)}
    if method == "drawing":
        picture = (picture > 0.3).astype(np.float32)
    return under(median(lambda: height_of(picture, HeightParams(method=method), **given), 3), limit_ms)


def _relief(side: int) -> np.ndarray:
    from ..core.pattern import compose
    from ..core.pattern.strip import Strip
    from ..core.words.lexicon import read

    return compose.draw(read("acanthus scroll"), Strip(40.0, 40.0, side, side), 0)


def _graver() -> Row:
    from ..core.pattern.manner import manner

    _, picture = _band("acanthus band", 7.0, 1824, 202)
    return under(median(lambda: manner(picture, "engraving", 63.0, 7.0, True)), 500.0)


def _bake() -> Row:
    """A laid height of 2048 x 512 px to a reduced, checked 3MF."""
    from ..core import pipeline
    from ..core.form.params import FormParams
    from ..core.mesh.files import write_3mf
    from ..core.recipe import Recipe, Source
    from ..core.words.lexicon import read

    recipe = Recipe(design=read("repoussé lotus scroll band, beaded border"), form=FormParams(form="band", size="US 7", width=8.0), height=Source(path="height.png"))
    _, picture = _band("repoussé lotus scroll band, beaded border", 8.0, 2048, 512)

    def nobody(order: pipeline.Order, tell: pipeline.Tell) -> pipeline.Answer:
        raise AssertionError("the height is there")

    def once(folder: str) -> None:
        shaped = pipeline.shape(recipe, nobody, lambda share, text: None, picture=picture)
        write_3mf(Path(folder) / "piece.3mf", pipeline.make(shaped, lambda share, text: None).mesh)

    with tempfile.TemporaryDirectory() as folder:
        return under(median(lambda: once(folder), 1), 8000.0)


ROWS: dict[str, Callable[[], Row]] = {
    "openwork, 1024 x 256 px": lambda: _openwork(1024, 256, 60.0),
    "openwork, 2048 x 512 px": lambda: _openwork(2048, 512, 250.0),
    "back of a sheet, 1024 x 256": _sheet,
    "wires of 1024 x 256 px": _wires,
    "a line of letters": _letters,
    "seats of three stones": _stones,
    "slopes of 512 x 512 px to a height": _poisson,
    "depth and normals of 1024 x 1024 px": lambda: _heights("depth", 300.0),
    "a picture of 1024 x 1024 px that is a height": lambda: _heights("height", 300.0),
    "a drawing of 1024 x 1024 px, sculpted": lambda: _heights("drawing", 500.0),
    "engraved manner, 1824 x 202 px": _graver,
    "height of 2048 x 512 px to a checked 3MF": _bake,
}
