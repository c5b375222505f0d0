"""blender_jewelgen/worker/runtime/runtime.lock, the versions of the AI runtime, from what uv resolved.

    uv lock                        in a folder with a pyproject.toml of the wanted packages, for the systems of SYSTEMS
    python scripts/build_runtime_lock.py uv.lock SITE-PACKAGES …

SITE-PACKAGES are those of environments in which they are installed: sizes are measured there. Of the files of a version those
are kept that Python 3.11 to 3.13 take on the three systems; of their addresses nothing is kept.
"""

from __future__ import annotations

import re
import sys
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "blender_jewelgen" / "worker" / "runtime" / "runtime.lock"
SYSTEMS = {"linux": ("linux", "x86_64"), "windows": ("win32", "AMD64"), "macos": ("darwin", "arm64")}
PYTHONS = ((3, 11), (3, 12), (3, 13))
LEAST = {"torch": "2.6", "diffusers": "0.42", "transformers": "5.0", "peft": "0.19", "accelerate": "1.0", "numpy": "1.26"}
CUDA = re.compile(r"nvidia-|cuda-|triton$|bitsandbytes$")
_SAMPLE = 4_000_000  # bytes of a file that are pressed to guess how small it gets
HEAD = """\
# The AI runtime: every package with its version, and the SHA-256 of every file that may be installed. Made by scripts/build_runtime_lock.py.
# name==version ; words  # MB to fetch (guessed from a sample), MB on disk (measured on Linux, Python 3.11)
# words: systems (linux windows macos), builds of torch (cuda cuda126 rocm mps cpu), Pythons (py<3.12), and least=VERSION,
# the lowest version that an environment made by others may bring. A build of torch that is not the default one of its system
# has its build in the version (2.13.0+cu126); neither it nor what it alone asks for stands here.
"""


def main(lock: str, *sites: str) -> None:
    """Write runtime.lock."""
    rows = []
    for package in tomllib.loads(Path(lock).read_text(encoding="utf-8"))["package"]:
        if "wheels" not in package:
            continue  # the project itself
        rows.append((package["name"], row(package, needed(Path(lock), package), [Path(site) for site in sites])))
    OUT.write_text(HEAD + "".join(text for _, text in sorted(rows)), encoding="utf-8")
    print(f"{len(rows)} packages, {OUT.stat().st_size:,} bytes")


def needed(lock: Path, package: dict) -> set[tuple[str, tuple[int, int]]]:
    """The systems and Pythons that ask for this version: those reached from the project over dependencies whose markers hold."""
    return {(system, python) for system in SYSTEMS for python in PYTHONS if (package["name"], package["version"]) in reached(lock, system, python)}


_REACHED: dict[tuple[str, tuple[int, int]], set[tuple[str, str]]] = {}


def reached(lock: Path, system: str, python: tuple[int, int]) -> set[tuple[str, str]]:
    """(name, version) of all that is installed there."""
    if (system, python) in _REACHED:
        return _REACHED[system, python]
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    names = {"sys_platform": SYSTEMS[system][0], "platform_machine": SYSTEMS[system][1], "python_full_version": python}
    start = next(package for package in packages if "wheels" not in package)
    found: set[tuple[str, str]] = set()
    seen: set[tuple[str, str, str]] = set()
    waiting = [(start, "")]
    while waiting:
        package, extra = waiting.pop()
        asked = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
        for wanted in asked:
            if not holds(wanted.get("marker", ""), names):
                continue
            one = next(p for p in packages if p["name"] == wanted["name"] and p["version"] == wanted.get("version", p["version"]))
            if "version" not in wanted and not holds(" or ".join(f"({m})" for m in one.get("resolution-markers", [])), names):
                one = next(p for p in packages if p["name"] == wanted["name"] and any(holds(m, names) for m in p.get("resolution-markers", [""])))
            found.add((one["name"], one["version"]))
            for more in ("", *wanted.get("extra", [])):
                if (one["name"], one["version"], more) not in seen:
                    seen.add((one["name"], one["version"], more))
                    waiting.append((one, more))
    _REACHED[system, python] = found
    return found


