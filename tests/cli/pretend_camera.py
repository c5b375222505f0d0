"""Stands in for the process that takes pictures, quick and without Blender: writes squares in one colour.

Breaks at pieces of bronze: it says why; at platinum it dies without a word; at brass it waits for ever. Adds a line to
``starts.txt`` beside itself when it starts.
"""

import json
import os
import sys
import time
from pathlib import Path

from PIL import Image

with open(Path(__file__).with_name("starts.txt"), "a", encoding="utf-8") as starts:
    starts.write("one\n")
assert sys.argv[1:] == ["-"]
print("a library's chatter")
for line in sys.stdin:
    path = Path(json.loads(line))
    request = json.loads(path.read_text(encoding="utf-8"))
    print(json.dumps({"fraction": 0.5, "text": "taking the picture"}), flush=True)
    if request["metal"] == "bronze":
        print(json.dumps({"error": "bronze is sold out"}), flush=True)
        continue
    if request["metal"] == "platinum-950":
        os._exit(9)
    if request["metal"] == "brass":
        time.sleep(1000)
    assert (path.parent / request["mesh"]).stat().st_size > 1000
    output = Path(request["output"])
    names = [output] if request["frames"] == 1 else [output.with_name(f"turn-{n + 1:03d}.png") for n in range(request["frames"])]
    for shade, name in enumerate(names):
        Image.new("RGB", (request["size"],) * 2, (200, 150 - 30 * shade, 50)).save(name)
    print(json.dumps({"done": True}), flush=True)
