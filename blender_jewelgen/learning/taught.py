"""The words the motif model is taught: drawings of the library by subject, and more of them from free collections.

Chosen for jewelry, and for silhouettes that a 64 px cell can show; no emblems of companies or games are among them. The last
drawing of the library of a subject with four or more is kept for measuring.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..core.pattern.outline import cover, flatten
from ..core.pattern.paths import contours

SUBJECTS: dict[str, tuple[str, ...]] = {
    subject: tuple(drawings.split())
    for subject, drawings in {
        "dragon": "wyvern sea-dragon dragon-head drakkar-dragon dragon-spiral sea-serpent spiked-dragon-head",
        "mythical beast": "griffin-symbol unicorn pegasus greek-sphinx mermaid",
        "medusa": "medusa-head",
        "ouroboros": "ouroboros",
        "lion": "lion",
        "tiger": "tiger-head",
        "wolf": "wolf-head wolf-howl",
        "fox": "fox-head fox",
        "bear": "bear-head",
        "cat": "cat",
        "hound": "hound",
        "horse": "horse-head",
        "elephant": "elephant elephant-head",
        "bull": "bull",
        "ram": "ram-profile",
        "deer": "deer-head stag-head deer",
        "rabbit": "rabbit",
        "panda": "panda",
        "bat": "bat evil-bat",
        "snake": "snake snake-spiral snake-tongue snake-totem rattlesnake",
        "gecko": "gecko salamander",
        "frog": "frog",
        "turtle": "tortoise sea-turtle turtle",
        "owl": "owl barn-owl",
        "eagle": "eagle-head eagle-emblem hawk-emblem",
        "bird": "dove peace-dove hummingbird swan raven heron sparrow",
        "flamingo": "flamingo",
        "rooster": "rooster",
        "feather": "feather two-feathers",
        "wing": "feathered-wing angel-wings liberty-wing bat-wing curly-wing fluffy-wing",
        "butterfly": "butterfly-flower",
        "dragonfly": "dragonfly",
        "bee": "bee",
        "ladybug": "ladybug",
        "scarab": "scarab-beetle gold-scarab",
        "spider": "spider-alt masked-spider angular-spider",
        "scorpion": "scorpion",
        "snail": "snail",
        "fish": "tropical-fish salmon double-fish clownfish piranha",
        "dolphin": "dolphin",
        "whale": "sperm-whale whale-tail",
        "seahorse": "seahorse",
        "starfish": "sea-star",
        "jellyfish": "jellyfish",
        "octopus": "octopus giant-squid",
        "crab": "crab",
        "shell": "scallop nautilus-shell ammonite spiral-shell swirled-shell",
        "coral": "coral",
        "anchor": "anchor",
        "ship": "ship-wheel sailboat caravel",
        "compass": "compass",
        "trident": "trident",
        "wave": "big-wave waves",
        "drop": "drop",
        "lotus": "lotus lotus-flower",
        "rose": "rose shut-rose",
        "flower": "daisy sunflower jasmine viola poppy flower-emblem dandelion-flower twirly-flower",
        "leaf": "oak-leaf maple-leaf ginkgo-leaf vine-leaf fern monstera-leaf linden-leaf",
        "shamrock": "shamrock clover",
        "laurel": "laurels olive",
        "tree": "palm-tree pine-tree oak bonsai-tree willow-tree",
        "bamboo": "bamboo",
        "wheat": "wheat",
        "vine": "curling-vines thorny-vine vine-flower",
        "mushroom": "mushroom",
        "acorn": "acorn",
        "fruit": "grapes cherry pear strawberry pineapple shiny-apple",
        "crown": "crown queen-crown imperial-crown jewel-crown tiara crenel-crown",
        "fleur de lys": "fleur-de-lys",
        "horseshoe": "horseshoe",
        "torch": "torch",
        "key": "key skeleton-key star-key",
        "padlock": "padlock",
        "hourglass": "hourglass",
        "bell": "ringing-bell",
        "harp": "lyre harp",
        "violin": "violin",
        "clef": "g-clef",
        "cross": "iron-cross gothic-cross jerusalem-cross templar-heart cross-shield",
        "ankh": "ankh",
        "caduceus": "caduceus",
        "yin yang": "yin-yang",
        "eye": "eye-of-horus all-seeing-eye third-eye burning-eye",
        "dream catcher": "dream-catcher",
        "sun": "sun heraldic-sun orbital-rays barbed-sun aztec-calendar-sun",
        "moon": "moon eclipse moon-bats",
        "star": "polar-star beveled-star seven-pointed-star falling-star round-star",
        "snowflake": "snowflake-1 snowflake-2 azul-flake tension-snowflake",
        "cloud": "fluffy-cloud fluffy-swirl",
        "mountain": "mountains fuji",
        "lightning": "lightning-trio",
        "heart": "hearts heart-wings locked-heart crowned-heart heart-drop nested-hearts",
        "knot": "knot triquetra bowen-knot",
        "infinity": "infinity",
        "spiral": "divided-spiral triple-yin bowl-spiral triple-shells star-swirl",
        "aries": "aries",
        "taurus": "taurus",
        "gemini": "gemini",
        "leo": "leo",
        "virgo": "virgo",
        "scorpio": "scorpio",
        "sagittarius": "sagittarius",
        "capricorn": "capricorn",
        "aquarius": "aquarius",
        "pisces": "pisces",
        "libra": "scales",
        "flame": "flame fire celebration-fire",
        "mask": "carnival-mask",
        "skull": "calavera",
        "hand": "hand palm",
        "pagoda": "pagoda",
        "diamond": "cut-diamond",
        "bow": "bow-tie-ribbon",
        "arrow": "branch-arrow",
    }.items()
}
TAUGHT = {drawing: subject for subject, drawings in SUBJECTS.items() for drawing in (drawings[:-1] if len(drawings) >= 4 else drawings)}
"""Every drawing of the library that is taught, and its subject."""


@dataclass(frozen=True)
class Drawing:
    """One drawing of a free collection: SVG paths in a box of ``size`` (width, height), each filled by itself."""

    subject: str
    name: str
    size: tuple[float, float]
    even_odd: bool
    paths: tuple[str, ...]

    def covered(self, side: int) -> np.ndarray:
        """(side, side) bool, the box in the middle of the square."""
        width, height = self.size
        whole = np.zeros((side, side), bool)
        for path in self.paths:
            outlines = [np.array([[(z.real, z.imag) for z in cubic] for cubic in contour]) for contour in contours(path)]
            outlines = [(outline + (max(self.size) - np.array([width, height])) / 2.0) / max(self.size) for outline in outlines]
            if self.even_odd:
                whole |= np.logical_xor.reduce([cover(flatten([outline], side), side) > 0.5 for outline in outlines])
            else:
                whole |= cover(flatten(outlines, side), side) > 0.5
        return whole


@cache
def free_drawings() -> tuple[Drawing, ...]:
    """All of scripts/drawings.json, made by build_drawings.py; they are in the repository alone (sources and licences: ATTRIBUTION.md)."""
    rows = json.loads((Path(__file__).resolve().parents[2] / "scripts" / "drawings.json").read_text(encoding="utf-8"))["drawings"]
    return tuple(Drawing(**{**row, "size": tuple(row["size"]), "paths": tuple(row["paths"])}) for row in rows)


@cache
def subject_of() -> dict[str, str]:
    """Every drawing that is taught, of the library or free, and its subject."""
    return TAUGHT | {drawing.name: drawing.subject for drawing in free_drawings()}
