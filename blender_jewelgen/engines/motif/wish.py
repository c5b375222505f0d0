"""What the motif model is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.errors import BadInput
from ...core.params import check_limits, choice, number, text, whole
from ...core.words.design import PROMPT_LIMIT

FUNCTIONS = ("auto", "vary", "blend", "sketch", "invent", "inpaint", "row")
SYMMETRIES = ("none", "mirror", "2", "3", "4", "6")


@dataclass(frozen=True, kw_only=True, eq=False)
class Wish:
    """Words, drawings and numbers of one order. Drawings are distances of ``core.pattern.drawn``, (s, s) of any size s.

    Attributes
    ----------
    start : (s, s) float32 or None
        A drawing to vary, or to repair where ``mask`` is.
    sketch : (s, s) float32 or None
        A scribble that the motif follows.
    mask : (s, s) bool or None
        What of ``start`` may change.
    """

    prompt: str = text("", "What the motif shows, in words", PROMPT_LIMIT)
    function: str = choice("auto", FUNCTIONS, "How it is drawn: vary what the library has, blend two things, follow a sketch, invent freely, repair a region, or go from one thing to another in a row; auto: by what is given")  # fmt: skip
    count: int = whole(8, 1, 64, "", "How many motifs are drawn")
    seed: int = whole(0, 0, 2**31 - 1, "", "Same wish and same seed give the same motifs")
    blend: str = text("", "Words of the other thing, to blend with the prompt", PROMPT_LIMIT)
    share: float = number(0.5, 0.0, 1.0, "", "Share of the other thing in a blend")
    vary: str = text("", "Motif of the library to start from; empty: what the words find", 80)
    strength: float | None = number(None, 0.05, 1.0, "", "How far the drawing may leave what it starts from; none: by what is asked")
    symmetry: str = choice("none", SYMMETRIES, "Mirrored left and right, or the same after a 2nd, 3rd, 4th or 6th of a turn")
    steps: int = whole(8, 2, 50, "", "Steps of drawing; more are slower and a little cleaner")
    guidance: float = number(2.0, 0.0, 8.0, "", "How closely the words are followed")
    start: np.ndarray | None = None
    sketch: np.ndarray | None = None
    mask: np.ndarray | None = None

    def __post_init__(self) -> None:
        check_limits(self)
        for name in ("start", "sketch", "mask"):
            _square(getattr(self, name), name)
        if self.function == "sketch" and self.sketch is None:
            raise BadInput("sketch is missing: there is no drawing to follow", field="sketch")
        if (self.function == "inpaint" or self.mask is not None) and (self.start is None or self.mask is None):
            raise BadInput("inpaint needs a drawing and a mask of what may change", field="mask")
        if self.function in ("blend", "row") and not (self.blend.strip() or self.prompt.strip()):
            raise BadInput("blend is empty; say what the motif is blended with", field="blend")
        if self.mask is not None and (self.mask.all() or not self.mask.any()):
            covered = "everything" if self.mask.all() else "nothing"
            raise BadInput(f"the mask covers {covered}; it must leave some of the drawing and free some", field="mask")
        for name in ("start", "sketch"):
            field = getattr(self, name)
            if field is not None and ((field > 0).all() or not (field > 0).any()):
                raise BadInput(f"the {name} is {'covered all over' if (field > 0).all() else 'blank'}; it must show a shape", field=name)


def _square(field: np.ndarray | None, name: str) -> None:
    if field is None:
        return
    if field.ndim != 2 or field.shape[0] != field.shape[1] or not 32 <= field.shape[0] <= 1024:
        raise BadInput(f"the {name} is {' x '.join(map(str, field.shape))}; it must be square, 32 to 1024 px a side", field=name)
    if not np.isfinite(field).all():
        raise BadInput(f"the {name} holds numbers that are not finite", field=name)