def holds(marker: str, names: dict) -> bool:
    """Whether a marker is true: comparisons of three names with and, or and brackets."""
    if not marker:
        return True

    def compare(match: re.Match[str]) -> str:
        name, sign, value = match.groups()
        if name not in names:
            return "True" if sign == "!=" else "False"  # of another interpreter
        here = names[name]
        there = tuple(int(v) for v in re.findall(r"\d+", value)[:2]) if name == "python_full_version" else value
        return str({"==": here == there, "!=": here != there, "<": here < there, ">=": here >= there, ">": here > there, "<=": here <= there}[sign])

    plain = re.sub(r"(\w+)\s*(==|!=|<=|>=|<|>)\s*'([^']*)'", compare, marker)
    if not re.fullmatch(r"(True|False|and|or|not|[() ])+", plain):
        raise SystemExit(f"marker not understood: {marker}")
    return bool(eval(plain))  # only the words above are left


def row(package: dict, where: set[tuple[str, tuple[int, int]]], sites: list[Path]) -> str:
    """The lines of one package."""
    name, version = package["name"], package["version"]
    systems = {system for system, _ in where}
    pythons = {python for _, python in where}
    words = [] if systems == set(SYSTEMS) else sorted(systems)
    if CUDA.match(name):
        words += ["cuda", "cuda126"] if name == "bitsandbytes" else ["cuda"]
    if pythons and pythons != set(PYTHONS):
        low, high = min(pythons), max(pythons)
        words.append(f"py<{high[0]}.{high[1] + 1}" if low == PYTHONS[0] else f"py>={low[0]}.{low[1]}")
    words += [f"least={LEAST[name]}"] if name in LEAST else []
    small, large = measured(sites, name)
    files = sorted((Path(wheel["url"]).name, wheel["hash"].removeprefix("sha256:")) for wheel in package["wheels"])
    lines = [f"{name}=={version} ; {' '.join(words)}".rstrip(" ;") + f"  # {small:.1f} {large:.1f}"]
    lines += [f"    {digest} {file}" for file, digest in files if taken(file, {system for system, _ in where}, pythons)]
    return "\n".join(lines) + "\n"


def taken(file: str, systems: set[str], pythons: set[tuple[int, int]]) -> bool:
    """Whether a Python of ours takes this wheel on a system of ours."""
    python, abi, platform = file.removesuffix(".whl").split("-")[-3:]
    own = {f"cp{a}{b}" for a, b in pythons}
    if not ((python in own and abi in own) or (abi == "abi3" and int(re.sub(r"\D", "", python)[1:] or 0) <= 13) or (abi == "none" and ("py3" in python or python in own))):
        return False
    if platform == "any":
        return True
    signs = {"linux": r"\b(manylinux|linux)\w*_x86_64", "windows": r"win_amd64", "macos": r"macosx_\w+_(arm64|universal2)"}
    return any(re.search(signs[system], platform) for system in systems)


def measured(sites: list[Path], name: str) -> tuple[float, float]:
    """MB of a package's wheel, guessed, and of its files; 0 where it is not installed."""
    plain = name.replace("-", "_")
    record = next((path / "RECORD" for site in sites for path in site.glob("*.dist-info") if path.name.lower().split("-")[0].replace(".", "_").replace("-", "_") == plain), None)
    small = large = 0.0
    for file in _files(record) if record else ():
        size = file.stat().st_size
        with open(file, "rb") as stream:
            stream.seek(max(0, size // 2 - _SAMPLE // 2))
            part = stream.read(_SAMPLE)
        large += size
        small += size * (len(zlib.compress(part, 6)) / len(part) if part else 0.0)
    return small / 1e6, large / 1e6


def _files(record: Path) -> Iterator[Path]:
    for line in record.read_text(encoding="utf-8").splitlines():
        file = record.parent.parent / line.split(",")[0].strip('"')
        if file.is_file() and file.suffix != ".pyc":
            yield file


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
