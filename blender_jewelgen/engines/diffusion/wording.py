"""What is said to a picture model: a design as a prompt of slots, each with its weight, for a height or for a photograph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.pattern.strip import Plate, Strip

if TYPE_CHECKING:
    from ...core.diffusion import DiffusionParams
    from ...core.words.design import Design

HEIGHT_NEVER = "shadow, shading, highlight, reflection, perspective, colour, photograph, text, watermark, frame, cropped, blur, noise"
PHOTO_NEVER = "hands, skin, mannequin, text, watermark, cropped, blur, plastic, extra stones, perspective"
_OBJECTS = {
    "band": "frieze for a ring", "bangle": "frieze for a bangle", "cuff": "frieze for a cuff", "bead": "ornament for a bead", "signet": "head of a signet ring",
    "mesh": "ornament",
}  # fmt: skip
_CRAFTS = {
    "relief": "carved bas-relief", "repousse": "repoussé and chased relief", "stepped": "stepped relief of flat levels", "chasing": "chased line relief",
    "engraving": "engraved ornament", "filigree": "filigree of round wires", "granulation": "granulation of small balls", "hammered": "hammered surface",
    "openwork": "pierced openwork",
}  # fmt: skip
_MARKS = {
    "repousse": "crisp chased contours, softly rounded forms", "relief": "rounded forms, crisp edges", "stepped": "flat terraces, sharp steps",
    "chasing": "fine tool lines", "engraving": "clean cut lines", "filigree": "even wire scrolls", "granulation": "even round grains",
    "hammered": "shallow facets", "openwork": "bold connected bars",
}  # fmt: skip
_GROUNDS = {
    "plain": "plain ground", "fish-roe": "ground of small rings", "punched": "punched ground", "striped": "striped ground", "hammered": "hammered ground"
}
_LAYOUTS = {
    "frieze": "frieze", "diaper": "all-over diaper", "roundel": "row of roundels", "medallion": "centred medallion", "radial": "radial symmetry",
    "mirror": "mirror symmetry", "single": "one centred motif",
}  # fmt: skip


def prompts(design: Design, diffusion: DiffusionParams, surface: Strip | Plate, repeated: bool) -> tuple[str, str]:
    """(prompt, negative) with weights as ``core.words.weights`` reads them; ``repeated``: its sides run on into each other.

    A prompt that a person gave is taken as it is.
    """
    prompt = diffusion.prompt.strip() or ", ".join(slots(design, diffusion.manner, surface, repeated).values())
    never = HEIGHT_NEVER if diffusion.manner == "height" else PHOTO_NEVER
    avoid = [name.replace("-", " ") for name in design.avoid if name != "motif"]
    return prompt, ", ".join(part for part in (diffusion.negative.strip(), *avoid, never) if part)


def slots(design: Design, manner: str, surface: Strip | Plate, repeated: bool) -> dict[str, str]:
    """The prompt's parts by name, in the order in which they are said; what is empty is left out."""
    weights = dict(design.weights)
    craft, form = _CRAFTS.get(design.technique, design.technique), _OBJECTS.get(design.form, design.form)
    said = {
        "style": "grayscale height map" if manner == "height" else "product photograph",
        "motifs": _motifs(design),
        "object": _weighed(f"{form}", weights.get(design.form)),
        "craft": _weighed(craft, weights.get(design.technique)),
        "period": f"{design.period.replace('-', ' ')} style" if design.period else "",
        "words": ", ".join(_weighed(word, weights.get(word)) for word in design.unknown[:8]),
        "marks": _MARKS.get(design.technique, ""),
        "ground": _GROUNDS.get(design.ground, ""),
        "composition": _composition(design, surface, repeated),
        "border": f"{design.border.replace('-', ' ')} border along both edges" if design.border != "none" else "",
        "depth": _depth(design),
    }
    if manner == "height":
        said["view"] = "orthographic front view, no perspective"
        said["background"] = "black is low, white is high"
        said["lighting"] = "no light, no shadows"
    else:
        said["material"] = f"{design.finish} {_metal(design.metal)}"
        said["view"] = "orthographic top view, macro"
        said["background"] = "neutral background"
        said["lighting"] = "raking light"
    return {name: text for name, text in said.items() if text}


def _motifs(design: Design) -> str:
    wanted = [motif for motif in design.motifs if motif.weight > 0.0]
    if not wanted:
        return "" if "motif" in design.avoid else "scroll ornament"
    usual = sum(motif.weight for motif in wanted) / len(wanted)
    return " and ".join(_weighed(motif.name.replace("-", " "), round(motif.weight / usual, 2)) for motif in wanted)


def _composition(design: Design, surface: Strip | Plate, repeated: bool) -> str:
    parts = [_LAYOUTS[design.layout]] if design.layout in _LAYOUTS else []
    if design.symmetry > 1:
        parts.append(f"{design.symmetry}-fold rotational symmetry")
    if design.mirror:
        parts.append("mirrored")
    if repeated:
        parts.append("seamless repeating pattern")
    elif isinstance(surface, Plate) and not parts:
        parts.append("centred")
    return ", ".join(parts)


def _depth(design: Design) -> str:
    if design.depth is None:
        return "low relief"
    return "very low relief" if design.depth < 0.3 else "low relief" if design.depth < 1.0 else "high relief"


def _metal(name: str) -> str:
    return " ".join(word for word in reversed(name.split("-")) if not word.isdigit())


def _weighed(text: str, weight: float | None) -> str:
    """The words with their weight in brackets; 1 needs none, 0 leaves them out."""
    if weight is None or weight == 1.0:
        return text
    return f"({text}){weight:g}" if weight > 0.0 else ""
