"""Where pieces are made: one engine and one camera for as many as a command asks for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadInput, Fix
from ..core.recipe import Recipe
from . import options as opt
from .drawing import drawing
from .folder import Folder
from .piece import sources, write_piece
from .typed import known_metal

if TYPE_CHECKING:  # reading options stays quick
    import numpy as np

    from ..core.mesh.arrays import Mesh
    from ..core.pipeline import Answer, Ask, Order, Piece, Tell
    from .studio import Photographer


@dataclass(frozen=True)
class Workshop:
    """What draws the patterns, and what takes the pictures; None for no pictures."""

    ask: Ask
    camera: Photographer | None
    size: int

    def make(
        self, recipe: Recipe, folder: Folder, work: Path, tell: Tell, given: tuple[np.ndarray | None, Mesh | None, tuple[str, ...]] | None = None
    ) -> Piece:
        """Make a piece and write all its files into ``work``, a folder that is there, within ``folder``. Raises BadInput.

        ``given``: the height, the mesh and the notes that the recipe starts from, where they were made in this folder.
        """
        from ..core import pipeline
        from .page import write_page

        known_metal(recipe.design.metal)
        for source in (recipe.height, recipe.mesh) if given is None else ():
            if source and folder.holds(Path(source.path)):
                raise BadInput(f"{source.path} would be replaced by the result; choose another folder with --out", field="out")
        picture, mesh, notes = sources(recipe) if given is None else given
        shaped = pipeline.shape(recipe, keeping(self.ask, work), tell, picture, mesh)
        shaped = replace(shaped, notes=(*notes, *shaped.notes))
        if self.camera:
            from .studio import look_of

            self.camera.begin(shaped.mesh, look_of(shaped.recipe), work / "picture.png", self.size, shaped.gems)
        piece = pipeline.make(shaped, tell)
        write_piece(work, piece, tell)
        if self.camera:
            try:
                self.camera.wait(lambda share, text: tell(0.8 + 0.19 * share, text))
            except BadInput as error:
                raise BadInput(str(error), field="render", fix=Fix("Take no picture", "--no-render")) from error
        write_page(work / "report.html", piece, work)
        return piece


def keeping(ask: Ask, folder: Path) -> Ask:
    """The same, and what a picture model drew is kept as colours.png in the folder."""

    def asked(order: Order, tell: Tell) -> Answer:
        answer = ask(order, tell)
        if answer.colours is not None:
            from PIL import Image

            Image.fromarray(answer.colours).save(folder / "colours.png")
        return answer

    return asked


@contextmanager
def workshop(options: argparse.Namespace) -> Iterator[Workshop]:
    """A workshop as the options say: ``--worker``, ``--no-render``, ``--picture-size``. Raises BadInput."""
    if hasattr(options, "picture_size"):
        opt.within("picture-size", options.picture_size, 64, 4096, " px")
    with ExitStack() as stack:
        camera = None
        if options.render:
            from .studio import Photographer

            camera = stack.enter_context(Photographer(options.setting.camera))
        yield Workshop(stack.enter_context(drawing(options.worker, getattr(options, "online", False))), camera, getattr(options, "picture_size", 768))
