"""Forms turned about an axis: ring bands, bangles, cuffs and beads. The axis is z, the centre the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..units import inner_diameter
from .params import FormParams

_DENSE = 2401  # points of the outer profile; its chord error stays far below 0.1 µm


@dataclass(frozen=True, eq=False)
class Turned:
    """A cross-section swept about the z axis.

    Attributes
    ----------
    outer : (k, 2) float64, mm
        (radius, height) of the side that is seen, from the lower to the upper edge; a graph over the height.
    inner : (m, 2) float64, mm
        (radius, height) of the side on the skin, from the upper to the lower edge.
    arc : float
        Degrees of the sweep: 360, or less for an open cuff (opening towards -y).
    margin : float
        Plain metal at each end of the outer profile, mm along the profile.
    inner_diameter : float
        Smallest inner diameter, mm.
    """

    outer: np.ndarray
    inner: np.ndarray
    arc: float
    margin: float
    inner_diameter: float

    @property
    def profile_length(self) -> float:
        """Length of the outer profile in mm."""
        return float(np.linalg.norm(np.diff(self.outer, axis=0), axis=1).sum())

    @property
    def zone(self) -> tuple[float, float]:
        """Start and end of the ornament along the outer profile, mm."""
        return self.margin, self.profile_length - self.margin

    @property
    def radius(self) -> float:
        """Mean outer radius of the ornament's zone, mm: the radius at which the pattern is true to scale."""
        radii, _ = self.along(np.linspace(*self.zone, 201))
        return float(radii.mean())

    @property
    def ornament(self) -> tuple[float, float]:
        """(length round the piece, width along the profile) of the ornament in mm."""
        return float(np.deg2rad(self.arc) * self.radius), self.zone[1] - self.zone[0]

    @property
    def periodic(self) -> bool:
        return self.arc >= 360.0

    @property
    def skin(self) -> tuple[float, float]:
        """Lowest and highest z of the side on the finger where letters can stand: four fifths of it, mm."""
        low, high = float(self.inner[:, 1].min()), float(self.inner[:, 1].max())
        return 0.8 * low, 0.8 * high

    @property
    def wall(self) -> float:
        """Least distance from the ornament's zone to the inner side, mm."""
        radii, heights = self.along(np.linspace(*self.zone, 101))
        gaps = np.hypot(radii[:, None] - self.inner[:, 0], heights[:, None] - self.inner[:, 1])
        across = radii - np.interp(heights, self.inner[::-1, 1], self.inner[::-1, 0])
        return float(min(gaps.min(), across.min()))

    def along(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Radius and height (each like ``distance``) at distances in mm along the outer profile."""
        steps = np.linalg.norm(np.diff(self.outer, axis=0), axis=1)
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        return np.interp(distance, reached, self.outer[:, 0]), np.interp(distance, reached, self.outer[:, 1])

    def normals(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Unit normal (radial, axial) of the outer profile, averaged over 0.4 mm so that a crest has one too."""
        reach = min(0.2, 0.1 * self.profile_length)
        end = self.profile_length
        r0, z0 = self.along(np.clip(distance - reach, 0.0, end))
        r1, z1 = self.along(np.clip(distance + reach, 0.0, end))
        size = np.hypot(r1 - r0, z1 - z0)
        return (z1 - z0) / size, (r0 - r1) / size


def turned(params: FormParams) -> Turned:
    """The host of a completed band, bangle, cuff or bead. Raises BadInput where the lengths exclude each other."""
    if params.form == "bead":
        return _bead(params)
    diameter = inner_diameter(params.size)
    outer, inner = _section(params.shape, diameter / 2.0, params.width, params.thickness)
    arc = 360.0
    if params.form == "cuff":
        arc = 360.0 - np.rad2deg(2.0 * np.arcsin(min(1.0, params.gap / diameter)))
        if params.gap > 0.8 * diameter:
            raise BadInput(f"gap is {params.gap:g} mm; a cuff of {diameter:g} mm needs it at most {0.8 * diameter:.0f} mm", field="gap")
    return Turned(outer, inner, float(arc), params.margin + _fillet(params.thickness), diameter)


def _fillet(thickness: float) -> float:
    """Radius that breaks the outer edges, mm."""
    return min(0.35, 0.2 * thickness)


def _section(shape: str, inner_radius: float, width: float, thickness: float) -> tuple[np.ndarray, np.ndarray]:
    half = width / 2.0
    z = half * np.sin(np.linspace(-np.pi / 2, np.pi / 2, _DENSE))  # dense at the edges, where the fillets are
    rise = {"flat": 0.0, "d": 0.5, "court": 0.35, "knife": 0.5}[shape] * thickness
    rise = min(rise, 0.6 * half)
    if shape == "knife":
        blunt = 0.1
        crown = 1.0 - (np.hypot(z / half, blunt) - blunt) / (np.hypot(1.0, blunt) - blunt)
        top = thickness - rise + rise * crown
    elif rise:
        bow = (half**2 + rise**2) / (2.0 * rise)
        top = thickness - rise + np.sqrt(bow**2 - z**2) - (bow - rise)
    else:
        top = np.full_like(z, thickness)
    edge = _fillet(thickness)
    over = np.clip(np.abs(z) - (half - edge), 0.0, edge)
    round_edge = top[0] - edge + np.sqrt(edge**2 - over**2)
    top = np.where(over > 0, np.minimum(top, round_edge), top)
    outer = np.stack([inner_radius + top, z], axis=1)

    ease = 0.6 * edge
    turn = half - ease * (1.0 - np.sin(np.linspace(np.pi / 2, 0.0, 7)))  # heights of the rounded inner edge
    comfort = min(0.2 * thickness, 0.3) if shape == "court" else 0.0
    z = np.concatenate([turn, np.linspace(turn[-1], -turn[-1], 25 if comfort else 5)[1:-1], -turn[::-1]])
    skin = comfort * (z / half) ** 2
    over = np.clip(np.abs(z) - (half - ease), 0.0, ease)
    skin = np.maximum(skin, np.where(over > 0, comfort + ease - np.sqrt(ease**2 - over**2), 0.0))
    return outer, np.stack([inner_radius + skin, z], axis=1)


def _bead(params: FormParams) -> Turned:
    radius, hole = params.width / 2.0, params.hole / 2.0
    ease = min(0.3, 0.15 * radius)
    if hole + ease + 0.8 > radius:
        raise BadInput(f"hole is {params.hole:g} mm; a bead of {params.width:g} mm takes at most {2 * (radius - ease - 0.8):.1f} mm", field="hole")
    reach = np.arccos((hole + ease) / radius)  # latitude at which the ball meets the rounded mouth of the hole
    latitude = np.linspace(-reach, reach, _DENSE)
    outer = radius * np.stack([np.cos(latitude), np.sin(latitude)], axis=1)
    top = outer[-1, 1]
    turn = np.linspace(np.pi / 2, np.pi, 9)[1:]
    mouth = np.stack([hole + ease + ease * np.cos(turn), top - ease + ease * np.sin(turn)], axis=1)
    wall = np.stack([np.full(9, hole), np.linspace(top - ease, ease - top, 11)[1:-1]], axis=1)
    inner = np.concatenate([mouth, wall, mouth[::-1] * (1, -1)])
    return Turned(outer, inner, 360.0, params.margin, params.hole)
