"""The words of a prompt as the motif model hears them: things it may start from, and a direction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from ...core.errors import BadInput
from ...core.pattern import motifs, sources
from ...core.pattern.cells import CELLS
from ...core.words import lexicon
from ...core.words.design import Design
from ...core.words.vectors import DIMENSIONS, embed
from . import files
from .synonyms import SYNONYMS

_ASIDE = 0.4  # weight of words that name no motif
JOINERS = frozenset(
    "embrace embracing hold holding hug hugging entwine entwined entwining coil coiled coiling ride riding guard guarding merge merged "
    "merging become becoming hybrid half blend blended meet meeting 抱 缠 绕 骑 衔 托 化 变 半 合 融".split()
)


@dataclass(frozen=True)
class Spoken:
    """What was understood.

    Attributes
    ----------
    things : tuple of (str, float)
        Names of drawings or figures, each with its weight.
    words : str
        All that steers, for people.
    """

    things: tuple[tuple[str, float], ...]
    phrases: tuple[tuple[str, float], ...]
    away: tuple[tuple[str, float], ...]
    words: str

    @property
    def vector(self) -> np.ndarray:
        """(96,) unit length, or zeros."""
        return embed(self.phrases)

    @property
    def avoided(self) -> np.ndarray:
        """(96,) unit length, or zeros."""
        return embed(self.away) if self.away else np.zeros(DIMENSIONS, np.float32)


def listen(prompt: str, field: str = "prompt") -> Spoken:
    """A prompt in English or Chinese, with weights and "no …"; raises BadInput if none of its words mean anything to the model."""
    design = lexicon.read(prompt, _name_of, motifs.names())
    spoken = of_design(design)
    if not embed(spoken.phrases).any():
        raise BadInput(f"the motif model knows none of the words {prompt.strip()[:60]!r}; name a thing, such as: dragon, lotus", field=field)
    return spoken


def of_design(design: Design) -> Spoken:
    """The same of a design that was read already."""
    weighed = dict(design.weights)
    things = tuple((m.name, m.weight) for m in design.motifs if m.weight > 0 and m.name not in design.avoid and not m.cell)
    unknown = tuple((SYNONYMS.get(word, word), weighed.get(word, 1.0)) for word in design.unknown if word not in JOINERS)
    aside = tuple((word, _ASIDE * weight) for word, weight in unknown if embed([(word, 1.0)]).any())
    phrases = tuple((said(name), weight) for name, weight in things) + (aside if things else tuple((w, 1.0) for w, _ in aside))
    away = tuple((said(name), 1.0) for name in design.avoid if name != "motif" and embed([(said(name), 1.0)]).any())
    shown = " + ".join(f"{text}{'' if weight in (1.0, _ASIDE) else f' {weight:g}'}" for text, weight in phrases)
    return Spoken(things, phrases, away, shown + "".join(f" - {text}" for text, _ in away))


def joins(design: Design) -> bool:
    """Whether a design asks for one figure made of two things."""
    words = re.findall(r"[a-z]+|[\u4e00-\u9fff]", design.prompt.lower())
    return sum(m.weight > 0 and not m.cell for m in design.motifs) >= 2 and any(word in JOINERS for word in words)


@cache
def _subjects() -> dict[str, str]:
    """Taught drawings and the word each was taught by; empty where the weights are missing."""
    try:
        with np.load(files.FOLDER / "drawings.npz", allow_pickle=False) as file:
            return dict(zip(*(bytes(file[key]).decode().split("\n") for key in ("names", "subjects")), strict=True))
    except (OSError, ValueError, KeyError):
        return {}


def said(name: str) -> str:
    """The English words for a motif's name that the model knows best: those it was taught, else the plainest."""
    taught = _subjects()
    if name in taught:
        return taught[name]
    if name in CELLS or name not in motifs.names():
        return name.replace("-", " ")
    words, known = motifs.entry(name).en, set(taught.values())
    plain = (w for phrase in words for w in (phrase, phrase.rpartition(" ")[2]) if w in known)
    return next(plain, None) or next((SYNONYMS[phrase] for phrase in words if phrase in SYNONYMS), words[0])


def best_known(name: str) -> str:
    """The drawing of the library by which the model was taught what a name says; the name itself where it was taught none."""
    taught = _subjects()
    return name if name in taught else next((drawing for drawing, subject in taught.items() if subject == said(name)), name)


def _name_of(word: str) -> str | None:
    found = sources.find(word, strip=False)
    return found.name if found else None
