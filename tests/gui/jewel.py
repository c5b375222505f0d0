"""What every script of the window begins with: the extension installed through Blender's own operators, its tab open, its functions timed."""

from __future__ import annotations

import time
from importlib import import_module
from types import ModuleType
from typing import Any

import bpy
from harness import REPORT, Clock, Steps, click_at, find, hovered, keys, say, show_tab, type_text, view, wait_for

PACKAGE = "bl_ext.user_default.jewelgen"
ZIP = "/tmp/job/jewelgen.zip"
SENTENCE = "lotus scroll band, beaded border, 18k gold, US 7"


def part(name: str) -> ModuleType:
    """A module of the installed extension."""
    return import_module(f"{PACKAGE}.blender_jewelgen.{name}")


def installed() -> Steps:
    """Install, enable, show the tab. Gives the clock that listens to the extension."""
    clock = Clock("jewelgen")
    began = time.perf_counter()
    bpy.ops.extensions.package_install_files(filepath=ZIP, repo="user_default", enable_on_install=True)
    REPORT["install_s"] = round(time.perf_counter() - began, 2)
    yield 0.5
    assert PACKAGE in bpy.context.preferences.addons, "the extension is not enabled"
    for name in dir(bpy.types):
        if name.startswith("JEWELGEN_OT_"):
            clock.watch(getattr(bpy.types, name))
    yield from show_tab("JewelGen")
    return clock


def state() -> Any:
    return bpy.context.window_manager.jewelgen


def write_prompt(text: str) -> Steps:
    """Type a sentence into the prompt, with mouse and keys."""
    x, y = yield from find("jewelgen.prompt")
    yield from click_at(x, y)
    yield from keys("ctrl+a")
    yield from type_text(text)
    yield from keys("Return")
    yield from wait_for(lambda: bpy.context.scene.jewelgen.prompt == text, 5, "the typed sentence")


def busy() -> bool:
    return state().busy


def click_generate() -> Steps:
    """Click Generate; gives the place of the button, where Cancel will be."""
    point = yield from find("jewelgen.generate(")
    yield from click_at(*point)
    return point


def click_cancel(point: tuple[int, int]) -> Steps:
    """Click Cancel, which stands to the right in the row of the button that began the job."""
    window, _, sidebar, _ = view()
    tried = [(sidebar.x + int(sidebar.width * part), point[1] + dy) for dy in (0, -8, 8, -20, 20) for part in (0.75, 0.85, 0.65)]
    for x, y in tried:
        window.cursor_warp(x, y)
        yield 0.08
        if "jewelgen.cancel" in hovered():
            yield from click_at(x, y)
            return
    raise AssertionError("no Cancel where the job was begun")


def finished(timeout: float = 120.0) -> Steps:
    """Until no job is under way; an error of the panel fails."""
    yield from wait_for(lambda: not busy(), timeout, "the job")
    yield 0.5
    if state().error:
        raise AssertionError(f"the panel says: {state().error}")


def open_below(button: str, inside_it: str) -> Steps:
    """Open the closed panel whose header stands below ``button``, by a click on it; proven by a button that it holds."""
    x, y = yield from find(button)
    for below in (38, 32, 46, 54):
        yield from click_at(x, y - below)
        try:
            yield from find(inside_it, pages=2)
            return
        except AssertionError:
            continue
    raise AssertionError(f"no panel below {button} opens")


def pieces(kind: str) -> list[Any]:
    return [ob for ob in bpy.data.objects if ob.jewelgen.kind == kind and ob.users_scene]


def evaluated(ob: Any) -> int:
    """Vertices of an object with its modifiers."""
    return len(ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices)


def heights(ob: Any) -> float:
    """The largest distance from the object's origin, which ornament changes, in scene units."""
    import numpy as np

    data = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    points = np.empty(len(data.vertices) * 3, np.float32)
    data.vertices.foreach_get("co", points)
    return float(np.linalg.norm(points.reshape(-1, 3), axis=1).max())


def frame(ob: Any) -> Steps:
    """The object alone in the middle of the viewport."""
    from harness import inside

    for other in bpy.data.objects:
        other.select_set(other == ob)
    bpy.context.view_layer.objects.active = ob
    with inside():
        bpy.ops.view3d.view_selected()
    yield 0.6
    say(f"framed {ob.name}")
