"""A design drawn on a strip or a plate: the field of motifs, borders and ground, in the manner of its technique."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from . import borders, drawn, grounds, layout_field, layout_plate, layout_strip
from .families import FAMILIES, Options
from .manner import SUNK, manner
from .repeat import finish
from .sources import Source, default_design_motifs, find
from .strip import Plate, Strip

if TYPE_CHECKING:
    from ..words.design import Design

__all__ = ["default_design_motifs", "draw", "resolve"]


def resolve(design: Design, surface: Strip | Plate) -> tuple[list[Source], list[str]]:
    """The motifs that were found, and the names that nothing here draws.

    A strip takes a name as a family first, a plate as a figure first, both as a silhouette of the library last. Without any motif
    the design gets a fitting default, unless it avoids every "motif".
    """
    strip = isinstance(surface, Strip)
    sources, missing = [], []
    for motif in design.motifs:
        if motif.weight <= 0:
            continue
        weight = max(float(motif.weight), 0.05)
        source = Source(motif.name, "drawn", weight, motif.name, drawn.unpack(motif.cell)) if motif.cell else find(motif.name, strip, weight)
        if source is None:
            missing.append(motif.name)
        elif motif.name not in design.avoid:
            sources.append(source)
    if not sources and "motif" not in design.avoid:
        names = default_design_motifs(design.form, design.technique, design.period)
        found = [find(name, strip) for name in names if name not in design.avoid]
        sources = [s for s in found if s is not None] or [Source("rosette", "family" if strip else "cell")]
    return sources, missing


def draw(design: Design, surface: Strip | Plate, seed: int = 0) -> np.ndarray:
    """The height picture of a design.

    Parameters
    ----------
    design : Design
    surface : Strip or Plate
    seed : int
        Varies the free numbers of families gently; the same seed gives the same pixels.

    Returns
    -------
    (rows, columns) float32 in [0, 1], its highest point 1. For the crafts that sink (``manner.SUNK``) 1 is the deepest place. A
    design that wants no motif, no border and no ground is level metal: all 1 (all 0 where the craft sinks).
    """
    sources, _ = resolve(design, surface)
    rng = np.random.default_rng(_number(design, seed))
    if not sources and design.border == "none" and design.ground == "plain" and design.technique != "hammered":
        return np.full((surface.rows, surface.columns), design.technique not in SUNK, np.float32)
    if isinstance(surface, Strip):
        return _on_strip(design, surface, sources, seed, rng)
    return _on_plate(design, surface, sources, seed, rng)


def _number(design: Design, seed: int) -> int:
    """A seed that depends on the motifs too, so that two designs of one seed do not share their chances."""
    words = "|".join(m.name for m in design.motifs) + f"|{design.technique}|{seed}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


def _on_strip(design: Design, strip: Strip, sources: list[Source], seed: int, rng: np.random.Generator) -> np.ndarray:
    wide = borders.width(design.border, strip.width)
    breath = max(0.22 * wide, 0.12) if wide else 0.0
    rows, field = strip.band(wide + breath, strip.width - wide - breath)
    pixel = min(strip.length / strip.columns, strip.width / strip.rows)
    picture = np.zeros((strip.rows, strip.columns), np.float32)
    ornament = finish(_field(design, field, sources, seed, rng)) if sources else np.zeros((field.rows, field.columns), np.float32)
    if design.layout == "mirror":
        ornament = np.maximum(ornament, 0)[:, : (strip.columns + 1) // 2]
        ornament = np.concatenate([ornament, ornament[:, ::-1][:, strip.columns % 2 :]], 1)
    picture[rows] = ornament
    rails = np.zeros_like(picture)
    if wide:
        upper, edge = strip.band(strip.width - wide, strip.width)
        rails[upper] = 0.8 * borders.border(design.border, edge)
        rails = np.maximum(rails, rails[::-1])
    bare = np.maximum(picture, rails)
    picture = _worked(picture, rails, design, sources, (strip.length, strip.width), strip.periodic)
    name = _ground(design)
    if name != "plain" and not _fills(sources):
        under = np.zeros_like(picture)
        under[rows] = grounds.ground(name, field, rng)
        picture = _grounded(finish(picture), bare, under, design, 0.14 / pixel, strip.periodic)
    return finish(picture)


def _worked(ornament: np.ndarray, border: np.ndarray, design: Design, sources: list[Source], size: tuple[float, float], periodic: bool) -> np.ndarray:
    """Ornament and border in one, in the manner of the technique: what sinks takes both, the others leave the border as it is.

    A family that already is the technique stays as it is too.
    """
    own = {"scroll": "filigree", "granulation": "granulation"}
    if design.technique in SUNK:
        return manner(np.maximum(ornament, border), design.technique, *size, periodic)
    if not any(own.get(s.name) == design.technique and s.kind == "family" for s in sources):
        ornament = manner(ornament, design.technique, *size, periodic)
    return np.maximum(ornament, border)


def _grounded(
    picture: np.ndarray, bare: np.ndarray, texture: np.ndarray, design: Design, fade: float, periodic: bool, inside: np.ndarray | float = 1.0
) -> np.ndarray:
    """The worked picture with a punched ground round the ``bare`` ornament, raised or sunk as the craft is; ``inside`` is its share."""
    if design.technique in SUNK:
        return grounds.sink_round(picture, bare, grounds.LEVEL - texture, fade, periodic, inside)
    if design.technique == "repousse":  # its ground lies a little above the line round the forms, so the punches go into it
        return grounds.lay_under(picture, texture * inside, fade, periodic, bare)
    return grounds.lay_under(picture, texture * inside, fade, periodic)


def _ground(design: Design) -> str:
    """The ground, hammered of itself when the technique is."""
    return "hammered" if design.technique == "hammered" and design.ground == "plain" else design.ground


def _fills(sources: list[Source]) -> bool:
    """Whether the only ornament is a texture that leaves no ground."""
    return len(sources) == 1 and sources[0].kind == "family" and sources[0].name in ("hammered", "scale", "feather", "wave", "tortoiseshell")


def _field(design: Design, strip: Strip, sources: list[Source], seed: int, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) the motifs on the strip between the borders."""
    layout, technique = design.layout, design.technique
    lone = sources[0].weight if len(sources) == 1 else 1.0
    options = Options(design.repeats or design.symmetry, design.mirror or layout == "mirror", min(max(lone, 0.25), 4.0) ** -0.5)
    figures = [s if s.kind != "family" else find_figure(s) for s in sources]
    whole = [s for s, f in zip(sources, figures) if f is None]
    single = [f for f in figures if f is not None]
    if layout in ("roundel", "medallion") and single and not whole:
        return layout_strip.frieze(strip, single, options, technique, seed, frames=True)
    if layout == "single" and single:
        return layout_strip.single(strip, single, technique, seed)
    if layout == "diaper" and single:
        return layout_strip.diaper(strip, single, options, technique, seed)
    if len(sources) == 1 and sources[0].kind == "family":
        return FAMILIES[sources[0].name](strip, rng, options)
    if not single:
        return layout_strip.bands(strip, whole, options, rng)
    if whole:
        return layout_strip.medallions(strip, whole[0], single, options, technique, seed, rng)
    return layout_strip.frieze(strip, single, options, technique, seed)


