#!/usr/bin/env python3
"""Make random pieces and judge each: ``python3 scripts/fuzz.py [--count 1000] [--seed 0] [--jobs 2]``. A failing piece is told by its seed."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter

import environment


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="how many pieces")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first; the others follow")
    parser.add_argument("--jobs", type=int, default=2, help="pieces at a time")
    options = parser.parse_args()
    sys.path[:0] = [str(environment.ROOT), str(environment.ROOT / "tests" / "fuzz")]
    try:
        import pieces
    except ModuleNotFoundError:  # not the project's own Python yet: become it
        python = environment.interpreter("run")
        if sys.executable == str(python):
            raise
        environment.hand_over(python, sys.argv)
        return 1

    started = time.perf_counter()
    states: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    bad = []
    seeds = range(options.seed, options.seed + options.count)
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        for done, outcome in enumerate(pool.imap_unordered(pieces.attempt, seeds), 1):
            states[outcome.state] += 1
            forms[outcome.form] += 1
            if outcome.state == "failed":
                bad.append({"seed": outcome.seed, "wrong": outcome.wrong, "recipe": json.loads(pieces.recipe_of(outcome.seed).to_json())})
                print(json.dumps(bad[-1]), file=sys.stderr, flush=True)
            elif outcome.state == "refused":
                print(f"refused {outcome.seed}: {outcome.wrong[0]}", file=sys.stderr, flush=True)
            if done % 50 == 0:
                print(f"{done} of {options.count}, {dict(states)}, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    refused = states["refused"] / max(options.count, 1)
    ok = not bad and refused < 0.05
    summary = {"count": options.count, "first_seed": options.seed, **{s: states[s] for s in ("made", "refused", "failed")},
               "forms": dict(sorted(forms.items())), "seconds": round(time.perf_counter() - started, 1), "ok": ok,
               "failed_seeds": sorted(b["seed"] for b in bad)}  # fmt: skip
    print(json.dumps(summary, indent=1))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
