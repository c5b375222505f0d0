"""The lexicon: ``library/lexicon.json`` indexed for the longest match, and the nearest spelling of a word it lacks."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..library import table
from .text import Token, fold, singular, tokens

NEAR = 0.84  # difflib ratio from which another spelling is taken for the word
NEAR_VOWELS = 0.75  # the same, if only vowels differ: "lotos", "acanthas"
_HAN_ONLY = re.compile("[\u3400-\u9fff]+")
_LATIN_ONLY = re.compile("[a-z ]+")
SHORTEST = 5  # letters; below this nearly every word has a neighbour


@dataclass(frozen=True)
class Term:
    """One row of the lexicon: wordings in two languages that fill a slot."""

    slot: str
    value: Any  # a name of ``keys.py``, a plain noun for motifs, a number for depth
    note: str = ""  # told to the person whenever the term is used
    weak: bool = False  # a generic word ("ring", "gold") that gives way to an exact one without a note
    says: str = ""  # of a gold: only its "karat" or "colour" is named; "library": the motif is the library's own name
    also: Mapping[str, str] = field(default_factory=dict)  # further slots the words fill
    when: Mapping[str, list[str]] = field(default_factory=dict)  # the reading holds only if these slots are so named
    near: tuple[str, ...] = ()  # motifs to take where the library lacks the value
    default: Mapping[str, str] = field(default_factory=dict)  # what a period brings if nothing is named


@dataclass(frozen=True)
class Lexicon:
    """All terms by their words."""

    phrases: Mapping[tuple[str, ...], tuple[Term, ...]]
    longest: Mapping[str, int]  # words of the longest phrase that begins with this one
    simplified: Mapping[str, str]

    def at(self, words: list[Token], i: int) -> tuple[int, tuple[Term, ...]]:
        """The longest phrase that begins at word ``i`` within its clause: number of words and readings; (0, ()) if none."""
        for n in range(min(self.longest.get(words[i].text, 0), len(words) - i), 0, -1):
            if words[i + n - 1].clause == words[i].clause:
                found = self.phrases.get(tuple(word.text for word in words[i : i + n]))
                if found:
                    return n, found
        return 0, ()


@cache
def lexicon() -> Lexicon:
    """The lexicon that ships (read once)."""
    return index(table("lexicon"))


def index(data: Mapping[str, Any]) -> Lexicon:
    """A Lexicon of a parsed table; rows with the same words are readings of one phrase, in the order of the file."""
    simplified = dict(zip(data["traditional"][::2], data["traditional"][1::2], strict=True))
    phrases: dict[tuple[str, ...], list[Term]] = defaultdict(list)
    longest: dict[str, int] = defaultdict(int)
    for row in data["terms"]:
        term = Term(
            row["slot"], row["value"], row.get("note", ""), row.get("weak", False), row.get("says", ""),
            row.get("also", {}), row.get("when", {}), tuple(row.get("near", ())), row.get("default", {}),
        )  # fmt: skip
        for wording in (*row["en"], *row["zh"]):
            words = key(wording, simplified)
            if term not in phrases[words]:
                phrases[words].append(term)
            longest[words[0]] = max(longest[words[0]], len(words))
    return Lexicon({words: tuple(found) for words, found in phrases.items()}, longest, simplified)


def key(wording: str, simplified: Mapping[str, str]) -> tuple[str, ...]:
    """The folded words of a wording. The two short cuts give what ``tokens`` gives and load the table in half the time."""
    if _HAN_ONLY.fullmatch(wording):
        return tuple(simplified.get(c, c) for c in wording)
    if _LATIN_ONLY.fullmatch(wording):
        return tuple(map(singular, wording.split()))
    return tuple(token.text for token in tokens(fold(wording, simplified)[0]))


class Speller:
    """Finds the known word nearest to an unknown one."""

    def __init__(self, names: Iterable[str]) -> None:
        self.by_initial: dict[str, list[str]] = defaultdict(list)
        for name in sorted(set(names)):
            if len(name) >= SHORTEST and name.isalpha() and name.isascii():
                self.by_initial[name[0]].append(name)

    def nearest(self, word: str) -> str | None:
        """The known word that ``word`` probably means: same initial, and difflib ratio from NEAR, or only vowels differ."""
        if len(word) < SHORTEST or not word.isascii():
            return None
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(word)
        best, best_ratio = None, 0.0
        for name in self.by_initial.get(word[0], ()):
            if 2.0 * min(len(name), len(word)) < NEAR_VOWELS * (len(name) + len(word)):
                continue
            floor = NEAR_VOWELS if _consonants(name) == _consonants(word) else NEAR
            matcher.set_seq1(name)
            if matcher.quick_ratio() >= floor and (ratio := matcher.ratio()) >= floor and ratio > best_ratio:
                best, best_ratio = name, ratio
        return best


def _consonants(word: str) -> str:
    return "".join(c for c in word if c not in "aeiouy")
