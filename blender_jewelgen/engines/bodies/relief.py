"""The engine "relief": no weights; the picture, cut out, is the relief of a medallion or plaque of its outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.body import Body
from ...core.errors import BadInput, Fix
from ...core.seen.medal import medal_of
from ...core.seen.photograph import photograph

if TYPE_CHECKING:
    from ...core.body import BodyOrder, Tell


def make(order: BodyOrder, tell: Tell) -> Body:
    """A medallion or plaque with what the picture shows as its relief. Raises BadInput where there is nothing to raise."""
    if order.picture is None:
        raise BadInput("the engine relief needs a picture; words alone draw a pattern without it", field="picture", fix=Fix("Choose a Picture", "--from PICTURE"))
    tell(0.0, "reading the picture")
    shown = photograph(order.picture)
    medal = medal_of(shown, lambda share, text: tell(0.1 + 0.9 * share, text))
    return Body(form=medal.form, height=medal.height, mask=medal.mask, notes=(*shown.notes, *medal.notes))
