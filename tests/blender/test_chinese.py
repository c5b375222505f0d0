"""Blender in Chinese: what is registered, what goes again, and that no panel draws an English word."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("bpy")

from recorder import draw
from test_panels import STATES, error_with_fix, panels, state  # noqa: F401  (a fixture)

from blender_jewelgen.blender import translations
from blender_jewelgen.core.library import table

_OWN = (  # of the states: words of the artist, notes invented there, names of things, sizes, file kinds, licences
    "Lotus Scroll Band", "Sculpture", "Scan", "lotus band", "dragon signet", "flumm", "procedural", "JewelGen", "Python", "GPL-3.0-or-later", "CC-BY-3.0",
    "US", "UK", "EU", "JP", "mm", "UV", "STL", "GLB", "3MF", "px/mm", "Blender", "Dragon signet", "The file has no unit; its longest", "side is taken as 20", "Two loose bits were left out",
    "Lotus + Crab", "Lotus 1", "motif.onnx", "Lotus + crab", "“LOVE”", "“Anna”", "Kai.ttf", " ct", "Shap-E", "TripoSR", "TripoSG", "Hunyuan3D", "ComfyUI", "Meshy", "Tripo", "Rodin", "Stability AI", "Polycam", "OpenAI", "API",
)  # fmt: skip
_CARDS = ("label motif",)  # names of engines
_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def chinese(monkeypatch):
    """As if the interface were Chinese: the module bpy carries no languages of its own."""
    monkeypatch.setattr(translations, "is_chinese", lambda: True)
    return table("zh")


def shown(line: str, words: dict[str, str]) -> str:
    """What a line of the recorder says on the screen: Blender looks up what we hand it."""
    kind, _, rest = line.partition(" ")
    text = rest if kind in ("label", "input", "progress") else rest.partition(" ")[2]
    return words.get(text, text)


@pytest.mark.parametrize("state", [one for one in STATES if one is not error_with_fix], indirect=True)
def test_no_panel_draws_an_english_word(state, chinese):  # noqa: F811
    english = {}
    for cls in panels(state):
        for line in draw(state, cls):
            said = shown(line, chinese)
            for own in _OWN:
                said = said.replace(own, "")
            if re.search("[A-Za-z]{2,}", said) and not line.startswith(("search", "list")) and line not in _CARDS:
                english[line] = said
    assert english == {}


def test_blender_is_given_every_whole_sentence_in_every_context_it_looks_in():
    words = translations.words()
    assert "zh_HANS" in words
    whole = {english: other for english, other in table("zh").items() if "{" not in english}
    for context in ("*", "Operator", translations.CONTEXT):
        assert {english: other for (where, english), other in words["zh_HANS"].items() if where == context} == whole


def test_registering_twice_in_turn_leaves_nothing_behind():
    import bpy

    for _ in range(2):
        translations.register()
        if bpy.app.build_options.international:
            with pytest.raises(ValueError, match="already"):
                bpy.app.translations.register(translations.__name__, {})
        translations.unregister()
    bpy.app.translations.register(translations.__name__, {})  # the name is free again
    bpy.app.translations.unregister(translations.__name__)


def test_english_stays_english():
    assert translations.say("Seed 4") == "Seed 4"
    assert translations.named("lotus-scroll") == "Lotus Scroll"


def test_values_are_named_by_the_craft(chinese):
    assert translations.named("lotus-scroll") == "缠枝莲"
    assert translations.named("scale") == "鳞纹"  # the ornament, not what Blender does to objects
    assert translations.named("sewing-machine") == "Sewing Machine"
    assert translations.say("Seed 4") == "种子 4"


def test_properties_with_names_that_blender_uses_otherwise_have_a_context_of_their_own(addon):
    settings = addon.context.scene.jewelgen
    for group, name in ((settings.design, "period"), (settings.design, "metal"), (settings.design, "border"), (settings.design, "layout"), (settings.make, "seed")):
        assert group.bl_rna.properties[name].translation_context == translations.CONTEXT, name


def test_an_operator_refuses_in_chinese(addon, chinese):
    with pytest.raises(RuntimeError, match="请先选择本文件的网格物体"):
        addon.ops.jewelgen.metal()


def test_messages_are_kept_in_english_and_shown_in_chinese(addon, chinese):
    """What is stored follows the interface when its language is changed."""
    from blender_jewelgen.blender import jobs
    from blender_jewelgen.blender.panels_design import VIEW3D_PT_jewelgen_notice
    from blender_jewelgen.core.errors import BadInput, Fix

    jobs.show_error(BadInput("width is 99 mm; it must be between 1 and 60 mm", field="width", fix=Fix("Make it 20 mm", "--width 20")))
    assert addon.context.window_manager.jewelgen.error.startswith("width is 99 mm")
    drawn = "".join(line.removeprefix("label ") for line in draw(addon, VIEW3D_PT_jewelgen_notice))
    assert "宽度为 99 mm" in drawn
    assert "做成 20 mm" in drawn
