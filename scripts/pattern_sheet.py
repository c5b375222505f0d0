"""Make docs/pictures/patterns.png: every family and every figure of the pattern room, shaded as gold under a raking light."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

GOLD = np.array([0.93, 0.68, 0.30], np.float32)


def shade(height: np.ndarray, pixel: float, depth: float, periodic: bool = False) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of a relief ``depth`` mm deep, ``pixel`` mm a pixel: raking light, a soft sky, dark recesses."""
    from blender_jewelgen.core.height.filters import blur

    z = height.astype(np.float32) * (depth / pixel)
    dx = np.gradient(np.pad(z, ((0, 0), (1, 1)), mode="wrap" if periodic else "edge"), axis=1)[:, 1:-1]
    dy = -np.gradient(z, axis=0)
    n = np.stack([-dx, -dy, np.ones_like(z)], -1)
    n /= np.linalg.norm(n, axis=-1, keepdims=True)
    occlusion = np.ones_like(z)
    for mm, strength in ((0.12, 0.5), (0.4, 0.5)):
        sigma = mm / pixel
        occlusion *= 1.0 / (1.0 + strength * np.maximum(blur(z, sigma, periodic) - z, 0.0) / sigma * 1.6)
    mirror = 2 * n[..., 2:] * n - np.array([0, 0, 1], np.float32)
    sky = 0.5 + 0.5 * np.clip(mirror @ np.array([-0.45, 0.62, 0.64], np.float32), -1, 1)
    light = np.array([-0.56, 0.6, 0.57], np.float32)
    half = (light + [0, 0, 1]) / np.linalg.norm(light + [0, 0, 1])
    lit = 0.16 + 0.62 * np.clip(n @ light, 0, 1) + 0.38 * sky**3
    gloss = np.clip(n @ half.astype(np.float32), 0, 1) ** 26 * 0.55
    colour = (GOLD * (lit * occlusion)[..., None]) ** np.array([0.95, 1.05, 1.25]) + (gloss * occlusion)[..., None] * np.array([1.0, 0.92, 0.74])
    return (np.clip(colour, 0, 1) ** 0.86 * 255).astype(np.uint8)


def label(picture: np.ndarray, name: str) -> np.ndarray:
    """``picture`` with its name above."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (picture.shape[1], picture.shape[0] + 14), (22, 22, 24))
    image.paste(Image.fromarray(picture), (0, 14))
    ImageDraw.Draw(image).text((3, 1), name, fill=(225, 225, 220))
    return np.asarray(image)


def sheet(pictures: list[np.ndarray], across: int, edge: int = 5) -> np.ndarray:
    """Pictures of one size in rows of ``across``."""
    rows, columns = pictures[0].shape[:2]
    down = -(-len(pictures) // across)
    page = np.full((down * (rows + edge) + edge, across * (columns + edge) + edge, 3), 22, np.uint8)
    for i, picture in enumerate(pictures):
        y, x = edge + (i // across) * (rows + edge), edge + (i % across) * (columns + edge)
        page[y : y + rows, x : x + columns] = picture
    return page


def cells(names: list[str] | None = None, size: int = 230) -> list[np.ndarray]:
    """Shaded figures, 12 mm across."""
    from blender_jewelgen.core.pattern.cells import CELLS, cell

    return [label(shade(cell(name, size), 12 / size, 0.9), name) for name in names or CELLS]


def families(names: list[str] | None = None, columns: int = 460, rows: int = 150, seed: int = 3) -> list[np.ndarray]:
    """Shaded families on a strip of 18.4 by 6 mm."""
    from blender_jewelgen.core.pattern.families import FAMILIES, Options
    from blender_jewelgen.core.pattern.strip import Strip

    strip = Strip(6.0 * columns / rows, 6.0, columns, rows)
    return [label(shade(FAMILIES[name](strip, np.random.default_rng(seed), Options()), 6.0 / rows, 0.5, True), name) for name in names or FAMILIES]


def main() -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/patterns.png"))
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    upper, lower = sheet(families(columns=340, rows=112), 4), sheet(cells(size=122), 11)
    page = np.full((upper.shape[0] + lower.shape[0], max(upper.shape[1], lower.shape[1]), 3), 22, np.uint8)
    page[: upper.shape[0], : upper.shape[1]] = upper
    page[upper.shape[0] :, : lower.shape[1]] = lower
    Image.fromarray(page).quantize(56).save(out, optimize=True)


if __name__ == "__main__":
    main()
