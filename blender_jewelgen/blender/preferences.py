"""The add-on's preferences: which Python works, where files go, what may be deleted."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import shutil
from pathlib import Path

import bpy
from bpy.props import FloatProperty, StringProperty

from . import addon
from .panels_parts import labelled
from .translations import say

CACHES = ("cache", "logs")  # parts of the user folder that can be made again
_MEASURE_AFTER = 3.0  # s after the start, so that enabling touches no disk


class JewelGenPreferences(bpy.types.AddonPreferences):
    """What holds for every file"""

    bl_idname = addon.package()

    python: StringProperty(
        name="Worker Python", description="Python that draws and makes pieces in a process of its own; empty for Blender's own",
        subtype="FILE_PATH",
    )
    export_folder: StringProperty(name="Export Folder", description="Where exports go at first; empty for the folder of the .blend file", subtype="DIR_PATH")
    clearance: FloatProperty(
        name="Gem Clearance (mm)", description="Distance that a new relief keeps from gems and prongs", default=0.3, min=0.0, max=5.0, precision=2, step=5
    )
    cached: StringProperty(name="Working Files", description="Disk space of files that can be made again", options={"SKIP_SAVE", "HIDDEN"})

    def draw(self, context: bpy.types.Context) -> None:
        draw_preferences(self.layout, self)


def draw_preferences(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """The settings, and below them what can be done with the worker, the library and the disk."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column()
    column.prop(preferences, "python", placeholder="Blender's Own")
    column.prop(preferences, "export_folder", placeholder="Beside the Blend File")
    column.prop(preferences, "clearance")
    layout.separator()
    column = layout.column()
    row = labelled(column, "Worker")
    row.operator("jewelgen.restart_worker", text="Restart", icon="FILE_REFRESH")
    row.operator("jewelgen.copy_log", text="Copy Log", icon="COPYDOWN")
    row.operator("jewelgen.open_folder", text="Open Folder", icon="FILE_FOLDER")
    row = labelled(column, "Library")
    row.operator("jewelgen.add_library", text="Add to the Asset Browser", icon="ASSET_MANAGER")
    row = labelled(column, "Working Files")
    row.label(text=preferences.cached or "Not measured yet", translate=not preferences.cached)
    row.operator("jewelgen.clear_cache", text="Delete", icon="TRASH")


class JEWELGEN_OT_open_folder(bpy.types.Operator):
    """Show the folder where JewelGen keeps its log and its working files"""

    bl_idname = "jewelgen.open_folder"
    bl_label = "Open Folder"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            folder = addon.user_folder()
        except OSError as error:
            self.report({"ERROR"}, say(f"The folder cannot be made: {error.strerror or error}"))
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}


class JEWELGEN_OT_clear_cache(bpy.types.Operator):
    """Delete files that can be made again; pieces, presets and the log stay"""

    bl_idname = "jewelgen.clear_cache"
    bl_label = "Delete Working Files"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window_manager.jewelgen.busy:
            cls.poll_message_set(say("A job is running; wait for it or cancel it first"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        before = cache_bytes()
        for folder in _folders():
            shutil.rmtree(folder, ignore_errors=True)
        left = cache_bytes()
        show_cache()
        self.report({"WARNING" if left else "INFO"}, say(f"{megabytes(before - left)} deleted, {megabytes(left)} left"))
        return {"FINISHED"}


def cache_bytes() -> int:
    """Disk space of the working files."""
    total = 0
    for folder in _folders():
        for path in folder.rglob("*"):
            try:
                total += path.stat().st_size if path.is_file() else 0
            except OSError:  # gone meanwhile: a job ended
                continue
    return total


def megabytes(size: int) -> str:
    """ "12.3 MB"."""
    return f"{size / 1e6:.1f} MB"


def show_cache() -> None:
    """Measure, and show the size in the preferences."""
    preferences = addon.preferences()
    if preferences:
        preferences.cached = megabytes(cache_bytes())


def _folders() -> list[Path]:
    return [folder for name in CACHES if (folder := addon.user_folder(name, create=False)).is_dir()]


CLASSES = (JewelGenPreferences, JEWELGEN_OT_open_folder, JEWELGEN_OT_clear_cache)


def register() -> None:
    bpy.app.timers.register(show_cache, first_interval=_MEASURE_AFTER, persistent=True)


def unregister() -> None:
    if bpy.app.timers.is_registered(show_cache):
        bpy.app.timers.unregister(show_cache)
