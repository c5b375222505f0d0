"""The engine ``openai:MODEL``: an image endpoint as OpenAI has it draws, and its picture becomes the height.

The endpoint is OpenAI's, or what the variable JEWELGEN_OPENAI_SERVER names: a server on this computer needs no key. It is never
read from a recipe, so that a recipe of somebody else's cannot have the key sent elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import BadInput
from ..core.pattern.strip import Strip
from .remote import address, faults, keys
from .remote.faults import Refused
from .remote.http import Line

if TYPE_CHECKING:
    from ..core.stages import Answer, Order, Tell
    from .diffusion.sizes import Tile

PREFIX = "openai:"
HOME, SERVER = "https://api.openai.com/v1", "JEWELGEN_OPENAI_SERVER"
LABEL = "the image service"
_SQUARE, _WIDE, _TALL = "1024x1024", "1536x1024", "1024x1536"
_OLDER = {"dall-e-3": (_SQUARE, "1792x1024", "1024x1792"), "dall-e-2": (_SQUARE, _SQUARE, _SQUARE)}
_LONGEST = {"dall-e-3": 4000, "dall-e-2": 1000}
_LIMIT = 64 << 20  # bytes of an answer that holds a picture
_OVERLAP = 1 / 6  # of a side, faded into the other end where the picture runs on into itself


def draw(order: Order, tell: Tell) -> Answer:
    """The pattern of an order: a picture drawn of its words, and the height in it. The same order draws another picture each time.

    Raises BadInput (network, key, server, picture, and what the order asks for that a service cannot do) and Cancelled.
    """
    from ..core.stages import Answer
    from .diffusion.heights import height_in
    from .diffusion.sizes import laid

    model = order.engine.removeprefix(PREFIX).strip()
    if not model:
        raise BadInput("the model is not named; say --engine openai:gpt-image-1", field="engine")
    _refuse(order)
    line, tile = _line(order.online, tell), _tile(order, model)
    prompt = _prompt(order, tile)[: _LONGEST.get(model, 30_000)]
    colours = _drawn(line, model, prompt, _size(model, tile))
    joined = _joined(_proportioned(colours, tile.width / tile.height), tile.axes)
    width = order.surface.length if isinstance(order.surface, Strip) else order.surface.size_x
    height, notes = height_in(joined.astype(np.float32) / 255.0, order.diffusion, width / tile.across, tile.axes in ("x", "both"), tell)
    credit = {"model": model, "revision": "", "licence": "terms of the image service", "size": f"{colours.shape[1]} x {colours.shape[0]}", "tiles": f"{tile.across} x {tile.down}"}
    told = ("a service draws without a seed: the same order gives another picture",)
    return Answer(laid(tile, height, order.surface), credit, notes=(*told, *notes), colours=joined)


def _refuse(order: Order) -> None:
    asked = order.diffusion
    for name in ("start", "mask", "box", "controls", "images", "loras"):
        if getattr(asked, name):
            raise BadInput(f"an image service draws of words alone; leave {name} out, or draw with a model on this computer", field=name)


def _line(online: bool, tell: Tell) -> Line:
    server = address.proper_server(LABEL, os.environ.get(SERVER, "").strip() or HOME)
    near = address.loopback(server)
    if not near:
        address.allowed(LABEL, online)
    key = "" if near and not _has_key() else keys.key("openai")
    line = Line(LABEL, server, tell, key)
    line.phase(0.02, f"{LABEL} is drawing")
    return line


def _has_key() -> bool:
    return any(one["provider"] == "openai" and one["where"] for one in keys.listed())


def _tile(order: Order, model: str) -> Tile:
    from .diffusion.families import Family
    from .diffusion.sizes import tile_for

    any_size = Family(name="openai", label=LABEL, text="", image="", inpaint="", control="", multiple=8, pixels=1024, usual=(0, 0.0), quick=(0, 0.0))
    return tile_for(order.surface, any_size, None, order.diffusion.tiling, order.design.repeats)


def _size(model: str, tile: Tile) -> str:
    """The size of the service's that is nearest to the tile's proportions."""
    square, wide, tall = _OLDER.get(model, (_SQUARE, _WIDE, _TALL))
    aspect = tile.width / tile.height
    return wide if aspect > 1.22 else tall if aspect < 1 / 1.22 else square


def _prompt(order: Order, tile: Tile) -> str:
    """What is said: the words of every picture model, without the signs that weigh them."""
    from .diffusion.spoken import said
    from .diffusion.wording import prompts

    wanted, never = prompts(order.design, order.diffusion, order.surface, tile.across * tile.down > 1 or tile.axes != "none")
    words = said(wanted)
    avoid = ", ".join(part.text for part in said(never).parts if part.text)
    text = ", ".join(part.text for part in words.parts if part.text)
    return f"{text}. Avoid: {', '.join(filter(None, [words.avoid, avoid]))}." if avoid or words.avoid else text


def _drawn(line: Line, model: str, prompt: str, size: str) -> np.ndarray:
    """(h, w, 3) uint8 as the service drew it."""
    try:
        with faults.understood(LABEL):
            row = line.post("images/generations", {"model": model, "prompt": prompt, "n": 1, "size": size}, again=False, limit=_LIMIT)["data"][0]
            data = _data(line, row)
    except Refused as error:
        raise faults.refusal(LABEL, error, "openai", keys.provider("openai").page) from error
    return _picture(data)


def _data(line: Line, row: dict[str, Any]) -> bytes:
    """The bytes of a picture that lies in the answer, or behind a link."""
    if row.get("b64_json"):
        try:
            return base64.b64decode(row["b64_json"], validate=True)
        except (binascii.Error, TypeError) as error:
            raise BadInput(f"{LABEL} gives a picture that is not one", field="picture") from error
    line.phase(0.85, "fetching the picture")
    with tempfile.TemporaryDirectory(prefix="jewelgen-") as name:
        line.fetch(str(row["url"]), Path(name) / "picture", what="picture")
        return (Path(name) / "picture").read_bytes()


def _picture(data: bytes) -> np.ndarray:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as file:
            if not 64 <= min(file.size) <= max(file.size) <= 8192:
                raise BadInput(f"{LABEL} gives a picture of {file.width} x {file.height} px", field="picture")
            colours = np.asarray(file.convert("RGBA"), np.float32)
    except BadInput:
        raise
    except Exception as error:  # decoders of damaged files raise anything
        raise BadInput(f"{LABEL} gives a picture that is not one, or is cut short", field="picture") from error
    alpha = colours[..., 3:] / 255.0
    return (colours[..., :3] * alpha + 255.0 * (1.0 - alpha) + 0.5).astype(np.uint8)


def _proportioned(colours: np.ndarray, aspect: float) -> np.ndarray:
    """The middle of a picture, of the given width to height."""
    rows, columns = colours.shape[:2]
    wide, high = (columns, round(columns / aspect)) if columns / rows < aspect else (round(rows * aspect), rows)
    left, top = (columns - wide) // 2, (rows - high) // 2
    return np.ascontiguousarray(colours[top : top + high, left : left + wide])


def _joined(colours: np.ndarray, axes: str) -> np.ndarray:
    """The same with its ends faded into each other along "x", "y" or "both", so that it runs on into itself."""
    if axes in ("x", "both"):
        colours = _faded(colours)
    if axes in ("y", "both"):
        colours = _faded(colours.transpose(1, 0, 2)).transpose(1, 0, 2)
    return np.ascontiguousarray(colours)


def _faded(colours: np.ndarray) -> np.ndarray:
    """The right end laid over the left one: what is left then ends where the faded part begins."""
    columns = colours.shape[1]
    over = max(1, round(columns * _OVERLAP))
    share = ((np.arange(over) + 0.5) / over)[None, :, None]
    begin = colours[:, columns - over :] * (1.0 - share) + colours[:, :over] * share
    return np.concatenate([(begin + 0.5).astype(np.uint8), colours[:, over : columns - over]], axis=1)
