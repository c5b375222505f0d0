"""The ring in a picture as a form of ours: its view is found, its lengths are fitted, and what cannot be seen is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ..errors import BadInput
from ..form.params import FormParams
from ..units import inner_diameter
from .subject import Subject
from .traced import Traced, traced
from .tried import FRONT, USUAL, Try, banded, flared, headed, middle, radius

SIZE, HEAD_SIZE = "US 7", "US 9"  # finger sizes that are assumed where none is said
_RING = 0.030  # mean misfit of the ring's radius up to which it is a ring of ours
_BARELY = 0.075  # up to which it can be called one where the person says it is a ring
_HEADED = 0.72  # of the band's misfit that a ring with a head must have
_LOPSIDED = 0.03  # of the radius: a band's middle is its hole's middle
_SEEN_WIDTH = 0.06  # of the radius: less of the width in view says nothing of it
_SIDE = 76.0  # degrees between the finger and the view, from which on a ring is seen edge on
_HEAD = 1.15  # of its width: the length of a head where it is not seen
_TALL, _NARROW = 0.17, 0.5  # of the inner diameter: what stands so high on so little is no signet's head
_WRIST = 35.0  # mm: a larger inner diameter is not a finger's
_VIEWS = {"front": "from the front", "three-quarter": "from the front and aside", "side": "edge on"}
_PROFILES = {"flat": "flat", "d": "D-shaped", "court": "court", "knife": "knife-edged"}
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class SeenRing:
    """A ring fitted to a picture.

    Attributes
    ----------
    form : FormParams
        What it is of our forms, complete where the picture says so, in mm by the finger size.
    view : str
        front, three-quarter or side.
    misfit : float
        Mean distance of the outlines, as a share of the ring's outer radius.
    notes : tuple of str
        What was seen, and what was assumed.
    facts : dict
        Ratios as measured: ``outer_to_inner``, ``width_to_inner``, and for a head ``head_to_inner``, ``length_to_inner``; angles in degrees.
    """

    form: FormParams
    view: str
    misfit: float
    notes: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sure(self) -> bool:
        """Whether it is a ring without anybody saying so: its hole is seen, and our form lies on it."""
        return self.misfit <= _RING and self.view != "side"


def ring_of(found: Subject, view: str = "auto", size: str = "", tell: Tell = lambda share, text: None) -> SeenRing:
    """The ring that a thing in a picture is.

    ``view`` is auto, front, three-quarter or side; ``size`` the finger's, assumed where it is "". Raises BadInput, field
    picture, where nothing like a ring is seen; raises what ``tell`` raises.
    """
    seen = traced(found)
    if seen.hole is None and view in ("front", "three-quarter"):
        raise BadInput("no finger hole is seen in the picture, so that it is no ring seen from the front; name the view side, or take the engine relief", field="picture")
    wanted = inner_diameter(size) if size else 0.0
    usual, large = inner_diameter(SIZE), inner_diameter(HEAD_SIZE)
    edge = flared(seen, large) if seen.hole is None else None
    best = edge or banded(seen, view, usual, lambda share: tell(0.1 + 0.3 * share, "fitting a band"))
    lopsided = seen.hole is not None and float(np.hypot(*middle(seen))) > _LOPSIDED * radius(seen)
    if seen.hole is not None and (lopsided or best.cost > 0.5 * _RING):
        other = headed(seen, view, large, lambda share: tell(0.4 + 0.5 * share, "fitting a ring with a head"))
        best = other if other.cost < min(_HEADED * best.cost, _RING) else best
    if best.cost > (_BARELY if seen.hole is not None else _RING):
        raise BadInput("no ring is seen in the picture; take the engine relief for a medallion of it, or photograph the ring alone on a plain ground", field="picture")
    tell(0.9, "reading its lengths")
    fitted = large if best.head else usual
    return _said(best, fitted, wanted or fitted, size, seen)


def _said(best: Try, fitted: float, diameter: float, size: str, seen: Traced) -> SeenRing:
    """The form for a finger of ``diameter`` mm, where the fit was made for one of ``fitted`` mm, and sentences on it."""
    view = "side" if seen.hole is None or best.tilt > _SIDE else "front" if best.tilt < FRONT else "three-quarter"
    grown = diameter / fitted
    mm = {name: length * grown for name, length in best.lengths.items()}
    usual = {name: length * grown for name, length in USUAL.items()}
    inner = diameter / 2.0
    thickness = mm["rise" if best.head else "thickness"]
    hidden = [] if size else [f"the finger size {HEAD_SIZE if best.head else SIZE}"]
    hidden += ["the thickness"] if seen.slit or seen.hole is None else []
    facts: dict[str, Any] = {"tilt": round(best.tilt, 1), "misfit": round(best.cost, 4), "outer_to_inner": round((inner + thickness) / inner, 4)}
    view_share = abs(np.sin(np.deg2rad(best.tilt))) / (inner + thickness)
    setting = best.head and mm["rise"] > _TALL * diameter and mm["head"] < _NARROW * diameter
    if setting:
        shape, form, what = "flat", "band", "a band with something narrow and high on it, such as a stone in its setting,"
        lengths = {"width": usual["width"], "thickness": mm["shank"]}
        facts["outer_to_inner"] = round((inner + mm["shank"]) / inner, 4)
        hidden += ["the width", "the profile"]
    elif best.head:
        width, length = mm["head"], mm["length"]
        facts |= {"head_to_inner": round(width / inner, 4), "length_to_inner": round(length / inner, 4), "shank_to_inner": round(mm["shank"] / inner, 4)}
        if length * view_share < 2.0 * _SEEN_WIDTH:
            hidden.append("the length of the head")
            length = _HEAD * width
        if seen.hole is None:
            hidden.append("the width of the head")
            width = length / _HEAD
        shape = "round" if best.shape == "oval" and abs(width / length - 1.0) < 0.06 else best.shape
        lengths = {"width": min(width, 1.34 * diameter), "length": length, "thickness": max(thickness, 1.0)}
        form, what = "signet", f"a ring with a head of {shape} outline"
    else:
        width, shape = mm["width"], best.shape
        facts["width_to_inner"] = round(width / inner, 4)
        if width * view_share < _SEEN_WIDTH:
            hidden.append("the width")
            width = usual["width"]
        hidden += ["the profile"] if view == "front" else []
        lengths = {"width": width, "thickness": thickness}
        form = "band" if diameter < _WRIST else "bangle"
        what = f"a {_PROFILES[shape]} {form}" if view != "front" else f"a {form}"
    notes = [f"{what} was seen {_VIEWS[view]}"]
    if hidden:
        notes.append(f"not to be seen in the picture, and assumed: {', '.join(hidden)}")
    if setting:
        notes.append("what stands on the band was left out; set stones with --stone")
    if best.cost > _RING:
        notes.append(f"the outline in the picture differs from our form by {best.cost:.0%} of the ring's radius; what stands off it was left out")
    size = size or (HEAD_SIZE if best.head else SIZE)
    return SeenRing(FormParams(form=form, shape=shape, size=size, **_held(lengths)), view, best.cost, tuple(notes), facts)


def _held(lengths: dict[str, float]) -> dict[str, float]:
    """Lengths in mm to a twentieth, within the limits of a form."""
    limits = {f.name: (f.metadata["low"], f.metadata["high"]) for f in fields(FormParams) if f.name in lengths}
    return {name: float(np.clip(round(length * 20.0) / 20.0, *limits[name])) for name, length in lengths.items()}
