"""Drawings of SVG files as grey and coverage: areas, lines and groups, painted over one another in their order; numpy only.

Read are paths, rectangles, circles, ellipses, lines and polygons with their transforms, fills, strokes and classes. Text, clones,
embedded pictures, masks and filters are not; a colour that runs counts as dark.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from .outline import cover, flatten
from .paths import Cubic, contours

SIDE = 512  # px a side of what is painted
_LARGEST = 8_000_000  # bytes of a file
_MOST = 200_000  # curves
_FARTHEST = 8.0  # pages away from the page
_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
_GROUPS = ("svg", "g", "a", "switch")
_KEPT = ("fill", "stroke", "stroke-width", "fill-rule", "visibility")  # what children inherit
_FADES = ("opacity", "fill-opacity", "stroke-opacity")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ROUND = np.exp(2j * np.pi * np.arange(12) / 12)
Style = dict[str, str]


def painted(path: Path, field: str = "sketch") -> tuple[np.ndarray, np.ndarray]:
    """(512, 512) float32 grey and coverage, both 0 to 1, of the page of an SVG file. Raises BadInput naming the file."""
    root = _parsed(path, field)
    canvas = _Canvas(_classes(root))
    try:
        canvas.page = _page(root)
        canvas.group(root, canvas._style(root, {}), np.eye(3), 0)
    except (ValueError, IndexError, OverflowError, ZeroDivisionError, RecursionError) as error:
        raise BadInput(f"{path.name} is a broken SVG: its numbers or paths cannot be read", field=field) from error
    if not canvas.count:
        raise BadInput(f"{path.name} holds no shape that can be read; make its text and clones into paths", field=field)
    if canvas.count > _MOST:
        raise BadInput(f"{path.name} has more than {_MOST:,} curves; make it simpler", field=field)
    return canvas.grey, canvas.alpha


class _Canvas:
    """What is painted so far, and on which page: (left, top, side) in the drawing's own units."""

    def __init__(self, classes: dict[str, Style]) -> None:
        self.grey = np.zeros((SIDE, SIDE), np.float32)
        self.alpha = np.zeros((SIDE, SIDE), np.float32)
        self.page = (0.0, 0.0, 1.0)
        self.count = 0
        self._classes = classes

    def group(self, parent: xml.Element, style: Style, place: np.ndarray, depth: int) -> None:
        """Paint what an element holds."""
        for element in parent:
            name = str(element.tag).rpartition("}")[2]
            if (name not in _GROUPS and name not in _SHAPES) or depth > 100 or self.count > _MOST:
                continue
            own = self._style(element, style)
            if own.get("display") == "none":
                continue
            here = place @ _transform(element.get("transform", ""))
            if name in _GROUPS:
                self.group(element, own, here, depth + 1)
            elif own.get("visibility", "visible") == "visible":
                self._shape(_path_of(name, element), own, here)

    def _style(self, element: xml.Element, parent: Style) -> Style:
        own = {name: value for name, value in parent.items() if name in _KEPT or name in _FADES}
        fade = float(parent.get("opacity", 1.0))
        said = {name: element.get(name, "") for name in (*_KEPT, *_FADES, "display") if element.get(name)}
        for name in element.get("class", "").split():
            said |= self._classes.get(name, {})
        said |= _declared(element.get("style", ""))
        own |= {name: value for name, value in said.items() if value != "inherit"}
        if "opacity" in said:  # of a group it fades all that is in it
            own["opacity"] = str(fade * _share(said["opacity"]))
        return own

    def _shape(self, path: str, style: Style, place: np.ndarray) -> None:
        if not path:
            return
        fade = float(style.get("opacity", 1.0))
        fill, stroke = _grey(style.get("fill", "black")), _grey(style.get("stroke", "none"))
        if fill is not None:
            shape = self._placed(contours(path), place)
            if shape:
                self._paint(_area(shape, style.get("fill-rule", "") == "evenodd"), fill, fade * _share(style.get("fill-opacity", "1")))
        if stroke is not None:
            shape = self._placed(contours(path, close=False), place)
            width = _length(style.get("stroke-width", "1")) * math.sqrt(abs(np.linalg.det(place[:2, :2]))) / self.page[2] * SIDE
            if shape and width > 0.0:
                self._paint(_line(shape, width), stroke, fade * _share(style.get("stroke-opacity", "1")))

    def _placed(self, shape: list[list[Cubic]], place: np.ndarray) -> list[np.ndarray]:
        """Contours (n, 4, 2) on a page that is 0 to 1."""
        left, top, side = self.page
        found: list[np.ndarray] = []
        for contour in shape:
            self.count += len(contour)
            points = np.array(contour, complex)
            x = (place[0, 0] * points.real + place[0, 1] * points.imag + place[0, 2] - left) / side
            y = (place[1, 0] * points.real + place[1, 1] * points.imag + place[1, 2] - top) / side
            both = np.stack([x, y], axis=-1)
            if (np.abs(both) < _FARTHEST).all():  # what was left lying far beyond the page is not painted, nor what is no number
                found.append(both)
        return found if self.count <= _MOST else []

    def _paint(self, covered: np.ndarray, grey: float, fade: float) -> None:
        covered = covered * np.float32(fade)
        self.grey += (np.float32(grey) - self.grey) * covered
        self.alpha += (1.0 - self.alpha) * covered


