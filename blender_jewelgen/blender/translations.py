"""Simplified Chinese of everything a person reads in Blender: its own look-up for labels, ``say`` for sentences made at run time.

Blender looks a label up by itself, exactly as it is written, and takes its own translation before ours: its "Period" is a
length of time, its "Weight" belongs to bones. Where that would be wrong, the context ``CONTEXT`` keeps the two apart.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import bpy

from ..core.library import table
from ..core.translate import translate
from .naming import title

CONTEXT = "JewelGen"  # of properties whose names Blender uses for other things
_LANGUAGE = "zh"
_LOCALES = ("zh_HANS", "zh_CN")  # what Blender calls it now, and called it before 4.1
_CONTEXTS = ("*", "Operator", CONTEXT)


def is_chinese() -> bool:
    """Whether the interface is in Simplified Chinese."""
    return bpy.app.translations.locale in _LOCALES and bpy.context.preferences.view.use_translate_interface


def say(text: str) -> str:
    """A sentence or label in the language of the interface, numbers and names in it as they are."""
    return _chinese(text) if is_chinese() else text


def named(value: str) -> str:
    """A value such as "lotus-scroll" as it is shown: 缠枝莲, or Lotus Scroll."""

    said = say(value)
    return title(value) if said == value else said


@lru_cache(maxsize=1024)
def _chinese(text: str) -> str:
    return translate(text, _LANGUAGE)


def words() -> dict[str, dict[tuple[str, str], str]]:
    """What Blender is given: {locale: {(context, English): Chinese}}; sentences with something filled in are ``say``'s."""
    rows = [(english, chinese) for english, chinese in table(_LANGUAGE).items() if "{" not in english]
    known = bpy.app.translations.locales
    both: dict[tuple[str, str], str] = {(context, english): chinese for english, chinese in rows for context in _CONTEXTS}
    return {locale: both for locale in _LOCALES if locale in known or (locale == _LOCALES[0])}


def register() -> None:
    bpy.app.translations.register(__name__, words())


def unregister() -> None:
    """Gone, also where it was never there."""
    bpy.app.translations.unregister(__name__)
    _chinese.cache_clear()


CLASSES: tuple[Any, ...] = ()
