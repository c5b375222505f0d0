"""Motifs by the model from the panel: drawn, picked, varied, set in a row, given back; what is picked is kept and replays without a model."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("bpy")

from motif_bench import WORDS, draw, drawn, piece, wish
from shop import active, finger, finish, now, settle, tick_until, torus, windowed

from blender_jewelgen.blender import laying, motif_tiles, nodes_relief, painting, preset_values, properties
from blender_jewelgen.blender.translations import named
from blender_jewelgen.core.pattern import drawn as drawings
from blender_jewelgen.core.recipe import Recipe
from blender_jewelgen.core.words.design import Motif


def height(ob):
    return bytes(ob.jewelgen.height.packed_file.data)


def replayed(recipe):
    """The height picture of a recipe, made again by the procedural engine alone."""
    from blender_jewelgen.core import pipeline
    from blender_jewelgen.core.pattern import compose

    def ask(order, tell):
        return pipeline.Answer(compose.draw(order.design, order.surface, order.seed))

    return pipeline.draw(recipe, ask, lambda share, text: None).picture


def read(ob, tmp_path):
    from blender_jewelgen.core.height.picture import read_levels

    path = tmp_path / "height.png"
    path.write_bytes(height(ob))
    return read_levels(path)


# -- drawing


def test_the_library_stands_first_and_every_tile_says_where_it_comes_from(shop):
    settle(shop, WORDS)
    tiles = draw(shop, count=3)
    kinds = [tile.function for tile in tiles]
    known = kinds.count("library")
    assert known >= 1 and kinds[:known] == ["library"] * known and kinds[known:] == ["vary"] * 3
    assert not any(tile.cell for tile in tiles[:known]) and all(tile.cell for tile in tiles[known:])
    assert {tile.source for tile in tiles[known:]} >= {tiles[0].source}
    assert all(tile.image.packed_file and tile.image.preview for tile in tiles)
    assert [tile.score for tile in tiles[known:]] == sorted((tile.score for tile in tiles[known:]), reverse=True)
    labels = [motif_tiles.label(tile, number) for number, tile in enumerate(tiles, 1)]
    assert labels[known:] == ["Varied"] * 3 and labels[0] == named(tiles[0].source)
    assert json.loads(tiles[known].wish)["prompt"] == WORDS
    assert now(shop).model == "READY"


def test_drawing_again_takes_the_place_of_what_was_there_and_leaves_no_pictures(shop):
    settle(shop, WORDS)
    draw(shop)
    count = len(shop.data.images)
    draw(shop, function="invent", symmetry="mirror")
    assert [tile.function for tile in shop.context.scene.jewelgen.tiles] == ["invent"] * 2
    assert len(shop.data.images) < count
    field = drawings.unpack(shop.context.scene.jewelgen.tiles[0].cell)
    assert ((field > 0) == (field[:, ::-1] > 0)).mean() > 0.999


def test_same_wish_and_seed_draw_the_same_motifs_and_another_seed_others(shop):
    settle(shop, WORDS)
    first = [tile.cell for tile in draw(shop)]
    assert [tile.cell for tile in draw(shop)] == first
    assert shop.ops.jewelgen.motif_seed() == {"FINISHED"}
    assert [tile.cell for tile in draw(shop)] != first


def test_words_of_its_own_go_before_those_of_the_design(shop):
    settle(shop, WORDS)
    assert "owl" in draw(shop, prompt="owl")[0].source
    assert "dragon" in draw(shop, prompt="")[0].source


@pytest.mark.parametrize(
    "values, said",
    [
        ({"function": "auto"}, "Say what the motif shows first"), ({"function": "sketch"}, "Sketch with the pen first"),
        ({"function": "sketch", "kind": "PICTURE"}, "Choose a picture to follow"), ({"function": "blend"}, "Say what it is blended with"),
    ],
)  # fmt: skip
def test_what_is_lacking_is_said_before_a_click(shop, values, said):
    wish(shop, **values)
    with pytest.raises(RuntimeError, match=said):
        shop.ops.jewelgen.motif_draw()


def test_words_that_mean_nothing_are_refused_in_the_panel_and_the_grid_stays(shop):
    settle(shop, WORDS)
    before = [tile.name for tile in draw(shop)]
    wish(shop, prompt="xqzt wrblk")
    with pytest.raises(RuntimeError, match="knows none of the words"):
        shop.ops.jewelgen.motif_draw()
    assert now(shop).error and now(shop).error_field == "prompt"
    assert [tile.name for tile in shop.context.scene.jewelgen.tiles] == before


def test_cancel_leaves_the_grid_as_it_was(shop, monkeypatch):
    settle(shop, WORDS)
    before = [tile.cell for tile in draw(shop)]
    jobs = windowed(monkeypatch, shop)
    wish(shop, count=64, prompt="owl").steps = 50
    assert shop.ops.jewelgen.motif_draw() == {"FINISHED"}
    (ticket,) = [t for t in jobs._desk.tickets if not t.quiet]
    tick_until(jobs, lambda: ticket.state == "working" and ticket.progress > 0)
    assert now(shop).busy
    assert shop.ops.jewelgen.cancel() == {"FINISHED"}
    finish(jobs)
    assert ticket.state == "cancelled" and not now(shop).busy and not now(shop).error
    assert [tile.cell for tile in shop.context.scene.jewelgen.tiles] == before


# -- picking


def test_a_picked_motif_is_on_the_piece_and_its_recipe_makes_the_same_height_without_a_model(shop, tmp_path):
    ob, own = piece(shop)
    before, mesh = height(ob), finger(ob)
    depth = nodes_relief.get(nodes_relief.modifier_of(ob), "Depth")
    place = drawn(draw(shop))[0]
    assert shop.ops.jewelgen.motif_pick(index=place) == {"FINISHED"}, now(shop).error
    assert active(shop) == ob and height(ob) != before and finger(ob) == mesh
    assert nodes_relief.get(nodes_relief.modifier_of(ob), "Depth") == depth
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert [motif.cell for motif in recipe.design.motifs] == [own.tiles[place].cell]
    np.testing.assert_array_equal(replayed(recipe), read(ob, tmp_path))
    picked = height(ob)
    assert shop.ops.jewelgen.generate() == {"FINISHED"}, now(shop).error
    assert height(active(shop)) == picked  # the scene's settings say the same


def test_the_live_picture_is_the_tooled_one_of_the_same_recipe(shop, tmp_path):
    ob, _ = piece(shop)
    draw(shop)
    shop.ops.jewelgen.motif_pick(index=len(shop.context.scene.jewelgen.tiles) - 1)
    ready = nodes_relief.get(nodes_relief.modifier_of(ob), "Height")
    shop.ops.jewelgen.generate()
    other = nodes_relief.get(nodes_relief.modifier_of(active(shop)), "Height")
    assert bytes(ready.packed_file.data) == bytes(other.packed_file.data)


def test_a_picked_drawing_of_the_library_is_drawn_by_its_name(shop):
    ob, own = piece(shop)
    draw(shop)
    assert shop.ops.jewelgen.motif_pick(index=0) == {"FINISHED"}
    motifs = Recipe.from_json(ob.jewelgen.recipe).design.motifs
    assert motifs == (Motif(name=own.tiles[0].source),) and not ob.jewelgen.wish


def test_without_a_piece_the_design_alone_gets_the_motif(shop):
    own = settle(shop, WORDS)
    place = drawn(draw(shop))[0]
    assert shop.ops.jewelgen.motif_pick(index=place) == {"FINISHED"}
    assert not shop.data.objects and own.motifs[0].cell == own.tiles[place].cell
    assert properties.read_recipe(shop.context.scene).design.motifs[0].cell == own.tiles[place].cell
    with pytest.raises(RuntimeError, match="gone"):
        shop.ops.jewelgen.motif_pick(index=40)


def test_a_relief_on_the_artists_mesh_gets_the_motif_and_nothing_else_changes(shop):
    own = settle(shop, "dragon")
    own.target = "SELECTED"
    ob = torus(shop)
    assert shop.ops.jewelgen.generate() == {"FINISHED"}, now(shop).error
    before, mesh = height(ob), finger(ob)
    place = drawn(draw(shop))[0]
    assert shop.ops.jewelgen.motif_pick(index=place) == {"FINISHED"}, now(shop).error
    assert height(ob) != before and finger(ob) == mesh


def test_a_relief_of_a_picture_has_no_motifs_and_says_so(shop, tmp_path):
    from test_operators_generate import picture_of

    own = settle(shop, WORDS)
    place = drawn(draw(shop))[0]
    own.source, own.picture = "PICTURE", picture_of(shop, "png", tmp_path)
    assert shop.ops.jewelgen.generate() == {"FINISHED"}, now(shop).error
    motifs = [motif.name for motif in own.motifs]
    with pytest.raises(RuntimeError, match="made of a picture"):
        shop.ops.jewelgen.motif_pick(index=place)
    assert [motif.name for motif in own.motifs] == motifs


def test_a_pick_is_a_row_of_history_and_recall_brings_its_drawing_back(shop):
    ob, own = piece(shop)
    place = drawn(draw(shop))[0]
    shop.ops.jewelgen.motif_pick(index=place)
    assert len(own.history) == 2 and own.history[1].picture.packed_file
    cell, picked = own.tiles[place].cell, height(ob)
    own.prompt = "owl pendant"
    shop.ops.jewelgen.chip_clear(slot="motifs")
    assert not own.motifs[0].cell
    shop.data.objects.remove(ob)
    assert shop.ops.jewelgen.recall(index=1) == {"FINISHED"}, now(shop).error
    assert own.motifs[0].cell == cell and height(active(shop)) == picked


# -- what is picked goes on


def test_vary_this_goes_on_from_the_piece_after_the_file_was_opened_again(shop, tmp_path):
    ob, own = piece(shop)
    place = drawn(draw(shop, prompt="dragon head"))[0]
    shop.ops.jewelgen.motif_pick(index=place)
    cell, name = own.tiles[place].cell, ob.name
    shop.ops.wm.save_as_mainfile(filepath=str(tmp_path / "piece.blend"))
    shop.ops.wm.open_mainfile(filepath=str(tmp_path / "piece.blend"))
    own, ob = shop.context.scene.jewelgen, shop.data.objects[name]
    shop.context.view_layer.objects.active = ob
    assert own.tiles[place].cell == cell and own.tiles[place].image.packed_file and own.motifs[0].cell == cell
    motif_tiles.forget(shop.context.scene)
    assert shop.ops.jewelgen.motif_vary() == {"FINISHED"}, now(shop).error
    assert [tile.function for tile in own.tiles] == ["vary"] * 2 and json.loads(own.tiles[0].wish)["prompt"] == "dragon head"
    start = drawings.unpack(cell) > 0
    shares = [(start & new).sum() / (start | new).sum() for new in (drawings.unpack(tile.cell) > 0 for tile in own.tiles)]
    assert all(0.3 < share < 0.99 for share in shares), shares


def test_a_row_is_in_order_and_stands_in_a_frieze(shop):
    ob, own = piece(shop, "dragon band, US 3, 4 mm wide")
    own.design.layout = "single"
    tiles = draw(shop, count=3, function="row", blend="lotus")
    row = [tiles[place] for place in drawn(tiles)]
    assert [motif_tiles.label(tile, number) for number, tile in enumerate(row, 1)] == ["Step 1", "Step 2", "Step 3"]
    cells = [tile.cell for tile in row]
    assert shop.ops.jewelgen.motif_frieze() == {"FINISHED"}, now(shop).error
    design = Recipe.from_json(ob.jewelgen.recipe).design
    assert [motif.cell for motif in design.motifs] == cells and design.layout == "frieze" == own.design.layout
    assert [motif.cell for motif in own.motifs] == cells


def test_back_to_library_draws_what_was_there_before(shop):
    ob, own = piece(shop)
    before = height(ob)
    with pytest.raises(RuntimeError, match="library draws the motifs already"):
        shop.ops.jewelgen.motif_library()
    shop.ops.jewelgen.motif_pick(index=drawn(draw(shop))[0])
    assert height(ob) != before
    assert shop.ops.jewelgen.motif_library() == {"FINISHED"}, now(shop).error
    assert height(ob) == before and not own.motifs[0].cell and own.tiles_index == -1


def test_operators_on_the_picked_motif_say_what_they_need(shop):
    for name in ("motif_vary", "repaint_begin", "repaint"):
        with pytest.raises(RuntimeError, match="Pick a motif first"):
            getattr(shop.ops.jewelgen, name)()
    with pytest.raises(RuntimeError, match="two motifs or more"):
        shop.ops.jewelgen.motif_frieze()


def test_a_design_keeps_its_drawings_in_recipe_files_and_presets(shop, tmp_path):
    own = settle(shop, WORDS)
    place = drawn(draw(shop))[0]
    shop.ops.jewelgen.motif_pick(index=place)
    cell = own.motifs[0].cell
    asked = properties.read_recipe(shop.context.scene)
    shop.ops.jewelgen.recipe_save(filepath=str(tmp_path / "piece.json"))
    preset_values.write_file(tmp_path / "mine.py", preset_values.current(shop.context.scene))
    for bring_back in (
        lambda: shop.ops.jewelgen.recipe_load(filepath=str(tmp_path / "piece.json")),
        lambda: preset_values.apply(shop.context.scene, preset_values.read_file(tmp_path / "mine.py")),
    ):
        shop.ops.jewelgen.chip_clear(slot="motifs")
        assert not own.motifs[0].cell
        bring_back()
        assert own.motifs[0].cell == cell and properties.read_recipe(shop.context.scene).design == asked.design
    shop.ops.jewelgen.motif_add(motif="lotus")
    assert [bool(motif.cell) for motif in own.motifs] == [True, False]
    shop.ops.jewelgen.motif_remove(index=1)
    assert [motif.cell for motif in own.motifs] == [cell]


# -- repainting


def test_what_is_not_painted_over_stays_to_the_last_bit(shop):
    own = settle(shop, WORDS)
    place = drawn(draw(shop))[0]
    shop.ops.jewelgen.motif_pick(index=place)
    cell = own.tiles[place].cell
    assert shop.ops.jewelgen.repaint_begin() == {"FINISHED"}
    image = own.wish.mask
    pixels = np.empty(painting.SIDE**2 * 4, np.float32)
    image.pixels.foreach_get(pixels)
    square = pixels.reshape(painting.SIDE, painting.SIDE, 4)
    square[256:400, 160:360, :3] = (1.0, 0.05, 0.05)
    image.pixels.foreach_set(square.ravel())
    assert shop.ops.jewelgen.repaint() == {"FINISHED"}, now(shop).error
    assert [tile.function for tile in own.tiles] == ["inpaint"] * 2
    free = np.zeros((drawings.KEPT, drawings.KEPT), bool)
    free[128 - 100 : 128 - 64, 40:90] = True  # rows count from above
    before = drawings.unpack(cell)
    for tile in own.tiles:
        after = drawings.unpack(tile.cell)
        np.testing.assert_array_equal(np.clip(after, -1.2, 1.2)[~free], np.clip(before, -1.2, 1.2)[~free])  # px; further out nothing is drawn
        assert ((after > 0) != (before > 0))[free].mean() > 0.02
    shop.ops.jewelgen.motif_pick(index=1)  # from now on this one is painted over
    with pytest.raises(RuntimeError, match="nothing is painted over"):
        shop.ops.jewelgen.repaint()
    name = image.name
    assert shop.ops.jewelgen.repaint_end() == {"FINISHED"} and own.wish.mask is None and name not in shop.data.images


def test_paint_everywhere_and_nowhere_is_refused(shop):
    own = settle(shop, WORDS)
    shop.ops.jewelgen.motif_pick(index=drawn(draw(shop))[0])
    with pytest.raises(RuntimeError, match="begin with Repaint"):
        shop.ops.jewelgen.repaint()
    shop.ops.jewelgen.repaint_begin()
    with pytest.raises(RuntimeError, match="nothing is painted over"):
        shop.ops.jewelgen.repaint()
    own.wish.mask.pixels.foreach_set(np.tile(np.array([1, 0, 0, 1], np.float32), painting.SIDE**2))
    with pytest.raises(RuntimeError, match="whole motif is painted over"):
        shop.ops.jewelgen.repaint()


# -- from a picture


def test_a_painted_sheet_is_followed(shop):
    own = settle(shop, WORDS)
    wish(shop, function="sketch", kind="PICTURE", strength=0.4)
    assert shop.ops.jewelgen.sketch_sheet() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="blank"):
        shop.ops.jewelgen.motif_draw()
    pixels = np.ones((painting.SIDE, painting.SIDE, 4), np.float32)
    y, x = np.mgrid[-1 : 1 : painting.SIDE * 1j, -1 : 1 : painting.SIDE * 1j]
    pixels[(x * x + (1.5 * y) ** 2) < 0.5, :3] = 0.0
    own.wish.picture.pixels.foreach_set(pixels.ravel())
    tiles = draw(shop)
    assert [tile.function for tile in tiles] == ["sketch"] * 2
    wide = drawings.unpack(tiles[0].cell) > 0
    assert np.flatnonzero(wide.any(axis=0)).size > 1.25 * np.flatnonzero(wide.any(axis=1)).size  # an ellipse lying down, as painted


def test_a_piece_that_is_laid_anew_must_still_be_there(shop, monkeypatch):
    ob, own = piece(shop)
    place = drawn(draw(shop))[0]
    jobs = windowed(monkeypatch, shop)
    assert shop.ops.jewelgen.motif_pick(index=place) == {"FINISHED"}
    shop.data.objects.remove(ob)
    finish(jobs)
    assert not now(shop).error and laying.title(properties.read_recipe(shop.context.scene))
    assert own.motifs[0].cell == own.tiles[place].cell