def _area(shape: list[np.ndarray], even: bool) -> np.ndarray:
    """Coverage of closed contours; ``even``: what an even number of them covers is open."""
    if not even:
        return cover(flatten(shape, SIDE), SIDE)
    total = np.zeros((SIDE, SIDE), np.float32)
    for contour in shape:
        one = cover(flatten([contour], SIDE), SIDE)
        total += one - 2.0 * total * one
    return total


def _line(shape: list[np.ndarray], width: float) -> np.ndarray:
    """Coverage of lines ``width`` px wide with round ends and corners."""
    pieces = flatten(shape, SIDE)
    ends = pieces[..., 0] + 1j * pieces[..., 1]
    step = ends[:, 1] - ends[:, 0]
    long = np.abs(step) > 1e-9
    side = 0.5j * width * step[long] / np.abs(step[long])
    first, last = ends[long, 0], ends[long, 1]
    quads = np.stack([first - side, last - side, last + side, first + side], axis=1)
    discs = np.unique(ends.ravel().round(2))[:, None] + 0.5 * width * _ROUND
    closed = [np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1).reshape(-1, 2) for corners in (quads, discs)]
    joined = np.concatenate(closed)
    return cover(np.stack([joined.real, joined.imag], axis=-1), SIDE)


def _parsed(path: Path, field: str) -> xml.Element:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; an SVG of at most {_LARGEST // 1_000_000} MB is read", field=field)
        text = path.read_bytes()
        if b"<!ENTITY" in text:
            raise BadInput(f"{path.name} defines entities of its own, which are not read; save it as plain SVG", field=field)
        root = xml.fromstring(text)
    except (xml.ParseError, ValueError, LookupError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{path.name} is a broken SVG: it is cut short, or no XML", field=field) from error
    if str(root.tag).rpartition("}")[2] != "svg":
        raise BadInput(f"{path.name} is not an SVG drawing", field=field)
    return root


def _page(root: xml.Element) -> tuple[float, float, float]:
    """Left, top and side of the square round the page."""
    box = [float(n) for n in _NUMBER.findall(root.get("viewBox", ""))]
    if len(box) != 4:
        box = [0.0, 0.0, *(_length(root.get(name, "")) or 512.0 for name in ("width", "height"))]
    left, top, width, height = box
    side = max(width, height)
    if not 0.0 < side < math.inf or min(width, height) <= 0.0:
        raise ValueError("a page without area")
    return left - (side - width) / 2, top - (side - height) / 2, side


def _path_of(name: str, element: xml.Element) -> str:
    """The path of any shape."""
    if name == "path":
        return element.get("d", "")

    def n(key: str, other: str = "") -> float:
        return _length(element.get(key) or element.get(other) or "0")

    if name in ("polyline", "polygon"):
        points = element.get("points", "")
        return f"M{points}{'z' if name == 'polygon' else ''}" if _NUMBER.search(points) else ""
    if name == "line":
        return f"M{n('x1')},{n('y1')}L{n('x2')},{n('y2')}"
    if name == "rect":
        x, y, w, h = n("x"), n("y"), n("width"), n("height")
        rx, ry = min(n("rx", "ry"), w / 2), min(n("ry", "rx"), h / 2)
        turn = f"a{rx},{ry},0,0,1,"
        return f"M{x + rx},{y}h{w - 2 * rx}{turn}{rx},{ry}v{h - 2 * ry}{turn}{-rx},{ry}h{2 * rx - w}{turn}{-rx},{-ry}v{2 * ry - h}{turn}{rx},{-ry}z"
    rx, ry = (n("r"), n("r")) if name == "circle" else (n("rx"), n("ry"))
    x, y = n("cx"), n("cy")
    return f"M{x - rx},{y}a{rx},{ry},0,1,1,{2 * rx},0a{rx},{ry},0,1,1,{-2 * rx},0z" if rx > 0 and ry > 0 else ""


def _transform(text: str) -> np.ndarray:
    """(3, 3) of an element's ``transform``."""
    place = np.eye(3)
    for name, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        place = place @ _step(name, [float(n) for n in _NUMBER.findall(inside)])
    return place


def _step(name: str, n: list[float]) -> np.ndarray:
    if name == "matrix":
        return np.array([[n[0], n[2], n[4]], [n[1], n[3], n[5]], [0, 0, 1]])
    if name == "translate":
        return np.array([[1, 0, n[0]], [0, 1, n[1] if len(n) > 1 else 0], [0, 0, 1]])
    if name == "scale":
        return np.diag([n[0], n[1] if len(n) > 1 else n[0], 1.0])
    if name == "rotate":
        c, s = math.cos(math.radians(n[0])), math.sin(math.radians(n[0]))
        x, y = n[1:3] if len(n) > 2 else (0.0, 0.0)
        return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0, 0, 1]])
    skew = math.tan(math.radians(n[0]))
    return np.array([[1, skew if name == "skewX" else 0, 0], [skew if name == "skewY" else 0, 1, 0], [0, 0, 1]])


