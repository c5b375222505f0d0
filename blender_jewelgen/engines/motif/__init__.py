"""The motif model: draws one motif in a cell from words, drawings and gaps, with numpy and onnxruntime alone.

``draw(Wish(...), tell)`` gives motifs, ``reason()`` says why the model cannot run here, "" if it can. Both load what they need when
they are called, for panels read the fields of ``Wish`` where nothing heavy may be loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .wish import FUNCTIONS, SYMMETRIES, Wish

if TYPE_CHECKING:
    from .drawing import Made, Tell

__all__ = ["FUNCTIONS", "SYMMETRIES", "Made", "Wish", "draw", "reason"]


def draw(wish: Wish, tell: Tell) -> tuple[Made, ...]:
    """The motifs of a wish, best first; see ``drawing.draw``."""
    from .drawing import draw as drawn

    return drawn(wish, tell)


def reason(folder: Path | None = None) -> str:
    """Why the model of a folder, by default the one that ships, cannot run here, in one sentence; "" if it can."""
    from .files import reason as found

    return found(folder)
