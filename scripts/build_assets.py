#!/usr/bin/env python3
"""Write the asset library that the extension carries: blender_jewelgen/assets/jewelgen.blend and its catalogs.

Runs with Blender as a Python module; use 4.5, so that every Blender from 4.5 on can read the file:
``python scripts/build_assets.py [--out FOLDER] [--sheet PICTURE.png]``. The sheet shows all previews, for looking at.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import asset_pictures as pictures  # noqa: E402

import blender_jewelgen.blender  # noqa: E402
from blender_jewelgen.blender import assets, convert, materials, nodes_relief, nodes_thickness, operators_metal  # noqa: E402
from blender_jewelgen.blender.images import image_from_png  # noqa: E402
from blender_jewelgen.core.form.params import FormParams  # noqa: E402
from blender_jewelgen.core.height.filters import blur, resize  # noqa: E402
from blender_jewelgen.core.height.picture import read_levels, write_height  # noqa: E402
from blender_jewelgen.core.mesh.arrays import Mesh  # noqa: E402
from blender_jewelgen.core.pattern import inflate, motifs  # noqa: E402
from blender_jewelgen.core.recipe import Recipe  # noqa: E402
from blender_jewelgen.core.relief.params import ReliefParams  # noqa: E402
from blender_jewelgen.core.words.lexicon import read  # noqa: E402
from blender_jewelgen.worker import jobs_piece  # noqa: E402

UNIT = 0.001  # scene units per mm: what is dragged into a new Blender file has its true size
OWN, ICONS = "GPL-3.0-or-later", "CC-BY-3.0 (outline), GPL-3.0-or-later"
AUTHOR, ICON_AUTHORS = "JewelGen contributors", "Lorc, Delapouite and contributors of game-icons.net; JewelGen contributors"
METALS = ("gold-18k-yellow", "gold-18k-rose", "gold-18k-white", "silver-925", "platinum-950", "bronze")
FORMS = {  # name: words, finest distance between vertices in mm, metal, finish
    "Lotus Scroll Band": ("lotus scroll band, beaded border, US 7, 8 mm wide", 0.33, "gold-18k-yellow", "polished"),
    "Rosette Signet": ("rosette signet ring, round head, milgrain border, US 9", 0.23, "gold-18k-yellow", "polished"),
    "Lotus Heart Pendant": ("lotus heart pendant, milgrain border, 20 mm wide", 0.31, "gold-18k-rose", "polished"),
    "Laurel Medallion": ("laurel medallion, rope border, 22 mm wide", 0.32, "bronze", "oxidised"),
}
TILES = ("lotus", "lion", "owl", "wyvern", "rose", "fleur-de-lys", "sun", "anchor", "scarab-beetle", "lotus-flower")
TILE_MM, TILE_RINGS, TILE_DEPTH, TILE_PIXELS = 12.0, 52, 1.2, 160  # mm, rings of vertices, mm, px
CATALOGS = ("Forms", "Metals", "Motifs", "Node Groups")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "blender_jewelgen" / "assets")
    parser.add_argument("--sheet", type=Path, help="write all previews as one picture")
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_jewelgen.blender.register()
    made: list[tuple[bpy.types.ID, np.ndarray]] = []
    try:
        made += node_groups() + metals() + forms() + tiles()
        for block, pixels in made:
            pictures.put(block, pixels)
        options.out.mkdir(parents=True, exist_ok=True)
        target = options.out / assets.FILE
        bpy.data.libraries.write(str(target), {block for block, _ in made}, path_remap="NONE", fake_user=True, compress=True)
        (options.out / "blender_assets.cats.txt").write_text(catalogs(), encoding="utf-8")
    finally:
        blender_jewelgen.blender.unregister()
    if options.sheet:
        sheet([pixels for _, pixels in made], options.sheet)
    sys.stdout.write(f"{len(made)} assets, {target.stat().st_size / 1e6:.2f} MB, Blender {bpy.app.version_string}\n")
    return 0


def catalog(name: str) -> str:
    """The fixed number of a catalog, so that a rebuilt library keeps everyone's sorting."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"jewelgen/{name}"))


def catalogs() -> str:
    rows = [f"{catalog(name)}:JewelGen/{name}:JewelGen-{name.replace(' ', '-')}" for name in CATALOGS]
    return "# This is an Asset Catalog Definition file for Blender.\n\nVERSION 1\n\n" + "\n".join(rows) + "\n"


