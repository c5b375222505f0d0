"""What words want for a slot, how strongly, and how half-named golds become one metal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .keys import METALS

WEAK, IMPLIED, NAMED, MEASURED = range(4)  # a generic word, a side meaning, an exact word, a number with its unit


@dataclass(frozen=True)
class Claim:
    """A value that some words want for a slot."""

    value: Any
    rank: int
    weight: float
    place: int
    says: str = ""

    @property
    def order(self) -> tuple[int, float, int]:
        return self.rank, self.weight, self.place


def one_gold(claims: list[Claim]) -> tuple[list[Claim], list[str]]:
    """Claims for metals with all golds as one, and notes; gold is named in halves: "rose gold, 18k".

    The table of alloys has no 10k rose and no coloured 22k: the nearest that has the colour is taken.
    """
    golds = sorted((c for c in claims if c.value.startswith("gold-") and c.rank > WEAK), key=lambda claim: claim.order)
    if not golds:
        return claims, []
    karats = [claim.value.split("-")[1] for claim in golds if claim.says != "colour"]
    colours = [[*claim.value.split("-"), "yellow"][2] for claim in golds if claim.says != "karat"]
    notes = [
        f"metal: {', '.join(dict.fromkeys(values))} gold named; {values[-1]} is used"
        for values in (karats, colours) if len(set(values)) > 1
    ]  # fmt: skip
    karat, colour = (karats or ["18k"])[-1], (colours or ["yellow"])[-1]
    pure = karat in ("22k", "24k")
    named = f"gold-{karat}" if pure and colour == "yellow" else f"gold-{karat}-{colour}"
    wanted = named if named in METALS else f"gold-{'18k' if pure else '14k'}-{colour}"
    if wanted != named:
        notes.append(f"{karat} {colour} gold is not in the table of alloys; {wanted} is used")
    best = golds[-1]
    others = [claim for claim in claims if not claim.value.startswith("gold-")]
    return [*others, Claim(wanted, best.rank, best.weight, best.place)], notes
