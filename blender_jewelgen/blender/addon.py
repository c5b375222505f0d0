"""The add-on as Blender knows it: the name of its root package, its preferences, its folder of user files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy

OWN = "blender_jewelgen"  # the name of this package wherever it lies


def package() -> str:
    """Name under which Blender lists the add-on, "bl_ext.user_default.jewelgen" as an extension, else "blender_jewelgen".

    As an extension the code lies one package below the root that Blender knows: bl_ext.REPOSITORY.ID.blender_jewelgen.blender.
    """
    parts = __package__.split(".")
    return ".".join(parts[:3]) if parts[0] == "bl_ext" else OWN


def is_extension() -> bool:
    """Whether Blender installed us as an extension."""
    return package().startswith("bl_ext.")


def preferences(context: bpy.types.Context | None = None) -> Any:
    """The add-on's preferences; None where it is not enabled (tests, the classes registered by hand)."""
    entry = (context or bpy.context).preferences.addons.get(package())
    return entry.preferences if entry else None


def setting(name: str, default: Any = None, context: bpy.types.Context | None = None) -> Any:
    """One preference, or ``default`` where there are no preferences."""
    return getattr(preferences(context), name, default)


def user_folder(part: str = "", create: bool = True) -> Path:
    """Folder for our own files that survives an update of the add-on; a part of it if named.

    Raises OSError where it cannot be made (a read-only disk); falls back to Blender's folder for data files outside an extension.
    """
    if is_extension():
        root = Path(bpy.utils.extension_path_user(package(), create=create))
    else:
        root = Path(bpy.utils.user_resource("DATAFILES") or tempfile.gettempdir()) / "jewelgen"
    folder = root / part if part else root
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
