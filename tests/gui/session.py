"""Inside the root folder: a screen, and one Blender after another on it. ``session.py SCRIPT.py ...``; standard library only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

JOB = Path("/tmp/job")
SIZE = os.environ.get("JEWELGEN_SCREEN", "1600x1000")


def main(scripts: list[str]) -> int:
    home = Path("/tmp/home")
    home.mkdir(exist_ok=True)
    read, write = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL)
    number = os.read(read, 16).decode().strip()
    os.environ.update(
        DISPLAY=f":{number}", HOME=str(home), LC_ALL="C.UTF-8", LIBGL_ALWAYS_SOFTWARE="1", JEWELGEN_SHOTS=str(JOB / "shots"), PYTHONDONTWRITEBYTECODE="1"
    )
    worst = 0
    for script in scripts:
        width, height = SIZE.split("x")
        command = ["blender", "--window-geometry", "0", "0", width, height, "--python-exit-code", "1", "--python", str(JOB / "gui" / script)]
        with open(JOB / "shots" / f"{Path(script).stem}.log", "wb") as log:
            began = time.time()
            code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, cwd=home).returncode
        if code == -9:  # killed on purpose; its guard says how that went
            code = _guarded(JOB / "shots" / f"{Path(script).stem}.json")
        elif code == 0 and (said := _complaints(JOB / "shots" / f"{Path(script).stem}.log")):
            print("\n".join(said), flush=True)
            code = 1
        print(f"{script}: code {code} after {time.time() - began:.0f} s", flush=True)
        worst = max(worst, code if code in (0, 1, 2) else 1)
    screen.terminate()
    return worst


def _complaints(log: Path) -> list[str]:
    """Lines in Blender's log that name our files: errors of panels and handlers, which stop nothing and would go unseen."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return sorted({line for line in lines if "/jewelgen/" in line or line.startswith("Traceback")})[:20]


def _guarded(path: Path) -> int:
    for _ in range(150):
        if path.exists():
            return int(json.loads(path.read_text())["code"])
        time.sleep(0.1)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
