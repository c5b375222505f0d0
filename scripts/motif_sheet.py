"""A picture of library motifs in relief: python scripts/motif_sheet.py OUT.jpg [--style STYLE] [NAME ...]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from blender_jewelgen.core.height.filters import blur, resize
from blender_jewelgen.core.pattern import inflate, motifs

GOLD, SHINE = np.array([1.0, 0.78, 0.36]), np.array([1.0, 0.93, 0.75])
RELIEF = 0.075  # height of the relief as a share of the cell


def shade(height: np.ndarray, cell: int) -> np.ndarray:
    """(h, w, 3) uint8 gold under a raking light from the upper left, recesses darkened; ``height`` and ``cell`` in px."""
    slope_y, slope_x = np.gradient(height)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(height)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lit = [np.clip(normal @ _unit(*light), 0.0, 1.0) for light in ((-0.55, -0.6, 0.55), (0.7, 0.35, 0.5))]
    shine = np.clip(normal @ _unit(*(_unit(-0.55, -0.6, 0.55) + [0.0, 0.0, 1.0])), 0.0, 1.0) ** 40
    sky = 0.5 - 0.8 * normal[..., 2] * normal[..., 1]
    scale = cell / 256.0
    deep = sum(
        w * np.clip((blur(height, s * scale) - height) / (s * scale), 0.0, 1.0) for s, w in ((2, 0.5), (5, 0.6), (10, 0.5))
    )
    light = 0.14 + 0.5 * lit[0] + 0.1 * lit[1] + 0.3 * sky
    colour = (GOLD * light[..., None] + SHINE * 0.6 * shine[..., None]) / (1.0 + 2.4 * deep[..., None])
    return (np.clip(colour, 0.0, 1.0) ** 0.87 * 255).astype(np.uint8)


def _unit(*xyz: float) -> np.ndarray:
    return np.array(xyz) / np.linalg.norm(xyz)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--style", default="rounded", choices=inflate.STYLES)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--size", type=int, default=120, help="px of a cell")
    options = parser.parse_intermixed_args()
    names, size = options.names or motifs.names(), options.size
    rows = -(-len(names) // options.columns)
    field = np.zeros((rows * size, options.columns * size), np.float32)
    for i, name in enumerate(names):
        row, column = divmod(i, options.columns)
        height = inflate.inflate(motifs.coverage(name, 3 * size), options.style)
        field[row * size : (row + 1) * size, column * size : (column + 1) * size] = resize(height, size, size)
    Image.fromarray(shade(field * RELIEF * size, size)).save(options.out, quality=88)


if __name__ == "__main__":
    main()
