#!/usr/bin/env python3
"""Build the extension: one zip a platform and a repository to install and update from.

    python3 scripts/build_extension.py [--platform linux-x64 ...] [--python 3.14] [--out dist] [--check]

Blender's own tool judges the tree and the zips; it is found in the bpy package without importing that. --python adds wheels of one more
Python, for Blenders of a distribution; such a zip is for tests and gets into no repository.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

import environment
import fetch_wheels

ROOT = environment.ROOT
TREE = ("__init__.py", "blender_jewelgen", "README.md", "LICENSE", "ATTRIBUTION.md")
LONG_AGO = 315619200  # 1980-01-02: the oldest day a zip can tell in every time zone, so that equal trees give equal zips


def tool() -> Path:
    """Blender's blender_ext.py in this Python's bpy."""
    spec = importlib.util.find_spec("bpy")
    for base in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(base).glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"), reverse=True):
            return path
    raise SystemExit("jewelgen: this Python has no bpy package, so there is nothing to judge the extension with")


def blender(*words: object, tags: bool = True) -> None:
    """Run Blender's tool; SystemExit with what it says if it refuses."""
    path = tool()
    valid = ["--valid-tags", path.parents[3] / "modules/_bpy_internal/extensions/tags.py"] if tags else []
    command = [sys.executable, "-I", path, words[0], *valid, *words[1:]]
    said = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if said.returncode:
        raise SystemExit(f"{said.stdout.strip()}\njewelgen: Blender's extension tool refuses it")


def judge(tree: Path) -> None:
    """Refuse what Blender's tool refuses, and what it lets pass though the platform does not: licences without SPDX, other versions."""
    blender("validate", tree)
    if tree.is_dir():
        manifest = tomllib.loads((tree / "blender_manifest.toml").read_text(encoding="utf-8"))
        bare = [name for name in manifest["license"] if not name.startswith("SPDX:")]
        if bare:
            raise SystemExit(f"jewelgen: licence {bare[0]} lacks its SPDX: prefix")
        code = re.search(r'^__version__ = "(.+)"$', (tree / "blender_jewelgen/__init__.py").read_text(encoding="utf-8"), re.MULTILINE)
        if not code or code[1] != manifest["version"]:
            raise SystemExit(f"jewelgen: the manifest says version {manifest['version']}, the code {code and code[1]}")


def stage(folder: Path, platform: str, pythons: Iterable[str]) -> None:
    """Lay out in ``folder`` what the zip of a platform holds."""
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
        else:
            shutil.copyfile(source, folder / name)
    wheels = [wheel for wheel in fetch_wheels.read_lock() if wheel.fits(platform, pythons)]
    (folder / "wheels").mkdir()
    for path in fetch_wheels.fetch(wheels):
        shutil.copyfile(path, folder / "wheels" / path.name)
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    text = fetch_wheels.with_wheels(text, (wheel.file for wheel in wheels))
    text = re.sub(r"(?m)^platforms = \[.*\]$", f'platforms = ["{platform}"]', text)
    text = text[: text.index("\n[build]")] + "\n"  # what is chosen by folder here needs no patterns
    (folder / "blender_manifest.toml").write_text(text, encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (LONG_AGO, LONG_AGO))


def build(out: Path, platform: str, extra: Iterable[str] = ()) -> Path:
    """The zip of one platform in ``out``, validated before and after."""
    extra = tuple(extra)
    version = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]
    name = "-".join(["jewelgen", version, platform, *(f"py{python.replace('.', '')}" for python in extra)])
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}.zip"
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "jewelgen"
        tree.mkdir()
        stage(tree, platform, (*fetch_wheels.RELEASED, *extra))
        judge(tree)
        path.unlink(missing_ok=True)
        blender("build", "--source-dir", tree, "--output-filepath", path)
    judge(path)
    return path


def index(out: Path, zips: Iterable[Path]) -> Path:
    """Make ``out`` an extension repository of these zips in it: index.json, and a page whose links can be dragged into Blender."""
    with tempfile.TemporaryDirectory(dir=out, prefix=".index-") as temporary:
        for path in zips:  # alone, so that older zips beside them do not come in
            os.link(path, Path(temporary) / path.name)
        blender("server-generate", "--repo-dir", temporary, "--html", tags=False)
        path = Path(temporary) / "index.json"
        listing = json.loads(path.read_text(encoding="utf-8"))
        listing["data"].sort(key=lambda item: item["archive_url"])  # the tool's order is the disk's
        path.write_text(json.dumps(listing, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        for name in ("index.html", "index.json"):
            os.replace(Path(temporary) / name, out / name)
    return out / "index.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--platform", nargs="+", choices=tuple(fetch_wheels.PYTHONS), default=list(fetch_wheels.PYTHONS))
    parser.add_argument("--python", nargs="+", default=[], metavar="3.14", help="wheels of one more Python, for tests")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--check", action="store_true", help="only judge the tree; build nothing")
    arguments = parser.parse_args()
    if arguments.check:
        judge(ROOT)
        return 0
    zips = [build(arguments.out, platform, arguments.python) for platform in arguments.platform]
    for path in zips:
        print(f"{path.name}  {path.stat().st_size / 1e6:.1f} MB")
    if not arguments.python:
        print(index(arguments.out, zips).name)
    return 0


if __name__ == "__main__":
    if importlib.util.find_spec("bpy") is None or importlib.util.find_spec("pip") is None:
        environment.hand_over(environment.interpreter("run"), [str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.exit(main())
