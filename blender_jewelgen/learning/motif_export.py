"""From a training checkpoint to the folder that ships: a diffusers folder and the same weights as ONNX, kept once.

The graph ``motif.onnx`` holds no weights of its own: its initializers point into the safetensors files by offset, as fp16, and
are cast where they are used. Only some hundred small constants stay inside. Needs onnx and onnxscript, and torch.
"""

from __future__ import annotations

import hashlib
import json
import struct
import warnings
from pathlib import Path

import numpy as np
import torch

from ..core.words.vectors import DIMENSIONS
from .cells import Cells
from .motif_network import CELL, MotifNetwork, new_unet
from .taught import subject_of

FORMAT = "jewelgen-motif/1"
OPSET, IR = 20, 10  # what onnxruntime 1.20 reads
_INSIDE = 16  # numbers; smaller constants stay in the graph
_SMALL = 32  # px of a drawing kept for comparison


def read_checkpoint(path: Path) -> tuple[MotifNetwork, int]:
    """The running mean of the weights rounded to fp16 (held as float32), and the images they have seen, those of weights it started from included.

    Width and depth are read from the weights themselves.
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    weights = state["steady"]
    blocks = sorted({int(name.split(".")[2]) for name in weights if name.startswith("unet.down_blocks.")})
    widths = tuple(len(weights[f"unet.down_blocks.{k}.resnets.0.conv1.weight"]) for k in blocks)
    layers = len({name.split(".")[4] for name in weights if name.startswith("unet.down_blocks.0.resnets.")})
    network = MotifNetwork(new_unet(widths, layers))
    network.load_state_dict(weights)
    return network.half().float().eval(), int(state["seen"]) + int(state.get("before", 0))


def write_diffusers(network: MotifNetwork, folder: Path) -> None:
    """The parts of a ``MotifPipeline`` as fp16 safetensors with their configurations."""
    from .motif_pipeline import MotifPipeline

    MotifPipeline.of(network.half()).save_pretrained(folder, safe_serialization=True)
    network.float()


def write_graph(network: MotifNetwork, folder: Path) -> int:
    """Write ``motif.onnx`` beside the safetensors files of ``folder``; returns how many numbers stayed inside it."""
    import onnx

    model = _exported(network)
    pool = _weights(folder)
    casts, inside = [], 0
    for tensor in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        found = pool.get(_key(values)) if values.dtype == np.float32 and values.size >= _INSIDE else None
        if found is None:
            inside += values.size
            continue
        file, offset, turned = found
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(_outside(f"{tensor.name}.half", values.shape[::-1] if turned else values.shape, file, offset))
        cast = f"{tensor.name}.cast" if turned else tensor.name
        casts.append(onnx.helper.make_node("Cast", [f"{tensor.name}.half"], [cast], to=onnx.TensorProto.FLOAT))
        if turned:
            casts.append(onnx.helper.make_node("Transpose", [cast], [tensor.name]))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    (folder / "motif.onnx").write_bytes(model.SerializeToString(deterministic=True))
    return inside


def write_drawings(cells: Cells, folder: Path) -> None:
    """``drawings.npz``: every drawing that was taught (no figures), (n, 32, 32) int8 over six px, with name and subject."""
    from .figures import FIGURES

    library = cells.names[: cells.names.index(next(iter(FIGURES)))]  # it comes first; some figures share its names
    place = {name: k for k, name in enumerate(library)}
    subjects = subject_of()
    kept = [place[name] for name in subjects if name in place]
    shapes = cells.shapes[kept].astype(np.float32)
    fold = shapes.shape[-1] // _SMALL
    small = np.round(shapes.reshape(-1, _SMALL, fold, _SMALL, fold).mean((2, 4))).astype(np.int8)
    text = {"names": "\n".join(cells.names[k] for k in kept), "subjects": "\n".join(subjects[cells.names[k]] for k in kept)}
    np.savez_compressed(folder / "drawings.npz", cells=small, **{key: np.frombuffer(value.encode(), np.uint8) for key, value in text.items()})


def write_list(folder: Path, images: int) -> dict:
    """``motif.json``: format, revision (of the weights), images seen, bytes and hash of every other file."""
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "motif.json"):
        path.chmod(0o644)  # safetensors writes for its owner alone
        data = path.read_bytes()
        files[path.relative_to(folder).as_posix()] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    weights = "".join(entry["sha256"] for name, entry in files.items() if name.endswith(".safetensors"))
    about = {"format": FORMAT, "revision": hashlib.sha256(weights.encode()).hexdigest()[:12], "images": images, "files": files}
    (folder / "motif.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return about


def _exported(network: MotifNetwork):
    """The network as an ONNX model with any number of cells at once; nothing in it tells where it was made."""
    batch = torch.export.Dim("batch", min=1, max=256)
    example = (torch.zeros(3, 1, CELL, CELL), torch.zeros(3), torch.zeros(3, DIMENSIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network, example, dynamo=True, opset_version=OPSET, verbose=False, dynamic_shapes={name: {0: batch} for name in ("cell", "time", "words")},
            input_names=["cell", "time", "words"], output_names=["direction"],
        )  # fmt: skip
    model = program.model_proto
    model.ir_version = IR
    model.producer_version = model.doc_string = ""
    for part in (model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del model.graph.value_info[:]
    return model


def _weights(folder: Path) -> dict[bytes, tuple[str, int, bool]]:
    """Key of every tensor of the safetensors files, as it lies and turned, to (file, offset, turned)."""
    pool: dict[bytes, tuple[str, int, bool]] = {}
    for path in sorted(folder.rglob("*.safetensors")):
        data = path.read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        for entry in (e for name, e in json.loads(data[8 : 8 + length]).items() if name != "__metadata__"):
            first, last = (8 + length + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[first:last], np.float16).astype(np.float32).reshape(entry["shape"])
            place = path.relative_to(folder).as_posix(), first
            pool.setdefault(_key(values), (*place, False))
            if values.ndim == 2:
                pool.setdefault(_key(values.T), (*place, True))
    return pool


def _key(values: np.ndarray) -> bytes:
    """What two tensors of equal numbers in equal order share, whatever their shape."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).digest()


def _outside(name: str, shape: tuple[int, ...], file: str, offset: int):
    """A fp16 initializer whose numbers lie in another file."""
    import onnx

    tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT16, dims=shape, data_location=onnx.TensorProto.EXTERNAL)
    for key, value in (("location", file), ("offset", offset), ("length", 2 * int(np.prod(shape)))):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
