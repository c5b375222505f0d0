"""The library of silhouettes: find one by an English or Chinese word, draw it at any size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..errors import BadInput
from ..library import table
from .outline import cover, decode, flatten


@dataclass(frozen=True)
class Entry:
    """A motif of the library: its name, its kind (animal, flower, ...) and the words people ask for it by."""

    name: str
    kind: str
    en: tuple[str, ...]
    zh: tuple[str, ...]


@cache
def _entries() -> dict[str, Entry]:
    rows = table("motifs")["motifs"]
    return {row["name"]: Entry(row["name"], row["kind"], tuple(row["en"]), tuple(row["zh"])) for row in rows}


@cache
def _outlines() -> dict[str, list[list[int]]]:
    return {row["name"]: row["outline"] for row in table("motifs")["motifs"]}


@cache
def _index() -> dict[str, tuple[str, ...]]:
    """Every word to the names that carry it, best first: who has it nearer the front of its words, then the upper row."""
    ranked: dict[str, list[tuple[int, int, str]]] = {}
    for row, entry in enumerate(_entries().values()):
        ranked.setdefault(_plain(entry.name), []).append((-1, row, entry.name))
        for words in (entry.en, entry.zh):
            for place, word in enumerate(words):
                ranked.setdefault(_plain(word), []).append((place, row, entry.name))
    for row, entry in enumerate(_entries().values()):
        for word in entry.en:
            noun = _plain(word).rpartition(" ")[2]
            if noun in ranked:  # "winged heart" is a heart too, after all that are called so outright
                ranked[noun].append((len(entry.en) + 10, row, entry.name))
    return {word: tuple(dict.fromkeys(name for _, _, name in sorted(found))) for word, found in ranked.items()}


def names() -> tuple[str, ...]:
    """All names, in the order of the table."""
    return tuple(_entries())


def entry(name: str) -> Entry:
    """The motif of this exact name; BadInput if the library has none."""
    found = _entries().get(name)
    if found is None:
        raise BadInput(f"the library has no motif {name[:60]!r}", field="motifs")
    return found


def find(word: str) -> Entry | None:
    """The best motif for a word in English or Chinese (singular or plural, spaces or hyphens), or None."""
    found = candidates(word)
    return entry(found[0]) if found else None


def candidates(word: str) -> tuple[str, ...]:
    """Names of all motifs that answer to a word, best first; an exact name is always first."""
    for form in _singular(_plain(word)):
        if form in _index():
            return _index()[form]
    return ()


def coverage(name: str, size: int) -> np.ndarray:
    """(size, size) float32 in [0, 1]: the share of each pixel inside the silhouette; row 0 is the upper edge.

    The motif is centred and leaves 6 % of the cell free at the ends of its longer side.
    """
    entry(name)
    return cover(flatten(decode(_outlines()[name]), size), size)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word.strip().lower().replace("'", ""))


def _singular(word: str) -> list[str]:
    """The word itself, then what it may be the plural of, likeliest first."""
    forms = [word]
    for ending, single in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            forms.append(word[: -len(ending)] + single)
    irregular = {"mice": "mouse", "geese": "goose", "oxen": "ox", "teeth": "tooth", "feet": "foot"}
    head, _, last = word.rpartition(" ")
    if last in irregular:
        forms.append(f"{head} {irregular[last]}".strip())
    return forms
