"""A ComfyUI workflow in API format: read, and filled with the picture, the words and the seed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from ...core.errors import BadInput

PROMPT = "%prompt%"  # in any text of a workflow: the words stand there
_SEEDS = ("seed", "noise_seed")
_LARGEST = 8 << 20  # bytes

Nodes = dict[str, dict[str, Any]]


def workflow(path: str | Path) -> Nodes:
    """The nodes of a file by their numbers. Raises BadInput for one that is no workflow, or is saved for the window instead of the API."""
    path = Path(path).expanduser()
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{path.name} is too large for a workflow", field="model")
        nodes = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"the workflow {path.name} cannot be read ({error.strerror or error})", field="model") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is no workflow: it is not JSON", field="model") from error
    if isinstance(nodes, dict) and isinstance(nodes.get("nodes"), list):
        raise BadInput(f"{path.name} is saved for ComfyUI's window; save it with Export (API)", field="model")
    if not isinstance(nodes, dict) or not nodes or not all(isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict) for node in nodes.values()):
        raise BadInput(f"{path.name} is no workflow in API format", field="model")
    if not _loaders(nodes):
        raise BadInput(f"the workflow {path.name} loads no picture; it needs a Load Image node", field="model")
    return nodes


def filled(nodes: Nodes, picture: str, prompt: str, seed: int) -> Nodes:
    """A copy in which every Load Image node loads ``picture``, %prompt% is ``prompt``, and every seed that is a number is ``seed``."""
    nodes = copy.deepcopy(nodes)
    for node in nodes.values():
        inputs = node["inputs"]
        for name, value in inputs.items():
            if isinstance(value, str):
                inputs[name] = value.replace(PROMPT, prompt)
            elif name in _SEEDS and isinstance(value, int) and not isinstance(value, bool):
                inputs[name] = seed
    for node in _loaders(nodes):
        node["inputs"]["image"] = picture
    return nodes


def _loaders(nodes: Nodes) -> list[dict[str, Any]]:
    """The nodes that load a picture of a file."""
    return [node for node in nodes.values() if node["class_type"].startswith("LoadImage") and isinstance(node["inputs"].get("image"), str)]
