"""Motifs in the window: drawn, one picked for the ring, scribbled live with a pen while the ring follows, a part painted over."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from harness import REPORT, Clock, Steps, click, inside, run, scroll, shot, show_tab, view, wait_for, xdotool
from jewel import busy, finished, frame, installed, part, pieces, state
from mathutils import Vector

SENTENCE = "dragon signet ring, cushion, US 7, 18k gold"


def steps() -> Steps:
    window, _, _, _ = view()
    for area in [a for a in window.screen.areas if a.type != "VIEW_3D"]:  # a screen that fills the window could not be cut
        with bpy.context.temp_override(window=window, screen=window.screen, area=area):
            if bpy.ops.screen.area_close.poll():
                bpy.ops.screen.area_close()
        yield 0.3
    clock = yield from installed()
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    with inside():
        bpy.ops.jewelgen.set_mm()
    bpy.context.scene.jewelgen.prompt = SENTENCE
    bpy.context.scene.jewelgen.relief.pixels = 24.0
    yield 0.5
    with inside():
        bpy.ops.jewelgen.generate()
    yield from finished()
    (ring,) = pieces("relief")
    yield from frame(ring)
    view()[1].spaces.active.region_3d.view_rotation = Vector((0.3, 1.0, 0.35)).to_track_quat("Z", "Y")  # its head looks along y
    yield 0.3
    yield from drawn(ring)
    yield from sketched(ring, clock)
    yield from painted()
    yield from chinese()


def drawn(ring) -> Steps:
    """Draw Motifs with the mouse, then pick one of the model's: the ring wears it."""
    settings = bpy.context.scene.jewelgen
    yield from click("jewelgen.motif_draw(")
    began = time.perf_counter()
    yield from finished()
    REPORT["motifs_s"] = round(time.perf_counter() - began, 2)
    assert len(settings.tiles) >= 8, [row.name for row in settings.tiles]
    yield from scroll(8)
    shot("motifs-1-grid.png")
    place = next(k for k, row in enumerate(settings.tiles) if row.cell)
    before = ring.jewelgen.height
    yield from click(f"jewelgen.motif_pick(index={place}")
    yield from wait_for(lambda: ring.jewelgen.height != before and not busy(), 30, "the ring to take the motif")
    assert settings.tiles_index == place and settings.motifs[0].cell == settings.tiles[place].cell
    assert settings.tiles[place].cell in ring.jewelgen.recipe
    yield 0.6
    shot("motifs-2-picked.png")


def sketched(ring, clock: Clock) -> Steps:
    """The pen in a view of its own: three strokes, and after each the ring is another."""
    live = part("blender.sketch_live")
    bpy.context.scene.jewelgen.wish.function = "sketch"
    yield 0.4
    yield from click("jewelgen.sketch_live(")
    yield from wait_for(lambda: live.session() is not None, 5, "the sketch to begin")
    yield 1.0
    shot("motifs-3-sketch-begun.png")
    now = live.session()
    pen = bpy.context.active_object
    assert pen.jewelgen.kind == "sketch" and pen.mode == "PAINT_GREASE_PENCIL" and pen.jewelgen.origin == ring
    clock.longest()
    for number, line in enumerate((_heart(), _arc(-0.25, 0.25, 0.38, 0.08), _arc(-0.12, 0.12, 0.1, -0.06))):
        yield from _stroke(line)
        yield from wait_for(lambda n=number: len(now.times) > n, 10, f"the motif of stroke {number + 1}: {state().sketch}")
        yield 0.2
        shot(f"motifs-4-stroke-{number + 1}.png")
    took = [one["shown"] - one["lift"] for one in now.times]
    REPORT["sketch_s"] = {"each": [round(one, 3) for one in took], "median": round(median(took), 3)}
    REPORT["sketch_parts_s"] = [{name: round(at - one["lift"], 3) for name, at in one.items()} for one in now.times]
    yield 3.0
    REPORT["sketch_hold_ms"] = clock.longest()
    assert now.made["cell"] in ring.jewelgen.recipe, "the hand rests, but the recipe has not the sketch"
    shot("motifs-5-rested.png")
    rows = len(bpy.context.scene.jewelgen.history)
    yield from click("jewelgen.sketch_live(")
    yield from finished()
    assert live.session() is None and len(bpy.context.scene.jewelgen.history) == rows + 1
    assert bpy.context.active_object == ring
    yield 0.5
    shot("motifs-6-ended.png")


def _heart() -> list[tuple[float, float]]:
    """A closed line in the square of the pen, -0.5 to 0.5."""
    import numpy as np

    t = np.linspace(0.15, 2 * np.pi - 0.05, 26)
    return [(0.021 * 16 * np.sin(a) ** 3, 0.021 * (13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a))) for a in t]


def _arc(left: float, right: float, height: float, rise: float) -> list[tuple[float, float]]:
    """An open line of many points; a busy machine sees only some of them."""
    shares = [k / 12 for k in range(13)]
    return [(left + (right - left) * s, height + 4 * rise * s * (1 - s)) for s in shares]


def _stroke(line: list[tuple[float, float]]) -> Steps:
    """Draw with the real mouse in the view of the pen."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    window = bpy.context.window_manager.windows[0]
    pen = bpy.context.active_object
    areas = [a for a in window.screen.areas if a.type == "VIEW_3D"]
    area = next(a for a in areas if a.as_pointer() == part("blender.sketch_live").session().view.area)
    region = next(r for r in area.regions if r.type == "WINDOW")
    points = []
    for x, y in line:
        at = location_3d_to_region_2d(region, area.spaces.active.region_3d, pen.matrix_world @ Vector((20.0 * x, 20.0 * y, 0.0)))
        points.append((round(at.x + region.x + window.x), round(window.height - (at.y + region.y) + window.y)))
    words: list[object] = ["mousemove", *points[0], "sleep", 0.2, "mousedown", 1]
    for point in points[1:]:
        words += ["sleep", 0.1, "mousemove", *point]
    xdotool(*words, "sleep", 0.05, "mouseup", 1)
    yield 0.4 + 0.1 * len(points)


def painted() -> Steps:
    """The picked motif in an image editor beside the viewport, to be painted over."""
    settings = bpy.context.scene.jewelgen
    yield from click("jewelgen.repaint_begin(")
    yield 1.0
    shot("motifs-7-repaint.png")
    areas = [a.type for a in bpy.context.window_manager.windows[0].screen.areas]
    assert "IMAGE_EDITOR" in areas and settings.wish.mask is not None
    with inside():
        bpy.ops.jewelgen.repaint_end()
    yield 0.6
    assert settings.wish.mask is None
    assert "IMAGE_EDITOR" not in [a.type for a in bpy.context.window_manager.windows[0].screen.areas]


def chinese() -> Steps:
    view_settings = bpy.context.preferences.view
    view_settings.language = "zh_HANS"
    view_settings.use_translate_interface = True
    yield 1.0
    yield from show_tab("JewelGen")
    shot("motifs-8-chinese.png")
    view_settings.language = "en_US"
    yield 0.5


run(steps(), "motifs", 540)
