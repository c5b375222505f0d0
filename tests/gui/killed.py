"""Blender is killed without a word while a job runs; a second after, nothing of it is left. A guard outside looks and reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

GUARD = """
import json, os, sys, time
from pathlib import Path
blender, out, workers = int(sys.argv[1]), Path(sys.argv[2]), [int(n) for n in sys.argv[3:]]
def alive(n):
    try:
        return Path(f"/proc/{n}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
assert all(alive(n) for n in workers)
os.kill(blender, 9)
began = time.time()
while any(alive(n) for n in workers) and time.time() - began < 10:
    time.sleep(0.02)
taken = time.time() - began
left = [n for n in workers if alive(n)]
code = 0 if workers and not left and taken <= 1.0 else 1
out.write_text(json.dumps({"workers": len(workers), "gone_after_s": round(taken, 2), "left": len(left), "code": code}))
"""

if __name__ == "__main__":
    import bpy
    from harness import OUT, Steps, children, run, wait_for
    from jewel import SENTENCE, busy, click_generate, installed

    def steps() -> Steps:
        yield from installed()
        bpy.context.scene.jewelgen.prompt = SENTENCE
        yield from click_generate()
        yield from wait_for(busy, 5, "the job to begin")
        yield from wait_for(lambda: [n for n, line in children() if "python" in line], 5, "a worker")
        workers = [str(n) for n, line in children() if "python" in line]
        subprocess.Popen([sys.executable, "-c", GUARD, str(os.getpid()), str(OUT / "killed.json"), *workers], start_new_session=True)
        yield 5.0
        raise AssertionError(json.dumps({"not killed": workers}))

    run(steps(), "killed", 120)
