"""What a piece is, before ornament: form, profile or outline, size. Defaults are rows of ``library/forms.json``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import BadInput
from ..library import table
from ..params import check_limits, choice, number, pick, text

FORMS: tuple[str, ...] = tuple(table("forms")["forms"])


@dataclass(frozen=True, kw_only=True)
class FormParams:
    """The form in mm; ``None`` and "" mean the form's own default."""

    form: str = choice("band", (*FORMS, "mesh"), "Kind of piece")
    shape: str = text("", "Profile of a band (flat, d, court, knife), or outline of a head or pendant (round, oval, heart …)", 20)
    size: str = text("", 'Finger or wrist: "US 7", "UK N", "EU 54", "JP 14", "17.3 mm" (inner diameter)', 40)
    width: float | None = number(None, 1.5, 120.0, "mm", "Width of a band, head, plate or bead")
    length: float | None = number(None, 3.0, 120.0, "mm", "Length of a plate, top to bottom")
    thickness: float | None = number(None, 0.2, 12.0, "mm", "Metal under the ornament")
    margin: float | None = number(None, 0.0, 10.0, "mm", "Plain metal left at the borders")
    hole: float = number(2.0, 0.8, 20.0, "mm", "Hole through a bead")
    gap: float = number(26.0, 5.0, 80.0, "mm", "Opening of a cuff")

    def __post_init__(self) -> None:
        check_limits(self)


def complete(params: FormParams) -> FormParams:
    """The same parameters with every default of the form filled in. Raises BadInput for a shape the form does not have."""
    if params.form == "mesh":
        return params
    row = table("forms")["forms"][params.form]
    shape = params.shape or row["shapes"][0]
    pick(shape, row["shapes"], f"shape of a {row['en']}")
    width = params.width if params.width is not None else row["width"]
    if params.length is not None:
        length = params.length
    elif row["length"] and not params.width and shape == row["shapes"][0]:
        length = row["length"]
    else:
        length = width * table("forms")["aspect"].get(shape, 1.0) if row["surface"] == "plate" else 0.0
    done = replace(
        params,
        shape=shape,
        size=params.size or row["size"],
        width=width,
        length=length or None,
        thickness=params.thickness if params.thickness is not None else row["thickness"] + (0.5 if shape in ("d", "court", "knife") else 0.0),
        margin=params.margin if params.margin is not None else row["margin"],
    )
    if done.margin * 2 > 0.6 * width:
        raise BadInput(f"margin is {done.margin:g} mm; on a piece {width:g} mm wide it must be at most {0.3 * width:g} mm", field="margin")
    return done
