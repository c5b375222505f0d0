"""What drawing a picture through JewelGen costs over the bare loop of diffusers, with random weights of a size where it shows.

    python scripts/bench_pictures.py [--steps 20] [--rounds 5] [--size 512] [--device cpu]

The same pipeline draws in turn through its own call and through ``engines.diffusion.drawing`` (words with weights, previews
every step, progress, tiling, height); the quickest are compared. On a graphics card the UNet is as large as SDXL's.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

os.environ["HF_HUB_OFFLINE"] = "1"
ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "diffusion")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    from tiny import sdxl

    from blender_jewelgen.core.diffusion import DiffusionParams
    from blender_jewelgen.core.pattern.strip import disc
    from blender_jewelgen.core.stages import Order
    from blender_jewelgen.core.words.design import Design
    from blender_jewelgen.engines.diffusion.drawing import drawn
    from blender_jewelgen.engines.diffusion.load import Loaded
    from blender_jewelgen.engines.diffusion.wording import HEIGHT_NEVER

    torch.manual_seed(0)
    on_card = options.device != "cpu"
    pipe = sdxl()
    pipe.register_modules(unet=_unet(pipe.unet, on_card))
    pipe.to(options.device, dtype=torch.float16 if on_card else torch.float32)
    pipe.set_progress_bar_config(disable=True)
    dtype = "float16" if on_card else "float32"
    plan = SimpleNamespace(device=options.device, dtype=dtype, offload="none", slicing=False, quantise="", fits=(4096, 4096))
    weights = SimpleNamespace(name="random", revision="", licence="", card=None, family="sdxl", path=".", credit=dict)
    model, side = Loaded(pipe, "sdxl", weights, plan), options.size
    shown: list[object] = []
    order = Order("", Design(), disc(20.0, side), 1, DiffusionParams(prompt="lotus scroll on gold", steps=options.steps, pixels=side), shown.append)

    def bare() -> None:
        generator = torch.Generator("cpu").manual_seed(1)
        pipe("lotus scroll on gold", negative_prompt=HEIGHT_NEVER, guidance_scale=6.0, num_inference_steps=options.steps, width=side, height=side, generator=generator)

    def ours() -> None:
        drawn(order, model, lambda share, text: None)

    clock = time.perf_counter if on_card or options.threads > 1 else time.process_time  # other programs on this machine do not count
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(options.rounds + 1):
        for name, draw in (("bare", bare), ("ours", ours)):
            begun = clock()
            draw()
            if on_card:
                torch.cuda.synchronize()
            times[name].append(clock() - begun)
    one, two = (min(times[name][1:]) for name in ("bare", "ours"))
    print(f"{options.device}, {side} px, {options.steps} steps of {1000.0 * one / options.steps:.0f} ms: bare {one:.3f} s, through JewelGen {two:.3f} s, "
          f"overhead {100.0 * (two / one - 1.0):+.2f} % (best of {options.rounds}), {len(shown) // (options.rounds + 1)} previews")  # fmt: skip
    return 0


def _unet(small: object, on_card: bool) -> object:
    """A UNet of SDXL's size, or on a processor one whose step takes a fraction of a second."""
    from diffusers import UNet2DConditionModel

    config = dict(small.config)  # type: ignore[attr-defined]
    if on_card:
        config |= {"block_out_channels": (320, 640, 1280), "layers_per_block": 2, "transformer_layers_per_block": (1, 2, 10), "attention_head_dim": (5, 10, 20), "norm_num_groups": 32}
    else:
        config |= {"block_out_channels": (32, 64, 64), "norm_num_groups": 16}
    return UNet2DConditionModel(**{name: value for name, value in config.items() if not name.startswith("_")}).eval()


if __name__ == "__main__":
    sys.exit(main())
