"""Text of one weight to what is heard in it: terms, measures, motifs of the library, spellings close to a word, and the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from .measures import count, measures
from .terms import Lexicon, Speller, Term
from .text import HAN, Token, fold, tokens
from .weights import Piece

FindMotif = Callable[[str], "str | None"]
LONGEST_NAME = {False: 4, True: 7}  # words, or Chinese characters, of a name in the library
_CLASSIFIERS = frozenset("朵只个条尾颗匹头枚片瓣")
_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True)
class Heard:
    """A stretch of the prompt and its possible readings; none means unknown."""

    words: str  # as written
    start: int  # in the prompt
    end: int
    readings: tuple[Term, ...] = ()
    weight: float = 1.0
    written: bool = False  # a person gave the weight
    avoid: bool = False
    measured: bool = False


class Ear:
    """Hears pieces of a prompt with one lexicon and one library of motifs."""

    def __init__(self, lexicon: Lexicon, find_motif: FindMotif | None, motif_names: Iterable[str]) -> None:
        self.lexicon = lexicon
        self.find_motif = find_motif
        self.motif_names = tuple(motif_names)

    @cached_property
    def _speller(self) -> Speller:
        known = [words[0] for words in self.lexicon.phrases if len(words) == 1]
        return Speller([*known, *self.motif_names])

    def hear(self, piece: Piece, avoid: bool = False) -> list[Heard]:
        """All stretches of ``piece`` in order; every word is in exactly one of them."""
        folded, origin = fold(piece.text, self.lexicon.simplified)
        heard: list[Heard] = []

        def add(start: int, end: int, readings: tuple[Term, ...], negated: bool = False, measured: bool = False) -> None:
            begin, finish = origin[start], origin[end - 1] + 1
            heard.append(Heard(
                piece.text[begin:finish].strip(), piece.start + begin, piece.start + finish, readings,
                piece.weight, piece.written, avoid or negated, measured,
            ))  # fmt: skip

        for measure in [] if avoid else measures(folded):
            add(measure.start, measure.end, (Term(measure.slot, measure.value, measure.note),), measured=True)
            folded = folded[: measure.start] + "," * (measure.end - measure.start) + folded[measure.end:]
        words = tokens(folded)
        self._listen(folded, words, add)
        return sorted(heard, key=lambda one: one.start)

    def _listen(self, folded: str, words: list[Token], add: Callable[..., None]) -> None:
        i = 0
        negation: Token | None = None  # "without", until the next word that says something
        while i < len(words):
            if negation and words[i].clause != negation.clause:
                add(negation.start, negation.end, ())
                negation = None
            n, readings = self._at(folded, words, i)
            if not readings:
                n, readings = self._number(folded, words, i)
            if not readings:
                n, readings = self._spelling(words[i])
            begin, end = words[i].start, words[i + n - 1].end
            i += n
            slot = readings[0].slot if readings else ""
            if slot == "negation":
                if negation:
                    add(negation.start, negation.end, ())
                negation = words[i - n]
                if end > negation.end:  # the further words of "free of"
                    add(negation.end, end, readings)
                continue
            if not readings and _HAN.fullmatch(words[i - 1].text):  # unknown characters in a row are one word
                while i < len(words) and words[i].start == end and _HAN.fullmatch(words[i].text) and not self._at(folded, words, i)[1]:
                    end, i = words[i].end, i + 1
            negated = negation is not None and slot != "filler"
            add(begin, end, readings, negated)
            if negated and negation:
                add(negation.start, negation.end, (Term("negation", ""),))
                following = words[i].text if i < len(words) else ""
                negation = words[i] if following in ("or", "nor", "或") and words[i].clause == negation.clause else None
                i += negation is not None
        if negation:
            add(negation.start, negation.end, ())

    def _at(self, folded: str, words: list[Token], i: int) -> tuple[int, tuple[Term, ...]]:
        """Longest term or library name at word ``i``; the term where both are as long, so a family beats a silhouette."""
        n, readings = self.lexicon.at(words, i)
        if readings and not any(term.slot == "motif" for term in readings):
            return n, readings
        longer, name = self._library(folded, words, i, n)
        return (longer, (Term("motif", name, says="library"),)) if name else (n, readings)

    def _library(self, folded: str, words: list[Token], i: int, more_than: int) -> tuple[int, str]:
        """Words and name of the longest library motif at ``i`` that has more than so many words; (0, "") if none."""
        if not self.find_motif:
            return 0, ""
        han = bool(_HAN.fullmatch(words[i].text))
        longest = min(LONGEST_NAME[han], len(words) - i)
        for k in range(1, longest):  # a name never swallows words of another slot, as "skull ring" would
            if any(term.slot not in ("motif", "filler") for term in self.lexicon.at(words, i + k)[1]):
                longest = k
                break
        for n in range(longest, more_than, -1):
            run = words[i : i + n]
            if run[-1].clause != run[0].clause or any(bool(_HAN.fullmatch(word.text)) != han for word in run):
                continue
            raw = re.sub(r"[\s_-]+", "" if han else " ", folded[run[0].start : run[-1].end])
            stem = ("" if han else " ").join(word.text for word in run)
            for spelling in dict.fromkeys((raw, raw.replace(" ", "-"), stem, stem.replace(" ", "-"))):
                name = self.find_motif(spelling)
                if name:
                    return n, name
        return 0, ""

    def _number(self, folded: str, words: list[Token], i: int) -> tuple[int, tuple[Term, ...]]:
        """A whole number right before a motif is its repeats: "eight cranes", 八只鹤."""
        n = 1
        if _HAN.fullmatch(words[i].text):
            while n < 3 and i + n < len(words) and count(words[i].text) is not None and count(words[i + n].text) is not None:
                n += 1
        value = count("".join(word.text for word in words[i : i + n]))
        if value is None or not 1 <= value <= 400:
            return 1, ()
        after = i + n
        if after < len(words) and words[after].text in _CLASSIFIERS:
            after += 1
        if after >= len(words) or words[after].clause != words[i].clause:
            return 1, ()
        if not any(term.slot == "motif" for term in self._at(folded, words, after)[1]):
            return 1, ()
        return after - i, ((Term("repeats", value),) if value > 1 else (Term("filler", ""),))

    def _spelling(self, word: Token) -> tuple[int, tuple[Term, ...]]:
        """Readings of the known word nearest to ``word``, with a note that says so."""
        near = self._speller.nearest(word.text)
        if not near:
            return 1, ()
        readings = self.lexicon.phrases.get((near,), (Term("motif", near, says="library"),))
        if readings[0].slot == "negation":
            return 1, ()
        told = f"{word.text} is read as {near}"
        return 1, tuple(replace(term, note="; ".join(filter(None, (told, term.note)))) for term in readings)
