"""Our ring forms laid on what is seen in a picture: a band, a ring with a head, and a head seen edge on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .fit import fitted
from .posed import Bored, Pose, hole, outline
from .rings import band, signet
from .traced import Traced, angles

FRONT = 14.0  # degrees between the finger and the view, up to which a ring is seen from the front
USUAL = {"width": 4.5, "thickness": 1.6, "length": 13.0, "head": 12.0, "rise": 2.0, "shank": 1.7}  # mm
_BOUNDS = {"width": (1.5, 30.0), "thickness": (0.8, 6.0), "length": (3.0, 40.0), "head": (3.0, 24.0), "rise": (1.0, 6.0), "shank": (0.8, 4.0)}
_LOOSE = 0.012  # of the ring's radius: an outline that is off by more is torn, not shifted
_ALL = 0.1  # while the pose is sought: everything counts, the head as well
_FLARED = 1.5  # of the shank's width: a ring seen edge on whose end is broader has a head
_OVAL = 1.08  # how much better another outline than an oval must fit
Beat = Callable[[float], None]
Residuals = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Try:
    """A form laid on a picture: the mean misfit as a share of the ring's radius, its pose, its lengths in mm, its profile or outline."""

    cost: float
    pose: Pose
    lengths: dict[str, float]
    shape: str
    head: bool

    @property
    def tilt(self) -> float:
        """Degrees between the finger's axis and the view."""
        return tilt_of(self.pose)


def tilt_of(pose: Pose) -> float:
    """Degrees between the finger's axis and the view."""
    return float(np.rad2deg(np.arccos(min(1.0, abs(np.cos(pose.away) * np.cos(pose.raised))))))


def radius(seen: Traced) -> float:
    """Of the ring, px."""
    return float(np.median(seen.outer))


def middle(seen: Traced) -> np.ndarray:
    """(x, y) px from the origin to the middle of what the outline encloses."""
    turn = angles()
    weight = seen.outer**3 / 3.0
    return np.array([(weight * np.cos(turn)).sum(), (weight * np.sin(turn)).sum()]) / (0.5 * seen.outer**2).sum()


def _axes(reach: np.ndarray) -> tuple[float, float]:
    """Direction of the shorter axis of a shape, radians, and its length over that of the longer."""
    turn, weight = angles(), reach**4
    xx, yy, xy = ((weight * f).mean() for f in (np.cos(turn) ** 2, np.sin(turn) ** 2, np.cos(turn) * np.sin(turn)))
    values, vectors = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
    return float(np.arctan2(vectors[1, 0], vectors[0, 0])), float(np.sqrt(values[0] / values[1]))


def _misfit(seen: Traced, body: Bored, pose: Pose) -> np.ndarray:
    """Model less picture at every direction, as a share of the ring's radius."""
    off = [outline(body, pose) - seen.outer]
    if seen.hole is not None:
        off.append(hole(body, pose) - seen.hole)
    return np.concatenate(off) / radius(seen)


def _held(name: str, logarithm: float) -> float:
    return float(np.clip(np.exp(logarithm), *_BOUNDS[name]))


def _lean(seen: Traced, values: dict[str, float], usual: dict[str, float]) -> np.ndarray:
    """A breath of preference for usual lengths, where the picture says nothing; no thickness is seen where the hole is a slit or is not seen."""
    return np.array([(1.0 if name == "thickness" and (seen.slit or seen.hole is None) else 0.02) * np.log(value / usual[name]) for name, value in values.items()])


def banded(seen: Traced, view: str, diameter: float, beat: Beat = lambda share: None) -> Try:
    """The band of this inner diameter, mm, that lies best on the picture; ``beat`` hears of the share done, and may raise."""
    reach = seen.hole if seen.hole is not None else seen.outer
    across, ratio = _axes(reach)
    size = radius(seen)
    if seen.hole is None:
        guesses = [(np.pi / 2.0, float(seen.outer.max()) / (diameter / 2.0 + USUAL["thickness"]))]
    else:
        scale = float(np.percentile(seen.hole, 92)) / (diameter / 2.0)
        wide = float(np.percentile(seen.outer, 92)) / (diameter / 2.0 + USUAL["thickness"])
        tilt = float(np.arccos(np.clip(ratio, 0.05, 1.0)))
        shares = (1.0,) if view == "front" else (0.5, 0.8) if ratio > 0.8 else (0.45, 0.65, 0.85)
        guesses = [(0.03 if view == "front" else sign * share * tilt, s) for share in shares for sign in (1.0, -1.0) for s in ((scale, wide) if ratio < 0.8 else (scale,))]
    usual = {"width": USUAL["width"], "thickness": USUAL["thickness"]}

    def parts(p: np.ndarray, shape: str) -> tuple[Bored, Pose, dict[str, float]]:
        lengths = {"width": _held("width", p[5]), "thickness": _held("thickness", p[6])}
        away = p[3] if seen.hole is not None else np.pi / 2.0
        pose = Pose(p[0] * size, p[1] * size, float(np.exp(p[2])), away, 0.0, p[4])
        return band(shape, diameter, **lengths), pose, lengths

    def residuals(shape: str) -> Residuals:
        def off(p: np.ndarray) -> np.ndarray:
            body, pose, lengths = parts(p, shape)
            return np.concatenate([_misfit(seen, body, pose), _lean(seen, lengths, usual)])

        return off

    steps = np.array([1e-3, 1e-3, 1e-3, 4e-3, 2e-3, 4e-3, 4e-3])
    starts = [np.array([0.0, 0.0, np.log(s), t, -across, *_start(seen, diameter, t, s)]) for t, s in guesses]
    rough = sorted(_each(residuals("d"), starts, steps, _LOOSE, 7, beat), key=lambda pair: pair[1])
    first = min((fitted(residuals("d"), p, steps, _LOOSE, 25) for p, _cost in rough[:2]), key=lambda pair: pair[1])
    tries = []
    for shape in ("flat", "d", "court", "knife") if abs(np.sin(first[0][3])) > np.sin(np.deg2rad(FRONT)) else ("flat",):
        p, cost = fitted(residuals(shape), first[0], steps, _LOOSE, 8)
        _body, pose, lengths = parts(p, shape)
        tries.append(Try(cost, pose, lengths, shape, False))
    return min(tries, key=lambda found: found.cost)


