"""What a picture looks like, measured, and the method that suits it; each choice comes with its reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from .filters import blur, resize
from .ink import ink_of, luminance
from .normals import is_map
from .regions import at_border, regions

_SEEN = 512  # px of the longer side that is looked at
_TONES = 0.65  # of two flat tones: pens make 0.3, a rounded height 0.8 and more
_COLOURED = 0.12  # mean difference of colours over which a picture is no drawing in ink
_GREY = 0.035  # mean difference of colours under which a picture is grey
_CLOSED = 0.02  # of the picture, enclosed by lines: from there on it is a drawing of parts


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Facts of a picture, each a share or a value in [0, 1] unless said."""

    deep: bool  # more than 8 bits
    normal_map: bool
    transparent: float
    colourful: float  # mean distance of the colours from grey
    tones: float  # 0: drawn in two flat tones; 1 and more: with half-tones
    enclosed: float  # enclosed by lines and not drawn on
    level: float  # the commonest brightness
    above: float  # pixels lighter than the commonest
    below: float

    def facts(self) -> dict[str, Any]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}

    @property
    def lit(self) -> bool:
        """Whether light and shade of a scene are in it: a height picture has its ground at one end of its greys."""
        return self.colourful > 2.0 * _GREY or (self.above > 0.08 and self.below > 0.08) or (self.level > 0.5 and self.below > 0.08)

    @property
    def depth_like(self) -> bool:
        """Whether its greys can be heights: few colours, and no scene in them."""
        return self.deep or (not self.normal_map and self.colourful < _GREY and not self.lit)


def looks_of(colours: np.ndarray, deep: bool = False) -> Looks:
    """Measure (h, w, 3 or 4) colours in [0, 1]; ``deep`` is said by the file."""
    thin = _reduced(colours)
    alpha = thin[..., 3] if thin.shape[2] == 4 else np.ones(thin.shape[:2], np.float32)
    shown = alpha > 0.5
    grey = luminance(thin)
    seen = grey[shown] if shown.any() else grey.ravel()
    spread = thin[..., :3].max(axis=-1) - thin[..., :3].min(axis=-1)
    count = np.histogram(seen, 64, (0.0, 1.0))[0].astype(np.float32)
    peak = int(blur(count[None], 1.0)[0].argmax())
    level = (peak + 0.5) / 64.0
    tones, enclosed = 9.0, 0.0
    if not deep:
        try:
            ink = ink_of(thin)
            tones, enclosed = ink.tones, _enclosed(ink.coverage)
        except BadInput:
            pass
    return Looks(
        deep=deep, normal_map=not deep and is_map(colours), transparent=float(1.0 - shown.mean()), colourful=float(spread[shown].mean()) if shown.any() else 0.0,
        tones=min(tones, 9.0), enclosed=enclosed, level=level, above=float((seen > level + 0.06).mean()), below=float((seen < level - 0.06).mean()),
    )  # fmt: skip


def choose(looks: Looks, light_known: bool) -> tuple[str, str]:
    """The method that suits, and why, as one sentence."""
    if looks.deep:
        return "height", "it has 16 bits of grey, as heights do"
    if looks.normal_map:
        return "normals", "its colours are unit vectors towards the viewer, as in a normal map"
    if looks.tones < _TONES and (looks.colourful < _COLOURED or looks.transparent > 0.02):
        if looks.enclosed > _CLOSED:
            return "drawing", f"it is drawn in two tones, and its lines enclose {looks.enclosed:.0%} of it"
        return "line", "it is drawn in two tones: lines or silhouettes"
    if looks.depth_like:
        return "height", f"it is grey, with its ground at one end of its tones ({looks.level:.2f}), as heights have it"
    if light_known:
        return "shading", "it has light and shade, and the light is known"
    if looks.colourful > 2.0 * _GREY:
        return "shading", "it is a photograph in colours, no depth model is installed, and its shading says more than its brightness"
    if looks.lit:
        return "luminance", "it looks like a photograph, and no depth model is installed"
    return "luminance", "it has half-tones, and nothing else is known of it"


def _enclosed(ink: np.ndarray) -> float:
    """Share of the picture that lies within thin ink, without being the hole of a filled shape."""
    solid = ink > 0.5
    label, sizes = regions(~solid)
    inner = np.ones(len(sizes), bool)
    inner[at_border(label)] = False
    inner[0] = False
    inside = float(sizes[inner].sum())
    return inside / ink.size if inside > 0.8 * float(solid.sum()) else 0.0


def _reduced(colours: np.ndarray) -> np.ndarray:
    factor = _SEEN / max(colours.shape[:2])
    if factor >= 1.0:
        return np.asarray(colours, np.float32)
    size = [max(8, round(n * factor)) for n in colours.shape[:2]]
    return np.stack([resize(colours[..., k], *size) for k in range(colours.shape[2])], axis=-1)