def mark(block: bpy.types.ID, kind: str, about: str, tags: tuple[str, ...], licence: str = OWN, author: str = AUTHOR) -> None:
    """Make a data block an asset with all that the browser shows of it."""
    block.asset_mark()
    data = block.asset_data
    data.catalog_id = catalog(kind)
    data.author, data.license, data.description = author, licence, about
    data.copyright = "2026 JewelGen contributors"
    for tag in dict.fromkeys(("jewelry", *tags)):
        data.tags.new(tag, skip_if_exists=True)


def recipe_of(words: str, metal: str, finish: str) -> Recipe:
    design = read(words, lambda word: next(iter(motifs.candidates(word)), None), motifs.names())
    design = replace(design, metal=metal, finish=finish)
    form = FormParams(form=design.form, size=design.size, width=design.width, shape=design.shape)
    return Recipe(design=design, form=form)


def live(recipe: Recipe, name: str, spacing: float, unit: float) -> bpy.types.Object:
    """A piece of ours with its live relief, ``unit`` scene units per mm."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        result = jobs_piece.lay({"recipe": recipe.to_json(), "spacing": spacing}, folder, lambda *_, **__: None)
        with np.load(folder / "bare.npz") as bare:
            data = convert.mesh_to_blender(Mesh(bare["vertices"], bare["faces"]), name, unit)
            for row in ("uv", "lift", "rim"):
                convert.add_values(data, f"jewelgen_{row}", bare[row])
        height = read_levels(folder / "ready.png")
        rows, columns = (max(side // 2, min(side, 80)) for side in height.shape)  # still finer than the vertices
        write_height(folder / "ready.png", resize(height, rows, columns, bool(result["wrap"])))
        ready = image_from_png(folder / "ready.png", f"{name} Height")
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    done = Recipe.from_json(result["recipe"])
    nodes_relief.lay(ob, ready, done.relief, None, unit, result["depth"], wrap=result["wrap"])
    ob.jewelgen.kind, ob.jewelgen.recipe, ob.jewelgen.height = "relief", result["recipe"], ready
    return ob


def raised(ob: bpy.types.Object) -> bpy.types.Mesh:
    """The mesh as the live relief shows it, two units long, without materials."""
    graph = bpy.context.evaluated_depsgraph_get()
    data = bpy.data.meshes.new_from_object(ob.evaluated_get(graph), preserve_all_data_layers=True, depsgraph=graph)
    data.materials.clear()
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", points)
    scale = 2.0 / np.ptp(points.reshape(-1, 3), axis=0).max()
    data.attributes["position"].data.foreach_set("vector", points * np.float32(scale))
    data.update()
    data["scale"] = float(scale)
    return data


def shot(ob: bpy.types.Object, form: str, key: str, finish: str, unit: float) -> np.ndarray:
    """The picture of a piece in a metal."""
    data = raised(ob)
    material = materials.live_metal(key, finish, round_z=form in ("bead", "band", "signet"), unit=unit * data["scale"])
    pixels = pictures.photograph(data, form, material)
    bpy.data.materials.remove(material)
    return pixels


def node_groups() -> list[tuple[bpy.types.ID, np.ndarray]]:
    ob = live(recipe_of("scroll band, beaded border, US 7, 8 mm wide", "silver-925", "satin"), "Sample", 0.12, UNIT)
    relief = nodes_relief.relief_group()
    mark(relief, "Node Groups", "Lays a height picture on any mesh as live relief; JewelGen's panel sets it up", ("relief", "geometry nodes"))
    thickness = nodes_thickness.thickness_group()
    mark(thickness, "Node Groups", "Colours a piece by how thick its metal is: red is too thin", ("thickness", "check", "geometry nodes"))
    plain = shot(ob, "band", "silver-925", "satin", UNIT)
    nodes_thickness.show_thickness(ob, 1.35, UNIT)
    heat = bpy.data.materials.new("Heat")
    tree = materials.Nodes(materials.tree_of(heat))
    color = tree.add("ShaderNodeAttribute", "Color", {"attribute_name": nodes_thickness.COLOR})
    tree.add("ShaderNodeOutputMaterial", Surface=tree.add("ShaderNodeEmission", Color=color))
    found = pictures.photograph(raised(ob), "band", heat)
    bpy.data.objects.remove(ob)
    return [(relief, plain), (thickness, found)]


def metals() -> list[tuple[bpy.types.ID, np.ndarray]]:
    ob = sample_ball()
    rows = []
    for key in METALS:
        for finish in materials.FINISHES:
            pixels = shot(ob, "bead", key, finish, UNIT)
            block = materials.live_metal(key, finish, round_z=True, unit=UNIT)
            about = f"{materials.metal_title(key)}, {materials.FINISHES[finish].lower()}; recesses darken with JewelGen's live relief"
            mark(block, "Metals", about, ("metal", key.split("-")[0], materials.FINISHES[finish].lower()))
            rows.append((block, pixels))
    bpy.data.objects.remove(ob)
    return rows


def forms() -> list[tuple[bpy.types.ID, np.ndarray]]:
    rows = []
    for name, (words, spacing, metal, finish) in FORMS.items():
        recipe = recipe_of(words, metal, finish)
        fine = live(recipe, "Sample", spacing / 2.5, UNIT)
        pixels = shot(fine, recipe.form.form, metal, finish, UNIT)
        bpy.data.objects.remove(fine)
        ob = live(recipe, name, spacing, UNIT)
        packed(ob.data)
        operators_metal.put_metal(ob, metal, finish, UNIT)
        form = recipe.form.form
        mark(ob, "Forms", f"{name} with a live relief, made from the words: {words}", ("form", form, "relief", *name.lower().split()))
        rows.append((ob, pixels))
    return rows


def tiles() -> list[tuple[bpy.types.ID, np.ndarray]]:
    """Motifs as low reliefs on one thin plate; each is live, so that its depth can be changed."""
    rows = []
    plate, fine = disc(TILE_RINGS, "Motif Plate"), disc(4 * TILE_RINGS, "Sample")
    packed(plate)
    for key in TILES:
        image = image_from_png(write_tile(key), f"{key} Height")
        shown, ob = (tile(data, key, image) for data in (fine, plate))
        pixels = shot(shown, "plaque", "gold-18k-yellow", "polished", UNIT)
        bpy.data.objects.remove(shown)
        operators_metal.put_metal(ob, "gold-18k-yellow", "polished", UNIT)
        words = motifs.entry(key).en
        mark(ob, "Motifs", f"{ob.name} in live relief on a plate of {TILE_MM:g} mm", ("motif", "relief", *words), ICONS, ICON_AUTHORS)
        rows.append((ob, pixels))
    return rows


def tile(data: bpy.types.Mesh, key: str, image: bpy.types.Image) -> bpy.types.Object:
    """An object of the plate with a motif laid on it."""
    ob = bpy.data.objects.new(key.replace("-", " ").title(), data)
    bpy.context.scene.collection.objects.link(ob)
    nodes_relief.lay(ob, image, ReliefParams(fade=0.0, mid=0.0), None, UNIT, TILE_DEPTH, wrap=False)
    return ob


def write_tile(key: str) -> Path:
    """The height picture of a motif, as PNG in Blender's folder of temporary files."""
    side = 4 * TILE_PIXELS
    height = inflate.inflate(motifs.coverage(key, int(0.72 * side)))
    edge = (side - height.shape[0]) // 2
    height = np.pad(height, ((edge, side - edge - height.shape[0]),) * 2).astype(np.float32)
    path = Path(bpy.app.tempdir) / f"{key}.png"
    write_height(path, resize(blur(height, 3.0), TILE_PIXELS, TILE_PIXELS))
    return path


