#!/usr/bin/env python3
"""Turn a training folder into the weights that ship: ``python scripts/export_motif.py FOLDER [--out DIR]``.

FOLDER holds checkpoint.pt and cells.npz of ``train_motif.py``. All is written beside the old weights, tried, then exchanged; the
same checkpoint gives the same bytes. Needs torch, diffusers, onnx and onnxscript; with onnxruntime the two are compared.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from blender_jewelgen.learning import motif_export as export  # noqa: E402
from blender_jewelgen.learning.cells import build  # noqa: E402
from blender_jewelgen.learning.motif_network import CELL, MotifNetwork  # noqa: E402

WEIGHTS = ROOT / "blender_jewelgen" / "engines" / "motif" / "weights"
CARD = """---
license: gpl-3.0
library_name: diffusers
pipeline_tag: text-to-image
tags: [signed-distance, jewelry, motif]
---
# JewelGen motif model

Draws one motif in a square cell as a signed distance (64 x 64, px of the cell, positive inside) from English words; {millions:.2f} M
weights, fp16, after {images:,} images. Made by JewelGen from scratch: flow matching, no other model's weights in it.

- `unet`: diffusers UNet2DModel on cells folded 4 to 1; `text_encoder`: a word vector of 96 numbers to the UNet's conditioning.
- `motif.onnx`: the same network for onnxruntime; its weights are read from the safetensors files beside it.
- `drawings.npz`: the drawings it was taught, 32 x 32, to tell how near a new one is.

```python
from blender_jewelgen.learning.motif_pipeline import MotifPipeline
pipe = MotifPipeline.from_pretrained("blender_jewelgen/engines/motif/weights")
cells = pipe(["dragon", "lotus flower"]).images  # (2, 64, 64) float32
```

Taught with drawings of Game Icons (CC BY 3.0) and other free collections (CC BY 4.0, MIT, Apache-2.0, CC0; all authors in ATTRIBUTION.md
of JewelGen) and figures drawn by JewelGen itself. Words
are vectors distilled from all-MiniLM-L6-v2 (Apache-2.0), in `core/library/vectors.npz`. Code and weights: GPL-3.0-or-later; credit
the authors of the drawings where you pass the weights on. Figures, samples and limits: docs/model-card.md.
"""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of train_motif.py")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    network, images = export.read_checkpoint(options.folder / "checkpoint.pt")
    fresh = options.out.with_name(options.out.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    export.write_diffusers(network, fresh)
    inside = export.write_graph(network, fresh)
    export.write_drawings(build(options.folder / "cells.npz"), fresh)
    millions = sum(p.numel() for p in network.parameters()) / 1e6
    (fresh / "README.md").write_text(CARD.format(millions=millions, images=images), encoding="utf-8")
    about = export.write_list(fresh, images)
    away = parity(network, fresh / "motif.onnx")
    if away > 1e-4:
        sys.exit(f"onnxruntime and torch differ by {away:.1e}; {fresh} is left to look at")
    old = options.out.with_name(options.out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if options.out.exists():
        options.out.rename(old)
    fresh.rename(options.out)
    shutil.rmtree(old, ignore_errors=True)
    size = sum(entry["bytes"] for entry in about["files"].values()) / 1e6
    print(f"revision {about['revision']}, {images:,} images, {size:.2f} MB, {inside:,} numbers inside the graph, onnxruntime within {away:.1e} of torch")


@torch.no_grad()
def parity(network: MotifNetwork, graph: Path) -> float:
    """Largest difference of one step in torch and in onnxruntime, three cells."""
    import onnxruntime

    rng = np.random.default_rng(0)
    inputs = {"cell": rng.normal(size=(3, 1, CELL, CELL)), "time": np.array([1.0, 0.5, 0.1]), "words": rng.normal(size=(3, 96)) / 96**0.5}
    inputs = {name: values.astype(np.float32) for name, values in inputs.items()}
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    ours = network(*(torch.from_numpy(inputs[name]) for name in ("cell", "time", "words"))).numpy()
    return float(np.abs(session.run(None, inputs)[0] - ours).max())


if __name__ == "__main__":
    main()
