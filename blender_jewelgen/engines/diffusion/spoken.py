"""A prompt with weights, taken apart for embeddings: what is said, how strongly each letter counts, which parts are blended.

The signs are those of every prompt of this program (``core.words.weights``): ``(word)1.3`` and ``(word:1.3)`` emphasise,
``a::2 b::1`` blends two prompts, ``--no x`` is to be avoided. Weight 1 leaves the very text that stands there without signs.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...core.words.text import narrow
from ...core.words.weights import PART, brackets, flags, weight_of


@dataclass(frozen=True)
class Part:
    """One prompt of a blend: its text, the weight of each of its characters, its share."""

    text: str
    weights: tuple[float, ...]
    share: float = 1.0

    @property
    def plain(self) -> bool:
        """Nothing in it is emphasised."""
        return all(weight == 1.0 for weight in self.weights)


@dataclass(frozen=True)
class Said:
    """A prompt: the parts to blend, what is to be avoided, what the reader should know."""

    parts: tuple[Part, ...]
    avoid: str
    notes: tuple[str, ...]


def said(prompt: str) -> Said:
    """A prompt taken apart. Raises BadInput for a weight outside 0 to 10."""
    notes: list[str] = []
    wanted, avoid = flags(narrow(prompt), notes)
    emphasis, blank, _ = brackets(wanted, notes)
    parts: list[Part] = []
    begin = 0
    for sign in [*PART.finditer(blank), None]:
        end = sign.start() if sign else len(blank)
        share = weight_of(sign[1]) if sign and sign[1] else 1.0
        part = _part([(c, emphasis[i]) for i, c in enumerate(blank[begin:end], begin)], share)
        if part.text and share > 0.0:
            parts.append(part)
        begin = sign.end() if sign else end
    return Said(tuple(parts) or (Part("", ()),), ", ".join(" ".join(piece.text.split()) for piece in avoid if piece.text.strip()), tuple(notes))


def _part(letters: list[tuple[str, float]], share: float) -> Part:
    """The letters that are said: without signs, words of weight 0, and blanks or commas that would follow one another."""
    kept: list[tuple[str, float]] = []
    for letter, weight in letters:
        if letter == "\0" or weight == 0.0:
            continue
        before = kept[-1][0] if kept else " "
        if letter.isspace():
            letter = " "
            if before == " ":
                continue
        elif letter == "," and _after_comma(kept):
            continue
        kept.append((letter, weight))
    while kept and kept[-1][0] == " ":
        kept.pop()
    return Part("".join(letter for letter, _ in kept), tuple(weight for _, weight in kept), share)


def _after_comma(kept: list[tuple[str, float]]) -> bool:
    """Whether nothing, or only a comma, stands before: what was between has weight 0."""
    for letter, _ in reversed(kept):
        if letter != " ":
            return letter == ","
    return True