def disc(rings: int, name: str) -> bpy.types.Mesh:
    """A closed round plate with a rounded border, which tells the live relief where it moves as our own forms do."""
    around = 3 * rings
    turn = np.arange(around) / around * 2.0 * np.pi
    far = np.concatenate([np.arange(1, rings) / rings, [1.0, 1.0]])
    x, y = far[:, None] * np.cos(turn), far[:, None] * np.sin(turn)
    z = np.broadcast_to(0.8 + 0.6 * np.sqrt(np.clip(1.0 - ((far - 0.93) / 0.06) ** 2, 0.0, 1.0))[:, None], x.shape).copy()
    z[-1] = 0.0  # the lower edge of the wall
    half = TILE_MM / 2.0
    places = np.concatenate([np.stack([x, y, z], -1).reshape(-1, 3), [[0.0, 0.0, 0.8], [0.0, 0.0, 0.0]]])
    grid = np.arange((rings + 1) * around).reshape(rings + 1, around)
    a, b = grid[:-1], grid[1:]
    c, d = np.roll(b, -1, 1), np.roll(a, -1, 1)
    top, low = grid.size, grid.size + 1
    inner, outer = grid[0], grid[-1]
    faces = [
        np.stack([np.full(around, top), inner, np.roll(inner, -1)], 1), np.stack([np.full(around, low), np.roll(outer, -1), outer], 1),
        np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3),
    ]  # fmt: skip
    mesh = Mesh((places * (half, half, 1.0)).astype(np.float32), np.concatenate(faces).astype(np.int32))
    data = convert.mesh_to_blender(mesh, name, UNIT)
    inside = np.hypot(places[:, 0], places[:, 1]) < 0.86
    inside[-1] = False
    inside[grid[-1]] = False
    convert.add_values(data, "jewelgen_uv", (places[:, :2] + 1.0) / 2.0)
    convert.add_values(data, "jewelgen_lift", np.where(inside, 1.0, 0.0)[:, None] * (0.0, 0.0, 1.0))
    convert.add_values(data, "jewelgen_rim", np.where(inside, 1.0, -1.0))
    return data


