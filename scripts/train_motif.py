#!/usr/bin/env python3
"""Train the motif model from scratch, or go on: ``python scripts/train_motif.py --out DIR [--minutes 60]``.

bf16 throughout. On a processor each of ``--processes`` has one thread and they share their gradients (threads of one process
wait for each other: fifteen times slower on busy cores); on a graphics card one process does all, in larger batches:
``python scripts/train_motif.py --out DIR --minutes 20 --total 20 --batch 512``. Every few minutes the state is written to DIR
(checkpoint.pt, resumable at any moment), with log.csv and a sheet of samples.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as together
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from blender_jewelgen.learning.cells import build  # noqa: E402
from blender_jewelgen.learning.motif_batches import Batches  # noqa: E402
from blender_jewelgen.learning.motif_network import MotifNetwork, new_unet  # noqa: E402
from blender_jewelgen.learning.motif_pipeline import MotifPipeline  # noqa: E402

SHEET = (
    "lotus flower|rosette eight petals|celtic knot triquetra|scallop shell|acanthus leaf|palmette seven petals|star eight points|peacock feather|"
    "sun rays|crescent moon star|dragon|eagle|crown|butterfly|sea serpent|heart|rose|lion|seahorse|oak leaf|tropical fish|owl|spider|horse head|"
    "gothic cross|turtle|octopus|anchor|dragon lotus|winged lion"
).split("|")


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    build(options.out / "cells.npz")  # once, before several processes want it
    if options.processes == 1:
        train(0, options)
    else:
        torch.multiprocessing.spawn(train, (options,), nprocs=options.processes)


def train(rank: int, options: argparse.Namespace) -> None:
    """One of ``options.processes``: the first writes the files."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    if options.processes > 1:
        meeting = options.out / "meeting"
        together.init_process_group("gloo", init_method=f"file://{meeting}-{os.getppid()}", rank=rank, world_size=options.processes)
    cells = build(options.out / "cells.npz")
    before = 0
    if options.start:
        before = json.loads((options.start / "motif.json").read_text("utf-8"))["images"]
        known = MotifPipeline.from_pretrained(options.start)
        network = MotifNetwork(known.unet, known.text_encoder).float().train().requires_grad_(True).to(device)
    else:
        network = MotifNetwork(new_unet(tuple(options.widths), options.layers)).to(device)
    steady = copy.deepcopy(network).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    seen, spent, before = _resume(options.out / "checkpoint.pt", network, steady, optimizer, device) or (0, 0.0, before)
    torch.manual_seed(options.seed + seen + rank)
    batches = Batches(cells, options.seed + seen + 7919 * rank)
    if rank == 0:
        size = sum(p.numel() for p in network.parameters()) / 1e6
        print(f"{size:.2f} M weights on {device}, {len(cells.names)} cells, {before + seen:,} images seen", flush=True)
    at_once = options.batch * options.processes
    started = last = time.time()
    losses: list[float] = []
    over = torch.zeros(1)
    while not over:
        share = (spent + time.time() - started) / (options.total * 60)
        for group in optimizer.param_groups:  # warm up, hold, fall to a fiftieth over the last third of the planned time
            fall = float(np.clip(3 * share - 2, 0, 1))
            group["lr"] = options.rate * min(1.0, (seen + at_once) / (200 * at_once)) * (1.0 - 0.98 * fall)
        losses.append(step(network, steady, optimizer, *(part.to(device) for part in batches(options.batch)), seen // at_once))
        seen += at_once
        if rank == 0 and time.time() - last > options.every * 60:
            last = time.time()
            _save(options.out, network, steady, optimizer, seen, spent + last - started, before)
            _log(options.out, seen, spent + last - started, losses)
            sheet(steady, options.out / f"sheet-{seen // 1000:06d}k.png", device)
            losses.clear()
        over += time.time() - started >= options.minutes * 60
        if options.processes > 1:  # all stop together
            together.all_reduce(over)
    if rank == 0:
        _save(options.out, network, steady, optimizer, seen, spent + time.time() - started, before)
        _log(options.out, seen, spent + time.time() - started, losses)
        sheet(steady, options.out / "sheet.png", device)


def step(network, steady, optimizer, cells: torch.Tensor, words: torch.Tensor, number: int) -> float:
    """One step of flow matching (Lipman et al. 2023, Liu et al. 2023); ``steady`` follows as a running mean. Returns the loss."""
    noise = torch.randn_like(cells)
    times = torch.sigmoid(torch.randn(len(cells), device=cells.device) + 0.4)
    t = times[:, None, None, None]
    with torch.autocast(cells.device.type, torch.bfloat16):
        direction = network((1.0 - t) * cells + t * noise, times, words)
    loss = F.mse_loss(direction.float(), noise - cells)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if together.is_initialized():
        _shared(network)
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    keep = min(0.998, (1 + number) / (20 + number))
    with torch.no_grad():
        torch._foreach_lerp_(list(steady.parameters()), list(network.parameters()), 1.0 - keep)
    return float(loss.detach())


def _shared(network: MotifNetwork) -> None:
    """Every process goes on with the mean of all gradients."""
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    together.all_reduce(flat)
    flat /= together.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def sheet(network: MotifNetwork, path: Path, device: torch.device) -> None:
    """A picture of 30 prompts, three seeds each."""
    from PIL import Image

    network.to("cpu")
    pipeline = MotifPipeline.of(network)
    pipeline.set_progress_bar_config(disable=True)
    with torch.autocast("cpu", torch.bfloat16):
        rows = [pipeline(SHEET, generator=torch.Generator().manual_seed(seed)).images for seed in range(3)]
    network.to(device)
    tiles = [[np.kron(np.clip(cell[k] / 2.0 + 0.5, 0, 1), np.ones((2, 2))) for k in range(len(SHEET))] for cell in rows]
    bands = [np.concatenate(row[k : k + 10], 1) for k in range(0, len(SHEET), 10) for row in tiles]
    Image.fromarray((np.concatenate(bands, 0) * 255).astype(np.uint8)).save(path)


def _save(folder: Path, network, steady, optimizer, seen: int, spent: float, before: int) -> None:
    """``before``: the images that the weights it started from had seen."""
    state = {"before": before, "network": network.state_dict(), "steady": steady.state_dict(), "optimizer": optimizer.state_dict(), "seen": seen, "spent": spent}
    torch.save(state, folder / "checkpoint.part")
    os.replace(folder / "checkpoint.part", folder / "checkpoint.pt")


def _resume(path: Path, network, steady, optimizer, device) -> tuple[int, float, int] | None:
    if not path.exists():
        return None
    state = torch.load(path, map_location=device, weights_only=True)
    network.load_state_dict(state["network"])
    steady.load_state_dict(state["steady"])
    optimizer.load_state_dict(state["optimizer"])
    return state["seen"], state["spent"], state.get("before", 0)


def _log(folder: Path, seen: int, spent: float, losses: list[float]) -> None:
    fresh = not (folder / "log.csv").exists()
    with open(folder / "log.csv", "a", encoding="utf-8") as file:
        if fresh:
            file.write("images,seconds,loss\n")
        file.write(f"{seen},{spent:.0f},{np.mean(losses):.5f}\n")
    print(f"{seen:,} images, {spent / 60:.1f} min, loss {np.mean(losses):.4f}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from where DIR has no checkpoint, such as blender_jewelgen/engines/motif/weights")
    parser.add_argument("--minutes", type=float, default=20.0, help="stop after this long")
    parser.add_argument("--total", type=float, default=240.0, help="minutes of training planned in all; the rate falls over their last third")
    parser.add_argument("--every", type=float, default=5.0, help="minutes between checkpoints")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--widths", type=int, nargs="+", default=[96, 192])
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="on a processor: one for every free core")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
