"""Every panel in every state, drawn on a layout that refuses names Blender does not know; what is drawn is kept as approved."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

pytest.importorskip("bpy")

from recorder import draw

APPROVED = Path(__file__).parents[1] / "approved" / "panels.txt"
PROMPT = "repoussé lotus scroll and palmette band, beaded border, 18k gold, US 7, 6 mm wide, with a flumm"
REPORT = {
    "metal": "gold-18k-yellow", "process": "castable-resin", "triangles": 82368, "size_mm": [21.4, 21.4, 7.0], "volume_mm3": 648.8,
    "checks": [
        {"name": "closed", "ok": True, "value": 0, "limit": 0, "unit": "edges", "hint": ""},
        {"name": "bodies", "ok": True, "value": 1, "limit": 1, "unit": "", "hint": ""},
        {"name": "min-wall", "ok": True, "value": 1.3187, "limit": 0.7, "unit": "mm", "hint": ""},
        {"name": "min-engraving-width", "ok": None, "value": None, "limit": 0.4, "unit": "mm", "hint": "not measured"},
        {"name": "weight", "ok": True, "value": 10.08, "limit": 250, "unit": "g", "hint": ""},
    ],
}  # fmt: skip


def thin() -> str:
    """The report with a wall too thin."""
    wall = {"name": "min-wall", "ok": False, "value": 0.52, "limit": 0.7, "unit": "mm", "hint": "thicken the piece, or lower the depth"}
    return json.dumps(REPORT | {"checks": [wall if c["name"] == "min-wall" else c for c in REPORT["checks"]]})


def panels(bpy):
    from blender_jewelgen.blender import registration

    found = [cls for module in registration.modules() for cls in getattr(module, "CLASSES", ())]
    return [cls for cls in found if issubclass(cls, (bpy.types.Panel, bpy.types.Menu)) and cls.__module__.startswith("blender_jewelgen")]


def piece(bpy, kind, name="Lotus Scroll Band"):
    bpy.ops.mesh.primitive_torus_add(major_segments=8, minor_segments=6)
    ob = bpy.context.active_object
    ob.name = name
    ob.jewelgen.kind = kind
    return ob


def picture(bpy, name):
    return bpy.data.images.new(name, 8, 4)


def empty(bpy):
    pass


def words(bpy):
    bpy.context.scene.jewelgen.prompt = PROMPT
    bpy.context.scene.jewelgen.design.finish = "satin"


def signet_by_hand(bpy):
    form = bpy.context.scene.jewelgen.form
    form.form, form.width = "signet", 12.5


def wrong_size(bpy):
    bpy.context.scene.jewelgen.form.size = "US 99"


def source_picture(bpy):
    settings = bpy.context.scene.jewelgen
    words(bpy)
    settings.source, settings.picture = "PICTURE", picture(bpy, "Scan")


def heights(bpy):
    source_picture(bpy)
    settings = bpy.context.scene.jewelgen
    settings.height_source = settings.picture
    for method in ("shading", "luminance"):
        row = settings.heights.add()
        row.method, row.height, row.image = method, picture(bpy, method), picture(bpy, f"{method} small")
        row.notes = "it looks like a photograph, and no depth model is installed"
    settings.heights_index, settings.picture = 1, settings.heights[1].height


def not_millimetres(bpy):
    bpy.context.scene.unit_settings.system = "IMPERIAL"


def error_with_fix(bpy):
    now = bpy.context.window_manager.jewelgen
    now.error, now.fix_label, now.fix_option = "the depth is 2.4 mm; it must be at most 0.7 mm", "Use 0.7 mm", "--depth 0.7"


def busy(bpy):
    now = bpy.context.window_manager.jewelgen
    now.busy, now.progress, now.status = True, 0.42, "raising the relief"


def candidates(bpy):
    for seed in (3, 8):
        row = bpy.context.scene.jewelgen.candidates.add()
        row.seed, row.image = seed, picture(bpy, f"Variation {seed}")
    bpy.context.scene.jewelgen.candidates.add().seed = 9  # its picture was deleted


def relief_active(bpy):
    from blender_jewelgen.blender import nodes_relief
    from blender_jewelgen.core.relief.params import ReliefParams

    ob = piece(bpy, "relief")
    nodes_relief.lay(ob, picture(bpy, "Height"), ReliefParams(), None, 1.0, 0.5)
    ob.jewelgen.report = json.dumps(REPORT)


def print_active(bpy):
    piece(bpy, "print", "Lotus Scroll Band Print").jewelgen.report = thin()


def selected_mesh(bpy):
    words(bpy)
    bpy.context.scene.jewelgen.target = "SELECTED"
    ob = piece(bpy, "", "Sculpture")
    ob["jewelgen_notes"] = "the file has no unit; its longest side is taken as 20 mm\ntwo loose bits were left out"


def history(bpy):
    rows = bpy.context.scene.jewelgen.history
    for name in ("lotus band", "dragon signet", ""):
        row = rows.add()
        row.name, row.picture = name, picture(bpy, name) if name else None
    bpy.context.scene.jewelgen.history_index = 1


def motifs(bpy):
    settings = bpy.context.scene.jewelgen
    for name, how, source in (("lotus", "library", "lotus"), ("lotus 1", "vary", "lotus"), ("lotus + crab 2", "row", "lotus + crab")):
        row = settings.tiles.add()
        row.name, row.function, row.source, row.image = name, how, source, picture(bpy, name)
        if how != "library":
            row.cell, row.nearest, row.likeness = "drawing", "lotus", 0.62
    settings.tiles.add().function = "sketch"  # its picture was deleted
    settings.tiles_index = 1
    settings.wish.function, settings.wish.mask = "blend", picture(bpy, "Repaint")
    row = settings.motifs.add()
    row.name, row.cell = "lotus 1", "drawing"
    bpy.context.window_manager.jewelgen.model = "READY"


def motif_row(bpy):
    motifs(bpy)
    bpy.context.scene.jewelgen.wish.function = "row"


def motif_missing(bpy):
    now = bpy.context.window_manager.jewelgen
    now.model, now.model_reason = "MISSING", "the motif model lacks its file motif.onnx"
    bpy.context.scene.jewelgen.wish.function = "vary"


def craft_sheet(bpy):
    own = bpy.context.scene.jewelgen
    own.prompt = 'repoussé lotus pendant, engraved "Anna"'
    own.craft.sheet, own.craft.backing = 0.5, True


def craft_openwork(bpy):
    bpy.context.scene.jewelgen.prompt = "openwork wave band"


def craft_filigree(bpy):
    bpy.context.scene.jewelgen.prompt = "filigree heart pendant"
    bpy.context.scene.jewelgen.craft.wire_kind = "beaded"


def craft_granulation(bpy):
    bpy.context.scene.jewelgen.prompt = "granulation bead"


def craft_engraving(bpy):
    bpy.context.scene.jewelgen.prompt = "engraved signet"


def lettering(bpy):
    own = bpy.context.scene.jewelgen
    own.prompt = "lotus band"
    for words, side, font in (("LOVE", "outside", "auto"), ("永结同心", "inside", "/fonts/Kai.ttf"), ("", "outside", "roman")):
        row = own.texts.add()
        row.words, row.side, row.font, row.style = words, side, font, "engraved"
    own.texts_index = 1
    own.texts[1].boxed = True


def stones(bpy):
    own = bpy.context.scene.jewelgen
    for cut in ("round", "oval", "square"):
        own.stones.add().cut = cut
    own.stones_index = 1


def metal_active(bpy):
    """An openwork ring whose metal is seen, with what is known of it."""
    from blender_jewelgen.blender import metal_live, nodes_metal

    relief_active(bpy)
    ob = bpy.context.active_object
    nodes_metal.put(ob, bpy.data.meshes.new("Metal"))
    ob.jewelgen.recipe, ob.jewelgen.work_facts = "{}", json.dumps({"kind": "openwork", "openings": 46, "bridges": 3})
    ob.jewelgen.uid = bpy.context.scene.jewelgen.at_work = "here"
    worked = {"openings": 46, "lines": [{"text": "LOVE", "style": "pierced", "stroke_mm": 0.29}, {"text": "永", "style": "raised", "stroke_mm": 0.8}],
              "stones": [{"carat": 0.05}], "carat_total": 0.05, "solid_volume_mm3": 900.0}  # fmt: skip
    ob.jewelgen.report = json.dumps(REPORT | {"craft": worked})
    assert metal_live.at_work(bpy.context) == ob


def metal_working(bpy):
    """The same while a newer one is worked."""
    from types import SimpleNamespace

    from blender_jewelgen.blender import metal_live

    metal_active(bpy)
    now = bpy.context.window_manager.jewelgen
    now.working, now.work_share = "working the metal", 0.4
    metal_live._desk.ticket, metal_live._desk.piece = SimpleNamespace(over=False), bpy.context.active_object.session_uid


def metal_left(bpy):
    """The same after it was stopped."""
    from blender_jewelgen.blender import metal_live

    metal_active(bpy)
    metal_live._desk.left[bpy.context.active_object.session_uid] = "key"


def sketch_pen(bpy):
    from blender_jewelgen.blender import sketch_pen

    sketch_pen.make(bpy.context, None)
    bpy.context.scene.jewelgen.wish.function = "sketch"


def sketch_picture(bpy):
    wish = bpy.context.scene.jewelgen.wish
    wish.function, wish.kind, wish.plain = "sketch", "PICTURE", True


STATES = (
    empty, words, signet_by_hand, wrong_size, source_picture, heights, not_millimetres, error_with_fix, busy, candidates, relief_active, print_active,
    selected_mesh, history, motifs, motif_row, motif_missing, sketch_pen, sketch_picture, craft_sheet, craft_openwork, craft_filigree, craft_granulation,
    craft_engraving, lettering, stones, metal_active, metal_working, metal_left,
)  # fmt: skip


@pytest.fixture
def state(request, addon):
    units = addon.context.scene.unit_settings
    units.system, units.scale_length, units.length_unit = "METRIC", 0.001, "MILLIMETERS"
    request.param(addon)
    return addon


@pytest.mark.parametrize("state", STATES, indirect=True)
def test_panels_draw_only_names_blender_knows_and_change_nothing(state):
    bpy = state
    before = everything(bpy)
    for cls in panels(bpy):
        draw(bpy, cls)
    assert everything(bpy) == before


def everything(bpy):
    """The settings, and the number of things in the file."""
    from blender_jewelgen.blender import preset_values

    now = bpy.context.window_manager.jewelgen
    counts = {name: len(getattr(bpy.data, name)) for name in ("objects", "images", "node_groups", "meshes", "materials", "collections")}
    return preset_values.current(bpy.context.scene), counts, (now.busy, now.status, now.error)


@pytest.mark.parametrize("state", STATES, indirect=True)
def test_what_is_drawn_is_what_was_approved(request, state):
    name = request.node.callspec.params["state"].__name__
    sidebar = [cls for cls in panels(state) if cls.bl_idname.startswith("VIEW3D")]
    drawn = {f"{name} / {cls.bl_idname}": list(map(timeless, draw(state, cls))) for cls in sidebar}
    plain = {title.partition(" / ")[2]: lines for title, lines in approved().items() if title.startswith("empty / ")}
    if name != "empty":  # what is as in an empty file is not written down again
        drawn = {title: lines for title, lines in drawn.items() if lines != plain[title.partition(" / ")[2]]}
    if os.environ.get("JEWELGEN_APPROVE"):
        kept = {title: lines for title, lines in approved().items() if not title.startswith(f"{name} / ")} | drawn
        APPROVED.write_text("".join(f"[{title}]\n" + "".join(f"{line}\n" for line in lines) + "\n" for title, lines in kept.items()), encoding="utf-8")
    assert drawn == {title: lines for title, lines in approved().items() if title.startswith(f"{name} / ")}


def timeless(line: str) -> str:
    """A line without what differs from one Blender to the next."""
    return re.sub(r"own, 3[.]\d+", "own, 3.x", line)


def approved() -> dict[str, list[str]]:
    """What is approved: a title in brackets, then one line for each thing drawn."""
    if not APPROVED.exists():
        return {}
    found: dict[str, list[str]] = {}
    for line in APPROVED.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and " / " in line:
            found[line[1:-1]] = []
        elif line:
            found[list(found)[-1]].append(line)
    return found


def test_a_recorder_refuses_what_blender_does_not_have(addon):
    from recorder import Recorder

    layout = Recorder(addon)
    scene = addon.context.scene
    for wrong in (
        lambda: layout.prop(scene, "no_such"), lambda: layout.label(text="x", icon="NO_SUCH"), lambda: layout.operator("jewelgen.no_such"),
        lambda: setattr(layout.operator("jewelgen.recall"), "no_such", 1), lambda: setattr(layout, "no_such", 1), lambda: layout.no_such(),
        lambda: layout.row(no_such=1), lambda: layout.popover("NO_SUCH"),
    ):  # fmt: skip
        with pytest.raises((AssertionError, AttributeError)):
            wrong()


def test_sidebar_panels_stand_in_the_order_of_the_work(addon):
    ours = [cls for cls in panels(addon) if cls.bl_idname.startswith("VIEW3D") and not hasattr(cls, "bl_parent_id")]
    ours.sort(key=lambda cls: cls.bl_order)
    assert [cls.bl_idname.removeprefix("VIEW3D_PT_jewelgen_") for cls in ours] == [
        "notice", "design", "body", "motif", "pictures", "form", "relief", "craft", "lettering", "stones", "projection", "check", "make", "history", "runtime",
    ]  # fmt: skip
    assert {cls.bl_category for cls in ours} == {"JewelGen"}


@pytest.mark.parametrize(
    "system, scale, unit, right",
    [("METRIC", 0.001, "MILLIMETERS", True), ("METRIC", 0.001, "METERS", True), ("METRIC", 1.0, "MILLIMETERS", True),
     ("METRIC", 1.0, "METERS", False), ("IMPERIAL", 1.0, "INCHES", False), ("NONE", 1.0, "METERS", False), ("METRIC", 0.01, "CENTIMETERS", False)],
)  # fmt: skip
def test_the_notice_stands_only_over_scenes_whose_lengths_are_not_millimetres(addon, system, scale, unit, right):
    from blender_jewelgen.blender.panels_design import VIEW3D_PT_jewelgen_notice

    units = addon.context.scene.unit_settings
    units.system, units.scale_length = system, scale
    if system != "NONE":
        units.length_unit = unit
    drawn = draw(addon, VIEW3D_PT_jewelgen_notice)
    assert ("button jewelgen.set_mm Set Scene to Millimetres" in drawn) is not right


def test_wrapped_lines_are_no_wider_than_asked_and_lose_no_word():
    from blender_jewelgen.blender.panels_parts import wrapped

    words = "the metal is 0.18 mm too thin: thicken the piece, or lower the depth"
    rows = wrapped(words, 150)
    assert " ".join(rows) == words and max(map(len, rows)) <= 150 / 6.1 and len(rows) > 2
    signs = "牡丹椭圆吊坠，鱼子地，联珠边，18K金，宽28毫米"
    rows = wrapped(signs, 100)
    assert "".join(rows) == signs and max(sum(2 if ord(c) > 0x2000 else 1 for c in row) for row in rows) <= 100 / 6.1
    assert wrapped("", 100) == ("",)


def test_previews_show_the_middle_of_a_strip_and_the_whole_of_a_disc():
    import numpy as np

    from blender_jewelgen.blender.previews import square

    strip = np.zeros((10, 100, 3), np.float32)
    strip[:, 45:55] = 1.0
    seen = square(strip, 60)
    assert seen.shape == (60, 60, 4)
    assert seen[:, :, 3].any(axis=1).sum() == 40  # 15 x 10 shown in 60 x 40
    assert seen[30, 30, 0] == 1.0 and seen[30, 2, 0] == 0.0
    assert square(np.ones((20, 20, 4), np.float32), 60).min() == 1.0


@pytest.mark.parametrize("form, names", [
    ("band", ("size", "width", "thickness", "margin")), ("pendant", ("width", "length", "thickness", "margin")),
    ("bead", ("width", "thickness", "hole", "margin")), ("cuff", ("size", "width", "thickness", "gap", "margin")),
    ("signet", ("size", "width", "length", "thickness", "margin")),
])  # fmt: skip
def test_a_form_shows_only_the_measures_it_has(form, names):
    from blender_jewelgen.blender.form_facts import fields_of

    assert fields_of(form) == names


def test_a_ring_size_shows_its_inner_diameter_and_a_wrong_one_says_why():
    from blender_jewelgen.blender.form_facts import diameter

    inner, others = diameter("US 7")
    assert inner == "17.32 mm" and "EU 54" in others and "US" not in others
    assert diameter("62 mm") == ("62.00 mm", "")
    assert "outside the table" in diameter("US 99")[0]
