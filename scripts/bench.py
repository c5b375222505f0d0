#!/usr/bin/env python3
"""Measure the speeds in docs/bench.csv: ``python3 scripts/bench.py [--only WORD]``. Appends date, commit, machine and medians."""

from __future__ import annotations

import csv
import datetime
import json
import os
import platform
import subprocess
import sys

import environment


def main() -> int:
    python = environment.interpreter("run")
    command = [str(python), "-m", "blender_jewelgen", "bench", "--json", *sys.argv[1:]]
    rows = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=environment.ROOT).stdout)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=environment.ROOT).stdout.strip()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = environment.ROOT / "docs" / "bench.csv"
    fresh = not table.exists()
    with open(table, "a", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        if fresh:
            out.writerow(["date", "commit", "machine", "name", "median_ms", "rival", "rival_ms", "ratio", "target", "ok"])
        for r in rows:
            out.writerow([datetime.date.today(), commit, machine, r["name"], r["median_ms"], r["rival"], r["rival_ms"], r["ratio"], r["target"], r["ok"]])
            print(f"{r['name']:<44} {r['median_ms']:9.1f} ms  target {r['target']:<18} {'ok' if r['ok'] else 'SLOW'}  {r['rival']} {r['ratio'] or ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
