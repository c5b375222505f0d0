"""A body made of a picture: what an engine is asked for, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .form.params import FormParams
from .mesh.arrays import Mesh
from .params import check_limits, choice, number, text, whole


@dataclass(frozen=True, kw_only=True)
class BodyParams:
    """How a picture becomes a body; raises BadInput at birth."""

    engine: str = text("auto", "Who makes the body of the picture; jewelgen list bodies", 300)
    model: str = text("", "Weights of a local model: a name, a folder or a file; empty: the engine's own", 4096)
    server: str = text("", "Address of a server: http on this computer, https elsewhere; empty: the engine's own", 300)
    candidates: int = whole(4, 1, 16, "", "Bodies that a model makes, each of another seed; the best is kept")
    steps: int | None = whole(None, 1, 200, "", "Denoising steps; empty: the model's own")
    guidance: float | None = number(None, 0.0, 30.0, "", "How closely a model keeps to the picture; empty: its own")
    grid: int = whole(256, 32, 512, "cells", "Cells a side in which a local model's surface is found")
    view: str = choice("auto", ("auto", "front", "three-quarter", "side"), "Where a ring is seen from: through its hole, from above, or edge on")

    def __post_init__(self) -> None:
        check_limits(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class BodyOrder:
    """What an engine is asked for.

    Attributes
    ----------
    picture : Path or None
        A file; None where ``prompt`` alone is to be made a body, which not every engine can.
    size : str
        Finger size of a ring, such as "US 7"; empty where nobody said one.
    seed : int
        Of the first candidate; the others count on.
    online : bool
        The person allowed the network.
    task : str
        Of a service: the number of a task that was begun before and is only to be fetched.
    """

    params: BodyParams
    picture: Path | None = None
    prompt: str = ""
    size: str = ""
    seed: int = 0
    online: bool = False
    task: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One of several bodies: its seed, its numbers (``mesh.quality.Quality`` as a dict), and why it was refused, "" if it was not."""

    seed: int
    numbers: dict[str, Any]
    refused: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Body:
    """What an engine made: a mesh in its own units, or a form of ours in mm; with a height where the picture itself is the ornament.

    Attributes
    ----------
    mesh : Mesh or None
        As the engine gave it, z up, in the engine's own units; nothing is mended yet.
    form : FormParams or None
        A form of ours that fits the picture.
    height : (h, w) float32 in [0, 1] or None
    mask : (h, w) float32 in [0, 1] or None
        What of the picture was taken for the thing, for the page of stages.
    credit : dict
        Name, revision and licence of the engine, and what is to be kept of its terms.
    cost : str
        What a service charged, where it says so.
    """

    mesh: Mesh | None = None
    form: FormParams | None = None
    height: np.ndarray | None = None
    mask: np.ndarray | None = None
    credit: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    cost: str = ""


Tell = Callable[[float, str], None]
