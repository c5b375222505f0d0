"""Sentences of this program in another language: a table of templates, matched after the numbers have been put in.

The code writes English sentences where something happens and knows nothing of languages. ``library/zh.json`` holds for each
of them its Simplified Chinese: {"the depth was reduced from {} to {} mm: {}": "深度由 {0} 减为 {1} mm：{2}"}. Each {} stands for
what an f-string filled in; it is translated in turn if the table knows it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from .library import table

LANGUAGES = ("en", "zh")
_DEPTH = 4  # sentences within sentences
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class _Template(NamedTuple):
    """A sentence with gaps: its literal pieces for a quick look, patterns that cut it as early and as late as they can, the other language."""

    pieces: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    other: str


@cache
def _exact(language: str) -> dict[str, str]:
    return {english: other for english, other in table(language).items() if "{}" not in english}


@cache
def _templates(language: str) -> list[_Template]:
    """Those with the most literal text first, so that the closest sentence is found."""
    rows = [(english.split("{}"), other) for english, other in table(language).items() if "{}" in english]
    rows.sort(key=lambda row: -sum(map(len, row[0])))
    found = []
    for row, other in rows:
        cuts = ("(.*?)", "(.*)") if " " in row[1:-1] else ("(.*?)",)  # between two words one cannot see where the first ends
        patterns = tuple(re.compile(cut.join(map(re.escape, row)), re.DOTALL) for cut in cuts)
        found.append(_Template(tuple(filter(None, row)), patterns, other))
    return found


def translate(sentence: str, language: str) -> str:
    """The sentence in ``language`` ("en", "zh"); as it is where the table has no such sentence."""
    return sentence if language == "en" else _translate(sentence, language, _DEPTH)


def _translate(sentence: str, language: str, depth: int) -> str:
    found = _known(sentence, language, depth)
    if found is None:  # the first letter of a sentence is large on some places
        found = _known(sentence[:1].swapcase() + sentence[1:], language, depth)
    if found is None and depth:
        found = _list(sentence, ", ", "、", language, depth)
    if found is None and depth and ": " in sentence:
        head, _, tail = sentence.partition(": ")
        known = _known(head, language, depth - 1)
        found = None if known is None else f"{known}：{_translate(tail, language, depth - 1)}"
    return sentence if found is None else found


def _known(sentence: str, language: str, depth: int) -> str | None:
    """The translation of a sentence, or of several with semicolons between them; None if the table has none."""
    found = _exact(language).get(sentence)
    if found is not None or not depth or not any(c.isalpha() for c in sentence):
        return found
    several = ("; " in sentence) and _list(sentence, "; ", "；", language, depth)
    for pieces, patterns, other in _templates(language):
        if several and not any("; " in piece for piece in pieces):
            continue
        if all(piece in sentence for piece in pieces):
            cuts = [match.groups() for pattern in patterns if (match := pattern.fullmatch(sentence))]
            if cuts:
                best = min(cuts, key=lambda parts: sum(_is_strange(part, language, depth - 1) for part in parts)) if len(cuts) > 1 else cuts[0]
                return other.format(*(_translate(part, language, depth - 1) for part in best))
    return several or None


def _is_strange(part: str, language: str, depth: int) -> bool:
    """Whether there are words in it that the table does not know; what stands in quotes is the reader's own."""
    return any(c.isalpha() for c in _QUOTED.sub("", part)) and _known(part, language, depth) is None


def _list(sentence: str, mark: str, other: str, language: str, depth: int) -> str | None:
    """A list whose items are known each by itself."""
    parts = sentence.split(mark)
    if len(parts) == 1:
        return None
    said = [_known(part, language, depth - 1) for part in parts]
    return None if None in said else other.join(map(str, said))
