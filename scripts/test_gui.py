#!/usr/bin/env python3
"""Try the extension in a real Blender's window: ``python3 scripts/test_gui.py [--out out/gui] [--only scenario] [--limit 900]``.

Builds the zip, enters the root folder that scripts/blender_chroot.py makes, and lets tests/gui click through JewelGen on a screen in
memory, without a network. Pictures, logs and a JSON file of measured times come to --out. Says SKIPPED and why where that cannot be.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
from pathlib import Path

import blender_chroot
import build_extension
import environment

GUI = environment.ROOT / "tests" / "gui"
SCRIPTS = ("scenario", "motifs", "crafts", "models", "bodies", "faults", "killed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=environment.ROOT / "out" / "gui")
    parser.add_argument("--only", nargs="+", choices=SCRIPTS, default=SCRIPTS)
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for all of it")
    arguments = parser.parse_args()
    reason = blender_chroot.hindrance()
    if reason:
        print(f"SKIPPED: {reason}")
        return 0
    root = blender_chroot.folder()
    blender_chroot.make(root)
    return session(root, arguments.out, [f"{name}.py" for name in arguments.only], arguments.limit)


def session(root: Path, out: Path, scripts: list[str], limit: float, gui: Path = GUI) -> int:
    """The worst exit code of the scripts: 0 done, 1 a step failed, 2 the time was up."""
    with tempfile.TemporaryDirectory() as temporary:
        job = Path(temporary)
        shutil.copytree(GUI, job / "gui", ignore=shutil.ignore_patterns("__pycache__"))
        if gui != GUI:
            shutil.copytree(gui, job / "gui", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        (job / "shots").mkdir()
        built = build_extension.build(job, "linux-x64", [_python(root)])
        built.rename(job / "jewelgen.zip")
        code = blender_chroot.run(root, ["python3", "/tmp/job/gui/session.py", *scripts], job, {}, limit)
        out.mkdir(parents=True, exist_ok=True)
        for path in sorted((job / "shots").iterdir()):
            shutil.copyfile(path, out / path.name)
            if path.suffix == ".json":
                report = json.loads(path.read_text(encoding="utf-8"))
                print(path.stem, json.dumps({key: value for key, value in report.items() if key != "failure"}, ensure_ascii=False))
                if "failure" in report:
                    print(report["failure"], file=sys.stderr)
    if code == 124:
        print(f"jewelgen: the window was not done after {limit:.0f} s", file=sys.stderr)
    return 2 if code == 124 else code


def _python(root: Path) -> str:
    """The Python that the Blender inside has: the distribution's own, "3.14"."""
    return (root / "usr/bin/python3").resolve().name.removeprefix("python")


if __name__ == "__main__":
    if importlib.util.find_spec("bpy") is None or importlib.util.find_spec("pip") is None:
        environment.hand_over(environment.interpreter("run"), [str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.exit(main())
