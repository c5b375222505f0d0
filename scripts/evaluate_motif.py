#!/usr/bin/env python3
"""Measure the motif model and draw its sheets: ``python scripts/evaluate_motif.py WEIGHTS --out DIR [--cells cells.npz] [--card docs/model-card.md]``.

Fixed seeds; about six minutes on two busy cores, and as long again for the judge at the first run (--quick: fewer drawings). Writes metrics.json, table.md and model-*.png to DIR. With --card the table and
the pictures of the card are made anew; with --log the curve of the training as well. The judge is kept in DIR for the next time.
Needs torch, diffusers and onnxruntime.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import motif_pictures  # noqa: E402
import motif_rows as rows  # noqa: E402

from blender_jewelgen.core.pattern.drawn import REACH  # noqa: E402
from blender_jewelgen.engines.motif import files  # noqa: E402
from blender_jewelgen.learning import judge  # noqa: E402
from blender_jewelgen.learning.cells import Cells, build  # noqa: E402
from blender_jewelgen.learning.motif_network import MotifNetwork, new_unet  # noqa: E402
from blender_jewelgen.learning.motif_pipeline import MotifPipeline  # noqa: E402

MEASURES = (rows.named, rows.clean, rows.unseen, rows.apart, rows.blends, rows.sketched, rows.repaired, rows.novelty, rows.timed)


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    files.FOLDER = options.weights.resolve()  # every part of the program that draws takes this one
    threads, files._THREADS = files._THREADS, 1 if os.getloadavg()[0] > 1.0 else files._THREADS  # threads wait for each other on busy cores
    model = files.model()
    cells = build(options.cells or options.out / "cells.npz")
    bench = rows.Bench(model, cells, _judge(cells, options.out), options.quick)
    found: dict = {"revision": model.revision, "images": json.loads((options.weights / "motif.json").read_text("utf-8"))["images"]}
    for measure in MEASURES:
        start = time.time()
        if measure is rows.timed:  # as the program does it
            files._THREADS = threads
            files._loaded.cache_clear()
            bench.model = files.model()
        found[measure.__name__] = measure(bench)
        say(measure.__name__, time.time() - start, found[measure.__name__])
    start = time.time()
    found["heaps"] = rows.heaps(bench, untrained(64 if options.quick else 128))
    say("heaps", time.time() - start, found["heaps"])
    found["make"] = options.make_seconds
    (options.out / "metrics.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    table = markdown(found)
    (options.out / "table.md").write_text(table, encoding="utf-8")
    names = motif_pictures.draw_all(bench, options.out)
    if options.log:
        motif_pictures.write(motif_pictures.curve(options.log), options.out / "model-curve.png")
        names.append("model-curve.png")
    if options.card:
        fill_card(options.card, table, options.out, names)
    print(f"{table}\n{time.time() - began:.0f} s")


def untrained(count: int) -> np.ndarray:
    """(n, 64, 64) drawings of a network that was taught nothing."""
    torch.manual_seed(9)
    pipeline = MotifPipeline.of(MotifNetwork(new_unet(layers=1)).eval())
    pipeline.set_progress_bar_config(disable=True)
    noise = torch.randn(count, 1, 64, 64, generator=torch.Generator().manual_seed(9))
    parts = [pipeline(["dragon"] * len(part), latents=part, num_inference_steps=4).images for part in noise.split(32)]
    return np.clip(np.concatenate(parts), -REACH, REACH)


def reached(found: dict) -> list[tuple[str, str, str, bool | None]]:
    """Rows of the card: what, target, value, whether it is reached (None: only told)."""
    named, clean, unseen, apart, blends, new, time_, heap = (
        found[key] for key in ("named", "clean", "unseen", "apart", "blends", "novelty", "timed", "heaps")
    )
    ratio = max(clean["thin cuts, ratio"], clean["specks, ratio"])
    split, far = blends["split"], new["subjects"]["further than 95 % of copies"]
    list_ = [
        (
            "motif named in training, right class top-1, as a share of real cells",
            "≥ 0.90",
            f"{named['share of real cells']:.2f} (subjects {named['subjects top-1']:.2f} of {named['subjects top-1, real cells']:.2f}, figures {named['figures top-1']:.2f} of {named['figures top-1, real cells']:.2f})",
            named["share of real cells"] >= 0.9,
        ),
        (
            "thin gaps and loose specks, against real cells",
            "≤ 1.2×",
            f"{clean['thin cuts, ratio']:.2f}× and {clean['specks, ratio']:.2f}× before the clean-up",
            ratio <= 1.2,
        ),
        (
            f"synonym or Chinese word never seen in captions ({unseen['words']} words), top-5",
            "≥ 0.80",
            f"{unseen['top-5']:.2f} (English {unseen['top-5, English']:.2f}, Chinese {unseen['top-5, Chinese']:.2f}; top-1 {unseen['top-1']:.2f})",
            unseen["top-5"] >= 0.8,
        ),
        (
            "two seeds, same words: distance above the median of warped copies of one drawing",
            "≥ 95 % of pairs",
            f"{apart['above the median of copies']:.0%} (median distance {apart['median']:.2f}, of copies {apart['median of copies']:.2f})",
            apart["above the median of copies"] >= 0.95,
        ),
        (
            "nearest taught drawing further than 95 % of its own warped copies (novelty)",
            "≥ 50 % of samples",
            f"words {far:.0%}" + "".join(f", {name} {new[name]['further than 95 % of copies']:.0%}" for name in ("blends", "sketched") if name in new) + f"; than half of them: words {new['subjects']['further than 50 % of copies']:.0%}",
            far >= 0.5,
        ),
        (
            "half-half blends that the judge splits between both",
            "≥ 60 %",
            f"{split:.0%} (at least one of a pair's drawings {blends['pairs with at least one that splits']:.0%}; words alone {blends['split, by words alone']:.0%}; real cells of two {blends['split, real cells of two']:.0%})",
            split >= 0.6,
        ),
        ("scribble followed: contour F1 at strength 0.5 (within 1.5 px)", "≥ 0.7", f"{found['sketched']['F1 at 0.5']:.2f}", found["sketched"]["F1 at 0.5"] >= 0.7),
        ("outside of a repaired region changed", "0", f"{found['repaired']['most changed outside']:g}", found["repaired"]["most changed outside"] == 0),
        ("connected, no specks, after the clean-up", "100 %", f"{clean['sound after clean-up']:.1%}", clean["sound after clean-up"] == 1.0),
        (
            "KID by random features, against drawings never taught",
            "reported",
            f"model {heap['model']:.3f}, library with augmentation {heap['library with augmentation']:.3f}, other drawings never taught {heap['other drawings never taught']:.3f}, untrained model {heap['untrained model']:.2g}",
            None,
        ),
        (
            "8 motifs, onnxruntime, words to finished cells",
            "≤ 1.2 s; ≤ 10 % over the bare passes",
            f"{time_['seconds']:.2f} s; {time_['overhead']:.0%}",
            time_["seconds"] <= 1.2 and time_["overhead"] <= 0.1,
        ),
    ]  # fmt: skip
    if found["make"] is not None:
        list_.append(("`make \"…\"` in all, no render", "≤ 7 s", f"{found['make']:.1f} s", found["make"] <= 7.0))
    return list_


def markdown(found: dict) -> str:
    """The table of the card."""
    lines = [f"Weights {found['revision']}, after {found['images']:,} images.", "", "| what | target | measured | |", "|---|---|---|---|"]
    lines += [f"| {what} | {target} | {value} | {'' if met is None else 'reached' if met else 'not reached'} |" for what, target, value, met in reached(found)]
    return "\n".join(lines) + "\n"


def fill_card(card: Path, table: str, folder: Path, names: list[str]) -> None:
    """Put the table between the card's marks and the pictures beside it."""
    text = card.read_text(encoding="utf-8")
    fresh = re.sub(r"(<!-- measured -->\n).*?(<!-- /measured -->)", lambda m: m[1] + table + m[2], text, flags=re.DOTALL)
    card.write_text(fresh, encoding="utf-8")
    for name in names:
        shutil.copyfile(folder / name, card.parent / "pictures" / name)


def say(name: str, seconds: float, found: dict) -> None:
    """One line a measurement, while it goes on."""
    print(f"{name} ({seconds:.0f} s): {json.dumps(found, ensure_ascii=False)[:1500]}", file=sys.stderr, flush=True)


def _judge(cells: Cells, folder: Path) -> judge.Judge:
    """The judge of these cells, taught once."""
    key = hashlib.sha256(cells.shapes.tobytes() + Path(judge.__file__).read_bytes()).hexdigest()[:12]
    path = folder / f"judge-{key}.pt"
    if path.exists():
        known = judge.Judge()
        known.load_state_dict(torch.load(path, weights_only=True))
        return known.eval()
    start = time.time()
    fresh = judge.trained(cells)
    torch.save(fresh.state_dict(), path)
    say("judge", time.time() - start, {})
    return fresh


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cells", type=Path, help="cells.npz of the training; made in DIR where it is not given")
    parser.add_argument("--quick", action="store_true", help="fewer drawings")
    parser.add_argument("--card", type=Path, help="docs/model-card.md, to be filled in")
    parser.add_argument("--log", type=Path, help="log.csv of the training, for its curve")
    parser.add_argument("--make-seconds", type=float, help="what `make` took in all, measured by hand")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
