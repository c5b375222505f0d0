"""What stands between the steps of the walk: an order to an engine, and a piece that is drawn, shaped, made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .diffusion import DiffusionParams
from .form.plate import Plate
from .form.turned import Turned
from .mesh.arrays import Mesh, join
from .pattern.strip import Plate as Face
from .pattern.strip import Strip
from .recipe import Recipe
from .relief import assemble, mapping
from .relief.body import Body
from .relief.crafts import Work
from .relief.places import Places, places_of, places_of_host
from .report import Report
from .words.design import Design

if TYPE_CHECKING:
    from .relief.stones import Settled

Tell = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Order:
    """What an engine is asked to draw: the design, the flat surface in mm, the seed.

    Attributes
    ----------
    diffusion : DiffusionParams
        What a picture model is told besides; other engines do not look at it.
    show : callable or None
        Hears of (h, w, 3) uint8 pictures of the work as it goes on.
    online : bool
        The person allowed the network, which services need.
    """

    engine: str
    design: Design
    surface: Strip | Face
    seed: int
    diffusion: DiffusionParams = field(default_factory=DiffusionParams)
    show: Callable[[np.ndarray], None] | None = None
    online: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """What an engine drew.

    Attributes
    ----------
    picture : (rows, columns) float32 in [0, 1]
    credit : dict
        Name, revision and licence of the engine.
    missing : tuple of str
        Motifs it did not know.
    design : Design or None
        The design as it was drawn, where the engine gave motifs drawings of their own.
    notes : tuple of str
        What a person should know.
    colours : (h, w, 3) uint8 or None
        The picture as a picture model drew it.
    """

    picture: np.ndarray
    credit: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    design: Design | None = None
    notes: tuple[str, ...] = ()
    colours: np.ndarray | None = None


Ask = Callable[[Order, Tell], Answer]


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """All that is known of a piece before its ornament is raised.

    Attributes
    ----------
    recipe : Recipe
        With every default of the form, and the credit of the engine, filled in.
    host : Turned, Plate or Mesh
        An imported body is here as a mesh of the spacing of a preview.
    body : Mesh or None
        An imported body as it was handed in.
    where : Mapping or None
        How the pattern lies on the host; None on a flat face.
    size : (float, float), mm
        Length and width of the whole ornament, or of one repeat where a mapping has no one surface.
    picture : (h, w) float32 in [0, 1]
        One part of the pattern as drawn, in 65536 levels: ``height.png`` is the whole truth.
    ready : (h, w) float32 in [0, 1]
        The same as a tool leaves it.
    pitch : float
        mm a pixel.
    wrap : bool
        The part joins its own beginning.
    depth : float
        mm from black to white; below 0 it cuts in.
    work : Work
        What the craft needs beside the picture.
    facts : dict
        What the report says of lettering and openings.
    """

    recipe: Recipe
    host: Turned | Plate | Mesh
    body: Mesh | None
    where: mapping.Mapping | None
    size: tuple[float, float]
    picture: np.ndarray
    ready: np.ndarray
    pitch: float
    wrap: bool
    depth: float
    notes: tuple[str, ...]
    work: Work
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @cached_property
    def places(self) -> Places | None:
        """How every kind of mapping would lie on the host; None on a flat face."""
        relief = self.recipe.relief
        if isinstance(self.host, Mesh):
            return places_of(self.host, relief.mapping, relief.repeat, self.body)
        return places_of_host(self.host, relief.mapping) if isinstance(self.host, Turned) else None


@dataclass(frozen=True, eq=False, kw_only=True)
class Shaped(Drawn):
    """A piece that can be looked at.

    ``raised`` is the dense body in the host's own frame, ``worked`` the same with what its craft knows of it (None for an
    imported mesh); ``keep_off`` is what the ornament keeps clear of, ``settled`` the seats of stones.
    """

    raised: Mesh
    worked: Body | None = None
    keep_off: Mesh | None = None
    settled: Settled | None = None

    @property
    def mesh(self) -> Mesh:
        """The dense piece for pictures."""
        return assemble.looking(self.host, self.raised)

    @property
    def gems(self) -> Mesh | None:
        """The stones in the piece's seats, for pictures; None without stones."""
        if self.settled is None:
            return None
        from .relief.stones import placed

        return join(list(placed(self.host, self.settled.gems)))


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece that can be made: the reduced, closed mesh as it is written, and the report on the nominal one."""

    shaped: Shaped
    mesh: Mesh
    report: Report
