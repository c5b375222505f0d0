"""Models in the window: the picture model's panel, the models there are, the runtime that is not installed and says what to do, projection; in English and Chinese."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import jewel
from harness import Steps, inside, run, scroll, shot, show_tab, view, wait_for
from jewel import busy, installed, part, state

_OPEN = ("pictures", "pictures_start", "pictures_loras", "projection", "runtime", "ai_runtime", "models")
_CLOSED = ("design", "motif", "form", "relief", "craft", "check", "make", "history")


def steps() -> Steps:
    window, area, _, _ = view()
    with bpy.context.temp_override(window=window, screen=window.screen, area=area):
        bpy.ops.screen.screen_full_area()
    yield 0.8
    jewel.show_tab = _opened
    yield from installed()
    with inside():
        bpy.ops.jewelgen.set_mm()
    settings = bpy.context.scene.jewelgen
    settings.prompt = "lotus scroll band, 18k gold, US 7"
    settings.make.engine = "diffusers:sd15"
    yield from looked("models-01-picture.png")
    yield from scroll(30)
    shot("models-02-runtime.png")
    with inside():
        bpy.ops.jewelgen.generate()
    yield from wait_for(lambda: not busy(), 120, "the refusal")
    said = state().error
    assert "runtime" in said.lower() or "sd15" in said, said
    assert state().fix_option.startswith("jewelgen "), state().fix_option
    yield 1.0
    yield from scroll(-60)
    shot("models-03-refused.png")
    rows = [row.name for row in bpy.context.window_manager.jewelgen_models.rows]
    assert "sdxl" in rows and "z-image-turbo" in rows, rows
    assert part("blender.diffusion_state").is_picture(settings.make.engine)
    yield from chinese()


def looked(name: str) -> Steps:
    yield from show_tab("JewelGen")
    yield 3.0
    yield from wait_for(lambda: not busy(), 60, "the job")
    shot(name)


def _opened(category: str) -> Steps:
    """Show the tab with the panels of this scenario open and the others closed."""
    for names, options in ((_OPEN, set()), (_CLOSED, {"DEFAULT_CLOSED"})):
        for name in names:
            panel = getattr(bpy.types, f"VIEW3D_PT_jewelgen_{name}")
            bpy.utils.unregister_class(panel)
            panel.bl_options = options
            bpy.utils.register_class(panel)
    yield from show_tab(category)


def chinese() -> Steps:
    settings = bpy.context.preferences.view
    settings.language = "zh_HANS"
    settings.use_translate_interface = True
    yield 2.0
    yield from looked("models-04-chinese.png")
    yield from scroll(30)
    shot("models-05-chinese-lower.png")
    settings.language = "en_US"
    yield 0.5


run(steps(), "models", 300)