def packed(data: bpy.types.Mesh) -> None:
    """The same mesh in fewer bytes: pairs of triangles as quads, numbers without digits that nobody sees."""
    import bmesh  # is there only once bpy is

    work = bmesh.new()
    work.from_mesh(data)
    bmesh.ops.join_triangles(work, faces=work.faces, angle_face_threshold=0.6, angle_shape_threshold=1.2)
    work.to_mesh(data)
    work.free()
    for layer in list(data.attributes):
        if layer.name.startswith(".select") or layer.name == "sharp_edge":
            data.attributes.remove(layer)
    width = {"FLOAT": 1, "FLOAT2": 2, "FLOAT_VECTOR": 3}
    for name, size, field in [(layer.name, width.get(layer.data_type), "value" if layer.data_type == "FLOAT" else "vector") for layer in data.attributes]:
        if size:
            layer = data.attributes[name]
            values = np.empty(len(layer.data) * size, np.float32)
            layer.data.foreach_get(field, values)
            values = ((values.view(np.uint32) + 128) & np.uint32(0xFFFFFF00)).view(np.float32)  # 15 bits: 0.3 µm in 10 mm
            layer.data.foreach_set(field, values)
    data.set_sharp_from_angle(angle=convert.SHARP)
    data.update()


def sample_ball() -> bpy.types.Object:
    """A ball with a belt of ornament: shows a finish on the plain and in the recess."""
    rows, columns = 260, 520
    v, u = np.meshgrid(np.linspace(np.pi - 1e-3, 1e-3, rows), np.arange(columns) / columns * 2.0 * np.pi, indexing="ij")
    belt = np.clip((np.cos(v) + 0.12) / 0.80, 0.0, 1.0)
    wave = 0.5 + 0.32 * np.sin(9.0 * u)
    line = np.clip(1.6 - np.abs(belt - wave) / 0.085, 0.0, 1.0)
    dots = np.clip(1.5 - np.hypot(((9.0 * u / (2.0 * np.pi) - 0.25) % 0.5 - 0.25) * 1.5, (belt - 0.5 + 0.24 * np.sin(9.0 * u)) * 1.0) / 0.10, 0.0, 1.0)
    edge = np.clip(1.5 - np.minimum(np.abs(belt - 0.045), np.abs(belt - 0.955)) / 0.03, 0.0, 1.0)
    height = np.maximum.reduce([line, dots, edge])
    height = height * height * (3.0 - 2.0 * height)
    inside = ((belt > 0.0) & (belt < 1.0)).astype(np.float32)
    far = 8.0 + inside * 0.5 * (height - 0.6)
    points = np.stack([far * np.sin(v) * np.cos(u), far * np.sin(v) * np.sin(u), far * np.cos(v)], -1).reshape(-1, 3)
    grid = np.arange(rows * columns).reshape(rows, columns)
    a, b = grid[:-1], grid[1:]
    c, d = np.roll(b, -1, 1), np.roll(a, -1, 1)
    faces = np.concatenate([np.stack([a, d, c], -1).reshape(-1, 3), np.stack([a, c, b], -1).reshape(-1, 3)])
    data = convert.mesh_to_blender(Mesh(points.astype(np.float32), faces.astype(np.int32)), "Sample", UNIT)
    convert.add_values(data, "jewelgen_height", height.ravel())
    convert.add_values(data, "jewelgen_weight", inside.ravel())
    ob = bpy.data.objects.new("Sample", data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def sheet(rows: list[np.ndarray], path: Path) -> None:
    """All previews in one picture, on grey."""
    side, across = rows[0].shape[0], 10
    down = -(-len(rows) // across)
    whole = np.full((down * side, across * side), 0.0, np.float32)[..., None] * np.zeros(4, np.float32)
    whole[..., :3], whole[..., 3] = 0.22, 1.0
    for k, pixels in enumerate(rows):
        i, j = divmod(k, across)
        spot = whole[(down - 1 - i) * side : (down - i) * side, j * side : (j + 1) * side]
        share = pixels[..., 3:]
        spot[..., :3] = spot[..., :3] * (1.0 - share) + pixels[..., :3] * share
    image = bpy.data.images.new("Sheet", whole.shape[1], whole.shape[0])
    image.pixels.foreach_set(whole.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # bpy 4.5 can wait for ever at a normal exit
