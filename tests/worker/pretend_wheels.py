"""Tiny wheels with the names and versions of the real ones, and a lock for them: pip installs them in no time, offline."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from pathlib import Path

VERSIONS = {
    "torch": "2.13.0", "diffusers": "0.42.1", "transformers": "5.23.0", "peft": "0.21.2", "accelerate": "1.15.0",
    "safetensors": "0.8.0", "huggingface_hub": "2.4.0", "numpy": "2.4.6",
}  # fmt: skip
LEAST = {"torch": "2.6", "diffusers": "0.42"}


def wheel(folder: Path, name: str, version: str, body: str = "", requires: tuple[str, ...] = (), tag: str = "py3-none-any") -> Path:
    """One wheel: a package with a module, a small data file and what a wheel must hold."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n{body}".encode(),
        f"{name}/lib/weights.bin": hashlib.sha256(name.encode()).digest() * 64,
        f"{info}/METADATA": "\n".join([f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {one}" for one in requires), ""]).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{file},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n" for file, data in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for file, data in files.items():
            packed.writestr(zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0)), data)
    return path


def shelf(folder: Path, build: str = "+cpu", torch: str = "", requires: tuple[str, ...] = ()) -> Path:
    """A folder with all the wheels a runtime wants; torch with its build in the version."""
    for name, version in VERSIONS.items():
        if name != "torch":
            wheel(folder, name, version)
    wheel(folder, "torch", VERSIONS["torch"] + build, torch, requires)
    return folder


def lock_for(folder: Path, path: Path, **other: str) -> Path:
    """A lock of the wheels in a folder, with their fingerprints; ``other`` gives other versions."""
    lines = []
    for name, version in (VERSIONS | other).items():
        least = f" ; least={LEAST[name]}" if name in LEAST else ""
        lines.append(f"{name.replace('_', '-')}=={version}{least}  # 0.1 0.1")
        lines += [f"    {hashlib.sha256(file.read_bytes()).hexdigest()} {file.name}" for file in sorted(folder.glob(f"{name}-*.whl")) if "+" not in file.name]
    path.write_text("\n".join(["# pretended", *lines, ""]), encoding="utf-8")
    return path


def site(root: Path) -> Path:
    """Where the runtime has its packages."""
    return next((root / "rt").glob("Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"))
