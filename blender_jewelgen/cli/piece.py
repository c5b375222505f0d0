"""The files of a piece: what it starts from is read, what it becomes is written. Command line and panels call this."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..core.errors import BadInput
from ..core.recipe import Recipe, fingerprint
from .folder import place

if TYPE_CHECKING:  # reading options stays quick
    from ..core.mesh.arrays import Mesh
    from ..core.mesh.files import Look
    from ..core.pipeline import Piece, Tell
    from ..core.report import Report

_SMALLEST, _LARGEST = 1.0, 1000.0  # mm, longest side of a mesh at a scale that was asked for
MESHES = ("stl", "3mf", "glb")


def recalled(path: Path) -> Recipe:
    """The recipe in a file, its picture and mesh found where they were or beside it. Raises BadInput if one has changed."""
    recipe = Recipe.read(path)
    for name in ("height", "mesh"):
        source = getattr(recipe, name)
        if source:
            found = _nearest(source.path, path.parent, name)
            if fingerprint(found) != source.sha256:
                raise BadInput(f"{found} has changed since the recipe was written", field=name)
            recipe = replace(recipe, **{name: replace(source, path=str(found))})
    return replace(recipe, version=__version__)


def sources(recipe: Recipe) -> tuple[np.ndarray | None, Mesh | None, tuple[str, ...]]:
    """The height picture and the mesh that a recipe starts from, read, and notes on both. Raises BadInput."""
    picture, mesh, notes = None, None, ()
    if recipe.height:
        from ..core.pattern.any_picture import read_for

        read = read_for(Path(recipe.height.path), recipe.height.method, recipe.form.form)
        picture, notes = read.height, read.notes
    if recipe.mesh:
        from ..core.mesh.mend import closed
        from ..core.mesh.read import read_mesh

        scale = recipe.mesh.scale
        found, facts = read_mesh(Path(recipe.mesh.path), scale=scale, uv=recipe.relief.mapping == "uv")
        longest = float(found.size.max())
        if scale is not None and not _SMALLEST <= longest <= _LARGEST:
            raise BadInput(
                f"scale is {scale:g}, which makes the mesh {longest:.3g} mm; it must come out between {_SMALLEST:g} and {_LARGEST:g} mm",
                field="scale",
            )
        mesh, mended = closed(found)
        notes += (*facts.notes, *mended)
    return picture, mesh, notes


def write_piece(folder: Path, piece: Piece, tell: Tell) -> None:
    """Write all files of a piece but its picture and its page into a folder that is there."""
    from ..core.height.picture import write_height

    tell(0.75, "writing files")
    recipe = piece.shaped.recipe
    write_height(folder / "height.png", piece.shaped.picture)
    for kind in MESHES:
        write_mesh(folder / f"piece.{kind}", piece.mesh, recipe)
    write_facts(folder, recipe, piece.report)


def write_mesh(path: Path, mesh: Mesh, recipe: Recipe) -> None:
    """Write a mesh (mm) as its name's ending says: STL, 3MF or GLB. Raises BadInput for another ending."""
    from ..core.mesh import files

    kind = path.suffix.lower().lstrip(".")
    if kind == "stl":
        files.write_stl(path, mesh)
    elif kind == "3mf":
        files.write_3mf(path, mesh, title_of(recipe))
    elif kind == "glb":
        files.write_glb(path, mesh, look_of(recipe), title=title_of(recipe))
    else:
        raise BadInput(f"{path.name} names no kind of mesh file; it must end in {', '.join('.' + k for k in MESHES)}", field="out")


def write_facts(folder: Path, recipe: Recipe, report: Report) -> None:
    """Write recipe.json and report.json."""
    (folder / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    # names of files need not be text; the escape that takes their place is JSON's own
    (folder / "report.json").write_text(report.to_json(), encoding="utf-8", errors="backslashreplace")


def title_of(recipe: Recipe) -> str:
    """What a piece is called: its words, or its form where it has none."""
    return recipe.design.prompt or f"{recipe.form.form} {recipe.form.shape}".strip()


def look_of(recipe: Recipe) -> Look:
    """Colour and roughness of the recipe's metal for files that hold them."""
    from ..core.library import table
    from ..core.mesh.files import Look

    looks, design = table("looks"), recipe.design
    metal = looks["metals"].get(design.metal, {"color": [0.9, 0.9, 0.9]})
    return Look(tuple(metal["color"]), looks["finishes"][design.finish]["roughness"], name=design.metal)


def present(path: str, field: str) -> Path:
    """The file of a height picture or a mesh. Raises BadInput if it is not one that can be read."""
    found, what = place(path, field), {"height": "picture", "mesh": "mesh"}[field]
    if not found.is_file() or not path:
        state = "not named" if not path else "a folder" if found.is_dir() else "not a file" if found.exists() else "not there"
        raise BadInput(f"the {what} {path[:200] or repr(path)} is {state}", field=field)
    if not os.access(found, os.R_OK):
        raise BadInput(f"the {what} {path[:200]} cannot be read (no permission)", field=field)
    return found.resolve()


def _nearest(path: str, folder: Path, field: str) -> Path:
    """The file that a recipe in ``folder`` names: where it was, or beside the recipe."""
    for found in (Path(path), folder / path, folder / Path(path).name):
        if found.is_absolute() and place(found, field).is_file():
            return found
    return present(path, field)
