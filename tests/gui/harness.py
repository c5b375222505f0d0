"""Drive Blender's own window from inside: steps are a generator, run by a timer; the mouse and the keys are the screen's.

A script given to ``blender --python`` calls ``run(steps())``; each ``yield seconds`` gives the window back to Blender. Exit code 0: all
steps done; 1: one failed, with failure.png beside the other pictures; 2: the time was up. ``REPORT`` is written as JSON either way.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import bpy

OUT = Path(os.environ["JEWELGEN_SHOTS"])
REPORT: dict[str, Any] = {}
Steps = Generator[float, None, Any]


def run(steps: Steps, name: str, limit: float = 300.0) -> None:
    """Start the steps and end Blender after them."""
    bpy.context.preferences.view.show_splash = False
    began = time.time()

    def finish(code: int) -> None:
        REPORT["seconds"] = round(time.time() - began, 1)
        REPORT["code"] = code
        (OUT / f"{name}.json").write_text(json.dumps(REPORT, indent=1, ensure_ascii=False), encoding="utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def tick() -> float:
        try:
            if time.time() - began > limit:
                say(f"time is up after {limit:.0f} s")
                shot("failure.png")
                finish(2)
            return next(steps) or 0.1
        except StopIteration:
            say("all steps done")
            finish(0)
        except BaseException:  # a step that fails ends this Blender, with a picture of what was on the screen
            traceback.print_exc()
            REPORT["failure"] = traceback.format_exc()
            shot("failure.png")
            finish(1)
        return 0.1

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


def say(text: str) -> None:
    print(f"[gui {time.strftime('%H:%M:%S')}] {text}", flush=True)


# the window and its parts


def view(window: int = 0) -> tuple[Any, Any, Any, Any]:
    """Window, 3D viewport, its sidebar and its main region."""
    window = bpy.context.window_manager.windows[window]
    areas = [area for area in window.screen.areas if area.type == "VIEW_3D"]
    area = max(areas, key=lambda area: (area.spaces.active.show_region_ui, area.width * area.height))
    regions = {region.type: region for region in area.regions}
    return window, area, regions["UI"], regions["WINDOW"]


def inside(region: str = "WINDOW", window: int = 0) -> Any:
    """The context of a viewport's region, for operators that are not clicked."""
    win, area, sidebar, main = view(window)
    return bpy.context.temp_override(window=win, screen=win.screen, area=area, region=sidebar if region == "UI" else main)


def show_tab(category: str, window: int = 0) -> Steps:
    """Open the sidebar at a tab; it can be chosen only after the sidebar was drawn once."""
    _, area, sidebar, _ = view(window)
    area.spaces.active.show_region_ui = True
    area.tag_redraw()
    yield 0.7
    for _ in range(30):
        with contextlib.suppress(TypeError):
            sidebar.active_panel_category = category
        if sidebar.active_panel_category == category:
            break
        area.tag_redraw()
        yield 0.2
    else:
        raise AssertionError(f"no tab {category}")
    area.tag_redraw()
    yield 0.7


def shot(name: str) -> None:
    """A picture of the whole screen."""
    subprocess.run(["import", "-window", "root", str(OUT / name)], check=False, timeout=60)
    say(name)


def wait_for(condition: Callable[[], Any], timeout: float = 30.0, what: str = "", every: float = 0.1) -> Steps:
    end = time.time() + timeout
    while not condition():
        if time.time() > end:
            raise AssertionError(f"waited {timeout:.0f} s for {what or condition}")
        yield every


# the mouse and the keys


def xdotool(*words: object) -> None:
    """Never waited for: Blender has to be back in its event loop to see what happens."""
    subprocess.Popen(["xdotool", *map(str, words)], stdin=subprocess.DEVNULL)


def click_at(x: float, y: float, window: int = 0, times: int = 1) -> Steps:
    """A real click at a point in Blender's window coordinates (y up); returns when Blender has seen it."""
    win = bpy.context.window_manager.windows[window]
    repeat = ["--repeat", times, "--delay", 60] if times > 1 else []
    xdotool("mousemove", round(x + win.x), round(win.height - y + win.y), "sleep", 0.3, "click", *repeat, 1)
    yield 0.8


def keys(*names: str) -> Steps:
    xdotool("key", "--delay", 60, *names)
    yield 0.3 + 0.1 * len(names)


def type_text(text: str) -> Steps:
    xdotool("type", "--delay", 25, text)
    yield 0.6 + 0.06 * len(text)


def hovered(window: int = 0) -> str:
    """What the button under the mouse does: ``bpy.ops.jewelgen.generate()``, or the path of its property; "" over nothing."""
    manager = bpy.context.window_manager
    for operator, words in ((bpy.ops.ui.copy_python_command_button, {}), (bpy.ops.ui.copy_data_path_button, {"full_path": True})):
        manager.clipboard = ""
        with inside("UI", window):
            try:
                operator(**words)
            except RuntimeError:
                continue
        if manager.clipboard:
            return manager.clipboard
    return ""


