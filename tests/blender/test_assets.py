"""The library of assets that the extension carries: complete, small, with previews, readable; and its entry in Preferences."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

pytest.importorskip("bpy")

from blender_jewelgen.blender import assets, materials, nodes_relief
from blender_jewelgen.core.recipe import Recipe

FILE = assets.FOLDER / assets.FILE
METALS = ("gold-18k-yellow", "gold-18k-rose", "gold-18k-white", "silver-925", "platinum-950", "bronze")
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="scripts/build_assets.py was not run")


@pytest.fixture
def read(addon):
    """All assets of the file, appended into an empty one: name to data block."""
    with addon.data.libraries.load(str(FILE), assets_only=True) as (there, wanted):
        wanted.materials, wanted.objects, wanted.node_groups = there.materials, there.objects, there.node_groups
    return {block.name: block for block in (*wanted.materials, *wanted.objects, *wanted.node_groups)}


def test_the_file_is_small_and_says_which_blender_wrote_it():
    assert FILE.stat().st_size <= 3_000_000
    assert FILE.read_bytes()[:4] == bytes.fromhex("28b52ffd")  # zstd


def test_every_metal_with_every_finish_is_there_once(read):
    wanted = {materials.title(key, finish) for key in METALS for finish in materials.FINISHES}
    assert wanted <= read.keys()


def test_each_asset_has_its_facts_and_a_preview_of_its_own(read):
    text = (assets.FOLDER / "blender_assets.cats.txt").read_text(encoding="utf-8")
    catalogs = {row.split(":")[0] for row in text.splitlines() if row.count(":") == 2}
    assert "VERSION 1" in text and len(catalogs) == 4
    seen = set()
    for block in read.values():
        data = block.asset_data
        assert data is not None and data.author and data.license and data.description and len(data.tags) >= 2, block.name
        assert data.catalog_id in catalogs
        side = tuple(block.preview.image_size)
        assert min(side) >= 96
        pixels = np.empty(side[0] * side[1] * 4, np.float32)
        block.preview.image_pixels_float.foreach_get(pixels)
        shown = pixels.reshape(-1, 4)[:, 3] > 0.5
        assert 0.15 < shown.mean() < 0.9 and pixels.reshape(-1, 4)[shown, :3].std() > 0.05, block.name  # a thing with light and shade on a clear ground
        seen.add(hashlib.sha256(pixels.tobytes()).hexdigest())
    assert len(seen) == len(read)


def test_forms_are_live_pieces_that_can_be_made_again_from_their_recipe(addon, read):
    forms = [block for block in read.values() if getattr(block, "jewelgen", None) and block.jewelgen.kind == "relief"]
    assert len(forms) >= 4
    for ob in forms:
        addon.context.scene.collection.objects.link(ob)
    addon.context.view_layer.update()
    graph = addon.context.evaluated_depsgraph_get()
    for ob in forms:
        assert nodes_relief.modifier_of(ob) is not None and ob.jewelgen.height is not None
        assert Recipe.from_json(ob.jewelgen.recipe).form.form in ("band", "signet", "pendant", "medallion")
        flat, live = (np.array([v.co for v in data.vertices]) for data in (ob.data, ob.evaluated_get(graph).data))
        moved = np.linalg.norm(live - flat, axis=1)
        assert 0.0002 < moved.max() < 0.003  # scene units are metres: 0.2 to 3 mm
        assert 5.0 < 1000.0 * max(ob.dimensions) < 60.0


def test_a_motif_changes_its_depth_and_shares_its_plate(addon, read):
    tiles = [block for block in read.values() if isinstance(block, addon.types.Object) and block.jewelgen.kind == ""]
    assert len(tiles) >= 8 and len({ob.data.name for ob in tiles}) == 1
    ob = tiles[0]
    addon.context.scene.collection.objects.link(ob)
    heights = []
    for depth in (1.0, 2.0):
        nodes_relief.set(nodes_relief.modifier_of(ob), "Depth", depth)
        addon.context.view_layer.update()
        data = ob.evaluated_get(addon.context.evaluated_depsgraph_get()).data
        heights.append(max(v.co.z for v in data.vertices) * 1000.0)
    assert heights == pytest.approx([1.8, 2.8], abs=0.05)  # mm: the plate has 0.8


def test_our_group_from_the_library_is_the_one_that_is_laid(read):
    assert nodes_relief.relief_group() == read[nodes_relief.NAME]


def test_the_library_is_listed_once_and_goes_away_on_request(addon):
    libraries = addon.context.preferences.filepaths.asset_libraries
    before = [one.name for one in libraries]
    try:
        for _ in range(2):
            assert addon.ops.jewelgen.add_library() == {"FINISHED"}
        assert [one.name for one in libraries] == [*before, "JewelGen"]
        assert assets.library().path.rstrip("/\\") == str(assets.FOLDER)
        libraries["JewelGen"].path = "/nowhere/old version"
        addon.ops.jewelgen.add_library()
        assert [one.name for one in libraries] == [*before, "JewelGen"] and assets.library() is not None
    finally:
        for _ in range(2):
            addon.ops.jewelgen.add_library(remove=True)
    assert [one.name for one in libraries] == before
