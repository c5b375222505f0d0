"""A goldsmith's first half hour: words, Generate, Cancel, Generate, a live depth, Make for Print, 3MF, History, Chinese, save, reopen."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

import bpy
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
from jewel import (
    SENTENCE,
    busy,
    click_cancel,
    click_generate,
    evaluated,
    finished,
    frame,
    heights,
    installed,
    open_below,
    part,
    pieces,
    state,
    write_prompt,
)  # fmt: skip


def steps() -> Steps:
    window, area, _, _ = view()
    with bpy.context.temp_override(window=window, screen=window.screen, area=area):
        bpy.ops.screen.screen_full_area()
    yield 0.8
    clock = yield from installed()
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    shot("01-tab.png")
    yield from click("jewelgen.set_mm(")
    assert abs(bpy.context.scene.unit_settings.scale_length - 0.001) < 1e-9
    yield from write_prompt(SENTENCE)
    yield 0.5
    shot("02-sentence.png")
    yield from generate_twice(clock)
    yield from change_depth()
    yield from make_for_print(clock)
    yield from export()
    yield from recall()
    yield from chinese()
    yield from reopened()
    yield from new_object()


def generate_twice(clock: Clock) -> Steps:
    """Generate, see it move, Cancel: nothing is left. Generate again: a piece."""
    before = set(bpy.data.objects)
    relief = bpy.context.scene.jewelgen.relief
    relief.pixels = 128.0  # a picture that takes seconds, for a hand that is slower than the worker
    point = yield from click_generate()
    yield from wait_for(busy, 5, "the job to begin")
    shot("03-progress.png")
    yield from click_cancel(point)
    began = time.perf_counter()
    yield from wait_for(lambda: not busy(), 10, "the end of the cancelled job")
    REPORT["cancel_s"] = round(time.perf_counter() - began, 2)
    yield 0.5
    shot("04-cancelled.png")
    assert set(bpy.data.objects) == before, "a cancelled job left objects"
    assert not state().error, state().error
    relief.pixels = 32.0
    clock.held.clear()
    worst = []
    for turn in range(3):
        yield from click_generate()
        yield from wait_for(busy, 5, "the job to begin")
        began = time.perf_counter()  # about half a second after the click, which the wait after the end makes up for
        yield from finished()
        REPORT.setdefault("generate_s", []).append(round(time.perf_counter() - began, 2))
        worst.append(clock.longest())
        assert len(pieces("relief")) == turn + 1
    REPORT["timer_hold_ms"] = {"median of maxima": median(worst), "worst": max(worst)}
    REPORT["operator_return_ms"] = [round(1000 * s, 1) for s in clock.calls["JEWELGEN_OT_generate"]]
    for extra in pieces("relief")[1:]:
        bpy.data.objects.remove(extra)
    yield from frame(pieces("relief")[0])
    shot("05-generated.png")


def change_depth() -> Steps:
    """The live depth, as it is and at 262 thousand vertices."""
    nodes = part("blender.node_inputs")
    ob = pieces("relief")[0]
    modifier = part("blender.nodes_relief").modifier_of(ob)
    depth = nodes.get(modifier, "Depth")
    plain = heights(ob)
    bpy.context.view_layer.objects.active = ob
    yield from scroll(-60)
    shot("06-depth-before.png")
    REPORT["depth_change_ms"] = {}
    socket = nodes._item(modifier.node_group, "Depth").identifier
    x, y = yield from find(f"{socket}.value")
    yield from click_at(x, y, times=2)
    yield from keys("ctrl+a")
    yield from type_text("1.0")
    yield from keys("Return")
    yield 0.8
    assert abs(nodes.get(modifier, "Depth") - 1.0) < 1e-6, "the typed depth did not arrive"
    assert heights(ob) != plain, "the depth is not live"
    shot("07-depth-doubled.png")
    REPORT["depth_change_ms"][str(evaluated(ob))] = _timed_depth(nodes, modifier, depth)
    grid = _grid(ob, 1024, 256)
    yield 0.5
    assert evaluated(grid) == 1024 * 256
    modifier = part("blender.nodes_relief").modifier_of(grid)
    REPORT["depth_change_ms"][str(evaluated(grid))] = _timed_depth(nodes, modifier, depth)
    bpy.data.objects.remove(grid)
    nodes.set(part("blender.nodes_relief").modifier_of(ob), "Depth", depth)
    yield 0.5
    assert abs(heights(ob) - plain) < 1e-6, "the depth does not come back"


def _timed_depth(nodes, modifier, depth: float) -> float:
    """Median time in ms from a new depth to the new mesh."""
    taken = []
    for turn in range(7):
        began = time.perf_counter()
        nodes.set(modifier, "Depth", depth * (1.0 + 0.05 * turn))
        bpy.context.view_layer.update()
        taken.append(time.perf_counter() - began)
    return round(1000 * median(taken), 1)


def _grid(ob, columns: int, rows: int):
    """A torus of columns x rows vertices with the same height, laid as on any mesh."""
    import numpy as np

    u, v = np.meshgrid(np.arange(columns) * 2 * np.pi / columns, np.arange(rows) * 2 * np.pi / rows)
    points = np.stack([(9 + 1.5 * np.cos(v)) * np.cos(u), (9 + 1.5 * np.cos(v)) * np.sin(u), 1.5 * np.sin(v)], -1).reshape(-1, 3)
    at = np.arange(columns * rows).reshape(rows, columns)
    a, b, c, d = (np.roll(at, (-i, -j), (0, 1)).ravel() for i, j in ((0, 0), (0, 1), (1, 1), (1, 0)))
    mesh = part("core.mesh.arrays").Mesh(points.astype(np.float32), np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).astype(np.int32))
    grid = bpy.data.objects.new("Grid", part("blender.convert").mesh_to_blender(mesh, "Grid"))
    bpy.context.scene.collection.objects.link(grid)
    relief = part("blender.nodes_relief")
    height = part("blender.node_inputs").get(relief.modifier_of(ob), "Height")
    relief.lay(grid, height, part("core.relief.params").ReliefParams(), part("core.relief.places").places_of(mesh, "toroidal"), 1.0, 0.5)
    return grid


def make_for_print(clock: Clock) -> Steps:
    bpy.context.view_layer.objects.active = pieces("relief")[0]
    pieces("relief")[0].select_set(True)
    yield from click("jewelgen.make_print(")
    yield from wait_for(busy, 5, "making to begin")
    began = time.perf_counter()
    yield 0.3
    shot("08-making.png")
    yield from finished(240)
    REPORT["make_for_print_s"] = round(time.perf_counter() - began, 2)
    REPORT["make_hold_ms"] = clock.longest()
    assert len(pieces("print")) == 1
    yield from frame(pieces("print")[0])
    yield from show_tab("JewelGen")
    shot("09-made.png")
    yield from scroll(20)
    shot("10-report.png")
    yield from made_whole()


def made_whole() -> Steps:
    """The same print with every triangle: nothing reduced."""
    (ob,) = pieces("relief")
    recipe = json.loads(ob.jewelgen.recipe)
    recipe["relief"]["tolerance"] = 0.0
    ob.jewelgen.recipe = json.dumps(recipe)
    bpy.context.scene.jewelgen.relief.tolerance = 0.0
    bpy.context.view_layer.objects.active = pieces("print")[0]
    before = pieces("print")[0].data.session_uid
    with inside():
        bpy.ops.jewelgen.make_print()
    began = time.perf_counter()
    yield from wait_for(lambda: pieces("print")[0].data.session_uid != before, 60, "the body")
    body = round(time.perf_counter() - began, 2)  # it is in the scene while its checks go on
    yield from finished(240)
    REPORT["make_whole"] = {"body_s": body, "checked_s": round(time.perf_counter() - began, 2), "vertices": len(pieces("print")[0].data.vertices)}


def export() -> Steps:
    path = Path("/tmp/home/José 首饰/piece.3mf")
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.context.view_layer.objects.active = pieces("print")[0]
    with inside():
        assert bpy.ops.jewelgen.export(filepath=str(path)) <= {"FINISHED", "RUNNING_MODAL"}
    yield from finished()
    yield from wait_for(path.exists, 20, "the 3MF file")
    REPORT["export_bytes"] = path.stat().st_size


def recall() -> Steps:
    """The first result of the history, with its own button."""
    scene = bpy.context.scene
    assert len(scene.jewelgen.history) >= 1
    count, prompt = len(pieces("relief")), scene.jewelgen.history[0].name
    scene.jewelgen.prompt = "plain band"
    yield 0.5
    yield from open_below("format='GLB'", "jewelgen.recall(")
    shot("11-history.png")
    yield from click("jewelgen.recall(")
    yield 0.5
    yield from finished()
    shot("12-recalled.png")
    assert scene.jewelgen.prompt != "plain band", "recall did not bring the words back"
    assert len(pieces("relief")) >= count and prompt


def chinese() -> Steps:
    view_settings = bpy.context.preferences.view
    view_settings.language = "zh_HANS"
    view_settings.use_translate_interface = view_settings.use_translate_tooltips = True
    bpy.context.scene.jewelgen.prompt = "錾刻缠枝莲戒指，联珠边，18K金"
    yield 1.0
    yield from show_tab("JewelGen")
    yield from scroll(-60)
    shot("13-chinese.png")
    yield from scroll(18)
    shot("14-chinese-lower.png")
    yield from scroll(-60)
    view_settings.language = "en_US"
    yield 0.8


def reopened() -> Steps:
    """Saved and opened again, the relief is still live."""
    name = pieces("relief")[0].name
    path = "/tmp/home/José 首饰/piece.blend"
    bpy.ops.wm.save_as_mainfile(filepath=path)
    yield 0.5
    bpy.ops.wm.open_mainfile(filepath=path)
    yield 1.5
    ob = bpy.data.objects[name]
    modifier = part("blender.nodes_relief").modifier_of(ob)
    nodes = part("blender.node_inputs")
    plain = heights(ob)
    nodes.set(modifier, "Depth", nodes.get(modifier, "Depth") * 2)
    yield 0.8
    assert heights(ob) != plain, "after opening the file the depth is not live"
    assert ob.jewelgen.kind == "relief" and ob.jewelgen.recipe
    yield from show_tab("JewelGen")
    shot("15-reopened.png")


def new_object() -> Steps:
    """A mesh of a million vertices into Blender, beside what Python lists would take."""
    import numpy as np

    side = 1000
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    points = np.stack([columns, rows, np.sin(columns / 30)], -1).reshape(-1, 3)
    at = np.arange(side * side, dtype=np.int32).reshape(side, side)
    a, b, c, d = at[:-1, :-1].ravel(), at[:-1, 1:].ravel(), at[1:, 1:].ravel(), at[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    mesh = part("core.mesh.arrays").Mesh(points, faces)
    began = time.perf_counter()
    data = part("blender.convert").mesh_to_blender(mesh, "ours")
    ours = time.perf_counter() - began
    yield 0.1
    began = time.perf_counter()
    theirs = bpy.data.meshes.new("theirs")
    theirs.from_pydata(points.tolist(), [], faces.tolist())
    plain = time.perf_counter() - began
    assert len(data.vertices) == len(theirs.vertices) == side * side
    REPORT["million_vertices_s"] = {"ours": round(ours, 2), "from_pydata": round(plain, 2), "times": round(plain / ours, 1)}
    yield 0.1


run(steps(), "scenario", 540)
