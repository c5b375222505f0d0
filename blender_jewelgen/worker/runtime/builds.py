"""Which build of torch a machine takes: what graphics card and driver it has, found without torch; and where each build comes from."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import BadInput, Fix

BUILDS = ("auto", "cuda", "cuda126", "rocm", "mps", "cpu")
# The one address in this program: the folder of torch's builds that no package index holds under their plain version.
TORCH_INDEX = os.environ.get("JEWELGEN_TORCH_INDEX") or "https://download.pytorch.org/whl"
_TAGS = {"cpu": "cpu", "cuda": "cu130", "cuda126": "cu126", "rocm": "rocm7.2", "mps": ""}  # of torch 2.13: CUDA 13.0 and 12.6, ROCm 7.2
_DEFAULT = {"linux": "cuda", "windows": "cpu", "macos": "mps"}  # what a package index gives under the plain version
_SIZES = {  # MB to fetch and on disk of builds other than the default one of Linux; rounded, from earlier versions
    ("linux", "cpu"): (185, 700), ("linux", "cuda126"): (830, 1700), ("linux", "rocm"): (4500, 17000),
    ("windows", "cpu"): (120, 500), ("windows", "cuda"): (1900, 4300), ("windows", "cuda126"): (2600, 4700), ("macos", "mps"): (85, 330),
}  # fmt: skip
_MORE = {("linux", "cuda126"): (2700, 4600), ("linux", "rocm"): (290, 1300)}  # what these builds ask for beside the lock: libraries of CUDA 12, triton
LABELS = {"cuda": "CUDA 13.0", "cuda126": "CUDA 12.6", "rocm": "ROCm 7.2", "mps": "Metal", "cpu": "processor only"}
_DRIVER = {"cuda": 580, "cuda126": 528}  # the oldest NVIDIA driver of each (CUDA 12 runs with every driver from 12.0 on)
_NVIDIA, _AMD = "0x10de", "0x1002"


@dataclass(frozen=True)
class Found:
    """What a machine has: the build for it, its card, why, and what keeps a card from being used ("" if nothing does)."""

    build: str
    card: str = ""
    why: str = ""
    trouble: str = ""


def system() -> str:
    """ "linux", "windows" or "macos"; raises BadInput where torch has no build."""
    name = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    if name == "macos" and machine != "arm64":
        raise BadInput("torch has no build for Intel Macs any more; picture models need a Mac with Apple silicon, or another computer", field="runtime")
    if name not in _DEFAULT or (name != "macos" and machine not in ("x86_64", "amd64")):
        raise BadInput(f"there is no AI runtime for {platform.system()} on {machine}; it is made for Linux and Windows on x86-64 and for Apple silicon", field="runtime")
    return name


def detect(name: str | None = None) -> Found:
    """The build for this machine. Never raises for a card that cannot be used: it says so in ``trouble``."""
    name = name or system()
    if name == "macos":
        return Found("mps", "Apple silicon", "Apple silicon draws by Metal")
    said = _nvidia()
    if said:
        return judge_nvidia(*said)
    cards = vendors(name)
    if name == "linux" and _rocm():
        return Found("rocm", "AMD", "an AMD card with its compute driver was found")
    if _NVIDIA in cards:
        return Found("cpu", "NVIDIA", "no driver", "an NVIDIA card is there, but no driver answers; install NVIDIA's driver, then repair the runtime")
    if _AMD in cards:
        told = "install the ROCm driver, which makes /dev/kfd" if name == "linux" else "torch has no ROCm build for Windows here; use Linux for it"
        return Found("cpu", "AMD", "no driver", f"an AMD card is there, but it cannot be used: {told}")
    return Found("cpu", "", "no graphics card for torch was found", "there is no graphics card that torch can use; pictures are drawn by the processor, which takes minutes")


def judge_nvidia(card: str, driver: str, power: str) -> Found:
    """The build for an NVIDIA card with this driver ("581.42") and compute capability ("8.9")."""
    number = int((re.match(r"\d+", driver) or ["0"])[0])
    capability = float(power) if re.fullmatch(r"\d+\.\d+", power) else 9.0
    if capability < 5.0:
        return Found("cpu", card, "the card is too old", f"the {card} is too old for torch {_plain_version()}; pictures are drawn by the processor")
    build = "cuda" if capability >= 7.5 and number >= _DRIVER["cuda"] else "cuda126"
    if number < _DRIVER["cuda126"]:
        return Found("cpu", card, "the driver is too old", f"the NVIDIA driver {driver} is too old for CUDA 12.6, which needs {_DRIVER['cuda126']} or newer; update it, then repair the runtime")
    needs = _DRIVER["cuda"]
    return Found(build, card, f"{card}, driver {driver}" if build == "cuda" else f"{card}, driver {driver}; CUDA 13.0 needs driver {needs} and a card from Turing on")


def checked(build: str, name: str) -> str:
    """A build that this system has; raises BadInput for one that it has not."""
    allowed = {"linux": ("cuda", "cuda126", "rocm", "cpu"), "windows": ("cuda", "cuda126", "cpu"), "macos": ("mps",)}[name]
    if build not in allowed:
        raise BadInput(f"build {build!r} is not made for this system; it takes {', '.join(allowed)}", field="runtime", fix=Fix("Choose by Itself", "--build auto"))
    return build


def source(build: str, name: str, version: str, index: str = "") -> tuple[str, str]:
    """(torch's version as asked for, index to take it from); an index "" is the usual one.

    ``index`` is what the person typed: an address, "default" for the usual index whatever the build, or "".
    """
    if index and index != "default":
        return version, index
    if index == "default" or _DEFAULT[name] == build:
        return version, ""
    return f"{version}+{_TAGS[build]}", f"{TORCH_INDEX.rstrip('/')}/{_TAGS[build]}"


def build_in(version: str, name: str) -> str:
    """The build that a version of torch is of: "2.13.0+cu126" is cuda126; a plain one is the default of the system."""
    local = version.partition("+")[2]
    if not local:
        return _DEFAULT[name]
    exact = next((build for build, tag in _TAGS.items() if tag and local == tag), "")
    return exact or ("cuda" if local.startswith("cu") else "rocm" if local.startswith("rocm") else "cpu")


def sizes(build: str, name: str, fetch: float, disk: float) -> tuple[float, float]:
    """MB to fetch and on disk of torch with what its build alone brings; the lock's numbers are those of Linux with CUDA 13.0."""
    small, large = _SIZES.get((name, build), (fetch, disk))
    more = _MORE.get((name, build), (0, 0))
    return small + more[0], large + more[1]


def _plain_version() -> str:
    from .lock import version_of

    return version_of("torch")


def _nvidia() -> tuple[str, str, str] | None:
    """(name, driver, compute capability) of the first card that NVIDIA's tool tells of; None without tool, driver or card."""
    tool = shutil.which("nvidia-smi") or str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvidia-smi.exe")
    command = [tool, "--query-gpu=name,driver_version,compute_cap", "--format=csv,noheader"]
    try:
        quiet = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {}
        said = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20, stdin=subprocess.DEVNULL, **quiet)
    except (OSError, subprocess.TimeoutExpired):
        return None
    parts = [part.strip() for part in said.stdout.partition("\n")[0].split(",")]
    return (parts[0], parts[1], parts[2]) if said.returncode == 0 and len(parts) == 3 else None


