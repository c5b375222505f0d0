"""In which order letters of both writing directions stand in one line: the implicit part of Unicode's bidirectional algorithm.

After Unicode Standard Annex 9, rules P2 to L2, for one line without embeddings: marks that would open one are dropped by the caller.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

_PAIRS = {"(": ")", "[": "]", "{": "}", "〈": "〉", "《": "》", "「": "」", "『": "』", "【": "】"}
_CLOSING = {close: opening for opening, close in _PAIRS.items()}
_NEUTRAL = ("B", "S", "WS", "ON")


def base_level(words: str) -> int:
    """1 where the first letter with a direction is written to the left, else 0."""
    first = next((kind for kind in map(unicodedata.bidirectional, words) if kind in ("L", "R", "AL")), "L")
    return 0 if first == "L" else 1


def levels(words: str, base: int | None = None) -> list[int]:
    """The embedding level of each character: even ones run to the right, odd ones to the left."""
    base = base_level(words) if base is None else base
    outer = "R" if base else "L"
    kinds = [unicodedata.bidirectional(c) or "L" for c in words]
    original = list(kinds)
    _weak(kinds, outer)
    _brackets(words, kinds, original, outer)
    _neutral(kinds, outer)
    level = [base + (kind == "R" if base % 2 == 0 else kind != "R") if kind in ("L", "R") else base + 2 - base % 2 for kind in kinds]
    for i in range(len(words) - 1, -1, -1):  # L1: what trails is of the line
        if original[i] not in ("WS", "S", "B", "BN"):
            break
        level[i] = base
    return level


def runs(words: str, key: Callable[[int], object], base: int | None = None) -> list[tuple[int, int, int]]:
    """(start, end, level) of the runs as they stand from left to right; a run has one level and one ``key`` of its places."""
    level = levels(words, base)
    found, at = [], 0
    for (number, _), group in groupby(range(len(words)), lambda i: (level[i], key(i))):
        size = len(list(group))
        found.append((at, at + size, number))
        at += size
    highest = max(level, default=0)
    for least in range(highest, 0, -1):  # L2: from the highest level down, turn round what is at least so high
        turned: list[tuple[int, int, int]] = []
        for high, group in groupby(found, key=partial(_reaches, least)):
            part = list(group)
            turned += part[::-1] if high else part
        found = turned
    return found


def _reaches(least: int, run: tuple[int, int, int]) -> bool:
    return run[2] >= least


def _weak(kinds: list[str], outer: str) -> None:
    """W1 to W7: marks, numbers and what stands between them."""
    strong, before = outer, outer
    for i, kind in enumerate(kinds):
        if kind == "NSM":
            kind = kinds[i] = before
        before = kind
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[i] = "AN"
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for i in range(1, len(kinds) - 1):
        around = kinds[i - 1]
        if around == kinds[i + 1] and ((kinds[i] == "ES" and around == "EN") or (kinds[i] == "CS" and around in ("EN", "AN"))):
            kinds[i] = around
    _spread(kinds)
    kinds[:] = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in kinds]
    strong = outer
    for i, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[i] = "L"


def _spread(kinds: list[str]) -> None:
    """W5: signs beside a European number belong to it."""
    at = 0
    for kind, group in groupby(list(kinds)):
        size = len(list(group))
        end = at + size
        if kind == "ET" and "EN" in (kinds[at - 1] if at else "", kinds[end] if end < len(kinds) else ""):
            kinds[at:end] = ["EN"] * size
        at = end


def _brackets(words: str, kinds: list[str], original: Sequence[str], outer: str) -> None:
    """N0: the two brackets of a pair go one way."""
    open_at: list[int] = []
    pairs = []
    for i, c in enumerate(words):
        if kinds[i] != "ON":
            continue
        if c in _PAIRS:
            open_at.append(i)
        elif c in _CLOSING:
            match = next((k for k in range(len(open_at) - 1, -1, -1) if words[open_at[k]] == _CLOSING[c]), None)
            if match is not None:
                pairs.append((open_at[match], i))
                del open_at[match:]
    for start, end in sorted(pairs):
        inside = {_strength(kind) for kind in kinds[start + 1 : end]} - {""}
        if not inside:
            continue
        way = outer
        if outer not in inside:
            context = next((s for s in map(_strength, reversed(kinds[:start])) if s), outer)
            way = context if context != outer else outer
        for at in (start, end):
            kinds[at] = way
            for follower in range(at + 1, len(kinds)):
                if original[follower] != "NSM":
                    break
                kinds[follower] = way


def _strength(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _neutral(kinds: list[str], outer: str) -> None:
    """N1 and N2: what has no direction takes that of both its neighbours, or the line's."""
    neutral = [kind in _NEUTRAL or kind == "BN" for kind in kinds]
    at = 0
    for blank, group in groupby(neutral):
        end = at + len(list(group))
        if blank:
            before = _strength(kinds[at - 1]) if at else outer
            after = _strength(kinds[end]) if end < len(kinds) else outer
            kinds[at:end] = [before if before == after else outer] * (end - at)
        at = end
