"""Any picture in a file as a height: photographs, normal maps, depths and heights of every kind, and drawings in SVG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import BadInput
from ..height.filters import resize
from ..height.looks import Looks, looks_of
from ..height.methods import Height, Tell, height_of
from ..height.params import HeightParams
from ..height.picture import Colours, read_colours, read_height

ROUND = ("band", "bangle", "bead")  # forms whose ornament joins its own beginning
_EIGHT = "{} has 8 bits: 256 levels can show as terraces; a 16 bit picture is smoother"


@dataclass(frozen=True, eq=False)
class Source:
    """A picture, read, and what came beside it: a depth (h, w) or (h, w, 3), the colours of a normal map; None where there is none."""

    path: Path
    picture: Colours
    depth: np.ndarray | None = None
    normals: np.ndarray | None = None

    def looks(self) -> Looks:
        colours = self.picture.colours
        return looks_of(colours if colours.ndim == 3 else np.repeat(colours[..., None], 3, axis=-1), self.picture.deep)

    def reduced(self, most: int) -> Source:
        """The same of at most ``most`` px of its longer side, for previews."""
        given = (None if values is None else _reduced(values, most) for values in (self.depth, self.normals))
        return Source(self.path, replace(self.picture, colours=_reduced(self.picture.colours, most)), *given)

    def height(self, params: HeightParams, tell: Tell = lambda share, text: None) -> Height:
        """The picture's height; raises BadInput as ``height_of`` does."""
        picture = self.picture
        made = height_of(picture.colours, params, depth=self.depth, normals=self.normals, deep=picture.deep, tell=tell)
        notes = picture.notes
        if made.method == "height" and not picture.deep and self.path.suffix.lower() != ".svg":
            notes += (_EIGHT.format(self.path.name),)
        return replace(made, notes=(*notes, *made.notes))


def source_of(path: Path, depth: Path | None = None, normals: Path | None = None) -> Source:
    """A picture in a file, and the files of the same thing beside it. Raises BadInput for what cannot be read."""
    found = None if depth is None else read_any(depth, "depth")
    return Source(
        Path(path), read_any(path),
        None if found is None else found.colours if found.deep else found.colours[..., :3],
        None if normals is None else read_any(normals, "normals").colours,
    )  # fmt: skip


def read_with(
    path: Path, params: HeightParams, *, depth: Path | None = None, normals: Path | None = None, tell: Tell = lambda share, text: None
) -> Height:
    """The height of a picture in a file, by ``params``; ``depth`` and ``normals`` are files of the same thing.

    A picture that is a height already comes back exactly as ``read_height`` reads it, unless something is to be done to it.
    Raises BadInput as ``read_height`` and ``height_of`` do.
    """
    path = Path(path)
    if params == HeightParams(method="height", width=params.width, crop=params.crop) and path.suffix.lower() != ".svg":
        read = read_height(path)
        return Height(read.height, "height", read.notes, {"why": "asked for", "rows": read.height.shape[0], "columns": read.height.shape[1]})
    tell(0.0, "reading the picture")
    return source_of(path, depth, normals).height(params, tell)


def read_for(path: Path, method: str, form: str) -> Height:
    """The height of a picture that is to lie on a form; other methods than "height" let it run on into itself where the form is round."""
    return read_with(path, HeightParams(method=method, seamless=method != "height" and form in ROUND))


def read_any(path: Path, field: str = "picture") -> Colours:
    """The colours of any picture, SVG too. Raises BadInput with ``field``."""
    path = Path(path)
    if path.suffix.lower() != ".svg":
        return read_colours(path, field)
    from .svg import painted

    if not path.is_file():
        raise BadInput(f"the picture {path.name} is not there", field=field)
    grey, alpha = painted(path, field)
    return Colours(np.stack([grey, grey, grey, alpha], axis=-1).astype(np.float32), False, ())


def _reduced(picture: np.ndarray, most: int) -> np.ndarray:
    factor = most / max(picture.shape[:2])
    if factor >= 1.0:
        return picture
    size = [max(8, round(n * factor)) for n in picture.shape[:2]]
    if picture.ndim == 2:
        return resize(picture, *size)
    return np.stack([resize(picture[..., k], *size) for k in range(picture.shape[2])], axis=-1)
