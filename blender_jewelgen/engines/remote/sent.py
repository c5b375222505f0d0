"""The picture as it is sent: turned as the camera says, of a size that services take, without what cameras write into files."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.errors import BadInput

LONGEST = 1536  # px a side
_LEAST = 32
LARGEST = 4 << 20  # bytes; more than that goes as JPEG


@dataclass(frozen=True)
class Picture:
    """``data`` is PNG or JPEG; ``file`` the name of the person's own file."""

    data: bytes
    kind: str  # png or jpeg
    file: str

    @property
    def mime(self) -> str:
        return f"image/{self.kind}"

    @property
    def name(self) -> str:
        """A name that says nothing of the person's."""
        return f"picture.{'jpg' if self.kind == 'jpeg' else 'png'}"

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    @property
    def uri(self) -> str:
        """The picture as a data: address."""
        return f"data:{self.mime};base64,{self.base64}"

    @property
    def part(self) -> tuple[str, bytes, str]:
        """The same as part of a form."""
        return self.name, self.data, self.mime

    @property
    def sum(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def picture(path: Path) -> Picture:
    """A file as it is sent. Raises BadInput: see ``core.height.picture.read_colours``, and for less than 32 px a side."""
    from PIL import Image

    from ...core.height.picture import read_colours

    values = read_colours(path, "picture").colours
    rows, columns = values.shape[:2]
    if min(rows, columns) < _LEAST:
        raise BadInput(f"{path.name} is {columns} x {rows} px; a body needs a picture of at least {_LEAST} px a side", field="picture")
    image = Image.fromarray((np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8))
    if image.mode == "RGBA" and not np.asarray(image.getchannel("A")).any():
        raise BadInput(f"{path.name} is transparent all over", field="picture")
    image = image if image.mode == "RGBA" else image.convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    image.save(packed, "PNG")
    if packed.tell() <= LARGEST or image.mode == "RGBA":
        return Picture(packed.getvalue(), "png", path.name)
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=95)
    return Picture(packed.getvalue(), "jpeg", path.name)