def _start(seen: Traced, diameter: float, tilt: float, scale: float) -> tuple[float, float]:
    """Logarithms of width and thickness to begin with, by how far the outline reaches along and across the tilt."""
    if seen.hole is None:
        return float(np.log(max(2.0 * seen.outer.min() / scale, 1.6))), float(np.log(USUAL["thickness"]))
    far = float(seen.outer.max()) / scale
    thick = np.clip(far - diameter / 2.0, 0.9, 4.0)
    width = (2.0 * float(seen.outer.min()) / scale - 2.0 * far * np.cos(tilt)) / max(abs(np.sin(tilt)), 0.2)
    return float(np.log(np.clip(width, 2.0, 12.0))), float(np.log(thick))


def headed(seen: Traced, view: str, diameter: float, beat: Beat = lambda share: None) -> Try:
    """The signet ring of this inner diameter, mm, that lies best on the picture, its finger hole in view; ``beat`` as for ``banded``."""
    size = radius(seen)
    towards = middle(seen)
    up = float(np.arctan2(-towards[0], -towards[1]))  # how far the head is turned from upright
    scale = float(np.percentile(seen.hole, 90)) / (diameter / 2.0)
    poses = [(0.1, 0.05, up), (0.6, 0.3, up), (-0.6, 0.3, up), (0.95, 0.45, up), (-0.95, 0.45, up), (0.1, 0.7, up)]
    if view == "front":
        poses = [(0.0, 0.0, up)]
    usual = {name: USUAL[name] for name in ("head", "length", "rise", "shank")}

    def parts(p: np.ndarray, shape: str) -> tuple[Bored, Pose, dict[str, float]]:
        lengths = {name: _held(name, p[6 + k]) for k, name in enumerate(usual)}
        pose = Pose(p[0] * size, p[1] * size, float(np.exp(p[2])), p[3], p[4], p[5])
        return signet(shape, diameter, lengths["head"], lengths["length"], lengths["rise"], lengths["shank"]), pose, lengths

    def residuals(shape: str) -> Residuals:
        def off(p: np.ndarray) -> np.ndarray:
            body, pose, lengths = parts(p, shape)
            return np.concatenate([_misfit(seen, body, pose), _lean(seen, lengths, usual)])

        return off

    steps = np.array([1e-3, 1e-3, 1e-3, 5e-3, 5e-3, 2e-3, 5e-3, 5e-3, 5e-3, 5e-3])
    rest = [np.log(value) for value in usual.values()]
    starts = [np.array([0.0, 0.0, np.log(scale), *pose, *rest]) for pose in poses]
    best = min(_each(residuals("oval"), starts, steps, _ALL, 10, beat), key=lambda pair: pair[1])[0]
    longer = best + np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.04, 0.16, -0.2, 0.0])  # a longer, lower head is a valley of its own
    first = min((fitted(residuals("oval"), p, steps, _LOOSE, 25) for p in (best, longer)), key=lambda pair: pair[1])
    tries = []
    for shape in ("oval",) if view == "front" or tilt_of(parts(first[0], "oval")[1]) < FRONT else ("oval", "cushion", "shield"):
        p, cost = fitted(residuals(shape), first[0], steps, _LOOSE, 8) if shape != "oval" else first
        _body, pose, lengths = parts(p, shape)
        tries.append(Try(cost * (1.0 if shape == "oval" else _OVAL), pose, lengths, shape, True))
    return min(tries, key=lambda found: found.cost)


def _each(residuals: Residuals, starts: list[np.ndarray], steps: np.ndarray, loose: float, rounds: int, beat: Beat) -> list[tuple[np.ndarray, float]]:
    """A fit from every start."""
    found = []
    for k, start in enumerate(starts):
        beat(0.7 * k / len(starts))
        found.append(fitted(residuals, start, steps, loose, rounds))
    beat(0.7)
    return found


def flared(seen: Traced, diameter: float) -> Try | None:
    """A signet ring seen edge on, its head at one end of what is seen; None if neither end is broader than the middle."""
    along, breadth = seen.breadths
    height = float(along[-1] - along[0])
    fifth = len(along) // 5
    ends = [float(np.percentile(part, 80)) for part in (breadth[:fifth], breadth[-fifth:])]
    far = breadth[len(along) // 2 : -fifth // 2] if ends[0] > ends[1] else breadth[fifth // 2 : len(along) // 2]
    strip = float(np.median(far))
    if max(ends) < _FLARED * strip or height < 1.1 * max(ends):
        return None
    scale = height / (diameter + USUAL["shank"] + USUAL["rise"])
    lengths = {"head": USUAL["head"], "length": max(ends) / scale, "rise": USUAL["rise"], "shank": USUAL["shank"]}
    return Try(0.0, Pose(0.0, 0.0, scale, np.pi / 2.0), lengths, "oval", True)
