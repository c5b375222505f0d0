"""Any picture becomes a height: as it is, by its brightness, its shading, its lines, its normals, its depth, or both together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput, Fix
from .bands import eased
from .finish import FLAT, Made, finished
from .fuse import fused
from .given import AREA, DRAWN, Given, checked, given_for, worked
from .ink import luminance
from .looks import Looks, choose, looks_of
from .params import METHODS, MODELS, HeightParams
from .poisson import integrated
from .sculpt import inflated, sculpted
from .shading import shaded_height

_AGREE = 0.25  # of depth and normals; less is two different things
_JUMP = 0.08  # of the range from pixel to pixel: where one thing stands before another
_JUMPS = 0.05  # share of pixels up to which such steps are jumps, and not what is drawn
Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Height:
    """(h, w) float32 in [0, 1], the method that made it, notes in one sentence each, and what was measured."""

    height: np.ndarray
    method: str
    notes: tuple[str, ...]
    facts: dict[str, Any]


def height_of(
    colours: np.ndarray,
    params: HeightParams | None = None,
    *,
    depth: np.ndarray | None = None,
    normals: np.ndarray | None = None,
    deep: bool = False,
    tell: Tell = lambda share, text: None,
) -> Height:
    """The height that a picture shows.

    Parameters
    ----------
    colours : (h, w, 3 or 4) float in [0, 1], or (h, w) grey
        Row 0 is the upper edge; the fourth value is how much is there at all.
    params : HeightParams
    depth : (h, w) float
        Heights of the same thing in any unit, higher towards the viewer: from a depth camera, or from a model.
    normals : (h, w, 3) float
        Unit vectors of its surface (x right, y up, z towards the viewer), or the colours of a normal map.
    deep : bool
        The picture has more than 8 bits, as heights do.

    A model that sees depth in photographs comes in here: its answer is ``depth`` and ``normals``. Raises BadInput for pictures
    that are too small, too large, flat or not finite, and for what a method cannot use; raises what ``tell`` raises.
    """
    params = params or HeightParams()
    colours = checked(colours)
    colours, note = worked(colours, AREA)
    method, why, looks = _method(colours, params, depth, normals, deep)
    if method in ("line", "drawing"):
        colours, less = worked(colours, DRAWN)
        note = less or note
    notes = (note,) if note else ()
    tell(0.1, f"finding the height by {method}")
    maker = method if method not in MODELS else "depth" if depth is not None else "normals"
    work = given_for(maker, colours, params, looks, depth, normals, deep)
    made = _MAKERS[maker](work)
    tell(0.6, "fitting the depth")
    height, facts = finished(made, params)
    facts = {"why": why} | (looks.facts() if looks else {}) | (made.facts or {}) | facts
    tell(1.0, "done")
    return Height(height, method, (*notes, *made.notes), facts)


def applicable(looks: Looks, depth: bool = False, normals: bool = False) -> tuple[str, ...]:
    """The methods worth comparing for a picture that looks so, the likeliest first."""
    best = choose(looks, True)[0]
    drawn = looks.tones < 1.5 and not looks.deep and not looks.normal_map
    found = (["depth"] if depth or (normals and looks.depth_like) else []) + (["normals"] if normals else []) + [best]
    found += ["height"] if looks.depth_like else []
    found += ["luminance", "shading"] if looks.lit and not looks.normal_map and best not in ("line", "drawing") else []
    found += ["drawing", "line"] if drawn else []
    return tuple(dict.fromkeys(found))


def _method(colours: np.ndarray, params: HeightParams, depth: Any, normals: Any, deep: bool) -> tuple[str, str, Looks | None]:
    """The method, why it was taken, and what the picture looks like where that was asked."""
    method = params.method
    if method in MODELS:
        if depth is None and normals is None:
            raise BadInput(
                f"{method} is a model that sees the height in a photograph; have it look at the picture first",
                field="method", fix=Fix("Make Height", f"jewelgen height PICTURE --method {method}"))  # fmt: skip
        return method, "asked for", None
    if method == "model":
        if depth is None and normals is None:
            raise BadInput(
                "no depth model is installed, so that no height can be seen in a photograph; shading reads one under a known light",
                field="method", fix=Fix("Use the shading", "--method shading"))  # fmt: skip
        method = "depth" if depth is not None else "normals"
        return method, "a model saw it", None
    if method == "auto" and depth is not None:
        return "depth", "a depth is given", None
    if method not in ("auto", "luminance"):
        return method, "asked for", None
    looks = looks_of(colours, deep)
    if method == "auto" and normals is not None:
        if looks.depth_like:
            return "depth", "it is grey as a depth is, and normals are given", looks
        return "normals", "normals are given", looks
    if method == "auto":
        return *choose(looks, params.light_known), looks
    return method, "asked for", looks


def _grey(given: Given) -> np.ndarray:
    grey = luminance(given.colours)
    return grey * given.colours[..., 3] if given.colours.shape[2] == 4 else grey


def _height(given: Given) -> Made:
    return Made(_grey(given))


def _luminance(given: Given) -> Made:
    notes, ground = _ground(given)
    if given.looks is not None and given.looks.lit:
        notes = ("this looks like a lit photograph: its brightness is not its height, and lit slopes come out as hills", *notes)
    grey = luminance(given.colours)
    if ground is not None and bool((ground > 0.5).any()):
        seen = grey[ground > 0.5]
        grey = np.clip(grey, float(seen.min()), float(seen.max()))
    return Made(grey, ground=ground, notes=notes)


def _shading(given: Given) -> Made:
    notes, ground = _ground(given)
    azimuth, elevation = given.params.light
    grey = luminance(given.colours)
    if ground is not None:
        grey = np.where(ground > 0.5, grey, np.median(grey[ground > 0.5])).astype(np.float32)
    if float(np.ptp(grey)) < 0.01:
        raise BadInput("the picture is one flat grey: there is no relief in it", field="picture")
    height, facts = shaded_height(grey, azimuth, elevation, given.params.seamless)
    if not given.params.light_known:
        notes = (f"the light was taken to stand upper left (azimuth {azimuth:g}, elevation {elevation:g} degrees); say where it stood with --light", *notes)
    if facts["shading_explained"] < 0.5:
        notes = (f"this light explains only {max(facts['shading_explained'], 0.0):.0%} of the shading; say where it stood with --light", *notes)
    return Made(height, True, ground, given.params.seamless, notes, facts | {"light_azimuth": azimuth, "light_elevation": elevation})


def _ground(given: Given) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Notes on the ground, and the thing's coverage in the part of the picture that was kept."""
    thing = given.thing
    if thing is None:
        return (), None
    notes = (thing.note,) if thing.note else ()
    return notes, None if thing.coverage is None else thing.coverage[thing.rows, thing.columns]


