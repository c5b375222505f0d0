"""One line for the person when the operator has returned long ago: in the status bar of every window, for a while."""

from __future__ import annotations

import bpy

from . import translations

SECONDS = 12.0  # how long a line stays
NOTES = "jewelgen_notes"  # custom property of an object: what was found and done, one sentence a line


def say(text: str) -> None:
    """Show a line in the status bars; without a window nobody would see it."""
    if bpy.app.background:
        return
    hush()
    for window in bpy.context.window_manager.windows:
        window.workspace.status_text_set(translations.say(f"JewelGen: {text}"))
    bpy.app.timers.register(hush, first_interval=SECONDS)


def hush() -> None:
    """The status bars as Blender has them."""
    if bpy.app.timers.is_registered(hush):
        bpy.app.timers.unregister(hush)
    for window in bpy.context.window_manager.windows:
        window.workspace.status_text_set(None)


def keep(ob: bpy.types.Object, line: str, notes: tuple[str, ...] | list[str]) -> None:
    """Store what was found in a file, or done to a mesh, with the object."""
    ob[NOTES] = "\n".join([line, *notes])
