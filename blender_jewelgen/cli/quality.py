"""What ``check --mesh-quality`` says of a mesh: its numbers, in words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from .say import json_text

if TYPE_CHECKING:
    from ..core.mesh.arrays import Mesh
    from ..core.mesh.quality import Quality
    from ..core.mesh.read import Facts
    from ..core.mesh.uv import UvQuality

FAILED = 3


def quality(options: argparse.Namespace) -> int:
    """``check --mesh-quality FILE``; a file of no size of jewelry is measured in its own units. Raises BadInput."""
    from dataclasses import replace

    from ..core.mesh.read import read_in_any_unit
    from .piece import present

    mesh, facts, own = read_in_any_unit(present(options.file, "mesh"), options.scale, uv=True)
    if own:
        facts = replace(facts, notes=(*facts.notes, "the file is of no size of jewelry: lengths are in its own units"))
    return say(mesh, facts, options)


def say(mesh: Mesh, facts: Facts, options: argparse.Namespace) -> int:
    """Print the quality of a mesh that was read with its texture coordinates; 3 under ``--strict`` if it is no body of use, else 0.

    JSON holds the fields of ``Quality``, why it was refused, and what a map from the middle of a ball would make of it.
    """
    from ..core.mesh.quality import measured, refusal
    from ..core.mesh.uv import naive_uv, uv_quality

    found = measured(mesh)
    refused = refusal(found)
    ball = uv_quality(mesh, naive_uv(mesh))
    if options.json:
        values = {"file": options.file, **found.as_dict(), "ball_map": vars(ball), "ok": not refused, "refused": refused, "notes": list(facts.notes)}
        print(json_text(values))
    else:
        print(f"{found.triangles:,} triangles, {' x '.join(f'{side:.2f}' for side in found.size_mm)} mm")
        for note in facts.notes:
            print(f"  note  {note}")
        for name, value in lines(found, ball):
            print(f"  {name:<14} {value}")
        print(f"  {'usable':<14} {f'no: {refused}' if refused else 'yes'}")
    return FAILED if refused and options.strict else 0


def lines(found: Quality, ball: UvQuality | None = None) -> list[tuple[str, str]]:
    """Names and values as a person reads them; ``ball`` is said of a mesh that has no texture coordinates."""
    largest = "" if found.pieces < 2 else f", the largest {found.largest:.1%} of the area"
    rows = [("pieces", f"{found.pieces:,}{largest}"), ("closed", _closed(found)), ("Euler number", f"{found.euler:,}")]
    rows.append(("hull to box", f"{found.hull_to_box:.3f} (a block 1, a ball 0.524)"))
    rows.append(("box planes", f"{found.box_planes:.1%} of the area"))
    rows.append(("thinnest wall", f"{found.wall_mm:.2f} mm, at the thinnest hundredth" if found.wall_mm is not None else "not measured: a surface with holes has no wall"))
    rows.append(("symmetry", f"{found.symmetry:.1%} across {_plane(found.mirror)}"))
    if found.uv is not None:
        rows.append(("texture map", _map(found.uv)))
    elif ball is not None:
        rows.append(("texture map", f"none; a ball's map: {_map(ball)}"))
    return rows


def _closed(found: Quality) -> str:
    kinds = {"open": found.open_edges, "crowded": found.non_manifold, "turned": found.flipped}
    faults = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
    return ("yes" if found.closed else "no") + (f": {faults} edges" if faults else "")


def _map(uv: UvQuality) -> str:
    return f"{uv.fold:.1%} folded, {uv.seam:.1%} across a seam, stretch {_times(uv.anisotropy_p50)} (half), {_times(uv.anisotropy_p90)} (nine tenths)"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 1000.0 else "over 1000"


def _plane(mirror: tuple[float, float, float, float]) -> str:
    """A plane as an equation of its coordinates, such as "x = 0.02 mm"."""
    normal, offset = np.array(mirror[:3]), mirror[3]
    axis = int(np.argmax(np.abs(normal)))
    if abs(normal[axis]) > 0.9999:
        return f"{'xyz'[axis]} = {round(float(offset * np.sign(normal[axis])), 2) + 0.0:.2f} mm"
    terms: Any = " ".join(f"{part:+.2f} {name}" for part, name in zip(normal, "xyz") if abs(part) > 0.005)
    return f"{terms.removeprefix('+')} = {round(offset, 2) + 0.0:.2f} mm"
