"""Sentences of this program in another language: a table of templates, matched after the numbers have been put in.

The code writes English sentences where something happens and knows nothing of languages. ``library/zh.json`` holds for each
of them its Simplified Chinese: {"the depth was reduced from {} to {} mm: {}": "深度由 {0} 减为 {1} mm：{2}"}. Each {} stands for
what an f-string filled in; it is translated in turn if the table knows it.
"""

from __future__ import annotations

import re
from functools import cache

from .library import table

LANGUAGES = ("en", "zh")
_DEPTH = 4  # sentences within sentences


@cache
def _exact(language: str) -> dict[str, str]:
    return {english: other for english, other in table(language).items() if "{}" not in english}


@cache
def _templates(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Patterns with the most literal text first, so that the closest sentence is found."""
    rows = [(english, other) for english, other in table(language).items() if "{}" in english]
    rows.sort(key=lambda row: -len(row[0].replace("{}", "")))
    return [(re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), other) for english, other in rows]


def translate(sentence: str, language: str) -> str:
    """The sentence in ``language`` ("en", "zh"); as it is where the table has no such sentence."""
    return sentence if language == "en" else _translate(sentence, language, _DEPTH)


def _translate(sentence: str, language: str, depth: int) -> str:
    found = _exact(language).get(sentence)
    if found is not None:
        return found
    if depth and any(c.isalpha() for c in sentence):
        for pattern, other in _templates(language):
            match = pattern.fullmatch(sentence)
            if match:
                return other.format(*(_translate(part, language, depth - 1) for part in match.groups()))
    return sentence
