"""The library of forms, metals, motifs and node groups that the extension carries, as Blender's asset browser knows it."""

from __future__ import annotations

from pathlib import Path

import bpy

NAME = "JewelGen"
FOLDER = Path(__file__).parents[1] / "assets"
FILE = "jewelgen.blend"


def library() -> bpy.types.UserAssetLibrary | None:
    """Our entry under Preferences > File Paths > Asset Libraries; None if there is none."""
    return next((one for one in bpy.context.preferences.filepaths.asset_libraries if _same(one.path)), None)


def add() -> bool:
    """Make the entry, or mend one that an older version of the extension left. True if anything was changed."""
    libraries = bpy.context.preferences.filepaths.asset_libraries
    if library() is not None:
        return False
    old = next((one for one in libraries if one.name == NAME), None)
    entry = old or libraries.new(name=NAME, directory=str(FOLDER))
    entry.path = str(FOLDER)
    try:
        entry.import_method = "APPEND_REUSE"  # a metal used twice is one material
    except TypeError:  # Blender 5.2 does so whenever it appends
        entry.import_method = "APPEND"
    bpy.context.preferences.is_dirty = True
    return True


def remove() -> bool:
    """Take the entry away; the folder stays. True if there was one."""
    entry = library()
    if entry is None:
        return False
    bpy.context.preferences.filepaths.asset_libraries.remove(entry)
    bpy.context.preferences.is_dirty = True
    return True


def _same(path: str) -> bool:
    try:
        return bool(path) and Path(path).resolve() == FOLDER.resolve()
    except OSError:  # a drive that is gone
        return False
