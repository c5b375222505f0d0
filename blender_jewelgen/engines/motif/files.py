"""The files of the motif model: found, proved to be whole, loaded once."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput

FORMAT = "jewelgen-motif/1"
FOLDER = Path(__file__).resolve().parent / "weights"
_THREADS = 4  # more help nothing: a cell is small


@dataclass(frozen=True, eq=False)
class Model:
    """The net behind ``direction``, and the drawings it was taught: names, subjects, and silhouettes (n, 32, 32) bool."""

    revision: str
    names: tuple[str, ...]
    subjects: tuple[str, ...]
    taught: np.ndarray
    session: Any

    def direction(self, cell: np.ndarray, time: np.ndarray, words: np.ndarray) -> np.ndarray:
        """(b, 64, 64) float32, noise minus drawing, of noisy cells (b, 64, 64), times (b,) 0 to 1 and words (b, 96)."""
        given = {"cell": cell[:, None].astype(np.float32), "time": time.astype(np.float32), "words": words.astype(np.float32)}
        return self.session.run(None, given)[0][:, 0]


def reason(folder: Path | None = None) -> str:
    """Why the model cannot run here, in one sentence; "" if it can."""
    try:
        model(folder)
    except BadInput as error:
        return str(error)
    return ""


def model(folder: Path | None = None) -> Model:
    """The model of a folder, by default the one that ships; loaded once. Raises BadInput that names what is wrong."""
    return _loaded(folder or FOLDER)


def revision(folder: Path | None = None) -> str:
    """The revision of the weights of a folder, which are not loaded. Raises BadInput where there are none."""
    return str(_listed(folder or FOLDER)["revision"])


@cache
def _loaded(folder: Path) -> Model:
    card = _card(folder)
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        raise BadInput(f"the motif model needs onnxruntime, which cannot be loaded here ({_first(error)})", field="engine") from error
    onnxruntime.disable_telemetry_events()  # builds for Windows would tell their maker of use
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, _THREADS)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # threads that wait by spinning are three times slower on busy cores
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(folder / "motif.onnx"), options, providers=["CPUExecutionProvider"])
        with np.load(folder / "drawings.npz", allow_pickle=False) as file:
            names, subjects = (tuple(bytes(file[key]).decode().split("\n")) for key in ("names", "subjects"))
            taught = file["cells"] > 0
    except Exception as error:  # onnxruntime has a class of its own for every cause
        raise BadInput(f"the motif model cannot be loaded ({_first(error)})", field="engine") from error
    return Model(str(card["revision"]), names, subjects, taught, session)


def _card(folder: Path) -> dict[str, Any]:
    """motif.json, once every file it lists has the size and sum it says."""
    card = _listed(folder)
    for name, known in card["files"].items():
        path = folder / name
        size = path.stat().st_size if path.is_file() else -1
        if size < 0:
            raise BadInput(f"the motif model lacks its file {name}", field="engine")
        if size != known["bytes"]:
            raise BadInput(f"the motif model's file {name} has {size:,} bytes; it must have {known['bytes']:,}", field="engine")
        if hashlib.sha256(path.read_bytes()).hexdigest() != known["sha256"]:
            raise BadInput(f"the motif model's file {name} is damaged (its SHA-256 is another)", field="engine")
    return card


def _listed(folder: Path) -> dict[str, Any]:
    """The files and the revision that motif.json names."""
    try:
        card = json.loads((folder / "motif.json").read_text("utf-8"))
        found, listed = card["format"], {"files": dict(card["files"]), "revision": str(card["revision"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("the motif model is missing: there is no readable motif.json; the library draws instead", field="engine") from error
    if found != FORMAT:
        raise BadInput(f"the motif model has the format {str(found)[:40]!r}; this version reads {FORMAT!r}", field="engine")
    return listed


def _first(error: BaseException) -> str:
    """The first line of what an error says, or its kind."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:100]
