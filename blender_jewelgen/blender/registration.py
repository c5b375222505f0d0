"""What JewelGen adds to Blender, in order, and how it all goes away again."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import bpy

# Properties come first, for operators and panels name them; what draws comes last.
MODULES = (
    "properties", "properties_projection", "properties_body", "jobs", "metal_live", "preferences", "presets", "models_known",
    "operators_generate", "operators_make", "operators_words", "operators_history", "operators_runtime", "operators_look",
    "operators_motif", "operators_repaint", "sketch_live", "operators_sketch", "operators_import", "operators_solid", "operators_body", "operators_services", "operators_metal", "operators_thickness", "operators_library", "drop", "operators_craft", "operators_height", "operators_pictures", "operators_models", "operators_projection", "operators_views",
    "previews", "step_view", "body_view", "panels_height", "panels_design", "panels_body", "panels_solid", "panels_motif", "panels_pictures", "panels_steering", "panels_form", "panels_relief", "panels_craft", "panels_projection", "panels_check", "panels_make", "panels_history", "panels_runtime", "panels_models",
    "translations", "command",
)  # fmt: skip


def modules() -> list[ModuleType]:
    """The modules that have something to register."""
    return [import_module(f".{name}", __package__) for name in MODULES]


def register() -> None:
    """Register classes, then what a module adds by itself; all of it or nothing."""
    done: list[ModuleType] = []
    try:
        for module in modules():
            done.append(module)
            for cls in getattr(module, "CLASSES", ()):
                bpy.utils.register_class(cls)
            getattr(module, "register", _nothing)()
    except BaseException:
        _undo(done)
        raise


def unregister() -> None:
    """The reverse of ``register``; goes on past a part that is already gone, and then says so."""
    failed = _undo(modules())
    if failed:
        raise failed[0]


def _undo(done: list[ModuleType]) -> list[Exception]:
    failed: list[Exception] = []
    for module in reversed(done):
        steps = [getattr(module, "unregister", _nothing)]
        steps += [lambda cls=cls: bpy.utils.unregister_class(cls) for cls in reversed(getattr(module, "CLASSES", ())) if cls.is_registered]
        for step in steps:
            try:
                step()
            except Exception as error:  # one part that fails must not keep the others registered
                failed.append(error)
    return failed


def _nothing() -> None:
    pass