def find_figure(source: Source) -> Source | None:
    """The figure of the same name as a family, if there is one."""
    from .cells import CELLS

    return Source(source.name, "cell", source.weight, source.word) if source.name in CELLS else None


def _on_plate(design: Design, plate: Plate, sources: list[Source], seed: int, rng: np.random.Generator) -> np.ndarray:
    _, _, depth = borders.centre(plate)
    wide = borders.width(design.border, 1.1 * depth)
    breath = max(0.35 * wide, 0.05 * depth)
    rim = 0.02 * depth if wide else 0.0
    edge = rim + wide + breath
    pixel = plate.size_x / plate.columns
    layout = design.layout
    if layout in ("auto", "frieze"):
        layout = "roundel" if layout_plate.is_round(plate) and 2 * depth > 13 else "single"
    fold, technique = design.symmetry or design.repeats, design.technique
    if not sources:
        picture = np.zeros(plate.outline.shape, np.float32)
    elif layout == "roundel":
        picture = layout_plate.roundel(plate, edge, sources, technique, seed, fold)
    elif layout == "radial":
        picture = layout_plate.radial(plate, edge, sources, technique, seed, fold)
    elif sources[0].kind == "family":
        picture = layout_field.all_over(plate, edge, sources[0], seed)
    elif layout == "diaper":
        picture = layout_field.diaper(plate, edge, sources, technique, seed)
    elif layout == "medallion":
        picture = layout_plate.medallion(plate, edge, sources[0], technique, seed)
    else:
        picture = layout_field.fitted(plate, edge, sources, technique, seed, layout == "mirror", layout == "single" and layout_plate.is_round(plate))
    if layout == "mirror":
        picture = np.maximum(picture, picture[:, ::-1])
    rails = np.zeros_like(picture)
    if wide:
        rails = 0.8 * borders.follow(plate, rim, rim + wide, lambda strip: borders.border(design.border, strip))
    bare = np.maximum(finish(picture), rails)
    picture = _worked(finish(picture), rails, design, sources, (plate.size_x, plate.size_y), False)
    name = _ground(design)
    if name != "plain":
        flat = Strip(plate.size_x, plate.size_y, plate.columns, plate.rows, False)
        inside = np.clip((plate.outline - rim - wide - 0.3 * breath) / (0.5 * breath), 0.0, 1.0)
        picture = _grounded(finish(picture), bare, grounds.ground(name, flat, rng), design, 0.14 / pixel, False, inside)
    return finish(picture * (plate.outline > 0))