def _line(given: Given) -> Made:
    assert given.ink is not None
    return Made(inflated(given.ink.coverage, given.params.seamless), facts={"light_on_dark": given.ink.light})


def _drawing(given: Given) -> Made:
    assert given.ink is not None
    made = sculpted(given.ink.coverage, given.params.nested, given.params.seamless)
    notes = () if made.facts["parts"] else ("no line of the drawing encloses anything; its lines stand as wires",)
    return Made(made.height, notes=notes, facts=made.facts | {"light_on_dark": given.ink.light})


def _normals(given: Given) -> Made:
    assert given.slopes is not None
    if given.depth is not None:
        return _fused(given, given.depth)
    slopes = given.slopes
    return Made(integrated(slopes.across, slopes.down, given.params.seamless), True, None, given.params.seamless, slopes.notes, slopes.facts)


def _depth(given: Given) -> Made:
    depth = given.depth if given.depth is not None else _grey(given)
    if given.slopes is not None:
        return _fused(given, depth)
    jump = _JUMP * float(np.ptp(depth))
    smooth, share = eased(depth, jump, given.params.seamless) if jump > 0.0 else (depth, 0.0)
    if not 0.0 < share < _JUMPS:
        return Made(depth)
    return Made(smooth, wraps=given.params.seamless, notes=("where one thing stands before another the depth jumps; those steps were made lower",), facts={"jumps": round(share, 4)})


def _fused(given: Given, depth: np.ndarray) -> Made:
    slopes = given.slopes
    assert slopes is not None
    if float(np.ptp(depth)) < FLAT:
        raise BadInput("the depth is one flat grey: there is no relief in it", field="depth")
    both = fused(depth, slopes.across, slopes.down, given.params.seamless)
    notes = slopes.notes
    if both.scale < 0.0:
        notes += ("the depth is dark where the normals say high; it was turned round",)
    if both.scale == 0.0 or abs(both.agreement) < _AGREE:
        notes += ("the depth and the normals have little in common; they may be of different things",)
    return Made(both.height, True, None, given.params.seamless, notes, slopes.facts | both.facts())


_MAKERS: dict[str, Callable[[Given], Made]] = {
    "height": _height, "luminance": _luminance, "shading": _shading, "line": _line, "drawing": _drawing, "normals": _normals, "depth": _depth,
}  # fmt: skip
assert set(_MAKERS) | {"auto", "model", *MODELS} == set(METHODS)
