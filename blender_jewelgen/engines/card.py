"""What an engine says of itself before it is loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Card:
    """One engine: enough to choose it by, and to credit it in a recipe."""

    name: str
    label: str
    task: str  # words_to_height
    memory_gb: float  # graphics memory; 0 = none needed
    licence: str
    revision: str
    module: str  # module of this package with ``draw``

    def credit(self) -> dict[str, str]:
        """What a recipe keeps."""
        return {key: str(value) for key, value in asdict(self).items() if key in ("name", "revision", "licence")}
