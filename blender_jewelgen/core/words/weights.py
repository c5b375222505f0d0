"""Weights in prompts: ``(lotus)1.4``, ``(lotus:1.4)``, ``((lotus))``, ``lotus::2 cloud::1``, ``--no beads, clouds``.

Brackets emphasise words: their weights multiply, a bare pair counts 1.1. ``::`` parts a prompt as in Midjourney: the number
after it is the share of the words before it (1 if absent), and only ratios matter. Weight 0 leaves words out.
What is no weight stays text and is noted; a weight outside 0 to 10 raises BadInput. See docs/adr/0003.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import BadInput
from .design import WEIGHT_LIMIT

BARE_PAIR = 1.1  # emphasis of brackets without a number, as in compel and the diffusion web interfaces
_FLAGS = re.IGNORECASE | re.ASCII
_UNIT = r"(?![0-9a-z%]|\.[0-9]|\s*(?:mm|cm|毫米|厘米|k|kt|ct|carat|karat|号|次|fold|repeats?)(?![a-z]))"
_NUMBER = rf"(?:[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[-+]?[0-9]+)?|[-+]?(?:nan|inf(?:inity)?)){_UNIT}"
_AFTER = re.compile(_NUMBER, _FLAGS)
_INSIDE = re.compile(rf"(?<!:):\s*({_NUMBER})\s*$", _FLAGS)
PART = re.compile(rf":{{2,}}({_NUMBER})?", _FLAGS)
_FLAG = re.compile(r"(?:(?<![0-9a-z-])--([a-z][a-z0-9]*)|[—–]+(no))(?![a-z0-9])", _FLAGS)
_VALUE = re.compile(r"\s+[0-9][0-9.:]*(?=\s|$)")


@dataclass(frozen=True)
class Piece:
    """A run of text of one weight."""

    text: str
    start: int  # place of its first character in the prompt
    weight: float = 1.0
    written: bool = False  # a person gave the weight


@dataclass(frozen=True)
class Weighed:
    """A prompt taken apart: what is wanted, what is to be avoided, what the reader should know."""

    pieces: tuple[Piece, ...]
    avoid: tuple[Piece, ...]
    notes: tuple[str, ...]


def weigh(text: str) -> Weighed:
    """Part ``text`` (already narrow, see ``text.narrow``) by its weights; raises BadInput for a weight outside 0 to 10."""
    notes: list[str] = []
    wanted, avoid = flags(text, notes)
    emphasis, blank, depth = brackets(wanted, notes)
    pieces: list[Piece] = []
    begin = 0
    for part in [*PART.finditer(blank), None]:
        end = part.start() if part else len(blank)
        number = part[1] if part else None
        share = weight_of(number) if number else 1.0
        if number and not any(c.isalnum() for c in blank[begin:end]):
            notes.append(f"::{number} has no words before it")
        if part and not number and re.match(r"[^\s,;.()]", blank[part.end():]):
            following = re.match(r"[^\s,;.()]{1,20}", blank[part.end():])
            notes.append(f"::{following[0] if following else ''} is no number; the part counts 1")
        pieces += _runs(blank, begin, end, share, bool(number), emphasis, depth)
        begin = part.end() if part else end
    if pieces and not any(piece.weight for piece in pieces):
        raise BadInput("every word of the prompt has weight 0; nothing is left to make", field="prompt")
    return Weighed(tuple(pieces), tuple(avoid), tuple(notes))


def flags(text: str, notes: list[str]) -> tuple[str, list[Piece]]:
    """Text with ``--flags`` blanked, same length; and what follows each ``--no``."""
    avoid: list[Piece] = []
    found = list(_FLAG.finditer(text))
    for i, flag in enumerate(found):
        name = (flag[1] or flag[2]).lower()
        end = found[i + 1].start() if i + 1 < len(found) else len(text)
        if name == "no":
            words = text[flag.end():end]
            avoid.append(Piece(re.sub(r"[()]|:(?=:)|(?<=:):", " ", words), flag.end()))
            if not any(c.isalnum() for c in words):
                notes.append("--no names nothing to avoid")
        else:
            value = _VALUE.match(text, flag.end(), end)
            end = value.end() if value else flag.end()
            notes.append(f"{text[flag.start():end]} means nothing here")
        text = text[: flag.start()] + " " * (end - flag.start()) + text[end:]
    return text, avoid


def brackets(text: str, notes: list[str]) -> tuple[list[float], str, list[int]]:
    """Emphasis and bracket depth for each character, and the text with brackets and their numbers blanked by NUL or space."""
    stack: list[int] = []
    pairs: dict[int, int] = {}
    for i, c in enumerate(text):
        if c == "(":
            stack.append(i)
        elif c == ")" and stack:
            pairs[stack.pop()] = i
    out = list(text)
    paired = {*pairs, *pairs.values()}
    stray = [i for i, c in enumerate(text) if c in "()" and i not in paired]
    if stray:
        notes.append(f"brackets without a partner left out: {len(stray)}")
    for i in stray:
        out[i] = " "
    gain: dict[int, float] = {}
    for begin, end in pairs.items():
        after = _AFTER.match(text, end + 1)
        inside = _INSIDE.search(text, begin + 1, end) if not after else None
        span = after.span() if after else inside.span() if inside else (end, end)
        gain[begin] = weight_of(after[0] if after else inside[1] if inside else str(BARE_PAIR))
        for i in (begin, end, *range(*span)):
            out[i] = "\0"
    emphasis, depth = [1.0], [0]
    products: list[float] = []
    ends = set(pairs.values())
    for i in range(len(text)):
        now = emphasis[-1]
        if i in pairs:
            products.append(now)
            now *= gain[i]
        elif i in ends:
            now = products.pop()
        emphasis.append(now)
        depth.append(len(products))
    return emphasis[1:], "".join(out), depth[1:]


def _runs(text: str, begin: int, end: int, share: float, written: bool, emphasis: list[float], depth: list[int]) -> list[Piece]:
    runs: list[Piece] = []
    for match in re.finditer(r"[^\0]+", text[begin:end]):
        if not any(c.isalnum() or not c.isascii() for c in match[0]):
            continue
        start = begin + match.start()
        weight = round(share * emphasis[start], 6)
        if not 0 <= weight <= WEIGHT_LIMIT:
            _refuse(weight, match[0].strip())
        runs.append(Piece(match[0], start, weight, written or depth[start] > 0))
    return runs


def weight_of(number: str) -> float:
    value = float(number)
    if not 0 <= value <= WEIGHT_LIMIT:  # refuses NaN too
        _refuse(value, "")
    return value


def _refuse(value: float, words: str) -> None:
    of = f" of {words[:40]!r}" if words else ""
    raise BadInput(f"the weight{of} is {value:g}; it must be between 0 and {WEIGHT_LIMIT:g} (to leave something out write --no)", field="prompt")