def find(what: str, window: int = 0, across: tuple[float, ...] = (0.5, 0.9, 0.8, 0.2), step: int = 9, pages: int = 8) -> Steps:
    """The middle of the button in the sidebar whose ``hovered`` holds ``what``: the mouse is led over the sidebar until it is met.

    Buttons have no place that a script could ask for. Where the panels are longer than the window the wheel is turned: what is
    shown first, then from the top.
    """
    for page in range(pages):
        if page > 1:  # the second time the same part is looked through again, for something may have moved
            yield from scroll(18 if page > 2 else -60, window)
        point = yield from _met(what, window, across, step)
        if point and (yield from _stays(what, window, point)):
            return point
    raise AssertionError(f"no button for {what} in the sidebar")


def _stays(what: str, number: int, point: tuple[int, int]) -> Steps:
    """Whether the button is still there a moment later: panels above it may be opening or closing."""
    for _ in range(2):
        yield 0.3
        view(number)[0].cursor_warp(*point)
        yield 0.1
        if what not in hovered(number):
            return False
    return True


def _met(what: str, number: int, across: tuple[float, ...], step: int) -> Steps:
    window, _, sidebar, _ = view(number)
    for part in across:
        x = int(sidebar.x + 20 + (sidebar.width - 60) * part)  # the tabs stand at its right edge
        met: list[int] = []
        for y in range(sidebar.y + sidebar.height - 6, sidebar.y + 6, -step):
            window.cursor_warp(x, y)
            yield 0.03
            if what in hovered(number):
                met.append(y)
            elif met:
                break
        if met:
            return x, sum(met) // len(met)
    return None


def scroll(notches: int, window: int = 0) -> Steps:
    """Turn the wheel over the sidebar: down, or up where negative."""
    win, _, sidebar, _ = view(window)
    win.cursor_warp(sidebar.x + 12, sidebar.y + sidebar.height // 2)
    yield 0.1
    xdotool("click", "--repeat", abs(notches), "--delay", 30, 5 if notches > 0 else 4)
    yield 0.5 + 0.05 * abs(notches)


def click(what: str, window: int = 0, times: int = 1) -> Steps:
    """Find a button of the sidebar and click it with the mouse."""
    x, y = yield from find(what, window)
    yield from click_at(x, y, window, times)


# what is measured


class Clock:
    """How long functions take: those that timers call and those of operators. Wraps what is registered after it was made."""

    def __init__(self, package: str) -> None:
        self.package, self.held, self.calls = package, [], {}
        self._register, self._unregister, self._asked = bpy.app.timers.register, bpy.app.timers.unregister, bpy.app.timers.is_registered
        self._wrapped: dict[Any, Any] = {}
        bpy.app.timers.register = self.register
        bpy.app.timers.unregister = lambda function: self._unregister(self._wrapped.get(function, function))
        bpy.app.timers.is_registered = lambda function: self._asked(self._wrapped.get(function, function))

    def register(self, function: Any, **words: Any) -> None:
        owner = getattr(function, "__module__", "") or ""
        if self.package not in owner:
            self._register(function, **words)
            return

        def timed() -> Any:
            began = time.perf_counter()
            try:
                return function()
            finally:
                self.held.append(time.perf_counter() - began)

        self._wrapped[function] = timed
        self._register(timed, **words)

    def watch(self, kind: type) -> None:
        """Time what a registered operator does at a click. Blender counts the arguments, so each method is wrapped as it is."""
        plain, asked = kind.__dict__.get("execute"), kind.__dict__.get("invoke")

        def note(began: float) -> None:
            self.calls.setdefault(kind.__name__, []).append(time.perf_counter() - began)

        def execute(self: Any, context: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(self, context)
            finally:
                note(began)

        def invoke(self: Any, context: Any, event: Any) -> Any:
            began = time.perf_counter()
            try:
                return asked(self, context, event)
            finally:
                note(began)

        if plain:
            kind.execute = execute
        if asked:
            kind.invoke = invoke

    def longest(self) -> float:
        """The longest hold since the last question, in ms."""
        worst, self.held = max(self.held, default=0.0), []
        return round(worst * 1000, 1)


def children() -> Iterator[tuple[int, str]]:
    """Process id and command line of all that this process started, with what those started."""
    todo = [os.getpid()]
    while todo:
        me = todo.pop()
        for task in Path(f"/proc/{me}/task").iterdir():
            for word in (task / "children").read_text().split():
                try:
                    line = Path(f"/proc/{word}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                todo.append(int(word))
                yield int(word), line
