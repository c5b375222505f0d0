"""The names that can be typed, each with a line of explanation."""

from __future__ import annotations

from collections.abc import Callable

from ..core.library import table

Row = dict[str, str]


def forms() -> list[Row]:
    rows = table("forms")["forms"]
    return [_row(key, f"{r['en']} {r['zh']}: {', '.join(r['shapes'])}") for key, r in rows.items()] + [
        _row("mesh", "an imported mesh 导入的网格: --mesh FILE")
    ]


def motifs() -> list[Row]:
    from ..core.pattern import motifs as library
    from ..core.words.keys import CELLS, FAMILIES

    drawn = [_row(n, "family, runs along a band") for n in FAMILIES] + [_row(n, "drawn figure") for n in CELLS if n not in FAMILIES]
    taken = {row["name"] for row in drawn}  # where a family and a silhouette share a name, the family is drawn
    found = (library.entry(n) for n in library.names() if n not in taken)
    return drawn + [_row(e.name, f"silhouette ({e.kind}): {', '.join(e.en)} {'、'.join(e.zh)}") for e in found]


def techniques() -> list[Row]:
    from ..core.relief.params import TECHNIQUES

    return [_row(n, f"{depth:g} mm {'raised' if up else 'cut in'}") for n, (depth, up) in TECHNIQUES.items()]


def metals() -> list[Row]:
    rows = table("alloys")["alloys"]
    return [_row(key, f"{r['en']} {r['zh']}, {r['density_g_cm3']:g} g/cm³") for key, r in rows.items()]


def sizes() -> list[Row]:
    return [
        _row(f"{s['key']} {row['label']}", f"{row['diameter_mm']:.2f} mm inside{' (charts differ)' if s['approximate'] else ''}")
        for s in table("sizes")["systems"]
        for row in s["rows"]
    ]


def presets() -> list[Row]:
    return [_row(r["name"], r["prompt"]) for r in table("presets")["presets"]]


def engines() -> list[Row]:
    from ..engines import motif
    from ..engines.registry import CARDS, PICTURES

    lame = {"motif": f"; cannot run here: {why}"} if (why := motif.reason()) else {}
    own = [_row(c.name, f"{c.label}; {c.licence}; {c.memory_gb:g} GB of graphics memory{lame.get(c.name, '')}") for c in CARDS]
    return [*own, _row(PICTURES + "NAME", "Picture models on this computer; jewelgen models list shows them")]


def bodies() -> list[Row]:
    from ..engines.bodies.registry import CARDS

    said = {"embedded": "here, without weights", "local": "on this computer, needs weights", "server": "a server of your own", "remote": "a service; needs a key and the network"}
    return [_row(c.name, f"{c.label}; {said[c.kind]}; {c.licence}{f'; {c.note}' if c.note else ''}") for c in CARDS]


def processes() -> list[Row]:
    rows = table("processes")["processes"]
    return [_row(key, f"{r['name']['en']} {r['name']['zh']}, walls from {r['min_wall_mm']['value']:g} mm") for key, r in rows.items()]


def _row(name: str, text: str) -> Row:
    return {"name": name, "text": text}


LISTS: dict[str, Callable[[], list[Row]]] = {
    "forms": forms, "motifs": motifs, "techniques": techniques, "metals": metals, "sizes": sizes,
    "presets": presets, "engines": engines, "bodies": bodies, "processes": processes,
}
