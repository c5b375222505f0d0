"""A row of the benchmark: ours as a median, beside a limit or a rival timed in the same process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


def row(ours: float, target: str, ok: bool, rival: str = "", rival_ms: float | None = None) -> Row:
    ratio = round(rival_ms / ours, 2) if rival_ms else None
    return {"median_ms": round(ours, 2), "rival": rival, "rival_ms": round(rival_ms, 2) if rival_ms else None, "ratio": ratio, "target": target, "ok": ok}


def median(work: Callable[[], object], times: int = 5) -> float:
    """Median milliseconds after one warm-up."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000.0


def under(ours: float, limit_ms: float) -> Row:
    return row(ours, f"<= {limit_ms:g} ms", ours <= limit_ms)


def beside(ours: float, rival: str, rival_ms: float, times: float) -> Row:
    return row(ours, f"{times:g} times faster", rival_ms / ours >= times, rival, rival_ms)
