"""Make drawings.json, more drawings for the words of the motif model, from free icon collections and the table beside this script.

    python scripts/build_drawings.py DIR

DIR holds one folder for each collection of ``COLLECTIONS``, named like it, with the ``icons.json`` of the npm package
``@iconify-json/<collection>``. The table (drawings_selection.tsv) has one drawing a line: subject, collection, name.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
TABLE = SCRIPTS / "drawings_selection.tsv"
TARGET = SCRIPTS / "drawings.json"
COLLECTIONS = {
    "game-icons": ("Game Icons", "CC BY 3.0"),
    "fluent-emoji-high-contrast": ("Fluent Emoji", "MIT"),
    "emojione-monotone": ("EmojiOne", "CC BY 4.0"),
    "fa6-solid": ("Font Awesome Free", "CC BY 4.0"),
    "mdi": ("Material Design Icons", "Apache-2.0"),
    "ph": ("Phosphor", "MIT"),
    "mingcute": ("MingCute", "Apache-2.0"),
    "material-symbols": ("Material Symbols", "Apache-2.0"),
    "healthicons": ("Health Icons", "MIT"),
    "temaki": ("Temaki", "CC0-1.0"),
}


def main(folder: str) -> None:
    known = {name: json.loads((Path(folder) / name / "icons.json").read_text(encoding="utf-8")) for name in COLLECTIONS}
    lines = []
    for subject, collection, name in (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()):
        icons = known[collection]
        icon = icons["icons"][name]
        size = [icon.get(side, icons.get(side, 16)) for side in ("width", "height")]
        areas = [tag for tag in re.findall(r"<path[^>]*>", icon["body"]) if 'fill="none"' not in tag]
        paths = [re.search(r'\bd="([^"]+)"', tag)[1] for tag in areas]
        row = {"subject": subject, "name": f"{name} ({COLLECTIONS[collection][0]})", "size": size, "even_odd": "evenodd" in icon["body"], "paths": paths}
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    about = json.dumps({"sources": dict(COLLECTIONS.values()), "authors": "see ATTRIBUTION.md"})
    TARGET.write_text(f'{{"about":{about},\n"drawings":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{len(lines)} drawings, {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
