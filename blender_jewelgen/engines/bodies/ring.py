"""The engine "ring": no weights; the ring in a picture is measured, and made anew of our own forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.body import Body
from ...core.errors import BadInput, Fix
from ...core.seen.photograph import photograph
from ...core.seen.ring import ring_of

if TYPE_CHECKING:
    from ...core.body import BodyOrder, Tell


def make(order: BodyOrder, tell: Tell) -> Body:
    """The band or signet ring that the picture shows, in mm by the finger size. Raises BadInput where no ring is seen."""
    if order.picture is None:
        raise BadInput("the engine ring needs a picture; words alone make a form of ours without it", field="picture", fix=Fix("Choose a Picture", "--from PICTURE"))
    tell(0.0, "reading the picture")
    shown = photograph(order.picture)
    tell(0.2, "finding the ring in the picture")
    found = shown.subject()
    seen = ring_of(found, order.params.view, order.size, lambda share, text: tell(0.3 + 0.7 * share, text))
    tell(1.0, "done")
    return Body(form=seen.form, mask=found.mask, notes=(*shown.notes, *found.notes, *seen.notes))
