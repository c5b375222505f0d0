"""What the libraries say when a model cannot be read or runs out of memory, in one sentence with its mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import BadInput, Fix, JewelGenError
from .families import Family
from .kept import KEPT, Dropped
from .sizes import Tile, smaller

if TYPE_CHECKING:
    from ..weights.resolve import Weights

_CARD = re.compile(r"CUDA (error|driver)|HIP error|NVIDIA driver|no kernel image|cuDNN error|CUBLAS_STATUS|not compiled with CUDA", re.IGNORECASE)


@contextmanager
def while_reading(weights: Weights, family: Family) -> Iterator[None]:
    """What the libraries say of weights that do not fit, in one sentence."""
    import torch

    try:
        yield
    except (JewelGenError, Dropped, KeyboardInterrupt):
        raise
    except torch.OutOfMemoryError as error:
        raise BadInput(
            f"{weights.name} does not fit into the memory of this device", field="memory", fix=Fix("Show what fits", "jewelgen models list")
        ) from error
    except ImportError as error:
        missing = getattr(error, "name", None) or str(error).strip().splitlines()[0][:80]
        raise BadInput(f"the runtime lacks {missing}, which {weights.name} needs", field="runtime", fix=Fix("Repair the runtime", "jewelgen runtime repair")) from error
    except OSError as error:
        if not Path(weights.path).exists():
            raise BadInput(f"the model {weights.name} is no longer at {weights.path}: it was moved or renamed", field="model") from error
        raise BadInput(f"the model {weights.name} cannot be read: {_first(error)}", field="model") from error
    except MemoryError as error:
        raise BadInput(f"{weights.name} does not fit into the computer's memory", field="memory") from error
    except Exception as error:  # the libraries raise ValueError, KeyError, RuntimeError, SafetensorError and more for files that do not fit
        _refused_by_card(error)
        raise BadInput(f"the files of {weights.name} are no {family.label}, or are damaged: {_first(error)}", field="model") from error


def _refused_by_card(error: BaseException) -> None:
    """Raises BadInput where the card or its driver is at fault, and not the model."""
    if _CARD.search(str(error)):
        fix = Fix("Repair the runtime", "jewelgen runtime repair")
        raise BadInput(f"the graphics card cannot be used: {_first(error)}", field="runtime", fix=fix) from error


def _first(error: BaseException) -> str:
    """The first line of what a library said."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".:")


@contextmanager
def while_drawing(tile: Tile, family: Family, model: str) -> Iterator[None]:
    """Running out of memory, with the size that fits; and what a model says that was made otherwise than its files tell."""
    import torch

    try:
        yield
    except JewelGenError:
        raise
    except torch.OutOfMemoryError as error:
        _short_of_memory(tile, family, model, error)
    except RuntimeError as error:  # torch has classes of its own for few of them
        text = str(error)
        if "out of memory" in text.lower() or "not enough memory" in text.lower() or "can't allocate" in text.lower():
            _short_of_memory(tile, family, model, error)
        _refused_by_card(error)
        if "size mismatch" in text or "shapes cannot be multiplied" in text or "size of tensor" in text:
            raise BadInput(f"the parts of {model} do not fit each other: {text.splitlines()[0][:140]}", field="model") from error
        raise
    except (MemoryError, UnboundLocalError) as error:  # Sana's pipeline catches what its decoder raises, and stumbles over that
        if isinstance(error, UnboundLocalError) and family.name != "sana":
            raise
        _short_of_memory(tile, family, model, error)


def _short_of_memory(tile: Tile, family: Family, model: str, error: BaseException) -> None:
    KEPT.free()
    side = smaller(tile, family)
    fix = Fix(f"Draw {side} px", f"--draw-pixels {side}") if side else Fix("Show what fits", "jewelgen models list")
    raise BadInput(f"{model} ran out of memory at {tile.width} x {tile.height} px", field="memory", fix=fix) from error
