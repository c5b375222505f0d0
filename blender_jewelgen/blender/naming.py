"""Names of the recipe as a person reads them; plain text, no bpy."""

from __future__ import annotations

_SMALL = {"and", "of", "the"}
_NOUN = {"us": "US", "uk": "UK", "18k": "18K", "14k": "14K", "10k": "10K", "22k": "22K", "24k": "24K", "uv": "UV"}


def title(name: str) -> str:
    """ "bead-and-reel" as "Bead and Reel"."""
    words = name.replace("_", "-").split("-")
    return " ".join(_NOUN.get(w, w if w in _SMALL and i else w[:1].upper() + w[1:]) for i, w in enumerate(words))
