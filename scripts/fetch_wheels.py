#!/usr/bin/env python3
"""Fetch the extension's wheels by wheels/wheels.lock: ``fetch_wheels.py [--relock]``. pip knows from where; the lock knows what.

A row of the lock: name, version, file name, platform, Python, SHA-256. ``any`` stands for every platform or Python.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "wheels"
LOCK = FOLDER / "wheels.lock"
MANIFEST = ROOT / "blender_manifest.toml"
WANTED = {"pillow": "13.0.0", "manifold3d": "3.5.4", "trimesh": "5.2.0", "onnxruntime": "1.31.1", "uharfbuzz": "0.57.0"}  # never numpy: Blender brings its own
# keyring, for the keys of services, and what it needs
WANTED |= {
    "keyring": "25.7.0", "jaraco.classes": "3.4.0", "jaraco.context": "6.1.2", "jaraco.functools": "4.6.0", "more-itertools": "11.2.1",
    "importlib-metadata": "10.2.0", "lazy-importer": "0.1.0", "zipp": "4.1.2", "backports.tarfile": "1.2.0", "pywin32-ctypes": "0.2.3",
    "SecretStorage": "3.5.0", "jeepney": "0.9.0", "cryptography": "50.0.2", "cffi": "2.1.1", "pycparser": "3.12",
}  # fmt: skip
_LINUX = ("SecretStorage", "jeepney", "cryptography", "cffi", "pycparser")
# what a system does not need, and what is not made for it any more: there the program goes without and says so
LACKING = {
    "linux-x64": ("pywin32-ctypes",), "windows-x64": _LINUX, "macos-arm64": ("pywin32-ctypes", *_LINUX),
    "macos-x64": ("pywin32-ctypes", "onnxruntime", *_LINUX),
}  # fmt: skip
TAGS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64",),  # the newest that a wheel asks for; pip takes older ones as well
    "macos-x64": ("macosx_11_0_x86_64",),
}
# the Pythons of Blender 4.5 to 5.0 and from 5.1; Blender left Intel Macs before 5.1; 3.14 is a distribution's, for tests alone
PYTHONS = {"linux-x64": ("3.11", "3.13", "3.14"), "windows-x64": ("3.11", "3.13"), "macos-arm64": ("3.11", "3.13"), "macos-x64": ("3.11",)}
RELEASED = ("3.11", "3.13")


@dataclass(frozen=True, order=True)
class Wheel:
    name: str
    version: str
    file: str
    platform: str
    python: str
    sha256: str

    def fits(self, platform: str, pythons: Iterable[str]) -> bool:
        return self.platform in (platform, "any") and (self.python == "any" or self.python in pythons)


def read_lock(path: Path = LOCK) -> list[Wheel]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Wheel(*row) for row in rows]


def fetch(wheels: Iterable[Wheel], folder: Path = FOLDER) -> list[Path]:
    """The files of these wheels in ``folder``, downloaded where missing or damaged; SystemExit if one is not what the lock says."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for wheel in wheels:
        path = folder / wheel.file
        if not path.exists() or digest(path) != wheel.sha256:
            path.unlink(missing_ok=True)
            _download(wheel, folder)
        if not path.exists() or digest(path) != wheel.sha256:
            path.unlink(missing_ok=True)
            raise SystemExit(f"jewelgen: {wheel.file} is not what {LOCK.name} says; nothing was built")
        paths.append(path)
    return paths


def _download(wheel: Wheel, folder: Path) -> None:
    platform = "linux-x64" if wheel.platform == "any" else wheel.platform
    python = "3.11" if wheel.python == "any" else wheel.python
    with tempfile.TemporaryDirectory() as temporary:
        needs = Path(temporary) / "needs.txt"
        needs.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        _pip(platform, python, folder, "--require-hashes", "-r", str(needs))


def _pip(platform: str, python: str, folder: Path, *what: str) -> None:
    tags = [word for tag in TAGS[platform] for word in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    said = subprocess.run(
        [*command, "--python-version", python, *tags, *what], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if said.returncode:
        tail = [re.sub(r"(https?|file)://\S+", "", line) for line in said.stdout.splitlines()[-4:]]
        raise SystemExit("\n".join(tail) + f"\njewelgen: pip could not fetch wheels for {platform}, Python {python}")


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wanted(platform: str) -> list[str]:
    """The names of the wheels that a platform gets."""
    return [name for name in WANTED if name not in LACKING.get(platform, ())]


def relock() -> list[Wheel]:
    """Ask pip for every wanted wheel anew; write the lock and the manifest's list of wheels."""
    rows = set()
    for platform, pythons in PYTHONS.items():
        for python in pythons:
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary)
                _pip(platform, python, folder, *(f"{name}=={WANTED[name]}" for name in wanted(platform)))
                for path in folder.glob("*.whl"):
                    name, version = path.name.split("-")[:2]
                    pure = path.name.endswith("-none-any.whl")
                    lasting = pure or "-abi3-" in path.name  # one wheel for this Python and all later ones
                    rows.add(Wheel(name, version, path.name, "any" if pure else platform, "any" if lasting else python, digest(path)))
    wheels = sorted(rows)
    head = "# name version file platform python sha256; by scripts/fetch_wheels.py --relock\n"
    LOCK.write_text(head + "".join(" ".join(astuple(wheel)) + "\n" for wheel in wheels), encoding="utf-8")
    released = dict.fromkeys(wheel.file for wheel in wheels if wheel.python in (*RELEASED, "any"))  # both kinds of Mac share one
    MANIFEST.write_text(with_wheels(MANIFEST.read_text(encoding="utf-8"), released), encoding="utf-8")
    return wheels


def with_wheels(manifest: str, files: Iterable[str]) -> str:
    """The manifest's text with this list of wheels."""
    rows = "".join(f'  "./wheels/{file}",\n' for file in files)
    text, count = re.subn(r"(?ms)^wheels = \[.*?^\]$", lambda _: f"wheels = [\n{rows}]", manifest)
    if count != 1:
        raise SystemExit("jewelgen: blender_manifest.toml has no list of wheels of its own lines")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--relock", action="store_true", help="resolve the wanted versions anew")
    arguments = parser.parse_args()
    wheels = relock() if arguments.relock else read_lock()
    paths = fetch(wheels)
    print(f"{len(paths)} wheels, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
