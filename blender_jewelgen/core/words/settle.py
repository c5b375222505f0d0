"""What was heard to one Design: ambiguous words decided, contradictions noted, lengths and shapes fitted to the form."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .claims import IMPLIED, MEASURED, NAMED, WEAK, Claim, one_gold
from .design import SINGLE, Design, Motif
from .hear import FindMotif, Heard
from .keys import DRAWN, FORMS, SHAPES
from .terms import Term

TOGETHER = {  # crafts that are named in one breath: the reading, and why
    frozenset(("repousse", "chasing")): ("repousse", "chasing finishes repoussé from the front; the technique is repousse"),
    frozenset(("filigree", "openwork")): ("filigree", "openwork filigree is filigree without a back plate; the technique is filigree"),
}
BORDER_OF = {"granulation": "beaded", "bead": "beaded", "rope": "rope", "braid": "rope", "bead-and-reel": "bead-and-reel",
             "egg-and-dart": "egg-and-dart", "meander": "meander", "leaf": "leaf", "laurel": "leaf", "vine": "leaf", "acanthus": "leaf",
             "wave": "wave", "running-wave": "wave"}  # fmt: skip
SILENT = ("filler", "negation")
DEFAULTS = {f.name: f.default for f in fields(Design) if f.name in SINGLE}


@dataclass(frozen=True)
class Chip:
    """A stretch of the prompt and what it says."""

    slot: str  # a field of Design, "motif", "text", "filler", "negation", "later" or "unknown"
    value: str
    words: str
    start: int
    end: int


class _Desk:
    """Collects the claims of one prompt."""

    def __init__(self, heard: list[Heard], notes: list[str], find_motif: FindMotif | None) -> None:
        self.heard = heard
        self.notes = notes
        self.find_motif = find_motif
        self.claims: dict[str, list[Claim]] = {}
        self.motifs: dict[str, float] = {}
        self.avoid: list[str] = []
        self.unknown: list[str] = []
        self.weights: list[tuple[str, float]] = []
        self.chips: list[Chip] = []
        self.periods: list[Term] = []

    def claim(self, slot: str, value: Any, rank: int, one: Heard, says: str = "") -> None:
        self.claims.setdefault(slot, []).append(Claim(value, rank, one.weight, one.start, says))

    def pick(self, slot: str) -> Any:
        """The value with the strongest claim; the last one among equals. Notes what lost to it."""
        claims = self.claims.get(slot)
        if not claims:
            return DEFAULTS[slot]
        best = max(claims, key=lambda claim: claim.order)
        told = [c.value for c in claims if c.rank > WEAK or best.rank == WEAK or (slot == "metal" and _base(c.value) != _base(best.value))]
        values = list(dict.fromkeys(str(value) for value in told))
        if len(values) > 1:
            self.notes.append(f"{slot}: {', '.join(values)} named; {best.value} is used")
        return best.value

    def named(self, slot: str) -> bool:
        return slot in self.claims


def settle(prompt: str, heard: list[Heard], notes: list[str], find_motif: FindMotif | None) -> tuple[Design, tuple[Chip, ...]]:
    """The Design of everything heard, and a chip for each stretch. Notes say what was decided against the letter."""
    desk = _Desk(heard, list(notes), find_motif)
    terms = _bordering(heard, _decide(heard))
    for one, term in zip(heard, terms, strict=True):
        _file(desk, one, term)
    values: dict[str, Any] = {"form": _form(desk)}
    _lengths(desk, values["form"])
    _technique(desk)
    if desk.named("metal"):
        desk.claims["metal"], told = one_gold(desk.claims["metal"])
        desk.notes += told
    for slot in SINGLE:
        if slot not in values:
            values[slot] = desk.pick(slot)
    _shape(desk, values)
    _avoid(desk, values)
    _period(desk, values)
    design = Design(
        prompt=prompt, motifs=tuple(Motif(name=name, weight=weight) for name, weight in desk.motifs.items()),
        avoid=tuple(dict.fromkeys(desk.avoid)), weights=tuple(dict.fromkeys(desk.weights)), unknown=tuple(dict.fromkeys(desk.unknown)),
        notes=tuple(dict.fromkeys(desk.notes)), **values,
    )  # fmt: skip
    return design, tuple(desk.chips)


def _decide(heard: list[Heard]) -> list[Term | None]:
    """One reading for each stretch: the first whose conditions hold among what the unambiguous stretches name."""
    named: dict[str, set[str]] = {}
    for one in heard:
        if len(one.readings) == 1 and not one.avoid and one.weight > 0:
            term = one.readings[0]
            for slot, value in ((term.slot, term.value), *term.also.items()):
                named.setdefault(slot, set()).add(str(value))

    def holds(term: Term) -> bool:
        return all(bool(named.get(slot, set()) & set(values)) if values else slot not in named for slot, values in term.when.items())

    def reading(one: Heard) -> Term | None:
        if not one.readings or one.avoid:  # the last reading is the ornament, not the form: "--no beads"
            return one.readings[-1] if one.readings else None
        return next((term for term in one.readings if holds(term)), one.readings[-1])

    return [reading(one) for one in heard]


def _bordering(heard: list[Heard], terms: list[Term | None]) -> list[Term | None]:
    """"Rope border", "border of leaves": a border without a kind takes the kind of the ornament beside it."""
    terms = list(terms)
    for i, term in enumerate(terms):
        if not term or term.slot != "border" or not term.weak:
            continue
        beside_it = [i - 1] if i and heard[i].start - heard[i - 1].end <= 1 else []
        beside_it += [i + 2] if i + 2 < len(terms) and heard[i + 1].words.lower() == "of" else []
        for j in beside_it:
            beside = terms[j]
            if beside and str(beside.value) in BORDER_OF and heard[j].avoid == heard[i].avoid:
                terms[i] = Term("border", BORDER_OF[str(beside.value)])
                terms[j] = Term("filler", "")
                break
    return terms


def _file(desk: _Desk, one: Heard, term: Term | None) -> None:
    """Put one stretch where it belongs: a claim, a motif, the avoid list or the unknown words."""
    slot = term.slot if term else "unknown"
    value = str(term.value) if term else one.words
    if slot == "motif" and term:
        value, is_neighbour = _known_motif(desk, term)
        if not value and not one.avoid:
            slot = "unknown"
            desk.notes.append(f"the library has no {term.value}")
        elif is_neighbour and not one.avoid:
            desk.notes.append(f"the library has no {term.value}; {value} is used")
        value = value or (str(term.value) if one.avoid else one.words)
    if slot in ("unknown", "later", "other") and not one.avoid:
        desk.unknown.append(one.words)
    shown = "avoid" if one.avoid and slot not in SILENT else "unknown" if slot == "other" else slot
    desk.chips.append(Chip(shown, value, one.words, one.start, one.end))
    if slot in SILENT and not (term and term.note):
        return
    if one.written and not one.avoid:
        name = value if term and term.value and isinstance(term.value, str) else one.words.lower()
        desk.weights.append((name, one.weight))
    if one.avoid:
        generic = term is not None and term.weak and slot == "border"
        desk.avoid.append("border" if generic else value if term and slot not in ("later", "other") else one.words.lower())
        return
    if not one.weight:
        desk.notes.append(f"{one.words} has weight 0 and is left out")
        return
    if term is None or slot == "unknown":
        return
    if term.note:
        desk.notes.append(term.note)
    if slot == "motif":
        desk.motifs[value] = max(desk.motifs.get(value, 0.0), one.weight)
    elif slot not in ("later", "other", *SILENT):
        desk.claim(slot, term.value, WEAK if term.weak else MEASURED if one.measured else NAMED, one, term.says)
    if slot == "period":
        desk.periods.append(term)
    for also, wanted in term.also.items():
        if also == "motif":
            desk.motifs[wanted] = max(desk.motifs.get(wanted, 0.0), one.weight)
        else:
            desk.claim(also, True if also == "mirror" else wanted, WEAK if term.weak else IMPLIED, one)


def _known_motif(desk: _Desk, term: Term) -> tuple[str, bool]:
    """The name under which the term's motif can be drawn, and whether it is a neighbour's; "" if the library lacks them all."""
    for place, name in enumerate((str(term.value), *term.near)):
        if name in DRAWN or desk.find_motif is None or term.says == "library":
            return name, place > 0
        found = desk.find_motif(name)
        if found:
            return found, place > 0
    return "", False


def _form(desk: _Desk) -> str:
    if desk.named("form"):
        return desk.pick("form")
    shapes = [claim.value for claim in desk.claims.get("shape", ())]
    for form in FORMS if shapes else ():
        if shapes[-1] in SHAPES[form] and shapes[-1] not in SHAPES["band"]:
            form = "pendant" if shapes[-1] in SHAPES["pendant"] else form
            desk.notes.append(f"a {shapes[-1]} shape without a form is made as a {form}")
            return form
    return DEFAULTS["form"]


def _lengths(desk: _Desk, form: str) -> None:
    """A length that says only "mm" or "diameter" is a size or a width, as the form suggests."""
    inner = {"band": (13.0, 25.0), "signet": (13.0, 25.0), "bangle": (45.0, 80.0), "cuff": (40.0, 80.0)}.get(form)
    for claim in desk.claims.get("across", ()):
        slot, value = ("size", f"{claim.value:g} mm") if inner else ("width", claim.value)
        desk.claims.setdefault(slot, []).append(Claim(value, claim.rank, claim.weight, claim.place))
    for claim in desk.claims.get("bare", ()):
        if inner and inner[0] <= claim.value <= inner[1]:
            desk.notes.append(f"{claim.value:g} mm is taken as the inner diameter")
            desk.claims.setdefault("size", []).append(Claim(f"{claim.value:g} mm", IMPLIED, claim.weight, claim.place))
        else:
            desk.claims.setdefault("width", []).append(Claim(claim.value, IMPLIED, claim.weight, claim.place))
    for slot in ("repeats", "symmetry"):
        desk.claims[slot] = [Claim(int(c.value), c.rank, c.weight, c.place) for c in desk.claims.get(slot, ())]


def _technique(desk: _Desk) -> None:
    claims = desk.claims.get("technique", [])
    strong = frozenset(claim.value for claim in claims if claim.rank > WEAK)
    for pair, (value, why) in TOGETHER.items():
        if pair == strong:
            desk.claims["technique"] = [claim for claim in claims if claim.value == value]
            desk.notes.append(why)


def _shape(desk: _Desk, values: dict[str, Any]) -> None:
    shape, form = values["shape"], values["form"]
    if shape and shape not in SHAPES[form]:
        desk.notes.append(f"shape {shape} is not made for a {form}; the form's own shape is used")
        values["shape"] = ""


def _avoid(desk: _Desk, values: dict[str, Any]) -> None:
    """Take back what is asked for and avoided at once; the default stays even if it is avoided."""
    none_at_all = any(claim.value == "motif" for claim in desk.claims.get("avoid", ()))
    if none_at_all and not desk.motifs:
        desk.avoid.append("motif")
    for name in [name for name in desk.motifs if name in desk.avoid]:
        del desk.motifs[name]
        desk.notes.append(f"motif {name} is asked for and avoided; it is left out")
    for slot in ("form", "technique", "layout", "border", "ground", "metal", "finish"):
        avoided = values[slot] in desk.avoid or (slot == "border" and "border" in desk.avoid)
        if avoided and values[slot] != DEFAULTS[slot]:
            desk.notes.append(f"{slot} {values[slot]} is asked for and avoided; {DEFAULTS[slot]} is used")
            values[slot] = DEFAULTS[slot]


def _period(desk: _Desk, values: dict[str, Any]) -> None:
    """A period brings its own motif where none is named."""
    for term in desk.periods:
        motif = term.default.get("motif", "")
        if term.value == values["period"] and motif and not desk.motifs and not {"motif", motif} & set(desk.avoid):
            desk.motifs[motif] = 1.0
            desk.notes.append(f"{term.value} with no motif named: {motif}")


def _base(metal: Any) -> str:
    return str(metal).partition("-")[0]
