"""Crafts in the window: an openwork ring whose bars are changed, letters typed on it, stones set round it, a hollow pendant, heights of a picture; in English and Chinese."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import jewel
from harness import (
    REPORT,
    Clock,
    Steps,
    click,
    click_at,
    find,
    inside,
    keys,
    run,
    scroll,
    shot,
    show_tab,
    type_text,
    view,
    wait_for,
)
from jewel import busy, finished, frame, installed, part, pieces, state
from mathutils import Vector

_OPEN = ("craft", "lettering", "stones", "check")
_CLOSED = ("design", "motif", "form", "make", "history")


def steps() -> Steps:
    window, area, _, _ = view()
    with bpy.context.temp_override(window=window, screen=window.screen, area=area):
        bpy.ops.screen.screen_full_area()
    yield 0.8
    jewel.show_tab = _opened  # Blender remembers of each panel whether it is open from when it was first drawn
    clock = yield from installed()
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    with inside():
        bpy.ops.jewelgen.set_mm()
    bpy.context.scene.jewelgen.relief.pixels = 20.0
    view()[2].tag_redraw()
    yield from openwork(clock)
    yield from letters()
    yield from stones()
    yield from undone()
    yield from hollow()
    yield from chinese()


def _opened(category: str) -> Steps:
    """Show the tab with the panels of this scenario open and the others closed."""
    for names, options in ((_OPEN, set()), (_CLOSED, {"DEFAULT_CLOSED"})):
        for name in names:
            panel = getattr(bpy.types, f"VIEW3D_PT_jewelgen_{name}")
            bpy.utils.unregister_class(panel)
            panel.bl_options = options
            bpy.utils.register_class(panel)
    yield from show_tab(category)


def generate(words: str) -> Steps:
    """A new piece of these words, alone in the view."""
    for ob in pieces("relief"):
        bpy.data.objects.remove(ob)
    bpy.context.scene.jewelgen.prompt = words
    began = time.perf_counter()
    with inside():
        bpy.ops.jewelgen.generate()
    yield from finished()
    REPORT.setdefault("generate_s", {})[words] = round(time.perf_counter() - began, 2)
    (ob,) = pieces("relief")
    yield from frame(ob)
    view()[1].spaces.active.region_3d.view_rotation = Vector((0.2, -1.0, 0.75)).to_track_quat("Z", "Y")
    view()[1].spaces.active.shading.type = "SOLID"
    yield 0.5
    return ob


def body(ob):
    """What marks the metal that is seen: the mesh itself."""
    held = part("blender.nodes_metal").body_of(ob)
    return held.data.session_uid if held is not None else 0


def reworked(ob, before: int, timeout: float = 120.0) -> Steps:
    """Until the metal is another one and nothing is left to do; gives the seconds."""
    live, began = part("blender.metal_live"), time.perf_counter()
    yield from wait_for(lambda: body(ob) != before and not live._desk.due and not live.is_working(ob), timeout, "the metal")
    if state().error:
        raise AssertionError(f"the panel says: {state().error}")
    yield 0.6
    return round(time.perf_counter() - began, 2)


def type_number(what: str, number: str) -> Steps:
    """Type a number into a field of the sidebar."""
    x, y = yield from find(what)
    yield from click_at(x, y, times=2)
    yield from keys("ctrl+a")
    yield from type_text(number)
    yield from keys("Return")
    yield 0.3


def openwork(clock: Clock) -> Steps:
    ob = yield from generate("openwork lotus band, US 7, 8 mm wide, 18k gold")
    assert body(ob), "the metal is not seen"
    shot("crafts-01-openwork.png")
    first = body(ob)
    clock.longest()
    yield from type_number("jewelgen.craft.web", "0.9")
    REPORT["web_s"] = yield from reworked(ob, first)
    REPORT["web_hold_ms"] = clock.longest()
    assert abs(bpy.context.scene.jewelgen.craft.web - 0.9) < 1e-6
    assert '"web": 0.9' in ob.jewelgen.recipe
    shot("crafts-02-wider-bars.png")


def letters() -> Steps:
    ob = yield from generate("wave band, US 9, 9 mm wide, silver")
    assert not body(ob)
    settings = bpy.context.scene.jewelgen
    x, y = yield from find("jewelgen.text_add(", across=(0.96,))
    yield from click_at(x, y)
    assert len(settings.texts) == 1
    before = ob.jewelgen.height
    x, y = yield from find("texts[0].words", across=(0.5,))
    yield from click_at(x, y, times=2)
    yield from keys("ctrl+a")
    yield from type_text("AMOR")
    yield from keys("Return")
    yield from wait_for(lambda: ob.jewelgen.height != before, 30, "the letters on the ring")
    yield 0.6
    assert settings.texts[0].words == "AMOR" and '"AMOR"' in ob.jewelgen.recipe
    shot("crafts-03-raised-letters.png")
    settings.texts[0].style = "pierced"
    yield from reworked(ob, 0)
    shot("crafts-04-pierced-letters.png")
    with inside():
        bpy.ops.jewelgen.text_add(words="永结同心")
    settings.texts[1].side, settings.texts[1].style, settings.texts[0].style = "inside", "engraved", "raised"
    yield from reworked(ob, body(ob))
    view()[1].spaces.active.region_3d.view_rotation = Vector((0.2, -0.7, 1.2)).to_track_quat("Z", "Y")
    yield 0.4
    shot("crafts-05-inside.png")


def stones() -> Steps:
    with inside():
        while len(bpy.context.scene.jewelgen.texts):
            bpy.ops.jewelgen.text_remove()
    ob = yield from generate("wave band, US 7, 7 mm wide, 18k gold, beaded border")
    settings = bpy.context.scene.jewelgen
    settings.stones_around = 6
    yield from click("jewelgen.stones_around(")
    yield from wait_for(lambda: "thick there" in state().error, 60, "the message that the metal is too thin")
    yield 0.5
    shot("crafts-06-too-thin.png")
    yield from click("jewelgen.fix(")
    yield from reworked(ob, 0)
    assert not state().error and bpy.context.scene.jewelgen.form.thickness > 1.6
    assert len(part("blender.metal_live").facts(ob)["stones"]) == 6
    shot("crafts-06-stones.png")
    settings.stones[0].size = 2.0
    yield from reworked(ob, body(ob))
    x, y = yield from find("jewelgen.stone_remove(", across=(0.96,))
    yield from click_at(x, y)
    yield from reworked(ob, body(ob))
    assert len(settings.stones) == len(part("blender.metal_live").facts(ob)["stones"]) == 5


def undone() -> Steps:
    """Ctrl-Z takes the removed stone back, in the list and in the metal."""
    name, before = pieces("relief")[0].name, body(pieces("relief")[0])
    with inside():
        bpy.ops.ed.undo()
    yield 0.5
    ob = bpy.data.objects[name]
    live = part("blender.metal_live")
    yield from wait_for(lambda: len(live.facts(ob).get("stones", ())) == 6 and not live._desk.due and not live.is_working(ob), 90, "the stone to come back")
    assert len(bpy.context.scene.jewelgen.stones) == 6 and body(ob) != before
    with inside():
        bpy.ops.jewelgen.stones_clear()
    yield from wait_for(lambda: not body(ob), 90, "the stones to go")


def hollow() -> Steps:
    ob = yield from generate("repoussé peony oval pendant, 22k gold")
    x, y = yield from find("jewelgen.craft.hollow")
    yield from click_at(x, y)
    yield from reworked(ob, 0)
    view()[1].spaces.active.region_3d.view_rotation = Vector((0.35, -0.5, -1.0)).to_track_quat("Z", "Y")
    yield 0.4
    shot("crafts-07-hollow-back.png")
    with inside():
        bpy.ops.jewelgen.check()
    yield from finished(240)
    yield from scroll(10)
    shot("crafts-08-checked.png")
    yield from scroll(-60)


def chinese() -> Steps:
    view_settings = bpy.context.preferences.view
    view_settings.language = "zh_HANS"
    view_settings.use_translate_interface = True
    settings = bpy.context.scene.jewelgen
    with inside():
        bpy.ops.jewelgen.text_add(words="福")
        bpy.ops.jewelgen.stone_add()
    settings.stones[0].cut = "oval"
    yield 1.5
    yield from wait_for(lambda: not busy(), 60, "the job")
    yield 4.0
    yield from show_tab("JewelGen")
    shot("crafts-09-chinese.png")
    yield from scroll(30)
    shot("crafts-10-chinese-lower.png")
    view_settings.language = "en_US"
    yield 0.5


run(steps(), "crafts", 540)