def _classes(root: xml.Element) -> dict[str, Style]:
    """What the drawing's own style sheet says of classes."""
    sheet = " ".join(element.text or "" for element in root.iter() if str(element.tag).rpartition("}")[2] == "style")
    found: dict[str, Style] = {}
    for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        for name in re.findall(r"\.([\w-]+)", names):
            found[name] = found.get(name, {}) | _declared(body)
    return found


def _declared(text: str) -> Style:
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, colon, value in pairs if colon}


def _length(text: str) -> float:
    """A length in the drawing's units; 0 where none is said or it is a share."""
    number = _NUMBER.match(text.strip())
    return float(number[0]) if number and not text.strip().endswith("%") else 0.0


def _share(text: str) -> float:
    value = float(text.rstrip("%")) / (100.0 if text.endswith("%") else 1.0)
    return min(max(value, 0.0), 1.0)


def _grey(colour: str) -> float | None:
    """Luminance 0 to 1 of a colour; None where nothing is painted."""
    colour = colour.strip().lower()
    if colour in ("none", "transparent", ""):
        return None
    if colour in ("currentcolor", "context-fill", "context-stroke") or colour.startswith("url("):
        return 0.0
    from PIL import ImageColor

    try:
        values: Any = ImageColor.getrgb(colour)
    except ValueError:
        return 0.0
    if len(values) == 4 and values[3] == 0:
        return None
    return (0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]) / 255.0
