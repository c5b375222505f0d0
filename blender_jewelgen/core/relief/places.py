"""All that the live relief needs to know of a body, computed once: its frame, its section, and the size of a pattern for each mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping as Named
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..form.turned import Turned
from ..mesh.arrays import Mesh
from . import axes, mapping

KINDS = ("toroidal", "cylindrical", "spherical", "planar", "triplanar")


@dataclass(frozen=True, eq=False)
class Places:
    """How every mapping would lie on one body.

    Attributes
    ----------
    frame, centre : (3, 3) and (3,) float64, mm
        The body's own axes as rows, z the axis of turning, and its middle; for all kinds but planar. Triplanar has the
        centre, but the world's axes.
    radius, turn : float, mm
        Radius of a ball for spherical, and mean radius of the outer side for toroidal and cylindrical; 0 where these do not suit.
    section : Section or None
        Outer line of a ring for toroidal: ``table`` (heights, radii) float32 mm, ``corner`` (radius, height) mm and ``step`` mm.
    sizes : dict of kind to (float, float), mm
        Length and width of one pattern; a kind that does not suit the body is absent.
    flat_frame, flat_centre : (3, 3) and (3,) float64, mm
        For planar; z looks at the beholder.
    outline : (h, w) float32 or None, mm
        Distance from the border of the flat face over the box of ``sizes["planar"]``, row 0 its upper edge.
    chosen, reason : str
        The kind that was asked for, or that suits best, and why.
    uv_scale : float, mm
        Length on the body of one unit of its texture coordinates; 0 without any.
    """

    frame: np.ndarray
    centre: np.ndarray
    radius: float
    turn: float
    section: axes.Section | None
    sizes: dict[str, tuple[float, float]]
    flat_frame: np.ndarray
    flat_centre: np.ndarray
    outline: np.ndarray | None
    chosen: str
    reason: str
    uv_scale: float = 0.0

    def mapping(self, kind: str = "auto") -> mapping.Mapping:
        """The mapping of a kind, ``auto`` the chosen one; of uv without its coordinates. Raises BadInput for one that does not suit the body."""
        reason = self.reason if kind in ("auto", self.chosen) else f"asked for: {kind}"
        kind = self.chosen if kind == "auto" else kind
        if kind not in self.sizes:
            raise BadInput(f"mapping {kind} does not suit this body; it can be one of {', '.join(self.sizes)}", field="mapping")
        size = self.sizes[kind]
        if kind == "planar":
            return mapping.Mapping(kind, reason, self.flat_frame, self.flat_centre, size, self._radius(kind), outline=self.outline, wrap=False)
        frame = np.eye(3) if kind == "triplanar" else self.frame
        section = self.section if kind == "toroidal" else None
        return mapping.Mapping(kind, reason, frame, self.centre, size, self._radius(kind), section)

    def _radius(self, kind: str) -> float:
        return {"toroidal": self.turn, "cylindrical": self.turn, "spherical": self.radius}.get(kind, 0.0)

    def packed(self) -> dict[str, np.ndarray]:
        """The same as arrays by name, for a file of ``np.savez``; ``unpacked`` reads them."""
        facts = {"sizes": self.sizes, "chosen": self.chosen, "reason": self.reason, "radius": self.radius, "turn": self.turn, "uv_scale": self.uv_scale}
        values = {name: getattr(self, name) for name in ("frame", "centre", "flat_frame", "flat_centre")}
        if self.section is not None:
            line = self.section
            facts["section"] = {"length": line.length, "radius": line.radius, "corner": line.corner, "step": line.step}
            values["section_table"] = line.table
        if self.outline is not None:
            values["outline"] = self.outline
        return values | {"facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)}

    @staticmethod
    def unpacked(values: Named[str, np.ndarray]) -> Places:
        """Places from what ``packed`` gave."""
        facts = json.loads(bytes(values["facts"]).decode())
        line = facts.pop("section", None)
        section = axes.Section(line["length"], line["radius"], values["section_table"], tuple(line["corner"]), line["step"]) if line else None
        facts["sizes"] = {kind: tuple(size) for kind, size in facts["sizes"].items()}
        arrays = {name: values[name] for name in ("frame", "centre", "flat_frame", "flat_centre")}
        return Places(**arrays, **facts, section=section, outline=values.get("outline"))


def places_of(mesh: Mesh, kind: str = "auto", repeat: float | None = None, texture: Mesh | None = None) -> Places:
    """Places of an imported, refined mesh.

    Parameters
    ----------
    kind : str
        A mapping that is asked for, or ``auto``.
    repeat : float, optional
        mm that one pattern is long for triplanar and uv.
    texture : Mesh, optional
        The mesh with texture coordinates, where refining has left them behind.

    Raises BadInput for a ``kind`` that does not suit the body.
    """
    found = axes.pose(mesh)
    chosen, reason = mapping.choose(mesh, found) if kind == "auto" else (kind, f"asked for: {kind}")
    made: dict[str, mapping.Mapping] = {}
    for name in ("toroidal", "cylindrical", "spherical"):
        try:
            made[name] = mapping.turned_about(name, "", mesh, found, made["toroidal"].section if made else None)
        except BadInput:
            if chosen == name:
                raise
    made["planar"] = mapping.flat("", mesh, found)
    made["triplanar"] = mapping.free("", found, repeat)
    sizes, scale = {name: made[name].size for name in made}, 0.0
    texture = texture or mesh
    if texture.uv is not None:
        try:
            scale = mapping.uv_scale(texture, texture.uv)
            sizes["uv"] = (repeat or scale, repeat or scale)
        except BadInput:
            if chosen == "uv":
                raise
    elif chosen == "uv":
        raise BadInput("mapping uv needs a mesh with texture coordinates; this one has none", field="mapping")
    ball, ring, face = made.get("spherical"), made.get("toroidal"), made["planar"]
    return Places(
        found.frame, found.centre, ball.radius if ball else 0.0, ring.radius if ring else 0.0, ring.section if ring else None,
        sizes, face.frame, face.centre, face.outline, chosen, reason, scale,
    )  # fmt: skip


def places_of_host(host: Turned, kind: str = "auto") -> Places:
    """Places of one of our own turned forms."""
    made = {name: mapping.of_host(host, name) for name in KINDS}
    found = mapping.of_host(host, kind)
    face = made["planar"]
    return Places(
        np.eye(3), np.zeros(3), host.radius, host.radius, made["toroidal"].section, {name: made[name].size for name in made},
        face.frame, face.centre, None, found.kind, found.reason,
    )  # fmt: skip
