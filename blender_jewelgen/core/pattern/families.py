"""The strip families by name. Each is a pure function (strip, rng, options) -> (rows, columns) float32 in [0, 1], exactly periodic."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import families_craft as craft
from . import families_geometric as geometric
from . import families_plant as plant
from . import figures_flower as flower
from . import figures_sign as sign
from .repeat import Options, count, finish, repeat
from .strip import Strip
from .strokes import Pen, channel, curve, round_wire, spiral

Family = Callable[[Strip, np.random.Generator, Options], np.ndarray]
__all__ = ["FAMILIES", "Family", "Options"]


def _linked(draw_figure: Callable[[Pen, np.random.Generator], None], between: Callable[[Pen], None], aspect: float, size: float) -> Family:
    """A frieze of one figure and a lesser one in turn, joined by C scrolls along the lower edge."""

    def family(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
        seed = int(rng.integers(1 << 31))

        def draw(pen: Pen, period: float) -> None:
            for side in (-1, 1):
                wire = np.concatenate([
                    spiral(side * period * 0.19, 0.2, (side * period * 0.25, 0.13), side * 1.15, 0.3)[::-1],
                    curve((side * period * 0.25, 0.13), (side * period * 0.33, 0.06), (side * period * 0.42, 0.06), (side * period * 0.5, 0.12))[1:],
                ])
                pen.ribbon(wire, np.linspace(0.02, 0.036, len(wire)), 0.55, round_wire, foot=0.1)
                pen.dome(side * period * 0.19, 0.2, 0.032, 0.6, 0.2)
            between(pen.at(period / 2, 0.44, 0.41))
            for side in (-1, 1):
                for y, r in ((0.78, 0.02), (0.85, 0.034), (0.92, 0.02)):
                    pen.dome(side * 0.25 * period, y, r, 0.45, 0.1)
            draw_figure(pen.at(0.0, 0.5, size), np.random.default_rng(seed))

        return finish(repeat(strip, options, aspect, draw))

    return family


def _bud(pen: Pen) -> None:
    """A closed bud on a short stalk."""
    pen.ribbon(np.array([[0.0, -0.85], [0.0, -0.3]]), 0.09, 0.55)
    for side in (-1, 1):
        pen.blade((0, -0.5), (side * 0.5, 0.42), 0.2, root=0.7, end=0.9, bend=-side * 0.18, low=0.2, high=0.62, rib=0.12, rim=0.05, gap=0.04)
    pen.blade((0, -0.5), (0, 0.95), 0.26, root=0.65, end=0.8, low=0.3, high=0.8, rib=0.14, rim=0.06, gap=0.05)
    pen.dome(0, -0.5, 0.14, 0.75, 0.3, gap=0.03)


def _rosettes(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Rosettes with small four-leaved flowers between and granules at the edges."""
    petals = int(rng.choice([6, 8, 8, 10]))

    def draw(pen: Pen, period: float) -> None:
        middle = period / 2
        for k in range(4):
            a = math.pi / 2 * k + math.pi / 4 * 0
            pen.blade((middle, 0.5), (middle + 0.17 * math.sin(a), 0.5 + 0.34 * math.cos(a)), 0.06, root=0.7, end=0.8, low=0.2, high=0.55, rib=0.12, gap=0.01)
        pen.dome(middle, 0.5, 0.06, 0.75, 0.3, gap=0.015)
        for y in (0.07, 0.93):
            pen.dome(middle, y, 0.04, 0.45, 0.1)
        flower.rosette(pen.at(0, 0.5, 0.47), petals)

    return finish(repeat(strip, options, 1.2, draw))


def _ruyi(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Ruyi heads, upright and hanging in turn, linked by a waving double contour."""
    tilt = rng.uniform(0.97, 1.03)

    def draw(pen: Pen, period: float) -> None:
        line = plant.stem(period, 0.39)(np.linspace(-0.02, 1.02, 73) * period)
        pen.ribbon(line, 0.038, 0.5, channel, foot=0.15, caps=False)
        for bay in (0, 1):
            here = pen.at(period / 2 * bay, 0.5, 1.0, math.pi if bay else 0.0)
            sign.ruyi(here.at(0, -0.09, 0.36 * tilt))

    return finish(repeat(strip, options, 1.62, draw))


def _clouds(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Auspicious clouds drifting in two rows, large and small."""
    size = rng.uniform(0.96, 1.04)

    def draw(pen: Pen, period: float) -> None:
        sign.cloud(pen.at(period * 0.82, 0.72, 0.29 * size), 1.1)
        sign.cloud(pen.at(period * 0.3, 0.48, 0.53 * size), 0.95)
        sign.cloud(pen.at(period * 0.83, 0.25, 0.24 * size, 0.0, True), 1.0)

    return finish(repeat(strip, options, 1.62, draw))


def _stacked(family: Family, tall: float) -> Family:
    """The family in rows about ``tall`` mm high, every second one moved by half a repeat."""

    def stacked(strip: Strip, rng: np.random.Generator, options: Options) -> np.ndarray:
        n = max(min(round(strip.width / tall), strip.rows // 12), 1)
        picture, seed = np.zeros((strip.rows, strip.columns), np.float32), int(rng.integers(1 << 31))
        for i in range(n):
            rows, part = strip.band(strip.width * i / n, strip.width * (i + 1) / n)
            drawn = family(part, np.random.default_rng(seed), options)
            picture[rows] = np.roll(drawn, i % 2 * round(strip.columns / count(part, 1.36, options) / 2), axis=1)
        return picture

    return stacked


def _figure(function: Callable[..., None], *values: int) -> Callable[[Pen, np.random.Generator], None]:
    return lambda pen, rng: function(pen, int(rng.choice(values)))


FAMILIES: dict[str, Family] = {
    "scroll": plant.scroll,
    "acanthus": plant.acanthus,
    "vine": plant.vine,
    "lotus-scroll": plant.lotus_scroll,
    "honeysuckle": plant.honeysuckle,
    "laurel": plant.laurel,
    "leaf": plant.leaf,
    "rosette": _rosettes,
    "lotus": _linked(_figure(flower.lotus, 3, 4, 5), _bud, 1.22, 0.47),
    "palmette": _linked(_figure(flower.palmette, 3, 4, 5), _bud, 1.2, 0.47),
    "ruyi": _ruyi,
    "cloud": _clouds,
    "shell": _linked(_figure(sign.shell, 7, 9), _bud, 1.3, 0.46),
    "wave": geometric.wave,
    "running-wave": geometric.running_wave,
    "scale": craft.scale,
    "feather": craft.feather,
    "interlace": geometric.interlace,
    "braid": geometric.braid,
    "guilloche": geometric.guilloche,
    "meander": geometric.meander,
    "lattice": geometric.lattice,
    "girih": geometric.girih,
    "chevron": geometric.chevron,
    "tortoiseshell": geometric.tortoiseshell,
    "coin": craft.coin,
    "rope": craft.rope,
    "granulation": craft.granulation,
    "hammered": craft.hammered,
    "gadroon": craft.gadroon,
    "egg-and-dart": craft.egg_and_dart,
    "bead-and-reel": _stacked(craft.bead_and_reel, 2.2),
}
