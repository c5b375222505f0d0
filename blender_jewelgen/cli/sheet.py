"""Pictures put together with Pillow: contact sheets with labels, and turns that move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.library import table

PAPER, INK, PALE = (246, 243, 238), (37, 33, 28), (122, 111, 96)  # those of report.html
_GAP = 0.045  # of a picture's side, round every picture
_LABEL = 0.2  # of it, under every picture
_LARGEST = 12_000  # px, a side of a sheet; pictures become smaller before it grows beyond
_SIGNS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "wqy-microhei.ttc", "msyh.ttc", "PingFang.ttc", "STHeiti Medium.ttc", "Arial Unicode.ttf")


def contact_sheet(path: Path, pictures: Sequence[Path | np.ndarray], labels: Sequence[Sequence[str]], columns: int, side: int) -> tuple[int, int]:
    """Write a PNG of pictures (files, or (h, w, 3) uint8) in rows, ``side`` px each, two lines of label under each; returns its width and height."""
    from PIL import Image, ImageDraw

    rows = math.ceil(len(pictures) / columns)
    side = min(side, int(_LARGEST / (columns * (1 + _GAP) + _GAP)), int(_LARGEST / (rows * (1 + _GAP + _LABEL) + _GAP)))
    gap, low = max(2, round(side * _GAP)), round(side * _LABEL)
    sheet = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + low) + 2 * gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        row, column = divmod(number, columns)
        x, y = gap + column * (side + gap), gap + row * (side + low)
        with Image.fromarray(picture) if isinstance(picture, np.ndarray) else Image.open(picture) as image:
            sheet.paste(image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), (x, y))
        for text, top, tall, colour in zip(label, (0.03, 0.092), (0.052, 0.042), (INK, PALE)):
            font = _font(text, max(8, round(side * tall)))
            draw.text((x, y + side * (1 + top)), _cut(text, font, side), font=font, fill=colour)
    sheet.save(path, "PNG")
    return sheet.size


def label_of(facts: dict[str, Any]) -> tuple[str, str]:
    """Two lines for a piece: its name; metal, weight and size."""
    metal = table("alloys")["alloys"].get(facts["metal"], {"en": facts["metal"]})["en"]
    return facts["name"], f"{metal} · {facts['weight_g']:.2f} g · {facts['size']}"


def moving(path: Path, frames: Sequence[Path], seconds: float) -> None:
    """Write frames as one picture that turns for ever, WebP or GIF as the name says; one turn takes ``seconds``."""
    from PIL import Image

    images = [Image.open(frame).convert("RGB") for frame in frames]
    options: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": round(1000.0 * seconds / len(images)), "loop": 0}
    if path.suffix == ".webp":
        images[0].save(path, "WEBP", quality=88, method=4, **options)
    else:
        images[0].save(path, "GIF", **options)


def kind_of_moving() -> str:
    """".webp", or ".gif" where Pillow was built without WebP."""
    from PIL import features

    return ".webp" if features.check("webp") else ".gif"


def _font(text: str, size: int) -> Any:
    """Pillow's own font, or one of the system's where that lacks a sign of the text."""
    from PIL import ImageFont

    own = ImageFont.load_default(size)
    if _writes(own, text):
        return own
    for name in _SIGNS:
        try:
            font = ImageFont.truetype(name, size)
        except OSError:
            continue
        if _writes(font, text):
            return font
    return own


def _writes(font: Any, text: str) -> bool:
    """Whether no sign of the text comes out as the box that stands for missing ones."""
    box = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(sign)) != box for sign in set(text) if not sign.isspace())


def _cut(text: str, font: Any, width: float) -> str:
    """The text, its end left away where it is wider than its picture."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