def _rocm(root: Path = Path("/sys/class/kfd/kfd/topology/nodes")) -> bool:
    for file in sorted(root.glob("*/properties")):
        with contextlib.suppress(OSError):
            found = re.search(r"gfx_target_version\s+(\d+)", file.read_text())
            if found and int(found[1]) >= 90000:  # gfx900 and later
                return True
    return False


def vendors(name: str, root: Path = Path("/sys/bus/pci/devices")) -> set[str]:
    """The makers of the graphics cards, by their PCI numbers, drivers or not."""
    if name == "windows":
        return _windows_vendors()
    found = set()
    for device in root.glob("*"):
        with contextlib.suppress(OSError):
            if (device / "class").read_text().startswith("0x03"):
                found.add((device / "vendor").read_text().strip())
    return found


def _windows_vendors() -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(ImportError, OSError):
        import winreg

        key = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as cards:  # type: ignore[attr-defined]
            for number in range(16):
                with contextlib.suppress(OSError), winreg.OpenKey(cards, f"{number:04}") as card:  # type: ignore[attr-defined]
                    text = str(winreg.QueryValueEx(card, "MatchingDeviceId")[0]).lower()  # type: ignore[attr-defined]
                    found |= {f"0x{v}" for v in re.findall(r"ven_([0-9a-f]{4})", text)}
    return found
