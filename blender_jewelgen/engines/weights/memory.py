"""The graphics card and the memory of this machine: as torch tells where a worker asks it, else as the system does."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The device that draws, and its memory in GB; ``device`` "" where nobody could tell."""

    device: str  # cuda (ROCm too), mps, cpu, ""
    name: str = ""
    total_gb: float = 0.0
    free_gb: float = 0.0
    main_gb: float = 0.0  # of the computer, free
    halves: bool = True  # float16 gives no NaN
    bfloat: bool = True  # bfloat16 in hardware
    quantises: bool = False  # a library for int8 and nf4 is there
    note: str = ""


def found(ask_torch: bool = False) -> Memory:
    """The device of this machine and its memory, as the system tells; with ``ask_torch``, which loads it, as torch does. Never raises.

    Only a worker asks torch: the command line and Blender never load it.
    """
    main = main_memory()
    if not ask_torch:
        return _without_torch(main, "")
    try:
        torch = import_module("torch")
    except Exception as error:  # a torch that is broken raises whatever its libraries raise
        told = "" if isinstance(error, ImportError) and "torch" in str(error) else f"torch cannot be loaded ({type(error).__name__})"
        return _without_torch(main, told)
    if torch.cuda.is_available():
        return _of_cuda(torch, main)
    if getattr(torch.backends, "mps", None) is not None and torch.backends.mps.is_available():
        most = getattr(torch.mps, "recommended_max_memory", lambda: 0)() / 1e9 or main * 0.7
        return Memory(device="mps", name="Apple", total_gb=most, free_gb=min(most, main or most), main_gb=main, bfloat=False)
    built = torch.version.cuda or getattr(torch.version, "hip", None)
    note = "torch was built for a graphics card, but finds none: is its driver installed?" if built else ""
    return Memory(device="cpu", name="processor", total_gb=main, free_gb=main, main_gb=main, note=note)


def main_memory() -> float:
    """GB of the computer's own memory that is free; 0 where the system does not tell."""
    try:
        if sys.platform == "linux":
            with open("/proc/meminfo", encoding="ascii") as file:
                return next(int(line.split()[1]) * 1024 / 1e9 for line in file if line.startswith("MemAvailable"))
        if os.name == "nt":
            return _of_windows()
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9 * 0.7
    except (OSError, ValueError, StopIteration, AttributeError):
        return 0.0


def old_halves(name: str) -> bool:
    """Whether this is a card of NVIDIA's 16 series, whose float16 makes NaN of pictures."""
    words = name.upper().replace("GTX", " GTX ").split()
    return any(word == "GTX" and after[:2] == "16" and after[:4].isdigit() for word, after in pairwise(words)) or "MX450" in name.upper()


def _of_cuda(torch: Any, main: float) -> Memory:
    from importlib.util import find_spec

    try:
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        capability = torch.cuda.get_device_capability()
    except Exception as error:  # a driver too old, a card that is taken: torch has no class of its own for it
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        return Memory(device="cpu", name="processor", total_gb=main, free_gb=main, main_gb=main, note=f"the graphics card cannot be used ({said})")
    amd = bool(getattr(torch.version, "hip", None))
    return Memory(
        device="cuda", name=name, total_gb=total / 1e9, free_gb=free / 1e9, main_gb=main, halves=amd or (capability >= (6, 0) and not old_halves(name)),
        bfloat=amd or capability >= (8, 0), quantises=find_spec("bitsandbytes") is not None,
    )  # fmt: skip


def _without_torch(main: float, note: str) -> Memory:
    """What the system tells of a graphics card where there is no torch to ask."""
    for ask in (_of_nvidia, _of_sysfs):
        told = ask()
        if told is not None:
            name, total, free = told
            return Memory(device="cuda", name=name, total_gb=total, free_gb=free, main_gb=main, halves=not old_halves(name), note=note)
    if sys.platform == "darwin":
        return Memory(device="mps", name="Apple", total_gb=main, free_gb=main, main_gb=main, bfloat=False, note=note)
    return Memory(device="", total_gb=main, free_gb=main, main_gb=main, note=note)


def _of_nvidia() -> tuple[str, float, float] | None:
    try:
        hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}
        asked = ["nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
        told = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True, **hidden).stdout.splitlines()[0].rsplit(",", 2)
        return told[0].strip(), float(told[1]) * 2**20 / 1e9, float(told[2]) * 2**20 / 1e9
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _of_sysfs() -> tuple[str, float, float] | None:
    """AMD's driver on Linux writes its figures into files."""
    best: tuple[str, float, float] | None = None
    for total in Path("/sys/class/drm").glob("card[0-9]*/device/mem_info_vram_total"):
        try:
            size = int(total.read_text()) / 1e9
            used = int(total.with_name("mem_info_vram_used").read_text()) / 1e9
        except (OSError, ValueError):
            continue
        if best is None or size > best[1]:
            best = ("AMD", size, size - used)
    return best


def _of_windows() -> float:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong), *((n, ctypes.c_ulonglong) for n in "total free page_total page_free virtual virtual_free extended".split())]

    status = Status()
    status.length = ctypes.sizeof(Status)
    return status.free / 1e9 if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0.0
