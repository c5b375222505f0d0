"""Words as vectors: a table of 96 numbers a word, made by ``scripts/build_words.py``; numpy only, no model at run time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

DIMENSIONS = 96
_SILENT = frozenset("the and with from into style motif ornament pattern".split())


@cache
def _table() -> tuple[dict[str, int], np.ndarray]:
    with np.load(Path(__file__).resolve().parent.parent / "library" / "vectors.npz", allow_pickle=False) as file:
        words = bytes(file["words"]).decode().split("\n")
        return {word: row for row, word in enumerate(words)}, file["table"].astype(np.float32) * file["scale"]


def word_vector(word: str) -> np.ndarray | None:
    """(96,) float32 of a word, its singular, or the two words it is put together from; None if nothing is known."""
    rows, table = _table()
    for form in _forms(word):
        if form in rows:
            return table[rows[form]]
    for cut in range(len(word) - 3, 2, -1):
        if word[:cut] in rows and word[cut:] in rows:
            return (table[rows[word[:cut]]] + table[rows[word[cut:]]]) / 2.0
    return None


def _forms(word: str) -> Iterable[str]:
    yield word
    for ending, other in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""), ("ed", ""), ("ing", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word[: -len(ending)] + other


def embed(phrases: Iterable[tuple[str, float]]) -> np.ndarray:
    """(96,) float32 of unit length: the weighted mean of all known words; zeros, which means "anything", if none is known.

    Parameters
    ----------
    phrases : iterable of (str, float)
        English words and their weights; a negative weight leads away from the word.
    """
    total = np.zeros(DIMENSIONS, np.float32)
    for phrase, weight in phrases:
        for word in re.findall("[a-z]+", phrase.lower()):
            found = None if word in _SILENT else word_vector(word)
            if found is not None:
                total += np.float32(weight) * found
    length = float(np.linalg.norm(total))
    return total / np.float32(length) if length > 1e-6 else total
