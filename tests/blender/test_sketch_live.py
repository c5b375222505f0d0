"""A sketch that is followed while it is drawn: what is read of a pen, what comes onto the piece, and what is left when it ends."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("bpy")

from motif_bench import followed, piece, ring, stroke, wish
from shop import active, finger, now, settle, torus

from blender_jewelgen.blender import convert, images, jobs, nodes_relief, painting, sketch_live, sketch_pen
from blender_jewelgen.blender.strokes_picture import picture
from blender_jewelgen.core.pattern import drawn as drawings
from blender_jewelgen.core.recipe import Recipe


@pytest.fixture
def live(shop, monkeypatch):
    """bpy with JewelGen; the hand never rests by itself, and a sketch that a test leaves open is ended."""
    monkeypatch.setattr(sketch_live, "REST", 1e9)
    yield shop
    sketch_live.end()
    jobs.cancel_all()


def begun(bpy, words="dragon pendant, 12 mm wide", **values):
    """A piece, its pen, and a session that follows it."""
    ob, _own = piece(bpy, words)
    wish(bpy, function="sketch", **values)
    assert bpy.ops.jewelgen.sketch_live() == {"FINISHED"}, now(bpy).error
    return ob, sketch_pen.find(bpy.context.scene), sketch_live.session()


def shape(made):
    return drawings.unpack(made["cell"]) > 0


def height_image(ob):
    return nodes_relief.get(nodes_relief.modifier_of(ob), "Height")


def lifted(bpy, ob):
    """mm³ of a piece under its relief."""
    from live import positions

    from blender_jewelgen.core.mesh.arrays import Mesh

    return Mesh(positions(bpy, ob).astype(np.float32), convert.mesh_from_blender(ob.data).faces).volume


# -- the pen


@pytest.mark.parametrize("unit", [1.0, 0.001])
def test_the_pen_lies_in_its_square_beside_the_piece_ready_to_draw(live, unit):
    own = settle(live, "dragon pendant, 12 mm wide", unit)
    assert live.ops.jewelgen.generate() == {"FINISHED"}
    ob = active(live)
    wish(live, function="sketch")
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}, now(live).error
    pen = sketch_pen.find(live.context.scene)
    assert (pen.jewelgen.kind, pen.jewelgen.origin, pen.mode, active(live)) == ("sketch", ob, "PAINT_GREASE_PENCIL", pen)
    right = max((ob.matrix_world @ __import__("mathutils").Vector(corner)).x for corner in ob.bound_box)
    assert pen.location.x - 0.5 * sketch_pen.MM * unit > right
    guide = pen.data.layers[sketch_pen.GUIDE]
    assert guide.lock and len(guide.current_frame().drawing.strokes) == 5
    stroke(pen, ring(), closed=True, unit=unit)
    assert picture(sketch_pen.strokes_of(pen, unit)).sum() / 256**2 == pytest.approx(np.pi * 6.6 * 7.8 / 400, rel=0.02)
    assert own.wish.function == "sketch"


def test_only_shown_layers_are_read_and_a_filled_stroke_counts_as_closed(live):
    settle(live)
    pen = sketch_pen.make(live.context, None)
    mark = sketch_pen.mark_of(pen)
    assert not sketch_pen.has_strokes(pen) and sketch_pen.strokes_of(pen, 1.0) == []
    other = pen.data.layers.new("Mine")
    other.frames.new(live.context.scene.frame_current)
    stroke(pen, [(-5, -5), (5, -5), (5, 5)], layer="Mine")
    assert sketch_pen.has_strokes(pen) and sketch_pen.mark_of(pen) != mark
    (read,) = sketch_pen.strokes_of(pen, 1.0)
    np.testing.assert_allclose(read.points, [(0.25, 0.75), (0.75, 0.75), (0.75, 0.25)])
    np.testing.assert_allclose(read.radius, 0.03)
    assert not read.closed
    line = other.current_frame().drawing.strokes[0]
    if hasattr(line, "fill_id"):  # since 5.2
        line.fill_id = 1
    else:
        pen.data.materials[0].grease_pencil.show_fill = True
    assert sketch_pen.strokes_of(pen, 1.0)[0].closed
    other.hide = True
    assert sketch_pen.strokes_of(pen, 1.0) == [] and sketch_pen.mark_of(pen) == mark


def test_the_checksum_knows_every_change_of_a_stroke(live):
    settle(live)
    pen = sketch_pen.make(live.context, None)
    stroke(pen, ring())
    drawing = pen.data.layers[sketch_pen.PEN].current_frame().drawing
    marks = [sketch_pen.mark_of(pen)]
    assert sketch_pen.mark_of(pen) == marks[0]
    drawing.strokes[0].points[3].position.x += 0.1
    marks.append(sketch_pen.mark_of(pen))
    drawing.strokes[0].points[3].radius += 0.1
    marks.append(sketch_pen.mark_of(pen))
    drawing.strokes[0].cyclic = True
    marks.append(sketch_pen.mark_of(pen))
    stroke(pen, [(0, 0)])
    marks.append(sketch_pen.mark_of(pen))
    assert len(set(marks)) == 5


def test_clear_takes_the_strokes_and_leaves_the_square(live):
    _, pen, _ = begun(live)
    with pytest.raises(RuntimeError, match="no stroke"):
        live.ops.jewelgen.sketch_clear()
    stroke(pen, ring())
    assert live.ops.jewelgen.sketch_clear() == {"FINISHED"}
    assert not sketch_pen.has_strokes(pen) and len(pen.data.layers[sketch_pen.GUIDE].current_frame().drawing.strokes) == 5


# -- followed


def test_each_stroke_is_on_the_piece_and_in_the_first_tile_and_the_form_is_untouched(live):
    ob, pen, session = begun(live)
    mesh, recipe, image = finger(ob), ob.jewelgen.recipe, height_image(ob).name
    assert not sketch_live.look()  # nothing is drawn yet
    stroke(pen, ring(radius=5.0))
    first = followed(session)
    disc = picture(sketch_pen.strokes_of(pen, 1.0), 128) > 0.5
    assert (shape(first) & disc).sum() / (shape(first) | disc).sum() > 0.7
    tiles = live.context.scene.jewelgen.tiles
    assert (tiles[0].cell, tiles[0].function, tiles[0].live) == (first["cell"], "sketch", True) and tiles[0].image.preview
    volume, coarse = lifted(live, ob), height_image(ob)
    assert coarse.name != image and max(coarse.size) < 12 * sketch_live.PIXELS * 1.3
    assert not sketch_live.look()  # nothing has changed
    stroke(pen, [(-9, 8), (9, 8)], 1.2)
    second = followed(session)
    assert shape(second)[:25].sum() > shape(first)[:25].sum() + 200 and lifted(live, ob) != volume
    assert height_image(ob) == coarse  # the same image, its pixels others
    assert len(live.context.scene.jewelgen.tiles) == 1
    assert finger(ob) == mesh and ob.jewelgen.recipe == recipe
    assert json.loads(tiles[0].wish)["steps"] == sketch_live.STEPS


def test_a_newer_sketch_takes_the_place_of_one_under_way(live):
    _, pen, session = begun(live)
    stroke(pen, ring(radius=3.0))
    assert sketch_live.look()
    older = session.ticket
    stroke(pen, ring(radius=7.0))
    assert sketch_live.look() and session.ticket is not older and older.state == "cancelled"
    jobs.wait(session.ticket)
    assert session.ticket.state == "done" and len(session.times) == 1
    assert not now(live).busy and not now(live).error


def test_when_the_hand_rests_the_recipe_has_the_sketch_and_replays_it(live, tmp_path, monkeypatch):
    from test_operators_motif import read, replayed

    ob, pen, session = begun(live)
    stroke(pen, ring())
    made = followed(session)
    assert not sketch_live.look()
    monkeypatch.setattr(sketch_live, "REST", 0.0)
    assert sketch_live.look() and session.ticket.quiet
    jobs.wait(session.ticket)
    recipe = Recipe.from_json(ob.jewelgen.recipe)
    assert [motif.cell for motif in recipe.design.motifs] == [made["cell"]]
    assert live.context.scene.jewelgen.motifs[0].cell == made["cell"]
    np.testing.assert_array_equal(replayed(recipe), read(ob, tmp_path))
    assert not sketch_live.look() and len(live.context.scene.jewelgen.history) == 1  # no row of history for each rest


def test_the_end_puts_the_pen_down_and_keeps_the_last_motif_in_full_detail(live):
    ob, pen, session = begun(live)
    stroke(pen, ring())
    made = followed(session)
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}, now(live).error
    own = live.context.scene.jewelgen
    assert sketch_live.session() is None and now(live).sketch == ""
    assert (active(live), ob.mode, pen.mode) == (ob, "OBJECT", "OBJECT")
    assert len(own.history) == 2 and own.motifs[0].cell == made["cell"] and made["cell"] in ob.jewelgen.recipe
    assert height_image(ob).packed_file and not own.tiles[0].live and own.tiles[0].image.packed_file
    assert not [image for image in live.data.images if image.name.endswith("Sketch")]
    assert not any(session.folder.glob("*"))
    assert json.loads(ob.jewelgen.wish)["function"] == "sketch"
    assert live.ops.jewelgen.motif_vary() == {"FINISHED"}, now(live).error


def test_as_drawn_the_strokes_themselves_are_the_motif(live):
    _, pen, session = begun(live, plain=True)
    stroke(pen, ring(radius=5.0))
    made = followed(session)
    disc = picture(sketch_pen.strokes_of(pen, 1.0), 128) > 0.5
    assert made["function"] == "drawn" and (shape(made) & disc).sum() / (shape(made) | disc).sum() > 0.97
    live.context.scene.jewelgen.wish.plain = False  # the same strokes are followed anew
    assert followed(session)["function"] == "sketch"


def test_strokes_on_the_picked_motif_cut_it(live):
    ob, _ = piece(live)
    own = live.context.scene.jewelgen
    row = own.tiles.add()
    row.name, row.cell, row.function = "disc", drawings.pack(drawings.cell_of(picture([]) + _disc())), "sketch"
    own.tiles_index = 0
    wish(live, function="sketch", plain=True, over=True)
    live.ops.jewelgen.sketch_live()
    pen, session = sketch_pen.find(live.context.scene), sketch_live.session()
    stroke(pen, [(-4, 0), (4, 0)], 1.0)
    made = shape(followed(session))
    assert not made[64, 40:88].any() and made[30, 64] and made[100, 64]
    assert ob.jewelgen.kind == "relief"


def _disc():
    y, x = np.mgrid[-1 : 1 : 256j, -1 : 1 : 256j]
    return (np.hypot(x, y) < 0.9).astype(np.float32)


def test_without_a_piece_the_tile_follows_and_the_design_gets_the_motif_at_the_end(live):
    own = settle(live, "dragon")
    wish(live, function="sketch")
    live.ops.jewelgen.sketch_live()
    session = sketch_live.session()
    stroke(sketch_pen.find(live.context.scene), ring())
    made = followed(session)
    assert own.tiles[0].cell == made["cell"]
    live.ops.jewelgen.sketch_live()
    assert own.motifs[0].cell == made["cell"] and not any(ob.jewelgen.kind == "relief" for ob in live.data.objects)


def test_words_that_mean_nothing_leave_the_lines_to_speak(live):
    _, pen, session = begun(live, prompt="xqzt wrblk")
    stroke(pen, ring())
    assert followed(session)["function"] == "sketch"


def test_a_relief_on_the_artists_mesh_follows_too(live):
    own = settle(live, "dragon")
    own.target = "SELECTED"
    ob = torus(live)
    assert live.ops.jewelgen.generate() == {"FINISHED"}, now(live).error
    mesh, volume = finger(ob), lifted(live, ob)
    wish(live, function="sketch")
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}, now(live).error
    session = sketch_live.session()
    stroke(sketch_pen.find(live.context.scene), ring(radius=7.0))
    followed(session)
    assert lifted(live, ob) != volume and finger(ob) == mesh
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}, now(live).error
    assert session.made["cell"] in ob.jewelgen.recipe and finger(ob) == mesh


def test_a_painted_picture_is_followed_as_well(live):
    ob, own = piece(live)
    wish(live, function="sketch", kind="PICTURE", plain=True)
    with pytest.raises(RuntimeError, match="Choose a picture"):
        live.ops.jewelgen.sketch_live()
    live.ops.jewelgen.sketch_sheet()
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}, now(live).error
    session = sketch_live.session()
    assert not sketch_live.look()  # a white sheet
    pixels = np.ones((painting.SIDE, painting.SIDE, 4), np.float32)
    pixels[150:350, 100:420, :3] = 0.0
    own.wish.picture.pixels.foreach_set(pixels.ravel())
    made = shape(followed(session))
    assert made[40:85, 28:102].mean() > 0.95 and made.mean() == pytest.approx(200 * 320 / 512**2, rel=0.1)
    assert active(live) == ob
    live.ops.jewelgen.sketch_live()
    assert not sketch_live.session()


# -- what may happen meanwhile


def test_a_pen_that_is_deleted_is_told_of_and_nothing_breaks(live):
    ob, pen, _ = begun(live)
    stroke(pen, ring())
    live.data.objects.remove(pen)
    assert not sketch_live.look() and now(live).sketch == "the sketch was deleted"
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"} and active(live) == ob


def test_a_piece_that_is_deleted_leaves_the_tile(live):
    ob, pen, session = begun(live)
    stroke(pen, ring())
    live.data.objects.remove(ob)
    made = followed(session)
    assert live.context.scene.jewelgen.tiles[0].cell == made["cell"]
    assert live.ops.jewelgen.sketch_live() == {"FINISHED"}


def test_another_file_ends_the_sketch(live):
    _, pen, _ = begun(live)
    stroke(pen, ring())
    assert sketch_live.look()
    live.ops.wm.read_factory_settings(use_empty=True)
    assert sketch_live.session() is None and not jobs.open_tickets() and now(live).sketch == ""
    assert not live.app.timers.is_registered(sketch_live._tick)


def test_a_file_saved_while_sketching_shows_the_sketch_when_it_is_opened(live, tmp_path):
    ob, pen, session = begun(live)
    stroke(pen, ring())
    followed(session)
    shown = images.array_from_image(height_image(ob))
    live.ops.object.mode_set(mode="OBJECT")
    live.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sketch.blend"))
    name = ob.name
    live.ops.wm.open_mainfile(filepath=str(tmp_path / "sketch.blend"))
    np.testing.assert_allclose(images.array_from_image(height_image(live.data.objects[name])), shown, atol=1e-6)
    assert sketch_pen.find(live.context.scene).jewelgen.origin == live.data.objects[name]


def test_a_relief_of_a_picture_cannot_follow(live, tmp_path):
    from test_operators_generate import picture_of

    own = settle(live, "dragon")
    own.source, own.picture = "PICTURE", picture_of(live, "png", tmp_path)
    assert live.ops.jewelgen.generate() == {"FINISHED"}, now(live).error
    wish(live, function="sketch")
    with pytest.raises(RuntimeError, match="made of a picture"):
        live.ops.jewelgen.sketch_live()
    assert sketch_live.session() is None and sketch_pen.find(live.context.scene) is None


def test_nothing_of_it_stays_when_the_add_on_goes(live):
    begun(live)
    sketch_live.unregister()
    assert sketch_live.session() is None and not live.app.timers.is_registered(sketch_live._tick)
    assert not [h for name in ("load_pre", "save_pre") for h in getattr(live.app.handlers, name) if "sketch_live" in h.__module__]
    sketch_live.unregister()  # a second time is no error
    sketch_live.register()


def test_the_motif_of_a_sketch_is_drawn_in_number_too(live):
    settle(live, "dragon")
    wish(live, function="sketch")
    pen = sketch_pen.make(live.context, None)
    with pytest.raises(RuntimeError, match="no stroke"):
        live.ops.jewelgen.motif_draw()
    stroke(pen, ring())
    assert live.ops.jewelgen.motif_draw() == {"FINISHED"}, now(live).error
    assert [tile.function for tile in live.context.scene.jewelgen.tiles] == ["sketch"] * 2
