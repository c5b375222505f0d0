"""How quick a worker is on this machine, for ``bench``."""

from __future__ import annotations

import statistics
import time

from .client import Client


def start_ms(times: int = 5) -> float:
    """Median milliseconds from nothing to a worker that takes jobs."""
    taken = []
    for _ in range(times):
        with Client() as client:
            begin = time.perf_counter()
            client.start()
            while client.hello is None:
                time.sleep(0.0005)
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1000.0


def round_trip_ms(times: int = 200) -> float:
    """Median milliseconds of a message there and back while the worker has nothing to do."""
    with Client() as client:
        client.ping(60.0)
        return statistics.median(client.ping() for _ in range(times)) * 1000.0


def worker_times() -> dict[str, float]:
    """Both, in ms."""
    return {"worker start": start_ms(), "idle round trip": round_trip_ms()}
