"""Engines of another Python: the pipeline runs here and has the pattern drawn there."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..core.pipeline import Answer, Ask, Order, Tell
from ..core.words.design import Design
from . import store
from .client import Client


def ask_of(client: Client) -> Ask:
    """An ``Ask`` for the pipeline that a worker answers, bit for bit as an engine here would; it raises what ``Client.wait`` does."""

    def ask(order: Order, tell: Tell) -> Answer:
        with tempfile.TemporaryDirectory(prefix="jewelgen-") as name:
            folder = Path(name)
            params, outline = order_params(order)
            if outline is not None:
                store.write_arrays(folder / "surface.npz", outline=outline)
                params["outline"] = "surface.npz"

            def show(file: str) -> None:
                if order.show:
                    order.show(store.read_picture(folder / file))

            result = client.run("ask", params, folder, tell=tell, preview=show)
            design = Design.from_dict(result["design"]) if result.get("design") else None
            picture = np.load(folder / "picture.npy", allow_pickle=False)
            colours = store.read_picture(folder / result["colours"]) if result.get("colours") else None
            return Answer(picture, result["credit"], tuple(result["missing"]), design, tuple(result.get("notes", ())), colours)

    return ask


def order_params(order: Order) -> tuple[dict[str, Any], np.ndarray | None]:
    """What ``ask`` needs to know of an order, and the outline that goes into a file."""
    surface = asdict(order.surface)
    outline = surface.pop("outline", None)
    known = {"engine": order.engine, "design": order.design.to_dict(), "seed": order.seed, "diffusion": order.diffusion.to_dict(), "online": order.online}
    return known | {"surface": surface}, outline
