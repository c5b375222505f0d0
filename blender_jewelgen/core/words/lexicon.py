"""Words to a Design: ``read`` gives the Design, ``explain`` also which words said what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .design import Design
from .hear import Ear, FindMotif
from .quotes import quotes
from .settle import Chip, settle
from .terms import lexicon
from .text import clean, narrow
from .text_line import TextLine
from .weights import weigh


@dataclass(frozen=True)
class Reading:
    """A Design, the stretches of the prompt it came from (every word of the prompt is in one chip), and the lines of text it quotes."""

    design: Design
    chips: tuple[Chip, ...]
    lines: tuple[TextLine, ...] = ()


def read(prompt: str, find_motif: FindMotif | None = None, motif_names: Iterable[str] = ()) -> Design:
    """The Design of a prompt in English or Chinese. Same words, same Design; raises nothing but BadInput.

    Parameters
    ----------
    prompt : str
        At most 2000 characters; for weights see ``weights.py``.
    find_motif : callable
        Gives the library's name for a word or Chinese phrase, by exact name or synonym, or None.
    motif_names : iterable of str
        Names to which misspelt words are compared.
    """
    return explain(prompt, find_motif, motif_names).design


def explain(prompt: str, find_motif: FindMotif | None = None, motif_names: Iterable[str] = ()) -> Reading:
    """As ``read``, with the chips that a panel can show."""
    text, notes = clean(prompt)
    plain, quoted = quotes(text)
    weighed = weigh(narrow(plain))
    ear = Ear(lexicon(), find_motif, motif_names)
    heard = [one for piece in weighed.pieces for one in ear.hear(piece)]
    heard += [one for piece in weighed.avoid for one in ear.hear(piece, avoid=True)]
    heard.sort(key=lambda one: one.start)
    design, chips = settle(text, heard, [*notes, *weighed.notes], find_motif)
    written = [Chip("text", quote.line.words, text[quote.start : quote.end], quote.start, quote.end) for quote in quoted]
    return Reading(design, tuple(sorted((*chips, *written), key=lambda chip: chip.start)), tuple(quote.line for quote in quoted))
