"""Make core/library/motifs.json from Game Icons' outlines and the selection table beside this script.

    python scripts/build_motifs.py path/to/icons.json

``icons.json`` is the file of that name in the npm package ``@iconify-json/game-icons``. The selection table
(motifs_selection.tsv) has one motif a line: name, kind, English words, Chinese words. Order counts twice: of several
motifs that share a word, the one that has it further to the front of its words is preferred, then the upper line.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS.parent))

from blender_jewelgen.core.pattern.outline import cover, decode, flatten  # noqa: E402
from blender_jewelgen.core.pattern.paths import contours  # noqa: E402

TABLE = SCRIPTS / "motifs_selection.tsv"
TARGET = SCRIPTS.parent / "blender_jewelgen" / "core" / "library" / "motifs.json"
SIDE, MARGIN = 10000, 600  # the cell and the free edge of 6 % round the longer side
ICON = 512  # units across an icon
SPECK = 1.0  # square units; smaller contours are left-overs of the drawing program
SHARE = (0.04, 0.80)  # of the cell that a motif may cover
ABOUT = {
    "source": "Game Icons, https://game-icons.net, from the npm package @iconify-json/game-icons",
    "licence": "CC BY 3.0, https://creativecommons.org/licenses/by/3.0/",
    "authors": "Lorc, Delapouite and contributors; see ATTRIBUTION.md",
    "changes": "outlines converted to cubic curves, fitted into a square and rounded to whole numbers; English and Chinese words added",
    "outline": "contours of whole numbers, 0 to 10000 from the upper left corner: start x, y; then six numbers a cubic curve "
    "or, where the first is negative, a straight line to (-1 - first, second); closed; non-zero winding",
}


def main(icons_path: str) -> None:
    icons = json.loads(Path(icons_path).read_text(encoding="utf-8"))["icons"]
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    lines = []
    for name, kind, english, chinese in rows:
        paths = re.findall(r'\bd="([^"]+)"', icons[name]["body"])
        outline = fit([contour for path in paths for contour in contours(path) if abs(area(contour)) > SPECK])
        share = float(cover(flatten(decode(outline), 128), 128).mean())
        if not SHARE[0] <= share <= SHARE[1]:
            raise SystemExit(f"{name} covers {share:.1%} of its cell; leave it out")
        entry = {"name": name, "kind": kind, "en": english.split(","), "zh": chinese.split(","), "outline": outline}
        lines.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    about = json.dumps(ABOUT, ensure_ascii=False)
    text = f'{{"about":{about},\n"motifs":[\n' + ",\n".join(lines) + "\n]}\n"
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(lines)} motifs, {len(text.encode()) / 1e6:.2f} MB")


def fit(shape: list[list[list[complex]]]) -> list[list[int]]:
    """Contours of cubics as whole numbers in the cell, centred, the longer side SIDE - 2 MARGIN long."""
    t = np.linspace(0.0, 1.0, 33)[:, None]
    every = np.array([cubic for contour in shape for cubic in contour])
    points = (every * np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])[:, None]).sum(axis=2)
    low, high = visible(every, points)
    scale = (SIDE - 2 * MARGIN) / max(high.real - low.real, high.imag - low.imag)
    centre = (low + high) / 2

    def place(z: complex) -> tuple[int, int]:
        z = (z - centre) * scale
        return round(z.real + SIDE / 2), round(z.imag + SIDE / 2)

    result = []
    for contour in shape:
        at = place(contour[0][0])
        numbers = [*at]
        for cubic in contour:
            end = place(cubic[3])
            if is_straight(cubic):
                if end != at:
                    numbers += [-1 - end[0], end[1]]
            else:
                pieces = halves(cubic) if place(cubic[1])[0] < 0 else [cubic]  # a negative x would read as a line
                for piece in pieces:
                    numbers += [n for z in piece[1:] for n in place(z)]
            at = end
        if len(numbers) > 4:
            result.append(numbers)
    return result


def halves(cubic: list[complex]) -> list[list[complex]]:
    """The same curve as two cubics, whose handles lie nearer to it (de Casteljau)."""
    a, b, c, d = cubic
    ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
    abc, bcd = (ab + bc) / 2, (bc + cd) / 2
    middle = (abc + bcd) / 2
    return [[a, ab, abc, middle], [middle, bcd, cd, d]]


def visible(cubics: np.ndarray, points: np.ndarray) -> tuple[complex, complex]:
    """Upper left and lower right corner of the points (on the cubics), without tips too fine to show in a drawing."""
    frame = 2 * ICON  # some icons reach beyond their view box
    whole = np.stack([cubics.real, cubics.imag], axis=-1) / frame + 0.25
    shown = cover(flatten([whole], frame), frame) > 0.02
    corners = []
    for values, axis in ((points.real, 0), (points.imag, 1)):
        used = np.flatnonzero(shown.any(axis=axis)) - frame / 4
        corners.append((max(values.min(), used[0]), min(values.max(), used[-1] + 1)))
    (left, right), (top, bottom) = corners
    return complex(left, top), complex(right, bottom)


def area(contour: list[list[complex]]) -> float:
    """Signed area inside the polygon of a contour's corners and handles, which is near enough to tell specks."""
    points = [z for cubic in contour for z in cubic[:3]] + [contour[-1][3]]
    return sum((a.conjugate() * b).imag for a, b in zip(points, points[1:] + points[:1])) / 2


def is_straight(cubic: list[complex]) -> bool:
    """Whether both handles lie within 0.05 icon units of the chord."""
    a, b, c, d = cubic
    length = abs(d - a)
    return length > 0 and all(abs(((p - a).conjugate() * (d - a)).imag) / length < 0.05 for p in (b, c))


if __name__ == "__main__":
    main(sys.argv[1])
