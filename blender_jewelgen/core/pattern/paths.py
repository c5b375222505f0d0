"""The outlines of SVG paths: the letters and numbers of ``d`` become cubic curves of complex points (x right, y down)."""

from __future__ import annotations

import math
import re

Cubic = list[complex]  # start, two handles, end


def contours(path: str, close: bool = True) -> list[list[Cubic]]:
    """The contours of an SVG path's ``d``, each a list of cubics; closed as an area is, or as they are.

    Raises IndexError where a path does not begin with a move.
    """
    shape: list[list[Cubic]] = []
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
        if close and contour and contour[-1][3] != contour[0][0]:
            contour.append(line(contour[-1][3], contour[0][0]))  # filled areas close by themselves
    return [contour for contour in shape if contour]


def line(a: complex, b: complex) -> Cubic:
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


def arc(a: complex, rx: float, ry: float, turn: float, large: bool, sweep: bool, b: complex) -> list[Cubic]:
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
