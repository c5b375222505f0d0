"""The composer with motifs of the motif model's own: two things in one figure, and things the library does not have."""

from __future__ import annotations

from dataclasses import replace

from ..core.errors import BadInput
from ..core.pattern import compose, drawn, motifs
from ..core.pattern.cells import CELLS
from ..core.pipeline import Answer, Order, Tell
from ..core.words.design import Design, Motif
from ..core.words.vectors import embed
from . import motif
from .motif.words import JOINERS, joins, said

_LEAST = 0.45  # score below which what the library has is better
_NEAR = 0.5  # cosine between words and the nearest thing the model was taught, below which it would draw anything


def wanted(design: Design) -> bool:
    """Whether the model draws what the library cannot: two things in one, words that name nothing it has, or drawings kept before."""
    return any(m.cell for m in design.motifs) or joins(design) or bool(_strange(design))


def draw(order: Order, tell: Tell) -> Answer:
    """The pattern of an order, and its design with the drawings that were made; same seed, same pixels.

    Raises BadInput where the model is asked for by name and cannot run; for "auto" the library draws, with a note.
    """
    design, notes, credit = order.design, (), {}
    try:
        design, notes = _with_drawings(order, lambda share, text: tell(0.6 * share, text))
        credit = _weights()
    except BadInput as error:
        if order.engine != "auto" or error.field != "engine":
            raise
        notes = (f"the library drew the motifs: {error}",)
    tell(0.6, "drawing the pattern")
    _, missing = compose.resolve(design, order.surface)
    return Answer(compose.draw(design, order.surface, order.seed), credit, missing=tuple(missing), design=design, notes=notes)


def _with_drawings(order: Order, tell: Tell) -> tuple[Design, tuple[str, ...]]:
    """The design, its motifs drawn by the model where that helps, and notes that say how."""
    design, named = order.design, order.engine == "motif"
    figures = [m for m in design.motifs if m.weight > 0 and not m.cell and (m.name in CELLS or m.name in motifs.names())]
    if joins(design) and len(figures) >= 2:
        first, second = figures[:2]
        share = second.weight / (first.weight + second.weight)
        wish = motif.Wish(prompt=said(first.name), blend=said(second.name), share=share, function="blend", seed=order.seed)
        name = f"{said(first.name)} with {said(second.name)}"[:80]
        best = motif.draw(wish, tell)[0]
        if best.score < _LEAST and not named:
            return design, (f"the motif model's {name} did not come out well, so both are drawn apart",)
        one = Motif(name=name, weight=max(first.weight, second.weight), cell=drawn.pack(best.field))
        kept = tuple(one if m is first else m for m in design.motifs if m is not second)
        heard = tuple(word for word in design.unknown if word not in JOINERS)
        return replace(design, motifs=kept, unknown=heard), (_credit(name, best),)
    strange = _strange(design)
    if strange:
        wish = motif.Wish(prompt=" ".join(strange), function="invent", seed=order.seed)
        best, name = motif.draw(wish, tell)[0], " ".join(strange)[:80]
        left = tuple(word for word in design.unknown if word not in strange)
        return replace(design, motifs=(Motif(name=name, cell=drawn.pack(best.field)),), unknown=left), (_credit(name, best),)
    if not named:
        return design, ()
    made, notes = {}, []
    for number, one in enumerate(figures):
        wish = motif.Wish(prompt=said(one.name), vary=one.name, function="vary", count=4, seed=order.seed)
        best = motif.draw(wish, lambda share, text, done=number: tell((done + share) / len(figures), text))[0]
        made[one] = replace(one, cell=drawn.pack(best.field))
        notes.append(_credit(one.name, best))
    return replace(design, motifs=tuple(made.get(m, m) for m in design.motifs)), tuple(notes)


def _weights() -> dict[str, str]:
    """What a recipe keeps of the weights; nothing where there are none, for drawings kept before need none."""
    from .motif.files import revision

    try:
        return {"revision": revision()}
    except BadInput:
        return {}


def _credit(name: str, best: motif.Made) -> str:
    return f"the motif model drew {name} ({best.function}{' of ' + best.source if best.source else ''}, score {best.score:.2f})"


def _strange(design: Design) -> tuple[str, ...]:
    """Words of a design without motifs that name nothing the library has, but something like what the model was taught."""
    if any(m.weight > 0 for m in design.motifs):
        return ()
    return tuple(word for word in design.unknown if word not in JOINERS and _near(word))


def _near(word: str) -> bool:
    vector = embed([(word, 1.0)])
    if not vector.any() or motif.reason():
        return False
    from .motif.files import model

    return max(float(vector @ embed([(subject, 1.0)])) for subject in set(model().subjects)) >= _NEAR
