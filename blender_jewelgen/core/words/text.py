"""Text as people write it, to tokens that compare: case, accents, width, hyphens, plurals and traditional characters folded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import BadInput
from .design import PROMPT_LIMIT

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KARAT = r"(?<![0-9.])([0-9]{1,2})[\s-]?(?:k|kt|ct|carats?|karats?)(?![a-z0-9])"
_TOKEN = re.compile(rf"{_KARAT}|[0-9]+\.[0-9]+|[{HAN}]|[^\W_{HAN}]+(?:'[^\W_{HAN}]+)*|\S")
_BREAK = re.compile(r"[,;.:!?\n/|、。·•]")
_SIGNS = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⁄": "/", "’": "'", "‘": "'", "`": "'", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-"}
_IRREGULAR = {"leaves": "leaf", "wolves": "wolf", "hooves": "hoof", "halves": "half", "knives": "knife", "fleurs": "fleur",
              "mice": "mouse", "geese": "goose", "feet": "foot", "women": "woman", "men": "man"}  # fmt: skip


class Token(NamedTuple):
    """A word of the Latin kind, one Chinese character, a number or a pictograph."""

    text: str  # folded, singular
    start: int  # in the folded text
    end: int
    clause: int  # tokens of different clauses never form one term


def clean(prompt: str) -> tuple[str, list[str]]:
    """The prompt without control characters, and a note if there were some. Raises BadInput if no words are left."""
    if not isinstance(prompt, str):
        raise BadInput("the prompt must be text", field="prompt")
    if len(prompt) > PROMPT_LIMIT:
        raise BadInput(f"the prompt has {len(prompt)} characters; the limit is {PROMPT_LIMIT}", field="prompt")
    spaced = re.sub(r"[\t\r\v\f\x85]", " ", prompt)
    kept = "".join(c for c in spaced if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    removed = len(spaced) - len(kept)
    kept = kept.strip()
    if not any(c.isalpha() for c in kept):
        raise BadInput("the prompt is empty; describe a piece, such as: repoussé lotus band, beaded border, 18k gold", field="prompt")
    return kept, [f"control characters left out: {removed}"] if removed else []


def narrow(text: str) -> str:
    """Full-width signs as their ASCII twins, （）：，１ to ():,1; same length."""
    return "".join(c if c.isascii() or len(n := unicodedata.normalize("NFKC", c)) != 1 else n for c in text)


def fold(text: str, simplified: Mapping[str, str]) -> tuple[str, list[int]]:
    """Folded text and, for each of its characters, the place it came from; ``simplified`` maps traditional characters."""
    out: list[str] = []
    origin: list[int] = []
    for i, c in enumerate(text):
        if c.isascii():
            piece = c.lower()
        elif "\u3400" <= c <= "\u9fff":
            piece = simplified.get(c, c)
        elif c in _SIGNS:
            piece = _SIGNS[c]
        else:
            piece = "".join(d for d in unicodedata.normalize("NFKD", c.casefold()) if unicodedata.category(d) != "Mn")
        out.append(piece)
        origin.extend([i] * len(piece))
    return "".join(out), [*origin, len(text)]


def tokens(folded: str) -> list[Token]:
    """The words of folded text in order; punctuation only parts clauses, pictographs are words."""
    found: list[Token] = []
    clause, last = 0, 0
    for match in _TOKEN.finditer(folded):
        word = match[0]
        if not word[0].isalnum() and unicodedata.category(word) != "So":
            continue
        clause += bool(_BREAK.search(folded, last, match.start()))
        last = match.end()
        found.append(Token(f"{match[1]}k" if match[1] else singular(word), match.start(), last, clause))
    return found


def singular(word: str) -> str:
    """A plural without its ending ("leaves" -> "leaf"); used on both sides of a comparison, so odd stems do no harm."""
    word = word.removesuffix("'s").replace("'", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "as", "os")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ses", "xes", "ches", "shes", "zes")) and not word.endswith(("oses", "ases")) else word[:-1]
