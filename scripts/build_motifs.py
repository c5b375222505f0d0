"""Make core/library/motifs.json from Game Icons' outlines and the selection table beside this script.

    python scripts/build_motifs.py path/to/icons.json

``icons.json`` is the file of that name in the npm package ``@iconify-json/game-icons``. The selection table
(motifs_selection.tsv) has one motif a line: name, kind, English words, Chinese words. Order counts twice: of several
motifs that share a word, the one that has it further to the front of its words is preferred, then the upper line.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS.parent))

from blender_jewelgen.core.pattern.outline import cover, decode, flatten  # noqa: E402

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


def contours(path: str) -> list[list[list[complex]]]:
    """The contours of an SVG path's ``d``, each a list of cubics of four complex points."""
    shape: list[list[list[complex]]] = []
    at = start = 0j
    handle, last = 0j, ""
    for letter, n in commands(path):
        lower, base = letter.lower(), (at if letter.islower() else 0j)
        z = [base + complex(*pair) for pair in zip(n[::2], n[1::2])] if lower in "mlcsqt" else []
        if lower == "m":
            at = start = z[0]
            shape.append([])
        elif lower == "z":
            if at != start:
                shape[-1].append(line(at, start))
            at = start
        else:
            if last in ("z", "Z"):
                shape.append([])
            mirror = 2 * at - handle
            if lower == "l":
                pieces = [line(at, z[0])]
            elif lower in "hv":
                end = complex(n[0] + base.real, at.imag) if lower == "h" else complex(at.real, n[0] + base.imag)
                pieces = [line(at, end)]
            elif lower == "c":
                pieces = [[at, *z]]
            elif lower == "s":
                pieces = [[at, mirror if last.lower() in ("c", "s") else at, *z]]
            elif lower in "qt":
                middle = z[0] if lower == "q" else (mirror if last.lower() in ("q", "t") else at)
                pieces = [[at, at + (middle - at) * 2 / 3, z[-1] + (middle - z[-1]) * 2 / 3, z[-1]]]
            else:
                pieces = arc(at, n[0], n[1], n[2], bool(n[3]), bool(n[4]), base + complex(n[5], n[6]))
            handle = (z[0] if lower == "q" else middle) if lower in "qt" else (pieces[-1][2] if pieces else at)
            at = pieces[-1][3] if pieces else at
            shape[-1] += pieces
        last = letter
    for contour in shape:
        if contour and contour[-1][3] != contour[0][0]:
            contour.append(line(contour[-1][3], contour[0][0]))  # filled areas close by themselves
    return [contour for contour in shape if contour]


def line(a: complex, b: complex) -> list[complex]:
    return [a, a + (b - a) / 3, b + (a - b) / 3, b]


def commands(path: str) -> list[tuple[str, list[float]]]:
    """(letter, numbers) of each step; repeated steps get their letter, flags of arcs may stand without a gap."""
    count = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}
    steps = []
    for letter, rest in re.findall(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)", path):
        size = count[letter.lower()]
        if size == 0:
            steps.append((letter, []))
            continue
        number = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
        parts = [number] * 3 + ["[01]"] * 2 + [number] * 2 if size == 7 else [number] * size
        for group in re.findall(r"[\s,]*".join(f"({part})" for part in parts), rest):
            steps.append((letter, [float(value) for value in ([group] if size == 1 else group)]))
            letter = {"m": "l", "M": "L"}.get(letter, letter)
    return steps


def arc(a: complex, rx: float, ry: float, turn: float, large: bool, sweep: bool, b: complex) -> list[list[complex]]:
    """An elliptical arc as cubics (the SVG recommendation's appendix on arcs, each quarter by handles of 4/3 tan)."""
    if a == b:
        return []
    if rx == 0 or ry == 0:
        return [line(a, b)]
    rx, ry, spin = abs(rx), abs(ry), complex(math.cos(math.radians(turn)), math.sin(math.radians(turn)))

    def unit(z: complex) -> complex:
        z = z / spin
        return complex(z.real / rx, z.imag / ry)

    half = (unit(b) - unit(a)) / 2
    grow = max(abs(half), 1.0)
    rx, ry, half = rx * grow, ry * grow, half / grow
    away = math.sqrt(max(1.0 - abs(half) ** 2, 0.0)) * half / abs(half) * 1j
    centre = unit(a) + half + (away if large != sweep else -away)
    first = math.atan2((unit(a) - centre).imag, (unit(a) - centre).real)
    last = math.atan2((unit(b) - centre).imag, (unit(b) - centre).real)
    angle = last - first + (2 * math.pi if sweep and last < first else -2 * math.pi if not sweep and last > first else 0)
    parts = max(math.ceil(abs(angle) / (math.pi / 2) - 1e-9), 1)
    step = angle / parts
    reach = 4 / 3 * math.tan(step / 4)

    def back(z: complex) -> complex:
        return complex((z + centre).real * rx, (z + centre).imag * ry) * spin

    pieces = []
    for i in range(parts):
        p = complex(math.cos(first + i * step), math.sin(first + i * step))
        q = complex(math.cos(first + (i + 1) * step), math.sin(first + (i + 1) * step))
        pieces.append([back(p), back(p + p * 1j * reach), back(q - q * 1j * reach), back(q)])
    pieces[0][0], pieces[-1][3] = a, b
    return pieces


if __name__ == "__main__":
    main(sys.argv[1])
